//! The forms of the staff desk: desks, subjects, the removal and the copy of an entry, the lexicon, messages
//! and the brand. Each is filled in as a browser does; files keep what was not changed.

use madoguchi::records::{OnDemand, StoredDraft};
use madoguchi::staff::{LineKind, difference};

use crate::support::app::encode;
use crate::support::form::Form;
use crate::support::knowledge::now;
use crate::support::staff::{Browser, Folder, TOKEN, start};

/// A desk with a telephone, hours and comments, and its file.
const DESK: &str = "jetro";
const DESK_FILE: &str = "jetro/desk.toml";

/// An entry that a desk shows first and other entries are related to.
const ENTRY: &str = "selas-payment-method";

/// Opens a form.
pub(crate) async fn open(browser: &mut Browser<'_>, path: &str, action: &str) -> Form {
    let page = browser.page(path).await;
    Form::read(&page, action)
}

async fn open_desk(browser: &mut Browser<'_>) -> Form {
    open(browser, &format!("/staff/desk?id={DESK}"), "/staff/desk").await
}

/// Sends a form that is accepted.
pub(crate) async fn save(browser: &mut Browser<'_>, form: &Form) {
    let location = browser.submit(&form.action, &form.fields()).await;
    assert_eq!(location, "/staff/draft");
}

/// Sends a form that is refused; returns the page.
pub(crate) async fn refused(browser: &mut Browser<'_>, form: &Form) -> String {
    let response = browser.post(&form.action, &form.fields()).await;
    assert_eq!(response.status(), 200, "{}", form.action);
    response.text().await.unwrap()
}

/// Publishes the draft, which must be fit.
pub(crate) async fn publish(browser: &mut Browser<'_>) {
    let draft = browser.checked("/staff/draft").await;
    assert!(draft.contains("/staff/publish"), "not fit: {draft}");
    let mut form = Form::read(&draft, "/staff/publish");
    form.set("reason", "試験");
    let done = browser.submit(&form.action, &form.fields()).await;
    assert!(done.starts_with("/staff/history?done="), "{done}");
}

/// Returns the lines that were removed and added, each with its sign.
pub(crate) fn changed(before: &str, after: &str) -> Vec<String> {
    let lines = difference(before, after)
        .expect("texts of a usual size")
        .into_iter();
    let lines = lines.filter_map(|line| match line.kind {
        LineKind::Added => Some(format!("+{}", line.text)),
        LineKind::Removed => Some(format!("-{}", line.text)),
        LineKind::Same | LineKind::Gap => None,
    });
    lines.collect()
}

pub(crate) async fn signed_in(app: &crate::support::app::TestApp) -> Browser<'_> {
    let mut browser = Browser::new(app);
    browser.sign_in(TOKEN).await;
    browser
}

#[tokio::test]
async fn a_telephone_number_and_hours_are_changed_and_nothing_else() {
    let (app, folder) = start().await;
    let mut browser = signed_in(&app).await;
    let before = folder.read(DESK_FILE);
    let list = browser.page("/staff/desks").await;
    assert!(list.contains("03-3582-8333") && list.contains("/staff/desk?id=jetro"));
    let mut form = open_desk(&mut browser).await;
    // A form that is sent as it was opened changes nothing.
    save(&mut browser, &form).await;
    let draft = browser.page("/staff/draft").await;
    assert!(draft.contains("直したものはありません"), "{draft}");
    let telephone = form.name_of("03-3582-8333");
    form.set(&telephone, "03-0000-1111");
    form.set("friday", "9:00～12:00、13時～16時30分");
    form.untick("closed_on_holidays");
    save(&mut browser, &form).await;
    assert_eq!(folder.read(DESK_FILE), before, "a draft writes nothing");
    publish(&mut browser).await;
    assert_eq!(
        changed(&before, &folder.read(DESK_FILE)),
        [
            "-value = \"03-3582-8333\"",
            "+value = \"03-0000-1111\"",
            "-closed_on_holidays = true",
            "+closed_on_holidays = false",
            "-friday = [\"09:00-12:00\", \"13:00-17:00\"]",
            "+friday = [\"09:00-12:00\", \"13:00-16:30\"]",
        ]
    );
}

