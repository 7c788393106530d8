//! Changes keys and lists of tables of a TOML file in place; comments, order and other keys are kept.
//!
//! Input: the text of a file, and the settings to change. Output: the new text. Invariant: a table that is
//! removed or moved takes the comment above it along; a comment that an empty line separates from the
//! table stays in the file.

use std::path::Path;

use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, TableLike, Value};

use super::edit::{EditError, list, parse, parse_document, rewritten, set, set_variants, text};
use super::table_order::{Orphan, keep_comments, place};
use super::text_array;
use crate::knowledge::{Localized, localized};

/// A value to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// A text.
    Text(String),
    /// A text in both languages.
    Both(Localized),
    /// A list of texts on one line.
    Texts(Vec<String>),
    /// A list of variants, one a line.
    Variants(Vec<String>),
    /// Yes or no.
    Flag(bool),
}

/// Keys with their new values; `None` removes a key.
pub type Keys = Vec<(&'static str, Option<Given>)>;

/// The key and the value that identify a table of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(pub &'static str, pub Given);

/// A table of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The table that it is made from; `None` for a new one.
    pub of: Option<Mark>,
    /// The keys to change.
    pub keys: Keys,
}

/// A list of tables, `[[key]]` or `[[table.key]]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List(pub Option<&'static str>, pub &'static str);

/// A change of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// Sets keys of the root, or of a table, which is made if it is missing.
    Keys(Option<&'static str>, Keys),
    /// Makes a list hold exactly these tables, in this order.
    Rows(List, Vec<Row>),
    /// Changes a table of a list, or adds one at the end.
    Row(List, Row),
    /// Removes a table of a list.
    WithoutRow(List, Mark),
    /// Removes a table.
    WithoutTable(&'static str),
}

/// Applies settings to the text of a file; the path is for errors.
///
/// # Errors
/// [`EditError`] if the text is no TOML, or is written in a form that cannot be changed in place.
pub fn apply_settings(
    path: &Path,
    before: &str,
    settings: &[Setting],
) -> Result<String, EditError> {
    rewritten(before, |text| {
        let mut document = parse_document(path, &text)?;
        for setting in settings {
            apply(&mut document, setting).ok_or_else(|| unusual(path))?;
        }
        keep_comments(&mut document);
        Ok(document.to_string())
    })
}

fn unusual(path: &Path) -> EditError {
    let path = path.display();
    EditError::Form(localized!(
        ja: "`{path}` の書き方が特別なため、変更できません。何も書いていません",
        en: "`{path}` is written in an unusual form and cannot be changed; nothing was written",
    ))
}

/// Applies a setting; `None` if the document has another form.
fn apply(document: &mut DocumentMut, setting: &Setting) -> Option<()> {
    let comments = match document.is_empty() {
        true => document.trailing().as_str().unwrap_or_default().trim_end(),
        false => "",
    };
    let comments = comments.to_owned();
    let orphans = match setting {
        Setting::Keys(name, keys) => {
            let table = table(document, *name)?;
            let comments = set_keys(table, keys)?;
            vec![Orphan::of_key(table, comments)]
        }
        Setting::Rows(List(name, key), rows) => set_rows(table(document, *name)?, key, rows)?,
        Setting::Row(List(name, key), row) => set_row(table(document, *name)?, key, row)?,
        Setting::WithoutRow(List(name, key), mark) => {
            let table = table(document, *name)?;
            let rows = rows_of(table, key)?;
            let index = rows.iter().position(|row| is_marked(row, mark))?;
            let kept = (0..rows.len()).filter(|kept| *kept != index);
            let kept = kept.map(|index| (Some(index), Vec::new())).collect();
            rebuild(table, key, kept)?
        }
        Setting::WithoutTable(name) => {
            let removed = document.as_table_mut().remove(name);
            let removed = removed.as_ref().and_then(Item::as_table);
            removed.map(Orphan::above).into_iter().collect()
        }
    };
    place(document, orphans);
    if !comments.is_empty() {
        keep_heading(document, &comments);
    }
    Some(())
}

/// Keeps the comments of a file without keys above its first key.
fn keep_heading(document: &mut DocumentMut, comments: &str) {
    let root = document.as_table_mut();
    let values = root.iter().filter(|(_, item)| item.is_value());
    let first = values.map(|(key, _)| key.to_owned()).next();
    if let Some(mut key) = first.and_then(|key| root.key_mut(&key)) {
        key.leaf_decor_mut().set_prefix(format!("{comments}\n\n"));
        document.set_trailing("");
    }
}

fn table<'a>(document: &'a mut DocumentMut, name: Option<&str>) -> Option<&'a mut Table> {
    let root = document.as_table_mut();
    match name {
        None => Some(root),
        Some(name) => {
            let item = root.entry(name);
            item.or_insert_with(|| Item::Table(Table::new()))
                .as_table_mut()
        }
    }
}

