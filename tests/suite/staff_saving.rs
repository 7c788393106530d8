//! What saving a form of the staff desk keeps: the edits of others, the lines and comments of the file, and what
//! the form does not show.

use std::fs;

use madoguchi::records::OnDemand;
use madoguchi::staff::Desk;

use crate::staff_forms::{changed, open, publish, refused, save, signed_in};
use crate::support::app::encode;
use crate::support::form::Form;
use crate::support::staff::{Browser, Folder, start, start_in};

/// Says that nothing is in the draft.
const EMPTY: &str = "直したものはありません";

/// A desk with a telephone and hours, and its file.
const DESK: &str = "/staff/desk?id=jetro";
const DESK_FILE: &str = "jetro/desk.toml";

/// A referral, and its file.
const REFERRAL: &str = "/staff/topic?kind=referral&id=jetro-application-deadline";
const REFERRAL_FILE: &str = "jetro/referrals.toml";

/// Returns the texts of the files in the draft of the member.
async fn drafted(folder: &Folder) -> String {
    let records = OnDemand::new(folder.location());
    let desk = Desk::new(folder.knowledge(), records, false);
    let draft = desk.draft("sato").await.unwrap();
    let texts = draft.files().filter_map(|file| file.after.clone());
    texts.collect::<Vec<_>>().concat()
}

async fn discard(browser: &mut Browser<'_>) {
    browser.submit("/staff/discard", &[]).await;
}

fn append(folder: &Folder, file: &str, text: &str) {
    let path = folder.knowledge().join(file);
    let before = fs::read_to_string(&path).unwrap_or_default();
    fs::write(path, format!("{before}{text}")).unwrap();
}

/// Returns the way to the first group of a kind in the lexicon.
async fn first_group(browser: &mut Browser<'_>, kind: &str) -> String {
    let list = browser.page("/staff/lexicon").await;
    let start = list.find(&format!("kind={kind}&amp;at=")).expect("a group");
    let link = list[start..].split('"').next().expect("a link");
    format!("/staff/word?{}", link.replace("&amp;", "&"))
}

#[tokio::test]
async fn of_two_that_save_the_same_opened_form_only_one_is_accepted() {
    let (app, folder) = start().await;
    // Two windows of one member share a draft.
    let mut first = signed_in(&app).await;
    let mut second = signed_in(&app).await;
    for (path, action, fields) in [
        (DESK, "/staff/desk", &["name-ja"][..]),
        (
            "/staff/entry?id=selas-payment-method",
            "/staff/entry",
            &["question"],
        ),
        (REFERRAL, "/staff/topic", &["topic"]),
        (
            "/staff/word?kind=stop_words",
            "/staff/word",
            &["stop_words"],
        ),
        (
            "/staff/message?key=closing",
            "/staff/message",
            &["text-ja", "text-en"],
        ),
        (
            "/staff/brand",
            "/staff/brand",
            &["organisation-ja", "organisation-en"],
        ),
    ] {
        let mut one = open(&mut first, path, action).await;
        let mut two = open(&mut second, path, action).await;
        assert_eq!(one.value("opened"), two.value("opened"), "{path}");
        for field in fields {
            one.set(field, "ぴこいち");
            two.set(field, "ぷかに");
        }
        let (one, two) = (one.fields(), two.fields());
        let (one, two) = tokio::join!(first.post(action, &one), second.post(action, &two));
        let (accepted, lost) = match (one.status().as_u16(), two.status().as_u16()) {
            (303, 200) => ("ぴこいち", two),
            (200, 303) => ("ぷかに", one),
            both => panic!("{path}: {both:?}"),
        };
        let other = if accepted == "ぷかに" {
            "ぴこいち"
        } else {
            "ぷかに"
        };
        let lost = lost.text().await.unwrap();
        assert!(
            lost.contains("開いたあとに") && lost.contains(other),
            "{path}: {lost}"
        );
        let draft = drafted(&folder).await;
        assert!(
            draft.contains(accepted) && !draft.contains(other),
            "{path}: {draft}"
        );
        discard(&mut first).await;
    }
}

