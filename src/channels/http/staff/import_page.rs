//! The form to import a file, and what the file would change.

use maud::{Markup, html};

use super::member::Member;
use super::today::problem_list;
use super::upload::MAX_FILE_BYTES;
use crate::exchange::{Change, Field};
use crate::insights::number;
use crate::staff::Imported;

/// Number of changes of a kind that are shown before all are.
const MAX_SHOWN: usize = 20;

/// The changed fields of an entry that is added or gone.
const NO_FIELDS: &[Field] = &[];

/// Renders the form; the script sends the file.
pub(super) fn form(member: &Member, title: &str) -> Markup {
    let desks = &member.knowledge().desks;
    let megabytes = (MAX_FILE_BYTES >> 20).to_string();
    let limit = member.say(
        "CSV、Excel（.xlsx）、HTML、Markdown、JSON を読めます。{} MB まで。",
        "CSV, Excel (.xlsx), HTML, Markdown or JSON, up to {} MB.",
    );
    let failed = member.say(
        "送れませんでした。ファイルが変わったか、つながりが切れています。選び直してください。",
        "The file could not be sent: it has changed, or the connection is lost. Choose it again.",
    );
    let too_large = member.say(
        "ファイルが大きすぎます。{} MB までのファイルに分けてください。",
        "The file is too large. Split it into files of {} MB at most.",
    );
    let too_large = too_large.replace("{}", &megabytes);
    html! {
        h1 { (title) }
        p { (member.say(
            "ほかのソフトで作った質問と答えの表や文書を、下書きに取り込みます。取り込む前に、何が変わるかを見られます。",
            "Imports questions and answers from another program into your draft. You see what would change first.",
        )) }
        noscript { p.error { (member.say(
            "このページだけは、ブラウザーの JavaScript を使います。",
            "Only this page needs JavaScript.",
        )) } }
        form.fields.import action=(member.path("/staff/import")) data-csrf=(member.csrf) data-failed=(failed)
            data-max-bytes=(MAX_FILE_BYTES) data-too-large=(too_large) {
            label for="file" { (member.say("ファイル", "File")) }
            p.note #file-note { (limit.replace("{}", &megabytes)) }
            input #file type="file" required aria-describedby="file-note"
                accept=".csv,.tsv,.txt,.xlsx,.html,.htm,.md,.markdown,.json,.jsonl,.jsonld";
            label for="desk" { (member.say("窓口の書かれていない項目を入れる窓口", "Desk of entries that name none")) }
            select #desk name="desk" {
                @if desks.len() > 1 {
                    option value="" { (member.say("ファイルに書かれている", "named in the file")) }
                }
                @for desk in desks { option value=(desk.id) { (desk.name.get(member.language)) } }
            }
            label {
                input type="checkbox" name="prune" value="1";
                (member.say(
                    "前に取り込んだ項目のうち、このファイルにもうないものを消す",
                    "Remove entries that were imported before and are no longer in this file",
                ))
            }
            details {
                summary { (member.say("見出しで見分けられないとき", "If the headings are not understood")) }
                div.fields {
                    (field(member, "question", "質問の列（A のような文字か見出し）", "Column of questions, a letter or a heading"))
                    (field(member, "answer", "答えの列", "Column of answers"))
                    (field(member, "category", "分類の書かれていない項目の分類", "Category of entries without one"))
                    (field(member, "document", "出典の文書", "Title of the source document"))
                }
            }
            // Without the script, the form would send nothing.
            button type="submit" disabled { (member.say("何が変わるか見る", "Show what would change")) }
        }
        section.import-result tabindex="-1" aria-live="polite" {}
        p { a href=(member.path("/staff/export")) { (member.say(
            "今の項目を書き出す（Excel で直して、また取り込めます）",
            "Export the entries, to edit them in Excel and import them again",
        )) } }
    }
}

fn field(member: &Member, name: &str, ja: &'static str, en: &'static str) -> Markup {
    html! {
        label for=(name) { (member.say(ja, en)) }
        input id=(name) type="text" name=(name) maxlength="100" autocomplete="off";
    }
}

