//! `GET /search`: the answer to a question with matching entries, of all desks or of one.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};
use sha2::{Digest, Sha256};

use super::assets::PAGE;
use super::breadcrumbs::Trail;
use super::contact::desk_card;
use super::entry::{answer_html, contact_of, place, source};
use super::entry_lists::entry_list;
use super::japanese::with_japanese;
use super::layout::{Layout, respond};
use super::message::message_html;
use super::offers::offers;
use super::search_form::search_form;
use super::view::View;
use crate::answer::{
    Answer, ContactStatus, Conversation, Draft, MAX_QUESTION_CHARS, Outcome, Question,
};
use crate::channels::http::search::marked;
use crate::channels::http::{AppState, CHANNEL, trace};
use crate::channels::recording::Recording;
use crate::channels::url::encode;
use crate::knowledge::{Entry, Language, Sentence, folded};
use crate::records::{HELP_CENTRE, Kind, mask};
use crate::search::Hit;

/// Number of hits per page.
const PAGE_HITS: usize = 10;

/// Last page that is served; higher numbers show this page.
const MAX_PAGE: usize = 1_000;

/// Parameter of the link that declines all suggestions.
const NONE_OF_THESE: &str = "none";

/// Renders the search page.
pub(super) async fn search(
    State(state): State<Arc<AppState>>,
    view: View,
    headers: HeaderMap,
) -> Response {
    let visit = &view.visit;
    let query = visit.parameter("q").unwrap_or_default().trim();
    let desk = visit.parameter("desk");
    let chosen = desk.and_then(|id| view.knowledge().desk(id));
    let desk = chosen.map(|desk| &desk.id);
    let number = visit.parameter("page").and_then(|page| page.parse().ok());
    let number: usize = number.unwrap_or(1).clamp(1, MAX_PAGE);

    let mut parameters = vec![("q", query)];
    parameters.extend(desk.map(|desk| ("desk", desk.as_str())));
    parameters.retain(|(_, value)| !value.is_empty());
    let is_declined = visit.parameter(NONE_OF_THESE).is_some();
    parameters.extend(is_declined.then_some((NONE_OF_THESE, "1")));
    let is_too_long = query.chars().count() > MAX_QUESTION_CHARS;
    let (title, found) = if is_too_long {
        let limit = MAX_QUESTION_CHARS.to_string();
        let text = view.text_with(Sentence::TooLong, &[("longest", &limit)]);
        (
            view.text(Sentence::SearchEmpty),
            html! {
                p role="alert" { (text) }
                (offers(&view, chosen))
            },
        )
    } else if query.is_empty() {
        (view.text(Sentence::SearchEmpty), offers(&view, chosen))
    } else {
        let title = view.text_with(Sentence::SearchTitle, &[("query", query)]);
        let question = Question {
            text: query,
            desk,
            language: visit.language,
        };
        let conversation = Conversation::new(view.now);
        let answer = if is_declined {
            let assistant = &view.assistant;
            assistant.decline(&question, conversation, view.now)
        } else {
            let answer = view.assistant.answer(&question, conversation, view.now);
            answer.await
        };
        let page = (number - 1) * PAGE_HITS..number * PAGE_HITS;
        // The hits are those of one request; several show what they offer themselves.
        let found = answer.trace.as_ref().filter(|_| answer.also.is_empty());
        let found = found.map(|trace| view.assistant.hits_of(trace, desk, page, view.now));
        let (mut hits, mut total) =
            found.map_or((Vec::new(), 0), |found| (found.hits, found.total));
        // The answer stands above the hits of the first page.
        let (before, given, of_all_pages) = (hits.len(), answer.entry, total);
        hits.retain(|hit| number > 1 || Some(hit.entry) != given);
        total -= before - hits.len();
        let answered = (number == 1).then(|| {
            let metrics = &state.service.metrics;
            metrics.count_answer(CHANNEL, answer.outcome.label());
            trace::record_outcome(answer.outcome.label());
            record(&state, &view, &question, is_declined, &answer);
            html! {
                @for (one, number) in answer.all().zip(1..) {
                    (answer_above(&view, one, number, !answer.also.is_empty(), hits.is_empty()))
                }
            }
        });
        let has_suggestions = answer.all().any(|one| !one.suggestions.is_empty());
        let found = html! {
            @if let Some(answered) = answered { (answered) }
            // Without hits, the answer already names a desk.
            @if !hits.is_empty() { (hit_list(&view, &hits, total)) }
            @if number == 1 && has_suggestions { (way_out(&view, &parameters)) }
            @if !hits.is_empty() { (pager(&view, &parameters, number, of_all_pages)) }
        };
        (title, found)
    };
    let shown = if is_too_long { "" } else { query };
    let main = html! {
        @if let Some(desk) = chosen { (Trail::to_search(&view, desk).html(&view)) }
        h1 { (with_japanese(visit.language, &title)) }
        (search_form(&view, shown, chosen))
        @if chosen.is_some() && !shown.is_empty() && view.knowledge().desks.len() > 1 {
            p.note {
                a rel="nofollow" href=(view.link("/search", &[("q", shown)])) {
                    (view.text(Sentence::SearchAllDesks))
                }
            }
        }
        (found)
    };
    let page = Layout {
        title: Some(&title),
        description: &title,
        path: "/search",
        parameters: &parameters,
        desk,
        script: Some(PAGE.path.clone()),
        main,
        ..Layout::default()
    };
    respond(&headers, &view, &page)
}

