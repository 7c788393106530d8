//! Buttons of the web channel: an answer helped or did not, or an entry was selected.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::app::{TestApp, problem};
use crate::support::knowledge::project;
use crate::support::process::Serving;

async fn send(app: &TestApp, body: &Value) -> Response {
    let request = app.request(Method::POST, "/api/v1/feedback").json(body);
    request.send().await.unwrap()
}

async fn rate(app: &TestApp, body: &Value) -> Value {
    let response = send(app, body).await;
    assert_eq!(response.status(), 200, "{body}");
    response.json().await.unwrap()
}

/// Sends a verdict on an answer, without the conversation token.
async fn vote(app: &TestApp, answer: &Value, helpful: bool) -> Value {
    let verdict = json!({ "answer_id": answer["answer_id"], "helpful": helpful });
    rate(app, &verdict).await
}

/// Checks that the metrics contain a line.
async fn assert_counted(app: &TestApp, line: &str) {
    let metrics = app.get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains(line), "`{line}` is missing: {metrics}");
}

#[tokio::test]
async fn a_helpful_answer_is_followed_by_thanks() {
    let app = TestApp::start().await;
    let answer = app.ask_question("有料会員をやめたい").await;
    let verdict = json!({ "answer_id": answer["answer_id"], "helpful": true, "language": "en" });
    let thanks = rate(&app, &verdict).await;
    assert_eq!(thanks["outcome"], "small_talk");
    assert!(thanks["message"].as_str().unwrap().starts_with("Thank you"));
}

#[tokio::test]
async fn answers_that_did_not_help_lead_to_suggestions_and_then_to_the_desk() {
    let app = TestApp::start().await;
    for is_repeated in [false, true] {
        let answer = app.ask_question("有料会員になると何ができますか").await;
        let first = vote(&app, &answer, false).await;
        assert_eq!(first["outcome"], "suggested", "{first}");
        let suggestions = first["suggestions"].as_array().unwrap();
        assert!(!suggestions.is_empty());
        // They were not shown with the answer, and the desk stands beside them.
        let related = answer["entry"]["related"].as_array().unwrap();
        for suggestion in suggestions {
            assert!(!related.iter().any(|shown| shown["id"] == suggestion["id"]));
        }
        assert_eq!(first["escalation"]["desk"], "selas", "{first}");
        if is_repeated {
            // A repeated verdict does not count as a second one.
            let repeated = vote(&app, &answer, false).await;
            assert_eq!(repeated["escalation"]["desk"], "selas", "{repeated}");
        }
        let second = vote(&app, &first, false).await;
        assert_eq!(second["outcome"], "escalated", "{second}");
        assert_eq!(second["escalation"]["desk"], "selas");
        assert_eq!(second["escalation"]["reason"], "not_helpful");
    }
}

#[tokio::test]
async fn an_answer_without_further_questions_that_did_not_help_leads_to_the_desk() {
    let app = TestApp::start().await;
    let answer = app.ask_question("有料会員をやめたい").await;
    let next = vote(&app, &answer, false).await;
    assert_eq!(next["outcome"], "escalated", "{next}");
    assert_eq!(next["escalation"]["desk"], "selas");
}

#[tokio::test]
async fn a_verdict_on_an_older_answer_refers_to_that_answer() {
    let app = TestApp::start().await;
    let older = app.ask_question("有料会員になると何ができますか").await;
    let newer = app
        .ask(&json!({ "question": "自治体の補助金は使えますか", "conversation": older["conversation"] }))
        .await;
    assert_eq!(newer["entry"]["desk"], "jetro", "{newer}");
    let next = vote(&app, &older, false).await;
    assert_eq!(next["escalation"]["desk"], "selas", "{next}");
    // The verdict on the newer answer still counts.
    vote(&app, &newer, true).await;
    assert_counted(&app, "helpful=\"true\"} 1").await;
    assert_counted(&app, "helpful=\"false\"} 1").await;
}

#[tokio::test]
async fn another_replica_processes_a_verdict() {
    let here = TestApp::start().await;
    let (there, elsewhere) = (TestApp::start().await, TestApp::start().await);
    let answer = here.ask_question("返金してもらえますか").await;
    assert_eq!(answer["entry"]["id"], "jetro-refund");
    let mut verdict = json!({ "answer_id": answer["answer_id"], "helpful": false });
    let by_id = rate(&there, &verdict).await;
    assert_eq!(by_id["escalation"]["desk"], "jetro", "{by_id}");
    verdict["conversation"] = answer["conversation"].clone();
    let by_token = rate(&elsewhere, &verdict).await;
    assert_eq!(by_token["escalation"]["desk"], "jetro", "{by_token}");
}

