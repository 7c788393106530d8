//! An answer -> plain text for a terminal.

use std::io::{self, Write};

use super::table;
use crate::answer::{Answer, Choice, ContactStatus, Reply};
use crate::knowledge::KnowledgeBase;

/// Writes everything that belongs to an answer, in the order of its reply.
pub(super) fn write_reply(
    answer: &Answer,
    reply: Reply,
    knowledge: &KnowledgeBase,
    out: &mut impl Write,
) -> io::Result<()> {
    let Reply {
        message,
        source,
        choices,
        related,
        contacts,
        draft,
    } = reply;
    writeln!(out, "{message}")?;
    if !choices.is_empty() {
        writeln!(out)?;
    }
    for (number, Choice { question, .. }) in (1..).zip(&choices) {
        writeln!(out, "  {number}. {question}")?;
    }
    // A terminal shows plain text; the reply has CommonMark.
    if let Some(entry) = answer.entry.and_then(|index| knowledge.entries.get(index)) {
        writeln!(out, "\n{}", table::aligned(&entry.answer.text))?;
    }
    if let Some(source) = source {
        writeln!(out, "\n{source}")?;
    }
    for (heading, points) in &contacts {
        writeln!(out, "\n{heading}")?;
        for point in points {
            write_contact(point, out)?;
        }
    }
    if let Some((heading, entries)) = related {
        writeln!(out, "\n{heading}")?;
        for Choice { question, .. } in &entries {
            writeln!(out, "  ・{question}")?;
        }
    }
    if let Some((heading, body)) = draft {
        writeln!(out, "\n{heading}")?;
        for line in body.lines() {
            writeln!(out, "{}", format!("  | {line}").trim_end())?;
        }
    }
    Ok(())
}

/// Writes a contact point with its address, and whether somebody is there.
fn write_contact(point: &ContactStatus, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "  {}: {}", point.label, point.value)?;
    // `mailto:` and `tel:` would only repeat the address.
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
