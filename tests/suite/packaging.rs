//! The files of `packaging/`, each checked by the program that reads it, or by its own linter.
//!
//! `.ci/run` installs the programs. `stopping.rs` runs the example of nginx under load,
//! `packaging/debian/test` the units and the package, `monitoring.rs` checks alerts and dashboard.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::knowledge::project;
use crate::support::nginx::{self, Nginx, free_address, insecure_client};
use crate::support::process::{Ended, Serving, finish, madoguchi};
use crate::support::skip;

/// Runs a program that may be missing; then the test is skipped. A variable may name its path.
fn check(variable: &str, program: &str, arguments: &[&str]) -> Option<Output> {
    let path = std::env::var_os(variable).unwrap_or_else(|| OsString::from(program));
    match Command::new(&path).args(arguments).output() {
        Ok(output) => Some(output),
        Err(_) => {
            skip("packaging", &format!("{program} is missing"));
            None
        }
    }
}

#[track_caller]
fn assert_accepted(output: &Output, expected: &str) {
    let printed = [&*output.stdout, &*output.stderr].map(String::from_utf8_lossy);
    let printed = printed.join("\n");
    assert!(
        output.status.success() && printed.contains(expected),
        "{printed}"
    );
}

/// Returns the files of a folder.
fn files(folder: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(project(folder)).unwrap();
    let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    assert!(!files.is_empty(), "{folder}");
    files
}

#[test]
fn nginx_accepts_its_examples() {
    for example in files("packaging/nginx") {
        let folder = tempfile::tempdir().unwrap();
        let name = example.file_name().unwrap().to_str().unwrap();
        let configuration = nginx::configure(folder.path(), name, &[]);
        let Some(output) = check("", "nginx", &["-t", "-c", &configuration]) else {
            return;
        };
        assert_accepted(&output, "test is successful");
        let printed = String::from_utf8_lossy(&output.stderr);
        // Such as a directive that this version calls deprecated.
        assert!(!printed.contains("[warn]"), "{name}: {printed}");
    }
}

/// A member sees the help centre at the path, and the rest of the site elsewhere.
#[test]
fn nginx_serves_the_help_centre_below_a_path() {
    let folder = tempfile::tempdir().unwrap();
    let public_url = [("MADOGUCHI_PUBLIC_URL", "https://www.example.jp/faq")];
    let serving = Serving::start(&project("knowledge"), &public_url);
    let address = free_address();
    fs::write(folder.path().join("index.html"), "the site").unwrap();
    let replaced = [
        (
            "server 127.0.0.1:8080;",
            format!("server {};", serving.address()),
        ),
        ("listen 443 ssl;", format!("listen {address} ssl;")),
        ("listen [::]:443 ssl;", String::new()),
        ("/var/www/html", folder.path().display().to_string()),
    ];
    let Some(_nginx) = Nginx::start(folder.path(), "madoguchi-sub-path.conf", &replaced) else {
        return;
    };
    let url = format!("https://{address}");
    let get = |path: &str| insecure_client().get(format!("{url}{path}")).send();
    nginx::await_answer(|| get("/faq/livez").is_ok());
    let text = |path: &str| get(path).unwrap().text().unwrap();
    assert!(text("/faq").contains("<form class=\"search\" action=\"/faq/search\""));
    assert!(text("/faq/widget.js").contains("madoguchi-widget"));
    assert!(text("/").contains("the site"));
    let question = json!({ "question": "有料会員をやめたい" });
    let ask = insecure_client().post(format!("{url}/faq/api/v1/ask"));
    let answer: Value = ask.json(&question).send().unwrap().json().unwrap();
    assert_eq!(answer["outcome"], "answered", "{answer}");
}

#[test]
fn caddy_accepts_its_examples() {
    for example in files("packaging/caddy") {
        let path = example.to_str().unwrap();
        let arguments = ["validate", "--adapter", "caddyfile", "--config", path];
        let Some(output) = check("", "caddy", &arguments) else {
            return;
        };
        assert_accepted(&output, "Valid configuration");
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(!printed.contains("not formatted"), "{path}: {printed}");
    }
}

#[test]
fn hadolint_finds_no_fault_in_the_containerfile() {
    let path = project("packaging/Containerfile");
    let arguments = ["--no-color", path.to_str().unwrap()];
    if let Some(output) = check("HADOLINT", "hadolint", &arguments) {
        assert_accepted(&output, "");
    }
}

