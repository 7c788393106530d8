//! Connections between the bot and Discord: reconnects, sessions, refusals, retries, shards, and a
//! load of 10,000 interactions.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::bot::{LoadMemory, QUESTION, assert_not_logged, run_load, serve};
use crate::support::discord::bot::TestBot;
use crate::support::discord::gateway::IDENTIFY_INTERVAL;
use crate::support::discord::member::Place;
use crate::support::discord::{FakeDiscord, Fault, GUILD, Member, OTHER_GUILD, TOKEN};

/// Asks with the command and with a message, and waits for both answers.
async fn check_answers(bot: &TestBot) {
    let who = Member::new(7);
    let answer = bot.ask(&who, QUESTION).await;
    assert!(answer.message.to_string().contains("会員"), "{answer:?}");
    let message = bot.fake.dm(&who, QUESTION);
    bot.fake.reply_to(&message).await;
}

/// Waits until a condition holds and the bot has a session, and checks that it answers.
async fn check_answers_after(bot: &TestBot, event: &str, is_done: impl Fn(&FakeDiscord) -> bool) {
    bot.fake.until_true(event, || is_done(&bot.fake)).await;
    bot.fake.ready(1).await;
    check_answers(bot).await;
}

/// Checks that nothing was answered twice; returns the number of IDENTIFY payloads.
fn identified(fake: &FakeDiscord) -> usize {
    // A second response to an interaction is a violation.
    assert_eq!(fake.take_violations(), Vec::<String>::new());
    let sent = fake.messages();
    let references = sent.iter().map(|message| &message["message_reference"]);
    for message in references.filter_map(|reference| reference["message_id"].as_str()) {
        assert_eq!(fake.replies_to(message), 1, "{message}");
    }
    let all = fake.identifies();
    for pair in all.windows(2) {
        let between = pair[1].at.duration_since(pair[0].at);
        assert!(between >= IDENTIFY_INTERVAL, "{between:?}");
    }
    all.len()
}

#[tokio::test]
async fn events_during_a_lost_connection_are_answered_after_a_resume() {
    let bot = TestBot::start().await;
    let who = Member::new(7);
    check_answers(&bot).await;
    for round in 1..=3 {
        bot.fake.drop_sockets();
        let asked = bot.fake.question(&who, QUESTION);
        let asked = bot.fake.interact(asked);
        let message = bot.fake.dm(&who, QUESTION);
        let named = bot.fake.mention(&who, QUESTION);
        bot.fake.wait_response(&asked).await;
        bot.fake.reply_to(&message).await;
        bot.fake.reply_to(&named).await;
        let resumes = bot.fake.resumes();
        assert!(resumes.len() >= round && resumes.iter().all(|resume| resume.is_ok));
    }
    check_answers(&bot).await;
    assert_eq!(identified(&bot.fake), 1);
}

#[tokio::test]
async fn a_connection_that_discord_closes_is_resumed_at_the_resume_address() {
    let bot = TestBot::start().await;
    bot.fake.reconnect();
    check_answers_after(&bot, "a RESUME", |fake| !fake.resumes().is_empty()).await;
    bot.fake.close_sockets(4_000);
    check_answers_after(&bot, "a RESUME", |fake| fake.resumes().len() >= 2).await;
    assert_eq!(identified(&bot.fake), 1);
    // After a failed connection, the address for new sessions serves as well.
    bot.fake.fail_next("GET /socket", Fault::Status(503));
    bot.fake.fail_next("GET /socket", Fault::Dropped);
    bot.fake.drop_sockets();
    bot.fake.no_faults_left().await;
    bot.fake.ready(1).await;
    check_answers(&bot).await;
    let resumes = bot.fake.resumes();
    assert!(resumes.iter().all(|resume| resume.is_ok), "{resumes:?}");
    assert!(
        resumes[..2].iter().all(|resume| resume.is_at_resume_url),
        "{resumes:?}"
    );
    assert_eq!(identified(&bot.fake), 1);
}