/// Renders what a file would change, with the button to take it into the draft.
pub(super) fn preview(member: &Member, imported: &Imported, prune: bool) -> Markup {
    let Imported {
        source,
        plan,
        errors,
        ..
    } = imported;
    let problems: Vec<_> = source
        .problems
        .iter()
        .chain(&plan.problems)
        .cloned()
        .collect();
    let removes = prune && plan.may_delete();
    let gone = match removes {
        true => member.say("消す項目", "Removed"),
        false => member.say(
            "ファイルにない項目（そのまま残します）",
            "Not in the file (kept)",
        ),
    };
    html! {
        h2 { (member.say("このファイルで変わること", "What this file would change")) }
        p { (read_of(member, imported)) }
        @if plan.without_desk > 0 {
            p.error role="alert" { (member.say(
                "窓口のわからない項目があります。上で窓口を選んで、もう一度見てください。",
                "Some entries name no desk. Choose one above, and look again.",
            )) }
        }
        @if prune && !removes {
            p.error { (member.say(
                "使えなかった行があるため、項目は消しません。下の注意のとおりに直すと、消せるようになります。",
                "No entry is removed, since some rows could not be used. Correct them as shown below.",
            )) }
        }
        (list(member, member.say("新しい項目", "Added"), imported, |change| match change {
            Change::Added(entry) => Some((entry.id.as_str(), entry.question.as_str(), NO_FIELDS)),
            _ => None,
        }))
        (list(member, member.say("変わる項目", "Changed"), imported, |change| match change {
            Change::Changed { entry, fields } => Some((entry.id.as_str(), entry.question.as_str(), fields.as_slice())),
            _ => None,
        }))
        (list(member, gone, imported, |change| match change {
            Change::Gone(entry) => Some((entry.id.as_str(), entry.question.as_str(), NO_FIELDS)),
            _ => None,
        }))
        p { (member.say("変わらない項目：", "Unchanged: ")) (number(plan.unchanged)) }
        @if !problems.is_empty() {
            h3 { (member.say("注意", "Notes")) }
            (problem_list(member, &problems))
        }
        @if !errors.is_empty() {
            p.error role="alert" { (member.say(
                "取り込むと次の誤りになるため、取り込めません。ファイルを直してください。",
                "It cannot be imported, since the content would have these errors. Correct the file.",
            )) }
            (problem_list(member, errors))
        }
        @if imported.is_fit() {
            button type="button" data-then="take" { (member.say("下書きに入れる", "Put into the draft")) }
        } @else if errors.is_empty() && !imported.has_changes && !source.records.is_empty() && plan.without_desk == 0 {
            p.done { (member.say("変わるところはありません。", "Nothing would change.")) }
        }
    }
}

/// Says what was read.
fn read_of(member: &Member, imported: &Imported) -> String {
    let source = &imported.source;
    let count = number(source.records.len());
    match source.encoding {
        Some(encoding) => {
            let text = member.say(
                "{count} 件を読みました（文字コード {encoding}）。",
                "{count} entries were read (encoding {encoding}).",
            );
            text.replace("{encoding}", encoding)
                .replace("{count}", &count)
        }
        None => {
            let text = member.say("{count} 件を読みました。", "{count} entries were read.");
            text.replace("{count}", &count)
        }
    }
}

/// The id, the question and the changed fields of a change.
type Row<'a> = (&'a str, &'a str, &'a [Field]);

fn list(
    member: &Member,
    title: &str,
    imported: &Imported,
    row: impl for<'a> Fn(&'a Change) -> Option<Row<'a>>,
) -> Markup {
    let changes = imported.plan.changes.iter();
    let rows: Vec<Row<'_>> = changes.filter_map(|(_, change)| row(change)).collect();
    let (first, rest) = rows.split_at(rows.len().min(MAX_SHOWN));
    let items = |rows: &[Row<'_>]| {
        html! {
            ul {
                @for (id, question, fields) in rows {
                    li {
                        span lang="ja" { (question) } " " span.note { (id) }
                        @if !fields.is_empty() { br; span.note { (names(member, fields)) } }
                    }
                }
            }
        }
    };
    html! {
        h3 { (title) (member.say("：", ": ")) (number(rows.len())) }
        @if !first.is_empty() { (items(first)) }
        @if !rest.is_empty() {
            details {
                summary { (member.say("ほかも見る：", "and more: ")) (number(rest.len())) }
                (items(rest))
            }
        }
    }
}

/// Lists the names of fields.
fn names(member: &Member, fields: &[Field]) -> String {
    let names = fields.iter().map(|field| match field {
        Field::Id => member.say("ID", "id"),
        Field::Desk => member.say("窓口", "desk"),
        Field::Category => member.say("分類", "category"),
        Field::Question => member.say("質問", "question"),
        Field::EnglishTitle => member.say("英語の題", "English title"),
        Field::Variants => member.say("言い換え", "variants"),
        Field::Answer | Field::AnswerMarkdown => member.say("答え", "answer"),
        Field::Document => member.say("出典の文書", "source document"),
        Field::Section => member.say("出典の章", "section"),
        Field::Related => member.say("あわせて読む項目", "related entries"),
        Field::Contact => member.say("連絡先", "contact point"),
        Field::ValidFrom => member.say("この日から有効", "valid from"),
        Field::ValidUntil => member.say("この日まで有効", "valid until"),
        Field::ReviewBy => member.say("この日までに見直す", "review by"),
    });
    names.collect::<Vec<_>>().join(member.say("、", ", "))
}
