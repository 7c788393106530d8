//! IPADIC, the dictionary which lindera cuts Japanese text with, inside the binary.
//!
//! In: nothing, neither a file nor the network. Out: a lindera [`Dictionary`],
//! the whole of mecab-ipadic 2.7.0-20070801 (392,126 words) and the words of
//! `extra.csv`, built by `build.rs`.
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
//! Own words go into `extra.csv`, one per line, in the columns of MeCab: surface,
//! left and right context id (1285 for a noun, 1288 for a proper noun), cost, four
//! columns of part of speech, two of conjugation, base form, reading, pronunciation.
//! `build.rs` refuses a row of another form.
//!
//! Invariant: whoever passes on a binary with this crate in it passes on [`NOTICE`].
//!
//! [`Dictionary`]: lindera_dictionary::dictionary::Dictionary

/// Loads the dictionary, in about a millisecond and without copying it: its pages
/// are mapped from the binary as they are used.
///
/// # Errors
///
/// Fails only if the embedded data is of another format version than the
/// lindera-dictionary in use; the pinned versions in Cargo.toml exclude it.
pub use embedded::load;

/// The licences of the dictionary, which its copies must include.
pub const NOTICE: &str = include_str!("../NOTICE.txt");

/// What the macro defines, kept private but for [`load`].
mod embedded {
    lindera_dictionary::embedded_dictionary!("/ipadic", EmbeddedIpadic);
}

#[cfg(test)]
mod tests {
    use lindera::mode::Mode;
    use lindera::segmenter::Segmenter;

    use super::*;

    /// A token: surface, details, and whether the dictionary lacks it.
    type Cut = (String, String, bool);

    fn cut(text: &str) -> lindera::LinderaResult<Vec<Cut>> {
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
    fn a_run_of_hiragana_is_cut_into_seven_words() -> lindera::LinderaResult<()> {
        let tokens = cut("すもももももももものうち")?;
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
        assert_eq!(cut("令和")?, [("令和".into(), details.into(), false)]);
        Ok(())
    }

    /// In a sentence: alone, the same word is an organisation, in IPADIC's eyes.
    #[test]
    fn an_unknown_katakana_word_is_one_noun() -> lindera::LinderaResult<()> {
        let details = "名詞,一般,*,*,*,*,*,*,*";
        let expected: Cut = ("ゴニョゴニョサイト".into(), details.into(), true);
        assert_eq!(cut("ゴニョゴニョサイトを使う")?.first(), Some(&expected));
        Ok(())
    }

    #[test]
    fn an_inflected_word_has_its_base_form() -> lindera::LinderaResult<()> {
        let details = "動詞,自立,*,*,五段・ラ行,連用タ接続,分かる,ワカッ,ワカッ";
        let expected: Cut = ("分かっ".into(), details.into(), false);
        assert_eq!(cut("分かった")?.first(), Some(&expected));
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
