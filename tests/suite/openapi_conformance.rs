//! The service accepts what its OpenAPI description allows and refuses the rest: schemathesis, an
//! independent program, derives thousands of requests from the description.

use std::process::{Command, Stdio};

use crate::support::knowledge::project;
use crate::support::process::Serving;
use crate::support::skip;

/// The environment variable for another program than `schemathesis` on PATH.
const VARIABLE: &str = "SCHEMATHESIS";

/// Duration of the run in CI and elsewhere, in seconds.
const CI_SECONDS: &str = "180";
const LOCAL_SECONDS: &str = "30";

#[test]
fn every_request_that_the_description_allows_is_accepted() {
    let program = std::env::var(VARIABLE).unwrap_or_else(|_| "schemathesis".to_owned());
    let found = Command::new(&program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if !found.is_ok_and(|status| status.success()) {
        let missing = format!(
            "no `{program}`; `pip install schemathesis`, or name the program in {VARIABLE}"
        );
        skip("openapi_conformance", &missing);
        return;
    }
    let rates = ["ASK", "SUGGEST", "SEARCH", "FEEDBACK", "PAGES"];
    let rates = rates.map(|class| format!("MADOGUCHI_RATE_{class}"));
    let environment: Vec<_> = rates.iter().map(|name| (name.as_str(), "off")).collect();
    let mut serving = Serving::start(&project("knowledge"), &environment);
    let seconds = match std::env::var_os("CI") {
        Some(_) => CI_SECONDS,
        None => LOCAL_SECONDS,
    };
    let folder = tempfile::tempdir().unwrap();
    let ended = Command::new(&program)
        .args(["run", &format!("http://{}/openapi.json", serving.address())])
        .args(["--checks", "all", "--max-time", seconds, "--no-color"])
        .args([
            "--continue-on-failure",
            "--workers",
            "2",
            "--max-examples",
            "2000",
            // So that a failure can be repeated.
            "--seed",
            "1",
        ])
        .env("NO_PROXY", "127.0.0.1")
        .current_dir(folder.path())
        .output()
        .expect("schemathesis starts");
    let report = String::from_utf8_lossy(&ended.stdout);
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{report}\n{errors}");
    let log = serving.stop();
    assert!(!log.contains("panic"), "{log}");
}
