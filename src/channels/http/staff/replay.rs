//! The effect of a draft on the questions of the last days, as a part of its page.

use maud::{Markup, html};

use super::day::Day;
use super::draft_days::DAYS;
use super::member::Member;
use crate::insights::{Change, Changed, Given, Replay, number};

/// Number of questions of each kind that are shown before all are.
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
pub(super) fn replay_section(
    member: &Member,
    author: &str,
    replay: &Replay,
    days: i64,
    day: &Day,
) -> Markup {
    let worse = replay.worse_count();
    html! {
        section.replay {
            h2 { (member.say("これまでの質問への影響", "Effect on past questions")) }
            (ranges(member, author, days, day))
            (day_form(member, author, days, day))
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

/// Renders the form to ask the draft as of a later day.
fn day_form(member: &Member, author: &str, days: i64, day: &Day) -> Markup {
    let chosen = day.chosen.map(|day| day.to_string());
    html! {
        form.row method="get" action=(member.path("/staff/draft")) {
            input type="hidden" name="of" value=(author);
            input type="hidden" name="days" value=(days);
            div {
                label for="day" { (member.say(
                    "この日のお答えで比べる（先の日から有効な項目を確かめるとき）",
                    "Compare the answers of a later day, for entries that begin then",
                )) }
                input #day type="date" name="day" value=[chosen] min=(member.assistant.today(member.now));
            }
            button.second type="submit" { (member.say("比べる", "Compare")) }
        }
        @if let Some(day) = day.chosen {
            p.advice { (member.say(
                "今のお答えと、{} の下書きのお答えを比べています。",
                "The current answers are compared with those of the draft on {}.",
            ).replace("{}", &day.to_string())) }
        }
    }
}

fn ranges(member: &Member, author: &str, chosen: i64, day: &Day) -> Markup {
    let day = day.chosen.map(|day| day.to_string()).unwrap_or_default();
    html! {
        ul.ranges {
            @for days in DAYS {
                @let text = days.to_string();
                @let link = member.link("/staff/draft", &[("of", author), ("days", &text), ("day", &day)]);
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
        .replace("{questions}", &number(replay.questions))
        .replace("{times}", &number(replay.times))
        .replace("{skipped}", &number(replay.skipped))
}

fn list(member: &Member, replay: &Replay, change: Change) -> Markup {
    let changed = replay.changed.iter().filter(|it| it.change == change);
    let changed: Vec<&Changed> = changed.collect();
    let (first, rest) = changed.split_at(changed.len().min(MAX_SHOWN));
    html! {
        h3 { (name(member, change)) (member.say("：", ": ")) (number(changed.len())) }
        @if !first.is_empty() { (items(member, first)) }
        @if !rest.is_empty() {
            details {
                summary { (member.say("ほかも見る：", "and more: ")) (number(rest.len())) }
                (items(member, rest))
            }
        }
    }
}

fn items(member: &Member, changed: &[&Changed]) -> Markup {
    html! {
        ul {
            @for it in changed {
                li {
                    span lang="ja" { (it.asked.text) }
                    " (" (number(it.asked.count)) ")"
                    br;
                    span.note { (given(member, &it.asked.before)) " → " (given(member, &it.after)) }
                }
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
