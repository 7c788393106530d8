//! Reads `desk.toml`: a desk, its contact points and its business hours.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::entries::{read_entry_ids, read_id};
use super::toml_reader::{Located, TableReader};
use crate::knowledge::business_hours::{
    BusinessHours, DateRange, HoursError, Interval, overlapping,
};
use crate::knowledge::{
    ContactKind, ContactPoint, ContactPointId, Desk, DeskHours, DeskId, KnowledgeBase, Localized,
};

/// The keys of the weekdays, Monday first.
const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// Reads a desk into the knowledge.
pub(super) fn read(root: &mut TableReader<'_>, folder: &DeskId, knowledge: &mut KnowledgeBase) {
    let id = read_id(root, "desk", DeskId::parse);
    if let Some(id) = &id
        && id != folder
    {
        let what = format!("`id` is `{id}`, but the folder is named `{folder}`");
        root.report(root.location_of("id"), what, "give both the same name");
    }
    let name = root.localized("name");
    let programme = root.localized("programme");
    let words = root.texts("words").into_iter().map(|word| word.text);
    let words = words.collect();
    let featured = read_entry_ids(root, "featured");
    root.note_keys(&["featured"]);
    let points = root.tables("contact_point").into_iter();
    let contact_points: Vec<ContactPoint> = points.filter_map(read_contact_point).collect();
    let hours = root.optional_table("hours", "a table", "[hours]");
    let hours = hours.and_then(read_hours);
    if !root.has("contact_point") {
        root.report_missing(
            "[[contact_point]]",
            "add one with id, kind, label and value, so that members know where to turn",
        );
    }
    if let (Some(id), Some(name), Some(programme)) = (id, name, programme) {
        knowledge.desks.push(Desk {
            id,
            name,
            programme,
            words,
            featured,
            contact_points,
            hours,
            location: root.location.clone(),
        });
    }
}

fn read_contact_point(mut table: TableReader<'_>) -> Option<ContactPoint> {
    let id = read_id(&mut table, "contact_point", ContactPointId::parse);
    let kind = table.text("kind").and_then(|written| {
        let kinds = ContactKind::ALL;
        let found = kinds.iter().find(|(_, name)| *name == written.text);
        if found.is_none() {
            let what = format!(
                "`kind` is `{}`, expected form, email, telephone or address",
                written.text
            );
            table.report(written.location, what, "write one of the four");
        }
        found.map(|(kind, _)| *kind)
    });
    let label = table.localized("label");
    // Only a form without a URL says in words, and so in two languages, where it is found.
    let value = if kind == Some(ContactKind::Form) {
        table.localized("value")
    } else {
        table.text("value").map(|value| Localized {
            ja: value.text.clone(),
            en: value.text,
        })
    };
    let url = table.optional_text("url").and_then(|url| {
        let schemes = ["https://", "http://", "mailto:", "tel:"];
        if schemes.iter().any(|scheme| url.text.starts_with(scheme)) {
            return Some(url.text);
        }
        let what = format!("`url` is `{}`, expected an address", url.text);
        let hint = "an address starts with https://, http://, mailto: or tel:; leave `url` out if it is not known";
        table.report(url.location, what, hint);
        None
    });
    let location = table.location.clone();
    table.finish();
    let (kind, value) = (kind?, value?);
    Some(ContactPoint {
        id: id?,
        kind,
        label: label?,
        url: url.or_else(|| derived_url(kind, &value.ja)),
        value,
        location,
    })
}

/// An e-mail address or a telephone number is its own link.
fn derived_url(kind: ContactKind, value: &str) -> Option<String> {
    match kind {
        ContactKind::Email => Some(format!("mailto:{value}")),
        ContactKind::Telephone => {
            let digits: String = value.chars().filter(char::is_ascii_digit).collect();
            match digits.strip_prefix('0') {
                // RFC 3966 wants the global form; Japan's country code is 81.
                Some(national) if !value.starts_with('+') => Some(format!("tel:+81{national}")),
                _ => Some(format!("tel:+{digits}")),
            }
        }
        ContactKind::Form | ContactKind::Address => None,
    }
}

