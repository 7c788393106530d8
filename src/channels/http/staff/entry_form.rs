//! The form of an entry: a known one, or a new one.

use axum::response::Response;
use jiff::civil::Date;
use maud::{Markup, html};
use sha2::{Digest, Sha256};

use super::editing::{drafted, edit};
use super::failure::{Failure, Kind};
use super::layout::{csrf_field, page};
use super::member::{Fields, Member, Posted};
use super::preview::preview;
use crate::exchange::WrittenEntry;
use crate::staff::{NewEntry, Workbench};

/// A field that cannot be used: its name, and what is expected.
type Mistake = (&'static str, &'static str);

/// Shows the form of a known entry, as the draft of the member has it.
pub(super) async fn known(member: Member) -> Result<Response, Failure> {
    let id = member.parameter("id").unwrap_or_default();
    let knowledge = drafted(&member).await?;
    let entry = knowledge.entry(id).map(WrittenEntry::from);
    let entry = entry.ok_or_else(|| member.fail(Kind::NotFound))?;
    let opened = digest(&entry);
    Ok(form(&member, &entry, &opened, &[]))
}

/// Shows the form of a new entry.
pub(super) async fn new(member: Member) -> Result<Response, Failure> {
    Ok(with_questions(&member, Vec::new()))
}

/// Shows the form of a new entry for questions of members.
pub(super) fn with_questions(member: &Member, questions: Vec<String>) -> Response {
    let desk = member.knowledge().desks.first();
    let entry = WrittenEntry {
        desk: desk.map(|desk| desk.id.to_string()).unwrap_or_default(),
        question: questions.first().cloned().unwrap_or_default(),
        variants: questions.into_iter().skip(1).collect(),
        ..WrittenEntry::default()
    };
    form(member, &entry, "", &[])
}

/// Puts the entry of a form into the draft.
pub(super) async fn save(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let id = fields.text("id").to_owned();
    let before = match id.as_str() {
        "" => WrittenEntry::default(),
        id => {
            let knowledge = drafted(&member).await?;
            let entry = knowledge.entry(id).map(WrittenEntry::from);
            entry.ok_or_else(|| member.fail(Kind::NotFound))?
        }
    };
    // The form has every field as it was when it was opened: saving it would undo what changed since.
    let is_outdated = !id.is_empty() && fields.text("opened") != digest(&before);
    let opened = digest(&before);
    let (entry, mistakes) = read(&member, &fields, before.clone());
    if is_outdated {
        let main = outdated(&member, &before, &entry);
        return Ok(page(
            &member,
            member.say("項目を直す", "Edit an entry"),
            main,
        ));
    }
    if !mistakes.is_empty() {
        return Ok(form(&member, &entry, &opened, &mistakes));
    }
    let detail = if id.is_empty() { &entry.question } else { &id };
    let detail = detail.clone();
    edit(&member, &detail, move |draft, folder, today| {
        let bench = Workbench::open(draft, folder, today);
        if entry.id.is_empty() {
            bench.add_entry(NewEntry { entry }).map(drop)
        } else {
            bench.change_entry(entry)
        }
    })
    .await
}

/// Reads the fields into an entry, and lists those that cannot be used.
fn read(member: &Member, fields: &Fields, before: WrittenEntry) -> (WrittenEntry, Vec<Mistake>) {
    let mut mistakes = Vec::new();
    let line = |name: &str| {
        fields
            .text(name)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let lines = |name: &str| {
        let text = fields.text(name).lines().map(str::trim);
        let text = text.filter(|line| !line.is_empty()).map(str::to_owned);
        text.collect::<Vec<_>>()
    };
    let required = member.say("書いてください。", "Required.");
    let date = member.say(
        "2027-03-31 のように書いてください。",
        "Expected a date such as 2027-03-31.",
    );
    for name in ["question", "answer", "category", "document", "section"] {
        if fields.text(name).trim().is_empty() {
            mistakes.push((name, required));
        }
    }
    let mut day = |name: &'static str| -> Option<Date> {
        let text = fields.text(name).trim();
        let parsed = text.parse().ok();
        if parsed.is_none() && !text.is_empty() {
            mistakes.push((name, date));
        }
        parsed
    };
    let (valid_from, valid_until, review_by) =
        (day("valid_from"), day("valid_until"), day("review_by"));
    let desk = if before.id.is_empty() {
        line("desk")
    } else {
        before.desk.clone()
    };
    let answer = fields.text("answer").replace("\r\n", "\n");
    let entry = WrittenEntry {
        desk,
        question: line("question"),
        english_title: Some(line("title")).filter(|title| !title.is_empty()),
        answer: answer.trim().to_owned(),
        variants: lines("variants"),
        category: line("category"),
        document: line("document"),
        section: line("section"),
        related: lines("related"),
        valid_from,
        valid_until,
        review_by,
        ..before
    };
    (entry, mistakes)
}

