//! The staff desk under attack: a table of attempts, each with what is expected of it.
//!
//! The requests are written byte by byte, since a client would repair paths and headers. Except where an
//! attempt says otherwise, it comes from someone who is signed in, so that what is refused is the attempt.

use jiff::SignedDuration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::app::{TestApp, encode};
use crate::support::staff::{Browser, OTHER_TOKEN, TOKEN, field, start};

/// Text that runs a script, or breaks out of an attribute, where it is not escaped.
const HOSTILE: &str =
    "\"'><script>alert(1)</script><img src=x onerror=alert(1)></textarea></title>";

/// Parts of a page that show that the text was not escaped.
const UNESCAPED: [&str; 4] = ["<script>alert", "<img src=x", "'><", "</textarea></title>"];

/// Lines that end a header and begin another.
const LINES: &str = "a\r\nset-cookie: evil=1\r\nx-evil: 1\r\n\r\n<h1>evil</h1>";

const FORM: &str = "application/x-www-form-urlencoded";

/// What is sent.
#[derive(Clone)]
struct Attempt {
    name: String,
    method: &'static str,
    path: String,
    cookie: Option<String>,
    origin: Option<String>,
    fetch_site: Option<&'static str>,
    content_type: &'static str,
    /// A header with its line break.
    header: String,
    body: Vec<u8>,
    /// The statuses that are expected.
    expected: &'static [u16],
}