/// The files that the Containerfile copies exist, and those that the build needs are not ignored.
#[test]
fn the_context_of_the_image_has_what_the_build_reads() {
    let ignored = fs::read_to_string(project("packaging/Containerfile.dockerignore")).unwrap();
    let kept: Vec<_> = ignored
        .lines()
        .filter_map(|line| line.strip_prefix('!'))
        .collect();
    for path in &kept {
        assert!(project(path).exists(), "{path}");
    }
    let manifest = fs::read_to_string(project("Cargo.toml")).unwrap();
    for part in ["dictionary", "encoder", "benches", "packaging/licenses.txt"] {
        assert!(kept.contains(&part), "{part}");
    }
    assert!(manifest.contains("rust-version = \"1.91\""));
    let containerfile = fs::read_to_string(project("packaging/Containerfile")).unwrap();
    assert!(containerfile.contains("rust:1.91-"));
}

/// The command of `HEALTHCHECK` succeeds while the service runs, and fails when it does not.
#[test]
fn the_health_check_of_the_image_sees_whether_the_service_answers() {
    let containerfile = fs::read_to_string(project("packaging/Containerfile")).unwrap();
    let (_, check) = containerfile.split_once("CMD [\"bash\", \"-c\", ").unwrap();
    let (script, _) = check.split_once("]\n").unwrap();
    let script: String = serde_json::from_str(script).unwrap();
    let serving = Serving::start(&project("knowledge"), &[]);
    let own = serving.address().port().to_string();
    let script = script.replace("127.0.0.1/8080", &format!("127.0.0.1/{own}"));
    let is_healthy = || {
        let output = Command::new("bash").args(["-c", &script]).output().unwrap();
        output.status.success()
    };
    assert!(is_healthy());
    drop(serving);
    assert!(!is_healthy());
}

#[test]
fn the_kubernetes_example_has_the_fields_of_its_kinds() {
    let path = project("packaging/kubernetes/madoguchi.yaml");
    let arguments = ["--strict", path.to_str().unwrap()];
    let Some(output) = check("KUBERNETES_VALIDATE", "kubernetes-validate", &arguments) else {
        return;
    };
    assert_accepted(&output, "deployment/madoguchi");
}

/// The variables of the examples are settings of the service.
#[test]
fn the_examples_set_variables_that_exist() {
    let known = fs::read_to_string(project("docs/operating.md")).unwrap();
    for file in ["Containerfile", "kubernetes/madoguchi.yaml"] {
        let text = fs::read_to_string(project("packaging").join(file)).unwrap();
        let words = text.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
        let names: Vec<_> = words
            .filter(|word| word.starts_with("MADOGUCHI_"))
            .collect();
        assert!(names.len() > 3, "{file}");
        for name in names {
            let name = name.trim_end_matches("_FILE");
            assert!(known.contains(&format!("`{name}`")), "{file}: {name}");
        }
    }
}

#[test]
fn systemd_accepts_the_units_and_finds_them_hardened() {
    let folder = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for name in ["madoguchi.service", "madoguchi.socket"] {
        let unit = fs::read_to_string(project("packaging").join(name)).unwrap();
        // The program must exist; that of the package is not installed here.
        let unit = unit.replace("/usr/bin/madoguchi", env!("CARGO_BIN_EXE_madoguchi"));
        let path = folder.path().join(name);
        fs::write(&path, unit).unwrap();
        paths.push(path.to_str().unwrap().to_owned());
    }
    let verify = ["verify", "--man=no", &paths[0], &paths[1]];
    let Some(output) = check("", "systemd-analyze", &verify) else {
        return;
    };
    assert_accepted(&output, "");
    // Unknown settings are only a warning.
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(!printed.contains("madoguchi."), "{printed}");
    let security = ["security", "--offline=yes", "--threshold=20", &paths[0]];
    if let Some(output) = check("", "systemd-analyze", &security) {
        assert_accepted(&output, "Overall exposure level");
    }
}

/// Shows the settings that a configuration file has in force.
fn config(path: &Path) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let mut command = madoguchi(folder.path());
    for name in ["MADOGUCHI_INDEX", "MADOGUCHI_MODELS", "MADOGUCHI_DRAIN"] {
        command.env_remove(name);
    }
    command.arg("config").arg("--config").arg(path);
    finish(command, b"")
}

#[test]
fn the_settings_of_the_package_are_valid_with_and_without_their_suggestions() {
    let shipped = project("packaging/madoguchi.toml");
    let ended = config(&shipped);
    ended.assert_code(0);
    ended.assert_prints(&[
        "knowledge = \"/etc/madoguchi/knowledge\" # configuration file\n",
        "drain = \"0\" # configuration file\n",
    ]);
    let text = fs::read_to_string(shipped).unwrap();
    let all: Vec<_> = text
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if setting.starts_with(|c: char| c.is_ascii_lowercase()) => setting,
            _ => line,
        })
        .collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), all.join("\n")).unwrap();
    let ended = config(file.path());
    ended.assert_code(0);
    ended.assert_prints(&["admin_listen = \"127.0.0.1:9090\" # configuration file\n"]);
}