#[tokio::test]
async fn a_removal_keeps_an_edit_that_was_made_after_its_page_was_opened() {
    let (app, folder) = start().await;
    let mut first = signed_in(&app).await;
    let mut second = signed_in(&app).await;
    for (path, action, field) in [
        (
            "/staff/entry?id=selas-payment-method",
            "/staff/entry",
            "question",
        ),
        (REFERRAL, "/staff/topic", "topic"),
    ] {
        let mut edit = open(&mut first, path, action).await;
        let page = second.page(path).await;
        // The form of the removal comes after that of the fields.
        let (_, rest) = page.split_once("class=\"fields").expect("the fields");
        let (_, rest) = rest.split_once("</form>").expect("the end of the fields");
        let mut removal = Form::read(rest, action);
        removal.set("then", "remove");
        edit.set(field, "ぴこいち");
        save(&mut first, &edit).await;
        let before = drafted(&folder).await;
        let response = second.post(action, &removal.fields()).await;
        assert_eq!(response.status(), 409, "{path}");
        let page = response.text().await.unwrap();
        assert!(page.contains("開いたあとに"), "{path}: {page}");
        let draft = drafted(&folder).await;
        assert!(draft.contains("ぴこいち"), "{path}: {draft}");
        assert_eq!(draft, before, "{path}");
        // Opened again, it is accepted.
        let page = second.page(path).await;
        let (_, rest) = page.split_once("class=\"fields").expect("the fields");
        let (_, rest) = rest.split_once("</form>").expect("the end of the fields");
        let mut removal = Form::read(rest, action);
        removal.set("then", "remove");
        save(&mut second, &removal).await;
        assert!(!drafted(&folder).await.contains("ぴこいち"), "{path}");
        discard(&mut first).await;
    }
}

#[tokio::test]
async fn a_form_that_is_sent_as_it_was_opened_leaves_the_draft_empty() {
    let (app, folder) = start().await;
    append(
        &folder,
        "lexicon.toml",
        "\n[[word]]\nsurface = 'ぴこぴこ'\nreading = 'ピコピコ' # 音\n",
    );
    let mut browser = signed_in(&app).await;
    let mut paths = vec![
        (DESK.to_owned(), "/staff/desk"),
        ("/staff/desk?id=selas".to_owned(), "/staff/desk"),
        ("/staff/desk?id=alibaba".to_owned(), "/staff/desk"),
        (REFERRAL.to_owned(), "/staff/topic"),
        (
            "/staff/topic?kind=out_of_scope&id=gym-membership".to_owned(),
            "/staff/topic",
        ),
        ("/staff/word?kind=stop_words".to_owned(), "/staff/word"),
        ("/staff/brand".to_owned(), "/staff/brand"),
    ];
    for entry in [
        "selas-payment-method",
        "selas-product-registration",
        "jetro-refund",
    ] {
        paths.push((format!("/staff/entry?id={entry}"), "/staff/entry"));
    }
    // The file has the first as its own wording, although it is the default.
    for key in ["asked", "weekdays", "draft_body", "hours_label"] {
        paths.push((format!("/staff/message?key={key}"), "/staff/message"));
    }
    for kind in ["spelling", "synonyms"] {
        paths.push((first_group(&mut browser, kind).await, "/staff/word"));
    }
    let list = browser.page("/staff/lexicon?q=%E3%81%B4%E3%81%93").await;
    let (_, link) = list.split_once("kind=word&amp;at=").expect("the word");
    let at = link.split('"').next().expect("its place");
    paths.push((format!("/staff/word?kind=word&at={at}"), "/staff/word"));
    for (path, action) in paths {
        let form = open(&mut browser, &path, action).await;
        save(&mut browser, &form).await;
        let draft = browser.page("/staff/draft").await;
        assert!(draft.contains(EMPTY), "{path}: {draft}");
    }
    let log = browser.page("/staff/activity").await;
    assert!(!log.contains("下書きを直した"), "{log}");
}

