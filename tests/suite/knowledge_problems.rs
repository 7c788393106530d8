//! Problems of broken knowledge folders: all at once, as golden texts in both languages.
//!
//! `UPDATE_EXPECTED=1 cargo test --test suite knowledge_problems::` rewrites the texts; read the
//! difference as a member of the support staff would.

use std::fs;

use madoguchi::app::read_knowledge;
use madoguchi::knowledge::{Language, load};

use crate::support::knowledge::{TODAY, base, broken, project};

/// Compares the problems of a broken folder with its golden texts; the temporary folder is
/// written `<folder>`.
#[track_caller]
fn check(mistake: &str) {
    let folder = broken(mistake);
    let problems = load(folder.path(), TODAY).problems;
    for (language, file) in [
        (Language::English, "expected.txt"),
        (Language::Japanese, "expected.ja.txt"),
    ] {
        let texts = problems.iter().map(|problem| problem.text(language) + "\n");
        let path = folder.path().display().to_string();
        let found = texts.collect::<String>().replace(&path, "<folder>");
        let path = project("tests/fixtures/broken").join(mistake).join(file);
        if std::env::var_os("UPDATE_EXPECTED").is_some() {
            fs::write(&path, &found).expect("a golden text that can be written");
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == expected,
            "{mistake}: the problems are\n{found}\nbut {} has\n{expected}\n\
             help: if the new text is better, run the test with UPDATE_EXPECTED=1",
            path.display(),
        );
    }
}

/// Makes a test for each folder of `tests/fixtures/broken`, and a test that finds untested folders.
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
    backslash
    bad_folder_name
    bad_id
    bad_kind
    bad_reading
    bad_time_zone
    bad_url
    brand_values
    broken_neighbour
    category_titles
    control_characters
    copied_files
    dangling_contact
    dangling_related
    dead_link
    desk_named_otherwise
    duplicate_id
    empty_answer
    empty_folder
    entry_titles
    everyday_dates
    exception_twice
    expired
    featured
    full_width_blank
    full_width_signs
    hours_backwards
    hours_overlap
    image
    inner_quotes
    invisible_characters
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
    safety
    safety_empty
    safety_values
    same_variant
    several_mistakes
    shift_jis
    silent_markup
    text_not_closed
    unknown_file
    unknown_key
    unknown_placeholder
    utf_16
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
fn the_base_of_the_broken_folders_has_no_problem() {
    let folder = base();
    let problems = load(folder.path(), TODAY).problems;
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn knowledge_with_warnings_alone_is_served() {
    for mistake in ["expired", "review_over"] {
        let folder = broken(mistake);
        let result = load(folder.path(), TODAY).into_result();
        assert!(result.is_ok(), "{mistake} was refused");
    }
}

#[test]
fn a_misspelt_weight_of_the_calibration_is_named() {
    let folder = base();
    let shipped = fs::read_to_string(project("knowledge/calibration.toml")).unwrap();
    let misspelt = shipped.replacen("\nphrase_words = ", "\nfrase_words = ", 1);
    fs::write(folder.path().join("calibration.toml"), misspelt).unwrap();
    let problems = read_knowledge(folder.path()).problems;
    let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
    for part in [
        "calibration.toml:3: the weight `frase_words` is unknown",
        "did you mean `phrase_words`?",
        "calibration.toml:3: the weight `phrase_words` is missing",
    ] {
        assert!(texts.iter().any(|text| text.contains(part)), "{texts:?}");
    }
    assert_eq!(texts.len(), 2, "{texts:?}");
}
