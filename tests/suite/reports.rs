//! Reports, replays and proposals on a made-up month of 20,000 turns with planted subjects.
//!
//! The generator is seeded. Most turns ask the questions of `tests/questions/`, and get the answers of the
//! shipped knowledge. Planted are five subjects that the knowledge has no entry for, and three phrasings
//! whose members find another entry than that of the answer.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use madoguchi::answer::{Answer, Conversation, Outcome, Question};
use madoguchi::knowledge::Language;
use madoguchi::records::{Kind, Location, Options, Turn, Writer};
use serde_json::Value;

use super::records::sqlite;
use crate::support::block_on;
use crate::support::knowledge::{copy, edit, project, shipped};
use crate::support::process::{Ended, finish, madoguchi};
use crate::support::telegram::storm::Random;

const TURNS: usize = 20_000;

/// Subjects without an entry, each in the words of several members.
const SUBJECTS: [[&str; 3]; 5] = [
    [
        "駐車場はありますか",
        "車で行きたいのですが駐車場は使えますか",
        "駐車場の場所を教えて",
    ],
    [
        "ハラール認証は取れますか",
        "ハラール認証の取り方を教えて",
        "ハラール認証を手伝ってもらえますか",
    ],
    [
        "工場見学はできますか",
        "海外の工場見学に行きたい",
        "工場見学の申し込み",
    ],
    [
        "商標登録はできますか",
        "商標の登録を相談したい",
        "商標登録の費用",
    ],
    [
        "契約書のひな形はありますか",
        "契約書のひな形がほしい",
        "契約書のひな形をもらえますか",
    ],
];

/// Phrasings with the entry that members find in the end.
const MISROUTED: [(&str, &str); 3] = [
    ("顔合わせの会に出たい", "selas-join-business-meeting"),
    ("品物を先に見せたい", "selas-sample-delivery"),
    ("カタログの翻訳をお願いしたい", "selas-interpreter"),
];

/// The database of the month; made once.
fn month() -> &'static (String, PathBuf) {
    static MONTH: OnceLock<(String, PathBuf)> = OnceLock::new();
    MONTH.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("month");
        // That of an earlier run.
        let _ = fs::remove_dir_all(&folder);
        let (setting, location) = sqlite(&folder);
        block_on(write(location));
        (setting, folder)
    })
}

