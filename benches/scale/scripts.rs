//! Search engines of other languages, measured by scripts in `benches/rivals/`.
//!
//! A script gets two files, texts (`entry <TAB> phrase`) and questions (`question <TAB> entry`), and
//! prints `build <seconds>`, `hit_at_1 <share>` and `seconds <time of each search>…`.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use madoguchi::knowledge::KnowledgeBase;

use super::answers::{Figures, Times};

/// Writes the phrases of the entries to a file in a folder.
pub(crate) fn write_texts(knowledge: &KnowledgeBase, folder: &Path) -> io::Result<PathBuf> {
    let mut text = String::new();
    for entry in &knowledge.entries {
        let variants = entry.variants.iter().flat_map(|variant| &variant.texts);
        for phrase in [&entry.question].into_iter().chain(variants) {
            text.push_str(&format!("{}\t{phrase}\n", entry.id));
        }
    }
    let file = folder.join("texts.tsv");
    std::fs::write(&file, text)?;
    Ok(file)
}

/// Runs a script; `None` if the program or a library is missing.
pub(crate) fn figures(
    program: &str,
    script: &str,
    texts: &Path,
    questions: &Path,
) -> Option<Figures> {
    let mut command = Command::new(program);
    command.arg(script).args([texts, questions]);
    let output = command
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let printed = String::from_utf8(output.stdout).ok()?;
    let numbers = |name: &str| -> Option<Vec<f64>> {
        let line = printed.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace()
            .map(|number| number.parse().ok())
            .collect()
    };
    let seconds = numbers("seconds")?.into_iter().map(Duration::from_secs_f64);
    Some(Figures {
        build: Duration::from_secs_f64(*numbers("build")?.first()?),
        times: Times::new(seconds.collect()),
        hit_at_1: *numbers("hit_at_1")?.first()?,
    })
}
