//! The way between the bot and Discord: lost connections, sessions resumed and begun anew, refusals,
//! shards, and ten thousand interactions.

use std::process::Command;
use std::time::{Duration, Instant};

use madoguchi::channels::discord::Options;
use serde_json::{Value, json};

use crate::support::app::shipped;
use crate::support::discord::bot::TestBot;
use crate::support::discord::member::Place;
use crate::support::discord::{FakeDiscord, Fault, GUILD, Member, OTHER_GUILD, TOKEN};
use crate::support::knowledge::project;
use crate::support::process::{Serving, finish};

const QUESTION: &str = "有料会員をやめたい";

/// What must lie between two IDENTIFY, less what a busy machine may lose of it.
const BETWEEN_IDENTIFIES: Duration = Duration::from_millis(4_500);

/// Asks by command and by message, and waits for both answers.
async fn is_well(bot: &TestBot) {
    let who = Member::new(7);
    let answer = bot.ask(&who, QUESTION).await;
    assert!(answer.message.to_string().contains("会員"), "{answer:?}");
    let said = bot.fake.dm(&who, QUESTION);
    bot.fake.reply_to(&said).await;
}

/// Tells that nothing was answered twice, and how often sessions were begun.
fn identified(fake: &FakeDiscord) -> usize {
    // An interaction that is responded to twice is among the wrong.
    assert_eq!(fake.take_wrong(), Vec::<String>::new());
    let sent = fake.messages();
    let replied = sent.iter().filter_map(|message| {
        let replied = message["message_reference"]["message_id"].as_str();
        replied.map(str::to_owned)
    });
    for message in replied {
        assert_eq!(fake.replies_to(&message), 1, "{message}");
    }
    let all = fake.identifies();
    for pair in all.windows(2) {
        let between = pair[1].at.duration_since(pair[0].at);
        assert!(
            between >= BETWEEN_IDENTIFIES,
            "{between:?} between two IDENTIFY"
        );
    }
    all.len()
}

#[tokio::test]
async fn what_came_while_the_connection_was_lost_is_answered_after_it_is_resumed() {
    let bot = TestBot::start().await;
    let who = Member::new(7);
    is_well(&bot).await;
    for round in 1..=3 {
        bot.fake.drop_sockets();
        let asked = bot
            .fake
            .command(&who, "ask", &json!({ "question": QUESTION }));
        let asked = bot.fake.interact(asked);
        let said = bot.fake.dm(&who, QUESTION);
        let named = bot.fake.mention(&who, QUESTION);
        bot.fake.wait_response(&asked).await;
        bot.fake.reply_to(&said).await;
        bot.fake.reply_to(&named).await;
        let resumes = bot.fake.resumes();
        assert!(resumes.len() >= round && resumes.iter().all(|resume| resume.is_ok));
    }
    is_well(&bot).await;
    assert_eq!(identified(&bot.fake), 1);
}

#[tokio::test]
async fn a_connection_that_is_to_be_made_again_or_ends_by_itself_is_resumed() {
    let bot = TestBot::start().await;
    let resumed = async |count: usize| {
        let is_done = || (bot.fake.resumes().len() >= count).then_some(());
        bot.fake.until("a RESUME", is_done).await;
        is_well(&bot).await;
    };
    bot.fake.reconnect();
    resumed(1).await;
    bot.fake.close_sockets(4_000);
    resumed(2).await;
    assert_eq!(identified(&bot.fake), 1);
    // A way that is closed for a while is tried again, in the end by the first address.
    bot.fake.fail_next("GET /socket", Fault::Status(503));
    bot.fake.fail_next("GET /socket", Fault::Dropped);
    bot.fake.drop_sockets();
    let tried = || (bot.fake.faults() == 0).then_some(());
    bot.fake.until("two attempts", tried).await;
    bot.fake.ready(1).await;
    is_well(&bot).await;
    let resumes = bot.fake.resumes();
    assert!(resumes.iter().all(|resume| resume.is_ok), "{resumes:?}");
    assert!(
        resumes[..2].iter().all(|resume| resume.is_there),
        "{resumes:?}"
    );
    assert_eq!(identified(&bot.fake), 1);
}