#[tokio::test]
async fn contact_points_are_added_removed_and_put_into_another_order() {
    let (app, folder) = start().await;
    let mut browser = signed_in(&app).await;
    let mut form = open_desk(&mut browser).await;
    // The last fields are empty, for a new one.
    let new = form
        .fields()
        .iter()
        .filter(|(name, _)| *name == "point")
        .count()
        - 1;
    for (part, value) in [
        ("kind", "email"),
        ("label-ja", "予約"),
        ("label-en", "Booking"),
        ("value", "booking@example.jp"),
        ("place", "1"),
    ] {
        form.set(&format!("p{new}-{part}"), value);
    }
    let email = form.name_of("cse-pt-apply@jetro.go.jp");
    let email = email.trim_end_matches("value");
    form.set(&format!("{email}remove"), "1");
    let telephone = form.name_of("03-3582-8333");
    form.set(&telephone.replace("value", "place"), "9");
    // One more set of fields keeps what was typed.
    form.set("then", "point");
    let more = refused(&mut browser, &form).await;
    let mut form = Form::read(&more, "/staff/desk");
    let points = form
        .fields()
        .iter()
        .filter(|(name, _)| *name == "point")
        .count();
    assert_eq!(points, new + 2);
    assert!(!more.contains("id=\"mistakes\""), "{more}");
    form.set("then", "save");
    save(&mut browser, &form).await;
    publish(&mut browser).await;
    let text = folder.read(DESK_FILE);
    let places: Vec<usize> = [
        "id = \"jetro-email\"",
        "booking@example.jp",
        "id = \"jetro-inquiry-form\"",
        "# 元の文書のリンクには行き先がない",
        "id = \"jetro-consortium-address\"",
        "id = \"jetro-consortium-telephone\"",
        "# 電話の受付時間。\n[hours]",
    ]
    .iter()
    .map(|part| {
        text.find(part)
            .unwrap_or_else(|| panic!("`{part}`: {text}"))
    })
    .collect();
    assert!(places.is_sorted(), "{text}");
    assert!(!text.contains("cse-pt-apply"), "{text}");
}

#[tokio::test]
async fn mistakes_in_the_form_of_a_desk_are_linked_to_their_fields() {
    let (app, _folder) = start().await;
    let mut browser = signed_in(&app).await;
    let form = open_desk(&mut browser).await;
    let telephone = form.name_of("03-3582-8333");
    let email = form.name_of("cse-pt-apply@jetro.go.jp");
    let url = telephone.replace("value", "url");
    let long = "長".repeat(301);
    for (field, value, expected) in [
        ("name-ja", "", "書いてください。"),
        ("programme-en", "", "書いてください。"),
        ("name-en", &*long, "300字までにしてください（今は301字）"),
        ("monday", "17:00-9:00", "早い時刻から"),
        (
            "monday",
            "9:00-12:00, 11:00-13:00",
            "時間帯が重なっています",
        ),
        ("time_zone", "Tokyo", "Asia/Tokyo"),
        ("hours-en", "", "書いてください。"),
        (&*telephone, "電話", "03-0000-0000 のように"),
        (&*email, "info", "info@example.jp のように"),
        (&*url, "www.example.jp", "https:// から"),
    ] {
        let mut form = form.clone();
        form.set(field, value);
        let page = refused(&mut browser, &form).await;
        let link = format!("<a href=\"#{field}\">");
        assert!(page.contains("id=\"mistakes\" role=\"alert\""), "{field}");
        assert!(
            page.contains(&link) && page.contains(expected),
            "{field}: {page}"
        );
        assert!(page.contains("aria-invalid=\"true\""), "{field}");
        // What was typed is kept, and a second attempt is accepted.
        let kept = Form::read(&page, "/staff/desk");
        assert_eq!(kept.value(field), value);
    }
    // What only the check of the whole finds is said with the labels of the form.
    let mut form = form.clone();
    form.set("featured", "no-such-entry");
    let page = refused(&mut browser, &form).await;
    assert!(
        page.contains("no-such-entry") && page.contains("「はじめに見せる項目」"),
        "{page}"
    );
    form.set("featured", "jetro-refund");
    form.set("name-en", "Office");
    save(&mut browser, &form).await;
    let draft = browser.page("/staff/draft").await;
    assert!(draft.contains("en = &quot;Office&quot; }</ins>"), "{draft}");
    // The form was opened before that edit.
    let page = refused(&mut browser, &form).await;
    assert!(
        page.contains("開いたあとに、この内容がほかで変わりました"),
        "{page}"
    );
    let missing = browser.get("/staff/desk?id=no-such-desk").await;
    assert_eq!(missing.status(), 404);
}

