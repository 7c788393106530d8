//! `/staff/topics`, `/staff/topic`: the referrals and the out-of-scope subjects, and the form of one.

use axum::response::Response;
use maud::{Markup, html};

use super::editing::{Opened, opened, outdated, remove, save as save_form};
use super::failure::{Failure, Kind};
use super::form::{Field, Mistakes, Reader, remove_form, save_button};
use super::labels::Form::Entry as Labels;
use super::layout::{csrf_field, page};
use super::member::{Fields, Member, Posted};
use super::preview::check_variants;
use crate::exchange::TopicKind;
use crate::knowledge::{KnowledgeBase, Language, Snapshot};
use crate::staff::{OUT_OF_SCOPE_FILE, WrittenTopic};

/// Longest subject of a referral, in characters: it is a part of a sentence.
pub(super) const MAX_TOPIC_CHARS: usize = 60;

/// Number of wordings that name an out-of-scope subject, which has no other name.
const SHOWN_WORDINGS: usize = 2;

/// Lists the referrals by desk, and the out-of-scope subjects.
pub(super) async fn list(member: Member) -> Result<Response, Failure> {
    let (knowledge, files) = opened(&member).await?;
    let title = member.say(
        "案内と、扱わない話題",
        "Referrals and out-of-scope subjects",
    );
    let kind = TopicKind::OutOfScope.key();
    let own = knowledge.out_of_scope.iter().filter(|it| !it.is_default);
    let main = html! {
        h1 { (title) }
        section {
            h2 { (member.say("窓口への案内", "Referrals")) }
            p { (member.say(
                "文書に答えはないけれど、窓口に聞けばわかる話題です。会員を窓口にご案内します。",
                "Subjects that the documents do not answer and a desk does. Members are sent to the desk.",
            )) }
            p { a href=(member.link("/staff/topic", &[("kind", TopicKind::Referral.key())])) { (member.say("新しい案内を作る", "Add a referral")) } }
            @for desk in &knowledge.desks {
                h3 { (desk.name.get(member.language)) }
                ul.entries {
                    @for referral in knowledge.referrals.iter().filter(|it| it.desk == desk.id) {
                        li { (link(&member, TopicKind::Referral, referral.id.as_str(), &referral.topic)) }
                    }
                }
            }
        }
        section {
            h2 { (member.say("扱わない話題", "Out-of-scope subjects")) }
            p { (member.say(
                "この組織とは関係のない話題です。会員には、扱っていないことをお伝えします。",
                "Subjects that have nothing to do with the organisation. Members are told so.",
            )) }
            @if files.has_file(OUT_OF_SCOPE_FILE) {
                p { a href=(member.link("/staff/topic", &[("kind", kind)])) { (member.say("新しい話題を加える", "Add a subject")) } }
                ul.entries {
                    @for subject in own {
                        li { (link(&member, TopicKind::OutOfScope, subject.id.as_str(), &name_of(&WrittenTopic::from(subject)))) }
                    }
                }
            } @else {
                p { (member.say(
                    "天気や占いなど、元から入っている話題だけを使っています。加えるには、担当の技術者に out_of_scope.toml を作ってもらってください。",
                    "Only the shipped subjects are used, such as the weather. To add some, ask the operator for an out_of_scope.toml.",
                )) }
            }
        }
    };
    Ok(page(&member, title, main))
}

fn link(member: &Member, kind: TopicKind, id: &str, text: &str) -> Markup {
    let link = member.link("/staff/topic", &[("kind", kind.key()), ("id", id)]);
    html! { a href=(link) lang="ja" { (text) } }
}

/// Returns what names a subject: its topic, or its first wordings.
fn name_of(topic: &WrittenTopic) -> String {
    if !topic.topic.is_empty() {
        return topic.topic.clone();
    }
    let first = topic.variants.iter().take(SHOWN_WORDINGS);
    let first: Vec<&str> = first.map(String::as_str).collect();
    first.join("、")
}

/// Shows the form of a subject, as the draft of the member has it, or that of a new one.
pub(super) async fn show(member: Member) -> Result<Response, Failure> {
    let (knowledge, files) = opened(&member).await?;
    let kind = kind_of(&member, member.parameter("kind").unwrap_or_default())?;
    let id = member.parameter("id").unwrap_or_default();
    let (topic, opened) = find(&member, &knowledge, &files, kind, id)?;
    let mistakes = Mistakes::default();
    Ok(form(&member, &topic, opened.state(), &mistakes))
}

/// Puts the form, or the removal of the subject, into the draft.
pub(super) async fn save(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let (knowledge, files) = opened(&member).await?;
    let kind = kind_of(&member, fields.text("kind"))?;
    let id = fields.text("id").to_owned();
    let (before, opened) = find(&member, &knowledge, &files, kind, &id)?;
    let state = fields.text("opened");
    if fields.text("then") == "remove" {
        if state != opened.state() {
            return Err(member.fail(Kind::Outdated));
        }
        let detail = format!("− {}", name_of(&before));
        return remove(&member, &detail, opened, move |bench| {
            bench.remove_topic(kind, &id)
        })
        .await;
    }
    let (topic, mistakes) = read(&member, &fields, before);
    if state != opened.state() {
        return Ok(form(&member, &topic, state, &outdated(&member)));
    }
    if !mistakes.is_empty() {
        return Ok(form(&member, &topic, state, &mistakes));
    }
    let (name, written) = (name_of(&topic), topic.clone());
    let saved = save_form(&member, &name, opened, move |bench| {
        bench.write_topic(written)
    });
    match saved.await? {
        Ok(done) => Ok(done),
        Err(mistakes) => Ok(form(&member, &topic, state, &mistakes)),
    }
}

