//! The effect of a draft on the questions of the last days, as a part of its page.

use maud::{Markup, html};

use super::draft_days::DAYS;
use super::member::Member;
use crate::insights::{Change, Changed, Given, Replay};

/// Number of questions of each kind that are shown.
const MAX_SHOWN: usize = 20;

/// The kinds of changes: those that staff look for, then those that they should look at.
const CHANGES: [Change; 5] = [
    Change::Answered,
    Change::Suggested,
    Change::Moved,
    Change::Weaker,
    Change::Lost,
];

/// Renders the effect.
pub(super) fn replay_section(member: &Member, author: &str, replay: &Replay, days: i64) -> Markup {
    let worse = replay.worse_count();
    html! {
        section.replay {
            h2 { (member.say("これまでの質問への影響", "Effect on past questions")) }
            (ranges(member, author, days))
            p { (summary(member, replay, days)) }
            @if replay.questions == 0 {
                p { (member.say("比べられる質問がまだありません。", "There are no questions to compare yet.")) }
            } @else if worse > 0 {
                p.error { (member.say(
                    "答えがなくなる、または別の答えになる質問があります。公開の前に、下の一覧を見てください。",
                    "Some questions lose their answer or get another one. Look at the list before publishing.",
                )) }
            } @else {
                p.done { (member.say("失われる答えはありません。", "Nothing is lost.")) }
            }
            @for change in CHANGES { (list(member, replay, change)) }
        }
    }
}

fn ranges(member: &Member, author: &str, chosen: i64) -> Markup {
    html! {
        ul.ranges {
            @for days in DAYS {
                @let text = days.to_string();
                @let link = member.link("/staff/draft", &[("of", author), ("days", &text)]);
                li { a href=(link) aria-current=[(days == chosen).then_some("true")] {
                    (days) (member.say("日間", " days"))
                } }
            }
        }
    }
}

fn summary(member: &Member, replay: &Replay, days: i64) -> String {
    let text = member.say(
        "この{days}日の質問 {questions} 種類（{times} 回分）を、今の内容と下書きの両方に聞いて比べました。伏せ字のあるものや会話の途中のもの {skipped} 件は除いています。",
        "{questions} different questions of the last {days} days, asked {times} times, were put to what is served now and to the draft. {skipped} masked or within a conversation were left out.",
    );
    text.replace("{days}", &days.to_string())
        .replace("{questions}", &replay.questions.to_string())
        .replace("{times}", &replay.times.to_string())
        .replace("{skipped}", &replay.skipped.to_string())
}

fn list(member: &Member, replay: &Replay, change: Change) -> Markup {
    let changed = replay.changed.iter().filter(|it| it.change == change);
    let changed: Vec<&Changed> = changed.collect();
    html! {
        h3 { (name(member, change)) "：" (changed.len()) }
        @if !changed.is_empty() {
            ul {
                @for it in changed.iter().take(MAX_SHOWN) {
                    li {
                        span lang="ja" { (it.asked.text) }
                        " (" (it.asked.count) ")"
                        br;
                        span.note { (given(member, &it.asked.before)) " → " (given(member, &it.after)) }
                    }
                }
                @if changed.len() > MAX_SHOWN { li { "…" } }
            }
        }
    }
}

fn name(member: &Member, change: Change) -> &'static str {
    match change {
        Change::Answered => member.say("新しく答えられる", "Newly answered"),
        Change::Suggested => member.say("新しく候補が出る", "Newly suggested"),
        Change::Moved => member.say("別の項目や窓口になる", "Another entry or desk"),
        Change::Weaker => member.say("答えが候補になる", "An answer becomes a list"),
        Change::Lost => member.say("答えがなくなる", "Lost"),
    }
}

fn given(member: &Member, given: &Given) -> String {
    let knowledge = member.knowledge();
    let entry = given.entry.as_deref();
    if let Some(entry) = entry {
        let known = knowledge.entry(entry);
        return known.map_or(entry, |entry| &entry.question).to_owned();
    }
    if let Some(desk) = given.desk.as_deref() {
        let known = knowledge.desk(desk);
        return known
            .map_or(desk, |desk| desk.name.get(member.language))
            .to_owned();
    }
    crate::insights::name(&given.outcome, member.language).to_owned()
}
