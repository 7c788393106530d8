//! Signing in, by a token or by the user that a trusted proxy names, and signing out.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use maud::{Markup, html};

use super::failure::{Failure, Kind};
use super::layout::{go_to, page};
use super::member::{Posted, is_from_own_page, read_form, user_of_proxy};
use super::session::{self, COOKIE, MAX_AGE, cookie, look_up};
use super::state::Staff;
use super::visitor::Visitor;

/// Shows the form, or signs in the user of the proxy.
pub(super) async fn form(
    State(staff): State<Arc<Staff>>,
    request: Request,
) -> Result<Response, Failure> {
    let (mut parts, _) = request.into_parts();
    let Ok(visitor) = Visitor::from_request_parts(&mut parts, &staff).await;
    match user_of_proxy(&staff, &parts) {
        Some(user) => enter(&staff, &visitor, &parts.headers, &user).await,
        None => Ok(page(&visitor, title(&visitor), main(&visitor, false))),
    }
}

/// Signs in with a token.
pub(super) async fn sign_in(
    State(staff): State<Arc<Staff>>,
    request: Request,
) -> Result<Response, Failure> {
    let (mut parts, body) = request.into_parts();
    let Ok(visitor) = Visitor::from_request_parts(&mut parts, &staff).await;
    let app = &staff.app;
    if !is_from_own_page(&parts.headers, app.public_url.as_deref()) {
        return Err(Failure::new(&visitor, Kind::OtherOrigin));
    }
    let client = app
        .trusted_proxies
        .client(&parts.extensions, &parts.headers);
    if !staff.may_try(client) {
        return Err(Failure::new(&visitor, Kind::TooManyAttempts));
    }
    let fields = read_form(Request::from_parts(parts, body)).await;
    let fields = fields.map_err(|kind| Failure::new(&visitor, kind))?;
    if let Some(user) = staff.user(fields.text("token").trim()) {
        return start(&staff, &visitor, user).await;
    }
    let logged = staff.log("", "sign-in-failed", "", visitor.now).await;
    logged.map_err(|error| Failure::new(&visitor, Kind::database(&error)))?;
    let mut response = page(&visitor, title(&visitor), main(&visitor, true));
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    Ok(response)
}

/// Ends the session.
pub(super) async fn sign_out(Posted { member, .. }: Posted) -> Result<Response, Failure> {
    let failed = |error| member.database_failed(&error);
    let database = member.staff.desk.database().await.map_err(failed)?;
    session::end(&database, &member.token)
        .await
        .map_err(failed)?;
    member.log("sign-out", "").await?;
    let mut response = go_to(&member.path("/staff/sign-in"));
    set_cookie(&mut response, &member.cookie(COOKIE, "", 0));
    Ok(response)
}

/// Signs in the user of the proxy, unless the browser has a session already: a program that only looks at the
/// page would fill the log.
async fn enter(
    staff: &Staff,
    visitor: &Visitor,
    headers: &HeaderMap,
    user: &str,
) -> Result<Response, Failure> {
    let failed = |error| Failure::new(visitor, Kind::database(&error));
    if let Some(token) = cookie(headers, COOKIE) {
        let database = staff.desk.database().await.map_err(failed)?;
        let session = look_up(&database, &token, visitor.now).await;
        let session = session.map_err(failed)?;
        if session.is_some_and(|session| session.member == user) {
            return Ok(go_to(&visitor.path("/staff")));
        }
    }
    if !staff.may_enter(user) {
        return Err(Failure::new(visitor, Kind::TooManyAttempts));
    }
    start(staff, visitor, user).await
}

async fn start(staff: &Staff, visitor: &Visitor, user: &str) -> Result<Response, Failure> {
    let failed = |error| Failure::new(visitor, Kind::database(&error));
    let database = staff.desk.database().await.map_err(failed)?;
    let started = session::start(&database, user, visitor.now).await;
    let token = started.map_err(failed)?;
    let logged = staff.log(user, "sign-in", "", visitor.now).await;
    logged.map_err(failed)?;
    let mut response = go_to(&visitor.path("/staff"));
    set_cookie(
        &mut response,
        &visitor.cookie(COOKIE, &token, MAX_AGE.as_secs()),
    );
    Ok(response)
}

fn set_cookie(response: &mut Response, cookie: &str) {
    // A cookie has ASCII only: a name, hexadecimal digits and a path.
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

fn title(visitor: &Visitor) -> &'static str {
    visitor.say("ログイン", "Sign in")
}

fn main(visitor: &Visitor, has_failed: bool) -> Markup {
    html! {
        h1 { (title(visitor)) }
        p { (visitor.say(
            "会員の質問を見て、よくある質問を直すためのページです。",
            "Here you see what members asked, and edit the answers.",
        )) }
        @if has_failed {
            p.error role="alert" { (visitor.say(
                "トークンが違います。受け取った文字をすべて貼り付けてください。",
                "The token is wrong. Paste all of its characters.",
            )) }
        }
        form.fields method="post" action=(visitor.path("/staff/sign-in")) {
            label for="token" { (visitor.say("トークン", "Token")) }
            p.note #token-note { (visitor.say(
                "技術の担当者から受け取った文字列です。",
                "The characters that you got from the operator.",
            )) }
            input #token type="password" name="token" required autocomplete="current-password"
                aria-describedby="token-note";
            button type="submit" { (title(visitor)) }
        }
    }
}
