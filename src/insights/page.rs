//! The report as one HTML file, readable without scripts and on paper.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::chart::{bars, columns};
use super::likeness::Group;
use super::report::Report;
use super::uses::Use;
use super::words::{Heading, name};
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

/// Renders the report.
#[must_use]
pub fn page(report: &Report, language: Language) -> String {
    let word = |heading: Heading| heading.text(language);
    let scope = &report.scope;
    let (helpful, not_helpful) = report.ratings;
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (word(Heading::Title)) " " (scope.from) " – " (scope.to) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (word(Heading::Title)) }
                dl {
                    dt { (word(Heading::Period)) } dd { (scope.from) " – " (scope.to) }
                    dt { (word(Heading::Desk)) } dd { (scope.desk.as_deref().unwrap_or(word(Heading::AllDesks))) }
                    dt { (word(Heading::Turns)) } dd { (report.turns) }
                    dt { (word(Heading::Conversations)) } dd { (report.conversations) }
                    dt { (word(Heading::Ratings)) }
                    dd { (word(Heading::Helpful)) " " (helpful) ", " (word(Heading::NotHelpful)) " " (not_helpful) }
                }
                h2 { (word(Heading::PerDay)) }
                (columns(&report.days, &report.channels, language))
                h2 { (word(Heading::Channels)) }
                (bars(&report.channels, language))
                h2 { (word(Heading::Outcomes)) }
                (bars(&report.outcomes, language))
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
    };
    page.into_string()
}

fn groups(heading: Heading, groups: &[Group], language: Language) -> Markup {
    let word = |heading: Heading| heading.text(language);
    html! {
        h2 { (word(heading)) }
        @if groups.is_empty() { p { (word(Heading::None)) } } @else {
            table {
                thead { tr {
                    th.n { (word(Heading::Times)) } th.n { (word(Heading::Conversations)) } th { (word(Heading::Examples)) }
                } }
                tbody { @for group in groups { tr {
                    td.n { (group.count) } td.n { (group.conversations) }
                    td { ul { @for example in &group.examples { li { (example.text) " " small { "×" (example.count) } } } } }
                } } }
            }
        }
    }
}

fn routes(report: &Report, language: Language) -> Markup {
    let word = |heading: Heading| heading.text(language);
    html! {
        h2 { (word(Heading::Rerouted)) }
        @if report.rerouted.is_empty() { p { (word(Heading::None)) } } @else {
            table {
                thead { tr {
                    th.n { (word(Heading::Times)) } th { (word(Heading::Question)) }
                    th { (word(Heading::From)) } th { (word(Heading::To)) }
                } }
                tbody { @for route in &report.rerouted { tr {
                    td.n { (route.wording.count) } td { (route.wording.text) }
                    td { (route.from.as_deref().unwrap_or("–")) } td { (route.to) }
                } } }
            }
        }
    }
}

fn uses(heading: Heading, uses: &[Use], language: Language) -> Markup {
    let word = |heading: Heading| heading.text(language);
    let has_examples = heading == Heading::LeastHelpful;
    html! {
        h2 { (word(heading)) }
        @if uses.is_empty() { p { (word(Heading::None)) } } @else {
            table {
                thead { tr {
                    th.n { (word(Heading::Shown)) } th.n { (word(Heading::Helpful)) } th.n { (word(Heading::NotHelpful)) }
                    th { (word(Heading::Question)) }
                } }
                tbody { @for entry in uses { tr {
                    td.n { (entry.shown()) } td.n { (entry.helpful) } td.n { (entry.not_helpful) }
                    td {
                        (entry.question) " " small { (entry.id) }
                        @if has_examples && !entry.examples.is_empty() {
                            ul { @for example in &entry.examples { li { (example) } } }
                        }
                    }
                } } }
            }
        }
    }
}

fn escalations(report: &Report, language: Language) -> Markup {
    let word = |heading: Heading| heading.text(language);
    html! {
        h2 { (word(Heading::Escalations)) }
        @if report.escalations.is_empty() { p { (word(Heading::None)) } } @else {
            table {
                thead { tr {
                    th { (word(Heading::Desk)) } th.n { (word(Heading::Times)) } th.n { (word(Heading::Open)) }
                    th.n { (word(Heading::Closed)) } th.n { (word(Heading::WithoutHours)) }
                } }
                tbody { @for desk in &report.escalations { tr {
                    td { (name(&desk.desk, language)) } td.n { (desk.total()) } td.n { (desk.open) }
                    td.n { (desk.closed) } td.n { (desk.without_hours) }
                } } }
            }
        }
    }
}
