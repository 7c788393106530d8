//! Names of files that the knowledge folder has by accident: of systems, and copies.

use std::ffi::OsString;
use std::path::Path;

use unicode_normalization::UnicodeNormalization;

use crate::knowledge::language::localized;
use crate::knowledge::problem::{Location, Problem};

/// Returns whether a name belongs to an operating system, a network disk or an editor.
pub(super) fn is_system(name: &str) -> bool {
    // Hidden files; `@eaDir` and `#recycle` of Synology, `$RECYCLE.BIN` and `~$…` of Windows.
    name.starts_with(['.', '@', '#', '$']) || name.starts_with("~$") || name == "__MACOSX"
}

/// Splits off the copies of other files in the same folder, each with the name of the original.
pub(super) fn split_copies(names: Vec<OsString>) -> (Vec<OsString>, Vec<(OsString, String)>) {
    let known: Vec<String> = names.iter().map(normal).collect();
    let mut copies = Vec::new();
    let mut originals = Vec::new();
    for name in names {
        let original = original_of(&normal(&name)).filter(|original| known.contains(original));
        match original {
            Some(original) => copies.push((name, original)),
            None => originals.push(name),
        }
    }
    (originals, copies)
}

/// Reports a copy, which is not read.
pub(super) fn describe_copy(path: &Path, original: &str) -> Problem {
    Problem::warning(
        Location::folder(path),
        localized!(
            ja: "`{original}` のコピーのようなので、読みません",
            en: "this looks like a copy of `{original}` and is not read",
        ),
        localized!(
            ja: "要らなければ消すか、このフォルダーの外へ移してください。別の項目のファイルなら、名前を変えてください",
            en: "delete it or move it elsewhere; if it has other entries, rename it",
        ),
    )
}

/// Reports a file that is not UTF-8; names the encoding that it seems to have.
pub(super) fn describe_encoding(location: Location, encoding: Option<&str>) -> Problem {
    let mistake = match encoding {
        Some(encoding) => localized!(
            ja: "ファイルの文字コードが UTF-8 ではなく {encoding} です",
            en: "the file is {encoding}, expected UTF-8",
        ),
        None => localized!(
            ja: "ファイルの文字コードが UTF-8 ではありません",
            en: "the file is not UTF-8",
        ),
    };
    let hint = localized!(
        ja: "UTF-8 で保存し直してください（メモ帳なら、名前を付けて保存 → 文字コード UTF-8）",
        en: "save it as UTF-8 (in Windows' Notepad: 名前を付けて保存 → 文字コード UTF-8)",
    );
    Problem::error(location, mistake, hint)
}

fn normal(name: &OsString) -> String {
    // macOS writes `コピー` with separate sound marks.
    name.to_string_lossy().nfc().collect()
}

/// Returns the name that a file had before it was copied; `None` if it is no copy.
fn original_of(name: &str) -> Option<String> {
    let (stem, ending) = match name.strip_suffix(".toml") {
        Some(stem) => (stem, ".toml"),
        None => (name, ""),
    };
    let original = without_mark(stem)?.trim_end();
    (!original.is_empty()).then(|| format!("{original}{ending}"))
}

/// Removes the mark of a copy from the end of a name.
fn without_mark(stem: &str) -> Option<&str> {
    let unnumbered = without_number(stem);
    let plain = unnumbered.unwrap_or(stem);
    // Windows, then macOS and Google Drive.
    let marks = [" - コピー", " - Copy", "のコピー", " copy"];
    if let Some(original) = marks.iter().find_map(|mark| plain.strip_suffix(mark)) {
        return Some(original);
    }
    // Browsers and OneDrive: `faq (1)`.
    if unnumbered.is_some() && stem.ends_with(')') {
        return unnumbered;
    }
    // Dropbox: `faq (山田さんの競合コピー 2026-04-01)`.
    if let Some((original, note)) = stem.rsplit_once(" (")
        && note.ends_with(')')
        && (note.contains("競合コピー") || note.contains("conflicted copy"))
    {
        return Some(original);
    }
    // OneDrive adds the name of the computer: `faq-DESKTOP-1A2B3C`, `faq-DESKTOP`. Syncthing:
    // `faq.sync-conflict-…`.
    let marks = ["-DESKTOP-", "-LAPTOP-", "-WIN-", ".sync-conflict-"];
    let computers = ["-DESKTOP", "-LAPTOP", "-PC"];
    let mut computers = computers.iter();
    computers
        .find_map(|mark| stem.strip_suffix(mark))
        .or_else(|| {
            let mut marks = marks.iter();
            marks.find_map(|mark| Some(stem.rsplit_once(mark)?.0))
        })
}

/// Maximum number of digits of the number of a copy: `faq (2026)` is a file of a year.
const MAX_COPY_DIGITS: usize = 2;

/// Removes the number of a copy, such as ` (2)` or ` 2`, from the end of a name.
fn without_number(stem: &str) -> Option<&str> {
    let inner = stem.strip_suffix(')').unwrap_or(stem);
    let start = inner.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = inner.len() - start.len();
    let start = if inner.len() < stem.len() {
        start.strip_suffix('(')?
    } else {
        start.strip_suffix(' ')?
    };
    let is_copy = (1..=MAX_COPY_DIGITS).contains(&digits);
    is_copy.then(|| start.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_systems_and_lock_files_are_not_read() {
        for name in [
            "~$faq.toml",
            ".~lock.faq.toml#",
            "@eaDir",
            "$RECYCLE.BIN",
            "__MACOSX",
        ] {
            assert!(is_system(name), "{name}");
        }
        assert!(!is_system("faq.toml"));
    }

    #[test]
    fn copies_are_recognised_beside_their_original() {
        for name in [
            "faq - コピー.toml",
            "faq - コピー (2).toml",
            "faq - Copy.toml",
            "faq (1).toml",
            "faq(1).toml",
            "faqのコピー.toml",
            "faq のコピー 2.toml",
            "faq copy.toml",
            "faq-DESKTOP-1A2B3C.toml",
            "faq-DESKTOP.toml",
            "faq (山田さんの競合コピー 2026-04-01).toml",
            "faq.sync-conflict-20260401-120000-ABCDEFG.toml",
        ] {
            let names = vec!["faq.toml".into(), OsString::from(name)];
            let (_, copies) = split_copies(names);
            assert_eq!(
                copies,
                [(OsString::from(name), "faq.toml".to_owned())],
                "{name}"
            );
            let (kept, copies) = split_copies(vec![name.into()]);
            assert!(
                copies.is_empty() && kept.len() == 1,
                "`{name}` has no original"
            );
        }
        let names = [
            "faq.toml",
            "faq-2.toml",
            "faq 2026.toml",
            "faq (2026).toml",
            "faq(2027).toml",
            "faq-pricing.toml",
            "copy.toml",
        ];
        let names = names.map(OsString::from).to_vec();
        let (kept, copies) = split_copies(names.clone());
        assert_eq!((kept, copies), (names, Vec::new()));
    }
}
