//! Builds the index of edited knowledge from the index of the knowledge before the edit.
//!
//! Input: an index with its documents, and the new documents. Output: the same index as `build` makes,
//! but only texts that the old index lacks are analyzed. They get a small index of their own; tantivy
//! merges runs of documents of both into one segment.
//!
//! Invariant: the result has the terms, frequencies, lengths and words of a new build.

use std::collections::HashMap;
use std::ops::Range;

use tantivy::directory::{OwnedBytes, RamDirectory};
use tantivy::fastfield::{AliveBitSet, write_alive_bitset};
use tantivy::indexer::merge_filtered_segments;
use tantivy::{BitSet, Directory, Index, IndexSettings, TantivyError};

use super::build::{Text, build_texts, count_words, texts};
use super::reader::{searcher, vocabulary};
use super::schema::Schema;
use super::subject::Document;
use crate::knowledge::KnowledgeBase;
use crate::search::analysis::{Analyzer, VocabularyCounter};
use crate::search::error::Error;

/// Maximum number of runs of documents. tantivy reads the whole old index once for each run of it, so
/// that many small ones would cost more than a new build.
const MAX_RUNS: usize = 32;

/// Maximum share of new texts: with more, a new build is as fast.
const MAX_NEW_SHARE: f64 = 0.3;

/// The index of the knowledge before an edit, with the same lexicon.
pub(in crate::search) struct Former<'a> {
    /// The knowledge.
    pub(in crate::search) knowledge: &'a KnowledgeBase,
    /// The name of the index.
    pub(in crate::search) fingerprint: &'a str,
    /// Its analyzer.
    pub(in crate::search) analyzer: &'a Analyzer,
}

/// Documents that follow each other in the new index.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Run {
    /// Documents of the old index.
    Kept(Range<u32>),
    /// Documents of the index of new texts.
    New(Range<u32>),
}

/// How a new index is put together.
#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    runs: Vec<Run>,
    /// The texts to analyze, by their positions in the new index.
    new: Vec<usize>,
    /// The texts that are dropped, by their positions in the old index.
    dropped: Vec<usize>,
}

