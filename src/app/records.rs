//! The records: settings -> the database, and the writer of the running service.

use crate::records::{Database, Location, Options, Recorder, Writer};
use crate::settings::{Records, Settings};

/// Returns where the records are; `None` if they are off.
///
/// # Errors
/// A setting that names no database.
pub(crate) fn location(settings: &Settings) -> anyhow::Result<Option<Location>> {
    Ok(match settings.records.records(&settings.sources)? {
        Records::Off => None,
        Records::Sqlite(path) => Some(Location::Sqlite(path)),
        Records::Postgres(url, password) => {
            let password = password.map(|password| password.expose().to_owned());
            Some(Location::Postgres(url.expose().to_owned(), password))
        }
    })
}

/// Starts the writer on the current runtime, unless records are off. A database that cannot be used is
/// logged by the writer and stops nothing.
///
/// # Errors
/// Those of [`location`].
pub(super) fn start(settings: &Settings) -> anyhow::Result<(Recorder, Option<Writer>)> {
    let Some(location) = location(settings)? else {
        tracing::info!("records off");
        return Ok((Recorder::off(), None));
    };
    let (recorder, writer) = Writer::start(Options {
        location,
        retention_days: settings.records_days,
    });
    tracing::info!(days = settings.records_days, "records on");
    Ok((recorder, Some(writer)))
}

/// Opens the database for a command; `None` if there are no records yet.
///
/// # Errors
/// Records that are off, or a database that cannot be opened.
pub(crate) async fn open(settings: &Settings) -> anyhow::Result<Option<Database>> {
    use anyhow::Context;
    let location = location(settings)?;
    let location = location.context(
        "records are off (MADOGUCHI_RECORDS), expected a database, for example `--records sqlite://data/records.db`",
    )?;
    let database = Database::open_existing(&location).await;
    database.context("cannot open the database of the records (MADOGUCHI_RECORDS)")
}
