//! Autocompletion: entries that match a question while it is typed.

use serenity::builder::{AutocompleteChoice, CreateAutocompleteResponse};

use crate::channels::bot::split::truncated;
use crate::channels::bot::{Core, browse};
use crate::knowledge::{EntryId, Language};

/// Maximum number of choices that Discord accepts.
const MAX_CHOICES: usize = 25;

/// Length limit of the name of a choice.
const MAX_NAME_CHARS: usize = 100;

/// Prefix of the value of a choice, to distinguish it from a typed question.
const ENTRY_PREFIX: &str = "entry:";

/// Finds entries; for an empty text the featured ones.
pub(super) fn complete(core: &Core, text: &str, language: Language) -> CreateAutocompleteResponse {
    let assistant = core.assistant.load_full();
    let (entries, _) = browse::find(&assistant, text, 0..MAX_CHOICES, core.now());
    let choices = entries.into_iter().map(|entry| {
        let name = truncated(entry.title(language), MAX_NAME_CHARS);
        AutocompleteChoice::new(name, format!("{ENTRY_PREFIX}{}", entry.id))
    });
    CreateAutocompleteResponse::new().set_choices(choices.collect())
}

/// Parses the entry in the value of a choice; `None` for a typed question.
pub(super) fn chosen(value: &str) -> Option<EntryId> {
    EntryId::parse(value.trim().strip_prefix(ENTRY_PREFIX)?).ok()
}
