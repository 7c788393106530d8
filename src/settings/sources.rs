//! Where settings come from: the configuration file `madoguchi.toml`, the environment, and files that
//! hold one secret each.
//!
//! A flag overrides its variable, a variable the file, the file the default. Invariant: no error
//! contains the value of a secret.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::{Args, Command};

use super::Settings;

/// The variable and the flag that name another configuration file.
pub const CONFIG_VARIABLE: &str = "MADOGUCHI_CONFIG";

/// The configuration file, if it exists and no other is named.
const CONFIG_FILE: &str = "madoguchi.toml";

/// The common beginning of all variables.
const PREFIX: &str = "MADOGUCHI_";

/// The end of a variable that names a file with the value.
const FILE_SUFFIX: &str = "_FILE";

/// Greatest length of a configuration file or a file with a secret, in bytes.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// The settings without a flag.
const WITHOUT_FLAG: [&str; 19] = [
    "MADOGUCHI_TELEGRAM_WEBHOOK_URL",
    "MADOGUCHI_TELEGRAM_API_URL",
    "MADOGUCHI_DISCORD_PUBLIC_KEY",
    "MADOGUCHI_DISCORD_API_URL",
    "MADOGUCHI_LINE_PUSH",
    "MADOGUCHI_LINE_API_URL",
    "MADOGUCHI_EMBEDDINGS_URL",
    "MADOGUCHI_EMBEDDINGS_MODEL",
    "MADOGUCHI_EMBEDDINGS_DEADLINE",
    "MADOGUCHI_EMBEDDINGS_QUERY_PREFIX",
    "MADOGUCHI_EMBEDDINGS_PASSAGE_PREFIX",
    "MADOGUCHI_DRAFT_URL",
    "MADOGUCHI_DRAFT_MODEL",
    "MADOGUCHI_STAFF_USER_HEADER",
    "MADOGUCHI_STAFF_LISTEN",
    "MADOGUCHI_STAFF_URL",
    "MADOGUCHI_STAFF_REVIEW",
    "MADOGUCHI_STAFF_GIT",
    OTLP_ENDPOINT,
];

/// The address of the collector of traces.
pub(super) const OTLP_ENDPOINT: &str = "MADOGUCHI_OTLP_ENDPOINT";

/// Variables that other programs read, too, by our own name, which wins.
const STANDARD: [(&str, &str); 1] = [(OTLP_ENDPOINT, "OTEL_EXPORTER_OTLP_ENDPOINT")];

/// The secrets; each may be in a file that the variable with `_FILE` names.
const SECRETS: [&str; 12] = [
    "MADOGUCHI_SECRET",
    super::records::RECORDS_PASSWORD,
    "MADOGUCHI_API_KEYS",
    "MADOGUCHI_STAFF_TOKEN",
    "MADOGUCHI_TELEGRAM_TOKEN",
    "MADOGUCHI_TELEGRAM_WEBHOOK_SECRET",
    "MADOGUCHI_DISCORD_TOKEN",
    "MADOGUCHI_LINE_SECRET",
    "MADOGUCHI_LINE_TOKEN",
    "MADOGUCHI_EMBEDDINGS_KEY",
    "MADOGUCHI_DRAFT_KEY",
    super::mcp::MCP_TOKEN,
];

/// The origin of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A flag of the command line.
    Flag,
    /// A variable of the environment.
    Environment,
    /// A variable of the environment that other programs read, too.
    Standard(&'static str),
    /// A file that holds the secret alone.
    SecretFile(PathBuf),
    /// The configuration file.
    ConfigFile,
    /// The default.
    Default,
}

/// A setting with the value in force; `None` if it is not set, or a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// The key in the configuration file.
    pub key: String,
    /// Whether the value must not be shown.
    pub is_secret: bool,
    /// The value.
    pub value: Option<String>,
    /// Its origin; `None` if it is not set.
    pub source: Option<Source>,
}