/// Builds an index from an old one; `None` if so much changed that a new build is as fast, or if the
/// old index cannot be read.
pub(super) fn update(
    directory: impl Directory,
    schema: &Schema,
    (old, old_documents, former): (&Index, &[Document<'_>], &Former<'_>),
    documents: &[Document<'_>],
    analyzer: &Analyzer,
) -> Option<Result<Index, Error>> {
    let (old_texts, texts) = (texts(old_documents), texts(documents));
    let plan = Plan::new(&old_texts, &texts, analyzer.alike(former.analyzer))?;
    let reader = searcher(old).ok()?;
    let words = vocabulary(reader.segment_reader(0), schema).ok()?;
    let mut counter = VocabularyCounter::from_entries(words);
    let dropped: Vec<Text<'_>> = plan.dropped.iter().map(|index| old_texts[*index]).collect();
    // As they were counted: by the analyzer of the old index, without its vocabulary.
    counter.subtract(&count_words(&dropped, former.analyzer));
    let new: Vec<Text<'_>> = plan.new.iter().map(|index| texts[*index]).collect();
    Some(merge(
        directory, schema, old, &plan, &new, analyzer, counter,
    ))
}

fn merge(
    directory: impl Directory,
    schema: &Schema,
    old: &Index,
    plan: &Plan,
    new: &[Text<'_>],
    analyzer: &Analyzer,
    counter: VocabularyCounter,
) -> Result<Index, Error> {
    let added = build_texts(RamDirectory::create(), schema, new, analyzer, counter)?;
    let segments = |index: &Index| index.searchable_segments();
    let (old, added) = (segments(old)?, segments(&added)?);
    let (Some(old), Some(added)) = (old.first(), added.first()) else {
        return Err(TantivyError::InvalidArgument("an index without a segment".to_owned()).into());
    };
    // The vocabulary is the last document of both.
    let vocabulary = Run::New(added.meta().max_doc() - 1..added.meta().max_doc());
    let runs = plan.runs.iter().chain([&vocabulary]);
    let (mut segments, mut kept) = (Vec::new(), Vec::new());
    for run in runs {
        let (segment, range) = match run {
            Run::Kept(range) => (old, range),
            Run::New(range) => (added, range),
        };
        kept.push(Some(only(range, segment.meta().max_doc())?));
        segments.push(segment.clone());
    }
    let settings = IndexSettings::default();
    let directory: Box<dyn Directory> = Box::new(directory);
    Ok(merge_filtered_segments(
        &segments, settings, kept, directory,
    )?)
}

/// Returns the set of a range of documents.
fn only(range: &Range<u32>, max_doc: u32) -> Result<AliveBitSet, Error> {
    let mut set = BitSet::with_max_value(max_doc);
    for document in range.clone() {
        set.insert(document);
    }
    let mut bytes = Vec::new();
    write_alive_bitset(&set, &mut bytes).map_err(TantivyError::from)?;
    Ok(AliveBitSet::open(OwnedBytes::new(bytes)))
}

impl Plan {
    /// Compares two lists of texts. `is_alike` tells whether a text that both have has the same terms.
    fn new(old: &[Text<'_>], new: &[Text<'_>], is_alike: impl Fn(&str) -> bool) -> Option<Self> {
        // Of equal texts only the first is found here; the others mostly follow a text that is.
        let mut places: HashMap<Text<'_>, usize> = HashMap::with_capacity(old.len());
        for (index, text) in old.iter().enumerate() {
            places.entry(*text).or_insert(index);
        }
        let mut is_used = vec![false; old.len()];
        let mut plan = Self::default();
        let mut next = 0;
        let max_new = (new.len() as f64 * MAX_NEW_SHARE) as usize;
        for (index, text) in new.iter().enumerate() {
            // After a text that was changed, the next one goes on behind its old form.
            let mut following = [next, next + 1].into_iter();
            let following = following.find(|place| old.get(*place) == Some(text));
            let found = following.or_else(|| places.get(text).copied());
            let found = found.filter(|place| !is_used[*place] && is_alike(text.as_str()));
            match found {
                Some(place) => {
                    is_used[place] = true;
                    next = place + 1;
                    plan.push_kept(u32::try_from(place).ok()?);
                }
                None => {
                    plan.push_new(u32::try_from(plan.new.len()).ok()?);
                    plan.new.push(index);
                }
            }
            if plan.runs.len() > MAX_RUNS || plan.new.len() > max_new {
                return None;
            }
        }
        let unused = is_used.iter().enumerate().filter(|(_, is_used)| !**is_used);
        plan.dropped = unused.map(|(index, _)| index).collect();
        Some(plan)
    }

    fn push_kept(&mut self, place: u32) {
        match self.runs.last_mut() {
            Some(Run::Kept(range)) if range.end == place => range.end += 1,
            _ => self.runs.push(Run::Kept(place..place + 1)),
        }
    }

    fn push_new(&mut self, place: u32) {
        match self.runs.last_mut() {
            Some(Run::New(range)) => range.end += 1,
            _ => self.runs.push(Run::New(place..place + 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(old: &str, new: &str) -> Option<Plan> {
        let texts = |text: &'static str| text.split(' ').map(Text::Phrase).collect::<Vec<_>>();
        let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        Plan::new(&texts(leak(old)), &texts(leak(new)), |text| {
            text != "unlike"
        })
    }

    #[test]
    fn texts_that_both_have_are_kept_in_runs() {
        let rest = "k l m n o p q r s t";
        let (old, runs) = (format!("a b c d {rest}"), |new: &str| {
            let plan = plan(&format!("a b c d {rest}"), &format!("{new} {rest}"));
            plan.map(|plan| (plan.runs, plan.new, plan.dropped))
        });
        let (kept, new) = (Run::Kept, Run::New);
        assert_eq!(
            plan(&old, &old).map(|plan| plan.runs),
            Some(vec![kept(0..14)])
        );
        let changed = (vec![kept(0..1), new(0..1), kept(2..14)], vec![1], vec![1]);
        assert_eq!(runs("a B c d"), Some(changed));
        let inserted = (vec![kept(0..2), new(0..2), kept(2..14)], vec![2, 3], vec![]);
        assert_eq!(runs("a b B C c d"), Some(inserted));
        let moved = (vec![kept(2..4), kept(0..2), kept(4..14)], vec![], vec![]);
        assert_eq!(runs("c d a b"), Some(moved));
        assert_eq!(runs("b c d"), Some((vec![kept(1..14)], vec![], vec![0])));
        // A text of the old index is used once.
        let twice = (vec![kept(0..2), new(0..1), kept(2..14)], vec![2], vec![]);
        assert_eq!(runs("a b a c d"), Some(twice));
    }

    #[test]
    fn a_text_that_the_analyzers_analyze_differently_is_new() {
        let plan = plan("a unlike b c d", "a unlike b c d").expect("a plan");
        assert_eq!((plan.new, plan.dropped), (vec![1], vec![1]));
    }

    #[test]
    fn much_new_text_has_no_plan() {
        assert_eq!(plan("a b c d", "a B C d"), None);
        let many: Vec<String> = (0..200).map(|number| number.to_string()).collect();
        let reversed: Vec<String> = many.iter().rev().cloned().collect();
        assert_eq!(plan(&many.join(" "), &reversed.join(" ")), None);
    }
}
