//! The shipped topics of a folder without small talk or out-of-scope subjects of its own, and the general
//! synonyms.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use madoguchi::answer::{Assistant, Conversation, Outcome, Reason};
use madoguchi::knowledge::load;
use tempfile::TempDir;

use crate::support::knowledge::{TODAY, assistant, base, now, question};
use crate::support::process::run;

/// Copies the base without its files of topics.
fn without_topics() -> TempDir {
    let folder = base();
    for name in ["small_talk.toml", "out_of_scope.toml"] {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    folder
}

/// Adds an entry to the library.
fn add_entry(folder: &Path, id: &str, asked: &str, answer: &str) {
    let entry = format!(
        "[[entry]]\nid = \"{id}\"\ncategory = \"そのほか\"\nquestion = \"{asked}\"\n\
         answer = \"{answer}\"\nsource = {{ document = \"図書館のしおり\", section = \"9\" }}\n"
    );
    fs::write(folder.join(format!("library/{id}.toml")), entry).unwrap();
}

/// Returns the outcome of a question, and the reason of an escalation or the id of an entry.
fn outcome(assistant: &Assistant, text: &str) -> String {
    let answer = assistant.answer_now(&question(text), Conversation::new(now()), now());
    let entry = answer.entry.map(|index| {
        let entry = &assistant.knowledge().entries[index];
        entry.id.to_string()
    });
    let reason = answer
        .escalation
        .as_ref()
        .map(|escalation| match escalation.reason {
            Reason::PersonRequested => "person".to_owned(),
            Reason::Complaint => "complaint".to_owned(),
            Reason::OutOfScope => "out of scope".to_owned(),
            _ => "other".to_owned(),
        });
    match (answer.outcome, entry.or(reason)) {
        (Outcome::SmallTalk, _) => "small talk".to_owned(),
        (Outcome::Suggested, _) => "suggested".to_owned(),
        (_, what) => what.unwrap_or_default(),
    }
}

#[test]
fn a_folder_without_topics_has_the_shipped_ones() {
    let folder = without_topics();
    let assistant = assistant(folder.path());
    for (text, expected) in [
        ("こんにちは", "small talk"),
        ("どうもありがとうございました", "small talk"),
        ("おやすみなさーい", "small talk"),
        ("あなたは誰ですか", "small talk"),
        ("人と話したい", "person"),
        ("オペレーターにつないでほしい", "person"),
        ("納得できない", "complaint"),
        ("今日の天気は？", "out of scope"),
        ("面白い冗談を言って", "out of scope"),
        ("Pythonのコードを書いて", "out of scope"),
        ("利用者カードをなくしました。", "library-lost-card"),
        ("プールの入場料はいくらですか？", "pool-fee"),
    ] {
        assert_eq!(outcome(&assistant, text), expected, "{text}");
    }
}

#[test]
fn an_empty_file_of_its_own_keeps_the_shipped_topics_out() {
    let folder = without_topics();
    let has = || {
        let knowledge = load(folder.path(), TODAY).into_result().unwrap();
        (
            !knowledge.small_talk.is_empty() && !knowledge.hand_offs.is_empty(),
            !knowledge.out_of_scope.is_empty(),
        )
    };
    assert_eq!(has(), (true, true));
    fs::write(folder.path().join("small_talk.toml"), "# なし\n").unwrap();
    assert_eq!(has(), (false, true));
    fs::write(folder.path().join("out_of_scope.toml"), "# なし\n").unwrap();
    assert_eq!(has(), (false, false));
}

#[test]
fn the_own_question_of_an_entry_wins_over_a_shipped_topic_with_a_warning() {
    let folder = without_topics();
    let (asked, answer) = ("どんな質問ができますか", "本のことなら何でもどうぞ。");
    add_entry(folder.path(), "library-questions", asked, answer);
    add_entry(
        folder.path(),
        "library-hours",
        "営業時間",
        "10時から18時までです。",
    );
    let ended = run(folder.path(), &["check"]);
    ended.assert_code(0);
    ended.assert_prints(&[
        "entry \"library-questions\" has the text `どんな質問ができますか`, as has the shipped small_talk \"capabilities\"",
        "entry \"library-hours\" has the text `営業時間`, as has the shipped hand_off \"telephone\"",
        "2 problems",
    ]);
    let assistant = assistant(folder.path());
    for (text, expected) in [
        ("どんな質問ができますか？", "library-questions"),
        ("営業時間", "library-hours"),
        ("何ができますか", "small talk"),
    ] {
        assert_eq!(outcome(&assistant, text), expected, "{text}");
    }
}

#[test]
fn a_subject_of_the_folder_is_not_out_of_scope() {
    let folder = without_topics();
    let asked = "天気予報の記録を調べられますか？";
    let answer = "気象台の天気予報の記録は二階にあります。";
    add_entry(folder.path(), "library-weather", asked, answer);
    let assistant = assistant(folder.path());
    for text in ["天気予報の記録", "昔の天気予報を調べたい"] {
        assert_ne!(outcome(&assistant, text), "out of scope", "{text}");
    }
}

#[test]
fn hours_of_an_entry_win_over_the_hours_of_the_desk() {
    let folder = without_topics();
    let hours = "平日は9時から19時まで、土曜と日曜は17時までです。";
    add_entry(folder.path(), "library-hours", "開館時間について", hours);
    let fee = "証明写真の機械は一回800円です。";
    add_entry(
        folder.path(),
        "library-photo",
        "証明写真の料金について",
        fee,
    );
    let assistant = assistant(folder.path());
    let offered = |text: &str| {
        let answer = assistant.answer_now(&question(text), Conversation::new(now()), now());
        let suggested = answer.suggestions.iter().map(|(entry, _)| *entry);
        let entries = answer.entry.into_iter().chain(suggested);
        let ids = entries.map(|entry| assistant.knowledge().entries[entry].id.to_string());
        ids.collect::<Vec<_>>()
    };
    for text in ["何時からやってますか", "日曜もやってますか", "営業時間は"]
    {
        assert!(
            offered(text).contains(&"library-hours".to_owned()),
            "{text}"
        );
    }
    assert_eq!(outcome(&assistant, "電話は何時まで"), "person");
    assert_eq!(
        outcome(&assistant, "何時まで待たせるんだ、対応がひどい"),
        "complaint"
    );
    // An entry that states no time is no answer to 何時.
    assert!(!offered("証明写真は何時から").contains(&"library-photo".to_owned()));
}

#[test]
fn a_question_in_kana_is_no_small_talk_for_its_letters() {
    let assistant = assistant(without_topics().path());
    for text in [
        "おやすみはいつですか",
        "きょうあいていますか",
        "こぴーきからどうやってだすの",
    ] {
        assert_ne!(outcome(&assistant, text), "small talk", "{text}");
    }
    for text in [
        "おやすみなさい",
        "ありがとうございました",
        "おはようございます",
    ] {
        assert_eq!(outcome(&assistant, text), "small talk", "{text}");
    }
    assert_eq!(outcome(&assistant, "ひととはなしたい"), "person");
}

#[test]
fn a_question_that_shares_no_word_with_the_folder_is_referred() {
    let assistant = assistant(without_topics().path());
    for text in ["庭木の剪定の時期", "瓦屋根の葺き替え"] {
        assert_eq!(outcome(&assistant, text), "other", "{text}");
    }
}

#[test]
fn the_ids_of_shipped_topics_are_free() {
    let folder = without_topics();
    let file = folder.path().join("library/card.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("library-donation", "complaint")).unwrap();
    let knowledge = load(folder.path(), TODAY).into_result().unwrap();
    assert!(
        knowledge
            .referrals
            .iter()
            .any(|topic| topic.id.as_str() == "complaint")
    );
}

#[test]
fn the_figures_of_the_entries_do_not_depend_on_shipped_topics() {
    let folder = without_topics();
    let with = assistant(folder.path());
    for name in ["small_talk.toml", "out_of_scope.toml"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    let without = assistant(folder.path());
    let probabilities = |assistant: &Arc<Assistant>, text: &str| {
        let answer = assistant.answer_now(&question(text), Conversation::new(now()), now());
        let ranking = answer.trace.expect("a ranking").ranking;
        ranking.entries().collect::<Vec<_>>()
    };
    for text in ["カードの作り方", "回数券の値段", "子どもはいくらで泳げる？"]
    {
        assert_eq!(
            probabilities(&with, text),
            probabilities(&without, text),
            "{text}"
        );
    }
}

#[test]
fn everyday_words_find_entries_in_official_words() {
    let folder = without_topics();
    let lexicon = folder.path().join("lexicon.toml");
    let _ = fs::remove_file(&lexicon);
    for (id, asked, answer) in [
        ("library-trial", "体験について", "一度だけ無料です。"),
        ("library-visitors", "見学について", "予約は不要です。"),
    ] {
        add_entry(folder.path(), id, asked, answer);
    }
    let reached = |text: &str| {
        let assistant = assistant(folder.path());
        let answer = assistant.answer_now(&question(text), Conversation::new(now()), now());
        let entries = answer.entry.into_iter();
        let mut entries = entries.chain(answer.suggestions.iter().map(|(entry, _)| *entry));
        let first = entries.next();
        first.map(|entry| assistant.knowledge().entries[entry].id.to_string())
    };
    let entry = reached("お試しできる？");
    assert_eq!(entry.as_deref(), Some("library-trial"));
    fs::write(&lexicon, "only_own_synonyms = true\n").unwrap();
    assert_eq!(reached("お試しできる？"), None);
}
