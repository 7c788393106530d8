//! Reads `desk.toml`: a desk, its contact points and its business hours.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::entries::{read_entry_ids, read_id, read_title};
use super::toml_reader::{Located, TableReader};
use super::wording::add;
use crate::knowledge::business_hours::{
    BusinessHours, DateRange, HoursError, Interval, WEEKDAYS, overlapping,
};
use crate::knowledge::language::{Localized, localized};
use crate::knowledge::{
    Category, ContactKind, ContactPoint, ContactPointId, Desk, DeskHours, DeskId, KnowledgeBase,
};

/// Reads a desk into the knowledge.
pub(super) fn read(root: &mut TableReader<'_>, folder: &DeskId, knowledge: &mut KnowledgeBase) {
    let id = read_id(root, "desk", DeskId::parse);
    if let Some(id) = &id
        && id != folder
    {
        root.report(
            root.location_of("id"),
            localized!(
                ja: "`id` は `{id}` ですが、フォルダーの名前は `{folder}` です",
                en: "`id` is `{id}`, but the folder is named `{folder}`",
            ),
            localized!(ja: "同じ名前にそろえてください", en: "give both the same name"),
        );
    }
    let name = root.localized("name");
    let programme = root.localized("programme");
    let words = root.texts("words").into_iter().map(|word| word.text);
    let words = words.collect();
    let featured = read_entry_ids(root, "featured");
    root.record_keys(&["featured"]);
    let categories = root.tables("category").into_iter();
    let categories = categories.filter_map(read_category).collect();
    let points = root.tables("contact_point").into_iter();
    let contact_points: Vec<ContactPoint> = points.filter_map(read_contact_point).collect();
    let table = localized!(ja: "表", en: "a table");
    let hours = root.optional_table("hours", &table, "[hours]");
    let hours = hours.and_then(read_hours);
    if !root.has("contact_point") {
        root.report_missing(
            "[[contact_point]]",
            localized!(
                ja: "会員に案内できるよう、id、kind、label、value のある連絡先を一つ以上書き足してください",
                en: "add at least one with id, kind, label and value, so that members can contact the desk",
            ),
        );
    }
    if let (Some(id), Some(name), Some(programme)) = (id, name, programme) {
        knowledge.desks.push(Desk {
            id,
            name,
            programme,
            words,
            featured,
            categories,
            contact_points,
            hours,
            location: root.location.clone(),
        });
    }
}

fn read_category(mut table: TableReader<'_>) -> Option<Category> {
    let name = table.text("name");
    if let Some(name) = &name {
        table.rename(format!("category \"{}\"", name.text));
    }
    let title = read_title(&mut table, "name");
    if !table.has("title") {
        table.report_missing("title", add("title = { en = \"…\" }"));
    }
    let location = table.location.clone();
    table.finish();
    Some(Category {
        name: name?.text,
        english_title: title?,
        location,
    })
}

fn read_contact_point(mut table: TableReader<'_>) -> Option<ContactPoint> {
    let id = read_id(&mut table, "contact_point", ContactPointId::parse);
    let kind = table.text("kind").and_then(|Located { text, location, .. }| {
        let kinds = ContactKind::ALL;
        let found = kinds.iter().find(|(_, name)| *name == text);
        if found.is_none() {
            table.report(
                location,
                localized!(
                    ja: "`kind` に `{text}` は使えません。使えるのは form、email、telephone、address です",
                    en: "`kind` is `{text}`, expected form, email, telephone or address",
                ),
                localized!(ja: "この四つのどれかを書いてください", en: "write one of the four"),
            );
        }
        found.map(|(kind, _)| *kind)
    });
    let label = table.localized("label");
    // The value of a form describes in words where it is, so it needs both languages. A postal
    // address may have both.
    let has_both = kind == Some(ContactKind::Address) && table.has_table("value");
    let value = if kind == Some(ContactKind::Form) || has_both {
        table.localized("value")
    } else {
        table.text("value").map(|value| Localized {
            ja: value.text.clone(),
            en: value.text,
        })
    };
    let url = table.optional_text("url");
    let url = url.and_then(|Located { text, location, .. }| {
        let schemes = ["https://", "http://", "mailto:", "tel:"];
        if schemes.iter().any(|scheme| text.starts_with(scheme)) {
            return Some(text);
        }
        let mistake = localized!(
            ja: "`url` の `{text}` はアドレスではありません",
            en: "`url` is `{text}`, expected an address",
        );
        let hint = localized!(
            ja: "アドレスは https://、http://、mailto:、tel: のどれかで始まります。分からなければ `url` の行を消してください",
            en: "an address starts with https://, http://, mailto: or tel:; remove `url` if it is unknown",
        );
        table.report(location, mistake, hint);
        None
    });
    let location = table.location.clone();
    table.finish();
    let (kind, value) = (kind?, value?);
    Some(ContactPoint {
        id: id?,
        kind,
        label: label?,
        url: url.or_else(|| kind.derived_url(&value.ja)),
        value,
        location,
    })
}

