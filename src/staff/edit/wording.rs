//! Edits of the lexicon, of the messages and of the brand.

use std::path::Path;

use super::{EditRefusal, Workbench};
use crate::exchange::{Given, Keys, List, Mark, Row, Setting};
use crate::knowledge::brand::{Brand, Logo, Rgb};
use crate::knowledge::{Lexicon, Localized, Sentence};

/// The file of the lexicon.
pub const LEXICON_FILE: &str = "lexicon.toml";

/// The file of the messages.
pub const MESSAGES_FILE: &str = "messages.toml";

/// The file of the brand.
pub const BRAND_FILE: &str = "brand.toml";

/// The table of the brand.
const BRAND: &str = "brand";

/// A group of the lexicon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LexiconGroup {
    /// Spellings of one word.
    Spelling {
        /// The spelling that replaces the others.
        canonical: String,
        /// The others.
        variants: Vec<String>,
    },
    /// Different words for one thing.
    Synonyms(Vec<String>),
    /// A word that is not split.
    Word {
        /// The word.
        surface: String,
        /// Its reading in katakana.
        reading: String,
    },
}

impl LexiconGroup {
    /// Returns all groups of a lexicon, by kind.
    #[must_use]
    pub fn all(lexicon: &Lexicon) -> Vec<Self> {
        let spellings = lexicon.spellings.iter().map(|it| Self::Spelling {
            canonical: it.canonical.clone(),
            variants: it.variants.clone(),
        });
        let synonyms = lexicon.synonyms.iter();
        let synonyms = synonyms.map(|it| Self::Synonyms(it.terms.clone()));
        let words = lexicon.words.iter().map(|it| Self::Word {
            surface: it.surface.clone(),
            reading: it.reading.clone(),
        });
        spellings.chain(synonyms).chain(words).collect()
    }

    /// Returns the words of the group.
    #[must_use]
    pub fn words(&self) -> Vec<&str> {
        match self {
            Self::Spelling {
                canonical,
                variants,
            } => {
                let all = std::iter::once(canonical).chain(variants);
                all.map(String::as_str).collect()
            }
            Self::Synonyms(terms) => terms.iter().map(String::as_str).collect(),
            Self::Word { surface, reading } => vec![surface, reading],
        }
    }

    fn list(&self) -> List {
        List(
            None,
            match self {
                Self::Spelling { .. } => "spelling",
                Self::Synonyms(_) => "synonyms",
                Self::Word { .. } => "word",
            },
        )
    }

    fn mark(&self) -> Mark {
        match self {
            Self::Spelling { canonical, .. } => Mark("canonical", Given::Text(canonical.clone())),
            Self::Synonyms(terms) => Mark("terms", Given::Texts(terms.clone())),
            Self::Word { surface, .. } => Mark("surface", Given::Text(surface.clone())),
        }
    }

    fn keys(&self) -> Keys {
        match self {
            Self::Spelling {
                canonical,
                variants,
            } => vec![
                ("canonical", Some(Given::Text(canonical.clone()))),
                ("variants", Some(Given::Texts(variants.clone()))),
            ],
            Self::Synonyms(terms) => vec![("terms", Some(Given::Texts(terms.clone())))],
            Self::Word { surface, reading } => vec![
                ("surface", Some(Given::Text(surface.clone()))),
                ("reading", Some(Given::Text(reading.clone()))),
            ],
        }
    }
}

/// The brand as a form has it; empty texts are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenBrand {
    /// The name of the organisation.
    pub organisation: Localized,
    /// The address of the logo, or an SVG.
    pub logo: String,
    /// The accent on a light background.
    pub accent: String,
    /// The accent on a dark background.
    pub accent_dark: String,
    /// A line beside the field for questions.
    pub notice: Localized,
    /// The address of the privacy policy.
    pub privacy: String,
    /// The links of the footer.
    pub links: Vec<WrittenLink>,
}

/// A link of the footer as a form has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenLink {
    /// The address before the edit; empty for a new link.
    pub of: String,
    /// The text.
    pub label: Localized,
    /// The address.
    pub url: String,
}

/// Returns a text that is empty in both languages.
fn nothing() -> Localized {
    Localized {
        ja: String::new(),
        en: String::new(),
    }
}