/// The texts of the question sets.
fn questions() -> Vec<String> {
    let read = |name: &str| fs::read_to_string(project("tests/questions").join(name)).unwrap();
    let sets = ["selas.tsv", "jetro.tsv", "unseen.tsv"].map(read);
    let lines = sets.iter().flat_map(|set| set.lines());
    let texts = lines.filter_map(|line| line.split('\t').next());
    texts
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Writes the month that ends now.
async fn write(location: Location) {
    let (recorder, writer) = Writer::start(Options {
        location,
        retention_days: 0,
    });
    let mut random = Random::new(20_000);
    let questions = questions();
    let mut answers: HashMap<String, Answer> = HashMap::new();
    let now = Timestamp::now();
    let mut count = 0_u64;
    let mut conversation = 0_u128;
    while count < TURNS as u64 {
        conversation += 1;
        let minutes = i64::try_from(random.below(29 * 24 * 60)).unwrap();
        let mut at = now - SignedDuration::from_mins(minutes + 60);
        let channel = ["web", "web", "web", "telegram", "discord"][random.below(5) as usize];
        let planted = random.below(40);
        let (text, chosen) = match planted {
            0 => {
                let subject = SUBJECTS[random.below(5) as usize];
                (subject[random.below(3) as usize], None)
            }
            1 => {
                let (text, entry) = MISROUTED[random.below(3) as usize];
                (text, Some(entry))
            }
            _ => (
                &*questions[random.below(questions.len() as u64) as usize],
                None,
            ),
        };
        let answer = answers.entry(text.to_owned()).or_insert_with(|| {
            let question = Question {
                text,
                desk: None,
                language: Language::Japanese,
            };
            shipped().answer_now(&question, Conversation::new(now), now)
        });
        let asked = turn(at, channel, conversation, text, answer);
        let entry = asked.entry.clone();
        let mut turns = vec![asked.clone()];
        let mut follow = |kind, entry: Option<String>, helpful| {
            at += SignedDuration::from_secs(20);
            turns.push(Turn {
                at,
                kind,
                text: None,
                outcome: "answered",
                reason: None,
                entry,
                helpful,
                suggestions: Vec::new(),
                also: Vec::new(),
                ..asked.clone()
            });
        };
        match chosen {
            Some(found) => {
                if entry.is_some() {
                    follow(Kind::Rated, entry, Some(false));
                }
                follow(Kind::Chosen, Some(found.to_owned()), None);
                if random.below(2) == 0 {
                    follow(Kind::Rated, Some(found.to_owned()), Some(true));
                }
            }
            // Some members rate.
            None if entry.is_some() && random.below(5) == 0 => {
                let helped = random.below(10) > 0;
                follow(Kind::Rated, entry, Some(helped));
            }
            None => {}
        }
        count += turns.len() as u64;
        turns.into_iter().for_each(|turn| recorder.record(turn));
        // The queue is bounded, and drops what does not fit.
        let counts = recorder.counts().expect("records");
        while count - counts.written() > 4_000 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    let counts = recorder.counts().expect("records").clone();
    writer.stop().await;
    assert_eq!((counts.written(), counts.dropped()), (count, 0));
}

/// Makes the turn of a question with its answer.
fn turn(
    at: Timestamp,
    channel: &'static str,
    conversation: u128,
    text: &str,
    answer: &Answer,
) -> Turn {
    let knowledge = shipped().knowledge();
    let is_escalated = answer.outcome == Outcome::Escalated;
    let entry = answer.entry.map(|index| &knowledge.entries[index]);
    let escalation = answer.escalation.as_ref().filter(|_| is_escalated);
    let desk = escalation.and_then(|escalation| escalation.desk.as_ref());
    let desk = desk.or(entry.map(|entry| &entry.desk));
    let suggestions = answer.suggestions.iter();
    Turn {
        at,
        day: shipped().today(at),
        kind: Kind::Asked,
        channel,
        language: "ja",
        asked_desk: None,
        conversation: conversation.to_be_bytes(),
        text: Some(madoguchi::records::mask(text)),
        outcome: answer.outcome.label(),
        reason: escalation.map(|escalation| escalation.reason.name()),
        entry: entry.map(|entry| entry.id.to_string()),
        referral: None,
        desk: desk.map(ToString::to_string),
        is_open: is_escalated.then_some(at.as_second() % 3 == 0),
        confidence: answer.confidence,
        suggestions: suggestions
            .map(|(index, _)| knowledge.entries[*index].id.to_string())
            .collect(),
        helpful: None,
        also: Vec::new(),
        knowledge: knowledge.version.clone(),
    }
}

/// Runs a command on the month, with a knowledge folder.
fn run(knowledge: &Path, arguments: &[&str]) -> Ended {
    let index = tempfile::tempdir().unwrap();
    let mut command: Command = madoguchi(index.path());
    command.env("MADOGUCHI_RECORDS", &month().0);
    command
        .env("MADOGUCHI_KNOWLEDGE", knowledge)
        .args(arguments);
    finish(command, b"")
}

#[test]
fn the_report_finds_the_planted_subjects_and_phrasings() {
    let ended = run(&project("knowledge"), &["report", "--json"]);
    ended.assert_code(0);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let groups = report["unanswered"].as_array().unwrap();
    for subject in SUBJECTS {
        let group = groups.iter().find(|group| {
            let examples = group["examples"].as_array().unwrap();
            subject
                .iter()
                .all(|text| examples.iter().any(|example| example["text"] == *text))
        });
        let group = group.unwrap_or_else(|| panic!("{subject:?} is no group: {groups:#?}"));
        assert!(group["count"].as_u64() > Some(30), "{group}");
    }
    let routes = report["rerouted"].as_array().unwrap();
    for (text, entry) in MISROUTED {
        let found = routes
            .iter()
            .any(|route| route["text"] == text && route["to"] == entry);
        assert!(found, "{text}: {routes:#?}");
    }
    let turns = report["turns"].as_u64().unwrap();
    assert!((15_000..=20_000).contains(&turns), "{turns}");
    let days = report["days"].as_object().unwrap();
    let total: u64 = days
        .values()
        .flat_map(|day| day.as_object().unwrap().values())
        .map(|count| count.as_u64().unwrap())
        .sum();
    assert_eq!(total, turns);
    // The report of a desk has its share only.
    let ended = run(
        &project("knowledge"),
        &["report", "--json", "--desk", "jetro"],
    );
    let of_desk: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert!(of_desk["turns"].as_u64().unwrap() < turns);
    let used = of_desk["most_asked"].as_array().unwrap();
    assert!(
        used.iter().all(|entry| entry["desk"] == "jetro"),
        "{used:?}"
    );
    // A list of entries belongs to no desk; its entries do.
    let ended = run(
        &project("knowledge"),
        &["report", "--json", "--desk", "selas"],
    );
    let of_selas: Value = serde_json::from_str(&ended.stdout).unwrap();
    let leads_to = |report: &Value, text: &str| {
        let routes = report["rerouted"].as_array().unwrap();
        routes.iter().any(|route| route["text"] == text)
    };
    for (text, _) in MISROUTED {
        assert!(leads_to(&of_selas, text), "{text}: {of_selas:#}");
        assert!(!leads_to(&of_desk, text), "{text}: {of_desk:#}");
    }
    for report in [&of_selas, &of_desk] {
        assert_ne!(report["abandoned"], serde_json::json!([]));
    }
}

#[test]
fn the_report_is_a_page_a_table_and_text_in_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    for (language, title) in [("ja", "お問い合わせの記録"), ("en", "What members asked")] {
        let page = folder.path().join(format!("{language}.html"));
        let page = page.to_str().unwrap();
        run(
            &project("knowledge"),
            &["report", "--html", page, "--language", language],
        )
        .assert_code(0);
        let html = fs::read_to_string(page).unwrap();
        assert!(html.contains(title) && html.contains("<svg"), "{html}");
        for part in ["<script", "http://", "https://", "src="] {
            assert!(!html.contains(part), "{part} in the page");
        }
        assert!(html.contains("ハラール認証"));
        // Tens of thousands of turns, with a comma.
        let mut values = html.split("<dd>").filter_map(|rest| rest.get(..6));
        let has_comma = values.any(|value| value.as_bytes()[2] == b',');
        assert!(has_comma, "the number of turns");
        let text = run(&project("knowledge"), &["report", "--language", language]);
        text.assert_prints(&[title, "selas-join-business-meeting"]);
    }
    let csv = run(&project("knowledge"), &["report", "--csv"]);
    let table = csv
        .stdout
        .strip_prefix('\u{FEFF}')
        .expect("a byte order mark");
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let parts: std::collections::BTreeSet<String> = reader
        .records()
        .map(|row| row.unwrap()[0].to_owned())
        .collect();
    let expected = [
        "abandoned",
        "channel",
        "day",
        "escalation",
        "least_helpful",
        "most_asked",
        "outcome",
        "rerouted",
        "unanswered",
    ];
    for part in expected {
        assert!(parts.contains(part), "{part}: {parts:?}");
    }
}

#[test]
fn a_replay_shows_what_an_edit_changes() {
    let same = run(&project("knowledge"), &["replay", "--json"]);
    same.assert_code(0);
    let replay: Value = serde_json::from_str(&same.stdout).unwrap();
    assert_eq!(replay["changed"], serde_json::json!([]));
    assert!(
        replay["questions"].as_u64() > Some(900),
        "{}",
        replay["questions"]
    );
    // Without the entry, its questions lose their answer.
    let edited = tempfile::tempdir().unwrap();
    copy(&project("knowledge"), edited.path());
    let id = "id = \"selas-interpreter\"\n";
    let expired = format!("{id}valid_until = 2020-01-01\n");
    edit(&file_with(&edited.path().join("selas"), id), id, &expired);
    let ended = run(edited.path(), &["replay", "--language", "en"]);
    ended.assert_code(1);
    ended.assert_prints(&["lost", "selas-interpreter ->"]);
}

/// Returns the file of a folder that contains a text.
fn file_with(folder: &Path, text: &str) -> PathBuf {
    let files = fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|file| file.path());
    let mut files = files.filter(|file| fs::read_to_string(file).is_ok_and(|it| it.contains(text)));
    files.next().unwrap()
}

