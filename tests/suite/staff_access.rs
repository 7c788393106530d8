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
    // A browser that has a session gets no other one, and a program that only looks fills no log.
    let signed_in = app.request(Method::GET, "/staff/sign-in");
    let signed_in = signed_in.header("cookie", &cookie);
    let again = signed_in.header("x-remote-user", "tanaka").send().await;
    let again = again.unwrap();
    assert_eq!(
        (location(&again), again.headers().get("set-cookie")),
        ("/staff", None)
    );
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(named(&app, &["tanaka"]).await.unwrap().status().as_u16());
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    let entered = named(&app, &["kato"]).await.unwrap();
    assert_eq!(entered.status(), 303, "another user is not limited");
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
