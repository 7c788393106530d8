//! The database of the records: SQLite in a file, or PostgreSQL.
//!
//! Both have the same tables, and most statements are the same text. Rows go in as one JSON array, so a
//! batch of any size is one statement that the database knows already.

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, PgPool, SqlitePool};

/// Time limit for a connection, and for the lock of another process on the SQLite file.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Time limit of PostgreSQL for the lock of a table or a row. Shorter than the limits of the writer, so
/// that the log names the lock.
const LOCK_TIMEOUT: Duration = Duration::from_secs(3);

/// Time limit of PostgreSQL for a statement of the service, also after the service stopped waiting.
/// Commands have none: a report reads as many rows as there are.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(60);

/// The columns of `turns`, in the order of [`super::Turn::row`], with their types in PostgreSQL.
const COLUMNS: [(&str, &str); 20] = [
    ("at", "bigint"),
    ("nonce", "bigint"),
    ("day", "text"),
    ("kind", "text"),
    ("channel", "text"),
    ("language", "text"),
    ("asked_desk", "text"),
    ("conversation", "text"),
    ("text", "text"),
    ("outcome", "text"),
    ("reason", "text"),
    ("entry", "text"),
    ("referral", "text"),
    ("desk", "text"),
    ("is_open", "bigint"),
    ("confidence", "double precision"),
    ("suggestions", "text"),
    ("helpful", "bigint"),
    ("also", "text"),
    ("knowledge", "text"),
];

/// Where the records are stored.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A file of SQLite; its folder is created.
    Sqlite(PathBuf),
    /// The URL of a PostgreSQL database, and the password if it is not in the URL.
    Postgres(String, Option<String>),
}

/// Why a database cannot be used. No variant contains a password.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder of the SQLite file cannot be created.
    #[error("cannot create the folder `{folder}`: {1}", folder = .0.display())]
    Folder(PathBuf, std::io::Error),
    /// The tables cannot be created.
    #[error("cannot prepare the tables of the records: {0}")]
    Tables(#[from] sqlx::migrate::MigrateError),
    /// The database refused a statement, or cannot be reached.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// The database did not finish within a time limit.
    #[error("the database did not finish within {limit} s", limit = .0.as_secs())]
    Timeout(Duration),
    /// A row has a text that cannot be read or written; it is left as it is.
    #[error("{0}")]
    Damaged(String),
}

/// An open database.
#[derive(Debug, Clone)]
pub struct Database {
    pub(super) pool: Pool,
    /// The file of SQLite, and its identity when it was opened.
    file: Option<(PathBuf, Option<FileIdentity>)>,
}

/// The connections of either database.
#[derive(Debug, Clone)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Device and number of a file.
type FileIdentity = (u64, u64);

/// Runs the same statements on either database; `$pool` names its connections.
macro_rules! on_each {
    ($database:expr, $pool:ident => $body:expr) => {
        match &$database.pool {
            $crate::records::database::Pool::Sqlite($pool) => $body,
            $crate::records::database::Pool::Postgres($pool) => $body,
        }
    };
}

pub(super) use on_each;

impl Database {
    /// Opens a database, and creates it and its tables if they are missing.
    ///
    /// # Errors
    /// [`Error`] if it cannot be reached.
    pub async fn open(location: &Location) -> Result<Self, Error> {
        match location {
            Location::Sqlite(path) => {
                if let Some(folder) = path
                    .parent()
                    .filter(|folder| !folder.as_os_str().is_empty())
                {
                    fs::create_dir_all(folder)
                        .map_err(|error| Error::Folder(folder.to_owned(), error))?;
                }
                Self::open_sqlite(path, true).await
            }
            Location::Postgres(url, password) => {
                Self::open_postgres(url, password.as_deref(), STATEMENT_TIMEOUT).await
            }
        }
    }