/// Records an answer. The page has no session, so the same question on the same day is one conversation:
/// a member who reloads the page must not count as several.
fn record(
    state: &AppState,
    view: &View,
    question: &Question<'_>,
    is_declined: bool,
    answer: &Answer,
) {
    let recorder = &state.service.records;
    if !recorder.is_on() {
        return;
    }
    let mut conversation = [0; 16];
    // Made of nothing but what is stored anyway: the masked words, and none of a message about a danger.
    if answer.outcome != Outcome::Safety {
        let hash = Sha256::digest(folded(&mask(question.text)));
        conversation.copy_from_slice(&hash[..16]);
    }
    let recording = Recording {
        recorder,
        assistant: &view.assistant,
        channel: HELP_CENTRE,
        conversation,
        language: view.visit.language,
        now: view.now,
        desk: question.desk,
    };
    let kind = if is_declined {
        Kind::Declined
    } else {
        Kind::Asked
    };
    recording.answer(kind, Some(question.text), answer);
}

/// Renders the answer above the hits, the same as in every channel; one of several has its request
/// as its heading.
fn answer_above(
    view: &View,
    answer: &Answer,
    number: usize,
    is_one_of: bool,
    has_no_hits: bool,
) -> Markup {
    let language = view.visit.language;
    // Suggestions are the first hits, unless they share no word with the question.
    if answer.outcome == Outcome::Suggested && !has_no_hits {
        return introduction(view, answer);
    }
    let asked = answer.asked.as_deref().filter(|_| is_one_of);
    let entry = answer
        .entry
        .and_then(|index| view.knowledge().entries.get(index));
    html! {
        section.answer-card {
            @if let Some(asked) = asked {
                @let heading = view.text_with(Sentence::Asked, &[("asked", asked)]);
                h2 { (with_japanese(language, &heading)) }
            }
            @if let Some(entry) = entry {
                (answered(view, answer, entry, is_one_of))
            } @else {
                p { (message_html(language, &answer.message)) }
                @if answer.outcome == Outcome::Suggested { (suggestions(view, answer)) }
                @if answer.outcome == Outcome::Escalated { (desks_of(view, answer, number)) }
            }
        }
    }
}

/// Renders the part of the message that the heading of the hits lacks, such as the desks that may be meant.
fn introduction(view: &View, answer: &Answer) -> Markup {
    html! {
        @if answer.message != view.text(Sentence::Suggested) {
            p { (message_html(view.visit.language, &answer.message)) }
        }
    }
}

/// Renders an entry as the answer. Its title replaces the sentence that introduces it.
fn answered(view: &View, answer: &Answer, entry: &Entry, is_one_of: bool) -> Markup {
    let language = view.visit.language;
    let (text, tag) = (entry.title(language), entry.title_language(language).tag());
    let title = html! { a href=(view.entry_link(entry.id.as_str())) { (text) } };
    let introduction = view.text_with(Sentence::Answered, &[("question", text)]);
    let message = answer.message.replace(&introduction, "");
    html! {
        @if !message.trim().is_empty() { p { (message_html(language, message.trim())) } }
        @if is_one_of { h3 lang=(tag) { (title) } } @else { h2 lang=(tag) { (title) } }
        @if language == Language::English { p.note { (view.text(Sentence::AnswerLanguage)) } }
        (answer_html(entry))
        p.source { (with_japanese(language, &source(view, entry))) }
        (contact_of(view, entry))
    }
}

