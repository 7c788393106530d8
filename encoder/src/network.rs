//! The neural network: piece ids of a text -> one vector of unit length.
//!
//! The structure of Google's Universal Sentence Encoder multilingual v3: word vectors; three
//! branches of two convolutions each, with windows of 2, 3 and 5 pieces; layer normalization; the
//! sum over the text divided by the square root of its length; dense layers with shortcut
//! connections. The three branches share one projection and **one** layer normalization over all
//! 768 channels; separate normalizations give almost the same vectors, but not the same.
//!
//! Invariant: the vector has [`DIMENSIONS`] finite values and length one for any piece ids.

use crate::kernels::{Kernels, Matrix, Rounded, Rows};
use crate::model_file::ModelFile;
use crate::table::{DIMENSIONS, Table};

/// Channels of a branch.
const BRANCH: usize = 256;

/// Channels of all branches.
const BRANCHES: usize = 3 * BRANCH;

/// Channels of a word vector and of all branches.
const FEATURES: usize = DIMENSIONS + BRANCHES;

/// Channels between the dense layers.
const HIDDEN: usize = 320;

/// Window of each branch, and how much of it precedes the current piece.
const WINDOWS: [(usize, usize); 3] = [(2, 0), (3, 1), (5, 2)];

/// The weights of the network.
#[derive(Debug)]
pub(crate) struct Network {
    kernels: Kernels,
    table: Table,
    projection: Matrix,
    projection_sums: Vec<f32>,
    projection_bias: Vec<f32>,
    branch_scale: Vec<f32>,
    branch_shift: Vec<f32>,
    branches: Vec<Branch>,
    feature_scale: Vec<f32>,
    feature_shift: Vec<f32>,
    pooled: Matrix,
    pooled_bias: Vec<f32>,
    dense: Dense,
}

/// Two convolutions with the same window.
#[derive(Debug)]
struct Branch {
    window: usize,
    before: usize,
    layers: [(Matrix, Vec<f32>); 2],
}

/// The dense layers and their shortcut connections.
#[derive(Debug)]
struct Dense {
    first: Matrix,
    second: Matrix,
    second_shortcut: Matrix,
    third: Matrix,
    fourth: Matrix,
    fourth_shortcut: Matrix,
}