fn read_hours(mut table: TableReader<'_>) -> Option<DeskHours> {
    let text = table.localized("text");
    let time_zone = table.text("time_zone").and_then(|zone| {
        let found = TimeZone::get(&zone.text);
        if found.is_err() {
            let what = format!(
                "`time_zone` is `{}`, expected the name of a time zone",
                zone.text
            );
            table.report(zone.location, what, "for Japan write \"Asia/Tokyo\"");
        }
        found.ok()
    });
    let closed_on_holidays = table.flag("closed_on_holidays");
    let week = WEEKDAYS.map(|day| {
        let texts = table.texts(day);
        read_intervals(&table, day, &texts)
    });
    let mut closed = Vec::new();
    for written in table.texts("closed") {
        match DateRange::parse(&written.text) {
            Ok(range) => closed.push(range),
            Err(error) => report_hours(&table, "closed", &written, &error),
        }
    }
    let mut exceptions = BTreeMap::new();
    for mut exception in table.tables("exception") {
        let date = exception.date("date");
        let texts = exception.texts("open");
        let intervals = read_intervals(&exception, "open", &texts);
        if let Some(date) = date {
            if exceptions.insert(date, intervals).is_some() {
                let what = format!("{date} has two exceptions");
                let hint = "make one of them, with all its hours in `open`";
                exception.report(exception.location_of("date"), what, hint);
            }
        } else if !exception.has("date") {
            exception.report_missing("date", "add `date = 2026-12-28`");
        }
        exception.finish();
    }
    table.finish();
    Some(DeskHours {
        text: text?,
        business_hours: BusinessHours {
            time_zone: time_zone?,
            week,
            closed_on_holidays,
            closed,
            exceptions,
        },
    })
}

fn read_intervals(table: &TableReader<'_>, key: &'static str, texts: &[Located]) -> Vec<Interval> {
    let mut intervals = Vec::new();
    let mut places = Vec::new();
    for written in texts {
        match Interval::parse(&written.text) {
            Ok(interval) => {
                intervals.push(interval);
                places.push(&written.location);
            }
            Err(error) => report_hours(table, key, written, &error),
        }
    }
    if let Some((first, second)) = overlapping(&intervals) {
        let end = first.end.max(second.end);
        let both = Interval { end, ..first };
        let later = intervals.iter().rposition(|interval| *interval == second);
        let place = later.and_then(|index| places.get(index).copied());
        table.report(
            place.unwrap_or(&table.location).clone(),
            format!("`{key}`: `{first}` and `{second}` overlap"),
            &format!("write \"{both}\" instead of the two, or correct one of them"),
        );
    }
    intervals
}

/// Says which key's hours or days cannot be read; the error alone does not know the key.
fn report_hours(table: &TableReader<'_>, key: &str, written: &Located, error: &HoursError) {
    let text = &written.text;
    let (what, hint) = match error {
        HoursError::Interval(_) => (
            format!("`{text}` is not a pair of times"),
            "write both times as four half-width digits: \"09:00-17:00\"; the last end is 24:00",
        ),
        HoursError::IntervalOrder(_) => (
            format!("`{text}` does not end after it starts"),
            "write the earlier time first; hours past midnight are two: \"22:00-24:00\", and \"00:00-02:00\" on the next day",
        ),
        HoursError::Date(day) => (
            format!("`{day}` is not a day"),
            "write a day of the calendar as \"2026-12-29\", or from a day to a day: \"2026-12-29..2027-01-03\"",
        ),
        HoursError::DateOrder(_) => (
            format!("`{text}` ends before it starts"),
            "write the earlier day first: \"2026-12-29..2027-01-03\"",
        ),
    };
    table.report(written.location.clone(), format!("`{key}`: {what}"), hint);
}
