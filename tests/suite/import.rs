//! Import: real tables, pages and documents into a new folder, by the real binary.
//!
//! `UPDATE_EXPECTED=1 cargo test --test suite import::` rewrites the expected files in
//! `tests/fixtures/import/expected`: `<file>.toml` is what was written, `<file>.txt` what was printed.

use std::fs;
use std::path::{Path, PathBuf};

use madoguchi::exchange::{Answers, create};
use madoguchi::knowledge::Language;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use tempfile::TempDir;

use crate::support::knowledge::{edit, loaded, project};
use crate::support::process::{Ended, run};

/// Makes a folder as `madoguchi init` does.
fn city() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let answers = Answers {
        organisation: "あおば市".to_owned(),
        desk: "city".to_owned(),
        desk_name: "市民課".to_owned(),
        telephone: Some("03-0000-0000".to_owned()),
        hours: Some("平日 9:00-17:00".to_owned()),
        ..Answers::default()
    };
    create(folder.path(), &answers).unwrap();
    folder
}

fn import(folder: &TempDir, arguments: &[&str]) -> Ended {
    let into = folder.path().to_str().unwrap();
    let arguments = [&["import", "--language", "ja", "--into", into], arguments].concat();
    run(folder, &arguments)
}

fn fixture(name: &str) -> String {
    format!("tests/fixtures/import/{name}")
}

/// Returns the file that an import made.
fn written(folder: &TempDir) -> PathBuf {
    let files = fs::read_dir(folder.path().join("city")).unwrap();
    let mut files = files.map(|file| file.unwrap().path());
    let is_new = |path: &PathBuf| !path.ends_with("desk.toml") && !path.ends_with("faq.toml");
    files.find(is_new).expect("a new file")
}

#[track_caller]
fn assert_golden(name: &str, found: &str) {
    let path = project("tests/fixtures/import/expected").join(name);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, found).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "{name} is\n{found}\nbut expected\n{expected}\n\
         help: if the new text is better, run the test with UPDATE_EXPECTED=1",
    );
}

/// Imports a file into a new folder; `check` must accept the result, and a second import must
/// change nothing.
#[track_caller]
fn check(file: &str, name: &str) {
    let folder = city();
    let first = import(&folder, &[file]);
    let path = folder.path().to_str().unwrap();
    assert_golden(
        &format!("{name}.txt"),
        &first.stdout.replace(path, "<folder>"),
    );
    first.assert_code(0);
    assert_golden(
        &format!("{name}.toml"),
        &fs::read_to_string(written(&folder)).unwrap(),
    );
    let checked = run(&folder, &["check"]);
    checked.assert_code(0);
    let second = import(&folder, &[file]);
    second.assert_code(0);
    second.assert_prints(&["書くものはありません。"]);
}

/// Makes a test for each file of `tests/fixtures/import`, and a test that finds untested files.
macro_rules! files {
    ($($name:ident $file:literal)*) => {
        $(
            #[test]
            fn $name() {
                check(&fixture($file), stringify!($name));
            }
        )*

        #[test]
        fn every_file_has_its_test() {
            let tested = ["expected", $($file),*];
            for entry in fs::read_dir(project("tests/fixtures/import")).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                assert!(tested.contains(&name.as_str()), "`{name}` is not tested");
            }
        }
    };
}

files! {
    bom_crlf "bom_crlf.csv"
    cells "cells.csv"
    definition_list "definition_list.html"
    excel_shift_jis "excel_shift_jis.csv"
    faqpage "faqpage.html"
    headings "headings.md"
    letters "letters.md"
    notion "FAQ 0123456789abcdef0123456789abcdef.md"
    objects "objects.json"
    pdf_utf16 "pdf_utf16.txt"
    semicolon "semicolon.csv"
    wordpress "wordpress.html"
}