fn read_hours(mut table: TableReader<'_>) -> Option<DeskHours> {
    let text = table.localized("text");
    let time_zone = table.text("time_zone");
    let time_zone = time_zone.and_then(|Located { text, location, .. }| {
        let found = TimeZone::get(&text);
        if found.is_err() {
            let mistake = localized!(
                ja: "`time_zone` の `{text}` は時間帯の名前ではありません",
                en: "`time_zone` is `{text}`, expected the name of a time zone",
            );
            let hint = localized!(
                ja: "日本なら \"Asia/Tokyo\" と書いてください",
                en: "for Japan write \"Asia/Tokyo\"",
            );
            table.report(location, mistake, hint);
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
                exception.report(
                    exception.location_of("date"),
                    localized!(
                        ja: "{date} の例外が二つあります",
                        en: "{date} has two exceptions",
                    ),
                    localized!(
                        ja: "一つにまとめ、その日の時間帯をすべて `open` に書いてください",
                        en: "merge the two, with all hours of the day in `open`",
                    ),
                );
            }
        } else if !exception.has("date") {
            exception.report_missing("date", add("date = 2026-12-28"));
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
            localized!(
                ja: "`{key}`: `{first}` と `{second}` が重なっています",
                en: "`{key}`: `{first}` and `{second}` overlap",
            ),
            localized!(
                ja: "二つをまとめて \"{both}\" と書くか、どちらかを直してください",
                en: "write \"{both}\" instead of the two, or correct one of them",
            ),
        );
    }
    intervals
}

/// Reports hours or dates that cannot be parsed, with their key.
fn report_hours(table: &TableReader<'_>, key: &str, written: &Located, error: &HoursError) {
    let text = &written.text;
    let (mistake, hint) = match error {
        HoursError::Interval => (
            localized!(
                ja: "`{key}`: `{text}` は時間帯として読めません",
                en: "`{key}`: `{text}` is not a start and an end time",
            ),
            localized!(
                ja: "二つの時刻を半角の数字四桁で \"09:00-17:00\" のように書いてください。一日の終わりは 24:00 です",
                en: "write two times of four half-width digits, such as \"09:00-17:00\"; a day ends at 24:00",
            ),
        ),
        HoursError::IntervalOrder => (
            localized!(
                ja: "`{key}`: `{text}` の終わりが始まりより後ではありません",
                en: "`{key}`: `{text}` does not end after it starts",
            ),
            localized!(
                ja: "早い時刻を先に書いてください。午前 0 時をまたぐ場合は \"22:00-24:00\" と、翌日の \"00:00-02:00\" に分けます",
                en: "write the earlier time first; split hours past midnight into \"22:00-24:00\", and \"00:00-02:00\" on the next day",
            ),
        ),
        HoursError::Date(day) => (
            localized!(
                ja: "`{key}`: `{day}` は日付ではありません",
                en: "`{key}`: `{day}` is not a date",
            ),
            localized!(
                ja: "実在する日付を \"2026-12-29\" のように書くか、期間を \"2026-12-29..2027-01-03\" のように書いてください",
                en: "write an existing date such as \"2026-12-29\", or a range such as \"2026-12-29..2027-01-03\"",
            ),
        ),
        HoursError::DateOrder => (
            localized!(
                ja: "`{key}`: `{text}` は終わりの日が始まりの日より前です",
                en: "`{key}`: `{text}` ends before it starts",
            ),
            localized!(
                ja: "早い日付を先に \"2026-12-29..2027-01-03\" のように書いてください",
                en: "write the earlier date first: \"2026-12-29..2027-01-03\"",
            ),
        ),
    };
    table.report(written.location.clone(), mistake, hint);
}
