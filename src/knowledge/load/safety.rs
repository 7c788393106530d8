//! Reads `safety.toml`.

use std::collections::BTreeSet;

use super::entries::read_id;
use super::toml_reader::{Located, TableReader};
use super::variants::{read_texts, read_variants};
use crate::knowledge::language::localized;
use crate::knowledge::messages::placeholders;
use crate::knowledge::problem::did_you_mean;
use crate::knowledge::safety::HELP_LINES;
use crate::knowledge::{Danger, HelpLine, KnowledgeBase, Localized, Safety, TopicId, Variant};

/// Minimum length of a variant: a shorter one would be found in ordinary questions.
const MIN_VARIANT_CHARS: usize = 2;

/// Minimum number of digits of a telephone number: that of 110.
const MIN_TELEPHONE_DIGITS: usize = 3;

/// Reads the dangers and the help lines; a later file replaces an earlier one as a whole.
pub(super) fn read_safety(root: &mut TableReader<'_>, knowledge: &mut KnowledgeBase) {
    let lines = root.tables("help_line").into_iter();
    let mut safety = Safety {
        help_lines: lines.filter_map(read_help_line).collect(),
        ..Safety::default()
    };
    let dangers = root.tables("danger");
    if dangers.is_empty() {
        root.report_missing(
            "danger",
            localized!(
                ja: "`[[danger]]` を一つ以上書くか、元から入っている内容を使うならこのファイルを消してください",
                en: "write at least one `[[danger]]`, or delete the file to use the shipped one",
            ),
        );
    }
    for table in dangers {
        safety
            .dangers
            .extend(read_danger(table, &safety.help_lines));
    }
    knowledge.safety = safety;
}

fn read_help_line(mut table: TableReader<'_>) -> Option<HelpLine> {
    let id = read_id(&mut table, "help_line", TopicId::parse);
    let name = table.localized("name");
    let is_value = |text: &str| is_telephone(text) || is_web_address(text);
    let value = text_that(&mut table, "value", is_value, describe_value);
    let source = text_that(&mut table, "source", is_web_address, describe_source);
    table.require("checked", "checked = 2026-11-01");
    let checked = table.date("checked");
    let location = table.location.clone();
    table.finish();
    Some(HelpLine {
        id: id?,
        name: name?,
        value: value?,
        source: source?,
        checked: checked?,
        location,
    })
}

/// Reads a required text, and reports one that is not as expected.
fn text_that(
    table: &mut TableReader<'_>,
    key: &'static str,
    is_expected: impl Fn(&str) -> bool,
    describe: impl Fn(&str) -> (Localized, Localized),
) -> Option<String> {
    let Located { text, location, .. } = table.text(key)?;
    if !is_expected(&text) {
        let (mistake, hint) = describe(&text);
        table.report(location, mistake, hint);
    }
    Some(text)
}

/// Returns whether a text is a telephone number: half-width digits and signs between them.
fn is_telephone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_part = |c: char| c.is_ascii_digit() || "+-()#* ".contains(c);
    digits >= MIN_TELEPHONE_DIGITS && text.chars().all(is_part)
}

fn is_web_address(text: &str) -> bool {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| !host.is_empty()) && !text.contains(char::is_whitespace)
}

fn describe_value(text: &str) -> (Localized, Localized) {
    (
        localized!(
            ja: "`value` の `{text}` は電話番号でもウェブのアドレスでもありません",
            en: "`value` is `{text}`, expected a telephone number or a web address",
        ),
        localized!(
            ja: "\"0120-279-338\" のように半角の数字で書くか、https:// から書いてください。受付時間などは `name` に書きます",
            en: "write half-width digits such as \"0120-279-338\", or an address from https:// on; hours and remarks belong in `name`",
        ),
    )
}

fn describe_source(text: &str) -> (Localized, Localized) {
    (
        localized!(
            ja: "`source` の `{text}` はウェブのアドレスではありません",
            en: "`source` is `{text}`, expected a web address",
        ),
        localized!(
            ja: "番号が載っているページのアドレスを https:// から書いてください",
            en: "write the address of the page that states the number, from https:// on",
        ),
    )
}

