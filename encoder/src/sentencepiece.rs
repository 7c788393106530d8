//! SentencePiece tokenizer: text -> normalized text -> piece ids.
//!
//! Normalization uses the table in the model (NFKC with a few changes, one `▁` for each run of
//! spaces). Segmentation is a unigram language model: the Viterbi algorithm finds the pieces with
//! the greatest sum of scores.
//!
//! Invariant: linear time in the length of the text; no text causes a panic.

use crate::pieces::PieceTree;

/// Precedes every word in normalized text.
const SPACE: &[u8] = "▁".as_bytes();

/// Id of the piece for a character outside the vocabulary.
pub(crate) const UNKNOWN: u32 = 0;

/// Id of the piece before every text.
pub(crate) const BEGINNING: u32 = 1;

/// Id of the piece after every text.
pub(crate) const END: u32 = 2;

/// Splits texts into pieces.
#[derive(Debug)]
pub(crate) struct Tokenizer {
    replacements: Replacements,
    pieces: PieceTree,
    scores: Vec<f32>,
    /// Lower than every score: a character is unknown only where no piece matches.
    unknown_score: f32,
}

/// The model's normalization table: a double-array trie from bytes to replacement texts.
///
/// Using the model's own table makes the result independent of the Unicode version.
#[derive(Debug)]
pub(crate) struct Replacements {
    units: Vec<u32>,
    /// Replacement texts, each terminated by a zero byte.
    texts: Vec<u8>,
}

impl Tokenizer {
    /// Creates a tokenizer from the sections of a model file.
    ///
    /// Fails if the trie refers to a piece without a score.
    pub(crate) fn new(
        replacements: Replacements,
        pieces: PieceTree,
        scores: Vec<f32>,
        unknown_score: f32,
    ) -> Result<Self, &'static str> {
        if pieces.count() > scores.len() {
            return Err("its pieces and their scores do not match");
        }
        Ok(Self {
            replacements,
            pieces,
            scores,
            unknown_score,
        })
    }

    /// Returns the piece ids of a text, between begin and end; empty for a text without content.
    pub(crate) fn pieces(&self, text: &str) -> Vec<u32> {
        let normal = self.replacements.normalize(text);
        if normal.is_empty() {
            return Vec::new();
        }
        let mut pieces = vec![END];
        self.segment(&normal, &mut pieces);
        pieces.push(BEGINNING);
        pieces.reverse();
        pieces
    }

    /// Appends the best segmentation, last piece first.
    fn segment(&self, text: &str, pieces: &mut Vec<u32>) {
        // For each byte position: the best sum up to it, and start and id of the piece that ends there.
        let mut best = vec![f64::NEG_INFINITY; text.len() + 1];
        let mut last = vec![(0, UNKNOWN); text.len() + 1];
        best[0] = 0.0;
        for (start, character) in text.char_indices() {
            let single = start + character.len_utf8();
            let base = best[start];
            let mut is_known = false;
            let mut step = |end: usize, piece: u32, score: f32| {
                let sum = base + f64::from(score);
                // On a tie the longer piece wins, because it was recorded first.
                if sum > best[end] {
                    best[end] = sum;
                    last[end] = (start, piece);
                }
            };
            self.pieces
                .prefixes(&text.as_bytes()[start..], |length, piece| {
                    let end = start + length;
                    is_known |= end == single;
                    step(end, piece, self.scores[piece as usize]);
                });
            if !is_known {
                step(single, UNKNOWN, self.unknown_score);
            }
        }
        let mut end = text.len();
        while end > 0 {
            let (start, piece) = last[end];
            pieces.push(piece);
            end = start;
        }
    }
}

impl Replacements {
    /// Creates the table from its trie and its texts.
    pub(crate) fn new(units: Vec<u32>, texts: Vec<u8>) -> Self {
        Self { units, texts }
    }

    /// Normalizes a text; empty if it consists of spaces.
    fn normalize(&self, text: &str) -> String {
        let mut rest = text.as_bytes();
        let mut normal = Vec::with_capacity(rest.len() + rest.len() / 4 + SPACE.len());
        // Removes leading spaces and collapses runs of spaces.
        normal.extend_from_slice(SPACE);
        let mut is_after_space = true;
        while !rest.is_empty() {
            let (length, mut replacement) = self.replace(rest);
            rest = &rest[length..];
            while is_after_space && let Some(shorter) = replacement.strip_prefix(b" ") {
                replacement = shorter;
            }
            for byte in replacement {
                match byte {
                    b' ' => normal.extend_from_slice(SPACE),
                    byte => normal.push(*byte),
                }
            }
            if let Some(byte) = replacement.last() {
                is_after_space = *byte == b' ';
            }
        }
        while normal.ends_with(SPACE) {
            normal.truncate(normal.len() - SPACE.len());
        }
        // The table maps whole characters to whole characters; only a damaged one could split them.
        String::from_utf8(normal).unwrap_or_default()
    }

    /// Returns length and replacement of the longest prefix in the table; without one, the first
    /// character unchanged.
    fn replace<'a>(&'a self, text: &'a [u8]) -> (usize, &'a [u8]) {
        let mut longest = None;
        let mut node = self.units.first().map_or(0, |root| offset(*root));
        for (index, byte) in text.iter().enumerate() {
            node ^= usize::from(*byte);
            let Some(unit) = self.units.get(node) else {
                break;
            };
            // Compares the label together with the leaf bit.
            if unit & 0x8000_00ff != u32::from(*byte) {
                break;
            }
            node ^= offset(*unit);
            let has_leaf = unit & 0x100 != 0;
            if has_leaf && let Some(leaf) = self.units.get(node) {
                longest = Some((index + 1, (leaf & 0x7fff_ffff) as usize));
            }
        }
        let replaced = longest.and_then(|(length, at)| {
            let texts = self.texts.get(at..)?;
            let end = texts.iter().position(|byte| *byte == 0)?;
            Some((length, &texts[..end]))
        });
        replaced.unwrap_or_else(|| {
            let first = 1 + text[1..].iter().take_while(|b| **b & 0xc0 == 0x80).count();
            (first, &text[..first])
        })
    }
}

/// Returns the offset of a unit's children relative to the unit.
fn offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & 0x200) >> 6)) as usize
}
