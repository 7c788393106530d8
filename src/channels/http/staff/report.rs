//! `GET /staff/report`: what members asked in a time, as a page and as CSV.

use std::sync::Arc;

use axum::response::Response;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use maud::{Markup, html};
use tokio::sync::Semaphore;

use super::blocking::blocking;
use super::download::download;
use super::failure::Failure;
use super::layout::page;
use super::member::Member;
use crate::insights::{Report, Scope, csv, report, sections};

/// The numbers of days to choose from.
const DAYS: [i64; 3] = [7, 30, 90];

/// The number of days without a choice.
const DEFAULT_DAYS: i64 = 30;

/// Allows one report at a time: members who ask come first.
static ALONE: Semaphore = Semaphore::const_new(1);

/// The time and the desk of a report, as the address of the page names them.
struct Range {
    from: Date,
    to: Date,
    /// The number of days up to today, if they were not chosen one by one.
    days: Option<i64>,
    /// The desk; `None` for all.
    desk: Option<String>,
    /// Whether the address names days that cannot be used.
    is_mistaken: bool,
}

impl Range {
    fn read(member: &Member) -> Self {
        let today = member.assistant.today(member.now);
        let text = |name: &str| member.parameter(name).map_or("", str::trim);
        let desk = member.knowledge().desk(text("desk"));
        let desk = desk.map(|desk| desk.id.to_string());
        let (first, last) = (text("from"), text("to"));
        if !first.is_empty() || !last.is_empty() {
            let from = first.parse::<Date>();
            let to = match last {
                "" => Ok(today),
                last => last.parse::<Date>(),
            };
            if let (Ok(from), Ok(to)) = (from, to)
                && from <= to
            {
                let days = None;
                let is_mistaken = false;
                return Self {
                    from,
                    to,
                    days,
                    desk,
                    is_mistaken,
                };
            }
        }
        let chosen = text("days").parse().ok();
        let days = chosen.filter(|days| DAYS.contains(days));
        let days = days.unwrap_or(DEFAULT_DAYS);
        Self {
            from: today.saturating_sub(Span::new().days(days - 1)),
            to: today,
            days: Some(days),
            desk,
            is_mistaken: !first.is_empty() || !last.is_empty(),
        }
    }

    /// Returns the parameters that name the same time and desk.
    fn parameters(&self) -> [(&'static str, String); 3] {
        [
            ("from", self.from.to_string()),
            ("to", self.to.to_string()),
            ("desk", self.desk.clone().unwrap_or_default()),
        ]
    }
}

/// Shows the report.
pub(super) async fn show(member: Member) -> Result<Response, Failure> {
    let range = Range::read(&member);
    let report = made(&member, &range).await?;
    let title = member.say("集計", "Report");
    let main = html! {
        h1 { (title) }
        (ranges(&member, &range))
        @if range.is_mistaken {
            p.error role="alert" { (member.say(
                "期間を読み取れないため、この30日を出しています。はじめの日を、終わりの日より前にしてください。",
                "The days cannot be used, so these are the last 30 days. The first day must not be after the last one.",
            )) }
        }
        (form(&member, &range))
        p { a href=(csv_link(&member, &range)) download { (member.say(
            "この集計を CSV で保存（Excel で開けます）", "Save this report as CSV, for Excel",
        )) } }
        div.report { (sections(&report, member.language)) }
    };
    Ok(page(&member, title, main))
}

/// Returns the report as CSV.
pub(super) async fn save(member: Member) -> Result<Response, Failure> {
    let range = Range::read(&member);
    let report = made(&member, &range).await?;
    // Writing into memory cannot fail.
    let bytes = csv(&report).unwrap_or_default();
    let name = format!("report-{}-{}.csv", range.from, range.to);
    Ok(download(&name, "text/csv; charset=utf-8", bytes))
}

/// Makes the report from the records.
async fn made(member: &Member, range: &Range) -> Result<Report, Failure> {
    let failed = |error| member.database_failed(&error);
    let zone = member.knowledge().time_zone();
    let since = range.from.to_zoned(zone);
    let since = since.map_or(Timestamp::UNIX_EPOCH, |start| start.timestamp());
    let _alone = ALONE.acquire().await;
    let database = member.staff.desk.database().await.map_err(failed)?;
    let turns = database.turns_since(since).await.map_err(failed)?;
    let counts = database.counts_since(range.from).await.map_err(failed)?;
    let scope = Scope {
        from: range.from.to_string(),
        to: range.to.to_string(),
        desk: range.desk.clone(),
    };
    let assistant = Arc::clone(&member.assistant);
    let work = move || {
        let (mut turns, mut counts) = (turns, counts);
        turns.retain(|turn| turn.day <= scope.to);
        counts.retain(|count| count.day <= scope.to);
        report(&assistant, &turns, &counts, scope)
    };
    Ok(blocking(work).await)
}

fn csv_link(member: &Member, range: &Range) -> String {
    let parameters = range.parameters();
    let parameters: Vec<(&str, &str)> = parameters
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    member.link("/staff/report.csv", &parameters)
}

fn ranges(member: &Member, range: &Range) -> Markup {
    let desk = range.desk.as_deref().unwrap_or_default();
    html! {
        ul.ranges {
            @for days in DAYS {
                @let text = days.to_string();
                @let link = member.link("/staff/report", &[("days", &text), ("desk", desk)]);
                li { a href=(link) aria-current=[(range.days == Some(days)).then_some("true")] {
                    (days) (member.say("日間", " days"))
                } }
            }
        }
    }
}

fn form(member: &Member, range: &Range) -> Markup {
    html! {
        form.row method="get" action=(member.path("/staff/report")) {
            div {
                label for="from" { (member.say("はじめの日", "First day")) }
                input #from type="date" name="from" value=(range.from);
            }
            div {
                label for="to" { (member.say("終わりの日", "Last day")) }
                input #to type="date" name="to" value=(range.to);
            }
            div {
                label for="desk" { (member.say("窓口", "Desk")) }
                select #desk name="desk" {
                    option value="" { (member.say("すべて", "all")) }
                    @for desk in &member.knowledge().desks {
                        @let is_chosen = range.desk.as_deref() == Some(desk.id.as_str());
                        option value=(desk.id) selected[is_chosen] { (desk.name.get(member.language)) }
                    }
                }
            }
            button.second type="submit" { (member.say("この期間で見る", "Show these days")) }
        }
    }
}
