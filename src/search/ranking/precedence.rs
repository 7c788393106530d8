//! Whether a shipped topic takes precedence over the knowledge's own subjects.
//!
//! Input: the candidates of a question among the own subjects and among the shipped topics, with their
//! utilities. Output: the topics that are ranked too. A topic must explain more of the question than
//! any own subject, be like the question itself, and, if it is out of scope, have to do with a word that
//! the knowledge does not know.
//!
//! The constants were chosen on the project's fitted sets without variants (28 entries) and on a city's
//! FAQ (1,785 entries), so that at most 2 in 100 questions with an entry are taken by a topic
//! (2026-11-29; by words 1.4 and 1.2, with the built-in model 1.0 and 2.0). Without any of them topics take
//! 52 and 11 in 100.

use super::candidates::{Candidate, Candidates};
use crate::search::index::Subject;

/// Minimum lead of a topic's utility over that of "nothing".
const MIN_LEAD_OVER_NOTHING: f32 = 1.0;

/// Minimum lead of a topic's utility over that of every own subject.
const MIN_LEAD_OVER_OWN: f32 = 2.0;

/// Minimum share of the question's words that the knowledge does not know, for an out-of-scope topic: a
/// question in the words of the knowledge is about its subjects.
const MIN_UNKNOWN_SHARE: f32 = 0.2;

/// Minimum likeness of the question and a phrase of a wish for a person or a complaint: such words stand in
/// many questions (「どこに電話すればいいですか」).
const MIN_HAND_OFF_LIKENESS: f32 = 0.5;

/// Minimum likeness of the question and a phrase of small talk.
const MIN_SMALL_TALK_LIKENESS: f32 = 0.2;

/// Minimum share of the letters of a question in kana that small talk, a wish for a person or a complaint has: the
/// words of such a text are uncertain. 「たすかった ありがと」 has 1.0, and 「おやすみはいつですか」 0.5 of おやすみ.
const MIN_EXPLAINED_IN_KANA: f32 = 0.6;

/// Minimum likeness of the question and a phrase of any topic in small knowledge: the less it says, the
/// less a word tells that it does not know.
const MIN_LIKENESS_IN_SMALL: f32 = 0.55;

/// Minimum excess, in small knowledge, of the share of the question's words that it does not know over the
/// share that one of its subjects has, for an out-of-scope topic: 「カードの作り方」 is about a card even if
/// only the topic of recipes has 作り方.
const MIN_EXCESS_IN_SMALL: f32 = 0.25;

/// Maximum share of the question's words that an own subject has, for the exact text of an out-of-scope
/// topic: where an entry is about ポイント, 「ポイントの有効期限」 is about that entry. Not fitted: one word of
/// a question with four; one off-topic question of 20 to the city's FAQ more gets an entry (2026-11-29).
const MAX_EXPLAINED_BESIDE_EXACT: f32 = 0.25;

/// Number of phrases of small knowledge.
const SMALL_PHRASES: f32 = 28.0;

/// Number of phrases from which on knowledge is not small at all.
const LARGE_PHRASES: f32 = 600.0;

/// The own subjects and the shipped topics that match a question, with their utilities.
pub(in crate::search) struct Precedence<'a> {
    /// Whether the question is in kana.
    pub is_kana: bool,
    pub own: &'a Candidates,
    /// One for each own subject, then that of "nothing".
    pub own_utilities: &'a [f32],
    /// Number of phrases of the own subjects.
    pub own_phrases: u32,
    pub topics: &'a Candidates,
    /// One for each topic.
    pub topic_utilities: &'a [f32],
}

impl Precedence<'_> {
    /// Lists the topics that take precedence, by their positions among the candidates.
    pub(in crate::search) fn given(&self) -> Vec<usize> {
        if self.topics.has_exact() {
            if self.own.explains_all() {
                return Vec::new();
            }
            let is_foreign = self.own.explained() <= MAX_EXPLAINED_BESIDE_EXACT;
            let topics = self.topics.iter().enumerate();
            let exact = topics.filter(|(_, topic)| {
                let is_out_of_scope = matches!(topic.subject, Subject::OutOfScope(_));
                topic.is_exact && (is_foreign || !is_out_of_scope)
            });
            return exact.map(|(index, _)| index).collect();
        }
        let Some((nothing, own)) = self.own_utilities.split_last() else {
            return Vec::new();
        };
        let own = own.iter().copied().fold(f32::MIN, f32::max);
        let min_utility = (nothing + MIN_LEAD_OVER_NOTHING).max(own + MIN_LEAD_OVER_OWN);
        let smallness = smallness(self.own_phrases);
        let min_likeness = MIN_LIKENESS_IN_SMALL * smallness;
        let min_excess = smallness * (self.own.explained() + MIN_EXCESS_IN_SMALL);
        // 「やめたいんだけど」 shares only its ending with a topic.
        let needs_word = self.own.explains_all();
        let may_be_foreign = self.own.unknown >= min_excess.max(MIN_UNKNOWN_SHARE);
        let topics = self.topics.iter().zip(self.topic_utilities);
        let given = topics.enumerate().filter(|(_, (topic, utility))| {
            **utility > min_utility
                && !(needs_word && topic.scores.dice_words == 0.0)
                && self.is_alike(topic, min_likeness)
                && (may_be_foreign || !matches!(topic.subject, Subject::OutOfScope(_)))
        });
        given.map(|(index, _)| index).collect()
    }

    /// Returns whether the question is like a phrase of a topic; `least` holds for any topic.
    fn is_alike(&self, topic: &Candidate, least: f32) -> bool {
        let is_explained = !self.is_kana
            || matches!(topic.subject, Subject::OutOfScope(_))
            || topic.scores.profile_grams >= MIN_EXPLAINED_IN_KANA;
        is_explained && likeness(topic) >= least.max(min_likeness_of(topic.subject))
    }
}

