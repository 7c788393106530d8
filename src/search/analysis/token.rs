//! Tokens and the token filters: which tokens are content words, and their base forms.

use super::normalize::KATAKANA_OFFSET;

/// A token after the token filters.
#[derive(Debug, Clone)]
pub struct Token {
    /// The token in the normalised text.
    pub surface: String,
    /// Its dictionary form.
    pub base: String,
    /// Its reading in katakana.
    pub reading: String,
    /// Its part of speech, two levels.
    pub part_of_speech: String,
    /// Whether it is a content word.
    pub is_content: bool,
}

impl Token {
    /// Returns whether it is a particle, an auxiliary or a light verb.
    pub(super) fn is_grammar(&self) -> bool {
        let part = self.part_of_speech.as_str();
        part.starts_with("助詞")
            || part.starts_with("助動詞")
            || (part.starts_with("動詞") && LIGHT_WORDS.contains(&self.base.as_str()))
    }

    /// Returns whether it has a meaning of its own. Formal nouns (こと), polite prefixes (お) and verbs of aspect
    /// (しまう) do not.
    pub(super) fn has_meaning(&self) -> bool {
        let (part, base) = (self.part_of_speech.as_str(), self.base.as_str());
        let is_empty = match part {
            "名詞,非自立" | "動詞,接尾" => true,
            "動詞,非自立" => ASPECT_VERBS.contains(&base),
            _ => {
                (part.starts_with("接頭詞") && POLITE_PREFIXES.contains(&base))
                    || part.starts_with("記号")
                    || part.starts_with("フィラー")
            }
        };
        !is_empty && !self.is_grammar()
    }

    /// Returns the surface in katakana, with the same number of characters.
    pub(super) fn surface_in_katakana(&self) -> String {
        let letters = self.surface.chars().map(|letter| match letter {
            'ぁ'..='ゖ' => char::from_u32(u32::from(letter) + KATAKANA_OFFSET).unwrap_or(letter),
            other => other,
        });
        letters.collect()
    }
}

/// Removes the final long-vowel mark of a katakana word of four or more characters, so that サーバー
/// equals サーバ.
pub(super) fn katakana_stem(base: String) -> String {
    let is_katakana = |c: char| matches!(c, 'ァ'..='ヺ' | 'ー');
    if base.ends_with('ー') && base.chars().count() > 3 && base.chars().all(is_katakana) {
        return base.trim_end_matches('ー').to_owned();
    }
    base
}

/// Stop words of the language; those of an organisation are in its lexicon. Without this list the
/// measured ranking quality was a twentieth lower.
const LIGHT_WORDS: &[&str] = &[
    "する",
    "ある",
    "いる",
    "なる",
    "できる",
    "出来る",
    "教える",
    "知る",
    "行う",
    "行なう",
    "いう",
    "言う",
    "おこなう",
    "思う",
    "良い",
    "いい",
    "よい",
    "無い",
    "ない",
    "れる",
    "られる",
    "せる",
    "くれる",
    "くださる",
    "下さる",
    "いただく",
    "頂く",
    "もらう",
    "貰う",
    "いただける",
    "頂ける",
    "もらえる",
    "貰える",
    "ください",
    "わかる",
    "分かる",
    "判る",
    "ござる",
    "致す",
    "いたす",
    "やる",
];

/// Prefixes that only make a word polite.
const POLITE_PREFIXES: &[&str] = &["お", "ご", "御"];

/// Verbs that add an aspect to another one, and no other actor, as もらう does.
pub(super) const ASPECT_VERBS: &[&str] = &[
    "しまう",
    "ちまう",
    "ちゃう",
    "じまう",
    "じゃう",
    "てる",
    "でる",
    "いく",
    "いる",
    "みる",
    "くる",
];

/// Returns whether a token is a content word: noun, affix, verb, adjective or adverb. Numbers are
/// matched as grams only.
pub(super) fn is_content(part: &str, subpart: &str, base: &str) -> bool {
    let kind = match part {
        "名詞" => !matches!(subpart, "非自立" | "代名詞" | "数" | "特殊" | "接続詞的"),
        "動詞" | "形容詞" => subpart == "自立",
        "副詞" | "接頭詞" => true,
        _ => false,
    };
    kind && !LIGHT_WORDS.contains(&base)
}
