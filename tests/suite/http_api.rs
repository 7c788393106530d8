//! The JSON API: every route does what the document says, over real HTTP.

use madoguchi::channels::http::Options;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::app::{TestApp, encode};

/// Every route, with a path that works.
const ROUTES: &[(&str, &str, &str)] = &[
    ("post", "/api/v1/ask", "/api/v1/ask"),
    ("get", "/api/v1/desks", "/api/v1/desks"),
    ("get", "/api/v1/entries", "/api/v1/entries"),
    (
        "get",
        "/api/v1/entries/{id}",
        "/api/v1/entries/selas-sample-delivery",
    ),
    ("get", "/api/v1/explain", "/api/v1/explain?q=kaihi"),
    ("post", "/api/v1/feedback", "/api/v1/feedback"),
    ("get", "/api/v1/search", "/api/v1/search?q=kaihi"),
    ("get", "/api/v1/suggest", "/api/v1/suggest?q=kaihi"),
    ("get", "/livez", "/livez"),
    ("get", "/metrics", "/metrics"),
    ("get", "/openapi.json", "/openapi.json"),
    ("get", "/readyz", "/readyz"),
];

fn keys(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    let mut keys: Vec<&str> = object.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

#[tokio::test]
async fn an_answer_has_every_key_of_the_contract() {
    let app = TestApp::start().await;
    let answer = app.ask_question("有料会員をやめたい").await;
    assert_eq!(answer["outcome"], "answered", "{answer}");
    assert_eq!(
        keys(&answer),
        [
            "answer_id",
            "confidence",
            "conversation",
            "entry",
            "escalation",
            "message",
            "outcome",
            "suggestions"
        ]
    );
    let entry = &answer["entry"];
    assert_eq!(entry["id"], "selas-cancel-paid-membership");
    assert_eq!(
        keys(entry),
        [
            "answer", "category", "desk", "id", "links", "question", "related", "source"
        ]
    );
    assert_eq!(keys(&entry["answer"]), ["html", "markdown", "text"]);
    assert_eq!(keys(&entry["source"]), ["document", "section"]);
    assert_eq!(keys(&entry["links"][0]), ["label", "url"]);
    assert_eq!(keys(&entry["related"][0]), ["id", "question"]);
    assert_eq!(answer["suggestions"], json!([]));
    let confidence = answer["confidence"].as_f64().expect("a number");
    assert!((0.5..=1.0).contains(&confidence), "{confidence}");
    let id = answer["answer_id"].as_str().expect("text");
    let conversation = answer["conversation"].as_str().expect("text");
    let (conversation, _) = conversation.split_once('.').expect("a token");
    assert_eq!(id, format!("{conversation}-1:selas-cancel-paid-membership"));
}

#[tokio::test]
async fn every_entrys_question_is_answered_with_the_entry_and_found_first() {
    let app = TestApp::start().await;
    for entry in &TestApp::knowledge().entries {
        let answer = app.ask_question(&entry.question).await;
        assert_eq!(answer["outcome"], "answered", "{}: {answer}", entry.id);
        assert_eq!(answer["entry"]["id"], entry.id.as_str());
        let path = format!("/api/v1/search?q={}", encode(&entry.question));
        let found = app.json(&path).await;
        assert_eq!(found["hits"][0]["id"], entry.id.as_str(), "{found}");
    }
}

#[tokio::test]
async fn whoever_wants_a_person_is_led_to_every_desk() {
    let app = TestApp::start().await;
    let answer = app.ask_question("担当者と話したい").await;
    assert_eq!(answer["outcome"], "escalated");
    assert_eq!(answer["entry"], Value::Null);
    let escalation = &answer["escalation"];
    assert_eq!(
        keys(escalation),
        ["contact_points", "desk", "draft", "reason"]
    );
    assert_eq!(escalation["desk"], Value::Null);
    assert_eq!(escalation["reason"], "person_requested");
    assert_eq!(keys(&escalation["draft"]), ["body", "subject"]);
    let points = escalation["contact_points"].as_array().expect("a list");
    for point in points {
        assert_eq!(
            keys(point),
            ["desk", "hours", "id", "kind", "label", "url", "value"]
        );
    }
    let of = |id: &str| {
        let mut points = points.iter();
        points.find(|point| point["id"] == id).expect(id)
    };
    assert_eq!(of("selas-inquiry-form")["desk"], "selas");
    assert_eq!(of("selas-inquiry-form")["hours"], Value::Null);
    let telephone = of("jetro-consortium-telephone");
    assert_eq!(telephone["url"], "tel:+81335828333");
    let hours = &telephone["hours"];
    assert_eq!(
        keys(hours),
        ["closes_at", "open", "opens_at", "status", "text"]
    );
    // The clock stands on a Sunday before a holiday.
    assert_eq!(hours["open"], false);
    assert_eq!(hours["opens_at"], "2026-11-24T09:00:00+09:00");
    assert_eq!(hours["closes_at"], Value::Null);
}

#[tokio::test]
async fn the_language_is_the_bodys_then_the_headers_then_japanese() {
    let app = TestApp::start().await;
    let message = async |language: Option<&str>, header: Option<&str>| {
        let mut body = json!({ "question": "担当者と話したい" });
        if let Some(language) = language {
            body["language"] = language.into();
        }
        let mut request = app.request(Method::POST, "/api/v1/ask").json(&body);
        if let Some(header) = header {
            request = request.header("accept-language", header);
        }
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["message"].as_str().unwrap().to_owned()
    };
    let japanese = message(None, None).await;
    let english = message(Some("en"), None).await;
    assert!(japanese.contains("窓口"), "{japanese}");
    assert!(english.contains("desk"), "{english}");
    assert_eq!(message(None, Some("en-US,en;q=0.9")).await, english);
    assert_eq!(message(Some("ja"), Some("en")).await, japanese);
    assert_eq!(message(None, Some("ja,en;q=0.5")).await, japanese);
}

#[tokio::test]
async fn a_search_pages_through_what_matched_and_marks_it() {
    let app = TestApp::start().await;
    let path = format!("/api/v1/search?q={}", encode("有料会員"));
    let all = app.json(&path).await;
    assert_eq!(keys(&all), ["hits", "query", "total"]);
    assert_eq!(all["query"], "有料会員");
    let hits = all["hits"].as_array().expect("a list");
    let total = all["total"].as_u64().expect("a number");
    assert!(hits.len() <= 10 && total >= hits.len() as u64, "{all}");
    assert_eq!(
        keys(&hits[0]),
        [
            "category",
            "desk",
            "id",
            "question",
            "question_html",
            "score",
            "snippet_html"
        ]
    );
    let html = hits[0]["question_html"].as_str().expect("text");
    assert!(html.contains("<mark>有料"), "{html}");

    let second = app.json(&format!("{path}&limit=1&offset=1")).await;
    assert_eq!(second["hits"], json!([hits[1]]));
    assert_eq!(second["total"], total);
    let beyond = app.json(&format!("{path}&offset=1000000")).await;
    assert_eq!(beyond["hits"], json!([]));
    let other = app.json(&format!("{path}&desk=jetro&limit=50")).await;
    for hit in other["hits"].as_array().expect("a list") {
        assert_eq!(hit["desk"], "jetro");
    }
    let suggested = app
        .json(&format!("/api/v1/suggest?q={}", encode("有料会員")))
        .await;
    let suggested = suggested["hits"].as_array().expect("a list");
    assert!(
        suggested.len() > 1 && hits.starts_with(suggested),
        "{suggested:?}"
    );
}

#[tokio::test]
async fn entries_are_listed_whole_and_one_by_one() {
    let app = TestApp::start().await;
    let list = app.json("/api/v1/entries").await;
    let entries = list["entries"].as_array().expect("a list");
    assert_eq!(entries.len(), TestApp::knowledge().entries.len());
    for entry in entries {
        let id = entry["id"].as_str().expect("text");
        assert_eq!(app.json(&format!("/api/v1/entries/{id}")).await, *entry);
    }
    let product = app.json("/api/v1/entries/selas-product-registration").await;
    let html = product["answer"]["html"].as_str().expect("text");
    assert!(html.contains("<table>"), "{html}");
}

#[tokio::test]
async fn knowledge_that_the_client_has_is_not_sent_again() {
    let app = TestApp::start().await;
    for path in [
        "/api/v1/entries",
        "/api/v1/entries/selas-sample-delivery",
        "/openapi.json",
    ] {
        let response = app.get(path).await;
        let tag = response.headers()["etag"].to_str().unwrap().to_owned();
        let strong = tag.strip_prefix("W/").unwrap_or_else(|| panic!("{tag}"));
        assert!(strong.starts_with('"') && strong.len() > 20, "{tag}");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        let listed = format!("\"x\", {tag}");
        for sent in [tag.clone(), strong.to_owned(), listed, "*".to_owned()] {
            let request = app
                .request(Method::GET, path)
                .header("if-none-match", &sent);
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{path} {sent}");
            assert_eq!(response.headers()["etag"], tag);
            assert!(response.bytes().await.unwrap().is_empty());
        }
        let request = app
            .request(Method::GET, path)
            .header("if-none-match", "\"x\"");
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    }
}

#[tokio::test]
async fn desks_are_open_and_closed_as_the_calendar_says() {
    let app = TestApp::start().await;
    for (at, open, change) in [
        (
            "2026-11-24T09:00:00+09:00",
            true,
            "2026-11-24T12:00:00+09:00",
        ),
        (
            "2026-11-24T12:00:00+09:00",
            false,
            "2026-11-24T13:00:00+09:00",
        ),
        (
            "2026-11-24T17:00:00+09:00",
            false,
            "2026-11-25T09:00:00+09:00",
        ),
        (
            "2026-11-23T10:00:00+09:00",
            false,
            "2026-11-24T09:00:00+09:00",
        ),
        (
            "2026-05-01T18:00:00+09:00",
            false,
            "2026-05-07T09:00:00+09:00",
        ),
        (
            "2026-05-07T08:59:59+09:00",
            false,
            "2026-05-07T09:00:00+09:00",
        ),
        (
            "2026-09-18T17:00:00+09:00",
            false,
            "2026-09-24T09:00:00+09:00",
        ),
        (
            "2027-03-19T20:00:00+09:00",
            false,
            "2027-03-23T09:00:00+09:00",
        ),
        // The same instant in another zone.
        ("2026-11-24T00:00:00Z", true, "2026-11-24T12:00:00+09:00"),
    ] {
        // A plus sign that nobody encoded arrives as a space, and is meant as it was written.
        for at in [at.to_owned(), encode(at)] {
            let list = app.json(&format!("/api/v1/desks?at={at}")).await;
            let desks = list["desks"].as_array().expect("a list");
            let ids: Vec<&str> = desks
                .iter()
                .filter_map(|desk| desk["id"].as_str())
                .collect();
            assert_eq!(ids, ["alibaba", "jetro", "selas"]);
            assert_eq!(
                keys(&desks[1]),
                ["contact_points", "id", "name", "programme"]
            );
            let points = desks[1]["contact_points"].as_array().expect("a list");
            let mut telephones = points.iter().filter(|point| point["kind"] == "telephone");
            let hours = &telephones.next().expect("a telephone")["hours"];
            assert_eq!(hours["open"], open, "{at}: {hours}");
            let (is, is_not) = if open {
                ("closes_at", "opens_at")
            } else {
                ("opens_at", "closes_at")
            };
            assert_eq!(hours[is], change, "{at}");
            assert_eq!(hours[is_not], Value::Null, "{at}");
        }
    }
    // Without `at` it is the clock's time, a Sunday.
    let list = app.json("/api/v1/desks?language=en").await;
    let hours = &list["desks"][1]["contact_points"][0]["hours"];
    assert_eq!(hours["opens_at"], "2026-11-24T09:00:00+09:00");
    assert!(
        hours["status"].as_str().unwrap().starts_with("Closed"),
        "{hours}"
    );
}

#[tokio::test]
async fn an_explanation_shows_every_step() {
    let app = TestApp::start().await;
    let path = format!("/api/v1/explain?q={}", encode("有料会員をやめたい"));
    let explained = app.json(&path).await;
    assert_eq!(
        keys(&explained),
        [
            "confidence",
            "decision",
            "escalation",
            "evidence",
            "is_kana",
            "masses",
            "normalized",
            "nothing",
            "outcome",
            "reading",
            "subjects",
            "thresholds",
            "tokens",
            "words"
        ]
    );
    assert_eq!(explained["decision"], "answer");
    assert_eq!(explained["outcome"], "answered");
    assert_eq!(explained["is_kana"], false);
    assert_eq!(
        keys(&explained["tokens"][0]),
        ["base", "kept", "part_of_speech", "reading", "surface"]
    );
    assert_eq!(keys(&explained["words"][0]), ["term", "weight"]);
    let best = &explained["subjects"][0];
    assert_eq!(best["id"], "selas-cancel-paid-membership");
    assert_eq!(
        keys(best),
        [
            "exact",
            "id",
            "kind",
            "matched",
            "nearest",
            "parts",
            "phrase",
            "probability"
        ]
    );
    let path = format!("/api/v1/explain?q={}", encode("担当者と話したい"));
    let explained = app.json(&path).await;
    let escalation = json!({ "desk": null, "reason": "person_requested", "why": "unclear" });
    assert_eq!(explained["escalation"], escalation);
    let explained = app.json(&format!("{path}&desk=selas")).await;
    let escalation = json!({ "desk": "selas", "reason": "person_requested", "why": "chosen" });
    assert_eq!(explained["escalation"], escalation);
}

#[tokio::test]
async fn every_route_is_described_in_openapi_3_1() {
    let app = TestApp::start().await;
    let document = app.json("/openapi.json").await;
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().expect("an object");
    let mut described: Vec<(&str, &str)> = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("an object") {
            described.push((method, path));
            let responses = operation["responses"].as_object().expect("an object");
            for (status, response) in responses {
                // OpenAPI 3.1 requires it.
                assert!(response["description"].is_string(), "{path} {status}");
            }
        }
    }
    let mut expected: Vec<(&str, &str)> = ROUTES
        .iter()
        .map(|(method, path, _)| (*method, *path))
        .collect();
    described.sort_unstable();
    expected.sort_unstable();
    assert_eq!(described, expected);
    for (method, _, path) in ROUTES {
        let status = if *method == "post" {
            app.post(&json!({ "question": "会費" })).await.status()
        } else {
            app.get(path).await.status()
        };
        assert_eq!(status, StatusCode::OK, "{method} {path}");
    }
    // Every reference leads somewhere, and what is never left out is required.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().expect("a pointer");
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
    let schemas = &document["components"]["schemas"];
    let required = schemas["AskResponse"]["required"]
        .as_array()
        .expect("a list");
    assert_eq!(required.len(), 8, "{required:?}");
    assert_eq!(schemas["AskRequest"]["required"], json!(["question"]));
}