#[tokio::test]
async fn connections_that_end_before_hello_are_retried_with_growing_delays() {
    let bot = TestBot::start().await;
    // The delays 0, 0.25, 0.5 and 1 s allow five rounds in 2 s. A connection that is lost without a
    // close frame may take up to 32 attempts in a round.
    for (fault, max) in [(Fault::Closed(4_000), 5), (Fault::Lost, 5 * 32)] {
        const FAULTS: usize = 1_000;
        for _ in 0..FAULTS {
            bot.fake.fail_next("GET /socket", fault);
        }
        let start = Instant::now();
        bot.fake.drop_sockets();
        tokio::time::sleep(Duration::from_secs(2)).await;
        let count = FAULTS - bot.fake.take_faults();
        // A busy machine may sleep longer.
        if start.elapsed() < Duration::from_secs(3) {
            assert!((1..=max).contains(&count), "{fault:?}: {count}");
        }
        bot.fake.ready(1).await;
        check_answers(&bot).await;
    }
    assert!(bot.fake.resumes().iter().all(|resume| resume.is_ok));
    assert_eq!(identified(&bot.fake), 1);
}

#[tokio::test]
async fn the_bot_connects_again_after_its_session_ended() {
    let bot = TestBot::start().await;
    for code in [4_003, 4_007, 4_009] {
        let count = |fake: &FakeDiscord| fake.identifies().len() + fake.resumes().len();
        let before = count(&bot.fake);
        bot.fake.close_sockets(code);
        check_answers_after(&bot, "a new connection", |fake| count(fake) > before).await;
    }
    identified(&bot.fake);
}

#[tokio::test]
async fn the_bot_identifies_only_after_the_reset_if_no_session_is_left_today() {
    let fake = FakeDiscord::start().await;
    let reset = Duration::from_secs(4);
    fake.use_up_sessions(reset);
    let start = Instant::now();
    let bot = TestBot::start_on(fake);
    bot.ready().await;
    let first = bot.fake.identifies()[0].at.duration_since(start);
    assert!(first >= reset, "{first:?}");
    check_answers(&bot).await;
}

#[tokio::test]
async fn an_invalid_session_is_resumed_if_resumable_and_replaced_if_not() {
    let bot = TestBot::start().await;
    bot.fake.invalid_session(true);
    check_answers_after(&bot, "a RESUME", |fake| fake.resumes().len() == 1).await;
    let before = bot.fake.identifies().len();
    bot.fake.invalid_session(false);
    check_answers_after(&bot, "an IDENTIFY", |fake| fake.identifies().len() > before).await;
    identified(&bot.fake);
}

#[tokio::test]
async fn a_session_that_discord_has_forgotten_is_replaced() {
    let bot = TestBot::start().await;
    bot.fake.forget_sessions();
    bot.fake.drop_sockets();
    check_answers_after(&bot, "an IDENTIFY", |fake| fake.identifies().len() >= 2).await;
    assert_eq!(identified(&bot.fake), 2);
}

#[tokio::test]
async fn unreadable_payloads_are_skipped() {
    let bot = TestBot::start().await;
    for payload in [
        json!("x"),
        json!([1]),
        json!({}),
        json!({"op": 99}),
        json!({"op": 0}),
    ] {
        bot.fake.send_payload(&payload);
    }
    check_answers(&bot).await;
    assert_eq!(identified(&bot.fake), 1);
}

#[tokio::test]
async fn events_are_received_compressed() {
    let bot = TestBot::start().await;
    check_answers(&bot).await;
    assert!(bot.fake.compressed() >= 3, "{}", bot.fake.compressed());
}

