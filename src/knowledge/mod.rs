//! The knowledge: a folder of TOML files, read, checked and held in memory.
//!
//! `load` reads a folder into a [`KnowledgeBase`] or into [`Problem`]s; only `load` reads the disk.
//! This folder imports no other folder of the crate.
//!
//! Invariant: in a [`KnowledgeBase`] that `load` returned without errors, ids are unique, every
//! `related`, `contact` and desk exists, and every sentence exists in both languages.

mod addresses;
mod blocks;
pub mod brand;
pub mod business_hours;
mod calibration;
mod check;
mod conversation;
mod desk;
mod encoding;
mod entry;
pub mod holidays;
mod id;
mod language;
mod lexicon;
mod load;
mod markdown;
mod messages;
mod problem;
mod safety;
mod same_texts;
mod silent_changes;
mod source_map;
mod variant;
mod written_date;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use blocks::{Block, Span, plain};
pub use calibration::{ByCoverage, Calibration, Evidence, FittedParameters, Thresholds};
pub use conversation::{HandOff, HandOffReason, OutOfScope, SmallTalk};
pub use desk::{Category, ContactKind, ContactPoint, Desk, DeskHours};
pub use encoding::{Decoded, decode};
pub use entry::{Entry, Referral, Source};
pub use id::{ContactPointId, DeskId, EntryId, InvalidId, TopicId};
pub(crate) use language::localized;
pub use language::{Language, Localized};
pub use lexicon::{Lexicon, Spelling, Synonyms, Word};
pub use load::{Loaded, Snapshot, load};
pub use markdown::{Link, Markdown};
pub use messages::{Messages, Sentence};
pub use problem::{Location, Problem, Severity, has_errors, sort as sort_problems};
pub use safety::{Danger, HelpLine, Safety};
pub(crate) use same_texts::folded;
pub use variant::{MAX_EXPANSIONS, Variant, VariantError, expand};
pub use written_date::parse_date;

/// The content of the knowledge folder.
#[expect(
    clippy::module_name_repetitions,
    reason = "`knowledge base` is the standard term"
)]
#[derive(Debug, Clone, Default)]
pub struct KnowledgeBase {
    /// Names the state of the files that the knowledge was loaded from, see [`Snapshot::version`].
    pub version: String,
    /// The times at which the files were saved, by their paths in the folder, where they are known.
    pub saved: BTreeMap<PathBuf, Timestamp>,
    /// The desks, in the order of their folders' names.
    pub desks: Vec<Desk>,
    /// The entries, in the order of files and of lines.
    pub entries: Vec<Entry>,
    /// The subjects that a desk answers and the documents do not.
    pub referrals: Vec<Referral>,
    /// Small talk such as greetings and thanks.
    pub small_talk: Vec<SmallTalk>,
    /// Requests for a person, and complaints.
    pub hand_offs: Vec<HandOff>,
    /// Subjects that are out of scope.
    pub out_of_scope: Vec<OutOfScope>,
    /// Words for the analyzer.
    pub lexicon: Lexicon,
    /// Fitted parameters of ranking and decision.
    pub calibration: Calibration,
    /// Texts for members, except answers.
    pub messages: Messages,
    /// Positions of the entries by their ids, made at the first search.
    pub(crate) positions: OnceLock<HashMap<String, usize>>,
    /// Dangers to a life, and the help lines.
    pub safety: Safety,
    /// The look of the organisation.
    pub brand: brand::Brand,
}

