//! The end of rows: after the time of retention, or on demand. Their counts by day stay.

use jiff::Timestamp;
use jiff::civil::Date;

use super::database::{Database, Error, Pool};

/// The columns of `daily` but the count, computed from a row of `turns`.
const GROUP: &str = "day, kind, channel, language, outcome, COALESCE(reason, '') AS reason, \
     COALESCE(entry, '') AS entry, COALESCE(desk, '') AS desk, COALESCE(is_open, -1) AS is_open, \
     COALESCE(helpful, -1) AS helpful";

/// The columns of `daily` but the count. No report reads `language` yet; it is kept because the rows
/// that it could be counted from are gone.
const KEY: &str = "day, kind, channel, language, outcome, reason, entry, desk, is_open, helpful";

/// Which rows are deleted.
#[derive(Debug, Clone, Copy)]
enum Which<'a> {
    /// Those of before a time.
    Before(i64),
    /// Those whose text, or that of a further request, contains a text.
    Containing(&'a str),
}

impl Database {
    /// Deletes the rows of before a time; returns their number.
    ///
    /// # Errors
    /// Those of the database; then nothing is deleted.
    pub async fn forget_before(&self, time: Timestamp) -> Result<u64, Error> {
        self.forget(Which::Before(time.as_millisecond())).await
    }

    /// Deletes the rows whose text, or that of a further request, contains a text; returns their number.
    /// ASCII letters match in either case; other letters may not.
    ///
    /// # Errors
    /// Those of the database; then nothing is deleted.
    pub async fn forget_text(&self, text: &str) -> Result<u64, Error> {
        self.forget(Which::Containing(text)).await
    }

    /// Deletes the salts of before a day, also from the file and the log of SQLite: they stay readable
    /// there until the log is moved into the file.
    pub(super) async fn forget_salts(&self, day: Date) -> Result<(), Error> {
        let deleted = super::database::on_each!(self, pool => {
            let delete = sqlx::query("DELETE FROM salts WHERE day < $1").bind(day.to_string());
            delete.execute(pool).await?.rows_affected()
        });
        if deleted > 0 {
            self.checkpoint().await?;
        }
        Ok(())
    }

    /// Returns the condition for the rows with a text that is like `$1`. Of the further requests only the
    /// texts are compared, not the keys of the JSON, the outcomes and the entries.
    fn is_like(&self) -> String {
        // `LIKE` ignores the case of ASCII letters in SQLite, and no case in PostgreSQL.
        let is_like = "LIKE lower($1) ESCAPE '\\'";
        let further = match &self.pool {
            Pool::Sqlite(_) => "json_each(turns.also)",
            Pool::Postgres(_) => "json_array_elements(turns.also::json) AS further (value)",
        };
        format!(
            "lower(text) {is_like} OR EXISTS \
             (SELECT 1 FROM {further} WHERE lower(value ->> 'text') {is_like})"
        )
    }

    /// Deletes rows and adds them to the counts by day, both or neither.
    async fn forget(&self, which: Which<'_>) -> Result<u64, Error> {
        let (condition, number, text) = match which {
            Which::Before(time) => ("at < $1".to_owned(), Some(time), None),
            Which::Containing(text) => (self.is_like(), None, Some(pattern(text))),
        };
        // The inner query names the columns of the groups. `WHERE true` keeps SQLite from reading
        // `ON CONFLICT` as the condition of a join.
        let add = format!(
            "INSERT INTO daily ({KEY}, count) SELECT {KEY}, COUNT(*) FROM (SELECT {GROUP} FROM {{rows}}) AS gone WHERE true \
             GROUP BY {KEY} ON CONFLICT ({KEY}) DO UPDATE SET count = daily.count + excluded.count"
        );
        macro_rules! bind {
            ($query:expr) => {{
                let query = $query;
                match (number, &text) {
                    (Some(number), _) => query.bind(number),
                    (None, text) => query.bind(text.clone()),
                }
            }};
        }
        let deleted = match &self.pool {
            Pool::Sqlite(pool) => {
                // Takes the lock of the writer at once: nothing changes between the two statements.
                let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
                let add = add.replace("{rows}", &format!("turns WHERE {condition}"));
                bind!(sqlx::query(&add)).execute(&mut *transaction).await?;
                let delete = format!("DELETE FROM turns WHERE {condition}");
                let deleted = bind!(sqlx::query(&delete))
                    .execute(&mut *transaction)
                    .await?;
                transaction.commit().await?;
                deleted.rows_affected()
            }
            Pool::Postgres(pool) => {
                // One statement: two replicas never count the same row.
                let add = add.replace("{rows}", "rows");
                let statement = format!(
                    "WITH rows AS (DELETE FROM turns WHERE {condition} RETURNING *), added AS ({add}) \
                     SELECT COUNT(*) FROM rows"
                );
                let count = match (number, &text) {
                    (Some(number), _) => sqlx::query_scalar::<_, i64>(&statement).bind(number),
                    (None, text) => sqlx::query_scalar::<_, i64>(&statement).bind(text.clone()),
                };
                u64::try_from(count.fetch_one(pool).await?).unwrap_or_default()
            }
        };
        if deleted > 0 {
            self.checkpoint().await?;
        }
        Ok(deleted)
    }
}

/// Returns the pattern of `LIKE` for texts that contain a text.
fn pattern(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('%', "\\%")
        .replace('_', "\\_");
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::records::{Location, database::on_each};

    #[tokio::test]
    async fn a_deleted_salt_is_in_no_file_while_the_database_is_open() {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::Sqlite(folder.path().join("records.db"));
        let database = Database::open(&location).await.expect("a database");
        let salt = "0123456789abcdef";
        on_each!(database, pool => {
            let insert = sqlx::query("INSERT INTO salts VALUES ('2026-01-01', $1)").bind(salt);
            insert.execute(pool).await.expect("a salt");
        });
        let is_in_files = || {
            let files = std::fs::read_dir(folder.path())
                .expect("a folder")
                .flatten();
            let mut contents = files.map(|file| std::fs::read(file.path()).expect("a file"));
            contents.any(|bytes| {
                bytes
                    .windows(salt.len())
                    .any(|part| part == salt.as_bytes())
            })
        };
        // In the file, too, not only in its log.
        database.checkpoint().await.expect("a checkpoint");
        assert!(is_in_files());
        let forgotten = database.forget_salts(date(2026, 1, 1)).await;
        forgotten.expect("no failure");
        assert!(is_in_files(), "the salt of the day itself");
        let forgotten = database.forget_salts(date(2026, 1, 2)).await;
        forgotten.expect("no failure");
        assert!(!is_in_files());
        database.close().await;
    }
}
