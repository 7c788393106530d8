//! How the served knowledge relates to the knowledge folder, as `/readyz` reports it.

use serde::Serialize;
use utoipa::ToSchema;

/// The knowledge folder differs from the served knowledge and is not served.
#[derive(Debug, Clone)]
pub struct Stale {
    /// What the folder would remove; `None` if it cannot be served.
    pub held: Option<Held>,
    /// What a restart would serve.
    pub after_restart: AfterRestart,
}

/// A change that removes so much that it waits for a confirmation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Held {
    /// The ids of the desks that the change removes.
    pub lost_desks: Vec<String>,
    /// Number of entries that the change removes.
    pub lost_entries: usize,
    /// The files that had entries and have none now.
    pub emptied_files: Vec<String>,
    /// Number of SIGHUPs that serve the folder as it is.
    pub confirmations_left: usize,
}

/// The knowledge that a restart would serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AfterRestart {
    /// The knowledge folder.
    Folder,
    /// The last accepted knowledge, which is served now.
    LastAccepted,
    /// None: the process would exit with an error.
    None,
}
