//! The settings of the staff desk: [`Sources`] -> [`Staff`], or the error of a value.
//!
//! Invariant: no error contains a token.

use std::net::SocketAddr;

use super::{Secret, Sources, parse_listen, parse_url, trimmed};

/// The tokens of the staff; without them the staff desk is off.
const STAFF_TOKEN: &str = "MADOGUCHI_STAFF_TOKEN";
/// The header with which a proxy names a user that it has signed in.
const STAFF_USER_HEADER: &str = "MADOGUCHI_STAFF_USER_HEADER";
/// Another address for the staff desk.
const STAFF_LISTEN: &str = "MADOGUCHI_STAFF_LISTEN";
/// The public address of the staff desk, if it has one of its own.
const STAFF_URL: &str = "MADOGUCHI_STAFF_URL";
/// Whether published files are committed in git.
const STAFF_GIT: &str = "MADOGUCHI_STAFF_GIT";
/// Whether another user must approve a change.
const STAFF_REVIEW: &str = "MADOGUCHI_STAFF_REVIEW";

/// The name of the user of a token without a name.
const ONLY_USER: &str = "staff";

/// Least number of characters of a token; a shorter one can be guessed.
const MIN_TOKEN_CHARS: usize = 16;

/// Greatest number of characters of a name.
const MAX_NAME_CHARS: usize = 40;

/// The settings of the staff desk. Not available as flags, since other users of the machine can read
/// command lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// The names of the users with their tokens.
    pub users: Vec<(String, Secret)>,
    /// The header with which a trusted proxy names a user, in lower case.
    pub user_header: Option<String>,
    /// Another address for the staff desk, which is then not served on the public one.
    pub listen: Option<SocketAddr>,
    /// The public address of the staff desk on an address of its own, behind a proxy.
    pub url: Option<String>,
    /// Whether another user must approve a change before it is published.
    pub review: bool,
    /// Whether published files are committed in git.
    pub git: bool,
}

impl Staff {
    /// Reads the settings; `None` without a token.
    ///
    /// # Errors
    /// [`InvalidStaff`] for values that cannot be used, alone or together.
    pub fn from_sources(sources: &Sources) -> Result<Option<Self>, InvalidStaff> {
        Self::read(|name| sources.value(name))
    }

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, InvalidStaff> {
        let value = |name| trimmed(value(name));
        let user_header = value(STAFF_USER_HEADER);
        let listen = value(STAFF_LISTEN);
        let url = value(STAFF_URL);
        let review = value(STAFF_REVIEW);
        let git = value(STAFF_GIT);
        let Some(tokens) = value(STAFF_TOKEN) else {
            let others = [&user_header, &listen, &url, &review, &git];
            return if others.iter().any(|value| value.is_some()) {
                Err(InvalidStaff::WithoutToken)
            } else {
                Ok(None)
            };
        };
        let users = parse_users(&tokens)?;
        let listen = listen.map(|text| parse_listen(&text).map_err(|_| InvalidStaff::Listen));
        let user_header = user_header.map(|name| parse_header(&name));
        let user_header = user_header.transpose()?;
        let url = url.map(|url| parse_url(&url).ok_or(InvalidStaff::Url));
        let url = url.transpose()?;
        if url.is_some() && listen.is_none() {
            return Err(InvalidStaff::UrlWithoutListen);
        }
        let review = parse_switch(review.as_deref()).ok_or(InvalidStaff::Review)?;
        let git = parse_switch(git.as_deref()).ok_or(InvalidStaff::Git)?;
        if review && users.len() < 2 && user_header.is_none() {
            return Err(InvalidStaff::Reviewer);
        }
        Ok(Some(Self {
            users,
            user_header,
            listen: listen.transpose()?,
            url,
            review,
            git,
        }))
    }
}

