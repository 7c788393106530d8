//! What the bot shows without a question: a greeting, how it is used, the desks.

use super::format;
use super::html::{Html, Tag};
use super::keyboard::{self, Press, button};
use super::respond::{Outgoing, Responder};
use crate::answer::{Choice, Conversation};
use crate::channels::bot::Ongoing;
use crate::channels::bot::browse::featured;
use crate::channels::bot::command::Command;
use crate::knowledge::{Desk, DeskId, Sentence};

impl Responder<'_> {
    /// Greets, and starts the conversation anew.
    pub(super) fn greet(&self) -> Outgoing {
        let state = Conversation::new(self.now);
        let Ongoing { rated, .. } = self.ongoing();
        self.shared
            .conversations
            .keep(self.key, Ongoing { state, rated });
        let mut html = Html::default();
        html.text(&self.render(Sentence::Greeting, &[]));
        html.gap();
        html.tagged(Tag::Bold, &self.render(Sentence::Featured, &[]));
        let today = self.assistant.today(self.now);
        let featured = featured(self.knowledge, today);
        let choices = featured.iter().map(|entry| Choice {
            id: entry.id.clone(),
            question: entry.question.clone(),
        });
        let mut rows = keyboard::choices(&choices.collect::<Vec<_>>());
        rows.push(vec![
            button(self.render(Sentence::CommandTopics, &[]), &Press::Topics(0)),
            button(self.render(Sentence::ShowContact, &[]), &Press::Desks),
        ]);
        Outgoing {
            html,
            keyboard: keyboard::markup(rows),
        }
    }

    pub(super) fn help(&self) -> Outgoing {
        let name = self.shared.me.user.username.as_deref().unwrap_or_default();
        let mut html = Html::default();
        html.text(&self.render(Sentence::BotHelp, &[("bot", name)]));
        html.gap();
        for name in Command::NAMES {
            let description = self.render(describe(name), &[]);
            html.text(&format!("/{name} {description}\n"));
        }
        Outgoing {
            html,
            keyboard: None,
        }
    }

    /// Shows one desk, or all.
    pub(super) fn contact(&self, desk: Option<&DeskId>) -> Outgoing {
        let desk = desk.and_then(|id| self.knowledge.desk(id.as_str()));
        let mut html = Html::default();
        if desk.is_none() {
            html.text(&self.render(Sentence::ContactIntroduction, &[]));
        }
        let all = &self.knowledge.desks[..];
        let desks = desk.map_or(all, std::slice::from_ref).iter();
        let contacts = desks.map(|desk| {
            let heading = self.render(Sentence::Contact, &[("desk", self.name(desk))]);
            let points = self.assistant.contact_points(desk, self.language, self.now);
            (heading, points)
        });
        let contacts: Vec<_> = contacts.collect();
        format::contacts(&contacts, &mut html);
        let rows = contacts
            .iter()
            .flat_map(|(_, points)| keyboard::copies(points));
        Outgoing {
            html,
            keyboard: keyboard::markup(rows.collect()),
        }
    }

    fn name<'a>(&self, desk: &'a Desk) -> &'a str {
        desk.name.get(self.language)
    }
}

/// Names the sentence that describes a command.
pub(super) fn describe(command: &str) -> Sentence {
    match command {
        "ask" => Sentence::CommandAsk,
        "topics" => Sentence::CommandTopics,
        "contact" => Sentence::CommandContact,
        "start" => Sentence::CommandStart,
        _ => Sentence::CommandHelp,
    }
}