#[tokio::test]
async fn a_connection_that_is_closed_for_good_is_begun_anew() {
    let bot = TestBot::start().await;
    for code in [4_003, 4_007, 4_009] {
        let before = bot.fake.identifies().len() + bot.fake.resumes().len();
        bot.fake.close_sockets(code);
        let again = || {
            let now = bot.fake.identifies().len() + bot.fake.resumes().len();
            (now > before).then_some(())
        };
        bot.fake.until("a new connection", again).await;
        bot.fake.ready(1).await;
        is_well(&bot).await;
    }
    identified(&bot.fake);
}

#[tokio::test]
async fn no_session_is_begun_while_those_of_a_day_are_used_up() {
    let fake = FakeDiscord::start().await;
    let reset = Duration::from_secs(4);
    fake.use_up_sessions(reset);
    let start = Instant::now();
    let bot = TestBot::start_at(fake, shipped(), Options::default());
    bot.ready().await;
    let first = bot.fake.identifies()[0].at.duration_since(start);
    assert!(first >= reset, "{first:?}");
    is_well(&bot).await;
}

#[tokio::test]
async fn a_session_that_is_invalid_is_resumed_if_it_may_be_and_else_begun_anew() {
    let bot = TestBot::start().await;
    bot.fake.invalid_session(true);
    let again = || {
        let resumes = bot.fake.resumes().len();
        (resumes + bot.fake.identifies().len() >= 2).then_some(())
    };
    bot.fake.until("a RESUME or an IDENTIFY", again).await;
    bot.fake.ready(1).await;
    is_well(&bot).await;
    let before = bot.fake.identifies().len();
    bot.fake.invalid_session(false);
    let anew = || (bot.fake.identifies().len() > before).then_some(());
    bot.fake.until("an IDENTIFY", anew).await;
    bot.fake.ready(1).await;
    is_well(&bot).await;
    identified(&bot.fake);
}

#[tokio::test]
async fn a_session_that_nobody_knows_any_more_is_begun_anew() {
    let bot = TestBot::start().await;
    bot.fake.forget_sessions();
    bot.fake.drop_sockets();
    let anew = || (bot.fake.identifies().len() >= 2).then_some(());
    bot.fake.until("an IDENTIFY", anew).await;
    bot.fake.ready(1).await;
    is_well(&bot).await;
    assert_eq!(identified(&bot.fake), 2);
}

#[tokio::test]
async fn events_are_received_compressed() {
    let bot = TestBot::start().await;
    is_well(&bot).await;
    assert!(bot.fake.compressed() >= 3, "{}", bot.fake.compressed());
}

#[tokio::test]
async fn a_gateway_that_does_not_acknowledge_heartbeats_is_left_and_come_back_to() {
    let fake = FakeDiscord::start().await;
    fake.set_heartbeat(Duration::from_millis(1_000));
    let bot = TestBot::start_at(fake, shipped(), Options::default());
    bot.ready().await;
    bot.fake
        .until("heartbeats", || (bot.fake.beats() >= 2).then_some(()))
        .await;
    bot.fake.withhold_acks(true);
    let again = || {
        let resumes = bot.fake.resumes().len();
        (resumes >= 1 || bot.fake.identifies().len() >= 2).then_some(())
    };
    bot.fake.until("a new connection", again).await;
    bot.fake.withhold_acks(false);
    bot.fake.ready(1).await;
    bot.fake.ask_heartbeat();
    is_well(&bot).await;
    identified(&bot.fake);
}

