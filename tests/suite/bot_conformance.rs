//! Every channel shows the content of the JSON API: the same entry, links, table cells and contact points.

use serde_json::{Value, json};

use crate::discord::{presses, text};
use crate::support::app::TestApp;
use crate::support::telegram::Call;
use crate::support::{discord, line, telegram};

/// Questions with every outcome, and with characters that are markup somewhere.
const QUESTIONS: [&str; 15] = [
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
    "死にたい",
    "SELASの会費ってどう払うん？あと、うちの営業にもアカウント足したいんやけど",
    "通訳は用意しなきゃだめ？あと、明日の天気は？",
    "<@123> **解約** & \"退会\" ~~x~~ # y",
];

/// The visible content of an answer.
struct Shown {
    text: String,
    /// The links, where they are not part of the text.
    links: Option<Vec<String>>,
    /// The data of the buttons and menus.
    presses: Vec<String>,
}

impl Shown {
    fn by_telegram(sent: &[Call]) -> Self {
        let text: Vec<&str> = sent.iter().map(|call| call.text.as_str()).collect();
        let buttons = sent.iter().flat_map(Call::buttons);
        Self {
            text: text.join("\n"),
            links: Some(sent.iter().flat_map(|call| call.links.clone()).collect()),
            presses: buttons.map(|(_, _, data)| data).collect(),
        }
    }

    fn by_line(sent: &line::Sent) -> Self {
        Self {
            text: sent.text(),
            links: Some(sent.links()),
            presses: sent.presses(),
        }
    }

    fn by_discord(messages: &[Value]) -> Self {
        let texts: Vec<String> = messages.iter().map(text).collect();
        Self {
            text: texts.join("\n"),
            links: None,
            presses: messages.iter().flat_map(presses).collect(),
        }
    }

    #[track_caller]
    fn assert_has(&self, part: &Value) {
        let part = part.as_str().expect("a text");
        let is_there = words(&self.text).contains(&words(part));
        assert!(is_there, "`{part}` is not in:\n{}", self.text);
    }

    #[track_caller]
    fn assert_links_to(&self, url: &str) {
        let address = url.trim_start_matches("mailto:").trim_start_matches("tel:");
        match &self.links {
            Some(links) if address == url => {
                assert!(links.iter().any(|known| known == url), "{url}: {links:?}");
            }
            _ => self.assert_has(&json!(address)),
        }
    }

    #[track_caller]
    fn assert_button(&self, kind: &str, id: &Value) {
        let press = format!("{kind}:{}", id.as_str().expect("an id"));
        assert!(self.presses.contains(&press), "{press}: {:?}", self.presses);
    }
}

