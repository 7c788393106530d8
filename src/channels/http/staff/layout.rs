//! The layout of every page of the staff desk.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{DOCTYPE, Markup, html};

use super::visitor::{LANGUAGE_COOKIE, Visitor};
use crate::channels::http::pages::assets::{ICON, STAFF_SCRIPT, STAFF_STYLE, STYLE};
use crate::knowledge::Language;

/// Seconds for which the language is kept: a year.
const LANGUAGE_SECONDS: i64 = 31_536_000;

/// The pages of the navigation: path, Japanese and English name.
const PAGES: [(&str, &str, &str); 12] = [
    ("/staff", "きょう", "Today"),
    ("/staff/entries", "項目", "Entries"),
    ("/staff/topics", "案内", "Referrals"),
    ("/staff/desks", "窓口", "Desks"),
    ("/staff/closed", "休みの日", "Closed days"),
    ("/staff/settings", "ことばと見た目", "Wording and look"),
    ("/staff/draft", "下書き", "Draft"),
    ("/staff/history", "履歴", "History"),
    ("/staff/report", "集計", "Report"),
    ("/staff/import", "取り込み", "Import"),
    ("/staff/export", "書き出し", "Export"),
    ("/staff/activity", "操作の記録", "Activity"),
];

/// Responds with a page.
pub(super) fn page(visitor: &Visitor, title: &str, main: Markup) -> Response {
    let html = render(visitor, title, &main).into_string();
    let content_type = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    let mut response = (content_type, html).into_response();
    if visitor.is_language_given {
        let cookie = visitor.cookie(LANGUAGE_COOKIE, visitor.language.tag(), LANGUAGE_SECONDS);
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// Leads to another page after a form.
pub(super) fn go_to(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// Renders the field that shows that a form belongs to the session.
pub(super) fn csrf_field(visitor: &Visitor) -> Markup {
    html! {
        @if let Some((_, csrf)) = &visitor.signed_in {
            input type="hidden" name="csrf" value=(csrf);
        }
    }
}

fn render(visitor: &Visitor, title: &str, main: &Markup) -> Markup {
    let desk = visitor.say("窓口デスク", "Staff desk");
    html! {
        (DOCTYPE)
        html lang=(visitor.language.tag()) {
            head {
                meta charset="utf-8";
                title { (title) " | " (desk) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                link rel="icon" type="image/svg+xml" href=(visitor.path(&ICON.path));
                link rel="stylesheet" href=(visitor.path(&STYLE.path));
                link rel="stylesheet" href=(visitor.path(&STAFF_STYLE.path));
                @if visitor.knowledge().brand.accents().is_some() {
                    link rel="stylesheet" href=(visitor.path("/brand.css"));
                }
                script type="module" src=(visitor.path(&STAFF_SCRIPT.path)) {}
            }
            body.staff {
                a.skip href="#content" { (visitor.say("本文へ", "Skip to content")) }
                (site_header(visitor, desk))
                main #content tabindex="-1" { (main) }
                footer {
                    ul {
                        li { a href=(visitor.path("/")) { (visitor.say("ヘルプセンターを見る", "Help centre")) } }
                    }
                }
            }
        }
    }
}

fn site_header(visitor: &Visitor, desk: &str) -> Markup {
    let (other, name) = match visitor.language {
        Language::Japanese => (Language::English, "English"),
        Language::English => (Language::Japanese, "日本語"),
    };
    html! {
        header {
            nav aria-label=(visitor.say("メニュー", "Menu")) {
                a.site href=(visitor.path("/staff")) { (desk) }
                ul {
                    @if visitor.signed_in.is_some() {
                        @for (path, ja, en) in PAGES {
                            @let current = (visitor.page == path).then_some("page");
                            li { a href=(visitor.path(path)) aria-current=[current] { (visitor.say(ja, en)) } }
                        }
                    }
                    li {
                        a href=(visitor.in_language(other)) lang=(other.tag()) hreflang=(other.tag()) { (name) }
                    }
                    @if let Some((member, _)) = &visitor.signed_in {
                        li {
                            form.sign-out method="post" action=(visitor.path("/staff/sign-out")) {
                                (csrf_field(visitor))
                                button.plain type="submit" {
                                    (visitor.say("ログアウト", "Sign out")) " (" (member) ")"
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
