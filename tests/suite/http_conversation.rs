//! Conversations over HTTP: the token carries the context, without words of the member, and is
//! validated.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::support::app::TestApp;

async fn follow_up(app: &TestApp, question: &str, before: &Value) -> Value {
    let token = before["conversation"].as_str().expect("a token");
    app.ask(&json!({ "question": question, "conversation": token }))
        .await
}

#[tokio::test]
async fn a_conversation_continues_with_its_newest_or_its_first_token() {
    let app = TestApp::start().await;
    for sends_newest in [true, false] {
        let first = app.ask_question("有料会員になると何ができますか").await;
        assert_eq!(first["outcome"], "answered");
        let second = follow_up(&app, "役に立たなかった", &first).await;
        assert_eq!(second["outcome"], "suggested", "{second}");
        assert!(!second["suggestions"].as_array().unwrap().is_empty());
        let before = if sends_newest { &second } else { &first };
        let third = follow_up(&app, "役に立たなかった", before).await;
        assert_eq!(third["outcome"], "escalated", "{third}");
        assert_eq!(third["escalation"]["reason"], "not_helpful");
        assert_eq!(third["escalation"]["desk"], "selas");
    }
}

#[tokio::test]
async fn a_suggestion_can_be_chosen_by_number_on_another_replica() {
    let (here, there) = (TestApp::start().await, TestApp::start().await);
    let first = here.ask_question("有料会員になると何ができますか").await;
    let second = follow_up(&here, "役に立たなかった", &first).await;
    let offered = second["suggestions"][0]["id"].as_str().expect("an id");
    let third = follow_up(&there, "1", &second).await;
    assert_eq!(third["outcome"], "answered", "{third}");
    assert_eq!(third["entry"]["id"], offered);
}

#[tokio::test]
async fn a_conversation_expires_after_half_an_hour() {
    let app = TestApp::start().await;
    let first = app.ask_question("有料会員になると何ができますか").await;
    app.advance(SignedDuration::from_mins(29));
    let second = follow_up(&app, "役に立たなかった", &first).await;
    assert_eq!(second["outcome"], "suggested", "{second}");
    app.advance(SignedDuration::from_mins(31));
    let late = follow_up(&app, "役に立たなかった", &second).await;
    assert_eq!(late["outcome"], "escalated", "{late}");
    assert_eq!(late["escalation"]["desk"], Value::Null);
    let id = |answer: &Value| {
        let token = answer["conversation"].as_str().unwrap();
        token.split('.').next().unwrap().to_owned()
    };
    assert_eq!(id(&first), id(&second));
    assert_ne!(id(&second), id(&late), "it is another conversation");
}

#[tokio::test]
async fn a_malformed_token_starts_a_new_conversation() {
    let app = TestApp::start().await;
    for token in ["", "x", "会話", "a.b", &"x".repeat(5_000)] {
        let body = json!({ "question": "有料会員になると何ができますか", "conversation": token });
        let answer = app.ask(&body).await;
        assert_eq!(answer["outcome"], "answered", "{token}");
        assert_ne!(answer["conversation"], token);
    }
}

#[tokio::test]
async fn a_token_contains_no_words_of_the_member() {
    use base64::Engine;
    let app = TestApp::start().await;
    let answer = app
        .ask_question("有料会員になると何ができますか taro@example.jp")
        .await;
    let token = answer["conversation"].as_str().unwrap();
    let state = token.split('.').nth(1).expect("a state");
    let state = base64::prelude::BASE64_URL_SAFE_NO_PAD
        .decode(state)
        .unwrap();
    let state = String::from_utf8(state).unwrap();
    assert!(state.is_ascii() && !state.contains("taro"), "{state}");
}
