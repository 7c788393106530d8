//! The tables of the staff desk: sessions, and the log of actions.

use jiff::Timestamp;
use sqlx::Row;
use uuid::Uuid;

use super::database::{Database, Error, on_each};

/// A session of a member of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffSession {
    /// The name of the member.
    pub member: String,
    /// The secret that each form of the session sends back.
    pub csrf: String,
    /// The time of the sign-in.
    pub started: Timestamp,
    /// The time of the last request, about.
    pub seen: Timestamp,
}

/// An action at the staff desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffAction {
    /// The time.
    pub at: Timestamp,
    /// The name of the member; empty if it is unknown.
    pub member: String,
    /// What was done, such as `sign-in`.
    pub action: String,
    /// What it was done to.
    pub detail: String,
}

impl Database {
    /// Stores a session under the digest of its token.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn add_staff_session(
        &self,
        token: &str,
        session: &StaffSession,
    ) -> Result<(), Error> {
        let statement = "INSERT INTO staff_sessions (token, member, csrf, started, seen) \
             VALUES ($1, $2, $3, $4, $5)";
        on_each!(self, pool => {
            let insert = sqlx::query(statement).bind(token).bind(&session.member);
            let insert = insert.bind(&session.csrf);
            let insert = insert.bind(session.started.as_millisecond());
            insert.bind(session.seen.as_millisecond()).execute(pool).await?;
        });
        Ok(())
    }

    /// Finds the session of the digest of a token.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn staff_session(&self, token: &str) -> Result<Option<StaffSession>, Error> {
        let statement = "SELECT member, csrf, started, seen FROM staff_sessions WHERE token = $1";
        on_each!(self, pool => {
            let row = sqlx::query(statement).bind(token).fetch_optional(pool).await?;
            let Some(row) = row else {
                return Ok(None);
            };
            Ok(Some(StaffSession {
                member: row.try_get(0)?,
                csrf: row.try_get(1)?,
                started: time(row.try_get(2)?),
                seen: time(row.try_get(3)?),
            }))
        })
    }

    /// Notes that a session is in use.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn see_staff_session(&self, token: &str, now: Timestamp) -> Result<(), Error> {
        let statement = "UPDATE staff_sessions SET seen = $2 WHERE token = $1";
        on_each!(self, pool => {
            let update = sqlx::query(statement).bind(token);
            update.bind(now.as_millisecond()).execute(pool).await?;
        });
        Ok(())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn end_staff_session(&self, token: &str) -> Result<(), Error> {
        let statement = "DELETE FROM staff_sessions WHERE token = $1";
        on_each!(self, pool => {
            sqlx::query(statement).bind(token).execute(pool).await?;
        });
        Ok(())
    }

    /// Ends the sessions that started, or were last used, before these times.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn end_old_staff_sessions(
        &self,
        started: Timestamp,
        seen: Timestamp,
    ) -> Result<(), Error> {
        let statement = "DELETE FROM staff_sessions WHERE started < $1 OR seen < $2";
        on_each!(self, pool => {
            let delete = sqlx::query(statement).bind(started.as_millisecond());
            delete.bind(seen.as_millisecond()).execute(pool).await?;
        });
        Ok(())
    }

    /// Adds an action to the log.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn log_staff_action(&self, action: &StaffAction) -> Result<(), Error> {
        let statement = "INSERT INTO staff_actions (at, nonce, member, action, detail) \
             VALUES ($1, $2, $3, $4, $5)";
        on_each!(self, pool => {
            let insert = sqlx::query(statement).bind(action.at.as_millisecond());
            let insert = insert.bind(nonce()).bind(&action.member);
            insert.bind(&action.action).bind(&action.detail).execute(pool).await?;
        });
        Ok(())
    }

    /// Returns the last actions, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn staff_actions(&self, limit: u32) -> Result<Vec<StaffAction>, Error> {
        let statement = "SELECT at, member, action, detail FROM staff_actions \
             ORDER BY at DESC, nonce LIMIT $1";
        let mut actions = Vec::new();
        on_each!(self, pool => {
            let rows = sqlx::query(statement).bind(i64::from(limit));
            for row in rows.fetch_all(pool).await? {
                actions.push(StaffAction {
                    at: time(row.try_get(0)?),
                    member: row.try_get(1)?,
                    action: row.try_get(2)?,
                    detail: row.try_get(3)?,
                });
            }
        });
        Ok(actions)
    }
}

/// Reads a stored time.
pub(super) fn time(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or_default()
}

/// Returns a random number that makes the key of a row unique.
fn nonce() -> i64 {
    let (high, _) = Uuid::new_v4().as_u64_pair();
    high.cast_signed()
}
