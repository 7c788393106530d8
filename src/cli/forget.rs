//! `forget`: deletes records of before a time, or those that contain a text.

use std::io::{IsTerminal, Write, stdin, stdout};
use std::process::ExitCode;

use jiff::Timestamp;

use super::evaluate::block_on;
use super::since::Since;
use crate::app;
use crate::knowledge::{Language, localized};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Arguments {
    /// Delete records that are older: than days such as `90d`, or than a date such as 2026-01-31
    #[arg(long, value_name = "TIME", value_parser = Since::parse)]
    before: Option<Since>,

    /// Delete every record whose text contains this; `-` reads it from the standard input
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
}

pub(super) fn run(
    settings: &Settings,
    arguments: &Arguments,
    language: Language,
) -> anyhow::Result<ExitCode> {
    let zone = app::read_knowledge(&settings.knowledge)
        .knowledge
        .time_zone();
    let text = arguments.text.as_deref().map(read_text).transpose()?;
    let deleted = block_on(async {
        let Some(database) = app::open_records(settings).await? else {
            return anyhow::Ok(0);
        };
        let deleted = match (arguments.before, &text) {
            (Some(before), _) => {
                let time = before.time(Timestamp::now(), &zone);
                database.forget_before(time).await?
            }
            (None, Some(text)) => database.forget_text(text).await?,
            (None, None) => 0,
        };
        database.close().await;
        Ok(deleted)
    })??;
    let done = localized!(
        ja: "{deleted} 件の記録を消しました。日ごとの件数は残ります",
        en: "{deleted} record(s) deleted; their counts by day are kept",
    );
    writeln!(stdout(), "{}", done.get(language))?;
    Ok(ExitCode::SUCCESS)
}

/// Reads the text; from the standard input it appears in no list of processes and in no history.
fn read_text(text: &str) -> anyhow::Result<String> {
    let text = match text {
        "-" if !stdin().is_terminal() => std::io::read_to_string(stdin())?,
        "-" => {
            let mut line = String::new();
            stdin().read_line(&mut line)?;
            line
        }
        text => text.to_owned(),
    };
    let text = text.trim().to_owned();
    anyhow::ensure!(
        !text.is_empty(),
        "`--text` is empty, expected a part of the text, for example `--text 山田`"
    );
    Ok(text)
}
