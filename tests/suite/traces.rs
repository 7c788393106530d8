//! Traces over OTLP: what a collector gets, and what happens without one.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::bot::QUESTION;
use crate::support::collector::{Collector, Span};
use crate::support::embeddings::{Behaviour, FakeEmbeddings};
use crate::support::knowledge::project;
use crate::support::process::{Serving, client, run_with};
use crate::support::telegram::{FakeTelegram, TOKEN, chat_of, user_of};

/// A question that shares few words with the knowledge, so that it is embedded.
const VAGUE: &str = "海外の人に品物を見てもらいたいひみつの件";

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CLIENT: &str = "b7ad6b7169203331";

/// Returns the environment of a service that sends its spans at once.
fn environment(url: &str) -> [(&str, &str); 2] {
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", url),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
    ]
}

fn steps_of<'a>(spans: &'a [Span], parent: &Span) -> Vec<&'a str> {
    let own = spans
        .iter()
        .filter(|span| span.text("parentSpanId") == parent.text("spanId"));
    own.map(|span| span.text("name")).collect()
}

#[test]
fn a_request_is_a_span_with_its_steps_in_the_trace_of_the_client() {
    let (collector, embeddings) = (Collector::start(), FakeEmbeddings::start(Behaviour::Right));
    let (url, server) = (collector.url(), embeddings.url());
    let mut variables = environment(&url).to_vec();
    variables.push(("MADOGUCHI_EMBEDDINGS_URL", &server));
    variables.push(("MADOGUCHI_EMBEDDINGS_MODEL", "model"));
    variables.push(("MADOGUCHI_EMBEDDINGS_DEADLINE", "2000"));
    variables.push(("MADOGUCHI_EMBEDDINGS_KEY", crate::support::embeddings::KEY));
    let mut serving = Serving::start(&project("knowledge"), &variables);
    serving.log_line("knowledge embedded");
    let asked = client()
        .post(format!("http://{}/api/v1/ask", serving.address()))
        .header("traceparent", format!("00-{TRACE}-{CLIENT}-01"))
        .header("tracestate", "vendor=ひみつ")
        .header("x-request-id", "himitsu")
        .json(&json!({ "question": VAGUE }))
        .send()
        .unwrap();
    assert_eq!(asked.status(), 200);
    let answer: Value = asked.json().unwrap();
    let missing = serving.get("/api/v1/entries/himitsu?himitsu=1").0;
    assert!(missing >= 400, "{missing}");
    serving.get("/livez");
    // What is not sent yet is sent at the stop.
    serving.stop();

    let spans = collector.spans();
    let request = collector.wait("POST /api/v1/ask");
    assert_eq!(request.text("traceId"), TRACE);
    assert_eq!(request.text("parentSpanId"), CLIENT);
    assert_eq!(request.json()["kind"], 2, "{request:?}");
    for (key, expected) in [
        ("http.request.method", "POST"),
        ("http.route", "/api/v1/ask"),
        ("http.response.status_code", "200"),
        ("channel", "web"),
        ("outcome", answer["outcome"].as_str().unwrap()),
    ] {
        assert_eq!(request.attribute(key), expected, "{key}: {request:?}");
    }
    let steps = steps_of(&spans, &request);
    assert_eq!(steps, ["resolve", "rank", "embed", "decide"]);
    let embed = collector.wait("embed");
    assert_eq!(steps_of(&spans, &embed), ["embeddings request"]);
    let embedded = collector.wait("embeddings request");
    assert_eq!(embedded.attribute("result"), "answered");
    assert_eq!(embedded.text("traceId"), TRACE);

    let failed = collector.wait("GET /api/v1/entries/{id}");
    let status = failed.attribute("http.response.status_code");
    assert_eq!(status, missing.to_string());
    assert!(failed.text("parentSpanId").is_empty(), "{failed:?}");
    assert_ne!(failed.text("traceId"), TRACE);
    let sent = collector.text();
    for absent in ["livez", "himitsu", "ひみつ", "品物", "海外"] {
        assert!(!sent.contains(absent), "`{absent}` was sent:\n{sent}");
    }
    for part in ["service.name", "\"madoguchi\"", "service.version"] {
        assert!(sent.contains(part), "`{part}` is missing:\n{sent}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_of_a_bot_is_a_span_with_its_steps() {
    let (collector, fake) = (Collector::start(), FakeTelegram::start().await);
    let (url, api) = (collector.url(), fake.url());
    let serving = tokio::task::spawn_blocking(move || {
        let mut variables = environment(&url).to_vec();
        variables.push(("MADOGUCHI_TELEGRAM_TOKEN", TOKEN));
        variables.push(("MADOGUCHI_TELEGRAM_API_URL", &api));
        Serving::start(&project("knowledge"), &variables)
    });
    let mut serving = serving.await.unwrap();
    fake.push(json!({ "message": {
        "message_id": fake.message_id(), "date": 1_795_000_000, "text": QUESTION,
        "from": user_of(7), "chat": chat_of(7),
    }}));
    let is_answered = || fake.sent().get(&7).copied();
    fake.until("the answer", is_answered).await;
    let stopped = tokio::task::spawn_blocking(move || {
        serving.stop();
        collector
    });
    let collector = stopped.await.unwrap();
    let update = collector.wait("bot update");
    assert_eq!(update.attribute("channel"), "telegram");
    assert_eq!(update.attribute("outcome"), "answered");
    assert_eq!(update.json()["kind"], 5, "{update:?}");
    let spans = collector.spans();
    let steps = steps_of(&spans, &update);
    assert_eq!(steps, ["resolve", "rank", "decide"]);
    assert!(!collector.text().contains(QUESTION));
}

/// A port on which nothing listens: a connection is refused at once.
fn unreachable() -> String {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", free.local_addr().unwrap())
}

#[test]
fn an_unreachable_collector_costs_one_log_line() {
    let url = unreachable();
    let mut serving = Serving::start(&project("knowledge"), &environment(&url));
    for _ in 0..5 {
        serving.ask("会費はいくらですか");
        std::thread::sleep(Duration::from_millis(100));
    }
    serving.log_line("traces dropped: collector unavailable");
    let start = Instant::now();
    let log = serving.stop();
    assert!(start.elapsed() < Duration::from_secs(10));
    let lines = log.matches("traces dropped: collector unavailable");
    assert_eq!(lines.count(), 1, "{log}");
    assert!(log.contains("\"message\":\"stopped\""), "{log}");
}

#[test]
fn our_own_variable_wins_and_only_serve_sends_traces() {
    let collector = Collector::start();
    let (url, other) = (collector.url(), unreachable());
    let mut variables = environment(&other).to_vec();
    variables.push(("MADOGUCHI_OTLP_ENDPOINT", &url));
    let asked = run_with(project("knowledge"), &["ask", "会費はいくら"], &variables);
    asked.assert_code(0);
    let shown = run_with(project("knowledge"), &["config"], &variables);
    shown.assert_prints(&[&format!(
        "otlp_endpoint = \"{url}\" # variable MADOGUCHI_OTLP_ENDPOINT\n"
    )]);
    let standard = run_with(project("knowledge"), &["config"], &environment(&other));
    standard.assert_prints(&[&format!(
        "otlp_endpoint = \"{other}\" # variable OTEL_EXPORTER_OTLP_ENDPOINT\n"
    )]);
    assert!(collector.spans().is_empty(), "{}", collector.text());
    let mut serving = Serving::start(&project("knowledge"), &variables);
    serving.ask("会費はいくら");
    serving.stop();
    collector.wait("POST /api/v1/ask");
    let wrong = run_with(
        project("knowledge"),
        &["serve"],
        &[("MADOGUCHI_OTLP_ENDPOINT", "http://a:hidden@b.example")],
    );
    wrong.assert_code(1);
    wrong.assert_reports(&["MADOGUCHI_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"]);
    assert!(!wrong.stderr.contains("hidden"), "{}", wrong.stderr);
}