/// Names the state of an entry, so that a form knows whether it has changed since.
fn digest(entry: &WrittenEntry) -> String {
    hex::encode(Sha256::digest(format!("{entry:?}")))
}

/// Shows what was typed into a form whose entry has changed meanwhile, beside the entry as it is now.
fn outdated(member: &Member, now: &WrittenEntry, typed: &WrittenEntry) -> Markup {
    let parts = |entry: &WrittenEntry| {
        [
            entry.question.clone(),
            entry.answer.clone(),
            entry.variants.join("\n"),
            entry.category.clone(),
            entry.document.clone(),
            entry.section.clone(),
            entry.related.join("\n"),
        ]
    };
    let labels = [
        member.say("質問", "Question"),
        member.say("答え", "Answer"),
        member.say("言い換え", "Other wordings"),
        member.say("分類", "Category"),
        member.say("出典の文書", "Source document"),
        member.say("出典の章や番号", "Section of the source"),
        member.say("あわせて読む項目", "Related entries"),
    ];
    let (now_parts, typed_parts) = (parts(now), parts(typed));
    let rows = labels.iter().zip(now_parts.iter().zip(&typed_parts));
    html! {
        h1 { (member.say("項目を直す", "Edit an entry")) }
        p.error role="alert" { (member.say(
            "保存していません。開いたあとに、この項目が変わりました。今の内容を開き直して、書いたところを写してください。",
            "Nothing was saved: the entry has changed since you opened it. Open it again and copy what you wrote.",
        )) }
        p { a href=(member.link("/staff/entry", &[("id", &now.id)])) { (member.say("今の内容を開く", "Open it as it is now")) } }
        @for (label, (now, typed)) in rows.filter(|(_, (now, typed))| now != typed) {
            h2 { (label) }
            h3 { (member.say("今の内容", "Now")) }
            pre.difference lang="ja" { (now) }
            h3 { (member.say("あなたが書いたもの", "What you wrote")) }
            pre.difference lang="ja" { (typed) }
        }
    }
}

