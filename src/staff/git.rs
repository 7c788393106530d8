//! Commits published files in the git work tree of the knowledge folder, by the program `git`.
//!
//! Invariant: only the given files are committed, whatever else is changed or staged in the work tree.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Time limit of a commit with all its commands, for hooks that do not end. It is less than that of a
/// request.
const TIME_LIMIT: Duration = Duration::from_secs(20);

/// Time between two looks at a running command.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The address of authors: members of the staff have names only.
const AUTHOR_ADDRESS: &str = "madoguchi@localhost";

/// Start of the names of our own variables. Some have secrets, and hooks need none.
const VARIABLE_PREFIX: &str = "MADOGUCHI_";

/// Most bytes of what a command writes about errors.
const MAX_ERROR_BYTES: u64 = 4096;

/// Why files are not committed. They are published all the same.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The program cannot be run.
    #[error("cannot run `git`: {0}")]
    Program(#[from] io::Error),
    /// The program did not end in time.
    #[error("`git {0}` did not end in time; a commit may take {limit} s", limit = TIME_LIMIT.as_secs())]
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
    let git = Git {
        folder,
        deadline: Instant::now() + TIME_LIMIT,
    };
    // A file that git does not know yet can be committed only after it was added; a removed one that it does
    // not know can not be added.
    let known = |file: &&String| folder.join(file).exists() || git.is_tracked(file);
    let files: Vec<&String> = files.iter().filter(known).collect();
    if files.is_empty() {
        return Ok(());
    }
    let mut add = git.command();
    add.args(["add", "--all", "--"]).args(&files);
    git.run(add, "add")?;
    let mut difference = git.command();
    difference.args(["diff", "--cached", "--quiet", "--"]);
    difference.args(&files);
    if git.wait(difference, "diff")?.0.success() {
        return Ok(());
    }
    let author = author(member);
    let mut commit = git.command();
    commit.args(["-c", "commit.gpgsign=false", "commit", "--quiet", "--only"]);
    commit.arg(format!("--author={author} <{AUTHOR_ADDRESS}>"));
    commit.arg(format!("--message={message}"));
    commit.arg("--").args(&files);
    git.run(commit, "commit")
}

/// The program, in a folder, until a deadline.
struct Git<'a> {
    folder: &'a Path,
    deadline: Instant,
}

impl Git<'_> {
    fn is_tracked(&self, file: &str) -> bool {
        let mut list = self.command();
        list.args(["ls-files", "--error-unmatch", "--", file]);
        self.wait(list, "ls-files")
            .is_ok_and(|(status, _)| status.success())
    }

    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.folder);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with(VARIABLE_PREFIX) {
                command.env_remove(name);
            }
        }
        // A file name is no pattern.
        command.env("GIT_LITERAL_PATHSPECS", "1");
        command.env("GIT_TERMINAL_PROMPT", "0");
        command.env("GIT_COMMITTER_NAME", "Madoguchi");
        command.env("GIT_COMMITTER_EMAIL", AUTHOR_ADDRESS);
        command
    }

    fn run(&self, command: Command, name: &'static str) -> Result<(), GitError> {
        let (status, errors) = self.wait(command, name)?;
        match status.success() {
            true => Ok(()),
            false => Err(GitError::Refused(name, errors.trim().to_owned())),
        }
    }

    /// Runs a command to its end, or ends it at the deadline; returns what it wrote about errors.
    fn wait(
        &self,
        mut command: Command,
        name: &'static str,
    ) -> Result<(ExitStatus, String), GitError> {
        // A file and no pipe: a program that a hook leaves behind would keep a pipe open after the end of git.
        let mut errors = tempfile::tempfile()?;
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = command.stderr(errors.try_clone()?).spawn()?;
        match self.ended(&mut child)? {
            Some(status) => Ok((status, text(&mut errors)?)),
            None => Err(GitError::TimeLimit(name)),
        }
    }

    /// Waits for a program; kills it at the deadline.
    fn ended(&self, child: &mut Child) -> io::Result<Option<ExitStatus>> {
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Some(status));
            }
            if Instant::now() > self.deadline {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
            thread::sleep(POLL_INTERVAL);
        }
    }
}

/// Reads the start of a file.
fn text(file: &mut File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(MAX_ERROR_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
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
