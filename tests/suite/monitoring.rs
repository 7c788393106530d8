//! Metrics, the routes of operators, and the alert rules and the dashboard that read the metrics.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::time::Duration;

use madoguchi::channels::metrics::{Closed, Metrics, Reload};
use madoguchi::embedding::Encoder;
use madoguchi::records::Counts;
use serde_json::{Value, json};

use crate::support::embeddings::{Behaviour, FakeEmbeddings, client};
use crate::support::knowledge::{base, project};
use crate::support::process::{Serving, client as http};

/// Returns the sample names that a text in the format of Prometheus has, without labels.
fn names(metrics: &str) -> BTreeSet<String> {
    let lines = metrics.lines().filter(|line| !line.starts_with('#'));
    let names = lines.filter_map(|line| line.split(['{', ' ']).next());
    names.map(str::to_owned).collect()
}

/// Returns the names of our metrics in a query.
fn queried(query: &str) -> BTreeSet<String> {
    let words = query.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let ours = words.filter(|word| word.starts_with("madoguchi_"));
    ours.map(str::to_owned).collect()
}

/// All values of a key in a JSON document.
fn values<'a>(document: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match document {
        Value::Object(map) => {
            found.extend(map.get(key).and_then(Value::as_str));
            map.values().for_each(|value| values(value, key, found));
        }
        Value::Array(list) => list.iter().for_each(|value| values(value, key, found)),
        _ => {}
    }
}

/// Returns the metrics after each event has occurred once.
fn all_metrics() -> BTreeSet<String> {
    let server = FakeEmbeddings::start(Behaviour::Right);
    let encoder = Encoder::Server(client(server.url()));
    let metrics = Metrics::new(Some(Arc::new(encoder))).with_records(Some(&Counts::default()));
    metrics.count_answer("web", "answered");
    metrics.count_feedback("web", true);
    metrics.observe_latency("web", "ask", Duration::from_millis(1));
    metrics.count_error("invalid-json");
    metrics.count_rate_limited("ask");
    metrics.set_connections(1);
    metrics.count_closed(Closed::Stalled);
    metrics.set_knowledge(1, 1);
    metrics.count_reload(Reload::Loaded);
    metrics.set_bot_connected("telegram", true);
    metrics.note_bot_contact("telegram");
    metrics.set_bot_pending("telegram", 1, Some(Duration::from_secs(7)));
    names(&metrics.render())
}

