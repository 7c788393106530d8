//! `calibrate`: fits near the parameters in use, and refuses what is no better.

use std::sync::Arc;

use madoguchi::answer::Assistant;
use madoguchi::evaluate::{
    self, Case, End, MIN_OWN_QUESTIONS, Organisation, Refit, fit_afresh, refit,
};
use madoguchi::knowledge::Evidence;

use crate::support::block_on;
use crate::support::knowledge::{project, shipped};

/// Returns an assistant of the shipped entries without variants, and questions to them.
fn bare() -> (Assistant, Vec<Case>) {
    let knowledge = Arc::new(shipped().knowledge().bare());
    let assistant = Assistant::open(knowledge, None, None).unwrap().0;
    let path = project("tests/questions/unseen.tsv");
    let cases = evaluate::read(&path, shipped().knowledge()).unwrap();
    (assistant, cases)
}

fn refitted(assistant: &Assistant, cases: &[Case]) -> Refit {
    block_on(refit(Organisation { assistant, cases }))
}

#[test]
fn a_refit_needs_enough_questions() {
    let (assistant, cases) = bare();
    let result = refitted(&assistant, &cases[..20]);
    assert!(matches!(result, Refit::TooFew(..=20)), "{result:?}");
}

#[test]
fn a_refit_to_wrong_labels_is_refused() {
    let (assistant, mut cases) = bare();
    // Every question expects what the next one should.
    let parts: Vec<_> = cases.iter().map(|case| case.parts.clone()).collect();
    for (case, parts) in cases.iter_mut().zip(parts.iter().cycle().skip(1)) {
        case.parts.clone_from(parts);
    }
    let result = refitted(&assistant, &cases[..60]);
    assert!(matches!(result, Refit::NoBetter(..)), "{result:?}");
}

#[test]
fn a_refit_that_is_accepted_is_no_worse_for_any_count() {
    let (assistant, cases) = bare();
    let current = assistant.knowledge().parameters(Evidence::Words).clone();
    match refitted(&assistant, &cases[..60]) {
        Refit::Better(calibrated, before) => {
            let after = calibrated.counts[0];
            assert!(after.answered_wrong <= before.answered_wrong);
            assert!(after.answered_right >= before.answered_right);
            assert!(after.served >= before.served);
            // Near the weights in use: the questions are few.
            let own = &calibrated.parameters.thinly_covered.weights;
            for (name, weight) in &current.thinly_covered.weights {
                assert!((own[name] - weight).abs() < 3.0, "{name}: {}", own[name]);
            }
        }
        Refit::NoBetter(_, before) => assert!(before.questions >= MIN_OWN_QUESTIONS, "{before:?}"),
        Refit::TooFew(questions) => panic!("{questions} questions"),
    }
}

#[test]
fn a_fit_to_several_organisations_reports_each_of_them() {
    let (assistant, cases) = bare();
    let (first, second) = cases[..80].split_at(40);
    let organisations = [first, second].map(|cases| Organisation {
        assistant: &assistant,
        cases,
    });
    let parameters = shipped().knowledge().parameters(Evidence::Words);
    let beside = madoguchi::search::Model::from_named(&parameters.well_covered.weights).unwrap();
    let fitted = block_on(fit_afresh(
        &organisations,
        End::ThinlyCovered,
        Some(&beside),
    ));
    let [one, other] = fitted.counts.as_slice() else {
        panic!("{:?}", fitted.counts);
    };
    assert!(
        one.questions > 10 && other.questions > 10,
        "{one:?} {other:?}"
    );
    // By chance, one of 28 entries is right.
    let right = one.first_right + other.first_right;
    assert!(
        2 * right > one.answerable + other.answerable,
        "{one:?} {other:?}"
    );
    let weights = &fitted.parameters.well_covered.weights;
    assert_eq!(
        weights, &parameters.well_covered.weights,
        "the other end stays"
    );
}
