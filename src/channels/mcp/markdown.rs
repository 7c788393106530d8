//! Answers of the API as Markdown, for an assistant to quote.
//!
//! Invariant: every word comes from the API or the knowledge; layout and names of keys are all that is
//! added.

use std::fmt::Write;

use serde_json::Value;

use super::Desk;
use crate::knowledge::{KnowledgeBase, Language, Sentence};

/// What the text of an answer needs besides the answer.
struct Writer<'a> {
    knowledge: &'a KnowledgeBase,
    language: Language,
    public_url: Option<&'a str>,
    text: String,
}

/// Writes the answer to a call of a tool.
pub(super) fn result(desk: &Desk, tool: &str, language: Language, answer: &Value) -> String {
    let assistant = desk.assistant.load();
    let mut writer = Writer {
        knowledge: assistant.knowledge(),
        language,
        public_url: desk.public_url.as_deref(),
        text: String::new(),
    };
    match tool {
        "ask_faq" => writer.answers(answer),
        "search_faq" => writer.hits(answer),
        "get_entry" => writer.document(answer),
        _ => writer.desks(answer),
    }
    writer.text.trim_end().to_owned()
}

/// Writes an entry with its source and dates.
pub(super) fn document(desk: &Desk, entry: &Value) -> String {
    result(desk, "get_entry", Language::Japanese, entry)
}

/// Writes why the API refused a call.
pub(super) fn problem(problem: &Value) -> String {
    let (detail, hint) = (text(&problem["detail"]), text(&problem["hint"]));
    format!("{detail}\n{hint}").trim_end().to_owned()
}

