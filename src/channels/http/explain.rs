//! `GET /api/v1/explain`: every step from a question to its outcome.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::AppState;
use super::error::{Error, Problem};
use super::extract::{AcceptedLanguage, LanguageTag, Parameters, checked_text, known_desk};
use crate::answer::{Explanation, MAX_QUESTION_CHARS, Question, SubjectExplanation};
use crate::knowledge::{DeskId, KnowledgeBase};
use crate::search::{Analysis, QuantityFit};

/// Parameters of `GET /api/v1/explain`.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ExplainParameters {
    /// The question.
    #[param(
        min_length = 1,
        max_length = 500,
        pattern = r"[^\s\u0085]",
        example = "有料会員をやめたい"
    )]
    q: String,
    /// The desk that the member selected.
    #[param(format = "desk", example = "selas")]
    desk: Option<String>,
    /// `conversation` of an answer, to explain the question as the next message after it.
    conversation: Option<String>,
    /// The language of the question; by default from `accept-language`.
    #[param(inline)]
    language: Option<LanguageTag>,
}

/// How a question, or the first request of a message, was understood and decided.
#[derive(Serialize, ToSchema)]
pub(super) struct ExplainResponse<'a> {
    /// The sentences of the message with their roles; empty if it is a single sentence.
    message: Vec<ExplainedSentence<'a>>,
    /// The part of the message that the rest is about; null if it is the whole message.
    #[schema(required)]
    asked: Option<&'a str>,
    /// The decisions on the further requests of the message.
    also: Vec<ExplainedRequest<'a>>,
    /// The text after character filters, spelling normalisation and romaji conversion.
    normalized: &'a str,
    /// Whether the text is all kana, which makes its word boundaries unreliable.
    is_kana: bool,
    /// The reading of the text in katakana.
    reading: &'a str,
    /// All tokens, including those that are not searched for.
    tokens: Vec<ExplainedToken<'a>>,
    /// What the message does in its conversation, if it is no question: `choose`, `narrow`, `repeat`,
    /// `ask_contact`, `small_talk`, `close`, `not_helped` or `unreadable`. Nothing is ranked then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ask_contact")]
    act: Option<&'static str>,
    /// The entry of the conversation that the ranking was weighed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "selas-payment-method")]
    context: Option<&'a str>,
    /// The terms that the search used.
    words: Vec<ExplainedWord<'a>>,
    /// The quantities of the question, in the smallest unit of their dimension: 1年 is `12 か月`.
    #[schema(example = json!(["12 か月"]))]
    quantities: Vec<String>,
    /// The source of the probabilities: `words` (lexical only), or also embeddings from the
    /// `built_in` model or a `server`. An exact match of a phrase is always `words`.
    #[schema(example = "words")]
    evidence: &'static str,
    /// The most probable subjects, best first.
    subjects: Vec<ExplainedSubject<'a>>,
    /// The probability that the knowledge has no matching subject.
    nothing: f32,
    /// The probabilities summed by kind of subject; together they are 1.
    masses: Masses,
    /// The thresholds of the decision.
    thresholds: Thresholds,
    /// `answer`, `suggest`, `small_talk`, `hand_off`, `refer`, `out_of_scope`, `not_found` or
    /// `safety`.
    #[schema(example = "answer")]
    decision: &'static str,
    /// The probability of the decision, 0 to 1.
    confidence: f32,
    /// `answered`, `suggested`, `escalated` or `small_talk`.
    #[schema(example = "answered")]
    outcome: &'static str,
    /// The desk of the escalation, and the reason for it.
    #[schema(required)]
    escalation: Option<ExplainedDesk<'a>>,
}

/// A sentence of a message.
#[derive(Serialize, ToSchema)]
pub(super) struct ExplainedSentence<'a> {
    /// The sentence as written.
    text: &'a str,
    /// `subject`, `courtesy`, `carrier` (refers to the sentence before), `background`, `wish` or
    /// `request`.
    #[schema(example = "request")]
    role: &'static str,
}

/// A further request of a message.
#[derive(Serialize, ToSchema)]
pub(super) struct ExplainedRequest<'a> {
    /// The part of the message that asks.
    #[schema(required)]
    asked: Option<&'a str>,
    /// As `decision` of the first request.
    decision: &'static str,
    /// The probability of the decision, 0 to 1.
    confidence: f32,
    /// `answered`, `suggested`, `escalated` or `small_talk`.
    outcome: &'static str,
    /// The most probable entry.
    #[schema(required)]
    entry: Option<&'a str>,
}

/// A token.
#[derive(Serialize, ToSchema)]
pub(super) struct ExplainedToken<'a> {
    /// The text of the token after normalisation.
    surface: &'a str,
    /// Its dictionary form.
    base: &'a str,
    /// Its reading in katakana.
    reading: &'a str,
    /// Its part of speech.
    part_of_speech: &'a str,
    /// Whether it is a content word, which the search uses.
    kept: bool,
}

/// A term.
#[derive(Serialize, ToSchema)]
pub(super) struct ExplainedWord<'a> {
    /// A dictionary form, or the name of a synonym group.
    term: &'a str,
    /// Its share of the weight of its word, 0 to 1.
    weight: f32,
}

