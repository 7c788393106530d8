//! Telegram says what the JSON API says: the same entry, links, table cells and contact points.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::telegram::Call;
use crate::support::telegram::bot::TestBot;

/// Removes what is about layout.
fn words(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '・')
        .collect()
}

fn check(answer: &Value, sent: &[Call]) {
    let last = sent.last().expect("a message");
    let text: String = sent
        .iter()
        .map(|call| call.text.as_str())
        .collect::<Vec<_>>()
        .join("\n");
    let links: Vec<&String> = sent.iter().flat_map(|call| &call.links).collect();
    let shown = words(&text);
    let has = |part: &str| assert!(shown.contains(&words(part)), "`{part}` is not in:\n{text}");
    has(answer["message"].as_str().unwrap());
    let entry = &answer["entry"];
    if entry.is_object() {
        let id = entry["id"].as_str().unwrap();
        assert_eq!(last.press("y:"), format!("y:{id}"));
        has(entry["source"]["section"].as_str().unwrap());
        for link in entry["links"].as_array().unwrap() {
            let url = link["url"].as_str().unwrap();
            match url
                .strip_prefix("mailto:")
                .or_else(|| url.strip_prefix("tel:"))
            {
                Some(address) => has(address),
                None => assert!(links.iter().any(|known| *known == url), "{url}: {links:?}"),
            }
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
            has(entry["answer"]["text"].as_str().unwrap());
        }
        for related in entry["related"].as_array().unwrap() {
            last.press(&format!("e:{}", related["id"].as_str().unwrap()));
        }
    }
    for choice in answer["suggestions"].as_array().unwrap() {
        last.press(&format!("e:{}", choice["id"].as_str().unwrap()));
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
    let bot = TestBot::start().await;
    let entries = app.json("/api/v1/entries").await;
    let mut tables = 0;
    for (chat, entry) in (1..).zip(entries["entries"].as_array().unwrap()) {
        let (id, question) = (&entry["id"], &entry["question"]);
        let answer = app.ask(&json!({ "question": question, "entry": id })).await;
        tables += cells(answer["entry"]["answer"]["html"].as_str().unwrap(), "td").len();
        bot.say(chat, &format!("/start {}", id.as_str().unwrap()));
        bot.next(chat, 0).await;
        check(&answer, &bot.sent_to(chat));
    }
    assert!(tables > 20, "{tables} cells of tables were compared");
}

#[tokio::test]
async fn every_outcome_is_the_same_as_in_the_api() {
    let app = TestApp::start().await;
    let bot = TestBot::start().await;
    for (chat, question) in (1..).zip([
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
        "<script>alert(1)</script> 解約 & \"退会\"",
    ]) {
        let answer = app.ask_question(question).await;
        let sent = bot.ask(chat, question).await;
        assert!(!sent.text.is_empty());
        check(&answer, &bot.sent_to(chat));
    }
}
