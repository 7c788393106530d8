//! `/staff/lexicon`, `/staff/word`: the groups of the lexicon, and the form of one.

use axum::response::Response;
use maud::{Markup, html};

use super::editing::{Opened, opened, outdated, remove, save as save_form};
use super::failure::{Failure, Kind};
use super::form::{Field, Mistakes, Reader, remove_form, save_button};
use super::labels::Form::Lexicon as Labels;
use super::layout::{csrf_field, page};
use super::member::{Fields, Member, Posted};
use crate::knowledge::KnowledgeBase;
use crate::staff::{LEXICON_FILE, LexiconGroup};

/// The kinds of groups, and the words to ignore.
const KINDS: [&str; 3] = ["spelling", "synonyms", "word"];

/// The kind of the words to ignore.
const STOP_WORDS: &str = "stop_words";

/// Longest text of a search in the lexicon, in characters.
const MAX_FIND_CHARS: usize = 60;

/// Lists the groups by kind, or those that a search finds.
pub(super) async fn list(member: Member) -> Result<Response, Failure> {
    let (knowledge, _) = opened(&member).await?;
    let title = member.say("ことばの辞書", "Lexicon");
    let text = member.parameter("q").unwrap_or_default().trim();
    let text: String = text.chars().take(MAX_FIND_CHARS).collect();
    let groups = LexiconGroup::all(&knowledge.lexicon);
    let found = groups.iter().enumerate();
    let found = found.filter(|(_, group)| group.words().iter().any(|word| word.contains(&text)));
    let found: Vec<(usize, &LexiconGroup)> = found.collect();
    let main = html! {
        h1 { (title) }
        p { (member.say(
            "会員のことばと文書のことばをつなぐ表です。さがすときだけに使い、答えの文は変わりません。一つの項目だけの言い方は、その項目の「言い換え」に書きます。",
            "Connects the words of members with those of the documents, for the search only. Wordings of one entry belong to that entry.",
        )) }
        form.search method="get" action=(member.path("/staff/lexicon")) role="search" {
            label.hidden for="q" { (member.say("ことばをさがす", "Find a word")) }
            input #q type="search" name="q" value=(text) maxlength=(MAX_FIND_CHARS) autocomplete="off";
            button type="submit" { (member.say("さがす", "Find")) }
        }
        @for kind in KINDS {
            section {
                h2 { (heading(&member, kind)) }
                p { a href=(member.link("/staff/word", &[("kind", kind)])) { (member.say("新しく加える", "Add one")) } }
                ul.entries {
                    @for (index, group) in found.iter().filter(|(_, group)| kind_of(group) == kind) {
                        li { a href=(member.link("/staff/word", &[("kind", kind), ("at", &index.to_string())])) lang="ja" {
                            (group.words().join("、"))
                        } }
                    }
                }
            }
        }
        section {
            h2 { (heading(&member, STOP_WORDS)) }
            p { a href=(member.link("/staff/word", &[("kind", STOP_WORDS)])) { (member.say("見る、直す", "Look at them, edit them")) } }
        }
    };
    Ok(page(&member, title, main))
}

fn heading(member: &Member, kind: &str) -> &'static str {
    match kind {
        "spelling" => member.say("書き方の違い（申込 と 申し込み）", "Spellings of one word"),
        "synonyms" => member.say(
            "同じ意味のことば（解約 と 退会）",
            "Different words for the same thing",
        ),
        "word" => member.say("一語として扱うことば", "Words that are not split"),
        _ => member.say("検索で無視することば", "Words to ignore"),
    }
}

fn kind_of(group: &LexiconGroup) -> &'static str {
    match group {
        LexiconGroup::Spelling { .. } => "spelling",
        LexiconGroup::Synonyms(_) => "synonyms",
        LexiconGroup::Word { .. } => "word",
    }
}

/// What the form was opened for.
struct Target {
    kind: &'static str,
    /// The place of a known group in the lexicon.
    at: Option<usize>,
    known: Option<LexiconGroup>,
    stop_words: Vec<String>,
    /// The state of the file.
    state: String,
}

