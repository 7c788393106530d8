//! The parts of a form: fields with their labels and limits, and the mistakes in them.

use jiff::civil::Date;
use maud::{Markup, html};

use super::member::Fields;
use super::visitor::Visitor;
use crate::knowledge::Localized;

/// Longest text of one line, in characters.
pub(super) const MAX_LINE_CHARS: usize = 300;

/// Longest text of several lines, in characters.
pub(super) const MAX_TEXT_CHARS: usize = 30_000;

/// A mistake in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mistake {
    /// The id of the field; empty if there is none.
    field: String,
    label: String,
    text: String,
}

/// The mistakes in a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mistakes(Vec<Mistake>);

impl Mistakes {
    pub(super) fn add(&mut self, field: &str, label: &str, text: &str) {
        self.0.push(Mistake {
            field: field.to_owned(),
            label: label.to_owned(),
            text: text.to_owned(),
        });
    }

    /// Adds a mistake that belongs to no field.
    pub(super) fn add_general(&mut self, text: &str) {
        self.add("", "", text);
    }

    pub(super) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of(&self, field: &str) -> Option<&str> {
        let found = self.0.iter().find(|mistake| mistake.field == field);
        found.map(|mistake| mistake.text.as_str())
    }

    /// Lists the mistakes above the form, each with a link to its field; takes the focus.
    pub(super) fn summary(&self, visitor: &Visitor) -> Markup {
        html! {
            @if !self.is_empty() {
                div.error #mistakes role="alert" tabindex="-1" autofocus {
                    p { (visitor.say(
                        "下書きに入れていません。次のところを直してください。書いた内容は残っています。",
                        "Nothing was put into the draft. Correct the following; what you wrote is kept.",
                    )) }
                    ul {
                        @for Mistake { field, label, text } in &self.0 {
                            li {
                                @if field.is_empty() { (text) } @else {
                                    a href={ "#" (field) } { (label) } ": " (text)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Reads the fields of a form, and notes those that are missing or too long.
pub(super) struct Reader<'a> {
    visitor: &'a Visitor,
    fields: &'a Fields,
    pub(super) mistakes: Mistakes,
}

impl<'a> Reader<'a> {
    pub(super) fn new(visitor: &'a Visitor, fields: &'a Fields) -> Self {
        Self {
            visitor,
            fields,
            mistakes: Mistakes::default(),
        }
    }

    /// Returns a text of one line, without blanks around it; those in it are kept.
    pub(super) fn line(&mut self, name: &str, label: &str) -> String {
        let text = self.fields.text(name).trim();
        let text = text.replace("\r\n", " ").replace(['\r', '\n'], " ");
        self.limit(name, label, &text, MAX_LINE_CHARS);
        text
    }

    /// Returns a text of one line that must not be empty.
    pub(super) fn required(&mut self, name: &str, label: &str) -> String {
        let text = self.line(name, label);
        self.require(name, label, &text);
        text
    }

    /// Returns a text of several lines.
    pub(super) fn text(&mut self, name: &str, label: &str) -> String {
        let text = self.unlimited(name);
        self.limit(name, label, &text, MAX_TEXT_CHARS);
        text
    }

    /// Returns a text of several lines whose length the caller limits.
    pub(super) fn unlimited(&self, name: &str) -> String {
        let text = self.fields.text(name).replace("\r\n", "\n");
        text.trim().to_owned()
    }

    /// Returns a line in both languages: both or none.
    pub(super) fn both(&mut self, name: &str, label: &str, is_required: bool) -> Localized {
        self.pair(name, label, is_required, Self::line)
    }

    /// Returns a message in both languages: both or none. The blanks around it are kept, since those of a
    /// separator or a label matter.
    pub(super) fn both_messages(&mut self, name: &str, label: &str) -> Localized {
        self.pair(name, label, false, |reader, name, label| {
            let text = reader.fields.text(name).replace("\r\n", "\n");
            reader.limit(name, label, &text, MAX_TEXT_CHARS);
            let is_empty = text.trim().is_empty();
            if is_empty { String::new() } else { text }
        })
    }

    fn pair(
        &mut self,
        name: &str,
        label: &str,
        is_required: bool,
        read: fn(&mut Self, &str, &str) -> String,
    ) -> Localized {
        let (ja_name, en_name) = (format!("{name}-ja"), format!("{name}-en"));
        let labels = labels(self.visitor, label);
        let ja = read(self, &ja_name, &labels.ja);
        let en = read(self, &en_name, &labels.en);
        if is_required || ja.is_empty() != en.is_empty() {
            self.require(&ja_name, &labels.ja, &ja);
            self.require(&en_name, &labels.en, &en);
        }
        Localized { ja, en }
    }

    /// Returns the lines of a text, without empty ones.
    pub(super) fn lines(&mut self, name: &str, label: &str) -> Vec<String> {
        let text = self.text(name, label);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(str::to_owned).collect()
    }

    /// Returns a day; none if the field is empty.
    pub(super) fn day(&mut self, name: &str, label: &str) -> Option<Date> {
        let text = self.fields.text(name).trim();
        let day = text.parse().ok();
        if day.is_none() && !text.is_empty() {
            let expected = self.visitor.say(
                "2027-03-31 のように書いてください。",
                "Expected a date such as 2027-03-31.",
            );
            self.mistakes.add(name, label, expected);
        }
        day
    }

    pub(super) fn is_checked(&self, name: &str) -> bool {
        !self.fields.text(name).is_empty()
    }

    /// Notes a mistake if a text is empty.
    pub(super) fn require(&mut self, name: &str, label: &str, text: &str) {
        if text.is_empty() {
            let required = self.visitor.say("書いてください。", "Required.");
            self.mistakes.add(name, label, required);
        }
    }

    /// Notes a mistake if a text is too long.
    pub(super) fn limit(&mut self, name: &str, label: &str, text: &str, most: usize) {
        let count = text.chars().count();
        if count > most {
            let text = self.visitor.say(
                "{most}字までにしてください（今は{count}字）。",
                "Use at most {most} characters; there are {count}.",
            );
            let text = text.replace("{most}", &most.to_string());
            let text = text.replace("{count}", &count.to_string());
            self.mistakes.add(name, label, &text);
        }
    }
}

fn labels(visitor: &Visitor, label: &str) -> Localized {
    Localized {
        ja: format!("{label}{}", visitor.say("（日本語）", " (Japanese)")),
        en: format!("{label}{}", visitor.say("（英語）", " (English)")),
    }
}

/// A field of a form.
pub(super) struct Field {
    name: String,
    label: String,
    value: String,
    note: String,
    /// Number of lines; 1 for a single line.
    rows: usize,
    kind: &'static str,
    lang: &'static str,
    is_required: bool,
}

impl Field {
    pub(super) fn line(name: &str, label: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            value: value.to_owned(),
            note: String::new(),
            rows: 1,
            kind: "text",
            lang: "ja",
            is_required: false,
        }
    }

    pub(super) fn day(name: &str, label: &str, day: Option<Date>) -> Self {
        let day = day.map(|day| day.to_string()).unwrap_or_default();
        Self {
            kind: "date",
            ..Self::line(name, label, &day)
        }
    }

    pub(super) fn note(self, note: &str) -> Self {
        let note = note.to_owned();
        Self { note, ..self }
    }

    pub(super) fn rows(self, rows: usize) -> Self {
        Self { rows, ..self }
    }

    pub(super) fn required(self) -> Self {
        Self {
            is_required: true,
            ..self
        }
    }

    pub(super) fn kind(self, kind: &'static str) -> Self {
        Self { kind, ..self }
    }

    pub(super) fn english(self) -> Self {
        Self { lang: "en", ..self }
    }

    pub(super) fn render(&self, visitor: &Visitor, mistakes: &Mistakes) -> Markup {
        let Self {
            name,
            label,
            value,
            note,
            rows,
            kind,
            lang,
            is_required,
        } = self;
        let mistake = mistakes.of(name);
        let mistake_id = format!("{name}-mistake");
        let note_id = format!("{name}-note");
        let described: Vec<&str> = [
            mistake.map(|_| mistake_id.as_str()),
            Some(note_id.as_str()).filter(|_| !note.is_empty()),
        ]
        .into_iter()
        .flatten()
        .collect();
        let described = Some(described.join(" ")).filter(|ids| !ids.is_empty());
        let invalid = mistake.map(|_| "true");
        html! {
            div.label {
                label for=(name) { (label) }
                // The field itself says so to screen readers.
                @if *is_required { span.required aria-hidden="true" { (visitor.say("必須", "required")) } }
            }
            @if !note.is_empty() { p.note id=(note_id) { (note) } }
            @if let Some(text) = mistake { p.error id=(mistake_id) { (text) } }
            @if *rows > 1 {
                textarea id=(name) name=(name) rows=(rows) lang=(lang) required[*is_required]
                    aria-describedby=[described] aria-invalid=[invalid] { "\n" (value) }
            } @else {
                input id=(name) name=(name) type=(kind) value=(value) lang=(lang) autocomplete="off"
                    required[*is_required] aria-describedby=[described] aria-invalid=[invalid];
            }
        }
    }
}

/// Renders the two fields of a text in both languages.
pub(super) fn both_fields(
    visitor: &Visitor,
    mistakes: &Mistakes,
    name: &str,
    label: &str,
    value: &Localized,
    shape: impl Fn(Field) -> Field,
) -> Markup {
    let labels = labels(visitor, label);
    let ja = shape(Field::line(&format!("{name}-ja"), &labels.ja, &value.ja));
    let en = shape(Field::line(&format!("{name}-en"), &labels.en, &value.en)).english();
    html! {
        (ja.render(visitor, mistakes))
        (en.render(visitor, mistakes))
    }
}

/// Renders the button that puts a form into the draft, and what happens then.
pub(super) fn save_button(visitor: &Visitor) -> Markup {
    html! {
        div.buttons {
            button type="submit" name="then" value="save" { (visitor.say("下書きに入れる", "Put into the draft")) }
        }
        p.note { (visitor.say(
            "まだ公開されません。次のページで、違いと影響を確かめます。",
            "Nothing is published yet: the next page shows the difference and its effect.",
        )) }
    }
}

/// Renders a button, after a question, that puts a removal into the draft.
pub(super) fn remove_form(
    visitor: &Visitor,
    action: &str,
    title: &str,
    hidden: &[(&str, &str)],
) -> Markup {
    html! {
        details {
            summary { (title) }
            form method="post" action=(visitor.path(action)) {
                (super::layout::csrf_field(visitor))
                @for (name, value) in hidden { input type="hidden" name=(name) value=(value); }
                p { (visitor.say(
                    "下書きに入れます。公開するまで、会員には今のままです。公開したあとも「履歴」から元に戻せます。",
                    "It is put into the draft. For members nothing changes until it is published, and “History” can restore it.",
                )) }
                button.second type="submit" name="then" value="remove" { (title) }
            }
        }
    }
}
