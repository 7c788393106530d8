//! Checks and copies `extra.csv`, the words that this project adds.
//!
//! The check is needed because lindera-dictionary skips rows that are too short and accepts invalid
//! context ids, which fail later, during segmentation.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use csv::StringRecord;

use crate::legacy::{DETAILS, Matrix};

const FORM: &str = "surface,left context id,right context id,cost,part of speech (4 columns),\
                    conjugation (2 columns),base form,reading,pronunciation";
const COLUMNS: usize = 4 + DETAILS;

/// Copies `file` into `folder` if all its rows are valid.
pub(crate) fn copy(file: &Path, folder: &Path, matrix: &Matrix) -> Result<()> {
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_path(file)
        .with_context(|| cannot_read(file))?;
    for row in rows.records() {
        let row = row.with_context(|| cannot_read(file))?;
        check(&row, matrix).with_context(|| {
            let line = row.position().map_or(0, csv::Position::line);
            let surface = row.get(0).unwrap_or_default();
            format!("{}:{line}: word `{surface}`", file.display())
        })?;
    }
    fs::copy(file, folder.join("extra.csv"))
        .map(drop)
        .with_context(|| {
            format!(
                "cannot copy `{}` to `{}`\nhint: check the permissions and the free disk space",
                file.display(),
                folder.display()
            )
        })
}

fn check(row: &StringRecord, matrix: &Matrix) -> Result<()> {
    let columns = row.len();
    ensure!(
        columns == COLUMNS,
        "{columns} columns, expected {COLUMNS}: {FORM}\nhint: write `*` for a column without a value"
    );
    ensure!(
        row.iter().all(|column| !column.trim().is_empty()),
        "an empty column, expected a value in each: {FORM}\n\
         hint: write `*` for a column without a value"
    );
    for context_id in [&row[1], &row[2]] {
        ensure!(
            context_id.parse().is_ok_and(|id| matrix.covers(id)),
            "context id `{context_id}`, expected a number below {}\n\
             hint: 1285 is a noun, 1288 a proper noun",
            matrix.left_size.min(matrix.right_size)
        );
    }
    let cost = &row[3];
    ensure!(
        cost.parse::<i16>().is_ok(),
        "cost `{cost}`, expected a number from -32768 to 32767\n\
         hint: take the cost of a similar word; a lower cost makes the word win more often"
    );
    Ok(())
}

fn cannot_read(file: &Path) -> String {
    format!(
        "cannot read `{}`\nhint: it must be UTF-8, one word per line, without a header: {FORM}",
        file.display()
    )
}
