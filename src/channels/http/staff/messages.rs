//! `/staff/messages`, `/staff/message`: the sentences that members read, each with its default and the
//! organisation's own wording.

use axum::response::Response;
use maud::{Markup, html};

use super::editing::{Opened, opened, outdated, save as save_form};
use super::failure::{Failure, Kind};
use super::form::{MAX_LINE_CHARS, Mistakes, Reader, both_fields, remove_form, save_button};
use super::layout::{csrf_field, page};
use super::member::{Member, Posted};
use crate::knowledge::{Language, Localized, Messages, Sentence};
use crate::staff::MESSAGES_FILE;

/// Lists all sentences, or those that a search finds.
pub(super) async fn list(member: Member) -> Result<Response, Failure> {
    let (knowledge, _) = opened(&member).await?;
    let title = member.say("会員に見せる文", "Messages");
    let find = member.parameter("q").unwrap_or_default().trim();
    let find: String = find.chars().take(MAX_LINE_CHARS).collect();
    let shipped = Messages::shipped();
    let (own, language) = (&knowledge.messages, member.language);
    let sentences = Sentence::ALL.iter().filter(|sentence| {
        let texts = [own, &shipped].map(|all| all.template(**sentence, language));
        texts.iter().any(|text| text.contains(&find))
    });
    let is_own = |sentence: &&Sentence| text_of(own, **sentence) != text_of(&shipped, **sentence);
    let (changed, others): (Vec<_>, Vec<_>) = sentences.partition(is_own);
    let list = |sentences: &[&Sentence]| {
        html! {
            ul.entries {
                @for sentence in sentences {
                    li { a href=(member.link("/staff/message", &[("key", sentence.key())])) {
                        (own.template(**sentence, language))
                    } }
                }
            }
        }
    };
    let main = html! {
        h1 { (title) }
        p { (member.say(
            "答えのほかに、会員に見せる文です。そのままでも使えます。組織のことばにしたい文だけ直してください。",
            "What members read besides the answers. Change only what should be in the words of your organisation.",
        )) }
        form.search method="get" action=(member.path("/staff/messages")) role="search" {
            label.hidden for="q" { (member.say("文をさがす", "Find a message")) }
            input #q type="search" name="q" value=(find) maxlength=(MAX_LINE_CHARS) autocomplete="off";
            button type="submit" { (member.say("さがす", "Find")) }
        }
        section {
            h2 { (member.say("この組織の文", "Own wordings")) }
            @if changed.is_empty() { p { (member.say("ありません。", "None.")) } } @else { (list(&changed)) }
        }
        section {
            h2 { (member.say("元からの文", "Defaults")) }
            @if others.is_empty() { p { (member.say("ありません。", "None.")) } } @else { (list(&others)) }
        }
    };
    Ok(page(&member, title, main))
}

fn text_of(messages: &Messages, sentence: Sentence) -> Localized {
    let text = |language| messages.template(sentence, language).to_owned();
    Localized {
        ja: text(Language::Japanese),
        en: text(Language::English),
    }
}

/// Shows the form of a sentence, as the draft of the member has it.
pub(super) async fn show(member: Member) -> Result<Response, Failure> {
    let (knowledge, files) = opened(&member).await?;
    let sentence = find(&member, member.parameter("key").unwrap_or_default())?;
    let text = text_of(&knowledge.messages, sentence);
    let opened = Opened::file(&files, MESSAGES_FILE);
    let mistakes = Mistakes::default();
    Ok(form(&member, sentence, &text, opened.state(), &mistakes))
}

/// Puts the own wording, or the return to the default, into the draft.
pub(super) async fn save(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let (knowledge, files) = opened(&member).await?;
    let sentence = find(&member, fields.text("key"))?;
    let is_reset = fields.text("then") == "remove";
    let opened = Opened::file(&files, MESSAGES_FILE);
    let label = label(&member);
    let mut reader = Reader::new(&member, &fields);
    let text = reader.both_messages("text", label);
    let text = match sentence.names() {
        Some(_) => spaced(&text),
        None => text,
    };
    let mut mistakes = reader.mistakes;
    let state = fields.text("opened");
    if state != opened.state() {
        return Ok(form(&member, sentence, &text, state, &outdated(&member)));
    }
    let shipped = text_of(&Messages::shipped(), sentence);
    // The default needs no own wording.
    let own = Some(text.clone()).filter(|text| !is_reset && *text != shipped);
    // A file may have the default as its own wording.
    let is_same = !is_reset && text == text_of(&knowledge.messages, sentence);
    if own.is_some() {
        if text.ja.is_empty() && text.en.is_empty() {
            mistakes.add(
                "text-ja",
                label,
                member.say("書いてください。", "Required."),
            );
        }
        check_placeholders(&member, sentence, &text, &mut mistakes);
        check_names(&member, sentence, &text, &mut mistakes);
        if !mistakes.is_empty() {
            return Ok(form(&member, sentence, &text, state, &mistakes));
        }
    }
    let saved = save_form(
        &member,
        sentence.key(),
        opened,
        move |bench| match is_same {
            true => Ok(()),
            false => bench.set_message(sentence, own),
        },
    );
    match saved.await? {
        Ok(done) => Ok(done),
        Err(mistakes) => Ok(form(&member, sentence, &text, state, &mistakes)),
    }
}

