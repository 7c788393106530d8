//! `/staff/brand`: the form of the brand: name, logo, colours, notice, links.

use axum::response::Response;
use maud::{Markup, html};

use super::editing::{Opened, opened, outdated, save as save_form};
use super::failure::Failure;
use super::form::{Field, MAX_TEXT_CHARS, Mistakes, Reader, both_fields, save_button};
use super::labels::Form::Brand as Labels;
use super::layout::{csrf_field, page};
use super::member::{Fields, Member, Posted};
use crate::knowledge::Localized;
use crate::knowledge::brand::{MAX_SVG_BYTES, Rgb};
use crate::staff::{BRAND_FILE, WrittenBrand, WrittenLink};

/// Shows the form, as the draft of the member has it.
pub(super) async fn show(member: Member) -> Result<Response, Failure> {
    let (knowledge, files) = opened(&member).await?;
    let mut brand = WrittenBrand::from(&knowledge.brand);
    brand.links.push(empty_link());
    let opened = Opened::file(&files, BRAND_FILE);
    let mistakes = Mistakes::default();
    Ok(form(&member, &brand, opened.state(), &mistakes))
}

/// Puts the form into the draft, or shows it with one more link.
pub(super) async fn save(Posted { member, fields }: Posted) -> Result<Response, Failure> {
    let (_, files) = opened(&member).await?;
    let (mut brand, mistakes) = read(&member, &fields);
    let opened = Opened::file(&files, BRAND_FILE);
    let state = fields.text("opened");
    if fields.text("then") == "link" {
        brand.links.push(empty_link());
        return Ok(form(&member, &brand, state, &Mistakes::default()));
    }
    if state != opened.state() {
        return Ok(form(&member, &brand, state, &outdated(&member)));
    }
    if !mistakes.is_empty() {
        return Ok(form(&member, &brand, state, &mistakes));
    }
    let mut written = brand.clone();
    let is_empty = |link: &WrittenLink| link.url.is_empty() && link.label.ja.is_empty();
    written.links.retain(|link| !is_empty(link));
    let saved = save_form(&member, "brand", opened, move |bench| {
        bench.change_brand(&written)
    });
    match saved.await? {
        Ok(done) => Ok(done),
        Err(mistakes) => Ok(form(&member, &brand, state, &mistakes)),
    }
}

fn empty_link() -> WrittenLink {
    WrittenLink {
        of: String::new(),
        label: Localized {
            ja: String::new(),
            en: String::new(),
        },
        url: String::new(),
    }
}

fn read(member: &Member, fields: &Fields) -> (WrittenBrand, Mistakes) {
    let label = |key| Labels.label(key, member.language);
    let mut reader = Reader::new(member, fields);
    let organisation = reader.both("organisation", label("organisation"), false);
    let logo = read_logo(member, &mut reader, label("logo"));
    let [accent, accent_dark] = ["accent", "accent_dark"].map(|key| {
        let color = reader.line(key, label(key));
        if !color.is_empty() && Rgb::parse(&color).is_none() {
            let expected = member.say(
                "#003366 のように、# と英数字六つで書いてください。",
                "Expected # and six hexadecimal digits, such as #003366.",
            );
            reader.mistakes.add(key, label(key), expected);
        }
        color
    });
    let notice = reader.both("notice", label("notice"), false);
    let privacy = address(member, &mut reader, "privacy", label("privacy"));
    let olds = fields.all("link").enumerate();
    let links = olds.map(|(index, of)| {
        let name = |part: &str| format!("l{index}-{part}");
        let number = format!("{} {}", label("link"), index + 1);
        let url_label = format!("{number} {}", label("url"));
        let heading = format!("{number} {}", label("label"));
        let text = reader.both(&name("label"), &heading, false);
        let url = address(member, &mut reader, &name("url"), &url_label);
        if !text.ja.is_empty() {
            reader.require(&name("url"), &url_label, &url);
        }
        if !url.is_empty() && text.ja.is_empty() && text.en.is_empty() {
            let required = member.say("書いてください。", "Required.");
            reader.mistakes.add(&name("label-ja"), &heading, required);
        }
        WrittenLink {
            of: of.to_owned(),
            label: text,
            url,
        }
    });
    let links = links.collect();
    let brand = WrittenBrand {
        organisation,
        logo,
        accent,
        accent_dark,
        notice,
        privacy,
        links,
    };
    (brand, reader.mistakes)
}

