//! The terms of the words field: words, synonym groups, negated words.
//!
//! Input: tokens. Output: a term for each content word, and one more for each group of synonyms that it
//! belongs to, by which it matches other words of the group. An organisation's own groups (`lexicon.toml`)
//! come before the general ones: a word of an own group has no general one.
//!
//! The general groups (`general_synonyms.txt`) connect everyday words (やめたい) with official ones (退会). With
//! half of the present groups hit@1 rose by 0.02 to 0.06 on four sets without variants, and with the rest by up to
//! 0.03 more (2026-11-30, by words). The shipped knowledge, which has variants and groups for its subjects, does
//! without them.

use std::hash::{Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHasher;

use super::analyzed::WordTerm;
use super::negation;
use super::synonym_groups::SynonymGroups;
use super::token::Token;
use crate::knowledge::Lexicon;

/// Prefix of the marks of general groups.
pub(in crate::search) const GENERAL_MARK: char = '≃';

/// One general group a line, its terms separated by `|`. A line with `#` is a heading.
pub(in crate::search) const GENERAL: &str = include_str!("general_synonyms.txt");

/// Weight of the term of a synonym group; the term of the word itself keeps the rest of 1.
pub(in crate::search) const GROUP_WEIGHT: f32 = 0.7;

/// The synonym groups of an organisation and the general ones.
#[derive(Default)]
pub(super) struct Synonyms {
    own: SynonymGroups,
    general: Arc<SynonymGroups>,
}

/// The marks of the general terms that begin at a token.
#[derive(Clone, Default)]
struct Marks<'a> {
    /// Those of the word: they share its weight.
    of_word: Vec<&'a str>,
    /// Those of the longest phrase: the words of a phrase keep their weight, since it may be in no other text.
    of_phrase: Vec<&'a str>,
}

/// A word that is compared with general synonyms.
struct Compared<'a> {
    /// The position of its token.
    position: usize,
    word: &'a str,
    is_negated: bool,
}

impl Synonyms {
    /// Creates the groups of a lexicon and the general ones. `tokenize` cuts a term into tokens.
    pub(super) fn new(lexicon: &Lexicon, tokenize: impl Fn(&str) -> Vec<Token>) -> Self {
        let own = lexicon.synonyms.iter();
        let own = own.map(|group| group.terms.iter().map(String::as_str));
        let content_words = |term: &str| {
            let tokens = tokenize(term).into_iter();
            let content = tokens.filter(|token| token.is_content);
            content.map(|token| token.base).collect()
        };
        let own = SynonymGroups::new('≈', own, content_words);
        let general = if lexicon.has_only_own_synonyms {
            Arc::default()
        } else {
            analyzed_general_groups(lexicon, tokenize)
        };
        Self { own, general }
    }

    /// Lists the terms of a text.
    pub(super) fn terms(&self, tokens: &[Token]) -> Vec<WordTerm> {
        let negated = negation::negated(tokens);
        let mut general = self.general_marks(tokens, &negated);
        let content = tokens.iter().enumerate();
        let content = content.filter(|(_, token)| token.is_content);
        let (positions, words): (Vec<usize>, Vec<&str>) = content
            .map(|(position, token)| (position, token.base.as_str()))
            .unzip();
        let mut terms = Vec::with_capacity(words.len() * 2);
        let mut index = 0;
        while index < words.len() {
            let own = self.own.longest(&words[index..]);
            let length = own.as_ref().map_or(1, |(length, _)| *length);
            let end = index + length;
            // An organisation's word is in one group.
            let own = own.and_then(|(_, marks)| marks.first().copied());
            let rest = if let Some(mark) = own {
                for position in &positions[index..end] {
                    general[*position] = Marks::default();
                }
                push(&mut terms, mark, GROUP_WEIGHT);
                1.0 - GROUP_WEIGHT
            } else if general[positions[index]].of_word.is_empty() {
                1.0
            } else {
                1.0 - GROUP_WEIGHT
            };
            for word in &words[index..end] {
                push(&mut terms, word, rest);
            }
            if negated[index..end].contains(&true) {
                let name = own.unwrap_or(words[index]);
                push(
                    &mut terms,
                    &format!("{}{name}", negation::MARK),
                    negation::WEIGHT,
                );
            }
            index = end;
        }
        for (token, marks) in tokens.iter().zip(general) {
            let word = token.is_content.then_some(&token.base);
            push_general(&mut terms, &marks.of_word, word);
            push_general(&mut terms, &marks.of_phrase, None);
        }
        terms
    }

