//! A real PostgreSQL, from the binaries of this machine, in a folder of its own.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::nginx::free_address;
use super::skip;

/// A cluster with the database `postgres`; stopped when dropped.
pub(crate) struct Postgres {
    folder: TempDir,
    binaries: PathBuf,
    address: SocketAddr,
}

/// Returns the folder of the newest installed version.
fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let folders = versions.flatten().map(|version| version.path().join("bin"));
    let mut folders: Vec<PathBuf> = folders.filter(|bin| bin.join("initdb").exists()).collect();
    folders.sort();
    folders.pop()
}

impl Postgres {
    /// Makes and starts a cluster; `None` if PostgreSQL is missing.
    pub(crate) fn start() -> Option<Self> {
        let Some(binaries) = binaries() else {
            skip("PostgreSQL", "the package `postgresql` is missing");
            return None;
        };
        let folder = tempfile::tempdir().expect("a folder");
        let postgres = Self {
            folder,
            binaries,
            address: free_address(),
        };
        // PostgreSQL refuses to run as root; its user must own the folder.
        fs::set_permissions(postgres.folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let data = postgres.data();
        let arguments = [
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ];
        postgres.run("initdb", &[&["-D", &data], &arguments[..]].concat());
        postgres.start_again();
        Some(postgres)
    }

    fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    /// Starts the stopped cluster on the same port.
    pub(crate) fn start_again(&self) {
        let options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1",
            self.address.port(),
            self.folder.path().display()
        );
        let log = self.folder.path().join("log").display().to_string();
        let arguments = [
            "-D",
            &self.data(),
            "-l",
            &log,
            "-o",
            &options,
            "-w",
            "start",
        ];
        self.run("pg_ctl", &arguments);
    }

    /// Stops the cluster as a crash would.
    pub(crate) fn stop(&self) {
        self.run(
            "pg_ctl",
            &["-D", &self.data(), "-m", "immediate", "-w", "stop"],
        );
    }

    /// Returns the setting of the records.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@{}/postgres", self.address)
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let program = self.binaries.join(program);
        let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        let mut command = if is_root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(&program);
            command
        } else {
            Command::new(&program)
        };
        let output = command.args(arguments).current_dir("/");
        // `pg_ctl` leaves a server behind that would keep a pipe open.
        let errors = tempfile::tempfile().expect("a file");
        let output = output.stdout(std::process::Stdio::null()).stderr(errors);
        let status = output.status().expect("PostgreSQL runs");
        assert!(status.success(), "{program:?} {arguments:?}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let data = self.data();
        if Path::new(&data).join("postmaster.pid").exists() {
            self.stop();
        }
    }
}
