//! Export: importing an exported file again gives the same entries, whatever their text.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jiff::civil::Date;
use madoguchi::exchange::{
    Change, Edits, Format, Options, Source, Target, WrittenEntry, export, plan, read,
};
use madoguchi::knowledge::{KnowledgeBase, Language, Markdown, load};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::support::knowledge::{TODAY, base, loaded, project};
use crate::support::process::run;

const LOSSLESS: [(Format, &str); 3] = [
    (Format::Csv, "faq.csv"),
    (Format::Xlsx, "faq.xlsx"),
    (Format::Json, "faq.json"),
];

/// Exports knowledge and reads the file again.
fn round_trip(knowledge: &KnowledgeBase, format: Format, name: &str) -> Source {
    let bytes = export(knowledge, format, Language::Japanese, TODAY).unwrap();
    read(Path::new(name), &bytes, &Options::default())
}

const NO_TARGET: Target<'_> = Target {
    desk: None,
    category: None,
    document: None,
};

/// Makes a folder with the desks of another and the entries of a source.
fn import_anew(folder: &Path, name: &str, source: Source) -> TempDir {
    let new = tempfile::tempdir().unwrap();
    for desk in fs::read_dir(folder).unwrap() {
        let file = desk.unwrap().path().join("desk.toml");
        if let Ok(text) = fs::read_to_string(&file) {
            let desk = file.parent().unwrap().file_name().unwrap();
            fs::create_dir(new.path().join(desk)).unwrap();
            let text: String = text
                .lines()
                .filter(|line| !line.starts_with("featured"))
                .fold(String::new(), |text, line| text + line + "\n");
            fs::write(new.path().join(desk).join("desk.toml"), text).unwrap();
        }
    }
    let empty = load(new.path(), TODAY).into_result().unwrap();
    let plan = plan(&empty, &[(name.into(), source)], &NO_TARGET);
    assert!(plan.problems.is_empty(), "{:?}", plan.problems);
    let edits = Edits::prepare(new.path(), &plan, false).unwrap();
    assert_eq!(edits.problems(new.path(), TODAY).unwrap(), []);
    edits.write(new.path()).unwrap();
    new
}

fn written(knowledge: &KnowledgeBase) -> Vec<WrittenEntry> {
    let mut entries: Vec<_> = knowledge.entries.iter().map(WrittenEntry::from).collect();
    entries.sort_by(|one, other| one.id.cmp(&other.id));
    entries
}

#[test]
fn the_shipped_knowledge_is_unchanged_by_export_and_import() {
    let folder = project("knowledge");
    let knowledge = loaded(&folder);
    for (format, name) in LOSSLESS {
        let source = round_trip(&knowledge, format, name);
        assert!(source.problems.is_empty(), "{name}: {:?}", source.problems);
        // Into the same folder: nothing to write.
        let source_again = round_trip(&knowledge, format, name);
        let same = plan(&knowledge, &[(name.into(), source)], &NO_TARGET);
        assert_eq!(same.counts(), (0, 0, 0), "{name}: {:?}", same.changes);
        assert_eq!(same.unchanged, knowledge.entries.len());
        // Into an empty folder: the same entries.
        let new = import_anew(&folder, name, source_again);
        let read = loaded(new.path());
        assert_eq!(written(&read), written(&knowledge), "{name}");
    }
}

