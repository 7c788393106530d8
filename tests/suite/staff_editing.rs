//! The staff desk without its pages: drafts, publishing, history and undo, step by step at random.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use madoguchi::exchange::{TopicKind, WrittenEntry};
use madoguchi::knowledge::business_hours::{DateRange, Interval};
use madoguchi::knowledge::{Localized, Sentence, Snapshot, has_errors};
use madoguchi::records::OnDemand;
use madoguchi::staff::{
    Desk, Draft, EditRefusal, ImportFile, ImportRefusal, LexiconGroup, NewEntry, Refusal,
    TrialSettings, Workbench, WriteError, WrittenBrand, WrittenDesk, WrittenLink, import,
    run_trial,
};

use crate::support::block_on;
use crate::support::knowledge::{TODAY, assistant, base, edit, now};
use crate::support::process::{Serving, client};
use crate::support::staff::Folder;

/// Number of random steps on the machine of a developer; `STAFF_STEPS=1000 cargo test` runs more.
const STEPS: usize = 150;

/// Number of random steps in CI.
const STEPS_IN_CI: usize = 1_000;

/// The members who edit.
const MEMBERS: [&str; 2] = ["sato", "suzuki"];

fn desk(folder: &Path, database: &Folder, is_reviewed: bool) -> Desk {
    let records = OnDemand::new(database.location());
    Desk::new(folder.to_owned(), records, is_reviewed)
}

/// Returns all files of a folder.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let snapshot = Snapshot::read(folder);
    let texts = snapshot.texts();
    texts
        .map(|(path, text)| (path.to_owned(), text.to_owned()))
        .collect()
}

/// Returns the lines of all files with a comment.
fn comments(folder: &Path) -> Vec<(String, String)> {
    let lines = files(folder).into_iter().flat_map(|(path, text)| {
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.into_iter().map(move |line| (path.clone(), line))
    });
    let lines = lines.filter_map(|(path, line)| {
        let comment = line.find("# ").map(|at| line[at..].to_owned());
        Some((path, comment?))
    });
    lines.collect()
}

/// Adds comments to the base, in all places where people write them.
fn write_comments(folder: &Path) {
    let file = folder.join("library/card.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(
        &file,
        format!("# このファイルは利用者カードの項目\n\n{text}# おわり\n"),
    )
    .unwrap();
    let from =
        "variants = [\"(利用者カード|図書カード)を(作りたい|作る)\", \"本を借りるための登録\"]";
    let to = "# 言い換えは多いほどよい\nvariants = [\n  # 作る\n  \"(利用者カード|図書カード)を(作りたい|作る)\", # いちばん多い\n  \"本を借りるための登録\",\n]";
    edit(&file, from, to);
    let from = "question = \"利用者カードをなくしました。\"";
    edit(&file, from, &format!("{from} # 窓口での聞き方"));
}

/// A generator of numbers that are the same at each run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}

fn is_fit(folder: &Snapshot) -> bool {
    !has_errors(&folder.load(TODAY).problems)
}

fn both(ja: &str, en: &str) -> Localized {
    Localized {
        ja: ja.to_owned(),
        en: en.to_owned(),
    }
}

