//! Variants: other ways in which people ask for an entry, in a compact notation that expands.
//!
//! `(有料|)会員を(解約|退会)(したい|する方法)` stands for eight texts. An alternative may be empty;
//! groups do not nest, so that support staff can read what they wrote. Full-width （ ） are text.
//!
//! Invariant: the texts of a variant are never empty, differ from each other and number at most
//! [`MAX_EXPANSIONS`].

use std::collections::BTreeSet;

use super::problem::Location;

/// Most texts that one variant may stand for.
pub const MAX_EXPANSIONS: usize = 48;

/// One written variant and the texts that it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The notation as written.
    pub pattern: String,
    /// The texts, in the order of the notation.
    pub texts: Vec<String>,
    /// Where it is written.
    pub location: Location,
}

/// Says why a variant's notation cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VariantError {
    /// Nothing is left to match.
    #[error("the variant is empty or one of its expansions is")]
    Empty,
    /// A group is not closed, or closed without having been opened.
    #[error("the variant `{0}` has a parenthesis without its partner")]
    Unbalanced(String),
    /// A group stands in a group.
    #[error("the variant `{0}` has a group within a group")]
    Nested(String),
    /// It stands for more than [`MAX_EXPANSIONS`] texts.
    #[error("the variant `{pattern}` expands to {count} texts, expected at most {MAX_EXPANSIONS}")]
    TooMany {
        /// The notation as written.
        pattern: String,
        /// How many texts it stands for.
        count: usize,
    },
}

/// Expands the compact notation.
///
/// # Errors
/// [`VariantError`] if groups do not pair up or nest, if a text would be empty, or if there would
/// be more than [`MAX_EXPANSIONS`] texts.
pub fn expand(pattern: &str) -> Result<Vec<String>, VariantError> {
    let groups = split(pattern)?;
    let count = groups
        .iter()
        .fold(1_usize, |count, group| count.saturating_mul(group.len()));
    if count > MAX_EXPANSIONS {
        return Err(VariantError::TooMany {
            pattern: pattern.to_owned(),
            count,
        });
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
            ('(', Some(_)) => return Err(VariantError::Nested(pattern.to_owned())),
            ('|', Some(alternatives)) => alternatives.push(std::mem::take(&mut text)),
            (')', Some(_)) => {
                let mut alternatives = group.take().unwrap_or_default();
                alternatives.push(std::mem::take(&mut text));
                groups.push(alternatives);
            }
            (')', None) => return Err(VariantError::Unbalanced(pattern.to_owned())),
            (other, _) => text.push(other),
        }
    }
    if group.is_some() {
        return Err(VariantError::Unbalanced(pattern.to_owned()));
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
    fn mistakes_in_the_notation_are_named() {
        assert!(matches!(expand("(a|b"), Err(VariantError::Unbalanced(_))));
        assert!(matches!(expand("a)b"), Err(VariantError::Unbalanced(_))));
        assert!(matches!(expand("(a(b|c))"), Err(VariantError::Nested(_))));
        assert!(matches!(expand("(a|)"), Err(VariantError::Empty)));
        let wide = "(1|2|3|4|5|6|7)(1|2|3|4|5|6|7)";
        assert!(matches!(
            expand(wide),
            Err(VariantError::TooMany { count: 49, .. })
        ));
    }
}
