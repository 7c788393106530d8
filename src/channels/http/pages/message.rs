//! The message of an answer as HTML: its lines, with the addresses of help lines as links.

use maud::{Markup, html};

use super::japanese::with_japanese;
use crate::knowledge::Language;

/// Renders a message. A line 「・name address」 gets a link, as in the widget.
pub(super) fn message_html(language: Language, message: &str) -> Markup {
    html! {
        @for (index, line) in message.lines().enumerate() {
            @if index > 0 { br; }
            @match help_line(line) {
                Some((name, address, url)) => { (name) " " a href=(url) { (address) } }
                None => (with_japanese(language, line))
            }
        }
    }
}

/// Splits a line that names a help line: the name, the address and the target of its link.
fn help_line(line: &str) -> Option<(&str, &str, String)> {
    let (name, address) = line.rsplit_once(' ')?;
    let is_number = address
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'-');
    let url = match address {
        _ if !line.starts_with('・') || address.is_empty() => return None,
        web if web.starts_with("https://") => web.to_owned(),
        number if is_number => format!("tel:{number}"),
        _ => return None,
    };
    Some((name, address, url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_help_lines_are_links_and_other_text_is_escaped() {
        let message = "<b>\n\n・A (24) 0120-000-000\n・B https://b.example/\n電話 110\n・C 1つ";
        assert_eq!(
            message_html(Language::Japanese, message).into_string(),
            "&lt;b&gt;<br><br>・A (24) <a href=\"tel:0120-000-000\">0120-000-000</a>\
             <br>・B <a href=\"https://b.example/\">https://b.example/</a><br>電話 110<br>・C 1つ"
        );
    }
}