#[test]
fn workbook() {
    let files = tempfile::tempdir().unwrap();
    let file = files.path().join("よくある質問.xlsx");
    let mut workbook = Workbook::new();
    let plain = Format::new();
    let sheet = workbook.add_worksheet().set_name("会員").unwrap();
    sheet
        .merge_range(0, 0, 0, 4, "よくある質問（会員向け）", &plain)
        .unwrap();
    sheet.merge_range(2, 1, 2, 2, "分類", &plain).unwrap();
    sheet.merge_range(2, 3, 3, 3, "質問", &plain).unwrap();
    sheet.merge_range(2, 4, 3, 4, "回答", &plain).unwrap();
    sheet.write(2, 0, "No").unwrap();
    sheet.write(2, 5, "公開終了日").unwrap();
    sheet.write(3, 1, "大分類").unwrap();
    sheet.write(3, 2, "小分類").unwrap();
    sheet.merge_range(4, 1, 5, 1, "会費", &plain).unwrap();
    for (row, (number, small, question, answer)) in (4..).zip([
        (
            1.0,
            "金額",
            "会費はいくらですか。",
            "年 5,000円です。\n- 学生は 1,000円\n- 法人は 10,000円",
        ),
        (2.0, "支払い", "支払い方法は何ですか。", "口座振替です。"),
    ]) {
        sheet.write(row, 0, number).unwrap();
        sheet.write(row, 2, small).unwrap();
        sheet.write(row, 3, question).unwrap();
        sheet.write(row, 4, answer).unwrap();
    }
    let day = Format::new().set_num_format("yyyy/m/d");
    let date = ExcelDateTime::from_ymd(2027, 3, 31).unwrap();
    sheet.write_with_format(4, 5, &date, &day).unwrap();
    let other = workbook.add_worksheet().set_name("事業者").unwrap();
    other.write_row(1, 1, ["質問", "答え"]).unwrap();
    other
        .write_row(2, 1, ["登録の期限はいつですか。", "3"])
        .unwrap();
    other.write(3, 1, "手数料はいくらですか。").unwrap();
    other.write(3, 2, 3500.0).unwrap();
    let notes = workbook.add_worksheet().set_name("メモ").unwrap();
    notes.write(0, 0, "作業用").unwrap();
    workbook.save(&file).unwrap();
    let folder = city();
    let ended = import(&folder, &[file.to_str().unwrap()]);
    let text = ended
        .stdout
        .replace(folder.path().to_str().unwrap(), "<folder>");
    let text = text.replace(files.path().to_str().unwrap(), "<files>");
    assert_golden("workbook.txt", &text);
    ended.assert_code(0);
    assert_golden(
        "workbook.toml",
        &fs::read_to_string(written(&folder)).unwrap(),
    );
    run(&folder, &["check"]).assert_code(0);
}