    /// Finds the marks of the general terms that begin at each token.
    fn general_marks(&self, tokens: &[Token], negated: &[bool]) -> Vec<Marks<'_>> {
        let mut marks = vec![Marks::default(); tokens.len()];
        if self.general.is_empty() {
            return marks;
        }
        let compared = compared(tokens, negated);
        let words: Vec<String> = compared.iter().map(Compared::marked).collect();
        for (index, word) in compared.iter().enumerate() {
            let marks = &mut marks[word.position];
            marks.of_word = self.general.of_word(&words[index]);
            // 届かない is 未着; a negated word of no group, 払わない, has those of 払う.
            if marks.of_word.is_empty() && word.is_negated {
                marks.of_word = self.general.of_word(word.word);
            }
            if let Some((2.., found)) = self.general.longest(&words[index..]) {
                marks.of_phrase = found;
            }
        }
        marks
    }
}

impl Compared<'_> {
    /// Returns the word, with a mark if it is negated.
    fn marked(&self) -> String {
        if self.is_negated {
            format!("{}{}", negation::MARK, self.word)
        } else {
            self.word.to_owned()
        }
    }
}

/// Analyzes the general groups, which takes about 0.15 s, or returns them as analyzed for an equal
/// lexicon: an edit of an entry must not take so much longer.
fn analyzed_general_groups(
    lexicon: &Lexicon,
    tokenize: impl Fn(&str) -> Vec<Token>,
) -> Arc<SynonymGroups> {
    /// The last groups, each with the hash of its lexicon.
    static ANALYZED: Mutex<Vec<(u64, Arc<SynonymGroups>)>> = Mutex::new(Vec::new());
    const MAX_LEXICONS: usize = 4;
    let key = analysis_key(lexicon);
    // The list is valid after a panic too.
    let lock = || ANALYZED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, groups)) = lock().iter().find(|(known, _)| *known == key) {
        return Arc::clone(groups);
    }
    let groups = Arc::new(SynonymGroups::new(GENERAL_MARK, general_groups(), |term| {
        let tokens = tokenize(term);
        let compared = compared(&tokens, &negation::negated(&tokens));
        compared.iter().map(Compared::marked).collect()
    }));
    let mut analyzed = lock();
    analyzed.truncate(MAX_LEXICONS - 1);
    analyzed.insert(0, (key, Arc::clone(&groups)));
    groups
}

/// Hashes what the analysis of a term depends on.
fn analysis_key(lexicon: &Lexicon) -> u64 {
    let mut hasher = FxHasher::default();
    for spelling in &lexicon.spellings {
        (&spelling.canonical, &spelling.variants).hash(&mut hasher);
    }
    for word in &lexicon.words {
        (&word.surface, &word.reading).hash(&mut hasher);
    }
    lexicon.stop_words.hash(&mut hasher);
    hasher.finish()
}

/// Lists the terms of each general group.
fn general_groups() -> impl Iterator<Item = impl Iterator<Item = &'static str>> {
    let lines = GENERAL.lines();
    let groups = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    groups.map(|line| line.split('|').map(str::trim))
}

/// Lists the Latin words of the general groups.
pub(super) fn general_latin_words() -> impl Iterator<Item = &'static str> {
    let words = general_groups()
        .flatten()
        .flat_map(|term| term.split(|c: char| !c.is_ascii_alphanumeric()));
    // A single letter may be romaji: `i` is い.
    words.filter(|word| word.len() > 1)
}

/// Lists the words that are compared with general terms: content words, and others with a meaning, such as いつ and
/// numbers.
fn compared<'a>(tokens: &'a [Token], negated: &[bool]) -> Vec<Compared<'a>> {
    let mut negated = negated.iter();
    let numbered = tokens.iter().enumerate();
    let words = numbered.map(|(position, token)| Compared {
        position,
        word: &token.base,
        is_negated: token.is_content && negated.next().is_some_and(|is_negated| *is_negated),
    });
    let meaningful = words.filter(|word| tokens[word.position].has_meaning());
    meaningful.collect()
}

/// Adds the terms of general groups. A word in several groups is ambiguous, so each of them weighs less.
fn push_general(terms: &mut Vec<WordTerm>, marks: &[&str], word: Option<&String>) {
    let weight = GROUP_WEIGHT / (marks.len() as f32).sqrt();
    terms.extend(marks.iter().map(|mark| WordTerm {
        text: (*mark).to_owned(),
        weight,
        group_of: word.cloned(),
    }));
}

