//! Embeddings as unit vectors of integers, and their cosine similarities.
//!
//! Integers give the same similarities on every CPU. Invariant: no sum overflows, because the
//! product of a unit vector of n values and a row of n bytes is at most 127 * 16384 * sqrt(n).

use std::ops::Range;

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, i8x32, i16x32, i32x16};

/// Fixed-point representation of 1.0.
const ONE: f32 = 16384.0;

/// Values multiplied in one step.
const LANES: usize = 32;

/// The embedding of a text: a unit vector, or zeros for a text without content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vector(Box<[i16]>);

impl Vector {
    /// Normalizes values to length one; zeros if their length is zero or not finite.
    #[must_use]
    pub fn new(values: &[f32]) -> Self {
        let length = values.iter().map(|value| value * value).sum::<f32>().sqrt();
        let scale = if length.is_finite() && length > f32::MIN_POSITIVE {
            ONE / length
        } else {
            0.0
        };
        // In range: no value of a unit vector exceeds 1.
        Self(values.iter().map(|v| (v * scale).round() as i16).collect())
    }

    /// Returns the normalized sum of this vector and a weighted other one.
    #[must_use]
    pub fn blend(&self, other: &Self, weight: f32) -> Self {
        let pairs = self.0.iter().zip(&other.0);
        let sums = pairs.map(|(a, b)| f32::from(*a) + weight * f32::from(*b));
        Self::new(&sums.collect::<Vec<f32>>())
    }

    /// Returns the number of dimensions.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.0.len()
    }
}

/// Vectors of one model, quantized to 8 bits with a scale for each vector, because a scan over all
/// vectors is memory-bound. Quantization changes a cosine similarity by less than 0.002.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vectors {
    dimensions: usize,
    rows: Vec<i8>,
    /// Scale of each row.
    steps: Vec<f32>,
}

impl Vectors {
    /// Creates vectors from the results of [`Vectors::rows`] and [`Vectors::steps`]; `None` if their
    /// lengths do not match or a scale is not finite.
    #[must_use]
    pub fn from_parts(dimensions: usize, rows: Vec<i8>, steps: Vec<f32>) -> Option<Self> {
        let is_complete = rows.len() == steps.len().checked_mul(dimensions)?;
        let is_finite = steps.iter().all(|step| step.is_finite());
        (is_complete && is_finite).then_some(Self {
            dimensions,
            rows,
            steps,
        })
    }

    /// Appends a vector; `false` if its dimensions differ from the others or are zero.
    pub fn push(&mut self, vector: &Vector) -> bool {
        let greatest = vector.0.iter().map(|value| value.unsigned_abs()).max();
        let step = f32::from(greatest.unwrap_or(0).max(1)) / f32::from(i8::MAX);
        let row = vector
            .0
            .iter()
            .map(|v| (f32::from(*v) / step).round() as i8);
        self.push_row(row.collect(), step)
    }

    /// Appends a vector of `others` without quantizing it again; `false` if it does not fit.
    pub fn push_from(&mut self, others: &Self, index: usize) -> bool {
        match (others.row(index), others.steps.get(index)) {
            (Some(row), Some(step)) => self.push_row(row.to_vec(), *step),
            _ => false,
        }
    }

    fn push_row(&mut self, row: Vec<i8>, step: f32) -> bool {
        if self.steps.is_empty() {
            self.dimensions = row.len();
        }
        let fits = row.len() == self.dimensions && self.dimensions > 0;
        if fits {
            self.rows.extend(row);
            self.steps.push(step);
        }
        fits
    }

    fn row(&self, index: usize) -> Option<&[i8]> {
        let start = index.checked_mul(self.dimensions)?;
        self.rows.get(start..start + self.dimensions)
    }

