//! Sessions: a random token in a cookie, its digest in the database.
//!
//! A small part of what `tower-sessions` does, which would add a dozen crates and stores its own tables.
//! Invariant: the token is nowhere but in the cookie, so who reads the database cannot use it.

use axum::http::{HeaderMap, header};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::records::{Database, Error, StaffSession};

/// The cookie with the token.
pub(super) const COOKIE: &str = "madoguchi_staff";

/// Time after which a session ends.
pub(super) const MAX_AGE: SignedDuration = SignedDuration::from_hours(12);

/// Time without a request after which a session ends.
const MAX_IDLE: SignedDuration = SignedDuration::from_hours(4);

/// Time after which the use of a session is noted again.
const SEEN_INTERVAL: SignedDuration = SignedDuration::from_mins(5);

/// Returns the value of a cookie.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let values = headers.get_all(header::COOKIE).into_iter();
    let values = values.filter_map(|value| value.to_str().ok());
    let mut pairs = values.flat_map(|value| value.split(';'));
    pairs.find_map(|pair| {
        let (known, value) = pair.trim().split_once('=')?;
        (known == name).then(|| value.to_owned())
    })
}

/// Starts a session; returns its token.
pub(super) async fn start(
    database: &Database,
    member: &str,
    now: Timestamp,
) -> Result<String, Error> {
    database
        .end_old_staff_sessions(before(now, MAX_AGE), before(now, MAX_IDLE))
        .await?;
    let token = secret();
    let session = StaffSession {
        member: member.to_owned(),
        csrf: secret(),
        started: now,
        seen: now,
    };
    database
        .add_staff_session(&digest(&token), &session)
        .await?;
    Ok(token)
}

/// Finds the session of a token that has not expired, and notes that it is in use.
pub(super) async fn find(
    database: &Database,
    token: &str,
    now: Timestamp,
) -> Result<Option<StaffSession>, Error> {
    let session = look_up(database, token, now).await?;
    if let Some(session) = &session
        && session.seen < before(now, SEEN_INTERVAL)
    {
        database.see_staff_session(&digest(token), now).await?;
    }
    Ok(session)
}

/// Finds the session of a token that has not expired.
pub(super) async fn look_up(
    database: &Database,
    token: &str,
    now: Timestamp,
) -> Result<Option<StaffSession>, Error> {
    let session = database.staff_session(&digest(token)).await?;
    Ok(session.filter(|session| is_alive(session, now)))
}

/// Ends the session of a token.
pub(super) async fn end(database: &Database, token: &str) -> Result<(), Error> {
    database.end_staff_session(&digest(token)).await
}

fn is_alive(session: &StaffSession, now: Timestamp) -> bool {
    session.started > before(now, MAX_AGE) && session.seen > before(now, MAX_IDLE)
}

fn before(now: Timestamp, duration: SignedDuration) -> Timestamp {
    now.checked_sub(duration).unwrap_or(Timestamp::MIN)
}

fn digest(token: &str) -> String {
    hex::encode(Sha256::digest(token))
}

/// Returns 244 random bits in hexadecimal digits.
fn secret() -> String {
    let random = [Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes);
    hex::encode(random.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        let first = "a=1; madoguchi_staff_lang=en".parse().expect("a header");
        headers.append(header::COOKIE, first);
        let second = "madoguchi_staff=t=1;b=2".parse().expect("a header");
        headers.append(header::COOKIE, second);
        assert_eq!(cookie(&headers, COOKIE).as_deref(), Some("t=1"));
        assert_eq!(cookie(&headers, "b").as_deref(), Some("2"));
        assert_eq!(cookie(&headers, "madoguchi"), None);
    }

    #[test]
    fn a_session_ends_after_idleness_and_after_a_day_of_work() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().expect("a time");
        let hours = |hours| now - SignedDuration::from_hours(hours);
        for (started, seen, expected) in
            [(0, 0, true), (11, 3, true), (11, 5, false), (13, 0, false)]
        {
            let session = StaffSession {
                member: "sato".to_owned(),
                csrf: String::new(),
                started: hours(started),
                seen: hours(seen),
            };
            assert_eq!(is_alive(&session, now), expected, "{started} {seen}");
        }
    }
}
