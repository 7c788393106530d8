//! The report as one HTML file, readable without scripts and on paper, and as a part of other pages.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::chart::{bars, columns};
use super::likeness::Group;
use super::report::Report;
use super::uses::Use;
use super::words::{Heading, name, number};
use crate::knowledge::Language;

const STYLE: &str = "\
:root{color-scheme:light}\
body{font:16px/1.6 system-ui,'Hiragino Sans','Noto Sans CJK JP','Yu Gothic',sans-serif;color:#1c1c1c;background:#fff;\
max-width:60rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2.4rem;border-bottom:2px solid #1d4e89}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.3rem .5rem;border-bottom:1px solid #ddd;overflow-wrap:anywhere}\
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}\
svg{width:100%;height:auto;font-size:13px}svg text{fill:#1c1c1c}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{color:#555}dd{margin:0}\
.legend span{margin-right:1.2rem}.legend svg{width:.9em;height:.9em;margin-right:.3em}\
small{color:#555}ul{margin:0;padding-left:1.1rem}\
@media print{body{margin:0;max-width:none;font-size:11pt}h2{break-after:avoid}tr,svg{break-inside:avoid}\
*{print-color-adjust:exact}}";

/// Renders the report as a page of its own.
#[must_use]
pub fn page(report: &Report, language: Language) -> String {
    let title = Heading::Title.text(language);
    let scope = &report.scope;
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " " (scope.from) " – " (scope.to) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                (sections(report, language))
            }
        }
    };
    page.into_string()
}

/// Renders the report as a part of a page, below a heading of the first level.
#[must_use]
pub fn sections(report: &Report, language: Language) -> Markup {
    let word = |heading: Heading| heading.text(language);
    let scope = &report.scope;
    let (helpful, not_helpful) = report.ratings;
    html! {
        dl.summary {
            dt { (word(Heading::Period)) } dd { (scope.from) " – " (scope.to) }
            dt { (word(Heading::Desk)) } dd { (scope.desk.as_deref().unwrap_or(word(Heading::AllDesks))) }
            dt { (word(Heading::Turns)) } dd { (number(report.turns)) }
            dt { (word(Heading::Conversations)) } dd { (number(report.conversations)) }
            dt { (word(Heading::Ratings)) }
            dd {
                (word(Heading::Helpful)) " " (number(helpful)) ", "
                (word(Heading::NotHelpful)) " " (number(not_helpful))
            }
        }
        @if report.turns > 0 {
            h2 { (word(Heading::PerDay)) }
            div.chart { (columns(&report.days, &report.channels, language)) }
            h2 { (word(Heading::Channels)) }
            div.chart { (bars(word(Heading::Channels), &report.channels, language)) }
            h2 { (word(Heading::Outcomes)) }
            div.chart { (bars(word(Heading::Outcomes), &report.outcomes, language)) }
        }
        (groups(Heading::Unanswered, &report.unanswered, language))
        (routes(report, language))
        (uses(Heading::LeastHelpful, &report.least_helpful, language))
        (uses(Heading::MostAsked, &report.most_asked, language))
        (groups(Heading::Abandoned, &report.abandoned, language))
        (escalations(report, language))
        h2 { (word(Heading::Unused)) }
        @if report.unused.is_empty() { p { (word(Heading::None)) } }
        ul { @for entry in &report.unused { li { (entry.question) " " small { (entry.id) } } } }
    }
}

/// Renders a heading with a table that scrolls where it is too wide, also by the keyboard.
fn section(heading: Heading, is_empty: bool, language: Language, table: &Markup) -> Markup {
    let title = heading.text(language);
    html! {
        h2 { (title) }
        @if is_empty {
            p { (Heading::None.text(language)) }
        } @else {
            div.wide role="region" tabindex="0" aria-label=(title) { (table) }
        }
    }
}

fn groups(heading: Heading, groups: &[Group], language: Language) -> Markup {
    let word = |heading: Heading| heading.text(language);
    let table = html! {
        table {
            thead { tr {
                th.n scope="col" { (word(Heading::Times)) } th.n scope="col" { (word(Heading::Conversations)) }
                th scope="col" { (word(Heading::Examples)) }
            } }
            tbody { @for group in groups { tr {
                td.n { (number(group.count)) } td.n { (number(group.conversations)) }
                td { ul { @for example in &group.examples {
                    li { (example.text) " " small { "×" (number(example.count)) } }
                } } }
            } } }
        }
    };
    section(heading, groups.is_empty(), language, &table)
}

fn routes(report: &Report, language: Language) -> Markup {
    let word = |heading: Heading| heading.text(language);
    let table = html! {
        table {
            thead { tr {
                th.n scope="col" { (word(Heading::Times)) } th scope="col" { (word(Heading::Question)) }
                th scope="col" { (word(Heading::From)) } th scope="col" { (word(Heading::To)) }
            } }
            tbody { @for route in &report.rerouted { tr {
                td.n { (number(route.wording.count)) } td { (route.wording.text) }
                td { (route.from.as_deref().unwrap_or("–")) } td { (route.to) }
            } } }
        }
    };
    let is_empty = report.rerouted.is_empty();
    section(Heading::Rerouted, is_empty, language, &table)
}

fn uses(heading: Heading, uses: &[Use], language: Language) -> Markup {
    let word = |heading: Heading| heading.text(language);
    let has_examples = heading == Heading::LeastHelpful;
    let table = html! {
        table {
            thead { tr {
                th.n scope="col" { (word(Heading::Shown)) } th.n scope="col" { (word(Heading::Helpful)) }
                th.n scope="col" { (word(Heading::NotHelpful)) } th scope="col" { (word(Heading::Question)) }
            } }
            tbody { @for entry in uses { tr {
                td.n { (number(entry.shown())) } td.n { (number(entry.helpful)) } td.n { (number(entry.not_helpful)) }
                td {
                    (entry.question) " " small { (entry.id) }
                    @if has_examples && !entry.examples.is_empty() {
                        ul { @for example in &entry.examples { li { (example) } } }
                    }
                }
            } } }
        }
    };
    section(heading, uses.is_empty(), language, &table)
}

fn escalations(report: &Report, language: Language) -> Markup {
    let word = |heading: Heading| heading.text(language);
    let table = html! {
        table {
            thead { tr {
                th scope="col" { (word(Heading::Desk)) } th.n scope="col" { (word(Heading::Times)) }
                th.n scope="col" { (word(Heading::Open)) } th.n scope="col" { (word(Heading::Closed)) }
                th.n scope="col" { (word(Heading::WithoutHours)) }
            } }
            tbody { @for desk in &report.escalations { tr {
                td { (name(&desk.desk, language)) } td.n { (number(desk.total())) } td.n { (number(desk.open)) }
                td.n { (number(desk.closed)) } td.n { (number(desk.without_hours)) }
            } } }
        }
    };
    let is_empty = report.escalations.is_empty();
    section(Heading::Escalations, is_empty, language, &table)
}
