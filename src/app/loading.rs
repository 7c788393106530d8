//! Opens an assistant: reads the knowledge, opens its index, checks self-retrieval.
//!
//! ```text
//! read_knowledge        the folder and all its problems
//! read_valid_knowledge  the same, without errors
//! open_checked          index -> assistant; checks self-retrieval unless the index is accepted
//! open_assistant        all of the above, for a command
//! ```

use std::fmt;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use anyhow::Context;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::encoder::{Asker, FoundEncoder, encoder};
use super::progress::Progress;
use crate::answer::{Assistant, Thoroughness, self_retrieval_of, valid_entries};
use crate::embedding::{Embedding, Encoder, Missing};
use crate::knowledge::{
    KnowledgeBase, Language, Loaded, Problem, Severity, Snapshot, has_errors, localized,
};
use crate::search::{self, IndexOrigin};
use crate::settings::Settings;

/// Time zone of the date on which entries must be valid; a container's own zone is often UTC.
const TIME_ZONE: &str = "Asia/Tokyo";

/// Knowledge that cannot be served, with all its problems.
#[derive(Debug)]
pub struct InvalidKnowledge {
    folder: PathBuf,
    /// All problems; each place includes the folder.
    pub problems: Vec<Problem>,
}

impl InvalidKnowledge {
    /// Describes the knowledge and its problems, one problem after another.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let is_error = |problem: &&Problem| problem.severity == Severity::Error;
        let errors = self.problems.iter().filter(is_error).count();
        let folder = self.folder.display();
        let heading = localized!(
            ja: "`{folder}` の内容は使えません。直すところが {errors} 件あります",
            en: "cannot use the knowledge in `{folder}`, it has {errors} error(s)",
        );
        let problems = self.problems.iter().map(|problem| problem.text(language));
        let lines = [heading.get(language).to_owned()].into_iter();
        lines.chain(problems).collect::<Vec<_>>().join("\n")
    }
}

impl std::error::Error for InvalidKnowledge {}

impl fmt::Display for InvalidKnowledge {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text(Language::English))
    }
}

/// An assistant, and whether its index was built or opened.
pub(crate) struct Opened {
    pub(crate) assistant: Assistant,
    pub(crate) origin: IndexOrigin,
}

/// Reads and checks the knowledge folder; paths in problems are relative to the working directory.
#[must_use]
pub fn read_knowledge(folder: &Path) -> Loaded {
    load(&Snapshot::read(folder), folder)
}

/// Returns the day in the time zone of the dates in the knowledge.
#[must_use]
pub fn today() -> Date {
    let zone = TimeZone::get(TIME_ZONE).unwrap_or(TimeZone::UTC);
    Timestamp::now().to_zoned(zone).date()
}

/// Loads a snapshot of the knowledge folder as [`read_knowledge`] does.
fn load(snapshot: &Snapshot, folder: &Path) -> Loaded {
    let mut loaded = snapshot.load(today());
    let weights = search::check_weights(&loaded.knowledge);
    loaded.problems.extend(weights);
    Loaded {
        problems: place_in(folder, loaded.problems),
        ..loaded
    }
}

/// Reads knowledge without errors; logs its warnings.
pub(crate) fn read_valid_knowledge(
    settings: &Settings,
) -> Result<Arc<KnowledgeBase>, InvalidKnowledge> {
    load_valid(&Snapshot::read(&settings.knowledge), settings)
}

/// Loads a snapshot without errors; logs its warnings.
pub(super) fn load_valid(
    snapshot: &Snapshot,
    settings: &Settings,
) -> Result<Arc<KnowledgeBase>, InvalidKnowledge> {
    let Loaded {
        knowledge,
        problems,
    } = load(snapshot, &settings.knowledge);
    refuse_errors(&settings.knowledge, &problems)?;
    for problem in &problems {
        let Problem { location, hint, .. } = problem;
        tracing::warn!(place = %location, hint = hint.en, "{}", problem.mistake.en);
    }
    Ok(Arc::new(knowledge))
}

