//! The form of an entry: a known one, or a new one.

use axum::response::Response;
use maud::{Markup, html};

use super::editing::{Opened, drafted, remove, try_edit};
use super::failure::{Failure, Kind};
use super::form::{Field, Mistakes, Reader, remove_form, save_button};
use super::labels::Form::Entry as Labels;
use super::layout::{csrf_field, go_to, page};
use super::member::{Fields, Member, Posted};
use super::preview::{check_variants, expansions, preview, toolbar};
use crate::exchange::WrittenEntry;
use crate::staff::{EditRefusal, NewEntry};

/// Shows the form of a known entry, as the draft of the member has it.
pub(super) async fn known(member: Member) -> Result<Response, Failure> {
    let id = member.parameter("id").unwrap_or_default();
    let knowledge = drafted(&member).await?;
    let entry = knowledge.entry(id).map(WrittenEntry::from);
    let entry = entry.ok_or_else(|| member.fail(Kind::NotFound))?;
    let opened = Opened::entry(&entry);
    let mistakes = Mistakes::default();
    Ok(form(&member, &entry, opened.state(), &mistakes))
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
    form(member, &entry, "", &Mistakes::default())
}

/// Puts the entry of a form, or its removal, into the draft.
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
    let opened = match id.is_empty() {
        true => Opened::nothing(),
        false => Opened::entry(&before),
    };
    if fields.text("then") == "remove" {
        if fields.text("opened") != opened.state() {
            return Err(member.fail(Kind::Outdated));
        }
        let detail = format!("− {id}");
        return remove(&member, &detail, opened, move |bench| {
            bench.remove_entry(&id)
        })
        .await;
    }
    let (entry, mistakes) = read(&member, &fields, before.clone());
    // Before the mistakes: an outdated form need not be corrected.
    if fields.text("opened") != opened.state() {
        return Ok(outdated(&member, &before, &entry));
    }
    if !mistakes.is_empty() {
        return Ok(form(&member, &entry, opened.state(), &mistakes));
    }
    let detail = if id.is_empty() { &entry.question } else { &id };
    let detail = detail.clone();
    let written = entry.clone();
    let saved = try_edit(&member, &detail, opened, move |bench| {
        if written.id.is_empty() {
            bench.add_entry(NewEntry { entry: written }).map(drop)
        } else {
            bench.change_entry(written)
        }
    });
    match saved.await? {
        Ok(()) => Ok(go_to(&member.path("/staff/draft"))),
        Err(EditRefusal::Outdated) => {
            let knowledge = drafted(&member).await?;
            let now = knowledge.entry(&id).map(WrittenEntry::from);
            let now = now.ok_or_else(|| member.fail(Kind::NotFound))?;
            Ok(outdated(&member, &now, &entry))
        }
        // Such an edit is not checked here, but on the page of the draft.
        Err(_) => Err(member.fail(Kind::FileForm)),
    }
}

/// Reads the fields into an entry, and lists those that cannot be used.
fn read(member: &Member, fields: &Fields, before: WrittenEntry) -> (WrittenEntry, Mistakes) {
    let label = |key| Labels.label(key, member.language);
    let mut reader = Reader::new(member, fields);
    let question = reader.required("question", label("question"));
    let title = reader.line("title", label("title"));
    let answer = reader.text("answer", label("answer"));
    reader.require("answer", label("answer"), &answer);
    let variants = reader.lines("variants", label("variants"));
    check_variants(member, &variants, label("variants"), &mut reader.mistakes);
    let category = reader.required("category", label("category"));
    let document = reader.required("document", label("document"));
    let section = reader.required("section", label("section"));
    let related = reader.lines("related", label("related"));
    let valid_from = reader.day("valid_from", label("valid_from"));
    let valid_until = reader.day("valid_until", label("valid_until"));
    let review_by = reader.day("review_by", label("review_by"));
    if let (Some(first), Some(last)) = (valid_from, valid_until)
        && last < first
    {
        let text = member.say(
            "「この日から有効」より前の日です。",
            "It is before the day from which the entry is valid.",
        );
        reader
            .mistakes
            .add("valid_until", label("valid_until"), text);
    }
    let desk = match before.id.is_empty() {
        true => reader.line("desk", member.say("窓口", "Desk")),
        false => before.desk.clone(),
    };
    let entry = WrittenEntry {
        desk,
        question,
        english_title: Some(title).filter(|title| !title.is_empty()),
        answer,
        variants,
        category,
        document,
        section,
        related,
        valid_from,
        valid_until,
        review_by,
        ..before
    };
    (entry, reader.mistakes)
}

