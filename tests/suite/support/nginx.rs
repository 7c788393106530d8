//! A real nginx with an example of `packaging/nginx/`.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::blocking::Client;

use super::knowledge::project;
use super::skip;

/// The certificate that the examples name.
const CERTIFICATES: &str = "/etc/letsencrypt/live/";

/// A running nginx; stopped when dropped.
pub(crate) struct Nginx(Child);

impl Nginx {
    /// Starts nginx with an example after replacements; `None` if it is missing.
    pub(crate) fn start(folder: &Path, example: &str, replaced: &[(&str, String)]) -> Option<Self> {
        if Command::new("nginx").arg("-v").output().is_err() {
            skip("nginx", "nginx is missing");
            return None;
        }
        let configuration = configure(folder, example, replaced);
        let mut command = Command::new("nginx");
        command.args(["-g", "daemon off;", "-c", &configuration]);
        Some(Self(
            command.stderr(Stdio::inherit()).spawn().expect("nginx"),
        ))
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let pid = self.0.id().to_string();
        let _ = Command::new("kill").args(["-QUIT", &pid]).status();
        let _ = self.0.wait();
    }
}

/// Returns an address that no one listens on.
///
/// Its port is below those that the system gives to connections: a service that restarts finds it free.
pub(crate) fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 10_000).expect("a small number");
    loop {
        let port = 10_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000;
        if let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) {
            return listener.local_addr().expect("an address");
        }
    }
}

/// Creates a client that accepts the certificate of [`configure`].
pub(crate) fn insecure_client() -> Client {
    let client = Client::builder().no_proxy();
    let client = client.danger_accept_invalid_certs(true);
    client.build().expect("a client")
}

/// Waits until nginx answers.
pub(crate) fn await_answer(is_answered: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !is_answered() {
        assert!(Instant::now() < end, "nginx does not answer");
        thread::sleep(Duration::from_millis(50));
    }
}

/// Writes the configuration of nginx with an example after replacements, and with a certificate that
/// no one trusts; returns its path. All files are in `folder`.
pub(crate) fn configure(folder: &Path, example: &str, replaced: &[(&str, String)]) -> String {
    let mut site = fs::read_to_string(project("packaging/nginx").join(example)).expect(example);
    for (old, new) in replaced {
        assert!(site.contains(old), "`{old}` is not in {example}");
        site = site.replace(old, new);
    }
    let (certificate, key) = make_certificate(folder);
    let mut lines: Vec<String> = Vec::new();
    for line in site.lines() {
        lines.push(match line.trim_start() {
            line if line.starts_with("ssl_certificate ") && line.contains(CERTIFICATES) => {
                format!("ssl_certificate {certificate};")
            }
            line if line.starts_with("ssl_certificate_key ") && line.contains(CERTIFICATES) => {
                format!("ssl_certificate_key {key};")
            }
            _ => line.to_owned(),
        });
    }
    let path = folder.join("site.conf");
    fs::write(&path, lines.join("\n")).expect("a file");
    // Without temporary files for large responses: workers of nginx may not write to the folder.
    let main = format!(
        "pid {folder}/nginx.pid;\nerror_log {folder}/error.log warn;\n\
         events {{ worker_connections 512; }}\n\
         http {{\naccess_log off;\nclient_body_temp_path {folder}/body;\n\
         proxy_temp_path {folder}/proxy;\nfastcgi_temp_path {folder}/fastcgi;\n\
         uwsgi_temp_path {folder}/uwsgi;\nscgi_temp_path {folder}/scgi;\n\
         proxy_max_temp_file_size 0;\n\
         include {site};\n}}\n",
        folder = folder.display(),
        site = path.display()
    );
    let configuration = folder.join("nginx.conf");
    fs::write(&configuration, main).expect("a file");
    configuration.display().to_string()
}

fn make_certificate(folder: &Path) -> (String, String) {
    let file = |name: &str| folder.join(name).display().to_string();
    let (certificate, key) = (file("certificate.pem"), file("key.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"])
        .args([
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-subj",
            "/CN=faq.example.jp",
        ])
        .args(["-keyout", &key, "-out", &certificate])
        .output()
        .expect("openssl");
    assert!(made.status.success(), "{made:?}");
    (certificate, key)
}
