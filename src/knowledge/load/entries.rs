//! Reads `[[entry]]` and `[[referral]]` of a desk's files.

use super::toml_reader::TableReader;
use super::variants::read_variants;
use crate::knowledge::language::{Localized, localized};
use crate::knowledge::markdown::{Flaw, Markdown};
use crate::knowledge::silent_changes::{SilentChange, silent_changes};
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

/// Reads `id` with the parser of its kind and names the table after it.
pub(super) fn read_id<Id>(
    table: &mut TableReader<'_>,
    kind: &'static str,
    parse: fn(&str) -> Result<Id, InvalidId>,
) -> Option<Id> {
    let written = table.text("id")?;
    table.rename(format!("{kind} \"{}\"", written.text));
    table.record_id(kind, &written.text);
    match parse(&written.text) {
        Ok(id) => Some(id),
        Err(error) => {
            let example = id_like(&written.text).filter(|id| parse(id).is_ok());
            let example = example.unwrap_or_else(|| "membership-fee".to_owned());
            let hint = localized!(
                ja: "たとえば `{example}` のように書いてください",
                en: "write for example `{example}`",
            );
            table.report(written.location, describe_id(&error), hint);
            None
        }
    }
}

fn describe_id(InvalidId(text): &InvalidId) -> Localized {
    localized!(
        ja: "`{text}` は id に使えません。使えるのは半角の小文字 a-z、数字、`-` で、1～48 文字です",
        en: "`{text}` is not an id, expected 1 to 48 characters of a-z, 0-9 and `-`",
    )
}