/// Shows what was typed into a form whose entry has changed meanwhile, beside the entry as it is now.
fn outdated(member: &Member, now: &WrittenEntry, typed: &WrittenEntry) -> Response {
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
        "question", "answer", "variants", "category", "document", "section", "related",
    ];
    let labels = labels.map(|key| Labels.label(key, member.language));
    let (now_parts, typed_parts) = (parts(now), parts(typed));
    let rows = labels.iter().zip(now_parts.iter().zip(&typed_parts));
    let title = member.say("項目を直す", "Edit an entry");
    let main = html! {
        h1 { (title) }
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
    };
    page(member, title, main)
}

/// Shows the form; `opened` is the state of the entry that it was opened with.
fn form(member: &Member, entry: &WrittenEntry, opened: &str, mistakes: &Mistakes) -> Response {
    let is_new = entry.id.is_empty();
    let title = match is_new {
        true => member.say("新しい項目", "New entry"),
        false => member.say("項目を直す", "Edit an entry"),
    };
    let line = |key, value: &str| Field::line(key, Labels.label(key, member.language), value);
    let day = |key, value| Field::day(key, Labels.label(key, member.language), value);
    let render = |field: Field| field.render(member, mistakes);
    let main = html! {
        h1 { (title) }
        @if !is_new { p.note { (entry.id) } }
        @if member.parameter("copied").is_some() {
            p.done role="status" { (member.say(
                "写しました。値段など、その日から変わるところを直して「下書きに入れる」を押してください。前の項目の「この日まで有効」は入れてあります。",
                "Copied. Change what differs from that day on, and put it into the draft. The last day of the old entry is set.",
            )) }
        }
        (mistakes.summary(member))
        form.fields.entry-form method="post" action=(member.path("/staff/entry")) {
            (csrf_field(member))
            input type="hidden" name="id" value=(entry.id);
            input type="hidden" name="opened" value=(opened);
            @if is_new { (desks(member, &entry.desk)) }
            (render(line("question", &entry.question).required()))
            (render(line("title", entry.english_title.as_deref().unwrap_or_default()).english().note(member.say(
                "英語のページの一覧に出す質問です。答えは文書のままです。",
                "Shown in lists on English pages; the answer stays as it is.",
            ))))
            (render(line("answer", &entry.answer).required().rows(10).note(member.say(
                "文書のことばのまま書きます。空の行で段落が分かれます。リンクは [文字](https://…)、表は | で区切ります。",
                "In the words of the document. An empty line begins a paragraph; a link is [text](https://…); the cells of a table are between |.",
            ))))
            (toolbar(member))
            (preview(member, &entry.answer))
            (render(line("variants", &entry.variants.join("\n")).rows(8).note(member.say(
                "一行に一つ。会員が書きそうな文を、できれば10以上。(解約|退会)したい と書くと「解約したい」「退会したい」の二つになります。",
                "One per line, ten or more if possible. (a|b) c stands for “a c” and “b c”.",
            ))))
            div.expansions aria-live="polite" { (expansions(member, &entry.variants)) }
            (render(line("category", &entry.category).required()))
            (render(line("document", &entry.document).required()))
            (render(line("section", &entry.section).required()))
            (render(line("related", &entry.related.join("\n")).rows(3).note(member.say("項目の id を、一行に一つ。", "Ids of entries, one per line."))))
            (render(day("valid_from", entry.valid_from).note(member.say(
                "値段の変わる日などを前もって書いておけます。空なら、すぐに有効です。",
                "For a change that is prepared. If empty, valid immediately.",
            ))))
            (render(day("valid_until", entry.valid_until)))
            (render(day("review_by", entry.review_by)))
            (save_button(member))
        }
        @if !is_new {
            p { a href=(member.link("/staff/copy", &[("id", &entry.id)])) { (member.say(
                "写して新しい項目を作る（ある日から値段などが変わるとき）",
                "Copy it into a new entry, for a price that changes on a day",
            )) } }
            (remove_form(member, "/staff/entry", member.say("この項目を消す", "Remove this entry"), &[("id", entry.id.as_str()), ("opened", opened)]))
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
