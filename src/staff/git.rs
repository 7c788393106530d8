//! Commits published files in the git work tree of the knowledge folder, by the program `git`.
//!
//! Invariant: only the given files are committed, whatever else is changed or staged in the work tree.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Time limit of a command, for hooks that do not end.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Time between two looks at a running command.
const INTERVAL: Duration = Duration::from_millis(20);

/// The address of authors: members of the staff have names only.
const ADDRESS: &str = "madoguchi@localhost";

/// Why files are not committed. They are published all the same.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The program cannot be run.
    #[error("cannot run `git`: {0}")]
    Program(#[from] io::Error),
    /// The program did not end in time.
    #[error("`git {0}` did not end within {limit} s", limit = TIME_LIMIT.as_secs())]
    TimeLimit(&'static str),
    /// The program refused.
    #[error("`git {0}` failed: {1}")]
    Refused(&'static str, String),
}

/// Commits files, relative to the folder, in the name of a member. Without a difference to the last commit,
/// nothing is committed.
pub(super) fn commit(
    folder: &Path,
    files: &[String],
    member: &str,
    message: &str,
) -> Result<(), GitError> {
    // A file that git does not know yet can be committed only after it was added; a removed one that it does
    // not know can not be added.
    let known = |file: &&String| folder.join(file).exists() || is_tracked(folder, file);
    let files: Vec<&String> = files.iter().filter(known).collect();
    if files.is_empty() {
        return Ok(());
    }
    let mut add = git(folder);
    add.args(["add", "--all", "--"]).args(&files);
    run(add, "add")?;
    let mut difference = git(folder);
    difference.args(["diff", "--cached", "--quiet", "--"]);
    difference.args(&files);
    if wait(difference, "diff")?.0.success() {
        return Ok(());
    }
    let author = author(member);
    let mut commit = git(folder);
    commit.args(["-c", "commit.gpgsign=false", "commit", "--quiet", "--only"]);
    commit.arg(format!("--author={author} <{ADDRESS}>"));
    commit.arg(format!("--message={message}"));
    commit.arg("--").args(&files);
    run(commit, "commit")
}

fn is_tracked(folder: &Path, file: &str) -> bool {
    let mut list = git(folder);
    list.args(["ls-files", "--error-unmatch", "--", file]);
    wait(list, "ls-files").is_ok_and(|(status, _)| status.success())
}

fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder);
    // A file name is no pattern.
    command.env("GIT_LITERAL_PATHSPECS", "1");
    command.env("GIT_TERMINAL_PROMPT", "0");
    command.env("GIT_COMMITTER_NAME", "Madoguchi");
    command.env("GIT_COMMITTER_EMAIL", ADDRESS);
    command
}

/// Returns a name that git accepts as that of an author.
fn author(member: &str) -> String {
    let is_text = |character: &char| !character.is_control() && !matches!(character, '<' | '>');
    let name: String = member.chars().filter(is_text).collect();
    // git refuses names of such characters only.
    match name.chars().any(char::is_alphanumeric) {
        true => name,
        false => "staff".to_owned(),
    }
}

fn run(command: Command, name: &'static str) -> Result<(), GitError> {
    let (status, errors) = wait(command, name)?;
    match status.success() {
        true => Ok(()),
        false => Err(GitError::Refused(name, errors.trim().to_owned())),
    }
}

/// Runs a command to its end, or ends it after the time limit; returns what it wrote about errors.
fn wait(mut command: Command, name: &'static str) -> Result<(ExitStatus, String), GitError> {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let mut child = command.stderr(Stdio::piped()).spawn()?;
    let errors = child.stderr.take();
    // Read meanwhile: a full pipe would stop the program.
    let reader = thread::spawn(move || {
        let mut text = Vec::new();
        let read = errors.map(|mut errors| errors.read_to_end(&mut text));
        drop(read);
        String::from_utf8_lossy(&text).into_owned()
    });
    let status = ended(&mut child)?;
    let Some(status) = status else {
        // A program that a hook left behind keeps the pipe open: its reader is not waited for.
        return Err(GitError::TimeLimit(name));
    };
    Ok((status, reader.join().unwrap_or_default()))
}

/// Waits for a program; kills it after the time limit.
fn ended(child: &mut Child) -> io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() > TIME_LIMIT {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(INTERVAL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_of_an_author() {
        for (member, expected) in [
            ("佐藤", "佐藤"),
            ("sato <a@b>\n", "sato a@b"),
            ("<>", "staff"),
            ("...", "staff"),
        ] {
            assert_eq!(author(member), expected, "{member}");
        }
    }
}
