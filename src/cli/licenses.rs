//! `licenses`: prints the licences of Madoguchi, of its dictionary and of all linked libraries.

use std::io::{Write, stdout};
use std::process::ExitCode;

/// The licence texts of all linked crates; a test compares them with the dependencies.
const LIBRARIES: &str = include_str!("../../packaging/licenses.txt");

pub(super) fn run() -> anyhow::Result<ExitCode> {
    let mut out = stdout().lock();
    writeln!(out, "Madoguchi\n=========\n")?;
    writeln!(out, "{}\n", include_str!("../../LICENSE").trim_end())?;
    writeln!(out, "Dictionary\n==========\n")?;
    writeln!(out, "{}\n", madoguchi_dictionary::NOTICE.trim_end())?;
    writeln!(out, "Libraries\n=========\n")?;
    out.write_all(LIBRARIES.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