impl Network {
    /// Reads the weights from a model file with a vocabulary of `pieces` pieces.
    pub(crate) fn read(file: ModelFile, pieces: usize) -> Result<Self, &'static str> {
        let joined = |name: &str, inputs, outputs, parts| -> Result<Matrix, &'static str> {
            let weights = file.exactly(name, inputs * outputs)?;
            let steps = file.floats(&format!("{name}.step"), parts)?;
            Ok(Matrix::new(inputs, outputs, steps, weights))
        };
        let matrix = |name: &str, inputs, outputs| joined(name, inputs, outputs, 1);
        let branch = |index: usize| -> Result<Branch, &'static str> {
            let (window, before) = WINDOWS[index];
            let layer = |number: usize| -> Result<(Matrix, Vec<f32>), &'static str> {
                let name = format!("branch{window}.{number}");
                let weights = matrix(&name, window * BRANCH, BRANCH)?;
                Ok((weights, file.floats(&format!("{name}.bias"), BRANCH)?))
            };
            Ok(Branch {
                window,
                before,
                layers: [layer(1)?, layer(2)?],
            })
        };
        let floats = |name, count| file.floats(name, count);
        let projection = joined("projection", DIMENSIONS, BRANCHES, WINDOWS.len())?;
        Ok(Self {
            kernels: Kernels::new(),
            projection_sums: projection.column_sums(),
            projection,
            projection_bias: floats("projection.bias", BRANCHES)?,
            branch_scale: floats("branches.scale", BRANCHES)?,
            branch_shift: floats("branches.shift", BRANCHES)?,
            branches: vec![branch(0)?, branch(1)?, branch(2)?],
            feature_scale: floats("features.scale", FEATURES)?,
            feature_shift: floats("features.shift", FEATURES)?,
            pooled: matrix("pooled", FEATURES, DIMENSIONS)?,
            pooled_bias: floats("pooled.bias", DIMENSIONS)?,
            dense: Dense {
                first: matrix("dense1", DIMENSIONS, HIDDEN)?,
                second: matrix("dense2", HIDDEN, HIDDEN)?,
                second_shortcut: matrix("dense2.past", DIMENSIONS, HIDDEN)?,
                third: matrix("dense3", HIDDEN, DIMENSIONS)?,
                fourth: matrix("dense4", DIMENSIONS, DIMENSIONS)?,
                fourth_shortcut: matrix("dense4.past", HIDDEN, DIMENSIONS)?,
            },
            // Last, because it consumes the file.
            table: Table::read(file, pieces)?,
        })
    }

    /// Embeds the pieces of a text.
    pub(crate) fn embed(&self, pieces: &[u32]) -> Vec<f32> {
        // One buffer, modified in place: for a long text it is large, and page faults of fresh
        // memory cost more than the computation.
        let mut features = vec![0.0; pieces.len() * FEATURES];
        self.project(pieces, &mut features);
        for (index, branch) in self.branches.iter().enumerate() {
            let place = DIMENSIONS + index * BRANCH;
            let mut state = Rows {
                numbers: &mut features[place..],
                count: pieces.len(),
                width: BRANCH,
                stride: FEATURES,
            };
            self.convolve(branch, &mut state);
        }
        let mut sum = vec![0.0; FEATURES];
        for row in features.chunks_exact_mut(FEATURES) {
            self.kernels
                .normalize(row, &self.feature_scale, &self.feature_shift);
            add(&mut sum, row);
        }
        // Summing before multiplying gives the same result, because the product is linear.
        let mut pooled = self.product(&self.pooled, &mut sum, DIMENSIONS);
        let count = pieces.len() as f32;
        for (number, bias) in pooled.iter_mut().zip(&self.pooled_bias) {
            *number = (*number + count * bias) / count.sqrt();
        }
        self.dense(&mut pooled)
    }

    /// Writes the word vectors into the features, and the input of the branches beside them.
    fn project(&self, pieces: &[u32], features: &mut [f32]) {
        let mut rounded = Rounded {
            pairs: vec![0; pieces.len() * DIMENSIONS / 2],
            step: 1.0,
        };
        let ranges: Vec<_> = pieces
            .iter()
            .zip(rounded.pairs.chunks_exact_mut(DIMENSIONS / 2))
            .zip(features.chunks_exact_mut(FEATURES))
            .map(|((piece, pairs), row)| self.table.row(*piece, pairs, &mut row[..DIMENSIONS]))
            .collect();
        let mut projected = Rows {
            numbers: &mut features[DIMENSIONS..],
            count: pieces.len(),
            width: BRANCHES,
            stride: FEATURES,
        };
        self.kernels
            .multiply(&rounded, DIMENSIONS / 2, &self.projection, &mut projected);
        // The product used the quantized values, which are exact; dequantize its result.
        for (row, range) in projected.iter_mut().zip(ranges) {
            let sums = self.projection_sums.iter().zip(&self.projection_bias);
            for (number, (sum, bias)) in row.iter_mut().zip(sums) {
                *number = *number * range.step + range.low * sum + bias;
            }
            self.kernels
                .normalize(row, &self.branch_scale, &self.branch_shift);
        }
    }

    /// Applies a branch to its channels of the features.
    fn convolve(&self, branch: &Branch, state: &mut Rows<'_>) {
        // Pads the ends of the text with zeros.
        let mut rounded = Rounded {
            pairs: vec![0; (state.count + branch.window - 1) * BRANCH / 2],
            step: 0.0,
        };
        let mut output = vec![0.0; state.count * BRANCH];
        for (weights, bias) in &branch.layers {
            let offset = branch.before * BRANCH / 2;
            self.kernels.round(state, weights, offset, &mut rounded);
            let rows = &mut Rows::whole(&mut output, BRANCH);
            self.kernels.multiply(&rounded, BRANCH / 2, weights, rows);
            for (state, output) in state.iter_mut().zip(output.chunks_exact(BRANCH)) {
                for ((state, output), bias) in state.iter_mut().zip(output).zip(bias) {
                    *state += (output + bias).max(0.0);
                }
            }
        }
    }

    fn dense(&self, pooled: &mut [f32]) -> Vec<f32> {
        let dense = &self.dense;
        let mut first = self.product(&dense.first, pooled, HIDDEN);
        rectify(&mut first);
        let mut second = self.product(&dense.second, &mut first, HIDDEN);
        add(
            &mut second,
            &self.product(&dense.second_shortcut, pooled, HIDDEN),
        );
        rectify(&mut second);
        let mut third = self.product(&dense.third, &mut second, DIMENSIONS);
        rectify(&mut third);
        let mut fourth = self.product(&dense.fourth, &mut third, DIMENSIONS);
        let shortcut = self.product(&dense.fourth_shortcut, &mut second, DIMENSIONS);
        add(&mut fourth, &shortcut);
        for number in &mut fourth {
            *number = number.tanh();
        }
        let squares = fourth.iter().map(|number| number * number);
        // Only weights that are all zero give length zero.
        let length = squares.sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        for number in &mut fourth {
            *number /= length;
        }
        fourth
    }

    fn product(&self, matrix: &Matrix, row: &mut [f32], outputs: usize) -> Vec<f32> {
        let inputs = row.len();
        let mut rounded = Rounded {
            pairs: vec![0; inputs / 2],
            step: 0.0,
        };
        let row = Rows::whole(row, inputs);
        self.kernels.round(&row, matrix, 0, &mut rounded);
        let mut output = vec![0.0; outputs];
        let rows = &mut Rows::whole(&mut output, outputs);
        self.kernels.multiply(&rounded, inputs / 2, matrix, rows);
        output
    }
}

fn add(to: &mut [f32], from: &[f32]) {
    for (to, from) in to.iter_mut().zip(from) {
        *to += from;
    }
}

fn rectify(row: &mut [f32]) {
    for number in row {
        *number = number.max(0.0);
    }
}
