//! What a member says with a button: the answer helped, or it did not, or this entry is meant.

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

#[tokio::test]
async fn what_helped_is_thanked_for() {
    let app = TestApp::start().await;
    let answer = app.ask_question("有料会員をやめたい").await;
    let verdict = json!({ "answer_id": answer["answer_id"], "helpful": true, "language": "en" });
    let thanks = rate(&app, &verdict).await;
    assert_eq!(thanks["outcome"], "small_talk");
    assert!(thanks["message"].as_str().unwrap().starts_with("Thank you"));
}

#[tokio::test]
async fn what_did_not_help_leads_to_other_entries_and_then_to_the_desk() {
    let app = TestApp::start().await;
    let answer = app.ask_question("有料会員をやめたい").await;
    let mut id = answer["answer_id"].clone();
    let mut outcomes = Vec::new();
    for _ in 0..2 {
        let next = rate(&app, &json!({ "answer_id": id, "helpful": false })).await;
        id = next["answer_id"].clone();
        outcomes.push(next);
    }
    assert_eq!(outcomes[0]["outcome"], "suggested", "{}", outcomes[0]);
    assert!(!outcomes[0]["suggestions"].as_array().unwrap().is_empty());
    assert_eq!(outcomes[1]["outcome"], "escalated");
    assert_eq!(outcomes[1]["escalation"]["desk"], "selas");
    assert_eq!(outcomes[1]["escalation"]["reason"], "not_helpful");
}

#[tokio::test]
async fn the_same_verdict_again_is_no_second_one() {
    let app = TestApp::start().await;
    let answer = app.ask_question("有料会員をやめたい").await;
    let verdict = json!({ "answer_id": answer["answer_id"], "helpful": false });
    let first = rate(&app, &verdict).await;
    let again = rate(&app, &verdict).await;
    assert_eq!(first["outcome"], "suggested");
    assert_eq!(again["suggestions"], first["suggestions"], "{again}");
    let next = rate(
        &app,
        &json!({ "answer_id": again["answer_id"], "helpful": false }),
    )
    .await;
    assert_eq!(next["outcome"], "escalated", "{next}");
}

#[tokio::test]
async fn a_verdict_on_an_older_answer_is_about_that_one() {
    let app = TestApp::start().await;
    let older = app.ask_question("有料会員をやめたい").await;
    let newer = app
        .ask(&json!({ "question": "自治体の補助金は使えますか", "conversation": older["conversation"] }))
        .await;
    assert_eq!(newer["entry"]["desk"], "jetro", "{newer}");
    let verdict = json!({ "answer_id": older["answer_id"], "helpful": false });
    let next = rate(&app, &verdict).await;
    assert_eq!(next["outcome"], "suggested", "{next}");
    for suggestion in next["suggestions"].as_array().unwrap() {
        assert_eq!(suggestion["desk"], "selas", "{next}");
    }
    // The verdict on the newer one still counts.
    rate(
        &app,
        &json!({ "answer_id": newer["answer_id"], "helpful": true }),
    )
    .await;
    let metrics = app.get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("helpful=\"true\"} 1"), "{metrics}");
    assert!(metrics.contains("helpful=\"false\"} 1"), "{metrics}");
}

#[tokio::test]
async fn another_replica_understands_a_verdict() {
    let here = TestApp::start().await;
    let (there, elsewhere) = (TestApp::start().await, TestApp::start().await);
    let answer = here.ask_question("返金してもらえますか").await;
    assert_eq!(answer["entry"]["id"], "jetro-refund");
    let mut verdict = json!({ "answer_id": answer["answer_id"], "helpful": false });
    let by_name = rate(&there, &verdict).await;
    assert_eq!(by_name["escalation"]["desk"], "jetro", "{by_name}");
    verdict["conversation"] = answer["conversation"].clone();
    let by_token = rate(&elsewhere, &verdict).await;
    assert_eq!(by_token["escalation"]["desk"], "jetro", "{by_token}");
}

#[tokio::test]
async fn a_verdict_counts_once() {
    let app = TestApp::start().await;
    let answer = app.ask_question("有料会員をやめたい").await;
    let verdict = json!({ "answer_id": answer["answer_id"], "helpful": false, "comment": "違う" });
    rate(&app, &verdict).await;
    rate(&app, &verdict).await;
    let metrics = app.get("/metrics").await.text().await.unwrap();
    let line = "madoguchi_feedback_total{channel=\"web\",helpful=\"false\"} 1";
    assert!(metrics.contains(line), "{metrics}");
    let line = "madoguchi_answers_total{channel=\"web\",outcome=\"answered\"} 1";
    assert!(metrics.contains(line), "{metrics}");
}

#[tokio::test]
async fn a_verdict_that_cannot_be_read_is_a_problem_that_helps() {
    let app = TestApp::start().await;
    let id = app.ask_question("こんにちは").await["answer_id"].clone();
    for body in [
        json!({ "answer_id": "x", "helpful": true }),
        json!({ "answer_id": format!("{}9999999", id.as_str().unwrap()), "helpful": true }),
        json!({ "answer_id": format!("{}:<b>", id.as_str().unwrap()), "helpful": true }),
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
async fn an_entry_that_was_chosen_is_answered_whatever_the_words() {
    let app = TestApp::start().await;
    let question = "サンプルの受け渡しはどうしたらいいですか？";
    let chosen = json!({ "question": "？", "entry": "jetro-refund" });
    let answer = app.ask(&chosen).await;
    assert_eq!(answer["outcome"], "answered");
    assert_eq!(answer["entry"]["id"], "jetro-refund");
    for gone in ["selas-gone", "", "<b>", "selas sample"] {
        let answer = app
            .ask(&json!({ "question": question, "entry": gone }))
            .await;
        assert_eq!(answer["entry"]["id"], "selas-sample-delivery", "{gone}");
    }
}

#[test]
fn the_log_has_the_verdict_and_no_address() {
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