/// Logs each problem of knowledge that is not served; returns the cause in a few words.
pub(super) fn log_failure(error: &anyhow::Error) -> String {
    let Some(invalid) = error.downcast_ref::<InvalidKnowledge>() else {
        return format!("{error:#}");
    };
    for problem in &invalid.problems {
        let Problem { location, hint, .. } = problem;
        tracing::error!(place = %location, hint = hint.en, "{}", problem.mistake.en);
    }
    format!("{} problem(s)", invalid.problems.len())
}

/// Reads valid knowledge and opens the encoder, in parallel: each takes about the same time.
fn read_knowledge_and_encoder(
    settings: &Settings,
    asker: Asker,
) -> Result<(Arc<KnowledgeBase>, FoundEncoder), InvalidKnowledge> {
    let (knowledge, encoder) = beside_encoder(settings, asker, || read_valid_knowledge(settings));
    Ok((knowledge?, encoder))
}

/// Runs a function on another thread while the encoder is opened.
pub(super) fn beside_encoder<T: Send>(
    settings: &Settings,
    asker: Asker,
    read: impl FnOnce() -> T + Send,
) -> (T, FoundEncoder) {
    thread::scope(|scope| {
        let read = scope.spawn(read);
        let encoder = encoder(settings, asker);
        let read = read.join().unwrap_or_else(|panic| resume_unwind(panic));
        (read, encoder)
    })
}

/// Opens the assistant of a command.
///
/// # Errors
/// [`InvalidKnowledge`] with every problem, a damaged model, or a dictionary that cannot be used.
pub fn open_assistant(settings: &Settings) -> anyhow::Result<Assistant> {
    let (knowledge, encoder) = read_knowledge_and_encoder(settings, Asker::Command)?;
    let embedding = encoder?.map(embed_missing);
    Ok(open_checked(settings, knowledge, embedding, None)?.assistant)
}

/// Opens the index of knowledge and checks self-retrieval.
///
/// An index that passed the check is marked as accepted, with a fingerprint of everything else that
/// the check depends on ([`search::acceptance`]), so that it is not checked again. `served` is the
/// assistant that the new one will replace.
pub(crate) fn open_checked(
    settings: &Settings,
    knowledge: Arc<KnowledgeBase>,
    embedding: Option<Embedding>,
    served: Option<&Assistant>,
) -> anyhow::Result<Opened> {
    let opened = open_unchecked(knowledge, &settings.index, embedding, served)?;
    check_unless_accepted(settings, &opened, served)?;
    Ok(opened)
}

/// Builds or opens the index as [`open_checked`], but fails if its folder cannot be written. `force`
/// removes all indexes in the folder first.
pub(crate) fn build_index(settings: &Settings, force: bool) -> anyhow::Result<Opened> {
    let (knowledge, encoder) = read_knowledge_and_encoder(settings, Asker::Command)?;
    let folder = &settings.index;
    if force {
        search::remove_all(folder)
            .with_context(|| format!("cannot remove the indexes in `{}`", folder.display()))?;
    }
    let embedding = encoder?.map(embed_missing);
    let (assistant, origin) = Assistant::open(knowledge, Some(folder), embedding)
        .context("expected a folder that can be written, for example `--index ./index`")?;
    let opened = Opened { assistant, origin };
    check_unless_accepted(settings, &opened, None)?;
    Ok(opened)
}