fn kind_of(member: &Member, key: &str) -> Result<TopicKind, Failure> {
    let mut kinds = [TopicKind::Referral, TopicKind::OutOfScope].into_iter();
    let found = kinds.find(|kind| kind.key() == key);
    found.ok_or_else(|| member.fail(Kind::NotFound))
}

/// Finds a subject, or makes a new one without an id; returns it with its file.
fn find(
    member: &Member,
    knowledge: &KnowledgeBase,
    files: &Snapshot,
    kind: TopicKind,
    id: &str,
) -> Result<(WrittenTopic, Opened), Failure> {
    if id.is_empty() {
        let first = knowledge.desks.first();
        let desk = first.map(|desk| desk.id.to_string()).unwrap_or_default();
        let new = WrittenTopic {
            kind,
            id: String::new(),
            desk,
            topic: String::new(),
            variants: Vec::new(),
        };
        // A new subject undoes nothing that others wrote.
        return Ok((new, Opened::nothing()));
    }
    let found = match kind {
        TopicKind::Referral => {
            let mut referrals = knowledge.referrals.iter();
            let found = referrals.find(|it| it.id.as_str() == id);
            found.map(|it| (WrittenTopic::from(it), &it.location))
        }
        TopicKind::OutOfScope => {
            let mut subjects = knowledge.out_of_scope.iter();
            let found = subjects.find(|it| it.id.as_str() == id && !it.is_default);
            found.map(|it| (WrittenTopic::from(it), &it.location))
        }
    };
    let (topic, location) = found.ok_or_else(|| member.fail(Kind::NotFound))?;
    let file = location.file.to_string_lossy().replace('\\', "/");
    Ok((topic, Opened::file(files, &file)))
}

fn topic_label(language: Language) -> &'static str {
    match language {
        Language::Japanese => "話題（「〜について」の前のことば）",
        Language::English => "Subject, as in “questions about …”",
    }
}

fn read(member: &Member, fields: &Fields, before: WrittenTopic) -> (WrittenTopic, Mistakes) {
    let mut reader = Reader::new(member, fields);
    let variants_label = Labels.label("variants", member.language);
    let variants = reader.lines("variants", variants_label);
    check_variants(member, &variants, variants_label, &mut reader.mistakes);
    let is_referral = before.kind == TopicKind::Referral;
    let topic = if is_referral {
        let label = topic_label(member.language);
        let topic = reader.required("topic", label);
        reader.limit("topic", label, &topic, MAX_TOPIC_CHARS);
        topic
    } else {
        reader.require("variants", variants_label, fields.text("variants").trim());
        String::new()
    };
    let desk = match before.id.is_empty() && is_referral {
        true => reader.line("desk", member.say("窓口", "Desk")),
        false => before.desk.clone(),
    };
    let topic = WrittenTopic {
        desk,
        topic,
        variants,
        ..before
    };
    (topic, reader.mistakes)
}

fn form(member: &Member, topic: &WrittenTopic, state: &str, mistakes: &Mistakes) -> Response {
    let is_referral = topic.kind == TopicKind::Referral;
    let title = match (is_referral, topic.id.is_empty()) {
        (true, true) => member.say("新しい案内", "New referral"),
        (true, false) => member.say("案内を直す", "Edit a referral"),
        (false, true) => member.say("新しい扱わない話題", "New out-of-scope subject"),
        (false, false) => member.say("扱わない話題を直す", "Edit an out-of-scope subject"),
    };
    let desks = &member.knowledge().desks;
    let wordings = Labels.label("variants", member.language);
    let wordings = Field::line("variants", wordings, &topic.variants.join("\n")).rows(10);
    let wordings = wordings.note(match is_referral {
        true => member.say(
            "会員が書きそうな文を、一行に一つ。",
            "What members may write, one per line.",
        ),
        false => member.say(
            "会員が書きそうな文を、一行に一つ。別の話題だとわかることば（ジム、携帯など）を必ず入れます。",
            "What members may write, one per line, each with a word that shows the subject, such as gym or mobile phone.",
        ),
    });
    let wordings = if is_referral {
        wordings
    } else {
        wordings.required()
    };
    let remove = match is_referral {
        true => member.say("この案内を消す", "Remove this referral"),
        false => member.say("この話題を消す", "Remove this subject"),
    };
    let hidden = [
        ("kind", topic.kind.key()),
        ("id", topic.id.as_str()),
        ("opened", state),
    ];
    let main = html! {
        h1 { (title) }
        (mistakes.summary(member))
        form.fields method="post" action=(member.path("/staff/topic")) {
            (csrf_field(member))
            @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
            @if is_referral && topic.id.is_empty() {
                label for="desk" { (member.say("窓口", "Desk")) }
                select #desk name="desk" {
                    @for desk in desks {
                        option value=(desk.id) selected[desk.id.as_str() == topic.desk] { (desk.name.get(member.language)) }
                    }
                }
            }
            @if is_referral {
                (Field::line("topic", topic_label(member.language), &topic.topic).required().render(member, mistakes))
            }
            (wordings.render(member, mistakes))
            (save_button(member))
        }
        @if !topic.id.is_empty() { (remove_form(member, "/staff/topic", remove, &hidden)) }
    };
    page(member, title, main)
}