impl From<&Brand> for WrittenBrand {
    fn from(brand: &Brand) -> Self {
        let color = |color: Option<Rgb>| color.map(Rgb::css).unwrap_or_default();
        let links = brand.links.iter().map(|link| WrittenLink {
            of: link.url.clone(),
            label: link.label.clone(),
            url: link.url.clone(),
        });
        Self {
            organisation: brand.organisation.clone().unwrap_or_else(nothing),
            logo: match &brand.logo {
                Some(Logo::Svg(text) | Logo::Address(text)) => text.clone(),
                None => String::new(),
            },
            accent: color(brand.accent),
            accent_dark: color(brand.accent_dark),
            notice: brand.notice.clone().unwrap_or_else(nothing),
            privacy: brand.privacy.clone().unwrap_or_default(),
            links: links.collect(),
        }
    }
}

impl Workbench<'_> {
    /// Changes a group of the lexicon, adds one without `old`, or removes `old` without `new`.
    ///
    /// # Errors
    /// [`EditRefusal`] if there is no such group, or the file cannot be changed or would have errors.
    pub fn change_group(
        mut self,
        old: Option<&LexiconGroup>,
        new: Option<&LexiconGroup>,
    ) -> Result<(), EditRefusal> {
        let known = LexiconGroup::all(&self.knowledge.lexicon);
        if let Some(old) = old.filter(|old| !known.contains(old)) {
            return Err(EditRefusal::Missing(old.words().join(", ")));
        }
        let setting = match (old, new) {
            (old, Some(new)) => Setting::Row(
                new.list(),
                Row {
                    of: old.map(LexiconGroup::mark),
                    keys: new.keys(),
                },
            ),
            (Some(old), None) => Setting::WithoutRow(old.list(), old.mark()),
            (None, None) => return Ok(()),
        };
        self.set_checked(Path::new(LEXICON_FILE), &[setting])
    }

    /// Sets the words that say nothing about the subject of a question.
    ///
    /// # Errors
    /// [`EditRefusal`] if the file cannot be changed or would have errors.
    pub fn set_stop_words(mut self, words: Vec<String>) -> Result<(), EditRefusal> {
        let keys = vec![("stop_words", Some(Given::Texts(words)))];
        self.set_checked(Path::new(LEXICON_FILE), &[Setting::Keys(None, keys)])
    }

    /// Sets the organisation's own text of a sentence; without one, the shipped text applies again.
    ///
    /// # Errors
    /// [`EditRefusal`] if the file cannot be changed or would have errors.
    pub fn set_message(
        mut self,
        sentence: Sentence,
        own: Option<Localized>,
    ) -> Result<(), EditRefusal> {
        let keys = vec![(sentence.key(), own.map(Given::Both))];
        self.set_checked(Path::new(MESSAGES_FILE), &[Setting::Keys(None, keys)])
    }

    /// Changes the brand; only the keys that differ are written.
    ///
    /// # Errors
    /// [`EditRefusal`] if the file cannot be changed or would have errors.
    pub fn change_brand(mut self, new: &WrittenBrand) -> Result<(), EditRefusal> {
        let old = WrittenBrand::from(&self.knowledge.brand);
        let text = |text: &String| Some(Given::Text(text.clone())).filter(|_| !text.is_empty());
        let both =
            |text: &Localized| Some(Given::Both(text.clone())).filter(|_| *text != nothing());
        let mut keys: Keys = Vec::new();
        for (key, old, new) in [
            ("organisation", &old.organisation, &new.organisation),
            ("notice", &old.notice, &new.notice),
        ] {
            keys.extend((old != new).then(|| (key, both(new))));
        }
        for (key, old, new) in [
            ("logo", &old.logo, &new.logo),
            ("accent", &old.accent, &new.accent),
            ("accent_dark", &old.accent_dark, &new.accent_dark),
            ("privacy", &old.privacy, &new.privacy),
        ] {
            keys.extend((old != new).then(|| (key, text(new))));
        }
        let mut settings = Vec::new();
        if !keys.is_empty() {
            settings.push(Setting::Keys(Some(BRAND), keys));
        }
        if old.links != new.links {
            let links = new.links.iter().map(|link| {
                let mut olds = old.links.iter();
                let known = olds.find(|known| !link.of.is_empty() && known.url == link.of);
                let mut keys: Keys = Vec::new();
                if known.is_none_or(|known| known.label != link.label) {
                    keys.push(("label", Some(Given::Both(link.label.clone()))));
                }
                if known.is_none_or(|known| known.url != link.url) {
                    keys.push(("url", Some(Given::Text(link.url.clone()))));
                }
                let of = known.map(|known| Mark("url", Given::Text(known.url.clone())));
                Row { of, keys }
            });
            let list = List(Some(BRAND), "link");
            settings.push(Setting::Rows(list, links.collect()));
        }
        self.set_checked(Path::new(BRAND_FILE), &settings)
    }
}