/// Makes a random edit.
fn random_edit(
    draft: &mut Draft,
    folder: &Snapshot,
    step: usize,
    numbers: &mut Numbers,
) -> Result<(), EditRefusal> {
    let knowledge = draft.over(folder).load(TODAY).knowledge;
    let entry = &knowledge.entries[numbers.below(knowledge.entries.len())];
    let desk = entry.desk.to_string();
    let mut written = WrittenEntry::from(entry);
    // Few mistakes: each keeps a draft from being published.
    let is_mistake = numbers.below(20) == 0;
    let kind = if is_mistake { 14 } else { numbers.below(14) };
    if kind == 9 {
        return random_import(draft, folder, step, &desk);
    }
    let bench = Workbench::open(draft, folder, TODAY);
    match kind {
        0 => {
            let questions = [
                format!("言い換え{step}は\"何\"\\ですか"),
                format!("(x|{step}"),
            ];
            bench.add_variants(&written.id, &questions).map(drop)
        }
        1 => {
            written.answer =
                format!("新しい答え {step}\n\n| a | b |\n|---|---|\n| \"{step}\" | \\* |");
            bench.change_entry(written)
        }
        2 => {
            // An empty list would take its comments along.
            let keep = 1 + numbers.below(written.variants.len().max(1));
            written.variants.truncate(keep);
            written.review_by = Some(TODAY.saturating_add(jiff::Span::new().days(30)));
            bench.change_entry(written)
        }
        3 => {
            written.question = format!("質問その{step}は何ですか。");
            written.section = format!("第{step}節");
            bench.change_entry(written)
        }
        4 => {
            let entry = WrittenEntry {
                id: String::new(),
                question: format!("新しい項目{step}はどこですか。"),
                variants: vec![format!("項目{step}の場所")],
                ..written
            };
            bench.add_entry(NewEntry { entry }).map(drop)
        }
        5 => {
            let topic = format!("話題{step}");
            bench
                .add_referral(&desk, &topic, &[format!("話題{step}について")])
                .map(drop)
        }
        6 => {
            let questions = [format!("よその話{step}")];
            match knowledge.referrals.first() {
                Some(referral) if step.is_multiple_of(2) => {
                    let id = referral.id.as_str();
                    bench.add_topic_variants(TopicKind::Referral, id, &questions)
                }
                _ => bench.add_out_of_scope(&questions).map(drop),
            }
        }
        7 => {
            let own = knowledge.out_of_scope.iter().filter(|it| !it.is_default);
            let own: Vec<_> = own.collect();
            let id = own[numbers.below(own.len())].id.as_str();
            let questions = [format!("関係のない話{step}")];
            bench.add_topic_variants(TopicKind::OutOfScope, id, &questions)
        }
        8 => {
            let first = TODAY.saturating_add(jiff::Span::new().days(step as i64 % 300));
            let added = DateRange { first, last: first };
            let desks = knowledge.desks.iter().filter_map(|desk| {
                let hours = desk.hours.as_ref()?;
                Some((desk.id.as_str(), &hours.business_hours.closed))
            });
            let desks: Vec<_> = desks.collect();
            let (desk, closed) = desks[numbers.below(desks.len())];
            let removed: Vec<DateRange> = closed.iter().skip(3).take(1).copied().collect();
            bench.change_closed_days(desk, Some(added), &removed)
        }
        10 => {
            let desk = knowledge.desk(&desk).expect("a desk");
            let mut desk = WrittenDesk::from(desk);
            let number = format!("000-0000-{step:04}");
            desk.points[0].value = both(&number, &number);
            if let Some(hours) = &mut desk.hours {
                hours.week[numbers.below(7)] = vec![Interval::parse("10:00-16:00").unwrap()];
            }
            bench.change_desk(desk)
        }
        11 => {
            let sentence = [Sentence::Answered, Sentence::Suggested][numbers.below(2)];
            let own = both(&format!("文 {step}"), &format!("text {step}"));
            bench.set_message(sentence, (numbers.below(2) == 0).then_some(own))
        }
        12 => {
            let terms = vec![format!("ぴこ{step}"), format!("ぷか{step}")];
            bench.change_group(None, Some(&LexiconGroup::Synonyms(terms)))
        }
        13 => {
            let mut brand = WrittenBrand::from(&knowledge.brand);
            brand.accent = format!("#{:06x}", numbers.below(0x100_0000));
            brand.links.truncate(numbers.below(3));
            brand.links.push(WrittenLink {
                of: String::new(),
                label: both("市", "City"),
                url: format!("https://{step}.example.jp/"),
            });
            bench.change_brand(&brand)
        }
        _ => {
            // A mistake that the check finds: the draft must not be published.
            written.related = vec!["no-such-entry".to_owned()];
            bench.change_entry(written)
        }
    }
}

