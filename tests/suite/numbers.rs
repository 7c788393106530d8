//! Numbers mean something: a quantity finds the entry that has it in any notation, and no entry that
//! has only other values of its unit is given as the answer.

use madoguchi::answer::{Answer, Assistant, Conversation, Outcome};
use madoguchi::search::QuantityFit;

use crate::support::knowledge::{assistant, now, project, question};

fn ask(assistant: &Assistant, text: &str) -> Answer {
    assistant.answer_now(&question(text), Conversation::new(now()), now())
}

fn describe(assistant: &Assistant, answer: &Answer) -> String {
    let entries = &assistant.knowledge().entries;
    let quantities = &answer.trace.as_ref().unwrap().analysis.quantities;
    let quantities: Vec<String> = quantities.iter().map(ToString::to_string).collect();
    let suggested = answer.suggestions.iter();
    let suggested: Vec<&str> = suggested
        .map(|(index, _)| entries[*index].id.as_str())
        .collect();
    let entry = answer.entry.map(|index| entries[index].id.as_str());
    let outcome = answer.outcome.name();
    format!("{outcome} {entry:?} {suggested:?}, quantities {quantities:?}")
}

#[test]
fn a_quantity_in_any_notation_finds_its_entry() {
    let assistant = assistant(&project("tests/fixtures/numbers"));
    let rows = [
        // Durations.
        ("3ヶ月パスの値段", "pass3"),
        ("三か月パスの値段", "pass3"),
        ("３カ月パスの値段", "pass3"),
        ("三箇月パスの値段を知りたい", "pass3"),
        ("六ヶ月パスの値段", "pass6"),
        ("６ケ月パスの値段", "pass6"),
        ("半年パスの値段を教えて", "pass6"),
        // Money.
        ("2400円の会員は何ができる？", "ticket1"),
        ("二千四百円の会員は何ができる？", "ticket1"),
        ("￥2,400の会員は何ができる？", "ticket1"),
        ("4,800えんの会員は何ができる？", "ticket2"),
        ("四千八百円の会員は何ができる？", "ticket2"),
        ("4千8百円の会員は何ができる？", "ticket2"),
        ("10,000円セットの中身", "set1"),
        ("壱万円セットの中身", "set1"),
        ("30000円セットの中身", "set2"),
        ("三万円セットの中身", "set2"),
        ("3万のセットの中身", "set2"),
        // Dates.
        ("12/28に窓口は営業していますか", "eve"),
        ("十二月二十八日に窓口は営業していますか", "eve"),
        ("１２月２８日は窓口やってる？", "eve"),
        ("1/28に窓口は営業していますか", "new"),
        ("01月28日に窓口は営業していますか", "new"),
        ("一月二十八日に窓口は営業していますか", "new"),
        // Times of day.
        ("17時以降の入口はどこ", "late5"),
        ("17:00以降の入口はどこ", "late5"),
        ("5時以降の入口はどこ", "late5"),
        ("14時以降の入口はどこ", "late2"),
        ("二時以降の入口はどこ", "late2"),
        ("2pm以降の入口はどこ", "late2"),
        // Areas, percentages, years.
        ("80㎡の展示室の使用料", "room80"),
        ("八十平米の展示室の使用料", "room80"),
        ("40m2の展示室の使用料", "room40"),
        ("四十平方メートルの展示室の使用料", "room40"),
        ("１割引きの対象になる商品は？", "prize"),
        ("2026年の年間予定表はどこで入手できる？", "year"),
        // Ordinals and labels.
        ("手順1で画面が止まったときの対処法", "step1"),
        ("手順❶で画面が止まったときの対処法", "step1"),
        ("手順二で画面が止まったときの対処法", "step2"),
        ("手順⑵で画面が止まったときの対処法", "step2"),
        ("手順Ⅱで画面が止まったときの対処法", "step2"),
        ("ステップ2で画面が止まったときの対処法", "step2"),
        ("②で画面が止まったときの対処法", "step2"),
        ("様式1の記入例はある？", "paper1"),
        ("様式第二号の記入例はありますか", "paper2"),
        // Ranges and bounds.
        ("65才以上の割引制度はある？", "senior"),
        ("70歳の割引制度はありますか", "senior"),
        ("カタログは4日で届きますか", "deliver"),
        ("カタログは五日で届きますか", "deliver"),
        ("25名の団体予約の申込先", "large"),
        ("40cmの荷物は預けられますか", "bag"),
        ("0.5mの荷物は預けられますか", "bag"),
        // A unit that the entry does not have is incidental.
        ("2つ質問があります。喫茶室の席は予約できますか", "cafe"),
        ("3回電話したのですが、喫茶室の席は予約できますか", "cafe"),
    ];
    let mut failures = Vec::new();
    for (text, expected) in rows {
        let answer = ask(&assistant, text);
        let found = answer
            .entry
            .map(|index| assistant.knowledge().entries[index].id.as_str());
        let expected = format!("hall-{expected}");
        if (answer.outcome, found) != (Outcome::Answered, Some(expected.as_str())) {
            failures.push(format!("{text}: {}", describe(&assistant, &answer)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_quantity_that_a_variant_has_by_chance_does_not_count() {
    let assistant = assistant(&project("tests/fixtures/numbers"));
    let answer = ask(&assistant, "3日間通えなかった場合の返金はありますか");
    let description = describe(&assistant, &answer);
    assert_eq!(answer.outcome, Outcome::Answered, "{description}");
}

#[test]
fn an_entry_with_other_quantities_is_not_the_answer() {
    let assistant = assistant(&project("tests/fixtures/numbers"));
    for text in [
        "12か月パスの値段を教えてください。",
        "1年パスの値段を教えてください。",
        "月額9,600円の会員は何ができますか？",
        "5万円セットの中身は何ですか？",
        "12月31日に窓口は営業していますか？",
        "7/7に窓口は営業していますか？",
        "12/8に窓口は営業していますか？",
        "午後8時の入口はどこですか？",
        "300平方メートルの展示室の使用料は？",
        "手順⑨で画面が止まったときの対処法は？",
        "様式第7号の記入例はありますか？",
        "64歳の割引制度はありますか？",
        "64歳以下の割引制度はありますか？",
        "カタログは2日で届きますか？",
        "カタログは1週間で届きますか？",
        "19名の団体予約の申込先は？",
        "令和7年の年間予定表はどこで入手できますか？",
        "20%引きの対象になる商品は？",
        "30cmの荷物は預けられますか？",
        "200mmの荷物は預けられますか？",
    ] {
        let answer = ask(&assistant, text);
        let description = describe(&assistant, &answer);
        assert_ne!(answer.outcome, Outcome::Answered, "{text}: {description}");
    }
}

#[test]
fn the_explanation_shows_the_quantities() {
    let assistant = assistant(&project("tests/fixtures/numbers"));
    let explanation = assistant
        .explain(ask(&assistant, "６ヶ月パスの値段"))
        .unwrap();
    let fit = |id: &str| {
        let mut subjects = explanation.subjects.iter();
        subjects.find(|subject| subject.id == id).unwrap().quantity
    };
    assert_eq!(explanation.analysis.quantities[0].to_string(), "6 か月");
    assert_eq!(fit("hall-pass6"), Some(QuantityFit::Equal));
    assert_eq!(fit("hall-pass3"), Some(QuantityFit::Apart));
}
