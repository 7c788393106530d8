//! Speed and memory by size of the knowledge. See `benches/README.md`.
//!
//! `cargo bench --bench scale` measures the shipped knowledge and made-up knowledge, each size in
//! processes of its own: the real binary builds, checks, opens and reloads; answers are measured in a
//! process that only answers. Further forms:
//!
//! - `-- --rivals` measures other search engines on the same texts,
//! - `-- --meaning` compares the search by meaning of large knowledge with an exact scan,
//! - `-- --ratios` is the short form for CI, which fails if a cost grows too fast,
//! - `-- --write FOLDER --phrases N` writes made-up knowledge to a folder, for trying the service.

mod answers;
#[path = "../made_up/mod.rs"]
mod made_up;
mod meaning;
mod plain_tantivy;
mod process;
mod ratios;
mod scripts;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

use clap::Parser as _;

use answers::Figures;
use process::{Memory, Service};

/// The seed of the made-up knowledge; another one makes up other knowledge.
const DEFAULT_SEED: u64 = 1;

/// Number of starts of which the fastest counts: the first reads the files from disk.
const STARTS: usize = 3;

/// Number of edits of which the slowest counts.
const EDITS: usize = 3;

#[derive(Debug, clap::Parser)]
struct Arguments {
    /// Numbers of phrases to measure; 0 is the shipped knowledge
    #[arg(long, value_delimiter = ',', default_value = "0,1000,10000,100000")]
    sizes: Vec<usize>,
    /// Measure other search engines on the same texts
    #[arg(long)]
    rivals: bool,
    /// Compare the search by meaning with a scan over all vectors; needs the built-in model
    #[arg(long)]
    meaning: bool,
    /// Compare the costs of two sizes, and fail if they grow too fast
    #[arg(long)]
    ratios: bool,
    /// Write made-up knowledge to this folder, and measure nothing
    #[arg(long, value_name = "FOLDER")]
    write: Option<PathBuf>,
    /// Number of phrases to write
    #[arg(long, default_value_t = 10_000)]
    phrases: usize,
    /// Seed of the made-up knowledge
    #[arg(long, default_value_t = DEFAULT_SEED)]
    seed: u64,
    /// Answer the questions of a folder and print the figures; used by the benchmark itself
    #[arg(long, hide = true, num_args = 3)]
    answer: Option<Vec<PathBuf>>,
    /// Passed by `cargo bench` and not by `cargo test`, which must measure nothing
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns whether no cost was over its limit.
fn run(arguments: &Arguments) -> io::Result<bool> {
    let mut out = io::stdout();
    if let Some(folder) = &arguments.write {
        made_up::write(folder, arguments.phrases, arguments.seed)?;
        return Ok(true);
    }
    if arguments.ratios {
        return ratios::check(arguments.seed, &mut out);
    }
    if let Some([knowledge, index, questions]) = arguments.answer.as_deref() {
        let figures = answers::answers(knowledge, index, &answers::questions(questions));
        let memory = Memory::of(std::process::id());
        writeln!(out, "{}", answers::to_line(&figures, memory.own))?;
        return Ok(true);
    }
    if !arguments.bench {
        return Ok(true);
    }
    if arguments.meaning {
        writeln!(
            out,
            "| phrases | as served: p50 | hit@1 | all compared: p50 | hit@1 | same first subject |\n|---|---|---|---|---|---|"
        )?;
    } else if !arguments.rivals {
        writeln!(
            out,
            "| phrases | build and check | memory, peak | ready | memory, serving | `answer()` p50 | p99 | hit@1 | edit to live |\n|---|---|---|---|---|---|---|---|---|"
        )?;
    }
    for phrases in &arguments.sizes {
        let case = Case::new(*phrases, arguments.seed)?;
        if arguments.meaning {
            meaning::row(&case, &mut out)?;
        } else if arguments.rivals {
            rivals(&case, &mut out)?;
        } else {
            row(&case, &mut out)?;
        }
    }
    Ok(true)
}

/// A knowledge folder with its questions, and a folder for its index.
struct Case {
    name: String,
    folder: tempfile::TempDir,
    questions: PathBuf,
}

impl Case {
    /// Copies the shipped knowledge, or makes up knowledge of a number of phrases.
    fn new(phrases: usize, seed: u64) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let knowledge = folder.path().join("knowledge");
        if phrases > 0 {
            made_up::write(&knowledge, phrases, seed)?;
            return Ok(Self {
                name: grouped(phrases),
                questions: knowledge.join("questions.tsv"),
                folder,
            });
        }
        copy(Path::new("knowledge"), &knowledge)?;
        let sets = ["tests/questions/selas.tsv", "tests/questions/jetro.tsv"];
        let texts = sets.iter().map(std::fs::read_to_string);
        let questions = folder.path().join("questions.tsv");
        std::fs::write(&questions, texts.collect::<io::Result<String>>()?)?;
        Ok(Self {
            name: "shipped".to_owned(),
            questions,
            folder,
        })
    }

