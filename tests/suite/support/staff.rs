//! A staff desk for tests, and a browser that keeps its cookies.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use madoguchi::channels::http::{Options, Rates, StaffOptions, StaffUser};
use madoguchi::records::{Location, Options as RecordOptions, Turn, Writer};
use reqwest::{Method, RequestBuilder, Response};
use tempfile::TempDir;

use super::app::{TestApp, encode};
use super::knowledge::{copy, now, project};
use crate::records::turn;

/// The token of the user `sato`.
pub(crate) const TOKEN: &str = "token-of-sato-0123456789";

/// The token of the user `suzuki`.
pub(crate) const OTHER_TOKEN: &str = "token-of-suzuki-0123456789";

/// A folder with a database and a copy of the shipped knowledge.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        copy(&project("knowledge"), &folder.knowledge());
        folder
    }

    /// Returns the copy of the knowledge.
    pub(crate) fn knowledge(&self) -> PathBuf {
        self.0.path().join("knowledge")
    }

    /// Reads a file of the knowledge.
    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.knowledge().join(path)).expect("a file")
    }

    /// Reads all files of the knowledge.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.knowledge()];
        while let Some(folder) = folders.pop() {
            for found in fs::read_dir(folder).expect("a folder") {
                let path = found.expect("a file").path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.insert(path.clone(), fs::read(path).expect("a file"));
                }
            }
        }
        files
    }

    /// Stores questions that found no answer.
    pub(crate) async fn record(&self, questions: &[&str]) {
        let (recorder, writer) = Writer::start(RecordOptions {
            location: self.location(),
            retention_days: 0,
        });
        let zone = TimeZone::get("Asia/Tokyo").expect("a time zone");
        for (number, question) in questions.iter().enumerate() {
            let at = now() - SignedDuration::from_hours(1 + number as i64);
            let conversation = [number as u8; 16];
            recorder.record(Turn {
                conversation,
                day: at.to_zoned(zone.clone()).date(),
                ..turn(at, question)
            });
        }
        writer.stop().await;
    }

    /// Returns the database.
    pub(crate) fn location(&self) -> Location {
        Location::Sqlite(self.0.path().join("records.db"))
    }
}

/// Returns the value of a hidden field of a page.
pub(crate) fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&start).expect("a field");
    rest.split('"').next().expect("a value")
}

/// Returns the options of a staff desk with two users.
pub(crate) fn options(folder: &Folder) -> StaffOptions {
    let user = |name: &str, token: &str| StaffUser {
        name: name.to_owned(),
        token: token.to_owned(),
    };
    StaffOptions {
        users: vec![user("sato", TOKEN), user("suzuki", OTHER_TOKEN)],
        user_header: None,
        review: false,
        git: false,
        records: folder.location(),
        knowledge: folder.knowledge(),
        encoder: None,
    }
}

/// Starts the service over the shipped knowledge with a staff desk.
pub(crate) async fn start() -> (TestApp, Folder) {
    let folder = Folder::new();
    (start_in(&folder, false).await, folder)
}

/// Starts the service with a staff desk over a folder; with `review`, another user must approve.
pub(crate) async fn start_in(folder: &Folder, review: bool) -> TestApp {
    let staff = StaffOptions {
        review,
        ..options(folder)
    };
    TestApp::start_with(Options {
        rates: Rates::off(),
        staff: Some(staff),
        ..Options::default()
    })
    .await
}

/// A browser: keeps cookies and sends what browsers send with a form.
pub(crate) struct Browser<'a> {
    app: &'a TestApp,
    cookies: BTreeMap<String, String>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(app: &'a TestApp) -> Self {
        Self {
            app,
            cookies: BTreeMap::new(),
        }
    }

    /// Returns the header with the cookies.
    pub(crate) fn cookie(&self) -> String {
        let pairs = self.cookies.iter();
        let pairs = pairs.map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    async fn send(&mut self, request: RequestBuilder) -> Response {
        let request = request.header("cookie", self.cookie());
        let response = request.send().await.expect("a response");
        for cookie in response.headers().get_all("set-cookie") {
            let pair = cookie.to_str().expect("text").split(';').next();
            let (name, value) = pair.and_then(|pair| pair.split_once('=')).expect("a pair");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        response
    }

    pub(crate) async fn get(&mut self, path: &str) -> Response {
        self.send(self.app.request(Method::GET, path)).await
    }

    /// Sends a form without following the redirection.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Response {
        let pairs = fields.iter();
        let pairs = pairs.map(|(name, value)| format!("{name}={}", encode(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        let request = self.app.request(Method::POST, path);
        let request = request.header("origin", format!("http://{}", self.app.address));
        let request = request.header("sec-fetch-site", "same-origin");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(body)).await
    }

    /// Gets a page with status 200.
    pub(crate) async fn page(&mut self, path: &str) -> String {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.text().await.expect("a page")
    }

    /// Gets a page, when what it waits for is done, such as the check of a draft.
    pub(crate) async fn checked(&mut self, path: &str) -> String {
        for _ in 0..30 {
            let page = self.page(path).await;
            if !page.contains("data-reload") {
                return page;
            }
        }
        panic!("`{path}` is still being checked");
    }

    /// Sends a form with the CSRF token, and returns where it leads.
    pub(crate) async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let csrf = self.csrf().await;
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("csrf", &*csrf)]).collect();
        let response = self.post(path, &fields).await;
        let status = response.status();
        let location = response.headers().get("location").cloned();
        let text = response.text().await.expect("a body");
        assert_eq!(status, 303, "{path}: {text}");
        let location = location.expect("a location");
        location.to_str().expect("text").to_owned()
    }

    /// Sends a file as the script of the page of imports does.
    pub(crate) async fn upload(&mut self, path: &str, bytes: &[u8]) -> Response {
        let csrf = self.csrf().await;
        let request = self.app.request(Method::POST, path);
        let request = request.header("origin", format!("http://{}", self.app.address));
        let request = request.header("sec-fetch-site", "same-origin");
        let request = request.header("x-csrf-token", csrf);
        self.send(request.body(bytes.to_vec())).await
    }

    pub(crate) async fn sign_in(&mut self, token: &str) {
        let entered = self.post("/staff/sign-in", &[("token", token)]).await;
        assert_eq!(entered.status(), 303);
    }

    /// Returns the CSRF token of the session.
    pub(crate) async fn csrf(&mut self) -> String {
        let page = self.get("/staff/activity").await;
        let page = page.text().await.expect("a page");
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").expect("a form");
        rest.split('"').next().expect("a value").to_owned()
    }
}
