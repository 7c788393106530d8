//! Inner loops of the network: integer matrix products, rounding, layer normalization.
//!
//! Weights have 8 bits, as in training; activations are rounded to 16 bits. Two products
//! and their sum are then one instruction on common CPUs, which is twice as fast as floats and reads
//! a quarter of the memory. Rounding changes the cosine of an embedding by about 1e-8.
//!
//! Invariant: sums of products fit 32 bits; [`Matrix::new`] derives the limit of activations.

use fearless_simd::prelude::*;
use fearless_simd::{Level, Simd, dispatch, i8x32, i16x32, i32x16};

/// Avoids division by zero for a row of equal values.
const MIN_VARIANCE: f32 = 1e-12;

/// Outputs computed together: one AVX-512 vector or two AVX2 vectors.
const PANEL: usize = 16;

/// Weights of a panel for one pair of inputs.
const STRIP: usize = 2 * PANEL;

/// Rows computed together: with AVX2 the sums and operands exactly fill the registers.
const BLOCK_ROWS: usize = 6;

/// Independent sums per row in a block of few rows, to hide the latency of additions.
const SUMS: usize = 4;

/// Weights of a layer, `inputs` x `outputs`, in the order of access.
#[derive(Debug)]
pub(crate) struct Matrix {
    outputs: usize,
    /// Number of pairs of inputs.
    pairs: usize,
    /// Scale of the weights, one for each equal share of the outputs.
    steps: Vec<f32>,
    /// For each panel of outputs, for each pair of inputs: the two weights of each output.
    panels: Vec<i8>,
    /// Greatest absolute value of an activation.
    limit: f32,
}

/// Rows of 16-bit activations in pairs, the first in the lower half.
#[derive(Debug, Default)]
pub(crate) struct Rounded {
    pub(crate) pairs: Vec<u32>,
    /// Scale of the activations.
    pub(crate) step: f32,
}

/// Some columns of each row of a table.
pub(crate) struct Rows<'a> {
    /// The table from the first of these columns on.
    pub(crate) numbers: &'a mut [f32],
    pub(crate) count: usize,
    /// Number of these columns.
    pub(crate) width: usize,
    /// Number of all columns of the table.
    pub(crate) stride: usize,
}

impl<'a> Rows<'a> {
    /// All columns of a table.
    pub(crate) fn whole(numbers: &'a mut [f32], width: usize) -> Self {
        Self {
            count: numbers.len() / width,
            numbers,
            width,
            stride: width,
        }
    }

    fn iter(&self) -> impl Iterator<Item = &[f32]> {
        let rows = self.numbers.chunks(self.stride).take(self.count);
        rows.map(|row| &row[..self.width])
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        let rows = self.numbers.chunks_mut(self.stride).take(self.count);
        rows.map(|row| &mut row[..self.width])
    }
}

/// Inner loops for the instruction set of this CPU, detected once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kernels {
    level: Level,
}

impl Matrix {
    /// Reorders row-major weights (all outputs of the first input first) for [`Matrix::new`].
    pub(crate) fn order(outputs: usize, weights: &[i8]) -> Vec<u8> {
        let mut panels = Vec::with_capacity(weights.len());
        for panel in (0..outputs).step_by(PANEL) {
            for pair in weights.chunks_exact(2 * outputs) {
                for output in panel..panel + PANEL {
                    panels.push(pair[output] as u8);
                    panels.push(pair[outputs + output] as u8);
                }
            }
        }
        panels
    }

