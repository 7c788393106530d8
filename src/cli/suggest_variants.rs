//! `suggest-variants`: lists entries that are easily mistaken for each other or thinly covered, or
//! proposes variants for them by rules.

use std::io::{Write, stdout};
use std::process::ExitCode;

use jiff::Timestamp;

use super::evaluate::block_on;
use super::proposals;
use crate::answer::Assistant;
use crate::app;
use crate::evaluate::{
    MIN_VARIANTS, Proposal, Rival, ThinlyCovered, by_need, choose, known_texts, phrasings, rivals,
    thinly_covered,
};
use crate::knowledge::{Evidence, KnowledgeBase, Language, localized};
use crate::settings::Settings;

/// Minimum probability of another entry that is shown beside a thinly covered one.
const MIN_SHOWN_RIVAL: f32 = 0.1;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Minimum probability of a pair, 0 to 1
    #[arg(long, value_name = "PROBABILITY", default_value_t = 0.8, value_parser = parse_probability)]
    from: f32,

    /// Maximum number of pairs, or of entries with `--propose`
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    limit: usize,

    /// Print candidates for the entries that need variants most, as TOML to review
    #[arg(long)]
    propose: bool,
}

fn parse_probability(text: &str) -> Result<f32, String> {
    let probability = text
        .parse()
        .ok()
        .filter(|probability| (0.0..=1.0).contains(probability));
    probability.ok_or_else(|| "expected a number from 0 to 1, for example `0.8`".to_owned())
}

pub(super) fn run(
    settings: &Settings,
    arguments: &Arguments,
    language: Language,
) -> anyhow::Result<ExitCode> {
    let assistant = app::open_assistant(settings)?;
    let knowledge = assistant.knowledge();
    let now = Timestamp::now();
    let mut out = stdout().lock();
    if arguments.propose {
        let thin = block_on(neediest_of(&assistant, now))?;
        let proposals = block_on(propose(&assistant, &thin, arguments.limit, now))?;
        let origin = localized!(ja: "規則による", en: "by rules");
        let toml = proposals::toml(knowledge, &proposals, origin.get(language), language);
        write!(out, "{toml}")?;
        out.flush()?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut rivals = block_on(rivals(&assistant, 0.0, now))?;
    let thin = by_need(thinly_covered(&assistant), &rivals);
    rivals.retain(|rival| rival.probability >= arguments.from);
    write_rivals(&mut out, knowledge, &rivals, arguments, language)?;
    write_thin(&mut out, knowledge, &thin, language)?;
    if assistant.searcher().evidence() == Evidence::Words {
        let hint = localized!(
            ja: "ヒント: いまは語だけで調べています。モデルがあれば（`madoguchi model --help`）、意味の近さも調べます",
            en: "hint: keyword search only; a model (`madoguchi model --help`) also finds similar meanings",
        );
        writeln!(out, "\n{}", hint.get(language))?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Lists the thinly covered entries, those that need variants most first.
pub(super) async fn neediest_of(assistant: &Assistant, now: Timestamp) -> Vec<ThinlyCovered> {
    let rivals = rivals(assistant, 0.0, now).await;
    by_need(thinly_covered(assistant), &rivals)
}

/// Proposes variants by rules for as many entries as there are candidates for.
async fn propose(
    assistant: &Assistant,
    thin: &[ThinlyCovered],
    limit: usize,
    now: Timestamp,
) -> Vec<Proposal> {
    let knowledge = assistant.knowledge();
    let mut known = known_texts(knowledge);
    let mut proposals = Vec::new();
    for thin in thin {
        let question = &knowledge.entries[thin.entry].question;
        let candidates = phrasings(assistant.searcher(), question);
        let proposal = choose(assistant, thin.entry, candidates, &mut known, now).await;
        if !proposal.variants.is_empty() {
            proposals.push(proposal);
        }
        if proposals.len() == limit {
            break;
        }
    }
    proposals
}

fn write_rivals(
    out: &mut impl Write,
    knowledge: &KnowledgeBase,
    rivals: &[Rival],
    arguments: &Arguments,
    language: Language,
) -> std::io::Result<()> {
    let (count, from) = (rivals.len(), arguments.from);
    let heading = localized!(
        ja: "その項目の言い換えになければ、別の項目が出る尋ね方（確率 {from:.2} 以上）: {count} 件",
        en: "Variants that would find another entry without their own (probability {from:.2} or more): {count}",
    );
    writeln!(out, "{}", heading.get(language))?;
    for rival in rivals.iter().take(arguments.limit) {
        let id = |position: usize| &knowledge.entries[position].id;
        let Rival {
            phrase,
            probability,
            ..
        } = rival;
        let (entry, other) = (id(rival.entry), id(rival.other));
        let line = localized!(
            ja: "  {probability:.2}  {entry}  「{phrase}」  出るのは {other}",
            en: "  {probability:.2}  {entry}  「{phrase}」  would find {other}",
        );
        writeln!(out, "{}", line.get(language))?;
    }
    let more = rivals.len().saturating_sub(arguments.limit);
    if more > 0 {
        let line = localized!(
            ja: "  ほかに {more} 件あります。--limit で表示できます",
            en: "  and {more} more; --limit shows them",
        );
        writeln!(out, "{}", line.get(language))?;
    }
    if !rivals.is_empty() {
        let hint = localized!(
            ja: "ヒント: いまはどれも正しく答えています。ただし、言い換えを足すと隣の項目への質問を取ることがあります。二つの項目を `related` で結ぶこともできます",
            en: "hint: all of these are answered correctly now, but a new variant may take questions from the other entry; the entries may list each other in `related`",
        );
        writeln!(out, "{}", hint.get(language))?;
    }
    Ok(())
}

fn write_thin(
    out: &mut impl Write,
    knowledge: &KnowledgeBase,
    thin: &[ThinlyCovered],
    language: Language,
) -> std::io::Result<()> {
    let count = thin.len();
    let heading = localized!(
        ja: "言い換えの少ない項目（足したい順。かっこ内は取りちがえられやすい項目）: {count} 件",
        en: "Entries with few variants, those that need them most first (in parentheses, the entry that they are mistaken for): {count}",
    );
    writeln!(out, "\n{}", heading.get(language))?;
    for thin in thin {
        let entry = &knowledge.entries[thin.entry];
        let (id, variants, location) = (&entry.id, thin.variants, &entry.location);
        let (ja, en) = if thin.lacks_english {
            ("（英語なし）", ", none in English")
        } else {
            ("", "")
        };
        let rival = thin.rival.filter(|(_, p)| *p >= MIN_SHOWN_RIVAL);
        let rival = rival.map(|(other, p)| format!("  ({p:.2} {})", knowledge.entries[other].id));
        let rival = rival.unwrap_or_default();
        let line = localized!(
            ja: "  言い換え {variants:>3} 件{ja}  {id}  {location}{rival}",
            en: "  {variants:>3} variants{en}  {id}  {location}{rival}",
        );
        writeln!(out, "{}", line.get(language))?;
    }
    if !thin.is_empty() {
        let hint = localized!(
            ja: "ヒント: 一つの項目に {MIN_VARIANTS} 件以上を、会員の言い方で書いてください。ていねいな言い方、くだけた言い方、単語だけ、かな、英語などです。--propose で候補を出せます",
            en: "hint: write at least {MIN_VARIANTS} per entry, as members ask: polite, casual, keywords, in kana, in English; --propose prints candidates",
        );
        writeln!(out, "{}", hint.get(language))?;
    }
    Ok(())
}
