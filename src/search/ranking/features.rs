//! The features of the ranking model: one list of names and functions.
//!
//! The name is the key of the weight in `calibration.toml`; the function computes the value for
//! one [`Alternative`]. Questions in kana have features of their own, since their word boundaries
//! are unreliable. So have long questions, since a smaller share of their terms is in any phrase.

use super::candidates::{Candidate, Candidates, Scores};
use crate::search::analysis::Analysis;
use crate::search::index::Subject;

/// Number of features.
pub const FEATURE_COUNT: usize = 45;

/// The values of all features for one alternative, in the order of [`NAMES`].
pub type Features = [f32; FEATURE_COUNT];

/// Cap of a lexical score. The BM25 score of a one-word phrase is several times the mean, but is not
/// better evidence.
const MAX_SCORE: f32 = 1.5;

/// Defines [`NAMES`] and [`Alternative::features`] from one list of names and functions. A macro and
/// not an array of function pointers, so that the functions are inlined: a ranking calls each of
/// them for every candidate.
macro_rules! features {
    ($($name:literal => $value:expr),+ $(,)?) => {
        /// The names of the weights, in the order of [`Features`].
        pub const NAMES: [&str; FEATURE_COUNT] = [$($name),+];

        impl Alternative<'_> {
            /// Computes all features.
            pub(in crate::search) fn features(&self) -> Features {
                [$({
                    let value: fn(&Alternative<'_>) -> f32 = $value;
                    value(self)
                }),+]
            }
        }
    };
}

features! {
    "phrase_words" => |a| a.capped(|s| s.phrase_words),
    "phrase_grams" => |a| a.capped(|s| s.phrase_grams),
    "dice_words" => |a| a.capped(|s| s.dice_words),
    "dice_grams" => |a| a.capped(|s| s.dice_grams),
    "profile_words" => |a| a.capped(|s| s.profile_words),
    "profile_grams" => |a| a.capped(|s| s.profile_grams),
    "text_words" => |a| a.capped(|s| s.text_words),
    "text_grams" => |a| a.capped(|s| s.text_grams),
    "long_phrase_words" => |a| a.long(|s| s.phrase_words),
    "long_phrase_grams" => |a| a.long(|s| s.phrase_grams),
    "long_dice_words" => |a| a.long(|s| s.dice_words),
    "long_dice_grams" => |a| a.long(|s| s.dice_grams),
    "long_profile_words" => |a| a.long(|s| s.profile_words),
    "long_profile_grams" => |a| a.long(|s| s.profile_grams),
    "long_text_words" => |a| a.long(|s| s.text_words),
    "long_text_grams" => |a| a.long(|s| s.text_grams),
    "kana_phrase_words" => |a| a.kana(|s| s.phrase_words),
    "kana_phrase_grams" => |a| a.kana(|s| s.phrase_grams),
    "kana_dice_words" => |a| a.kana(|s| s.dice_words),
    "kana_dice_grams" => |a| a.kana(|s| s.dice_grams),
    "kana_profile_words" => |a| a.kana(|s| s.profile_words),
    "kana_profile_grams" => |a| a.kana(|s| s.profile_grams),
    "kana_text_words" => |a| a.kana(|s| s.text_words),
    "kana_text_grams" => |a| a.kana(|s| s.text_grams),
    "exact" => |a| flag(a.candidate.is_some_and(|c| c.is_exact)),
    "entry" => |a| a.is(|s| matches!(s, Subject::Entry(_))),
    "referral" => |a| a.is(|s| matches!(s, Subject::Referral(_))),
    "small_talk" => |a| {
        a.is(|s| matches!(s, Subject::SmallTalk(_)))
    },
    "hand_off" => |a| a.is(|s| matches!(s, Subject::HandOff(_))),
    "out_of_scope" => |a| {
        a.is(|s| matches!(s, Subject::OutOfScope(_)))
    },
    "nothing" => |a| a.nothing(1.0),
    "nothing_long" => |a| a.nothing(a.question.length),
    "nothing_kana" => |a| a.nothing(a.question.kana),
    "nothing_unknown" => |a| a.nothing(a.question.unknown),
    "out_of_scope_foreign" => |a| {
        a.is(|s| matches!(s, Subject::OutOfScope(_))) * a.score(|s| s.foreign_words)
    },
    "chosen_desk" => |a| flag(a.desk.is_chosen),
    "named_desk" => |a| flag(a.desk.is_named),
    "other_desk_named" => |a| flag(a.desk.is_other_named),
    "meaning_phrase" => |a| a.score(|s| s.meaning_phrase),
    "meaning_text" => |a| a.score(|s| s.meaning_text),
    "long_meaning_phrase" => |a| {
        a.score(|s| s.meaning_phrase) * a.question.length
    },
    "long_meaning_text" => |a| {
        a.score(|s| s.meaning_text) * a.question.length
    },
    "latin_meaning_phrase" => |a| {
        a.score(|s| s.meaning_phrase) * a.question.latin
    },
    "latin_meaning_text" => |a| {
        a.score(|s| s.meaning_text) * a.question.latin
    },
    "nothing_nearest" => |a| a.nothing(a.question.nearest),
}

