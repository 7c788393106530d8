//! The look of an organisation, `brand.toml`, in pages and in the widget.

use std::fs;

use reqwest::blocking::Response;
use serde_json::json;

use crate::discord::text;
use crate::support::discord::FakeDiscord;
use crate::support::discord::bot::TestBot as Discord;
use crate::support::discord::member::Member;
use crate::support::knowledge::{assistant, base};
use crate::support::process::{Serving, client};
use crate::support::telegram::bot::{FAST, TestBot as Telegram};

const BRAND: &str = r##"[brand]
organisation = { ja = "あおば市", en = "Aoba City" }
accent = "#003366"
accent_dark = "#ffd400"
logo = """
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8H0z"/></svg>
"""
notice = { ja = "個人情報は入力しないでください。", en = "Please do not enter personal information." }
privacy = "https://www.aoba.example/privacy"

[[brand.link]]
label = { ja = "市のホームページ", en = "The city's web site" }
url = "https://www.aoba.example/"
"##;

fn get(serving: &Serving, path: &str) -> Response {
    let url = format!("http://{}{path}", serving.address());
    let request = client().get(url).header("accept", "text/html");
    request.send().unwrap()
}

#[test]
fn pages_and_the_widget_have_the_look_of_the_organisation() {
    let folder = base();
    fs::write(folder.path().join("brand.toml"), BRAND).unwrap();
    let mut serving = Serving::start(folder.path(), &[]);
    let page = get(&serving, "/").text().unwrap();
    for part in [
        "<title>あおば市 よくあるご質問</title>",
        "<link rel=\"stylesheet\" href=\"/brand.css\">",
        "<link rel=\"icon\" type=\"image/svg+xml\" href=\"/brand.svg\">",
        "<img src=\"/brand.svg\" alt=\"\">",
        "<a href=\"https://www.aoba.example/\">市のホームページ</a>",
        "<a href=\"https://www.aoba.example/privacy\">個人情報の取り扱い</a>",
        "個人情報は入力しないでください。",
    ] {
        assert!(page.contains(part), "`{part}` is missing: {page}");
    }
    let english = get(&serving, "/contact?lang=en").text().unwrap();
    for part in [
        "<title>Contact us | Aoba City – Frequently asked questions</title>",
        "<span class=\"organisation\">Aoba City</span> <span>Frequently asked questions</span>",
    ] {
        assert!(english.contains(part), "`{part}` is missing: {english}");
    }
    // Every page with a form has the line about personal data and the privacy policy beside it.
    for path in [
        "/",
        "/desks/library",
        "/desks/library/利用者カード",
        "/entries/library-card",
        "/search?q=カード",
        "/search",
        "/gone",
    ] {
        let page = get(&serving, path).text().unwrap();
        let form = page.split("</form>").nth(1).expect(path);
        let notice = "<p class=\"notice\">個人情報は入力しないでください。 \
                      <a href=\"https://www.aoba.example/privacy\">個人情報の取り扱い</a></p>";
        assert!(form.starts_with(notice), "{path}: {page}");
    }
    let style = get(&serving, "/brand.css");
    assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");
    let style = style.text().unwrap();
    // The dark blue is readable on white; the yellow on black.
    assert!(
        style.contains("--accent:#003366;--on-accent:#ffffff"),
        "{style}"
    );
    assert!(
        style.contains("--accent:#ffd400;--on-accent:#000000"),
        "{style}"
    );
    let logo = get(&serving, "/brand.svg");
    assert_eq!(logo.headers()["content-type"], "image/svg+xml");
    let policy = logo.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("sandbox"), "{policy}");
    let widget = get(&serving, "/widget.js").text().unwrap();
    for part in [
        "\"accent\":{\"dark\":\"#ffd400\",\"light\":\"#003366\"}",
        "\"notice\":{\"en\":\"Please do not enter personal information.\"",
        "\"privacy\":\"https://www.aoba.example/privacy\"",
    ] {
        assert!(widget.contains(part), "`{part}` is missing");
    }
    // A logo of another host is the only thing that pages load from there.
    let logo = BRAND.split("logo = ").nth(1).unwrap();
    let logo = logo.split("notice").next().unwrap();
    let other = BRAND.replace(logo, "\"https://img.aoba.example/logo.png\"\n");
    fs::write(folder.path().join("brand.toml"), other).unwrap();
    serving.wait_for("knowledge reloaded");
    let page = get(&serving, "/");
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    let images = "img-src 'self' https://img.aoba.example;";
    assert!(policy.contains(images), "{policy}");
    assert!(!policy.contains("script-src 'self' https"), "{policy}");
    assert!(
        page.text()
            .unwrap()
            .contains("src=\"https://img.aoba.example/logo.png\"")
    );
    assert_eq!(get(&serving, "/brand.svg").status(), 404);
}

#[test]
fn without_a_brand_pages_load_nothing_of_it() {
    let folder = base();
    let serving = Serving::start(folder.path(), &[]);
    let page = get(&serving, "/").text().unwrap();
    assert!(!page.contains("brand."), "{page}");
    for path in ["/brand.css", "/brand.svg"] {
        assert_eq!(get(&serving, path).status(), 404, "{path}");
    }
}

#[tokio::test]
async fn the_bots_name_the_organisation_and_the_privacy_policy() {
    let folder = base();
    fs::write(folder.path().join("brand.toml"), BRAND).unwrap();
    let branded = assistant(folder.path());
    let telegram = Telegram::start_with(&branded, FAST).await;
    for command in ["/start", "/help"] {
        let said = telegram.ask(7, command).await;
        for part in [
            "あおば市 よくあるご質問",
            "個人情報は入力しないでください。",
            "個人情報の取り扱い: https://www.aoba.example/privacy",
        ] {
            said.assert_shows(part);
        }
    }
    telegram.send_in("en", 8, "/help");
    let english = telegram.next(8, 0).await;
    english.assert_shows("Aoba City");
    english.assert_shows("Privacy policy: https://www.aoba.example/privacy");
    let discord = Discord::start_at(
        FakeDiscord::start().await,
        &branded,
        madoguchi::channels::discord::Options::default(),
    );
    discord.ready().await;
    let member = Member::new(1).with_locale("ja");
    let help = discord
        .interact(discord.fake.command(&member, "help", &json!([])))
        .await;
    let help = text(&help.message);
    for part in ["あおば市", "https://www.aoba.example/privacy"] {
        assert!(help.contains(part), "{help}");
    }
    // Without a brand, the texts are as they were.
    let plain = Telegram::start().await;
    let said = plain.ask(7, "/help").await;
    assert!(!said.text.contains("個人情報"), "{}", said.text);
}
