//! The JSON API: every route behaves as `/openapi.json` describes, over real HTTP.

use madoguchi::channels::http::{AfterRestart, Held, Options, Rates, Stale};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::app::{TestApp, encode, problem};

/// All routes: method, path template, and a path that succeeds.
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
    ("post", "/api/v1/suggest", "/api/v1/suggest"),
    ("get", "/livez", "/livez"),
    ("get", "/metrics", "/metrics"),
    ("get", "/openapi.json", "/openapi.json"),
    ("get", "/readyz", "/readyz"),
];

/// Checks that an object has exactly these keys, which are listed in alphabetical order.
#[track_caller]
fn assert_keys(value: &Value, expected: &str) {
    let object = value.as_object().expect("an object");
    let mut keys: Vec<&str> = object.keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys.join(" "), expected);
}

/// Returns the list under a key.
fn list<'a>(value: &'a Value, key: &str) -> &'a Vec<Value> {
    let list = value[key].as_array();
    list.unwrap_or_else(|| panic!("`{key}` is not a list: {value}"))
}

#[tokio::test]
async fn an_answer_has_all_keys_of_the_contract() {
    let app = TestApp::start().await;
    let answer = app.ask_question("有料会員をやめたい").await;
    assert_eq!(answer["outcome"], "answered", "{answer}");
    assert_keys(
        &answer,
        "also answer_id asked confidence conversation entry escalation message outcome suggestions",
    );
    let entry = &answer["entry"];
    assert_eq!(entry["id"], "selas-cancel-paid-membership");
    assert_keys(
        entry,
        "answer category category_titles desk id links question related source titles",
    );
    assert_keys(&entry["answer"], "html markdown text");
    assert_keys(&entry["source"], "document section");
    assert_keys(&entry["links"][0], "label url");
    assert_keys(&entry["related"][0], "id question titles");
    assert_eq!(answer["suggestions"], json!([]));
    let confidence = answer["confidence"].as_f64().expect("a number");
    assert!((0.5..=1.0).contains(&confidence), "{confidence}");
    let id = answer["answer_id"].as_str().expect("text");
    let conversation = answer["conversation"].as_str().expect("text");
    let (conversation, _) = conversation.split_once('.').expect("a token");
    let (place, entry) = id.split_once(':').expect("an entry");
    assert_eq!(entry, "selas-cancel-paid-membership");
    let (turn, signature) = place.split_once('.').expect("a signature");
    assert_eq!(turn, format!("{conversation}-1"));
    assert_eq!(signature.len(), 16);
}

