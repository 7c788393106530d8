//! Messages of a bot, before a channel formats them.

use super::browse::Category;
use super::press::Press;
use crate::answer::Reply;
use crate::knowledge::{Entry, Language};

/// One message, of any length.
pub(in crate::channels) struct View<'a> {
    pub(in crate::channels) content: Content<'a>,
    /// Buttons below the message, in rows; the buttons of the content itself come before.
    pub(in crate::channels) buttons: Vec<Vec<Button>>,
    /// The depth in the buttons of entries; see [`Press::Entry`].
    pub(in crate::channels) depth: u8,
    /// The language of the titles of entries in lists.
    pub(in crate::channels) language: Language,
}

/// The content of a message.
pub(in crate::channels) enum Content<'a> {
    /// A sentence.
    Text(String),
    /// An answer, or parts in the form of one.
    Reply(Reply<'a>),
    /// The help: a text, and the commands with their descriptions.
    Help {
        text: String,
        commands: Vec<(&'static str, String)>,
    },
    /// A page of categories.
    Categories {
        heading: String,
        page: Vec<Category<'a>>,
    },
    /// A page of the questions of a category.
    Questions {
        category: &'a str,
        programme: Option<&'a str>,
        page: Vec<&'a Entry>,
    },
}

/// A button.
pub(in crate::channels) struct Button {
    pub(in crate::channels) label: String,
    pub(in crate::channels) press: Press,
}

/// A reaction of a bot to a press.
pub(in crate::channels) enum Action<'a> {
    /// Sends a message.
    Send(View<'a>),
    /// Thanks for a verdict; a channel may show a notice instead of a message.
    Thank(View<'a>),
    /// Replaces the message with the pressed button.
    Replace(View<'a>),
    /// Removes the buttons that rate the answer from the message with the pressed button.
    RemoveVerdict,
}