/// The values of the configuration file, and those of settings without a flag from all sources.
#[derive(Clone, Default)]
pub struct Sources {
    /// The configuration file that was read.
    pub path: Option<PathBuf>,
    /// Values of the configuration file by variable.
    file: BTreeMap<String, String>,
    /// Values of settings without a flag by variable.
    values: BTreeMap<&'static str, (String, Source)>,
}

impl std::fmt::Debug for Sources {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Sources({:?})", self.path)
    }
}

impl Sources {
    /// Reads the configuration file and the environment; `named` is the file of the flag.
    ///
    /// # Errors
    /// [`InvalidSource`] for a file that cannot be used.
    pub fn load(named: Option<&Path>) -> Result<Self, InvalidSource> {
        let variable = env::var_os(CONFIG_VARIABLE).filter(|name| !name.is_empty());
        let named = named.map(Path::to_owned).or(variable.map(PathBuf::from));
        let path = named.clone().unwrap_or_else(|| CONFIG_FILE.into());
        let text = match read_file(&path) {
            Ok(text) => Some(text),
            Err(error) if named.is_none() && error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(InvalidSource::Unreadable(path, error.to_string())),
        };
        let file = text.as_deref().map(|text| parse(text, &path)).transpose()?;
        let path = file.is_some().then_some(path);
        let file = file.unwrap_or_default();
        Self::collect(path, file, |name| env::var(name).ok(), credential)
    }

    fn collect(
        path: Option<PathBuf>,
        file: BTreeMap<String, String>,
        variable: impl Fn(&str) -> Option<String>,
        credential: impl Fn(&str) -> Option<PathBuf>,
    ) -> Result<Self, InvalidSource> {
        let variable = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let mut values = BTreeMap::new();
        for name in WITHOUT_FLAG {
            let set = variable(name).map(|value| (value, Source::Environment));
            let set = set.or_else(|| {
                let (_, standard) = STANDARD.into_iter().find(|(own, _)| *own == name)?;
                Some((variable(standard)?, Source::Standard(standard)))
            });
            let set = set.or_else(|| Some((file.get(name)?.clone(), Source::ConfigFile)));
            values.extend(set.map(|set| (name, set)));
        }
        for name in SECRETS {
            let in_file = format!("{name}{FILE_SUFFIX}");
            let secret = match (variable(name), variable(&in_file), credential(name)) {
                (Some(_), Some(_), _) => {
                    return Err(InvalidSource::Twice(name.to_owned(), in_file));
                }
                (Some(value), None, _) => Some((value, Source::Environment)),
                (None, Some(path), _) => Some(read_secret(&in_file, path.trim().as_ref())?),
                (None, None, Some(path)) => Some(read_secret(&key(name), &path)?),
                (None, None, None) => match (file.get(name), file.get(&in_file)) {
                    (Some(_), Some(_)) => {
                        return Err(InvalidSource::Twice(key(name), key(&in_file)));
                    }
                    (Some(value), None) => Some((value.clone(), Source::ConfigFile)),
                    (None, Some(path)) => Some(read_secret(&key(&in_file), path.trim().as_ref())?),
                    (None, None) => None,
                },
            };
            values.extend(secret.map(|secret| (name, secret)));
        }
        Ok(Self { path, file, values })
    }

