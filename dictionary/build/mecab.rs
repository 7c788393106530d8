//! Writes a dictionary in MeCab's text format.
//!
//! Input: [`Legacy`]. Output: `ipadic.csv`, `matrix.def`, `char.def` and `unk.def`.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result};

use crate::legacy::{Characters, Legacy, Matrix, UnknownWord, Word};

/// Category of characters that are not in char.def.
const DEFAULT_CATEGORY: &str = "DEFAULT";

/// Highest character that char.def can contain.
const LAST_CHARACTER: u32 = 0xFFFF;

/// Number of columns for part of speech and conjugation, which depend on the context id only.
const SHARED_DETAILS: usize = 6;

/// Writes the four files into `folder`, which must exist.
pub(crate) fn write(legacy: &Legacy, folder: &Path) -> Result<()> {
    let unknown_rows = unknown_rows(legacy)?;
    write_file(&folder.join("ipadic.csv"), |out| {
        write_words(&legacy.words, out)
    })?;
    write_file(&folder.join("matrix.def"), |out| {
        write_matrix(&legacy.matrix, out)
    })?;
    write_file(&folder.join("char.def"), |out| {
        write_characters(&legacy.characters, out)
    })?;
    write_file(&folder.join("unk.def"), |out| {
        write_unknown(&unknown_rows, out)
    })
}

fn write_file(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<()> {
    let write = || {
        let mut out = BufWriter::new(File::create(path)?);
        content(&mut out)?;
        out.flush()
    };
    write().with_context(|| {
        format!(
            "cannot write `{}`\nhint: check the permissions and the free disk space (100 MB)",
            path.display()
        )
    })
}

/// Writes one row per word in the order of ids; the builder sorts by surface, stably.
fn write_words(words: &[Word], out: impl Write) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    for word in words {
        let context_id = word.entry.context_id.to_string();
        let cost = word.entry.cost.to_string();
        let head = [&word.surface, &context_id, &context_id, &cost];
        rows.write_record(head.into_iter().chain(&word.details))?;
    }
    rows.flush()
}

fn write_matrix(matrix: &Matrix, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{} {}", matrix.right_size, matrix.left_size)?;
    for (right, costs) in matrix.costs.chunks(matrix.left_size).enumerate() {
        for (left, cost) in costs.iter().enumerate() {
            writeln!(out, "{right} {left} {cost}")?;
        }
    }
    Ok(())
}

fn write_characters(characters: &Characters, out: &mut impl Write) -> io::Result<()> {
    for category in &characters.categories {
        let (name, length) = (&category.name, category.length);
        writeln!(
            out,
            "{name} {} {} {length}",
            category.invoke, category.group
        )?;
    }
    let ends = characters
        .ranges
        .iter()
        .skip(1)
        .map(|&(start, _)| start - 1)
        .chain([LAST_CHARACTER]);
    for ((start, numbers), end) in characters.ranges.iter().zip(ends) {
        let names: Vec<&str> = numbers
            .iter()
            .map(|&number| characters.categories[number].name.as_str())
            .collect();
        if names != [DEFAULT_CATEGORY] {
            writeln!(out, "0x{start:04X}..0x{end:04X} {}", names.join(" "))?;
        }
    }
    Ok(())
}

/// Returns the rows of unk.def. The old files lack the details of unknown words, which are those of
/// any word with the same context id.
fn unknown_rows(legacy: &Legacy) -> Result<Vec<Vec<String>>> {
    let mut word_with_context = HashMap::new();
    for word in &legacy.words {
        word_with_context
            .entry(word.entry.context_id)
            .or_insert(word);
    }
    legacy
        .unknown
        .iter()
        .map(|UnknownWord { category, entry }| {
            let context_id = entry.context_id;
            let word = word_with_context.get(&context_id).with_context(|| {
                format!(
                    "no word has context id {context_id} of `unk.bin`, so its part of speech is \
                     unknown\nhint: delete the folder of lindera-ipadic 0.3.0 and run \
                     `cargo fetch --locked` to unpack it again"
                )
            })?;
            let id = context_id.to_string();
            let category = legacy.characters.categories[*category].name.clone();
            let mut row = vec![category, id.clone(), id, entry.cost.to_string()];
            row.extend_from_slice(&word.details[..SHARED_DETAILS]);
            row.push("*".to_owned());
            Ok(row)
        })
        .collect()
}

fn write_unknown(rows: &[Vec<String>], out: impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    for row in rows {
        writer.write_record(row)?;
    }
    writer.flush()
}
