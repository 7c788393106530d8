//! `POST /api/v1/ask`: answers a question with one of the four outcomes.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::desks::ContactPoint;
use super::entries::{Entry, Titles};
use super::error::{Error, Problem};
use super::extract::{AcceptedLanguage, Body, LanguageTag, checked_text, known_desk};
use super::session::Session;
use super::state::AppState;
use super::trace;
use crate::answer::{self, Answer, Assistant, MAX_QUESTION_CHARS, Question};
use crate::channels::recording::Recording;
use crate::knowledge::{EntryId, KnowledgeBase, Language};
use crate::records::Kind;

/// A question.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AskRequest {
    /// The question as the member wrote it.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"[^\s\u0085]",
        example = "有料会員をやめたい"
    )]
    question: String,
    /// `conversation` of the previous answer; omit it to start a new conversation.
    conversation: Option<String>,
    /// The desk that the member selected.
    #[schema(format = "desk", example = "selas")]
    desk: Option<String>,
    /// The entry that the member selected from a list; `question` is its question. An unknown
    /// entry is ignored and the question is answered.
    #[schema(example = "selas-cancel-paid-membership")]
    entry: Option<String>,
    /// Whether the member selected none of the suggestions for `question`: the answer is then the
    /// desk, with a draft that has the question.
    #[serde(default)]
    none_of_these: bool,
    /// The language of all texts except the entry's own; by default from `accept-language`.
    #[schema(inline)]
    language: Option<LanguageTag>,
}

/// The answer to a question.
#[derive(Serialize, ToSchema)]
pub(super) struct AskResponse<'a> {
    /// `answered`, `suggested`, `escalated` or `small_talk`.
    #[schema(example = "answered")]
    outcome: &'static str,
    /// Identifies this answer in `POST /feedback`.
    #[schema(
        example = "0b5d4f38-3a41-4cbb-9c52-3d1f2d1c7a10-1.5f0c1d2e3b4a5968:selas-payment-method"
    )]
    answer_id: String,
    /// The state of the conversation; send it with the next question.
    conversation: String,
    /// The probability of the outcome, 0 to 1.
    confidence: f32,
    /// The introductory sentence.
    message: String,
    /// The entry, if `answered`.
    #[schema(required)]
    entry: Option<Entry<'a>>,
    /// At most three entries to choose from, if `suggested`.
    suggestions: Vec<Suggestion<'a>>,
    /// The desk to contact, if `escalated`, if the answer names a contact point, or beside the
    /// suggestions after an answer that did not help.
    #[schema(required)]
    escalation: Option<Escalation<'a>>,
    /// The part of the message that this answer is for; null if it is for the whole message.
    #[schema(required, example = "会費の払い方を知りたい")]
    asked: Option<&'a str>,
    /// The answers to the further requests of the message, at most two, in the order asked.
    also: Vec<FurtherAnswer<'a>>,
}

/// The answer to a further request of the message.
#[derive(Serialize, ToSchema)]
pub(super) struct FurtherAnswer<'a> {
    /// The part of the message that this answer is for.
    #[schema(required, example = "領収書は出ますか")]
    asked: Option<&'a str>,
    /// `answered`, `suggested`, `escalated` or `small_talk`.
    #[schema(example = "escalated")]
    outcome: &'static str,
    /// Identifies this answer in `POST /feedback`.
    answer_id: String,
    /// The probability of the outcome, 0 to 1.
    confidence: f32,
    /// The introductory sentence.
    message: &'a str,
    /// The entry, if `answered`.
    #[schema(required)]
    entry: Option<Entry<'a>>,
    /// At most three entries to choose from, if `suggested`. In the conversation their numbers
    /// continue those of the suggestions before them.
    suggestions: Vec<Suggestion<'a>>,
    /// The desk to contact, if `escalated` or if the answer names a contact point.
    #[schema(required)]
    escalation: Option<Escalation<'a>>,
}

/// A suggested entry.
#[derive(Serialize, ToSchema)]
pub(super) struct Suggestion<'a> {
    /// Its id.
    id: &'a str,
    /// Its desk.
    desk: &'a str,
    /// Its question.
    question: &'a str,
    /// Its question in other languages.
    titles: Titles<'a>,
    /// Its probability, 0 to 1; 0 if it is only related to an answer that did not help.
    score: f32,
}

/// The escalation to a desk.
#[derive(Serialize, ToSchema)]
pub(super) struct Escalation<'a> {
    /// The desk's id; null if no desk is certain and all are offered.
    #[schema(required, example = "jetro")]
    desk: Option<&'a str>,
    /// The reason, for example `not_found` or `person_requested`.
    #[schema(example = "not_found")]
    reason: &'static str,
    /// The contact points, best first.
    contact_points: Vec<ContactPoint>,
    /// A message that the member may send; the service sends nothing. It is addressed to all desks.
    draft: Draft<'a>,
    /// The same message addressed to each desk, to let the member choose one.
    desk_drafts: Vec<DeskDraft<'a>>,
}

/// A draft of a message to one desk.
#[derive(Serialize, ToSchema)]
pub(super) struct DeskDraft<'a> {
    /// The desk's id.
    #[schema(example = "jetro")]
    desk: &'a str,
    /// The subject line.
    subject: &'a str,
    /// The text.
    body: &'a str,
}

/// A draft of a message to a desk.
#[derive(Serialize, ToSchema)]
pub(super) struct Draft<'a> {
    /// The subject line.
    subject: &'a str,
    /// The text.
    body: &'a str,
}