/// Imports a table with a new entry.
fn random_import(
    draft: &mut Draft,
    folder: &Snapshot,
    step: usize,
    desk: &str,
) -> Result<(), EditRefusal> {
    let table = format!("質問,回答,分類\n取り込み{step}はいつですか,\"{step}日です\",取り込み\n");
    let file = ImportFile {
        name: format!("表{}.csv", step % 3).into(),
        bytes: table.into_bytes(),
        desk: Some(desk.to_owned()),
        ..ImportFile::default()
    };
    match import(draft, folder, TODAY, file) {
        Ok(imported) => {
            assert!(imported.is_fit(), "step {step}: {:?}", imported.errors);
            *draft = imported.draft;
            Ok(())
        }
        Err(ImportRefusal::DraftWithErrors) => Ok(()),
        Err(ImportRefusal::File(error)) => Err(error.into()),
    }
}

/// The state of the random steps.
struct Walk<'a> {
    folder: &'a Path,
    desk: Desk,
    numbers: Numbers,
    /// The files before each published change.
    before: BTreeMap<i64, BTreeMap<String, String>>,
    published: usize,
    undone: usize,
    refused: usize,
}

impl Walk<'_> {
    /// Makes one random step.
    async fn step(&mut self, step: usize) {
        let at = now() + SignedDuration::from_secs(step as i64);
        let member = MEMBERS[self.numbers.below(MEMBERS.len())];
        match self.numbers.below(12) {
            0..=5 => self.edit(member, step, at).await,
            6..=7 => self.publish(member, step, at).await,
            8 => self.publish_at_once(step, at).await,
            9 => self.edit_by_hand(step),
            _ => self.undo(member, step, at).await,
        }
    }

    async fn edit(&mut self, member: &str, step: usize, at: Timestamp) {
        let mut own = Numbers(self.numbers.below(usize::MAX) as u64);
        let edited = self.desk.edit(member, at, move |draft, folder| {
            random_edit(draft, folder, step, &mut own)
        });
        edited.await.unwrap().unwrap();
    }

    /// Someone writes into a file without the staff desk.
    fn edit_by_hand(&mut self, step: usize) {
        let files: Vec<String> = files(self.folder).into_keys().collect();
        let path = self.folder.join(&files[self.numbers.below(files.len())]);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}# 手で {step}\n")).unwrap();
    }

    /// Returns the version of a draft that may be published; takes back one with a mistake.
    async fn checked(&mut self, member: &str) -> Option<String> {
        let draft = self.desk.draft(member).await.unwrap();
        let over = draft.over(&Snapshot::read(self.folder));
        if is_fit(&over) {
            return Some(over.version());
        }
        // The page offers to take the changes back.
        self.desk.drop_draft(member).await.unwrap();
        self.refused += 1;
        None
    }

    async fn publish(&mut self, member: &str, step: usize, at: Timestamp) {
        let Some(version) = self.checked(member).await else {
            return;
        };
        let files_before = files(self.folder);
        match self.desk.publish(member, "理由", &version, at).await {
            Ok(id) => {
                self.published += 1;
                self.before.insert(id, files_before);
            }
            Err(Refusal::Nothing) => {}
            Err(Refusal::Write(WriteError::Outdated(_))) => {
                self.refused += 1;
                assert_eq!(files(self.folder), files_before);
                self.merge(member, at).await;
            }
            Err(other) => panic!("step {step}: {other}"),
        }
    }

    async fn merge(&self, member: &str, at: Timestamp) {
        let merged = self.desk.edit(member, at, |draft, folder| {
            for path in draft.merge(folder) {
                draft.discard(&path);
            }
            Ok::<_, ()>(())
        });
        merged.await.unwrap().unwrap();
    }

    /// Both members publish, and one edits, at the same time.
    async fn publish_at_once(&mut self, step: usize, at: Timestamp) {
        let [first, second] = MEMBERS;
        let versions = (self.checked(first).await, self.checked(second).await);
        let (Some(one), Some(two)) = versions else {
            return;
        };
        let desk = &self.desk;
        let edited = desk.edit(first, at, move |draft, folder| {
            let entry = folder.load(TODAY).knowledge.entries[0].id.to_string();
            let question = format!("同時の言い換え{step}");
            Workbench::open(draft, folder, TODAY).add_variants(&entry, &[question])
        });
        let (one, two, edited) = tokio::join!(
            desk.publish(first, "同時", &one, at),
            desk.publish(second, "同時", &two, at),
            edited
        );
        edited.unwrap().unwrap();
        for result in [one, two] {
            match result {
                Ok(_) => self.published += 1,
                Err(Refusal::Nothing) => {}
                Err(Refusal::Unchecked | Refusal::Write(WriteError::Outdated(_))) => {
                    self.refused += 1;
                }
                Err(other) => panic!("step {step}: {other}"),
            }
        }
        self.merge(first, at).await;
        self.merge(second, at).await;
    }

    async fn undo(&mut self, member: &str, step: usize, at: Timestamp) {
        let files_before = files(self.folder);
        let history = self.desk.changes(1_000).await.unwrap();
        let chosen = self.numbers.below(history.len().max(1)).min(3);
        let Some(change) = history.get(chosen) else {
            return;
        };
        let change = self.desk.change(change.id).await.unwrap().unwrap();
        match self
            .desk
            .undo(change.id, member, "取り消し", at, is_fit)
            .await
        {
            Ok(id) => {
                self.undone += 1;
                let now = files(self.folder);
                for file in &change.files {
                    let text = now.get(&file.path);
                    assert_eq!(text, file.before.as_ref(), "step {step}");
                    if let Some(known) = self.before.get(&change.id) {
                        let known = known.get(&file.path);
                        assert_eq!(text, known, "step {step}: the bytes of before");
                    }
                }
                self.before.insert(id, files_before);
            }
            Err(Refusal::Write(WriteError::Outdated(_)) | Refusal::Unfit) => {
                self.refused += 1;
                assert_eq!(files(self.folder), files_before);
            }
            Err(other) => panic!("step {step}: {other}"),
        }
    }
}

