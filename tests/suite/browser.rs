//! The widget and the pages in a real browser: runs the files in `tests/browser` one at a time.
//!
//! Requires Node.js, the packages of `tests/browser/package-lock.json` and Chromium. If one is
//! missing, the tests are skipped with a message; in CI they fail.

use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use madoguchi::channels::http::{Options, Rates};
use tokio::sync::Mutex;

use crate::support::app::TestApp;
use crate::support::knowledge::{copy, project};
use crate::support::nginx::{Nginx, free_address};
use crate::support::process::Serving;
use crate::support::skip;

/// Names of browsers on `PATH`, in order of preference.
const BROWSERS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// The oldest major version of Node.js that runs the tests.
const MIN_NODE_VERSION: u32 = 20;

/// The test file whose service is behind nginx, below a path.
const BELOW_A_PATH: &str = "sub_path.test.mjs";

/// Allows one browser at a time: two would exceed their time limits.
static BROWSER: Mutex<()> = Mutex::const_new(());

/// The programs that run the tests.
struct Tools {
    node: PathBuf,
    chromium: PathBuf,
}

impl Tools {
    /// Finds the programs. The error names the one to install.
    fn find() -> Result<Self, String> {
        let node = on_path("node").ok_or("`node` is not on PATH; install Node.js 20 or newer")?;
        let version = Command::new(&node).arg("--version").output();
        let version = version.map_err(|error| format!("`node --version`: {error}"))?;
        let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
        let major = version.trim_start_matches('v').split('.').next();
        if major.and_then(|major| major.parse().ok()) < Some(MIN_NODE_VERSION) {
            return Err(format!(
                "Node.js is {version}; install {MIN_NODE_VERSION} or newer"
            ));
        }
        if !project("tests/browser/node_modules/playwright-core").exists() {
            return Err("packages are missing; run `npm ci --prefix tests/browser`".to_owned());
        }
        let chromium = match env::var_os("CHROMIUM") {
            Some(path) => PathBuf::from(path),
            None => BROWSERS
                .into_iter()
                .find_map(on_path)
                .ok_or("no browser is on PATH; install chromium, or name one in CHROMIUM")?,
        };
        Ok(Self { node, chromium })
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Finds the programs, or skips a test file.
fn tools(file: &str) -> Option<Tools> {
    match Tools::find() {
        Ok(tools) => Some(tools),
        Err(missing) => {
            skip(&format!("tests/browser/{file}"), &missing);
            None
        }
    }
}

/// Runs one test file against its own service.
async fn run(file: &str) {
    let Some(tools) = tools(file) else { return };
    let _alone = BROWSER.lock().await;
    let options = Options {
        allowed_origins: vec!["*".to_owned()],
        rates: Rates::off(),
        ..Options::default()
    };
    let below = (file == BELOW_A_PATH).then(free_address);
    let below_url = below.map(|address| format!("http://{address}/faq"));
    let app = match &below_url {
        Some(url) => {
            let public_url = Some(url.clone());
            TestApp::start_with(Options {
                public_url,
                ..options
            })
            .await
        }
        None => TestApp::start_public(options).await,
    };
    let folder = tempfile::tempdir().unwrap();
    let nginx = below.map(|address| proxy(&app, address, folder.path()));
    // Without nginx, a message says that the test was skipped.
    if let Some(None) = nginx {
        return;
    }
    let below_url = below_url.unwrap_or_default();
    let script = Script {
        file,
        is_test: true,
        arguments: &[],
    };
    node(tools, script, app.address, &[("BELOW_URL", &below_url)]).await;
}

/// A script in `tests/browser`.
struct Script<'a> {
    file: &'a str,
    /// Whether it is run as a test file.
    is_test: bool,
    arguments: &'a [&'a str],
}

/// Runs a script against a service at an address, with further variables.
async fn node(tools: Tools, script: Script<'_>, address: SocketAddr, variables: &[(&str, &str)]) {
    let file = script.file;
    let mut command = Command::new(tools.node);
    if script.is_test {
        command.args(["--test", "--test-reporter=spec", "--test-timeout=400000"]);
    }
    command
        .envs(variables.iter().copied())
        .arg(Path::new("tests/browser").join(file))
        .args(script.arguments)
        .current_dir(project(""))
        .env("SERVICE_URL", format!("http://{address}"))
        .env("CHROMIUM", tools.chromium)
        .env_remove("FORCE_COLOR")
        .env("NO_COLOR", "1");
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.expect("a thread").expect("node starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "tests/browser/{file} failed:\n{text}\n{errors}"
    );
}

/// Starts nginx before a service, with the example for a path; without TLS, as browsers refuse a
/// certificate that no one trusts.
fn proxy(app: &TestApp, address: SocketAddr, folder: &Path) -> Option<Nginx> {
    let replaced = [
        ("server 127.0.0.1:8080;", format!("server {};", app.address)),
        ("listen 443 ssl;", format!("listen {address};")),
        ("listen [::]:443 ssl;", String::new()),
    ];
    Nginx::start(folder, "madoguchi-sub-path.conf", &replaced)
}