    /// Opens an existing database for a command; `None` if there is no file yet.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub async fn open_existing(location: &Location) -> Result<Option<Self>, Error> {
        match location {
            Location::Sqlite(path) if !path.exists() => Ok(None),
            Location::Sqlite(path) => Self::open_sqlite(path, false).await.map(Some),
            Location::Postgres(url, password) => {
                // 0 is no limit.
                let opened = Self::open_postgres(url, password.as_deref(), Duration::ZERO).await;
                opened.map(Some)
            }
        }
    }

    async fn open_postgres(
        url: &str,
        password: Option<&str>,
        statement_timeout: Duration,
    ) -> Result<Self, Error> {
        let timeouts = [
            ("lock_timeout", LOCK_TIMEOUT),
            ("statement_timeout", statement_timeout),
        ];
        let mut options = PgConnectOptions::from_str(url)?
            .disable_statement_logging()
            .application_name("madoguchi")
            // A number without a unit is in milliseconds.
            .options(timeouts.map(|(name, timeout)| (name, timeout.as_millis())));
        if let Some(password) = password {
            options = options.password(password);
        }
        let pool = PgPoolOptions::new()
            .max_connections(2)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
            .await?;
        // After a return to this version, the tables of a newer one stay unused.
        sqlx::migrate!("src/records/migrations/postgres")
            .set_ignore_missing(true)
            .run(&pool)
            .await?;
        Ok(Self {
            pool: Pool::Postgres(pool),
            file: None,
        })
    }

    async fn open_sqlite(path: &Path, create: bool) -> Result<Self, Error> {
        if create {
            create_private(path);
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(create)
            // Commands read while the service writes.
            .journal_mode(SqliteJournalMode::Wal)
            // A record that was counted as written survives a power failure.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(ACQUIRE_TIMEOUT)
            // Deleted words must not stay in free pages of the file.
            .pragma("secure_delete", "ON")
            .disable_statement_logging();
        // SQLite has one writer.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
            .await?;
        // After a return to this version, the tables of a newer one stay unused.
        sqlx::migrate!("src/records/migrations/sqlite")
            .set_ignore_missing(true)
            .run(&pool)
            .await?;
        Ok(Self {
            pool: Pool::Sqlite(pool),
            file: Some((path.to_owned(), identity(path))),
        })
    }

    /// Returns whether the file is still the one that was opened. SQLite would go on writing to a file
    /// that was deleted or replaced, and the rows would be lost.
    pub(super) fn is_in_place(&self) -> bool {
        let Some((path, opened)) = &self.file else {
            return true;
        };
        path.exists() && identity(path) == *opened
    }

    /// Stores rows; rows that are stored already are skipped.
    pub(super) async fn insert(&self, rows: Vec<Value>) -> Result<(), Error> {
        let json = Value::from(rows).to_string();
        let statement = match &self.pool {
            Pool::Sqlite(_) => INSERT_SQLITE.as_str(),
            Pool::Postgres(_) => INSERT_POSTGRES.as_str(),
        };
        on_each!(self, pool => {
            sqlx::query(statement).bind(json).execute(pool).await?;
        });
        Ok(())
    }

    /// Moves rows from the write-ahead log into the file and empties the log, so that deleted words are
    /// in neither.
    pub(super) async fn checkpoint(&self) -> Result<(), Error> {
        if let Pool::Sqlite(pool) = &self.pool {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                .execute(pool)
                .await?;
        }
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        on_each!(self, pool => pool.close().await);
    }
}

/// Creates a missing file that only its owner can read, whatever the umask; SQLite gives the files
/// beside it the same permissions. A failure is reported when SQLite opens the file.
fn create_private(path: &Path) {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    drop(options.open(path));
}

/// Returns the names of the columns, separated by commas.
fn column_names() -> String {
    COLUMNS.map(|(name, _)| name).join(", ")
}

static INSERT_SQLITE: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    let values: Vec<String> = (0..COLUMNS.len())
        .map(|index| format!("value ->> {index}"))
        .collect();
    format!(
        "INSERT INTO turns ({}) SELECT {} FROM json_each($1) WHERE true ON CONFLICT DO NOTHING",
        column_names(),
        values.join(", ")
    )
});

static INSERT_POSTGRES: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    let values = COLUMNS.iter().enumerate();
    let values = values.map(|(index, (_, kind))| format!("(v ->> {index})::{kind}"));
    let values: Vec<String> = values.collect();
    format!(
        "INSERT INTO turns ({}) SELECT {} FROM json_array_elements($1::json) AS rows (v) ON CONFLICT DO NOTHING",
        column_names(),
        values.join(", ")
    )
});

#[cfg(unix)]
fn identity(path: &Path) -> Option<FileIdentity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> Option<FileIdentity> {
    fs::metadata(path).ok().map(|_| (0, 0))
}