/// Reads one token, or a line `name:token` for each user; blank lines and lines that start with `#` are
/// ignored.
fn parse_users(text: &str) -> Result<Vec<(String, Secret)>, InvalidStaff> {
    let lines = text.lines().map(str::trim).zip(1..);
    let lines: Vec<(&str, usize)> = lines
        .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let mut users: Vec<(String, Secret)> = Vec::new();
    for (line, number) in &lines {
        let (name, token) = match line.split_once(':') {
            Some((name, token)) => (name.trim(), token.trim()),
            None if lines.len() == 1 => (ONLY_USER, *line),
            None => return Err(InvalidStaff::Token(*number)),
        };
        let is_visible = token.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_name(name) || !is_visible || token.len() < MIN_TOKEN_CHARS {
            return Err(InvalidStaff::Token(*number));
        }
        let is_known = |(other, secret): &(String, Secret)| other == name || secret.0 == token;
        if users.iter().any(is_known) {
            return Err(InvalidStaff::SameToken(*number));
        }
        users.push((name.to_owned(), Secret(token.to_owned())));
    }
    match users.is_empty() {
        true => Err(InvalidStaff::Token(1)),
        false => Ok(users),
    }
}

fn is_name(name: &str) -> bool {
    let is_short = (1..=MAX_NAME_CHARS).contains(&name.chars().count());
    is_short && !name.chars().any(char::is_control)
}

fn parse_header(name: &str) -> Result<String, InvalidStaff> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    // Any browser sends the others, so they prove nothing.
    let is_usable = name.bytes().all(is_part) && name.contains('-');
    match is_usable {
        true => Ok(name.to_ascii_lowercase()),
        false => Err(InvalidStaff::UserHeader),
    }
}

fn parse_switch(text: Option<&str>) -> Option<bool> {
    match text {
        None | Some("0" | "false") => Some(false),
        Some("1" | "true") => Some(true),
        Some(_) => None,
    }
}

