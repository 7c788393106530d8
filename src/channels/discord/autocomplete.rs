//! Entries to choose from while somebody types a question.
//!
//! Invariant: at most 25 choices, each with a name and a value of at most 100 characters; ranked
//! by words alone, from memory.

use jiff::Timestamp;
use serenity::builder::{AutocompleteChoice, CreateAutocompleteResponse};

use super::markdown::cut;
use crate::answer::Assistant;
use crate::channels::bot::browse::featured;
use crate::knowledge::{Entry, EntryId};
use crate::search::WORTH_SHOWING;

/// Most choices.
const MOST: usize = 25;

/// Longest name of a choice, in characters.
const LONGEST: usize = 100;

/// Begins the value of a choice: no question does.
const CHOSEN: &str = "entry:";

/// Finds entries; for an empty text the most useful ones.
pub(super) fn complete(
    assistant: &Assistant,
    text: &str,
    now: Timestamp,
) -> CreateAutocompleteResponse {
    let knowledge = assistant.knowledge();
    let text = text.trim();
    let entries: Vec<&Entry> = if text.is_empty() {
        featured(knowledge, assistant.today(now))
    } else {
        let ranked = assistant.suggest_entries(text, None, now);
        let least = ranked.first().map_or(0.0, |best| best.1 * WORTH_SHOWING);
        let entries = ranked.iter().take_while(|(_, chance)| *chance >= least);
        let entries = entries.filter_map(|(index, _)| knowledge.entries.get(*index));
        entries.collect()
    };
    let choices = entries.into_iter().take(MOST).map(|entry| {
        let name = cut(&entry.question, LONGEST);
        AutocompleteChoice::new(name, format!("{CHOSEN}{}", entry.id))
    });
    CreateAutocompleteResponse::new().set_choices(choices.collect())
}

/// Returns the entry that was chosen, if the value is of a choice.
pub(super) fn chosen(value: &str) -> Option<EntryId> {
    EntryId::parse(value.trim().strip_prefix(CHOSEN)?).ok()
}
