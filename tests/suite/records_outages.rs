//! Records while the database or the service fails: answers go on, records resume, counters tell.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use madoguchi::records::{Database, Location, Options, Writer};
use serde_json::json;
use sqlx::{Connection, PgConnection};

use super::records::{await_written, counted, sqlite, turn, turns};
use crate::support::knowledge::project;
use crate::support::nginx::{self, Nginx, free_address, insecure_client};
use crate::support::postgres::Postgres;
use crate::support::process::{Serving, client};
use crate::support::{block_on, skip};

/// Kills of the service under load; `RECORDS_KILLS` replaces it for a longer run.
const KILLS: usize = 4;

/// Turns through two replicas; `RECORDS_TURNS` replaces it for a longer run.
const TURNS: u64 = 400;

fn environment(records: &str) -> Vec<(&str, &str)> {
    vec![
        ("MADOGUCHI_RECORDS", records),
        ("MADOGUCHI_RATE_ASK", "off"),
        ("MADOGUCHI_RATE_FEEDBACK", "off"),
    ]
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// Asks from two clients while `act` runs; returns the number of answers. Every request must succeed.
fn under_load(url: &str, act: impl FnOnce()) -> u64 {
    let is_ended = AtomicBool::new(false);
    let answers = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let client = client();
                while !is_ended.load(Ordering::SeqCst) {
                    let request = client.post(format!("{url}/api/v1/ask"));
                    let start = Instant::now();
                    let response = request
                        .json(&json!({ "question": "有料会員をやめたい" }))
                        .send();
                    let response = response.expect("an answer");
                    assert_eq!(response.status(), 200);
                    assert!(
                        start.elapsed() < Duration::from_secs(20),
                        "an answer waited"
                    );
                    answers.fetch_add(1, Ordering::SeqCst);
                    thread::sleep(Duration::from_millis(2));
                }
            });
        }
        act();
        is_ended.store(true, Ordering::SeqCst);
    });
    answers.into_inner()
}

#[test]
fn a_killed_service_loses_no_record_that_it_counted_as_written() {
    let folder = tempfile::tempdir().unwrap();
    let index = tempfile::tempdir().unwrap();
    let (records, location) = sqlite(folder.path());
    let mut total = 0;
    let kills = number("RECORDS_KILLS", KILLS as u64);
    for kill in 0..kills {
        let address = free_address();
        let environment = environment(&records);
        let mut serving =
            Serving::start_again(address, &project("knowledge"), index.path(), &environment);
        let is_ended = AtomicBool::new(false);
        thread::scope(|scope| {
            let load = || {
                let client = client();
                while !is_ended.load(Ordering::SeqCst) {
                    let request = client.post(format!("http://{address}/api/v1/ask"));
                    let _ = request
                        .json(&json!({ "question": "有料会員をやめたい" }))
                        .send();
                }
            };
            scope.spawn(load);
            scope.spawn(load);
            // Other moments in each round, within and between batches.
            await_written(&serving, 1);
            thread::sleep(Duration::from_millis(kill * 137 % 700));
            let written = counted(&serving.metrics(), "written");
            serving.signal("KILL");
            serving.wait();
            is_ended.store(true, Ordering::SeqCst);
            total += written;
        });
        let rows = turns(&location).len() as u64;
        assert!(
            rows >= total,
            "kill {kill}: {rows} rows, {total} were counted"
        );
        total = rows;
        assert_eq!(integrity(&location), "ok", "kill {kill}");
    }
}

fn integrity(location: &Location) -> String {
    let Location::Sqlite(path) = location else {
        unreachable!("a file");
    };
    let url = format!("sqlite://{}", path.display());
    block_on(async {
        let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
        let check = sqlx::query_scalar::<_, String>("PRAGMA integrity_check");
        check.fetch_one(&mut connection).await.unwrap()
    })
}

#[test]
fn answers_go_on_while_postgresql_is_stopped_and_records_resume() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let url = postgres.url();
    let mut serving = Serving::start(&project("knowledge"), &environment(&url));
    let address = format!("http://{}", serving.address());
    let answers = under_load(&address, || {
        await_written(&serving, 1);
        // Longer than a batch waits for a connection, and shorter.
        for seconds in [7, 2] {
            postgres.stop();
            thread::sleep(Duration::from_secs(seconds));
            let written = counted(&serving.metrics(), "written");
            postgres.start_again();
            await_written(&serving, written + 1);
        }
    });
    let metrics = serving.metrics();
    assert!(
        metrics.contains("madoguchi_records_failed_writes_total "),
        "{metrics}"
    );
    let log = serving.stop();
    assert!(log.contains("records: cannot be written now"), "{log}");
    assert!(log.contains("records: written again"), "{log}");
    let rows = turns(&Location::Postgres(url, None)).len() as u64;
    let dropped = counted(&metrics, "dropped");
    assert_eq!(rows + dropped, answers, "{dropped} dropped");
}

