//! Records: what each turn leaves in the database, what it does not, and how long it stays.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use madoguchi::records::{Database, Kind, Location, Options, Recorded, Turn, Writer};
use serde_json::{Value, json};

use crate::support::app::encode;
use crate::support::block_on;
use crate::support::knowledge::{copy, project};
use crate::support::postgres::Postgres;
use crate::support::process::Serving;

/// Reads all turns of a database.
pub(crate) fn turns(location: &Location) -> Vec<Recorded> {
    block_on(async {
        let database = Database::open_existing(location).await.expect("a database");
        let database = database.expect("records");
        let turns = database.turns_since(Timestamp::UNIX_EPOCH).await;
        database.close().await;
        turns.expect("turns")
    })
}

/// Returns the value of the setting for a file, and the file.
pub(crate) fn sqlite(folder: &Path) -> (String, Location) {
    let path = folder.join("records/records.db");
    (
        format!("sqlite://{}", path.display()),
        Location::Sqlite(path),
    )
}

/// Waits until a service has counted at least so many written records.
pub(crate) fn await_written(serving: &Serving, expected: u64) {
    let end = Instant::now() + Duration::from_secs(60);
    while counted(&serving.metrics(), "written") < expected {
        assert!(Instant::now() < end, "{}", serving.metrics());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Returns a counter of the records.
pub(crate) fn counted(metrics: &str, result: &str) -> u64 {
    let name = format!("madoguchi_records_total{{result=\"{result}\"}} ");
    let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
    line.and_then(|count| count.parse().ok())
        .unwrap_or_default()
}

/// Makes a turn of a time.
pub(crate) fn turn(at: Timestamp, text: &str) -> Turn {
    Turn {
        at,
        day: at.to_zoned(jiff::tz::TimeZone::UTC).date(),
        kind: Kind::Asked,
        channel: "web",
        language: "ja",
        asked_desk: None,
        conversation: [7; 16],
        text: Some(text.to_owned()),
        outcome: "escalated",
        reason: Some("not_found"),
        entry: None,
        referral: None,
        desk: Some("selas".to_owned()),
        is_open: Some(true),
        confidence: 0.5,
        suggestions: Vec::new(),
        helpful: None,
        also: Vec::new(),
        knowledge: "1".to_owned(),
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let (_, location) = sqlite(folder.path());
    block_on(async {
        let database = Database::open(&location).await.expect("a database");
        let mut seen = 0;
        for file in std::fs::read_dir(folder.path().join("records")).unwrap() {
            let file = file.unwrap();
            let mode = file.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{:?}", file.path());
            seen += 1;
        }
        assert!(seen > 0);
        database.close().await;
    });
}

#[test]
fn each_turn_is_one_row_with_its_answer_and_without_personal_data() {
    let folder = tempfile::tempdir().unwrap();
    let (records, location) = sqlite(folder.path());
    let mut serving = Serving::start(&project("knowledge"), &[("MADOGUCHI_RECORDS", &records)]);
    let ask = |body: &Value| serving.post("/api/v1/ask", body);
    let offered = ask(&json!({ "question": "会員" }));
    assert_eq!(offered["outcome"], "suggested");
    let conversation = offered["conversation"].clone();
    let chosen = &offered["suggestions"][1];
    ask(&json!({
        "question": chosen["question"], "entry": chosen["id"], "conversation": conversation
    }));
    let declined =
        json!({ "question": "会員", "none_of_these": true, "conversation": conversation });
    ask(&declined);
    let answered = ask(&json!({ "question": "有料会員をやめたい。090-1234-5678の佐藤です。" }));
    assert_eq!(answered["outcome"], "answered", "{answered}");
    ask(&json!({ "question": "領収書がほしい、SELASの" }));
    ask(&json!({ "question": "死にたい" }));
    ask(&json!({ "question": "無料会員のサービスと、請求書の発行について教えてください" }));
    for comment in ["taro@example.jp に返事を", "もう死にたい"] {
        let asked = ask(&json!({ "question": "セミナーってどうやって出るの" }));
        let feedback = json!({
            "answer_id": asked["answer_id"], "helpful": false, "comment": comment,
            "conversation": asked["conversation"]
        });
        serving.post("/api/v1/feedback", &feedback);
        // A repeated verdict is no second record.
        serving.post("/api/v1/feedback", &feedback);
    }
    await_written(&serving, 11);
    let log = serving.stop();
    let turns = turns(&location);
    let rows: Vec<_> = turns
        .iter()
        .map(|turn| {
            let text = turn.text.as_deref().unwrap_or("-");
            let entry = turn.entry.as_deref().unwrap_or("-");
            (turn.kind.name(), turn.outcome.as_str(), text, entry)
        })
        .collect();
    let seminar = "セミナーってどうやって出るの";
    let chosen = chosen["id"].as_str().unwrap();
    let cancelled = "有料会員をやめたい。***の***です。";
    let expected = [
        ("asked", "suggested", "会員", "-"),
        ("chosen", "answered", "-", chosen),
        ("declined", "escalated", "会員", "-"),
        (
            "asked",
            "answered",
            cancelled,
            "selas-cancel-paid-membership",
        ),
        ("asked", "escalated", "領収書がほしい、SELASの", "-"),
        ("asked", "safety", "-", "-"),
    ];
    assert_eq!(rows[..6], expected, "{rows:#?}");
    let several = &turns[6];
    assert_eq!(several.also.len(), 1, "{several:?}");
    assert!(several.also[0].text.as_deref().unwrap().contains("請求書"));
    assert_eq!(turns[7].text.as_deref(), Some(seminar));
    let rated = &turns[8];
    assert_eq!((rated.kind, rated.helpful), (Kind::Rated, Some(false)));
    assert_eq!(rated.text.as_deref(), Some("*** に返事を"));
    assert_eq!(rated.entry.as_deref(), Some("selas-join-seminar"));
    assert_eq!(turns[10].text, None, "the words of a person in danger");
    assert_eq!(turns.len(), 11);
    // The turns of a conversation share a hash, which is not the id.
    assert_eq!(turns[0].conversation, turns[2].conversation);
    assert_ne!(turns[0].conversation, turns[4].conversation);
    let id = conversation.as_str().unwrap().split('.').next().unwrap();
    assert!(!turns.iter().any(|turn| id.contains(&turn.conversation)));
    let referral = &turns[4];
    assert_eq!(referral.desk.as_deref(), Some("selas"));
    assert_eq!(referral.reason.as_deref(), Some("referred"));
    assert!(referral.referral.is_some());
    for word in ["佐藤", "5678", "taro@", "セミナー"] {
        assert!(!log.contains(word), "{word} is in the log:\n{log}");
    }
}

#[test]
fn questions_of_the_search_page_are_recorded_with_the_first_page_of_hits() {
    let folder = tempfile::tempdir().unwrap();
    let (records, location) = sqlite(folder.path());
    let environment = [("MADOGUCHI_RECORDS", &*records)];
    let mut serving = Serving::start(&project("knowledge"), &environment);
    let masked = "有料会員をやめたい。090-1234-5678の佐藤です。";
    let too_long = "会員".repeat(300);
    for (question, more) in [
        (masked, ""),
        ("死にたい", ""),
        ("会員", "&none=1"),
        ("会員", ""),
        ("会員", "&page=2"),
        ("", ""),
        (&*too_long, ""),
    ] {
        let address = serving.address();
        let url = format!(
            "http://{address}/search?lang=ja&q={}{more}",
            encode(question)
        );
        let page = crate::support::process::client().get(url).send().unwrap();
        assert_eq!(page.status(), 200);
    }
    await_written(&serving, 4);
    serving.stop();
    let turns = turns(&location);
    let rows = turns.iter().map(|turn| {
        assert_eq!(turn.channel, "help_centre");
        let text = turn.text.as_deref().unwrap_or("-");
        (turn.kind.name(), turn.outcome.as_str(), text)
    });
    let expected = [
        ("asked", "answered", "有料会員をやめたい。***の***です。"),
        ("asked", "safety", "-"),
        ("declined", "escalated", "会員"),
        ("asked", "suggested", "会員"),
    ];
    assert_eq!(rows.collect::<Vec<_>>(), expected);
    assert_eq!(turns[2].conversation, turns[3].conversation);
    assert_ne!(turns[0].conversation, turns[2].conversation);
    let report = ["report", "--json"];
    let report = crate::support::process::run_with(project("knowledge"), &report, &environment);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    assert_eq!(report["channels"], json!({ "help_centre": 4 }));
    // Whether one of the entries was read is not known.
    assert_eq!(report["abandoned"], json!([]));
}

#[test]
fn a_fresh_folder_gets_records_without_any_setting() {
    let folder = tempfile::tempdir().unwrap();
    let before = format!("cd {} && unset MADOGUCHI_RECORDS", folder.path().display());
    let mut serving = Serving::start_in_shell(&before, &project("knowledge"));
    serving.ask("有料会員をやめたい");
    // What is queued is written at the stop.
    serving.stop();
    let turns = turns(&Location::Sqlite(folder.path().join("data/records.db")));
    assert_eq!(turns.len(), 1);
}

#[test]
fn a_folder_that_cannot_be_written_is_a_warning() {
    let environment = [("MADOGUCHI_RECORDS", "sqlite:///proc/none/records.db")];
    let mut serving = Serving::start(&project("knowledge"), &environment);
    serving.log_line("records: cannot be written now, trying again");
    assert_eq!(serving.ask("有料会員をやめたい")["outcome"], "answered");
    let log = serving.stop();
    assert!(
        log.contains("records: not written before the stop"),
        "{log}"
    );
}

#[test]
fn a_value_that_names_no_database_is_refused_and_not_shown() {
    let environment = [("MADOGUCHI_RECORDS", "mysql://user:very-secret@db/records")];
    let ended = crate::support::process::run_with(project("knowledge"), &["serve"], &environment);
    ended.assert_code(1);
    ended.assert_reports(&["MADOGUCHI_RECORDS", "sqlite://data/records.db"]);
    assert!(!ended.stderr.contains("very-secret"));
    let environment = [(
        "MADOGUCHI_RECORDS",
        "postgres://user:very-secret@db/records",
    )];
    let ended = crate::support::process::run_with(project("knowledge"), &["config"], &environment);
    ended.assert_prints(&["# records: set, not shown (variable MADOGUCHI_RECORDS)"]);
    assert!(!ended.stdout.contains("very-secret"));
}

#[test]
fn old_rows_are_deleted_and_their_counts_stay() {
    let folder = tempfile::tempdir().unwrap();
    let mut locations = vec![sqlite(folder.path()).1];
    let postgres = Postgres::start();
    locations.extend(postgres.iter().map(|it| Location::Postgres(it.url(), None)));
    for location in locations {
        let now = Timestamp::now();
        let old = Timestamp::from_second(1_767_225_600).unwrap();
        block_on(async {
            let options = Options {
                location: location.clone(),
                retention_days: 0,
            };
            let (recorder, writer) = Writer::start(options);
            for _ in 0..3 {
                recorder.record(turn(old, "古い質問"));
            }
            recorder.record(turn(now, "100%オフの_質問"));
            recorder.record(turn(now, "新しい質問"));
            writer.stop().await;
            let database = Database::open(&location).await.unwrap();
            let all = async || {
                database
                    .turns_since(Timestamp::UNIX_EPOCH)
                    .await
                    .unwrap()
                    .len()
            };
            assert_eq!(all().await, 5);
            let count = async || {
                let counts = database.counts_since(date(2026, 1, 1)).await.unwrap();
                counts.iter().map(|count| count.count).sum::<u64>()
            };
            let cut = now - SignedDuration::from_hours(24);
            assert_eq!(database.forget_before(cut).await.unwrap(), 3);
            assert_eq!((all().await, count().await), (2, 3));
            assert_eq!(database.forget_before(cut).await.unwrap(), 0);
            // The signs of patterns are plain text.
            assert_eq!(database.forget_text("い_").await.unwrap(), 0);
            assert_eq!(database.forget_text("0%オフの_").await.unwrap(), 1);
            assert_eq!((all().await, count().await), (1, 4));
            let until = now + SignedDuration::from_hours(1);
            let in_time = |since, until| database.turns_between(since, until);
            assert_eq!(in_time(cut, until).await.unwrap().len(), 1);
            assert_eq!(in_time(cut, now).await.unwrap().len(), 0);
            let first_day = date(2026, 1, 1);
            let before = database.counts_between(date(2025, 1, 1), date(2025, 12, 31));
            assert!(before.await.unwrap().is_empty());
            let days = database.counts_between(first_day, first_day).await.unwrap();
            let first = &days[0];
            assert_eq!((first.day.as_str(), first.count), ("2026-01-01", 3));
            assert_eq!((first.desk.as_str(), first.is_open), ("selas", Some(true)));
            assert_eq!(first.reason, "not_found");
            database.close().await;
        });
        // Deleted words are in no file.
        for text in ["古い質問", "オフの"] {
            if let Location::Sqlite(path) = &location {
                for file in std::fs::read_dir(path.parent().unwrap()).unwrap() {
                    let bytes = std::fs::read(file.unwrap().path()).unwrap();
                    assert!(!contains(&bytes, text), "{text}");
                }
            }
        }
    }
}

#[test]
fn a_text_is_forgotten_in_either_case_and_in_further_requests_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let mut locations = vec![sqlite(folder.path()).1];
    let postgres = Postgres::start();
    locations.extend(postgres.iter().map(|it| Location::Postgres(it.url(), None)));
    for location in locations {
        let now = Timestamp::now();
        block_on(async {
            let (recorder, writer) = Writer::start(Options {
                location: location.clone(),
                retention_days: 0,
            });
            recorder.record(turn(now, "Sunrise商店の件"));
            let further = json!({
                "text": "領収書は「Yamada」まで", "outcome": "answered", "reason": null,
                "entry": "selas-receipt", "desk": "selas"
            });
            recorder.record(Turn {
                also: vec![further],
                ..turn(now, "会費")
            });
            writer.stop().await;
            let database = Database::open(&location).await.unwrap();
            for (text, expected) in [
                ("outcome", 0),
                ("selas-receipt", 0),
                ("\"text\"", 0),
                ("領収書%まで", 0),
                ("領収書は_Y", 0),
                ("「yamada」", 1),
                ("SUNRISE商店", 1),
            ] {
                let deleted = database.forget_text(text).await.unwrap();
                assert_eq!(deleted, expected, "{text}");
            }
            database.close().await;
        });
    }
}

/// Returns whether bytes contain a text.
pub(crate) fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn the_help_centre_shows_what_is_asked_most_where_staff_feature_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let knowledge = tempfile::tempdir().unwrap();
    copy(&project("knowledge"), knowledge.path());
    let desk = knowledge.path().join("selas/desk.toml");
    let text = std::fs::read_to_string(&desk).unwrap();
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("featured"))
        .collect();
    std::fs::write(&desk, lines.join("\n")).unwrap();
    let (records, _) = sqlite(folder.path());
    let start = || Serving::start(knowledge.path(), &[("MADOGUCHI_RECORDS", &records)]);
    let mut serving = start();
    for _ in 0..3 {
        let answer = serving.ask("海外企業とのマッチングの際に、通訳を手配する必要はありますか？");
        assert_eq!(answer["entry"]["id"], "selas-interpreter");
    }
    await_written(&serving, 3);
    serving.stop();
    let serving = start();
    let url = format!("http://{}/?lang=ja", serving.address());
    // The records are read in the background. A read that fails on a slow machine is tried again after a
    // minute, so the limit is far above it; it only ends a test that would never end.
    let end = Instant::now() + Duration::from_secs(240);
    loop {
        let page = crate::support::process::client().get(&url).send().unwrap();
        let page = page.text().unwrap();
        let desk = page.find("desk-selas").unwrap();
        let first = page[desk..].find("/entries/").unwrap();
        if page[desk + first..].starts_with("/entries/selas-interpreter") {
            break;
        }
        assert!(Instant::now() < end, "{page}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn staff_delete_records_by_text_or_time() {
    let folder = tempfile::tempdir().unwrap();
    let (records, location) = sqlite(folder.path());
    let environment = [("MADOGUCHI_RECORDS", &*records)];
    let run = |arguments: &[&str]| {
        crate::support::process::run_with(project("knowledge"), arguments, &environment)
    };
    // Without records there is nothing to delete.
    run(&["forget", "--before", "1d"]).assert_prints(&["0 record(s) deleted"]);
    let mut serving = Serving::start(&project("knowledge"), &environment);
    for question in ["青空商店の領収書がほしい", "会費はいくら", "退会したい"]
    {
        serving.ask(question);
    }
    await_written(&serving, 3);
    serving.stop();
    run(&["forget", "--text", "青空商店"]).assert_prints(&["1 record(s) deleted"]);
    let texts: Vec<_> = turns(&location).into_iter().map(|turn| turn.text).collect();
    assert_eq!(texts.len(), 2, "{texts:?}");
    run(&["forget", "--before", "1d"]).assert_prints(&["0 record(s) deleted"]);
    run(&["forget", "--before", "0h"]).assert_prints(&["2 record(s) deleted"]);
    run(&["forget"]).assert_code(2);
    run(&["forget", "--before", "soon"]).assert_code(2);
    let report = run(&["report", "--json"]);
    report.assert_code(0);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    assert_eq!(report["turns"], 3, "the counts stay");
}
