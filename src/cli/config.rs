//! `config`: prints the settings in force and where each comes from, without secrets.
//!
//! The output is a configuration file: saved as `madoguchi.toml`, it has the same effect.

use std::io::{Write, stdout};
use std::process::ExitCode;

use clap::ArgMatches;
use clap::parser::ValueSource;

use crate::app;
use crate::knowledge::{Language, localized};
use crate::settings::{InForce, Settings, Source};

/// Prints all settings; fails if `serve` would refuse one of them.
pub(super) fn run(
    settings: &Settings,
    in_force: &[InForce],
    language: Language,
) -> anyhow::Result<ExitCode> {
    let mut out = stdout().lock();
    let heading = match &settings.sources.path {
        Some(path) => {
            let path = path.display();
            localized!(
                ja: "設定ファイル: {path}",
                en: "configuration file: {path}",
            )
        }
        None => localized!(
            ja: "設定ファイル: なし（madoguchi.toml か --config）",
            en: "configuration file: none (madoguchi.toml or --config)",
        ),
    };
    writeln!(out, "# {}", heading.get(language))?;
    for setting in in_force {
        writeln!(out, "{}", line(setting, language))?;
    }
    for (name, nearest) in crate::settings::Sources::unknown_variables() {
        let unknown = localized!(
            ja: "{name} という設定はありません。近い名前: {nearest}",
            en: "unknown variable {name}, the nearest is {nearest}",
        );
        writeln!(out, "# {}", unknown.get(language))?;
    }
    app::check_settings(settings)?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a setting as TOML, or as a comment if it has no value or a secret one.
fn line(setting: &InForce, language: Language) -> String {
    let InForce {
        key,
        is_secret,
        value,
        source,
    } = setting;
    let Some(source) = source else {
        let unset = localized!(ja: "なし", en: "not set");
        return format!("# {key}: {}", unset.get(language));
    };
    let origin = match source {
        Source::Flag => {
            let flag = key.replace('_', "-");
            localized!(ja: "引数 --{flag}", en: "flag --{flag}")
        }
        Source::Environment => {
            let name = key.to_uppercase();
            localized!(ja: "環境変数 MADOGUCHI_{name}", en: "variable MADOGUCHI_{name}")
        }
        Source::Standard(name) => {
            localized!(ja: "環境変数 {name}", en: "variable {name}")
        }
        Source::SecretFile(path) => {
            let path = path.display();
            localized!(ja: "ファイル {path}", en: "file {path}")
        }
        Source::ConfigFile => localized!(ja: "設定ファイル", en: "configuration file"),
        Source::Default => localized!(ja: "初期値", en: "default"),
    };
    let origin = origin.get(language);
    match value {
        Some(value) if !is_secret => {
            // A string of JSON is one of TOML, too.
            let value = serde_json::Value::from(value.as_str());
            format!("{key} = {value} # {origin}")
        }
        _ => {
            let hidden = localized!(
                ja: "設定されています（{origin}）",
                en: "set, not shown ({origin})",
            );
            format!("# {key}: {}", hidden.get(language))
        }
    }
}

/// Returns the value of a setting with a flag, and its origin.
pub(super) fn value_in_force(matches: &ArgMatches, id: &str) -> Option<(String, Source)> {
    let mut matches = matches;
    while let Some((_, deeper)) = matches.subcommand() {
        matches = deeper;
    }
    let source = match matches.value_source(id)? {
        ValueSource::CommandLine => Source::Flag,
        ValueSource::EnvVariable => Source::Environment,
        _ => Source::Default,
    };
    let values = matches.get_raw(id)?.map(|value| value.to_string_lossy());
    Some((values.collect::<Vec<_>>().join(","), source))
}