/// One of the subjects that a question may be about, or none of them.
#[derive(Debug, Clone, Copy)]
pub(in crate::search) struct Alternative<'a> {
    /// The candidate; `None` is "the knowledge has nothing on this question".
    pub candidate: Option<&'a Candidate>,
    /// The properties of the question.
    pub question: QuestionSignals,
    /// The relation between the question and the candidate's desk.
    pub desk: DeskSignals,
}

/// The properties of a question that features use.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::search) struct QuestionSignals {
    /// Length on a logarithmic scale: 0 for one word, 1 for 20 words, at most 1.5.
    pub length: f32,
    /// 1 for a question in kana, else 0.
    pub kana: f32,
    /// 1 for a question in ASCII, else 0. Such a question shares few terms with Japanese phrases,
    /// so semantic scores matter most.
    pub latin: f32,
    /// Share of the question's words, weighted by rarity, that no subject has.
    pub unknown: f32,
    /// Greatest similarity between the question and any phrase; 0 without embeddings.
    pub nearest: f32,
}

/// The relation between a question and a candidate's desk.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::search) struct DeskSignals {
    /// The member chose the desk, with this question or earlier in the conversation.
    pub is_chosen: bool,
    /// The question names the desk.
    pub is_named: bool,
    /// The question names another desk and not this one.
    pub is_other_named: bool,
}

impl QuestionSignals {
    pub(in crate::search) fn new(question: &Analysis, candidates: &Candidates) -> Self {
        let words = question.words.len().max(1) as f32;
        Self {
            length: (words.ln() / 3.0).min(1.5),
            kana: flag(question.is_kana),
            latin: flag(question.normalized.is_ascii()),
            unknown: candidates.unknown,
            nearest: candidates.nearest,
        }
    }
}

impl Alternative<'_> {
    /// Returns the coverage of the candidate. "Nothing" has the parameters of well-covered subjects, so
    /// that their odds against it do not depend on the other entries.
    pub(in crate::search) fn coverage(&self) -> f32 {
        self.candidate.map_or(1.0, |candidate| candidate.coverage)
    }

    /// Returns the part of the utility that is not fitted; see [`super::quantities`].
    pub(in crate::search) fn penalty(&self) -> f32 {
        self.candidate
            .map_or(0.0, |candidate| candidate.quantities.penalty)
    }

    fn score(&self, score: impl Fn(&Scores) -> f32) -> f32 {
        self.candidate
            .map_or(0.0, |candidate| score(&candidate.scores))
    }

    fn capped(&self, score: impl Fn(&Scores) -> f32) -> f32 {
        self.score(score).min(MAX_SCORE)
    }

    fn long(&self, score: impl Fn(&Scores) -> f32) -> f32 {
        self.capped(score) * self.question.length
    }

    fn kana(&self, score: impl Fn(&Scores) -> f32) -> f32 {
        self.capped(score) * self.question.kana
    }

    fn is(&self, kind: impl Fn(Subject) -> bool) -> f32 {
        flag(
            self.candidate
                .is_some_and(|candidate| kind(candidate.subject)),
        )
    }

    fn nothing(&self, value: f32) -> f32 {
        if self.candidate.is_none() { value } else { 0.0 }
    }
}

