//! The draft message: a form to edit it, and what it becomes, to be copied.
//!
//! Invariant: nothing is sent to a desk from here; a draft is text for the member to send or not.

use serenity::builder::{CreateActionRow, CreateInputText, CreateModal};
use serenity::model::application::{ActionRowComponent, InputTextStyle, ModalInteraction};
use serenity::model::channel::Message;

use super::components::{Press, forms};
use super::embed::{Card, Page, contacts, pages, read_draft};
use super::markdown::{code, cut, escape};
use super::turn::Responder;
use crate::answer::{ContactStatus, Draft};
use crate::knowledge::{ContactKind, DeskId, Sentence};

/// Longest title of a form and label of a field, in characters.
const LONGEST_LABEL: usize = 45;

/// Longest value of a field, in characters.
const LONGEST_VALUE: u16 = 4_000;

/// Longest subject, in characters.
const LONGEST_SUBJECT: u16 = 200;

/// Longest link that opens a mail program; one with the whole text may be far longer.
const LONGEST_MAILTO: usize = 1_500;

const SUBJECT: &str = "subject";
const BODY: &str = "body";

/// Makes the form, filled with the draft that a message shows.
pub(super) fn form(
    responder: &Responder<'_>,
    message: &Message,
    desk: Option<&DeskId>,
) -> CreateModal {
    let render = |sentence| responder.render(sentence, &[]);
    let draft = read_draft(message).unwrap_or_else(|| blank(responder, desk));
    let input = |style, sentence, id, value: &str, longest: u16| {
        let label = cut(&render(sentence), LONGEST_LABEL);
        let input = CreateInputText::new(style, label, id).max_length(longest);
        let input = input.value(cut(value, longest.into()));
        CreateActionRow::InputText(input.required(id == BODY))
    };
    let title = cut(&render(Sentence::DraftEdit), LONGEST_LABEL);
    let id = Press::Draft(desk.cloned()).id();
    CreateModal::new(id, title).components(vec![
        input(
            InputTextStyle::Short,
            Sentence::DraftSubjectLabel,
            SUBJECT,
            &draft.subject,
            LONGEST_SUBJECT,
        ),
        input(
            InputTextStyle::Paragraph,
            Sentence::DraftBodyLabel,
            BODY,
            &draft.body,
            LONGEST_VALUE,
        ),
    ])
}

fn blank(responder: &Responder<'_>, desk: Option<&DeskId>) -> Draft {
    let blank = responder.render(Sentence::DraftBlank, &[]);
    let names = responder
        .desks(desk)
        .map(|desk| desk.name.get(responder.language));
    let names = names.collect::<Vec<_>>();
    let names = names.join(&responder.render(Sentence::ListSeparator, &[]));
    let values = [("desk", &*names), ("question", &*blank), ("shown", "")];
    Draft {
        subject: responder.render(Sentence::DraftSubject, &[("question", &blank)]),
        body: responder.render(Sentence::DraftBody, &values),
    }
}

/// Shows an edited draft to copy, and where to send it.
pub(super) fn submitted(responder: &Responder<'_>, modal: &ModalInteraction) -> Option<Vec<Page>> {
    let Press::Draft(desk) = Press::parse(&modal.data.custom_id)? else {
        return None;
    };
    let field = |id: &str| {
        let mut inputs = modal.data.components.iter().flat_map(|row| &row.components);
        inputs.find_map(|component| match component {
            ActionRowComponent::InputText(input) if input.custom_id == id => input.value.clone(),
            _ => None,
        })
    };
    let subject = cut(
        field(SUBJECT).unwrap_or_default().trim(),
        LONGEST_SUBJECT.into(),
    );
    let body = cut(field(BODY).unwrap_or_default().trim(), LONGEST_VALUE.into());
    let mut card = Card {
        author: (!subject.is_empty()).then(|| subject.clone()),
        ..Card::default()
    };
    card.text.block(code(&body));
    let points = responder.contacts(desk.as_ref());
    let mut cards = vec![card];
    cards.extend(contacts(&points));
    let all = || points.iter().flat_map(|(_, points)| points);
    let mut mails = Card::default();
    for point in all().filter(|point| point.kind == ContactKind::Email) {
        let link = mailto(point, &subject, &body);
        // Discord makes no button of it.
        mails
            .text
            .block(format!("{}\n{}", escape(&point.label), code(&link)));
        mails.title = Some(responder.render(Sentence::DraftMail, &[]));
    }
    if mails.title.is_some() {
        cards.push(mails);
    }
    let buttons = forms(all());
    let rows = (!buttons.is_empty()).then_some(CreateActionRow::Buttons(buttons));
    let ready = responder.render(Sentence::DraftReady, &[]);
    let rows = rows.into_iter().collect();
    Some(pages(&escape(&ready), &cards, rows, responder.is_ephemeral))
}

/// Writes the link that opens a mail program with a draft.
fn mailto(point: &ContactStatus, subject: &str, body: &str) -> String {
    let url = format!("mailto:{}?subject={}", point.value, encode(subject));
    let whole = format!("{url}&body={}", encode(&body.replace('\n', "\r\n")));
    if whole.len() <= LONGEST_MAILTO {
        whole
    } else {
        url
    }
}

fn encode(text: &str) -> String {
    let bytes = text.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    });
    bytes.collect()
}
