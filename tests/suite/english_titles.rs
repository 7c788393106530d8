//! English titles of entries: in every list in English, and nowhere in the search.

use std::sync::Arc;

use madoguchi::answer::{Assistant, Conversation, Question};
use madoguchi::knowledge::{KnowledgeBase, Language};
use serde_json::json;

use crate::discord::text;
use crate::support::app::{TestApp, encode};
use crate::support::discord::bot::TestBot as Discord;
use crate::support::discord::member::Member;
use crate::support::knowledge::{loaded, now, project, shipped};
use crate::support::telegram::bot::TestBot as Telegram;

const ID: &str = "selas-prorated-fee";
const TITLE: &str = "Is the fee prorated if I join or leave in the middle of a month?";

async fn page(app: &TestApp, path: &str) -> String {
    app.get(path).await.text().await.unwrap()
}

#[tokio::test]
async fn english_pages_list_titles_and_say_that_the_answer_is_in_japanese() {
    let app = TestApp::start().await;
    let knowledge = TestApp::knowledge();
    let entry = knowledge.entry(ID).unwrap();
    let home = page(&app, "/?lang=en").await;
    let category = entry.category.split('/').map(encode).collect::<Vec<_>>();
    let category = format!("/desks/selas/{}?lang=en", category.join("/"));
    for list in ["/desks/selas?lang=en", &category] {
        let list = page(&app, list).await;
        let link = format!("<a href=\"/entries/{ID}?lang=en\" lang=\"en\">{TITLE}</a>");
        assert!(list.contains(&link), "{list}");
        assert!(!list.contains(&entry.question), "{list}");
    }
    for entry in &knowledge.entries {
        assert!(entry.english_title.is_some(), "{}", entry.id);
        assert!(!home.contains(&entry.question), "{}", entry.id);
    }
    let own = page(&app, &format!("/entries/{ID}?lang=en")).await;
    for part in [
        &format!("<h1 lang=\"en\">{TITLE}</h1>"),
        &format!("<p class=\"original\" lang=\"ja\">{}</p>", entry.question),
        "This answer is in Japanese only",
        &entry.answer.html,
        &format!("<title>{TITLE} |"),
    ] {
        assert!(own.contains(part), "`{part}` is missing: {own}");
    }
    let japanese = page(&app, &format!("/entries/{ID}?lang=ja")).await;
    assert!(!japanese.contains(TITLE), "{japanese}");
    let found = page(&app, &format!("/search?q={}&lang=en", encode("日割り"))).await;
    assert!(found.contains(TITLE), "{found}");
}

#[tokio::test]
async fn english_pages_have_english_categories() {
    let app = TestApp::start().await;
    let knowledge = TestApp::knowledge();
    let home = page(&app, "/?lang=en").await;
    for entry in &knowledge.entries {
        let (title, language) = knowledge.category_title(entry, Language::English);
        assert_eq!(language, Language::English, "{}", entry.category);
        let category = entry.category.split('/').map(encode).collect::<Vec<_>>();
        let path = format!("/desks/{}/{}?lang=en", entry.desk, category.join("/"));
        let list = page(&app, &path).await;
        assert!(
            list.contains(&format!("<h1 lang=\"en\">{title}</h1>")),
            "{list}"
        );
        assert!(list.contains(&format!("<title>{title} | ")), "{list}");
        // The heading of the document stays below it.
        let heading = format!("<p class=\"original\" lang=\"ja\">{}</p>", entry.category);
        assert!(list.contains(&heading), "{list}");
        let own = page(&app, &format!("/entries/{}?lang=en", entry.id)).await;
        let desk = page(&app, &format!("/desks/{}?lang=en", entry.desk)).await;
        for listing in [&home, &desk, &own] {
            assert!(
                listing.contains(&format!(">{title}</a>")),
                "{title}: {listing}"
            );
        }
        assert!(!home.contains(&entry.category), "{home}");
        assert!(!page(&app, "/?lang=ja").await.contains(title));
        let entry = app.json(&format!("/api/v1/entries/{}", entry.id)).await;
        assert_eq!(entry["category_titles"]["en"], title);
    }
    let found = page(&app, &format!("/search?q={}&lang=en", encode("会員"))).await;
    assert!(
        found.contains("<span lang=\"en\">Membership types and registration</span>"),
        "{found}"
    );
}