/// Stops the asking thread, also if a step fails.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Asks a service without a pause; returns the number of answers, and what went wrong.
fn ask_until(stop: &AtomicBool, url: &str) -> (usize, Vec<String>) {
    let client = client();
    let (mut answers, mut failures) = (0, Vec::new());
    while !stop.load(Ordering::Relaxed) {
        let question = serde_json::json!({ "question": "利用者カードをなくしました" });
        match client.post(url).json(&question).send() {
            Ok(response) if response.status() == 200 => answers += 1,
            Ok(response) => failures.push(response.status().to_string()),
            Err(error) => failures.push(error.to_string()),
        }
        thread::sleep(Duration::from_millis(50));
    }
    (answers, failures)
}

#[test]
fn random_steps_keep_files_valid_and_comments_and_undo_restores_bytes() {
    let (knowledge, database) = (base(), Folder::new());
    let folder = knowledge.path();
    write_comments(folder);
    let comments = comments(folder);
    assert!(
        comments.len() >= 3,
        "the fixture has comments: {comments:?}"
    );
    let default = match std::env::var_os("CI") {
        Some(_) => STEPS_IN_CI,
        None => STEPS,
    };
    let steps = std::env::var("STAFF_STEPS").ok();
    let steps = steps
        .and_then(|steps| steps.parse().ok())
        .unwrap_or(default);
    // A real service over the same folder, which reloads whatever is published.
    let serving = Serving::start(folder, &[("MADOGUCHI_RATE_ASK", "off")]);
    let url = format!("http://{}/api/v1/ask", serving.address());
    let stop = Arc::new(AtomicBool::new(false));
    let asking = {
        let stop = Arc::clone(&stop);
        thread::spawn(move || ask_until(&stop, &url))
    };
    let stop = StopOnDrop(stop);
    let mut walk = Walk {
        folder,
        desk: desk(folder, &database, false),
        numbers: Numbers(20_261_129),
        before: BTreeMap::new(),
        published: 0,
        undone: 0,
        refused: 0,
    };
    block_on(async {
        for step in 0..steps {
            walk.step(step).await;
            assert!(is_fit(&Snapshot::read(folder)), "step {step}");
            let text = files(folder);
            for (path, comment) in &comments {
                let kept = text.get(path).is_some_and(|text| text.contains(comment));
                assert!(kept, "step {step}: `{comment}` of {path}");
            }
        }
    });
    let Walk {
        published,
        undone,
        refused,
        ..
    } = walk;
    assert!(
        published > steps / 40 && undone > 0 && refused > 0,
        "{steps} steps: {published} published, {undone} undone, {refused} refused"
    );
    drop(stop);
    let (answers, failures) = asking.join().unwrap();
    assert!(failures.is_empty(), "{failures:?}");
    assert!(answers > 0, "the service was asked");
    assert_served(&serving, folder);
}