#[test]
fn the_alerts_and_the_dashboard_query_metrics_that_exist() {
    let known = all_metrics();
    let alerts = fs::read_to_string(project("packaging/alerts.yml")).unwrap();
    let dashboard = fs::read_to_string(project("packaging/dashboard.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&dashboard).unwrap();
    let mut queries = Vec::new();
    values(&dashboard, "expr", &mut queries);
    assert!(queries.len() > 10, "{queries:?}");
    let rules = alerts.matches("- alert: ").count();
    assert!(
        rules > 5 && alerts.matches("expr: ").count() == rules,
        "{rules}"
    );
    let mut used = queried(&alerts);
    used.extend(queries.iter().flat_map(|query| queried(query)));
    let unknown: Vec<_> = used.difference(&known).collect();
    assert!(unknown.is_empty(), "{unknown:?} are not among {known:?}");
    // Every metric is on the dashboard, and every one is described.
    let operating = fs::read_to_string(project("docs/operating.md")).unwrap();
    for name in &known {
        let family = ["_bucket", "_sum", "_count"];
        let family = family
            .iter()
            .find_map(|end| name.strip_suffix(end))
            .unwrap_or(name);
        assert!(used.iter().any(|query| query.starts_with(family)), "{name}");
        assert!(
            operating.contains(family),
            "docs/operating.md lacks {family}"
        );
    }
    // What to do about each alert is described, too.
    for alert in alerts
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- alert: "))
    {
        assert!(operating.contains(alert), "docs/operating.md lacks {alert}");
    }
}

#[test]
fn the_age_of_the_oldest_message_is_absent_if_there_is_none() {
    let metrics = Metrics::default();
    let name = "madoguchi_bot_oldest_pending_seconds{channel=\"telegram\"} ";
    metrics.set_bot_pending("telegram", 2, Some(Duration::from_secs(100)));
    let text = metrics.render();
    let since: f64 = text
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap()
        .parse()
        .unwrap();
    let now = jiff::Timestamp::now().as_millisecond() as f64 / 1_000.0;
    assert!((now - since - 100.0).abs() < 10.0, "{since}, {now}");
    metrics.set_bot_pending("telegram", 0, None);
    assert!(!metrics.render().contains(name));
}

#[test]
fn the_metrics_of_a_running_service_show_what_happens() {
    let knowledge = base();
    let mut serving = Serving::start(knowledge.path(), &[]);
    serving.ask("図書館の休みはいつですか");
    let refused = http()
        .post(format!("http://{}/api/v1/ask", serving.address()))
        .body("x")
        .send();
    assert_eq!(refused.unwrap().status(), 415);
    fs::write(knowledge.path().join("broken.toml"), "x = ").unwrap();
    serving.wait_for("knowledge reload failed: serving the previous version");
    let metrics = serving.metrics();
    for part in [
        "madoguchi_latency_seconds_count{channel=\"web\",class=\"ask\"} 2",
        "madoguchi_errors_total{kind=\"unsupported-media-type\"} 1",
        // An alert on an increase needs the first value.
        "madoguchi_errors_total{kind=\"internal\"} 0",
        "madoguchi_knowledge_reloads_total{result=\"failed\"} 1",
        "madoguchi_knowledge_reloads_total{result=\"loaded\"} 0",
        "madoguchi_connections_closed_total{reason=\"total_limit\"} 0",
    ] {
        assert!(metrics.contains(part), "`{part}` is missing:\n{metrics}");
    }
    let value = |name: &str| {
        let line = metrics
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.and_then(|value| value.parse::<f64>().ok())
            .unwrap_or(0.0)
    };
    assert!(value("madoguchi_entries") >= 1.0, "{metrics}");
    assert!(value("madoguchi_index_bytes") > 1_000.0, "{metrics}");
    assert!(
        value("madoguchi_knowledge_loaded_seconds") > 1.7e9,
        "{metrics}"
    );
    if cfg!(target_os = "linux") {
        assert!(value("madoguchi_resident_memory_bytes") > 1e7, "{metrics}");
    }
}

#[test]
fn the_routes_of_operators_are_closed_or_moved_to_another_address() {
    let status = |address: &str, path: &str| {
        let response = http()
            .get(format!("http://{address}{path}"))
            .send()
            .unwrap();
        response.status().as_u16()
    };
    let routes = [
        "/metrics",
        "/api/v1/explain?q=a",
        "/docs/",
        "/openapi.json",
        "/demo",
    ];
    let environment = [
        ("MADOGUCHI_ADMIN_LISTEN", "127.0.0.1:0"),
        ("MADOGUCHI_CLOSED_ROUTES", "demo"),
        ("MADOGUCHI_RATE_PAGES", "1/1"),
    ];
    let mut serving = Serving::start(&project("knowledge"), &environment);
    let public = serving.address().to_string();
    let admin = serving.log_line("admin address ready");
    let admin = admin["address"].as_str().unwrap().to_owned();
    for route in routes {
        let found = status(&public, route);
        assert!(matches!(found, 404 | 429), "{route}: {found}");
        let expected = if route == "/demo" { 404 } else { 200 };
        assert_eq!(status(&admin, route), expected, "{route}");
    }
    // Probes work on both, and answers, too.
    for address in [&public, &admin] {
        assert_eq!(status(address, "/livez"), 200);
        assert_eq!(status(address, "/readyz"), 200);
    }
    serving.post("/api/v1/ask", &json!({ "question": "会費" }));
    let log = serving.stop();
    assert!(log.contains("\"message\":\"stopped\""), "{log}");
}
