//! `propose`: a TOML patch from the records, to review.

use std::fmt::Write as _;
use std::io::{Write, stdout};
use std::process::ExitCode;

use jiff::Timestamp;

use super::evaluate::block_on;
use super::proposals::{comment, quoted};
use super::report;
use super::since::Since;
use crate::app;
use crate::insights::{Proposals, Variants, candidates, gate, replay, replayable};
use crate::knowledge::{KnowledgeBase, Language, localized};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// From when on: `30d`, `12h` or a date such as 2026-11-01
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = Since::parse)]
    since: Since,
}

pub(super) fn run(
    settings: &Settings,
    arguments: &Arguments,
    language: Language,
) -> anyhow::Result<ExitCode> {
    let assistant = app::open_assistant(settings)?;
    let now = Timestamp::now();
    let since = report::since(&assistant, arguments.since, now);
    let (turns, _) = block_on(report::read(settings, &assistant, since))??;
    let mut proposals = candidates(&assistant, &turns);
    let (mut questions, skipped) = replayable(&turns);
    // What is proposed is meant to lead elsewhere.
    questions.retain(|asked| !proposals.has_text(&asked.text));
    // What the knowledge has changed since is not the fault of a proposal.
    let worse = |assistant: &crate::answer::Assistant| {
        let replay = replay(assistant, &questions, skipped, now, |_| {});
        replay.worse_count()
    };
    let before = worse(&assistant);
    let embedding = app::encoder(settings, app::Asker::Command)?.map(app::embed_missing);
    gate(&assistant, &mut proposals, embedding, now, |changed| {
        worse(changed) <= before
    })?;
    let mut out = stdout().lock();
    let toml = toml(assistant.knowledge(), &proposals, language);
    out.write_all(toml.as_bytes())?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the proposals in the form of an entry file.
fn toml(knowledge: &KnowledgeBase, proposals: &Proposals, language: Language) -> String {
    let heading = localized!(
        ja: "# 記録からの提案。このファイルは読み込まれません。\n\
             # 言い換えは各項目の `variants` に足し、新しい項目は回答を書いてから、`madoguchi check` と `madoguchi replay` で確かめてください。\n",
        en: "# Proposals from the records. This file is not read.\n\
             # Add variants to the `variants` of each entry, write the answers of new entries, and run `madoguchi check` and `madoguchi replay`.\n",
    );
    let mut out = heading.get(language).to_owned();
    for variants in &proposals.variants {
        write_variants(&mut out, knowledge, variants, "", language);
    }
    for (number, stub) in proposals.stubs.iter().enumerate() {
        let (count, conversations) = (stub.count, stub.conversations);
        let why = localized!(
            ja: "# 答えのない質問: {count} 回、{conversations} の会話",
            en: "# no answer: asked {count} times in {conversations} conversations",
        );
        let texts: Vec<String> = stub
            .examples
            .iter()
            .map(|example| quoted(&example.text))
            .collect();
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            out,
            "\n{}\n[[entry]]\nid = \"new-{}\"\ncategory = \"\"\nquestion = {}\nvariants = [",
            why.get(language),
            number + 1,
            texts[0]
        );
        for text in &texts[1..] {
            let _ = writeln!(out, "  {text},");
        }
        let _ = writeln!(out, "]\nanswer = \"\"");
    }
    for variants in &proposals.refused {
        let why = localized!(
            ja: "# 足すとほかの質問の答えが変わるため、見送りました\n",
            en: "# left out, since other questions would change their answer\n",
        );
        write_variants(&mut out, knowledge, variants, why.get(language), language);
    }
    out
}

/// Writes the variants of an entry; as comments if `why` says why they are left out.
fn write_variants(
    out: &mut String,
    knowledge: &KnowledgeBase,
    variants: &Variants,
    why: &str,
    language: Language,
) {
    let Some(entry) = knowledge.entry(variants.entry.as_str()) else {
        return;
    };
    let sign = if why.is_empty() { "" } else { "# " };
    let (place, question) = (&entry.location, comment(&entry.question));
    let _ = writeln!(out, "\n{why}# {place}\n# {question}");
    let _ = writeln!(
        out,
        "{sign}[[entry]]\n{sign}id = {}\n{sign}variants = [",
        quoted(entry.id.as_str())
    );
    for wording in &variants.wordings {
        let (count, conversations) = (wording.count, wording.conversations.len());
        let times = localized!(
            ja: "{count} 回、{conversations} の会話",
            en: "{count} times, {conversations} conversations",
        );
        let _ = writeln!(
            out,
            "{sign}  {}, # {}",
            quoted(&wording.text),
            times.get(language)
        );
    }
    let _ = writeln!(out, "{sign}]");
}