/// Removes white space and the marks of the layout.
fn words(text: &str) -> String {
    let is_layout = |c: char| matches!(c, '・' | '\u{200b}' | '`' | '-' | '*' | '>');
    text.chars()
        .filter(|c| !c.is_whitespace() && !is_layout(*c))
        .collect()
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

/// Checks the answer to each request of a message, and that they are in order.
fn check(answer: &Value, shown: &Shown) {
    let also = list(&answer["also"]);
    let mut rest = words(&shown.text);
    for one in [answer].into_iter().chain(&also) {
        check_one(one, shown);
        let asked = one["asked"].as_str().filter(|_| !also.is_empty());
        for part in asked.into_iter().chain(one["message"].as_str()) {
            let at = rest.find(&words(part));
            let at = at.unwrap_or_else(|| panic!("`{part}` is not in order:\n{}", shown.text));
            rest = rest.split_off(at);
        }
    }
}

fn check_one(answer: &Value, shown: &Shown) {
    shown.assert_has(&answer["message"]);
    let entry = &answer["entry"];
    if entry.is_object() {
        shown.assert_button("y", &entry["id"]);
        shown.assert_has(&entry["question"]);
        shown.assert_has(&entry["source"]["section"]);
        for link in list(&entry["links"]) {
            shown.assert_links_to(link["url"].as_str().unwrap());
            shown.assert_has(&link["label"]);
        }
        let html = entry["answer"]["html"].as_str().unwrap();
        for cell in [cells(html, "td"), cells(html, "th")].concat() {
            shown.assert_has(&json!(cell));
        }
        // Without a table or a link the text is shown as it is.
        if !html.contains("<table>") && list(&entry["links"]).is_empty() {
            shown.assert_has(&entry["answer"]["text"]);
        }
        for related in list(&entry["related"]) {
            shown.assert_button("e:0", &related["id"]);
        }
    }
    if !list(&answer["suggestions"]).is_empty() {
        let mut presses = shown.presses.iter();
        let has_way_out = presses.any(|press| press == "x" || press.starts_with("x:"));
        assert!(has_way_out, "no way out: {:?}", shown.presses);
    }
    for choice in list(&answer["suggestions"]) {
        shown.assert_button("e:0", &choice["id"]);
        shown.assert_has(&choice["question"]);
    }
    let escalation = &answer["escalation"];
    if escalation.is_object() {
        for point in list(&escalation["contact_points"]) {
            shown.assert_has(&point["label"]);
            shown.assert_has(&point["value"]);
            if point["hours"]["status"].is_string() {
                shown.assert_has(&point["hours"]["status"]);
            }
        }
        if !entry.is_object() {
            shown.assert_has(&escalation["draft"]["body"]);
        }
        // Telegram has no place for the subject.
        if !entry.is_object() && shown.links.is_none() {
            shown.assert_has(&escalation["draft"]["subject"]);
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

/// Compares every entry and every outcome of the API with the answers that `ask` and `choose` get from
/// a bot; each question is sent by another member. `ask` gets the number of messages to wait for.
async fn conforms(
    ask: impl AsyncFn(u64, &str, usize) -> Shown,
    choose: impl AsyncFn(u64, &str) -> Shown,
) {
    let app = TestApp::start().await;
    let entries = app.json("/api/v1/entries").await;
    let entries = entries["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 28);
    let mut tables = 0;
    for (member, entry) in (1..).zip(entries) {
        let (id, question) = (&entry["id"], &entry["question"]);
        let answer = app.ask(&json!({ "question": question, "entry": id })).await;
        tables += cells(answer["entry"]["answer"]["html"].as_str().unwrap(), "td").len();
        check(&answer, &choose(member, id.as_str().unwrap()).await);
    }
    assert!(tables > 20, "{tables} cells of tables were compared");
    let mut several = 0;
    for (member, question) in (101..).zip(QUESTIONS) {
        let answer = app.ask_question(question).await;
        let messages = 1 + list(&answer["also"]).len();
        several += messages - 1;
        check(&answer, &ask(member, question, messages).await);
    }
    assert!(several >= 2, "{several} further requests were compared");
}

/// Calls a tool of the Model Context Protocol and returns the text for the assistant.
async fn call_tool(app: &TestApp, arguments: &Value) -> String {
    let body = json!({
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "ask_faq", "arguments": arguments },
    });
    let request = app.request(reqwest::Method::POST, "/mcp").json(&body);
    let request = request.header("accept", "application/json, text/event-stream");
    let response: Value = request.send().await.unwrap().json().await.unwrap();
    let text = response["result"]["content"][0]["text"].as_str();
    text.unwrap_or_else(|| panic!("{response}")).to_owned()
}

#[tokio::test]
async fn mcp_shows_the_answers_of_the_api() {
    let app = TestApp::start().await;
    for question in QUESTIONS {
        let answer = app.ask_question(question).await;
        let text = call_tool(&app, &json!({ "question": question })).await;
        let also = list(&answer["also"]);
        for one in [&answer].into_iter().chain(&also) {
            check_markdown(one, &text);
        }
    }
    let entries = app.json("/api/v1/entries").await;
    for entry in list(&entries["entries"]) {
        let answer = json!({ "question": entry["question"] });
        let text = call_tool(&app, &answer).await;
        let markdown = entry["answer"]["markdown"].as_str().unwrap().trim();
        assert!(text.contains(markdown), "{text}");
    }
}

/// Checks that a text for an assistant has everything that the API returns.
fn check_markdown(answer: &Value, text: &str) {
    let has = |value: &Value| {
        let part = value.as_str().expect("a text").trim();
        let shown = text.replace("\n> ", "\n").replace("\n>", "\n");
        assert!(shown.contains(part), "`{part}` is not in:\n{text}");
    };
    has(&answer["message"]);
    let entry = &answer["entry"];
    if entry.is_object() {
        has(&entry["question"]);
        has(&entry["answer"]["markdown"]);
        has(&entry["source"]["section"]);
        for related in list(&entry["related"]) {
            has(&related["id"]);
            has(&related["question"]);
        }
    }
    for choice in list(&answer["suggestions"]) {
        has(&choice["id"]);
        has(&choice["question"]);
    }
    let escalation = &answer["escalation"];
    for point in list(&escalation["contact_points"]) {
        has(&point["label"]);
        has(&point["value"]);
        if point["url"].is_string() {
            has(&point["url"]);
        }
        if point["hours"].is_object() {
            has(&point["hours"]["status"]);
        }
    }
    if escalation.is_object() && !entry.is_object() && list(&answer["suggestions"]).is_empty() {
        has(&escalation["draft"]["subject"]);
        has(&escalation["draft"]["body"]);
    }
}

#[tokio::test]
async fn telegram_shows_the_answers_of_the_api() {
    let bot = telegram::bot::TestBot::start().await;
    let ask = async |chat: u64, text: &str, messages: usize| {
        let chat = chat.cast_signed();
        bot.ask(chat, text).await;
        bot.next(chat, messages - 1).await;
        Shown::by_telegram(&bot.sent_to(chat))
    };
    conforms(ask, async |chat, id| {
        ask(chat, &format!("/start {id}"), 1).await
    })
    .await;
}

#[tokio::test]
async fn discord_shows_the_answers_of_the_api_by_gateway_and_by_endpoint() {
    use discord::bot::TestBot;
    for bot in [TestBot::start().await, TestBot::start_endpoint().await] {
        let ask = async |member: u64, text: &str, messages: usize| {
            let answer = bot.ask(&discord::Member::new(member), text).await;
            let others = || {
                let sent = bot.fake.follow_ups(&answer.interaction);
                (sent.len() + 1 >= messages).then_some(sent)
            };
            let others = bot.fake.until("the further answers", others).await;
            let all: Vec<Value> = [answer.message.clone()].into_iter().chain(others).collect();
            Shown::by_discord(&all)
        };
        conforms(ask, async |member, id| {
            ask(member, &format!("entry:{id}"), 1).await
        })
        .await;
    }
}

#[tokio::test]
async fn line_shows_the_answers_of_the_api() {
    let bot = line::bot::TestBot::start().await;
    let ask = async |member: u64, text: &str, _: usize| {
        Shown::by_line(&bot.ask(&format!("U{member}"), text).await)
    };
    let choose = async |member: u64, id: &str| {
        let data = format!("e:0:{id}@{member:x}");
        Shown::by_line(&bot.press(&format!("U{member}"), &data).await)
    };
    conforms(ask, choose).await;
}

/// The reply to a press of the way out: the desk of what was offered.
#[tokio::test]
async fn none_of_the_choices_leads_to_their_desk_on_all_bots() {
    use discord::bot::TestBot;
    let assert_desk = |shown: &Shown| {
        shown.assert_has(&json!("SELAS 事務局"));
        shown.assert_has(&json!("下書き"));
        assert!(!shown.presses.iter().any(|press| press.starts_with("e:")));
    };
    let question = "会員";
    let app = TestApp::start().await;
    let offered = app.ask_question(question).await;
    assert_eq!(offered["outcome"], "suggested");
    let way_out = |presses: &[String]| {
        let mut presses = presses.iter();
        presses
            .find(|press| press.starts_with('x'))
            .expect("a way out")
            .clone()
    };

    let bot = telegram::bot::TestBot::start().await;
    let message = bot.ask(7, question).await;
    let presses: Vec<String> = message.buttons().into_iter().map(|it| it.2).collect();
    bot.press(7, 7, &message, &way_out(&presses));
    let reply = bot.next(7, 1).await;
    assert_desk(&Shown::by_telegram(&[reply]));
    bot.assert_counted(r#"madoguchi_answers_total{channel="telegram",outcome="escalated"} 1"#);

    let bot = line::bot::TestBot::start().await;
    let offered = bot.ask("U7", question).await;
    let reply = bot.press("U7", &way_out(&offered.data())).await;
    assert_desk(&Shown::by_line(&reply));
    bot.assert_counted(r#"madoguchi_answers_total{channel="line",outcome="escalated"} 1"#);

    for bot in [TestBot::start().await, TestBot::start_endpoint().await] {
        let who = discord::Member::new(7);
        let message = bot.ask(&who, question).await.message;
        let pressed = bot
            .press(&who, &message, &way_out(&crate::discord::presses(&message)))
            .await;
        assert!(pressed.is_ephemeral());
        assert_desk(&Shown::by_discord(&[pressed.message]));
    }
}
