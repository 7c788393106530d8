//! Entries to choose from while a question is being typed.

use serenity::builder::{AutocompleteChoice, CreateAutocompleteResponse};

use crate::channels::bot::split::truncated;
use crate::channels::bot::{Core, browse};
use crate::knowledge::EntryId;

/// Choices that Discord accepts.
const MAX_CHOICES: usize = 25;

/// Length limit of the name and of the value of a choice.
const MAX_NAME_CHARS: usize = 100;

/// Begins the value of a choice, to distinguish it from a typed question.
const CHOSEN: &str = "entry:";

/// Finds entries; for an empty text the featured ones.
pub(super) fn complete(core: &Core, text: &str) -> CreateAutocompleteResponse {
    let assistant = core.assistant.load_full();
    let (entries, _) = browse::find(&assistant, text, 0..MAX_CHOICES, core.now());
    let choices = entries.into_iter().map(|entry| {
        let name = truncated(&entry.question, MAX_NAME_CHARS);
        AutocompleteChoice::new(name, format!("{CHOSEN}{}", entry.id))
    });
    CreateAutocompleteResponse::new().set_choices(choices.collect())
}

/// Returns the entry that was chosen, if the value is that of a choice.
pub(super) fn chosen(value: &str) -> Option<EntryId> {
    EntryId::parse(value.trim().strip_prefix(CHOSEN)?).ok()
}