    /// Creates a matrix from reordered weights and their scales; `inputs` and `outputs` must be
    /// multiples of 16.
    pub(crate) fn new(inputs: usize, outputs: usize, steps: Vec<f32>, ordered: &[u8]) -> Self {
        let panels: Vec<i8> = ordered.iter().map(|weight| *weight as i8).collect();
        // The greatest sum of absolute weights of any output.
        let greatest = panels.chunks_exact(inputs * PANEL).flat_map(|panel| {
            let mut sums = [0_i32; STRIP];
            for strip in panel.as_chunks::<STRIP>().0 {
                for (sum, weight) in sums.iter_mut().zip(strip) {
                    *sum += i32::from(*weight).abs();
                }
            }
            sums.as_chunks().0.iter().map(|[a, b]| a + b).max()
        });
        let greatest = greatest.max().unwrap_or(0).max(1);
        Self {
            outputs,
            pairs: inputs / 2,
            steps,
            panels,
            limit: (i32::MAX / greatest).min(i32::from(i16::MAX)) as f32,
        }
    }

    /// Returns the sum of the weights of each output.
    pub(crate) fn column_sums(&self) -> Vec<f32> {
        let mut sums = vec![0.0; self.outputs];
        let panels = self.panels.chunks_exact(self.pairs * PANEL * 2);
        for (number, (panel, sums)) in panels.zip(sums.chunks_exact_mut(PANEL)).enumerate() {
            for (index, weight) in panel.iter().enumerate() {
                sums[index / 2 % PANEL] += f32::from(*weight) * self.step(number);
            }
        }
        sums
    }

    /// Returns the scale of the weights of a panel.
    fn step(&self, panel: usize) -> f32 {
        self.steps[panel * PANEL * self.steps.len() / self.outputs]
    }
}

impl Kernels {
    pub(crate) fn new() -> Self {
        Self {
            level: Level::new(),
        }
    }

    /// Multiplies rows that start `stride` pairs apart with a matrix.
    ///
    /// Rows may overlap, which makes this a convolution.
    pub(crate) fn multiply(
        &self,
        input: &Rounded,
        stride: usize,
        matrix: &Matrix,
        output: &mut Rows<'_>,
    ) {
        dispatch!(self.level, simd => multiply(simd, input, stride, matrix, output));
    }

    /// Rounds activations to the limit of a matrix and writes them into `rounded` from `offset`
    /// pairs on.
    pub(crate) fn round(
        &self,
        numbers: &Rows<'_>,
        matrix: &Matrix,
        offset: usize,
        rounded: &mut Rounded,
    ) {
        dispatch!(self.level, _simd => round(numbers, matrix.limit, offset, rounded));
    }

    /// Layer normalization: mean zero and variance one, then scale and shift of each value.
    pub(crate) fn normalize(&self, row: &mut [f32], scale: &[f32], shift: &[f32]) {
        dispatch!(self.level, _simd => normalize(row, scale, shift));
    }
}

#[inline(always)]
fn multiply<S: Simd>(
    simd: S,
    input: &Rounded,
    stride: usize,
    matrix: &Matrix,
    output: &mut Rows<'_>,
) {
    let rows = output.count;
    // Blocks of even size: 4 + 4 rows rather than 6 + 2.
    let blocks = rows.div_ceil(BLOCK_ROWS).max(1);
    let mut packed = vec![0; BLOCK_ROWS * matrix.pairs];
    for block in 0..blocks {
        let (first, end) = (block * rows / blocks, (block + 1) * rows / blocks);
        let block = Block {
            output: &mut output.numbers[first * output.stride..],
            output_stride: output.stride,
            rows: &input.pairs[first * stride..],
            stride,
            step: input.step,
            packed: &mut packed[..(end - first) * matrix.pairs],
        };
        match end - first {
            1 => multiply_block::<S, 1, SUMS>(simd, block, matrix),
            2 => multiply_block::<S, 2, SUMS>(simd, block, matrix),
            3 => multiply_block::<S, 3, 1>(simd, block, matrix),
            4 => multiply_block::<S, 4, 1>(simd, block, matrix),
            5 => multiply_block::<S, 5, 1>(simd, block, matrix),
            6 => multiply_block::<S, 6, 1>(simd, block, matrix),
            _ => {}
        }
    }
}

/// A few rows of a product.
struct Block<'a> {
    rows: &'a [u32],
    stride: usize,
    step: f32,
    /// Buffer for the interleaved rows.
    packed: &'a mut [u32],
    output: &'a mut [f32],
    output_stride: usize,
}