/// Writes a CSV beside the folder and returns its path.
fn csv(folder: &TempDir, text: &str) -> String {
    let path = folder.path().with_extension("csv");
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_second_import_keeps_ids_variants_and_comments_and_reports_what_is_gone() {
    let folder = city();
    let file = csv(
        &folder,
        "質問,回答\n会費はいくら？,5000円\n延長は？,できます\n休みは？,月曜\n",
    );
    import(&folder, &[&file]).assert_code(0);
    let toml = written(&folder);
    let before = loaded(folder.path());
    let id = before.entries[0].id.to_string();
    // The staff adds a comment and a variant, and writes an entry of its own.
    edit(
        &toml,
        "answer = \"\"\"\n5000円",
        "# 2026年に確かめた\nvariants = [\"値段\"]\nanswer = \"\"\"\n5000円",
    );
    let file = csv(
        &folder,
        "質問,回答\n会費は いくら?,6000円\n延長は？,できます\n駐車場は？,あります\n",
    );
    let dry = import(&folder, &[&file, "--dry-run"]);
    dry.assert_prints(&[
        "追加: 1",
        "変更: 1",
        "もとの文書にない（残します）: 1",
        "変わりなし: 1",
    ]);
    assert_eq!(loaded(folder.path()).entries.len(), 3, "a dry run wrote");
    import(&folder, &[&file]).assert_code(0);
    let text = fs::read_to_string(&toml).unwrap();
    for part in [
        "# 2026年に確かめた",
        "variants = [\"値段\"]",
        "6000円",
        "休みは？",
        "駐車場は？",
        &id,
    ] {
        assert!(text.contains(part), "`{part}` is missing:\n{text}");
    }
    let pruned = import(&folder, &[&file, "--prune"]);
    pruned.assert_prints(&["削除: 1"]);
    assert!(!fs::read_to_string(&toml).unwrap().contains("休みは？"));
}

#[test]
fn an_import_keeps_the_english_titles_of_categories() {
    let folder = city();
    let file = csv(&folder, "分類,質問,回答\n会費,いくら？,5000円\n");
    import(&folder, &[&file]).assert_code(0);
    let desk = folder.path().join("city/desk.toml");
    let titled = "[[category]]\nname = \"会費\"\ntitle = { en = \"Fees\" }\n\n[[contact_point]]";
    edit(&desk, "[[contact_point]]", titled);
    let file = csv(
        &folder,
        "分類,質問,回答\n会費,いくら？,6000円\n会費,いつ？,今\n",
    );
    import(&folder, &[&file, "--prune"]).assert_code(0);
    let knowledge = loaded(folder.path());
    assert_eq!(knowledge.entries.len(), 2);
    for entry in &knowledge.entries {
        let (title, _) = knowledge.category_title(entry, Language::English);
        assert_eq!(title, "Fees");
    }
}

#[test]
fn columns_can_be_named() {
    let folder = city();
    let file = csv(&folder, "問合せ,メモ,対処\nいつ開きますか,x,9時です\n");
    let unknown = import(&folder, &[&file]);
    unknown.assert_code(1);
    unknown.assert_prints(&[
        "質問と回答の列が分かりません",
        "A=問合せ, B=メモ, C=対処",
        "--map question=B,answer=C",
    ]);
    import(&folder, &[&file, "--map", "question=問合せ,answer=C"]).assert_code(0);
    let knowledge = loaded(folder.path());
    assert_eq!(knowledge.entries[0].question, "いつ開きますか");
    assert_eq!(knowledge.entries[0].answer.source, "9時です");
}

#[test]
fn what_cannot_be_read_is_named_with_its_cure() {
    let folder = city();
    let path = folder.path().with_extension("doc");
    for (bytes, part) in [
        (
            &b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00"[..],
            "Excel ブック（.xlsx）",
        ),
        (
            b"%PDF-1.4\n\xff\xfe\x00\x81\xff\x00",
            "この形式のファイルは読めません",
        ),
        (b"PK\x03\x04broken", "Excel として読めません"),
        (
            b"<html><body><p>hello</p></body></html>",
            "質問と回答の組が見つかりません",
        ),
        (b"{\"a\": 1}", "JSON として読めません"),
    ] {
        fs::write(&path, bytes).unwrap();
        let ended = import(&folder, &[path.to_str().unwrap()]);
        ended.assert_code(1);
        ended.assert_prints(&[part]);
    }
    assert_eq!(fs::read_dir(folder.path().join("city")).unwrap().count(), 2);
}

/// Makes a folder with two desks.
fn city_and_pool() -> TempDir {
    let folder = city();
    let other = folder.path().join("pool");
    fs::create_dir(&other).unwrap();
    let desk = fs::read_to_string(folder.path().join("city/desk.toml")).unwrap();
    fs::write(other.join("desk.toml"), desk.replace("\"city", "\"pool")).unwrap();
    folder
}

#[test]
fn a_folder_with_several_desks_needs_the_desk() {
    let folder = city_and_pool();
    let file = csv(&folder, "質問,回答,窓口\nいつ？,今,\nどこ？,ここ,pool\n");
    let ended = import(&folder, &[&file]);
    ended.assert_code(2);
    ended.assert_reports(&["--desk", "city, pool"]);
    import(&folder, &[&file, "--desk", "city"]).assert_code(0);
    let knowledge = loaded(folder.path());
    let desks: Vec<&str> = knowledge
        .entries
        .iter()
        .map(|entry| entry.desk.as_str())
        .collect();
    assert_eq!(desks, ["city", "pool"]);
}

#[test]
fn init_makes_a_folder_that_check_accepts_and_refuses_to_overwrite() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("知識");
    let path = folder.to_str().unwrap();
    let arguments = [
        "init",
        path,
        "--organisation",
        "あおば \"写真\" クラブ",
        "--telephone",
        "03-0000-0000",
        "--email",
        "a@example.jp",
        "--form",
        "https://example.jp/ask",
        "--address",
        "東京都千代田区",
        "--hours",
        "月-金 9:00-12:00, 13:00-17:00; 土 9:00-12:00",
    ];
    let made = run(&folder, &arguments);
    made.assert_code(0);
    made.assert_prints(&["desk.toml", "faq.toml", "madoguchi import"]);
    let checked = run(&folder, &["check"]);
    checked.assert_code(0);
    checked.assert_prints(&["0 entries, 0 variants, 0 problems"]);
    let knowledge = loaded(&folder);
    let desk = &knowledge.desks[0];
    assert_eq!(desk.id.as_str(), "aoba-kurabu");
    assert_eq!(desk.name.ja, "あおば \"写真\" クラブ");
    assert_eq!(desk.contact_points.len(), 4);
    let hours = &desk.hours.as_ref().unwrap();
    assert_eq!(
        hours.text.ja,
        "月-金 9:00-12:00, 13:00-17:00; 土 9:00-12:00（祝日を除く）"
    );
    assert_eq!(hours.business_hours.week[5].len(), 1);
    let again = run(&folder, &arguments);
    again.assert_code(2);
    again.assert_reports(&["not an empty folder"]);
    let missing = run(&folder, &["init", "x", "--organisation", "市"]);
    missing.assert_code(2);
    missing.assert_reports(&["at least one contact point"]);
    assert!(!Path::new("x").exists());
}

