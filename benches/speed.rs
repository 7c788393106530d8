//! Benchmarks: answers with keyword search and with the built-in model, embedding by length of text,
//! and the scan over all vectors. Compare the lines of one run: absolute times depend on the machine.
//!
//! Without an installed model (`MADOGUCHI_MODELS`, default `models`) its benchmarks are skipped.

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use divan::Bencher;
use jiff::Timestamp;
use madoguchi::answer::{Assistant, Conversation, Question};
use madoguchi::embedding::{Embedding, Encoder, Missing, Vector, Vectors};
use madoguchi::knowledge::{self, Language};
use madoguchi_encoder::Model;

fn main() {
    if model().is_none() {
        eprintln!(
            "skipped: the built-in model is not installed, see `madoguchi model install --help`"
        );
    }
    divan::main();
}

fn model() -> Option<Model> {
    let folder = std::env::var("MADOGUCHI_MODELS").unwrap_or_else(|_| "models".to_owned());
    Model::open(Path::new(&folder)).expect("an intact model, or none")
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

/// Questions of the project's own sets.
static QUESTIONS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let files = ["tests/questions/selas.tsv", "tests/questions/jetro.tsv"];
    let text: String = files
        .map(|file| fs::read_to_string(file).expect("a set"))
        .concat();
    let questions = text.lines().filter_map(|line| line.split('\t').next());
    questions.map(str::to_owned).collect()
});

/// Measures one answer; the questions alternate.
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
fn embed_characters(bencher: Bencher<'_, '_>, characters: usize) {
    let Some(model) = model() else {
        return;
    };
    let text = "有料会員をやめたいのですが、いつまでに手続きをすれば来月の会費を引き落とされずにすみますか。";
    let text: String = text.chars().cycle().take(characters).collect();
    bencher.bench_local(|| model.embed_one(&text));
}

#[divan::bench]
fn load_model(bencher: Bencher<'_, '_>) {
    if model().is_some() {
        bencher.bench_local(model);
    }
}

/// Vectors with the dimensions of the built-in model and random values.
#[divan::bench(args = [1_000, 10_000, 100_000])]
fn scan_vectors(bencher: Bencher<'_, '_>, count: usize) {
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