/// Separates names by single spaces, as dates expect them.
fn spaced(names: &Localized) -> Localized {
    let spaced = |names: &str| names.split_whitespace().collect::<Vec<_>>().join(" ");
    Localized {
        ja: spaced(&names.ja),
        en: spaced(&names.en),
    }
}

fn find(member: &Member, key: &str) -> Result<Sentence, Failure> {
    let mut all = Sentence::ALL.iter().copied();
    let found = all.find(|sentence| sentence.key() == key);
    found.ok_or_else(|| member.fail(Kind::NotFound))
}

fn label(member: &Member) -> &'static str {
    member.say("この組織の文", "Own wording")
}

/// Notes placeholders that the sentence does not have.
fn check_placeholders(
    member: &Member,
    sentence: Sentence,
    text: &Localized,
    mistakes: &mut Mistakes,
) {
    for (field, text) in [("text-ja", &text.ja), ("text-en", &text.en)] {
        if let Some(unknown) = sentence.unknown_placeholder(text) {
            let said = member.say(
                "{name} は、この文では使えません。",
                "{name} cannot be used in this message.",
            );
            let said = said.replace("{name}", &format!("{{{unknown}}}"));
            mistakes.add(field, label(member), &said);
        }
    }
}

/// Notes a list of names that has too few or too many of them.
fn check_names(member: &Member, sentence: Sentence, text: &Localized, mistakes: &mut Mistakes) {
    let Some(names) = sentence.names() else {
        return;
    };
    let said = match sentence {
        Sentence::Weekdays => member.say(
            "曜日の名前が{count}個あります。月曜日から日曜日までの{names}個を、空白で区切って書いてください。",
            "Expected {names} names of weekdays, from Monday to Sunday, separated by spaces; found {count}.",
        ),
        _ => member.say(
            "月の名前が{count}個あります。1月から12月までの{names}個を、空白で区切って書いてください。",
            "Expected {names} names of months, from January to December, separated by spaces; found {count}.",
        ),
    };
    for (field, text) in [("text-ja", &text.ja), ("text-en", &text.en)] {
        let count = text.split_whitespace().count();
        if count != names && count > 0 {
            let said = said.replace("{count}", &count.to_string());
            let said = said.replace("{names}", &names.to_string());
            mistakes.add(field, label(member), &said);
        }
    }
}

fn form(
    member: &Member,
    sentence: Sentence,
    text: &Localized,
    state: &str,
    mistakes: &Mistakes,
) -> Response {
    let title = member.say("会員に見せる文を直す", "Edit a message");
    let shipped = text_of(&Messages::shipped(), sentence);
    let hidden = [("key", sentence.key()), ("opened", state)];
    let main = html! {
        h1 { (title) }
        (default_text(member, &shipped))
        (placeholders(member, sentence))
        (mistakes.summary(member))
        form.fields method="post" action=(member.path("/staff/message")) {
            (csrf_field(member))
            @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
            (both_fields(member, mistakes, "text", label(member), text, |field| field.rows(4).required()))
            (save_button(member))
        }
        @if *text != shipped {
            (remove_form(member, "/staff/message", member.say("元からの文に戻す", "Return to the default"), &hidden))
        }
    };
    page(member, title, main)
}

fn default_text(member: &Member, shipped: &Localized) -> Markup {
    html! {
        section {
            h2 { (member.say("元からの文", "Default")) }
            p.default lang="ja" { (shipped.ja) }
            p.default lang="en" { (shipped.en) }
        }
    }
}

fn placeholders(member: &Member, sentence: Sentence) -> Markup {
    let names = sentence.placeholders();
    html! {
        @if !names.is_empty() {
            p.note {
                (member.say("この文で使える、その場で入ることば：", "Filled in where they stand: "))
                @for name in names { code { "{" (name) "}" } " " }
            }
        }
    }
}
