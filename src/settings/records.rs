//! The settings of the records: the database, and the days for which rows are kept.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::{Secret, Sources, trimmed};

/// The password of PostgreSQL, if it is not in the URL.
pub(super) const RECORDS_PASSWORD: &str = "MADOGUCHI_RECORDS_PASSWORD";

/// The value that turns the records off.
const OFF: &str = "off";

/// The text of the setting. Its `Debug` output hides it, since a URL may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordsUrl(String);

/// Where records are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Records {
    /// Nowhere.
    Off,
    /// In a file of SQLite.
    Sqlite(PathBuf),
    /// In a PostgreSQL database: its URL, and the password if it is not in the URL.
    Postgres(Secret, Option<Secret>),
}

/// A value that names no database. It is not shown, since it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "MADOGUCHI_RECORDS cannot be used, expected `off`, a file such as `sqlite://data/records.db`, or a database such as `postgres://madoguchi@localhost/madoguchi` (--records is the same setting)"
)]
pub struct InvalidRecords;

impl fmt::Debug for RecordsUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("RecordsUrl")
    }
}

impl FromStr for RecordsUrl {
    type Err = std::convert::Infallible;

    /// Accepts any text: the error of an argument would show it. [`Self::records`] checks it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.trim().to_owned()))
    }
}

impl RecordsUrl {
    /// Reads the setting.
    ///
    /// # Errors
    /// [`InvalidRecords`] if it names no database.
    pub fn records(&self, sources: &Sources) -> Result<Records, InvalidRecords> {
        let text = self.0.as_str();
        if text == OFF {
            return Ok(Records::Off);
        }
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            let is_file = !path.is_empty() && !path.contains('?') && path != ":memory:";
            return match is_file {
                true => Ok(Records::Sqlite(path.into())),
                false => Err(InvalidRecords),
            };
        }
        let rest = text.strip_prefix("postgres://");
        let rest = rest.or_else(|| text.strip_prefix("postgresql://"));
        let has_host = rest.is_some_and(|rest| !rest.is_empty());
        if !has_host {
            return Err(InvalidRecords);
        }
        let password = trimmed(sources.value(RECORDS_PASSWORD)).map(Secret);
        Ok(Records::Postgres(Secret(text.to_owned()), password))
    }
}

/// Returns whether the text of the setting holds a password.
pub(super) fn has_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or_default();
    let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
    user.contains(':') || url.contains("password=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_a_file_or_a_url() {
        let read = |text: &str| {
            let url: RecordsUrl = text.parse().expect("any text");
            url.records(&Sources::default())
        };
        assert_eq!(read("off"), Ok(Records::Off));
        for (text, path) in [
            ("sqlite://data/records.db", "data/records.db"),
            ("sqlite:///var/lib/a.db", "/var/lib/a.db"),
            ("sqlite:a.db", "a.db"),
        ] {
            assert_eq!(read(text), Ok(Records::Sqlite(path.into())), "{text}");
        }
        for text in ["postgres://localhost/a", "postgresql://u:p@db:5432/a"] {
            let secret = Secret(text.to_owned());
            assert_eq!(read(text), Ok(Records::Postgres(secret, None)));
        }
        for text in [
            "",
            "on",
            "data/records.db",
            "sqlite://",
            "sqlite::memory:",
            "mysql://a/b",
            "postgres://",
            "sqlite://a.db?mode=ro",
        ] {
            assert_eq!(read(text), Err(InvalidRecords), "{text}");
        }
    }

    #[test]
    fn a_password_in_a_url_is_seen() {
        for (url, expected) in [
            ("sqlite://data/records.db", false),
            ("off", false),
            ("postgres://localhost/a", false),
            ("postgres://user@localhost/a", false),
            ("postgres://user:secret@localhost/a", true),
            ("postgres://localhost/a?user=u&password=secret", true),
        ] {
            assert_eq!(has_password(url), expected, "{url}");
        }
    }
}
