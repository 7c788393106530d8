//! The tables of the staff desk, in SQLite and in PostgreSQL.

use jiff::SignedDuration;
use madoguchi::exchange::WrittenEntry;
use madoguchi::knowledge::Snapshot;
use madoguchi::records::{Database, Location, OnDemand, StaffAction, StaffSession};
use madoguchi::staff::{Desk, Refusal, Workbench, WriteError, is_added};

use crate::support::block_on;
use crate::support::knowledge::{TODAY, base, edit, now};
use crate::support::postgres::Postgres;

async fn sessions(database: &Database) {
    let hours = |hours| now() + SignedDuration::from_hours(hours);
    let session = StaffSession {
        member: "佐藤".to_owned(),
        csrf: "secret".to_owned(),
        started: hours(0),
        seen: hours(0),
    };
    database.add_staff_session("one", &session).await.unwrap();
    database.add_staff_session("two", &session).await.unwrap();
    assert!(database.add_staff_session("one", &session).await.is_err());
    let found = database.staff_session("one").await.unwrap();
    assert_eq!(found.as_ref(), Some(&session));
    assert_eq!(database.staff_session("three").await.unwrap(), None);
    database.see_staff_session("one", hours(3)).await.unwrap();
    let found = database.staff_session("one").await.unwrap().unwrap();
    assert_eq!((found.started, found.seen), (hours(0), hours(3)));
    // Not used since the first hour.
    database
        .end_old_staff_sessions(hours(-1), hours(1))
        .await
        .unwrap();
    assert_eq!(database.staff_session("two").await.unwrap(), None);
    database.end_staff_session("one").await.unwrap();
    assert_eq!(database.staff_session("one").await.unwrap(), None);
}

async fn actions(database: &Database) {
    for number in 0..5 {
        let action = StaffAction {
            at: now() + SignedDuration::from_secs(number),
            member: "佐藤".to_owned(),
            action: "edit".to_owned(),
            detail: format!("'; DROP TABLE staff_actions; -- {number}"),
        };
        database.log_staff_action(&action).await.unwrap();
    }
    let last = database.staff_actions(2).await.unwrap();
    let details: Vec<&str> = last.iter().map(|action| &*action.detail).collect();
    let expected = [4, 3].map(|number| format!("'; DROP TABLE staff_actions; -- {number}"));
    assert_eq!(details, expected);
    assert_eq!(last[0].at, now() + SignedDuration::from_secs(4));
}

async fn drafts_and_changes(location: Location) {
    let knowledge = base();
    let folder = knowledge.path();
    let desk = Desk::new(folder.to_owned(), OnDemand::new(location), false);
    let first = WrittenEntry::from(&Snapshot::read(folder).load(TODAY).knowledge.entries[0]);
    for (member, text) in [
        ("佐藤", "ひとつめ"),
        ("鈴木", "ふたつめ"),
        ("佐藤", "みっつめ"),
    ] {
        let id = first.id.clone();
        let edited = desk.edit(member, now(), move |draft, folder| {
            Workbench::open(draft, folder, TODAY).add_variants(&id, &[text.to_owned()])
        });
        assert_eq!(edited.await.unwrap().unwrap(), 1, "{text}");
    }
    let drafts = desk.drafts().await.unwrap();
    let mut members: Vec<&str> = drafts.iter().map(|draft| &*draft.member).collect();
    members.sort_unstable();
    assert_eq!(members, ["佐藤", "鈴木"]);
    let draft = desk.draft("佐藤").await.unwrap();
    let added = draft.added_texts();
    assert!(is_added(&added, "ひとつめ") && is_added(&added, "みっつめ"));
    let path = draft.files().next().unwrap().path.clone();
    let before = Snapshot::read(folder).text(&path).unwrap().to_owned();
    let version = draft.over(&Snapshot::read(folder)).version();
    desk.approve("佐藤", "鈴木", &version).await.unwrap();
    let id = desk.publish("佐藤", "理由", &version, now()).await.unwrap();
    assert_eq!(id, 1);
    let change = desk.change(id).await.unwrap().unwrap();
    assert_eq!((&*change.member, &*change.reason), ("佐藤", "理由"));
    assert_eq!(change.approved_by.as_deref(), Some("鈴木"));
    assert_eq!((change.at, change.undoes), (now(), None));
    assert_eq!(change.files[0].before.as_deref(), Some(&*before));
    // The other draft began with the text of before.
    let version = desk
        .draft("鈴木")
        .await
        .unwrap()
        .over(&Snapshot::read(folder))
        .version();
    let refused = desk.publish("鈴木", "理由", &version, now()).await;
    assert!(matches!(
        refused,
        Err(Refusal::Write(WriteError::Outdated(_)))
    ));
    desk.drop_draft("鈴木").await.unwrap();
    assert_eq!(desk.drafts().await.unwrap(), []);
    // A refused undo takes no number.
    let file = folder.join(&path);
    edit(&file, "みっつめ", "よっつめ");
    let refused = desk.undo(id, "鈴木", "理由", now(), |_| true).await;
    assert!(matches!(
        refused,
        Err(Refusal::Write(WriteError::Outdated(_)))
    ));
    edit(&file, "よっつめ", "みっつめ");
    let refused = desk.undo(id, "鈴木", "理由", now(), |_| false).await;
    assert!(matches!(refused, Err(Refusal::Unfit)));
    assert_eq!(
        desk.undo(id, "鈴木", "理由", now(), |_| true)
            .await
            .unwrap(),
        2
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), before);
    let history = desk.changes(10).await.unwrap();
    let ids: Vec<_> = history
        .iter()
        .map(|change| (change.id, change.undoes))
        .collect();
    assert_eq!(ids, [(2, Some(1)), (1, None)]);
    assert_eq!(desk.changes(1).await.unwrap().len(), 1);
    assert_eq!(desk.change(3).await.unwrap(), None);
}

fn check(location: Location) {
    block_on(async {
        let database = Database::open(&location).await.expect("a database");
        sessions(&database).await;
        actions(&database).await;
        database.close().await;
        drafts_and_changes(location).await;
    });
}

#[test]
fn the_staff_desk_keeps_its_tables_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    check(Location::Sqlite(folder.path().join("records.db")));
}

#[test]
fn the_staff_desk_keeps_its_tables_in_postgresql() {
    if let Some(postgres) = Postgres::start() {
        check(Location::Postgres(postgres.url(), None));
    }
}