/// Multiplies a few rows with all weights.
#[inline(always)]
fn multiply_block<S: Simd, const ROWS: usize, const SUMS: usize>(
    simd: S,
    block: Block<'_>,
    matrix: &Matrix,
) {
    // Interleaves the rows, so that values multiplied with the same weights are adjacent.
    let rows: [&[u32]; ROWS] =
        std::array::from_fn(|row| &block.rows[row * block.stride..][..matrix.pairs]);
    let packed = block.packed;
    let (places, _) = packed.as_chunks_mut::<ROWS>();
    for (pair, places) in places.iter_mut().enumerate().take(matrix.pairs) {
        *places = std::array::from_fn(|row| rows[row][pair]);
    }
    let panels = matrix.panels.chunks_exact(matrix.pairs * STRIP);
    for (index, panel) in panels.enumerate() {
        let mut sums = [[i32x16::splat(simd, 0); ROWS]; SUMS];
        let strips = panel.chunks_exact(STRIP * SUMS);
        for (strips, inputs) in strips.zip(packed.chunks_exact(ROWS * SUMS)) {
            for (sum, sums) in sums.iter_mut().enumerate() {
                let weights = i8x32::from_slice(simd, &strips[sum * STRIP..(sum + 1) * STRIP]);
                let (low, high) = weights.widen();
                let weights: i16x32<S> = low.combine(high);
                for (row, total) in sums.iter_mut().enumerate() {
                    let pair = i32x16::splat(simd, inputs[sum * ROWS + row] as i32);
                    let pair: i16x32<S> = pair.bitcast();
                    *total += weights.pairwise_dot_product(pair);
                }
            }
        }
        let factor = block.step * matrix.step(index);
        for row in 0..ROWS {
            let total = sums
                .iter()
                .fold(i32x16::splat(simd, 0), |total, sums| total + sums[row]);
            let start = row * block.output_stride + index * PANEL;
            let to = &mut block.output[start..start + PANEL];
            for (to, total) in to.iter_mut().zip(total.as_slice()) {
                *to = *total as f32 * factor;
            }
        }
    }
}

#[inline(always)]
fn round(numbers: &Rows<'_>, limit: f32, offset: usize, rounded: &mut Rounded) {
    // One maximum per lane, to hide latency.
    let mut lanes = [0.0_f32; 16];
    for row in numbers.iter() {
        for chunk in row.as_chunks::<16>().0 {
            for (lane, number) in lanes.iter_mut().zip(chunk) {
                let size = number.abs();
                *lane = if size > *lane { size } else { *lane };
            }
        }
    }
    let greatest = lanes.into_iter().fold(0.0_f32, f32::max);
    // A row of zeros stays zero; its scale is arbitrary.
    let inverse = if greatest > 0.0 {
        limit / greatest
    } else {
        0.0
    };
    rounded.step = greatest / limit;
    let pairs = rounded.pairs[offset..].chunks_exact_mut(numbers.width / 2);
    for (row, pairs) in numbers.iter().zip(pairs) {
        for (to, [first, second]) in pairs.iter_mut().zip(row.as_chunks().0) {
            *to = nearest(first * inverse) & 0xffff | nearest(second * inverse) << 16;
        }
    }
}

/// Rounds a value between -32768 and 32767 to the nearest integer, in the lower 16 bits.
///
/// Adding 1.5 x 2^23 shifts the integer to the end of the mantissa; a cast would check for overflow.
#[inline(always)]
fn nearest(number: f32) -> u32 {
    (number + 12_582_912.0).to_bits()
}

#[inline(always)]
fn normalize(row: &mut [f32], scale: &[f32], shift: &[f32]) {
    let count = row.len() as f32;
    let mean = lane_sum(row, |number| number) / count;
    let variance = lane_sum(row, |number| (number - mean) * (number - mean)) / count;
    let inverse = 1.0 / (variance + MIN_VARIANCE).sqrt();
    for ((number, scale), shift) in row.iter_mut().zip(scale).zip(shift) {
        *number = (*number - mean) * inverse * scale + shift;
    }
}