/// Checks self-retrieval unless the index is marked as accepted. If `served`, which passed the check,
/// is given, only the entries that the change since then can affect are checked.
fn check_unless_accepted(
    settings: &Settings,
    opened: &Opened,
    served: Option<&Assistant>,
) -> anyhow::Result<()> {
    let assistant = &opened.assistant;
    let searcher = assistant.searcher();
    let now = Timestamp::now();
    let today = assistant.today(now);
    let acceptance = search::acceptance(assistant.knowledge(), today);
    if opened.origin == IndexOrigin::Opened && searcher.is_accepted(&settings.index, &acceptance) {
        return Ok(());
    }
    let affected = served.and_then(|served| searcher.affected_entries(served.knowledge(), today));
    let entries = affected.unwrap_or_else(|| valid_entries(assistant, now));
    let problems = check_entries(assistant, &settings.knowledge, &entries, now);
    refuse_errors(&settings.knowledge, &problems)?;
    if opened.origin != IndexOrigin::InMemory {
        searcher.accept(&settings.index, &acceptance);
    }
    if !problems.is_empty() {
        tracing::warn!(
            problems = problems.len(),
            hint = "run `madoguchi check`",
            "self-retrieval check: some variants find another entry first"
        );
    }
    Ok(())
}

/// Opens the index in a folder; holds it in memory if the folder cannot be used.
pub(super) fn open_unchecked(
    knowledge: Arc<KnowledgeBase>,
    folder: &Path,
    embedding: Option<Embedding>,
    served: Option<&Assistant>,
) -> anyhow::Result<Opened> {
    let new = Arc::clone(&knowledge);
    let opened = Assistant::replace(served, new, Some(folder), embedding.clone());
    let opened = match opened {
        Err(error @ (search::Error::Folder { .. } | search::Error::Index(_))) => {
            tracing::warn!(
                error = format!("{:#}", anyhow::Error::new(error)),
                hint = "set --index or MADOGUCHI_INDEX to a writable folder",
                "index folder unusable: the index is held in memory and rebuilt at every start"
            );
            Assistant::open(knowledge, None, embedding)
        }
        opened => opened,
    };
    let (assistant, origin) = opened.context("cannot open the index")?;
    Ok(Opened { assistant, origin })
}

/// Checks that every entry is found by its own question and variants, see [`self_retrieval_of`].
/// A check of more than a second shows its progress.
#[must_use]
pub fn check_self_retrieval(assistant: &Assistant, folder: &Path) -> Vec<Problem> {
    let now = Timestamp::now();
    check_entries(assistant, folder, &valid_entries(assistant, now), now)
}

fn check_entries(
    assistant: &Assistant,
    folder: &Path,
    entries: &[usize],
    now: Timestamp,
) -> Vec<Problem> {
    let progress = Progress::new("self-retrieval check", entries.len());
    let checked = |count| progress.advance(count);
    let problems = self_retrieval_of(assistant, entries, Thoroughness::Necessary, now, checked);
    progress.finish();
    place_in(folder, problems)
}

/// Makes the search embed every text that is not in the cache.
pub(crate) fn embed_missing(encoder: Arc<Encoder>) -> Embedding {
    Embedding {
        encoder,
        missing: Missing::Embed,
    }
}

pub(crate) fn refuse_errors(folder: &Path, problems: &[Problem]) -> Result<(), InvalidKnowledge> {
    if !has_errors(problems) {
        return Ok(());
    }
    Err(InvalidKnowledge {
        folder: folder.to_owned(),
        problems: problems.to_vec(),
    })
}

/// Prefixes each place with the knowledge folder.
pub(crate) fn place_in(folder: &Path, mut problems: Vec<Problem>) -> Vec<Problem> {
    for problem in &mut problems {
        let file = &mut problem.location.file;
        // A problem of the folder itself has an empty path; joining it would add a slash.
        let path: PathBuf = folder.join(&*file).components().collect();
        *file = path.into();
    }
    problems
}

/// Names the origin of an index in logs.
pub(super) fn origin_name(origin: IndexOrigin) -> &'static str {
    match origin {
        IndexOrigin::Opened => "opened",
        IndexOrigin::Built => "built",
        IndexOrigin::Updated => "updated",
        IndexOrigin::InMemory => "in memory",
    }
}
