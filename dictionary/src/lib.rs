//! IPADIC, the dictionary with which lindera segments Japanese text, embedded in the binary.
//!
//! Loading needs neither a file nor the network. Output: a lindera [`Dictionary`] with all of
//! mecab-ipadic 2.7.0-20070801 (392,126 words) and the words of `extra.csv`, built by `build.rs`.
//!
//! ```
//! use lindera::mode::Mode;
//! use lindera::segmenter::Segmenter;
//!
//! let segmenter = Segmenter::new(Mode::Normal, madoguchi_dictionary::load()?, None);
//! let tokens = segmenter.segment("退会する方法".into())?;
//! assert_eq!(tokens.len(), 3);
//! # Ok::<(), lindera::error::LinderaError>(())
//! ```
//!
//! `extra.csv` has further words, one per line, in MeCab's columns: surface, left and right context
//! id (1285 for a noun, 1288 for a proper noun), cost, four columns of part of speech, two of
//! conjugation, base form, reading, pronunciation. `build.rs` rejects any other row.
//!
//! Invariant: a copy of a binary that contains this crate must include [`NOTICE`].
//!
//! [`Dictionary`]: lindera_dictionary::dictionary::Dictionary

/// Loads the dictionary in about a millisecond, without copying it: the operating system maps its
/// pages from the binary on use.
///
/// # Errors
///
/// Only if lindera-dictionary expects another format version, which the pinned versions in
/// Cargo.toml exclude.
pub use embedded::load;

/// Licences of the dictionary, which every copy must include.
pub const NOTICE: &str = include_str!("../NOTICE.txt");

/// The words that this project adds to IPADIC, as CSV. An index of other words is out of date.
pub const EXTRA_WORDS: &str = include_str!("../extra.csv");

/// Items that the macro defines; only [`load`] is public.
mod embedded {
    lindera_dictionary::embedded_dictionary!("/ipadic", EmbeddedIpadic);
}

#[cfg(test)]
mod tests {
    use lindera::mode::Mode;
    use lindera::segmenter::Segmenter;

    use super::*;

    /// A token: surface, details, and whether it is an unknown word.
    type Token = (String, String, bool);

    fn segment(text: &str) -> lindera::LinderaResult<Vec<Token>> {
        let segmenter = Segmenter::new(Mode::Normal, load()?, None);
        let tokens = segmenter.segment(text.into())?;
        Ok(tokens
            .into_iter()
            .map(|mut token| {
                let details = token.details().join(",");
                let unknown = token.word_id.is_unknown();
                (token.surface.into_owned(), details, unknown)
            })
            .collect())
    }

    #[test]
    fn a_run_of_hiragana_has_seven_words() -> lindera::LinderaResult<()> {
        let tokens = segment("すもももももももものうち")?;
        let surfaces: Vec<&str> = tokens.iter().map(|(surface, ..)| &**surface).collect();
        assert_eq!(
            surfaces,
            ["すもも", "も", "もも", "も", "もも", "の", "うち"]
        );
        Ok(())
    }

    #[test]
    fn a_word_of_extra_csv_is_one_word_with_its_reading() -> lindera::LinderaResult<()> {
        let details = "名詞,固有名詞,一般,*,*,*,令和,レイワ,レイワ";
        assert_eq!(segment("令和")?, [("令和".into(), details.into(), false)]);
        Ok(())
    }

    /// Within a sentence; IPADIC tags the same word alone as an organisation.
    #[test]
    fn an_unknown_katakana_word_is_one_noun() -> lindera::LinderaResult<()> {
        let details = "名詞,一般,*,*,*,*,*,*,*";
        let expected: Token = ("ゴニョゴニョサイト".into(), details.into(), true);
        assert_eq!(
            segment("ゴニョゴニョサイトを使う")?.first(),
            Some(&expected)
        );
        Ok(())
    }

    #[test]
    fn an_inflected_word_has_its_base_form() -> lindera::LinderaResult<()> {
        let details = "動詞,自立,*,*,五段・ラ行,連用タ接続,分かる,ワカッ,ワカッ";
        let expected: Token = ("分かっ".into(), details.into(), false);
        assert_eq!(segment("分かった")?.first(), Some(&expected));
        Ok(())
    }

    #[test]
    fn the_notice_has_the_copyright_lines_and_the_conditions() {
        for line in [
            "Nara Institute of Science and Technology.  All Rights Reserved.",
            "Use, reproduction, and distribution of this software is permitted.",
            "NO WARRANTY",
            "Copyright (c) 2019 by the project authors",
        ] {
            assert!(
                NOTICE.contains(line),
                "NOTICE.txt lacks `{line}`\nhelp: its licences must stay whole"
            );
        }
    }
}
