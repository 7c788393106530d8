//! The draft message: a form to edit it, and the edited draft to copy.
//!
//! Invariant: nothing is sent to a desk; the member decides whether to send the draft.

use serenity::builder::{CreateActionRow, CreateInputText, CreateModal};
use serenity::model::application::{ActionRowComponent, InputTextStyle, ModalInteraction};
use serenity::model::channel::Message;

use super::components::forms;
use super::embed::{Card, Page, pages};
use super::layout::{contacts, read_draft};
use super::markdown::{code, escape};
use crate::answer::{ContactStatus, Draft};
use crate::channels::bot::split::truncated;
use crate::channels::bot::{Press, Turn};
use crate::channels::url::encode;
use crate::knowledge::{ContactKind, DeskId, Sentence};

/// Length limit of the title of a form and the label of a field.
const MAX_LABEL_CHARS: usize = 45;

/// Length limit of the body.
const MAX_BODY_CHARS: u16 = 4_000;

/// Length limit of the subject.
const MAX_SUBJECT_CHARS: u16 = 200;

/// Length limit of a `mailto:` link; a longer link leaves out the body.
const MAX_MAILTO_BYTES: usize = 1_500;

const SUBJECT: &str = "subject";
const BODY: &str = "body";

/// Makes the form, filled with the draft that a message shows.
pub(super) fn form(turn: &Turn<'_>, message: &Message, desk: Option<&DeskId>) -> CreateModal {
    let render = |sentence| turn.render(sentence, &[]);
    let draft = read_draft(message).unwrap_or_else(|| blank(turn, desk));
    let input = |style, sentence, id, value: &str, limit: u16| {
        let label = truncated(&render(sentence), MAX_LABEL_CHARS);
        let input = CreateInputText::new(style, label, id).max_length(limit);
        let input = input.value(truncated(value, limit.into()));
        CreateActionRow::InputText(input.required(id == BODY))
    };
    let title = truncated(&render(Sentence::DraftEdit), MAX_LABEL_CHARS);
    let id = Press::Draft(desk.cloned()).encode();
    CreateModal::new(id, title).components(vec![
        input(
            InputTextStyle::Short,
            Sentence::DraftSubjectLabel,
            SUBJECT,
            &draft.subject,
            MAX_SUBJECT_CHARS,
        ),
        input(
            InputTextStyle::Paragraph,
            Sentence::DraftBodyLabel,
            BODY,
            &draft.body,
            MAX_BODY_CHARS,
        ),
    ])
}

/// Makes a draft without a question.
fn blank(turn: &Turn<'_>, desk: Option<&DeskId>) -> Draft {
    let blank = turn.render(Sentence::DraftBlank, &[]);
    let names = turn.desks(desk).map(|desk| desk.name.get(turn.language));
    let names = names.collect::<Vec<_>>();
    let names = names.join(&turn.render(Sentence::ListSeparator, &[]));
    let values = [("desk", &*names), ("question", &*blank), ("shown", "")];
    Draft {
        subject: turn.render(Sentence::DraftSubject, &[("question", &blank)]),
        body: turn.render(Sentence::DraftBody, &values),
    }
}

/// Shows an edited draft to copy, and the addresses to send it to.
pub(super) fn submitted(
    turn: &Turn<'_>,
    modal: &ModalInteraction,
    is_ephemeral: bool,
) -> Option<Vec<Page>> {
    let Press::Draft(desk) = Press::decode(&modal.data.custom_id)? else {
        return None;
    };
    let field = |id: &str| {
        let mut inputs = modal.data.components.iter().flat_map(|row| &row.components);
        inputs.find_map(|component| match component {
            ActionRowComponent::InputText(input) if input.custom_id == id => input.value.clone(),
            _ => None,
        })
    };
    let subject = truncated(
        field(SUBJECT).unwrap_or_default().trim(),
        MAX_SUBJECT_CHARS.into(),
    );
    let body = truncated(
        field(BODY).unwrap_or_default().trim(),
        MAX_BODY_CHARS.into(),
    );
    let mut card = Card {
        author: (!subject.is_empty()).then(|| subject.clone()),
        ..Card::default()
    };
    card.text.block(code(&body));
    let points = turn.contacts(desk.as_ref());
    let mut cards = vec![card];
    cards.extend(contacts(&points));
    let all = || points.iter().flat_map(|(_, points)| points);
    let mut mails = Card::default();
    for point in all().filter(|point| point.kind == ContactKind::Email) {
        let link = mailto(point, &subject, &body);
        // Discord has no buttons for `mailto:` links.
        mails
            .text
            .block(format!("{}\n{}", escape(&point.label), code(&link)));
        mails.title = Some(turn.render(Sentence::DraftMail, &[]));
    }
    if mails.title.is_some() {
        cards.push(mails);
    }
    let buttons = forms(all());
    let rows = (!buttons.is_empty()).then_some(CreateActionRow::Buttons(buttons));
    let ready = turn.render(Sentence::DraftReady, &[]);
    let rows = rows.into_iter().collect();
    Some(pages(&escape(&ready), &cards, rows, is_ephemeral))
}

/// Makes the `mailto:` link of a draft.
fn mailto(point: &ContactStatus, subject: &str, body: &str) -> String {
    let url = format!("mailto:{}?subject={}", point.value, encode(subject));
    let whole = format!("{url}&body={}", encode(&body.replace('\n', "\r\n")));
    if whole.len() <= MAX_MAILTO_BYTES {
        whole
    } else {
        url
    }
}
