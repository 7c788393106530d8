//! The terms of a text for the two fields of the index: words and grams.
//!
//! Input: an [`Analysis`]. Output: [`Terms`] with weights. Words are the base forms of content words
//! and synonym groups. Grams are bigrams of the reading, bigrams of the spelling, and single kanji
//! or katakana; they match kana, romaji, half-typed input, conversion errors and okurigana variants.
//!
//! Figures of a prototype with the same analyzer: hit@1 on the shipped knowledge without variants
//! (112 questions), nDCG@10 on another organisation's 1,786 entries (244 questions):
//!
//! | terms | hit@1 | nDCG@10 |
//! |---|---|---|
//! | words alone | 0.51 | 0.555 |
//! | grams alone | 0.73 | 0.545 |
//! | words and grams | 0.73 | 0.582 |
//! | … reading trigrams instead of bigrams | 0.71 | 0.570 |
//! | … without single characters | 0.71 | 0.569 |
//! | … without readings | 0.60 | 0.575 |
//! | … function words at full weight | 0.72 | 0.578 |
//! | … without the question as a text of its own | 0.67 | 0.533 |
//!
//! Word bigrams, undivided compounds, pseudo-relevance feedback, LSA and co-occurrence in the entries
//! did not improve them.
//!
//! Invariant: a term's weight lies in (0, 2].

use super::analyzed::Analysis;
use super::normalize::is_kana;

/// Weight of a character in a function word; a bigram has the mean weight of its characters.
const FUNCTION_WORD_WEIGHT: f32 = 0.5;

/// Weight of the names of a desk in a question: they identify the desk, not the subject.
///
/// Keyword search on 260 questions whose authors had not seen the variants, before the ranking model
/// was fitted to the new weight; see `evaluate` for the rates:
///
/// | weight | routed right | helped | wrongly answered |
/// |---|---|---|---|
/// | 1.0 | 0.57 | 0.96 | 0.027 |
/// | 0.5 | 0.68 | 0.95 | 0.023 |
/// | 0.3 | 0.70 | 0.95 | 0.023 |
const DESK_NAME_WEIGHT: f32 = 0.3;

/// Weight of a single kanji or katakana: twice that of a bigram, since a text has fewer of these
/// characters than of bigrams.
const SINGLE_WEIGHT: f32 = 2.0;

/// Number of bits of a character in a [`Gram`].
const CHARACTER_BITS: u32 = 21;

/// A word and its weight.
pub(in crate::search) type Weighted = (String, f32);

/// A term of the field `grams`, in one number: its kind, its first character and its second one, or 0.
/// The order of the numbers is that of the texts of the terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::search) struct Gram(u64);

impl Gram {
    const SPELLING: u64 = 0;
    const READING: u64 = 1;

    fn new(kind: u64, first: char, second: Option<char>) -> Self {
        let second = second.map_or(0, u64::from);
        Self(((kind << CHARACTER_BITS | u64::from(first)) << CHARACTER_BITS) | second)
    }

    /// Appends the term as it is written in the index.
    pub(in crate::search) fn push_to(self, text: &mut String) {
        let character = |shift: u32| {
            let code = (self.0 >> shift) & ((1 << CHARACTER_BITS) - 1);
            u32::try_from(code).ok().and_then(char::from_u32)
        };
        let is_reading = self.0 >> (2 * CHARACTER_BITS) == Self::READING;
        text.push(if is_reading { 'r' } else { 'c' });
        text.extend(character(CHARACTER_BITS));
        text.extend(character(0).filter(|second| *second != '\0'));
    }
}

/// The terms of a text.
#[derive(Debug, Clone, Default)]
pub(in crate::search) struct Terms {
    /// Base forms of content words, and synonym groups.
    pub(in crate::search) words: Vec<Weighted>,
    /// Bigrams of reading and spelling, and single characters.
    pub(in crate::search) grams: Vec<(Gram, f32)>,
    /// The terms of general synonym groups, each with the word of the text that is in the group.
    pub(in crate::search) groups: Vec<(String, String)>,
    /// Whether the text has kana or kanji.
    pub(in crate::search) is_japanese: bool,
}

impl Terms {
    /// Lists the terms of a text, repeated as often as they occur.
    pub(in crate::search) fn occurrences(analysis: &Analysis) -> Self {
        Self::weighted(analysis, |_| false)
    }

    /// Lists the distinct terms of a text, each with its greatest weight.
    pub(in crate::search) fn distinct(analysis: &Analysis) -> Self {
        Self::union(vec![Self::occurrences(analysis)])
    }

