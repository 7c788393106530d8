//! `POST /api/v1/feedback`: records whether an answer helped and returns the next answer.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use super::ask::{AskResponse, recording, respond};
use super::error::{Error, Problem};
use super::extract::{AcceptedLanguage, Body, LanguageTag, checked_text};
use super::state::{AppState, CHANNEL};
use crate::records::mask;

/// Longest comment, in characters.
const MAX_COMMENT_CHARS: usize = 1_000;

/// A member's verdict on an answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FeedbackRequest {
    /// `answer_id` of the answer.
    #[schema(
        pattern = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-[1-9][0-9]{0,4}(\.[0-9a-f]{16})?(:[a-z0-9-]{1,48})?$",
        example = "0b5d4f38-3a41-4cbb-9c52-3d1f2d1c7a10-1.5f0c1d2e3b4a5968:selas-payment-method"
    )]
    answer_id: String,
    /// Whether the answer helped.
    helpful: bool,
    /// A comment by the member.
    #[schema(min_length = 1, max_length = 1000, pattern = r"[^\s\u0085]")]
    comment: Option<String>,
    /// `conversation` of the newest answer; with it any replica can continue the conversation.
    conversation: Option<String>,
    /// The language of the response; by default from `accept-language`.
    #[schema(inline)]
    language: Option<LanguageTag>,
}

/// Records whether an answer helped. Returns thanks, other entries, or the desk to contact.
#[utoipa::path(
    post, path = "/feedback", tag = "questions", operation_id = "feedback",
    request_body = FeedbackRequest,
    responses(
        (status = 200, description = "The next answer", body = AskResponse),
        (status = "4XX", description = "The request is invalid", body = Problem,
         content_type = "application/problem+json"),
    )
)]
pub(super) async fn feedback(
    State(state): State<Arc<AppState>>,
    accepted: AcceptedLanguage,
    Body(request): Body<FeedbackRequest>,
) -> Result<Response, Error> {
    let (answer_id, is_genuine) = state
        .signer
        .parse(&request.answer_id)
        .ok_or(Error::InvalidAnswerId)?;
    let comment = request.comment.as_deref();
    let comment = comment
        .map(|comment| checked_text("comment", comment, MAX_COMMENT_CHARS))
        .transpose()?;
    let assistant = state.assistant();
    let now = state.now();
    let token = request.conversation.as_deref();
    let knowledge = assistant.knowledge();
    let conversations = &state.conversations;
    let mut session = conversations.resume_from(&answer_id, token, knowledge, now);

    let is_helpful = request.helpful;
    let is_counted = is_genuine && session.rate(&answer_id);
    if is_counted {
        let entry = answer_id.entry.as_ref();
        let entry = entry.map_or("", |entry| entry.as_str());
        // The words of a person in danger are not logged.
        let comment = comment.filter(|comment| !assistant.is_danger(comment));
        let comment = comment.map(mask).unwrap_or_default();
        tracing::info!(
            answer_id = request.answer_id,
            is_helpful,
            entry,
            comment,
            "feedback"
        );
        state.service.metrics.count_feedback(CHANNEL, is_helpful);
    } else {
        // A repeated verdict, for example after a lost response, is not counted again; nor is one on
        // an answer that this service did not give.
        session.state.is_choosing = false;
        session.state.not_helpful = 0;
    }
    let language = accepted.or(request.language);
    let answer = assistant.rate(is_helpful, language, session.state.clone(), now);
    if is_counted {
        let recording = recording(&state, &assistant, &session, language, now);
        recording.rating(answer_id.entry.as_ref(), is_helpful, comment, &answer);
    }
    Ok(respond(&state, &assistant, &session, answer, now))
}
