//! Small organisations on their first day: a table of about 20 questions and answers, imported by the real
//! binary, and what their members ask.
//!
//! The tables and questions are made up (`tests/organisations/`). Half of the organisations were in view when the
//! rules for entries without variants were written, the others were not; both have floors.

use std::fs;
use std::path::Path;

use madoguchi::answer::Assistant;
use madoguchi::evaluate::{self, Figures};
use madoguchi::exchange::{Answers, create};

use crate::support::block_on;
use crate::support::knowledge::{loaded, now, project};
use crate::support::process::run;

/// Makes the folder of an organisation as the documents say: `madoguchi init`, then `madoguchi import`.
fn make(organisation: &str, folder: &Path) {
    let answers = Answers {
        organisation: organisation.to_owned(),
        desk: organisation.to_owned(),
        desk_name: "受付".to_owned(),
        telephone: Some("03-0000-0000".to_owned()),
        hours: Some("平日 9:00-17:00".to_owned()),
        ..Answers::default()
    };
    create(folder, &answers).unwrap();
    let table = project(&format!("tests/organisations/{organisation}/faq.csv"));
    let (table, into) = (table.to_str().unwrap(), folder.to_str().unwrap());
    run(folder, &["import", table, "--into", into]).assert_code(0);
    run(folder, &["check"]).assert_code(0);
}

/// Asks an organisation the questions of its members.
fn ask(organisation: &str) -> Figures {
    let folder = tempfile::tempdir().unwrap();
    make(organisation, folder.path());
    let knowledge = loaded(folder.path());
    let questions = project(&format!("tests/organisations/{organisation}/questions.tsv"));
    let cases = evaluate::read(&questions, &knowledge).unwrap();
    let (assistant, _) = Assistant::open(knowledge, None, None).unwrap();
    block_on(evaluate::evaluate(&assistant, &cases, now())).overall()
}

/// Checks the mean figures of organisations, each of which has as many questions as the others.
fn assert_floors(organisations: [&str; 4]) {
    let all = organisations.map(ask);
    for (organisation, figures) in organisations.iter().zip(&all) {
        let counts = (figures.questions, figures.answerable);
        assert_eq!(counts, (38, 24), "{organisation}");
    }
    let mean = |figure: fn(&Figures) -> Option<f64>| {
        let sum: f64 = all.iter().map(|figures| figure(figures).unwrap()).sum();
        sum / all.len() as f64
    };
    for (name, found, floor) in [
        ("hit@1", mean(|figures| figures.hit_at_1), 0.6),
        ("hit@3", mean(|figures| figures.hit_at_3), 0.75),
        ("helped", mean(|figures| figures.helped), 0.58),
        (
            "answered right",
            mean(|figures| figures.answered_right),
            0.18,
        ),
        ("routed right", mean(|figures| figures.routed_right), 0.45),
    ] {
        assert!(
            found >= floor,
            "{name} of {organisations:?} is {found:.3}, expected at least {floor}"
        );
    }
    let wrong = mean(|figures| figures.wrongly_answered);
    assert!(wrong <= 0.02, "{organisations:?}: {wrong:.3} are wrong");
}

const IN_VIEW: [&str; 4] = ["pool", "dental", "it", "music"];
const NOT_IN_VIEW: [&str; 4] = ["shop", "condo", "library", "camp"];

#[test]
fn organisations_that_were_in_view_reach_the_floors() {
    assert_floors(IN_VIEW);
}

#[test]
fn organisations_that_were_not_in_view_reach_the_floors() {
    assert_floors(NOT_IN_VIEW);
}

#[test]
fn every_organisation_is_asked() {
    let folders = fs::read_dir(project("tests/organisations")).unwrap();
    let names = folders.map(|folder| folder.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    let mut asked = [IN_VIEW, NOT_IN_VIEW].concat();
    asked.sort_unstable();
    assert_eq!(names, asked);
}