/// A candidate subject.
#[derive(Serialize, ToSchema)]
pub(super) struct ExplainedSubject<'a> {
    /// `entry`, `referral`, `small_talk`, `hand_off` or `out_of_scope`.
    kind: &'static str,
    /// Its id.
    id: &'a str,
    /// Its probability, 0 to 1.
    probability: f32,
    /// The features of its score.
    parts: ScoreParts,
    /// Whether the question equals one of its phrases.
    exact: bool,
    /// How the quantities of the question fit those of the entry: `equal`, `within` a range,
    /// `partly`, or `apart`; null without a common unit.
    #[schema(required)]
    quantity: Option<&'static str>,
    /// The phrase with the best lexical score.
    #[schema(required)]
    phrase: Option<&'a str>,
    /// The phrase with the highest cosine similarity.
    #[schema(required)]
    nearest: Option<&'a str>,
    /// The terms of the question that `phrase` contains.
    matched: &'a [String],
}

/// Features of a score, each about 0 to 1.
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
    /// Dice coefficient of the question and the best phrase, by words.
    dice_words: f32,
    /// Dice coefficient of the question and the best phrase, by grams.
    dice_grams: f32,
    /// Cosine similarity of the nearest phrase; 0 without embeddings.
    meaning_phrase: f32,
    /// Cosine similarity of the entry's question and answer; 0 without embeddings.
    meaning_text: f32,
}

/// Probabilities by kind of subject.
#[derive(Serialize, ToSchema)]
pub(super) struct Masses {
    /// An entry answers the question.
    entries: f32,
    /// A desk answers the question; the documents do not.
    referrals: f32,
    /// The member asks for a person.
    hand_offs: f32,
    /// Small talk.
    small_talk: f32,
    /// The question is out of scope, or no subject matches it.
    elsewhere: f32,
}

/// Lowest probabilities of the decisions.
#[derive(Serialize, ToSchema)]
pub(super) struct Thresholds {
    /// Of one entry, for `answered`.
    answered_from: f32,
    /// Of all entries together, for `suggested`.
    suggested_from: f32,
}

/// The desk of an escalation.
#[derive(Serialize, ToSchema)]
pub(super) struct ExplainedDesk<'a> {
    /// The desk's id; null if all desks are offered.
    #[schema(required, example = "selas")]
    desk: Option<&'a str>,
    /// The reason for the escalation.
    #[schema(example = "not_found")]
    reason: &'static str,
    /// The source of the desk: `answer`, `referral`, `chosen`, `named`, `likely` or `unclear`.
    #[schema(example = "likely")]
    why: &'static str,
}

/// Shows how a question was understood and decided.
#[utoipa::path(
    get, path = "/explain", tag = "questions", operation_id = "explain",
    params(ExplainParameters),
    responses(
        (status = 200, description = "Every step", body = ExplainResponse),
        (status = "4XX", description = "The request is invalid", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn explain(
    State(state): State<Arc<AppState>>,
    accepted: AcceptedLanguage,
    Parameters(parameters): Parameters<ExplainParameters>,
) -> Result<Response, Error> {
    let assistant = state.assistant();
    let question = Question {
        text: checked_text("q", &parameters.q, MAX_QUESTION_CHARS)?,
        desk: known_desk(parameters.desk.as_deref(), assistant.knowledge())?,
        language: accepted.or(parameters.language),
    };
    let now = state.now();
    let token = parameters.conversation.as_deref();
    let session = state
        .conversations
        .resume(token, assistant.knowledge(), now);
    let answer = assistant.answer(&question, session.state, now).await;
    // Every answer to a message has a trace.
    let explanation = assistant
        .explain(answer)
        .ok_or(Error::Status(StatusCode::INTERNAL_SERVER_ERROR))?;
    let response = ExplainResponse::new(&explanation, assistant.knowledge(), question.desk);
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(response)).into_response())
}

impl<'a> ExplainResponse<'a> {
    fn new(
        explanation: &'a Explanation,
        knowledge: &'a KnowledgeBase,
        chosen: Option<&DeskId>,
    ) -> Self {
        let analysis = &explanation.analysis;
        let judgement = &explanation.judgement;
        let answer = &explanation.answer;
        let escalation = answer.escalation.as_ref();
        let also = answer.also.iter().filter_map(|further| {
            let trace = further.trace.as_ref()?;
            let best = trace.ranking.entries().next();
            let best = best.and_then(|(index, _)| knowledge.entries.get(index));
            Some(ExplainedRequest {
                asked: further.asked.as_deref(),
                decision: trace.judgement.decision.name(),
                confidence: further.confidence,
                outcome: further.outcome.name(),
                entry: best.map(|entry| entry.id.as_str()),
            })
        });
        let message = explanation.message.iter();
        let message = message.map(|sentence| ExplainedSentence {
            text: &sentence.text,
            role: sentence.role.name(),
        });
        Self {
            message: message.collect(),
            asked: answer.asked.as_deref(),
            also: also.collect(),
            normalized: &analysis.normalized,
            is_kana: analysis.is_kana,
            reading: &analysis.reading,
            tokens: tokens(analysis),
            act: explanation.act,
            context: explanation.context.as_deref(),
            words: words(analysis),
            quantities: analysis
                .quantities
                .iter()
                .map(ToString::to_string)
                .collect(),
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
        quantity: subject.quantity.map(QuantityFit::name),
        phrase: subject.phrase.as_deref(),
        nearest: subject.nearest.as_deref(),
        matched: &subject.matched,
    }
}
