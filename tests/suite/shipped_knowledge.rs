//! The shipped knowledge: complete, without problems, in the words of the documents. The facts
//! below were copied from the documents, not from `knowledge/`.

use madoguchi::knowledge::{Entry, Language, Sentence, load};

use crate::support::knowledge::{TODAY, project, shipped};

/// Every entry of the two documents, in their order.
const SELAS: [&str; 16] = [
    "selas-free-membership",
    "selas-paid-membership",
    "selas-payment-method",
    "selas-how-to-register",
    "selas-no-supporter",
    "selas-edit-company-info",
    "selas-add-user",
    "selas-product-registration",
    "selas-cancel-paid-membership",
    "selas-prorated-fee",
    "selas-join-seminar",
    "selas-join-business-meeting",
    "selas-pre-meeting-consultation",
    "selas-interpreter",
    "selas-sample-delivery",
    "selas-export-procedure",
];
const JETRO: [&str; 12] = [
    "jetro-member-number",
    "jetro-free-listing",
    "jetro-promotion-start",
    "jetro-promotion-content",
    "jetro-selection-criteria",
    "jetro-selection-notice",
    "jetro-concurrent-programs",
    "jetro-change-application",
    "jetro-municipal-subsidy",
    "jetro-refund",
    "jetro-support-services",
    "jetro-consortium",
];

fn entry(id: &str) -> &'static Entry {
    let entry = shipped().knowledge().entry(id);
    entry.unwrap_or_else(|| panic!("there is no entry `{id}`"))
}

#[test]
fn there_is_neither_an_error_nor_a_warning() {
    let problems = load(&project("knowledge"), TODAY).problems;
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
}