#[test]
fn a_new_folder_without_entries_answers_with_its_desk() {
    let folder = city();
    let ended = run(&folder, &["ask", "会費はいくらですか"]);
    ended.assert_code(3);
    ended.assert_prints(&["市民課", "03-0000-0000"]);
}

#[test]
fn a_date_that_cannot_be_read_leaves_the_existing_one() {
    let folder = city();
    let file = csv(
        &folder,
        "質問,回答,有効期限\nいつ？,今,2027/3/31\nどこ？,ここ,2027/3/31\n",
    );
    import(&folder, &[&file]).assert_code(0);
    let file = csv(
        &folder,
        "質問,回答,有効期限\nいつ？,今,年度末\nどこ？,ここ,\n",
    );
    let ended = import(&folder, &[&file]);
    ended.assert_code(0);
    ended.assert_prints(&["`年度末` は日付として読めない", "変わりなし: 1"]);
    let knowledge = loaded(folder.path());
    let until = |index: usize| {
        knowledge.entries[index]
            .valid_until
            .map(|day| day.to_string())
    };
    assert_eq!(until(0).as_deref(), Some("2027-03-31"));
    assert_eq!(until(1), None, "an empty cell removes the date");
}

#[test]
fn a_letter_at_the_start_of_a_cell_is_kept_unless_most_rows_have_it() {
    let folder = city();
    let answers = [
        "A、B、Cの三種類",
        "A.M. 9:00 からです",
        "質問、要望は窓口へ",
        "A:Bは1:2",
        "A. はい",
    ];
    let mut table = "質問,回答,出典\n".to_owned();
    for (number, answer) in answers.iter().enumerate() {
        table += &format!("質問、要望その{number}？,{answer},A.約款\n");
    }
    let file = csv(&folder, &table);
    import(&folder, &[&file]).assert_code(0);
    for (entry, answer) in loaded(folder.path()).entries.iter().zip(answers) {
        assert_eq!(entry.answer.text, answer);
        assert!(
            entry.question.starts_with("質問、要望"),
            "{}",
            entry.question
        );
        assert_eq!(entry.source.document, "A.約款");
    }
    let lettered = city();
    let file = csv(
        &lettered,
        "質問,回答\nQ1、いつ？,A1、今\nQ2、どこ？,A2、A社\nQ3、比は？,A:Bは1:2\n",
    );
    import(&lettered, &[&file]).assert_code(0);
    let knowledge = loaded(lettered.path());
    let texts = |index: usize| {
        let entry = &knowledge.entries[index];
        (entry.question.as_str(), entry.answer.text.as_str())
    };
    assert_eq!(texts(0), ("いつ？", "今"));
    assert_eq!(texts(1), ("どこ？", "A社"));
    assert_eq!(texts(2), ("比は？", "A:Bは1:2"));
}

