//! Runs a client in Python against a fake: a client that shares no code with the bots, so that it
//! checks the fake.

use std::process::{Child, Command, Stdio};

use super::knowledge::project;
use super::skip;

/// A client: a script, and the Python package that it uses.
pub(crate) struct Client {
    pub(crate) script: &'static str,
    pub(crate) package: &'static str,
    pub(crate) module: &'static str,
    /// The environment variable for another Python than `python3`.
    pub(crate) python_variable: &'static str,
}

impl Client {
    /// Starts the script with arguments, such as the address of a fake and a token; `None`, with a note,
    /// if the package is not installed, which fails the test in CI.
    pub(crate) fn start<const N: usize>(&self, arguments: [&str; N]) -> Option<Child> {
        self.start_with(&Command::new("python3"), arguments)
    }

    /// Starts the script like [`Self::start`], with the environment that a command would have.
    pub(crate) fn start_with<const N: usize>(
        &self,
        environment: &Command,
        arguments: [&str; N],
    ) -> Option<Child> {
        let (script, variable) = (self.script, self.python_variable);
        let python = std::env::var(variable).unwrap_or_else(|_| "python3".to_owned());
        let has_package = Command::new(&python)
            .args(["-c", &format!("import {}", self.module)])
            .stderr(Stdio::null())
            .status();
        if !has_package.is_ok_and(|status| status.success()) {
            let package = self.package;
            let missing = format!(
                "`{python}` has no {package}; `pip install` it, or name another Python in {variable}"
            );
            skip(script, &missing);
            return None;
        }
        let mut command = Command::new(python);
        command.arg(project(script)).args(arguments);
        for (name, value) in environment.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command.env("NO_PROXY", "127.0.0.1");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Some(command.spawn().expect("python starts"))
    }
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
