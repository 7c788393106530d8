//! Invalid input over HTTP: every error is a 4xx problem that describes the expected input.

use madoguchi::channels::http::{ApiKey, Options, Rate, Rates};
use reqwest::{Method, Response, StatusCode};
use serde_json::json;

use crate::support::app::{TestApp, encode, problem};
use crate::support::embeddings::Log;

/// Checks that a response is a problem whose detail contains a text.
async fn assert_refused(response: Response, status: u16, detail: &str) {
    let problem = problem(response, status).await;
    let text = problem["detail"].as_str().unwrap();
    assert!(text.contains(detail), "`{detail}` is missing: {problem}");
}

#[tokio::test]
async fn questions_of_unusual_characters_are_answered() {
    let app = TestApp::start().await;
    let long = "会".repeat(500);
    let mixed = "有料会員 AND (退会 OR \"解約\"".repeat(17);
    for question in [
        "解約(退会)",
        "AND",
        "NOT 会費^2 OR question:* ~1 [a TO b] {x",
        "\\\"'`;--",
        "<script>alert(1)</script>",
        "</mark><img src=x onerror=alert(1)>",
        "😀😀😀",
        "👨‍👩‍👧‍👦🇯🇵",
        "？！。、…",
        "?",
        "ｶｲﾔｸｼﾀｲ",
        "ｶﾞｷﾞｸﾞﾞﾞ",
        "会\u{200B}費\u{FEFF}は\u{00AD}",
        "\u{200B}\u{200D}\u{2060}",
        "\0\u{1}\u{7F}\u{85}",
        "会費\r\nは\tいくら\u{2028}",
        "\u{202E}料会\u{202C}",
        "か\u{3099}\u{3099}\u{3099}\u{309A}",
        "Z̸̢͓͖͝a̵l̶g̵o̷",
        "\u{FFFD}\u{FFFE}\u{10FFFF}",
        "ﷺﷺﷺ",
        "ΑΒΓ ß İ ŉ",
        "🅰️①㍿㌔",
        "%00%FF",
        "{{7*7}}${x}",
        "../../etc/passwd",
        &long,
        &mixed,
        &"😀".repeat(500),
        &"ー".repeat(500),
        &"a".repeat(500),
    ] {
        assert!(question.chars().count() <= 500);
        let answer = app.ask_question(question).await;
        let outcome = answer["outcome"].as_str().unwrap_or_default();
        let outcomes = ["answered", "suggested", "escalated", "small_talk"];
        assert!(outcomes.contains(&outcome), "{question}: {answer}");
        for route in ["search", "suggest", "explain"] {
            let text: String = question.chars().take(200).collect();
            let path = format!("/api/v1/{route}?q={}", encode(&text));
            let found = app.json(&path).await;
            for hit in found["hits"].as_array().into_iter().flatten() {
                let html = format!("{}{}", hit["question_html"], hit["snippet_html"]);
                let rest = html.replace("<mark>", "").replace("</mark>", "");
                assert!(!rest.contains('<'), "{html}");
            }
        }
    }
}