/// Answers a question, suggests entries, or names the desk to contact.
#[utoipa::path(
    post, path = "/ask", tag = "questions", operation_id = "ask",
    request_body = AskRequest,
    responses(
        (status = 200, description = "The answer", body = AskResponse),
        (status = "4XX", description = "The request is invalid", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn ask(
    State(state): State<Arc<AppState>>,
    accepted: AcceptedLanguage,
    Body(request): Body<AskRequest>,
) -> Result<Response, Error> {
    let assistant = state.assistant();
    let text = checked_text("question", &request.question, MAX_QUESTION_CHARS);
    // A message that is too long to be answered may still need help.
    let text = text.or_else(|error| match assistant.is_danger(&request.question) {
        true => Ok(request.question.as_str()),
        false => Err(error),
    })?;
    let knowledge = assistant.knowledge();
    let desk = known_desk(request.desk.as_deref(), knowledge)?;
    let language = accepted.or(request.language);
    let now = state.now();
    let conversations = &state.conversations;
    let session = conversations.resume(request.conversation.as_deref(), knowledge, now);
    let chosen = request.entry.and_then(|id| EntryId::parse(&id).ok());
    let chosen = chosen.filter(|_| !assistant.is_danger(text));
    let chosen =
        chosen.and_then(|entry| assistant.choose(&entry, language, session.state.clone(), now));
    let question = Question {
        text,
        desk,
        language,
    };
    let conversation = session.state.clone();
    let (kind, written, answer) = match chosen {
        // The text is the question of the entry.
        Some(answer) => (Kind::Chosen, None, answer),
        None if request.none_of_these => {
            let answer = assistant.decline(&question, conversation, now);
            (Kind::Declined, Some(text), answer)
        }
        None => {
            let answer = assistant.answer(&question, conversation, now).await;
            (Kind::Asked, Some(text), answer)
        }
    };
    let metrics = &state.service.metrics;
    metrics.count_answer(state.channel, answer.outcome.label());
    trace::record_outcome(answer.outcome.label());
    let recording = Recording {
        desk,
        ..recording(&state, &assistant, &session, language, now)
    };
    recording.answer(kind, written, &answer);
    Ok(respond(&state, &assistant, &session, answer, now))
}

/// Describes a turn of a session for the records.
pub(super) fn recording<'a>(
    state: &'a AppState,
    assistant: &'a Assistant,
    session: &Session,
    language: Language,
    now: Timestamp,
) -> Recording<'a> {
    Recording {
        recorder: &state.service.records,
        assistant,
        channel: state.channel,
        conversation: session.id.into_bytes(),
        language,
        now,
        desk: None,
    }
}

/// Stores the conversation after an answer and builds the response.
pub(super) fn respond(
    state: &AppState,
    assistant: &Assistant,
    session: &Session,
    answer: Answer,
    now: Timestamp,
) -> Response {
    let knowledge = assistant.knowledge();
    let entry = answer.entry.and_then(|index| knowledge.entries.get(index));
    let entry_id = entry.map(|entry| &entry.id);
    let conversations = &state.conversations;
    let (answer_id, conversation) =
        conversations.store(session, answer.conversation.clone(), entry_id);
    let also = answer.also.iter().map(|further| {
        let entry = further.entry.and_then(|index| knowledge.entries.get(index));
        FurtherAnswer {
            asked: further.asked.as_deref(),
            outcome: further.outcome.name(),
            answer_id: state
                .signer
                .sign(&answer_id.with_entry(entry.map(|entry| &entry.id))),
            confidence: further.confidence,
            message: &further.message,
            entry: entry.map(|entry| Entry::new(entry, knowledge, assistant.today(now))),
            suggestions: suggestions(further, knowledge),
            escalation: further.escalation.as_ref().map(Escalation::new),
        }
    });
    let response = AskResponse {
        outcome: answer.outcome.name(),
        answer_id: state.signer.sign(&answer_id),
        conversation,
        confidence: answer.confidence,
        suggestions: suggestions(&answer, knowledge),
        message: answer.message.clone(),
        entry: entry.map(|entry| Entry::new(entry, knowledge, assistant.today(now))),
        escalation: answer.escalation.as_ref().map(Escalation::new),
        asked: answer.asked.as_deref(),
        also: also.collect(),
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(response)).into_response()
}

fn suggestions<'a>(answer: &Answer, knowledge: &'a KnowledgeBase) -> Vec<Suggestion<'a>> {
    let suggestions = answer.suggestions.iter().filter_map(|(index, score)| {
        let entry = knowledge.entries.get(*index)?;
        Some(Suggestion {
            id: entry.id.as_str(),
            desk: entry.desk.as_str(),
            question: &entry.question,
            titles: Titles::of(entry),
            score: *score,
        })
    });
    suggestions.collect()
}

impl<'a> Escalation<'a> {
    fn new(escalation: &'a answer::Escalation) -> Self {
        let points = escalation.contact_points.iter().cloned();
        let drafts = escalation.desk_drafts.iter();
        let drafts = drafts.map(|(desk, draft)| DeskDraft {
            desk: desk.as_str(),
            subject: &draft.subject,
            body: &draft.body,
        });
        Self {
            desk: escalation.desk.as_ref().map(|desk| desk.as_str()),
            reason: escalation.reason.name(),
            contact_points: points.map(ContactPoint::from).collect(),
            draft: Draft {
                subject: &escalation.draft.subject,
                body: &escalation.draft.body,
            },
            desk_drafts: drafts.collect(),
        }
    }
}
