//! The Model Context Protocol: the official clients use it over HTTP and over standard input and output.

use std::process::{Command, Stdio};

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::knowledge::{copy, project};
use crate::support::process::{Serving, madoguchi};
use crate::support::python::{self, Client};
use crate::support::skip;

const CLIENT: Client = Client {
    script: "tests/mcp_client.py",
    package: "mcp",
    module: "mcp",
    python_variable: "MCP_TEST_PYTHON",
};

/// A request that every version of the protocol knows.
fn list_tools() -> Value {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" })
}

fn serving(environment: &[(&str, &str)]) -> Serving {
    let no_limit = [("MADOGUCHI_RATE_ASK", "off")];
    let environment = [&no_limit[..], environment].concat();
    Serving::start(&project("knowledge"), &environment)
}

async fn post(serving: &Serving, headers: &[(&str, &str)], body: &Value) -> Response {
    let url = format!("http://{}/mcp", serving.address());
    let mut request = reqwest::Client::new()
        .request(Method::POST, url)
        .header("accept", "application/json, text/event-stream")
        .json(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.expect("a response")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_official_client_asks_lists_reads_and_hears_of_changes() {
    let folder = TempDir::new().unwrap();
    copy(&project("knowledge"), folder.path());
    let knowledge = folder.path().to_string_lossy().into_owned();
    let serving = Serving::start(folder.path(), &[("MADOGUCHI_RATE_ASK", "off")]);
    let url = format!("http://{}/mcp", serving.address());
    let index = TempDir::new().unwrap();
    // The script passes its environment on to the process that it starts.
    let mut settings = madoguchi(index.path());
    settings.env("MADOGUCHI_KNOWLEDGE", &knowledge);
    let program = env!("CARGO_BIN_EXE_madoguchi");
    let Some(child) = CLIENT.start_with(&settings, [&url, program, &knowledge]) else {
        return;
    };
    assert_eq!(python::finish(child).await, Ok(()));
    let counters = tokio::task::block_in_place(|| serving.metrics());
    assert!(
        counters.contains(r#"madoguchi_answers_total{channel="mcp",outcome="answered"}"#),
        "{counters}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inspector_lists_and_calls_the_tools() {
    let program = std::env::var("MCP_INSPECTOR").unwrap_or_else(|_| "mcp-inspector".to_owned());
    let found = Command::new(&program).arg("--version").output();
    if !found.is_ok_and(|found| found.status.success()) {
        let missing = format!(
            "no `{program}`; `npm install -g @modelcontextprotocol/inspector`, or name the program in MCP_INSPECTOR"
        );
        skip("the_inspector_lists_and_calls_the_tools", &missing);
        return;
    }
    let serving = serving(&[]);
    let url = format!("http://{}/mcp", serving.address());
    let catalog = TempDir::new().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&program);
        command
            .args(["--cli", &url, "--transport", "http"])
            .args(arguments);
        command.env("MCP_CATALOG_PATH", catalog.path().join("mcp.json"));
        let ended = command
            .stdin(Stdio::null())
            .output()
            .expect("the inspector starts");
        let (stdout, stderr) = (
            String::from_utf8_lossy(&ended.stdout).into_owned(),
            String::from_utf8_lossy(&ended.stderr).into_owned(),
        );
        assert!(ended.status.success(), "{stdout}\n{stderr}");
        serde_json::from_str::<Value>(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout}"))
    };
    let tools = run(&["--method", "tools/list"]);
    assert_eq!(tools["tools"].as_array().map(Vec::len), Some(4), "{tools}");
    let call = [
        "--method",
        "tools/call",
        "--tool-name",
        "ask_faq",
        "--tool-arg",
    ];
    let answer = run(&[&call[..], &["question=有料会員をやめたい"]].concat());
    let entry = &answer["structuredContent"]["entry"]["id"];
    assert_eq!(entry, "selas-cancel-paid-membership", "{answer}");
}

#[tokio::test]
async fn a_token_is_required_if_one_is_set() {
    let token = "0123456789abcdef-token";
    let keys = "crm:a-key-of-an-integrator-0123456789";
    let serving = serving(&[("MADOGUCHI_MCP_TOKEN", token), ("MADOGUCHI_API_KEYS", keys)]);
    let right = format!("Bearer {token}");
    for (headers, status) in [
        (vec![], StatusCode::UNAUTHORIZED),
        (
            vec![("authorization", "Bearer wrong")],
            StatusCode::UNAUTHORIZED,
        ),
        (vec![("authorization", token)], StatusCode::UNAUTHORIZED),
        (vec![("authorization", &*right)], StatusCode::OK),
    ] {
        let response = post(&serving, &headers, &list_tools()).await;
        assert_eq!(response.status(), status, "{headers:?}");
    }
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let serving = serving(&[
        ("MADOGUCHI_PUBLIC_URL", "https://faq.example.jp/faq"),
        ("MADOGUCHI_ALLOWED_ORIGINS", "https://www.example.jp"),
    ]);
    for (origin, status) in [
        ("https://faq.example.jp", StatusCode::OK),
        ("https://www.example.jp", StatusCode::OK),
        ("https://www.example.jp:8443", StatusCode::FORBIDDEN),
        ("http://www.example.jp", StatusCode::FORBIDDEN),
        ("https://evil.example", StatusCode::FORBIDDEN),
        ("null", StatusCode::FORBIDDEN),
    ] {
        let response = post(&serving, &[("origin", origin)], &list_tools()).await;
        assert_eq!(response.status(), status, "{origin}");
    }
}

#[tokio::test]
async fn bad_requests_are_refused_and_the_route_can_be_closed_and_is_limited() {
    let open = serving(&[]);
    for body in [
        json!("text"),
        json!({}),
        json!([]),
        json!({ "jsonrpc": "2.0", "id": 1 }),
    ] {
        let status = post(&open, &[], &body).await.status();
        assert!(status.is_client_error(), "{body}: {status}");
    }
    let large = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": "ask_faq", "arguments": { "question": "あ".repeat(30_000) } } });
    assert_eq!(
        post(&open, &[], &large).await.status(),
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(
        post(&open, &[], &list_tools()).await.status(),
        StatusCode::OK
    );

    let closed = serving(&[("MADOGUCHI_CLOSED_ROUTES", "mcp")]);
    assert_eq!(
        post(&closed, &[], &list_tools()).await.status(),
        StatusCode::NOT_FOUND
    );

    let limited = Serving::start(&project("knowledge"), &[("MADOGUCHI_RATE_ASK", "1/2")]);
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(post(&limited, &[], &list_tools()).await.status());
    }
    assert!(
        statuses.contains(&StatusCode::TOO_MANY_REQUESTS),
        "{statuses:?}"
    );
}
