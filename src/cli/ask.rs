//! `ask`: one question, or one a line with the conversation kept -> answers for people or as the
//! API's JSON.

use std::io::{BufRead, IsTerminal, Write, stdin, stdout};
use std::process::ExitCode;

use jiff::Timestamp;
use serde_json::json;

use super::api::Api;
use super::reply::write_reply;
use super::{ESCALATED, find_desk};
use crate::answer::{Assistant, Conversation, Outcome, Question, render};
use crate::app;
use crate::knowledge::{DeskId, Language, Sentence};
use crate::settings::Settings;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// What to ask; without it, one question a line is read from standard input
    question: Vec<String>,

    /// The desk that the question is for, such as selas
    #[arg(long, value_name = "ID")]
    desk: Option<String>,

    /// Print what POST /api/v1/ask would return, one object a line
    #[arg(long)]
    json: bool,
}

/// Questions that follow each other.
struct Prompt {
    mode: Mode,
    desk: Option<DeskId>,
    language: Language,
}

/// Who answers, and what was said so far.
enum Mode {
    /// For people.
    Text(Box<Assistant>, Conversation),
    /// For programs; the conversation is the API's token.
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
    };
    let mut out = stdout().lock();
    if arguments.question.is_empty() {
        prompt.run(&welcome, &mut out)?;
        return Ok(ExitCode::SUCCESS);
    }
    prompt.ask(&arguments.question.join(" "), &mut out)
}

impl Prompt {
    /// Answers a question a line until the input ends.
    fn run(&mut self, welcome: &str, out: &mut impl Write) -> anyhow::Result<()> {
        let is_text = matches!(self.mode, Mode::Text(..));
        let is_person = is_text && stdin().is_terminal() && stdout().is_terminal();
        if is_person {
            writeln!(out, "{welcome}")?;
        }
        let mut input = stdin().lock();
        let mut line = Vec::new();
        loop {
            if is_person {
                write!(out, "\n> ")?;
                out.flush()?;
            }
            line.clear();
            // Bytes, since what is not UTF-8 is no reason to stop.
            if input.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            let question = String::from_utf8_lossy(&line);
            let question = question.trim();
            if question.is_empty() {
                continue;
            }
            // Where nobody typed it, nobody sees it.
            if is_text && !is_person {
                writeln!(out, "> {question}")?;
            }
            self.ask(question, out)?;
            if is_text && !is_person {
                writeln!(out)?;
            }
        }
        if is_person {
            writeln!(out)?;
        }
        Ok(out.flush()?)
    }

    fn ask(&mut self, text: &str, out: &mut impl Write) -> anyhow::Result<ExitCode> {
        let outcome = match &mut self.mode {
            Mode::Text(assistant, conversation) => {
                let question = Question {
                    text,
                    desk: self.desk.as_ref(),
                    language: self.language,
                };
                let now = Timestamp::now();
                let answer = assistant.answer_now(&question, conversation.clone(), now);
                let knowledge = assistant.knowledge();
                let reply = render(&answer, knowledge, self.language, assistant.today(now));
                write_reply(&answer, reply, knowledge, out)?;
                *conversation = answer.conversation;
                answer.outcome.name().to_owned()
            }
            Mode::Json(api, conversation) => {
                let said = api.post(
                    "/api/v1/ask",
                    &json!({
                        "question": text,
                        "conversation": conversation,
                        "desk": self.desk.as_ref().map(DeskId::as_str),
                        "language": self.language.tag(),
                    }),
                )?;
                writeln!(out, "{}", said.body)?;
                if !said.is_success {
                    out.flush()?;
                    return Ok(ExitCode::FAILURE);
                }
                let text = |key: &str| said.json[key].as_str().map(str::to_owned);
                *conversation = text("conversation");
                text("outcome").unwrap_or_default()
            }
        };
        out.flush()?;
        Ok(if outcome == Outcome::Escalated.name() {
            ExitCode::from(ESCALATED)
        } else {
            ExitCode::SUCCESS
        })
    }
}
