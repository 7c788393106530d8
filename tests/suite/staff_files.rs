//! The staff desk: the report, export and import.

use std::io::{Cursor, Read};
use std::path::Path;

use madoguchi::exchange::{Format, Options, export, read};
use madoguchi::knowledge::Language;
use reqwest::Response;
use rust_xlsxwriter::Workbook;
use zip::write::SimpleFileOptions;

use crate::support::app::{TestApp, encode};
use crate::support::knowledge::TODAY;
use crate::support::staff::{Browser, TOKEN, field, start};

/// Returns a header of a response.
fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().expect("text"))
}

#[tokio::test]
async fn the_report_covers_the_chosen_days_and_is_saved_for_excel() {
    let (app, folder) = start().await;
    // One an hour, from now back: 22 November 2026 in Japan begins at the twelfth, and the 21st has the other 18.
    let questions: Vec<String> = (0..30)
        .map(|number| format!("ゾロリカ{number}号"))
        .collect();
    let questions: Vec<&str> = questions.iter().map(String::as_str).collect();
    folder.record(&questions).await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let turns = |page: &str| {
        let (_, rest) = page
            .split_once("<dt>質問と選択</dt><dd>")
            .expect("the number");
        rest.split('<').next().expect("a number").to_owned()
    };
    let page = browser.page("/staff/report").await;
    assert_eq!(turns(&page), "30");
    for part in [
        "<svg",
        "答えのない質問",
        "窓口へのご案内",
        "2026-10-24 – 2026-11-22",
    ] {
        assert!(page.contains(part), "`{part}` is missing: {page}");
    }
    let week = browser.page("/staff/report?days=7").await;
    assert!(week.contains("2026-11-16 – 2026-11-22"), "{week}");
    let day = "/staff/report?from=2026-11-21&to=2026-11-21";
    assert_eq!(turns(&browser.page(day).await), "18");
    let today = "/staff/report?from=2026-11-22&to=2026-11-22";
    assert_eq!(turns(&browser.page(today).await), "12");
    let other = browser.page("/staff/report?desk=jetro").await;
    assert_eq!(turns(&other), "0");
    for wrong in [
        "from=2026-11-22&to=2026-11-01",
        "from=soon",
        "to=2026-11-22",
        "from=0001-01-01&to=2026-11-22",
        "from=2024-11-22&to=2026-11-22",
    ] {
        let page = browser.page(&format!("/staff/report?{wrong}")).await;
        assert!(page.contains("この期間では出せない"), "{wrong}");
        assert_eq!(turns(&page), "30", "{wrong}");
    }
    let table = browser.get("/staff/report.csv?days=30").await;
    assert_eq!(header(&table, "content-type"), "text/csv; charset=utf-8");
    let name = "attachment; filename=\"report-2026-10-24-2026-11-22.csv\"";
    assert_eq!(header(&table, "content-disposition"), name);
    let bytes = table.bytes().await.expect("a body");
    assert!(bytes.starts_with("\u{FEFF}part,name".as_bytes()));
    let english = browser.page("/staff/report?lang=en").await;
    assert!(english.contains("Messages and choices"), "{english}");
}

#[tokio::test]
async fn every_format_is_exported_as_the_command_does() {
    let (app, _folder) = start().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let page = browser.page("/staff/export").await;
    for (format, name, endings) in Format::ALL {
        let path = format!("/staff/export/{name}");
        assert!(page.contains(&format!("href=\"{path}\"")), "{name}: {page}");
        let file = browser.get(&path).await;
        assert_eq!(file.status(), 200, "{name}");
        let disposition = header(&file, "content-disposition").to_owned();
        let expected = format!("filename=\"faq-2026-11-22.{}\"", endings[0]);
        assert!(disposition.ends_with(&expected), "{disposition}");
        let bytes = file.bytes().await.expect("a body");
        let by_command = export(TestApp::knowledge(), format, Language::Japanese, TODAY);
        let by_command = by_command.expect("a file");
        // A workbook has the time of its creation.
        if format == Format::Xlsx {
            let read = |bytes| read(Path::new("a.xlsx"), bytes, &Options::default()).records;
            assert_eq!(read(&bytes), read(&by_command));
        } else {
            assert_eq!(bytes, by_command, "{name}");
        }
    }
    assert_eq!(browser.get("/staff/export/doc").await.status(), 404);
}

