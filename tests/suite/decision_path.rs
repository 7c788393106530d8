//! One decision path: a question is ranked once, with embeddings at most twice, and the trace of its
//! answer explains it.

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use madoguchi::answer::{Assistant, Conversation, Decision, Outcome, Question, judge};
use madoguchi::channels::http::{Options, Rates, Service, router};
use madoguchi::embedding::{Embedding, Encoder, Missing};
use madoguchi::knowledge::{Evidence, Language, Thresholds};
use madoguchi::search::Subject;
use serde_json::json;
use tower::ServiceExt;

use crate::support::block_on;
use crate::support::embeddings::{Behaviour, FakeEmbeddings, client};
use crate::support::knowledge::{ask_in, assistant, base, loaded, now, project, shipped};

/// Asks by `POST /ask` and returns how many rankings it took.
fn rankings(assistant: &Arc<Assistant>, question: &str) -> u64 {
    let service = Service::new(Arc::new(ArcSwap::new(Arc::clone(assistant))));
    let options = Options {
        rates: Rates::off(),
        ..Options::default()
    };
    let body = json!({ "question": question }).to_string();
    let request = Request::post("/api/v1/ask").header("content-type", "application/json");
    let request = request.body(Body::from(body)).unwrap();
    let before = assistant.searcher().rankings();
    let response = block_on(router(service, options).oneshot(request)).unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{question}");
    assistant.searcher().rankings() - before
}

#[test]
fn a_question_to_the_shipped_knowledge_is_ranked_once() {
    // The shared assistant would count the rankings of other tests.
    let assistant = assistant(&project("knowledge"));
    for question in [
        "有料会員をやめたい",
        "セミナー",
        "領収書がほしい",
        "担当者と話したい",
        "ありがとう",
        "明日の天気",
        "SELAS",
    ] {
        assert_eq!(rankings(&assistant, question), 1, "{question}");
    }
    // A single letter is unreadable before anything is ranked.
    assert_eq!(rankings(&assistant, "ゑ"), 0);
}

#[test]
fn a_follow_up_is_ranked_once_more_with_its_context() {
    let assistant = shipped();
    let knowledge = Arc::clone(assistant.knowledge());
    let (assistant, _) = Assistant::open(knowledge, None, None).unwrap();
    let ask = |text, conversation| {
        let question = Question {
            text,
            desk: None,
            language: Language::Japanese,
        };
        assistant.answer_now(&question, conversation, now())
    };
    let first = ask("商品登録に必要な情報は何ですか", Conversation::new(now()));
    let before = assistant.searcher().rankings();
    let second = ask("サービスなら？", first.conversation);
    assert!(second.trace.unwrap().context.is_some());
    assert_eq!(assistant.searcher().rankings() - before, 2);
}

#[test]
fn a_question_is_ranked_twice_at_most_with_embeddings() {
    let fake = FakeEmbeddings::start(Behaviour::Right);
    let folder = tempfile::tempdir().unwrap();
    let knowledge = loaded(base().path());
    let embedding = Embedding {
        encoder: Arc::new(Encoder::Server(client(fake.url()))),
        missing: Missing::Embed,
    };
    let exact = knowledge.entries[0].question.clone();
    let opened = Assistant::open(knowledge, Some(folder.path()), Some(embedding));
    let assistant = Arc::new(opened.unwrap().0);
    assert_eq!(assistant.searcher().evidence(), Evidence::Server);
    assert_eq!(
        rankings(&assistant, &exact),
        1,
        "a question of the knowledge"
    );
    assert_eq!(rankings(&assistant, "子どもと行きたい"), 2);
}

#[test]
fn the_trace_of_an_answer_explains_it() {
    let assistant = shipped();
    let answer = ask_in(Conversation::new(now()), "有料会員をやめたい");
    let entry = answer.entry.unwrap();
    let before = assistant.explain(answer.clone()).unwrap();
    assert_eq!(before.answer.outcome, Outcome::Answered);
    assert_eq!(before.judgement.decision, Decision::Answer(entry));
    assert_eq!(before.subjects[0].id, "selas-cancel-paid-membership");
    assert!((before.judgement.confidence - answer.confidence).abs() < 1e-6);
    // A rating has no text, and so no trace.
    let rated = assistant.rate(false, Language::Japanese, answer.conversation, now());
    assert!(assistant.explain(rated).is_none());
}

/// Decides on the most probable entry and the most probable referral, with these probabilities.
fn judged(entry: f32, referral: f32) -> Decision {
    let searcher = shipped().searcher();
    let analysis = searcher.analyze("商品は何点まで登録できますか");
    let candidates = searcher.score(&analysis, None);
    let mut ranking = searcher.rank(&candidates, &analysis, None);
    let (mut entry, mut referral) = (Some(entry), Some(referral));
    for ranked in &mut ranking.subjects {
        let probability = match ranked.candidate.subject {
            Subject::Entry(_) => entry.take(),
            Subject::Referral(_) => referral.take(),
            _ => None,
        };
        ranked.probability = probability.unwrap_or_default();
    }
    assert_eq!(
        (entry, referral),
        (None, None),
        "an entry and a referral are ranked"
    );
    let subjects = &mut ranking.subjects;
    subjects.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    let thresholds = Thresholds {
        answered_from: 0.6,
        suggested_from: 0.4,
    };
    judge(&ranking, &[], thresholds).decision
}

#[test]
fn a_referral_that_competes_with_an_entry_is_not_ignored() {
    let is_answer = |decision| matches!(decision, Decision::Answer(_));
    let is_suggestion = |decision| matches!(decision, Decision::Suggest(_));
    let is_referral = |decision| matches!(decision, Decision::Refer(_));
    assert!(is_answer(judged(0.75, 0.20)));
    assert!(is_suggestion(judged(0.65, 0.33)), "a desk may be meant");
    assert!(is_suggestion(judged(0.55, 0.40)));
    assert!(is_referral(judged(0.50, 0.45)), "a desk is as probable");
    assert!(is_referral(judged(0.30, 0.60)));
}

#[test]
fn a_question_for_a_value_that_no_entry_has_goes_to_the_desk() {
    for text in [
        "この支援は全部で何社が受けられますか",
        "登録した商品の写真は何枚まで載せられますか",
    ] {
        let answer = ask_in(Conversation::new(now()), text);
        assert_eq!(answer.outcome, Outcome::Escalated, "{text}");
    }
    let price = ask_in(Conversation::new(now()), "有料会員の会費は月いくらですか");
    assert_eq!(price.outcome, Outcome::Answered);
}

#[test]
fn a_text_that_only_names_a_subject_of_several_entries_is_asked_back() {
    for text in ["申し込み", "会費について", "参加方法を教えて"] {
        let answer = ask_in(Conversation::new(now()), text);
        assert_eq!(answer.outcome, Outcome::Suggested, "{text}");
    }
    let sure = ask_in(Conversation::new(now()), "セミナーについて知りたい");
    assert_eq!(sure.outcome, Outcome::Answered);
}