#[tokio::test]
async fn referrals_and_out_of_scope_subjects_are_listed_changed_added_and_removed() {
    let (app, folder) = start().await;
    let mut browser = signed_in(&app).await;
    let list = browser.page("/staff/topics").await;
    assert!(list.contains("募集期間と申込の締切") && list.contains("ジムの退会方法を教えて"));
    let before = folder.read("jetro/referrals.toml");
    let path = "/staff/topic?kind=referral&id=jetro-application-deadline";
    let mut form = open(&mut browser, path, "/staff/topic").await;
    form.set("topic", &"長".repeat(61));
    let page = refused(&mut browser, &form).await;
    assert!(
        page.contains("60字までにしてください（今は61字）"),
        "{page}"
    );
    form.set("topic", "募集の締切");
    let variants = format!("{}\n(応募|申込)の最終日", form.value("variants"));
    form.set("variants", &variants);
    save(&mut browser, &form).await;
    let path = "/staff/topic?kind=out_of_scope&id=gym-membership";
    let mut form = open(&mut browser, path, "/staff/topic").await;
    form.set("then", "remove");
    save(&mut browser, &form).await;
    let mut form = open(&mut browser, "/staff/topic?kind=referral", "/staff/topic").await;
    form.set("desk", "selas");
    form.set("topic", "ぴこぴこの修理");
    form.set("variants", "(ぴこぴこ|ぴこ)を直して\nぴこぴこが(壊れた");
    let page = refused(&mut browser, &form).await;
    assert!(
        page.contains("<a href=\"#variants\">") && page.contains("かっこが閉じていないか"),
        "{page}"
    );
    form.set("variants", "(ぴこぴこ|ぴこ)を直して");
    save(&mut browser, &form).await;
    let mut form = open(
        &mut browser,
        "/staff/topic?kind=out_of_scope",
        "/staff/topic",
    )
    .await;
    form.set("variants", "ぴゅうぴゅうの予報");
    save(&mut browser, &form).await;
    publish(&mut browser).await;
    assert_eq!(
        changed(&before, &folder.read("jetro/referrals.toml")),
        [
            "-topic = \"募集期間と申込の締切\"",
            "+topic = \"募集の締切\"",
            "+  \"(応募|申込)の最終日\",",
        ]
    );
    let text = folder.read("out_of_scope.toml");
    assert!(!text.contains("gym-membership") && text.contains("ぴゅうぴゅうの予報"));
    assert!(
        text.starts_with("# この窓口では扱わない話題"),
        "the comment of the file"
    );
    assert!(
        text.contains("# よその会員・契約の解約と料金"),
        "the comment of the part"
    );
    assert!(
        folder
            .read("selas/referrals.toml")
            .contains("\"(ぴこぴこ|ぴこ)を直して\"")
    );
}

#[tokio::test]
async fn a_removed_entry_leaves_no_link_behind() {
    let (app, folder) = start().await;
    let mut browser = signed_in(&app).await;
    let path = format!("/staff/entry?id={ENTRY}");
    let mut form = open(&mut browser, &path, "/staff/entry").await;
    form.set("then", "remove");
    save(&mut browser, &form).await;
    publish(&mut browser).await;
    for file in [
        "selas/desk.toml",
        "selas/1_membership.toml",
        "selas/2_usage.toml",
    ] {
        assert!(!folder.read(file).contains(ENTRY), "{file}");
    }
    assert!(
        folder
            .read("selas/1_membership.toml")
            .starts_with("# SELAS よくあるご質問")
    );
}

