//! Finds entries for a text: the search page, the search API, and suggestions while typing.

use std::ops::Range;

use jiff::Timestamp;

use super::{Assistant, Trace};
use crate::knowledge::DeskId;
use crate::search::{Analysis, Highlighter, Hit, MIN_HIT_SHARE, Ranking};

/// A page of hits, the best first.
#[derive(Debug, Clone, Default)]
pub struct Hits<'a> {
    /// The hits of the page.
    pub hits: Vec<Hit<'a>>,
    /// Number of hits on all pages.
    pub total: usize,
}

impl Assistant {
    /// Finds the entries that share a term with a text or are similar to it.
    ///
    /// Where an embeddings server is set, waits for it up to its deadline.
    pub async fn search(
        &self,
        text: &str,
        desk: Option<&DeskId>,
        page: Range<usize>,
        now: Timestamp,
    ) -> Hits<'_> {
        let (analysis, danger) = self.searcher.analyze_and_screen(text);
        if danger.is_some() {
            return Hits::default();
        }
        let candidates = self.searcher.find(&analysis).await;
        let ranking = self.searcher.rank(&candidates, &analysis, None);
        let entries = self.shown_entries(&ranking, desk, now);
        self.page(&analysis, &entries, page)
    }

    /// Finds the entries for a text that is still being typed. Never waits: sends no request to an
    /// embeddings server.
    #[must_use]
    pub fn suggest(
        &self,
        text: &str,
        desk: Option<&DeskId>,
        page: Range<usize>,
        now: Timestamp,
    ) -> Hits<'_> {
        let (analysis, danger) = self.searcher.analyze_and_screen(text);
        if danger.is_some() {
            return Hits::default();
        }
        let entries = self.suggest_by_analysis(&analysis, desk, now);
        self.page(&analysis, &entries, page)
    }

    /// Returns the positions and probabilities of the entries for a text that is still being
    /// typed, the most probable first. Never waits, as [`Assistant::suggest`].
    #[must_use]
    pub fn suggest_entries(
        &self,
        text: &str,
        desk: Option<&DeskId>,
        now: Timestamp,
    ) -> Vec<(usize, f32)> {
        let (analysis, danger) = self.searcher.analyze_and_screen(text);
        if danger.is_some() {
            return Vec::new();
        }
        self.suggest_by_analysis(&analysis, desk, now)
    }

    /// Returns the entries of an answer's ranking as hits.
    #[must_use]
    pub fn hits_of(
        &self,
        trace: &Trace,
        desk: Option<&DeskId>,
        page: Range<usize>,
        now: Timestamp,
    ) -> Hits<'_> {
        let mut entries = self.shown_entries(&trace.ranking, desk, now);
        keep_notable(&mut entries);
        self.page(&trace.analysis, &entries, page)
    }

    fn suggest_by_analysis(
        &self,
        analysis: &Analysis,
        desk: Option<&DeskId>,
        now: Timestamp,
    ) -> Vec<(usize, f32)> {
        let candidates = self.searcher.find_now(analysis);
        let ranking = self.searcher.rank(&candidates, analysis, None);
        let mut entries = self.shown_entries(&ranking, desk, now);
        keep_notable(&mut entries);
        entries
    }

    /// Lists the entries of a ranking that are shown today, with their probabilities.
    fn shown_entries(
        &self,
        ranking: &Ranking,
        desk: Option<&DeskId>,
        now: Timestamp,
    ) -> Vec<(usize, f32)> {
        let today = self.today(now);
        let shown = ranking.entries().filter(|(index, _)| {
            let entry = &self.knowledge.entries[*index];
            desk.is_none_or(|desk| *desk == entry.desk) && entry.is_valid_on(today)
        });
        shown.collect()
    }

    /// Marks the matches in one page of the entries.
    fn page(&self, analysis: &Analysis, entries: &[(usize, f32)], page: Range<usize>) -> Hits<'_> {
        let highlighter = Highlighter::new(analysis);
        let shown = entries.iter().skip(page.start).take(page.len());
        let hits = shown.map(|found| {
            let entry = &self.knowledge.entries[found.0];
            let analyzer = self.searcher.analyzer();
            self.snippets.hit(*found, entry, analyzer, &highlighter)
        });
        Hits {
            hits: hits.collect(),
            total: entries.len(),
        }
    }
}

/// Removes the entries that are noise compared with the best one; see [`MIN_HIT_SHARE`].
fn keep_notable(entries: &mut Vec<(usize, f32)>) {
    let best = entries.first().map_or(0.0, |(_, best)| *best);
    entries.retain(|(_, probability)| *probability >= best * MIN_HIT_SHARE);
}
