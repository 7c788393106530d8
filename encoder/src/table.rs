//! Word vectors of the vocabulary, quantized to 6 bits.
//!
//! At installation: 6-bit values -> packed rows. At run time: piece id -> word vector. The Python
//! package of the model quantizes the table in parts, each with its own range; every row stores the
//! number of its part.
//!
//! Invariant: a piece id beyond the table has the vector of the unknown piece.

use crate::model_file::{ModelFile, Writer};

/// Dimensions of a word vector, and of an embedding.
pub(crate) const DIMENSIONS: usize = 512;

/// Bytes of the lower 4 bits of a row's values, two values per byte.
const LOW_BITS_BYTES: usize = DIMENSIONS / 2;

/// Bytes of the upper 2 bits of a row's values, four values per byte.
const HIGH_BITS_BYTES: usize = DIMENSIONS / 4;

/// Bytes of a row: the lower bits of all values, then the upper bits.
const ROW_BYTES: usize = LOW_BITS_BYTES + HIGH_BITS_BYTES;

/// Dequantization of a part of the table: `low + value * step`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    pub(crate) low: f32,
    pub(crate) step: f32,
}

/// Word vectors by piece id.
#[derive(Debug)]
pub(crate) struct Table {
    /// The model file. Rows are read in place: a copy would double most of its 40 MB.
    file: ModelFile,
    rows: std::ops::Range<usize>,
    parts: Vec<u8>,
    ranges: Vec<Range>,
}

impl Table {
    /// Writes the table's sections of a model file; `rows` are the 6-bit values and the part of
    /// each piece.
    pub(crate) fn write<'a>(
        rows: impl Iterator<Item = (&'a [u8], u8)>,
        ranges: &[Range],
        writer: &mut Writer,
    ) {
        let mut packed = Vec::new();
        let mut parts = Vec::new();
        for (row, part) in rows {
            parts.push(part);
            packed.extend(
                (0..LOW_BITS_BYTES).map(|i| row[i] & 15 | (row[i + LOW_BITS_BYTES] & 15) << 4),
            );
            packed.extend((0..HIGH_BITS_BYTES).map(|i| {
                let upper =
                    |quarter: usize| (row[i + quarter * HIGH_BITS_BYTES] >> 4) << (2 * quarter);
                upper(0) | upper(1) | upper(2) | upper(3)
            }));
        }
        writer.section("table", &packed);
        writer.section("table.parts", &parts);
        writer.floats(
            "table.ranges",
            ranges.iter().flat_map(|range| [range.low, range.step]),
        );
    }

    /// Reads the table of a vocabulary of `pieces` pieces from a model file.
    pub(crate) fn read(file: ModelFile, pieces: usize) -> Result<Self, &'static str> {
        let parts = file.exactly("table.parts", pieces)?.to_vec();
        if parts.is_empty() {
            return Err("its table is empty");
        }
        let count = parts.iter().max().map_or(0, |part| usize::from(*part) + 1);
        let ranges = file.floats("table.ranges", 2 * count)?;
        let (ranges, _) = ranges.as_chunks();
        Ok(Self {
            parts,
            ranges: ranges
                .iter()
                .map(|[low, step]| Range {
                    low: *low,
                    step: *step,
                })
                .collect(),
            rows: file.place("table", pieces * ROW_BYTES)?,
            file,
        })
    }

    /// Writes a piece's quantized values to `pairs`, two per `u32`, and its word vector to
    /// `vector`; returns the range that dequantizes the values.
    pub(crate) fn row(&self, piece: u32, pairs: &mut [u32], vector: &mut [f32]) -> Range {
        let piece = if (piece as usize) < self.parts.len() {
            piece as usize
        } else {
            0
        };
        let range = self.ranges[usize::from(self.parts[piece])];
        let rows = &self.file.bytes()[self.rows.clone()];
        let (fours, twos) =
            rows[piece * ROW_BYTES..(piece + 1) * ROW_BYTES].split_at(LOW_BITS_BYTES);
        let mut numbers = [0_u8; DIMENSIONS];
        let (first, second) = numbers.split_at_mut(LOW_BITS_BYTES);
        for ((first, second), both) in first.iter_mut().zip(second).zip(fours) {
            *first = both & 15;
            *second = both >> 4;
        }
        for (quarter, numbers) in numbers.chunks_exact_mut(HIGH_BITS_BYTES).enumerate() {
            for (number, upper) in numbers.iter_mut().zip(twos) {
                *number |= (upper >> (2 * quarter) & 3) << 4;
            }
        }
        for (number, to) in numbers.iter().zip(vector) {
            *to = f32::from(*number) * range.step + range.low;
        }
        let (numbers, _) = numbers.as_chunks();
        for ([first, second], to) in numbers.iter().zip(pairs) {
            *to = u32::from(*first) | u32::from(*second) << 16;
        }
        range
    }
}