/// Waits until a service serves a folder as it is, or says that it holds the change back because much is removed.
fn assert_served(serving: &Serving, folder: &Path) {
    let expected = Snapshot::read(folder).version();
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        let (_, served) = serving.get("/api/v1/entries");
        if served["version"] == expected {
            return;
        }
        let (_, readiness) = serving.get("/readyz");
        if readiness["knowledge_held"].is_object() {
            return;
        }
        let version = &served["version"];
        assert!(Instant::now() < end, "{version} is served");
        thread::sleep(Duration::from_millis(200));
    }
}

#[tokio::test]
async fn a_file_that_changed_meanwhile_is_not_overwritten_and_can_be_merged() {
    let (knowledge, database) = (base(), Folder::new());
    let folder = knowledge.path();
    let desk = desk(folder, &database, false);
    let first = WrittenEntry::from(&Snapshot::read(folder).load(TODAY).knowledge.entries[0]);
    let id = first.id.clone();
    let edited = desk.edit("sato", now(), move |draft, folder| {
        Workbench::open(draft, folder, TODAY).add_variants(&id, &["新しい言い換え".to_owned()])
    });
    assert_eq!(edited.await.unwrap().unwrap(), 1);
    let draft = desk.draft("sato").await.unwrap();
    let path = draft.files().next().unwrap().path.clone();
    let checked = draft.over(&Snapshot::read(folder)).version();
    // Someone edits the end of the file by hand.
    let file = folder.join(&path);
    let by_hand = format!("{}\n# 手で書いた注\n", fs::read_to_string(&file).unwrap());
    fs::write(&file, &by_hand).unwrap();
    let refused = desk.publish("sato", "理由", &checked, now()).await;
    let outdated = |refused: &Refusal| matches!(refused, Refusal::Write(WriteError::Outdated(paths)) if *paths == [path.clone()]);
    assert!(refused.is_err_and(|refused| outdated(&refused)));
    assert_eq!(fs::read_to_string(&file).unwrap(), by_hand);
    let merged = desk.edit("sato", now(), |draft, folder| {
        Ok::<_, ()>(draft.merge(folder))
    });
    assert_eq!(merged.await.unwrap().unwrap(), Vec::<String>::new());
    // What was checked before the merge is not what would be published.
    let refused = desk.publish("sato", "理由", &checked, now()).await;
    assert!(matches!(refused, Err(Refusal::Unchecked)));
    let draft = desk.draft("sato").await.unwrap();
    let checked = draft.over(&Snapshot::read(folder)).version();
    assert!(matches!(
        desk.publish("sato", " ", &checked, now()).await,
        Err(Refusal::WithoutReason)
    ));
    let change = desk.publish("sato", "理由", &checked, now()).await.unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("手で書いた注") && text.contains("新しい言い換え"));
    // An undo is refused as soon as the file has another text.
    edit(&file, "手で書いた注", "直した注");
    let refused = desk.undo(change, "sato", "理由", now(), |_| true).await;
    assert!(refused.is_err_and(|refused| outdated(&refused)));
    edit(&file, "直した注", "手で書いた注");
    let undo = desk
        .undo(change, "sato", "理由", now(), |_| true)
        .await
        .unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), by_hand);
    let history = desk.changes(10).await.unwrap();
    assert_eq!((history[0].id, history[0].undoes), (undo, Some(change)));
}

