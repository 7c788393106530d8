//! The commands with their English help.

use clap::Subcommand;

use super::{
    ask, calibrate, draft_variants, evaluate, explain, export, forget, import, index, init, model,
    propose, replay, report, suggest_variants,
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Answer over HTTP until SIGTERM or Ctrl-C
    ///
    /// The JSON API is at /api/v1, its description at /openapi.json, a page to try it at /docs.
    /// A saved change in the knowledge folder is loaded at once if `madoguchi check` finds no
    /// error; SIGHUP reloads too. RUST_LOG=debug logs more.
    #[command(after_help = "\
Examples:
  madoguchi serve
  madoguchi serve --listen 0.0.0.0:8080 --allowed-origins https://www.example.jp
  curl -s localhost:8080/api/v1/ask -H 'content-type: application/json' -d '{\"question\":\"有料会員をやめたい\"}'")]
    Serve,

    /// Answer an assistant over standard input and output (Model Context Protocol)
    ///
    /// For the settings of an assistant or an editor, which starts this command. Reads the same
    /// knowledge and writes the same records as `serve`, which offers the same over HTTP at /mcp. Ends with
    /// the standard input.
    #[command(after_help = "\
Example, in the settings of an assistant:
  { \"mcpServers\": { \"faq\": { \"command\": \"madoguchi\", \"args\": [\"mcp\", \"--knowledge\", \"/srv/knowledge\"] } } }")]
    Mcp,

    /// Answer one question, or one per line
    ///
    /// Without a question, reads one per line and keeps the conversation: a number chooses one of
    /// the suggested questions, 「サービスなら？」 refers to the question before it.
    #[command(after_help = "\
Exit codes: 0 answered, suggested or small talk; 3 escalated; always 0 without a question.

Examples:
  madoguchi ask 有料会員をやめたい
  madoguchi ask --language en how do I cancel my membership
  madoguchi ask --json 会費はいくら | jq -r .entry.id
  madoguchi ask < questions.txt")]
    Ask(ask::Arguments),

    /// Report every mistake in the knowledge folder
    ///
    /// Prints file, line and fix of each mistake, then the number of variants of each entry. Searches
    /// for every question and variant, which must find its own entry. Knowledge with errors is not
    /// served; knowledge with warnings is.
    #[command(after_help = "\
Exit codes: 0 no problem or only warnings, 1 errors.

Examples:
  madoguchi check
  madoguchi check --knowledge /srv/knowledge")]
    Check,

    /// Make a knowledge folder for an organisation
    ///
    /// Asks for the names, the contact points and the hours on a terminal; without one, or with
    /// --organisation, takes them from the flags. Writes nothing into a folder that has files.
    #[command(after_help = "\
Examples:
  madoguchi init /srv/knowledge
  madoguchi init city --organisation あおば市 --desk city --telephone 03-0000-0000 --hours '平日 9:00-17:00'")]
    Init(init::Arguments),

    /// Read entries from a table, a web page or a document
    ///
    /// Reads CSV (UTF-8, Shift_JIS, UTF-16; comma, semicolon or tab), Excel (.xlsx), HTML pages,
    /// schema.org FAQPage, Markdown and JSON. The columns of a table are recognised by headings such as
    /// 質問 and 回答 (question and answer); otherwise name them with --map. Existing entries are found by
    /// their id, else by their question, and keep their id, their variants and the comments in the file.
    #[command(after_help = "\
Fields of --map: id, desk, category, question, title_en, answer, answer_markdown, variants, document,
section, related, contact, valid_from, valid_until, review_by.

Exit codes: 0 imported, 1 nothing was written (reason in the output), 2 invalid arguments.

Examples:
  madoguchi import faq.xlsx --into /srv/knowledge
  madoguchi import faq.csv --map question=B,answer=D --dry-run
  madoguchi import faq.html --base-url https://www.example.jp/faq/")]
    Import(import::Arguments),

    /// Write the entries as CSV, Excel, JSON, JSON-LD or Markdown
    ///
    /// CSV, Excel and JSON hold every part of every entry: importing them again changes nothing. JSON-LD
    /// and Markdown hold what readers see: id, category, question and answer of the entries that are
    /// valid today.
    #[command(after_help = "\
Examples:
  madoguchi export --output faq.xlsx
  madoguchi export --format json | jq -r '.entries[].question'")]
    Export(export::Arguments),

    /// Build the index unless it exists
    ///
    /// Every command builds a missing index. Use this command to build it earlier, for example into
    /// an image.
    #[command(after_help = "\
