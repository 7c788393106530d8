//! Edits of a desk: its names, contact points, hours and closed days.

use std::collections::BTreeSet;

use super::{EditRefusal, Workbench};
use crate::exchange::{Given, Keys, List, Mark, Row, Setting, set_closed_days};
use crate::knowledge::business_hours::{DateRange, Interval, WEEKDAYS};
use crate::knowledge::{ContactKind, ContactPoint, Desk, DeskHours, Localized};

/// A desk as a form has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenDesk {
    /// The id.
    pub id: String,
    /// The desk's own name.
    pub name: Localized,
    /// The service of the desk, as members call it.
    pub programme: Localized,
    /// Words that show that a question is for this desk.
    pub words: Vec<String>,
    /// The ids of the entries to show before the first question.
    pub featured: Vec<String>,
    /// The contact points, the best first.
    pub points: Vec<WrittenPoint>,
    /// The hours of the telephone, if any.
    pub hours: Option<WrittenHours>,
}

/// A contact point as a form has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenPoint {
    /// The id; empty for a new one.
    pub id: String,
    /// The kind of address.
    pub kind: ContactKind,
    /// The name.
    pub label: Localized,
    /// The address; both languages differ only for a form.
    pub value: Localized,
    /// The link, unless it is made from the address; else empty.
    pub url: String,
}

/// Hours as a form has them; closed days and exceptions are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenHours {
    /// The hours as members read them.
    pub text: Localized,
    /// The name of the time zone.
    pub time_zone: String,
    /// The hours of each day, Monday first.
    pub week: [Vec<Interval>; 7],
    /// Whether the desk is closed on the holidays of Japan.
    pub closed_on_holidays: bool,
}

impl From<&Desk> for WrittenDesk {
    fn from(desk: &Desk) -> Self {
        Self {
            id: desk.id.to_string(),
            name: desk.name.clone(),
            programme: desk.programme.clone(),
            words: desk.words.clone(),
            featured: desk.featured.iter().map(ToString::to_string).collect(),
            points: desk.contact_points.iter().map(WrittenPoint::from).collect(),
            hours: desk.hours.as_ref().map(WrittenHours::from),
        }
    }
}

impl From<&ContactPoint> for WrittenPoint {
    fn from(point: &ContactPoint) -> Self {
        let derived = point.kind.derived_url(&point.value.ja);
        let url = point
            .url
            .clone()
            .filter(|url| Some(url) != derived.as_ref());
        Self {
            id: point.id.to_string(),
            kind: point.kind,
            label: point.label.clone(),
            value: point.value.clone(),
            url: url.unwrap_or_default(),
        }
    }
}

impl From<&DeskHours> for WrittenHours {
    fn from(hours: &DeskHours) -> Self {
        let calendar = &hours.business_hours;
        Self {
            text: hours.text.clone(),
            time_zone: calendar
                .time_zone
                .iana_name()
                .unwrap_or_default()
                .to_owned(),
            week: calendar.week.clone(),
            closed_on_holidays: calendar.closed_on_holidays,
        }
    }
}

/// The table of the hours.
const HOURS: &str = "hours";

impl Workbench<'_> {
    /// Changes a desk; only the keys that differ are written.
    ///
    /// # Errors
    /// [`EditRefusal`] if there is no such desk, or its file cannot be changed or would have errors.
    pub fn change_desk(mut self, desk: WrittenDesk) -> Result<(), EditRefusal> {
        let known = self.knowledge.desk(&desk.id);
        let known = known.ok_or_else(|| EditRefusal::Missing(desk.id.clone()))?;
        let file = known.location.file.to_path_buf();
        let before = WrittenDesk::from(known);
        let mut settings = vec![Setting::Keys(None, names(&before, &desk))];
        if before.points != desk.points {
            let rows = self.points(&before, &desk);
            settings.push(Setting::Rows(List(None, "contact_point"), rows));
        }
        match (&before.hours, &desk.hours) {
            (Some(_), None) => settings.push(Setting::WithoutTable(HOURS)),
            (old, Some(new)) => {
                let keys = hours(old.as_ref(), new);
                if !keys.is_empty() {
                    settings.push(Setting::Keys(Some(HOURS), keys));
                }
            }
            (None, None) => {}
        }
        self.set_checked(&file, &settings)
    }

    /// Returns the tables of contact points; a new one gets an id.
    fn points(&self, before: &WrittenDesk, desk: &WrittenDesk) -> Vec<Row> {
        let desks = self.knowledge.desks.iter();
        let points = desks.flat_map(|desk| &desk.contact_points);
        let mut taken: BTreeSet<String> = points.map(|point| point.id.to_string()).collect();
        let rows = desk.points.iter().map(|point| {
            let mut olds = before.points.iter();
            let old = olds.find(|old| !point.id.is_empty() && old.id == point.id);
            let of = old.map(|old| Mark("id", Given::Text(old.id.clone())));
            let mut keys = point_keys(old, point);
            if old.is_none() {
                let id = point_id(&desk.id, point.kind, &taken);
                taken.insert(id.clone());
                keys.insert(0, ("id", Some(Given::Text(id))));
            }
            Row { of, keys }
        });
        rows.collect()
    }

    /// Adds a closed period to the hours of a desk, and removes others.
    ///
    /// # Errors
    /// [`EditRefusal`] if there is no such desk with hours, or its file cannot be changed.
    pub fn change_closed_days(
        mut self,
        desk: &str,
        added: Option<DateRange>,
        removed: &[DateRange],
    ) -> Result<(), EditRefusal> {
        let missing = || EditRefusal::Missing(desk.to_owned());
        let found = self.knowledge.desk(desk).ok_or_else(missing)?;
        let hours = found.hours.as_ref().ok_or_else(missing)?;
        let file = found.location.file.to_path_buf();
        let mut ranges = hours.business_hours.closed.clone();
        ranges.retain(|range| !removed.contains(range));
        ranges.extend(added.filter(|added| !ranges.contains(added)));
        self.rewrite(&file, |path, text| set_closed_days(path, text, &ranges))
    }
}