#[tokio::test]
async fn the_bot_connects_again_without_heartbeat_acknowledgements() {
    let fake = FakeDiscord::start().await;
    fake.set_heartbeat(Duration::from_millis(1_000));
    let bot = TestBot::start_on(fake);
    bot.ready().await;
    let are_received = || bot.fake.heartbeats() >= 2;
    bot.fake.until_true("heartbeats", are_received).await;
    bot.fake.withhold_acks(true);
    let again = || !bot.fake.resumes().is_empty();
    bot.fake.until_true("a RESUME", again).await;
    bot.fake.withhold_acks(false);
    bot.fake.ready(1).await;
    bot.fake.ask_heartbeat();
    check_answers(&bot).await;
    identified(&bot.fake);
}

#[tokio::test]
async fn a_response_that_is_rate_limited_or_lost_is_retried_in_time() {
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
        // Other interactions are not delayed.
        let typed = bot.fake.autocomplete(&who, "ask", "question", "会費");
        bot.fake.fail_next("POST /interactions", fault);
        let slow = bot.fake.question(&Member::new(8), QUESTION);
        let slow = bot.fake.interact(slow);
        bot.fake.no_faults_left().await;
        assert_eq!(bot.fake.ask(typed).await.kind, 8);
        bot.fake.wait_response(&slow).await;
    }
    assert!(bot.fake.unanswered().is_empty());
}

#[tokio::test]
async fn a_reply_that_is_rate_limited_or_lost_is_retried() {
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
        let message = bot.fake.dm(&Member::new(user), QUESTION);
        bot.fake.no_faults_left().await;
        let reply = bot.fake.reply_to(&message).await;
        assert_eq!(bot.fake.replies_to(&message), 1, "{fault:?}: {reply}");
        if let Fault::TooMany(seconds) = fault {
            let waited = start.elapsed();
            assert!(waited >= Duration::from_secs_f64(seconds), "{waited:?}");
        }
    }
    // During a long wait the typing indicator is shown.
    assert!(bot.fake.typings() >= 1);
    // If only the response of the call was lost, the retry creates no second message.
    let calls = || {
        let calls = bot.fake.calls("POST /channels").into_iter();
        calls
            .filter(|call| call.path.ends_with("/messages"))
            .count()
    };
    let before = calls();
    bot.fake.fail_next("POST /channels/1", Fault::Lost);
    let message = bot.fake.dm(&Member::new(30), QUESTION);
    let again = || calls() == before + 2;
    bot.fake.until_true("a retry", again).await;
    assert_eq!(bot.fake.replies_to(&message), 1);
}

#[tokio::test]
async fn a_flood_in_one_channel_does_not_delay_others() {
    let bot = TestBot::start().await;
    bot.fake.fail_next("POST /channels", Fault::TooMany(5.0));
    let who = Member::new(7);
    let message: Vec<String> = (0..40).map(|_| bot.fake.dm(&who, QUESTION)).collect();
    bot.fake.no_faults_left().await;
    let other = bot.fake.dm(&Member::new(8), QUESTION);
    bot.fake.reply_to(&other).await;
    let answered = || {
        message
            .iter()
            .filter(|id| bot.fake.replies_to(id) > 0)
            .count()
    };
    assert_eq!(answered(), 0, "the flooded channel waits");
    bot.fake.until_true("an answer", || answered() > 0).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    // Messages beyond the limit of a channel are dropped.
    assert!((1..40).contains(&answered()), "{}", answered());
    let calls = bot.fake.calls("POST /channels");
    let refused = calls.iter().filter(|call| call.status == 429).count();
    assert_eq!(refused, 1, "{calls:?}");
}

#[tokio::test]
async fn a_start_with_temporary_failures_succeeds() {
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
    let bot = TestBot::start_on(fake);
    bot.ready().await;
    assert_eq!(bot.fake.faults(), 0);
    assert_eq!(bot.fake.commands_puts().len(), 1);
    check_answers(&bot).await;
    identified(&bot.fake);
}