fn flag(condition: bool) -> f32 {
    f32::from(u8::from(condition))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::search::QuantityMatch;

    fn candidate(subject: Subject) -> Candidate {
        Candidate {
            subject,
            scores: Scores {
                phrase_words: 0.01,
                phrase_grams: 0.02,
                dice_words: 0.03,
                dice_grams: 0.04,
                profile_words: 0.05,
                profile_grams: 0.06,
                foreign_words: 0.07,
                text_words: 0.08,
                text_grams: 9.0,
                held_words: 0.0,
                unasked_words: 0.0,
                meaning_phrase: 0.11,
                meaning_text: 0.12,
            },
            best_phrase: None,
            nearest_phrase: None,
            quantities: QuantityMatch::default(),
            is_exact: true,
            coverage: 1.0,
            is_default: false,
            position: 0,
        }
    }

    fn value(name: &str, alternative: &Alternative<'_>) -> f32 {
        let position = NAMES.iter().position(|known| *known == name);
        alternative.features()[position.expect(name)]
    }

    #[test]
    fn each_name_belongs_to_its_value() {
        let question = QuestionSignals {
            length: 2.0,
            kana: 3.0,
            latin: 5.0,
            unknown: 0.21,
            nearest: 0.22,
        };
        let desk = DeskSignals {
            is_chosen: true,
            is_named: false,
            is_other_named: true,
        };
        let entry = candidate(Subject::Entry(0));
        let foreign = candidate(Subject::OutOfScope(0));
        let of = |candidate| Alternative {
            candidate,
            question,
            desk,
        };
        let (entry, foreign) = (of(Some(&entry)), of(Some(&foreign)));
        let nothing = of(None);
        let rows: [(&Alternative<'_>, &str, f32); 51] = [
            (&entry, "phrase_words", 0.01),
            (&entry, "phrase_grams", 0.02),
            (&entry, "dice_words", 0.03),
            (&entry, "dice_grams", 0.04),
            (&entry, "profile_words", 0.05),
            (&entry, "profile_grams", 0.06),
            (&entry, "text_words", 0.08),
            (&entry, "text_grams", MAX_SCORE),
            (&entry, "long_phrase_words", 0.02),
            (&entry, "long_phrase_grams", 0.04),
            (&entry, "long_dice_words", 0.06),
            (&entry, "long_dice_grams", 0.08),
            (&entry, "long_profile_words", 0.1),
            (&entry, "long_profile_grams", 0.12),
            (&entry, "long_text_words", 0.16),
            (&entry, "long_text_grams", 2.0 * MAX_SCORE),
            (&entry, "kana_phrase_words", 0.03),
            (&entry, "kana_phrase_grams", 0.06),
            (&entry, "kana_dice_words", 0.09),
            (&entry, "kana_dice_grams", 0.12),
            (&entry, "kana_profile_words", 0.15),
            (&entry, "kana_profile_grams", 0.18),
            (&entry, "kana_text_words", 0.24),
            (&entry, "kana_text_grams", 3.0 * MAX_SCORE),
            (&entry, "exact", 1.0),
            (&entry, "entry", 1.0),
            (&entry, "referral", 0.0),
            (&entry, "small_talk", 0.0),
            (&entry, "hand_off", 0.0),
            (&entry, "out_of_scope", 0.0),
            (&foreign, "out_of_scope", 1.0),
            (&foreign, "entry", 0.0),
            (&entry, "nothing", 0.0),
            (&nothing, "nothing", 1.0),
            (&nothing, "nothing_long", 2.0),
            (&nothing, "nothing_kana", 3.0),
            (&nothing, "nothing_unknown", 0.21),
            (&nothing, "nothing_nearest", 0.22),
            (&entry, "nothing_nearest", 0.0),
            (&entry, "out_of_scope_foreign", 0.0),
            (&foreign, "out_of_scope_foreign", 0.07),
            (&entry, "chosen_desk", 1.0),
            (&entry, "named_desk", 0.0),
            (&entry, "other_desk_named", 1.0),
            (&entry, "meaning_phrase", 0.11),
            (&entry, "meaning_text", 0.12),
            (&entry, "long_meaning_phrase", 0.22),
            (&entry, "long_meaning_text", 0.24),
            (&entry, "latin_meaning_phrase", 0.55),
            (&entry, "latin_meaning_text", 0.6),
            (&nothing, "phrase_words", 0.0),
        ];
        for (alternative, name, expected) in rows {
            let found = value(name, alternative);
            assert!((found - expected).abs() < 1e-6, "{name}: {found}");
        }
        let tested: BTreeSet<&str> = rows.iter().map(|(_, name, _)| *name).collect();
        assert_eq!(tested, BTreeSet::from(NAMES));
        for (kind, subject) in [
            ("referral", Subject::Referral(0)),
            ("small_talk", Subject::SmallTalk(0)),
            ("hand_off", Subject::HandOff(0)),
        ] {
            let candidate = candidate(subject);
            let alternative = Alternative {
                candidate: Some(&candidate),
                question,
                desk,
            };
            assert!((value(kind, &alternative) - 1.0).abs() < 1e-6, "{kind}");
        }
    }
}