#[tokio::test]
async fn a_price_is_prepared_by_a_copy_with_all_wordings() {
    let (app, folder) = start().await;
    let mut browser = signed_in(&app).await;
    let path = format!("/staff/copy?id={ENTRY}");
    let mut form = open(&mut browser, &path, "/staff/copy").await;
    for (day, expected) in [("", "書いてください"), ("soon", "2027-03-31 のように")] {
        form.set("from", day);
        let page = refused(&mut browser, &form).await;
        assert!(
            page.contains(expected) && page.contains("<a href=\"#from\">"),
            "{page}"
        );
    }
    form.set("from", "2027-04-01");
    let copy = browser.submit(&form.action, &form.fields()).await;
    assert_eq!(copy, format!("/staff/entry?id={ENTRY}-20270401&copied=1"));
    let old = open(
        &mut browser,
        &format!("/staff/entry?id={ENTRY}"),
        "/staff/entry",
    )
    .await;
    let mut new = open(&mut browser, &copy, "/staff/entry").await;
    assert_eq!(old.value("valid_until"), "2027-03-31");
    assert_eq!(new.value("valid_from"), "2027-04-01");
    assert_eq!(new.value("variants"), old.value("variants"));
    assert_eq!(new.value("question"), old.value("question"));
    new.set("answer", "四月からは現金だけです。");
    save(&mut browser, &new).await;
    // Neither is valid on both days around another change.
    let mut form = open(&mut browser, &path, "/staff/copy").await;
    form.set("from", "2027-05-01");
    let page = refused(&mut browser, &form).await;
    assert!(page.contains("今の項目が有効である必要"), "{page}");
    publish(&mut browser).await;
    let desk = folder.read("selas/desk.toml");
    let both = format!("\"{ENTRY}\", \"{ENTRY}-20270401\"");
    assert!(
        desk.contains(&both),
        "the help centre shows it from that day on: {desk}"
    );
}

#[tokio::test]
async fn an_answer_is_previewed_in_each_channel_and_variants_with_their_expansion() {
    let (app, _folder) = start().await;
    let mut browser = signed_in(&app).await;
    let csrf = browser.csrf().await;
    let answer = "**太字** です。\n\n| 種類 | 料金 |\n|---|---|\n| 小 | 100円 |";
    let variants = "(解約|退会)したい\nそのまま\n(a|(b)";
    let fields = [("csrf", &*csrf), ("answer", answer), ("variants", variants)];
    let preview = browser.post("/staff/preview", &fields).await;
    let preview = preview.text().await.unwrap();
    for part in [
        "<td>100円</td>",
        "<b>太字</b> です。",
        "・種類: <b>小</b>　料金: 100円",
        "<pre><code>",
        "→ 2通り",
        "<li>解約したい</li><li>退会したい</li>",
        "かっこの中に、かっこは書けません。",
    ] {
        assert!(preview.contains(part), "`{part}`: {preview}");
    }
    assert!(
        !preview.contains("そのまま"),
        "it stands for itself: {preview}"
    );
    let form = browser.page(&format!("/staff/entry?id={ENTRY}")).await;
    for part in [
        "role=\"toolbar\"",
        "data-block=",
        "Telegram",
        "Discord",
        "通り",
    ] {
        assert!(form.contains(part), "`{part}`");
    }
}

