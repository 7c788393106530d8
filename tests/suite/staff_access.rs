//! The staff desk: who is let in, and what is refused.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use madoguchi::channels::http::{Options, Rates, StaffOptions};
use madoguchi::records::{Location, OnDemand, StaffAction};
use reqwest::{Method, Response, StatusCode};

use crate::support::app::TestApp;
use crate::support::staff::{Browser, TOKEN, options, start};

/// Returns the last actions, the newest first.
async fn actions(location: Location) -> Vec<StaffAction> {
    let database = OnDemand::new(location)
        .database()
        .await
        .expect("a database");
    database.staff_actions(100).await.expect("actions")
}

fn location(response: &Response) -> &str {
    let location = response.headers().get("location");
    location.map_or("", |location| location.to_str().expect("text"))
}

#[tokio::test]
async fn without_a_token_there_is_no_staff_desk() {
    let app = TestApp::start().await;
    for path in ["/staff", "/staff/sign-in", "/staff/activity"] {
        assert_eq!(
            app.get(path).await.status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_session_begins_with_the_token_and_ends_with_signing_out() {
    let (app, folder) = start().await;
    let mut browser = Browser::new(&app);
    let refused = browser.get("/staff").await;
    assert_eq!(refused.status(), StatusCode::SEE_OTHER);
    assert_eq!(location(&refused), "/staff/sign-in");
    let wrong = browser.post("/staff/sign-in", &[("token", "wrong")]).await;
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    let entered = browser.post("/staff/sign-in", &[("token", TOKEN)]).await;
    assert_eq!(location(&entered), "/staff");
    let cookie = entered.headers()["set-cookie"].to_str().unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/staff", "Max-Age="] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(
        !cookie.contains("Secure"),
        "the page came by http: {cookie}"
    );
    let page = browser.get("/staff/activity").await;
    assert_eq!(page.status(), StatusCode::OK);
    let headers = page.headers();
    assert_eq!(headers["cache-control"], "no-store");
    assert_eq!(headers["referrer-policy"], "same-origin");
    assert_eq!(headers["x-frame-options"], "DENY");
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"));
    assert!(!page.text().await.unwrap().contains(TOKEN));
    let csrf = browser.csrf().await;
    let left = browser.post("/staff/sign-out", &[("csrf", &csrf)]).await;
    assert_eq!(location(&left), "/staff/sign-in");
    // The cookie of before is worth nothing, also if it is kept.
    assert_eq!(browser.get("/staff").await.status(), StatusCode::SEE_OTHER);
    let names: Vec<_> = actions(folder.location()).await;
    let names: Vec<_> = names
        .iter()
        .map(|action| (action.member.as_str(), action.action.as_str()))
        .collect();
    let expected = [
        ("sato", "sign-out"),
        ("sato", "sign-in"),
        ("", "sign-in-failed"),
    ];
    let names: BTreeMap<_, _> = names.into_iter().map(|(who, what)| (what, who)).collect();
    let expected = expected.into_iter().map(|(who, what)| (what, who));
    assert_eq!(names, expected.collect());
}

#[tokio::test]
async fn a_session_expires() {
    let (app, _folder) = start().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    for hours in [3, 3, 3] {
        app.advance(SignedDuration::from_hours(hours));
        assert_eq!(browser.get("/staff/activity").await.status(), 200);
    }
    app.advance(SignedDuration::from_hours(4));
    let late = browser.get("/staff/activity").await;
    assert_eq!(late.status(), 303, "after twelve hours");
    browser.sign_in(TOKEN).await;
    app.advance(SignedDuration::from_hours(5));
    let idle = browser.get("/staff/activity").await;
    assert_eq!(idle.status(), 303, "after four hours without a request");
}

/// One attempt of the table: what is sent instead of the right thing, and the expected status.
struct Attempt {
    name: &'static str,
    origin: Option<&'static str>,
    fetch_site: Option<&'static str>,
    csrf: Option<&'static str>,
    cookie: Option<&'static str>,
    content_type: &'static str,
    bytes: usize,
    expected: u16,
}

const RIGHT: Attempt = Attempt {
    name: "the right form",
    origin: Some("own"),
    fetch_site: Some("same-origin"),
    csrf: Some("own"),
    cookie: Some("own"),
    content_type: "application/x-www-form-urlencoded",
    bytes: 0,
    expected: 303,
};

#[tokio::test]
async fn forged_forms_are_refused() {
    let (app, _folder) = start().await;
    let attempt = |name, change: fn(&mut Attempt)| {
        let mut attempt = Attempt {
            name,
            expected: 403,
            ..RIGHT
        };
        change(&mut attempt);
        attempt
    };
    let table = [
        attempt("no session", |it| (it.cookie, it.expected) = (None, 303)),
        attempt("an invented session", |it| {
            (it.cookie, it.expected) = (Some("madoguchi_staff=0123"), 303)
        }),
        attempt("an empty session", |it| {
            (it.cookie, it.expected) = (Some("madoguchi_staff="), 303)
        }),
        attempt("SQL as session", |it| {
            (it.cookie, it.expected) = (Some("madoguchi_staff=' OR 1=1 --"), 303)
        }),
        attempt("the cookie of another name", |it| {
            (it.cookie, it.expected) = (Some("madoguchi_staff_lang=ja"), 303)
        }),
        attempt("no CSRF token", |it| it.csrf = None),
        attempt("an empty CSRF token", |it| it.csrf = Some("")),
        attempt("a wrong CSRF token", |it| {
            it.csrf = Some("0123456789abcdef")
        }),
        attempt("no origin", |it| it.origin = None),
        attempt("another origin", |it| {
            it.origin = Some("https://evil.example")
        }),
        attempt("no origin of its own", |it| it.origin = Some("null")),
        attempt("another port", |it| it.origin = Some("http://127.0.0.1:1")),
        attempt("another site, says the browser", |it| {
            it.fetch_site = Some("cross-site")
        }),
        attempt("the same site, says the browser", |it| {
            it.fetch_site = Some("same-site")
        }),
        attempt("no page, says the browser", |it| {
            it.fetch_site = Some("none")
        }),
        attempt("JSON", |it| {
            (it.content_type, it.expected) = ("application/json", 400)
        }),
        attempt("plain text", |it| {
            (it.content_type, it.expected) = ("text/plain", 400)
        }),
        attempt("a form with files", |it| {
            (it.content_type, it.expected) = ("multipart/form-data; boundary=a", 400)
        }),
        attempt("an oversize form", |it| {
            (it.bytes, it.expected) = (300 * 1024, 413)
        }),
    ];
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let csrf = browser.csrf().await;
    let own = format!("http://{}", app.address);
    // The right form is last, since it ends the session.
    for attempt in table.iter().chain([&RIGHT]) {
        let mut request = app.request(Method::POST, "/staff/sign-out");
        request = match attempt.cookie {
            Some("own") => request.header("cookie", browser.cookie()),
            Some(other) => request.header("cookie", other),
            None => request,
        };
        request = match attempt.origin {
            Some("own") => request.header("origin", &own),
            Some(other) => request.header("origin", other),
            None => request,
        };
        if let Some(site) = attempt.fetch_site {
            request = request.header("sec-fetch-site", site);
        }
        let csrf = match attempt.csrf {
            Some("own") => format!("csrf={csrf}"),
            Some(other) => format!("csrf={other}"),
            None => String::new(),
        };
        let body = format!("{csrf}&filler={}", "a".repeat(attempt.bytes));
        let request = request.header("content-type", attempt.content_type);
        let response = request.body(body).send().await.expect("a response");
        let name = attempt.name;
        assert_eq!(response.status().as_u16(), attempt.expected, "{name}");
    }
}

#[tokio::test]
async fn other_methods_and_tricks_with_paths_reach_nothing() {
    let (app, _folder) = start().await;
    for (method, path) in [
        (Method::GET, "/staff/sign-out"),
        (Method::PUT, "/staff/activity"),
        (Method::DELETE, "/staff/activity"),
        (Method::POST, "/staff/activity"),
        (Method::GET, "/staff/../staff/activity"),
        (Method::GET, "/staff/%2e%2e/activity"),
        (Method::GET, "/staff/activity/../../etc/passwd"),
        (Method::GET, "/staff//activity"),
        (Method::GET, "/staff/activity%00"),
        (Method::GET, "/staff/.git/config"),
        (Method::GET, "/STAFF/activity"),
        (Method::GET, "/staff;/activity"),
    ] {
        let response = app.request(method.clone(), path).send().await;
        let response = response.expect("a response");
        let status = response.status().as_u16();
        let is_refused = matches!(status, 303 | 400 | 404 | 405);
        assert!(is_refused, "{method} {path}: {status}");
        let text = response.text().await.expect("a body");
        assert!(!text.contains("sign-in-failed"), "{method} {path}");
    }
}

#[tokio::test]
async fn signing_in_is_limited_and_needs_our_own_page() {
    let (app, _folder) = start().await;
    let mut browser = Browser::new(&app);
    let statuses = async |browser: &mut Browser<'_>| {
        let sent = browser.post("/staff/sign-in", &[("token", "guess-of-a-token")]);
        sent.await.status().as_u16()
    };
    let mut seen = Vec::new();
    for _ in 0..8 {
        seen.push(statuses(&mut browser).await);
    }
    assert_eq!(seen[..5], [401; 5], "{seen:?}");
    assert!(seen[5..].contains(&429), "{seen:?}");
    // The right token is refused, too, until the budget has recovered.
    let right = browser.post("/staff/sign-in", &[("token", TOKEN)]).await;
    assert_eq!(right.status(), StatusCode::TOO_MANY_REQUESTS);
    let foreign = app.request(Method::POST, "/staff/sign-in");
    let foreign = foreign.header("origin", "https://evil.example");
    let foreign = foreign.header("content-type", "application/x-www-form-urlencoded");
    let foreign = foreign.body(format!("token={TOKEN}")).send().await;
    assert_eq!(foreign.expect("a response").status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_trusted_proxy_names_the_user_and_nobody_else_does() {
    let folder = crate::support::staff::Folder::new();
    let staff = StaffOptions {
        user_header: Some("x-remote-user".to_owned()),
        ..options(&folder)
    };
    let trusting = Options {
        rates: Rates::off(),
        staff: Some(staff.clone()),
        ..Options::default()
    };
    let app = TestApp::start_with(trusting).await;
    let named = |app: &TestApp, users: &[&'static str]| {
        let mut request = app.request(Method::GET, "/staff/sign-in");
        for user in users {
            request = request.header("x-remote-user", *user);
        }
        request.send()
    };
    let entered = named(&app, &["tanaka"]).await.unwrap();
    assert_eq!(entered.status(), 303);
    let cookie = entered.headers()["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let visit = async |user: &'static str| {
        let request = app.request(Method::GET, "/staff/activity");
        let request = request
            .header("cookie", &cookie)
            .header("x-remote-user", user);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(visit("tanaka").await, 200);
    // The proxy has signed in someone else in the same browser.
    assert_eq!(visit("suzuki").await, 303);
    for users in [&[][..], &[""], &["tanaka", "suzuki"]] {
        let response = named(&app, users).await.unwrap();
        assert_eq!(response.status(), 200, "asks for a token: {users:?}");
    }
    // From a peer that is no proxy, the header means nothing.
    let untrusting = Options {
        rates: Rates::off(),
        staff: Some(staff),
        trusted_proxies: std::iter::empty().collect(),
        ..Options::default()
    };
    let app = TestApp::start_with(untrusting).await;
    assert_eq!(named(&app, &["tanaka"]).await.unwrap().status(), 200);
}

#[tokio::test]
async fn behind_https_the_cookie_is_sent_over_https_only() {
    let folder = crate::support::staff::Folder::new();
    let app = TestApp::start_with(Options {
        rates: Rates::off(),
        public_url: Some("https://faq.example/help".to_owned()),
        staff: Some(options(&folder)),
        ..Options::default()
    })
    .await;
    let request = app.request(Method::POST, "/staff/sign-in");
    let request = request.header("origin", "https://faq.example");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    let entered = request.body(format!("token={TOKEN}")).send().await.unwrap();
    assert_eq!(location(&entered), "/help/staff");
    let cookie = entered.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.contains("; Secure"), "{cookie}");
    assert!(cookie.contains("Path=/help/staff;"), "{cookie}");
}

#[tokio::test]
async fn both_languages_are_served_and_kept() {
    let (app, _folder) = start().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let english = browser
        .get("/staff/activity?lang=en")
        .await
        .text()
        .await
        .unwrap();
    assert!(english.contains("<html lang=\"en\">") && english.contains("Sign out"));
    let kept = browser.get("/staff/activity").await.text().await.unwrap();
    assert!(kept.contains("<html lang=\"en\">"), "the cookie keeps it");
    let japanese = browser.get("/staff/activity?lang=ja").await;
    assert!(japanese.text().await.unwrap().contains("ログアウト"));
}
