//! Speed, in ratios of one run: answers by words and with the built-in encoder, the encoder by
//! length of text, and the look at every vector that takes the place of an index.
//!
//! `cargo bench` measures what is there: without an installed model (`MADOGUCHI_MODELS`, default
//! `models`) its lines are left out.

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use divan::Bencher;
use jiff::Timestamp;
use madoguchi::answer::{Assistant, Conversation, Question};
use madoguchi::embedding::builtin::BuiltIn;
use madoguchi::embedding::{Embedding, Encoder, Missing, Vector, Vectors};
use madoguchi::knowledge::{self, Language};

fn main() {
    if model().is_none() {
        eprintln!("left out: the built-in encoder; `madoguchi model install FILE` brings it");
    }
    divan::main();
}

fn model() -> Option<BuiltIn> {
    let folder = std::env::var("MADOGUCHI_MODELS").unwrap_or_else(|_| "models".to_owned());
    BuiltIn::open(Path::new(&folder)).expect("a model that is whole, or none")
}

fn open(encoder: Option<Encoder>) -> Assistant {
    let knowledge = knowledge::load(Path::new("knowledge"), jiff::civil::date(2026, 11, 24));
    let knowledge = Arc::new(knowledge.knowledge);
    let embedding = encoder.map(|encoder| Embedding {
        encoder: Arc::new(encoder),
        missing: Missing::Embed,
    });
    let opened = Assistant::open(knowledge, None, embedding);
    opened.expect("an index in memory").0
}

static BY_WORDS: LazyLock<Assistant> = LazyLock::new(|| open(None));
static BY_MEANING: LazyLock<Option<Assistant>> =
    LazyLock::new(|| model().map(|model| open(Some(Encoder::BuiltIn(Box::new(model))))));

/// Every question of the project's own sets.
static QUESTIONS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let files = ["tests/questions/selas.tsv", "tests/questions/jetro.tsv"];
    let text: String = files
        .map(|file| fs::read_to_string(file).expect("a set"))
        .concat();
    let questions = text.lines().filter_map(|line| line.split('\t').next());
    questions.map(str::to_owned).collect()
});

/// Answers one question after the other; the time is that of one answer.
fn answer(bencher: Bencher<'_, '_>, assistant: &Assistant) {
    let now = Timestamp::from_second(1_795_500_000).expect("a time");
    let mut questions = QUESTIONS.iter().cycle();
    bencher
        .with_inputs(|| questions.next().expect("a question"))
        .bench_local_values(|text| {
            let question = Question {
                text,
                desk: None,
                language: Language::Japanese,
            };
            assistant.answer_now(&question, Conversation::new(now), now)
        });
}

#[divan::bench(sample_count = 800, sample_size = 1)]
fn answer_by_words(bencher: Bencher<'_, '_>) {
    answer(bencher, &BY_WORDS);
}

#[divan::bench(sample_count = 800, sample_size = 1)]
fn answer_by_meaning(bencher: Bencher<'_, '_>) {
    if let Some(assistant) = &*BY_MEANING {
        answer(bencher, assistant);
    }
}

#[divan::bench(args = [10, 20, 50, 300])]
fn encode_characters(bencher: Bencher<'_, '_>, characters: usize) {
    let Some(model) = model() else {
        return;
    };
    let text = "有料会員をやめたいのですが、いつまでに手続きをすれば来月の会費を引き落とされずにすみますか。";
    let text: String = text.chars().cycle().take(characters).collect();
    bencher.bench_local(|| model.encode(&text));
}

#[divan::bench]
fn load_model(bencher: Bencher<'_, '_>) {
    if model().is_some() {
        bencher.bench_local(model);
    }
}

/// Vectors of the length that the built-in encoder gives; their numbers do not matter.
#[divan::bench(args = [1_000, 10_000, 100_000])]
fn look_at_vectors(bencher: Bencher<'_, '_>, count: usize) {
    const DIMENSIONS: usize = 512;
    let mut state = 1_u32;
    let mut number = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    let mut vector = || Vector::new(&std::array::from_fn::<f32, DIMENSIONS, _>(|_| number()));
    let question = vector();
    let mut vectors = Vectors::default();
    for _ in 0..count {
        assert!(vectors.push(&vector()));
    }
    bencher.bench_local(|| vectors.cosines(&question));
}
