//! `ask`: answers one question, or a conversation of one question per line, as text or as the
//! JSON of the API.

use std::borrow::Cow;
use std::io::{BufRead, IsTerminal, Write, stderr, stdin, stdout};
use std::process::ExitCode;

use encoding_rs::SHIFT_JIS;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::api::Api;
use super::evaluate::block_on;
use super::reply::write_reply;
use super::{ESCALATED, find_desk};
use crate::answer::{Assistant, Conversation, Outcome, Question, render};
use crate::app;
use crate::knowledge::{DeskId, Language, Sentence, localized};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The question; without it, one question per line is read from standard input
    question: Vec<String>,

    /// The desk that the question is for, such as selas
    #[arg(long, value_name = "ID")]
    desk: Option<String>,

    /// Print the response of POST /api/v1/ask, one JSON object per line
    #[arg(long)]
    json: bool,
}

/// A conversation on standard input and output.
struct Prompt {
    mode: Mode,
    desk: Option<DeskId>,
    language: Language,
    /// The question whose answer offers choices; 0 declines them all.
    offered_for: Option<String>,
}

/// The output format, and the state of the conversation in it.
enum Mode {
    /// Text for a person.
    Text(Box<Assistant>, Conversation),
    /// JSON for a program; the state is the token of the API.
    Json(Api, Option<String>),
}

pub(super) fn run(
    settings: &Settings,
    arguments: &Arguments,
    language: Language,
) -> anyhow::Result<ExitCode> {
    let assistant = app::open_assistant(settings)?;
    let desk = find_desk(assistant.knowledge(), arguments.desk.as_deref())?;
    let welcome = Sentence::PromptWelcome;
    let messages = &assistant.knowledge().messages;
    let welcome = messages.render(welcome, language, &[]);
    let mode = if arguments.json {
        Mode::Json(Api::new(assistant)?, None)
    } else {
        let conversation = Conversation::new(Timestamp::now());
        Mode::Text(Box::new(assistant), conversation)
    };
    let mut prompt = Prompt {
        mode,
        desk,
        language,
        offered_for: None,
    };
    let mut out = stdout().lock();
    if arguments.question.is_empty() {
        prompt.run(&welcome, &mut out)?;
        return Ok(ExitCode::SUCCESS);
    }
    prompt.ask(&arguments.question.join(" "), &mut out)
}

impl Prompt {
    /// Answers one question per line until the input ends.
    fn run(&mut self, welcome: &str, out: &mut impl Write) -> anyhow::Result<()> {
        let is_text = matches!(self.mode, Mode::Text(..));
        let is_interactive = is_text && stdin().is_terminal() && stdout().is_terminal();
        if is_interactive {
            writeln!(out, "{welcome}")?;
        }
        let mut input = stdin().lock();
        let mut line = Vec::new();
        let mut has_warned = false;
        loop {
            if is_interactive {
                write!(out, "\n> ")?;
                out.flush()?;
            }
            line.clear();
            // Reads bytes: a line that is not UTF-8 does not end the conversation.
            if input.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            let (question, is_shift_jis) = decode(&line);
            if is_shift_jis && !std::mem::replace(&mut has_warned, true) {
                let hint = localized!(
                    ja: "入力が Shift_JIS なので、変換して読みます",
                    en: "the input is Shift_JIS, not UTF-8: converted",
                );
                writeln!(stderr(), "{}", hint.get(self.language))?;
            }
            let question = question.trim_start_matches('\u{FEFF}').trim();
            if question.is_empty() {
                continue;
            }
            // Repeats a question from a file or a pipe: the output alone would not show it.
            if is_text && !is_interactive {
                writeln!(out, "> {question}")?;
            }
            self.ask(question, out)?;
            if is_text && !is_interactive {
                writeln!(out)?;
            }
        }
        if is_interactive {
            writeln!(out)?;
        }
        Ok(out.flush()?)
    }

    fn ask(&mut self, text: &str, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let declined = self.offered_for.take().filter(|_| text == "0");
        let is_declined = declined.is_some();
        let text = declined.as_deref().unwrap_or(text);
        let (outcome, has_choices) = match &mut self.mode {
            Mode::Text(assistant, conversation) => {
                let question = Question {
                    text,
                    desk: self.desk.as_ref(),
                    language: self.language,
                };
                let now = Timestamp::now();
                let answer = if is_declined {
                    assistant.decline(&question, conversation.clone(), now)
                } else {
                    let answer = assistant.answer(&question, conversation.clone(), now);
                    block_on(answer)?
                };
                let knowledge = assistant.knowledge();
                let reply = render(&answer, knowledge, self.language, assistant.today(now));
                write_reply(&reply, self.language, out)?;
                let has_choices = answer.all().any(|one| !one.suggestions.is_empty());
                *conversation = answer.conversation;
                (answer.outcome.name().to_owned(), has_choices)
            }
            Mode::Json(api, conversation) => {
                let response = api.post(
                    "/api/v1/ask",
                    &json!({
                        "question": text,
                        "none_of_these": is_declined,
                        "conversation": conversation,
                        "desk": self.desk.as_ref().map(DeskId::as_str),
                        "language": self.language.tag(),
                    }),
                )?;
                writeln!(out, "{}", response.body)?;
                if !response.is_success {
                    out.flush()?;
                    return Ok(ExitCode::FAILURE);
                }
                let text = |key: &str| response.json[key].as_str().map(str::to_owned);
                *conversation = text("conversation");
                let has_some = |list: &Value| list.as_array().is_some_and(|all| !all.is_empty());
                let also = response.json["also"].as_array();
                let has_choices = has_some(&response.json["suggestions"])
                    || also.is_some_and(|all| all.iter().any(|one| has_some(&one["suggestions"])));
                (text("outcome").unwrap_or_default(), has_choices)
            }
        };
        self.offered_for = has_choices.then(|| text.to_owned());
        out.flush()?;
        Ok(if outcome == Outcome::Escalated.name() {
            ExitCode::from(ESCALATED)
        } else {
            ExitCode::SUCCESS
        })
    }
}

/// Decodes a line of UTF-8 or else Shift_JIS, as files saved on Windows are; returns whether it was
/// the latter. Other bytes are replaced.
fn decode(line: &[u8]) -> (Cow<'_, str>, bool) {
    if let Ok(text) = std::str::from_utf8(line) {
        return (text.into(), false);
    }
    match SHIFT_JIS.decode_without_bom_handling_and_without_replacement(line) {
        Some(text) => (text, true),
        None => (String::from_utf8_lossy(line), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_windows_are_read() {
        assert_eq!(decode("会費".as_bytes()), ("会費".into(), false));
        let (bytes, ..) = SHIFT_JIS.encode("会費はいくら\r\n");
        assert_eq!(decode(&bytes), ("会費はいくら\r\n".into(), true));
        assert_eq!(decode(b"a\xff\xfeb"), ("a\u{FFFD}\u{FFFD}b".into(), false));
    }
}