/// Sets keys; returns the comments that have no place in the table any more.
fn set_keys(table: &mut Table, keys: &Keys) -> Option<String> {
    let mut orphans = String::new();
    for (key, value) in keys {
        match value {
            None => orphans.push_str(&remove_key(table, key)),
            Some(value) => set_key(table, key, value)?,
        }
    }
    Some(orphans)
}

fn set_key(table: &mut Table, key: &str, given: &Given) -> Option<()> {
    match given {
        // A text that stays keeps its form, such as `'…'`.
        Given::Text(new) if table.get(key).and_then(Item::as_str) == Some(new) => {}
        Given::Text(new) => set(table, key, Some(text(new))),
        Given::Flag(new) => set(table, key, Some(Value::from(*new))),
        Given::Variants(new) => set_variants(table, new),
        Given::Texts(new) => {
            let old = table.get_mut(key).and_then(Item::as_array_mut);
            let is_updated = old.is_some_and(|old| text_array::update(old, new, text));
            let is_missing = new.is_empty() && !table.contains_key(key);
            if !is_updated && !is_missing {
                set(table, key, Some(list(new)));
            }
        }
        Given::Both(new) => match table.get_mut(key) {
            Some(item) if item.is_table_like() => set_both(item.as_table_like_mut()?, new),
            _ => {
                let (ja, en) = (text(&new.ja), text(&new.en));
                set(
                    table,
                    key,
                    Some(parse(&format!("{{ ja = {ja}, en = {en} }}"))),
                );
            }
        },
    }
    Some(())
}

fn set_both(both: &mut dyn TableLike, new: &Localized) {
    for (language, new) in [("ja", &new.ja), ("en", &new.en)] {
        let mut value = text(new);
        match both.get_mut(language) {
            Some(Item::Value(old)) if old.as_str() == Some(new) => {}
            Some(Item::Value(old)) => {
                *value.decor_mut() = old.decor().clone();
                *old = value;
            }
            _ => {
                both.insert(language, Item::Value(value));
            }
        }
    }
}

/// Removes a key. The comments above it stay above the next key with a value; without one, they are returned.
fn remove_key(table: &mut Table, key: &str) -> String {
    let comment = table.key(key).map(|key| key.leaf_decor().clone());
    let comment = comment.and_then(|decor| Some(decor.prefix()?.as_str()?.to_owned()));
    let comment = comment
        .filter(|comment| comment.contains('#'))
        .unwrap_or_default();
    let mut following = table.iter().skip_while(|(name, _)| *name != key).skip(1);
    // The comments of the key of a list would be written above each of its tables.
    let next = following.find(|(_, item)| item.is_value());
    let next = next.map(|(name, _)| name.to_owned());
    drop(following);
    table.remove(key);
    let Some(mut next) = next.as_deref().and_then(|next| table.key_mut(next)) else {
        return comment;
    };
    let decor = next.leaf_decor_mut();
    let after = decor.prefix().and_then(|prefix| prefix.as_str());
    let after = after.unwrap_or_default().to_owned();
    decor.set_prefix(format!("{comment}{after}"));
    String::new()
}

fn rows_of<'a>(table: &'a mut Table, key: &str) -> Option<&'a mut ArrayOfTables> {
    let item = table.entry(key);
    item.or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()))
        .as_array_of_tables_mut()
}

fn is_marked(row: &Table, Mark(key, value): &Mark) -> bool {
    let item = row.get(key);
    match value {
        Given::Text(text) => item.and_then(Item::as_str) == Some(text),
        Given::Texts(texts) | Given::Variants(texts) => {
            let list = item.and_then(Item::as_array);
            list.is_some_and(|list| {
                let own = list.iter().map(Value::as_str);
                own.eq(texts.iter().map(|text| Some(text.as_str())))
            })
        }
        Given::Flag(flag) => item.and_then(Item::as_bool) == Some(*flag),
        Given::Both(_) => false,
    }
}

