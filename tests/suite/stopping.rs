//! Stopping and restarting: no member sees a failed request.
//!
//! The real binary, with sockets as systemd hands them over, and two replicas behind a real nginx that
//! runs the example of `packaging/`.

use std::io::{Write, stderr};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, ClientBuilder};
use serde_json::json;

use crate::support::knowledge::project;
use crate::support::nginx::{self, Nginx, free_address, insecure_client};
use crate::support::process::{Serving, client};

/// Rate limits would refuse the load.
const NO_RATES: [(&str, &str); 1] = [("MADOGUCHI_RATE_ASK", "off")];

/// Clients that ask at the same time.
const CLIENTS: usize = 4;

/// Requests of a restart under load; `ROLLING_RESTART_REQUESTS` replaces it for a longer run.
const REQUESTS: usize = 1_500;

fn knowledge() -> PathBuf {
    project("knowledge")
}

/// Ends the load, also if the test fails.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Asks from several clients while it restarts, until enough requests were sent; returns the number of
/// requests and the failures.
fn ask_while(
    url: &str,
    requests: usize,
    clients: impl Fn() -> ClientBuilder + Sync,
    mut restart: impl FnMut(),
) -> (usize, Vec<String>) {
    let is_ended = AtomicBool::new(false);
    let sent = AtomicUsize::new(0);
    thread::scope(|scope| {
        let load = || {
            let client: Client = clients().no_proxy().build().unwrap();
            let mut failures = Vec::new();
            while !is_ended.load(Ordering::SeqCst) {
                let number = sent.fetch_add(1, Ordering::SeqCst);
                let request = client.post(format!("{url}/api/v1/ask"));
                let response = request
                    .json(&json!({ "question": "有料会員をやめたい" }))
                    .timeout(Duration::from_secs(60))
                    .send();
                let status = response.and_then(|response| {
                    let status = response.status();
                    response.text().map(|body| (status, body))
                });
                match status {
                    Ok((status, body)) if status == 200 && body.contains("answered") => {}
                    other => failures.push(format!("request {number}: {other:?}")),
                }
            }
            failures
        };
        let loads: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(load)).collect();
        let ending = Ending(&is_ended);
        restart();
        while sent.load(Ordering::SeqCst) < requests {
            restart();
        }
        drop(ending);
        let failures = loads.into_iter().flat_map(|load| load.join().unwrap());
        let failures = failures.collect();
        (sent.load(Ordering::SeqCst), failures)
    })
}

#[test]
fn a_draining_service_is_not_ready_but_answers_and_then_stops() {
    let environment = [("MADOGUCHI_DRAIN", "300")];
    let mut serving = Serving::start(&knowledge(), &environment);
    assert_eq!(serving.get("/readyz").0, 200);
    serving.signal("TERM");
    serving.wait_for("draining: not ready, requests are accepted");
    let (status, readiness) = serving.get("/readyz");
    assert_eq!((status, &readiness["status"]), (503, &json!("draining")));
    // A new connection is accepted, and told to move to another replica.
    let url = format!("http://{}/api/v1/ask", serving.address());
    let question = json!({ "question": "有料会員をやめたい" });
    let response = client().post(url).json(&question).send().unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["connection"], "close");
    assert_eq!(serving.get("/livez").0, 200);
    // A second signal ends the wait.
    let start = Instant::now();
    serving.signal("TERM");
    assert!(serving.wait().success());
    assert!(start.elapsed() < Duration::from_secs(60));
}

#[test]
fn an_interrupt_stops_without_draining() {
    let environment = [("MADOGUCHI_DRAIN", "300")];
    let mut serving = Serving::start(&knowledge(), &environment);
    serving.signal("INT");
    assert!(serving.wait().success());
    let log = serving.lines.join("\n");
    assert!(!log.contains("draining"), "{log}");
}