/// Renders the link that declines all suggestions and leads to the desk.
fn way_out(view: &View, parameters: &[(&str, &str)]) -> Markup {
    let mut parameters = parameters.to_vec();
    parameters.push((NONE_OF_THESE, "1"));
    html! {
        p.way-out {
            a rel="nofollow" href=(view.link("/search", &parameters)) {
                (view.text(Sentence::NoneOfThese))
            }
        }
    }
}

fn suggestions(view: &View, answer: &Answer) -> Markup {
    let entries = &view.knowledge().entries;
    let suggested = answer.suggestions.iter();
    let suggested: Vec<&Entry> = suggested
        .filter_map(|(index, _)| entries.get(*index))
        .collect();
    entry_list(view, &suggested)
}

/// Renders the desks, each with a draft to it; the drafts of several desks are folded.
fn desks_of(view: &View, answer: &Answer, number: usize) -> Markup {
    let Some(escalation) = &answer.escalation else {
        return html! {};
    };
    let points = &escalation.contact_points;
    let is_only = escalation.desk_drafts.len() == 1;
    html! {
        @for (id, draft) in &escalation.desk_drafts {
            @let own = points.iter().filter(|point| point.desk == *id).cloned();
            @let own: Vec<ContactStatus> = own.collect();
            @if let Some(desk) = view.knowledge().desk(id.as_str()) {
                (desk_card(view, desk, &own))
                (draft_to(view, draft, &own, &format!("draft-{id}-{number}"), is_only))
            }
        }
    }
}

/// Renders a draft to edit, with a button that a script shows, and links for mail programs.
fn draft_to(
    view: &View,
    draft: &Draft,
    points: &[ContactStatus],
    id: &str,
    is_open: bool,
) -> Markup {
    let Draft { subject, body } = draft;
    let addresses = points.iter().filter_map(|point| point.url.as_deref());
    let addresses = addresses.filter(|url| url.starts_with("mailto:"));
    // mailto: requires CRLF line breaks (RFC 6068).
    let lines = body.replace('\n', "\r\n");
    html! {
        details.draft open[is_open] {
            summary { (view.text(Sentence::Draft)) }
            textarea id=(id) rows="9" aria-label=(view.text(Sentence::Draft)) { (body) }
            p {
                button type="button" hidden data-copy=(id) data-done=(view.text(Sentence::DraftCopied)) {
                    (view.text(Sentence::DraftCopy))
                }
                @for url in addresses {
                    " "
                    a href={ (url) "?subject=" (encode(subject)) "&body=" (encode(&lines)) } {
                        (view.text(Sentence::DraftMail))
                    }
                }
            }
        }
    }
}

fn hit_list(view: &View, hits: &[Hit<'_>], total: usize) -> Markup {
    let hits = hits.iter().filter_map(|hit| {
        let entry = view.knowledge().entries.get(hit.entry)?;
        Some((hit, entry))
    });
    let hits: Vec<_> = hits.collect();
    let language = view.visit.language;
    // A title in the language of the page replaces the question with its marks.
    let is_titled = |entry: &Entry| entry.title_language(language) != Language::Japanese;
    html! {
        h2 { (view.text_with(Sentence::NearEntries, &[("count", &total.to_string())])) }
        ol.hits {
            @for (hit, entry) in hits {
                li lang="ja" {
                    h3 lang=[is_titled(entry).then_some("en")] {
                        a href=(view.entry_link(entry.id.as_str())) {
                            @if is_titled(entry) { (entry.title(language)) } @else { (marked(&hit.question)) }
                        }
                    }
                    p { (marked(&hit.snippet)) }
                    p.place { (place(view, entry)) }
                }
            }
        }
    }
}

fn pager(view: &View, parameters: &[(&str, &str)], number: usize, total: usize) -> Markup {
    let link = |number: usize| {
        let number = number.to_string();
        let mut parameters = parameters.to_vec();
        parameters.push(("page", &number));
        view.link("/search", &parameters)
    };
    html! {
        @if number > 1 || number * PAGE_HITS < total {
            nav.pager aria-label=(view.text(Sentence::Search)) {
                @if number > 1 {
                    a rel="prev" href=(link(number - 1)) { (view.text(Sentence::PreviousPage)) }
                }
                @if number * PAGE_HITS < total {
                    a rel="next" href=(link(number + 1)) { (view.text(Sentence::NextPage)) }
                }
            }
        }
    }
}