impl Target {
    fn find(
        member: &Member,
        knowledge: &KnowledgeBase,
        kind: &str,
        at: &str,
        state: String,
    ) -> Result<Self, Failure> {
        let missing = || member.fail(Kind::NotFound);
        let mut kinds = KINDS.into_iter().chain([STOP_WORDS]);
        let kind = kinds.find(|known| *known == kind).ok_or_else(missing)?;
        let at: Option<usize> = match at {
            "" => None,
            at => Some(at.parse().map_err(|_| missing())?),
        };
        let groups = LexiconGroup::all(&knowledge.lexicon);
        let known = at.map(|at| groups.into_iter().nth(at).ok_or_else(missing));
        let known = known.transpose()?;
        if known.as_ref().is_some_and(|known| kind_of(known) != kind) {
            return Err(missing());
        }
        let stop_words = knowledge.lexicon.stop_words.clone();
        Ok(Self {
            kind,
            at,
            known,
            stop_words,
            state,
        })
    }
}

/// Shows the form of a group, as the draft of the member has it, or that of a new one.
pub(super) async fn show(member: Member) -> Result<Response, Failure> {
    let (knowledge, files) = opened(&member).await?;
    let parameter = |name| member.parameter(name).unwrap_or_default();
    let state = Opened::file(&files, LEXICON_FILE).state().to_owned();
    let target = Target::find(
        &member,
        &knowledge,
        parameter("kind"),
        parameter("at"),
        state,
    )?;
    let typed = Typed::of(&target);
    Ok(form(&member, &target, &typed, &Mistakes::default()))
}

/// Puts the form, or the removal of the group, into the draft.
pub(super) async fn save(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let (knowledge, files) = opened(&member).await?;
    let opened = Opened::file(&files, LEXICON_FILE);
    let (kind, at) = (fields.text("kind"), fields.text("at"));
    // The place of a group is that in the file with which the form was opened.
    let state = fields.text("opened").to_owned();
    let is_outdated = state != opened.state();
    let at = if is_outdated { "" } else { at };
    let target = Target::find(&member, &knowledge, kind, at, state)?;
    let mut reader = Reader::new(&member, &fields);
    let typed = Typed::read(&member, &fields, &mut reader, target.kind);
    let mistakes = reader.mistakes;
    if is_outdated {
        return Ok(form(&member, &target, &typed, &outdated(&member)));
    }
    let known = target.known.clone();
    if fields.text("then") == "remove" {
        return remove(&member, "lexicon", opened, move |bench| {
            bench.change_group(known.as_ref(), None)
        })
        .await;
    }
    if !mistakes.is_empty() {
        return Ok(form(&member, &target, &typed, &mistakes));
    }
    let new = typed.group(target.kind);
    let stop_words = typed.others.clone();
    let saved = save_form(&member, "lexicon", opened, move |bench| match new {
        Some(new) => bench.change_group(known.as_ref(), Some(&new)),
        None => bench.set_stop_words(stop_words),
    });
    match saved.await? {
        Ok(done) => Ok(done),
        Err(mistakes) => Ok(form(&member, &target, &typed, &mistakes)),
    }
}

/// A group as it was typed: its first word, and the others.
struct Typed {
    first: String,
    others: Vec<String>,
}

/// Returns the keys of the fields of a kind: the first word, if it has one of its own, and the others.
fn keys(kind: &str) -> (Option<&'static str>, &'static str) {
    match kind {
        "spelling" => (Some("canonical"), "variants"),
        "synonyms" => (None, "terms"),
        "word" => (Some("surface"), "reading"),
        _ => (None, STOP_WORDS),
    }
}

impl Typed {
    fn of(target: &Target) -> Self {
        let (first, others) = match target.known.clone() {
            Some(LexiconGroup::Spelling {
                canonical,
                variants,
            }) => (canonical, variants),
            Some(LexiconGroup::Synonyms(terms)) => (String::new(), terms),
            Some(LexiconGroup::Word { surface, reading }) => (surface, vec![reading]),
            None if target.kind == STOP_WORDS => (String::new(), target.stop_words.clone()),
            None => (String::new(), Vec::new()),
        };
        Self { first, others }
    }

