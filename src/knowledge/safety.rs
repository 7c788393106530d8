//! Messages about suicide, self-harm or violence: how they are recognised, and the help lines.

use jiff::civil::Date;

use super::id::TopicId;
use super::language::{Language, Localized, localized};
use super::problem::{Location, Problem};
use super::variant::Variant;

/// Placeholder of a reply that is replaced by the help lines, one per line.
pub(super) const HELP_LINES: &str = "{help_lines}";

/// Age of a help line, in days, from which `check` asks to confirm it.
const MAX_AGE_DAYS: i32 = 365;

/// The content of `safety.toml`. The shipped file is used if a knowledge folder has none.
#[derive(Debug, Clone, Default)]
pub struct Safety {
    /// The kinds of danger, in the order in which they are looked for.
    pub dangers: Vec<Danger>,
    /// The public help lines.
    pub help_lines: Vec<HelpLine>,
    /// Whether it is the shipped file, which the staff of an organisation do not edit.
    pub is_shipped: bool,
}

/// A kind of danger with its reply.
#[derive(Debug, Clone)]
pub struct Danger {
    /// The id, unique among topics.
    pub id: TopicId,
    /// Ways to express it. A text applies whatever its inflection, see `search`.
    pub variants: Vec<Variant>,
    /// Idioms that contain one of the variants and mean something else.
    pub exceptions: Vec<Variant>,
    /// The reply, with `HELP_LINES` in it.
    pub reply: Localized,
    /// The help lines, in the order of the reply.
    pub help_lines: Vec<TopicId>,
    /// The position in the knowledge folder.
    pub location: Location,
}

/// A public help line.
#[derive(Debug, Clone)]
pub struct HelpLine {
    /// The id, unique among topics.
    pub id: TopicId,
    /// The name, with the hours if they matter.
    pub name: Localized,
    /// A telephone number or a web address.
    pub value: String,
    /// The web page that states the number.
    pub source: String,
    /// The day on which the number was last compared with the source.
    pub checked: Date,
    /// The position in the knowledge folder.
    pub location: Location,
}

impl Safety {
    /// Writes the reply to a danger with its help lines.
    #[must_use]
    pub fn reply(&self, danger: &Danger, language: Language) -> String {
        let lines = danger.help_lines.iter().filter_map(|id| {
            let line = self.help_lines.iter().find(|line| line.id == *id)?;
            Some(format!("・{} {}", line.name.get(language), line.value))
        });
        let lines: Vec<String> = lines.collect();
        let reply = danger.reply.get(language).trim();
        reply.replace(HELP_LINES, &lines.join("\n"))
    }
}

/// Reports help lines of the folder's own file that are never shown, were not confirmed for a long
/// time, or were confirmed on a day that has not come.
pub(super) fn check(safety: &Safety, today: Date) -> Vec<Problem> {
    let own = safety.help_lines.iter().filter(|_| !safety.is_shipped);
    own.flat_map(|line| [check_use(safety, line), check_date(line, today)])
        .flatten()
        .collect()
}

fn check_use(safety: &Safety, line: &HelpLine) -> Option<Problem> {
    let id = &line.id;
    let mut dangers = safety.dangers.iter();
    if dangers.any(|danger| danger.help_lines.contains(id)) {
        return None;
    }
    Some(Problem::warning(
        line.location.clone(),
        localized!(
            ja: "help_line \"{id}\": どの danger の `help_lines` にもないため、表示されません",
            en: "help_line \"{id}\": no danger names it in `help_lines`, so it is never shown",
        ),
        localized!(
            ja: "案内したい danger の `help_lines` に \"{id}\" を書き足すか、消してください",
            en: "add \"{id}\" to the `help_lines` of a danger, or remove it",
        ),
    ))
}

fn check_date(line: &HelpLine, today: Date) -> Option<Problem> {
    let HelpLine {
        id,
        value,
        source,
        checked,
        location,
        ..
    } = line;
    if *checked > today {
        return Some(Problem::error(
            location.clone(),
            localized!(
                ja: "help_line \"{id}\": `checked` の {checked} はまだ来ていません",
                en: "help_line \"{id}\": `checked` is {checked}, a day that has not come",
            ),
            localized!(
                ja: "{source} と見比べた日の日付にしてください",
                en: "set it to the day on which you compared `{value}` with {source}",
            ),
        ));
    }
    let is_old = (today - *checked).get_days() > MAX_AGE_DAYS;
    is_old.then(|| {
        Problem::warning(
            location.clone(),
            localized!(
                ja: "help_line \"{id}\": `{value}` を確かめたのは {checked} です",
                en: "help_line \"{id}\": `{value}` was last checked on {checked}",
            ),
            localized!(
                ja: "{source} と見比べて、`checked` をその日の日付にしてください",
                en: "compare it with {source} and set `checked` to that day",
            ),
        )
    })
}