#[tokio::test]
async fn the_documentation_page_needs_nothing_from_elsewhere() {
    let app = TestApp::start().await;
    let response = app.get("/docs").await;
    assert!(response.status().is_redirection());
    let page = app.get("/docs/").await;
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.headers().get("content-security-policy").is_none());
    let html = page.text().await.unwrap();
    assert!(html.contains("swagger-ui-bundle.js"), "{html}");
    for attribute in ["src=\"", "href=\""] {
        for target in html.split(attribute).skip(1) {
            assert!(
                target.starts_with("./") || !target.contains("//"),
                "{target}"
            );
            let name = target.split('"').next().unwrap().trim_start_matches("./");
            let status = app.get(&format!("/docs/{name}")).await.status();
            assert_eq!(status, StatusCode::OK, "{name}");
        }
    }
    let script = app.get("/docs/swagger-initializer.js").await;
    let script = script.text().await.unwrap();
    assert!(script.contains("/openapi.json"), "{script}");
    assert!(script.contains("\"validatorUrl\": \"none\""), "{script}");
    assert!(!script.contains("https://"), "{script}");
}

#[tokio::test]
async fn it_is_ready_even_while_newer_knowledge_cannot_be_loaded() {
    let app = TestApp::start().await;
    assert_eq!(app.json("/livez").await, json!({ "status": "live" }));
    let entries = TestApp::knowledge().entries.len();
    let ready =
        |stale: bool| json!({ "status": "ready", "entries": entries, "knowledge_stale": stale });
    assert_eq!(app.json("/readyz").await, ready(false));
    let cause = "knowledge/selas/usage.toml:3: secret".to_owned();
    app.stale.store(Some(std::sync::Arc::new(cause)));
    assert_eq!(app.json("/readyz").await, ready(true));
}

