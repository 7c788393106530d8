//! The pages of the staff desk: from a question to an entry, publishing, history, and hostile texts.

use std::fs;

use crate::support::app::encode;
use crate::support::staff::{Browser, Folder, OTHER_TOKEN, TOKEN, field, start, start_in};

/// A question that no entry answers.
const QUESTION: &str = "ふわふわの棚卸し";

/// The entry that it belongs to, its file, and a part of it.
const ENTRY: &str = "selas-product-registration";

/// Text that runs a script where it is not escaped.
const HOSTILE: &str = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";

/// Returns the file of the knowledge with an entry, and its text.
fn file_of(folder: &Folder, id: &str) -> (String, String) {
    let files = fs::read_dir(folder.knowledge().join("selas")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut files = names.map(|name| {
        let path = format!("selas/{name}");
        let text = folder.read(&path);
        (path, text)
    });
    let id = format!("id = \"{id}\"");
    files.find(|(_, text)| text.contains(&id)).expect("a file")
}

#[tokio::test]
async fn a_question_without_an_answer_becomes_a_wording_and_can_be_undone() {
    let (app, folder) = start().await;
    folder.record(&[QUESTION, QUESTION, "とらとらの件"]).await;
    let (path, before) = file_of(&folder, ENTRY);
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let today = browser.checked("/staff").await;
    assert!(today.contains(QUESTION), "{today}");
    let question = format!("/staff/questions?q={}", encode(QUESTION));
    let shown = browser.page(&question).await;
    assert!(shown.contains("答えは文書にないことを伝え"), "{shown}");
    let fields = [
        ("question", QUESTION),
        ("entry", ENTRY),
        ("then", "variants"),
    ];
    assert_eq!(
        browser.submit("/staff/questions", &fields).await,
        "/staff/draft"
    );
    assert_eq!(folder.read(&path), before, "a draft writes nothing");
    let draft = browser.checked("/staff/draft").await;
    assert!(
        draft.contains(&format!("<ins>+   &quot;{QUESTION}&quot;,</ins>")),
        "{draft}"
    );
    assert!(draft.contains("失われる答えはありません"), "{draft}");
    assert!(draft.contains("新しく答えられる：1"), "{draft}");
    let asked = format!("/staff/draft?ask={}", encode(QUESTION));
    let asked = browser.checked(&asked).await;
    assert!(asked.contains("の答えを返します"), "{asked}");
    let version = field(&draft, "version").to_owned();
    // Without a reason, or with another version, nothing is published.
    for (reason, version) in [("", &*version), ("理由", "0123")] {
        let fields = [("reason", reason), ("version", version)];
        let refused = browser.submit("/staff/publish", &fields).await;
        assert!(refused.starts_with("/staff/draft?refused="), "{refused}");
        assert_eq!(folder.read(&path), before);
        // The page says why, and the reason need not be written again.
        let page = browser.checked(&refused).await;
        let said = match reason {
            "" => "理由を書いてください",
            _ => "もう一度押してください",
        };
        assert!(page.contains(said), "{page}");
        assert!(page.contains(&format!("value=\"{reason}\"")), "{page}");
    }
    let fields = [("reason", "問い合わせが続いたため"), ("version", &*version)];
    let done = browser.submit("/staff/publish", &fields).await;
    assert_eq!(done, "/staff/history?done=1");
    let after = folder.read(&path);
    let line = format!("  \"{QUESTION}\",\n");
    assert_eq!(after.replace(&line, ""), before, "one line more");
    let history = browser.page(&done).await;
    assert!(history.contains("問い合わせが続いたため") && history.contains("sato"));
    assert!(history.contains("href=\"/staff/change?id=1\""), "{history}");
    let change = browser.page("/staff/change?id=1").await;
    let added = format!("<ins>+   &quot;{QUESTION}&quot;,</ins>");
    assert!(
        change.contains(&added) && change.contains(&path),
        "{change}"
    );
    for unknown in ["/staff/change?id=2", "/staff/change?id=x", "/staff/change"] {
        assert_eq!(browser.get(unknown).await.status(), 404, "{unknown}");
    }
    let fields = [("id", "1"), ("reason", "やっぱり違う")];
    let undone = browser.submit("/staff/undo", &fields).await;
    assert_eq!(undone, "/staff/history?done=2");
    assert_eq!(folder.read(&path), before);
    let again = browser.submit("/staff/undo", &fields).await;
    assert_eq!(again, "/staff/history?refused=outdated");
    let log = browser.page("/staff/activity").await;
    // A refused undo leaves no gap in the numbers.
    let numbers = browser.page("/staff/history").await;
    assert!(numbers.contains("#2") && !numbers.contains("#3"));
    for action in ["ログイン", "下書きを直した", "公開した", "取り消した"] {
        assert!(log.contains(action), "{action}");
    }
}

#[tokio::test]
async fn a_new_entry_a_referral_and_an_out_of_scope_subject_are_drafted() {
    let (app, folder) = start().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let chosen = [
        ("question", "ぽこぽこは何円"),
        ("question", "ぽこぽこの値段"),
        ("then", "entry"),
    ];
    let csrf = browser.csrf().await;
    let chosen = [&chosen[..], &[("csrf", &*csrf)]].concat();
    let form = browser.post("/staff/questions", &chosen).await;
    let form = form.text().await.unwrap();
    assert!(form.contains("ぽこぽこは何円") && form.contains("ぽこぽこの値段"));
    let entry = [
        ("id", ""),
        ("desk", "selas"),
        ("question", "ぽこぽこの料金はいくらですか？"),
        (
            "answer",
            "次のとおりです。\r\n\r\n| 種類 | 料金 |\r\n|---|---|\r\n| 小 | 100円 |",
        ),
        ("variants", "ぽこぽこは何円\r\nぽこぽこの値段\r\n"),
        ("category", "ぽこぽこについて"),
        ("document", "ぽこぽこ案内"),
        ("section", "1"),
        ("valid_from", "2026-12-01"),
        ("review_by", "来年"),
    ];
    let mut fields: Vec<(&str, &str)> = entry.to_vec();
    fields.push(("csrf", &csrf));
    let refused = browser.post("/staff/entry", &fields).await;
    assert_eq!(refused.status(), 200);
    let refused = refused.text().await.unwrap();
    assert!(refused.contains("2027-03-31 のように") && refused.contains("ぽこぽこ案内"));
    fields.retain(|(name, _)| *name != "review_by" && *name != "csrf");
    assert_eq!(
        browser.submit("/staff/entry", &fields).await,
        "/staff/draft"
    );
    let referral = [
        ("question", "ぴこぴこを直して"),
        ("desk", "selas"),
        ("topic", "ぴこぴこの修理"),
        ("then", "referral"),
    ];
    browser.submit("/staff/questions", &referral).await;
    let other = [("question", "ぴゅうぴゅうの予報"), ("then", "other")];
    browser.submit("/staff/questions", &other).await;
    let draft = browser.checked("/staff/draft").await;
    for part in [
        "| 小 | 100円 |",
        "valid_from = 2026-12-01",
        "ぴこぴこの修理",
        "out_of_scope.toml",
    ] {
        assert!(draft.contains(part), "`{part}` is missing: {draft}");
    }
    assert!(draft.contains("公開する"), "{draft}");
    let fields = [("reason", "追加"), ("version", field(&draft, "version"))];
    browser.submit("/staff/publish", &fields).await;
    assert!(
        folder
            .read("out_of_scope.toml")
            .contains("ぴゅうぴゅうの予報")
    );
    assert!(
        folder
            .read("selas/referrals.toml")
            .contains("ぴこぴこの修理")
    );
}

#[tokio::test]
async fn a_mistake_is_named_and_not_published() {
    let (app, folder) = start().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let (path, before) = file_of(&folder, ENTRY);
    let form = browser.page(&format!("/staff/entry?id={ENTRY}")).await;
    assert!(form.contains("会員にはこう見えます"));
    let entry = [
        ("id", ENTRY),
        ("question", "質問"),
        ("answer", "答え"),
        ("category", "分類"),
        ("document", "文書"),
        ("section", "1"),
        ("related", "no-such-entry"),
        ("opened", field(&form, "opened")),
    ];
    browser.submit("/staff/entry", &entry).await;
    let draft = browser.checked("/staff/draft").await;
    assert!(draft.contains("このままでは公開できません") && draft.contains("no-such-entry"));
    assert!(!draft.contains("公開する</button>"));
    let fields = [("reason", "理由"), ("version", "x")];
    let refused = browser.submit("/staff/publish", &fields).await;
    assert!(refused.starts_with("/staff/draft?refused=unchecked"));
    assert_eq!(folder.read(&path), before);
    browser.submit("/staff/discard", &[]).await;
    assert!(
        browser
            .page("/staff/draft")
            .await
            .contains("直したものはありません")
    );
    let missing = browser.get("/staff/entry?id=no-such-entry").await;
    assert_eq!(missing.status(), 404);
}

#[tokio::test]
async fn a_file_that_changed_meanwhile_leads_to_a_choice() {
    let (app, folder) = start().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let fields = [
        ("question", QUESTION),
        ("entry", ENTRY),
        ("then", "variants"),
    ];
    browser.submit("/staff/questions", &fields).await;
    let (path, before) = file_of(&folder, ENTRY);
    fs::write(folder.knowledge().join(&path), format!("{before}# 手で\n")).unwrap();
    let draft = browser.page("/staff/draft").await;
    assert!(
        draft.contains("同じファイルがほかで変わりました"),
        "{draft}"
    );
    // Both changes are shown.
    for line in [
        "<ins>+ # 手で</ins>".to_owned(),
        format!("aria-label=\"ほかで変わったところ {path}\""),
        format!("&quot;{QUESTION}&quot;,</ins>"),
    ] {
        assert!(draft.contains(&line), "`{line}` is missing: {draft}");
    }
    assert_eq!(browser.submit("/staff/merge", &[]).await, "/staff/draft");
    let draft = browser.checked("/staff/draft").await;
    let fields = [("reason", "理由"), ("version", field(&draft, "version"))];
    browser.submit("/staff/publish", &fields).await;
    let text = folder.read(&path);
    assert!(text.contains("# 手で") && text.contains(QUESTION));
}

#[tokio::test]
async fn with_review_a_colleague_approves_and_undoes() {
    let folder = Folder::new();
    let app = start_in(&folder, true).await;
    let mut author = Browser::new(&app);
    author.sign_in(TOKEN).await;
    let fields = [
        ("question", QUESTION),
        ("entry", ENTRY),
        ("then", "variants"),
    ];
    author.submit("/staff/questions", &fields).await;
    let draft = author.checked("/staff/draft").await;
    assert!(draft.contains("ほかの人の承認が必要です"), "{draft}");
    let mut colleague = Browser::new(&app);
    colleague.sign_in(OTHER_TOKEN).await;
    assert!(colleague.page("/staff").await.contains("satoさんの下書き"));
    let seen = colleague.checked("/staff/draft?of=sato").await;
    assert!(
        seen.contains("承認する") && !seen.contains("公開する</button>"),
        "{seen}"
    );
    let fields = [("of", "sato"), ("version", field(&seen, "version"))];
    colleague.submit("/staff/approve", &fields).await;
    let draft = author.checked("/staff/draft").await;
    assert!(draft.contains("suzukiさんが承認しました"), "{draft}");
    let fields = [("reason", "理由"), ("version", field(&draft, "version"))];
    assert_eq!(
        author.submit("/staff/publish", &fields).await,
        "/staff/history?done=1"
    );
    assert!(author.page("/staff/history").await.contains("承認: suzuki"));
    let undo = [("id", "1"), ("reason", "理由")];
    let refused = author.submit("/staff/undo", &undo).await;
    assert_eq!(refused, "/staff/history?refused=own");
    let undone = colleague.submit("/staff/undo", &undo).await;
    assert_eq!(undone, "/staff/history?done=2");
}

#[tokio::test]
async fn a_form_that_was_opened_before_another_edit_undoes_nothing() {
    let (app, folder) = start().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let (path, before) = file_of(&folder, ENTRY);
    let form = browser.page(&format!("/staff/entry?id={ENTRY}")).await;
    let opened = field(&form, "opened").to_owned();
    let csrf = browser.csrf().await;
    std::fs::write(
        folder.knowledge().join(&path),
        before.replacen("answer = \"\"\"\n", "answer = \"\"\"\n同僚の一文。", 99),
    )
    .unwrap();
    let fields = [
        ("csrf", &*csrf),
        ("id", ENTRY),
        ("opened", &*opened),
        ("question", "質問"),
        ("answer", "わたしの答え"),
        ("category", "分類"),
        ("document", "文書"),
        ("section", "1"),
    ];
    let refused = browser.post("/staff/entry", &fields).await;
    assert_eq!(refused.status(), 200);
    let refused = refused.text().await.unwrap();
    assert!(refused.contains("開いたあとに、この項目が変わりました"));
    assert!(refused.contains("同僚の一文") && refused.contains("わたしの答え"));
    let draft = browser.page("/staff/draft").await;
    assert!(draft.contains("直したものはありません"), "{draft}");
}

#[tokio::test]
async fn hostile_texts_are_shown_as_text_everywhere() {
    let (app, folder) = start().await;
    folder.record(&[HOSTILE]).await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let check = |page: &str, text: &str| {
        for part in ["<script>alert", "<img src=x", "onerror=alert(1)>"] {
            assert!(!text.contains(part), "{page}: {text}");
        }
    };
    let names = [
        "question", "answer", "variants", "category", "document", "section", "related",
    ];
    let mut fields: Vec<(&str, &str)> = names.map(|name| (name, HOSTILE)).to_vec();
    let form = browser.page(&format!("/staff/entry?id={ENTRY}")).await;
    fields.extend([("id", ENTRY), ("opened", field(&form, "opened"))]);
    browser.submit("/staff/entry", &fields).await;
    let topic = [
        ("question", HOSTILE),
        ("desk", "selas"),
        ("topic", HOSTILE),
        ("then", "referral"),
    ];
    browser.submit("/staff/questions", &topic).await;
    let hostile = encode(HOSTILE);
    for path in [
        "/staff".to_owned(),
        format!("/staff/questions?q={hostile}&find={hostile}"),
        format!("/staff/entries?q={hostile}"),
        format!("/staff/entry?id={ENTRY}"),
        "/staff/new".to_owned(),
        format!("/staff/draft?days={hostile}&of=sato&ask={hostile}"),
        format!("/staff/history?done={hostile}&refused={hostile}"),
        format!("/staff/activity?lang={hostile}"),
    ] {
        let response = browser.get(&path).await;
        check(&path, &response.text().await.unwrap());
    }
    check("draft", &browser.checked("/staff/draft").await);
    for path in [
        format!("/staff/entry?id={hostile}"),
        format!("/staff/{hostile}"),
    ] {
        let response = browser.get(&path).await;
        check(&path, &response.text().await.unwrap());
    }
    let csrf = browser.csrf().await;
    let fields = [("csrf", &*csrf), ("answer", HOSTILE)];
    let preview = browser.post("/staff/preview", &fields).await;
    let preview = preview.text().await.unwrap();
    check("preview", &preview);
    assert!(preview.contains("使えない書き方"), "{preview}");
}

#[tokio::test]
async fn a_closed_period_at_new_year_is_drafted_and_published() {
    let (app, folder) = start().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let page = browser.page("/staff/closed").await;
    let desk = field(&page, "desk").to_owned();
    let path = format!("{desk}/desk.toml");
    let before = folder.read(&path);
    for (first, last) in [("", ""), ("2027-01-03", "2026-12-29"), ("soon", "")] {
        let csrf = browser.csrf().await;
        let fields = [
            ("csrf", &*csrf),
            ("desk", &*desk),
            ("first", first),
            ("last", last),
        ];
        let refused = browser.post("/staff/closed", &fields).await;
        let refused = refused.text().await.unwrap();
        assert!(
            refused.contains("はじめの日を書いてください"),
            "{first} {last}"
        );
    }
    let fields = [
        ("desk", &*desk),
        ("first", "2031-12-29"),
        ("last", "2032-01-03"),
    ];
    assert_eq!(
        browser.submit("/staff/closed", &fields).await,
        "/staff/draft"
    );
    assert!(
        browser
            .page("/staff/closed")
            .await
            .contains("2031-12-29 – 2032-01-03")
    );
    let draft = browser.checked("/staff/draft").await;
    let publish = [
        ("reason", "年末年始"),
        ("version", field(&draft, "version")),
    ];
    browser.submit("/staff/publish", &publish).await;
    assert!(folder.read(&path).contains("2031-12-29..2032-01-03"));
    let fields = [("desk", &*desk), ("remove", "2031-12-29..2032-01-03")];
    browser.submit("/staff/closed", &fields).await;
    let draft = browser.checked("/staff/draft").await;
    let publish = [("reason", "やめる"), ("version", field(&draft, "version"))];
    browser.submit("/staff/publish", &publish).await;
    let comments = |text: &str| text.lines().filter(|line| line.contains('#')).count();
    assert_eq!(comments(&folder.read(&path)), comments(&before));
}

/// A question that the shipped knowledge answers.
const ANSWERED: &str = "会費の支払方法を教えてください";

#[tokio::test]
async fn questions_that_are_settled_are_gone_and_those_in_a_draft_are_marked() {
    let (app, folder) = start().await;
    let words = [
        "ゾロリカ",
        "ペポラン",
        "ガマニク",
        "ツツモン",
        "ヌルピタ",
        "ロボケロ",
        "ハヒフク",
        "ザンバラ",
        "ムゲチュ",
        "キョポロ",
        "ギャラモ",
        "ニョロメ",
        "ワヤチカ",
        "エソンベ",
    ];
    folder.record(&words).await;
    folder.record(&[ANSWERED, QUESTION]).await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let today = browser.checked("/staff").await;
    assert!(!today.contains(ANSWERED), "{today}");
    assert!(today.contains("すべて見る："), "{today}");
    let all = browser.checked("/staff/unanswered").await;
    assert!(all.contains(QUESTION) && !all.contains(ANSWERED), "{all}");
    assert!(!all.contains("下書きにあります"), "{all}");
    let listed = |page: &str| page.matches("/staff/questions?q=").count();
    assert!(listed(&all) > listed(&today), "{all}");
    let fields = [
        ("question", QUESTION),
        ("entry", ENTRY),
        ("then", "variants"),
    ];
    browser.submit("/staff/questions", &fields).await;
    let all = browser.checked("/staff/unanswered").await;
    let (_, row) = all.split_once(QUESTION).expect("the question");
    let (row, _) = row.split_once("</tr>").expect("its row");
    assert!(row.contains("下書きにあります"), "{row}");
    assert_eq!(all.matches("下書きにあります").count(), 1);
    // The part that a page asks for by itself.
    let live = browser.checked("/staff?live=1").await;
    assert!(!live.contains("<html") && live.contains(QUESTION), "{live}");
}

#[tokio::test]
async fn a_page_that_renews_itself_keeps_no_session_alive() {
    let (app, _folder) = start().await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    for _ in 0..4 {
        assert_eq!(browser.get("/staff?live=1").await.status(), 200);
        app.advance(jiff::SignedDuration::from_mins(61));
    }
    assert_eq!(browser.get("/staff?live=1").await.status(), 303);
}

#[tokio::test]
async fn a_draft_is_asked_as_of_a_later_day_and_shows_the_answer() {
    let (app, folder) = start().await;
    let question = "ぽこぽこの料金はいくらですか？";
    folder.record(&[question]).await;
    let mut browser = Browser::new(&app);
    browser.sign_in(TOKEN).await;
    let entry = [
        ("id", ""),
        ("desk", "selas"),
        ("question", question),
        ("answer", "料金は**777円**です。"),
        ("category", "ぽこぽこについて"),
        ("document", "ぽこぽこ案内"),
        ("section", "1"),
        ("valid_from", "2026-12-01"),
    ];
    browser.submit("/staff/entry", &entry).await;
    let ask = format!("ask={}", encode(question));
    let today = browser.checked(&format!("/staff/draft?{ask}")).await;
    assert!(today.contains("新しく答えられる：0"), "{today}");
    assert!(!today.contains("<strong>777円</strong>"), "{today}");
    let later = browser
        .checked(&format!("/staff/draft?{ask}&day=2026-12-01"))
        .await;
    assert!(later.contains("新しく答えられる：1"), "{later}");
    assert!(later.contains("<strong>777円</strong>"), "{later}");
    // A day that is past means today.
    let past = browser.checked("/staff/draft?day=2026-01-01").await;
    assert!(past.contains("新しく答えられる：0"), "{past}");
}