    /// Returns the value of a setting without a flag.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<String> {
        self.values.get(name).map(|(value, _)| value.clone())
    }

    /// Makes the values of the file the defaults of the flags. A blank variable counts as not set:
    /// files of variables often list a setting without a value.
    #[must_use]
    pub fn apply(&self, command: Command) -> Command {
        Self::apply_with(&self.file, command, |name| env::var_os(name))
    }

    fn apply_with(
        file: &BTreeMap<String, String>,
        command: Command,
        variable: impl Fn(&OsStr) -> Option<OsString>,
    ) -> Command {
        command.mut_args(|argument| {
            let Some(name) = argument.get_env().map(OsStr::to_owned) else {
                return argument;
            };
            let argument = match file.get(&*name.to_string_lossy()) {
                Some(value) => argument.default_value(value.clone()),
                None => argument,
            };
            let value = variable(&name);
            match value.is_some_and(|value| value.to_string_lossy().trim().is_empty()) {
                true => argument.env(None::<&'static str>),
                false => argument,
            }
        })
    }

    /// Lists all settings with the values in force. `flag` returns the value and the origin of a
    /// setting with a flag by its id.
    #[must_use]
    pub fn in_force(&self, flag: impl Fn(&str) -> Option<(String, Source)>) -> Vec<InForce> {
        let flags = flags().into_iter().map(|(id, name)| {
            let found = flag(&id).map(|(value, source)| {
                let is_of_file = source == Source::Default && self.file.contains_key(&name);
                let of_file = is_of_file.then_some(Source::ConfigFile);
                (value, of_file.unwrap_or(source))
            });
            let (value, source) = found.unzip();
            let is_secret = value.as_deref().is_some_and(super::records::has_password);
            InForce {
                key: key(&name),
                is_secret,
                value: value.filter(|_| !is_secret),
                source,
            }
        });
        let others = SECRETS.iter().chain(&WITHOUT_FLAG).map(|name| {
            let is_secret = SECRETS.contains(name);
            let (value, source) = self.values.get(name).cloned().unzip();
            InForce {
                key: key(name),
                is_secret,
                value: value.filter(|_| !is_secret),
                source,
            }
        });
        flags.chain(others).collect()
    }

    /// Lists the variables of the environment that no setting reads, each with the nearest known one.
    #[must_use]
    pub fn unknown_variables() -> Vec<(String, String)> {
        let known = known();
        let names = env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
        let unknown = names.filter(|name| name.starts_with(PREFIX) && !known.contains(name));
        let mut unknown: Vec<_> = unknown
            .map(|name| {
                let nearest = nearest(&name, &known);
                (name, nearest)
            })
            .collect();
        unknown.sort();
        unknown
    }
}

/// Lists the ids and variables of the settings with a flag.
fn flags() -> Vec<(String, String)> {
    let command = Settings::augment_args(Command::new(""));
    let arguments = command.get_arguments().filter_map(|argument| {
        let name = argument.get_env()?.to_string_lossy().into_owned();
        Some((argument.get_id().to_string(), name))
    });
    arguments.collect()
}

/// Lists all variables.
fn known() -> Vec<String> {
    let flags = flags().into_iter().map(|(_, name)| name);
    let others = WITHOUT_FLAG.iter().chain(&SECRETS);
    let others = others.map(|name| (*name).to_owned());
    let files = SECRETS.iter().map(|name| format!("{name}{FILE_SUFFIX}"));
    flags
        .chain(others)
        .chain(files)
        .chain([CONFIG_VARIABLE.to_owned()])
        .collect()
}

fn nearest(name: &str, known: &[String]) -> String {
    let nearest = known
        .iter()
        .min_by_key(|known| strsim::levenshtein(known, name));
    nearest.cloned().unwrap_or_default()
}

/// Returns the key of a variable in the configuration file.
fn key(name: &str) -> String {
    name.strip_prefix(PREFIX).unwrap_or(name).to_lowercase()
}

/// Parses the configuration file to values by variable.
fn parse(text: &str, path: &Path) -> Result<BTreeMap<String, String>, InvalidSource> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        // The whole text of the error quotes the line, which may hold a secret.
        let before = &text[..error.span().map_or(0, |span| span.start)];
        let line = before.lines().count().max(1);
        InvalidSource::Syntax(path.to_owned(), line, error.message().to_owned())
    })?;
    let known = known();
    let mut values = BTreeMap::new();
    for (key, value) in table {
        let name = format!("{PREFIX}{}", key.to_uppercase());
        let is_file = name != CONFIG_VARIABLE;
        if !(is_file && known.contains(&name)) || key != self::key(&name) {
            let nearest = self::key(&nearest(&name, &known));
            return Err(InvalidSource::UnknownKey(path.to_owned(), key, nearest));
        }
        let has_lines = name.ends_with("_KEYS") || name.ends_with("STAFF_TOKEN");
        let separator = if has_lines { "\n" } else { "," };
        let Some(value) = plain(&value, separator) else {
            return Err(InvalidSource::Value(path.to_owned(), key));
        };
        if !value.trim().is_empty() {
            values.insert(name, value);
        }
    }
    Ok(values)
}