/// A table with a new entry, a changed one, and a row that cannot be used.
const TABLE: &str = "質問,回答,分類\nゾロリカはどこですか,三階です,館内\nペポランはいくらですか,500円です,館内\n答えのない質問,,館内\n";

#[tokio::test]
async fn a_file_is_looked_at_and_then_taken_into_the_draft() {
    let (app, folder) = start().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let page = browser.page("/staff/import").await;
    assert!(page.contains("data-csrf=") && page.contains("何が変わるか見る"));
    // Shift_JIS, as Excel for Windows writes it.
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(TABLE);
    let path = format!("/staff/import?name={}", encode("案内.csv"));
    // Several desks, and no row names one.
    let look = browser.upload(&path, &bytes).await.text().await.unwrap();
    assert!(look.contains("上で窓口を選んで"), "{look}");
    assert!(!look.contains("data-then"), "{look}");
    let path = format!("{path}&desk=selas");
    let look = browser.upload(&path, &bytes).await.text().await.unwrap();
    for part in [
        "2 件を読みました（文字コード Shift_JIS）",
        "新しい項目：2",
        "ゾロリカはどこですか",
        "data-then=\"take\"",
    ] {
        assert!(look.contains(part), "`{part}` is missing: {look}");
    }
    let draft = browser.page("/staff/draft").await;
    assert!(
        draft.contains("直したものはありません"),
        "a look changes nothing"
    );
    let taken = browser.upload(&format!("{path}&then=take"), &bytes).await;
    assert_eq!(taken.status(), 303);
    assert_eq!(header(&taken, "location"), "/staff/draft");
    let draft = browser.checked("/staff/draft").await;
    assert!(draft.contains("selas/案内.toml"), "{draft}");
    assert!(draft.contains("500円です"), "{draft}");
    let fields = [
        ("reason", "取り込み"),
        ("version", field(&draft, "version")),
    ];
    browser.submit("/staff/publish", &fields).await;
    let text = folder.read("selas/案内.toml");
    assert!(text.contains("ゾロリカはどこですか"), "{text}");
    // The same file again changes nothing; another price changes one entry; a missing row one more.
    let again = browser.upload(&path, &bytes).await.text().await.unwrap();
    assert!(again.contains("変わるところはありません"), "{again}");
    let fewer = "質問,回答,分類\nペポランはいくらですか,600円です,館内\n";
    let pruned = browser
        .upload(&format!("{path}&prune=1"), fewer.as_bytes())
        .await;
    let pruned = pruned.text().await.unwrap();
    assert!(
        pruned.contains("変わる項目：1") && pruned.contains("消す項目：1"),
        "{pruned}"
    );
    let kept = browser
        .upload(&path, fewer.as_bytes())
        .await
        .text()
        .await
        .unwrap();
    assert!(kept.contains("そのまま残します）：1"), "{kept}");
    // Nothing is removed while a row cannot be used.
    let broken = format!("{fewer}答えのない質問,,館内\n");
    let taken = browser
        .upload(&format!("{path}&prune=1&then=take"), broken.as_bytes())
        .await;
    assert_eq!(taken.status(), 303);
    let log = browser.page("/staff/activity").await;
    assert!(log.contains("案内.csv +0 *1 -0"), "{log}");
    assert!(
        log.contains("ファイルを取り込んだ") && log.contains("案内.csv +2 *0 -0"),
        "{log}"
    );
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_explained() {
    let (app, folder) = start().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let path = "/staff/import?desk=selas&then=take&name=";
    for (name, bytes, expected) in [
        (
            "a.pdf",
            &b"%PDF-1.7\0\xff\xfe"[..],
            "この形式のファイルは読めません",
        ),
        ("a.xls", b"\xd0\xcf\x11\xe0", "古い形式の Excel"),
        ("a.xlsx", b"PK\x03\x04 broken", "Excel として読めません"),
        ("a.csv", b"", "質問と回答の列が分かりません"),
    ] {
        let look = browser.upload(&format!("{path}{name}"), bytes).await;
        assert_eq!(look.status(), 200, "{name}");
        let look = look.text().await.unwrap();
        assert!(look.contains(expected), "{name}: {look}");
        assert!(!look.contains("data-then"), "{name}: {look}");
    }
    // Columns without headings are named by letters.
    let table = "ゾロリカはどこですか,三階です\n".as_bytes();
    let named = format!("{path}a.csv&question=A&answer=B");
    assert_eq!(browser.upload(&named, table).await.status(), 303);
    let wrong = format!("{path}a.csv&question=A,B");
    let wrong = browser.upload(&wrong, table).await.text().await.unwrap();
    assert!(wrong.contains("列の書き方"), "{wrong}");
    browser.submit("/staff/discard", &[]).await;
    // Nothing can be compared with a folder that has errors.
    std::fs::write(folder.knowledge().join("selas/broken.toml"), "[[entry]").unwrap();
    let broken = browser
        .upload(&format!("{path}a.csv"), TABLE.as_bytes())
        .await;
    let broken = broken.text().await.unwrap();
    assert!(
        broken.contains("先に下書きのページで直してください"),
        "{broken}"
    );
}

/// A workbook with an entry, and with a text in cells of a column.
fn workbook(rows: impl Iterator<Item = u32>, column: u16) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, ["質問", "回答"]).unwrap();
    sheet
        .write_row(1, 0, ["ゾロリカはどこですか", "三階です"])
        .unwrap();
    for row in rows {
        sheet.write(row, column, "x").unwrap();
    }
    workbook.save_to_buffer().unwrap()
}