#[tokio::test]
async fn the_bots_list_english_categories() {
    let telegram = Telegram::start().await;
    telegram.send_in("en", 7, "/topics");
    let offered = telegram.next(7, 0).await;
    let buttons = offered.buttons();
    let labels: Vec<&str> = buttons.iter().map(|(label, ..)| label.as_str()).collect();
    assert!(
        labels.iter().any(|label| label.starts_with("Applying")),
        "{labels:?}"
    );
    assert!(
        !labels.iter().any(|label| label.contains("応募")),
        "{labels:?}"
    );
}

#[tokio::test]
async fn the_api_has_the_titles_in_all_lists() {
    let app = TestApp::start().await;
    let entry = app.json(&format!("/api/v1/entries/{ID}")).await;
    assert_eq!(entry["titles"]["en"], TITLE);
    assert_eq!(
        entry["question"],
        TestApp::knowledge().entry(ID).unwrap().question
    );
    let asked = app.ask_question("会員").await;
    let suggested = app
        .json(&format!("/api/v1/suggest?q={}", encode("会員")))
        .await;
    let found = app
        .json(&format!("/api/v1/search?q={}", encode("会員")))
        .await;
    let chosen = app.ask(&json!({ "question": "？", "entry": ID })).await;
    for list in [
        &asked["suggestions"],
        &suggested["hits"],
        &found["hits"],
        &chosen["entry"]["related"],
    ] {
        let list = list.as_array().unwrap();
        assert!(!list.is_empty());
        for one in list {
            assert!(one["titles"]["en"].is_string(), "{one}");
            let has_category = one["category"].is_string();
            assert_eq!(
                one["category_titles"]["en"].is_string(),
                has_category,
                "{one}"
            );
        }
    }
    let answer = app
        .ask(&json!({ "question": "？", "entry": ID, "language": "en" }))
        .await;
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains(TITLE), "{message}");
}

#[tokio::test]
async fn the_bots_offer_titles_to_members_who_use_english() {
    let expected = |text: &str| {
        let titles = TestApp::knowledge().entries.iter();
        let titles = titles.filter_map(|entry| entry.english_title.as_deref());
        titles.filter(|title| text.contains(title)).count()
    };
    let telegram = Telegram::start().await;
    telegram.send_in("en", 7, "会員");
    let offered = telegram.next(7, 0).await;
    let buttons: Vec<String> = offered
        .buttons()
        .into_iter()
        .map(|(label, ..)| label)
        .collect();
    assert!(expected(&offered.text) > 1, "{}", offered.text);
    assert!(expected(&buttons.join("\n")) > 1, "{buttons:?}");
    let discord = Discord::start().await;
    let member = Member::new(1).with_locale("en-GB");
    let response = discord.ask(&member, "会員").await;
    let offered = text(&response.message).replace('\\', "");
    assert!(expected(&offered) > 1, "{offered}");
}

/// The same knowledge without titles gives the same answers with the same probabilities.
#[tokio::test]
async fn titles_do_not_change_the_answers() {
    let mut without: KnowledgeBase = (*loaded(&project("knowledge"))).clone();
    for entry in &mut without.entries {
        entry.english_title = None;
    }
    let opened = Assistant::open(Arc::new(without), None, None);
    let (without, _) = opened.expect("an index in memory");
    let now = now();
    for text in [
        TITLE,
        "Is the fee prorated",
        "What support does JETRO give?",
        "会員",
        "samples",
        "how are exports handled",
    ] {
        let question = Question {
            text,
            desk: None,
            language: Language::English,
        };
        let one = shipped()
            .answer(&question, Conversation::new(now), now)
            .await;
        let other = without.answer(&question, Conversation::new(now), now).await;
        assert_eq!(one.outcome.name(), other.outcome.name(), "{text}");
        assert_eq!(one.entry, other.entry, "{text}");
        assert_eq!(one.suggestions, other.suggestions, "{text}");
        assert!(
            (one.confidence - other.confidence).abs() < f32::EPSILON,
            "{text}"
        );
    }
}