    /// Lists the distinct terms of a question, with a lower weight for the names of desks.
    pub(in crate::search) fn of_question(
        question: &Analysis,
        is_desk_name: impl Fn(&str) -> bool,
    ) -> Self {
        Self::union(vec![Self::weighted(question, is_desk_name)])
    }

    fn weighted(analysis: &Analysis, is_desk_name: impl Fn(&str) -> bool) -> Self {
        let words = analysis.words.iter().map(|word| {
            let factor = if is_desk_name(&word.text) {
                DESK_NAME_WEIGHT
            } else {
                1.0
            };
            (word.text.clone(), word.weight * factor)
        });
        let groups = analysis.words.iter().filter_map(|term| {
            let word = term.group_of.clone()?;
            Some((term.text.clone(), word))
        });
        Self {
            words: words.collect(),
            groups: groups.collect(),
            grams: grams(analysis, is_desk_name),
            is_japanese: analysis.normalized.contains(is_kana_or_kanji),
        }
    }

    /// Lists the distinct terms of several texts, each with its greatest weight.
    pub(in crate::search) fn union(texts: Vec<Self>) -> Self {
        let mut texts = texts.into_iter();
        let mut union = texts.next().unwrap_or_default();
        for terms in texts {
            union.words.extend(terms.words);
            union.grams.extend(terms.grams);
            union.groups.extend(terms.groups);
            union.is_japanese |= terms.is_japanese;
        }
        keep_distinct(&mut union.words);
        keep_distinct(&mut union.grams);
        union
    }

    /// Adds the terms of another text at a fraction of their weight. A term of both texts keeps the
    /// greater weight.
    pub(in crate::search) fn blend(&mut self, other: &Self, fraction: f32) {
        blend(&mut self.words, &other.words, fraction);
        blend(&mut self.grams, &other.grams, fraction);
        self.groups.extend_from_slice(&other.groups);
    }
}

fn blend<T: Ord + Clone>(own: &mut Vec<(T, f32)>, others: &[(T, f32)], fraction: f32) {
    let others = others.iter();
    own.extend(others.map(|(term, weight)| (term.clone(), weight * fraction)));
    keep_distinct(own);
}

fn grams(analysis: &Analysis, is_desk_name: impl Fn(&str) -> bool) -> Vec<(Gram, f32)> {
    let length = analysis.normalized.len();
    let mut terms = Vec::with_capacity(length);
    let mut reading: Vec<(char, f32)> = Vec::with_capacity(length);
    let mut spelling: Vec<(char, f32)> = Vec::with_capacity(length);
    for token in &analysis.tokens {
        // In a text in kana, a particle may be a part of a word.
        let weight = if is_desk_name(&token.base) {
            DESK_NAME_WEIGHT
        } else if token.is_content || analysis.is_kana {
            1.0
        } else {
            FUNCTION_WORD_WEIGHT
        };
        reading.extend(token.reading.chars().map(|letter| (letter, weight)));
        spelling.extend(token.surface.chars().map(|letter| (letter, weight)));
    }
    let mut previous = ' ';
    for (letter, _) in &mut reading {
        *letter = sound(previous, *letter);
        previous = *letter;
    }
    for (kind, letters) in [(Gram::READING, &reading), (Gram::SPELLING, &spelling)] {
        for pair in letters.windows(2) {
            if let [(first, left), (second, right)] = pair {
                let term = Gram::new(kind, *first, Some(*second));
                terms.push((term, f32::midpoint(*left, *right)));
            }
        }
    }
    for (letter, weight) in spelling {
        if is_kanji_or_katakana(letter) {
            let term = Gram::new(Gram::SPELLING, letter, None);
            terms.push((term, weight * SINGLE_WEIGHT));
        }
    }
    terms
}

fn is_kana_or_kanji(letter: char) -> bool {
    is_kana(letter) || is_kanji_or_katakana(letter)
}

fn is_kanji_or_katakana(letter: char) -> bool {
    matches!(letter, '一'..='鿿' | '㐀'..='䶿' | '々' | '〆' | 'ヶ' | 'ァ'..='ヺ' | 'ー')
}

/// Maps a katakana to one spelling of its sound: ヲ to オ, ヅ to ズ, and long vowels to their vowel,
/// so that カード equals カアド and トウロク equals トオロク.
pub(super) fn sound(previous: char, letter: char) -> char {
    match (letter, vowel(previous)) {
        ('ヲ', _) => 'オ',
        ('ヅ', _) => 'ズ',
        ('ヂ', _) => 'ジ',
        ('ー', Some(vowel)) => vowel,
        ('ウ', Some('オ')) => 'オ',
        ('イ', Some('エ')) => 'エ',
        (other, _) => other,
    }
}