/// Returns the keys of the root that differ.
fn names(before: &WrittenDesk, desk: &WrittenDesk) -> Keys {
    let mut keys: Keys = Vec::new();
    if before.name != desk.name {
        keys.push(("name", Some(Given::Both(desk.name.clone()))));
    }
    if before.programme != desk.programme {
        keys.push(("programme", Some(Given::Both(desk.programme.clone()))));
    }
    if before.words != desk.words {
        keys.push(("words", Some(Given::Texts(desk.words.clone()))));
    }
    if before.featured != desk.featured {
        keys.push(("featured", Some(Given::Texts(desk.featured.clone()))));
    }
    keys
}

/// Returns the keys of a contact point that differ; all without an old one.
fn point_keys(old: Option<&WrittenPoint>, new: &WrittenPoint) -> Keys {
    let mut keys: Keys = Vec::new();
    if old.is_none_or(|old| old.kind != new.kind) {
        let kind = new.kind.name().to_owned();
        keys.push(("kind", Some(Given::Text(kind))));
    }
    if old.is_none_or(|old| old.label != new.label) {
        keys.push(("label", Some(Given::Both(new.label.clone()))));
    }
    let is_same = old.is_some_and(|old| old.value == new.value && old.kind == new.kind);
    if !is_same {
        let value = match new.kind {
            ContactKind::Form => Given::Both(new.value.clone()),
            ContactKind::Address if new.value.ja != new.value.en => Given::Both(new.value.clone()),
            _ => Given::Text(new.value.ja.clone()),
        };
        keys.push(("value", Some(value)));
    }
    // A link that was the same as the one made from the old address would lead there still.
    if !is_same || old.is_some_and(|old| old.url != new.url) {
        let url = Some(new.url.clone()).filter(|url| !url.is_empty());
        keys.push(("url", url.map(Given::Text)));
    }
    keys
}

fn hours(old: Option<&WrittenHours>, new: &WrittenHours) -> Keys {
    let mut keys: Keys = Vec::new();
    if old.is_none_or(|old| old.text != new.text) {
        keys.push(("text", Some(Given::Both(new.text.clone()))));
    }
    if old.is_none_or(|old| old.time_zone != new.time_zone) {
        keys.push(("time_zone", Some(Given::Text(new.time_zone.clone()))));
    }
    let is_closed = new.closed_on_holidays;
    if old.map_or(is_closed, |old| old.closed_on_holidays != is_closed) {
        keys.push(("closed_on_holidays", Some(Given::Flag(is_closed))));
    }
    let days = WEEKDAYS.into_iter().zip(&new.week).enumerate();
    for (index, (key, intervals)) in days {
        let before = old.and_then(|old| old.week.get(index));
        if before.map_or(!intervals.is_empty(), |before| before != intervals) {
            let texts = intervals.iter().map(ToString::to_string).collect();
            keys.push((key, Some(Given::Texts(texts))));
        }
    }
    keys
}

/// Makes the id of a new contact point, such as `library-telephone-2`.
fn point_id(desk: &str, kind: ContactKind, taken: &BTreeSet<String>) -> String {
    /// Longest part of an id that is the desk's; see [`crate::knowledge::ContactPointId`].
    const MAX_DESK_CHARS: usize = 34;
    let desk = desk.get(..MAX_DESK_CHARS.min(desk.len())).unwrap_or(desk);
    let first = format!("{desk}-{}", kind.name());
    let others = (2..).map(|number| format!("{first}-{number}"));
    let mut ids = std::iter::once(first.clone()).chain(others);
    ids.find(|id| !taken.contains(id)).unwrap_or(first)
}
