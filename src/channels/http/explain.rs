//! `GET /api/v1/explain`: every step from a question to its outcome.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Shared;
use super::error::{Error, Problem};
use super::extract::{Accepted, LanguageTag, Parameters, checked_text, known_desk};
use crate::answer::{Conversation, Explanation, MAX_QUESTION_CHARS, Question, SubjectExplanation};
use crate::knowledge::DeskId;
use crate::search::Analysis;

/// Parameters of `GET /api/v1/explain`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ExplainParameters {
    /// The question.
    #[param(min_length = 1, max_length = 500, example = "有料会員をやめたい")]
    q: String,
    /// The desk that the member chose.
    #[param(example = "selas")]
    desk: Option<String>,
    /// The language it is asked in; by `accept-language` otherwise.
    #[param(inline)]
    language: Option<LanguageTag>,
}

/// How a question was understood and decided.
#[derive(Serialize, ToSchema)]
pub(super) struct ExplainResponse<'a> {
    /// The text after the character filter, spelling variants and romaji.
    normalized: &'a str,
    /// Whether it is written in kana alone, so that its words cannot be trusted.
    is_kana: bool,
    /// Its reading in katakana.
    reading: &'a str,
    /// Every token, those that were dropped too.
    tokens: Vec<ExplainedToken<'a>>,
    /// The terms that were searched for.
    words: Vec<ExplainedWord<'a>>,
    /// What the chances rest on: `words`, or also meaning by the `built_in` model or a `server`.
    /// `words` too where a phrase of the knowledge was asked to the letter.
    #[schema(example = "words")]
    evidence: &'static str,
    /// The likeliest subjects, best first.
    subjects: Vec<ExplainedSubject<'a>>,
    /// The chance that nothing is known of it.
    nothing: f32,
    /// The chances by what they speak for; with each other they sum to 1.
    masses: Masses,
    /// From which chances on what is done.
    thresholds: Thresholds,
    /// `answer`, `suggest`, `small_talk`, `hand_off`, `refer`, `out_of_scope` or `not_found`.
    #[schema(example = "answer")]
    decision: &'static str,
    /// The chance of what was decided for.
    confidence: f32,
    /// What the member is told: `answered`, `suggested`, `escalated` or `small_talk`.
    #[schema(example = "answered")]
    outcome: &'static str,
    /// The desk that the member is led to, and why.
    #[schema(required)]
    escalation: Option<ExplainedDesk<'a>>,
}

/// A token.
#[derive(Serialize, ToSchema)]
pub(super) struct ExplainedToken<'a> {
    /// As it stands in the normalised text.
    surface: &'a str,
    /// Its dictionary form.
    base: &'a str,
    /// Its reading in katakana.
    reading: &'a str,
    /// Its part of speech.
    part_of_speech: &'a str,
    /// Whether it carries meaning and is searched for.
    kept: bool,
}

/// A term.
#[derive(Serialize, ToSchema)]
pub(super) struct ExplainedWord<'a> {
    /// A dictionary form, or the name of a synonym group.
    term: &'a str,
    /// Its share of its word's weight.
    weight: f32,
}

/// A subject that the question may be about.
#[derive(Serialize, ToSchema)]
pub(super) struct ExplainedSubject<'a> {
    /// `entry`, `referral`, `small_talk`, `hand_off` or `out_of_scope`.
    kind: &'static str,
    /// Its id.
    id: &'a str,
    /// Its chance, 0 to 1.
    probability: f32,
    /// The parts of its score.
    parts: ScoreParts,
    /// Whether the question is one of its phrases to the letter.
    exact: bool,
    /// Its phrase that matched best.
    #[schema(required)]
    phrase: Option<&'a str>,
    /// Its phrase that is nearest in meaning.
    #[schema(required)]
    nearest: Option<&'a str>,
    /// The words that this phrase has too.
    matched: &'a [String],
}

/// Parts of a score, each about 0 to 1.
#[derive(Serialize, ToSchema)]
pub(super) struct ScoreParts {
    /// Words of the best phrase.
    phrase_words: f32,
    /// Grams of the best phrase.
    phrase_grams: f32,
    /// Words of all phrases together.
    profile_words: f32,
    /// Grams of all phrases together.
    profile_grams: f32,
    /// Words of question and answer.
    text_words: f32,
    /// Grams of question and answer.
    text_grams: f32,
    /// What question and best phrase have in common, of the mean of both, by words.
    dice_words: f32,
    /// The same by grams.
    dice_grams: f32,
    /// How near the nearest phrase is in meaning; 0 where meaning was not looked at.
    meaning_phrase: f32,
    /// The same of question and answer.
    meaning_text: f32,
}

/// Chances by what they speak for.
#[derive(Serialize, ToSchema)]
pub(super) struct Masses {
    /// Some entry answers.
    entries: f32,
    /// A desk knows, the documents do not.
    referrals: f32,
    /// A person is wanted.
    hand_offs: f32,
    /// Small talk.
    small_talk: f32,
    /// Nobody's business here, or nothing is known of it.
    elsewhere: f32,
}

