//! The staff desk: pages below `/staff` for the people who edit the knowledge.
//!
//! | what | file |
//! |---|---|
//! | who may sign in, the database, the limit of attempts | `state` |
//! | the language, paths and parameters of a request | `visitor` |
//! | sessions and their cookie | `session` |
//! | the member of a request, and the fields of a form | `member` |
//! | what is refused, and why | `failure` |
//! | the layout of every page, its policies | `layout`, `policy` |
//! | signing in and out | `sign_in` |
//! | what needs attention, from what members asked | `today`, `unanswered`, `settled`, `overview` |
//! | a question, its answer and its place | `questions`, `why`, `sort` |
//! | entries, the form of one, its preview, its copy | `entries`, `entry_form`, `preview`, `copy` |
//! | the desks, their form, contact points, hours and closed days | `desks`, `desk_form`, `contact_points`, `day_hours`, `closed_days` |
//! | referrals and out-of-scope subjects | `topics` |
//! | the lexicon, messages, the brand | `settings`, `lexicon`, `messages`, `brand` |
//! | the fields of forms, their labels, the mistakes in them | `form`, `labels` |
//! | the draft, its check and its effect | `draft_page`, `lines`, `trials`, `replay`, `sandbox`, `day`, `draft_days` |
//! | why a draft is not published, edits of others | `refusal`, `conflict` |
//! | editing, approving, publishing a draft | `editing`, `publish` |
//! | the history, and undo | `history`, `change` |
//! | what members asked, as a page and a table | `report` |
//! | files to take along, files to take in | `export`, `import`, `import_page`, `upload` |
//! | the log of actions | `activity` |
//! | work that takes long, files to download | `blocking`, `download` |
//!
//! Invariants: except the page to sign in, nothing is shown or done without a session; nothing is changed
//! by GET; every form has the token of its session and comes from our own pages; every change is in the
//! log of actions; `maud` escapes all texts.

mod activity;
mod blocking;
mod brand;
mod change;
mod closed_days;
mod conflict;
mod contact_points;
mod copy;
mod day;
mod day_hours;
mod desk_form;
mod desks;
mod download;
mod draft_days;
mod draft_page;
mod editing;
mod entries;
mod entry_form;
mod export;
mod failure;
mod form;
mod history;
mod import;
mod import_page;
mod labels;
mod layout;
mod lexicon;
mod lines;
mod member;
mod messages;
mod overview;
mod policy;
mod preview;
mod publish;
mod questions;
mod refusal;
mod replay;
mod report;
mod sandbox;
mod session;
mod settings;
mod settled;
mod sign_in;
mod sort;
mod state;
mod today;
mod topics;
mod trials;
mod unanswered;
mod upload;
mod visitor;
mod why;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::map_response;
use axum::routing::{get, post};

pub use state::{StaffOptions, StaffUser};

use super::state::AppState;
use state::Staff;

/// Longest form, in bytes. The fields have limits of their own, whose message keeps what was typed; an encoded
/// Japanese character takes nine bytes.
pub(super) const MAX_FORM_BYTES: usize = 1024 * 1024;

/// Time limit for a request; a check of a draft is waited for.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Returns the routes of the staff desk.
pub(super) fn router(app: Arc<AppState>, options: StaffOptions) -> Router {
    let staff = Arc::new(Staff::new(app, options));
    Router::new()
        .route("/staff", get(today::today))
        .route(
            "/staff/questions",
            get(questions::questions).post(sort::sort),
        )
        .route("/staff/unanswered", get(unanswered::show))
        .route("/staff/entries", get(entries::entries))
        .route(
            "/staff/entry",
            get(entry_form::known).post(entry_form::save),
        )
        .route("/staff/new", get(entry_form::new))
        .route("/staff/copy", get(copy::show).post(copy::save))
        .route(
            "/staff/closed",
            get(closed_days::show).post(closed_days::save),
        )
        .route("/staff/desks", get(desks::desks))
        .route("/staff/desk", get(desk_form::show).post(desk_form::save))
        .route("/staff/topics", get(topics::list))
        .route("/staff/topic", get(topics::show).post(topics::save))
        .route("/staff/settings", get(settings::settings))
        .route("/staff/lexicon", get(lexicon::list))
        .route("/staff/word", get(lexicon::show).post(lexicon::save))
        .route("/staff/messages", get(messages::list))
        .route("/staff/message", get(messages::show).post(messages::save))
        .route("/staff/brand", get(brand::show).post(brand::save))
        .route("/staff/preview", post(preview::show))
        .route("/staff/draft", get(draft_page::draft))
        .route("/staff/approve", post(publish::approve))
        .route("/staff/publish", post(publish::publish))
        .route("/staff/merge", post(publish::merge))
        .route("/staff/discard", post(publish::discard))
        .route("/staff/history", get(history::history))
        .route("/staff/change", get(change::show))
        .route("/staff/undo", post(history::undo))
        .route("/staff/report", get(report::show))
        .route("/staff/report.csv", get(report::save))
        .route("/staff/export", get(export::show))
        .route("/staff/export/{format}", get(export::save))
        .route(
            "/staff/import",
            get(import::show)
                .post(import::receive)
                .layer(DefaultBodyLimit::max(upload::MAX_FILE_BYTES)),
        )
        .route("/staff/activity", get(activity::activity))
        .route("/staff/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/staff/sign-out", post(sign_in::sign_out))
        .route("/staff/{*path}", get(failure::unknown_page))
        .layer(map_response(policy::protect))
        .with_state(staff)
}
