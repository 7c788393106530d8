//! Runs a client in Python against a fake: a client that shares no code with the bots, so that it
//! checks the fake.

use std::io::{Write, stderr};
use std::process::{Child, Command, Stdio};

use super::knowledge::project;

/// Starts a script with the address of a fake and a token.
///
/// Returns `None`, with a note, if `python3`, or the Python named in the environment variable, does
/// not have the package; on CI that fails the test.
pub(crate) fn start(
    script: &str,
    (package, module, variable): (&str, &str, &str),
    arguments: [&str; 2],
) -> Option<Child> {
    let python = std::env::var(variable).unwrap_or_else(|_| "python3".to_owned());
    let has_package = Command::new(&python)
        .args(["-c", &format!("import {module}")])
        .stderr(Stdio::null())
        .status();
    if !has_package.is_ok_and(|status| status.success()) {
        let missing = format!(
            "`{python}` has no {package}; `pip install` it, or name another Python in {variable}"
        );
        assert!(std::env::var_os("CI").is_none(), "{missing}");
        // Bypasses the capture of output: the test would seem to have passed.
        let _ = writeln!(stderr(), "skipped: {script}: {missing}");
        return None;
    }
    let mut command = Command::new(python);
    command.arg(project(script)).args(arguments);
    command.env("NO_PROXY", "127.0.0.1");
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    Some(command.spawn().expect("python starts"))
}

/// Waits until a script ends, and returns its error output if it failed.
pub(crate) async fn finish(child: Child) -> Result<(), String> {
    let ended = tokio::task::spawn_blocking(move || child.wait_with_output()).await;
    let ended = ended.expect("a thread").expect("python ends");
    let is_done = String::from_utf8_lossy(&ended.stdout).contains("done");
    if ended.status.success() && is_done {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&ended.stderr).into_owned())
}