#[tokio::test]
async fn with_review_another_member_approves_exactly_what_is_published() {
    let (knowledge, database) = (base(), Folder::new());
    let folder = knowledge.path();
    let desk = desk(folder, &database, true);
    let add = async |text: &'static str| {
        let edited = desk.edit("sato", now(), move |draft, folder| {
            let first = folder.load(TODAY).knowledge.entries[0].id.to_string();
            Workbench::open(draft, folder, TODAY).add_variants(&first, &[text.to_owned()])
        });
        edited.await.unwrap().unwrap();
        let draft = desk.draft("sato").await.unwrap();
        draft.over(&Snapshot::read(folder)).version()
    };
    let version = add("ひとつめの言い換え").await;
    let publish = async |version: &str| desk.publish("sato", "理由", version, now()).await;
    assert!(matches!(publish(&version).await, Err(Refusal::Unapproved)));
    let own = desk.approve("sato", "sato", &version).await;
    assert!(matches!(own, Err(Refusal::OwnDraft)));
    desk.approve("sato", "suzuki", &version).await.unwrap();
    // An edit after the approval takes it away.
    let version = add("ふたつめの言い換え").await;
    assert!(matches!(publish(&version).await, Err(Refusal::Unapproved)));
    desk.approve("sato", "suzuki", &version).await.unwrap();
    let id = publish(&version).await.unwrap();
    let change = desk.change(id).await.unwrap().unwrap();
    assert_eq!(change.approved_by.as_deref(), Some("suzuki"));
    assert_eq!(change.reason, "理由");
    assert!(desk.draft("sato").await.unwrap().is_empty());
}

#[test]
fn a_trial_reports_what_check_reports_and_answers_with_the_draft() {
    let knowledge = base();
    let folder = Snapshot::read(knowledge.path());
    let at: Timestamp = now();
    let settings = TrialSettings {
        served: assistant(knowledge.path()),
        encoder: None,
        now: at,
    };
    let mut draft = Draft::new("sato");
    let entry = WrittenEntry::from(&folder.load(TODAY).knowledge.entries[0]);
    let words = "ゴリゴリ様のご予約".to_owned();
    Workbench::open(&mut draft, &folder, TODAY)
        .add_variants(&entry.id, &[words])
        .unwrap();
    let trial = run_trial(&draft, &folder, &settings).unwrap();
    assert!(trial.is_fit(), "{:#?}", trial.problems);
    assert_eq!(trial.version, draft.over(&folder).version());
    let assistant = trial.assistant.unwrap();
    let entry = assistant.knowledge().entry(&entry.id).unwrap();
    assert!(
        entry
            .variants
            .iter()
            .any(|it| it.pattern() == "ゴリゴリ様のご予約")
    );
    let broken = WrittenEntry {
        related: vec!["no-such-entry".to_owned()],
        ..WrittenEntry::from(entry)
    };
    Workbench::open(&mut draft, &folder, TODAY)
        .change_entry(broken)
        .unwrap();
    let trial = run_trial(&draft, &folder, &settings).unwrap();
    assert!(!trial.is_fit());
    assert!(
        trial
            .problems
            .iter()
            .any(|it| it.mistake.en.contains("no-such-entry"))
    );
}
