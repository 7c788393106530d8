//! `POST /staff/questions`: puts questions of members into the draft, where they belong.

use axum::response::Response;

use super::editing::edit;
use super::entry_form;
use super::failure::Failure;
use super::layout::go_to;
use super::member::{Fields, Posted};
use crate::exchange::TopicKind;
use crate::staff::{EditRefusal, Workbench};

/// What a form asks for.
enum Sorting {
    Variants(String),
    KnownReferral(String),
    NewReferral { desk: String, topic: String },
    OutOfScope,
}

/// Edits the draft, or leads to the form of a new entry.
pub(super) async fn sort(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let questions: Vec<String> = fields.all("question").map(str::to_owned).collect();
    let asked = questions.first().map_or("", String::as_str);
    if fields.text("then") == "entry" {
        // A redirect with all questions in its address would be too long for some proxies.
        return Ok(entry_form::with_questions(&member, questions));
    }
    let again = || Ok(go_to(&member.link("/staff/questions", &[("q", asked)])));
    let Some(sorting) = Sorting::read(&fields).filter(|_| !questions.is_empty()) else {
        return again();
    };
    let detail = sorting.detail(questions.len());
    edit(&member, &detail, move |draft, folder, today| {
        let bench = Workbench::open(draft, folder, today);
        sorting.apply(bench, &questions)
    })
    .await
}

impl Sorting {
    fn read(fields: &Fields) -> Option<Self> {
        let text = |name: &str| fields.text(name).trim().to_owned();
        let (referral, topic) = (text("referral"), text("topic"));
        match fields.text("then") {
            "variants" => Some(text("entry"))
                .filter(|id| !id.is_empty())
                .map(Self::Variants),
            "referral" if !referral.is_empty() => Some(Self::KnownReferral(referral)),
            "referral" if !topic.is_empty() => Some(Self::NewReferral {
                desk: text("desk"),
                topic,
            }),
            "other" => Some(Self::OutOfScope),
            _ => None,
        }
    }

    /// Describes the edit for the log, without the words of members.
    fn detail(&self, count: usize) -> String {
        let place = match self {
            Self::Variants(id) | Self::KnownReferral(id) => id,
            Self::NewReferral { topic, .. } => topic,
            Self::OutOfScope => "out_of_scope",
        };
        format!("{place} +{count}")
    }

    fn apply(self, bench: Workbench<'_>, questions: &[String]) -> Result<(), EditRefusal> {
        match self {
            Self::Variants(id) => bench.add_variants(&id, questions).map(drop),
            Self::KnownReferral(id) => {
                bench.add_topic_variants(TopicKind::Referral, &id, questions)
            }
            Self::NewReferral { desk, topic } => {
                bench.add_referral(&desk, &topic, questions).map(drop)
            }
            Self::OutOfScope => bench.add_out_of_scope(questions).map(drop),
        }
    }
}
