//! `GET /staff/questions?q=…`: what members asked, what each got and why, and where it belongs.

use axum::response::Response;
use maud::{Markup, html};

use super::failure::Failure;
use super::layout::{csrf_field, page};
use super::member::Member;
use super::sort::Refused;
use super::topics::MAX_TOPIC_CHARS;
use super::why::{ask, why};
use crate::answer::MAX_QUESTION_CHARS;
use crate::insights::Wording;
use crate::knowledge::Entry;

/// Number of entries that are offered.
const MAX_ENTRIES: usize = 8;

/// The sign of masked text.
const MASK: &str = "***";

/// Shows a group of questions, or any question that a member of the staff tries.
pub(super) async fn questions(member: Member) -> Result<Response, Failure> {
    let asked = member.parameter("q").unwrap_or_default().trim();
    let asked: String = asked.chars().take(MAX_QUESTION_CHARS).collect();
    let title = member.say("質問を見る", "Look at a question");
    if asked.is_empty() {
        return Ok(page(
            &member,
            title,
            html! { h1 { (title) } (try_form(&member, "")) },
        ));
    }
    let overview = member.overview().await?;
    let mut groups = overview.iter().flat_map(|overview| &overview.unanswered);
    let group = groups.find(|group| group.examples.iter().any(|example| example.text == asked));
    let alone = [Wording {
        text: asked.clone(),
        count: 0,
        conversations: Default::default(),
    }];
    let examples = group.map_or(&alone[..], |group| &group.examples);
    let entries = entries(&member, &asked).await;
    let mut shown = Vec::new();
    for example in examples {
        let answer = ask(&member.assistant, &example.text, member.now).await;
        shown.push((example, why(&member, &member.assistant, answer)));
    }
    let main = html! {
        h1 { (title) }
        (try_form(&member, &asked))
        section {
            h2 { (member.say("今のお答えと、その理由", "What it gets now, and why")) }
            @for (example, reasons) in &shown {
                div.card {
                    h3 lang="ja" { (example.text) }
                    @if example.count > 0 { p.note { (times(&member, example.count)) } }
                    (reasons)
                }
            }
        }
        (sorting(&member, &asked, examples, &entries))
    };
    Ok(page(&member, title, main))
}

fn times(member: &Member, count: usize) -> String {
    let text = member.say("この30日に {} 回", "{} times in the last 30 days");
    text.replace("{}", &count.to_string())
}

fn try_form(member: &Member, asked: &str) -> Markup {
    html! {
        form.search method="get" action=(member.path("/staff/questions")) role="search" {
            label.hidden for="q" { (member.say("試す質問", "Question to try")) }
            input #q type="search" name="q" value=(asked) required maxlength=(MAX_QUESTION_CHARS) autocomplete="off"
                placeholder=(member.say("質問を入れて、お答えと理由を見る", "Try a question"));
            button type="submit" { (member.say("見る", "Try")) }
        }
    }
}

/// Returns the entries to choose from: those that a search finds, else those near the question.
async fn entries<'a>(member: &'a Member, asked: &str) -> Vec<&'a Entry> {
    let text = member.parameter("find").map(str::trim);
    let text = text.filter(|text| !text.is_empty()).unwrap_or(asked);
    let near = member.near(text).await;
    let all = &member.knowledge().entries;
    let near = near.iter().filter_map(|index| all.get(*index));
    let contains = |entry: &&Entry| entry.question.contains(text) || entry.id.as_str() == text;
    let mut entries: Vec<&Entry> = all.iter().filter(contains).chain(near).collect();
    let mut seen = std::collections::BTreeSet::new();
    entries.retain(|entry| seen.insert(entry.id.as_str()));
    entries.truncate(MAX_ENTRIES);
    entries
}