#[tokio::test]
async fn rate_limited_command_registration_delays_neither_the_gateway_nor_a_shutdown() {
    let fake = FakeDiscord::start().await;
    fake.fail_next("PUT /applications", Fault::TooMany(100.0));
    let bot = TestBot::start_on(fake);
    bot.fake.ready(1).await;
    check_answers(&bot).await;
    bot.fake.no_faults_left().await;
    let start = Instant::now();
    bot.stop().await;
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn unchanged_commands_are_not_registered_again() {
    let bot = TestBot::start().await;
    let before = bot.fake.commands();
    let fake = bot.stop().await;
    assert_eq!(fake.commands_puts().len(), 1);
    fake.allow_identify();
    let bot = TestBot::start_on(fake);
    check_answers_after(&bot, "a second start", |fake| fake.identifies().len() >= 2).await;
    bot.ready().await;
    let puts = bot.fake.commands_puts();
    assert_eq!(puts.len(), 1, "{puts:#?}");
    assert_eq!(bot.fake.commands(), before);
    bot.stop().await;
}

#[tokio::test]
async fn a_shutdown_finishes_answers_in_progress_and_closes_the_connection() {
    let bot = TestBot::start().await;
    let who = Member::new(7);
    bot.fake
        .fail_next("POST /interactions", Fault::TooMany(0.7));
    bot.fake.fail_next("POST /channels", Fault::TooMany(1.0));
    let asked = bot.fake.question(&who, QUESTION);
    let asked = bot.fake.interact(asked);
    let message = bot.fake.dm(&who, QUESTION);
    bot.fake.no_faults_left().await;
    let fake = bot.stop().await;
    assert!(fake.response(&asked).is_some());
    assert_eq!(fake.replies_to(&message), 1);
    let is_closed = || fake.connected() == 0;
    fake.until_true("the end of the session", is_closed).await;
}

#[tokio::test]
async fn each_shard_serves_its_guilds() {
    let fake = FakeDiscord::start().await;
    fake.set_shards(2);
    let bot = TestBot::start_on(fake);
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
        check_answers(&bot).await;
        if round == 0 {
            bot.fake.drop_sockets();
            bot.fake.ready(2).await;
        }
    }
    assert_eq!(bot.fake.resumes().len(), 2);
}

#[tokio::test]
async fn short_sessions_make_the_bot_identify_less_often() {
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
    // At intervals of five seconds, seven would fit.
    assert!((2..=4).contains(&count), "{count} IDENTIFY in 30 s");
    assert!(resumes <= 30, "{resumes} RESUME in 30 s");
}

#[tokio::test]
async fn invalid_sessions_make_the_bot_identify_less_often() {
    let fake = FakeDiscord::start().await;
    fake.refuse_sessions();
    let bot = TestBot::start_on(fake);
    tokio::time::sleep(Duration::from_secs(30)).await;
    // At intervals of five seconds, seven would fit.
    let count = identified(&bot.fake);
    assert!((2..=4).contains(&count), "{count} IDENTIFY in 30 s");
}

/// Serves with a bot until `message` is logged after `provoke`, checks that the web channel still
/// answers and that nothing is retried, and returns the logged line.
async fn refused(fake: &FakeDiscord, message: &'static str, provoke: impl AsyncFn()) -> Value {
    let settings = [
        ("MADOGUCHI_DISCORD_TOKEN", TOKEN),
        ("MADOGUCHI_DISCORD_API_URL", &*fake.url()),
    ];
    let mut serving = serve(&settings, "ready").await;
    provoke().await;
    let ended = tokio::task::spawn_blocking(move || {
        let logged = serving.log_line(message);
        // Long enough for a retry.
        std::thread::sleep(Duration::from_secs(7));
        assert_eq!(serving.ask(QUESTION)["outcome"], "answered");
        let log = serving.stop();
        assert_eq!(log.matches(message).count(), 1, "{log}");
        let (_, secret) = TOKEN.rsplit_once('.').unwrap();
        assert_not_logged(&log, &[secret]);
        logged
    });
    ended.await.unwrap()
}

