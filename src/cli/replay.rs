//! `replay`: asks recorded questions again, of the knowledge as it is edited now.

use std::io::{Write, stdout};
use std::process::ExitCode;

use jiff::Timestamp;

use super::evaluate::block_on;
use super::report;
use super::since::Since;
use crate::app::{self, Progress};
use crate::insights::{Change, Changed, Given, Replay, replay, replayable};
use crate::knowledge::{Language, Localized, localized};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// From when on: `30d`, `12h` or a date such as 2026-11-01
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = Since::parse)]
    since: Since,

    /// Number of questions of each kind of change
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    limit: usize,

    /// Print all as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    settings: &Settings,
    arguments: &Arguments,
    language: Language,
) -> anyhow::Result<ExitCode> {
    let assistant = app::open_assistant(settings)?;
    let now = Timestamp::now();
    let since = report::since(&assistant, arguments.since, now);
    let (turns, _) = block_on(report::read(settings, &assistant, since))??;
    let (questions, skipped) = replayable(&turns);
    let progress = Progress::new("questions asked again", questions.len());
    let replay = replay(&assistant, &questions, skipped, now, |count| {
        progress.advance(count);
    });
    progress.finish();
    let mut out = stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&replay)?)?;
    } else {
        write(&mut out, &replay, arguments.limit, language)?;
    }
    out.flush()?;
    Ok(match replay.is_worse() {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

fn write(
    out: &mut impl Write,
    replay: &Replay,
    limit: usize,
    language: Language,
) -> std::io::Result<()> {
    let Replay {
        questions,
        times,
        skipped,
        changed,
    } = replay;
    let heading = localized!(
        ja: "{questions} 種類の質問（{times} 回分）をもう一度試しました。会話の途中のもの、伏せ字のあるものなど {skipped} 件は除きました",
        en: "{questions} different questions, asked {times} times, were asked again; {skipped} in the course of a conversation or masked were left out",
    );
    writeln!(out, "{}", heading.get(language))?;
    for change in [
        Change::Lost,
        Change::Moved,
        Change::Weaker,
        Change::Answered,
        Change::Suggested,
    ] {
        let of_change: Vec<&Changed> = changed.iter().filter(|it| it.change == change).collect();
        let times: usize = of_change.iter().map(|it| it.asked.count).sum();
        let name = name(change);
        writeln!(
            out,
            "\n{}: {} ({times})",
            name.get(language),
            of_change.len()
        )?;
        for Changed { asked, after, .. } in of_change.iter().copied().take(limit) {
            let text = asked.text.replace('\n', " ");
            let (before, after) = (show(&asked.before), show(after));
            writeln!(
                out,
                "  {:>5}  {text}\n         {before} -> {after}",
                asked.count
            )?;
        }
    }
    Ok(())
}

fn name(change: Change) -> Localized {
    match change {
        Change::Lost => localized!(ja: "答えがなくなる", en: "lost"),
        Change::Moved => {
            localized!(ja: "別の項目・窓口になる", en: "moved to another entry or desk")
        }
        Change::Weaker => localized!(ja: "回答が候補になる", en: "an answer becomes a list"),
        Change::Answered => localized!(ja: "新しく答えられる", en: "newly answered"),
        Change::Suggested => localized!(ja: "新しく候補が出る", en: "newly suggested"),
    }
}

fn show(given: &Given) -> String {
    let place = given.entry.as_ref().or(given.desk.as_ref());
    match place {
        Some(place) => format!("{} {place}", given.outcome),
        None => given.outcome.clone(),
    }
}