#[test]
fn a_row_with_one_text_is_a_category_and_is_reported_unless_it_is_signed() {
    let folder = city();
    let file = csv(
        &folder,
        "質問,回答\n■ 会費について,\nいくら？,5000円\n入会金,\nいつ？,今\n",
    );
    let ended = import(&folder, &[&file]);
    ended.assert_code(0);
    ended.assert_prints(&[".csv:4: 注意: 文が一つだけの行", "入会金", "注意: 1 件"]);
    assert_eq!(categories(&folder), ["会費について", "入会金"]);
}

#[test]
fn a_row_with_only_a_category_is_that_of_the_next_rows() {
    let folder = city();
    let file = csv(
        &folder,
        "大分類,小分類,質問,回答\n会費,,,\n,金額,いくら？,5000円\n,支払い,いつ？,今\n貸出,,,\n,,何冊？,10冊\n,,延長,\n,,返却は？,窓口\n",
    );
    let ended = import(&folder, &[&file]);
    ended.assert_code(0);
    ended.assert_prints(&[
        ".csv:2: 注意: 文が一つだけの行",
        ".csv:5: 注意: 文が一つだけの行",
        ".csv:7: 注意: 回答がないため、取り込みません: 延長",
    ]);
    assert_eq!(
        categories(&folder),
        ["会費／金額", "会費／支払い", "貸出", "貸出"]
    );
}

/// Returns the categories of the entries, in order.
fn categories(folder: &TempDir) -> Vec<String> {
    let knowledge = loaded(folder.path());
    let entries = knowledge.entries.iter();
    entries.map(|entry| entry.category.clone()).collect()
}

#[test]
fn rows_with_the_same_id_keep_their_entries() {
    let folder = city();
    let rows = ["1,いつ？,今\n", "1,どこ？,ここ\n"];
    let file = csv(&folder, &["ID,質問,回答\n", rows[0], rows[1]].concat());
    import(&folder, &[&file]).assert_code(0);
    for order in [[0, 1], [1, 0]] {
        let rows = order.map(|index| rows[index]).concat();
        let file = csv(&folder, &["ID,質問,回答\n", &rows].concat());
        let again = import(&folder, &[&file, "--prune"]);
        again.assert_code(0);
        again.assert_prints(&["変わりなし: 2", "書くものはありません。"]);
    }
    assert_eq!(loaded(folder.path()).entries.len(), 2);
}

