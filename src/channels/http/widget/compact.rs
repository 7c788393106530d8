//! Makes the scripts and the style sheet of the widget smaller, without a change of meaning.
//!
//! Input: lines as prettier writes them, each with at most one statement; texts, templates and regular
//! expressions end on their line, and comments are lines of their own. The modules are tested for it.

use std::collections::HashMap;

/// Joins the lines of all modules, without comments and imports.
pub(super) fn script<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    short_private_names(&joined(&with_numbers(lines.filter_map(code_of).collect())))
}

/// Writes short names in place of the private ones of classes, which begin with `#`. A name counts as
/// private if it is read somewhere, as in `this.#name`.
fn short_private_names(code: &str) -> String {
    let mut names: HashMap<&str, String> = HashMap::new();
    for (at, _) in code.match_indices(".#") {
        let next = short_name(names.len());
        names.entry(name_at(&code[at + 2..])).or_insert(next);
    }
    let mut parts = code.split('#');
    let mut short = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let name = name_at(part);
        short.push('#');
        short.push_str(names.get(name).map_or(name, String::as_str));
        short.push_str(&part[name.len()..]);
    }
    short
}

/// Returns the name that a text begins with.
fn name_at(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric());
    &text[..end.unwrap_or(text.len())]
}

/// Returns a name for each number: a to z, then aa, ba and so on.
fn short_name(number: usize) -> String {
    let letters = ('a'..='z').nth(number % 26);
    let more = (number >= 26).then(|| short_name(number / 26 - 1));
    letters
        .into_iter()
        .chain(more.unwrap_or_default().chars())
        .collect()
}

/// Returns the code of a line without blanks; `None` for comments, imports and empty lines.
fn code_of(line: &str) -> Option<String> {
    let code = line.trim();
    let is_left_out = ["//", "/*", "*", "import "];
    if code.is_empty() || is_left_out.iter().any(|start| code.starts_with(start)) {
        return None;
    }
    Some(compact(line.strip_prefix("export ").unwrap_or(code)))
}

/// Writes numbers in place of the constants that name them.
fn with_numbers(lines: Vec<String>) -> Vec<String> {
    let mut numbers: HashMap<String, String> = HashMap::new();
    let mut kept = Vec::new();
    for line in lines {
        match number(&line) {
            Some((name, value)) => {
                numbers.insert(name.to_owned(), value.to_owned());
            }
            None => kept.push(line),
        }
    }
    let is_name = |c: char| c.is_ascii_uppercase() || c == '_';
    let replaced = kept.iter().map(|line| {
        let mut code = String::with_capacity(line.len());
        let mut rest = line.as_str();
        while let Some(next) = rest.chars().next() {
            let length = match rest.find(|c| !is_name(c)).unwrap_or(rest.len()) {
                0 => next.len_utf8(),
                length => length,
            };
            let (part, after) = rest.split_at(length);
            code.push_str(numbers.get(part).map_or(part, String::as_str));
            rest = after;
        }
        code
    });
    replaced.collect()
}

/// Reads a compacted line such as `const MAX_A=5;`.
fn number(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix("const ")?.split_once('=')?;
    let value = value.strip_suffix(';')?;
    let is_constant = name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let is_number = value.starts_with(|c: char| c.is_ascii_digit()) && value.parse::<f64>().is_ok();
    (is_constant && is_number).then_some((name, value))
}

/// Joins lines of code. A line break stays where it could end a statement; a comma before a closing
/// bracket has no meaning.
fn joined(lines: &[String]) -> String {
    let mut code = String::new();
    for line in lines {
        if line.starts_with([')', ']', '}']) {
            let length = code.trim_end_matches('\n').trim_end_matches(',').len();
            code.truncate(length);
        } else if line.starts_with(['.', '?', ':', '&', '|']) && code.ends_with('\n') {
            code.pop();
        }
        code.push_str(line);
        let continues = ["{", "(", "[", ",", ";", "&&", "||", "=>"];
        if !continues.iter().any(|end| line.ends_with(end)) {
            code.push('\n');
        }
    }
    code
}