#[tokio::test]
async fn two_changes_of_a_file_one_after_the_other_both_survive() {
    let (app, folder) = start().await;
    let mut browser = signed_in(&app).await;
    let before = folder.read(DESK_FILE);
    for (field, value) in [("name-en", "Office"), ("friday", "9:00-12:00")] {
        let mut form = open(&mut browser, DESK, "/staff/desk").await;
        form.set(field, value);
        save(&mut browser, &form).await;
    }
    let fields = [("desk", "jetro"), ("first", "2027-12-29"), ("last", "")];
    browser.submit("/staff/closed", &fields).await;
    publish(&mut browser).await;
    // One more, after the publication.
    let mut form = open(&mut browser, DESK, "/staff/desk").await;
    form.set("monday", "");
    save(&mut browser, &form).await;
    publish(&mut browser).await;
    let added: Vec<String> = changed(&before, &folder.read(DESK_FILE))
        .into_iter()
        .filter(|line| line.starts_with('+'))
        .collect();
    assert!(added[0].contains("en = \"Office\""), "{added:?}");
    assert_eq!(
        added[1..],
        [
            "+monday = []",
            "+friday = [\"09:00-12:00\"]",
            "+closed = [\"2027-12-29\"]",
        ]
    );
}

#[tokio::test]
async fn a_word_to_ignore_is_added_and_removed_within_its_line() {
    let (app, folder) = start().await;
    let mut browser = signed_in(&app).await;
    let before = folder.read("lexicon.toml");
    let path = "/staff/word?kind=stop_words";
    let mut form = open(&mut browser, path, "/staff/word").await;
    let words = form.value("stop_words");
    let words = words.replacen("\n聞く\n", "\n聞く\nほにゃ\n", 1);
    let words = words.replacen("\n出来る\n", "\n", 1);
    form.set("stop_words", &words);
    save(&mut browser, &form).await;
    publish(&mut browser).await;
    let expected = before
        .replacen("\"聞く\", \"きく\"", "\"聞く\", \"ほにゃ\", \"きく\"", 1)
        .replacen("\"できる\", \"出来る\", ", "\"できる\", ", 1);
    assert_ne!(expected, before);
    let after = folder.read("lexicon.toml");
    assert_eq!(changed(&expected, &after), Vec::<String>::new());
}

#[tokio::test]
async fn hours_with_closed_days_are_removed_only_after_a_question() {
    let (app, folder) = start().await;
    let mut browser = signed_in(&app).await;
    let exception = "\n[[hours.exception]]\ndate = 2027-12-28\nopen = [\"09:00-12:00\"]\n";
    append(&folder, DESK_FILE, exception);
    for first in ["2027-08-13", "2027-12-29"] {
        let fields = [("desk", "jetro"), ("first", first), ("last", "")];
        browser.submit("/staff/closed", &fields).await;
    }
    let before = drafted(&folder).await;
    let mut form = open(&mut browser, DESK, "/staff/desk").await;
    form.untick("has_hours");
    let page = refused(&mut browser, &form).await;
    assert!(
        page.contains("（2027-08-13、2027-12-29、2027-12-28）も消えます"),
        "{page}"
    );
    assert!(page.contains("<a href=\"#without_days\">"), "{page}");
    assert_eq!(drafted(&folder).await, before);
    // With the hours, the days are kept.
    let mut form = Form::read(&page, "/staff/desk");
    let mut kept = form.clone();
    kept.set("has_hours", "1");
    save(&mut browser, &kept).await;
    assert!(browser.page("/staff/closed").await.contains("2027-08-13"));
    form.set("without_days", "1");
    save(&mut browser, &form).await;
    publish(&mut browser).await;
    let text = folder.read(DESK_FILE);
    assert!(
        !text.contains("hours") && text.contains("[[contact_point]]"),
        "{text}"
    );
    // Without such days there is nothing to ask.
    let mut form = open(&mut browser, "/staff/desk?id=selas", "/staff/desk").await;
    form.set("has_hours", "1");
    for (field, value) in [
        ("hours-ja", "平日"),
        ("hours-en", "Weekdays"),
        ("monday", "9-17"),
        ("time_zone", "Asia/Tokyo"),
    ] {
        form.set(field, value);
    }
    save(&mut browser, &form).await;
    let mut form = open(&mut browser, "/staff/desk?id=selas", "/staff/desk").await;
    form.untick("has_hours");
    save(&mut browser, &form).await;
}

