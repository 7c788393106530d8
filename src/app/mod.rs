//! The composition root: settings -> knowledge -> index -> [`Assistant`], and the running service.
//!
//! Invariant: knowledge with an error never answers; not at the start and not after a change.

mod bots;
mod encoder;
mod reload;
mod serve;

use std::fmt;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use anyhow::Context;
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(crate) use encoder::FoundEncoder;
pub use encoder::{Asker, encoder};
pub use serve::serve;

use crate::answer::Assistant;
use crate::embedding::{Embedding, Encoder, Missing};
use crate::evaluate::self_retrieval;
use crate::knowledge::{self, KnowledgeBase, Loaded, Problem, Severity, has_errors};
use crate::search::{self, IndexOrigin};
use crate::settings::Settings;

/// The zone whose day decides whether an entry is out of date; a container's own is often UTC.
const ZONE: &str = "Asia/Tokyo";

/// Knowledge that cannot serve: all its problems at once.
#[derive(Debug)]
pub struct Unfit {
    folder: PathBuf,
    /// Everything that is wrong, with the folder in each place.
    pub problems: Vec<Problem>,
}

impl std::error::Error for Unfit {}

impl fmt::Display for Unfit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_error = |problem: &&Problem| problem.severity == Severity::Error;
        let errors = self.problems.iter().filter(is_error).count();
        let folder = self.folder.display();
        write!(
            formatter,
            "cannot use the knowledge in `{folder}`, it has {errors} error(s)"
        )?;
        for problem in &self.problems {
            write!(formatter, "\n{problem}")?;
        }
        Ok(())
    }
}

/// An assistant, and how it came about.
pub(crate) struct Opened {
    pub(crate) assistant: Assistant,
    pub(crate) origin: IndexOrigin,
}

/// Reads and checks the knowledge folder; problems are placed from the working directory.
#[must_use]
pub fn read(folder: &Path) -> Loaded {
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    let today = Timestamp::now().to_zoned(zone).date();
    let loaded = knowledge::load(folder, today);
    Loaded {
        problems: placed(folder, loaded.problems),
        ..loaded
    }
}

/// Asks every entry for itself, see [`self_retrieval`]; costs a search for every variant's texts.
#[must_use]
pub fn gate(assistant: &Assistant, folder: &Path) -> Vec<Problem> {
    placed(folder, self_retrieval(assistant, Timestamp::now()))
}

/// Loads the knowledge and opens its index; one that has not passed the gate goes through it.
///
/// # Errors
/// [`Unfit`] with every problem, or whatever keeps the dictionary from being used.
pub fn load(settings: &Settings) -> anyhow::Result<Assistant> {
    let (knowledge, encoder) = read_both(settings, Asker::Command)?;
    Ok(load_gated(settings, knowledge, encoder?.map(embedding))?.assistant)
}

/// Embeds whatever is missing.
pub(crate) fn embedding(encoder: Arc<Encoder>) -> Embedding {
    Embedding {
        encoder,
        missing: Missing::Embed,
    }
}

/// Reads knowledge that can serve and opens the encoder, at the same time: either takes as long.
pub(crate) fn read_both(
    settings: &Settings,
    asker: Asker,
) -> Result<(Arc<KnowledgeBase>, FoundEncoder), Unfit> {
    thread::scope(|scope| {
        let knowledge = scope.spawn(|| fit_knowledge(settings));
        let encoder = encoder(settings, asker);
        let knowledge = knowledge.join();
        let knowledge = knowledge.unwrap_or_else(|panic| resume_unwind(panic))?;
        Ok((knowledge, encoder))
    })
}

/// Opens the index of knowledge and lets it through the gate.
///
/// An index that passed the gate is marked, and its fingerprint covers all that the gate depends
/// on: it need not pass again at every start.
pub(crate) fn load_gated(
    settings: &Settings,
    knowledge: Arc<KnowledgeBase>,
    embedding: Option<Embedding>,
) -> anyhow::Result<Opened> {
    let opened = open_index(knowledge, &settings.index, embedding)?;
    let searcher = opened.assistant.searcher();
    if opened.origin == IndexOrigin::Opened && searcher.is_accepted(&settings.index) {
        return Ok(opened);
    }
    let problems = gate(&opened.assistant, &settings.knowledge);
    refuse_errors(&settings.knowledge, &problems)?;
    if opened.origin != IndexOrigin::InMemory {
        searcher.accept(&settings.index);
    }
    if !problems.is_empty() {
        tracing::warn!(
            problems = problems.len(),
            "some variants find another entry first; `madoguchi check` names them"
        );
    }
    Ok(opened)
}

/// Reads knowledge that can serve; its warnings are logged.
pub(crate) fn fit_knowledge(settings: &Settings) -> Result<Arc<KnowledgeBase>, Unfit> {
    let Loaded {
        knowledge,
        problems,
    } = read(&settings.knowledge);
    refuse_errors(&settings.knowledge, &problems)?;
    for problem in &problems {
        tracing::warn!(place = %problem.location, hint = problem.hint.en, "{}", problem.mistake.en);
    }
    Ok(Arc::new(knowledge))
}

/// Opens the index under a folder; where that is impossible, holds it in memory.
fn open_index(
    knowledge: Arc<KnowledgeBase>,
    folder: &Path,
    embedding: Option<Embedding>,
) -> anyhow::Result<Opened> {
    let opened = Assistant::open(Arc::clone(&knowledge), Some(folder), embedding.clone());
    let opened = match opened {
        Err(error @ (search::Error::Folder { .. } | search::Error::Index(_))) => {
            tracing::warn!(
                error = format!("{:#}", anyhow::Error::new(error)),
                hint = "name a folder that can be written by --index or MADOGUCHI_INDEX",
                "the index is held in memory and will be built at every start"
            );
            Assistant::open(knowledge, None, embedding)
        }
        opened => opened,
    };
    let (assistant, origin) = opened.context("cannot open the index")?;
    Ok(Opened { assistant, origin })
}

fn refuse_errors(folder: &Path, problems: &[Problem]) -> Result<(), Unfit> {
    if !has_errors(problems) {
        return Ok(());
    }
    Err(Unfit {
        folder: folder.to_owned(),
        problems: problems.to_vec(),
    })
}

fn placed(folder: &Path, mut problems: Vec<Problem>) -> Vec<Problem> {
    for problem in &mut problems {
        let file = &mut problem.location.file;
        // A problem of the folder itself names no file; joining would add a slash.
        *file = folder.join(&*file).components().collect();
    }
    problems
}

/// Names where an index came from, for logs and people.
pub(crate) fn origin_name(origin: IndexOrigin) -> &'static str {
    match origin {
        IndexOrigin::Opened => "opened",
        IndexOrigin::Built => "built",
        IndexOrigin::InMemory => "in memory",
    }
}

/// How long ago something was, as logs have it.
fn milliseconds_since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}
