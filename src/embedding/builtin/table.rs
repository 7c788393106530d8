//! The word vectors of all pieces, six bits a number.
//!
//! Numbers of a vector -> packed row (when a model is installed), and a piece -> its vector. The
//! vectors were rounded in parts of the table, each with its own range; a row names its part.
//!
//! Invariant: a piece beyond the table has the vector of the unknown piece.

use super::model_file::{ModelFile, Writer};
use super::network::DIMENSIONS;

/// The lower four bits of two numbers in a byte, then the upper two of four.
const FOURS: usize = DIMENSIONS / 2;
const TWOS: usize = DIMENSIONS / 4;
const ROW: usize = FOURS + TWOS;

/// What the numbers of a part of the table stand for: `low + number x step`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    pub(super) low: f32,
    pub(super) step: f32,
}

/// Word vectors by piece.
#[derive(Debug)]
pub(super) struct Table {
    /// The file itself, of which the rows are nearly all: a copy would take as much again.
    file: ModelFile,
    rows: std::ops::Range<usize>,
    parts: Vec<u8>,
    ranges: Vec<Range>,
}

impl Table {
    /// Makes the sections of a model file; `rows` are the numbers of each piece, below 64, with
    /// the part they come from.
    pub(super) fn write<'a>(
        rows: impl Iterator<Item = (&'a [u8], u8)>,
        ranges: &[Range],
        writer: &mut Writer,
    ) {
        let mut packed = Vec::new();
        let mut parts = Vec::new();
        for (row, part) in rows {
            parts.push(part);
            packed.extend((0..FOURS).map(|i| row[i] & 15 | (row[i + FOURS] & 15) << 4));
            packed.extend((0..TWOS).map(|i| {
                let upper = |quarter: usize| (row[i + quarter * TWOS] >> 4) << (2 * quarter);
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

    /// Reads the table of so many pieces, and keeps the file.
    pub(super) fn read(file: ModelFile, pieces: usize) -> Result<Self, &'static str> {
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
            rows: file.place("table", pieces * ROW)?,
            file,
        })
    }

    /// Writes the numbers of a piece in pairs, and its vector; returns what the numbers mean.
    pub(super) fn row(&self, piece: u32, pairs: &mut [u32], vector: &mut [f32]) -> Range {
        let piece = if (piece as usize) < self.parts.len() {
            piece as usize
        } else {
            0
        };
        let range = self.ranges[usize::from(self.parts[piece])];
        let rows = &self.file.bytes()[self.rows.clone()];
        let (fours, twos) = rows[piece * ROW..(piece + 1) * ROW].split_at(FOURS);
        let mut numbers = [0_u8; DIMENSIONS];
        let (first, second) = numbers.split_at_mut(FOURS);
        for ((first, second), both) in first.iter_mut().zip(second).zip(fours) {
            *first = both & 15;
            *second = both >> 4;
        }
        for (quarter, numbers) in numbers.chunks_exact_mut(TWOS).enumerate() {
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