#[tokio::test]
async fn a_small_file_cannot_take_all_memory() {
    let (app, _folder) = start().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let path = "/staff/import?desk=selas&name=a.xlsx";
    // The sheet spans 17 billion cells, and has few.
    let (last_row, last_column) = (1_048_575, 16_383);
    let sparse = workbook(std::iter::once(last_row), last_column);
    let look = browser.upload(path, &sparse).await.text().await.unwrap();
    assert!(look.contains("新しい項目：1"), "{look}");
    // Each of these rows has 16,384 cells.
    let wide = workbook(2..200, last_column);
    // Zeros are packed to a thousandth.
    let mut bomb = zip::ZipWriter::new(Cursor::new(Vec::new()));
    bomb.start_file("xl/sharedStrings.xml", SimpleFileOptions::default())
        .unwrap();
    std::io::copy(&mut std::io::repeat(0).take((64 << 20) + 1), &mut bomb).unwrap();
    let bomb = bomb.finish().unwrap().into_inner();
    assert!(bomb.len() < 1 << 20);
    for (name, bytes) in [("wide", wide), ("bomb", bomb)] {
        let look = browser.upload(path, &bytes).await;
        assert_eq!(look.status(), 200, "{name}");
        let look = look.text().await.unwrap();
        assert!(look.contains("セルか文字が多すぎる"), "{name}: {look}");
    }
    // As a table, each object would have the keys of all.
    let objects: Vec<String> = (0..2_000)
        .map(|number| format!("{{\"key{number}\":1}}"))
        .collect();
    let list = format!("[{}]", objects.join(","));
    let path = "/staff/import?desk=selas&name=a.json";
    let look = browser.upload(path, list.as_bytes()).await;
    let look = look.text().await.unwrap();
    assert!(look.contains("too many keys"), "{look}");
}
