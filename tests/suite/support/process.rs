//! The real binary as a process: run to its end, or serving during a test.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Timeout of a log line, generous for a busy machine.
const LOG_TIMEOUT: Duration = Duration::from_secs(120);

/// Prepares a command that ignores the settings of this machine and has its own index.
pub(crate) fn madoguchi(index: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_madoguchi"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["MADOGUCHI_", "OTEL_", "LC_"]
            .iter()
            .any(|start| text.starts_with(start))
            || text == "LANG"
        {
            command.env_remove(&name);
        }
    }
    command.env_remove("RUST_LOG").env_remove("RUST_BACKTRACE");
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.env("MADOGUCHI_INDEX", index);
    // A model that the developer has installed must not be used.
    let no_models = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-models");
    command.env("MADOGUCHI_MODELS", no_models);
    // Tests of the records set it.
    command.env("MADOGUCHI_RECORDS", "off");
    // Only the tests of stopping wait for it.
    command.env("MADOGUCHI_DRAIN", "0");
    command
}

/// The result of a process that ended.
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Checks the exit code.
    #[track_caller]
    pub(crate) fn assert_code(&self, code: i32) {
        let (stdout, stderr) = (&self.stdout, &self.stderr);
        assert_eq!(self.code, Some(code), "\n{stdout}\n{stderr}");
    }

    /// Checks that the standard output contains each of these texts.
    #[track_caller]
    pub(crate) fn assert_prints(&self, texts: &[&str]) {
        assert_contains(&self.stdout, texts);
    }

    /// Checks that the standard error contains each of these texts.
    #[track_caller]
    pub(crate) fn assert_reports(&self, texts: &[&str]) {
        assert_contains(&self.stderr, texts);
    }
}

#[track_caller]
fn assert_contains(output: &str, texts: &[&str]) {
    for text in texts {
        assert!(output.contains(text), "`{text}` is missing:\n{output}");
    }
}

/// Runs the binary with a knowledge folder and arguments to its end.
pub(crate) fn run(knowledge: impl AsRef<Path>, arguments: &[&str]) -> Ended {
    run_with_input(knowledge, arguments, b"")
}

/// Runs the binary to its end with bytes on its standard input.
pub(crate) fn run_with_input(
    knowledge: impl AsRef<Path>,
    arguments: &[&str],
    input: &[u8],
) -> Ended {
    let index = tempfile::tempdir().expect("a folder for the index");
    finish(command(knowledge.as_ref(), index.path(), arguments), input)
}