#[test]
fn proposals_hold_the_planted_phrasings_and_subjects_only_if_asked_often() {
    let ended = run(&project("knowledge"), &["propose", "--language", "en"]);
    ended.assert_code(0);
    let proposals: toml::Table = ended.stdout.parse().unwrap_or_else(|error| {
        panic!("{error}\n{}", ended.stdout);
    });
    let entries = proposals["entry"].as_array().unwrap();
    let texts = |entry: &toml::Value| -> Vec<String> {
        let variants = entry["variants"].as_array().unwrap().iter();
        let question = entry.get("question").into_iter();
        variants
            .chain(question)
            .map(|text| text.as_str().unwrap().to_owned())
            .collect()
    };
    let mut proposed = 0;
    for (text, id) in MISROUTED {
        let entry = entries
            .iter()
            .find(|entry| entry["id"].as_str() == Some(id));
        let found = entry.is_some_and(|entry| texts(entry).iter().any(|own| own == text));
        let is_refused = ended.stdout.contains(&format!("#   \"{text}\""));
        assert!(found || is_refused, "{text}:\n{}", ended.stdout);
        proposed += usize::from(found);
    }
    // The checks may refuse some of them, but not all.
    assert!(proposed > 0, "{}", ended.stdout);
    for subject in SUBJECTS {
        let is_stub = |entry: &toml::Value| {
            let texts = texts(entry);
            subject
                .iter()
                .all(|text| texts.iter().any(|own| own == text))
        };
        assert!(
            entries.iter().any(is_stub),
            "{subject:?}:\n{}",
            ended.stdout
        );
    }
}
