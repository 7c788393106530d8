//! Cuts a text into the pieces that the network knows.
//!
//! Text -> normal form -> numbers of pieces. The normal form is that of the model's own table of
//! replacements (NFKC with a few changes, and one `▁` for each run of spaces); the cut is the one
//! whose pieces have the greatest sum of scores (a unigram model, solved by Viterbi's algorithm).
//!
//! Invariant: the time is linear in the length of the text; nothing panics on any text.

use super::pieces::PieceTree;

/// Begins every word in the normal form.
const SPACE: &[u8] = "▁".as_bytes();

/// The piece of a character that no piece covers.
pub(super) const UNKNOWN: u32 = 0;

/// The piece before every text.
pub(super) const BEGINNING: u32 = 1;

/// The piece after every text.
pub(super) const END: u32 = 2;

/// Cuts texts into pieces.
#[derive(Debug)]
pub(super) struct Tokenizer {
    replacements: Replacements,
    pieces: PieceTree,
    scores: Vec<f32>,
    /// Below every score, so that a character is unknown only where nothing else fits.
    unknown_score: f32,
}

/// The model's table of replacements: a double-array trie from bytes to texts.
///
/// It is read as it is in the model, so that no other version of Unicode can come between.
#[derive(Debug)]
pub(super) struct Replacements {
    units: Vec<u32>,
    /// The texts, each ended by a zero byte.
    texts: Vec<u8>,
}

impl Tokenizer {
    /// Puts together what the model file holds.
    ///
    /// Fails if the tree names a piece without a score.
    pub(super) fn new(
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

    /// Lists the pieces of a text between beginning and end; none for a text without content.
    pub(super) fn pieces(&self, text: &str) -> Vec<u32> {
        let normal = self.replacements.normalize(text);
        if normal.is_empty() {
            return Vec::new();
        }
        let mut pieces = vec![END];
        self.cut(&normal, &mut pieces);
        pieces.push(BEGINNING);
        pieces.reverse();
        pieces
    }

    /// Appends the best cut, last piece first.
    fn cut(&self, text: &str, pieces: &mut Vec<u32>) {
        // Of each position in bytes: the best sum up to it, and the piece that ends there.
        let mut best = vec![f64::NEG_INFINITY; text.len() + 1];
        let mut last = vec![(0, UNKNOWN); text.len() + 1];
        best[0] = 0.0;
        for (start, character) in text.char_indices() {
            let single = start + character.len_utf8();
            let base = best[start];
            let mut is_known = false;
            let mut step = |end: usize, piece: u32, score: f32| {
                let sum = base + f64::from(score);
                // Of equals the longer piece stays: it was there first.
                if sum > best[end] {
                    best[end] = sum;
                    last[end] = (start, piece);
                }
            };
            self.pieces
                .beginnings(&text.as_bytes()[start..], |length, piece| {
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
    /// Takes the trie and the texts.
    pub(super) fn new(units: Vec<u32>, texts: Vec<u8>) -> Self {
        Self { units, texts }
    }

    /// Brings a text to the normal form; empty if only spaces are in it.
    fn normalize(&self, text: &str) -> String {
        let mut rest = text.as_bytes();
        let mut normal = Vec::with_capacity(rest.len() + rest.len() / 4 + SPACE.len());
        // Spaces at the beginning go, and so does a space after a space.
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
        // Whole characters go in and come out; only a damaged table could break one.
        String::from_utf8(normal).unwrap_or_default()
    }

    /// Finds the longest beginning of a text that has a replacement: its length and the
    /// replacement, or the first character as it is.
    fn replace<'a>(&'a self, text: &'a [u8]) -> (usize, &'a [u8]) {
        let mut longest = None;
        let mut node = self.units.first().map_or(0, |root| offset(*root));
        for (index, byte) in text.iter().enumerate() {
            node ^= usize::from(*byte);
            let Some(unit) = self.units.get(node) else {
                break;
            };
            // The label, with the bit that marks a leaf.
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

/// Where a unit's children are, relative to the unit.
fn offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & 0x200) >> 6)) as usize
}
