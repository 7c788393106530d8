//! The page of an entry: its dates, the verdict, the button that copies its address.

use serde_json::json;

use crate::records::{await_written, sqlite, turns};
use crate::support::knowledge::{base, edit};
use crate::support::process::{Serving, client};

fn page(serving: &Serving, path: &str) -> String {
    let url = format!("http://{}{path}", serving.address());
    client().get(url).send().unwrap().text().unwrap()
}

#[test]
fn a_page_says_when_its_answer_is_due_for_review() {
    let folder = base();
    let file = folder.path().join("library/card.toml");
    edit(&file, "review_by = 2027-03-31", "review_by = 2100-03-31");
    let mut serving = Serving::start(folder.path(), &[]);
    let shown = page(&serving, "/entries/library-card");
    assert!(shown.contains("次回の見直し：2100年3月31日まで"), "{shown}");
    assert!(!shown.contains("保存日："), "{shown}");
    let english = page(&serving, "/entries/library-card?lang=en");
    assert!(
        english.contains("Next review due: 31 Mar 2100"),
        "{english}"
    );
    // Without a review date, the page has the date of the file, and says which date it is.
    let other = page(&serving, "/entries/library-lost-card");
    let today = jiff::Zoned::now().with_time_zone(jiff::tz::TimeZone::get("Asia/Tokyo").unwrap());
    let days = [today.yesterday().unwrap().date(), today.date()];
    let dates = days.map(|day| {
        format!(
            "掲載データの保存日：{}年{}月{}日",
            day.year(),
            day.month(),
            day.day()
        )
    });
    let is_dated = dates.iter().any(|date| other.contains(date));
    assert!(is_dated, "{other}");
    edit(&file, "review_by = 2100-03-31", "review_by = 2020-03-31");
    serving.wait_for("knowledge reloaded");
    let overdue = page(&serving, "/entries/library-card");
    assert!(
        overdue.contains("見直しの期限（2020年3月31日）を過ぎています"),
        "{overdue}"
    );
}

#[test]
fn the_verdict_that_the_page_sends_is_recorded() {
    let folder = base();
    let records = tempfile::tempdir().unwrap();
    let (setting, location) = sqlite(records.path());
    let mut serving = Serving::start(folder.path(), &[("MADOGUCHI_RECORDS", &setting)]);
    let shown = page(&serving, "/entries/library-card");
    for part in [
        "<section class=\"vote\" hidden",
        "data-entry=\"library-card\"",
        "data-question=\"利用者カードはどう作りますか？\"",
        "data-api=\"/api/v1/\"",
        "data-link=\"/entries/{id}\"",
        "data-desk=\"/desks/library#contact\"",
        "<button class=\"quiet\" type=\"button\" hidden data-copy-link",
        "src=\"/assets/page-",
    ] {
        assert!(shown.contains(part), "`{part}` is missing: {shown}");
    }
    let desk = page(&serving, "/desks/library");
    assert!(desk.contains("id=\"contact\""), "{desk}");
    // As the script of the page does.
    let question = json!({ "question": "利用者カードはどう作りますか？", "entry": "library-card", "language": "ja" });
    let asked = serving.post("/api/v1/ask", &question);
    let verdict = json!({
        "answer_id": asked["answer_id"], "conversation": asked["conversation"],
        "helpful": false, "language": "ja",
    });
    let next = serving.post("/api/v1/feedback", &verdict);
    assert_eq!(next["escalation"]["desk"], "library", "{next}");
    await_written(&serving, 2);
    serving.stop();
    let rated = turns(&location);
    let rated = rated.iter().find(|turn| turn.helpful == Some(false));
    let rated = rated.expect("the verdict");
    assert_eq!(rated.entry.as_deref(), Some("library-card"));
}