/// Runs the binary to its end with additional environment variables.
pub(crate) fn run_with(
    knowledge: impl AsRef<Path>,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Ended {
    let index = tempfile::tempdir().expect("a folder for the index");
    let mut command = command(knowledge.as_ref(), index.path(), arguments);
    command.envs(environment.iter().copied());
    finish(command, b"")
}

/// Runs the binary to its end with an index that the test keeps.
pub(crate) fn run_with_index(
    knowledge: impl AsRef<Path>,
    index: &Path,
    arguments: &[&str],
) -> Ended {
    finish(command(knowledge.as_ref(), index, arguments), b"")
}

fn command(knowledge: &Path, index: &Path, arguments: &[&str]) -> Command {
    let mut command = madoguchi(index);
    command.env("MADOGUCHI_KNOWLEDGE", knowledge);
    command.args(arguments);
    command
}

/// Runs a command to its end.
pub(crate) fn finish(mut command: Command, input: &[u8]) -> Ended {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A process that does not read its input may have ended.
    let _ = stdin.write_all(input);
    drop(stdin);
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().expect("the binary ends");
    Ended {
        code: status.code(),
        stdout: String::from_utf8(stdout).expect("UTF-8 on stdout"),
        stderr: String::from_utf8(stderr).expect("UTF-8 on stderr"),
    }
}

/// `madoguchi serve`, ready; killed when dropped.
pub(crate) struct Serving {
    child: Child,
    address: String,
    log: Receiver<String>,
    /// The log lines that were read so far.
    pub(crate) lines: Vec<String>,
    _index: Option<TempDir>,
}

impl Serving {
    /// Serves a knowledge folder on a free port.
    pub(crate) fn start(knowledge: &Path, environment: &[(&str, &str)]) -> Self {
        let index = tempfile::tempdir().expect("a folder for the index");
        let mut command = madoguchi(index.path());
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        command.env("MADOGUCHI_KNOWLEDGE", knowledge);
        command.envs(environment.iter().copied());
        Self::spawn(command, Stdio::null(), Some(index))
    }

    /// Serves a knowledge folder on an address, with an index that the test keeps for the next start.
    pub(crate) fn start_again(
        address: SocketAddr,
        knowledge: &Path,
        index: &Path,
        environment: &[(&str, &str)],
    ) -> Self {
        let mut command = madoguchi(index);
        command.args(["serve", "--listen", &address.to_string()]);
        command.env("MADOGUCHI_KNOWLEDGE", knowledge);
        command.envs(environment.iter().copied());
        Self::spawn(command, Stdio::null(), None)
    }

    /// Serves on a listening socket as systemd hands it over: descriptor 3, named by `LISTEN_FDS`.
    pub(crate) fn start_with_socket(
        socket: &TcpListener,
        knowledge: &Path,
        index: &Path,
        environment: &[(&str, &str)],
    ) -> Self {
        let before = "exec 3<&0 0</dev/null && export LISTEN_FDS=1 LISTEN_PID=$$";
        let mut command = in_shell(before, knowledge, index);
        command.envs(environment.iter().copied());
        let socket = socket.try_clone().expect("a copy of the socket");
        Self::spawn(command, OwnedFd::from(socket).into(), None)
    }

    /// Serves a knowledge folder after a command of the shell, such as `ulimit -n 256`.
    pub(crate) fn start_in_shell(before: &str, knowledge: &Path) -> Self {
        let index = tempfile::tempdir().expect("a folder for the index");
        let command = in_shell(before, knowledge, index.path());
        Self::spawn(command, Stdio::null(), Some(index))
    }

    fn spawn(mut command: Command, stdin: Stdio, index: Option<TempDir>) -> Self {
        command.stdin(stdin).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary starts");
        let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let (sender, log) = channel();
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut serving = Self {
            child,
            address: String::new(),
            log,
            lines: Vec::new(),
            _index: index,
        };
        let ready = serving.wait_for("ready");
        let address = ready["address"].as_str().expect("an address in the log");
        address.clone_into(&mut serving.address);
        serving
    }

    /// Returns the address of the listener.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address.parse().expect("an address")
    }

    /// Returns the id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Returns the log line of a message, read before or still to come.
    pub(crate) fn log_line(&mut self, message: &str) -> Value {
        let lines = self.lines.iter();
        let mut read = lines.map(|line| serde_json::from_str(line).unwrap_or_default());
        match read.find(|logged: &Value| logged["message"] == message) {
            Some(logged) => logged,
            None => self.wait_for(message),
        }
    }

    /// Reads the log up to a message, and returns its line.
    pub(crate) fn wait_for(&mut self, message: &str) -> Value {
        let end = Instant::now() + LOG_TIMEOUT;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let Ok(line) = self.log.recv_timeout(left) else {
                panic!("no `{message}` in the log:\n{}", self.lines.join("\n"));
            };
            let logged: Value = serde_json::from_str(&line).unwrap_or_default();
            self.lines.push(line);
            if logged["message"] == message {
                return logged;
            }
        }
    }

    /// Requests a path and returns the status and the JSON.
    pub(crate) fn get(&self, path: &str) -> (u16, Value) {
        let url = format!("http://{}{path}", self.address);
        let response = client().get(url).send().expect("a response");
        let status = response.status().as_u16();
        (status, response.json().expect("JSON"))
    }

    /// Reads the counters.
    pub(crate) fn metrics(&self) -> String {
        let url = format!("http://{}/metrics", self.address);
        let response = client().get(url).send().expect("a response");
        response.text().expect("text")
    }

    /// Asks a question and returns the answer as JSON.
    pub(crate) fn ask(&self, question: &str) -> Value {
        let body = serde_json::json!({ "question": question });
        self.post("/api/v1/ask", &body)
    }

    /// Sends JSON to a path and returns the JSON that comes back.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("http://{}{path}", self.address);
        let response = client().post(url).json(body).send().expect("a response");
        assert_eq!(response.status(), 200);
        response.json().expect("JSON")
    }

    /// Sends a signal by name, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let command = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &command]).status();
        assert!(status.expect("a shell").success());
    }

    /// Stops the process and returns its log.
    pub(crate) fn stop(&mut self) -> String {
        self.signal("TERM");
        assert!(self.wait().success());
        self.lines.join("\n")
    }

    /// Waits until the process ends and reads the rest of its log.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let status = self.child.wait().expect("the binary ends");
        self.lines.extend(self.log.iter());
        status
    }
}

/// Prepares `serve` on a free port after a command of the shell.
fn in_shell(before: &str, knowledge: &Path, index: &Path) -> Command {
    let plain = madoguchi(index);
    let mut command = Command::new("sh");
    let script = format!("{before} && exec \"$0\" serve --listen 127.0.0.1:0");
    command.args(["-c", &script]).arg(plain.get_program());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.env("MADOGUCHI_KNOWLEDGE", knowledge);
    command
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Fails harmlessly if the process has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Creates a client that ignores the proxies of the environment.
pub(crate) fn client() -> reqwest::blocking::Client {
    let client = reqwest::blocking::Client::builder().no_proxy();
    client.build().expect("a client")
}