/// Returns how like a question is to the best phrase of a topic, 0 to 1.
fn likeness(topic: &Candidate) -> f32 {
    topic.scores.dice_words.max(topic.scores.dice_grams)
}

fn min_likeness_of(subject: Subject) -> f32 {
    match subject {
        Subject::HandOff(_) => MIN_HAND_OFF_LIKENESS,
        Subject::SmallTalk(_) => MIN_SMALL_TALK_LIKENESS,
        Subject::OutOfScope(_) | Subject::Entry(_) | Subject::Referral(_) => 0.0,
    }
}

/// Returns how small knowledge with a number of phrases is: on a logarithmic scale from 1 for
/// [`SMALL_PHRASES`] to 0 for [`LARGE_PHRASES`].
fn smallness(phrases: u32) -> f32 {
    let phrases = phrases.max(1) as f32;
    let smallness = (LARGE_PHRASES / phrases).ln() / (LARGE_PHRASES / SMALL_PHRASES).ln();
    smallness.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns whether a topic with these scores takes precedence over an entry.
    fn is_given(topic: &Candidate, utility: f32, own: &Candidates, own_phrases: u32) -> bool {
        let mut topics = Candidates::none();
        topics.all.push(*topic);
        Precedence {
            is_kana: false,
            own,
            own_utilities: &[3.0, 4.0],
            own_phrases,
            topics: &topics,
            topic_utilities: &[utility],
        }
        .given()
            == [0]
    }

    fn topic(subject: Subject, likeness: f32) -> Candidate {
        let mut topic = Candidate::new(0, subject);
        topic.scores.dice_words = likeness;
        topic
    }

    fn own(unknown: f32, share: f32) -> Candidates {
        let mut own = Candidates::none();
        let mut entry = Candidate::new(0, Subject::Entry(0));
        entry.scores.profile_words = share;
        own.all.push(entry);
        own.unknown = unknown;
        own
    }

    #[test]
    fn a_topic_must_lead_and_be_like_the_question() {
        let (weather, wish) = (Subject::OutOfScope(0), Subject::HandOff(0));
        let rows = [
            (weather, 0.3, 6.0, 0.4, 1_000, true),
            (weather, 0.3, 4.5, 0.4, 1_000, false),
            (weather, 0.3, 6.0, 0.0, 1_000, false),
            (weather, 0.3, 6.0, 0.4, 28, false),
            (weather, 0.6, 6.0, 0.4, 28, false),
            (weather, 0.6, 6.0, 0.5, 28, true),
            (wish, 0.3, 6.0, 0.4, 1_000, false),
            (wish, 0.6, 6.0, 0.0, 1_000, true),
        ];
        for (subject, likeness, utility, unknown, phrases, expected) in rows {
            let given = is_given(
                &topic(subject, likeness),
                utility,
                &own(unknown, 0.2),
                phrases,
            );
            assert_eq!(
                given, expected,
                "{subject:?} {likeness} {utility} {unknown} {phrases}"
            );
        }
    }

    #[test]
    fn in_kana_small_talk_has_most_letters_of_the_question() {
        let (own, mut topics) = (own(0.3, 0.2), Candidates::none());
        let mut night = topic(Subject::SmallTalk(0), 1.0);
        let mut is_given = |explained: f32| {
            night.scores.profile_grams = explained;
            topics.all = vec![night];
            let precedence = Precedence {
                is_kana: true,
                own: &own,
                own_utilities: &[3.0, 4.0],
                own_phrases: 28,
                topics: &topics,
                topic_utilities: &[20.0],
            };
            precedence.given() == [0]
        };
        assert!(!is_given(0.5));
        assert!(is_given(0.7));
    }

    #[test]
    fn a_topic_without_a_word_of_the_question_does_not_win_over_an_entry_with_all() {
        let mut complaint = Candidate::new(0, Subject::HandOff(0));
        complaint.scores.dice_grams = 0.6;
        assert!(is_given(&complaint, 20.0, &own(0.0, 0.5), 1_000));
        assert!(!is_given(&complaint, 20.0, &own(0.0, 1.0), 1_000));
        complaint.scores.dice_words = 0.3;
        assert!(is_given(&complaint, 20.0, &own(0.0, 1.0), 1_000));
    }

    #[test]
    fn an_entry_with_all_words_of_the_question_wins_over_an_exact_match() {
        let exact = Candidate {
            is_exact: true,
            ..topic(Subject::HandOff(0), 1.0)
        };
        assert!(is_given(&exact, 20.0, &own(0.0, 0.5), 28));
        assert!(!is_given(&exact, 20.0, &own(0.0, 1.0), 28));
        // An out-of-scope subject has less claim to a question in words of the knowledge.
        let weather = Candidate {
            is_exact: true,
            ..topic(Subject::OutOfScope(0), 1.0)
        };
        assert!(is_given(&weather, 20.0, &own(0.5, 0.2), 28));
        assert!(!is_given(&weather, 20.0, &own(0.5, 0.5), 28));
    }
}