fn read_danger(mut table: TableReader<'_>, known: &[HelpLine]) -> Option<Danger> {
    let id = read_id(&mut table, "danger", TopicId::parse);
    let variants = read_variants(&mut table);
    if variants.is_empty() {
        table.report_missing(
            "variants",
            localized!(
                ja: "実際に書かれそうな文を書いてください: `variants = [\"…\"]`",
                en: "write how people say it: `variants = [\"…\"]`",
            ),
        );
    }
    report_short(&table, &variants);
    let exceptions = read_texts(&mut table, "exceptions");
    let reply = table.localized("reply");
    if let Some(reply) = &reply {
        report_without_help_lines(&table, reply);
        report_placeholders(&table, reply);
        report_markup(&table, reply);
    }
    let written = table.texts("help_lines");
    if written.is_empty() {
        table.report_missing(
            "help_lines",
            localized!(
                ja: "案内する窓口の `id` を書いてください: `help_lines = [\"…\"]`",
                en: "write the ids of the help lines to name: `help_lines = [\"…\"]`",
            ),
        );
    }
    let help_lines = written.into_iter();
    let help_lines = help_lines.filter_map(|written| find_line(&table, written, known));
    let help_lines = help_lines.collect();
    let location = table.location.clone();
    table.finish();
    Some(Danger {
        id: id?,
        variants,
        exceptions,
        reply: reply?,
        help_lines,
        location,
    })
}

fn report_short(table: &TableReader<'_>, variants: &[Variant]) {
    for variant in variants {
        let is_short = |text: &&String| text.trim().chars().count() < MIN_VARIANT_CHARS;
        let Some(text) = variant.texts.iter().find(is_short) else {
            continue;
        };
        table.report(
            variant.location.clone(),
            localized!(
                ja: "`{text}` は短すぎて、ふつうの質問にも当てはまります",
                en: "`{text}` is so short that ordinary questions contain it",
            ),
            localized!(
                ja: "二文字以上の言い方にしてください",
                en: "write an expression of at least two characters",
            ),
        );
    }
}

fn report_without_help_lines(table: &TableReader<'_>, reply: &Localized) {
    if !reply.ja.contains(HELP_LINES) || !reply.en.contains(HELP_LINES) {
        table.report(
            table.location_of("reply"),
            localized!(
                ja: "`reply` に `{HELP_LINES}` がないため、窓口が表示されません",
                en: "`reply` has no `{HELP_LINES}`, so that no help line is shown",
            ),
            localized!(
                ja: "窓口の一覧を入れたい所に `{HELP_LINES}` と書いてください（ja と en の両方）",
                en: "write `{HELP_LINES}` where the list of help lines belongs, in ja and in en",
            ),
        );
    }
}

/// Reports placeholders other than that of the help lines, which would be shown as written.
fn report_placeholders(table: &TableReader<'_>, reply: &Localized) {
    let used: BTreeSet<&str> = [&reply.ja, &reply.en]
        .into_iter()
        .flat_map(|text| placeholders(text))
        .collect();
    let allowed = HELP_LINES.trim_matches(['{', '}']);
    for name in used.into_iter().filter(|name| *name != allowed) {
        table.report(
            table.location_of("reply"),
            localized!(
                ja: "`reply` では {{{name}}} を使えません",
                en: "`reply` uses the unknown placeholder {{{name}}}",
            ),
            localized!(
                ja: "消してください。この文で使えるのは `{HELP_LINES}` だけです",
                en: "remove it; the only placeholder of a reply is `{HELP_LINES}`",
            ),
        );
    }
}

/// Reports HTML and Markdown: the reply is plain text on every channel.
fn report_markup(table: &TableReader<'_>, reply: &Localized) {
    let marks = [
        "**", "__", "](", "```", "<br", "</", "<p>", "<b>", "<strong", "<a ",
    ];
    let has = |mark: &&&str| reply.ja.contains(**mark) || reply.en.contains(**mark);
    if let Some(mark) = marks.iter().find(has) {
        table.report(
            table.location_of("reply"),
            localized!(
                ja: "`reply` の `{mark}` は、そのままの文字で表示されます",
                en: "`reply` has the markup `{mark}`, which is shown as it is written",
            ),
            localized!(
                ja: "HTML や Markdown を使わずに書いてください。改行はそのまま表示されます",
                en: "write it without HTML and Markdown; line breaks are kept",
            ),
        );
    }
}

fn find_line(table: &TableReader<'_>, written: Located, known: &[HelpLine]) -> Option<TopicId> {
    let Located { text, location, .. } = written;
    let found = known.iter().find(|line| line.id.as_str() == text);
    if found.is_none() {
        let ids: Vec<&str> = known.iter().map(|line| line.id.as_str()).collect();
        table.report(
            location,
            localized!(
                ja: "`help_lines` にある `{text}` という help_line はありません",
                en: "`help_lines` names `{text}`, which is not a help_line",
            ),
            did_you_mean(&text, &ids),
        );
    }
    found.map(|line| line.id.clone())
}