    fn read(member: &Member, fields: &Fields, reader: &mut Reader<'_>, kind: &str) -> Self {
        let label = |key| Labels.label(key, member.language);
        let (first, others) = keys(kind);
        let first = first.map(|key| reader.required(key, label(key)));
        let lines = reader.lines(others, label(others));
        if kind != STOP_WORDS {
            reader.require(others, label(others), fields.text(others).trim());
        }
        if kind == "synonyms" && lines.len() == 1 {
            let expected = member.say("二つ以上書いてください。", "Write two or more.");
            reader.mistakes.add(others, label(others), expected);
        }
        Self {
            first: first.unwrap_or_default(),
            others: lines,
        }
    }

    /// Returns the group; `None` for the words to ignore.
    fn group(&self, kind: &str) -> Option<LexiconGroup> {
        let (first, others) = (self.first.clone(), self.others.clone());
        match kind {
            "spelling" => Some(LexiconGroup::Spelling {
                canonical: first,
                variants: others,
            }),
            "synonyms" => Some(LexiconGroup::Synonyms(others)),
            "word" => Some(LexiconGroup::Word {
                surface: first,
                reading: others.join(" "),
            }),
            _ => None,
        }
    }
}

fn form(member: &Member, target: &Target, typed: &Typed, mistakes: &Mistakes) -> Response {
    let title = heading(member, target.kind);
    let at = target.at.map(|at| at.to_string()).unwrap_or_default();
    let hidden = [
        ("kind", target.kind),
        ("at", at.as_str()),
        ("opened", target.state.as_str()),
    ];
    let main = html! {
        h1 { (title) }
        p.note { (note(member, target.kind)) }
        (mistakes.summary(member))
        form.fields method="post" action=(member.path("/staff/word")) {
            (csrf_field(member))
            @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
            (typed_fields(member, target.kind, typed, mistakes))
            (save_button(member))
        }
        @if target.known.is_some() {
            (remove_form(member, "/staff/word", member.say("この組を消す", "Remove this group"), &hidden))
        }
    };
    page(member, title, main)
}

fn typed_fields(member: &Member, kind: &str, typed: &Typed, mistakes: &Mistakes) -> Markup {
    let label = |key| Labels.label(key, member.language);
    let (first, others) = keys(kind);
    let rest = Field::line(others, label(others), &typed.others.join("\n"));
    let rest = match kind {
        "word" => rest
            .note(member.say("カタカナで書きます。", "In katakana."))
            .required(),
        STOP_WORDS => rest
            .rows(20)
            .note(member.say("一行に一つ。", "One per line.")),
        _ => rest
            .rows(6)
            .note(member.say("一行に一つ。", "One per line."))
            .required(),
    };
    html! {
        @if let Some(key) = first {
            (Field::line(key, label(key), &typed.first).required().render(member, mistakes))
        }
        (rest.render(member, mistakes))
    }
}

fn note(member: &Member, kind: &str) -> &'static str {
    match kind {
        "spelling" => member.say(
            "「ほかの書き方」を「そろえる書き方」に置き換えてからさがします。関係のない語の一部になる短いことばは入れないでください。半角の英数は小文字で書きます。",
            "The other spellings are replaced before the search. Enter none that is a part of an unrelated word. Latin letters are in lower case.",
        ),
        "synonyms" => member.say(
            "この組織では同じことを指すことばです。「やめる」と「退会」のような、どの組織でも同じ意味のことばは元から入っています。ここに入れたことばには、元からの組は使われません。迷ったら入れないでください。広すぎる組は、別の質問の答えを横取りします。",
            "Words that mean the same here. General synonyms, such as “fee” and 料金, are built in, and are not used for the words that you enter here. If in doubt, leave a word out: a broad group takes the questions of other entries.",
        ),
        "word" => member.say(
            "「商談会」を「商談」と「会」に分けないように、一語として入れます。",
            "Keeps a word from being split into its parts.",
        ),
        _ => member.say(
            "どの質問にも出てきて、項目を見分ける役に立たないことばだけを書きます。",
            "Only words that occur in any question and do not tell entries apart.",
        ),
    }
}
