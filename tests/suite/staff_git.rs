//! The staff desk: published changes are committed in the git work tree of the knowledge.

use std::path::Path;
use std::process::Command;

use madoguchi::channels::http::{Options, Rates, StaffOptions};

use crate::support::app::TestApp;
use crate::support::staff::{Browser, Folder, TOKEN, field, options};

/// Runs git in a folder and returns what it prints.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.env("GIT_CEILING_DIRECTORIES", folder);
    command.arg("-C").arg(folder).args(arguments);
    // The settings of this machine must not matter.
    command.env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.env("GIT_CONFIG_SYSTEM", "/dev/null");
    for name in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{name}_NAME"), "operator");
        command.env(format!("GIT_{name}_EMAIL"), "operator@localhost");
    }
    let output = command.output().expect("git runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Makes a folder a work tree with a commit. Its settings win over those of this machine, which the git of the
/// service reads.
fn make_work_tree(folder: &Path) {
    git(folder, &["init", "--quiet"]);
    let hooks = folder.join(".git/hooks");
    std::fs::create_dir_all(&hooks).unwrap();
    let hooks = hooks.to_str().expect("UTF-8");
    for (setting, value) in [
        ("core.hooksPath", hooks),
        ("core.excludesFile", "/dev/null"),
        ("core.attributesFile", "/dev/null"),
    ] {
        git(folder, &["config", setting, value]);
    }
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message=first"]);
}

async fn start(folder: &Folder) -> TestApp {
    let staff = StaffOptions {
        git: true,
        ..options(folder)
    };
    TestApp::start_with(Options {
        rates: Rates::off(),
        staff: Some(staff),
        ..Options::default()
    })
    .await
}

/// Adds a variant and publishes it with a reason; returns where that leads.
async fn publish(browser: &mut Browser<'_>, reason: &str) -> String {
    let fields = [
        ("question", "ふわふわの棚卸し"),
        ("entry", "selas-product-registration"),
        ("then", "variants"),
    ];
    browser.submit("/staff/questions", &fields).await;
    let draft = browser.checked("/staff/draft").await;
    let fields = [("reason", reason), ("version", field(&draft, "version"))];
    browser.submit("/staff/publish", &fields).await
}

#[tokio::test]
async fn a_published_change_is_committed_with_the_name_and_the_reason() {
    let folder = Folder::new();
    let knowledge = folder.knowledge();
    make_work_tree(&knowledge);
    // What someone else has staged stays as it is.
    let other = knowledge.join("lexicon.toml");
    let lexicon = std::fs::read_to_string(&other).unwrap();
    std::fs::write(&other, format!("{lexicon}# 途中\n")).unwrap();
    git(&knowledge, &["add", "lexicon.toml"]);
    let app = start(&folder).await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let reason = "問い合わせが\n\nApproved-by: nobody";
    assert_eq!(publish(&mut browser, reason).await, "/staff/history?done=1");
    let log = git(
        &knowledge,
        &["log", "-1", "--format=%an|%s|%b", "--name-only"],
    );
    assert!(
        log.starts_with("sato|問い合わせが Approved-by: nobody|Change: #1"),
        "{log}"
    );
    assert!(log.contains("selas/") && !log.contains("lexicon"), "{log}");
    assert_eq!(
        git(&knowledge, &["status", "--porcelain"]),
        "M  lexicon.toml\n"
    );
    let undo = [("id", "1"), ("reason", "別の話だった")];
    let undone = browser.submit("/staff/undo", &undo).await;
    assert_eq!(undone, "/staff/history?done=2");
    let log = git(&knowledge, &["log", "-1", "--format=%s|%b"]);
    assert!(
        log.starts_with("別の話だった|Change: #2\nUndoes: #1"),
        "{log}"
    );
    let difference = git(&knowledge, &["diff", "--stat", "HEAD~2", "HEAD"]);
    assert_eq!(difference, "", "the undo restores the first commit");
}

#[tokio::test]
async fn a_change_that_cannot_be_committed_is_published_and_says_so() {
    let folder = Folder::new();
    // The folder is in no work tree, even if the folder of temporary files is in one.
    std::fs::write(folder.knowledge().join(".git"), "gitdir: missing\n").unwrap();
    let app = start(&folder).await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let done = publish(&mut browser, "理由").await;
    assert_eq!(done, "/staff/history?done=1&git=failed");
    let history = browser.page(&done).await;
    assert!(
        history.contains("git には記録できませんでした"),
        "{history}"
    );
    assert!(history.contains("公開しました"), "{history}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_that_a_hook_leaves_behind_is_not_waited_for() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new();
    let knowledge = folder.knowledge();
    make_work_tree(&knowledge);
    let hook = knowledge.join(".git/hooks/post-commit");
    // It holds the outputs of git open until the test is over, for two minutes at most.
    let over = knowledge.join(".git/over");
    let program = format!(
        "#!/bin/sh\nfor second in $(seq 120); do\n[ -e '{}' ] && exit\nsleep 1\ndone &\n",
        over.display()
    );
    std::fs::write(&hook, program).unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    let app = start(&folder).await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    assert_eq!(publish(&mut browser, "理由").await, "/staff/history?done=1");
    std::fs::write(over, "").unwrap();
    let log = git(&knowledge, &["log", "-1", "--format=%s"]);
    assert_eq!(log, "理由\n");
}
