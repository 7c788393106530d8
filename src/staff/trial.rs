//! A draft on trial: loaded, indexed and checked as a reload would, on an assistant of its own.
//!
//! Blocking and slow; the caller runs it on a thread for such work. Nothing is written, and the served
//! assistant is only read.

use std::sync::Arc;

use jiff::Timestamp;

use super::draft::Draft;
use crate::answer::{Assistant, Thoroughness, self_retrieval_of, valid_entries};
use crate::embedding::{Embedding, Encoder, Missing};
use crate::knowledge::{Loaded, Problem, Snapshot, has_errors, sort_problems};
use crate::search;

/// What a trial needs.
#[derive(Clone)]
pub struct TrialSettings {
    /// The assistant that the draft would replace; texts that both have need no new analysis.
    pub served: Arc<Assistant>,
    /// The embedding model, if there is one.
    pub encoder: Option<Arc<Encoder>>,
    /// The time as of which the entries must be valid.
    pub now: Timestamp,
}

/// The result of a trial.
pub struct Trial {
    /// Names the state of the files, see [`Snapshot::version`].
    pub version: String,
    /// All problems; an error keeps the draft from being published.
    pub problems: Vec<Problem>,
    /// The assistant of the draft, unless there are errors.
    pub assistant: Option<Arc<Assistant>>,
}

impl Trial {
    /// Returns whether the draft may be published.
    #[must_use]
    pub fn is_fit(&self) -> bool {
        self.assistant.is_some()
    }
}

/// Tries the folder with a draft laid over it.
///
/// # Errors
/// A dictionary that cannot be used.
pub fn run(
    draft: &Draft,
    folder: &Snapshot,
    settings: &TrialSettings,
) -> Result<Trial, search::Error> {
    let over = draft.over(folder);
    let TrialSettings {
        served,
        encoder,
        now,
    } = settings;
    let Loaded {
        knowledge,
        mut problems,
    } = over.load(served.today(*now));
    problems.extend(search::check_weights(&knowledge));
    let version = over.version();
    if has_errors(&problems) {
        return Ok(Trial {
            version,
            problems,
            assistant: None,
        });
    }
    let embedding = encoder.clone().map(|encoder| Embedding {
        // As a reload: it waits for the built-in model, and not for a server.
        missing: match *encoder {
            Encoder::BuiltIn(_) => Missing::Embed,
            Encoder::Server(_) => Missing::Skip,
        },
        encoder,
    });
    let (assistant, _) =
        Assistant::replace(Some(served.as_ref()), Arc::new(knowledge), None, embedding)?;
    let searcher = assistant.searcher();
    let affected = searcher.affected_entries(served.knowledge(), assistant.today(*now));
    let entries = affected.unwrap_or_else(|| valid_entries(&assistant, *now));
    let necessary = Thoroughness::Necessary;
    problems.extend(self_retrieval_of(
        &assistant,
        &entries,
        necessary,
        *now,
        |_| {},
    ));
    sort_problems(&mut problems);
    let is_fit = !has_errors(&problems);
    Ok(Trial {
        version,
        problems,
        assistant: is_fit.then(|| Arc::new(assistant)),
    })
}
