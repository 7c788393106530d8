//! Writes proposed variants as TOML for review: the form of an entry file, with the variants alone.

use std::fmt::Write;

use crate::evaluate::Proposal;
use crate::knowledge::{KnowledgeBase, Language, localized};

/// Writes the proposals; `origin` says in a comment where they come from.
pub(super) fn toml(
    knowledge: &KnowledgeBase,
    proposals: &[Proposal],
    origin: &str,
    language: Language,
) -> String {
    let heading = localized!(
        ja: "# 言い換えの候補（{origin}）。このファイルは読み込まれません。\n\
             # 会員が書きそうにない文は消し、残りを各項目の `variants` に足してから `madoguchi check` を実行してください。\n",
        en: "# Candidates for variants ({origin}). This file is not read.\n\
             # Delete what no member would write, add the rest to the `variants` of each entry, and run `madoguchi check`.\n",
    );
    let mut out = heading.get(language).to_owned();
    for proposal in proposals.iter().filter(|p| !p.variants.is_empty()) {
        let entry = &knowledge.entries[proposal.entry];
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            out,
            "\n# {}\n# {}",
            entry.location,
            comment(&entry.question)
        );
        let _ = writeln!(
            out,
            "[[entry]]\nid = {}\nvariants = [",
            quoted(entry.id.as_str())
        );
        for variant in &proposal.variants {
            let _ = writeln!(out, "  {},", quoted(variant));
        }
        let _ = writeln!(out, "]");
    }
    out
}

/// Writes a text as a TOML string; TOML has the escapes of JSON, and requires one for DEL.
pub(super) fn quoted(text: &str) -> String {
    let text = serde_json::Value::from(text).to_string();
    text.replace('\u{7f}', "\\u007f")
}

/// Keeps a text within a comment.
pub(super) fn comment(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}