/// Waits in steps until something holds.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(Instant::now() < end, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn a_locked_table_is_an_outage_that_doubles_no_record_and_does_not_hold_up_the_stop() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let location = Location::Postgres(postgres.url(), None);
    let lock = "BEGIN; LOCK TABLE turns IN ACCESS EXCLUSIVE MODE";
    let waiting = "SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)";
    block_on(async {
        let (recorder, writer) = Writer::start(Options {
            location: location.clone(),
            retention_days: 0,
        });
        let counts = recorder.counts().expect("records").clone();
        recorder.record(turn(Timestamp::now(), "鍵の前"));
        until("the first record", async || counts.written() == 1).await;
        let mut connection = PgConnection::connect(&postgres.url()).await.unwrap();
        sqlx::raw_sql(lock).execute(&mut connection).await.unwrap();
        recorder.record(turn(Timestamp::now(), "鍵の間"));
        until("a failure", async || counts.is_failing()).await;
        let released = sqlx::raw_sql("COMMIT").execute(&mut connection).await;
        released.unwrap();
        until("the second record", async || counts.written() == 2).await;
        assert!(!counts.is_failing());
        // The stop comes while a statement waits for the lock.
        sqlx::raw_sql(lock).execute(&mut connection).await.unwrap();
        recorder.record(turn(Timestamp::now(), "鍵のまま"));
        until("a statement that waits", async || {
            let found = sqlx::query_scalar::<_, bool>(waiting);
            found.fetch_one(&mut connection).await.unwrap()
        })
        .await;
        let start = Instant::now();
        writer.stop().await;
        let seconds = start.elapsed().as_secs_f64();
        assert!(seconds < 15.0, "the stop took {seconds} s");
        assert_eq!((counts.written(), counts.dropped()), (2, 1));
        let released = sqlx::raw_sql("COMMIT").execute(&mut connection).await;
        released.unwrap();
    });
    let texts: Vec<_> = turns(&location).into_iter().map(|turn| turn.text).collect();
    assert_eq!(
        texts,
        ["鍵の前", "鍵の間"].map(|text| Some(text.to_owned()))
    );
}

#[test]
fn a_database_that_refuses_to_delete_is_one_warning_and_no_outage() {
    let folder = tempfile::tempdir().unwrap();
    let (records, location) = sqlite(folder.path());
    let Location::Sqlite(path) = &location else {
        unreachable!("a file");
    };
    block_on(async {
        Database::open(&location).await.unwrap().close().await;
        let url = format!("sqlite://{}", path.display());
        let mut connection = sqlx::SqliteConnection::connect(&url).await.unwrap();
        let refuse = "INSERT INTO salts VALUES ('2020-01-01', 'old'); \
             CREATE TRIGGER refuse BEFORE DELETE ON salts \
             BEGIN SELECT RAISE(ABORT, 'deleting is not allowed'); END";
        sqlx::raw_sql(refuse)
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
    });
    let mut serving = Serving::start(&project("knowledge"), &environment(&records));
    let warning = "records: old rows cannot be deleted now, trying again";
    let logged = serving.log_line(warning);
    let error = logged["error"].as_str().unwrap();
    assert!(error.contains("deleting is not allowed"), "{error}");
    for written in 1..=3 {
        serving.ask("有料会員をやめたい");
        await_written(&serving, written);
    }
    let log = serving.stop();
    assert_eq!(log.matches(warning).count(), 1, "{log}");
    for message in ["cannot be written now", "written again"] {
        assert!(!log.contains(message), "{log}");
    }
    assert_eq!(turns(&location).len(), 3);
}

/// A small file system in memory; unmounted when dropped.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(folder: &'a Path) -> Option<Self> {
        let mounted = mount(folder, "size=256k");
        if !mounted {
            skip(
                "a full disk",
                "tmpfs cannot be mounted; run the test as root",
            );
            return None;
        }
        Some(Self(folder))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

fn mount(folder: &Path, options: &str) -> bool {
    let mut command = Command::new("mount");
    command.args(["-t", "tmpfs", "-o", options, "tmpfs"]);
    command
        .arg(folder)
        .output()
        .is_ok_and(|output| output.status.success())
}