#[tokio::test]
async fn the_question_of_each_entry_is_answered_by_the_entry_and_finds_it_first() {
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
async fn a_request_for_a_person_lists_all_desks() {
    let app = TestApp::start().await;
    let answer = app.ask_question("担当者と話したい").await;
    assert_eq!(answer["outcome"], "escalated");
    assert_eq!(answer["entry"], Value::Null);
    let escalation = &answer["escalation"];
    assert_keys(escalation, "contact_points desk desk_drafts draft reason");
    assert_eq!(escalation["desk"], Value::Null);
    assert_eq!(escalation["reason"], "person_requested");
    assert_keys(&escalation["draft"], "body subject");
    assert_keys(&escalation["desk_drafts"][0], "body desk subject");
    let points = list(escalation, "contact_points");
    for point in points {
        assert_keys(point, "desk hours id kind label url value");
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
    assert_keys(hours, "closes_at open opens_at status text");
    // The test's clock is set to a Sunday before a holiday.
    assert_eq!(hours["open"], false);
    assert_eq!(hours["opens_at"], "2026-11-24T09:00:00+09:00");
    assert_eq!(hours["closes_at"], Value::Null);
}

#[tokio::test]
async fn the_language_is_taken_from_the_body_then_the_header_then_defaults_to_japanese() {
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
    assert!(english.contains("reach a person"), "{english}");
    assert_eq!(message(None, Some("en-US,en;q=0.9")).await, english);
    assert_eq!(message(Some("ja"), Some("en")).await, japanese);
    assert_eq!(message(None, Some("ja,en;q=0.5")).await, japanese);
}

#[tokio::test]
async fn search_results_are_paged_and_matches_are_marked() {
    let app = TestApp::start().await;
    let path = format!("/api/v1/search?q={}", encode("有料会員"));
    let all = app.json(&path).await;
    assert_keys(&all, "desks hits query total version");
    assert_eq!(all["query"], "有料会員");
    let hits = list(&all, "hits");
    let total = all["total"].as_u64().expect("a number");
    assert!(hits.len() <= 10 && total >= hits.len() as u64, "{all}");
    assert_keys(
        &hits[0],
        "category category_titles desk id kind question question_html score snippet_html titles",
    );
    let html = hits[0]["question_html"].as_str().expect("text");
    assert!(html.contains("<mark>有料"), "{html}");

    let second = app.json(&format!("{path}&limit=1&offset=1")).await;
    assert_eq!(second["hits"], json!([hits[1]]));
    assert_eq!(second["total"], total);
    let version = all["version"].as_str().expect("a version");
    let same = app
        .json(&format!("{path}&limit=1&offset=1&version={version}"))
        .await;
    assert_eq!(same, second);
    let changed = app
        .get(&format!("{path}&limit=1&offset=1&version=other"))
        .await;
    let changed = problem(changed, 422).await;
    assert_eq!(changed["type"], "/problems/knowledge-changed", "{changed}");
    let beyond = app.json(&format!("{path}&offset=1000000")).await;
    assert_eq!(beyond["hits"], json!([]));
    let other = app.json(&format!("{path}&desk=jetro&limit=50")).await;
    for hit in list(&other, "hits") {
        assert_eq!(hit["desk"], "jetro");
    }
    let path = format!("/api/v1/suggest?q={}", encode("有料会員"));
    let suggested = app.json(&path).await;
    let suggested = list(&suggested, "hits");
    assert!(
        suggested.len() > 1 && hits.starts_with(suggested),
        "{suggested:?}"
    );
}

#[tokio::test]
async fn the_list_of_entries_equals_the_single_entries() {
    let app = TestApp::start().await;
    let all = app.json("/api/v1/entries").await;
    let entries = list(&all, "entries");
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
async fn an_unchanged_resource_is_answered_with_304() {
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
async fn desks_are_open_and_closed_according_to_the_calendar() {
    let app = TestApp::start().await;
    // Times in Japan: when, whether the desk is open, when that changes.
    let rows = [
        ("2026-11-24T09:00:00", true, "2026-11-24T12:00:00"),
        ("2026-11-24T12:00:00", false, "2026-11-24T13:00:00"),
        ("2026-11-24T17:00:00", false, "2026-11-25T09:00:00"),
        ("2026-11-23T10:00:00", false, "2026-11-24T09:00:00"),
        ("2026-05-01T18:00:00", false, "2026-05-07T09:00:00"),
        ("2026-05-07T08:59:59", false, "2026-05-07T09:00:00"),
        ("2026-09-18T17:00:00", false, "2026-09-24T09:00:00"),
        ("2027-03-19T20:00:00", false, "2027-03-23T09:00:00"),
    ];
    let rows = rows.map(|(at, open, change)| (format!("{at}+09:00"), open, change));
    let utc = ("2026-11-24T00:00:00Z".to_owned(), true, rows[0].2);
    for (at, open, change) in rows.into_iter().chain([utc]) {
        // An unencoded plus sign is decoded to a space, and accepted.
        for at in [at.clone(), encode(&at)] {
            let all = app.json(&format!("/api/v1/desks?at={at}")).await;
            let desks = list(&all, "desks");
            let ids: Vec<&Value> = desks.iter().map(|desk| &desk["id"]).collect();
            assert_eq!(ids, ["alibaba", "jetro", "selas"]);
            assert_keys(&desks[1], "contact_points id name programme");
            let points = list(&desks[1], "contact_points");
            let mut telephones = points.iter().filter(|point| point["kind"] == "telephone");
            let hours = &telephones.next().expect("a telephone")["hours"];
            assert_eq!(hours["open"], open, "{at}: {hours}");
            let (set, unset) = if open {
                ("closes_at", "opens_at")
            } else {
                ("opens_at", "closes_at")
            };
            assert_eq!(hours[set], format!("{change}+09:00"), "{at}");
            assert_eq!(hours[unset], Value::Null, "{at}");
        }
    }
    // Without `at`, the clock's time is used, a Sunday.
    let all = app.json("/api/v1/desks?language=en").await;
    let hours = &all["desks"][1]["contact_points"][0]["hours"];
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
    assert_keys(
        &explained,
        "also asked confidence decision escalation evidence is_kana masses message normalized \
         nothing outcome quantities reading subjects thresholds tokens words",
    );
    assert_eq!(explained["decision"], "answer");
    assert_eq!(explained["outcome"], "answered");
    assert_eq!(explained["is_kana"], false);
    assert_keys(
        &explained["tokens"][0],
        "base kept part_of_speech reading surface",
    );
    assert_keys(&explained["words"][0], "term weight");
    let best = &explained["subjects"][0];
    assert_eq!(best["id"], "selas-cancel-paid-membership");
    assert_keys(
        best,
        "exact id kind matched nearest parts phrase probability quantity",
    );
    let path = format!("/api/v1/explain?q={}", encode("担当者と話したい"));
    for (parameter, desk, why) in [
        ("", None, "unclear"),
        ("&desk=selas", Some("selas"), "chosen"),
    ] {
        let explained = app.json(&format!("{path}{parameter}")).await;
        let escalation = json!({ "desk": desk, "reason": "person_requested", "why": why });
        assert_eq!(explained["escalation"], escalation);
    }
}

#[tokio::test]
async fn openapi_3_1_describes_every_route() {
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
                // Required by OpenAPI 3.1.
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
    // Every reference resolves, and keys that are always present are required.
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().expect("a pointer");
        assert!(document.pointer(pointer).is_some(), "{pointer}");
    }
    let schemas = &document["components"]["schemas"];
    let required = list(&schemas["AskResponse"], "required");
    assert_eq!(required.len(), 10, "{required:?}");
    assert_eq!(schemas["AskRequest"]["required"], json!(["question"]));
}

#[tokio::test]
async fn the_documentation_page_loads_nothing_from_other_hosts() {
    let app = TestApp::start().await;
    let response = app.get("/docs").await;
    assert!(response.status().is_redirection());
    let page = app.get("/docs/").await;
    assert_eq!(page.status(), StatusCode::OK);
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
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
async fn the_service_stays_ready_after_a_failed_reload() {
    let app = TestApp::start().await;
    assert_eq!(app.json("/livez").await, json!({ "status": "live" }));
    let entries = TestApp::knowledge().entries.len();
    let ready = |stale: bool, held: Value, after_restart: &str| {
        json!({
            "status": "ready", "entries": entries,
            "knowledge_version": TestApp::knowledge().version,
            "knowledge_stale": stale, "knowledge_held": held, "after_restart": after_restart,
        })
    };
    assert_eq!(
        app.json("/readyz").await,
        ready(false, Value::Null, "folder")
    );
    let failed = Stale {
        held: None,
        after_restart: AfterRestart::None,
    };
    app.stale.store(Some(std::sync::Arc::new(failed)));
    assert_eq!(app.json("/readyz").await, ready(true, Value::Null, "none"));
    let held = Held {
        lost_desks: vec!["jetro".to_owned()],
        lost_entries: 16,
        emptied_files: Vec::new(),
        confirmations_left: 2,
    };
    let held = Stale {
        held: Some(held),
        after_restart: AfterRestart::LastAccepted,
    };
    app.stale.store(Some(std::sync::Arc::new(held)));
    let held = json!({
        "lost_desks": ["jetro"], "lost_entries": 16, "emptied_files": [], "confirmations_left": 2,
    });
    assert_eq!(
        app.json("/readyz").await,
        ready(true, held, "last_accepted")
    );
}

#[tokio::test]
async fn only_pages_of_allowed_origins_may_call_the_api() {
    let (www, member) = ("https://www.example.jp", "https://member.example.jp");
    let listed: &[&str] = &["https://www.example.jp/", member];
    let (preflight, get) = (Method::OPTIONS, Method::GET);
    for (allowed, method, path, origin, status, expected) in [
        (listed, &preflight, "/api/v1/ask", www, 200, Some(www)),
        (listed, &preflight, "/api/v1/ask", "https://evil", 200, None),
        // Errors are readable, too.
        (listed, &get, "/api/v1/nowhere", member, 404, Some(member)),
        (&["*"], &preflight, "/api/v1/ask", www, 200, Some("*")),
        (&[], &preflight, "/api/v1/ask", www, 405, None),
    ] {
        let app = TestApp::start_with(Options {
            allowed_origins: allowed.iter().map(ToString::to_string).collect(),
            rates: Rates::off(),
            ..Options::default()
        })
        .await;
        let request = app.request(method.clone(), path).header("origin", origin);
        let request = request.header("access-control-request-method", "POST");
        let request = request.header("access-control-request-headers", "content-type");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{allowed:?} {origin}");
        let header = response.headers().get("access-control-allow-origin");
        let header = header.map(|value| value.to_str().unwrap());
        assert_eq!(header, expected, "{allowed:?} {origin}");
    }
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
async fn shutdown_does_not_wait_for_idle_connections() {
    let app = TestApp::start().await;
    // The client keeps this connection alive.
    app.json("/livez").await;
    let start = std::time::Instant::now();
    app.stop().await.expect("a clean end");
    assert!(start.elapsed().as_secs() < 5);
}

#[tokio::test]
async fn suggestions_omit_weak_hits_beside_a_strong_one() {
    let app = TestApp::start().await;
    let suggest = async |text| {
        let path = format!("/api/v1/suggest?q={}", encode(text));
        app.json(&path).await
    };
    let found = suggest("返金").await;
    assert_eq!(list(&found, "hits")[0]["id"], "jetro-refund");
    assert_eq!(
        (list(&found, "hits").len(), &found["total"]),
        (1, &json!(1))
    );
    // Two kana are within very many words: only those that begin with them count.
    let found = suggest("かい").await;
    assert!(!list(&found, "hits").is_empty(), "{found}");
    for hit in list(&found, "hits") {
        let question = hit["question"].as_str().unwrap();
        assert!(question.contains(['会', '海']), "{question}");
    }
    assert_eq!(list(&suggest("ぬぬ").await, "hits").len(), 0);
}

#[tokio::test]
async fn a_text_that_is_being_typed_may_be_in_the_body_as_json_or_as_a_form() {
    let app = TestApp::start().await;
    let expected = app
        .json(&format!(
            "/api/v1/suggest?q={}&limit=2&desk=selas",
            encode("会費")
        ))
        .await;
    assert_eq!(list(&expected, "hits").len(), 2);
    let post = || app.request(Method::POST, "/api/v1/suggest");
    let json = post().json(&json!({ "q": "会費", "limit": 2, "desk": "selas" }));
    let float = post().json(&json!({ "q": "会費", "limit": 2.0, "desk": "selas" }));
    let form = post()
        .header(
            "content-type",
            "application/x-www-form-urlencoded;charset=UTF-8",
        )
        .body(format!("q={}&limit=2&desk=selas", encode("会費")));
    for request in [json, float, form] {
        let response = request.send().await.expect("a response");
        assert_eq!(response.status(), StatusCode::OK);
        let found: Value = response.json().await.expect("JSON");
        assert_eq!(found, expected);
    }
    for body in [
        "q=",
        "q=a&limit=0",
        "q=a&limit=x",
        "q=a&unknown=1",
        "q=%ff",
        "limit=1",
    ] {
        let form = post().header("content-type", "application/x-www-form-urlencoded");
        let response = form.body(body).send().await.expect("a response");
        assert_eq!(
            response.status(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{body}"
        );
    }
}

#[tokio::test]
async fn none_of_the_suggestions_leads_to_the_desk_with_the_question_in_the_draft() {
    let app = TestApp::start().await;
    let offered = app.ask_question("会員").await;
    assert_eq!(offered["outcome"], "suggested");
    let body = json!({
        "question": "会員", "none_of_these": true, "conversation": offered["conversation"],
    });
    let answer = app.ask(&body).await;
    assert_eq!(answer["outcome"], "escalated");
    assert_eq!(answer["escalation"]["reason"], "not_found");
    let draft = &answer["escalation"]["draft"];
    assert!(
        draft["body"].as_str().unwrap().contains("\n会員\n"),
        "{draft}"
    );
    assert!(
        draft["subject"].as_str().unwrap().contains("会員"),
        "{draft}"
    );
    // The list is over: a number chooses nothing any more.
    let body = json!({ "question": "1", "conversation": answer["conversation"] });
    assert_ne!(app.ask(&body).await["outcome"], "answered");
}

#[tokio::test]
async fn each_answer_of_a_message_can_be_rated() {
    let app = TestApp::start().await;
    let question = "会費の支払い方法を知りたいです。あと、担当者を一人追加したい";
    let answer = app.ask_question(question).await;
    let also = &answer["also"][0];
    assert_eq!(answer["entry"]["id"], "selas-payment-method", "{answer}");
    assert_eq!(also["entry"]["id"], "selas-add-user", "{answer}");
    for one in [&answer, also] {
        let body = json!({ "answer_id": one["answer_id"], "helpful": false });
        let request = app.request(Method::POST, "/api/v1/feedback").json(&body);
        let next: Value = request.send().await.unwrap().json().await.unwrap();
        let suggestions = next["suggestions"].as_array().unwrap();
        let related: Vec<&Value> = one["entry"]["related"].as_array().unwrap().iter().collect();
        let is_related = suggestions
            .iter()
            .all(|it| related.iter().any(|known| known["id"] == it["id"]));
        assert!(
            !suggestions.is_empty() && is_related || next["outcome"] == "escalated",
            "{next}"
        );
    }
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_changes_nothing() {
    let app = TestApp::start().await;
    let plain = app.json("/api/v1/desks?language=en").await;
    assert_eq!(app.json("/api/v1/desks/?language=en").await, plain);
    let request = app.request(Method::POST, "/api/v1/ask/");
    let response = request
        .json(&json!({ "question": "会費" }))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(app.get("/contact//").await.status(), 200);
    assert_eq!(app.get("/nothing/").await.status(), 404);
    assert_eq!(app.get("/docs/").await.status(), 200);
}

#[tokio::test]
async fn a_compressed_body_and_a_byte_order_mark_are_read() {
    let app = TestApp::start().await;
    let body = r#"{"question":"有料会員をやめたい","language":"ja-JP"}"#;
    let gzip = {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(body.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let marked = format!("\u{FEFF}{body}").into_bytes();
    for (encoding, body, status) in [
        (None, marked, 200),
        (Some("gzip"), gzip.clone(), 200),
        (Some("identity"), body.into(), 200),
        (Some("br"), gzip.clone(), 400),
        (Some("zstd"), gzip, 415),
    ] {
        let request = app.request(Method::POST, "/api/v1/ask").body(body);
        let mut request = request.header("content-type", "application/json");
        if let Some(encoding) = encoding {
            request = request.header("content-encoding", encoding);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{encoding:?}");
        if status == 200 {
            let answer: serde_json::Value = response.json().await.unwrap();
            assert_eq!(answer["entry"]["id"], "selas-cancel-paid-membership");
        }
    }
}

#[tokio::test]
async fn no_number_is_a_negative_zero() {
    let app = TestApp::start().await;
    for question in ["こんにちは", "有料会員をやめたい", "領収書", "！？"] {
        let path = format!("/api/v1/explain?q={}", encode(question));
        let explanation = app.get(&path).await.text().await.unwrap();
        assert!(!explanation.contains("-0.0"), "{explanation}");
        let answer = app.ask_question(question).await.to_string();
        assert!(!answer.contains("-0.0"), "{answer}");
    }
}
