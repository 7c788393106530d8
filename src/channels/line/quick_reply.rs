//! Quick replies: the buttons that LINE shows over the keyboard until the next message.

use serde_json::{Value, json};

use super::event::button_data;
use super::flex;
use crate::answer::Part;
use crate::channels::bot::{Content, Press, View};

/// Maximum number of buttons.
const MAX_ITEMS: usize = 13;

/// Length limit of a label.
const MAX_LABEL_CHARS: usize = 20;

/// Makes the buttons of a view: its choices, its own buttons, and the words of the help; `None` without
/// any. `answer` is the number of the answer.
pub(super) fn of(view: &View<'_>, answer: u64) -> Option<Value> {
    let mut actions = Vec::new();
    let mut press = |press: &Press, label: &str| {
        let data = button_data(press, answer);
        actions.push(flex::press(&data, label, Some(MAX_LABEL_CHARS)));
    };
    if let Content::Reply(reply) = &view.content {
        for part in &reply.parts {
            let Part::Choices(choices) = part else {
                continue;
            };
            for (number, entry) in choices {
                let label = format!("{number}. {}", entry.title(view.language));
                press(&Press::Entry(view.depth, entry.id.clone()), &label);
            }
        }
    }
    for button in view.buttons.iter().flatten() {
        press(&button.press, &button.label);
    }
    if let Content::Help { commands, .. } = &view.content {
        actions.extend(commands.iter().map(|(word, _)| flex::say(word)));
    }
    actions.truncate(MAX_ITEMS);
    let items = actions
        .into_iter()
        .map(|action| json!({ "type": "action", "action": action }));
    let items: Vec<Value> = items.collect();
    (!items.is_empty()).then(|| json!({ "items": items }))
}
