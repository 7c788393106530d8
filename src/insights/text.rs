//! The report as text for a terminal.

use std::fmt::Write;

use super::report::Report;
use super::uses::Use;
use super::words::{Heading, name};
use crate::knowledge::Language;

/// Width of the longest bar, in characters.
const BAR_CHARS: u64 = 40;

/// Number of rows of each list; the other forms have more.
const MAX_ROWS: usize = 10;

/// Writes the report.
#[must_use]
pub fn text(report: &Report, language: Language) -> String {
    let mut out = String::new();
    // Writing to a `String` cannot fail.
    let _ = write_all(&mut out, report, language);
    out
}

fn write_all(out: &mut String, report: &Report, language: Language) -> std::fmt::Result {
    let word = |heading: Heading| heading.text(language);
    let desk = report.scope.desk.as_deref();
    let (from, to) = (&report.scope.from, &report.scope.to);
    writeln!(out, "{}", word(Heading::Title))?;
    writeln!(out, "  {}: {from} - {to}", word(Heading::Period))?;
    writeln!(
        out,
        "  {}: {}",
        word(Heading::Desk),
        desk.unwrap_or(word(Heading::AllDesks))
    )?;
    writeln!(out, "  {}: {}", word(Heading::Turns), report.turns)?;
    writeln!(
        out,
        "  {}: {}",
        word(Heading::Conversations),
        report.conversations
    )?;
    let (helpful, not_helpful) = report.ratings;
    writeln!(
        out,
        "  {}: {} {helpful}, {} {not_helpful}",
        word(Heading::Ratings),
        word(Heading::Helpful),
        word(Heading::NotHelpful)
    )?;
    writeln!(out, "\n{}", word(Heading::PerDay))?;
    let totals = report
        .days
        .iter()
        .map(|(day, channels)| (day, channels.values().sum::<u64>()));
    let most = totals
        .clone()
        .map(|(_, total)| total)
        .max()
        .unwrap_or(1)
        .max(1);
    for (day, total) in totals {
        let length = usize::try_from(total * BAR_CHARS / most).unwrap_or_default();
        writeln!(out, "  {day} {total:>6} {}", "#".repeat(length))?;
    }
    for (heading, counts) in [
        (Heading::Channels, &report.channels),
        (Heading::Outcomes, &report.outcomes),
    ] {
        writeln!(out, "\n{}", word(heading))?;
        for (key, count) in counts {
            let share = *count as f64 * 100.0 / report.turns.max(1) as f64;
            writeln!(out, "  {count:>6} {share:>5.1} %  {}", name(key, language))?;
        }
    }
    write_uses(out, Heading::MostAsked, &report.most_asked, language)?;
    write_uses(out, Heading::LeastHelpful, &report.least_helpful, language)?;
    for (heading, groups) in [
        (Heading::Unanswered, &report.unanswered),
        (Heading::Abandoned, &report.abandoned),
    ] {
        writeln!(out, "\n{}", word(heading))?;
        for group in groups.iter().take(MAX_ROWS) {
            let examples = group
                .examples
                .iter()
                .take(3)
                .map(|example| example.text.as_str());
            let examples = examples.collect::<Vec<_>>().join(" / ");
            writeln!(out, "  {:>6}  {}", group.count, examples.replace('\n', " "))?;
        }
        none(out, groups.is_empty(), language)?;
    }
    writeln!(out, "\n{}", word(Heading::Rerouted))?;
    for route in report.rerouted.iter().take(MAX_ROWS) {
        let from = route.from.as_deref().unwrap_or("-");
        let text = route.wording.text.replace('\n', " ");
        writeln!(
            out,
            "  {:>6}  {text}  ({from} -> {})",
            route.wording.count, route.to
        )?;
    }
    none(out, report.rerouted.is_empty(), language)?;
    writeln!(out, "\n{}", word(Heading::Escalations))?;
    for desk in &report.escalations {
        writeln!(
            out,
            "  {:>6}  {} ({} {}, {} {}, {} {})",
            desk.total(),
            name(&desk.desk, language),
            word(Heading::Open),
            desk.open,
            word(Heading::Closed),
            desk.closed,
            word(Heading::WithoutHours),
            desk.without_hours
        )?;
    }
    none(out, report.escalations.is_empty(), language)?;
    writeln!(out, "\n{}", word(Heading::Unused))?;
    for of_entry in report.unused.iter().take(MAX_ROWS) {
        writeln!(out, "  {}  {}", of_entry.id, of_entry.question)?;
    }
    none(out, report.unused.is_empty(), language)
}

fn write_uses(
    out: &mut String,
    heading: Heading,
    uses: &[Use],
    language: Language,
) -> std::fmt::Result {
    writeln!(out, "\n{}", heading.text(language))?;
    for of_entry in uses.iter().take(MAX_ROWS) {
        let Use {
            helpful,
            not_helpful,
            ..
        } = of_entry;
        let shown = of_entry.shown();
        writeln!(
            out,
            "  {shown:>6}  +{helpful} -{not_helpful}  {}  {}",
            of_entry.id, of_entry.question
        )?;
        if heading == Heading::LeastHelpful {
            for example in &of_entry.examples {
                writeln!(out, "            {}", example.replace('\n', " "))?;
            }
        }
    }
    none(out, uses.is_empty(), language)
}

fn none(out: &mut String, is_empty: bool, language: Language) -> std::fmt::Result {
    match is_empty {
        true => writeln!(out, "  {}", Heading::None.text(language)),
        false => Ok(()),
    }
}