    /// Returns a vector by its index.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Vector> {
        let (row, step) = (self.row(index)?, self.steps.get(index)?);
        let values = row.iter().map(|value| f32::from(*value) * step);
        Some(Vector::new(&values.collect::<Vec<f32>>()))
    }

    /// Returns the number of vectors.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Returns whether there are no vectors.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Returns the number of dimensions of each vector.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Returns the quantized values of all vectors.
    #[must_use]
    pub fn rows(&self) -> &[i8] {
        &self.rows
    }

    /// Returns the scale of each vector.
    #[must_use]
    pub fn steps(&self) -> &[f32] {
        &self.steps
    }

    /// Returns the cosine similarity of each vector with `vector`, from -1 to 1, in their order;
    /// empty if the dimensions differ.
    #[must_use]
    pub fn cosines(&self, vector: &Vector) -> Vec<f32> {
        self.cosines_in(0..self.len(), vector)
    }

    /// Returns the same for a range of the vectors; empty if there is no such range.
    #[must_use]
    pub fn cosines_in(&self, range: Range<usize>, vector: &Vector) -> Vec<f32> {
        let rows = self
            .rows
            .get(range.start * self.dimensions..range.end * self.dimensions);
        let (Some(rows), Some(steps)) = (rows, self.steps.get(range)) else {
            return Vec::new();
        };
        if vector.dimensions() != self.dimensions || self.dimensions == 0 {
            return Vec::new();
        }
        let rows = rows.chunks_exact(self.dimensions).zip(steps);
        dispatch!(Level::new(), simd => Self::cosines_by(simd, rows, vector))
    }

    #[inline(always)]
    fn cosines_by<'a, S: Simd>(
        simd: S,
        rows: impl ExactSizeIterator<Item = (&'a [i8], &'a f32)>,
        vector: &Vector,
    ) -> Vec<f32> {
        let mut cosines = Vec::with_capacity(rows.len());
        // A loop: a closure would not be compiled for the detected instruction set.
        for (row, step) in rows {
            cosines.push(product(simd, row, &vector.0) as f32 * step / (ONE * ONE));
        }
        cosines
    }

    /// Returns the mean cosine similarity of all pairs of vectors with different owners, or 0 if
    /// there is no such pair. `owners` are in the order of the vectors; those without an owner
    /// are ignored.
    ///
    /// Linear time: the sum over all pairs is the inner product of two sums.
    #[must_use]
    pub fn mean_cosine(&self, owners: &[Option<usize>]) -> f32 {
        let count = owners.iter().flatten().max().map_or(0, |owner| owner + 1);
        let mut sums = vec![0.0_f32; count * self.dimensions];
        let mut members = vec![0_u64; count];
        let rows = self.rows.chunks_exact(self.dimensions.max(1));
        for ((row, step), owner) in rows.zip(&self.steps).zip(owners) {
            let Some(owner) = *owner else {
                continue;
            };
            members[owner] += 1;
            let sum = &mut sums[owner * self.dimensions..][..self.dimensions];
            for (sum, value) in sum.iter_mut().zip(row) {
                *sum += f32::from(*value) * (step / ONE);
            }
        }
        let mut total = vec![0.0_f64; self.dimensions];
        let mut within = 0.0;
        for sum in sums.chunks_exact(self.dimensions.max(1)) {
            for (total, value) in total.iter_mut().zip(sum) {
                *total += f64::from(*value);
                within += f64::from(*value) * f64::from(*value);
            }
        }
        let squares = |numbers: &[u64]| numbers.iter().map(|n| n * n).sum::<u64>();
        let pairs = squares(&[members.iter().sum()]) - squares(&members);
        if pairs == 0 {
            return 0.0;
        }
        let all: f64 = total.iter().map(|value| value * value).sum();
        ((all - within) / pairs as f64) as f32
    }
}