#[tokio::test]
async fn a_removal_that_is_refused_says_why() {
    let (app, folder) = start().await;
    let mut browser = signed_in(&app).await;
    let mistake = "\n[[referral]]\nid = \"jetro-without-a-subject\"\nvariants = [\"ぴこぴこ\"]\n";
    append(&folder, REFERRAL_FILE, mistake);
    append(
        &folder,
        "lexicon.toml",
        "\n[[synonyms]]\nterms = [\"ぴこぴこ\"]\n",
    );
    let inner = "\n[[entry]]\nid = \"selas-inner\"\ncategory = \"会員種別について/登録について\"\nquestion = \"ぷかぷかとは\"\nanswer = \"ぷかぷかです。\"\n[entry.source]\ndocument = \"案内\"\nsection = \"1\"\n";
    append(&folder, "selas/1_membership.toml", inner);
    let word = first_group(&mut browser, "spelling").await;
    let entry = "/staff/entry?id=selas-free-membership";
    for (path, action, expected) in [
        (REFERRAL, "/staff/topic", "jetro/referrals.toml:"),
        (&*word, "/staff/word", "lexicon.toml:"),
        (entry, "/staff/entry", "ここからは消せません"),
    ] {
        let mut form = open(&mut browser, path, action).await;
        form.set("then", "remove");
        let response = browser.post(action, &form.fields()).await;
        assert_eq!(response.status(), 409, "{path}");
        let page = response.text().await.unwrap();
        assert!(
            page.contains("消していません") && page.contains(expected),
            "{path}: {page}"
        );
        assert!(!page.contains("ここでは直せません"), "{path}: {page}");
    }
    assert_eq!(drafted(&folder).await, "");
}

#[tokio::test]
async fn lists_of_names_in_messages_have_as_many_names_as_there_are_days_and_months() {
    let (app, folder) = start().await;
    let mut browser = signed_in(&app).await;
    let action = "/staff/message";
    for (key, field, names, expected) in [
        (
            "weekdays",
            "text-ja",
            "月 火 水 木 金 土",
            "曜日の名前が6個あります。月曜日から日曜日までの7個を、空白で区切って",
        ),
        (
            "weekdays",
            "text-ja",
            "月、火、水、木、金、土、日",
            "曜日の名前が1個あります",
        ),
        (
            "months",
            "text-ja",
            "睦月 如月 弥生 卯月 皐月 水無月 文月 葉月 長月 神無月 霜月 師走 閏月",
            "月の名前が13個あります。1月から12月までの12個を",
        ),
        (
            "weekdays&lang=en",
            "text-en",
            "Monday Tuesday",
            "Expected 7 names of weekdays, from Monday to Sunday, separated by spaces; found 2.",
        ),
        (
            "months&lang=en",
            "text-en",
            "January",
            "Expected 12 names of months, from January to December, separated by spaces; found 1.",
        ),
    ] {
        let path = format!("/staff/message?key={key}");
        let mut form = open(&mut browser, &path, action).await;
        form.set(field, names);
        let page = refused(&mut browser, &form).await;
        let link = format!("<a href=\"#{field}\">");
        assert!(
            page.contains(expected) && page.contains(&link),
            "{key}: {page}"
        );
        assert_eq!(Form::read(&page, action).value(field), names);
    }
    // Other blanks are written as those that dates expect.
    let mut form = open(&mut browser, "/staff/message?key=weekdays", action).await;
    form.set("text-ja", " げつ　か  すい\nもく きん ど にち ");
    save(&mut browser, &form).await;
    publish(&mut browser).await;
    let text = folder.read("messages.toml");
    assert!(
        text.contains("ja = \"げつ か すい もく きん ど にち\""),
        "{text}"
    );
}