#[tokio::test]
async fn a_verdict_is_counted_once() {
    let app = TestApp::start().await;
    let answer = app.ask_question("有料会員をやめたい").await;
    let verdict = json!({ "answer_id": answer["answer_id"], "helpful": false, "comment": "違う" });
    rate(&app, &verdict).await;
    rate(&app, &verdict).await;
    for line in [
        "madoguchi_feedback_total{channel=\"web\",helpful=\"false\"} 1",
        "madoguchi_answers_total{channel=\"web\",outcome=\"answered\"} 1",
    ] {
        assert_counted(&app, line).await;
    }
}

#[tokio::test]
async fn a_verdict_on_an_answer_that_was_never_given_is_not_counted() {
    let app = TestApp::start().await;
    let answer = app.ask_question("有料会員をやめたい").await;
    let id = answer["answer_id"].as_str().unwrap();
    let other_turn = id.replacen("-1.", "-2.", 1);
    assert_ne!(other_turn, id);
    let invented = "0b5d4f38-3a41-4cbb-9c52-3d1f2d1c7a10-1:selas-payment-method";
    for forged in [&*other_turn, invented] {
        let next = rate(&app, &json!({ "answer_id": forged, "helpful": true })).await;
        assert_eq!(next["outcome"], "small_talk", "{next}");
    }
    let metrics = app.get("/metrics").await.text().await.unwrap();
    assert!(!metrics.contains("madoguchi_feedback_total{"), "{metrics}");
    rate(&app, &json!({ "answer_id": id, "helpful": true })).await;
    assert_counted(&app, "helpful=\"true\"} 1").await;
}

#[tokio::test]
async fn an_invalid_verdict_is_refused() {
    let app = TestApp::start().await;
    let answer = app.ask_question("こんにちは").await;
    let id = answer["answer_id"].as_str().unwrap();
    for body in [
        json!({ "answer_id": "x", "helpful": true }),
        json!({ "answer_id": format!("{id}9999999"), "helpful": true }),
        json!({ "answer_id": format!("{id}:<b>"), "helpful": true }),
        json!({ "answer_id": id, "helpful": "yes" }),
        json!({ "answer_id": id }),
        json!({ "answer_id": id, "helpful": true, "comment": " " }),
        json!({ "answer_id": id, "helpful": true, "comment": "長".repeat(1_001) }),
        json!({ "answer_id": id, "helpful": true, "stars": 5 }),
    ] {
        problem(send(&app, &body).await, 422).await;
    }
}

#[tokio::test]
async fn a_selected_entry_answers_any_question() {
    let app = TestApp::start().await;
    let question = "サンプルの受け渡しはどうしたらいいですか？";
    let chosen = json!({ "question": "？", "entry": "jetro-refund" });
    let answer = app.ask(&chosen).await;
    assert_eq!(answer["outcome"], "answered");
    assert_eq!(answer["entry"]["id"], "jetro-refund");
    for gone in ["selas-gone", "", "<b>", "selas sample"] {
        let unknown = json!({ "question": question, "entry": gone });
        let answer = app.ask(&unknown).await;
        assert_eq!(answer["entry"]["id"], "selas-sample-delivery", "{gone}");
    }
}

#[test]
fn the_log_contains_the_verdict_with_its_comment_masked() {
    let mut serving = Serving::start(&project("knowledge"), &[("RUST_LOG", "info")]);
    let answer = serving.ask("有料会員をやめたい");
    let comment = "taro@example.jp か 090-1234-5678 へ";
    let body = json!({ "answer_id": answer["answer_id"], "helpful": false, "comment": comment });
    serving.post("/api/v1/feedback", &body);
    let logged = serving.wait_for("feedback");
    assert_eq!(logged["answer_id"], answer["answer_id"]);
    assert_eq!(logged["is_helpful"], false);
    assert_eq!(logged["entry"], "selas-cancel-paid-membership");
    assert_eq!(logged["comment"], "*** か *** へ");
}
