//! `explain`: a question -> every step to its answer.

use std::io::{Write, stdout};
use std::process::ExitCode;

use anyhow::Context;
use jiff::Timestamp;

use super::api::Api;
use super::evaluate::block_on;
use super::explain_texts::{self, Texts, evidence, role, texts, thresholds};
use crate::answer::{Conversation, Explanation, Question, SubjectExplanation};
use crate::app;
use crate::knowledge::{Evidence, KnowledgeBase, Language};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The question
    #[arg(required = true)]
    question: Vec<String>,

    /// The desk that the question is for, such as selas
    #[arg(long, value_name = "ID")]
    desk: Option<String>,

    /// Print the response of GET /api/v1/explain
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    settings: &Settings,
    arguments: &Arguments,
    language: Language,
    tool: Language,
) -> anyhow::Result<ExitCode> {
    let assistant = app::open_assistant(settings)?;
    let desk = super::find_desk(assistant.knowledge(), arguments.desk.as_deref())?;
    let text = arguments.question.join(" ");
    if arguments.json {
        let mut query = vec![("q", text.as_str()), ("language", language.tag())];
        query.extend(desk.as_ref().map(|desk| ("desk", desk.as_str())));
        let response = Api::new(assistant)?.get("/api/v1/explain", &query)?;
        let mut out = stdout().lock();
        writeln!(out, "{}", response.body)?;
        out.flush()?;
        return Ok(if response.is_success {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        });
    }
    let question = Question {
        text: &text,
        desk: desk.as_ref(),
        language,
    };
    let now = Timestamp::now();
    let answer = block_on(assistant.answer(&question, Conversation::new(now), now))?;
    let explanation = assistant.explain(answer);
    let explanation = explanation.context("the question was not ranked")?;
    let mut out = stdout().lock();
    write_steps(&explanation, assistant.knowledge(), tool, &mut out)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the steps in the order in which they are taken.
fn write_steps(
    explanation: &Explanation,
    knowledge: &KnowledgeBase,
    tool: Language,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let texts = texts(tool);
    if !explanation.message.is_empty() {
        writeln!(out, "{}", texts.message_read)?;
        for sentence in &explanation.message {
            writeln!(out, "   {}: {}", role(sentence.role, tool), sentence.text)?;
        }
        writeln!(out)?;
    }
    let analysis = &explanation.analysis;
    writeln!(out, "{}", texts.analysis)?;
    writeln!(out, "   {}{}", texts.normalized, analysis.normalized)?;
    writeln!(out, "   {}{}", texts.reading, analysis.reading)?;
    writeln!(out, "   {}", texts.tokens)?;
    for token in &analysis.tokens {
        let mark = if token.is_content { '*' } else { ' ' };
        let base = if token.base == token.surface {
            String::new()
        } else {
            format!(" → {}", token.base)
        };
        let (surface, reading) = (&token.surface, &token.reading);
        let part_of_speech = &token.part_of_speech;
        writeln!(
            out,
            "     {mark} {surface}{base}  [{reading}]  {part_of_speech}"
        )?;
    }
    let words = analysis.words.iter();
    let words = words.map(|word| format!("{} {:.2}", word.text, word.weight));
    let words = words.collect::<Vec<_>>().join(", ");
    writeln!(out, "   {}{words}", texts.words)?;
    if !analysis.quantities.is_empty() {
        let quantities = analysis.quantities.iter().map(ToString::to_string);
        let quantities = quantities.collect::<Vec<_>>().join(", ");
        writeln!(out, "   {}{quantities}", texts.quantities)?;
    }
    if analysis.is_kana {
        writeln!(out, "   {}", texts.all_kana)?;
    }

    let by = evidence(explanation.evidence, tool);
    writeln!(out, "\n{} {by}", texts.subjects)?;
    for subject in &explanation.subjects {
        write_subject(subject, explanation.evidence, texts, out)?;
    }
    let nothing = percent(explanation.nothing);
    writeln!(out, "   {nothing:>6.1} %  {}", texts.nothing)?;

    let judgement = &explanation.judgement;
    writeln!(out, "\n{}", texts.decision)?;
    if let Some(act) = explanation.act {
        writeln!(out, "   {}{act}", texts.act)?;
    }
    for (name, probability) in [
        (texts.entries, judgement.entries),
        (texts.referrals, judgement.referrals),
        (texts.hand_offs, judgement.hand_offs),
        (texts.small_talk, judgement.small_talk),
        (texts.elsewhere, judgement.elsewhere),
    ] {
        writeln!(out, "   {:>6.1} %  {name}", percent(probability))?;
    }
    let answered_from = percent(explanation.answered_from);
    let suggested_from = percent(explanation.suggested_from);
    let thresholds = thresholds(answered_from, suggested_from, tool);
    writeln!(out, "   {thresholds}")?;
    let confidence = percent(judgement.confidence);
    let decision = explain_texts::decision(&judgement.decision, confidence, knowledge, tool);
    writeln!(out, "   {decision}")?;

    let answer = &explanation.answer;
    writeln!(out, "\n{}", texts.answer)?;
    writeln!(out, "   {}{}", texts.outcome, answer.outcome.name())?;
    writeln!(out, "   {}{}", texts.message, answer.message)?;
    if let Some(escalation) = &answer.escalation {
        let desk = escalation
            .desk
            .as_ref()
            .map_or(texts.any_desk, |desk| desk.as_str());
        let (label, because) = (texts.desk, texts.because);
        let reason = escalation.reason.name();
        writeln!(out, "   {label}{desk}{because}{reason}")?;
        for point in &escalation.contact_points {
            let status = point
                .hours
                .as_ref()
                .map_or("", |hours| hours.status.as_str());
            writeln!(out, "     {}  {} {status}", point.id, point.value)?;
        }
    }
    if !answer.also.is_empty() {
        writeln!(out, "\n{}", texts.also)?;
    }
    for further in &answer.also {
        writeln!(out, "   {}", further.asked.as_deref().unwrap_or_default())?;
        if let Some(trace) = &further.trace {
            let confidence = percent(further.confidence);
            let decision = &trace.judgement.decision;
            let decision = explain_texts::decision(decision, confidence, knowledge, tool);
            writeln!(out, "     {decision}")?;
        }
    }
    Ok(())
}

fn write_subject(
    subject: &SubjectExplanation,
    evidence: Evidence,
    texts: &Texts,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let SubjectExplanation {
        kind, id, scores, ..
    } = subject;
    writeln!(
        out,
        "   {:>6.1} %  {kind} {id}",
        percent(subject.probability)
    )?;
    writeln!(
        out,
        "             {} {:.2}/{:.2}  {} {:.2}/{:.2}  {} {:.2}/{:.2}",
        texts.phrase,
        scores.phrase_words,
        scores.phrase_grams,
        texts.profile,
        scores.profile_words,
        scores.profile_grams,
        texts.text,
        scores.text_words,
        scores.text_grams
    )?;
    if evidence != Evidence::Words {
        let nearest = subject.nearest.as_deref().unwrap_or_default();
        writeln!(
            out,
            "             {} {} {:.2}  {} {:.2}{} 「{nearest}」",
            texts.meaning,
            texts.phrase,
            scores.meaning_phrase,
            texts.text,
            scores.meaning_text,
            texts.nearest
        )?;
    }
    if let Some(fit) = subject.quantity {
        writeln!(out, "             {}{}", texts.quantity, fit.name())?;
    }
    if let Some(phrase) = &subject.phrase {
        let how = if subject.is_exact {
            texts.same_as
        } else {
            texts.nearest_to
        };
        let matched = subject.matched.join(", ");
        let shared = texts.shared_words;
        writeln!(out, "             {how} 「{phrase}」{shared}{matched}")?;
    }
    Ok(())
}

fn percent(probability: f32) -> f32 {
    probability * 100.0
}
