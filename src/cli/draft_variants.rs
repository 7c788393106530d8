//! `draft-variants`: asks a chat server for other ways to ask, and writes those that lead to their entry
//! into a file for review.
//!
//! The only place where a language model may be used. Off without `MADOGUCHI_DRAFT_URL`; the knowledge is
//! not changed.

use std::fs;
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use jiff::Timestamp;

use super::chat::Chat;
use super::evaluate::block_on;
use super::proposals;
use super::suggest_variants::neediest_of;
use crate::app;
use crate::evaluate::{choose, known_texts};
use crate::knowledge::{Entry, KnowledgeBase, Language, localized};
use crate::settings::{Draft, Settings};

/// Length limit of the answer in a request: the beginning of an answer says what it is about.
const MAX_ANSWER_CHARS: usize = 600;

/// Number of existing variants in a request, as examples of what exists.
const MAX_EXAMPLES: usize = 8;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Only this entry; may be repeated
    #[arg(long, value_name = "ID")]
    entry: Vec<String>,

    /// Maximum number of entries, those that need variants most first
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    limit: usize,

    /// Number of phrasings to ask for per entry
    #[arg(long, value_name = "COUNT", default_value_t = 12)]
    count: usize,

    /// File for the drafts; an existing file is not overwritten
    #[arg(long, value_name = "FILE", default_value = "drafts.toml")]
    output: PathBuf,
}

pub(super) fn run(
    settings: &Settings,
    arguments: &Arguments,
    language: Language,
) -> anyhow::Result<ExitCode> {
    let Some(draft) = Draft::from_sources(&settings.sources)? else {
        let off = localized!(
            ja: "draft-variants は使えません。OpenAI 互換のチャットサーバーのアドレスを MADOGUCHI_DRAFT_URL（例: `http://127.0.0.1:11434/v1`）に、モデルの名前を MADOGUCHI_DRAFT_MODEL に書いてください",
            en: "draft-variants is off; set MADOGUCHI_DRAFT_URL to the address of an OpenAI-compatible chat server, for example `http://127.0.0.1:11434/v1`, and MADOGUCHI_DRAFT_MODEL to the name of its model",
        );
        bail!("{}", off.get(language));
    };
    let output = arguments.output.display();
    if arguments.output.exists() {
        let exists = localized!(
            ja: "`{output}` はすでにあります。別の名前を --output で指定するか、消してください",
            en: "`{output}` exists; name another file with --output, or remove it",
        );
        bail!("{}", exists.get(language));
    }
    let model = draft.model.clone();
    let chat = Chat::new(draft)?;
    let assistant = app::open_assistant(settings)?;
    let knowledge = assistant.knowledge();
    let now = Timestamp::now();
    let entries = match &arguments.entry[..] {
        [] => {
            let needy = block_on(neediest_of(&assistant, now))?;
            let entries = needy.into_iter().map(|needy| needy.entry);
            entries.take(arguments.limit).collect()
        }
        ids => named(knowledge, ids, language)?,
    };
    let mut known = known_texts(knowledge);
    let mut all = Vec::new();
    let mut out = stdout().lock();
    for position in entries {
        let entry = &knowledge.entries[position];
        let subject = subject(entry);
        let text = block_on(chat.ask(&instructions(arguments.count), &subject))??;
        let proposal = choose(&assistant, position, lines(&text), &mut known, now);
        let proposal = block_on(proposal)?;
        let (id, kept) = (&entry.id, proposal.variants.len());
        let (elsewhere, unusable) = (proposal.elsewhere, proposal.unusable);
        let line = localized!(
            ja: "{id}: {kept} 件（別の項目になる {elsewhere} 件と、使えない {unusable} 件を除きました）",
            en: "{id}: {kept} kept, {elsewhere} lead elsewhere, {unusable} known or unusable",
        );
        writeln!(out, "{}", line.get(language))?;
        all.push(proposal);
    }
    let text = proposals::toml(knowledge, &all, &model, language);
    // Another process may have made the file meanwhile.
    let file = fs::File::create_new(&arguments.output);
    let mut file = file.with_context(|| format!("cannot write `{output}`"))?;
    file.write_all(text.as_bytes())
        .with_context(|| format!("cannot write `{output}`"))?;
    let done = localized!(
        ja: "`{output}` に書きました。確かめてから、項目の `variants` に足してください",
        en: "written to `{output}`; review them before you add them to the entries",
    );
    writeln!(out, "{}", done.get(language))?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn named(
    knowledge: &KnowledgeBase,
    ids: &[String],
    language: Language,
) -> anyhow::Result<Vec<usize>> {
    let find = |id: &String| {
        let unknown = localized!(
            ja: "`{id}` という項目はありません。`madoguchi check` が項目の id を一覧にします",
            en: "there is no entry `{id}`; `madoguchi check` lists the ids",
        );
        knowledge
            .position(id)
            .with_context(|| unknown.get(language).to_owned())
    };
    ids.iter().map(find).collect()
}

fn instructions(count: usize) -> String {
    format!(
        "あなたは FAQ の検索を助けます。FAQ の一項目を渡します。この項目が答えになる質問を、会員が問い合わせ欄に書きそうな言い方で {count} 通り書いてください。\n\
         ていねいな言い方、くだけた言い方、単語だけ、困っている状況の説明を混ぜます。答えに書かれていないことは尋ねません。すでにある言い方は繰り返しません。\n\
         一行に一つだけ書き、番号、記号、説明は書きません。"
    )
}

/// Describes an entry to the model.
fn subject(entry: &Entry) -> String {
    let answer: String = entry.answer.text.chars().take(MAX_ANSWER_CHARS).collect();
    let variants = entry.variants.iter().filter_map(|v| v.texts.first());
    let variants: Vec<&str> = variants.map(String::as_str).take(MAX_EXAMPLES).collect();
    let (category, question, variants) = (&entry.category, &entry.question, variants.join("\n"));
    format!("分類: {category}\n質問: {question}\n答え:\n{answer}\n\nすでにある言い方:\n{variants}")
}

/// Splits an answer of the model into phrasings: lines without list marks and quotation marks.
fn lines(text: &str) -> Vec<String> {
    // Some models write down their reasoning first.
    let text = text.rsplit_once("</think>").map_or(text, |(_, rest)| rest);
    let clean = |line: &str| {
        let line = line.trim();
        let marks = |c: char| matches!(c, '-' | '*' | '・' | '•' | '「' | '"' | '\'' | ' ' | '　');
        let numbered = line.trim_start_matches(|c: char| c.is_numeric());
        let line = match numbered.strip_prefix(['.', ')', '．', '）', '、']) {
            Some(rest) if numbered.len() < line.len() => rest,
            _ => line,
        };
        let line = line.trim_start_matches(marks);
        line.trim_end_matches(['」', '"', '\'', ',', ' ', '　'])
            .to_owned()
    };
    let lines = text.lines().map(clean);
    lines.filter(|line| line.chars().count() > 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_model_lose_their_marks() {
        let text = "<think>\nまず考える\n</think>\n1. 退会したい\n2) やめる方法\n- 「解約の手続き」\n\n・会員をやめる\n3か月で解約できる？\n";
        let expected = [
            "退会したい",
            "やめる方法",
            "解約の手続き",
            "会員をやめる",
            "3か月で解約できる？",
        ];
        assert_eq!(lines(text), expected);
    }
}