/// Markdown and JSON-LD hold the id, the category, the question and the answer.
#[test]
fn readable_formats_keep_what_readers_see() {
    let knowledge = loaded(&project("knowledge"));
    for (format, name) in [(Format::Markdown, "faq.md"), (Format::JsonLd, "faq.jsonld")] {
        let source = round_trip(&knowledge, format, name);
        assert!(source.problems.is_empty(), "{name}: {:?}", source.problems);
        assert_eq!(source.records.len(), knowledge.entries.len(), "{name}");
        for (record, entry) in source.records.iter().zip(&knowledge.entries) {
            assert_eq!(record.id.as_deref(), Some(entry.id.as_str()), "{name}");
            assert_eq!(record.category.as_ref(), Some(&entry.category), "{name}");
            assert_eq!(record.question, entry.question, "{name}");
            let answer = Markdown::parse(&record.answer).0;
            assert_eq!(answer.text, entry.answer.text, "{name}: {}", record.answer);
            assert_eq!(answer.links, entry.answer.links, "{name}");
        }
        let plan = plan(&knowledge, &[(name.into(), source)], &NO_TARGET);
        let (added, _, gone) = plan.counts();
        assert_eq!((added, gone), (0, 0), "{name}");
        for (_, change) in &plan.changes {
            let Change::Changed { entry, fields } = change else {
                panic!("{name}: {change:?}");
            };
            assert_eq!(fields.len(), 1, "{name}: {} {fields:?}", entry.id);
        }
    }
}

/// The formats for readers have what members see today, the others everything.
#[test]
fn entries_that_are_not_valid_today_are_in_the_lossless_formats_only() {
    let mut knowledge = Arc::into_inner(loaded(&project("knowledge"))).expect("the only owner");
    let count = knowledge.entries.len();
    knowledge.entries[0].valid_until = Some(TODAY.yesterday().unwrap());
    knowledge.entries[1].valid_from = Some(TODAY.tomorrow().unwrap());
    knowledge.entries[2].valid_from = Some(TODAY);
    knowledge.entries[2].valid_until = Some(TODAY);
    let hidden = [0, 1].map(|index| knowledge.entries[index].id.as_str().to_owned());
    for (format, name, _) in Format::ALL {
        let is_lossless = LOSSLESS.iter().any(|(lossless, _)| *lossless == format);
        let records = round_trip(&knowledge, format, &format!("faq.{name}")).records;
        let expected = if is_lossless { count } else { count - 2 };
        assert_eq!(records.len(), expected, "{name}");
        let is_hidden = |id: &String| hidden.contains(id);
        let has_hidden = records
            .iter()
            .any(|record| record.id.as_ref().is_some_and(is_hidden));
        assert_eq!(has_hidden, is_lossless, "{name}");
    }
}

/// Text as people paste it: Markdown, TOML, CSV and HTML signs, line breaks, emoji.
fn nasty_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ -~]{1,6}",
        "[ぁ-ん一-龥ァ-ヶ０-９]{1,6}",
        Just("\n".to_owned()),
        Just("\n\n- ".to_owned()),
        Just("\"\"\"".to_owned()),
        Just("'''".to_owned()),
        Just("\\".to_owned()),
        Just("\t".to_owned()),
        Just("\u{a0}\u{3000}".to_owned()),
        Just("\u{1f469}\u{200d}\u{1f52c}".to_owned()),
        Just("_x000D_".to_owned()),
        Just("=1+1".to_owned()),
        Just("－＝".to_owned()),
        Just(",;\t|".to_owned()),
        Just("&amp;&lt;".to_owned()),
        Just("[a](https://a.example/(x))".to_owned()),
    ];
    prop::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat().trim().to_owned())
}

fn date() -> impl Strategy<Value = Option<Date>> {
    prop::option::of((2000..2100_i16, 1..=12_i8, 1..=28_i8))
        .prop_map(|day| day.map(|(year, month, day)| Date::new(year, month, day).unwrap()))
}

