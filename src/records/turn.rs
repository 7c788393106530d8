//! One turn, as the channels report it.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

/// The channel of the search page of the help centre. The page has no conversations: nothing is known of
/// what a member does after a question.
pub const HELP_CENTRE: &str = "help_centre";

/// What a member did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Asked a question or wrote another message.
    Asked,
    /// Chose one of the offered entries.
    Chosen,
    /// Chose none of the offered entries.
    Declined,
    /// Rated an answer.
    Rated,
}

impl Kind {
    const ALL: [Self; 4] = [Self::Asked, Self::Chosen, Self::Declined, Self::Rated];

    /// Returns the name in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Chosen => "chosen",
            Self::Declined => "declined",
            Self::Rated => "rated",
        }
    }

    /// Finds a kind by its name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A turn that is to be stored. All texts are masked already.
#[derive(Debug, Clone)]
pub struct Turn {
    /// The time.
    pub at: Timestamp,
    /// The day in the time zone of the organisation.
    pub day: Date,
    /// What the member did.
    pub kind: Kind,
    /// The channel, such as `web`.
    pub channel: &'static str,
    /// The language of the answer.
    pub language: &'static str,
    /// The desk that the member chose before asking.
    pub asked_desk: Option<String>,
    /// Identifies the conversation; only its salted hash is stored.
    pub conversation: [u8; 16],
    /// The masked text of a question, or the masked comment of a rating.
    pub text: Option<String>,
    /// The outcome of the answer.
    pub outcome: &'static str,
    /// The reason of an escalation.
    pub reason: Option<&'static str>,
    /// The entry of the answer, or the entry that was rated.
    pub entry: Option<String>,
    /// The referral of an escalation.
    pub referral: Option<String>,
    /// The desk of an escalation, else that of the entry.
    pub desk: Option<String>,
    /// Whether a desk with opening hours was open when the member was led to it.
    pub is_open: Option<bool>,
    /// The confidence of the answer, 0 to 1.
    pub confidence: f32,
    /// The ids of the offered entries.
    pub suggestions: Vec<String>,
    /// Whether the rated answer helped.
    pub helpful: Option<bool>,
    /// The answers to the further requests of the message: masked text, outcome, entry, desk.
    pub also: Vec<Value>,
    /// The version of the knowledge.
    pub knowledge: String,
}

/// Longest version of the knowledge that is stored, in characters.
const MAX_VERSION_CHARS: usize = 16;

impl Turn {
    /// Returns the row, in the order of [`super::database::COLUMNS`]. `nonce` makes its key unique.
    pub(super) fn row(&self, nonce: i64, conversation: &str) -> Value {
        let version: String = self.knowledge.chars().take(MAX_VERSION_CHARS).collect();
        let also = (!self.also.is_empty()).then(|| Value::from(self.also.clone()).to_string());
        json!([
            self.at.as_millisecond(),
            nonce,
            self.day.to_string(),
            self.kind.name(),
            self.channel,
            self.language,
            self.asked_desk,
            conversation,
            self.text,
            self.outcome,
            self.reason,
            self.entry,
            self.referral,
            self.desk,
            self.is_open.map(i64::from),
            self.confidence,
            self.suggestions.join(","),
            self.helpful.map(i64::from),
            also,
            version,
        ])
    }
}
