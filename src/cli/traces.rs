//! The traces of the service: only `serve` sends them.

use super::{Cli, Command};
pub use crate::app::Traces;
use crate::settings;

impl Cli {
    /// Starts the traces of the service, if a collector is configured.
    ///
    /// # Errors
    /// A setting that cannot be used.
    pub fn traces(&self) -> anyhow::Result<Option<Traces>> {
        if !matches!(self.command, Command::Serve) {
            return Ok(None);
        }
        let settings = settings::Traces::from_sources(&self.settings.sources)?;
        settings.as_ref().map(Traces::start).transpose()
    }
}