#[test]
fn nothing_is_deleted_while_rows_are_left_out() {
    let folder = city();
    let file = csv(
        &folder,
        "質問,回答\n会費はいくら？,5000円\n入会金,1000円\n休みは？,月曜\n",
    );
    import(&folder, &[&file]).assert_code(0);
    for row in ["入会金,", "会費はいくら？,6000円", ",1000円"] {
        let table = format!("質問,回答\n会費はいくら？,5000円\n{row}\n");
        let file = csv(&folder, &table);
        let ended = import(&folder, &[&file, "--prune"]);
        ended.assert_code(0);
        ended.assert_prints(&["もとの文書にない（残します）: 2", "何も削除していません"]);
        assert_eq!(loaded(folder.path()).entries.len(), 3, "{row}");
    }
    let file = csv(&folder, "質問,回答\n会費はいくら？,5000円\n");
    import(&folder, &[&file, "--prune"]).assert_prints(&["削除: 2"]);
    assert_eq!(loaded(folder.path()).entries.len(), 1);
}

#[test]
fn entries_that_were_not_imported_are_not_deleted() {
    let folder = city();
    let file = csv(&folder, "質問,回答\nいつ？,今\nどこ？,ここ\n");
    import(&folder, &[&file]).assert_code(0);
    let toml = written(&folder);
    let text = fs::read_to_string(&toml).unwrap();
    let document = loaded(folder.path()).entries[0].source.document.clone();
    let own = |id: &str, document: &str| {
        format!(
            "\n[[entry]]\nid = \"{id}\"\ncategory = \"他\"\nquestion = \"{id}は？\"\nanswer = \"手書き\"\n\
             source = {{ document = \"{document}\", section = \"1\" }}\n"
        )
    };
    // An id of the staff, and a document of its own.
    let text = text + &own("city-parking", &document) + &own("city-aaaaaa", "駐輪場の案内");
    fs::write(&toml, text).unwrap();
    let file = csv(&folder, "質問,回答\nいつ？,今\n");
    let pruned = import(&folder, &[&file, "--prune"]);
    pruned.assert_prints(&["削除: 1"]);
    let knowledge = loaded(folder.path());
    let ids: Vec<&str> = knowledge
        .entries
        .iter()
        .map(|entry| entry.id.as_str())
        .collect();
    assert_eq!(ids[1..], ["city-parking", "city-aaaaaa"]);
}

#[test]
fn an_inner_key_of_json_does_not_hide_the_outer_one() {
    let folder = city();
    let file = folder.path().with_extension("json");
    let entry = |id: u8, question: &str| {
        format!(
            "{{\"id\":{id},\"category\":{{\"id\":3,\"name\":\"料金\"}},\"question\":\"{question}\",\"answer\":\"窓口\",\
             \"source\":{{\"document\":\"規約\",\"section\":\"第3条\"}}}}"
        )
    };
    let json = format!("[{},{}]", entry(11, "いつ？"), entry(12, "どこ？"));
    fs::write(&file, json).unwrap();
    import(&folder, &[file.to_str().unwrap()]).assert_code(0);
    let knowledge = loaded(folder.path());
    for (entry, id) in knowledge.entries.iter().zip(["city-11", "city-12"]) {
        assert_eq!(entry.id.as_str(), id);
        assert_eq!(entry.category, "料金");
        assert_eq!(entry.source.document, "規約");
        assert_eq!(entry.source.section, "第3条");
    }
}

#[test]
fn an_entry_that_cannot_be_changed_in_place_is_named() {
    let folder = city();
    let toml = folder.path().join("city/faq.toml");
    let before = "entry = [{ id = \"city-1\", category = \"他\", question = \"いつ？\", answer = \"昔\", \
                  source = { document = \"規約\", section = \"1\" } }]\n";
    fs::write(&toml, before).unwrap();
    let file = csv(&folder, "ID,質問,回答\n1,いつ？,今\n");
    let ended = import(&folder, &[&file]);
    ended.assert_code(2);
    ended.assert_reports(&["faq.toml", "city-1", "[[entry]]", "直し方"]);
    assert_eq!(fs::read_to_string(&toml).unwrap(), before);
    // An import that changes nothing is no error.
    let file = csv(&folder, "ID,質問,回答\n1,いつ？,昔\n");
    import(&folder, &[&file]).assert_code(0);
}

