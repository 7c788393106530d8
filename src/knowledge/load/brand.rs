//! Reads `brand.toml`.

use super::toml_reader::{Located, TableReader};
use crate::knowledge::KnowledgeBase;
use crate::knowledge::brand::{Brand, FooterLink, Logo, MAX_SVG_BYTES, Rgb};
use crate::knowledge::language::{Localized, localized};

/// Reads the look of the organisation.
pub(super) fn read_brand(root: &mut TableReader<'_>, knowledge: &mut KnowledgeBase) {
    let expected = localized!(ja: "名前や色の一覧", en: "the names and colours");
    let Some(mut table) = root.table("brand", &expected, "[brand]") else {
        return;
    };
    let organisation = table.optional_localized("organisation");
    let logo = table
        .optional_text("logo")
        .and_then(|logo| read_logo(&table, logo));
    let accent = read_color(&mut table, "accent");
    let accent_dark = read_color(&mut table, "accent_dark");
    let notice = table.optional_localized("notice");
    let privacy = table.optional_text("privacy");
    let privacy = privacy.and_then(|url| read_address(&table, "privacy", url));
    let links = table.tables("link").into_iter().filter_map(|mut link| {
        let label = link.localized("label");
        let url = link.text("url");
        let url = url.and_then(|url| read_address(&link, "url", url));
        link.finish();
        Some(FooterLink {
            label: label?,
            url: url?,
        })
    });
    knowledge.brand = Brand {
        organisation,
        logo,
        accent,
        accent_dark,
        notice,
        privacy,
        links: links.collect(),
    };
    table.finish();
}

fn read_color(table: &mut TableReader<'_>, key: &'static str) -> Option<Rgb> {
    let Located { text, location, .. } = table.optional_text(key)?;
    let color = Rgb::parse(&text);
    if color.is_none() {
        table.report(
            location,
            localized!(
                ja: "`{key}` の `{text}` は色ではありません",
                en: "`{key}` is `{text}`, expected a colour",
            ),
            localized!(
                ja: "`{key} = \"#003366\"` のように、# に続けて 16 進数 6 桁で書いてください。読みにくい色は、明るさを自動で直します",
                en: "write six hexadecimal digits after #, such as `{key} = \"#003366\"`; a colour that is hard to read is made darker or lighter",
            ),
        );
    }
    color
}

fn read_logo(table: &TableReader<'_>, logo: Located) -> Option<Logo> {
    let Located { text, location, .. } = logo;
    let text = text.trim();
    let is_svg = text.starts_with("<svg") && text.len() <= MAX_SVG_BYTES;
    match text.starts_with("https://") {
        _ if is_svg => Some(Logo::Svg(text.to_owned())),
        true => Some(Logo::Address(text.to_owned())),
        false => {
            let (mistake, hint) = describe_logo();
            table.report(location, mistake, hint);
            None
        }
    }
}

fn describe_logo() -> (Localized, Localized) {
    (
        localized!(
            ja: "`logo` は画像のアドレスでも SVG でもありません",
            en: "`logo` is neither the address of an image nor an SVG",
        ),
        localized!(
            ja: "https:// で始まるアドレスか、`<svg` で始まる 64 KB までの SVG を書いてください",
            en: "write an address from https:// on, or an SVG of at most 64 KB that begins with `<svg`",
        ),
    )
}

fn read_address(table: &TableReader<'_>, key: &str, url: Located) -> Option<String> {
    let Located { text, location, .. } = url;
    let is_web = text.starts_with("https://") || text.starts_with("http://");
    if is_web && !text.contains(char::is_whitespace) {
        return Some(text);
    }
    table.report(
        location,
        localized!(
            ja: "`{key}` の `{text}` はウェブのアドレスではありません",
            en: "`{key}` is `{text}`, expected a web address",
        ),
        localized!(
            ja: "https:// から書いてください",
            en: "write it from https:// on",
        ),
    );
    None
}
