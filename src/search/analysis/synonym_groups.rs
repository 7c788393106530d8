//! Groups of terms that stand for the same thing, searched in lists of words.

use rustc_hash::FxHashMap;

/// Groups of terms, by the first word of each term.
#[derive(Default)]
pub(super) struct SynonymGroups(FxHashMap<String, Vec<Term>>);

/// A term of a group.
struct Term {
    words: Vec<String>,
    mark: String,
}

impl SynonymGroups {
    /// Creates groups from their terms. `words_of` lists the words of a term. The mark of a group is `prefix`, a
    /// sign that the character filter removes from texts, and its first term.
    pub(super) fn new<'a, T: Iterator<Item = &'a str>>(
        prefix: char,
        groups: impl Iterator<Item = T>,
        words_of: impl Fn(&str) -> Vec<String>,
    ) -> Self {
        let mut by_first_word: FxHashMap<String, Vec<Term>> = FxHashMap::default();
        for group in groups {
            let mut mark = String::new();
            for term in group {
                if mark.is_empty() {
                    mark = format!("{prefix}{term}");
                }
                let words = words_of(term);
                let Some(first) = words.first() else {
                    continue;
                };
                let terms = by_first_word.entry(first.clone()).or_default();
                let is_known = |known: &Term| known.words == words && known.mark == mark;
                if !terms.iter().any(is_known) {
                    let mark = mark.clone();
                    terms.push(Term { words, mark });
                }
            }
        }
        for terms in by_first_word.values_mut() {
            terms.sort_by_key(|term| std::cmp::Reverse(term.words.len()));
        }
        Self(by_first_word)
    }

    /// Returns whether there are no groups.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the marks of the groups that have a word as a term.
    pub(super) fn of_word(&self, word: &str) -> Vec<&str> {
        let terms = self.0.get(word).into_iter().flatten();
        let terms = terms.filter(|term| term.words.len() == 1);
        terms.map(|term| term.mark.as_str()).collect()
    }

    /// Finds the longest term with which a list of words begins. Returns its number of words and the marks of
    /// its groups.
    pub(super) fn longest<T: AsRef<str>>(&self, words: &[T]) -> Option<(usize, Vec<&str>)> {
        let terms = self.0.get(words.first()?.as_ref())?.iter();
        let mut found = terms.filter(|term| starts_with(words, &term.words));
        let longest = found.next()?;
        let length = longest.words.len();
        let others = found.take_while(|term| term.words.len() == length);
        let all = [longest].into_iter().chain(others);
        Some((length, all.map(|term| term.mark.as_str()).collect()))
    }
}

fn starts_with<T: AsRef<str>>(words: &[T], term: &[String]) -> bool {
    words.len() >= term.len() && words.iter().zip(term).all(|(a, b)| a.as_ref() == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_term_gives_the_marks_of_all_its_groups() {
        let groups = [
            vec!["退会", "会員 やめる", "やめる"],
            vec!["中止", "やめる"],
        ];
        let groups = groups.iter().map(|group| group.iter().copied());
        let words_of = |term: &str| term.split(' ').map(str::to_owned).collect();
        let groups = SynonymGroups::new('≈', groups, words_of);
        assert_eq!(
            groups.longest(&["会員", "やめる"]),
            Some((2, vec!["≈退会"]))
        );
        assert_eq!(
            groups.longest(&["やめる", "会員"]),
            Some((1, vec!["≈退会", "≈中止"]))
        );
        assert_eq!(groups.of_word("やめる"), ["≈退会", "≈中止"]);
        assert!(groups.of_word("会員").is_empty());
        assert_eq!(groups.longest(&["会員", "登録"]), None);
        assert_eq!(groups.longest::<&str>(&[]), None);
    }
}
