//! The choice after someone else changed the same file, as a part of the page of a draft.

use maud::{Markup, html};

use super::layout::csrf_field;
use super::lines::{Compared, compare, lines_of};
use super::member::Member;
use crate::knowledge::Snapshot;
use crate::staff::{Draft, FileChange};

/// Renders what both changed, and the choice.
pub(super) async fn conflict(
    member: &Member,
    draft: &Draft,
    outdated: &[&FileChange],
    folder: &Snapshot,
) -> Markup {
    let is_own = draft.member == member.name;
    let others = outdated.iter().map(|file| FileChange {
        path: file.path.clone(),
        before: file.before.clone(),
        after: folder.text(&file.path).map(str::to_owned),
    });
    let others = compare(others.collect()).await;
    let drafted = compare(draft.files().cloned().collect()).await;
    html! {
        section {
            p.error role="alert" { (member.say(
                "下書きを始めたあとに、同じファイルがほかで変わりました。そのままでは公開できません。",
                "The same file has changed since the draft was begun. It cannot be published as it is.",
            )) }
            @if is_own {
                @if member.parameter("conflict").is_some() {
                    p.error role="alert" { (member.say(
                        "同じ行が変わっているため、重ねられませんでした。下の二つの違いを見くらべて控え、下書きを捨ててから、新しい内容で書き直してください。",
                        "The same lines were changed, so the changes cannot be combined. Compare and note both differences below, discard the draft and make the edit again.",
                    )) }
                }
                form method="post" action=(member.path("/staff/merge")) {
                    (csrf_field(member))
                    button type="submit" { (member.say("新しい内容に、自分の変更を重ねる", "Put my changes on top of the new content")) }
                }
                p.note { (member.say(
                    "別の行なら両方が残ります。同じ行を変えていたときは、何も変えずにお知らせします。",
                    "Changes to other lines are all kept. If both changed the same line, nothing is changed and you are told.",
                )) }
            }
        }
        @for file in &drafted {
            section {
                h2 { (file.0.path) }
                @for by_others in others.iter().filter(|others| others.0.path == file.0.path) {
                    (titled(member, member.say("ほかで変わったところ", "Changed by others"), by_others))
                    @if by_others.0.after.is_none() {
                        p { (member.say("ファイルがなくなりました。", "The file was removed.")) }
                    }
                }
                (titled(member, member.say("下書きで変えたところ", "Changed in the draft"), file))
            }
        }
    }
}

/// Renders a difference below a title.
fn titled(member: &Member, title: &str, (file, lines): &Compared) -> Markup {
    let name = format!("{title} {}", file.path);
    html! {
        h3 { (title) }
        (lines_of(member, &name, lines.as_deref()))
    }
}