const TOKEN_REJECTED: &str = "Discord bot off: token rejected";
const CONNECTION_REFUSED: &str = "Discord bot off: gateway refused the connection";

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_is_logged_once_and_the_web_still_answers() {
    let fake = FakeDiscord::start().await;
    fake.set_token("OTg3.another.token");
    let logged = refused(&fake, TOKEN_REJECTED, async || {}).await;
    let hint = logged["hint"].as_str().unwrap_or_default();
    assert!(hint.contains("MADOGUCHI_DISCORD_TOKEN"), "{logged}");
    assert_eq!(fake.identifies().len(), 0);
    assert_eq!(fake.calls("").len(), 1, "{:?}", fake.calls(""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_logged_once_and_the_web_still_answers() {
    let fake = FakeDiscord::start().await;
    let provoke = async || {
        fake.ready(1).await;
        fake.set_token("OTg3.another.token");
        fake.close_sockets(4_004);
    };
    refused(&fake, TOKEN_REJECTED, provoke).await;
    assert_eq!(identified(&fake), 1);
    assert_eq!(fake.resumes().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_intents_are_logged_once_and_the_web_still_answers() {
    let fake = FakeDiscord::start().await;
    fake.refuse_intents();
    let logged = refused(&fake, CONNECTION_REFUSED, async || {}).await;
    assert_eq!(logged["code"], 4_014);
    assert_eq!(identified(&fake), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fatal_close_code_is_logged_once_and_the_web_still_answers() {
    let fake = FakeDiscord::start().await;
    let provoke = async || {
        fake.ready(1).await;
        fake.close_sockets(4_013);
    };
    let logged = refused(&fake, CONNECTION_REFUSED, provoke).await;
    assert_eq!(logged["code"], 4_013);
    assert_eq!(identified(&fake), 1);
    assert_eq!(fake.resumes().len(), 0);
}

#[test]
fn ten_thousand_interactions_are_answered_once_and_in_time() {
    let name = "discord_traffic::ten_thousand_interactions_are_answered_once_and_in_time";
    run_load(name, load());
}

async fn load() {
    const USERS: u64 = 1_000;
    const AT_ONCE: u64 = 100;
    let bot = TestBot::start().await;
    let fake = &bot.fake;
    // Stores each user's last answer, whose buttons are pressed.
    fake.keep(2_500);
    let questions = [
        "有料会員をやめたい",
        "会費はいくら",
        "通訳は必要？",
        "領収書がほしい",
    ];
    let mut answers = vec![Value::Null; usize::try_from(USERS).unwrap()];
    let mut memory = LoadMemory::new();
    let (mut expected, mut pressed) = (0, 0);
    for round in 1..=LoadMemory::ROUNDS {
        for batch in 0..USERS / AT_ONCE {
            let mut asked = Vec::new();
            for user in batch * AT_ONCE..(batch + 1) * AT_ONCE {
                let who = Member::new(user);
                let at = usize::try_from(user).unwrap();
                let question = questions[at % questions.len()];
                let payload = match round % 3 {
                    1 => fake.question(&who, question),
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
            let is_done = || fake.answered().0 >= expected;
            fake.until_true("all answers", is_done).await;
            for (at, id) in asked {
                let response = fake.response(&id).expect("an answer");
                if !response.message.is_null() && round % 3 == 1 {
                    answers[at] = response.message;
                }
            }
        }
        memory.end_round();
    }
    let (answered, slowest) = fake.answered();
    assert_eq!(answered, expected);
    assert_eq!(answered, 10_000);
    assert!(fake.unanswered().is_empty());
    let fake = bot.stop().await;
    // A second or late response is a violation.
    assert_eq!(fake.take_violations(), Vec::<String>::new());
    if !cfg!(debug_assertions) {
        assert!(slowest < Duration::from_secs(3), "{slowest:?}");
    }
    let figures = format!(
        "10,000 interactions of 1,000 users ({pressed} presses, the slowest {slowest:.0?})"
    );
    memory.check(&figures, 10_000);
}
