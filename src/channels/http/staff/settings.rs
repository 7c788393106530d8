//! `GET /staff/settings`: leads to the forms that concern all entries and desks.

use axum::response::Response;
use maud::html;

use super::failure::Failure;
use super::layout::page;
use super::member::Member;

/// The pages: path, names and descriptions, Japanese and English.
const PAGES: [(&str, [&str; 2], [&str; 2]); 3] = [
    (
        "/staff/messages",
        ["会員に見せる文", "Messages"],
        [
            "答えのほかに会員が読む文を、組織のことばに直します。",
            "What members read besides the answers.",
        ],
    ),
    (
        "/staff/lexicon",
        ["ことばの辞書", "Lexicon"],
        [
            "会員のことばと文書のことばをつなぎます。",
            "Connects the words of members with those of the documents.",
        ],
    ),
    (
        "/staff/brand",
        ["見た目", "Look"],
        [
            "組織の名前、ロゴ、色、下に並べるリンク。",
            "Name, logo, colours, links of the footer.",
        ],
    ),
];

/// Lists the forms.
pub(super) async fn settings(member: Member) -> Result<Response, Failure> {
    let title = member.say("ことばと見た目", "Wording and look");
    let main = html! {
        h1 { (title) }
        @for (path, [ja, en], [about_ja, about_en]) in PAGES {
            section.card {
                h2 { a href=(member.path(path)) { (member.say(ja, en)) } }
                p { (member.say(about_ja, about_en)) }
            }
        }
    };
    Ok(page(&member, title, main))
}
