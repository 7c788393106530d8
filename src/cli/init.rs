//! `init`: makes a knowledge folder from flags, or from questions on a terminal.

use std::io::{IsTerminal, Write, stdin, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use super::UsageError;
use crate::exchange::{Answers, StarterError, create, desk_id};
use crate::knowledge::{Language, Localized, localized};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Folder to make; must not exist or be empty
    #[arg(value_name = "DIR")]
    folder: PathBuf,

    /// Name of the organisation or service, as members call it
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,

    /// The same in English; by default the Japanese name
    #[arg(long, value_name = "NAME")]
    organisation_en: Option<String>,

    /// Id of the desk: a-z, 0-9 and `-`; by default from the name
    #[arg(long, value_name = "ID")]
    desk: Option<String>,

    /// Name of the desk; by default the organisation
    #[arg(long, value_name = "NAME")]
    desk_name: Option<String>,

    /// The same in English; by default the Japanese name
    #[arg(long, value_name = "NAME")]
    desk_name_en: Option<String>,

    /// Telephone number
    #[arg(long, value_name = "NUMBER")]
    telephone: Option<String>,

    /// E-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,

    /// Address of an inquiry form
    #[arg(long, value_name = "URL")]
    form: Option<String>,

    /// Postal address
    #[arg(long, value_name = "TEXT")]
    address: Option<String>,

    /// Hours of the telephone, such as `平日 9:00-17:00`
    #[arg(long, value_name = "TEXT")]
    hours: Option<String>,
}

pub(super) fn run(arguments: &Arguments, language: Language) -> anyhow::Result<ExitCode> {
    let answers = if arguments.organisation.is_none() && stdin().is_terminal() {
        ask(arguments, language)?
    } else {
        from_flags(arguments)
    };
    let files =
        create(&arguments.folder, &answers).map_err(|StarterError(text)| UsageError(text))?;
    let mut out = stdout().lock();
    for file in files {
        writeln!(out, "{}", file.display())?;
    }
    let folder = arguments.folder.display();
    let next = localized!(
        ja: "\n次にすること:\n  madoguchi import よくある質問.xlsx --into {folder}\n  madoguchi check --knowledge {folder}\n  madoguchi serve --knowledge {folder}",
        en: "\nNext:\n  madoguchi import faq.xlsx --into {folder}\n  madoguchi check --knowledge {folder}\n  madoguchi serve --knowledge {folder}",
    );
    writeln!(out, "{}", next.get(language))?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn from_flags(arguments: &Arguments) -> Answers {
    let organisation = arguments.organisation.clone().unwrap_or_default();
    let desk = arguments.desk.clone();
    let desk_name = arguments.desk_name.clone();
    let organisation_en = arguments.organisation_en.clone();
    Answers {
        desk: desk.unwrap_or_else(|| desk_id(organisation_en.as_ref().unwrap_or(&organisation))),
        desk_name_en: arguments
            .desk_name_en
            .clone()
            .or_else(|| organisation_en.clone().filter(|_| desk_name.is_none())),
        desk_name: desk_name.unwrap_or_else(|| organisation.clone()),
        organisation,
        organisation_en,
        telephone: arguments.telephone.clone(),
        email: arguments.email.clone(),
        form: arguments.form.clone(),
        address: arguments.address.clone(),
        hours: arguments.hours.clone(),
    }
}

/// Asks for each value that was not given as a flag.
fn ask(arguments: &Arguments, language: Language) -> anyhow::Result<Answers> {
    let given = from_flags(arguments);
    let question = |text: Localized, default: Option<String>| -> anyhow::Result<String> {
        let mut out = stdout().lock();
        let text = text.get(language);
        match &default {
            Some(default) => write!(out, "{text} [{default}]: ")?,
            None => write!(out, "{text}: ")?,
        }
        out.flush()?;
        let mut line = String::new();
        let read = stdin()
            .read_line(&mut line)
            .context("cannot read the terminal")?;
        anyhow::ensure!(read > 0, "the input ended");
        let line = line.trim();
        Ok(if line.is_empty() {
            default.unwrap_or_default()
        } else {
            line.to_owned()
        })
    };
    let optional = |text: Localized, given: Option<String>| -> anyhow::Result<Option<String>> {
        let answer = match given {
            Some(given) => given,
            None => question(text, None)?,
        };
        Ok(Some(answer).filter(|answer| !answer.is_empty()))
    };
    let organisation = question(
        localized!(ja: "組織またはサービスの名前", en: "Name of the organisation or service"),
        None,
    )?;
    let organisation_en = question(
        localized!(ja: "英語の名前", en: "Its name in English"),
        Some(
            given
                .organisation_en
                .unwrap_or_else(|| organisation.clone()),
        ),
    )?;
    let desk_name = match &arguments.desk_name {
        Some(name) => name.clone(),
        None => question(
            localized!(ja: "窓口の名前（例: 会員サポート）", en: "Name of the desk, such as Member support"),
            Some(organisation.clone()),
        )?,
    };
    let is_same = desk_name == organisation;
    let desk_name_en = question(
        localized!(ja: "窓口の英語の名前", en: "Name of the desk in English"),
        Some(given.desk_name_en.unwrap_or_else(|| {
            if is_same {
                &organisation_en
            } else {
                &desk_name
            }
            .clone()
        })),
    )?;
    let desk = match &arguments.desk {
        Some(desk) => desk.clone(),
        None => question(
            localized!(
                ja: "窓口の id（半角の a-z、0-9、`-`。リンクに使われます）",
                en: "Id of the desk (a-z, 0-9 and `-`; part of links)",
            ),
            Some(desk_id(&organisation_en)),
        )?,
    };
    let telephone = optional(
        localized!(ja: "電話番号（なければ Enter）", en: "Telephone number (Enter for none)"),
        given.telephone,
    )?;
    let hours = match &telephone {
        Some(_) => optional(
            localized!(
                ja: "電話の受付時間（例: 平日 9:00-17:00。なければ Enter）",
                en: "Hours of the telephone, such as weekdays 9:00-17:00 (Enter for none)",
            ),
            given.hours,
        )?,
        None => given.hours,
    };
    Ok(Answers {
        organisation,
        organisation_en: Some(organisation_en),
        desk,
        desk_name,
        desk_name_en: Some(desk_name_en),
        telephone,
        email: optional(
            localized!(ja: "メールアドレス（なければ Enter）", en: "E-mail address (Enter for none)"),
            given.email,
        )?,
        form: optional(
            localized!(
                ja: "お問い合わせフォームのアドレス（https://…。なければ Enter）",
                en: "Address of an inquiry form (https://…, Enter for none)",
            ),
            given.form,
        )?,
        address: given.address,
        hours,
    })
}