#[test]
fn answers_go_on_while_the_disk_is_full_and_records_resume() {
    let folder = tempfile::tempdir().unwrap();
    let Some(_disk) = SmallDisk::mount(folder.path()) else {
        return;
    };
    let (records, location) = sqlite(folder.path());
    let mut serving = Serving::start(&project("knowledge"), &environment(&records));
    let url = format!("http://{}", serving.address());
    let answers = under_load(&url, || {
        let end = Instant::now() + Duration::from_secs(120);
        while !serving.metrics().lines().any(|line| {
            let failures = line.strip_prefix("madoguchi_records_failed_writes_total ");
            failures.is_some_and(|failures| failures != "0")
        }) {
            assert!(Instant::now() < end, "the disk does not fill up");
            thread::sleep(Duration::from_millis(50));
        }
        thread::sleep(Duration::from_secs(1));
        let written = counted(&serving.metrics(), "written");
        assert!(mount(folder.path(), "remount,size=64m"));
        await_written(&serving, written + 1);
    });
    let metrics = serving.metrics();
    let log = serving.stop();
    assert!(log.contains("disk is full"), "{log}");
    assert!(log.contains("records: written again"), "{log}");
    assert_eq!(integrity(&location), "ok");
    let rows = turns(&location).len() as u64;
    assert_eq!(rows + counted(&metrics, "dropped"), answers);
}

#[test]
fn a_deleted_file_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let (records, location) = sqlite(folder.path());
    let mut serving = Serving::start(&project("knowledge"), &environment(&records));
    serving.ask("有料会員をやめたい");
    await_written(&serving, 1);
    std::fs::remove_dir_all(folder.path().join("records")).unwrap();
    serving.ask("有料会員をやめたい");
    await_written(&serving, 2);
    serving.stop();
    assert_eq!(turns(&location).len(), 1);
}

#[test]
fn two_replicas_on_one_postgresql_lose_and_double_no_record() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
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
    let records = postgres.url();
    let mut environment = environment(&records);
    environment.push(("MADOGUCHI_SECRET", "the same for both replicas"));
    let indexes = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let start = |replica: usize| {
        let index = indexes[replica].path();
        Serving::start_again(
            addresses[replica],
            &project("knowledge"),
            index,
            &environment,
        )
    };
    let mut replicas = [start(0), start(1)];
    let Some(_nginx) = Nginx::start(folder.path(), "madoguchi.conf", &replaced) else {
        return;
    };
    let url = format!("https://{secure}");
    let live = || insecure_client().get(format!("{url}/livez")).send();
    nginx::await_answer(|| live().is_ok_and(|response| response.status() == 200));
    let expected = number("RECORDS_TURNS", TURNS);
    let clients = 4;
    thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                let client = insecure_client();
                let mut conversation = json!(null);
                for turn in 0..expected / clients / 2 {
                    // Every second turn needs the turn before it, which the other replica may have
                    // answered.
                    let question = match turn % 2 {
                        0 => "セミナーってどうやって出るの",
                        _ => "商談会だったら？",
                    };
                    let mut body = json!({ "question": question });
                    if turn % 2 == 1 {
                        body["conversation"] = conversation.clone();
                    }
                    let request = client.post(format!("{url}/api/v1/ask")).json(&body);
                    let answer: serde_json::Value = request.send().unwrap().json().unwrap();
                    let entry = answer["entry"]["id"].as_str().unwrap_or_default();
                    let part = ["seminar", "meeting"][usize::try_from(turn % 2).unwrap()];
                    assert!(entry.contains(part), "{answer}");
                    conversation = answer["conversation"].clone();
                    let rating = json!({
                        "answer_id": answer["answer_id"], "helpful": true, "conversation": conversation
                    });
                    let request = client.post(format!("{url}/api/v1/feedback")).json(&rating);
                    assert_eq!(request.send().unwrap().status(), 200);
                }
            });
        }
    });
    let asked = replicas.each_ref().map(|replica| {
        let metrics = replica.metrics();
        let lines = metrics
            .lines()
            .filter(|line| line.starts_with("madoguchi_answers_total{"));
        let counts = lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok());
        counts.sum::<u64>()
    });
    assert!(
        asked.iter().all(|count| *count > 0),
        "both answered: {asked:?}"
    );
    for replica in &mut replicas {
        replica.stop();
    }
    let turns = turns(&Location::Postgres(postgres.url(), None));
    let expected = expected / clients / 2 * clients * 2;
    assert_eq!(turns.len() as u64, expected);
    // One hash for a conversation on both replicas: each has two questions and two ratings.
    let mut conversations = std::collections::BTreeMap::new();
    for turn in &turns {
        *conversations.entry(&turn.conversation).or_insert(0) += 1;
    }
    let odd = conversations.values().filter(|count| **count != 4).count();
    assert!(odd <= clients as usize, "{odd} of {}", conversations.len());
}
