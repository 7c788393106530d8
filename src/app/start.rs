//! Chooses the knowledge that is served at the start: the folder, or else the last accepted knowledge.
//!
//! The last accepted knowledge is served if the folder has errors, or if it removes so much that the
//! change waits for a confirmation. A first start with unfit knowledge fails.

use std::path::Path;
use std::sync::Arc;

use super::encoder::Asker;
use super::inventory::{Inventory, Loss};
use super::last_accepted::LastAccepted;
use super::loading::{Opened, beside_encoder, load_valid, log_failure, open_checked};
use super::reload::{CONFIRMATIONS, log_held};
use crate::channels::http::{AfterRestart, Stale};
use crate::embedding::{Embedding, Encoder, Missing};
use crate::knowledge::{KnowledgeBase, Snapshot};
use crate::settings::Settings;

/// The knowledge served at the start, and the model that embeds questions.
pub(super) struct Started {
    pub(super) opened: Opened,
    pub(super) encoder: Option<Arc<Encoder>>,
    /// Whether there is a model that cannot be used.
    pub(super) is_model_damaged: bool,
    /// Why the folder is not served; `None` if it is.
    pub(super) stale: Option<Stale>,
    /// The version of the folder.
    pub(super) seen: String,
    pub(super) last_accepted: LastAccepted,
}

/// The reason why the folder is not served.
enum Unfit {
    Invalid(anyhow::Error),
    Held(Loss, Arc<KnowledgeBase>),
}

/// Opens the knowledge folder, or else the last accepted knowledge.
///
/// # Errors
/// Those of the folder, if there is no last accepted knowledge that can be served.
pub(super) fn open(settings: &Settings, asker: Asker) -> anyhow::Result<Started> {
    let last_accepted = LastAccepted::new(settings);
    let ((snapshot, kept, knowledge), found) = beside_encoder(settings, asker, || {
        let snapshot = Snapshot::read(&settings.knowledge);
        let knowledge = load_valid(&snapshot, settings);
        (snapshot, last_accepted.header(), knowledge)
    });
    // Invalid settings were refused before. A damaged model does not stop the service.
    let is_model_damaged = found.is_err();
    let encoder = found.unwrap_or_else(|error| {
        tracing::error!(
            error = format!("{error:#}"),
            "model unusable: keyword search only"
        );
        None
    });
    // The start does not wait for embeddings; the reload thread adds them.
    let cached = encoder.clone().map(|encoder| Embedding {
        encoder,
        missing: Missing::Skip,
    });
    let open_folder = |knowledge| open_checked(settings, knowledge, cached.clone(), None);
    let started = |opened, stale| Started {
        opened,
        encoder: encoder.clone(),
        is_model_damaged,
        stale,
        seen: snapshot.version(),
        last_accepted: last_accepted.clone(),
    };
    let unfit = match knowledge {
        Err(invalid) => Unfit::Invalid(invalid.into()),
        Ok(knowledge) => {
            let new = Inventory::of(&knowledge);
            let has_file = |file: &str| snapshot.has_file(file);
            let loss = kept.and_then(|kept| kept.inventory.loss(&new, has_file));
            match loss {
                Some(loss) => Unfit::Held(loss, knowledge),
                None => match open_folder(Arc::clone(&knowledge)) {
                    Err(error) => Unfit::Invalid(error),
                    Ok(opened) => {
                        last_accepted.keep(&snapshot, &knowledge);
                        return Ok(started(opened, None));
                    }
                },
            }
        }
    };
    let kept = last_accepted.read().and_then(|kept| {
        let kept = load_valid(&kept, settings).ok()?;
        open_folder(kept).ok()
    });
    match (kept, unfit) {
        (Some(opened), unfit) => {
            let stale = log_unfit(&unfit, last_accepted.path());
            Ok(started(opened, Some(stale)))
        }
        (None, Unfit::Invalid(error)) => Err(error),
        // Nothing else can be served.
        (None, Unfit::Held(_, knowledge)) => {
            let opened = open_folder(Arc::clone(&knowledge))?;
            last_accepted.keep(&snapshot, &knowledge);
            Ok(started(opened, None))
        }
    }
}

fn log_unfit(unfit: &Unfit, last_accepted: &Path) -> Stale {
    let held = match unfit {
        Unfit::Invalid(error) => {
            let cause = log_failure(error);
            tracing::error!(
                cause,
                hint = "run `madoguchi check` and correct the files",
                "knowledge folder unfit: serving the last accepted knowledge"
            );
            None
        }
        Unfit::Held(loss, _) => {
            log_held(loss, CONFIRMATIONS);
            tracing::warn!(
                file = %last_accepted.display(),
                "serving the last accepted knowledge"
            );
            Some(loss.held(CONFIRMATIONS))
        }
    };
    Stale {
        held,
        after_restart: AfterRestart::LastAccepted,
    }
}