#[tokio::test]
async fn a_response_that_is_put_off_or_lost_is_given_again_in_time() {
    let bot = TestBot::start().await;
    let who = Member::new(7);
    for fault in [
        Fault::TooMany(0.5),
        Fault::Status(500),
        Fault::Status(502),
        Fault::Dropped,
        Fault::Lost,
        Fault::Slow(Duration::from_secs(1)),
    ] {
        bot.fake.fail_next("POST /interactions", fault);
        let before = bot.fake.calls("POST /interactions").len();
        let answer = bot.ask(&who, QUESTION).await;
        assert_eq!(answer.kind, 4, "{fault:?}");
        assert!(
            answer.took < Duration::from_secs(3),
            "{fault:?}: {:?}",
            answer.took
        );
        if let Fault::TooMany(seconds) = fault {
            let calls = bot.fake.calls("POST /interactions");
            let waited = calls[before + 1].at.duration_since(calls[before].at);
            assert!(waited >= Duration::from_secs_f64(seconds), "{waited:?}");
        }
        assert_eq!(bot.fake.faults(), 0);
        // Others are not held up by it.
        let typed = bot.fake.autocomplete(&who, "ask", "question", "会費");
        bot.fake.fail_next("POST /interactions", fault);
        let slow = bot
            .fake
            .command(&Member::new(8), "ask", &json!({ "question": QUESTION }));
        let slow = bot.fake.interact(slow);
        bot.fake
            .until("the fault", || (bot.fake.faults() == 0).then_some(()))
            .await;
        assert_eq!(bot.fake.ask(typed).await.kind, 8);
        bot.fake.wait_response(&slow).await;
    }
    assert!(bot.fake.unanswered().is_empty());
}

#[tokio::test]
async fn a_reply_that_is_put_off_or_lost_is_sent_again() {
    let bot = TestBot::start().await;
    for (user, fault) in (10..).zip([
        Fault::TooMany(1.2),
        Fault::Status(500),
        Fault::Status(503),
        Fault::Dropped,
        Fault::Slow(Duration::from_secs(1)),
    ]) {
        bot.fake.fail_next("POST /channels", fault);
        let start = Instant::now();
        let said = bot.fake.dm(&Member::new(user), QUESTION);
        bot.fake
            .until("the fault", || (bot.fake.faults() == 0).then_some(()))
            .await;
        let reply = bot.fake.reply_to(&said).await;
        assert_eq!(bot.fake.replies_to(&said), 1, "{fault:?}: {reply}");
        if let Fault::TooMany(seconds) = fault {
            let waited = start.elapsed();
            assert!(waited >= Duration::from_secs_f64(seconds), "{waited:?}");
        }
    }
    // Whoever waits so long sees that the bot is writing.
    assert!(bot.fake.typings() >= 1);
    // If only the answer was lost, the second attempt makes no second message.
    let calls = || {
        let calls = bot.fake.calls("POST /channels").into_iter();
        calls
            .filter(|call| call.path.ends_with("/messages"))
            .count()
    };
    let before = calls();
    bot.fake.fail_next("POST /channels/1", Fault::Lost);
    let said = bot.fake.dm(&Member::new(30), QUESTION);
    let again = || (calls() == before + 2).then_some(());
    bot.fake.until("a second attempt", again).await;
    assert_eq!(bot.fake.replies_to(&said), 1);
}

#[tokio::test]
async fn a_flood_in_one_channel_waits_for_its_turn_and_holds_up_no_other() {
    let bot = TestBot::start().await;
    bot.fake.fail_next("POST /channels", Fault::TooMany(1.5));
    let start = Instant::now();
    let who = Member::new(7);
    let said: Vec<String> = (0..40).map(|_| bot.fake.dm(&who, QUESTION)).collect();
    bot.fake
        .until("the fault", || (bot.fake.faults() == 0).then_some(()))
        .await;
    let other = bot.fake.dm(&Member::new(8), QUESTION);
    bot.fake.reply_to(&other).await;
    assert!(start.elapsed() < Duration::from_millis(1_500));
    let answered = || said.iter().filter(|id| bot.fake.replies_to(id) > 0).count();
    let some = || (answered() > 0).then_some(());
    bot.fake.until("an answer", some).await;
    assert!(start.elapsed() >= Duration::from_millis(1_500));
    tokio::time::sleep(Duration::from_secs(3)).await;
    // The rest was too much for one channel.
    assert!((1..40).contains(&answered()), "{}", answered());
    let calls = bot.fake.calls("POST /channels");
    let refused = calls.iter().filter(|call| call.status == 429).count();
    assert_eq!(refused, 1, "{calls:?}");
}