    fn knowledge(&self) -> PathBuf {
        self.folder.path().join("knowledge")
    }

    fn index(&self) -> PathBuf {
        self.folder.path().join("index")
    }

    /// Returns a file of entries, and a text in it that an edit replaces.
    fn edited(&self) -> (PathBuf, &'static str) {
        let file = match self.name.as_str() {
            "shipped" => "selas/1_membership.toml",
            _ => "library/faq-000.toml",
        };
        (self.knowledge().join(file), "answer = \"\"\"\n")
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// Measures one knowledge folder and writes a line of the table.
fn row(case: &Case, out: &mut impl io::Write) -> io::Result<()> {
    let (knowledge, index) = (case.knowledge(), case.index());
    let (build, building) = process::build(&knowledge, &index);
    let output = Command::new(std::env::current_exe()?)
        .arg("--answer")
        .args([&knowledge, &index, &case.questions])
        .output()?;
    let (figures, _) = answers::from_line(&String::from_utf8_lossy(&output.stdout));
    let mut ready = Duration::MAX;
    for _ in 1..STARTS {
        ready = ready.min(Service::start(&knowledge, &index).time_to_ready);
    }
    let service = Service::start(&knowledge, &index);
    ready = ready.min(service.time_to_ready);
    let serving = service.memory();
    let (file, place) = case.edited();
    let edits = (0..EDITS).map(|number| {
        let changed = format!("{place}{number}回目の変更をしました。");
        service.edit(&file, place, &changed)
    });
    let edit = edits.max().unwrap_or_default();
    let Figures {
        times, hit_at_1, ..
    } = figures;
    writeln!(
        out,
        "| {} | {} | {} | {} | {} | {} | {} | {hit_at_1:.3} | {} |",
        case.name,
        time(build),
        megabytes(building.peak),
        time(ready),
        megabytes(serving.own),
        time(times.percentile(0.5)),
        time(times.percentile(0.99)),
        time(edit),
    )?;
    out.flush()
}

/// Measures other search engines on the phrases of one knowledge folder.
fn rivals(case: &Case, out: &mut impl io::Write) -> io::Result<()> {
    let knowledge = madoguchi::knowledge::load(&case.knowledge(), jiff::civil::date(2026, 11, 24));
    let knowledge = knowledge.knowledge;
    let questions = answers::questions(&case.questions);
    let texts = scripts::write_texts(&knowledge, case.folder.path())?;
    process::build(&case.knowledge(), &case.index());
    let engines = [
        (
            "Madoguchi",
            Some(answers::answers(
                &case.knowledge(),
                &case.index(),
                &questions,
            )),
        ),
        (
            "tantivy with lindera",
            Some(plain_tantivy::figures(
                &knowledge,
                &questions,
                plain_tantivy::words(),
                10,
            )),
        ),
        (
            "tantivy with bigrams, top 64",
            Some(plain_tantivy::figures(
                &knowledge,
                &questions,
                plain_tantivy::bigrams(),
                64,
            )),
        ),
        (
            "SQLite FTS5, trigrams",
            scripts::figures(
                "python3",
                "benches/rivals/sqlite_fts5.py",
                &texts,
                &case.questions,
            ),
        ),
        (
            "MiniSearch",
            scripts::figures(
                "node",
                "benches/rivals/minisearch.mjs",
                &texts,
                &case.questions,
            ),
        ),
    ];
    writeln!(
        out,
        "\n{} phrases\n\n| engine | index built | search p50 | p99 | hit@1 |\n|---|---|---|---|---|",
        case.name
    )?;
    for (name, figures) in engines {
        match figures {
            Some(Figures {
                build,
                times,
                hit_at_1,
            }) => writeln!(
                out,
                "| {name} | {} | {} | {} | {hit_at_1:.3} |",
                time(build),
                time(times.percentile(0.5)),
                time(times.percentile(0.99)),
            )?,
            None => writeln!(out, "| {name} | not installed | | | |")?,
        }
    }
    out.flush()
}

/// Writes a time with two significant digits or more.
fn time(time: Duration) -> String {
    match time.as_micros() {
        0 => "–".to_owned(),
        micros @ 1..1_000 => format!("{micros} µs"),
        micros @ 1_000..1_000_000 => format!("{:.1} ms", micros as f64 / 1e3),
        _ => format!("{:.1} s", time.as_secs_f64()),
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

/// Writes a number with commas between thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