#[test]
fn another_desk_of_an_existing_entry_is_reported() {
    let folder = city_and_pool();
    let file = csv(
        &folder,
        "ID,質問,回答,窓口\nq-1,いつ？,今,city\nq-2,どこ？,ここ,pool\n",
    );
    import(&folder, &[&file]).assert_code(0);
    let file = csv(
        &folder,
        "ID,質問,回答,窓口\nq-1,いつ？,今,pool\nq-2,どこ？,ここ,pool\n",
    );
    let ended = import(&folder, &[&file]);
    ended.assert_code(0);
    ended.assert_prints(&[
        ".csv:2: 注意: 項目 `q-1` の窓口は `city` のままです",
        "注意: 1 件",
        "変わりなし: 2",
    ]);
}

#[test]
fn questions_of_a_page_without_an_answer_are_reported() {
    let folder = city();
    let file = folder.path().with_extension("html");
    let page = "<title>FAQ</title><dl><dt>いつ？</dt><dd>今</dd><dt>年会費</dt></dl>";
    let data = "<script type='application/ld+json'>[{\"@type\":\"Question\",\"name\":\"いつ？\",\
                \"acceptedAnswer\":{\"text\":\"今\"}},{\"@type\":\"Question\",\"name\":\"年会費\"}]</script>";
    for text in [page, data] {
        fs::write(&file, text).unwrap();
        let ended = import(&folder, &[file.to_str().unwrap()]);
        ended.assert_code(0);
        ended.assert_prints(&["1 件", "2 番目の質問に回答がない", "年会費"]);
    }
}

#[test]
fn a_workbook_is_read_as_it_is_shown() {
    let folder = city();
    let file = folder.path().with_extension("xlsx");
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet().set_name("料金").unwrap();
    sheet.write_row(0, 0, ["質問", "回答"]).unwrap();
    for (row, (question, number, format)) in (1..).zip([
        ("入場料は？", 1300.0, "#,##0\"円\""),
        ("割引は？", 0.1, "0%"),
        ("割合は？", 0.5, "# ?/?"),
    ]) {
        let format = Format::new().set_num_format(format);
        sheet.write(row, 0, question).unwrap();
        sheet.write_with_format(row, 1, number, &format).unwrap();
    }
    let hidden = workbook.add_worksheet().set_name("旧").unwrap();
    hidden.write_row(0, 0, ["質問", "回答"]).unwrap();
    hidden.write_row(1, 0, ["昔の料金は？", "100円"]).unwrap();
    hidden.set_hidden(true);
    let choices = workbook.add_worksheet().set_name("選択肢").unwrap();
    choices.write_row(0, 0, ["公開", "非公開"]).unwrap();
    choices.set_hidden(true);
    workbook.save(&file).unwrap();
    let ended = import(&folder, &[file.to_str().unwrap()]);
    ended.assert_code(0);
    ended.assert_prints(&[
        "[旧]: 注意: 非表示のシート",
        "[料金]:4: 注意: 表示形式を読めない",
        "注意: 2 件",
    ]);
    let knowledge = loaded(folder.path());
    let answers: Vec<&str> = knowledge
        .entries
        .iter()
        .map(|entry| &*entry.answer.text)
        .collect();
    assert_eq!(answers, ["1,300円", "10%", "0.5"]);
}

#[test]
fn a_less_than_sign_is_no_tag() {
    let folder = city();
    let file = csv(
        &folder,
        "質問,回答\nいつ？,\"x<y のとき <b を使い、> を書く\"\nどこ？,\"x<y のとき <b>太字</b>、a<b なら > を書く\"\n",
    );
    import(&folder, &[&file]).assert_code(0);
    let knowledge = loaded(folder.path());
    let answers: Vec<&str> = knowledge
        .entries
        .iter()
        .map(|entry| &*entry.answer.text)
        .collect();
    assert_eq!(
        answers,
        [
            "x<y のとき <b を使い、> を書く",
            "x<y のとき 太字、a<b なら > を書く",
        ]
    );
}
