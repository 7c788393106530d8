//! Why a draft was not published or approved: a name in the address, and its text on the page of the draft.

use maud::{Markup, html};

use super::member::Member;
use crate::staff::{Refusal, WriteError};

/// Returns the name of a refusal that the page of the draft explains; `None` for a fault.
pub(super) fn name(refusal: &Refusal) -> Option<&'static str> {
    match refusal {
        Refusal::Unchecked => Some("unchecked"),
        Refusal::Nothing => Some("nothing"),
        Refusal::WithoutReason => Some("reason"),
        Refusal::Unapproved => Some("unapproved"),
        Refusal::OwnDraft => Some("own"),
        Refusal::Write(WriteError::Outdated(_)) => Some("outdated"),
        // Only undoing is refused for it.
        Refusal::Unfit => None,
        Refusal::Write(_) | Refusal::Database(_) | Refusal::Git(_) | Refusal::Damaged => None,
    }
}

/// Renders the refusal that the address names.
pub(super) fn refusal(member: &Member) -> Markup {
    let text = member.parameter("refused").and_then(|name| match name {
        "unchecked" => Some(member.say(
            "まだ何も公開・承認していません。内容が変わったか、確認してから時間がたったため、もう一度確認しました。下の内容を見て、もう一度押してください。",
            "Nothing was published or approved: the draft or the folder has changed since the check, or the check is no longer kept. It was checked again; look at it below and try again.",
        )),
        "nothing" => Some(member.say(
            "公開・承認するものがありません。ほかの画面で、公開したか捨てたあとかもしれません。",
            "There is nothing to publish or approve. It may have been published or discarded in another window.",
        )),
        "reason" => Some(member.say(
            "まだ公開していません。理由を書いてください。",
            "Not published: a reason is missing.",
        )),
        "unapproved" => Some(member.say(
            "まだ公開していません。先に、ほかの人の承認が必要です。",
            "Not published: someone else must approve it first.",
        )),
        "own" => Some(member.say(
            "自分の下書きは承認できません。ほかの人に頼んでください。",
            "You cannot approve your own draft. Ask a colleague.",
        )),
        "outdated" => Some(member.say(
            "公開・承認していません。同じファイルがほかで変わりました。",
            "Nothing was published or approved: the same file has changed meanwhile.",
        )),
        _ => None,
    });
    html! { @if let Some(text) = text { p.error role="alert" { (text) } } }
}