/// Turns a text such as `Membership Fee` into an id.
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
    let english_title = read_title(&mut table, "question");
    let variants = read_variants(&mut table);
    let answer = table.text("answer").map(|answer| {
        let (markdown, flaws) = Markdown::parse(&answer.text);
        let mut read = 0;
        // The opening tag is reported, so its closing tag need not be.
        let is_closing = |flaw: &Flaw| matches!(flaw, Flaw::RawHtml(tag) if tag.starts_with("</"));
        let all_closing = flaws.iter().all(is_closing);
        for flaw in flaws {
            if is_closing(&flaw) && !all_closing {
                continue;
            }
            let (mistake, hint) = describe_flaw(&flaw);
            let (place, end) = table.place_within(&answer, &written_form(&flaw), read);
            read = end;
            table.report(place, mistake, hint);
        }
        let mut read = 0;
        for change in silent_changes(&answer.text) {
            let (mistake, hint) = describe_change(&change);
            let (place, end) = table.place_within(&answer, &change.written, read);
            read = end;
            table.warn(place, mistake, hint);
        }
        markdown
    });
    let source = read_source(&mut table);
    let related = read_entry_ids(&mut table, "related");
    let contact = table.optional_text("contact").and_then(|written| {
        let contact = ContactPointId::parse(&written.text);
        if let Err(error) = &contact {
            let mistake = describe_id(error);
            table.report(
                written.location,
                localized!(mistake; ja: "`contact`: {mistake}", en: "`contact`: {mistake}"),
                localized!(
                    ja: "連絡先の `id` を書いてください",
                    en: "write the id of a contact point",
                ),
            );
        }
        contact.ok()
    });
    let valid_from = table.date("valid_from");
    let valid_until = table.date("valid_until");
    let review_by = table.date("review_by");
    table.record_keys(&["title", "related", "contact", "valid_until", "review_by"]);
    let location = table.location.clone();
    table.finish();
    Some(Entry {
        id: id?,
        desk: desk.clone(),
        category: category?.text,
        question: question?.text,
        english_title,
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

/// Reads `title = { en = "…" }`. The Japanese title is the value of another key.
pub(super) fn read_title(table: &mut TableReader<'_>, japanese: &str) -> Option<String> {
    let expected = localized!(ja: "英語の題", en: "the title in English");
    let mut titles = table.optional_table("title", &expected, "title = { en = \"…\" }")?;
    if titles.has("ja") {
        // Marks the key as known, so that it is reported once.
        titles.get("ja");
        titles.report(
            titles.location_of("ja"),
            localized!(
                ja: "`title` に日本語の題は書けません。日本語の題は `{japanese}` です",
                en: "`title` has a Japanese title; the Japanese title is `{japanese}`",
            ),
            localized!(ja: "`ja` を消してください", en: "remove `ja`"),
        );
    }
    let title = titles.text("en");
    if let Some(title) = &title
        && title.text.chars().any(is_kana)
    {
        titles.warn(
            title.location.clone(),
            localized!(
                ja: "英語の題にかなが入っています",
                en: "the English title has Japanese letters",
            ),
            localized!(
                ja: "英語で書くか、`title` の行を消してください。なければ日本語の `{japanese}` が表示されます",
                en: "write it in English, or remove `title`; without it the Japanese `{japanese}` is shown",
            ),
        );
    }
    titles.finish();
    title.map(|title| title.text.trim().to_owned())
}

/// Returns whether a character is hiragana or katakana.
const fn is_kana(character: char) -> bool {
    matches!(character, '\u{3041}'..='\u{30FF}')
}

/// Reads an optional list of entry ids.
pub(super) fn read_entry_ids(table: &mut TableReader<'_>, key: &'static str) -> Vec<EntryId> {
    let mut ids = Vec::new();
    for written in table.texts(key) {
        match EntryId::parse(&written.text) {
            Ok(id) => ids.push(id),
            Err(error) => {
                let mistake = describe_id(&error);
                table.report(
                    written.location,
                    localized!(mistake; ja: "`{key}`: {mistake}", en: "`{key}`: {mistake}"),
                    localized!(
                        ja: "ほかの項目の `id` をそのまま書いてください",
                        en: "write the `id` of another entry",
                    ),
                );
            }
        }
    }
    ids
}

fn read_source(table: &mut TableReader<'_>) -> Option<Source> {
    let expected = localized!(
        ja: "文書の題名とその中の場所",
        en: "the document and the place of the answer in it",
    );
    let mut source = table.table(
        "source",
        &expected,
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

fn describe_flaw(flaw: &Flaw) -> (Localized, Localized) {
    match flaw {
        Flaw::RawHtml(html) => (
            localized!(
                ja: "答えに HTML があります: `{html}`",
                en: "the answer has raw HTML: `{html}`",
            ),
            localized!(
                ja: "消してください。段落は空行で区切り、太字は **…**、リンクは [文字](https://…) と書きます。文字としての `<` は `&lt;` と書きます",
                en: "remove it; separate paragraphs with an empty line, and write bold as **…**, a link as [text](https://…), a literal `<` as `&lt;`",
            ),
        ),
        Flaw::DeadLink(url) => (
            localized!(
                ja: "答えにリンク先のないリンクがあります: `{url}`",
                en: "the answer has a link without a destination: `{url}`",
            ),
            localized!(
                ja: "リンク先のアドレスを書くか、リンクにせず文字だけを書いてください",
                en: "write the address of the link, or its text alone",
            ),
        ),
        Flaw::UnsafeLink(url) => (
            localized!(
                ja: "答えに使えないリンクがあります: `{url}`",
                en: "the answer has a link that is not allowed: `{url}`",
            ),
            localized!(
                ja: "リンクは https://、http://、mailto:、tel: のどれかで始めてください",
                en: "links start with https://, http://, mailto: or tel:",
            ),
        ),
        Flaw::Image(url) => (
            localized!(
                ja: "答えに画像があります: `{url}`",
                en: "the answer has an image: `{url}`",
            ),
            localized!(
                ja: "文章で説明するか、画像のあるページへのリンクにしてください",
                en: "describe it in words, or link to the page with the image",
            ),
        ),
    }
}

fn describe_change(change: &SilentChange) -> (Localized, Localized) {
    let SilentChange {
        written, escaped, ..
    } = change;
    let hint = localized!(
        ja: "そのまま表示するなら `{escaped}` と書きます（TOML の \" か \"\"\" の中では `\\` を `\\\\` と書きます）",
        en: "to show it as written, write `{escaped}` (in TOML between \" or \"\"\", write `\\` as `\\\\`)",
    );
    if change.is_heading {
        return (
            localized!(
                ja: "答えのこの行は見出しになります: `{written}`",
                en: "this line of the answer becomes a heading: `{written}`",
            ),
            localized!(hint;
                ja: "{hint}。見出しなら `## ` で始めます",
                en: "{hint}; a heading starts with `## `",
            ),
        );
    }
    (
        localized!(
            ja: "答えのこの部分では `*` が消えます: `{written}`",
            en: "this part of the answer loses its `*`: `{written}`",
        ),
        hint,
    )
}

/// Returns the characters by which a flaw is found in the answer as written.
fn written_form(flaw: &Flaw) -> String {
    match flaw {
        Flaw::RawHtml(html) => html.lines().next().unwrap_or_default().to_owned(),
        Flaw::DeadLink(url) | Flaw::UnsafeLink(url) | Flaw::Image(url) => format!("]({url}"),
    }
}