/// Reads the logo, with the limit of the loader: an SVG can be longer than other texts.
fn read_logo(member: &Member, reader: &mut Reader<'_>, label: &str) -> String {
    let logo = reader.unlimited("logo");
    if logo.starts_with("<svg") {
        if logo.len() > MAX_SVG_BYTES {
            let text = member.say(
                "SVG は{most} KB までにしてください（今は{size} KB）。",
                "The SVG has {size} KB; at most {most} KB are allowed.",
            );
            let text = text.replace("{most}", &(MAX_SVG_BYTES / 1024).to_string());
            let text = text.replace("{size}", &logo.len().div_ceil(1024).to_string());
            reader.mistakes.add("logo", label, &text);
        }
        return logo;
    }
    reader.limit("logo", label, &logo, MAX_TEXT_CHARS);
    if !logo.is_empty() && !logo.starts_with("https://") {
        let expected = member.say(
            "https:// から始まる画像のアドレスを書いてください。",
            "Expected the address of an image, starting with https://.",
        );
        reader.mistakes.add("logo", label, expected);
    }
    logo
}

/// Reads the address of a page.
fn address(member: &Member, reader: &mut Reader<'_>, name: &str, label: &str) -> String {
    let url = reader.line(name, label);
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    if !url.is_empty() && (!is_web || url.contains(' ')) {
        let expected = member.say(
            "https:// から書いてください。",
            "Enter the full address, starting with https://.",
        );
        reader.mistakes.add(name, label, expected);
    }
    url
}

fn form(member: &Member, brand: &WrittenBrand, state: &str, mistakes: &Mistakes) -> Response {
    let title = member.say("見た目", "Look");
    let line = |key, value: &str| Field::line(key, Labels.label(key, member.language), value);
    let render = |field: Field| field.render(member, mistakes);
    let label = |key| Labels.label(key, member.language);
    let as_is = |field: Field| field;
    let main = html! {
        h1 { (title) }
        p { (member.say(
            "ヘルプセンターとウィジェットの見た目です。どれも空のままで使えます。ヘルプセンターの題は「会員に見せる文」で直します。",
            "The look of the help centre and the widget. Every field may be left empty. The title of the help centre is under “Messages”.",
        )) }
        (mistakes.summary(member))
        form.fields method="post" action=(member.path("/staff/brand")) {
            (csrf_field(member))
            // Enter in a field would press the first button, which only adds a link.
            button type="submit" name="then" value="save" hidden {}
            input type="hidden" name="opened" value=(state);
            (both_fields(member, mistakes, "organisation", label("organisation"), &brand.organisation, as_is))
            (render(line("logo", &brand.logo).rows(2).english().note(member.say(
                "画像のアドレス（https://…）。SVG の文字列も使えます。",
                "The address of an image (https://…), or the text of an SVG.",
            ))))
            (render(line("accent", &brand.accent).english().note(member.say(
                "#003366 のように書きます。読みにくい色は、明るさを自動で直します。両方空なら標準の色です。片方だけなら、両方に使います。",
                "Written as #003366. A colour that is hard to read is made darker or lighter. If both colours are empty, the standard ones are used; if only one is given, it is used for both.",
            ))))
            (render(line("accent_dark", &brand.accent_dark).english().note(member.say(
                "両方空なら標準の色です。片方だけなら、両方に使います。",
                "If both colours are empty, the standard ones are used; if only one is given, it is used for both.",
            ))))
            (both_fields(member, mistakes, "notice", label("notice"), &brand.notice, as_is))
            (render(line("privacy", &brand.privacy).english()))
            @for (index, link) in brand.links.iter().enumerate() {
                (link_fields(member, index, link, mistakes))
            }
            button.second type="submit" name="then" value="link" formnovalidate {
                (member.say("リンクの欄をもう一つ出す", "Show fields for one more link"))
            }
            (save_button(member))
        }
    };
    page(member, title, main)
}

fn link_fields(member: &Member, index: usize, link: &WrittenLink, mistakes: &Mistakes) -> Markup {
    let label = |key| Labels.label(key, member.language);
    let name = |part: &str| format!("l{index}-{part}");
    let url = Field::line(&name("url"), label("url"), &link.url);
    html! {
        fieldset.group {
            legend { (label("link")) " " (index + 1) }
            input type="hidden" name="link" value=(link.of);
            (both_fields(member, mistakes, &name("label"), label("label"), &link.label, |field| field))
            (url.english().note(member.say("文字もアドレスも空にすると、消えます。", "Without text and address, the link is removed.")).render(member, mistakes))
        }
    }
}
