//! `madoguchi init`: a new knowledge folder with one desk, ready to be served and filled.
//!
//! Input: the answers to a few questions. Output: `<desk>/desk.toml` and `<desk>/faq.toml`, with
//! comments in Japanese for the staff.

mod hours;

use std::fs;
use std::path::{Path, PathBuf};

use super::{edit, ids};
use crate::knowledge::{DeskId, Localized, localized};

const DESK: &str = include_str!("desk.toml");
const FAQ: &str = include_str!("faq.toml");
const HOURS: &str = include_str!("hours.toml");

/// The facts about a new desk.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// The name of the organisation or of its service.
    pub organisation: String,
    /// The same in English; by default the Japanese name.
    pub organisation_en: Option<String>,
    /// The id of the desk.
    pub desk: String,
    /// The name of the desk.
    pub desk_name: String,
    /// The same in English; by default the Japanese name.
    pub desk_name_en: Option<String>,
    /// A telephone number.
    pub telephone: Option<String>,
    /// An e-mail address.
    pub email: Option<String>,
    /// The address of an inquiry form.
    pub form: Option<String>,
    /// A postal address.
    pub address: Option<String>,
    /// The hours of the telephone, as `平日 9:00-17:00`.
    pub hours: Option<String>,
}

/// The folder cannot be made from the answers.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.en)]
pub struct StarterError(pub Localized);

/// Proposes the id of a desk from the name of the organisation: its Latin letters and kana.
#[must_use]
pub fn desk_id(organisation: &str) -> String {
    let is_kana = |c: char| matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | 'ー');
    let readable = organisation.chars().filter(|c| c.is_ascii() || is_kana(*c));
    let slug = ids::slug(&ids::romaji(&readable.collect::<String>()));
    let slug: String = slug.chars().take(MAX_PROPOSED_CHARS).collect();
    let slug = slug.trim_matches('-');
    if slug.len() < MIN_PROPOSED_CHARS {
        "desk".to_owned()
    } else {
        slug.to_owned()
    }
}

/// Lengths of a proposed id, which is part of every id of an entry.
const MAX_PROPOSED_CHARS: usize = 20;
const MIN_PROPOSED_CHARS: usize = 2;

/// Makes the folder and returns its files. An existing folder must be empty.
///
/// # Errors
/// [`StarterError`] if an answer cannot be used, the folder has files, or it cannot be written.
pub fn create(folder: &Path, answers: &Answers) -> Result<Vec<PathBuf>, StarterError> {
    let files = files(answers)?;
    let shown = folder.display();
    let is_used = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    };
    if is_used {
        return Err(StarterError(localized!(
            ja: "`{shown}` はすでに使われています。何も書きません。新しいフォルダーの名前を指定してください",
            en: "`{shown}` exists and is not an empty folder, so nothing was written; name a new folder",
        )));
    }
    let mut written = Vec::new();
    for (name, text) in files {
        let path = folder.join(&answers.desk).join(name);
        let parent = path.parent().unwrap_or(folder);
        let done = fs::create_dir_all(parent).and_then(|()| fs::write(&path, text));
        done.map_err(|error| {
            let path = path.display();
            StarterError(localized!(
                ja: "`{path}` に書けません: {error}",
                en: "cannot write `{path}`: {error}",
            ))
        })?;
        written.push(path);
    }
    Ok(written)
}

