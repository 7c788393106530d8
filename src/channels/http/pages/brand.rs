//! The colours and the logo of the organisation on pages.
//!
//! Invariant: text in the colours has a contrast of at least 4.5:1 on every ground of `style.css`.

use super::view::View;
use crate::knowledge::brand::{Brand, Logo, MIN_TEXT_CONTRAST, Rgb};

/// The grounds of text in `style.css`: the page, and raised parts.
const LIGHT_GROUNDS: [Rgb; 2] = [Rgb([0xff; 3]), Rgb([0xf5, 0xf7, 0xfa])];
const DARK_GROUNDS: [Rgb; 2] = [Rgb([0x14, 0x18, 0x1e]), Rgb([0x1d, 0x23, 0x2b])];

/// Returns the style sheet with the colours; `None` without an accent.
pub(super) fn colors(brand: &Brand) -> Option<String> {
    let (light, dark) = brand.accents()?;
    let rules = |accent: Rgb, grounds: &[Rgb]| {
        let text = accent.readable(grounds, MIN_TEXT_CONTRAST);
        let (text, on_text) = (text.css(), text.text_on().css());
        format!(":root{{--accent:{text};--on-accent:{on_text}}}")
    };
    Some(format!(
        "{}@media(prefers-color-scheme:dark){{{}}}",
        rules(light, &LIGHT_GROUNDS),
        rules(dark, &DARK_GROUNDS),
    ))
}

/// Returns the address of the logo for a page.
pub(super) fn logo_url(view: &View) -> Option<String> {
    match view.knowledge().brand.logo.as_ref()? {
        Logo::Svg(_) => Some(view.path("/brand.svg")),
        Logo::Address(url) => Some(url.clone()),
    }
}

/// Returns the origin of a logo of another host, which pages must be allowed to load.
pub(super) fn logo_origin(brand: &Brand) -> Option<&str> {
    let Some(Logo::Address(url)) = &brand.logo else {
        return None;
    };
    let scheme = url.find("://")? + 3;
    let end = url[scheme..].find(['/', '?', '#']);
    let origin = &url[..end.map_or(url.len(), |end| scheme + end)];
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    origin[scheme..].chars().all(is_host).then_some(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colors_are_readable_in_both_schemes() {
        let brand = Brand {
            accent: Rgb::parse("#ffd400"),
            accent_dark: Rgb::parse("#003366"),
            ..Brand::default()
        };
        let style = colors(&brand).expect("a style");
        let color = |part: &str| {
            let at = style.find(part).expect(part) + part.len();
            Rgb::parse(&style[at..at + 7]).expect(part)
        };
        let light = color(":root{--accent:");
        let dark = color("dark){:root{--accent:");
        for (text, ground) in [(light, LIGHT_GROUNDS[1]), (dark, DARK_GROUNDS[1])] {
            assert!(text.contrast(ground) >= MIN_TEXT_CONTRAST, "{style}");
        }
        assert_eq!(colors(&Brand::default()), None);
    }

    #[test]
    fn only_the_origin_of_a_logo_is_allowed() {
        let origin = |url: &str| {
            let brand = Brand {
                logo: Some(Logo::Address(url.to_owned())),
                ..Brand::default()
            };
            logo_origin(&brand).map(str::to_owned)
        };
        let expected = Some("https://a.example".to_owned());
        assert_eq!(origin("https://a.example/logo.png?v=1"), expected);
        assert_eq!(origin("https://a.example; script-src *"), None);
    }
}