/// Converts a value to the text that a variable would have.
fn plain(value: &toml::Value, separator: &str) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        toml::Value::Array(values) => {
            let texts = values.iter().map(|value| value.as_str());
            Some(texts.collect::<Option<Vec<_>>>()?.join(separator))
        }
        _ => None,
    }
}

/// Returns the file in which systemd hands over a secret (`LoadCredential=`); its name is that of the
/// variable in lower case.
fn credential(name: &str) -> Option<PathBuf> {
    let folder = env::var_os("CREDENTIALS_DIRECTORY")?;
    let path = Path::new(&folder).join(name.to_lowercase());
    path.exists().then_some(path)
}

fn read_secret(name: &str, path: &Path) -> Result<(String, Source), InvalidSource> {
    match read_file(path) {
        Ok(text) => Ok((text.trim().to_owned(), Source::SecretFile(path.to_owned()))),
        Err(error) => Err(InvalidSource::Secret(
            name.to_owned(),
            path.to_owned(),
            error.to_string(),
        )),
    }
}

/// Reads a regular file of moderate length.
fn read_file(path: &Path) -> std::io::Result<String> {
    let metadata = fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(std::io::Error::other("it is not a regular file"));
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Err(std::io::Error::other("it is longer than 1 MiB"));
    }
    fs::read_to_string(path)
}