#[test]
fn every_entry_of_both_documents_exists_with_its_desk() {
    let mut expected: Vec<(&str, &str)> = SELAS.map(|id| (id, "selas")).to_vec();
    expected.extend(JETRO.map(|id| (id, "jetro")));
    expected.sort_unstable();
    let entries = &shipped().knowledge().entries;
    let pairs = entries.iter().map(|e| (e.id.as_str(), e.desk.as_str()));
    let mut found: Vec<(&str, &str)> = pairs.collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn the_entries_of_a_heading_keep_the_documents_order() {
    let entries = &shipped().knowledge().entries;
    for order in [&SELAS[..], &JETRO[..]] {
        let place = |entry: &Entry| order.iter().position(|id| *id == entry.id.as_str());
        for pair in entries.windows(2) {
            if pair[0].category == pair[1].category && pair[0].desk == pair[1].desk {
                let (first, second) = (&pair[0].id, &pair[1].id);
                let is_ordered = place(&pair[0]) <= place(&pair[1]);
                assert!(is_ordered, "`{first}` is before `{second}`");
            }
        }
    }
}

#[test]
fn every_desk_has_its_contact_points() {
    let expected = [
        ("alibaba", "alibaba-supplier-email"),
        ("jetro", "jetro-consortium-address"),
        ("jetro", "jetro-consortium-email"),
        ("jetro", "jetro-consortium-telephone"),
        ("jetro", "jetro-inquiry-form"),
        ("selas", "selas-inquiry-form"),
    ];
    let desks = shipped().knowledge().desks.iter();
    let mut found: Vec<(&str, &str)> = desks
        .flat_map(|desk| {
            let points = desk.contact_points.iter();
            points.map(|point| (desk.id.as_str(), point.id.as_str()))
        })
        .collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn answers_have_the_facts_of_the_documents() {
    // `ジェトロ` is the spelling of the document.
    let facts = "
        selas-free-membership マッチング申込、オンラインサロン機能は有料会員のみご利用になれます。
        selas-paid-membership 月額 3,500 円（税抜）の会費をお支払いいただきます。
        selas-payment-method クレジットカード決済（VISA/MASTER）でのお支払いとなります。
        selas-payment-method 会費は毎月 25 日にご登録のクレジットカードへご請求となります。
        selas-how-to-register 「使い方ガイド」をご参照ください。
        selas-edit-company-info 「企業情報」内にある「編集」ボタン
        selas-add-user 「ユーザー管理一覧」内、「ユーザー追加」ボタン
        selas-cancel-paid-membership 会員ページへログインした後に下記 URL から
        selas-cancel-paid-membership https://selasjapan.jp/paid
        selas-prorated-fee 会費の日割清算はできません。
        selas-interpreter 通訳の手配する必要はございません。
        selas-sample-delivery 現地バイヤーもしくはコーディネーターが希望する場所へ
        jetro-member-number wp_customer@alibaba-inc.jp
        jetro-free-listing 有料会員の Gold Supplier 企業のみ
        jetro-promotion-start 8月以降、ジェットロによる採択が決定した企業から順次
        jetro-selection-notice 採択／不採択の理由につきましては、お答えできかねます
        jetro-change-application 申込完了時にお送りするメールアドレス宛に
        jetro-municipal-subsidy 他の国庫補助金との併用はできかねます
        jetro-refund 返金はいたしかねます。
        jetro-support-services https://www.jetro.go.jp/services/
        jetro-consortium https://www.jetro.go.jp/consortium/
    ";
    for row in facts.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let (id, fact) = row.split_once(' ').expect("an id and a fact");
        let text = &entry(id).answer.text;
        assert!(text.contains(fact), "`{id}` lacks `{fact}`:\n{text}");
    }
}

#[test]
fn an_address_in_an_answer_is_a_link() {
    let links = [
        ("selas-cancel-paid-membership", "https://selasjapan.jp/paid"),
        ("jetro-member-number", "mailto:wp_customer@alibaba-inc.jp"),
        (
            "jetro-support-services",
            "https://www.jetro.go.jp/services/",
        ),
        ("jetro-consortium", "https://www.jetro.go.jp/consortium/"),
    ];
    for (id, url) in links {
        let answer = &entry(id).answer;
        let urls: Vec<&str> = answer.links.iter().map(|link| link.url.as_str()).collect();
        assert_eq!(urls, [url], "{id}");
        let html = &answer.html;
        assert!(html.contains(&format!("href=\"{url}\"")), "{id}: {html}");
    }
}

#[test]
fn the_product_registration_table_is_a_table() {
    let rows = [
        "メーカー名 | ✓ | ✓",
        "商品/サービス名 | ✓ | ✓",
        "商品/サービス名 (かな) | ✓ | ✓",
        "商品/サービス名 (英文) | ✓ | ✓",
        "JANコード | ✓",
        "上代価格 (税抜) | ✓ | ✓",
        "商品/サービス特徴 (PR) | ✓ | ✓",
        "輸出希望国 | ✓ | ✓",
        "輸出実績国 | ✓ | ✓",
        "輸出を希望しない国 | ✓ | ✓",
    ];
    let answer = &entry("selas-product-registration").answer;
    let written: Vec<&str> = answer.text.lines().filter(|l| l.contains('✓')).collect();
    assert_eq!(written, rows);
    let cells = answer.html.matches("<td>✓</td>").count();
    assert_eq!(cells, 19, "{}", answer.html);
    assert_eq!(answer.html.matches("<tr>").count(), 11, "{}", answer.html);
    for heading in [">商品登録</th>", ">サービス登録</th>"] {
        assert!(answer.html.contains(heading), "{}", answer.html);
    }
}

#[test]
fn contact_points_have_only_facts_of_the_documents() {
    let knowledge = shipped().knowledge();
    let points = [
        (
            "jetro-consortium-telephone",
            "03-3582-8333",
            Some("tel:+81335828333"),
        ),
        (
            "jetro-consortium-email",
            "cse-pt-apply@jetro.go.jp",
            Some("mailto:cse-pt-apply@jetro.go.jp"),
        ),
        (
            "alibaba-supplier-email",
            "wp_customer@alibaba-inc.jp",
            Some("mailto:wp_customer@alibaba-inc.jp"),
        ),
        // Both links are dead in the documents; an address must not be invented.
        ("selas-inquiry-form", "お問い合わせ", None),
        ("jetro-inquiry-form", "お問合せフォーム", None),
    ];
    for (id, value, url) in points {
        let (_, point) = knowledge
            .contact_point(id)
            .unwrap_or_else(|| panic!("`{id}`"));
        assert!(point.value.ja.contains(value), "{id}: {}", point.value.ja);
        assert_eq!(point.url.as_deref(), url, "{id}");
    }
}

#[test]
fn an_entry_has_the_contact_point_that_its_answer_names() {
    let contacts = [
        ("selas-no-supporter", "selas-inquiry-form"),
        ("selas-sample-delivery", "selas-inquiry-form"),
        ("selas-export-procedure", "selas-inquiry-form"),
        ("jetro-member-number", "alibaba-supplier-email"),
    ];
    for (id, contact) in contacts {
        let named = entry(id).contact.as_ref().map(ToString::to_string);
        assert_eq!(named.as_deref(), Some(contact), "{id}");
    }
}

#[test]
fn times_have_one_notation_in_both_languages() {
    let knowledge = shipped().knowledge();
    for language in [Language::Japanese, Language::English] {
        let time = knowledge.messages.template(Sentence::Time, language);
        assert_eq!(time, "{hour}:{minute}");
    }
    let desks = knowledge.desks.iter();
    for hours in desks.filter_map(|desk| desk.hours.as_ref()) {
        assert!(!hours.text.ja.contains('時'), "{}", hours.text.ja);
    }
}

#[test]
fn the_english_interface_has_no_stiff_phrases() {
    let knowledge = shipped().knowledge();
    let sentences = Sentence::ALL.iter();
    let sentences = sentences.map(|it| knowledge.messages.template(*it, Language::English));
    let replies = knowledge.small_talk.iter().map(|talk| &*talk.reply.en);
    for text in sentences.chain(replies) {
        for phrase in [
            "turn to",
            "come close",
            "that fits",
            "either",
            "by itself",
            "as it stands",
            "somebody",
            "everybody",
        ] {
            assert!(!text.contains(phrase), "`{phrase}`: {text}");
        }
    }
    // Sentences name a desk after "the", and several in a list with commas.
    for desk in &knowledge.desks {
        assert!(!desk.name.en.contains(','), "{}", desk.name.en);
    }
}