#[tokio::test]
async fn groups_of_the_lexicon_are_added_changed_and_removed() {
    let (app, folder) = start().await;
    let mut browser = signed_in(&app).await;
    let before = folder.read("lexicon.toml");
    let open_word = async |browser: &mut Browser<'_>, kind: &str, word: &str| {
        let list = browser
            .page(&format!("/staff/lexicon?q={}", encode(word)))
            .await;
        let start = list.find(&format!("kind={kind}&amp;at=")).expect("a group");
        let rest = &list[start..];
        let link = rest
            .split('"')
            .next()
            .expect("a link")
            .replace("&amp;", "&");
        open(browser, &format!("/staff/word?{link}"), "/staff/word").await
    };
    let mut new = open(&mut browser, "/staff/word?kind=synonyms", "/staff/word").await;
    new.set("terms", "ぴこぴこ");
    let page = refused(&mut browser, &new).await;
    assert!(page.contains("二つ以上書いてください"), "{page}");
    new.set("terms", "ぴこぴこ\nぴろぴろ");
    save(&mut browser, &new).await;
    let mut changed_group = open_word(&mut browser, "synonyms", "ぴろぴろ").await;
    changed_group.set("terms", "ぴこぴこ\nぴろぴろ\nぷかぷか");
    save(&mut browser, &changed_group).await;
    let page = refused(&mut browser, &changed_group).await;
    assert!(
        page.contains("開いたあとに"),
        "the places of groups have changed: {page}"
    );
    let mut word = open(&mut browser, "/staff/word?kind=word", "/staff/word").await;
    word.set("surface", "回数券");
    word.set("reading", "かいすうけん");
    let page = refused(&mut browser, &word).await;
    assert!(
        page.contains("「読み」") && page.contains("カタカナ"),
        "{page}"
    );
    word.set("reading", "カイスウケン");
    save(&mut browser, &word).await;
    let mut ignored = open(&mut browser, "/staff/word?kind=stop_words", "/staff/word").await;
    let words = format!("{}\nほにゃほにゃ", ignored.value("stop_words"));
    ignored.set("stop_words", &words);
    save(&mut browser, &ignored).await;
    publish(&mut browser).await;
    let text = folder.read("lexicon.toml");
    let lines = changed(&before, &text);
    let removed: Vec<&String> = lines.iter().filter(|line| line.starts_with('-')).collect();
    assert!(
        removed.len() <= 1,
        "the last line of the list at most: {removed:?}"
    );
    for part in [
        "terms = [\"ぴこぴこ\", \"ぴろぴろ\", \"ぷかぷか\"]",
        "surface = \"回数券\"\nreading = \"カイスウケン\"",
        "\"ほにゃほにゃ\"",
    ] {
        assert!(text.contains(part), "`{part}`: {lines:?}");
    }
    let mut gone = open_word(&mut browser, "synonyms", "ぷかぷか").await;
    gone.set("then", "remove");
    save(&mut browser, &gone).await;
    publish(&mut browser).await;
    assert!(!folder.read("lexicon.toml").contains("ぷかぷか"));
}

#[tokio::test]
async fn a_message_gets_an_own_wording_and_returns_to_the_default() {
    let (app, folder) = start().await;
    let mut browser = signed_in(&app).await;
    let before = folder.read("messages.toml");
    let list = browser
        .page("/staff/messages?q=%E3%81%AE%E4%B8%AD%E3%81%AB%E3%81%AF")
        .await;
    assert!(
        list.contains("この中にはない") && !list.contains("こんにちは"),
        "{list}"
    );
    let path = "/staff/message?key=asked";
    let mut form = open(&mut browser, path, "/staff/message").await;
    form.set("text-ja", "『{asked}』{name}");
    let page = refused(&mut browser, &form).await;
    assert!(
        page.contains("{name} は、この文では使えません") && page.contains("#text-ja"),
        "{page}"
    );
    form.set("text-ja", "『{asked}』について");
    save(&mut browser, &form).await;
    publish(&mut browser).await;
    let own = folder.read("messages.toml");
    assert_eq!(
        changed(&before, &own),
        [
            "-asked = { ja = \"「{asked}」\", en = \"“{asked}”\" }",
            "+asked = { ja = \"『{asked}』について\", en = \"“{asked}”\" }",
        ]
    );
    let page = browser.page(path).await;
    assert!(
        page.contains("「{asked}」") && page.contains("元からの文に戻す"),
        "{page}"
    );
    let mut form = Form::read(&page, "/staff/message");
    form.set("then", "remove");
    save(&mut browser, &form).await;
    publish(&mut browser).await;
    let reset = folder.read("messages.toml");
    assert_eq!(
        changed(&before, &reset),
        ["-asked = { ja = \"「{asked}」\", en = \"“{asked}”\" }"],
        "the heading above stays"
    );
    assert_eq!(browser.get("/staff/message?key=x").await.status(), 404);
}

