//! The tables of drafts and published changes of the staff desk. Files are text here; `staff` gives them
//! their meaning.

use jiff::Timestamp;
use sqlx::Row;

use super::database::{Database, Error, on_each};
use super::staff::time;

/// The draft of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDraft {
    /// The name of the member.
    pub member: String,
    /// The time of the last change.
    pub changed: Timestamp,
    /// The files, as JSON.
    pub files: String,
    /// The member who approved it.
    pub approved_by: Option<String>,
}

/// A published change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredChange {
    /// Its number, from 1; 0 before it is stored.
    pub id: i64,
    /// The time.
    pub at: Timestamp,
    /// The member who published it.
    pub member: String,
    /// The member who approved it.
    pub approved_by: Option<String>,
    /// The reason that the member gave.
    pub reason: String,
    /// The files before and after, as JSON.
    pub files: String,
    /// The number of the change that it undoes.
    pub undoes: Option<i64>,
}

impl Database {
    /// Stores the draft of a member in place of an earlier one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn keep_draft(&self, draft: &StoredDraft) -> Result<(), Error> {
        let statement = "INSERT INTO staff_drafts (member, changed, files, approved_by) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (member) DO UPDATE SET \
             changed = excluded.changed, files = excluded.files, approved_by = excluded.approved_by";
        on_each!(self, pool => {
            let insert = sqlx::query(statement).bind(&draft.member);
            let insert = insert.bind(draft.changed.as_millisecond());
            let insert = insert.bind(&draft.files).bind(&draft.approved_by);
            insert.execute(pool).await?;
        });
        Ok(())
    }

    /// Deletes the draft of a member.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn drop_draft(&self, member: &str) -> Result<(), Error> {
        let statement = "DELETE FROM staff_drafts WHERE member = $1";
        on_each!(self, pool => {
            sqlx::query(statement).bind(member).execute(pool).await?;
        });
        Ok(())
    }

    /// Returns all drafts, the last changed first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn drafts(&self) -> Result<Vec<StoredDraft>, Error> {
        let statement = "SELECT member, changed, files, approved_by FROM staff_drafts \
             ORDER BY changed DESC";
        let mut drafts = Vec::new();
        on_each!(self, pool => {
            for row in sqlx::query(statement).fetch_all(pool).await? {
                drafts.push(StoredDraft {
                    member: row.try_get(0)?,
                    changed: time(row.try_get(1)?),
                    files: row.try_get(2)?,
                    approved_by: row.try_get(3)?,
                });
            }
        });
        Ok(drafts)
    }

    /// Stores a published change; returns its number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn add_change(&self, change: &StoredChange) -> Result<i64, Error> {
        let statement = "INSERT INTO staff_changes (at, member, approved_by, reason, files, undoes) \
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
        let id = on_each!(self, pool => {
            let insert = sqlx::query_scalar::<_, i64>(statement);
            let insert = insert.bind(change.at.as_millisecond()).bind(&change.member);
            let insert = insert.bind(&change.approved_by).bind(&change.reason);
            let insert = insert.bind(&change.files).bind(change.undoes);
            insert.fetch_one(pool).await?
        });
        Ok(id)
    }

    /// Deletes a change whose files could not be written.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn drop_change(&self, id: i64) -> Result<(), Error> {
        let statement = "DELETE FROM staff_changes WHERE id = $1";
        on_each!(self, pool => {
            sqlx::query(statement).bind(id).execute(pool).await?;
        });
        Ok(())
    }

    /// Returns the last changes without their files, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn changes(&self, limit: u32) -> Result<Vec<StoredChange>, Error> {
        let statement = "SELECT id, at, member, approved_by, reason, undoes \
             FROM staff_changes ORDER BY id DESC LIMIT $1";
        let mut changes = Vec::new();
        on_each!(self, pool => {
            let rows = sqlx::query(statement).bind(i64::from(limit));
            for row in rows.fetch_all(pool).await? {
                changes.push(StoredChange {
                    id: row.try_get(0)?,
                    at: time(row.try_get(1)?),
                    member: row.try_get(2)?,
                    approved_by: row.try_get(3)?,
                    reason: row.try_get(4)?,
                    files: "[]".to_owned(),
                    undoes: row.try_get(5)?,
                });
            }
        });
        Ok(changes)
    }

    /// Finds a change by its number.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn change(&self, id: i64) -> Result<Option<StoredChange>, Error> {
        let statement = "SELECT id, at, member, approved_by, reason, files, undoes \
             FROM staff_changes WHERE id = $1";
        on_each!(self, pool => {
            let row = sqlx::query(statement).bind(id).fetch_optional(pool).await?;
            let Some(row) = row else {
                return Ok(None);
            };
            Ok(Some(StoredChange {
                id: row.try_get(0)?,
                at: time(row.try_get(1)?),
                member: row.try_get(2)?,
                approved_by: row.try_get(3)?,
                reason: row.try_get(4)?,
                files: row.try_get(5)?,
                undoes: row.try_get(6)?,
            }))
        })
    }
}