/// Removes the copies of a text in other formats: HTML, and plain text beside Markdown.
pub(super) fn without_copies(mut answer: Value) -> Value {
    match &mut answer {
        Value::Object(members) => {
            let has_markdown = members.contains_key("markdown");
            members.retain(|name, _| {
                let is_html = name == "html" || name.ends_with("_html");
                let is_plain = has_markdown && name == "text";
                !(is_html || is_plain)
            });
            for (_, member) in members.iter_mut() {
                *member = without_copies(member.take());
            }
        }
        Value::Array(items) => {
            for item in items {
                *item = without_copies(item.take());
            }
        }
        _ => {}
    }
    answer
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Writes a paragraph and the blank line after it.
    fn paragraph(&mut self, paragraph: &str) {
        self.line(paragraph);
        self.line("");
    }

    fn sentence(&self, sentence: Sentence, values: &[(&str, &str)]) -> String {
        let messages = &self.knowledge.messages;
        messages.render(sentence, self.language, values)
    }

    /// Writes the answers to all requests of a message, in the order in which every channel shows them.
    fn answers(&mut self, answer: &Value) {
        let also = items(&answer["also"]);
        let mut offered = 0;
        for one in std::iter::once(answer).chain(also) {
            if let Some(asked) = one["asked"].as_str().filter(|_| !also.is_empty()) {
                let heading = self.sentence(Sentence::Asked, &[("asked", asked)]);
                self.paragraph(&heading);
            }
            self.answer(one, offered);
            offered += items(&one["suggestions"]).len();
        }
    }

    /// Writes the answer to one request; its choices are numbered after `offered` earlier ones.
    fn answer(&mut self, answer: &Value, offered: usize) {
        self.paragraph(text(&answer["message"]));
        let suggestions = items(&answer["suggestions"]);
        for (number, choice) in (offered + 1..).zip(suggestions) {
            let (question, id) = (text(&choice["question"]), text(&choice["id"]));
            self.line(&format!("{number}. {question} (`{id}`)"));
        }
        if !suggestions.is_empty() {
            self.line("");
        }
        let entry = &answer["entry"];
        if entry.is_object() {
            self.paragraph(&format!("## {}", text(&entry["question"])));
            self.paragraph(text(&entry["answer"]["markdown"]).trim());
            let source = &entry["source"];
            let values = [
                ("document", text(&source["document"])),
                ("section", text(&source["section"])),
            ];
            let source = self.sentence(Sentence::Source, &values);
            self.paragraph(&source);
            if let Some(url) = self.url(entry) {
                self.paragraph(&format!("<{url}>"));
            }
        }
        let escalation = &answer["escalation"];
        self.contacts(items(&escalation["contact_points"]));
        if entry.is_object() {
            self.related(items(&entry["related"]));
        } else if escalation.is_object() && suggestions.is_empty() {
            let heading = self.sentence(Sentence::Draft, &[]);
            self.paragraph(&heading);
            let draft = &escalation["draft"];
            for line in [text(&draft["subject"]), ""]
                .into_iter()
                .chain(text(&draft["body"]).lines())
            {
                self.line(format!("> {line}").trim_end());
            }
            self.line("");
        }
    }

    /// Writes contact points under the headings of their desks.
    fn contacts(&mut self, points: &[Value]) {
        let mut last = None;
        for point in points {
            let desk = text(&point["desk"]);
            if last != Some(desk) {
                if last.is_some() {
                    self.line("");
                }
                let name = self.knowledge.desk(desk);
                let name = name.map_or(desk, |desk| desk.name.get(self.language));
                let heading = self.sentence(Sentence::Contact, &[("desk", name)]);
                self.paragraph(&heading);
                last = Some(desk);
            }
            self.contact(point);
        }
        if !points.is_empty() {
            self.line("");
        }
    }

    fn contact(&mut self, point: &Value) {
        let (label, value) = (text(&point["label"]), text(&point["value"]));
        self.line(&format!("- {label}: {value}"));
        if let Some(url) = point["url"].as_str().filter(|url| *url != value) {
            self.line(&format!("  <{url}>"));
        }
        for line in [&point["hours"]["text"], &point["hours"]["status"]] {
            if let Some(line) = line.as_str() {
                self.line(&format!("  {line}"));
            }
        }
    }

    fn related(&mut self, related: &[Value]) {
        if related.is_empty() {
            return;
        }
        let heading = self.sentence(Sentence::Related, &[]);
        self.paragraph(&heading);
        for entry in related {
            let (question, id) = (text(&entry["question"]), text(&entry["id"]));
            self.line(&format!("- {question} (`{id}`)"));
        }
        self.line("");
    }

    /// Writes the hits of a search; they are no answers.
    fn hits(&mut self, found: &Value) {
        for hit in items(&found["hits"]) {
            let (question, id) = (text(&hit["question"]), text(&hit["id"]));
            let category = text(&hit["category"]);
            self.line(&format!("- {question} (`{id}`, {category})"));
        }
        for desk in items(&found["desks"]) {
            let (topic, id) = (text(&desk["topic"]), text(&desk["desk"]));
            let name = self.knowledge.desk(id);
            let name = name.map_or(id, |desk| desk.name.get(self.language));
            self.line(&format!("- {topic}: {name} (`{id}`)"));
        }
        if self.text.is_empty() {
            let none = self.sentence(Sentence::HitsNone, &[]);
            self.line(&none);
        }
    }

    /// Writes an entry under a block of its keys, named as in its TOML file.
    fn document(&mut self, entry: &Value) {
        let known = self.knowledge.entry(text(&entry["id"]));
        let dates = known.map(|entry| {
            [
                ("valid_from", entry.valid_from),
                ("valid_until", entry.valid_until),
                ("review_by", entry.review_by),
            ]
        });
        let mut keys = format!(
            "---\nid: {}\ndesk: {}\ncategory: {}\nsource: {}\nsection: {}\n",
            text(&entry["id"]),
            text(&entry["desk"]),
            text(&entry["category"]),
            text(&entry["source"]["document"]),
            text(&entry["source"]["section"]),
        );
        for (key, date) in dates.into_iter().flatten() {
            if let Some(date) = date {
                // Writing into a text cannot fail.
                let _ = writeln!(keys, "{key}: {date}");
            }
        }
        if let Some(url) = self.url(entry) {
            let _ = writeln!(keys, "url: {url}");
        }
        self.text.push_str(&keys);
        self.paragraph("---");
        self.paragraph(&format!("# {}", text(&entry["question"])));
        self.paragraph(text(&entry["answer"]["markdown"]).trim());
        self.related(items(&entry["related"]));
    }

    fn desks(&mut self, answer: &Value) {
        for desk in items(&answer["desks"]) {
            let (name, id) = (text(&desk["name"]), text(&desk["id"]));
            let programme = text(&desk["programme"]);
            self.paragraph(&format!("## {name} (`{id}`)"));
            self.paragraph(programme);
            for point in items(&desk["contact_points"]) {
                self.contact(point);
            }
            self.line("");
        }
    }

    /// Returns the address of an entry's page, if the public address of the service is known.
    fn url(&self, entry: &Value) -> Option<String> {
        let base = self.public_url?;
        Some(format!("{base}/entries/{}", text(&entry["id"])))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_copies_of_a_text_are_removed() {
        let answer = json!({
            "text": "kept",
            "entry": { "answer": { "markdown": "*a*", "html": "<em>a</em>", "text": "a" } },
            "hits": [{ "question": "q", "question_html": "q" }],
        });
        let expected = json!({
            "text": "kept",
            "entry": { "answer": { "markdown": "*a*" } },
            "hits": [{ "question": "q" }],
        });
        assert_eq!(without_copies(answer), expected);
    }
}