prop_compose! {
    fn entry()(
        category in nasty_text(),
        question in nasty_text(),
        answer in nasty_text(),
        variants in prop::collection::vec(nasty_text(), 0..3),
        document in nasty_text(),
        section in nasty_text(),
        (contact, valid_from, review_by) in (any::<bool>(), date(), date()),
        english_title in prop::option::of(nasty_text()),
    ) -> WrittenEntry {
        WrittenEntry {
            desk: "library".to_owned(),
            category, question, answer, variants, document, section,
            contact: contact.then(|| "library-telephone".to_owned()),
            valid_from, review_by,
            english_title: english_title.filter(|title| !title.is_empty()),
            ..WrittenEntry::default()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_entries_are_unchanged_by_export_and_import(mut entries in prop::collection::vec(entry(), 1..4)) {
        let count = entries.len();
        for (index, entry) in entries.iter_mut().enumerate() {
            entry.id = format!("e-{index}");
            // Questions differ, and no text is empty or an invalid answer.
            entry.question = format!("{index}番 {}", entry.question).trim().to_owned();
            entry.variants = std::mem::take(&mut entry.variants)
                .into_iter()
                .map(|variant| format!("{index}の{}", variant.replace(['(', ')', '|'], "").trim()))
                .filter(|variant| !variant.trim().is_empty())
                .collect();
            entry.variants.dedup();
            for text in [&mut entry.category, &mut entry.answer, &mut entry.document, &mut entry.section] {
                if text.is_empty() {
                    text.push('x');
                }
            }
            entry.answer = entry.answer.replace(['<', '!'], "").trim().to_owned() + "終";
            entry.related = (index + 1 < count).then(|| format!("e-{}", index + 1)).into_iter().collect();
        }
        // The entries are written by the import itself, so this also tests the writing of TOML.
        let folder = base();
        fs::remove_file(folder.path().join("library/card.toml")).unwrap();
        let json = serde_json::json!({ "entries": entries.iter().map(|entry| serde_json::json!({
            "id": entry.id, "desk": entry.desk, "category": entry.category, "question": entry.question,
            "title_en": entry.english_title, "variants": entry.variants, "answer_markdown": entry.answer, "document": entry.document,
            "section": entry.section, "related": entry.related, "contact": entry.contact,
            "valid_from": entry.valid_from.map(|day| day.to_string()),
            "review_by": entry.review_by.map(|day| day.to_string()),
        })).collect::<Vec<_>>() });
        let source = read(Path::new("faq.json"), json.to_string().as_bytes(), &Options::default());
        let empty = load(folder.path(), TODAY).into_result().unwrap();
        let first = plan(&empty, &[("faq.json".into(), source)], &NO_TARGET);
        let edits = Edits::prepare(folder.path(), &first, false).unwrap();
        // Some nasty answers are no valid answers, such as a link to `(`.
        let errors = edits.problems(folder.path(), TODAY).unwrap();
        prop_assume!(errors.is_empty());
        edits.write(folder.path()).unwrap();
        let knowledge = loaded(folder.path());
        let own = |knowledge: &KnowledgeBase| -> Vec<WrittenEntry> {
            written(knowledge).into_iter().filter(|entry| entry.id.starts_with("e-")).collect()
        };
        prop_assert_eq!(own(&knowledge), entries);
        for (format, name) in LOSSLESS {
            let source = round_trip(&knowledge, format, name);
            prop_assert!(source.problems.is_empty(), "{}: {:?}", name, source.problems);
            let same = plan(&knowledge, &[(name.into(), source)], &NO_TARGET);
            prop_assert!(same.changes.is_empty(), "{}: {:?}", name, same.changes);
        }
    }
}

#[test]
fn the_command_writes_files_and_standard_output() {
    let folder = base();
    let csv = run(&folder, &["export"]);
    csv.assert_code(0);
    assert!(csv.stdout.starts_with('\u{feff}'), "Excel needs the mark");
    csv.assert_prints(&["ID,窓口,カテゴリ,質問,回答（Markdown）"]);
    run(&folder, &["export", "--format", "json", "--language", "en"])
        .assert_prints(&["\"answer_markdown\""]);
    let file = folder.path().join("faq.xlsx");
    run(&folder, &["export", "--output", file.to_str().unwrap()]).assert_code(0);
    assert!(fs::read(&file).unwrap().starts_with(b"PK"));
    let again = run(&folder, &["import", file.to_str().unwrap()]);
    again.assert_code(0);
    again.assert_prints(&["nothing to write"]);
}
