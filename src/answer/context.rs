//! Questions that depend on the conversation: 「サービスなら？」, 「それはいつ？」, 「メールだけ？」.
//!
//! The ranking of a question in a conversation is weighed with it: the entry shown last, its
//! neighbours (related entries, entries that were offered) and the desk become more probable, the
//! more so the less the question says by itself. A question with a clear subject of its own stays
//! as it is, because its probability outweighs every factor here. A question that contrasts or
//! names nothing (「有料だと？」, 「それはいつ？」) is also ranked together with the question before it.
//!
//! Invariant: without a conversation nothing here changes a ranking.

use jiff::Timestamp;
use unicode_normalization::UnicodeNormalization;

use super::conversation::Conversation;
use super::dialogue::is_question;
use super::dialogue::words::{
    ASKING_AMOUNT, ASKING_DATE, CONTINUATIONS, DEMONSTRATIVES, INTERROGATIVES,
    OTHER_CASE_BEGINNINGS, OTHER_CASES, RECALL, TOPIC_CHANGES,
};
use super::{Assistant, Outcome};
use crate::knowledge::{DeskId, EntryId, HandOffReason};
use crate::search::{Analysis, Ranking, Subject};

/// Maximum number of content words of a fragment, which may be no question by itself.
const MAX_FRAGMENT_WORDS: usize = 2;

/// Factor on [`Factors::last`] for a question with a demonstrative.
const DEMONSTRATIVE_FACTOR: f32 = 1.5;

/// Factors on the entry shown last and on its neighbours for a question about another case.
const OTHER_CASE_FACTORS: (f32, f32) = (0.5, 5.0);

/// Factor on "did not help" for a question: 「違うの？」 asks, 「違う」 rejects.
const REJECTION_FACTOR: f32 = 0.02;

/// Minimum probability of an entry that is neither the one shown last nor a neighbour of it, to be
/// given as the answer in a conversation. On 82 conversations that are not in the repository, less
/// than half of the less probable ones are right (2026-11-29).
pub(super) const MIN_FAR_PROBABILITY: f32 = 0.985;

/// How strongly a question depends on its conversation: factors on probabilities.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Factors {
    /// For the entry shown last.
    last: f32,
    /// For its related entries and for entries that were offered.
    near: f32,
    /// For entries and referrals of the conversation's desk.
    desk: f32,
}

impl Factors {
    /// Returns the factors for a number of content words. Chosen on 82 conversations that are not in
    /// the repository (2026-11-29); half or twice each of them changes the answers by one in a hundred.
    fn of(words: usize) -> Self {
        let [last, near, desk] = match words {
            0 | 1 => [45.0, 3.0, 60.0],
            2 => [30.0, 2.0, 40.0],
            3 | 4 => [4.0, 2.0, 16.0],
            _ => [1.5, 1.2, 4.0],
        };
        Self { last, near, desk }
    }
}

/// The parts of a conversation by which the ranking of a question is weighed.
#[derive(Debug, Clone)]
pub(super) struct Context {
    /// Position of the entry shown last.
    pub(super) last: Option<usize>,
    near: Vec<usize>,
    desk: Option<DeskId>,
    factors: Factors,
    /// Whether the question is ranked together with the question of the last entry.
    pub(super) is_blended: bool,
    /// Whether the question says little by itself.
    pub(super) is_fragment: bool,
    /// Whether the last message was answered with [`Self::last`].
    pub(super) is_after_answer: bool,
}

impl Context {
    /// Returns the context of a question; `None` without a conversation, and if the question changes
    /// the subject.
    pub(super) fn of(
        assistant: &Assistant,
        conversation: &Conversation,
        analysis: &Analysis,
        now: Timestamp,
    ) -> Option<Self> {
        let says_nothing = !analysis.tokens.iter().any(|token| token.is_content)
            && !is_question(analysis)
            && !asks_other_case(analysis);
        if !conversation.is_live() || says_nothing || changes_topic(analysis) {
            return None;
        }
        let named = assistant.searcher.named_desks(analysis);
        let desk = conversation.desk.as_ref();
        let is_elsewhere = !named.is_empty() && desk.is_none_or(|desk| !named.contains(&desk));
        if is_elsewhere && !points_back(analysis) {
            return None;
        }
        let knowledge = &assistant.knowledge;
        let today = assistant.today(now);
        let position = |id: &EntryId| Some(knowledge.shown(id, today)?.0);
        let last = conversation.last_entry.as_ref().and_then(position);
        // After a list the member chooses or adds to it; the entry before it counts less.
        let is_after_list = conversation.last_outcome == Some(Outcome::Suggested);
        let related = last
            .into_iter()
            .flat_map(|last| &knowledge.entries[last].related);
        let offered = conversation
            .offered
            .iter()
            .filter(|_| conversation.is_choosing);
        let near: Vec<usize> = related.chain(offered).filter_map(position).collect();
        let words = content_words(assistant, analysis);
        let mut factors = Factors::of(words);
        if points_back(analysis) && !is_after_list {
            factors.last *= DEMONSTRATIVE_FACTOR;
        }
        if is_after_list {
            (factors.last, factors.near) = (factors.near, factors.last);
        }
        let is_contrast = asks_other_case(analysis);
        if is_contrast {
            (factors.last, factors.near) = OTHER_CASE_FACTORS;
        }
        Some(Self {
            last,
            near,
            desk: desk.filter(|_| named.is_empty()).cloned(),
            factors,
            is_blended: last.is_some()
                && words <= MAX_FRAGMENT_WORDS
                && (is_contrast || words == 0),
            is_fragment: words <= MAX_FRAGMENT_WORDS,
            is_after_answer: conversation.is_after_answer(),
        })
    }

