//! The two languages of the interface, and texts that exist in both.

/// A language of the interface. Answers stay in the documents' language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// Japanese.
    #[default]
    Japanese,
    /// English.
    English,
}

impl Language {
    /// Reads a language tag such as `ja`, `ja-JP`, `en_US.UTF-8` or `en`.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        // `enm` is Middle English.
        if !matches!(tag.as_bytes().get(2), None | Some(b'-' | b'_' | b'.')) {
            return None;
        }
        match tag.get(..2)?.to_ascii_lowercase().as_str() {
            "ja" => Some(Self::Japanese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// Returns the two-letter tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Japanese => "ja",
            Self::English => "en",
        }
    }
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Localized {
    /// The Japanese text.
    pub ja: String,
    /// The English text.
    pub en: String,
}

impl Localized {
    /// Returns the text in a language.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Japanese => &self.ja,
            Language::English => &self.en,
        }
    }
}

/// Formats a text in both languages, so that neither is forgotten.
///
/// Names before the semicolon are [`Localized`] values; each format string uses its own language.
macro_rules! localized {
    ($($part:ident),+; ja: $ja:literal, en: $en:literal $(,)?) => {
        $crate::knowledge::Localized {
            ja: { $(let $part = &$part.ja;)+ format!($ja) },
            en: { $(let $part = &$part.en;)+ format!($en) },
        }
    };
    (ja: $ja:literal, en: $en:literal $(,)?) => {
        $crate::knowledge::Localized { ja: format!($ja), en: format!($en) }
    };
}

pub(crate) use localized;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_of_browsers_and_shells_are_read() {
        assert_eq!(Language::from_tag("ja-JP"), Some(Language::Japanese));
        assert_eq!(Language::from_tag("en_US.UTF-8"), Some(Language::English));
        assert_eq!(Language::from_tag("C"), None);
        assert_eq!(Language::from_tag("english"), None);
        assert_eq!(Language::from_tag("日本語"), None);
    }
}
