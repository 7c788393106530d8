//! Settings from flags, environment and `madoguchi.toml`: precedence, secrets, mistakes.

use std::fs;

use tempfile::TempDir;

use crate::support::knowledge::project;
use crate::support::process::{Ended, Serving, finish, madoguchi};

/// A folder with a configuration file.
fn folder(config: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("madoguchi.toml"), config).unwrap();
    folder
}

/// Runs `config` in a folder.
fn config(folder: &TempDir, arguments: &[&str], environment: &[(&str, &str)]) -> Ended {
    let mut command = madoguchi(&folder.path().join("index"));
    command.env_remove("MADOGUCHI_INDEX");
    command.env_remove("MADOGUCHI_MODELS");
    command.current_dir(folder.path());
    command.arg("config").args(arguments);
    command.envs(environment.iter().copied());
    finish(command, b"")
}

#[test]
fn a_flag_overrides_a_variable_and_a_variable_the_file() {
    let folder = folder("listen = \"127.0.0.1:1\"\nrate_ask = \"5/9\"\nmax_connections = 64\n");
    let environment = [("MADOGUCHI_RATE_ASK", "6"), ("MADOGUCHI_RATE_PAGES", "off")];
    let ended = config(&folder, &["--rate-pages", "7"], &environment);
    ended.assert_code(0);
    ended.assert_prints(&[
        "# configuration file: madoguchi.toml\n",
        "listen = \"127.0.0.1:1\" # configuration file\n",
        "rate_ask = \"6\" # variable MADOGUCHI_RATE_ASK\n",
        "rate_pages = \"7\" # flag --rate-pages\n",
        "max_connections = \"64\" # configuration file\n",
        "index = \"index\" # default\n",
        "# public_url: not set\n",
    ]);
    // The output is a configuration file with the same effect.
    let copy = self::folder(&ended.stdout);
    let again = config(&copy, &["--language", "ja"], &[]);
    again.assert_code(0);
    again.assert_prints(&["rate_ask = \"6\" # 設定ファイル\n"]);
}

#[test]
fn a_secret_is_read_from_a_file_and_never_shown() {
    let folder = folder("telegram_token_file = \"token\"\nsecret = \"hidden-0123456789\"\n");
    fs::write(folder.path().join("token"), "123:hidden-token\n").unwrap();
    let keys = folder.path().join("keys");
    fs::write(&keys, "crm:hidden-0123456789\n").unwrap();
    let keys = keys.to_str().unwrap();
    let ended = config(&folder, &[], &[("MADOGUCHI_API_KEYS_FILE", keys)]);
    ended.assert_code(0);
    ended.assert_prints(&[
        "# telegram_token: set, not shown (file token)\n",
        "# secret: set, not shown (configuration file)\n",
        &format!("# api_keys: set, not shown (file {keys})\n"),
        "# discord_token: not set\n",
        "# line_token: not set\n",
    ]);
    assert!(!ended.stdout.contains("hidden"), "{}", ended.stdout);
    // A secret of the wrong form is refused, as `serve` refuses it.
    fs::write(folder.path().join("token"), "hidden").unwrap();
    let ended = config(&folder, &[], &[]);
    ended.assert_code(1);
    ended.assert_reports(&["MADOGUCHI_TELEGRAM_TOKEN"]);
    assert!(!ended.stderr.contains("hidden"), "{}", ended.stderr);
}

/// systemd copies the files of `LoadCredential=` to a folder that only the service can read.
#[test]
fn a_secret_is_read_from_a_credential_of_systemd() {
    let folder = folder("secret = \"of-the-configuration-file\"\n");
    let credentials = tempfile::tempdir().unwrap();
    let credential = credentials.path().join("madoguchi_secret");
    fs::write(&credential, "hidden-0123456789\n").unwrap();
    let environment = [(
        "CREDENTIALS_DIRECTORY",
        credentials.path().to_str().unwrap(),
    )];
    let ended = config(&folder, &[], &environment);
    ended.assert_code(0);
    let expected = format!("# secret: set, not shown (file {})\n", credential.display());
    ended.assert_prints(&[&expected, "# api_keys: not set\n"]);
    // A variable names a secret more precisely.
    let variable = ("MADOGUCHI_SECRET", "0123456789-0123456789");
    let ended = config(&folder, &[], &[environment[0], variable]);
    ended.assert_prints(&["# secret: set, not shown (variable MADOGUCHI_SECRET)\n"]);
    // It must have the form that the setting needs.
    fs::write(&credential, "hidden").unwrap();
    let ended = config(&folder, &[], &environment);
    ended.assert_code(1);
    ended.assert_reports(&["MADOGUCHI_SECRET", "16 characters"]);
}

#[test]
fn mistakes_in_the_file_are_named() {
    for (text, parts) in [
        (
            "listn = \"x\"",
            &["madoguchi.toml", "`listn`", "`listen`"][..],
        ),
        ("listen = ", &["madoguchi.toml:1"]),
        ("listen = \"x\"", &["--listen", "x"]),
        (
            "telegram_token_file = \"nowhere\"",
            &["`telegram_token_file`", "nowhere"],
        ),
    ] {
        let ended = config(&folder(text), &[], &[]);
        assert_ne!(ended.code, Some(0), "{text}: {}", ended.stdout);
        ended.assert_reports(parts);
    }
    let ended = config(&folder(""), &["--config", "other.toml"], &[]);
    ended.assert_code(1);
    ended.assert_reports(&["`other.toml`", "--config"]);
}

#[test]
fn an_unknown_variable_is_named_with_the_nearest() {
    let unknown = [("MADOGUCHI_LISTN", "x")];
    let ended = config(&folder(""), &[], &unknown);
    ended.assert_code(0);
    ended.assert_prints(&["# unknown variable MADOGUCHI_LISTN, the nearest is MADOGUCHI_LISTEN\n"]);
    let mut serving = Serving::start(&project("knowledge"), &unknown);
    let line = serving.log_line("unknown variable ignored");
    assert_eq!(line["nearest"], "MADOGUCHI_LISTEN", "{line}");
}