impl KnowledgeBase {
    /// Finds an entry by its id.
    #[must_use]
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries.get(self.position(id)?)
    }

    /// Finds an entry that is valid on a day, with its position.
    #[must_use]
    pub fn shown(&self, id: &EntryId, day: Date) -> Option<(usize, &Entry)> {
        let position = self.position(id.as_str())?;
        let entry = self.entries.get(position)?;
        entry.is_valid_on(day).then_some((position, entry))
    }

    /// Finds the position of an entry by its id, in constant time.
    #[must_use]
    pub fn position(&self, id: &str) -> Option<usize> {
        let positions = self.positions.get_or_init(|| {
            let ids = self.entries.iter().map(|entry| entry.id.to_string());
            ids.zip(0..).collect()
        });
        let position = *positions.get(id)?;
        let found = self.entries.get(position);
        debug_assert!(
            found.is_some_and(|entry| entry.id.as_str() == id),
            "entries were changed after the first search by id"
        );
        found.map(|_| position)
    }

    /// Returns every entry that is valid on a day, in order.
    pub fn shown_on(&self, day: Date) -> impl Iterator<Item = &Entry> {
        let entries = self.entries.iter();
        entries.filter(move |entry| entry.is_valid_on(day))
    }

    /// Returns the valid related entries of an entry.
    #[must_use]
    pub fn related(&self, entry: &Entry, day: Date) -> Vec<&Entry> {
        let ids = entry.related.iter();
        ids.filter_map(|id| Some(self.shown(id, day)?.1)).collect()
    }

    /// Returns the entries that a desk shows before the first question: the featured ones, else
    /// its first ones.
    #[must_use]
    pub fn featured(&self, desk: &Desk, day: Date) -> Vec<&Entry> {
        /// Number of entries of a desk that features none.
        const DEFAULT_FEATURED: usize = 4;
        let named = desk.featured.iter();
        let named: Vec<&Entry> = named
            .filter_map(|id| Some(self.shown(id, day)?.1))
            .collect();
        if !named.is_empty() {
            return named;
        }
        let own = self.shown_on(day).filter(|entry| entry.desk == desk.id);
        own.take(DEFAULT_FEATURED).collect()
    }

    /// Returns the time zone in which entries are valid: that of the first desk with hours, else
    /// Japan's.
    #[must_use]
    pub fn time_zone(&self) -> TimeZone {
        let mut hours = self.desks.iter().filter_map(|desk| desk.hours.as_ref());
        match hours.next() {
            Some(hours) => hours.business_hours.time_zone.clone(),
            None => TimeZone::get("Asia/Tokyo").unwrap_or(TimeZone::UTC),
        }
    }

    /// Finds a desk by its id.
    #[must_use]
    pub fn desk(&self, id: &str) -> Option<&Desk> {
        self.desks.iter().find(|desk| desk.id.as_str() == id)
    }

    /// Returns the name of an entry's category in a language, and the language of that name.
    #[must_use]
    pub fn category_title<'a>(
        &'a self,
        entry: &'a Entry,
        language: Language,
    ) -> (&'a str, Language) {
        match self.desk(entry.desk.as_str()) {
            Some(desk) => desk.category_title(&entry.category, language),
            None => (&entry.category, Language::Japanese),
        }
    }

    /// Finds a contact point by its id, with the desk that it belongs to.
    #[must_use]
    pub fn contact_point(&self, id: &str) -> Option<(&Desk, &ContactPoint)> {
        self.desks.iter().find_map(|desk| {
            let mut points = desk.contact_points.iter();
            let point = points.find(|point| point.id.as_str() == id)?;
            Some((desk, point))
        })
    }

    /// Returns the fitted parameters for a kind of evidence. Without any, the thresholds are 1.
    #[must_use]
    pub fn parameters(&self, evidence: Evidence) -> &ByCoverage {
        static UNFITTED: ByCoverage = ByCoverage::UNFITTED;
        let parameters = self.calibration.by_evidence.get(&evidence);
        parameters.unwrap_or(&UNFITTED)
    }

    /// Returns the questions and answers alone, as in a new organisation: without variants,
    /// referrals and lexicon, and with the shipped small talk, hand-offs and out-of-scope subjects.
    #[must_use]
    pub fn bare(&self) -> Self {
        let mut bare = self.clone();
        for entry in &mut bare.entries {
            entry.variants.clear();
        }
        bare.referrals.clear();
        bare.small_talk.clear();
        bare.hand_offs.clear();
        bare.out_of_scope.clear();
        bare.add_default_small_talk();
        bare.add_default_out_of_scope();
        bare.lexicon = Lexicon::default();
        bare
    }
}