/// The reason why the settings of the staff desk are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidStaff {
    /// Other settings without a token.
    #[error(
        "MADOGUCHI_STAFF_USER_HEADER, _LISTEN, _URL, _REVIEW and _GIT need MADOGUCHI_STAFF_TOKEN; set it to a secret such as the output of `openssl rand -hex 32`, or leave them out"
    )]
    WithoutToken,
    /// Not a token. The line is not shown.
    #[error(
        "MADOGUCHI_STAFF_TOKEN cannot be used in line {0}, expected one token of at least {MIN_TOKEN_CHARS} visible ASCII characters, or a line `name:token` for each user, for example `sato:` and the output of `openssl rand -hex 32`"
    )]
    Token(usize),
    /// A name or token of an earlier line.
    #[error("MADOGUCHI_STAFF_TOKEN has the name or the token of line {0} twice")]
    SameToken(usize),
    /// Not a header.
    #[error(
        "MADOGUCHI_STAFF_USER_HEADER is not the name of a header with `-`, expected one that the proxy always sets itself, for example `X-Remote-User`"
    )]
    UserHeader,
    /// Not an address.
    #[error(
        "MADOGUCHI_STAFF_LISTEN cannot be used, expected an IP address and a port, for example `127.0.0.1:8082`"
    )]
    Listen,
    /// Not a URL.
    #[error(
        "MADOGUCHI_STAFF_URL cannot be used, expected scheme and host, and a path if there is one, for example `https://staff.example.jp`"
    )]
    Url,
    /// The staff desk has no address of its own.
    #[error(
        "MADOGUCHI_STAFF_URL needs MADOGUCHI_STAFF_LISTEN, for example `127.0.0.1:8082`; on the address of members, `--public-url` is that of the staff desk, too"
    )]
    UrlWithoutListen,
    /// Neither 0 nor 1.
    #[error("MADOGUCHI_STAFF_GIT cannot be used, expected `1` or `0`")]
    Git,
    /// Neither 0 nor 1.
    #[error("MADOGUCHI_STAFF_REVIEW cannot be used, expected `1` or `0`")]
    Review,
    /// Nobody who could approve.
    #[error(
        "MADOGUCHI_STAFF_REVIEW=1 needs a second user, expected at least two lines `name:token` in MADOGUCHI_STAFF_TOKEN, or MADOGUCHI_STAFF_USER_HEADER"
    )]
    Reviewer,
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "0123456789abcdef";

    fn read(values: &[(&str, &str)]) -> Result<Option<Staff>, InvalidStaff> {
        Staff::read(|name| {
            let found = values.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn names(tokens: &str) -> Result<Vec<String>, InvalidStaff> {
        let staff = read(&[(STAFF_TOKEN, tokens)])?;
        let users = staff.map(|staff| staff.users).unwrap_or_default();
        Ok(users.into_iter().map(|(name, _)| name).collect())
    }

    #[test]
    fn a_token_is_alone_or_has_a_name() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(names(TOKEN), Ok(vec!["staff".to_owned()]));
        let lines = format!("# the staff\n佐藤:{TOKEN}\n\n suzuki : {TOKEN}2 ");
        let expected = vec!["佐藤".to_owned(), "suzuki".to_owned()];
        assert_eq!(names(&lines), Ok(expected));
        for (wrong, line) in [
            ("short", 1),
            (":0123456789abcdef", 1),
            ("a:0123456789 abcdef", 1),
            ("a:0123456789abcdef\n0123456789abcdef2", 2),
            ("# nothing", 1),
        ] {
            assert_eq!(names(wrong), Err(InvalidStaff::Token(line)), "{wrong}");
        }
        for twice in [
            format!("a:{TOKEN}\nb:{TOKEN}"),
            format!("a:{TOKEN}\na:{TOKEN}2"),
        ] {
            assert_eq!(names(&twice), Err(InvalidStaff::SameToken(2)));
        }
    }

    #[test]
    fn the_other_settings_need_a_token_and_a_form() {
        let refused = |values: &[(&str, &str)]| read(values).err();
        for name in [
            STAFF_USER_HEADER,
            STAFF_LISTEN,
            STAFF_URL,
            STAFF_REVIEW,
            STAFF_GIT,
        ] {
            assert_eq!(refused(&[(name, "1")]), Some(InvalidStaff::WithoutToken));
        }
        let with = |name, value| refused(&[(STAFF_TOKEN, TOKEN), (name, value)]);
        assert_eq!(with(STAFF_LISTEN, "8080"), Some(InvalidStaff::Listen));
        assert_eq!(with(STAFF_REVIEW, "yes"), Some(InvalidStaff::Review));
        assert_eq!(with(STAFF_GIT, "yes"), Some(InvalidStaff::Git));
        assert_eq!(with(STAFF_URL, "staff.example"), Some(InvalidStaff::Url));
        let alone = with(STAFF_URL, "https://staff.example");
        assert_eq!(alone, Some(InvalidStaff::UrlWithoutListen));
        assert_eq!(with(STAFF_REVIEW, "1"), Some(InvalidStaff::Reviewer));
        for wrong in ["cookie", "host", "X Remote", ""] {
            let expected = (!wrong.is_empty()).then_some(InvalidStaff::UserHeader);
            assert_eq!(with(STAFF_USER_HEADER, wrong), expected, "{wrong}");
        }
        let staff = read(&[
            (STAFF_TOKEN, TOKEN),
            (STAFF_USER_HEADER, "X-Remote-User"),
            (STAFF_LISTEN, "127.0.0.1:8082"),
            (STAFF_URL, "https://staff.example/"),
            (STAFF_REVIEW, "1"),
            (STAFF_GIT, "true"),
        ]);
        let staff = staff.expect("settings").expect("a staff desk");
        assert_eq!(staff.user_header.as_deref(), Some("x-remote-user"));
        assert!(staff.review && staff.git && staff.listen.is_some());
        assert_eq!(staff.url.as_deref(), Some("https://staff.example"));
    }
}