/// From which chances on what is done.
#[derive(Serialize, ToSchema)]
pub(super) struct Thresholds {
    /// One entry is the answer.
    answered_from: f32,
    /// Entries together are worth offering.
    suggested_from: f32,
}

/// A desk and why it was chosen.
#[derive(Serialize, ToSchema)]
pub(super) struct ExplainedDesk<'a> {
    /// The desk; null where all are offered.
    #[schema(required, example = "selas")]
    desk: Option<&'a str>,
    /// Why the member is led to a desk.
    #[schema(example = "not_found")]
    reason: &'static str,
    /// Why to this one: `answer`, `referral`, `chosen`, `named`, `likely` or `unclear`.
    #[schema(example = "likely")]
    why: &'static str,
}

/// Shows how a question is understood and decided.
#[utoipa::path(
    get, path = "/explain", tag = "questions", operation_id = "explain",
    params(ExplainParameters),
    responses(
        (status = 200, description = "Every step", body = ExplainResponse),
        (status = "4XX", description = "What was sent cannot be taken", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn explain(
    State(shared): State<Arc<Shared>>,
    accepted: Accepted,
    Parameters(parameters): Parameters<ExplainParameters>,
) -> Result<Response, Error> {
    let assistant = shared.assistant();
    let question = Question {
        text: checked_text("q", &parameters.q, MAX_QUESTION_CHARS)?,
        desk: known_desk(parameters.desk.as_deref(), assistant.knowledge())?,
        language: accepted.or(parameters.language),
    };
    let now = shared.now();
    let answer = assistant
        .answer(&question, Conversation::new(now), now)
        .await;
    // A new conversation has nothing to choose from, so every answer has a trace.
    let explanation = assistant
        .explain(answer)
        .ok_or(Error::Status(StatusCode::INTERNAL_SERVER_ERROR))?;
    let response = ExplainResponse::new(&explanation, question.desk);
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(response)).into_response())
}

impl<'a> ExplainResponse<'a> {
    fn new(explanation: &'a Explanation, chosen: Option<&DeskId>) -> Self {
        let analysis = &explanation.analysis;
        let judgement = &explanation.judgement;
        let answer = &explanation.answer;
        let escalation = answer.escalation.as_ref();
        Self {
            normalized: &analysis.normalized,
            is_kana: analysis.is_kana,
            reading: &analysis.reading,
            tokens: tokens(analysis),
            words: words(analysis),
            evidence: explanation.evidence.name(),
            subjects: explanation.subjects.iter().map(subject).collect(),
            nothing: explanation.nothing,
            masses: Masses {
                entries: judgement.entries,
                referrals: judgement.referrals,
                hand_offs: judgement.hand_offs,
                small_talk: judgement.small_talk,
                elsewhere: judgement.elsewhere,
            },
            thresholds: Thresholds {
                answered_from: explanation.answered_from,
                suggested_from: explanation.suggested_from,
            },
            decision: judgement.decision.name(),
            confidence: answer.confidence,
            outcome: answer.outcome.name(),
            escalation: escalation.map(|escalation| ExplainedDesk {
                desk: escalation.desk.as_ref().map(DeskId::as_str),
                reason: escalation.reason.name(),
                why: explanation.desk_reason(chosen).unwrap_or_default(),
            }),
        }
    }
}

fn tokens(analysis: &Analysis) -> Vec<ExplainedToken<'_>> {
    let tokens = analysis.tokens.iter().map(|token| ExplainedToken {
        surface: &token.surface,
        base: &token.base,
        reading: &token.reading,
        part_of_speech: &token.part_of_speech,
        kept: token.is_content,
    });
    tokens.collect()
}

fn words(analysis: &Analysis) -> Vec<ExplainedWord<'_>> {
    let words = analysis.words.iter().map(|word| ExplainedWord {
        term: &word.text,
        weight: word.weight,
    });
    words.collect()
}

fn subject(subject: &SubjectExplanation) -> ExplainedSubject<'_> {
    let parts = &subject.scores;
    ExplainedSubject {
        kind: subject.kind,
        id: &subject.id,
        probability: subject.probability,
        parts: ScoreParts {
            phrase_words: parts.phrase_words,
            phrase_grams: parts.phrase_grams,
            profile_words: parts.profile_words,
            profile_grams: parts.profile_grams,
            text_words: parts.text_words,
            text_grams: parts.text_grams,
            dice_words: parts.dice_words,
            dice_grams: parts.dice_grams,
            meaning_phrase: parts.meaning_phrase,
            meaning_text: parts.meaning_text,
        },
        exact: subject.is_exact,
        phrase: subject.phrase.as_deref(),
        nearest: subject.nearest.as_deref(),
        matched: &subject.matched,
    }
}
