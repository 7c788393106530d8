//! Variants: other ways in which people ask for an entry, in a compact notation that expands.
//!
//! `(有料|)会員を(解約|退会)(したい|する方法)` expands to eight texts. An alternative may be empty;
//! groups do not nest, so that support staff can read the notation. Full-width （ ） are text.
//!
//! Invariant: the texts of a variant are never empty, differ from each other and number at most
//! [`MAX_EXPANSIONS`].

use std::collections::BTreeSet;

use super::problem::Location;

/// Maximum number of texts that one variant expands to.
pub const MAX_EXPANSIONS: usize = 48;

/// One variant as written, and the texts that it expands to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The variant as written, unless it is its only text: most variants are, and there may be a million.
    notation: Option<Box<str>>,
    /// The texts, in the order of the notation.
    pub texts: Vec<String>,
    /// The position in the knowledge folder.
    pub location: Location,
}

impl Variant {
    /// Creates a variant that is written as `pattern` and expands to `texts`.
    #[must_use]
    pub fn new(pattern: &str, texts: Vec<String>, location: Location) -> Self {
        let is_text = matches!(texts.as_slice(), [only] if only == pattern);
        Self {
            notation: (!is_text).then(|| pattern.into()),
            texts,
            location,
        }
    }

    /// Returns the variant as written.
    #[must_use]
    pub fn pattern(&self) -> &str {
        let text = || self.texts.first().map_or("", String::as_str);
        self.notation.as_deref().unwrap_or_else(text)
    }
}

/// The reason why a variant cannot be expanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariantError {
    /// The variant or one of its texts is empty.
    Empty,
    /// A parenthesis is unmatched.
    Unbalanced,
    /// A group is within a group.
    Nested,
    /// The number of texts is over [`MAX_EXPANSIONS`].
    TooMany(usize),
}

/// Expands the compact notation.
///
/// # Errors
/// [`VariantError`] if parentheses are unmatched or nested, if a text would be empty, or if
/// there would be more than [`MAX_EXPANSIONS`] texts.
pub fn expand(pattern: &str) -> Result<Vec<String>, VariantError> {
    if !pattern.contains(['(', ')']) {
        let is_empty = pattern.trim().is_empty();
        return if is_empty {
            Err(VariantError::Empty)
        } else {
            Ok(vec![pattern.to_owned()])
        };
    }
    let groups = split(pattern)?;
    let count = groups
        .iter()
        .fold(1_usize, |count, group| count.saturating_mul(group.len()));
    if count > MAX_EXPANSIONS {
        return Err(VariantError::TooMany(count));
    }
    let mut texts = vec![String::new()];
    for group in &groups {
        texts = texts
            .iter()
            .flat_map(|start| group.iter().map(move |next| format!("{start}{next}")))
            .collect();
    }
    let mut seen = BTreeSet::new();
    texts.retain(|text| seen.insert(text.clone()));
    if texts.iter().any(|text| text.trim().is_empty()) {
        return Err(VariantError::Empty);
    }
    texts.shrink_to_fit();
    Ok(texts)
}

/// Cuts a pattern into groups of alternatives; literal text is a group of one.
fn split(pattern: &str) -> Result<Vec<Vec<String>>, VariantError> {
    let mut groups = Vec::new();
    let mut text = String::new();
    let mut group: Option<Vec<String>> = None;
    for character in pattern.chars() {
        match (character, &mut group) {
            ('(', None) => {
                groups.push(vec![std::mem::take(&mut text)]);
                group = Some(Vec::new());
            }
            ('(', Some(_)) => return Err(VariantError::Nested),
            ('|', Some(alternatives)) => alternatives.push(std::mem::take(&mut text)),
            (')', Some(_)) => {
                let mut alternatives = group.take().unwrap_or_default();
                alternatives.push(std::mem::take(&mut text));
                groups.push(alternatives);
            }
            (')', None) => return Err(VariantError::Unbalanced),
            (other, _) => text.push(other),
        }
    }
    if group.is_some() {
        return Err(VariantError::Unbalanced);
    }
    groups.push(vec![text]);
    Ok(groups)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_multiply_and_may_be_empty() {
        let texts = expand("(有料|)会員を(解約|退会)したい").expect("a good pattern");
        assert_eq!(
            texts,
            [
                "有料会員を解約したい",
                "有料会員を退会したい",
                "会員を解約したい",
                "会員を退会したい"
            ]
        );
    }

    #[test]
    fn mistakes_in_the_notation_are_rejected() {
        for (pattern, error) in [
            ("(a|b", VariantError::Unbalanced),
            ("a)b", VariantError::Unbalanced),
            ("(a(b|c))", VariantError::Nested),
            ("(a|)", VariantError::Empty),
            ("(1|2|3|4|5|6|7)(1|2|3|4|5|6|7)", VariantError::TooMany(49)),
        ] {
            assert_eq!(expand(pattern), Err(error), "{pattern}");
        }
    }
}