/// Renders the forms that say where the questions belong.
fn sorting(member: &Member, asked: &str, examples: &[Wording], entries: &[&Entry]) -> Markup {
    let find = member.parameter("find").unwrap_or_default();
    html! {
        section {
            h2 #sort { (member.say("どこに入れますか", "Where does it belong?")) }
            @if let Some(text) = Refused::text(member) {
                p.error role="alert" tabindex="-1" autofocus {
                    (member.say("下書きに入れていません。", "Nothing was put into the draft. ")) (text)
                }
            }
            form.search method="get" action=(member.path("/staff/questions")) {
                input type="hidden" name="q" value=(asked);
                label.hidden for="find" { (member.say("項目をさがす", "Find an entry")) }
                input #find type="search" name="find" value=(find) autocomplete="off"
                    placeholder=(member.say("別の項目をさがす", "Find another entry"));
                button.second type="submit" { (member.say("さがす", "Find")) }
            }
            form.fields method="post" action=(member.path("/staff/questions")) {
                (csrf_field(member))
                input type="hidden" name="q" value=(asked);
                // Enter in a field would press the first button, whatever the field is for.
                button type="submit" disabled hidden {}
                (wordings(member, examples))
                fieldset {
                    legend { (member.say("この項目の質問です", "It asks for this entry")) }
                    @if entries.is_empty() {
                        p { (member.say("近い項目は見つかりません。", "No similar entry was found.")) }
                    }
                    @for (index, entry) in entries.iter().enumerate() {
                        label lang="ja" {
                            input type="radio" name="entry" value=(entry.id) checked[index == 0];
                            (entry.question)
                        }
                    }
                    @if !entries.is_empty() {
                        button type="submit" name="then" value="variants" {
                            (member.say("この項目の言い換えに加える", "Add as wordings of this entry"))
                        }
                    }
                }
                fieldset {
                    legend { (member.say("答えがまだありません", "There is no answer yet")) }
                    button.second type="submit" name="then" value="entry" {
                        (member.say("新しい項目を書く", "Write a new entry"))
                    }
                }
                (referral(member))
                @if member.knowledge().out_of_scope.iter().any(|subject| !subject.is_default) {
                    fieldset {
                        legend { (member.say("この組織とは関係のない話題です", "It has nothing to do with this organisation")) }
                        p.note { (member.say(
                            "扱わない話題だと伝えるようになります。よくある質問にも出てくることばだけの文は、選ばないでください。",
                            "Members are then told that the subject is out of scope. Do not choose a text that has only words of entries.",
                        )) }
                        button.second type="submit" name="then" value="other" {
                            (member.say("扱わない話題にする", "Make it out of scope"))
                        }
                    }
                }
            }
        }
    }
}

fn wordings(member: &Member, examples: &[Wording]) -> Markup {
    html! {
        fieldset {
            legend { (member.say("使う書き方", "Wordings to use")) }
            @for example in examples {
                @let is_masked = example.text.contains(MASK);
                label lang="ja" {
                    input type="checkbox" name="question" value=(example.text) checked[!is_masked] disabled[is_masked];
                    (example.text)
                    @if is_masked { (member.say("（伏せ字があるため使えません）", " (masked, cannot be used)")) }
                }
            }
        }
    }
}

fn referral(member: &Member) -> Markup {
    let knowledge = member.knowledge();
    html! {
        fieldset {
            legend { (member.say("文書に答えはなく、窓口が答えます", "A desk answers it; the documents do not")) }
            label for="referral" { (member.say("案内", "Referral")) }
            select #referral name="referral" {
                option value="" { (member.say("新しい案内を作る", "a new one")) }
                @for referral in &knowledge.referrals {
                    option value=(referral.id) lang="ja" { (referral.topic) }
                }
            }
            label for="topic" { (member.say("新しい案内の話題（「〜について」の前のことば）", "Subject of a new one")) }
            input #topic type="text" name="topic" value=(member.parameter("topic").unwrap_or_default()) autocomplete="off"
                aria-describedby="topic-note";
            p.note #topic-note { (MAX_TOPIC_CHARS) (member.say("字まで。", " characters at most.")) }
            label for="desk" { (member.say("新しい案内の窓口", "Desk of a new one")) }
            select #desk name="desk" {
                @for desk in &knowledge.desks {
                    option value=(desk.id) { (desk.name.get(member.language)) }
                }
            }
            button.second type="submit" name="then" value="referral" {
                (member.say("窓口の案内にする", "Make it a referral"))
            }
        }
    }
}
