//! Reads `[[entry]]` and `[[referral]]` of a desk's files.

use super::read_variants;
use super::toml_reader::TableReader;
use crate::knowledge::markdown::{Flaw, Markdown};
use crate::knowledge::{
    ContactPointId, DeskId, Entry, EntryId, InvalidId, KnowledgeBase, Referral, Source, TopicId,
};

/// Reads one file of a desk into the knowledge.
pub(super) fn read(root: &mut TableReader<'_>, desk: &DeskId, knowledge: &mut KnowledgeBase) {
    for table in root.tables("entry") {
        knowledge.entries.extend(read_entry(table, desk));
    }
    for table in root.tables("referral") {
        knowledge.referrals.extend(read_referral(table, desk));
    }
}

/// Reads `id` with the parser of its kind and names the table by it.
pub(super) fn read_id<Id>(
    table: &mut TableReader<'_>,
    kind: &'static str,
    parse: fn(&str) -> Result<Id, InvalidId>,
) -> Option<Id> {
    let written = table.text("id")?;
    table.rename(format!("{kind} \"{}\"", written.text));
    table.note_id(kind, &written.text);
    match parse(&written.text) {
        Ok(id) => Some(id),
        Err(error) => {
            let hint = match id_like(&written.text) {
                Some(id) if parse(&id).is_ok() => format!("write for example `{id}`"),
                _ => "write for example `membership-fee`".to_owned(),
            };
            table.report(written.location, error.to_string(), &hint);
            None
        }
    }
}

/// Makes an id of a text that nearly is one.
fn id_like(text: &str) -> Option<String> {
    let allowed = |c: char| c.is_ascii_alphanumeric();
    let parts = text.split(|c| !allowed(c)).filter(|part| !part.is_empty());
    let id = parts.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    text.is_ascii().then_some(id)
}

fn read_entry(mut table: TableReader<'_>, desk: &DeskId) -> Option<Entry> {
    let id = read_id(&mut table, "entry", EntryId::parse);
    let category = table.text("category");
    let question = table.text("question");
    let variants = read_variants(&mut table);
    let answer = table.text("answer").map(|answer| {
        let (markdown, flaws) = Markdown::parse(&answer.text);
        let mut read = 0;
        // A closing tag says nothing that its opening tag did not.
        let is_closing = |flaw: &Flaw| matches!(flaw, Flaw::RawHtml(tag) if tag.starts_with("</"));
        let all_closing = flaws.iter().all(is_closing);
        for flaw in flaws {
            if is_closing(&flaw) && !all_closing {
                continue;
            }
            let (what, hint) = describe(&flaw);
            let (place, end) = table.place_within(&answer, &written_form(&flaw), read);
            read = end;
            table.report(place, what, hint);
        }
        markdown
    });
    let source = read_source(&mut table);
    let related = read_entry_ids(&mut table, "related");
    let contact = table.optional_text("contact").and_then(|written| {
        ContactPointId::parse(&written.text)
            .map_err(|error| {
                let what = format!("`contact`: {error}");
                table.report(written.location, what, "write the id of a contact point");
            })
            .ok()
    });
    let valid_from = table.date("valid_from");
    let valid_until = table.date("valid_until");
    let review_by = table.date("review_by");
    table.note_keys(&["related", "contact", "valid_until", "review_by"]);
    let location = table.location.clone();
    table.finish();
    Some(Entry {
        id: id?,
        desk: desk.clone(),
        category: category?.text,
        question: question?.text,
        variants,
        answer: answer?,
        source: source?,
        related,
        contact,
        valid_from,
        valid_until,
        review_by,
        location,
    })
}

/// Reads a list of ids of entries; absent is none.
pub(super) fn read_entry_ids(table: &mut TableReader<'_>, key: &'static str) -> Vec<EntryId> {
    let mut ids = Vec::new();
    for written in table.texts(key) {
        match EntryId::parse(&written.text) {
            Ok(id) => ids.push(id),
            Err(error) => table.report(
                written.location,
                format!("`{key}`: {error}"),
                "write the id of another entry, as it stands in its `id`",
            ),
        }
    }
    ids
}

fn read_source(table: &mut TableReader<'_>) -> Option<Source> {
    let mut source = table.table(
        "source",
        "the document and where in it the answer stands",
        "source = { document = \"…\", section = \"…\" }",
    )?;
    let document = source.text("document");
    let section = source.text("section");
    source.finish();
    Some(Source {
        document: document?.text,
        section: section?.text,
    })
}

fn read_referral(mut table: TableReader<'_>, desk: &DeskId) -> Option<Referral> {
    let id = read_id(&mut table, "referral", TopicId::parse);
    let topic = table.text("topic");
    let variants = read_variants(&mut table);
    let location = table.location.clone();
    table.finish();
    Some(Referral {
        id: id?,
        desk: desk.clone(),
        topic: topic?.text,
        variants,
        location,
    })
}

fn describe(flaw: &Flaw) -> (String, &'static str) {
    match flaw {
        Flaw::RawHtml(html) => (
            format!("the answer has raw HTML: `{html}`"),
            "remove it: a new paragraph is an empty line, bold is **…**, a link is [text](https://…); a `<` that is meant as text is written `&lt;`",
        ),
        Flaw::DeadLink(url) => (
            format!("the answer has a link that leads nowhere: `{url}`"),
            "give the link's address, or write its text without a link",
        ),
        Flaw::UnsafeLink(url) => (
            format!("the answer has a link that is not allowed: `{url}`"),
            "links start with https://, http://, mailto: or tel:",
        ),
        Flaw::Image(url) => (
            format!("the answer has an image: `{url}`"),
            "say it in words, or link to the page that shows the image",
        ),
    }
}

/// Returns the characters by which a flaw is found in the answer as written.
fn written_form(flaw: &Flaw) -> String {
    match flaw {
        Flaw::RawHtml(html) => html.lines().next().unwrap_or_default().to_owned(),
        Flaw::DeadLink(url) | Flaw::UnsafeLink(url) | Flaw::Image(url) => format!("]({url}"),
    }
}