#[tokio::test]
async fn an_invalid_body_is_refused_with_the_expected_input() {
    let app = TestApp::start().await;
    let q = "会費";
    let long = "会".repeat(501);
    let desks = "`alibaba`, `jetro`, `selas`";
    for (body, detail) in [
        (json!({ "question": "" }), "1 to 500"),
        (json!({ "question": " \u{3000}\n" }), "1 to 500"),
        (json!({ "question": long }), "501 characters, expected 1 to"),
        (json!({}), "missing field `question`"),
        (json!({ "question": 5 }), "expected a string"),
        (json!({ "question": null }), "expected a string"),
        (json!({ "question": q, "desk": "sales" }), desks),
        (json!({ "question": q, "desk": "" }), desks),
        (json!({ "question": q, "qestion": 1 }), "field `qestion`"),
        (json!({ "question": q, "language": "日本語" }), "`ja-JP`"),
        (json!([q, null, null, null]), "expected an object"),
        (json!(q), ""),
    ] {
        assert_refused(app.post(&body).await, 422, detail).await;
    }
    for body in [
        json!({ "question": "会費", "desk": null, "language": null, "conversation": null }),
        json!({ "question": "！" }),
    ] {
        app.ask(&body).await;
    }
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused() {
    let app = TestApp::start().await;
    let send = async |content_type: Option<&str>, body: Vec<u8>| {
        let mut request = app.request(Method::POST, "/api/v1/ask").body(body);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        request.send().await.unwrap()
    };
    let json = Some("application/json");
    let fine = r#"{"question":"会費"}"#;
    for (body, status, detail) in [
        (b"".to_vec(), 400, "EOF"),
        (b"{\"question\":".to_vec(), 400, "EOF"),
        (b"question=x".to_vec(), 400, "line 1"),
        (b"{\"question\":\"a\"} x".to_vec(), 400, "trailing"),
        (b"{\"question\":\"\\ud800\"}".to_vec(), 400, "line 1"),
        (b"{\"question\":\"\xff\xfe\"}".to_vec(), 400, "not UTF-8"),
        ("[".repeat(10_000).into_bytes(), 422, "object"),
        ("{\"question\":".repeat(1_000).into_bytes(), 422, "string"),
    ] {
        assert_refused(send(json, body).await, status, detail).await;
    }
    for content_type in [
        None,
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
    ] {
        let response = send(content_type, fine.into()).await;
        assert_refused(response, 415, "application/json").await;
    }
    for content_type in [
        "application/json; charset=utf-8",
        "Application/JSON",
        "application/x+json",
    ] {
        let response = send(Some(content_type), fine.into()).await;
        assert_eq!(response.status(), StatusCode::OK, "{content_type}");
    }
    let long = format!("{{\"question\":\"{}\"}}", "a".repeat(20_000));
    assert_refused(send(json, long.into_bytes()).await, 413, "16384").await;
}

#[tokio::test]
async fn an_invalid_query_string_or_path_is_refused_with_the_expected_input() {
    let app = TestApp::start().await;
    let long = encode(&"会".repeat(501));
    for (path, status, detail) in [
        ("search", 400, "missing field `q`"),
        ("search?q=", 422, "1 to 500"),
        ("search?q=%20%E3%80%80", 422, "1 to 500"),
        (&*format!("search?q={long}"), 422, "501"),
        ("search?q=a&limit=0", 422, "1 to 50"),
        ("search?q=a&limit=51", 422, "1 to 50"),
        ("search?q=a&limit=-1", 400, "limit"),
        ("search?q=a&limit=x", 400, "limit"),
        ("search?q=a&offset=99999999999999999999", 400, "offset"),
        ("search?q=a&dsek=selas", 400, "`dsek`"),
        ("search?q=a&q=b", 400, "duplicate field `q`"),
        ("search?q=a&desk=sales", 422, "`selas`"),
        ("search?q=%FF", 400, "UTF-8"),
        ("suggest?q=", 422, "1 to 500"),
        ("explain", 400, "missing field `q`"),
        ("explain?q=", 422, "1 to 500"),
        ("explain?q=a&desk=sales", 422, "`jetro`"),
        ("explain?q=a&language=ja_JP", 400, "`ja-JP`"),
        ("search?q=a&offset=1000001", 422, "0 to 1000000"),
        ("desks?at=tomorrow", 422, "2026-11-24T09:00:00+09:00"),
        ("desks?at=", 422, "2026-11-24T09:00:00+09:00"),
        ("desks?at=2026-11-24", 422, "2026-11-24T09:00:00+09:00"),
        ("desks?at=9999-12-31T23:59:59Z", 422, "1970 to 2199"),
        ("desks?when=now", 400, "`when`"),
        ("entries/selas-nothing", 404, "`selas-nothing`"),
        ("entries/%FF", 400, ""),
        ("entries/a/b", 404, ""),
        ("nowhere", 404, "nothing at this path"),
    ] {
        let response = app.get(&format!("/api/v1/{path}")).await;
        assert_refused(response, status, detail).await;
    }
}

#[tokio::test]
async fn the_limits_of_parameters_are_inclusive() {
    let app = TestApp::start().await;
    for path in [
        "desks?at=1970-01-01T00:00:00Z",
        "desks?at=2199-12-31T23:59:59.999Z",
        "search?q=a&limit=1&offset=0",
        "search?q=a&limit=50&offset=1000000",
    ] {
        app.json(&format!("/api/v1/{path}")).await;
    }
}

#[tokio::test]
async fn an_unsupported_method_is_refused_with_the_supported_ones() {
    let app = TestApp::start().await;
    for (method, path, allow) in [
        (Method::GET, "/api/v1/ask", "POST"),
        (Method::DELETE, "/api/v1/entries", "GET,HEAD"),
    ] {
        let response = app.request(method, path).send().await.unwrap();
        assert_eq!(response.headers()["allow"], allow);
        problem(response, 405).await;
    }
    for path in ["/nowhere", "/docs/nothing.js"] {
        problem(app.get(path).await, 404).await;
    }
}

#[tokio::test]
async fn an_address_over_its_rate_limit_is_refused_with_a_retry_delay() {
    let app = TestApp::start_with(Options {
        rates: Rates {
            search: Some(Rate::new(1, 3)),
            suggest: Some(Rate::new(1, 1)),
            ..Rates::default()
        },
        ..Options::default()
    })
    .await;
    let search = async |address: &str| {
        let request = app.request(Method::GET, "/api/v1/search?q=a");
        let request = request.header("x-forwarded-for", address);
        request.send().await.unwrap()
    };
    for _ in 0..3 {
        assert_eq!(search("203.0.113.7").await.status(), StatusCode::OK);
    }
    let response = search("203.0.113.7").await;
    let retry_after = response.headers()["retry-after"].to_str().unwrap().parse();
    assert!((1..=2).contains(&retry_after.unwrap_or(0_u64)));
    let problem = problem(response, 429).await;
    assert_eq!(problem["type"], "/problems/too-many-requests");
    // Other addresses and health probes are not affected.
    assert_eq!(search("203.0.113.8").await.status(), StatusCode::OK);
    for _ in 0..20 {
        app.json("/livez").await;
    }
    // Suggestions and questions have budgets of their own.
    let suggest = app.request(Method::GET, "/api/v1/suggest?q=a");
    let suggest = suggest.header("x-forwarded-for", "203.0.113.7").send();
    assert_eq!(suggest.await.unwrap().status(), StatusCode::OK);
    app.ask_question("会費").await;
    let metrics = app.get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("madoguchi_rate_limited_total{class=\"search\"} 1"));
}