/// Declares one test per file, named after it.
macro_rules! files {
    ($($name:ident),* $(,)?) => {
        $(
            #[tokio::test]
            async fn $name() {
                run(concat!(stringify!($name), ".test.mjs")).await;
            }
        )*

        #[test]
        fn every_browser_test_file_is_declared() {
            let mut listed = vec![$(concat!(stringify!($name), ".test.mjs")),*];
            listed.extend(STAFF);
            listed.sort_unstable();
            let folder = std::fs::read_dir(project("tests/browser")).unwrap();
            let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            let mut found: Vec<String> = names.filter(|name| name.ends_with(".test.mjs")).collect();
            found.sort_unstable();
            assert_eq!(listed, found);
        }
    };
}

files!(
    accessibility,
    answers,
    caching,
    colors,
    content_security_policy,
    drafts,
    embedding,
    entries,
    failures,
    hostile_content,
    input_method,
    keyboard,
    layout,
    lighthouse,
    pages,
    placement,
    sub_path,
    suggestions,
    touch,
    transcript,
);

/// The test files of the staff desk; each is a test below.
const STAFF: [&str; 6] = [
    "staff.test.mjs",
    "staff_tasks.test.mjs",
    "staff_together.test.mjs",
    "staff_files.test.mjs",
    "staff_review.test.mjs",
    "staff_forms.test.mjs",
];

/// Runs a script against a staff desk with two users. It needs the real service: it publishes files, and the
/// reload serves them.
async fn staff_desk(script: &str, is_test: bool, arguments: &[&str], variables: &[(&str, &str)]) {
    const TOKEN: &str = "token-of-the-test-0123456789";
    const OTHER_TOKEN: &str = "token-of-another-0123456789";
    let Some(tools) = tools(script) else { return };
    let _alone = BROWSER.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let knowledge = folder.path().join("knowledge");
    copy(&project("knowledge"), &knowledge);
    let records = format!("sqlite://{}", folder.path().join("records.db").display());
    let users = format!("sato:{TOKEN}\nsuzuki:{OTHER_TOKEN}");
    let own = [
        ("MADOGUCHI_RECORDS", &*records),
        ("MADOGUCHI_STAFF_TOKEN", &*users),
        ("MADOGUCHI_RATE_PAGES", "off"),
    ];
    let serving = Serving::start(&knowledge, &[&own, variables].concat());
    let tokens = [("STAFF_TOKEN", TOKEN), ("STAFF_OTHER_TOKEN", OTHER_TOKEN)];
    let script = Script {
        file: script,
        is_test,
        arguments,
    };
    node(tools, script, serving.address(), &tokens).await;
}

#[tokio::test]
async fn staff() {
    staff_desk(STAFF[0], true, &[], &[]).await;
}

#[tokio::test]
async fn staff_tasks() {
    staff_desk(STAFF[1], true, &[], &[]).await;
}

#[tokio::test]
async fn staff_together() {
    staff_desk(STAFF[2], true, &[], &[]).await;
}

#[tokio::test]
async fn staff_files() {
    staff_desk(STAFF[3], true, &[], &[]).await;
}

#[tokio::test]
async fn staff_review() {
    staff_desk(STAFF[4], true, &[], &[("MADOGUCHI_STAFF_REVIEW", "1")]).await;
}

#[tokio::test]
async fn staff_forms() {
    staff_desk(STAFF[5], true, &[], &[]).await;
}

/// The folder of the screenshots of the guide for staff.
const SCREENSHOTS: &str = "docs/images";

/// Greatest size of all screenshots, in bytes.
const MAX_SCREENSHOT_BYTES: u64 = 600_000;

/// `UPDATE_SCREENSHOTS=1` takes the screenshots anew.
#[tokio::test]
async fn the_guide_for_staff_shows_its_pages() {
    if env::var_os("UPDATE_SCREENSHOTS").is_some() {
        let folder = project(SCREENSHOTS);
        let arguments = ["--staff", folder.to_str().expect("UTF-8")];
        staff_desk("screenshots.mjs", false, &arguments, &[]).await;
    }
    let guide = std::fs::read_to_string(project("docs/staff.md")).unwrap();
    let mut bytes = 0;
    let mut count = 0;
    for file in std::fs::read_dir(project(SCREENSHOTS)).expect("screenshots") {
        let file = file.unwrap();
        let name = file.file_name().into_string().unwrap();
        let link = format!("](images/{name})");
        assert!(guide.contains(&link), "docs/staff.md does not show {name}");
        bytes += file.metadata().unwrap().len();
        count += 1;
    }
    assert_eq!(
        guide.matches("](images/").count(),
        count,
        "missing screenshots"
    );
    assert!(
        count >= 5 && bytes < MAX_SCREENSHOT_BYTES,
        "{count}: {bytes} bytes"
    );
}
