//! Discord says what the JSON API says: the same entry, links, table cells and contact points.

use serde_json::{Value, json};

use crate::discord::{presses, text};
use crate::support::app::TestApp;
use crate::support::discord::Member;
use crate::support::discord::bot::TestBot;

/// Removes what is about layout.
fn words(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}' | '`' | '-' | '*' | '>'))
        .collect()
}

fn check(answer: &Value, message: &Value) {
    let text = text(message);
    let shown = words(&text);
    let has = |part: &str| assert!(shown.contains(&words(part)), "`{part}` is not in:\n{text}");
    let presses = presses(message);
    let press = |press: String| assert!(presses.contains(&press), "{press}: {presses:?}");
    has(answer["message"].as_str().unwrap());
    let entry = &answer["entry"];
    if entry.is_object() {
        press(format!("y:{}", entry["id"].as_str().unwrap()));
        has(entry["question"].as_str().unwrap());
        has(entry["source"]["section"].as_str().unwrap());
        for link in entry["links"].as_array().unwrap() {
            let url = link["url"].as_str().unwrap();
            let address = url.trim_start_matches("mailto:").trim_start_matches("tel:");
            has(address);
            has(link["label"].as_str().unwrap());
        }
        let html = entry["answer"]["html"].as_str().unwrap();
        for tag in ["td", "th"] {
            for cell in cells(html, tag) {
                has(&cell);
            }
        }
        // Where there is no table, the text stands as it is.
        if !html.contains("<table>") && entry["links"].as_array().unwrap().is_empty() {
            for line in entry["answer"]["text"].as_str().unwrap().lines() {
                has(line.trim_start_matches(['・', ' ']));
            }
        }
        for related in entry["related"].as_array().unwrap() {
            press(format!("e:0:{}", related["id"].as_str().unwrap()));
        }
    }
    for choice in answer["suggestions"].as_array().unwrap() {
        press(format!("e:0:{}", choice["id"].as_str().unwrap()));
        has(choice["question"].as_str().unwrap());
    }
    let escalation = &answer["escalation"];
    if escalation.is_object() {
        for point in escalation["contact_points"].as_array().unwrap() {
            has(point["label"].as_str().unwrap());
            has(point["value"].as_str().unwrap());
            if let Some(status) = point["hours"]["status"].as_str() {
                has(status);
            }
        }
        if !entry.is_object() {
            has(escalation["draft"]["subject"].as_str().unwrap());
            has(escalation["draft"]["body"].as_str().unwrap());
        }
    }
}

fn cells(html: &str, tag: &str) -> Vec<String> {
    let (start, end) = (format!("<{tag}"), format!("</{tag}>"));
    let parts = html.split(start.as_str()).skip(1);
    let cells = parts.filter_map(|part| part.split_once('>')?.1.split_once(end.as_str()));
    let cells = cells.map(|(cell, _)| cell.replace("&amp;", "&"));
    // `<thead>` begins as `<th>` does.
    let is_cell = |cell: &String| !cell.is_empty() && !cell.contains('<');
    cells.filter(is_cell).collect()
}

#[tokio::test]
async fn every_entry_is_the_same_as_in_the_api() {
    let app = TestApp::start().await;
    let entries = app.json("/api/v1/entries").await;
    for bot in [TestBot::start().await, TestBot::start_endpoint().await] {
        let (mut tables, mut compared) = (0, 0);
        for (member, entry) in (1..).zip(entries["entries"].as_array().unwrap()) {
            let (id, question) = (&entry["id"], &entry["question"]);
            let answer = app.ask(&json!({ "question": question, "entry": id })).await;
            tables += cells(answer["entry"]["answer"]["html"].as_str().unwrap(), "td").len();
            let value = format!("entry:{}", id.as_str().unwrap());
            let given = bot.ask(&Member::new(member), &value).await;
            check(&answer, &given.message);
            compared += 1;
        }
        assert_eq!(compared, 28);
        assert!(tables > 20, "{tables} cells of tables were compared");
    }
}

#[tokio::test]
async fn every_outcome_is_the_same_as_in_the_api() {
    let app = TestApp::start().await;
    for bot in [TestBot::start().await, TestBot::start_endpoint().await] {
        for (member, question) in (1..).zip([
            "有料会員をやめたい",
            "会員",
            "こんにちは",
            "担当者と話したい",
            "JETROの担当者と話したい",
            "領収書がほしい、SELASの",
            "明日の天気は",
            "会員番号がわからない",
            "<b>&amp;</b>",
            "？？？",
            "<@123> **解約** & \"退会\" ~~x~~ # y",
        ]) {
            let answer = app.ask_question(question).await;
            let given = bot.ask(&Member::new(member), question).await;
            check(&answer, &given.message);
        }
    }
}
