//! `POST /staff/questions`: puts questions of members into the draft, where they belong.

use axum::response::Response;

use super::editing::edit;
use super::entry_form;
use super::failure::Failure;
use super::layout::go_to;
use super::member::{Fields, Member, Posted};
use super::topics::MAX_TOPIC_CHARS;
use crate::exchange::TopicKind;
use crate::staff::{EditRefusal, Workbench};

/// What a form asks for.
enum Sorting {
    Variants(String),
    KnownReferral(String),
    NewReferral { desk: String, topic: String },
    OutOfScope,
}

/// Why nothing was put into the draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    NoWording,
    NoEntry,
    NoTopic,
    LongTopic,
}

impl Refused {
    const ALL: [Self; 4] = [
        Self::NoWording,
        Self::NoEntry,
        Self::NoTopic,
        Self::LongTopic,
    ];

    /// Returns the name in the address of the page.
    const fn name(self) -> &'static str {
        match self {
            Self::NoWording => "wording",
            Self::NoEntry => "entry",
            Self::NoTopic => "topic",
            Self::LongTopic => "long",
        }
    }

    /// Returns what the page that names it says.
    pub(super) fn text(member: &Member) -> Option<String> {
        let name = member.parameter("refused")?;
        let refused = Self::ALL.into_iter().find(|it| it.name() == name)?;
        let text = match refused {
            Self::NoWording => member.say(
                "「使う書き方」を一つ以上選んでください。伏せ字（***）のある文は使えません。",
                "Choose at least one wording. Those with masked text (***) cannot be used.",
            ),
            Self::NoEntry => member.say(
                "入れる項目を選んでください。なければ「別の項目をさがす」でさがします。",
                "Choose the entry, or find another one.",
            ),
            Self::NoTopic => member.say(
                "案内を選ぶか、新しい案内の話題を書いてください。",
                "Choose a referral, or write the subject of a new one.",
            ),
            Self::LongTopic => member.say(
                "新しい案内の話題は{most}字までにしてください。",
                "The subject of a new referral may have {most} characters.",
            ),
        };
        Some(text.replace("{most}", &MAX_TOPIC_CHARS.to_string()))
    }
}

/// Edits the draft, or leads to the form of a new entry.
pub(super) async fn sort(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let questions: Vec<String> = fields.all("question").map(str::to_owned).collect();
    if fields.text("then") == "entry" {
        // A redirect with all questions in its address would be too long for some proxies.
        return Ok(entry_form::with_questions(&member, questions));
    }
    let refused = |reason: Refused| {
        let parameters = [
            ("q", fields.text("q")),
            ("refused", reason.name()),
            ("topic", fields.text("topic")),
        ];
        let link = member.link("/staff/questions", &parameters);
        Ok(go_to(&format!("{link}#sort")))
    };
    if questions.is_empty() {
        return refused(Refused::NoWording);
    }
    let sorting = match Sorting::read(&fields) {
        Ok(sorting) => sorting,
        Err(reason) => return refused(reason),
    };
    let detail = sorting.detail(questions.len());
    edit(&member, &detail, move |bench| {
        sorting.apply(bench, &questions)
    })
    .await
}

impl Sorting {
    fn read(fields: &Fields) -> Result<Self, Refused> {
        let text = |name: &str| fields.text(name).trim().to_owned();
        let (entry, referral, topic) = (text("entry"), text("referral"), text("topic"));
        match fields.text("then") {
            "variants" if !entry.is_empty() => Ok(Self::Variants(entry)),
            "referral" if !referral.is_empty() => Ok(Self::KnownReferral(referral)),
            "referral" if topic.is_empty() => Err(Refused::NoTopic),
            "referral" if topic.chars().count() > MAX_TOPIC_CHARS => Err(Refused::LongTopic),
            "referral" => Ok(Self::NewReferral {
                desk: text("desk"),
                topic,
            }),
            "other" => Ok(Self::OutOfScope),
            _ => Err(Refused::NoEntry),
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
