//! `/staff/closed`: the closed days of the desks.

use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};

use super::editing::{drafted, edit};
use super::failure::Failure;
use super::layout::{csrf_field, page};
use super::member::{Member, Posted};
use crate::knowledge::business_hours::DateRange;
use crate::knowledge::{Desk, KnowledgeBase};
use crate::staff::Workbench;

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
    let day = |name: &str| fields.text(name).trim().parse::<Date>().ok();
    let first = day("first");
    // One day, if no last one is given.
    let last = if fields.text("last").trim().is_empty() {
        first
    } else {
        day("last")
    };
    let added = first
        .zip(last)
        .map(|(first, last)| DateRange { first, last });
    let added = added.filter(|range| range.first <= range.last);
    let is_written = !fields.text("first").trim().is_empty();
    if is_written && added.is_none() || added.is_none() && removed.is_empty() {
        let knowledge = drafted(&member).await?;
        return Ok(render(&member, &knowledge, Some(&desk)));
    }
    let detail = format!(
        "{desk}: {}",
        added.as_ref().map(text_of).unwrap_or_default()
    );
    edit(&member, &detail, move |draft, folder, today| {
        Workbench::open(draft, folder, today).change_closed_days(&desk, added, &removed)
    })
    .await
}

fn render(member: &Member, knowledge: &KnowledgeBase, mistaken: Option<&str>) -> Response {
    let title = member.say("休みの日", "Closed days");
    let desks = knowledge.desks.iter();
    let desks: Vec<&Desk> = desks.filter(|desk| desk.hours.is_some()).collect();
    let main = html! {
        h1 { (title) }
        p { (member.say(
            "年末年始やお盆など、いつもの曜日と祝日のほかに閉まる日です。その間は「ただいま受付時間外です」と、次の受付の日時をお伝えします。",
            "Days on which a desk is closed, besides weekdays and holidays. Members are then told when it opens next.",
        )) }
        @if desks.is_empty() {
            p { (member.say("受付時間の決まった窓口がありません。", "No desk has opening hours.")) }
        }
        @for desk in &desks { (desk_form(member, desk, mistaken == Some(desk.id.as_str()))) }
    };
    page(member, title, main)
}

fn desk_form(member: &Member, desk: &Desk, is_mistaken: bool) -> Markup {
    let id = desk.id.as_str();
    let closed = desk
        .hours
        .iter()
        .flat_map(|hours| &hours.business_hours.closed);
    let closed: Vec<&DateRange> = closed.collect();
    let (first, last) = (format!("first-{id}"), format!("last-{id}"));
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
                @if is_mistaken {
                    p.error role="alert" { (member.say(
                        "はじめの日を書いてください。終わりの日は、それより前にはできません。",
                        "Enter the first day; the last day cannot be before it.",
                    )) }
                }
                label for=(first) { (member.say("休みのはじめの日", "First closed day")) }
                input id=(first) type="date" name="first";
                label for=(last) { (member.say("終わりの日（一日だけなら空）", "Last closed day (empty for one day)")) }
                input id=(last) type="date" name="last";
                button type="submit" { (member.say("下書きに入れる", "Put into the draft")) }
            }
        }
    }
}

/// Writes a range as a form sends it back.
fn text_of(range: &DateRange) -> String {
    format!("{}..{}", range.first, range.last)
}

fn shown(range: &DateRange) -> String {
    match range.first == range.last {
        true => range.first.to_string(),
        false => format!("{} – {}", range.first, range.last),
    }
}