/// The reason why a source of settings is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSource {
    /// The configuration file cannot be read.
    #[error("cannot read the configuration file `{path}`: {1}; name another one with --config or MADOGUCHI_CONFIG", path = .0.display())]
    Unreadable(PathBuf, String),
    /// The configuration file is not TOML. Lines are not quoted, since they may hold a secret.
    #[error("the configuration file is not TOML: {path}:{1}: {2}", path = .0.display())]
    Syntax(PathBuf, usize, String),
    /// No setting has this key.
    #[error("the configuration file `{path}` has the unknown key `{1}`, the nearest is `{2}`; `madoguchi config` lists all keys", path = .0.display())]
    UnknownKey(PathBuf, String, String),
    /// A table, date or fraction, which no setting is.
    #[error("the configuration file `{path}` has a value for `{1}` that no setting has, expected a text, a whole number, or a list of texts", path = .0.display())]
    Value(PathBuf, String),
    /// A secret and a file with it.
    #[error("`{0}` and `{1}` are both set, expected one of them")]
    Twice(String, String),
    /// The file with a secret cannot be read.
    #[error("cannot read the file `{path}` of `{0}`: {2}; it must hold the secret alone", path = .1.display())]
    Secret(String, PathBuf, String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<BTreeMap<String, String>, InvalidSource> {
        parse(text, Path::new("madoguchi.toml"))
    }

    #[test]
    fn a_file_has_the_names_of_the_variables_in_lower_case() {
        let values = parsed(
            "listen = \"0.0.0.0:80\"\nallowed_origins = [\"https://a.example\", \"https://b.example\"]\nmax_connections = 100\napi_keys = [\"a:1\", \"b:2\"]\n",
        );
        let values = values.expect("values");
        assert_eq!(values["MADOGUCHI_LISTEN"], "0.0.0.0:80");
        let origins = "https://a.example,https://b.example";
        assert_eq!(values["MADOGUCHI_ALLOWED_ORIGINS"], origins);
        assert_eq!(values["MADOGUCHI_MAX_CONNECTIONS"], "100");
        assert_eq!(values["MADOGUCHI_API_KEYS"], "a:1\nb:2");
    }

    #[test]
    fn a_wrong_file_is_refused_without_its_values() {
        for (text, part) in [
            ("listn = \"hidden\"", "the nearest is `listen`"),
            ("Listen = \"hidden\"", "`Listen`"),
            ("recods = \"hidden\"", "the nearest is `records`"),
            ("[telegram]\ntoken = \"hidden\"", "`telegram`"),
            ("listen = 1.5", "`listen`"),
            ("\n\ntelegram_token = hidden", "madoguchi.toml:3"),
        ] {
            let error = parsed(text).expect_err(text).to_string();
            assert!(error.contains(part), "{error}");
            assert!(!error.contains("hidden"), "{error}");
        }
    }

    #[test]
    fn a_variable_overrides_the_file_and_a_secret_may_be_in_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("token");
        fs::write(&path, "from-a-file\n").expect("a file");
        let path = path.to_str().expect("a path");
        let token = "MADOGUCHI_TELEGRAM_TOKEN";
        let in_file = &*format!("{token}{FILE_SUFFIX}");
        let collect = |file: &[(&str, &str)], variables: &[(&str, &str)]| {
            let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
            let file = file.iter().map(owned).collect();
            let variables: BTreeMap<String, String> = variables.iter().map(owned).collect();
            let variable = |name: &str| variables.get(name).cloned();
            let sources = Sources::collect(None, file, variable, |_| None);
            sources.map(|sources| sources.value(token))
        };
        for (file, variables, expected) in [
            (&[][..], &[][..], None),
            (&[(token, "of-the-file")], &[], Some("of-the-file")),
            (&[(token, "of-the-file")], &[(token, "x")], Some("x")),
            (&[(token, "y")], &[(in_file, path)], Some("from-a-file")),
            (&[(in_file, path)], &[(token, " ")], Some("from-a-file")),
        ] {
            let value = collect(file, variables).expect("sources");
            assert_eq!(value.as_deref(), expected);
        }
        for (file, variables) in [
            (&[][..], &[(token, "hidden"), (in_file, path)][..]),
            (&[(token, "hidden"), (in_file, path)], &[]),
            (&[], &[(in_file, "/nowhere/token")]),
        ] {
            let error = collect(file, variables).expect_err("refused").to_string();
            assert!(!error.contains("hidden"), "{error}");
        }
    }

    #[test]
    fn a_blank_variable_counts_as_not_set() {
        let file = BTreeMap::from([("MADOGUCHI_DRAIN".to_owned(), "7".to_owned())]);
        let command = Settings::augment_args(Command::new("madoguchi"));
        let command = Sources::apply_with(&file, command, |_| Some(" ".into()));
        for argument in command.get_arguments() {
            let name = argument.get_env();
            assert_eq!(name, None, "{}", argument.get_id());
        }
        let matches = command.get_matches_from(["madoguchi"]);
        assert_eq!(matches.get_one::<u32>("drain"), Some(&7));
        let blank = parsed("public_url = \"\"\nhsts = \" \"").expect("a file");
        assert_eq!(blank, BTreeMap::new());
    }

    #[test]
    fn a_standard_variable_is_read_after_our_own() {
        let standard = "OTEL_EXPORTER_OTLP_ENDPOINT";
        let collect = |set: &[(&str, &str)]| {
            let variable = |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let file = BTreeMap::from([(OTLP_ENDPOINT.to_owned(), "of-the-file".to_owned())]);
            let sources = Sources::collect(None, file, variable, |_| None).expect("sources");
            sources.values.get(OTLP_ENDPOINT).cloned()
        };
        let expected = |value: &str, source| Some((value.to_owned(), source));
        let both = [(standard, "standard"), (OTLP_ENDPOINT, "own")];
        assert_eq!(collect(&both), expected("own", Source::Environment));
        let one = [(standard, "standard"), (OTLP_ENDPOINT, " ")];
        assert_eq!(
            collect(&one),
            expected("standard", Source::Standard(standard))
        );
        assert_eq!(collect(&[]), expected("of-the-file", Source::ConfigFile));
    }

    #[test]
    fn every_setting_is_known_once() {
        let mut all = known();
        all.sort();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
        let mistyped = format!("{PREFIX}LISTN");
        assert_eq!(nearest(&mistyped, &all), "MADOGUCHI_LISTEN");
    }
}