fn set_row(table: &mut Table, key: &str, row: &Row) -> Option<Vec<Orphan>> {
    let rows = rows_of(table, key)?;
    match &row.of {
        Some(mark) => {
            let found = rows.iter_mut().find(|old| is_marked(old, mark))?;
            let comments = set_keys(found, &row.keys)?;
            Some(vec![Orphan::of_key(found, comments)])
        }
        None => {
            let mut new = Table::new();
            set_keys(&mut new, &row.keys)?;
            rows.push(new);
            Some(Vec::new())
        }
    }
}

fn set_rows(table: &mut Table, key: &str, rows: &[Row]) -> Option<Vec<Orphan>> {
    let old = rows_of(table, key)?;
    let wanted = rows.iter().map(|row| match &row.of {
        None => Some((None, row.keys.clone())),
        Some(mark) => {
            let index = old.iter().position(|old| is_marked(old, mark))?;
            Some((Some(index), row.keys.clone()))
        }
    });
    let wanted = wanted.collect::<Option<Vec<_>>>()?;
    rebuild(table, key, wanted)
}

/// Makes a list of old tables, by their indices, and of new ones; returns the comments without a place.
fn rebuild(
    table: &mut Table,
    key: &str,
    wanted: Vec<(Option<usize>, Keys)>,
) -> Option<Vec<Orphan>> {
    let rows = rows_of(table, key)?;
    let old: Vec<Table> = rows.iter().cloned().collect();
    let kept: Vec<usize> = wanted.iter().filter_map(|(index, _)| *index).collect();
    let is_same = kept.iter().copied().eq(0..old.len());
    let has_tables = |row: &Table| {
        row.iter()
            .any(|(_, item)| item.is_table() || item.is_array_of_tables())
    };
    // The document writes all tables by their positions: inner ones would follow another table.
    if !is_same && old.iter().any(has_tables) {
        return None;
    }
    let removed = old.iter().enumerate();
    let removed = removed.filter(|(index, _)| !kept.contains(index));
    let mut orphans: Vec<Orphan> = removed.map(|(_, row)| Orphan::above(row)).collect();
    // Those of removed tables are left free: tables of other kinds may stand between them.
    let positions = kept.iter().filter_map(|index| old.get(*index)?.position());
    let mut positions: Vec<isize> = positions.collect();
    positions.sort_unstable();
    let mut positions = positions.into_iter();
    rows.clear();
    for (index, keys) in &wanted {
        let mut row = match index {
            Some(index) => {
                let mut row = old.get(*index)?.clone();
                row.set_position(positions.next());
                row
            }
            None => Table::new(),
        };
        let comments = set_keys(&mut row, keys)?;
        orphans.push(Orphan::of_key(&row, comments));
        rows.push(row);
    }
    if wanted.is_empty() {
        table.remove(key);
    }
    Some(orphans)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESK: &str = "# 図書館\nid = \"library\"\n# 名前\nname = { ja = \"図書館\", en = \"Library\" } # 変えない\n\n# ふたつの連絡先\n\n# 代表\n[[contact_point]]\nid = \"a\"\nkind = \"telephone\" # 平日\nvalue = \"1\"\n\n[[contact_point]]\nid = \"b\"\nkind = \"email\"\nvalue = \"b@a.example\"\n\n# 受付\n[hours]\nmonday = [\"09:00-12:00\"] # 朝\n";

    fn applied(before: &str, settings: &[Setting]) -> Option<String> {
        apply_settings(Path::new("a.toml"), before, settings).ok()
    }

    fn both(ja: &str, en: &str) -> Given {
        Given::Both(Localized {
            ja: ja.to_owned(),
            en: en.to_owned(),
        })
    }

    fn row(id: Option<&str>, keys: Keys) -> Row {
        let of = id.map(|id| Mark("id", Given::Text(id.to_owned())));
        Row { of, keys }
    }

    const POINTS: List = List(None, "contact_point");

    #[test]
    fn keys_are_changed_and_the_rest_is_kept() {
        let monday = vec!["09:00-12:00".to_owned(), "13:00-17:00".to_owned()];
        let settings = [
            Setting::Keys(None, vec![("name", Some(both("図書館", "The library")))]),
            Setting::Keys(Some("hours"), vec![("monday", Some(Given::Texts(monday)))]),
        ];
        let expected = DESK
            .replace("\"Library\" }", "\"The library\" }")
            .replace("\"09:00-12:00\"]", "\"09:00-12:00\", \"13:00-17:00\"]");
        assert_eq!(applied(DESK, &settings), Some(expected));
        let none = [Setting::WithoutTable("hours")];
        let without = applied(DESK, &none).expect("a text");
        assert!(!without.contains("hours") && without.contains("b@a.example"));
        let flag = vec![("closed_on_holidays", Some(Given::Flag(true)))];
        let new = applied(&without, &[Setting::Keys(Some("hours"), flag)]);
        let new = new.expect("a text");
        assert!(new.ends_with("value = \"b@a.example\"\n\n[hours]\nclosed_on_holidays = true\n"));
        let inline = applied(
            "hours = { monday = [] }\n",
            &[Setting::Keys(Some("hours"), Vec::new())],
        );
        assert_eq!(inline, None, "a form that is left to the operator");
    }

    #[test]
    fn a_removed_key_leaves_the_comment_above_it() {
        let text = "# 一\na = \"1\"\nb = \"2\"\n# 三\nc = \"3\"\n";
        let without = |key| applied(text, &[Setting::Keys(None, vec![(key, None)])]);
        let expected = "# 一\nb = \"2\"\n# 三\nc = \"3\"\n";
        assert_eq!(without("a").as_deref(), Some(expected));
        let expected = "# 一\na = \"1\"\nb = \"2\"\n# 三\n";
        assert_eq!(without("c").as_deref(), Some(expected));
        assert_eq!(without("d").as_deref(), Some(text));
    }

    #[test]
    fn tables_are_added_moved_and_removed_with_their_comments() {
        let value = |text: &str| Some(Given::Text(text.to_owned()));
        let new = vec![("id", value("c")), ("value", value("3"))];
        let rows = vec![
            row(Some("b"), Vec::new()),
            row(None, new),
            row(Some("a"), vec![("value", value("2"))]),
        ];
        let moved = applied(DESK, &[Setting::Rows(POINTS, rows)]).expect("a text");
        let order: Vec<usize> = ["\"b\"", "\"c\"", "# 代表", "\"a\"", "\"2\"", "[hours]"]
            .iter()
            .map(|part| moved.find(part).expect("a part"))
            .collect();
        assert!(order.is_sorted(), "{moved}");
        assert!(moved.contains("kind = \"telephone\" # 平日\nvalue = \"2\"\n"));
        let settings = [Setting::WithoutRow(
            POINTS,
            Mark("id", Given::Text("a".to_owned())),
        )];
        let removed = applied(DESK, &settings).expect("a text");
        assert!(removed.contains("# ふたつの連絡先\n\n[[contact_point]]\nid = \"b\""));
        assert!(!removed.contains("# 代表"), "{removed}");
        let last = [Setting::Rows(POINTS, Vec::new())];
        let none = applied("[[contact_point]]\nid = \"a\"\n", &last).expect("a text");
        assert_eq!(none, "");
        let missing = row(Some("d"), Vec::new());
        assert_eq!(applied(DESK, &[Setting::Row(POINTS, missing)]), None);
        let nested = "[[contact_point]]\nid = \"a\"\n[contact_point.label]\nja = \"x\"\n[[contact_point]]\nid = \"b\"\n";
        assert_eq!(applied(nested, &settings), None, "inner tables");
    }

    /// A file in which tables of two kinds alternate.
    const ALTERNATING: &str = "# 見出し\n\n# 一\n[[entry]]\nid = \"a\"\n\n[[referral]]\nid = \"r\"\n\n# 二\n[[entry]]\nid = \"b\"\n\n# 案内\n\n[[referral]]\nid = \"s\"\n\n[[entry]]\nid = \"c\"\n# おわり\n";

    #[test]
    fn a_removed_table_leaves_all_other_lines_as_they_are() {
        for (key, id, gone) in [
            ("entry", "a", "# 一\n[[entry]]\nid = \"a\"\n\n"),
            ("entry", "b", "\n# 二\n[[entry]]\nid = \"b\"\n"),
            ("entry", "c", "\n[[entry]]\nid = \"c\"\n"),
            ("referral", "r", "\n[[referral]]\nid = \"r\"\n"),
            ("referral", "s", "\n[[referral]]\nid = \"s\"\n"),
        ] {
            let mark = Mark("id", Given::Text(id.to_owned()));
            let removed = applied(ALTERNATING, &[Setting::WithoutRow(List(None, key), mark)]);
            let expected = ALTERNATING.replacen(gone, "", 1);
            assert_eq!(removed.as_deref(), Some(&*expected), "{id}");
        }
        let both = [row(Some("a"), Vec::new()), row(Some("c"), Vec::new())];
        let kept = [Setting::Rows(List(None, "entry"), both.to_vec())];
        let expected = ALTERNATING.replace("\n# 二\n[[entry]]\nid = \"b\"\n", "");
        assert_eq!(applied(ALTERNATING, &kept), Some(expected));
        let hours = "a = \"1\"\n\n# 窓口\n\n# 受付\n[hours]\nb = \"2\"\n\n[[point]]\nid = \"a\"\n";
        let without = applied(hours, &[Setting::WithoutTable("hours")]);
        let expected = hours.replace("\n# 受付\n[hours]\nb = \"2\"\n", "");
        assert_eq!(without, Some(expected));
    }

    #[test]
    fn comments_stay_in_the_table_whose_end_they_are() {
        const PRIVACY: &str = "# privacy = \"https://www.example.jp/\"";
        let link = |url: &str| {
            let keys = vec![("url", Some(Given::Text(url.to_owned())))];
            Setting::Row(List(Some("brand"), "link"), Row { of: None, keys })
        };
        let key = |key, value: Option<&str>| {
            let value = value.map(|value| Given::Text(value.to_owned()));
            Setting::Keys(Some("brand"), vec![(key, value)])
        };
        let none = Setting::Rows(List(Some("brand"), "link"), Vec::new());
        for (before, setting, expected) in [
            (
                "[brand]\naccent = \"a\"\nP\n",
                link("b"),
                "[brand]\naccent = \"a\"\nP\n\n[[brand.link]]\nurl = \"b\"\n",
            ),
            (
                "[brand]\naccent = \"a\"\nP\n\n# 次\n[other]\n",
                link("b"),
                "[brand]\naccent = \"a\"\nP\n\n[[brand.link]]\nurl = \"b\"\n\n# 次\n[other]\n",
            ),
            (
                "[brand]\nP\n",
                key("privacy", Some("b")),
                "[brand]\nprivacy = \"b\"\nP\n",
            ),
            (
                "[brand]\naccent = \"a\"\nP\n[[brand.link]]\nurl = \"b\"\n",
                none,
                "[brand]\naccent = \"a\"\nP\n",
            ),
            (
                "[brand]\n# 方針\nprivacy = \"a\"\n\n[[brand.link]]\nurl = \"b\"\n",
                key("privacy", None),
                "[brand]\n# 方針\n\n[[brand.link]]\nurl = \"b\"\n",
            ),
            (
                "[brand]\n# 方針\nprivacy = \"a\"\n\n[[brand.link]]\nurl = \"b\"\n\n[[brand.link]]\nurl = \"c\"\n",
                key("privacy", None),
                "[brand]\n# 方針\n\n[[brand.link]]\nurl = \"b\"\n\n[[brand.link]]\nurl = \"c\"\n",
            ),
            // A file with nothing but comments.
            (
                "# 見た目\n# [brand]\nP\n",
                key("accent", Some("a")),
                "# 見た目\n# [brand]\nP\n\n[brand]\naccent = \"a\"\n",
            ),
            (
                "# 文\nP\n",
                Setting::Keys(None, vec![("a", Some(Given::Flag(true)))]),
                "# 文\nP\n\na = true\n",
            ),
        ] {
            let (before, expected) = (before.replace('P', PRIVACY), expected.replace('P', PRIVACY));
            assert_eq!(applied(&before, &[setting]), Some(expected), "{before}");
        }
        // Several settings move the comments of a table once.
        let before = "[brand]\naccent = \"a\"\n# 例\n\nP\n# 次\n\n[other]\nx = \"1\"\n";
        let links = "[[brand.link]]\nurl = \"b\"\n\n[[brand.link]]\nurl = \"c\"\n";
        let expected = before.replace("# 次\n", &format!("\n{links}# 次\n"));
        let (before, expected) = (before.replace('P', PRIVACY), expected.replace('P', PRIVACY));
        assert_eq!(applied(&before, &[link("b"), link("c")]), Some(expected));
        let row = "[[point]]\nid = \"a\"\n# リンク\nurl = \"b\"\n\n[[point]]\nid = \"b\"\n";
        let keys = vec![("url", None)];
        let of = Some(Mark("id", Given::Text("a".to_owned())));
        let without = applied(row, &[Setting::Row(List(None, "point"), Row { of, keys })]);
        assert_eq!(without, Some(row.replace("url = \"b\"\n", "")));
    }

    #[test]
    fn a_text_that_stays_keeps_its_form() {
        let text = "a = '1' # 一\n";
        let same = vec![("a", Some(Given::Text("1".to_owned())))];
        assert_eq!(
            applied(text, &[Setting::Keys(None, same)]).as_deref(),
            Some(text)
        );
    }
}
