//! What the author of a broken knowledge folder is told, all at once, one golden text a mistake.
//!
//! `UPDATE_EXPECTED=1 cargo test --test suite knowledge_problems::` writes the texts anew; read
//! the difference as a member of the support staff would.

use std::fs;

use madoguchi::knowledge::load;

use crate::support::knowledge::{TODAY, base, broken, project};

/// Returns what is said about a mistake; the temporary folder is written `<folder>`.
fn told(mistake: &str) -> String {
    let folder = broken(mistake);
    let problems = load(folder.path(), TODAY).problems;
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    let text = lines.join("\n");
    text.replace(&folder.path().display().to_string(), "<folder>") + "\n"
}

#[track_caller]
fn check(mistake: &str) {
    let told = told(mistake);
    let path = project("tests/fixtures/broken")
        .join(mistake)
        .join("expected.txt");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&path, &told).expect("a golden text that can be written");
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        told == expected,
        "{mistake}: the author is told\n{told}\nbut {} says\n{expected}\n\
         help: if the new text is better, run the test with UPDATE_EXPECTED=1",
        path.display(),
    );
}

/// One test for each folder of `tests/fixtures/broken`, and one that none is forgotten.
macro_rules! mistakes {
    ($($mistake:ident)*) => {
        $(
            #[test]
            fn $mistake() {
                check(stringify!($mistake));
            }
        )*

        #[test]
        fn every_broken_folder_has_its_test() {
            let tested = [$(stringify!($mistake)),*];
            let folder = project("tests/fixtures/broken");
            for entry in fs::read_dir(folder).expect("the folder of mistakes") {
                let name = entry.expect("a mistake").file_name();
                let name = name.to_string_lossy();
                assert!(tested.contains(&name.as_ref()), "`{name}` is not tested");
            }
        }
    };
}

mistakes! {
    answer_closed_too_early
    bad_folder_name
    bad_id
    bad_kind
    bad_reading
    bad_time_zone
    bad_url
    broken_neighbour
    dangling_contact
    dangling_related
    dead_link
    desk_named_otherwise
    duplicate_id
    empty_answer
    empty_folder
    exception_twice
    expired
    featured
    full_width_signs
    hours_backwards
    hours_overlap
    image
    javascript_link
    key_twice
    list_not_closed
    missing_answer
    missing_desk
    missing_folder
    no_contact_point
    not_read
    not_toml
    not_utf8
    raw_html
    review_over
    same_variant
    several_mistakes
    text_not_closed
    unknown_file
    unknown_key
    unknown_placeholder
    valid_backwards
    variant_bar_outside
    variant_empty
    variant_nested
    variant_too_many
    variant_unbalanced
    word_in_two_groups
    wrong_header
    wrong_type
}

#[test]
fn the_base_that_the_mistakes_are_laid_over_has_no_problem() {
    let folder = base();
    let problems = load(folder.path(), TODAY).problems;
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn warnings_do_not_keep_knowledge_from_serving() {
    for mistake in ["expired", "review_over"] {
        let folder = broken(mistake);
        let result = load(folder.path(), TODAY).into_result();
        assert!(result.is_ok(), "{mistake} was refused");
    }
}