    /// Returns the context of a message that takes back the last question: its answer is not meant,
    /// its neighbours are likely, and the rest of the question still holds.
    pub(super) fn of_correction(self) -> Self {
        let factors = Factors {
            last: 0.0,
            near: self.factors.last.max(self.factors.near),
            ..self.factors
        };
        Self {
            factors,
            is_blended: self.last.is_some() && self.is_fragment,
            is_after_answer: false,
            ..self
        }
    }

    /// Weighs a ranking with the conversation.
    pub(super) fn weigh(&self, assistant: &Assistant, analysis: &Analysis, ranking: &mut Ranking) {
        let knowledge = &assistant.knowledge;
        let has_value =
            |entry: usize| has_asked_value(analysis, &knowledge.entries[entry].answer.text);
        let is_bare_question = ends_in_interrogative(analysis);
        let asks = is_question(analysis);
        ranking.reweigh_all(|subject| match subject {
            Subject::Entry(entry) => {
                let nearness = if self.last == Some(entry) {
                    if has_value(entry) {
                        self.factors.last
                    } else {
                        0.0
                    }
                } else if self.near.contains(&entry) {
                    self.factors.near
                } else {
                    1.0
                };
                nearness * self.desk_factor(assistant, subject)
            }
            Subject::Referral(_) => self.desk_factor(assistant, subject),
            Subject::SmallTalk(_) if is_bare_question => 0.0,
            Subject::HandOff(_) if is_bare_question => 0.0,
            Subject::HandOff(index)
                if asks && knowledge.hand_offs[index].reason == HandOffReason::NotHelpful =>
            {
                REJECTION_FACTOR
            }
            // A statement is as likely courtesy or a complaint as it is about the desk.
            Subject::SmallTalk(_) | Subject::HandOff(_) if !asks && self.desk.is_some() => {
                self.factors.desk
            }
            Subject::SmallTalk(_) | Subject::HandOff(_) | Subject::OutOfScope(_) => 1.0,
        });
    }

    /// Returns whether an entry is too loosely related to the conversation to be given as the answer.
    pub(super) fn is_far(&self, entry: usize, probability: f32) -> bool {
        let is_close = self.last == Some(entry) || self.near.contains(&entry);
        self.last.is_some() && !is_close && probability < MIN_FAR_PROBABILITY
    }

    fn desk_factor(&self, assistant: &Assistant, subject: Subject) -> f32 {
        let own = assistant.searcher.desk(subject);
        if self.desk.is_some() && own == self.desk.as_ref() {
            self.factors.desk
        } else {
            1.0
        }
    }
}

/// Returns whether a short question has a demonstrative or asks for another case, so that it is no
/// question without a conversation.
pub(super) fn is_fragment(analysis: &Analysis) -> bool {
    let content = analysis.tokens.iter().filter(|token| token.is_content);
    content.count() <= MAX_FRAGMENT_WORDS && (points_back(analysis) || asks_other_case(analysis))
}

/// Number of content words; the names of desks do not count.
fn content_words(assistant: &Assistant, analysis: &Analysis) -> usize {
    let tokens = analysis.tokens.iter();
    let content = tokens.filter(|token| token.is_content);
    content
        .filter(|token| !assistant.searcher.is_desk_name(&token.base))
        .count()
}

/// Returns whether a question has a demonstrative or begins with a conjunction that continues.
pub(super) fn points_back(analysis: &Analysis) -> bool {
    let mut tokens = analysis.tokens.iter();
    tokens.any(|token| DEMONSTRATIVES.contains(&token.surface.as_str()))
        || CONTINUATIONS
            .iter()
            .any(|word| analysis.normalized.starts_with(word))
        || analysis.normalized.ends_with(RECALL)
}

/// Returns whether a question asks for another case: 「商談会だったら」, 「有料だと」.
fn asks_other_case(analysis: &Analysis) -> bool {
    let start = analysis.normalized.as_str();
    let end = analysis
        .normalized
        .trim_end_matches(['は', 'ば', 'と', ' ']);
    OTHER_CASES
        .iter()
        .any(|case| end.ends_with(case.trim_end_matches('と')))
        || OTHER_CASE_BEGINNINGS
            .iter()
            .any(|case| start.starts_with(case))
}

/// Returns whether a question announces another subject.
fn changes_topic(analysis: &Analysis) -> bool {
    let text: String = analysis.normalized.split(' ').collect();
    TOPIC_CHANGES.iter().any(|change| text.starts_with(change))
}

/// Returns whether a question is a fragment that ends in an interrogative. Such a question is neither
/// small talk nor a complaint, although それはいつ resembles それは違う.
fn ends_in_interrogative(analysis: &Analysis) -> bool {
    let end = analysis
        .normalized
        .trim_end_matches(['か', 'の', 'で', 'す', ' ']);
    is_fragment(analysis) && INTERROGATIVES.iter().any(|word| end.ends_with(word))
}

/// Returns whether an answer has the kind of value that a question asks for: a time for いつ, an
/// amount for いくら. Other interrogatives fit any answer.
fn has_asked_value(analysis: &Analysis, answer: &str) -> bool {
    let letters: Vec<char> = answer
        .nfkc()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let counts = |units: &[char]| {
        letters
            .windows(2)
            .any(|pair| pair[0].is_ascii_digit() && units.contains(&pair[1]))
    };
    let asks_for = |words: &[&str]| words.iter().any(|word| analysis.normalized.contains(word));
    if asks_for(ASKING_DATE) {
        let when = ["以降", "タイミング", "随時", "順次"];
        return counts(&['日', '月', '時', '年']) || when.iter().any(|word| answer.contains(word));
    }
    if asks_for(ASKING_AMOUNT) {
        return counts(&['円']) || answer.contains("無料");
    }
    true
}
