//! Draws messages as a web page of a phone's width, so that a person can look at them.
//!
//! It follows LINE's layout of Flex messages as far as the bot uses it.

use std::fmt::Write;

use serde_json::Value;

use super::Sent;

const STYLE: &str = "
body { margin: 0; background: #8cabd9; font: 16px/1.45 'Noto Sans CJK JP', sans-serif; }
main { width: 375px; box-sizing: border-box; padding: 10px; display: flex; flex-direction: column; gap: 10px; }
.member { align-self: flex-end; background: #8de055; border-radius: 16px; padding: 8px 12px; max-width: 70%; }
.text, .bubble { background: #fff; border-radius: 16px; white-space: pre-wrap; overflow-wrap: anywhere; }
.text { padding: 8px 12px; max-width: 80%; align-self: flex-start; }
.bubble { padding: 20px; }
.carousel { display: flex; gap: 8px; overflow: auto; } .carousel .bubble { min-width: 300px; }
.box { display: flex; min-width: 0; } .vertical { flex-direction: column; }
.box > * { min-width: 0; }
.quick { display: flex; gap: 6px; overflow: hidden; } .quick span { background: #fff; border-radius: 16px; padding: 4px 12px; font-size: 14px; white-space: nowrap; }
hr { border: 0; border-top: 1px solid #d4d6da; width: 100%; margin: 0; }
";

/// Draws a conversation: what the member wrote, and what was sent.
pub(crate) fn page(turns: &[(String, Sent)]) -> String {
    let mut html = format!("<!doctype html><meta charset=utf-8><style>{STYLE}</style><main>");
    for (asked, sent) in turns {
        let _ = write!(html, "<div class=member>{}</div>", escape(asked));
        for message in &sent.messages {
            if message["type"] == "text" {
                let text = message["text"].as_str().unwrap_or_default();
                let _ = write!(html, "<div class=text>{}</div>", escape(text));
            } else {
                container(&message["contents"], &mut html);
            }
        }
        let labels = sent.quick_replies();
        if !labels.is_empty() {
            html.push_str("<div class=quick>");
            for label in labels {
                let _ = write!(html, "<span>{}</span>", escape(&label));
            }
            html.push_str("</div>");
        }
    }
    html + "</main>"
}

fn container(contents: &Value, html: &mut String) {
    if contents["type"] == "carousel" {
        html.push_str("<div class=carousel>");
        for bubble in contents["contents"].as_array().into_iter().flatten() {
            container(bubble, html);
        }
        html.push_str("</div>");
        return;
    }
    html.push_str("<div class=bubble>");
    component(&contents["body"], None, html);
    html.push_str("</div>");
}

fn component(part: &Value, gap: Option<&str>, html: &mut String) {
    let mut style = String::new();
    let mut add = |name: &str, value: &str| {
        let _ = write!(style, "{name}:{value};");
    };
    if let Some(flex) = part["flex"].as_u64() {
        add(
            "flex",
            &if flex == 0 {
                "none".to_owned()
            } else {
                format!("{flex} {flex} 0")
            },
        );
    }
    if let Some(margin) = part["margin"].as_str().or(gap) {
        add("margin-block-start", pixels(margin));
    }
    for (key, name) in [
        ("color", "color"),
        ("backgroundColor", "background"),
        ("cornerRadius", "border-radius"),
        ("paddingAll", "padding"),
        ("weight", "font-weight"),
        ("decoration", "text-decoration"),
    ] {
        if let Some(value) = part[key].as_str() {
            add(name, value);
        }
    }
    match part["type"].as_str() {
        Some("separator") => {
            let _ = write!(html, "<hr style='{style}'>");
        }
        Some("text" | "span") => {
            if let Some(size) = part["size"].as_str() {
                let size = match size {
                    "xs" => "13px",
                    "sm" => "14px",
                    "lg" => "19px",
                    _ => "16px",
                };
                add("font-size", size);
            }
            let tag = if part["type"] == "span" {
                "span"
            } else {
                "div"
            };
            let _ = write!(html, "<{tag} style='{style}'>");
            html.push_str(&escape(part["text"].as_str().unwrap_or_default()));
            for span in part["contents"].as_array().into_iter().flatten() {
                component(span, None, html);
            }
            let _ = write!(html, "</{tag}>");
        }
        _ => {
            let layout = part["layout"].as_str().unwrap_or_default();
            let is_row = layout != "vertical";
            let spacing = part["spacing"].as_str();
            if let Some(spacing) = spacing.filter(|_| is_row) {
                add("gap", pixels(spacing));
            }
            let _ = write!(html, "<div class='box {layout}' style='{style}'>");
            for (index, child) in part["contents"]
                .as_array()
                .into_iter()
                .flatten()
                .enumerate()
            {
                component(child, spacing.filter(|_| !is_row && index > 0), html);
            }
            html.push_str("</div>");
        }
    }
}

/// Converts a keyword of LINE for a distance.
fn pixels(keyword: &str) -> &str {
    match keyword {
        "xs" => "2px",
        "sm" => "4px",
        "md" => "8px",
        "lg" => "12px",
        other => other,
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