#[inline(always)]
fn lane_sum(row: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; 16];
    let (chunks, rest) = row.as_chunks::<16>();
    for chunk in chunks {
        for (lane, number) in lanes.iter_mut().zip(chunk) {
            *lane += term(*number);
        }
    }
    lanes.into_iter().sum::<f32>() + rest.iter().map(|number| term(*number)).sum::<f32>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::tests::levels;

    /// Kernels for every instruction set of this CPU.
    fn all_kernels() -> Vec<Kernels> {
        let levels = levels().into_iter();
        levels.map(|level| Kernels { level }).collect()
    }

    #[test]
    fn products_equal_those_of_plain_loops() {
        let (inputs, outputs) = (48, 32);
        let weights: Vec<i8> = (0..inputs * outputs)
            .map(|i| (i * 37 % 255) as u8 as i8)
            .collect();
        let ordered = Matrix::order(outputs, &weights);
        let matrix = Matrix::new(inputs, outputs, vec![0.5, 0.25], &ordered);
        let step = |output: usize| if output < 16 { 0.5 } else { 0.25 };
        let sum = |output: usize, factor: &dyn Fn(usize) -> f32| -> f32 {
            let weight = |input: usize| f32::from(weights[input * outputs + output]);
            (0..inputs)
                .map(|input| factor(input) * weight(input) * step(output))
                .sum()
        };
        let sums: Vec<f32> = (0..outputs).map(|output| sum(output, &|_| 1.0)).collect();
        assert_eq!(matrix.column_sums(), sums);
        for (kernels, rows) in all_kernels()
            .iter()
            .flat_map(|k| (0..20).map(move |rows| (k, rows)))
        {
            let mut numbers: Vec<f32> = (0..rows * inputs)
                .map(|i| (i * 7 % 23) as f32 - 11.0)
                .collect();
            let mut rounded = Rounded {
                pairs: vec![0; numbers.len() / 2],
                step: 0.0,
            };
            kernels.round(&Rows::whole(&mut numbers, inputs), &matrix, 0, &mut rounded);
            let mut products = vec![0.0; rows * outputs];
            let output = &mut Rows::whole(&mut products, outputs);
            kernels.multiply(&rounded, inputs / 2, &matrix, output);
            for (index, product) in products.iter().enumerate() {
                let (row, output) = (index / outputs, index % outputs);
                let exact = sum(output, &|input| numbers[row * inputs + input]);
                assert!((product - exact).abs() < 1.0, "{product} {exact}");
            }
        }
    }

    #[test]
    fn the_greatest_activations_do_not_overflow() {
        let weights = vec![-128_i8; 2048 * 16];
        let matrix = Matrix::new(2048, 16, vec![1.0], &Matrix::order(16, &weights));
        let kernels = Kernels::new();
        let mut rounded = Rounded {
            pairs: vec![0; 1024],
            step: 0.0,
        };
        kernels.round(
            &Rows::whole(&mut [-3.0; 2048], 2048),
            &matrix,
            0,
            &mut rounded,
        );
        let mut products = [0.0; 16];
        kernels.multiply(&rounded, 1024, &matrix, &mut Rows::whole(&mut products, 16));
        let exact = 3.0 * 128.0 * 2048.0;
        assert!(
            products
                .iter()
                .all(|product| (product - exact).abs() < exact * 1e-3)
        );
    }

    #[test]
    fn a_normalized_row_has_mean_zero_and_variance_one() {
        let mut row: Vec<f32> = (0..40).map(|i| (i * i) as f32).collect();
        Kernels::new().normalize(&mut row, &[1.0; 40], &[0.0; 40]);
        let mean = row.iter().sum::<f32>() / 40.0;
        let variance = row.iter().map(|x| x * x).sum::<f32>() / 40.0;
        assert!(mean.abs() < 1e-5 && (variance - 1.0).abs() < 1e-4);
    }
}