Examples:
  madoguchi index
  madoguchi index --index /var/lib/madoguchi/index --force")]
    Index(index::Arguments),

    /// Show every step from a question to its answer
    #[command(after_help = "\
Examples:
  madoguchi explain 会費はいくら
  madoguchi explain --json 会費はいくら | jq .subjects")]
    Explain(explain::Arguments),

    /// Measure on question sets: hit@1, helped, wrongly answered, latency
    ///
    /// A set is a TSV: text, expected, and optionally style; expected is an entry id, ESCALATE:<desk>,
    /// ESCALATE:any, OFFTOPIC, CHITCHAT, CHOICE:<entry>, CONTACT:<desk>, CONTACT:any, UNCLEAR or
    /// NOTHELPED, or several of them joined by `|`. The parts of a message with several requests are
    /// joined by `+`.
    #[command(after_help = "\
Examples:
  madoguchi evaluate tests/questions/selas.tsv tests/questions/jetro.tsv
  madoguchi evaluate --json questions.tsv > before.json
  madoguchi evaluate --compare before.json --failures questions.tsv")]
    Evaluate(evaluate::Arguments),

    /// Show entries that are easily mistaken for each other, and entries with few variants
    #[command(after_help = "\
Examples:
  madoguchi suggest-variants
  madoguchi suggest-variants --from 0.5 --limit 100
  madoguchi suggest-variants --propose > candidates.toml")]
    SuggestVariants(suggest_variants::Arguments),

    /// Have a chat server draft variants, and write those that lead to their entry for review
    ///
    /// Off unless MADOGUCHI_DRAFT_URL, _MODEL and _KEY name an OpenAI-compatible chat server. It gets
    /// entries, and nothing that members wrote. The knowledge is not changed.
    #[command(after_help = "Example:\n  madoguchi draft-variants --entry fee --output fee.toml")]
    DraftVariants(draft_variants::Arguments),

    /// Install, list or remove models of semantic search
    #[command(subcommand)]
    Model(model::Command),

    /// Fit ranking and thresholds to question sets
    #[command(after_help = "\
Examples:
  madoguchi calibrate tests/questions/selas.tsv tests/questions/jetro.tsv
  madoguchi calibrate --output knowledge/calibration.toml questions.tsv")]
    Calibrate(calibrate::Arguments),

    /// Report what members asked: volume, outcomes, entries, questions without an answer
    ///
    /// Reads the records (`--records`). What was asked is grouped by likeness. Names and numbers of members
    /// are masked in the records.
    #[command(after_help = "\
Examples:
  madoguchi report
  madoguchi report --since 2026-11-01 --desk selas
  madoguchi report --html report.html
  madoguchi report --csv > report.csv")]
    Report(report::Arguments),

    /// Ask recorded questions again, of the knowledge as it is now
    ///
    /// Shows what an edit changes for what members really asked: answers that are lost, lead elsewhere or
    /// are new. Name an edited copy with --knowledge.
    #[command(after_help = "\
Exit codes: 0 no answer is lost or leads elsewhere, 1 some are.

Examples:
  madoguchi replay --knowledge edited
  madoguchi replay --since 90d --json | jq '.changed[] | select(.change == \"lost\")'")]
    Replay(replay::Arguments),

    /// Propose variants and entries from the records, as TOML to review
    ///
    /// Variants are what members wrote before they chose an entry or found it helpful; entries are for what
    /// has none. Each was asked three times and in two conversations at least. `check` and a replay were
    /// run with the variants. The knowledge is not changed.
    #[command(after_help = "Example:\n  madoguchi propose --since 90d > proposals.toml")]
    Propose(propose::Arguments),

    /// Delete records that are older than a time, or that contain a text
    #[command(after_help = "\
Examples:
  madoguchi forget --before 90d
  madoguchi forget --text -          read the text from the standard input")]
    Forget(forget::Arguments),

    /// Show the settings in force and where each comes from, without secrets
    ///
    /// The output is a configuration file. Flags override variables (`MADOGUCHI_LISTEN`), variables the
    /// file (`listen = "…"`), the file the defaults.
    #[command(after_help = "\
Exit codes: 0 done, 1 a setting cannot be used.

Examples:
  madoguchi config
  madoguchi config --config /etc/madoguchi.toml")]
    Config,

    /// Print the licences of Madoguchi, of its dictionary and of all libraries in it
    Licenses,
}