#[tokio::test]
async fn a_start_that_goes_wrong_at_first_succeeds() {
    let fake = FakeDiscord::start().await;
    for (path, fault) in [
        ("GET /oauth2", Fault::Dropped),
        ("GET /oauth2", Fault::Status(502)),
        ("GET /applications", Fault::TooMany(0.5)),
        ("PUT /applications", Fault::TooMany(0.5)),
        ("PUT /applications", Fault::Status(500)),
        ("PUT /applications", Fault::Dropped),
        ("GET /gateway", Fault::Status(500)),
        ("GET /gateway", Fault::Dropped),
        ("GET /socket", Fault::Status(503)),
        ("GET /socket", Fault::Dropped),
    ] {
        fake.fail_next(path, fault);
    }
    let bot = TestBot::start_at(fake, shipped(), Options::default());
    bot.ready().await;
    assert_eq!(bot.fake.faults(), 0);
    assert_eq!(bot.fake.commands_puts().len(), 1);
    is_well(&bot).await;
    identified(&bot.fake);
}

#[tokio::test]
async fn commands_that_are_put_off_hold_up_neither_the_gateway_nor_a_stop() {
    let fake = FakeDiscord::start().await;
    fake.fail_next("PUT /applications", Fault::TooMany(100.0));
    let bot = TestBot::start_at(fake, shipped(), Options::default());
    bot.fake.ready(1).await;
    is_well(&bot).await;
    bot.fake
        .until("the fault", || (bot.fake.faults() == 0).then_some(()))
        .await;
    let start = Instant::now();
    bot.stop().await;
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn commands_that_did_not_change_are_registered_once() {
    let bot = TestBot::start().await;
    let before = bot.fake.commands();
    let fake = bot.stop().await;
    assert_eq!(fake.commands_puts().len(), 1);
    fake.allow_identify();
    let bot = TestBot::start_at(fake, shipped(), Options::default());
    bot.fake
        .until("a second start", || {
            (bot.fake.identifies().len() >= 2).then_some(())
        })
        .await;
    bot.ready().await;
    is_well(&bot).await;
    assert_eq!(
        bot.fake.commands_puts().len(),
        1,
        "{:#?}",
        bot.fake.commands_puts()
    );
    assert_eq!(bot.fake.commands(), before);
    bot.stop().await;
}

#[tokio::test]
async fn stopping_answers_what_was_taken_and_says_goodbye() {
    let bot = TestBot::start().await;
    let who = Member::new(7);
    bot.fake
        .fail_next("POST /interactions", Fault::TooMany(0.7));
    bot.fake.fail_next("POST /channels", Fault::TooMany(1.0));
    let asked = bot
        .fake
        .command(&who, "ask", &json!({ "question": QUESTION }));
    let asked = bot.fake.interact(asked);
    let said = bot.fake.dm(&who, QUESTION);
    bot.fake
        .until("the faults", || (bot.fake.faults() == 0).then_some(()))
        .await;
    let fake = bot.stop().await;
    assert!(fake.response(&asked).is_some());
    assert_eq!(fake.replies_to(&said), 1);
    fake.until("a goodbye", || (fake.connected() == 0).then_some(()))
        .await;
}

#[tokio::test]
async fn every_shard_serves_its_guilds() {
    let fake = FakeDiscord::start().await;
    fake.set_shards(2);
    let bot = TestBot::start_at(fake, shipped(), Options::default());
    bot.fake.ready(2).await;
    let mut shards: Vec<_> = bot.fake.identifies().iter().map(|one| one.shard).collect();
    shards.sort_unstable();
    assert_eq!(shards, [[0, 2], [1, 2]]);
    identified(&bot.fake);
    for round in 0..2 {
        for guild in [GUILD, OTHER_GUILD] {
            let who = Member::new(7).at(Place::Guild(guild));
            bot.ask(&who, QUESTION).await;
            let named = bot.fake.mention(&who, QUESTION);
            bot.fake.reply_to(&named).await;
        }
        is_well(&bot).await;
        if round == 0 {
            bot.fake.drop_sockets();
            bot.fake.ready(2).await;
        }
    }
    assert_eq!(bot.fake.resumes().len(), 2);
}

#[tokio::test]
async fn sessions_that_do_not_last_are_begun_ever_more_rarely() {
    let bot = TestBot::start().await;
    let end = Instant::now() + Duration::from_secs(30);
    while Instant::now() < end {
        let known = bot.fake.identifies().len();
        if bot.fake.connected() > 0 {
            bot.fake.invalid_session(false);
            bot.fake.drop_sockets();
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(bot.fake.identifies().len() <= known + 1);
    }
    let count = identified(&bot.fake);
    let resumes = bot.fake.resumes().len();
    // Five seconds apart there is room for seven.
    assert!((2..=7).contains(&count), "{count} IDENTIFY in 30 s");
    assert!(resumes <= 30, "{resumes} RESUME in 30 s");
}

#[tokio::test]
async fn a_gateway_that_begins_no_session_is_asked_ever_more_rarely() {
    let fake = FakeDiscord::start().await;
    fake.refuse_sessions();
    let bot = TestBot::start_at(fake, shipped(), Options::default());
    tokio::time::sleep(Duration::from_secs(30)).await;
    // Five seconds apart there is room for seven.
    let count = identified(&bot.fake);
    assert!((2..=4).contains(&count), "{count} IDENTIFY in 30 s");
}

/// The message that tells what came of the token, with the log up to it and what Discord saw.
async fn refused(fake: &FakeDiscord, message: &'static str, provoke: impl AsyncFn()) -> Value {
    let url = fake.url();
    let serving = tokio::task::spawn_blocking(move || {
        let environment = [
            ("MADOGUCHI_DISCORD_TOKEN", TOKEN),
            ("MADOGUCHI_DISCORD_API_URL", &*url),
        ];
        Serving::start(&project("knowledge"), &environment)
    });
    let mut serving = serving.await.unwrap();
    provoke().await;
    let ended = tokio::task::spawn_blocking(move || {
        let logged = serving.hear(message);
        // Long enough for what would try again.
        std::thread::sleep(Duration::from_secs(7));
        assert_eq!(serving.ask(QUESTION)["outcome"], "answered");
        serving.signal("TERM");
        assert!(serving.wait().success());
        let log = serving.lines.join("\n");
        let (_, secret) = TOKEN.rsplit_once('.').unwrap();
        assert!(!log.contains(secret), "the token is in the log:\n{log}");
        logged
    });
    ended.await.unwrap()
}

const UNKNOWN_TOKEN: &str = "Discord bot off: token rejected";

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_said_once_and_the_web_goes_on() {
    let fake = FakeDiscord::start().await;
    fake.set_token("OTg3.another.token");
    let logged = refused(&fake, UNKNOWN_TOKEN, async || {}).await;
    let hint = logged["hint"].as_str().unwrap_or_default();
    assert!(hint.contains("MADOGUCHI_DISCORD_TOKEN"), "{logged}");
    assert_eq!(fake.identifies().len(), 0);
    assert_eq!(fake.calls("").len(), 1, "{:?}", fake.calls(""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_withdrawn_is_said_once_and_the_web_goes_on() {
    let fake = FakeDiscord::start().await;
    let provoke = async || {
        fake.ready(1).await;
        fake.set_token("OTg3.another.token");
        fake.close_sockets(4_004);
    };
    refused(&fake, UNKNOWN_TOKEN, provoke).await;
    assert_eq!(identified(&fake), 1);
    assert_eq!(fake.resumes().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn intents_that_are_refused_are_said_once_and_the_web_goes_on() {
    let fake = FakeDiscord::start().await;
    fake.refuse_intents();
    let message = "Discord bot off: gateway refused the connection";
    refused(&fake, message, async || {}).await;
    assert_eq!(identified(&fake), 1);
}

/// Runs the load in a process of its own, whose memory no other test touches.
#[test]
fn ten_thousand_interactions_of_a_thousand_users_are_each_answered_once_and_in_time() {
    const CHILD: &str = "DISCORD_LOAD_CHILD";
    if std::env::var_os(CHILD).is_some() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(load());
        return;
    }
    let name = "discord_traffic::ten_thousand_interactions_of_a_thousand_users_are_each_answered_once_and_in_time";
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", name, "--nocapture"])
        .env(CHILD, "1");
    // Else each thread keeps freed memory of its own, and how much of it depends on the machine.
    command.env("MALLOC_ARENA_MAX", "1");
    let ended = finish(command, b"");
    eprintln!("{}", ended.stderr);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(ended.stdout.contains("1 passed"), "{}", ended.stdout);
}

async fn load() {
    const USERS: u64 = 1_000;
    const ROUNDS: usize = 10;
    const AT_ONCE: u64 = 100;
    let bot = TestBot::start().await;
    let fake = &bot.fake;
    // Each user's last answer is there to be pressed.
    fake.keep(2_500);
    let questions = [
        "有料会員をやめたい",
        "会費はいくら",
        "通訳は必要？",
        "領収書がほしい",
    ];
    let mut answers = vec![Value::Null; usize::try_from(USERS).unwrap()];
    let start = Instant::now();
    let (mut early, mut most, mut expected) = (0, 0, 0);
    let mut pressed = 0;
    for round in 1..=ROUNDS {
        for batch in 0..USERS / AT_ONCE {
            let mut asked = Vec::new();
            for user in batch * AT_ONCE..(batch + 1) * AT_ONCE {
                let who = Member::new(user);
                let at = usize::try_from(user).unwrap();
                let question = questions[at % questions.len()];
                let payload = match round % 3 {
                    1 => fake.command(&who, "ask", &json!({ "question": question })),
                    2 => fake.autocomplete(&who, "ask", "question", &question[..6]),
                    _ => {
                        pressed += 1;
                        let has_verdict = answers[at].to_string().contains("\"n:");
                        fake.press(&who, &answers[at], if has_verdict { "n:" } else { "" })
                    }
                };
                asked.push((at, fake.interact(payload)));
            }
            expected += asked.len();
            let done = || (fake.answered().0 >= expected).then_some(());
            fake.until("all answers", done).await;
            for (at, id) in asked {
                let response = fake.response(&id).expect("an answer");
                if !response.message.is_null() && round % 3 == 1 {
                    answers[at] = response.message;
                }
            }
        }
        let memory = resident_kilobytes();
        // By then every user's state, what the fake keeps and the connections are there.
        if round == ROUNDS / 2 {
            early = memory;
        }
        most = most.max(memory);
    }
    let seconds = start.elapsed().as_secs_f64();
    let (answered, slowest) = fake.answered();
    assert_eq!(answered, expected);
    assert_eq!(answered, 10_000);
    assert!(fake.unanswered().is_empty());
    let fake = bot.stop().await;
    // One answered twice is among the wrong, and so is one that came too late.
    assert_eq!(fake.take_wrong(), Vec::<String>::new());
    assert!(slowest < Duration::from_secs(3), "{slowest:?}");
    eprintln!(
        "10,000 interactions of 1,000 users ({pressed} presses) in {seconds:.1} s \
         ({:.0} a second), the slowest {slowest:.0?}; {early} kB after 5,000, {most} kB at most",
        10_000.0 / seconds
    );
    assert!(
        most < early + 15_000,
        "{early} kB after 5,000 interactions, {most} kB at most"
    );
}

/// The memory of this process, where the system tells it.
fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}