fn files(answers: &Answers) -> Result<[(&'static str, String); 2], StarterError> {
    let desk = &answers.desk;
    if DeskId::parse(desk).is_err() {
        return Err(StarterError(localized!(
            ja: "窓口の id `{desk}` は使えません。半角の小文字 a-z、数字、`-` で書いてください（例: library）",
            en: "`{desk}` is not a desk id, expected a-z, 0-9 and `-`, for example `library`",
        )));
    }
    let mut text = DESK.to_owned();
    let en = |en: &Option<String>, ja: &str| en.clone().unwrap_or_else(|| ja.to_owned());
    let values = [
        ("{id}", desk.clone()),
        ("{name_ja}", answers.desk_name.clone()),
        ("{name_en}", en(&answers.desk_name_en, &answers.desk_name)),
        ("{organisation_ja}", answers.organisation.clone()),
        (
            "{organisation_en}",
            en(&answers.organisation_en, &answers.organisation),
        ),
    ];
    for (name, value) in &values {
        if value.trim().is_empty() {
            return Err(StarterError(localized!(
                ja: "組織の名前と窓口の名前を書いてください（--organisation、--desk-name）",
                en: "the names of the organisation and of the desk are required (--organisation, --desk-name)",
            )));
        }
        text = text.replacen(name, &edit::quoted(value.trim()), 1);
    }
    text.push_str(&contact_points(answers)?);
    if let Some(written) = &answers.hours {
        text.push_str(&hours_table(written)?);
    }
    let faq = FAQ
        .replace("{example_id}", &edit::quoted(&format!("{desk}-sign-up")))
        .replace(
            "{example_referral}",
            &edit::quoted(&format!("{desk}-receipt")),
        );
    Ok([("desk.toml", text), ("faq.toml", faq)])
}

/// Writes the contact points, in the order in which members are shown them.
fn contact_points(answers: &Answers) -> Result<String, StarterError> {
    let desk = &answers.desk;
    let points = [
        (
            "form",
            "お問い合わせフォーム",
            "Inquiry form",
            &answers.form,
        ),
        ("email", "メール", "E-mail", &answers.email),
        ("telephone", "電話", "Telephone", &answers.telephone),
        ("address", "住所", "Address", &answers.address),
    ];
    let mut text = "\n# 連絡先。上に書いたものから順にご案内します。\n".to_owned();
    let mut count = 0;
    for (kind, ja, en, value) in points {
        let Some(value) = value
            .as_deref()
            .map(str::trim)
            .filter(|value| !value.is_empty())
        else {
            continue;
        };
        check_point(kind, value)?;
        count += 1;
        let id = edit::quoted(&format!("{desk}-{kind}"));
        let (ja, en, quoted) = (edit::quoted(ja), edit::quoted(en), edit::quoted(value));
        text.push_str(&format!(
            "[[contact_point]]\nid = {id}\nkind = \"{kind}\"\nlabel = {{ ja = {ja}, en = {en} }}\n"
        ));
        if kind == "form" {
            text.push_str(&format!(
                "value = {{ ja = {ja}, en = {en} }}\nurl = {quoted}\n\n"
            ));
        } else {
            text.push_str(&format!("value = {quoted}\n\n"));
        }
    }
    if count == 0 {
        return Err(StarterError(localized!(
            ja: "連絡先を一つ以上書いてください（--telephone、--email、--form、--address）",
            en: "at least one contact point is required (--telephone, --email, --form or --address)",
        )));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    Ok(text)
}

fn check_point(kind: &str, value: &str) -> Result<(), StarterError> {
    let (is_good, problem) = match kind {
        "form" => (
            value.starts_with("https://") || value.starts_with("http://"),
            localized!(
                ja: "フォームのアドレス `{value}` は https:// で始めてください",
                en: "the address of the form is `{value}`, expected https://…",
            ),
        ),
        "email" => (
            value
                .split_once('@')
                .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
                && !value.contains(char::is_whitespace),
            localized!(
                ja: "`{value}` はメールアドレスではありません",
                en: "`{value}` is not an e-mail address",
            ),
        ),
        "telephone" => (
            value.chars().filter(char::is_ascii_digit).count() >= 6
                && value
                    .chars()
                    .all(|c| c.is_ascii_digit() || "+-() ".contains(c)),
            localized!(
                ja: "`{value}` は電話番号ではありません。半角の数字と `-` で書いてください",
                en: "`{value}` is not a telephone number, expected digits and `-`",
            ),
        ),
        _ => return Ok(()),
    };
    if is_good {
        Ok(())
    } else {
        Err(StarterError(problem))
    }
}

fn hours_table(written: &str) -> Result<String, StarterError> {
    let Some(hours) = hours::parse(written) else {
        return Err(StarterError(localized!(
            ja: "受付時間 `{written}` を読めません。「平日 9:00-17:00」「月-金 9:00-12:00, 13:00-17:00; 土 9:00-12:00」のように書いてください",
            en: "cannot read the hours `{written}`, expected for example `weekdays 9:00-17:00` or `mon-fri 9:00-12:00, 13:00-17:00; sat 9:00-12:00`",
        )));
    };
    let closed_on_holidays = !written.contains("祝日も") && !written.contains("年中無休");
    let has_holidays = written.contains('祝') || written.contains("年中無休");
    let (ja, en) = if closed_on_holidays && !has_holidays {
        ("（祝日を除く）", ", except public holidays")
    } else {
        ("", "")
    };
    Ok(HOURS
        .replacen(
            "{text_ja}",
            &edit::quoted(&format!("{}{ja}", written.trim())),
            1,
        )
        .replacen(
            "{text_en}",
            &edit::quoted(&format!("{}{en}", hours.english())),
            1,
        )
        .replacen("{closed_on_holidays}", &closed_on_holidays.to_string(), 1)
        .replacen("{week}", hours.toml().trim_end(), 1))
}