/// Removes blanks and comments within a line of code that have no meaning. Texts, templates and regular
/// expressions stay as they are; they end on their line.
fn compact(line: &str) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '#');
    let mut code = String::new();
    let mut rest = line;
    while let Some(next) = rest.chars().next() {
        let before = code.chars().next_back().unwrap_or(';');
        let length = match next {
            '\'' | '"' | '`' => text_length(rest, next),
            '/' if rest.starts_with("/*") => {
                rest = rest.split_once("*/").map_or("", |(_, after)| after);
                continue;
            }
            '/' if "(,=:!&|?;{".contains(before) => text_length(rest, next),
            ' ' => {
                rest = rest.trim_start();
                let after = rest.chars().next().unwrap_or(';');
                let is_sign = |c: char| matches!(c, '+' | '-');
                let has_meaning = is_name(before) && is_name(after)
                    || is_sign(before) && is_sign(after)
                    || rest.starts_with("/*");
                if has_meaning {
                    code.push(' ');
                }
                continue;
            }
            other => other.len_utf8(),
        };
        let (part, after) = rest.split_at(length);
        code.push_str(part);
        rest = after;
    }
    code.trim_end().to_owned()
}

/// Returns the length of a text, template or regular expression with its delimiters.
fn text_length(rest: &str, delimiter: char) -> usize {
    let mut is_escaped = false;
    let mut is_class = false;
    for (at, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' if delimiter == '/' => is_class = true,
            ']' => is_class = false,
            _ if letter == delimiter && !is_class => return at + letter.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// Removes comments, indentation and blanks of a style sheet that have no meaning.
pub(super) fn style(sheet: &str) -> String {
    let mut rest = sheet;
    let mut code = String::new();
    while let Some((before, comment)) = rest.split_once("/*") {
        code.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    code.push_str(rest);
    let lines = code.lines().map(str::trim).filter(|line| !line.is_empty());
    let style = lines.collect::<Vec<_>>().join("\n");
    let style = style
        .replace(": ", ":")
        .replace(" {", "{")
        .replace(", ", ",");
    style.replace(";\n}", "}").replace('\n', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_without_a_meaning_are_removed() {
        for (line, compacted) in [
            ("const a = b + 1;", "const a=b+1;"),
            (
                "if (a) return { b: 'c, d', e };",
                "if(a)return{b:'c, d',e};",
            ),
            (
                "for (const a of [b, c]) f(`${a} = b`);",
                "for(const a of[b,c])f(`${a} = b`);",
            ),
            (
                "(/** @type {A} */ b) => b ?? 'x /* y */'",
                "(b)=>b??'x /* y */'",
            ),
            (
                "a = b / c; d.match(/[/ ]e, f/);",
                "a=b/c;d.match(/[/ ]e, f/);",
            ),
            ("a = b - -c; d = \"it's\";", "a=b- -c;d=\"it's\";"),
            (
                "a.split(/[\\s,]+/).filter(Boolean)",
                "a.split(/[\\s,]+/).filter(Boolean)",
            ),
            ("'a\\'  b'", "'a\\'  b'"),
        ] {
            assert_eq!(compact(line), compacted);
        }
    }

    #[test]
    fn line_breaks_stay_where_they_could_end_a_statement() {
        for (code, expected) in [
            ("const a = f(\n  b,\n  c,\n);", "const a=f(b,c);"),
            ("a = b\n  ? c\n  : d;", "a=b?c:d;"),
            ("return a\n  .b()\n  .c;", "return a.b().c;"),
            ("f() {\n  g();\n}\nh() {\n}", "f(){g();}\nh(){}\n"),
            (
                "const MAX_A = 5;\nconst MAX = 1.5;\nif (a > MAX_A) b = MAX;",
                "if(a>5)b=1.5;",
            ),
            ("const A = 'B';\nf(A, SVG);", "const A='B';f(A,SVG);"),
            (
                "#open = 1;\nf() {\n  g(this.#open, '#hits');\n}",
                "#a=1;f(){g(this.#a,'#hits');}\n",
            ),
        ] {
            assert_eq!(script(code.lines()), expected, "{code}");
        }
    }

    #[test]
    fn short_names_differ() {
        let names: std::collections::HashSet<String> = (0..800).map(short_name).collect();
        assert_eq!(names.len(), 800);
        assert_eq!([0, 25, 26, 701].map(short_name), ["a", "z", "aa", "zz"]);
    }

    #[test]
    fn comments_of_the_style_are_removed() {
        let sheet = "/* a\n b */\n.c {\n  color: red; /* d */\n}\n";
        assert_eq!(style(sheet), ".c{color:red}");
    }
}