/// Shows the form; `opened` is the state of the entry that it was opened with.
fn form(member: &Member, entry: &WrittenEntry, opened: &str, mistakes: &[Mistake]) -> Response {
    let is_new = entry.id.is_empty();
    let title = match is_new {
        true => member.say("新しい項目", "New entry"),
        false => member.say("項目を直す", "Edit an entry"),
    };
    let main = html! {
        h1 { (title) }
        @if !is_new { p.note { (entry.id) } }
        @if !mistakes.is_empty() {
            p.error role="alert" { (member.say(
                "保存していません。印のあるところを直してください。",
                "Nothing was saved. Correct the marked fields.",
            )) }
        }
        form.fields.entry-form method="post" action=(member.path("/staff/entry")) {
            (csrf_field(member))
            input type="hidden" name="id" value=(entry.id);
            input type="hidden" name="opened" value=(opened);
            @if is_new { (desks(member, &entry.desk)) }
            (Field::line("question", member.say("質問", "Question"), &entry.question).render(mistakes))
            (Field {
                note: member.say(
                    "英語のページの一覧に出す質問です。答えは文書のままです。",
                    "Shown in lists on English pages; the answer stays as it is.",
                ),
                ..Field::line("title", member.say("英語の題", "English title"), entry.english_title.as_deref().unwrap_or_default())
            }.render(mistakes))
            (Field {
                note: member.say(
                    "文書のことばのまま書きます。空の行で段落が分かれます。リンクは [文字](https://…)、表は | で区切ります。",
                    "In the words of the document. An empty line begins a paragraph; a link is [text](https://…); the cells of a table are between |.",
                ),
                rows: 10,
                ..Field::line("answer", member.say("答え", "Answer"), &entry.answer)
            }.render(mistakes))
            (preview(member, &entry.answer))
            (Field {
                note: member.say(
                    "一行に一つ。会員が書きそうな文を、できれば10以上。(解約|退会)したい と書くと「解約したい」「退会したい」の二つになります。",
                    "One a line, ten or more if possible. (a|b) c stands for “a c” and “b c”.",
                ),
                rows: 8,
                ..Field::line("variants", member.say("言い換え", "Other wordings"), &entry.variants.join("\n"))
            }.render(mistakes))
            (Field::line("category", member.say("分類", "Category"), &entry.category).render(mistakes))
            (Field::line("document", member.say("出典の文書", "Source document"), &entry.document).render(mistakes))
            (Field::line("section", member.say("出典の章や番号", "Section of the source"), &entry.section).render(mistakes))
            (Field {
                note: member.say("項目の id を、一行に一つ。", "Ids of entries, one a line."),
                rows: 3,
                ..Field::line("related", member.say("あわせて読む項目", "Related entries"), &entry.related.join("\n"))
            }.render(mistakes))
            (Field::day("valid_from", member.say("この日から有効", "Valid from"), entry.valid_from, member.say(
                "値段の変わる日などを前もって書いておけます。空なら、すぐに有効です。",
                "For a change that is prepared. Empty: at once.",
            )).render(mistakes))
            (Field::day("valid_until", member.say("この日まで有効", "Valid until"), entry.valid_until, "").render(mistakes))
            (Field::day("review_by", member.say("この日までに見直す", "Review by"), entry.review_by, "").render(mistakes))
            div.buttons {
                button type="submit" { (member.say("下書きに入れる", "Put into the draft")) }
            }
            p.note { (member.say(
                "まだ公開されません。次のページで、違いと影響を確かめます。",
                "Nothing is published yet: the next page shows the difference and its effect.",
            )) }
        }
    };
    page(member, title, main)
}

fn desks(member: &Member, chosen: &str) -> Markup {
    html! {
        label for="desk" { (member.say("窓口", "Desk")) }
        select #desk name="desk" {
            @for desk in &member.knowledge().desks {
                option value=(desk.id) selected[desk.id.as_str() == chosen] { (desk.name.get(member.language)) }
            }
        }
    }
}

/// A field of the form.
struct Field<'a> {
    name: &'static str,
    label: &'a str,
    value: String,
    note: &'a str,
    /// Number of lines; 1 for a single line.
    rows: usize,
    kind: &'static str,
}

impl<'a> Field<'a> {
    fn line(name: &'static str, label: &'a str, value: &str) -> Self {
        Self {
            name,
            label,
            value: value.to_owned(),
            note: "",
            rows: 1,
            kind: "text",
        }
    }

    fn day(name: &'static str, label: &'a str, day: Option<Date>, note: &'a str) -> Self {
        Self {
            note,
            kind: "date",
            ..Self::line(
                name,
                label,
                &day.map(|day| day.to_string()).unwrap_or_default(),
            )
        }
    }

    fn render(&self, mistakes: &[Mistake]) -> Markup {
        let Self {
            name,
            label,
            value,
            note,
            rows,
            kind,
        } = self;
        let mistake = mistakes.iter().find(|(field, _)| field == name);
        let mistake_id = format!("{name}-mistake");
        let note_id = format!("{name}-note");
        let described = match (mistake, note.is_empty()) {
            (Some(_), _) => Some(&mistake_id),
            (None, false) => Some(&note_id),
            (None, true) => None,
        };
        let invalid = mistake.map(|_| "true");
        html! {
            label for=(name) { (label) }
            @if !note.is_empty() { p.note id=(note_id) { (note) } }
            @if let Some((_, text)) = mistake { p.error id=(mistake_id) { (text) } }
            @if *rows > 1 {
                textarea id=(name) name=(name) rows=(rows) lang="ja" aria-describedby=[described] aria-invalid=[invalid] { "\n" (value) }
            } @else {
                input id=(name) name=(name) type=(kind) value=(value) lang="ja" autocomplete="off"
                    aria-describedby=[described] aria-invalid=[invalid];
            }
        }
    }
}
