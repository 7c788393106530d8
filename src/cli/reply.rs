//! Writes an answer as plain text for a terminal.

use std::io::{self, Write};

use super::table;
use crate::answer::{ContactStatus, Part, Reply};
use crate::knowledge::Language;

/// Writes the parts of a reply in order.
pub(super) fn write_reply(
    reply: &Reply<'_>,
    language: Language,
    out: &mut impl Write,
) -> io::Result<()> {
    for (index, part) in reply.parts.iter().enumerate() {
        // The way out is the last line of the choices.
        if index > 0 && !matches!(part, Part::NoneOfThese(..)) {
            writeln!(out)?;
        }
        write_part(part, language, out)?;
    }
    Ok(())
}

fn write_part(part: &Part<'_>, language: Language, out: &mut impl Write) -> io::Result<()> {
    match part {
        Part::Asked(text) | Part::Sentence(text) => writeln!(out, "{text}"),
        Part::Choices(entries) => {
            for (number, entry) in entries {
                writeln!(out, "  {number}. {}", entry.title(language))?;
            }
            Ok(())
        }
        Part::NoneOfThese(label, _) => writeln!(out, "  0. {label}"),
        Part::Entry(entry, source) => {
            writeln!(out, "{}\n\n{source}", table::aligned(&entry.answer.text))
        }
        Part::Contacts(desks) => {
            for (index, (heading, points)) in desks.iter().enumerate() {
                if index > 0 {
                    writeln!(out)?;
                }
                writeln!(out, "{heading}")?;
                for point in points {
                    write_contact(point, out)?;
                }
            }
            Ok(())
        }
        Part::Related(heading, entries) => {
            writeln!(out, "{heading}")?;
            for entry in entries {
                writeln!(out, "  ・{}", entry.title(language))?;
            }
            Ok(())
        }
        Part::Draft(heading, draft, _) => {
            writeln!(out, "{heading}")?;
            for line in draft.body.lines() {
                writeln!(out, "{}", format!("  | {line}").trim_end())?;
            }
            Ok(())
        }
    }
}

/// Writes a contact point with its address and its hours.
fn write_contact(point: &ContactStatus, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "  {}: {}", point.label, point.value)?;
    // `mailto:` and `tel:` links would repeat the address.
    let web = point.url.as_ref().filter(|url| url.starts_with("http"));
    if let Some(url) = web.filter(|url| **url != point.value) {
        writeln!(out, "    {url}")?;
    }
    if let Some(hours) = &point.hours {
        writeln!(out, "    {}", hours.text)?;
        writeln!(out, "    {}", hours.status)?;
    }
    Ok(())
}