/// Inner product of a row and a vector of the same length.
#[inline(always)]
fn product<S: Simd>(simd: S, row: &[i8], vector: &[i16]) -> i32 {
    let (rows, row_rest) = row.as_chunks::<LANES>();
    let (vectors, vector_rest) = vector.as_chunks::<LANES>();
    // Two independent sums, to hide the latency of additions.
    let mut sums = [i32x16::splat(simd, 0); 2];
    for (index, (row, vector)) in rows.iter().zip(vectors).enumerate() {
        let (low, high) = i8x32::from_slice(simd, row).widen();
        let row: i16x32<S> = low.combine(high);
        sums[index % 2] += row.pairwise_dot_product(i16x32::from_slice(simd, vector));
    }
    let rest = row_rest.iter().zip(vector_rest);
    let rest: i32 = rest.map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
    let sum = sums[0] + sums[1];
    rest + sum.as_slice().iter().sum::<i32>()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    #[test]
    fn cosines_do_not_depend_on_the_lengths_of_vectors() {
        let mut vectors = Vectors::default();
        let a = Vector::new(&[3.0, 4.0, 0.0]);
        assert!(vectors.push(&a));
        assert!(vectors.push(&Vector::new(&[-30.0, -40.0, 0.0])));
        assert!(vectors.push(&Vector::new(&[0.0, 0.0, 1e-3])));
        assert!(vectors.push(&Vector::new(&[0.0; 3])));
        assert!(!vectors.push(&Vector::new(&[1.0])));
        assert_eq!(vectors.len(), 4);
        let cosines: Vec<f32> = vectors.cosines(&a);
        for (found, expected) in cosines.iter().zip([1.0, -1.0, 0.0, 0.0]) {
            assert!((found - expected).abs() < 1e-3, "{cosines:?}");
        }
        assert_eq!(vectors.cosines(&Vector::new(&[1.0])).len(), 0);
        let again = vectors.get(0).expect("a vector");
        let near = vectors.cosines(&again)[0];
        assert!((near - 1.0).abs() < 2e-3, "{near}");
        assert_eq!(vectors.get(4), None);
    }

    /// Every instruction set of this CPU.
    pub(crate) fn levels() -> Vec<Level> {
        let best = Level::new();
        let mut levels = vec![best];
        #[cfg(target_arch = "x86_64")]
        {
            levels.extend(best.as_avx2().map(Level::Avx2));
            levels.extend(best.as_sse4_2().map(Level::Sse4_2));
            levels.extend(best.as_sse2().map(Level::Sse2));
        }
        levels
    }

    #[test]
    fn the_greatest_product_does_not_overflow() {
        let vector = Vector::new(&[1.0; 4096]);
        let row = [i8::MAX; 4096];
        for level in levels() {
            let found = dispatch!(level, simd => product(simd, &row, &vector.0));
            assert_eq!(found, 127 * 256 * 4096, "{level:?}");
        }
    }

    #[test]
    fn products_are_exact_for_any_length() {
        for length in 1..140_i16 {
            let row: Vec<i8> = (0..length).map(|x| (x * 7 % 100) as i8 - 50).collect();
            let vector: Vec<i16> = (0..length).map(|x| x * 111 - 4_000).collect();
            let pairs = row.iter().zip(&vector);
            let expected: i32 = pairs.map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
            for level in levels() {
                let found = dispatch!(level, simd => product(simd, &row, &vector));
                assert_eq!(found, expected, "{length} {level:?}");
            }
        }
    }

    #[test]
    fn the_mean_cosine_covers_pairs_with_different_owners() {
        let rows = [[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.3, 0.4], [1.0, 1.0]];
        let owners = [Some(0), Some(0), Some(2), None, Some(1)];
        let mut vectors = Vectors::default();
        for row in &rows {
            assert!(vectors.push(&Vector::new(row)));
        }
        let mut cosines = Vec::new();
        for (a, first) in owners.iter().zip(0..) {
            let all = vectors.cosines(&Vector::new(&rows[first]));
            let others = owners
                .iter()
                .zip(all)
                .filter(|(b, _)| *b != a && b.is_some());
            cosines.extend(others.filter(|_| a.is_some()).map(|(_, cosine)| cosine));
        }
        let expected = cosines.iter().sum::<f32>() / cosines.len() as f32;
        let found = vectors.mean_cosine(&owners);
        assert!((found - expected).abs() < 2e-3, "{found} {expected}");
        assert_eq!(vectors.mean_cosine(&[Some(0); 5]), 0.0);
        assert_eq!(Vectors::default().mean_cosine(&[]), 0.0);
    }

    #[test]
    fn values_without_a_finite_length_become_zeros() {
        for values in [
            &[][..],
            &[0.0, 0.0],
            &[f32::NAN, 1.0],
            &[f32::INFINITY, 0.0],
        ] {
            let vector = Vector::new(values);
            assert!(vector.0.iter().all(|value| *value == 0), "{values:?}");
        }
    }
}
