//! Finds entries for a text: the search page, the search API, and suggestions while typing.

use std::ops::Range;

use jiff::Timestamp;

use super::{Assistant, Trace};
use crate::knowledge::{Desk, DeskId};
use crate::search::{Analysis, Highlighter, Hit, MIN_HIT_SHARE, Ranking, Subject};

/// A page of hits, the best first.
#[derive(Debug, Clone, Default)]
pub struct Hits<'a> {
    /// The hits of the page.
    pub hits: Vec<Hit<'a>>,
    /// Number of hits on all pages.
    pub total: usize,
    /// The desk that answers what no entry does.
    pub desk: Option<DeskHit<'a>>,
}

/// A desk that is suggested for a text.
#[derive(Debug, Clone, Copy)]
pub struct DeskHit<'a> {
    /// The desk.
    pub desk: &'a Desk,
    /// The topic of the referral that leads to it.
    pub topic: &'a str,
}

/// Least probability of a referral that is suggested while a text is being typed.
const MIN_DESK_PROBABILITY: f32 = 0.5;

/// Number of letters of a text in kana up to which only questions with a word that begins with it are
/// suggested: they are within very many words.
const MAX_BEGINNING_CHARS: usize = 2;

/// Number of entries whose beginnings are compared with a short text.
const MAX_COMPARED: usize = 20;

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
        let (entries, referred) = self.suggest_by_analysis(&analysis, desk, now);
        Hits {
            desk: referred,
            ..self.page(&analysis, &entries, page)
        }
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
        self.suggest_by_analysis(&analysis, desk, now).0
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
        keep_notable(&mut entries, &trace.ranking);
        self.page(&trace.analysis, &entries, page)
    }

    fn suggest_by_analysis(
        &self,
        analysis: &Analysis,
        desk: Option<&DeskId>,
        now: Timestamp,
    ) -> (Vec<(usize, f32)>, Option<DeskHit<'_>>) {
        let candidates = self.searcher.find_now(analysis);
        let ranking = self.searcher.rank(&candidates, analysis, None);
        let mut entries = self.shown_entries(&ranking, desk, now);
        if let Some(beginning) = short_kana(&analysis.text) {
            entries.truncate(MAX_COMPARED);
            entries.retain(|(index, _)| self.begins_with(*index, &beginning));
            return (entries, None);
        }
        keep_notable(&mut entries, &ranking);
        (entries, self.referred(&ranking, desk))
    }

    /// Returns the desk of the most probable subject, if it is a referral.
    fn referred(&self, ranking: &Ranking, desk: Option<&DeskId>) -> Option<DeskHit<'_>> {
        let first = ranking.subjects.first()?;
        let Subject::Referral(index) = first.candidate.subject else {
            return None;
        };
        let referral = self.knowledge.referrals.get(index)?;
        let is_wanted = desk.is_none_or(|desk| *desk == referral.desk);
        let is_probable = first.probability >= MIN_DESK_PROBABILITY;
        let desk = self.knowledge.desk(referral.desk.as_str());
        let desk = desk.filter(|_| is_wanted && is_probable)?;
        let topic = referral.topic.as_str();
        Some(DeskHit { desk, topic })
    }

    /// Returns whether a word in the question of an entry begins with a reading.
    fn begins_with(&self, entry: usize, beginning: &str) -> bool {
        let question = &self.knowledge.entries[entry].question;
        let mut tokens = self.searcher.analyze(question).tokens.into_iter();
        tokens.any(|token| token.is_content && token.reading.starts_with(beginning))
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
            desk: None,
        }
    }
}

/// Removes the entries that are noise compared with the best of them, with a subject that is no entry,
/// and with "nothing"; see [`MIN_HIT_SHARE`].
fn keep_notable(entries: &mut Vec<(usize, f32)>, ranking: &Ranking) {
    let others = ranking.subjects.iter().filter_map(|ranked| {
        let is_entry = matches!(ranked.candidate.subject, Subject::Entry(_));
        (!is_entry).then_some(ranked.probability)
    });
    let best = entries.first().map(|(_, best)| *best);
    let best = others.chain(best).fold(ranking.nothing, f32::max);
    entries.retain(|(_, probability)| *probability >= best * MIN_HIT_SHARE);
}

/// Returns a text in katakana if it consists of very few kana. Its reading would not do: that of an
/// incomplete word may differ (とう: トオ).
fn short_kana(text: &str) -> Option<String> {
    /// Distance between a hiragana and its katakana.
    const KATAKANA_OFFSET: u32 = 0x60;
    let text = text.trim();
    let letters = text.chars().map(|letter| match letter {
        'ぁ'..='ゖ' => char::from_u32(u32::from(letter) + KATAKANA_OFFSET),
        'ァ'..='ヺ' | 'ー' => Some(letter),
        _ => None,
    });
    let is_short = (1..=MAX_BEGINNING_CHARS).contains(&text.chars().count());
    letters.collect::<Option<String>>().filter(|_| is_short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_very_few_kana_are_a_beginning() {
        for (typed, beginning) in [
            ("ゆう", Some("ユウ")),
            ("カ", Some("カ")),
            (" つう ", Some("ツウ")),
            ("ゆうり", None),
            ("有", None),
            ("a", None),
            ("", None),
        ] {
            assert_eq!(short_kana(typed).as_deref(), beginning, "{typed}");
        }
    }
}
