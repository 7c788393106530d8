//! The help centre without JavaScript.

use madoguchi::channels::http::{Options, Rates};
use reqwest::{Method, Response};

use crate::support::app::{TestApp, encode, problem};

async fn page(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = app.request(Method::GET, path).header("accept", "text/html");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

async fn html(app: &TestApp, path: &str) -> String {
    let response = page(app, path, &[]).await;
    assert_eq!(response.status(), 200, "{path}");
    assert_eq!(
        response.headers()["content-type"],
        "text/html; charset=utf-8"
    );
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(!policy.contains("unsafe"), "{policy}");
    response.text().await.unwrap()
}

#[tokio::test]
async fn every_entry_has_a_page_and_is_listed() {
    let app = public().await;
    let home = html(&app, "/").await;
    let sitemap = app.get("/sitemap.xml").await.text().await.unwrap();
    let llms = app.get("/llms.txt").await.text().await.unwrap();
    for entry in &TestApp::knowledge().entries {
        let path = format!("/entries/{}", entry.id);
        let page = html(&app, &path).await;
        assert!(page.contains(&entry.answer.html), "{path}");
        assert!(page.contains("\"@type\":\"FAQPage\""), "{path}");
        let url = format!("https://help.example{path}");
        assert!(sitemap.contains(&format!("<loc>{url}</loc>")), "{path}");
        assert!(llms.contains(&format!("]({url}.md)")), "{path}");
        let markdown = app.get(&format!("{path}.md")).await;
        let markdown = markdown.text().await.unwrap();
        assert!(markdown.contains(&entry.answer.source), "{path}");
        let list = format!("/desks/{}/{}", entry.desk, entry.category);
        let is_listed = home.contains(&path) || html(&app, &list).await.contains(&path);
        assert!(is_listed, "{path}");
    }
}

#[tokio::test]
async fn the_search_page_answers_questions() {
    let app = TestApp::start().await;
    for (question, expected) in [
        ("有料会員をやめたい", "href=\"https://selasjapan.jp/paid\""),
        ("kaiyaku shitai", "/entries/selas-cancel-paid-membership"),
        ("担当者と話したい", "tel:+81335828333"),
        ("こんにちは", "こんにちは"),
        (
            "<img src=x onerror=alert(1)>",
            "&lt;img src=x onerror=alert(1)&gt;",
        ),
    ] {
        let page = html(&app, &format!("/search?q={}", encode(question))).await;
        assert!(page.contains(expected), "{question}: {page}");
        assert!(!page.contains("<img"), "{question}");
        assert!(page.contains("content=\"noindex\""), "{question}");
    }
}

#[tokio::test]
async fn search_results_are_paged() {
    let app = TestApp::start().await;
    let path = format!("/search?q={}", encode("どうしたらいい"));
    let first = html(&app, &path).await;
    assert!(first.contains("rel=\"next\"") && !first.contains("rel=\"prev\""));
    let second = html(&app, &format!("{path}&page=2")).await;
    assert!(second.contains("rel=\"prev\""), "{second}");
    let beyond = html(&app, &format!("{path}&page=50")).await;
    assert!(!beyond.contains("class=\"hits\""), "{beyond}");
    for page in ["0", "-1", "x", "99999999999999999999"] {
        html(&app, &format!("{path}&page={page}")).await;
    }
}

#[tokio::test]
async fn invalid_search_parameters_still_render_a_page() {
    let app = TestApp::start().await;
    let long = "長".repeat(501);
    for query in [
        "",
        "q=",
        "q=%FF",
        "lang=fr",
        "utm_source=mail&q=a&q=b",
        "desk=none&q=a",
    ] {
        html(&app, &format!("/search?{query}")).await;
    }
    let page = html(&app, &format!("/search?q={}", encode(&long))).await;
    assert!(page.contains("500文字以内"), "{page}");
}

#[tokio::test]
async fn the_interface_uses_the_language_of_the_url_or_the_browser() {
    let app = TestApp::start().await;
    let english = html(&app, "/contact?lang=en").await;
    assert!(english.contains("<html lang=\"en\">") && english.contains("Contact us"));
    assert!(english.contains("href=\"/?lang=en\""), "links keep it");
    let response = page(&app, "/contact", &[("accept-language", "en-US,en")]).await;
    let vary: Vec<_> = response.headers().get_all("vary").iter().collect();
    assert!(
        vary.iter().any(|value| *value == "accept-language"),
        "{vary:?}"
    );
    let accepted = response.text().await.unwrap();
    assert!(accepted.contains("<html lang=\"en\">"));
    assert!(
        !accepted.contains("href=\"/?lang=en\""),
        "the URL contains no language"
    );
}

#[tokio::test]
async fn an_unknown_path_is_a_page_for_browsers_and_a_problem_for_other_clients() {
    let app = TestApp::start().await;
    for path in [
        "/nothing",
        "/entries/gone",
        "/entries/%FF",
        "/entries/gone.md",
    ] {
        let response = page(&app, path, &[]).await;
        assert_eq!(response.status(), 404, "{path}");
        let text = response.text().await.unwrap();
        assert!(text.contains("ページが見つかりません"), "{path}: {text}");
    }
    for path in ["/nothing", "/entries/gone"] {
        problem(app.get(path).await, 404).await;
    }
    let refused = app.request(Method::POST, "/widget.js");
    problem(refused.send().await.unwrap(), 405).await;
    // A problem is not compressed, even if the client accepts gzip.
    let invalid = app.request(Method::GET, "/assets/%FF");
    let invalid = invalid.header("accept-encoding", "gzip");
    problem(invalid.send().await.unwrap(), 400).await;
}

/// Starts with a public address.
async fn public() -> TestApp {
    TestApp::start_with(Options {
        rates: Rates::off(),
        public_url: Some("https://help.example".to_owned()),
        ..Options::default()
    })
    .await
}

#[tokio::test]
async fn absolute_links_use_the_public_url() {
    let app = public().await;
    let home = html(&app, "/").await;
    let canonical = "<link rel=\"canonical\" href=\"https://help.example/\">";
    assert!(home.contains(canonical), "{home}");
    let robots = app.get("/robots.txt").await.text().await.unwrap();
    assert!(robots.contains("Sitemap: https://help.example/sitemap.xml"));
    // Only the demo shows the host of the request, to the one who sent it.
    let app = TestApp::start().await;
    let forged = [("x-forwarded-proto", "https"), ("host", "evil.example")];
    for path in [
        "/",
        "/contact",
        "/entries/selas-prorated-fee",
        "/robots.txt",
        "/llms.txt",
    ] {
        let text = page(&app, path, &forged).await.text().await.unwrap();
        assert!(!text.contains("evil.example"), "{path}: {text}");
    }
    assert_eq!(page(&app, "/sitemap.xml", &forged).await.status(), 404);
    let demo = page(&app, "/demo", &forged).await.text().await.unwrap();
    assert!(demo.contains("https://evil.example/widget.js"), "{demo}");
}

/// Lists the paths that a page links to or loads.
fn own_paths(page: &str) -> Vec<String> {
    let attributes = ["href=\"/", "src=\"/", "action=\"/"];
    let starts = attributes
        .iter()
        .flat_map(|attribute| page.match_indices(attribute));
    let paths = starts.map(|(start, attribute)| {
        let path = &page[start + attribute.len() - 1..];
        path[..path.find('"').unwrap()].replace("&amp;", "&")
    });
    paths.collect()
}

#[tokio::test]
async fn below_a_path_of_a_site_all_pages_link_and_load_below_it() {
    let app = TestApp::start_with(Options {
        rates: Rates::off(),
        public_url: Some("https://www.example.jp/faq".to_owned()),
        ..Options::default()
    })
    .await;
    let mut followed = 0;
    for path in [
        "/faq",
        "/faq/",
        "/faq/contact",
        "/faq/demo",
        "/faq/entries/selas-prorated-fee?lang=en",
        "/faq/search?q=会費",
        // A proxy may have removed the path.
        "/contact",
    ] {
        let page = html(&app, path).await;
        let links = own_paths(&page);
        assert!(links.len() > 5, "{path}: {page}");
        for link in links {
            assert!(
                link == "/faq" || link.starts_with("/faq/"),
                "{path}: {link}"
            );
            assert_eq!(app.get(&link).await.status(), 200, "{path}: {link}");
            followed += 1;
        }
    }
    assert!(followed > 50, "{followed}");
    let contact = html(&app, "/faq/contact/").await;
    let canonical = "<link rel=\"canonical\" href=\"https://www.example.jp/faq/contact\">";
    assert!(contact.contains(canonical), "{contact}");
    assert_eq!(app.get("/faq/readyz").await.status(), 200);
    // The page of the API stays below the path, with and without a slash.
    assert_eq!(app.get("/faq/docs/").await.status(), 200);
    let led = app.get("/faq/docs").await;
    assert_eq!(led.headers()["location"], "docs/");
    assert_eq!(app.get("/faqs/contact").await.status(), 404);
    let document: serde_json::Value = app.get("/faq/openapi.json").await.json().await.unwrap();
    assert_eq!(document["servers"][0]["url"], "/faq");
}

#[tokio::test]
async fn characters_that_change_the_direction_of_a_text_are_not_shown() {
    let app = TestApp::start().await;
    let reversed = "\u{202E}会費\u{2066}は\u{200F}いくら";
    let page = html(&app, &format!("/search?q={}", encode(reversed))).await;
    assert!(page.contains("会費はいくら"), "{page}");
    assert!(
        !page.contains(['\u{202E}', '\u{2066}', '\u{200F}']),
        "{page}"
    );
}

#[tokio::test]
async fn browsers_are_told_what_pages_may_do() {
    let app = TestApp::start_with(Options {
        rates: Rates::off(),
        hsts: 31_536_000,
        ..Options::default()
    })
    .await;
    for path in ["/", "/docs/"] {
        let response = page(&app, path, &[]).await;
        assert_eq!(response.status(), 200, "{path}");
        let headers = response.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors") && policy.contains("script-src 'self';"));
        assert!(
            headers["permissions-policy"]
                .to_str()
                .unwrap()
                .contains("camera=()")
        );
        assert_eq!(headers["strict-transport-security"], "max-age=31536000");
    }
    let plain = page(&TestApp::start().await, "/", &[]).await;
    assert!(!plain.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn the_contact_page_shows_whether_a_desk_is_open_now() {
    let app = TestApp::start().await;
    let now = html(&app, "/contact").await;
    // From Sunday to Tuesday at ten; Monday is a holiday.
    app.advance(jiff::SignedDuration::from_hours(46));
    let later = html(&app, "/contact").await;
    let is_open = |page: &str| page.contains("badge open");
    assert_ne!(is_open(&now), is_open(&later), "{now}");
}

#[tokio::test]
async fn none_of_the_suggestions_leads_to_the_desk_with_the_question_in_the_draft() {
    let app = TestApp::start().await;
    let page = app
        .get("/search?q=会員&lang=ja")
        .await
        .text()
        .await
        .unwrap();
    let link = "href=\"/search?q=%E4%BC%9A%E5%93%A1&amp;none=1&amp;lang=ja\"";
    assert!(page.contains(link), "{page}");
    assert!(page.contains("この中にはない"), "{page}");
    let page = app
        .get("/search?q=会員&none=1&lang=ja")
        .await
        .text()
        .await
        .unwrap();
    assert!(page.contains("FAQ に見つかりませんでした"), "{page}");
    let after = page.split("<textarea id=\"draft-selas-1\"").nth(1).unwrap();
    let draft = after.split("</textarea>").next().unwrap();
    assert!(draft.contains("会員"), "{draft}");
    assert!(!page.contains("この中にはない"), "{page}");
    assert!(!page.contains("class=\"hits\""), "{page}");
}

#[tokio::test]
async fn each_of_several_desks_has_a_draft_of_its_own() {
    let app = TestApp::start().await;
    let question = "zzzz";
    let page = html(&app, &format!("/search?q={question}")).await;
    let escalation = &app.ask_question(question).await["escalation"];
    assert!(escalation["desk"].is_null(), "{escalation}");
    let drafts = escalation["desk_drafts"].as_array().unwrap();
    assert!(drafts.len() > 1, "{escalation}");
    for draft in drafts {
        let id = draft["desk"].as_str().unwrap();
        let field = format!("<textarea id=\"draft-{id}-1\"");
        let written = page.split(&field).nth(1).expect(id);
        let written = written.split("</textarea>").next().unwrap();
        for desk in &TestApp::knowledge().desks {
            let is_named = written.contains(&desk.name.ja);
            assert_eq!(is_named, desk.id.as_str() == id, "{written}");
        }
        assert!(
            written.contains(draft["body"].as_str().unwrap()),
            "{written}"
        );
    }
    // The member unfolds one of them; that to the only desk is unfolded.
    assert_eq!(
        page.matches("<details class=\"draft\">").count(),
        drafts.len()
    );
    let one = html(&app, &format!("/search?q={question}&desk=selas")).await;
    assert_eq!(one.matches("<details class=\"draft\" open>").count(), 1);
}

#[tokio::test]
async fn a_list_of_suggestions_is_introduced_once() {
    let app = TestApp::start().await;
    let question = "会員";
    let message = app.ask_question(question).await["message"].clone();
    let page = html(&app, &format!("/search?q={question}")).await;
    assert!(page.contains("近いご質問 "), "{page}");
    assert_eq!(
        message,
        "近いご質問が見つかりました。どれについてお知りになりたいですか。"
    );
    assert!(!page.contains(message.as_str().unwrap()), "{page}");
    assert!(!page.contains("answer-card"), "{page}");
    // An answer has its question once, as its heading.
    let page = html(&app, "/search?q=有料会員をやめたい").await;
    let title = "有料会員の解約はどのように行えますか？";
    assert_eq!(page.matches(title).count(), 1, "{page}");
}

#[tokio::test]
async fn pages_without_a_result_offer_questions_and_desks() {
    let app = TestApp::start().await;
    for path in ["/search", "/search?q=", "/gone", "/entries/gone"] {
        let page = page(&app, path, &[]).await.text().await.unwrap();
        for part in [
            "role=\"search\"",
            "よくご覧になるご質問",
            "href=\"/entries/selas-how-to-register\"",
            "href=\"/entries/jetro-support-services\"",
            "href=\"/desks/jetro\"",
            "href=\"/contact\"",
        ] {
            assert!(page.contains(part), "{path}: `{part}` is missing: {page}");
        }
    }
    let page = html(&app, "/search?desk=selas").await;
    assert!(page.contains("href=\"/entries/selas-how-to-register\""));
    assert!(!page.contains("href=\"/entries/jetro"), "{page}");
}

#[tokio::test]
async fn dates_and_hours_have_one_form_in_each_language() {
    let app = TestApp::start().await;
    for (language, parts) in [
        (
            "ja",
            [
                "受付時間：9:00～12:00、13:00～17:00",
                "次の受付は11月24日(火) 9:00からです",
            ],
        ),
        (
            "en",
            ["Hours: 9:00–12:00", "Opens again Tue 24 Nov at 9:00."],
        ),
    ] {
        let page = html(&app, &format!("/contact?lang={language}")).await;
        for part in parts {
            assert!(page.contains(part), "`{part}` is missing: {page}");
        }
    }
    // Only on paper: the day of the print.
    let japanese = html(&app, "/contact?lang=ja").await;
    assert!(
        japanese.contains(" /contact 2026年11月22日</p>"),
        "{japanese}"
    );
    let english = html(&app, "/contact?lang=en").await;
    assert!(english.contains(" /contact 22 Nov 2026</p>"), "{english}");
}

#[tokio::test]
async fn japanese_on_english_pages_is_marked_as_japanese() {
    let app = TestApp::start().await;
    let english = html(&app, "/contact?lang=en").await;
    for part in [
        "<dd><span lang=\"ja\">〒107-6006 東京都港区赤坂 1-12-32 アーク森ビル</span></dd>",
        "<dd>Please use the menu item “<span lang=\"ja\">お問い合わせ</span>” on the SELAS site</dd>",
    ] {
        assert!(english.contains(part), "`{part}` is missing: {english}");
    }
    let japanese = html(&app, "/contact?lang=ja").await;
    assert!(!japanese.contains("<span lang=\"ja\">"), "{japanese}");
    let search = format!("/search?q={}&lang=en", encode("領収書がほしい"));
    for (path, part) in [
        (
            &*search,
            "about “<span lang=\"ja\">領収書・請求書の発行</span>”",
        ),
        (&search, "“<span lang=\"ja\">領収書がほしい</span>”</h1>"),
        (
            "/entries/selas-prorated-fee?lang=en",
            "<p class=\"source\">Source: “<span lang=\"ja\">",
        ),
    ] {
        let page = html(&app, path).await;
        assert!(page.contains(part), "`{part}` is missing: {page}");
    }
}

#[tokio::test]
async fn a_message_with_several_requests_shows_each_answer_under_its_request() {
    let app = TestApp::start().await;
    let question = "会費の支払い方法を知りたいです。あと、担当者を一人追加したい";
    let answer = app.ask_question(question).await;
    let page = app.get(&format!("/search?q={question}&lang=ja")).await;
    let page = page.text().await.unwrap();
    let mut rest = page.as_str();
    let also = answer["also"].as_array().unwrap();
    assert!(!also.is_empty());
    for one in [&answer].into_iter().chain(also) {
        for part in [
            one["asked"].as_str().unwrap(),
            one["entry"]["id"].as_str().unwrap(),
        ] {
            let at = rest.find(part);
            rest = &rest[at.unwrap_or_else(|| panic!("`{part}` is not in order in:\n{page}"))..];
        }
    }
}

#[tokio::test]
async fn a_search_shows_only_what_is_worth_showing() {
    let app = TestApp::start().await;
    for question in ["領収書がほしい", "天気", "パスワードを忘れました"] {
        let page = html(&app, &format!("/search?q={}", encode(question))).await;
        assert!(!page.contains("class=\"hits\""), "{question}: {page}");
        assert!(!page.contains("rel=\"next\""), "{question}: {page}");
        assert!(page.contains("answer-card"), "{question}");
    }
    // The draft has a button to copy it, and can be edited.
    let page = html(&app, &format!("/search?q={}", encode("領収書がほしい"))).await;
    assert!(page.contains("data-copy=\"draft-selas-1\""), "{page}");
    let script = page
        .split("src=\"/assets/page-")
        .nth(1)
        .expect("the script");
    let script = script.split('"').next().unwrap();
    assert_eq!(
        app.get(&format!("/assets/page-{script}")).await.status(),
        200
    );
}

#[tokio::test]
async fn hits_have_their_number_and_programme_and_do_not_repeat_the_answer() {
    let app = TestApp::start().await;
    let page = html(&app, &format!("/search?q={}", encode("会員"))).await;
    let hits = page.matches("<li lang=\"ja\"><h3>").count();
    assert!(hits > 1, "{page}");
    assert!(
        page.contains(&format!("近いご質問 {hits}件")),
        "{hits}: {page}"
    );
    for id in ["selas", "jetro"] {
        let desk = TestApp::knowledge().desk(id).unwrap();
        let programme = format!(">{}</span> › ", desk.programme.ja);
        assert!(page.contains(&programme), "{page}");
    }
    let page = html(&app, &format!("/search?q={}", encode("解約したい"))).await;
    let links = page
        .matches("href=\"/entries/selas-cancel-paid-membership\"")
        .count();
    assert_eq!(links, 1, "{page}");
}

#[tokio::test]
async fn a_desk_has_a_help_centre_of_its_own() {
    let app = public().await;
    let home = html(&app, "/").await;
    let sitemap = app.get("/sitemap.xml").await.text().await.unwrap();
    for desk in &TestApp::knowledge().desks {
        let path = format!("/desks/{}", desk.id);
        let mut entries = TestApp::knowledge().entries.iter();
        let has_entries = entries.any(|entry| entry.desk == desk.id);
        assert_eq!(
            home.contains(&format!("href=\"{path}\"")),
            has_entries,
            "{home}"
        );
        assert!(sitemap.contains(&format!("https://help.example{path}<")));
        let page = html(&app, &path).await;
        let field = format!(
            "<input type=\"hidden\" name=\"desk\" value=\"{}\">",
            desk.id
        );
        // A desk without entries has contact points, and nothing to search.
        assert_eq!(page.contains(&field), has_entries, "{page}");
        let widget = format!("desk=\"{}\"", desk.id);
        assert_eq!(page.contains(&widget), has_entries, "{page}");
        assert!(page.contains(&desk.contact_points[0].value.ja), "{page}");
        for entry in &TestApp::knowledge().entries {
            let is_listed = page.contains(&format!("/entries/{}\"", entry.id));
            assert_eq!(is_listed, entry.desk == desk.id, "{path}: {}", entry.id);
        }
        // A search keeps its desk.
        let found = html(
            &app,
            &format!("/search?desk={}&q={}", desk.id, encode("会員")),
        )
        .await;
        assert!(found.contains(&field), "{found}");
    }
    problem(app.get("/desks/gone").await, 404).await;
}

#[tokio::test]
async fn an_entry_has_breadcrumbs_and_a_launcher_for_its_desk() {
    let app = public().await;
    let page = html(&app, "/entries/selas-payment-method").await;
    for part in [
        "href=\"/desks/selas\"",
        "href=\"/desks/selas/",
        "aria-current=\"page\"",
        "\"@type\":\"BreadcrumbList\"",
        "\"item\":\"https://help.example/desks/selas\"",
        "<madoguchi-widget language=\"ja\" desk=\"selas\">",
    ] {
        assert!(page.contains(part), "`{part}` is missing: {page}");
    }
}
