//! `/staff/closed`: the closed days of the desks.

use axum::response::Response;
use jiff::Span;
use jiff::civil::Date;
use maud::{Markup, html};

use super::editing::{drafted, edit};
use super::failure::Failure;
use super::layout::{csrf_field, page};
use super::member::{Fields, Member, Posted};
use crate::knowledge::business_hours::DateRange;
use crate::knowledge::{Desk, KnowledgeBase};

/// Years before today from which closed days are accepted.
const MAX_YEARS_AGO: i64 = 1;

/// Years after today until which closed days are accepted.
const MAX_YEARS_AHEAD: i64 = 10;

/// Longest closed period, in years.
const MAX_YEARS: i64 = 1;

/// Shows the closed days of all desks with hours, as the draft of the member has them.
pub(super) async fn show(member: Member) -> Result<Response, Failure> {
    let knowledge = drafted(&member).await?;
    Ok(render(&member, &knowledge, None))
}

/// Puts a closed period into the draft, or removes some.
pub(super) async fn save(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let desk = fields.text("desk").to_owned();
    let removed = fields
        .all("remove")
        .filter_map(|text| DateRange::parse(text).ok());
    let removed: Vec<DateRange> = removed.collect();
    let added = match read(&member, &fields) {
        Ok(added) => added,
        Err(text) => return refused(&member, &fields, text).await,
    };
    if added.is_none() && removed.is_empty() {
        let text = member.say(
            "はじめの日を書いてください。取りやめるときは、その休みに印を付けてください。",
            "Enter the first day, or mark the closed days to remove.",
        );
        return refused(&member, &fields, text).await;
    }
    let detail = format!(
        "{desk}: {}",
        added.as_ref().map(text_of).unwrap_or_default()
    );
    edit(&member, &detail, move |bench| {
        bench.change_closed_days(&desk, added, &removed)
    })
    .await
}

/// Reads the period to add; none if no day is written.
fn read(member: &Member, fields: &Fields) -> Result<Option<DateRange>, &'static str> {
    let (first, last) = (fields.text("first").trim(), fields.text("last").trim());
    if first.is_empty() && last.is_empty() {
        return Ok(None);
    }
    // One day, if no last one is given.
    let last = if last.is_empty() { first } else { last };
    let days = first.parse::<Date>().ok().zip(last.parse::<Date>().ok());
    let days = days.filter(|(first, last)| first <= last);
    let Some((first, last)) = days else {
        return Err(member.say(
            "はじめの日を書いてください。終わりの日は、それより前にはできません。",
            "Enter the first day; the last day cannot be before it.",
        ));
    };
    let today = member.assistant.today(member.now);
    let years = |years| Span::new().years(years);
    let is_near = last >= today.saturating_sub(years(MAX_YEARS_AGO))
        && last <= today.saturating_add(years(MAX_YEARS_AHEAD));
    if !is_near || last > first.saturating_add(years(MAX_YEARS)) {
        return Err(member.say(
            "日付を確かめてください。休みは一年以内の長さで、一年前から十年後までの日です。",
            "Check the dates: closed days last a year at most, from a year ago to ten years ahead.",
        ));
    }
    Ok(Some(DateRange { first, last }))
}

/// Shows the page with the typed values and their mistakes.
async fn refused(member: &Member, fields: &Fields, text: &str) -> Result<Response, Failure> {
    let knowledge = drafted(member).await?;
    Ok(render(member, &knowledge, Some((fields, text))))
}

/// A form that was refused, and why.
type Refusal<'a> = Option<(&'a Fields, &'a str)>;

fn render(member: &Member, knowledge: &KnowledgeBase, refusal: Refusal<'_>) -> Response {
    let title = member.say("休みの日", "Closed days");
    let desks = knowledge.desks.iter();
    let desks: Vec<&Desk> = desks.filter(|desk| desk.hours.is_some()).collect();
    let main = html! {
        h1 { (title) }
        p { (member.say(
            "年末年始やお盆など、いつもの曜日と祝日のほかに閉まる日です。その間は「ただいま受付時間外です」と、次の受付の日時をお伝えします。",
            "Days on which a desk is closed besides its usual closed weekdays and holidays. Members are told when it opens next.",
        )) }
        @if desks.is_empty() {
            p { (member.say("受付時間の決まった窓口がありません。", "No desk has opening hours.")) }
        }
        @for desk in &desks { (desk_form(member, desk, refusal.filter(|(fields, _)| fields.text("desk") == desk.id.as_str()))) }
    };
    page(member, title, main)
}

fn desk_form(member: &Member, desk: &Desk, refusal: Refusal<'_>) -> Markup {
    let id = desk.id.as_str();
    let closed = desk
        .hours
        .iter()
        .flat_map(|hours| &hours.business_hours.closed);
    let closed: Vec<&DateRange> = closed.collect();
    let (first, last) = (format!("first-{id}"), format!("last-{id}"));
    let mistake = format!("mistake-{id}");
    let typed = |name| refusal.map_or("", |(fields, _)| fields.text(name));
    let described = refusal.map(|_| mistake.as_str());
    let invalid = refusal.map(|_| "true");
    html! {
        section.card {
            h2 { (desk.name.get(member.language)) }
            form.fields method="post" action=(member.path("/staff/closed")) {
                (csrf_field(member))
                input type="hidden" name="desk" value=(id);
                @if closed.is_empty() {
                    p { (member.say("決まった休みはありません。", "No closed days.")) }
                } @else {
                    fieldset {
                        legend { (member.say("今入っている休み（取りやめるものに印）", "Closed days so far (mark those to remove)")) }
                        @for range in &closed {
                            label {
                                input type="checkbox" name="remove" value=(text_of(range));
                                (shown(range))
                            }
                        }
                    }
                }
                @if let Some((_, text)) = refusal {
                    p.error id=(mistake) role="alert" tabindex="-1" autofocus { (text) }
                }
                label for=(first) { (member.say("休みのはじめの日", "First closed day")) }
                input id=(first) type="date" name="first" value=(typed("first")) aria-describedby=[described] aria-invalid=[invalid];
                label for=(last) { (member.say("終わりの日（一日だけなら空）", "Last closed day (empty for one day)")) }
                input id=(last) type="date" name="last" value=(typed("last")) aria-describedby=[described];
                button type="submit" { (member.say("下書きに入れる", "Put into the draft")) }
            }
        }
    }
}

/// Writes a range as a form sends it back.
fn text_of(range: &DateRange) -> String {
    format!("{}..{}", range.first, range.last)
}

/// Writes a range for people.
pub(super) fn shown(range: &DateRange) -> String {
    match range.first == range.last {
        true => range.first.to_string(),
        false => format!("{} – {}", range.first, range.last),
    }
}
