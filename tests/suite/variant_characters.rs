//! Variant characters: old forms of kanji, accents and look-alikes of ー find what is written with
//! the usual character, and are answered like it.

use madoguchi::answer::{Conversation, Outcome};

use crate::support::knowledge::{assistant, now, project, question};

#[test]
fn variant_characters_are_answered_like_the_usual_ones() {
    let assistant = assistant(&project("tests/fixtures/variant_characters"));
    let rows = [
        ("髙崎会場への行き方", "takasaki"),
        ("高﨑会場への行き方", "takasaki"),
        ("髙﨑会場への行き方", "takasaki"),
        ("山﨑先生の講座はいつ？", "yamazaki"),
        ("山嵜先生の講座はいつ？", "yamazaki"),
        ("澤田写真館の予約方法", "sawada"),
        ("沢田冩眞館の豫約方法", "sawada"),
        ("渡邊医院の休診日", "watanabe"),
        ("渡邉医院の休診日", "watanabe"),
        ("渡邉醫院の休診日", "watanabe"),
        ("齋藤医院の電話番号", "saito"),
        ("齊藤医院の電話番号", "saito"),
        ("斎藤医院の電話番号", "saito"),
        ("斉藤醫院の電話番號", "saito"),
        ("廣澤文庫を閲覧できますか", "hirosawa"),
        ("國學院の見學會に申し込むには", "kokugakuin"),
        ("濵田賞の応募締め切り", "hamada"),
        ("濱田賞の應募締め切り", "hamada"),
        ("德永記念室は撮影できますか", "tokunaga"),
        ("眞田展の入場料はいくら", "shinjo"),
        ("會津物産展の開催場所", "kai"),
        ("葛\u{e0100}城の間の定員", "katsuragi"),
        ("葛\u{fe00}城の間の定員", "katsuragi"),
        ("嶋津焼の展示期間", "shimazu"),
        ("嶌津燒の展示期間", "shimazu"),
        ("冨田文庫の藏書目錄はありますか", "tomita"),
        ("𠮷野櫻の見頃を知りたい", "yoshino"),
        ("龍王戰の観戦席はありますか", "ryuo"),
        ("瀧澤馬琴の原稿は見られますか", "takizawa"),
        ("峯岸画廊の開館日", "mine"),
        ("峰岸畫廊の開舘日", "mine"),
        // A compatibility ideograph and a radical instead of the kanji.
        ("渡\u{fa26}医院の休診日", "watanabe"),
        ("⾼崎会場への⾏き⽅", "takasaki"),
        ("how do i book the cafe zoe", "zoe"),
        ("How do I book the CAFE\u{301} ZOE\u{308}?", "zoe"),
        ("メ−ルサ−バ−の設定方法", "server"),
        ("メ—ルサ—バ—の設定方法", "server"),
        ("メｰルサｰバｰの設定方法", "server"),
        ("メ─ルサ─バ─の設定方法", "server"),
        ("メ一ルサ一バ一の設定方法", "server"),
        ("サイズ一覧はどこ", "sizing"),
    ];
    let entries = &assistant.knowledge().entries;
    for (text, expected) in rows {
        let answer = assistant.answer_now(&question(text), Conversation::new(now()), now());
        let found = answer.entry.map(|index| entries[index].id.as_str());
        let trace = answer.trace.as_ref().unwrap();
        assert_eq!(
            (answer.outcome, found),
            (Outcome::Answered, Some(format!("hall-{expected}").as_str())),
            "{text}, read as `{}`: {:?}",
            trace.analysis.normalized,
            trace.analysis.words,
        );
    }
}

#[test]
fn matches_are_marked_in_the_spelling_of_the_text() {
    let assistant = assistant(&project("tests/fixtures/variant_characters"));
    for (text, expected) in [("髙﨑", "高崎"), ("cafe zoe", "CaféZoë")] {
        let found = assistant.suggest(text, None, 0..1, now());
        let [hit] = found.hits.as_slice() else {
            panic!("no hit for {text}");
        };
        let marked = hit.question.iter().filter(|(_, is_match)| *is_match);
        let marked: String = marked.map(|(piece, _)| piece.trim()).collect();
        assert_eq!(marked.replace(' ', ""), expected, "{text}");
        let whole: String = hit.question.iter().map(|(piece, _)| *piece).collect();
        assert_eq!(whole, assistant.knowledge().entries[hit.entry].question);
    }
}