/// What came back.
struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Attempt {
    async fn send(&self, app: &TestApp) -> Reply {
        let Self { method, path, .. } = self;
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", app.address);
        for (name, value) in [("cookie", &self.cookie), ("origin", &self.origin)] {
            if let Some(value) = value {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        if let Some(site) = self.fetch_site {
            head.push_str(&format!("sec-fetch-site: {site}\r\n"));
        }
        head.push_str(&self.header);
        if *method != "GET" {
            let (kind, length) = (self.content_type, self.body.len());
            head.push_str(&format!(
                "content-type: {kind}\r\ncontent-length: {length}\r\n"
            ));
        }
        head.push_str("connection: close\r\n\r\n");
        let mut stream = TcpStream::connect(app.address).await.expect("a connection");
        stream.write_all(head.as_bytes()).await.expect("a request");
        // The service may refuse the head and close.
        let _ = stream.write_all(&self.body).await;
        let mut reply = Vec::new();
        // A service that refuses a long body may reset the connection after its reply.
        let ended = stream.read_to_end(&mut reply).await;
        let has_head = reply.windows(4).any(|part| part == b"\r\n\r\n");
        assert!(ended.is_ok() || has_head, "no reply: {ended:?}");
        let reply = String::from_utf8_lossy(&reply);
        let (head, body) = reply.split_once("\r\n\r\n").expect("a head");
        let status = head.split(' ').nth(1).expect("a status");
        Reply {
            status: status.parse().expect("a number"),
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    /// Sends the attempt and checks what comes back.
    async fn check(&self, app: &TestApp) -> Reply {
        let reply = self.send(app).await;
        let (name, status) = (&self.name, reply.status);
        let Reply { head, body, .. } = &reply;
        assert!(
            self.expected.contains(&status),
            "{name}: {status}\n{head}\n{body}"
        );
        for line in ["\nset-cookie: evil", "\nx-evil"] {
            assert!(!head.contains(line), "{name}: {head}");
        }
        let is_html = head.contains("text/html");
        for part in UNESCAPED {
            assert!(!is_html || !body.contains(part), "{name}: {part}: {body}");
        }
        let is_file = head.contains("content-disposition: attachment");
        assert!(is_html || is_file || status != 200, "{name}: {head}");
        let policy = "content-security-policy: default-src 'none'; script-src 'self'";
        let is_protected = head.contains(policy) && head.contains("cache-control: no-store");
        assert!(
            !is_html || is_protected || !is_below(&self.path),
            "{name}: {head}"
        );
        for secret in [TOKEN, OTHER_TOKEN] {
            assert!(!body.contains(secret), "{name}: a token in the page");
        }
        reply
    }
}

/// Returns whether a path is one of the staff desk.
fn is_below(path: &str) -> bool {
    path.starts_with("/staff/") || path.starts_with("/staff?")
}

/// Someone who is signed in.
struct Session {
    cookie: String,
    csrf: String,
    origin: String,
}

impl Session {
    async fn begin(app: &TestApp, token: &str) -> Self {
        let mut browser = Browser::new(app);
        browser.sign_in(token).await;
        Self {
            csrf: browser.csrf().await,
            cookie: browser.cookie(),
            origin: format!("http://{}", app.address),
        }
    }

    fn get(&self, name: &str, path: &str, expected: &'static [u16]) -> Attempt {
        Attempt {
            name: name.to_owned(),
            method: "GET",
            path: path.to_owned(),
            cookie: Some(self.cookie.clone()),
            origin: None,
            fetch_site: None,
            content_type: FORM,
            header: String::new(),
            body: Vec::new(),
            expected,
        }
    }

    /// A form as a page of ours sends it, but for the CSRF token.
    fn form(
        &self,
        name: &str,
        path: &str,
        fields: &[(&str, &str)],
        expected: &'static [u16],
    ) -> Attempt {
        let fields = fields.iter();
        let pairs = fields.map(|(name, value)| format!("{name}={}", encode(value)));
        Attempt {
            method: "POST",
            origin: Some(self.origin.clone()),
            fetch_site: Some("same-origin"),
            body: pairs.collect::<Vec<_>>().join("&").into_bytes(),
            ..self.get(name, path, expected)
        }
    }

    /// A form as a page of ours sends it.
    fn right(
        &self,
        name: &str,
        path: &str,
        fields: &[(&str, &str)],
        expected: &'static [u16],
    ) -> Attempt {
        let fields = [&[("csrf", &*self.csrf)], fields].concat();
        self.form(name, path, &fields, expected)
    }
}

/// The paths that forms are sent to.
const FORMS: [&str; 10] = [
    "/staff/questions",
    "/staff/entry",
    "/staff/closed",
    "/staff/preview",
    "/staff/approve",
    "/staff/publish",
    "/staff/merge",
    "/staff/discard",
    "/staff/undo",
    "/staff/sign-out",
];

/// Requests without a session that is alive.
fn sessions(own: &Session) -> Vec<Attempt> {
    let cookies = [
        ("no session", None),
        ("an empty session", Some("madoguchi_staff=".to_owned())),
        (
            "an invented session",
            Some("madoguchi_staff=0123".to_owned()),
        ),
        (
            "SQL as session",
            Some("madoguchi_staff=' OR 1=1 --".to_owned()),
        ),
        (
            "the cookie of another name",
            Some("madoguchi_staff_lang=ja".to_owned()),
        ),
        (
            "a token as session",
            Some(format!("madoguchi_staff={TOKEN}")),
        ),
        (
            "a CSRF token as session",
            Some(format!("madoguchi_staff={}", own.csrf)),
        ),
        ("a name in another case", Some(own.cookie.to_uppercase())),
        (
            "a long session",
            Some(format!("madoguchi_staff={}", "a".repeat(8_000))),
        ),
        (
            "an invented session before the own one",
            Some(format!("madoguchi_staff=0123; {}", own.cookie)),
        ),
    ];
    let attempts = cookies.into_iter().map(|(name, cookie)| Attempt {
        cookie,
        ..own.get(name, "/staff/activity", &[303])
    });
    let mut attempts: Vec<Attempt> = attempts.collect();
    for path in [
        "/staff",
        "/staff/report.csv",
        "/staff/export/csv",
        "/staff/draft?of=sato",
        "/staff?live=1",
    ] {
        attempts.push(Attempt {
            cookie: None,
            ..own.get(&format!("{path} without a session"), path, &[303])
        });
    }
    attempts.push(Attempt {
        cookie: None,
        ..own.right("a form without a session", "/staff/discard", &[], &[303])
    });
    let user = own.get(
        "the header of a proxy that is not set up",
        "/staff/activity",
        &[303],
    );
    attempts.push(Attempt {
        cookie: None,
        header: "x-remote-user: sato\r\n".to_owned(),
        ..user
    });
    attempts
}

/// Forms that a page of ours did not send.
fn forged(own: &Session, other: &Session) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for path in FORMS {
        let name = format!("{path} without a CSRF token");
        attempts.push(own.form(&name, path, &[("reason", "x")], &[403]));
    }
    for (name, fields) in [
        ("an empty CSRF token", &[("csrf", "")][..]),
        ("a wrong CSRF token", &[("csrf", "0123456789abcdef")]),
        ("the CSRF token of a colleague", &[("csrf", &*other.csrf)]),
        ("half of the CSRF token", &[("csrf", &own.csrf[..30])]),
        (
            "a wrong CSRF token before the right one",
            &[("csrf", "x"), ("csrf", &*own.csrf)],
        ),
        (
            "the CSRF token in a field of another name",
            &[("CSRF", &*own.csrf)],
        ),
    ] {
        attempts.push(own.form(name, "/staff/discard", fields, &[403]));
    }
    let path = format!("/staff/discard?csrf={}", own.csrf);
    attempts.push(own.form(
        "the CSRF token in the address",
        &path,
        &[("a", "b")],
        &[403],
    ));
    let right = own.right("", "/staff/discard", &[], &[403]);
    for (name, origin) in [
        ("no origin", None),
        ("another origin", Some("https://evil.example".to_owned())),
        ("an opaque origin", Some("null".to_owned())),
        ("another port", Some("http://127.0.0.1:1".to_owned())),
        (
            "an origin that begins like ours",
            Some(format!("{}.evil.example", own.origin)),
        ),
        (
            "our origin as the user of another",
            Some(format!("{}@evil.example", own.origin)),
        ),
    ] {
        let name = name.to_owned();
        attempts.push(Attempt {
            name,
            origin,
            ..right.clone()
        });
    }
    for site in ["cross-site", "same-site", "none"] {
        attempts.push(Attempt {
            name: format!("{site}, says the browser"),
            fetch_site: Some(site),
            ..right.clone()
        });
    }
    for kind in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=a",
        "text/xml",
    ] {
        attempts.push(Attempt {
            name: format!("a form as {kind}"),
            content_type: kind,
            expected: &[400],
            ..right.clone()
        });
    }
    let mut attempt = own.form(
        "a sign-in from another site",
        "/staff/sign-in",
        &[("token", TOKEN)],
        &[403],
    );
    attempt.origin = Some("https://evil.example".to_owned());
    attempts.push(attempt);
    // Files are sent by a script, with the token in a header.
    for (name, header, expected) in [
        ("a file without a CSRF token", String::new(), &[403][..]),
        (
            "a file with a wrong CSRF token",
            "x-csrf-token: 0123\r\n".to_owned(),
            &[403],
        ),
        (
            "a file with the CSRF token of a colleague",
            format!("x-csrf-token: {}\r\n", other.csrf),
            &[403],
        ),
    ] {
        let file = own.form(name, "/staff/import?name=a.csv&then=take", &[], expected);
        attempts.push(Attempt { header, ..file });
    }
    attempts
}

/// Bodies and fields that are too long.
fn oversize(own: &Session) -> Vec<Attempt> {
    let long = "a".repeat(1100 * 1024);
    let mut attempts = Vec::new();
    for path in [
        "/staff/entry",
        "/staff/questions",
        "/staff/preview",
        "/staff/publish",
    ] {
        let name = format!("an oversize form to {path}");
        attempts.push(own.right(&name, path, &[("answer", &long)], &[413]));
    }
    let mut sign_in = own.form(
        "an oversize sign-in",
        "/staff/sign-in",
        &[("token", &long)],
        &[413],
    );
    sign_in.cookie = None;
    attempts.push(sign_in);
    let path = "/staff/import?name=a.csv&desk=selas";
    let file = own.form("an oversize file", path, &[], &[413]);
    attempts.push(Attempt {
        header: format!("x-csrf-token: {}\r\n", own.csrf),
        content_type: "application/octet-stream",
        body: vec![b'a'; 5 * 1024 * 1024 + 1],
        ..file
    });
    let many: Vec<(&str, &str)> = std::iter::repeat_n(("question", "x"), 10_000).collect();
    attempts.push(own.right("ten thousand fields", "/staff/preview", &many, &[200]));
    let long_question = format!("/staff/questions?q={}", "%E3%81%82".repeat(5_000));
    attempts.push(own.get("a long question", &long_question, &[200]));
    attempts.push(own.get(
        "a long address",
        &format!("/staff?{}", "a".repeat(70_000)),
        &[414, 431],
    ));
    attempts
}

/// Methods and paths that reach nothing.
fn strays(own: &Session) -> Vec<Attempt> {
    let mut attempts = Vec::new();
    for (method, path) in [
        ("GET", "/staff/sign-out"),
        ("GET", "/staff/publish"),
        ("GET", "/staff/undo"),
        ("GET", "/staff/discard"),
        ("POST", "/staff/activity"),
        ("POST", "/staff/report"),
        ("POST", "/staff/export/csv"),
        ("PUT", "/staff/activity"),
        ("PUT", "/staff/entry"),
        ("DELETE", "/staff/entry"),
        ("PATCH", "/staff/entry"),
        ("TRACE", "/staff/activity"),
        ("OPTIONS", "/staff/activity"),
    ] {
        let attempt = own.right("", path, &[], &[404, 405]);
        attempts.push(Attempt {
            name: format!("{method} {path}"),
            method,
            ..attempt
        });
    }
    for path in [
        "/staff/../staff/activity",
        "/staff/%2e%2e/staff/activity",
        "/staff/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/staff/..%5c..%5cwindows",
        "/staff/activity/../../etc/passwd",
        "/staff//activity",
        "/staff/activity%00",
        "/staff/activity%0d%0ax-evil:1",
        "/staff/.git/config",
        "/staff/.env",
        "/STAFF/activity",
        "/Staff/activity",
        "/staff;/activity",
        "/%73taff%2factivity",
        "/staff/entry?id=../../../etc/passwd",
        "/staff/entry?id=%00",
        "/staff/export/..%2f..%2fetc%2fpasswd",
        "/staff/export/csv%00",
        "/staff/export/",
        "/assets/../staff/activity",
    ] {
        attempts.push(own.get(path, path, &[400, 404]));
    }
    attempts
}

/// Hostile texts in addresses and fields: all are shown as text, or refused.
fn hostile(own: &Session) -> Vec<Attempt> {
    let text = encode(HOSTILE);
    let mut attempts = Vec::new();
    for path in [
        format!("/staff?lang={text}"),
        format!("/staff/unanswered?lang={text}"),
        format!("/staff/questions?q={text}&find={text}"),
        format!("/staff/entries?q={text}"),
        format!("/staff/draft?of={text}"),
        format!(
            "/staff/draft?days={text}&day={text}&ask={text}&refused={text}&reason={text}&conflict={text}"
        ),
        format!("/staff/history?done={text}&refused={text}&git={text}"),
        format!("/staff/report?from={text}&to={text}&desk={text}&days={text}"),
        format!("/staff/report.csv?from={text}&to={text}"),
        format!("/staff/export?refused={text}"),
        format!("/staff/import?name={text}"),
        format!("/staff/activity?{text}={text}"),
        format!("/staff/sign-in?{text}"),
    ] {
        attempts.push(own.get(&format!("a script in {path:.30}"), &path, &[200]));
    }
    for path in [
        format!("/staff/entry?id={text}"),
        format!("/staff/{text}"),
        format!("/staff/export/{text}"),
    ] {
        attempts.push(own.get(&format!("a script in {path:.30}"), &path, &[404]));
    }
    let entry: Vec<(&str, &str)> = [
        "id",
        "question",
        "answer",
        "variants",
        "category",
        "document",
        "section",
        "related",
        "desk",
        "valid_from",
        "valid_until",
        "review_by",
        "opened",
        "contact",
        "title",
    ]
    .map(|name| (name, HOSTILE))
    .to_vec();
    attempts.push(own.right(
        "a script as the id of an entry",
        "/staff/entry",
        &entry,
        &[404],
    ));
    attempts.push(own.right(
        "a script in every field of an entry",
        "/staff/entry",
        &entry[1..],
        &[200],
    ));
    attempts.push(own.right("a script in the preview", "/staff/preview", &entry, &[200]));
    let topic = [
        ("question", HOSTILE),
        ("desk", "selas"),
        ("topic", HOSTILE),
        ("then", "referral"),
    ];
    attempts.push(own.right("a script in a referral", "/staff/questions", &topic, &[303]));
    let unknown = [
        ("question", HOSTILE),
        ("entry", HOSTILE),
        ("then", "variants"),
    ];
    attempts.push(own.right(
        "a script as an entry to choose",
        "/staff/questions",
        &unknown,
        &[404],
    ));
    let days = [
        ("desk", HOSTILE),
        ("first", HOSTILE),
        ("last", HOSTILE),
        ("remove", HOSTILE),
    ];
    attempts.push(own.right("a script in closed days", "/staff/closed", &days, &[200]));
    let file = format!("/staff/import?desk=selas&name={text}.csv&category={text}&document={text}");
    let file = own.form("a script in a file", &file, &[], &[200]);
    attempts.push(Attempt {
        header: format!("x-csrf-token: {}\r\n", own.csrf),
        body: format!("質問,回答\n\"{0}\",\"{0}\"\n", HOSTILE.replace('"', "\"\"")).into_bytes(),
        ..file
    });
    attempts
}

/// Texts that would end a header.
fn injected(own: &Session) -> Vec<Attempt> {
    let text = encode(LINES);
    vec![
        own.get(
            "a line break in the language",
            &format!("/staff?lang={text}"),
            &[200],
        ),
        own.get(
            "a line break in the days",
            &format!("/staff/report.csv?from={text}"),
            &[200],
        ),
        own.get(
            "a line break in a format",
            &format!("/staff/export/{text}"),
            &[404],
        ),
        own.right(
            "a line break in a reason",
            "/staff/publish",
            &[("reason", LINES)],
            &[303],
        ),
        own.right(
            "a line break in a name",
            "/staff/approve",
            &[("of", LINES)],
            &[303],
        ),
        own.right(
            "a line break in a question",
            "/staff/questions",
            &[("question", LINES)],
            &[303],
        ),
    ]
}

#[tokio::test]
async fn attempts_are_refused_or_shown_as_text() {
    let (app, folder) = start().await;
    folder.record(&[HOSTILE]).await;
    let own = Session::begin(&app, TOKEN).await;
    let other = Session::begin(&app, OTHER_TOKEN).await;
    let before = folder.files();
    // What is there to lose: a draft.
    let fields = [
        ("question", "ふわふわの棚卸し"),
        ("entry", "selas-product-registration"),
        ("then", "variants"),
    ];
    own.right("a draft", "/staff/questions", &fields, &[303])
        .check(&app)
        .await;
    let is_kept = own.get("the draft", "/staff/draft", &[200]);
    let mut count = 0;
    for attempts in [
        sessions(&own),
        forged(&own, &other),
        oversize(&own),
        strays(&own),
    ] {
        for attempt in attempts {
            let reply = attempt.check(&app).await;
            let name = &attempt.name;
            assert!(
                reply.status != 303 || reply.head.contains("location: /staff/sign-in"),
                "{name}"
            );
            // A page of the desk has the token of the session.
            let is_shown = reply.body.contains(&own.csrf) && reply.status == 200;
            let is_allowed = attempt.expected.contains(&200);
            assert!(!is_shown || is_allowed, "{name}: {}", reply.body);
            count += 1;
        }
        assert!(is_kept.check(&app).await.body.contains("ふわふわの棚卸し"));
    }
    for attempt in hostile(&own).into_iter().chain(injected(&own)) {
        attempt.check(&app).await;
        count += 1;
    }
    assert!(count >= 100, "{count} attempts");
    assert!(folder.files() == before, "a file has changed");
    for path in [
        "/staff",
        "/staff/questions",
        "/staff/unanswered",
        "/staff/draft",
        "/staff/activity",
    ] {
        own.get("a page with all of them", path, &[200])
            .check(&app)
            .await;
    }
    // A file lands in the folder of its desk, whatever its name.
    let path = format!(
        "/staff/import?desk=selas&then=take&name={}",
        encode("../../../etc/passwd.csv")
    );
    let file = own.form("a path as the name of a file", &path, &[], &[303]);
    let file = Attempt {
        header: format!("x-csrf-token: {}\r\n", own.csrf),
        body: "質問,回答\nゾロリカはどこですか,三階です\n"
            .as_bytes()
            .to_vec(),
        ..file
    };
    file.check(&app).await;
    let draft = is_kept.check(&app).await;
    assert!(draft.body.contains("selas/passwd.toml"), "{}", draft.body);
    app.advance(SignedDuration::from_hours(13));
    own.get("a session of yesterday", "/staff", &[303])
        .check(&app)
        .await;
    own.right("a form of yesterday", "/staff/discard", &[], &[303])
        .check(&app)
        .await;
}

#[tokio::test]
async fn forms_that_are_sent_again_do_nothing() {
    let (app, folder) = start().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let fields = [
        ("question", "ふわふわの棚卸し"),
        ("entry", "selas-product-registration"),
        ("then", "variants"),
    ];
    browser.submit("/staff/questions", &fields).await;
    let draft = browser.checked("/staff/draft").await;
    let version = field(&draft, "version").to_owned();
    let own = [("of", "sato"), ("version", &*version)];
    let refused = browser.submit("/staff/approve", &own).await;
    assert_eq!(refused, "/staff/draft?of=sato&refused=own");
    let publish = [("reason", "理由"), ("version", &*version)];
    assert_eq!(
        browser.submit("/staff/publish", &publish).await,
        "/staff/history?done=1"
    );
    let again = browser.submit("/staff/publish", &publish).await;
    assert!(again.starts_with("/staff/draft?refused=nothing"), "{again}");
    let undo = [("id", "1"), ("reason", "理由")];
    assert_eq!(
        browser.submit("/staff/undo", &undo).await,
        "/staff/history?done=2"
    );
    let before = folder.files();
    let again = browser.submit("/staff/undo", &undo).await;
    assert_eq!(again, "/staff/history?refused=outdated");
    for id in ["9", "-1", "1 OR 1=1", "", "99999999999999999999"] {
        let csrf = browser.csrf().await;
        let fields = [("csrf", &*csrf), ("id", id), ("reason", "理由")];
        let unknown = browser.post("/staff/undo", &fields).await;
        assert_eq!(unknown.status(), 404, "{id}");
    }
    assert!(folder.files() == before, "a file has changed");
    let csrf = browser.csrf().await;
    let cookie = browser.cookie();
    browser.submit("/staff/sign-out", &[]).await;
    let session = Session {
        cookie,
        csrf,
        origin: format!("http://{}", app.address),
    };
    for path in FORMS {
        let attempt = session.right("a form after signing out", path, &[], &[303]);
        let reply = attempt.check(&app).await;
        assert!(reply.head.contains("location: /staff/sign-in"), "{path}");
    }
}