#[tokio::test]
async fn a_brand_is_made_changed_and_checked() {
    let (app, folder) = start().await;
    let mut browser = signed_in(&app).await;
    let mut form = open(&mut browser, "/staff/brand", "/staff/brand").await;
    for (field, value, expected) in [
        ("accent", "blue", "#003366 のように"),
        ("logo", "logo.png", "画像のアドレス"),
        ("privacy", "example.jp", "https:// から"),
        ("organisation-ja", "あおば市", "書いてください"),
    ] {
        let mut form = form.clone();
        form.set(field, value);
        let page = refused(&mut browser, &form).await;
        assert!(page.contains(expected), "{field}: {page}");
    }
    for (field, value) in [
        ("organisation-ja", "あおば市"),
        ("organisation-en", "Aoba City"),
        ("accent", "#003366"),
        ("privacy", "https://www.example.jp/privacy"),
        ("l0-label-ja", "市のホームページ"),
        ("l0-label-en", "Web site"),
        ("l0-url", "https://www.example.jp/"),
    ] {
        form.set(field, value);
    }
    save(&mut browser, &form).await;
    publish(&mut browser).await;
    insta::assert_snapshot!(folder.read("brand.toml"), @r##"
    [brand]
    organisation = { ja = "あおば市", en = "Aoba City" }
    accent = "#003366"
    privacy = "https://www.example.jp/privacy"

    [[brand.link]]
    label = { ja = "市のホームページ", en = "Web site" }
    url = "https://www.example.jp/"
    "##);
    let mut form = open(&mut browser, "/staff/brand", "/staff/brand").await;
    for field in ["privacy", "l0-label-ja", "l0-label-en", "l0-url"] {
        form.set(field, "");
    }
    save(&mut browser, &form).await;
    publish(&mut browser).await;
    insta::assert_snapshot!(folder.read("brand.toml"), @r##"
    [brand]
    organisation = { ja = "あおば市", en = "Aoba City" }
    accent = "#003366"
    "##);
}

#[tokio::test]
async fn what_is_refused_says_why_and_keeps_what_was_typed() {
    let (app, _folder) = start().await;
    let mut browser = signed_in(&app).await;
    let long = "長".repeat(61);
    for (fields, expected) in [
        (
            &[("then", "variants"), ("entry", ENTRY)][..],
            "一つ以上選んでください",
        ),
        (
            &[("question", "x"), ("then", "variants")],
            "入れる項目を選んでください",
        ),
        (
            &[("question", "x"), ("then", "referral"), ("desk", "selas")],
            "話題を書いてください",
        ),
        (
            &[
                ("question", "x"),
                ("then", "referral"),
                ("desk", "selas"),
                ("topic", &*long),
            ],
            "60字までにしてください",
        ),
    ] {
        let fields = [fields, &[("q", "ふわふわの件")]].concat();
        let back = browser.submit("/staff/questions", &fields).await;
        assert!(back.ends_with("#sort"), "{back}");
        let page = browser.page(back.trim_end_matches("#sort")).await;
        assert!(
            page.contains(expected) && page.contains("role=\"alert\""),
            "{expected}: {page}"
        );
        let topic = fields.iter().find(|(name, _)| *name == "topic");
        assert!(
            topic.is_none_or(|(_, topic)| page.contains(topic)),
            "{page}"
        );
    }
    let page = open(&mut browser, "/staff/closed", "/staff/closed").await;
    for (first, last) in [
        ("2026-12-29", "2062-01-03"),
        ("2206-12-29", ""),
        ("2016-01-01", ""),
    ] {
        let mut form = page.clone();
        form.set("first", first);
        form.set("last", last);
        let refused = refused(&mut browser, &form).await;
        assert!(
            refused.contains("日付を確かめてください"),
            "{first}: {refused}"
        );
        assert!(
            refused.contains(&format!("value=\"{first}\"")),
            "{first}: {refused}"
        );
    }
    let path = format!("/staff/entry?id={ENTRY}");
    let mut form = open(&mut browser, &path, "/staff/entry").await;
    form.set("answer", &"長".repeat(30_001));
    form.set("valid_from", "2027-02-01");
    form.set("valid_until", "2027-01-01");
    let page = refused(&mut browser, &form).await;
    assert!(page.contains("30000字までにしてください（今は30001字）"));
    assert!(page.contains("「この日から有効」より前の日です"));
    assert_eq!(
        Form::read(&page, "/staff/entry")
            .value("answer")
            .chars()
            .count(),
        30_001
    );
    let draft = browser.page("/staff/draft").await;
    assert!(draft.contains("直したものはありません"), "{draft}");
}

#[tokio::test]
async fn a_damaged_draft_is_named_and_kept_until_it_is_discarded() {
    let (app, folder) = start().await;
    let mut browser = signed_in(&app).await;
    let database = OnDemand::new(folder.location()).database().await.unwrap();
    let damaged = StoredDraft {
        member: "sato".to_owned(),
        changed: now(),
        files: "[{\"path\":".to_owned(),
        approved_by: None,
    };
    database.keep_draft(&damaged).await.unwrap();
    for path in ["/staff/draft", "/staff/entries", "/staff/desks"] {
        let page = browser.get(path).await;
        assert_eq!(page.status(), 500, "{path}");
        let page = page.text().await.unwrap();
        assert!(
            page.contains("壊れていて、読み取れません"),
            "{path}: {page}"
        );
    }
    let csrf = browser.csrf().await;
    let fields = [
        ("csrf", &*csrf),
        ("question", "x"),
        ("entry", ENTRY),
        ("then", "variants"),
    ];
    let refused = browser.post("/staff/questions", &fields).await;
    assert_eq!(refused.status(), 500);
    let kept = database.drafts().await.unwrap();
    assert_eq!(kept[0].files, damaged.files);
    browser.submit("/staff/discard", &[]).await;
    let draft = browser.page("/staff/draft").await;
    assert!(draft.contains("直したものはありません"), "{draft}");
}

#[tokio::test]
async fn the_forms_are_in_english_too_and_show_hostile_texts_as_text() {
    const HOSTILE: &str = "\"'></textarea><script>alert(1)</script>";
    let (app, _folder): (_, Folder) = start().await;
    let mut browser = signed_in(&app).await;
    let hostile = encode(HOSTILE);
    for (path, expected) in [
        (
            format!("/staff/desk?id={DESK}&lang=en"),
            "Hours of the telephone",
        ),
        ("/staff/desks?lang=en".to_owned(), "Where members are sent"),
        ("/staff/topics?lang=en".to_owned(), "Out-of-scope subjects"),
        (
            "/staff/topic?kind=referral&lang=en".to_owned(),
            "New referral",
        ),
        ("/staff/settings?lang=en".to_owned(), "Wording and look"),
        (
            format!("/staff/lexicon?q={hostile}&lang=en"),
            "Words to ignore",
        ),
        (
            format!("/staff/messages?q={hostile}&lang=en"),
            "Own wordings",
        ),
        (
            "/staff/message?key=asked&lang=en".to_owned(),
            "Own wording (Japanese)",
        ),
        ("/staff/brand?lang=en".to_owned(), "Footer links"),
        (
            format!("/staff/copy?id={ENTRY}&lang=en"),
            "First day of the new content",
        ),
        (
            format!("/staff/questions?q=x&refused={hostile}&topic={hostile}"),
            "x",
        ),
    ] {
        let page = browser.page(&path).await;
        assert!(page.contains(expected), "{path}: {page}");
        assert!(!page.contains("<script>alert"), "{path}: {page}");
    }
    for (path, action) in [
        (&*format!("/staff/desk?id={DESK}"), "/staff/desk"),
        ("/staff/topic?kind=referral", "/staff/topic"),
        ("/staff/word?kind=spelling", "/staff/word"),
        ("/staff/message?key=asked", "/staff/message"),
        ("/staff/brand", "/staff/brand"),
    ] {
        let mut form = open(&mut browser, path, action).await;
        let names: Vec<String> = form
            .fields()
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .filter(|name| !["csrf", "id", "kind", "key", "at", "opened"].contains(&name.as_str()))
            .collect();
        for name in names {
            form.set(&name, HOSTILE);
        }
        let response = browser.post(action, &form.fields()).await;
        let page = response.text().await.unwrap();
        assert!(!page.contains("<script>alert"), "{path}: {page}");
    }
}