#[test]
fn no_connection_is_refused_while_a_service_with_an_inherited_socket_restarts() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let index = tempfile::tempdir().unwrap();
    let start = || Serving::start_with_socket(&socket, &knowledge(), index.path(), &NO_RATES);
    let mut serving = start();
    assert_eq!(serving.address(), address);
    // Each request has a connection of its own: one that is kept open could be closed while the
    // client sends its next request.
    let clients = || Client::builder().pool_max_idle_per_host(0);
    let url = format!("http://{address}");
    let (sent, failures) = ask_while(&url, 0, clients, || {
        for _ in 0..2 {
            serving.signal("TERM");
            assert!(serving.wait().success());
            serving = start();
            // On a busy machine the clients get a turn before the next restart.
            thread::sleep(Duration::from_millis(300));
        }
    });
    assert!(sent > 2 * CLIENTS, "{sent}");
    assert!(failures.is_empty(), "of {sent}: {failures:#?}");
}

#[test]
fn two_inherited_sockets_are_refused_with_the_expected_form() {
    let index = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_madoguchi");
    let mut command = Command::new("sh");
    let script = format!(
        "LISTEN_FDS=2 LISTEN_PID=$$ exec {program} serve --knowledge {}",
        knowledge().display()
    );
    command
        .args(["-c", &script])
        .env("MADOGUCHI_INDEX", index.path());
    let ended = crate::support::process::finish(command, b"");
    ended.assert_code(1);
    ended.assert_reports(&["2 sockets", "ListenStream=127.0.0.1:8080"]);
}

#[test]
fn no_request_fails_while_two_replicas_behind_nginx_restart_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, secure) = (free_address(), free_address());
    let addresses = [free_address(), free_address()];
    let replaced = [
        (
            "server 127.0.0.1:8081 ",
            format!("server {} ", addresses[0]),
        ),
        (
            "server 127.0.0.1:8082 ",
            format!("server {} ", addresses[1]),
        ),
        ("listen 80;", format!("listen {plain};")),
        ("listen [::]:80;", String::new()),
        ("listen 443 ssl;", format!("listen {secure} ssl;")),
        ("listen [::]:443 ssl;", String::new()),
    ];
    let indexes = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let environment = [NO_RATES[0], ("MADOGUCHI_DRAIN", "1")];
    let start = |replica: usize| {
        let index = indexes[replica].path();
        Serving::start_again(addresses[replica], &knowledge(), index, &environment)
    };
    let mut replicas = [start(0), start(1)];
    let Some(_nginx) = Nginx::start(folder.path(), "madoguchi.conf", &replaced) else {
        return;
    };
    let requests = std::env::var("ROLLING_RESTART_REQUESTS");
    let requests = requests.map_or(REQUESTS, |requests| requests.parse().unwrap());
    let clients = || Client::builder().danger_accept_invalid_certs(true);
    let url = format!("https://{secure}");
    let live = || insecure_client().get(format!("{url}/livez")).send();
    nginx::await_answer(|| live().is_ok_and(|response| response.status() == 200));
    let started = Instant::now();
    let mut restarts = 0;
    let (sent, failures) = ask_while(&url, requests, clients, || {
        for replica in [0, 1] {
            restarts += 1;
            await_questions(&replicas[replica]);
            replicas[replica].signal("TERM");
            assert!(replicas[replica].wait().success());
            replicas[replica] = start(replica);
        }
    });
    let seconds = started.elapsed().as_secs();
    // The figure of a long run; the test harness does not capture this handle.
    let failed = failures.len();
    let _ = writeln!(
        stderr(),
        "{sent} requests in {seconds} s, {restarts} restarts, {failed} failed"
    );
    assert!(failures.is_empty(), "of {sent}: {failures:#?}");
}

/// Waits until a replica has answered a question.
fn await_questions(replica: &Serving) {
    let end = Instant::now() + Duration::from_secs(60);
    while !replica.metrics().contains("madoguchi_answers_total{") {
        assert!(Instant::now() < end, "nginx sends it no questions");
        thread::sleep(Duration::from_millis(50));
    }
}