/// Returns the vowel of a katakana.
fn vowel(letter: char) -> Option<char> {
    Some(match letter {
        'ア' | 'ァ' | 'カ' | 'ガ' | 'サ' | 'ザ' | 'タ' | 'ダ' | 'ナ' | 'ハ' | 'バ' | 'パ'
        | 'マ' | 'ヤ' | 'ャ' | 'ラ' | 'ワ' => 'ア',
        'イ' | 'ィ' | 'キ' | 'ギ' | 'シ' | 'ジ' | 'チ' | 'ヂ' | 'ニ' | 'ヒ' | 'ビ' | 'ピ'
        | 'ミ' | 'リ' => 'イ',
        'ウ' | 'ゥ' | 'ク' | 'グ' | 'ス' | 'ズ' | 'ツ' | 'ヅ' | 'ヌ' | 'フ' | 'ブ' | 'プ'
        | 'ム' | 'ユ' | 'ュ' | 'ル' | 'ヴ' => 'ウ',
        'エ' | 'ェ' | 'ケ' | 'ゲ' | 'セ' | 'ゼ' | 'テ' | 'デ' | 'ネ' | 'ヘ' | 'ベ' | 'ペ'
        | 'メ' | 'レ' => 'エ',
        'オ' | 'ォ' | 'コ' | 'ゴ' | 'ソ' | 'ゾ' | 'ト' | 'ド' | 'ノ' | 'ホ' | 'ボ' | 'ポ'
        | 'モ' | 'ヨ' | 'ョ' | 'ロ' | 'ヲ' => 'オ',
        _ => return None,
    })
}

/// Sorts the terms and keeps each once, with its greatest weight.
fn keep_distinct<T: Ord>(list: &mut Vec<(T, f32)>) {
    list.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    list.dedup_by(|later, kept| later.0 == kept.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::KnowledgeBase;
    use crate::search::Analyzer;

    #[test]
    fn desk_names_have_a_lower_weight_in_questions() {
        let mut knowledge = KnowledgeBase::default();
        knowledge.lexicon.has_only_own_synonyms = true;
        let analyzer = Analyzer::new(&knowledge).expect("a dictionary");
        let question = analyzer.analyze("会社の電話");
        let terms = Terms::of_question(&question, |word| word == "会社");
        let weight = |list: &[Weighted], term: &str| {
            let found = list.iter().find(|(found, _)| found == term);
            found.map(|(_, weight)| *weight)
        };
        let gram_weight = |list: &[(Gram, f32)], term: &str| {
            let found = list.iter().find(|(found, _)| text(*found) == term);
            found.map(|(_, weight)| *weight)
        };
        assert_eq!(weight(&terms.words, "会社"), Some(DESK_NAME_WEIGHT));
        assert_eq!(weight(&terms.words, "電話"), Some(1.0));
        assert_eq!(gram_weight(&terms.grams, "c会社"), Some(DESK_NAME_WEIGHT));
        assert_eq!(gram_weight(&terms.grams, "c電話"), Some(1.0));
        // A desk's name in the previous question does not raise the weight.
        let context = Terms::of_question(&analyzer.analyze("会社"), |word| word == "会社");
        let mut blended = terms.clone();
        blended.blend(&context, 0.9);
        assert_eq!(weight(&blended.words, "会社"), Some(DESK_NAME_WEIGHT));
        let plain = Terms::distinct(&question);
        assert_eq!(weight(&plain.words, "会社"), Some(1.0));
    }
    fn text(gram: Gram) -> String {
        let mut text = String::new();
        gram.push_to(&mut text);
        text
    }

    #[test]
    fn grams_are_ordered_as_their_texts() {
        let letters = ['ア', 'ン', '会', '費', 'a', '𠮷'];
        let kinds = [Gram::SPELLING, Gram::READING];
        let grams = kinds.into_iter().flat_map(|kind| {
            letters.into_iter().flat_map(move |first| {
                let seconds = letters.into_iter().map(Some).chain([None]);
                seconds.map(move |second| Gram::new(kind, first, second))
            })
        });
        let mut grams: Vec<Gram> = grams.collect();
        grams.sort_unstable();
        let texts: Vec<String> = grams.iter().map(|gram| text(*gram)).collect();
        assert!(texts.is_sorted(), "{texts:?}");
        assert_eq!(texts[0], "ca");
        assert!(texts.contains(&"r会費".to_owned()));
    }
}