#[tokio::test]
async fn pages_of_listed_origins_alone_may_call() {
    let origins = ["https://www.example.jp/", "https://member.example.jp"];
    let preflight = async |app: &TestApp, origin: &str| {
        app.request(Method::OPTIONS, "/api/v1/ask")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
            .send()
            .await
            .unwrap()
    };
    let start = async |origins: &[&str]| {
        TestApp::start_with(Options {
            allowed_origins: origins.iter().map(ToString::to_string).collect(),
            rate: None,
            ..Options::default()
        })
        .await
    };
    let allowed = |response: &reqwest::Response| {
        let header = response.headers().get("access-control-allow-origin");
        header.map(|value| value.to_str().unwrap().to_owned())
    };

    let app = start(&origins).await;
    let response = preflight(&app, "https://www.example.jp").await;
    assert_eq!(
        allowed(&response).as_deref(),
        Some("https://www.example.jp")
    );
    assert_eq!(
        allowed(&preflight(&app, "https://evil.example").await),
        None
    );
    let request = app.request(Method::GET, "/api/v1/nowhere");
    let request = request.header("origin", "https://member.example.jp");
    let response = request.send().await.unwrap();
    let expected = Some("https://member.example.jp");
    assert_eq!(
        allowed(&response).as_deref(),
        expected,
        "errors are readable too"
    );

    let app = start(&["*"]).await;
    let response = preflight(&app, "https://any.example").await;
    assert_eq!(allowed(&response).as_deref(), Some("*"));

    let app = start(&[]).await;
    let response = preflight(&app, "https://www.example.jp").await;
    assert_eq!(allowed(&response), None);
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn responses_carry_a_request_id_and_security_headers() {
    let app = TestApp::start().await;
    let request = app
        .request(Method::GET, "/livez")
        .header("x-request-id", "mine");
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["x-request-id"], "mine");
    let response = app.post(&json!({ "question": "会費" })).await;
    let headers = response.headers();
    assert_eq!(headers["x-request-id"].len(), 36);
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["referrer-policy"], "no-referrer");
    assert_eq!(headers["cache-control"], "no-store");
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
}

#[tokio::test]
async fn it_stops_when_told_and_finishes_what_is_under_way() {
    let app = TestApp::start().await;
    // An idle connection that is kept alive must not hold it up.
    app.json("/livez").await;
    let start = std::time::Instant::now();
    app.stop().await.expect("a clean end");
    assert!(start.elapsed().as_secs() < 5);
}

#[tokio::test]
async fn while_typing_nothing_far_fetched_stands_beside_what_is_clearly_meant() {
    let app = TestApp::start().await;
    let hits = app
        .json(&format!("/api/v1/suggest?q={}", encode("返金")))
        .await;
    let ids: Vec<&Value> = hits["hits"]
        .as_array()
        .unwrap()
        .iter()
        .map(|hit| &hit["id"])
        .collect();
    assert_eq!(ids, ["jetro-refund"]);
    assert_eq!(hits["total"], 1);
    // Two kana say little, and many entries come equally near.
    let hits = app
        .json(&format!("/api/v1/suggest?q={}", encode("かい")))
        .await;
    assert_eq!(hits["hits"].as_array().unwrap().len(), 5, "{hits}");
}