fn push(terms: &mut Vec<WordTerm>, text: &str, weight: f32) {
    terms.push(WordTerm {
        text: text.to_owned(),
        weight,
        group_of: None,
    });
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::knowledge::{KnowledgeBase, Location, Synonyms as Group};
    use crate::search::Analyzer;

    fn analyzer(knowledge: &KnowledgeBase) -> Analyzer {
        Analyzer::new(knowledge).expect("a dictionary")
    }

    fn groups_of(analyzer: &Analyzer, text: &str) -> BTreeSet<String> {
        let words = analyzer.analyze(text).words.into_iter();
        let words = words.map(|term| term.text);
        words.filter(|word| word.starts_with(['≈', '≃'])).collect()
    }

    #[test]
    fn everyday_words_match_official_ones() {
        let analyzer = analyzer(&KnowledgeBase::default());
        for (asked, written) in [
            ("会員をやめたい", "退会の届出"),
            ("荷物が届かない", "商品が未着の場合"),
            ("お金が戻ってくるのはいつ？", "返金の時期"),
            ("how much is the fee?", "料金について"),
            ("スマホなくした", "携帯電話の紛失"),
        ] {
            let shared = &groups_of(&analyzer, asked) & &groups_of(&analyzer, written);
            assert!(!shared.is_empty(), "{asked}: {written}");
        }
        for (text, group) in [
            ("How much do you charge?", "≃無料"),
            ("荷物が届いた", "≃未着"),
        ] {
            let groups = groups_of(&analyzer, text);
            assert!(!groups.contains(group), "{text}: {groups:?}");
        }
    }

    #[test]
    fn the_words_of_an_organisation_have_its_groups_only() {
        let mut knowledge = KnowledgeBase::default();
        let terms = ["料金", "組合費"].map(str::to_owned).to_vec();
        knowledge.lexicon.synonyms.push(Group {
            terms,
            location: Location::default(),
        });
        let analyzer = analyzer(&knowledge);
        for own in ["料金", "組合費"] {
            let groups = groups_of(&analyzer, own);
            assert_eq!(groups, BTreeSet::from(["≈料金".to_owned()]), "{own}");
        }
        assert!(groups_of(&analyzer, "費用").contains("≃料金"));
        knowledge.lexicon.has_only_own_synonyms = true;
        let analyzer = Analyzer::new(&knowledge).expect("a dictionary");
        assert_eq!(groups_of(&analyzer, "退会"), BTreeSet::new());
    }

    #[test]
    fn the_terms_of_a_word_share_its_weight() {
        let analyzer = analyzer(&KnowledgeBase::default());
        let weights = |text: &str| -> Vec<(String, f32)> {
            let words = analyzer.analyze(text).words.into_iter();
            words.map(|term| (term.text, term.weight)).collect()
        };
        let term = |text: &str, weight: f32| (text.to_owned(), weight);
        assert_eq!(
            weights("料金"),
            [
                term("料金", 1.0 - GROUP_WEIGHT),
                term("≃料金", GROUP_WEIGHT)
            ]
        );
        // A phrase takes nothing from its words.
        let words = weights("電車が止まる");
        for (text, weight) in [
            ("電車", 1.0 - GROUP_WEIGHT),
            ("≃電車", GROUP_WEIGHT),
            ("止まる", 1.0),
            ("≃運休", GROUP_WEIGHT),
        ] {
            assert!(words.contains(&term(text, weight)), "{text}: {words:?}");
        }
    }

    #[test]
    fn each_general_group_has_different_terms_of_which_none_is_in_many_groups() {
        /// Maximum number of groups of a word.
        const MAX_GROUPS: usize = 4;
        let analyzer = analyzer(&KnowledgeBase::default());
        let mut counts = BTreeMap::<String, usize>::new();
        let (mut names, mut mistakes) = (BTreeSet::new(), Vec::new());
        for group in general_groups() {
            let group: Vec<&str> = group.collect();
            let name = group[0];
            if !names.insert(name) {
                mistakes.push(format!("`{name}` names two groups"));
            }
            if group.len() < 2 {
                mistakes.push(format!("`{name}` is alone"));
            }
            let mut known = BTreeSet::new();
            for term in group {
                let tokens = analyzer.tokenize_term(term);
                let compared = compared(&tokens, &negation::negated(&tokens));
                let words: Vec<String> = compared.iter().map(Compared::marked).collect();
                let words = words.join(" ");
                // どこでやる would be どこ, and in every question with it.
                let is_pronoun = |word: &Compared<'_>| {
                    tokens[word.position]
                        .part_of_speech
                        .starts_with("名詞,代名詞")
                };
                if compared.iter().all(is_pronoun) {
                    mistakes.push(format!("`{term}` in `{name}` has no word that tells"));
                }
                if !known.insert(words.clone()) {
                    mistakes.push(format!("`{term}` repeats a term of `{name}`"));
                }
                *counts.entry(words).or_default() += 1;
            }
        }
        let many = counts.iter().filter(|(_, count)| **count > MAX_GROUPS);
        mistakes.extend(many.map(|(words, count)| format!("`{words}` is in {count} groups")));
        assert_eq!(mistakes, Vec::<String>::new());
    }
}
