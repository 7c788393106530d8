//! `GET /demo`: a preview of the widget and the HTML that embeds it.

use axum::http::HeaderMap;
use axum::response::Response;
use maud::{Markup, html};

use super::assets::DEMO;
use super::layout::{Layout, respond};
use super::view::View;
use crate::knowledge::Sentence;

/// The setting that allows pages of other sites to call the API.
const ORIGINS_SETTING: &str = "--allowed-origins";

/// Renders the widget with controls for its attributes.
pub(super) async fn demo(view: View, headers: HeaderMap) -> Response {
    let title = view.text(Sentence::DemoTitle);
    let introduction = view.text(Sentence::DemoIntroduction);
    let desks = view.knowledge().desks.iter();
    let desks: Vec<&str> = desks.map(|desk| desk.id.as_str()).collect();
    let origins = [("setting", ORIGINS_SETTING)];
    let main = html! {
        h1 { (title) }
        p { (introduction) }
        fieldset #attributes {
            legend { (view.text(Sentence::DemoAttributes)) }
            (choice(&view, "desk", &desks))
            (choice(&view, "language", &["ja", "en"]))
            (choice(&view, "theme", &["light", "dark", "auto"]))
            (choice(&view, "placement", &["launcher", "inline"]))
            (choice(&view, "position", &["right", "left"]))
            (text(&view, "label", Sentence::AskButton))
            (text(&view, "greeting", Sentence::Greeting))
            (text(&view, "featured", Sentence::DemoDefault))
        }
        h2 { (view.text(Sentence::DemoSnippet)) }
        pre { code #snippet { (snippet(&view.visit.origin)) } }
        p { button #copy type="button" data-done=(view.text(Sentence::DraftCopied)) { (view.text(Sentence::DemoCopy)) } }
        p { (view.text_with(Sentence::DemoOrigins, &origins)) }
        madoguchi-widget #demo {}
    };
    let page = Layout {
        title: Some(&title),
        description: &introduction,
        path: "/demo",
        hides_launcher: true,
        script: Some(DEMO.path.clone()),
        main,
        ..Layout::default()
    };
    respond(&headers, &view, &page)
}

fn choice(view: &View, name: &str, values: &[&str]) -> Markup {
    html! {
        label {
            code { (name) }
            select name=(name) {
                option value="" { (view.text(Sentence::DemoDefault)) }
                @for value in values { option value=(value) { (value) } }
            }
        }
    }
}

/// Renders the field of an attribute with any text; a sentence is its placeholder.
fn text(view: &View, name: &str, default: Sentence) -> Markup {
    html! {
        label {
            code { (name) }
            input name=(name) type="text" placeholder=(view.text(default)) autocomplete="off";
        }
    }
}

fn snippet(origin: &str) -> String {
    format!(
        "<script type=\"module\" src=\"{origin}/widget.js\"></script>\n<madoguchi-widget></madoguchi-widget>"
    )
}
