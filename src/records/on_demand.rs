//! A database that is opened at its first use, and again after an outage.

use tokio::sync::Mutex;

use super::database::{Database, Error, Location};

/// Opens a database when it is needed, so that the service starts without it.
pub struct OnDemand {
    location: Location,
    opened: Mutex<Option<Database>>,
}

impl OnDemand {
    /// Names a database without opening it.
    #[must_use]
    pub fn new(location: Location) -> Self {
        Self {
            location,
            opened: Mutex::new(None),
        }
    }

    /// Returns the database; opens it if it is not open, or if its file was replaced.
    ///
    /// # Errors
    /// Those of [`Database::open`].
    pub async fn database(&self) -> Result<Database, Error> {
        let mut opened = self.opened.lock().await;
        if let Some(database) = opened.as_ref().filter(|database| database.is_in_place()) {
            return Ok(database.clone());
        }
        if let Some(replaced) = opened.take() {
            replaced.close().await;
        }
        let database = Database::open(&self.location).await?;
        *opened = Some(database.clone());
        Ok(database)
    }
}