#[tokio::test]
async fn each_part_of_a_brand_can_be_cleared_and_comments_keep_their_place() {
    const PRIVACY: &str = "# privacy = \"https://www.example.jp/privacy\"\n";
    let folder = Folder::new();
    let brand = |keys: &str| format!("[brand]\n{keys}{PRIVACY}");
    append(&folder, "brand.toml", &brand("accent_dark = \"#ffd400\"\n"));
    let app = start_in(&folder, false).await;
    let mut browser = signed_in(&app).await;
    let (path, action) = ("/staff/brand", "/staff/brand");
    // The colour is in the field of the key that has it.
    let mut form = open(&mut browser, path, action).await;
    assert_eq!(
        (form.value("accent"), form.value("accent_dark")),
        ("", "#ffd400")
    );
    form.set("accent_dark", "");
    form.set("accent", "#003366");
    save(&mut browser, &form).await;
    publish(&mut browser).await;
    assert_eq!(folder.read("brand.toml"), brand("accent = \"#003366\"\n"));
    // A link comes behind the comment, which is of the table before.
    let mut form = open(&mut browser, path, action).await;
    for (field, value) in [
        ("accent", ""),
        ("accent_dark", "#ffd400"),
        ("l0-label-ja", "市"),
        ("l0-label-en", "City"),
        ("l0-url", "https://www.example.jp/"),
    ] {
        form.set(field, value);
    }
    save(&mut browser, &form).await;
    publish(&mut browser).await;
    let link = "\n[[brand.link]]\nlabel = { ja = \"市\", en = \"City\" }\nurl = \"https://www.example.jp/\"\n";
    let with_link = format!("{}{link}", brand("accent_dark = \"#ffd400\"\n"));
    assert_eq!(folder.read("brand.toml"), with_link);
}

#[tokio::test]
async fn a_logo_may_be_as_long_as_the_service_accepts() {
    let (app, folder) = start().await;
    let mut browser = signed_in(&app).await;
    let svg = |length: usize| {
        let (start, end) = (
            "<svg xmlns=\"http://www.w3.org/2000/svg\"><path d=\"",
            "\"/></svg>",
        );
        let path = "M0 0h8v8H0z".repeat(length / 11 + 1);
        let path = &path[..length - start.len() - end.len()];
        format!("{start}{path}{end}")
    };
    let (path, action) = ("/staff/brand", "/staff/brand");
    let mut form = open(&mut browser, path, action).await;
    form.set("logo", &svg(64 * 1024 + 1));
    let page = refused(&mut browser, &form).await;
    assert!(page.contains("SVG は64 KB までにしてください（今は65 KB）"));
    let longest = svg(64 * 1024);
    form.set("logo", &longest);
    save(&mut browser, &form).await;
    // Another part is changed beside such a logo.
    let mut form = open(&mut browser, path, action).await;
    assert_eq!(form.value("logo"), longest);
    form.set("accent", "#003366");
    save(&mut browser, &form).await;
    publish(&mut browser).await;
    let text = folder.read("brand.toml");
    assert!(text.contains("accent = \"#003366\"") && text.len() > 64 * 1024);
}

#[tokio::test]
async fn wordings_that_are_settled_are_not_counted() {
    /// A wording of an out-of-scope subject, so it is settled.
    const SETTLED: &str = "データ容量を追加したい";
    const OFTEN: &str = "データ容量のペポランを追加したい";
    const ONCE: &str = "データ容量のゾロリカを追加したい";
    let (app, folder) = start().await;
    assert!(folder.read("out_of_scope.toml").contains(SETTLED));
    folder
        .record(&[SETTLED, SETTLED, SETTLED, OFTEN, OFTEN, ONCE])
        .await;
    let mut browser = signed_in(&app).await;
    let all = browser.checked("/staff/unanswered").await;
    let (_, row) = all.split_once(OFTEN).expect("the question");
    let (row, _) = row.split_once("</tr>").expect("its row");
    // The group has both that are open.
    assert!(row.contains("ほかの書き方 1 通り"), "{row}");
    assert!(row.contains("<td class=\"number\">3</td>"), "{row}");
    assert!(
        !all.contains(SETTLED) && !all.contains(&encode(SETTLED)),
        "{all}"
    );
    let path = format!("/staff/questions?q={}", encode(OFTEN));
    let group = browser.page(&path).await;
    assert!(group.contains(ONCE) && !group.contains(SETTLED), "{group}");
}