#[tokio::test]
async fn the_log_contains_routes_and_no_words_of_members() {
    // A test's runtime has one thread, so the server logs here, too.
    let (log, _guard) = Log::capture();
    let app = TestApp::start().await;
    app.ask_question("himitsu 有料会員").await;
    app.post(&json!({ "question": "x", "himitsu": 1 })).await;
    app.get("/api/v1/search?q=himitsu").await;
    app.get("/api/v1/search?himitsu=1").await;
    app.get("/api/v1/entries/himitsu").await;
    app.get("/himitsu").await;
    let text = log.text();
    for part in ["/api/v1/ask", "status=200", "entries/{id}", "status=404"] {
        assert!(text.contains(part), "`{part}` is missing: {text}");
    }
    for secret in ["himitsu", "会員"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn an_integrator_with_a_key_has_a_budget_of_its_own() {
    let app = TestApp::start_with(Options {
        rates: Rates {
            search: Some(Rate::new(1, 1)),
            ..Rates::default()
        },
        api_keys: vec![ApiKey {
            name: "crm".to_owned(),
            key: "0123456789abcdef".to_owned(),
            rate: None,
        }],
        ..Options::default()
    })
    .await;
    let search = async |authorization: &str| {
        let request = app.request(Method::GET, "/api/v1/search?q=a");
        let request = request.header("authorization", authorization);
        request.send().await.unwrap()
    };
    for _ in 0..30 {
        let response = search("Bearer 0123456789abcdef").await;
        assert_eq!(response.status(), StatusCode::OK);
    }
    let refused = search("Bearer 0123456789abcdeF").await;
    assert_eq!(refused.headers()["www-authenticate"], "Bearer");
    assert_eq!(
        problem(refused, 401).await["type"],
        "/problems/unknown-api-key"
    );
    // The credentials of a proxy's own sign-in are not a key; they share the budget of the address.
    for _ in 0..30 {
        let status = search("Basic bWU6c2VjcmV0").await.status();
        if status == StatusCode::TOO_MANY_REQUESTS {
            return;
        }
        assert_eq!(status, StatusCode::OK);
    }
    panic!("the address has no limit");
}
