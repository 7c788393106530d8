//! `GET /staff/report`: what members asked in a time, as a page and as CSV.

use std::sync::Arc;

use axum::response::Response;
use jiff::civil::Date;
use jiff::{Span, Timestamp};
use maud::{Markup, html};

use super::blocking::blocking;
use super::download::download;
use super::failure::{Failure, Kind};
use super::layout::page;
use super::member::Member;
use crate::insights::{Report, Scope, csv, report, sections};
use crate::records::Error;

/// The numbers of days to choose from.
const DAYS: [i64; 3] = [7, 30, 90];

/// The number of days without a choice.
const DEFAULT_DAYS: i64 = 30;

/// Longest time of a report, in years: all its turns are in memory at once.
const MAX_YEARS: i64 = 2;

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
                && to < from.saturating_add(Span::new().years(MAX_YEARS))
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
    let report = compute(&member, &range).await?;
    let title = member.say("集計", "Report");
    let main = html! {
        h1 { (title) }
        (ranges(&member, &range))
        @if range.is_mistaken {
            p.error role="alert" { (member.say(
                "この期間では出せないため、この{}日を出しています。はじめの日は終わりの日より前に、期間は2年までにしてください。",
                "These days cannot be used, so the last {} days are shown. The first day must not be after the last one, and the time must not be longer than 2 years.",
            ).replace("{}", &range.days.unwrap_or(DEFAULT_DAYS).to_string())) }
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
    let report = compute(&member, &range).await?;
    // Writing into memory cannot fail.
    let bytes = csv(&report).unwrap_or_default();
    let name = format!("report-{}-{}.csv", range.from, range.to);
    Ok(download(&name, "text/csv; charset=utf-8", bytes))
}

/// Computes the report from the records. The permit is held until the work ends, also if the request ends before.
async fn compute(member: &Member, range: &Range) -> Result<Report, Failure> {
    let zone = member.knowledge().time_zone();
    let start = |day: Date| day.to_zoned(zone.clone()).map(|start| start.timestamp());
    let since = start(range.from).unwrap_or(Timestamp::UNIX_EPOCH);
    let until = range.to.tomorrow().and_then(start);
    let until = until.unwrap_or(Timestamp::MAX);
    let (first, last) = (range.from, range.to);
    let scope = Scope {
        from: first.to_string(),
        to: last.to_string(),
        desk: range.desk.clone(),
    };
    let permit = Arc::clone(&member.staff.report_permit).acquire_owned();
    let permit = permit.await.map_err(|_| member.fail(Kind::Fault))?;
    let (staff, assistant) = (Arc::clone(&member.staff), Arc::clone(&member.assistant));
    let work = tokio::spawn(async move {
        let _permit = permit;
        let database = staff.desk.database().await?;
        let turns = database.turns_between(since, until).await?;
        let counts = database.counts_between(first, last).await?;
        let work = move || report(&assistant, &turns, &counts, scope);
        Ok::<_, Error>(blocking(work).await)
    });
    let report = work.await.map_err(|_| member.fail(Kind::Fault))?;
    report.map_err(|error| member.database_failed(&error))
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
