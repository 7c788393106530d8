//! The units of quantities, and the labels before numbers.
//!
//! Input: the letters of a normalised text and a position. Output: what is written there. All
//! lists are facts of the language; an organisation has no units of its own.

use std::sync::LazyLock;

/// A unit: the name that stands for it in terms, the factor to its smallest unit, its spellings.
///
/// Spellings are in NFKC and lower case. Units of one dimension share a name, so that 1年 is 12か月.
/// A unit named `-` ends a number that is no quantity: 「2つ質問があります」.
const UNITS: &str = "
円 1 円 えん yen jpy
ドル 1 ドル dollars dollar usd
ユーロ 1 ユーロ euros euro eur
元 1 人民元 元 rmb cny
ウォン 1 ウォン krw won
% 1 % パーセント percent
% 10 割
倍 1 倍
ポイント 1 ポイント points point pt
か月 1 か月 カ月 ヶ月 ケ月 ヵ月 ヶ月 箇月 個月 か月間 カ月間 ヶ月間 ケ月間 ヵ月間 箇月間 months month
か月 12 年 年間 years year
年目 1 年目
年生 1 年生
日 1 日
日間 1 日間 days day
日間 7 週間 週 weeks week
日目 1 日目
営業日 1 営業日
泊 1 泊 nights night
秒 1 秒 秒間 seconds second sec
秒 60 分 分間 minutes minute min mins
秒 3600 時間 hours hour hrs
人 1 人 名 名様 人様 people persons person
人前 1 人前
人目 1 人目
歳 1 歳 才 さい 歳児 才児 years_old year_old
個 1 個 コ ケ pieces piece
回 1 回 times
回目 1 回目
件 1 件
枚 1 枚
台 1 台
本 1 本
冊 1 冊
部 1 部
杯 1 杯
匹 1 匹 頭
室 1 室 部屋 rooms room
席 1 席 seats seat
階 1 階
番 1 番 番目 番線 番窓口
号 1 号
号室 1 号室
号館 1 号館
条 1 条
項 1 項
級 1 級
段 1 段
章 1 章
度 1 度 ℃ °c 度c
口 1 口
株 1 株
点 1 点
問 1 問
文字 1 文字 字
桁 1 桁 ケタ
行 1 行
通 1 通
社 1 社
校 1 校
店舗 1 店舗 店
組 1 組
種類 1 種類
ページ 1 ページ 頁 pages page
丁目 1 丁目
期 1 期 期生 期目
学期 1 学期
限 1 限 時限
世帯 1 世帯
か所 1 か所 カ所 ヶ所 ケ所 ヵ所 箇所
か国 1 か国 カ国 ヶ国 ケ国 ヵ国 箇国
か条 1 か条 カ条 ヶ条 箇条
品目 1 品目 品
歩 1 歩
kg 1000000 kg キログラム
kg 1000 g グラム
kg 1 mg ミリグラム
kg 1000000000 t トン
mm 1 mm ミリ ミリメートル
mm 10 cm センチ センチメートル
mm 1000 m メートル
mm 1000000 km キロメートル
キロ 1 キロ
m2 1 m2 平米 平方メートル 平方m メートル四方
m3 1 m3 立方メートル 立米
畳 1 畳 帖
坪 1 坪
ha 1 ha ヘクタール
ml 1 ml ミリリットル cc
ml 1000 l リットル
バイト 1 kb キロバイト
バイト 1000 mb メガ メガバイト
バイト 1000000 gb ギガ ギガバイト
バイト 1000000000 tb テラ テラバイト
v 1 v ボルト
w 1 w ワット
w 1000 kw キロワット
px 1 px ピクセル
インチ 1 インチ inch inches 型
- 1 つ 人分 分の 者 次 世紀 世代 連休 段階 方
";

/// A label: the name that stands for it in terms, and the words before a number.
const LABELS: &str = "
手順 手順 ステップ step 工程
様式 様式 書式 form
別紙 別紙
別表 別表
表 表 table
図 図 figure fig
問 問 質問 q question
番 番号 no no. ナンバー number
章 章 chapter
条 article
節 section
級 レベル level lv
版 バージョン version ver ver. v
窓口 窓口 カウンター counter
会場 会場
教室 教室
号室 room
区分 区分
種別 種別
タイプ タイプ type
プラン プラン plan
コース コース course
パターン パターン pattern
ランク ランク rank
クラス クラス class
フェーズ フェーズ phase
グループ グループ group
";

/// Words in kanji that begin like a quantity.
const WORDS: &str = "
一番 一部 一度 一本 一点 一行 一通り 一軒家 一戸建 一段 一期 一品 一個人 一年中 一日 一方 一組織
一人一人 一人ひとり 一人親 一人暮 一人前 一人息 一時 一回り 一口 一社会 一室 一席 一級品 一名 一枚岩
二度 二枚目 二人三脚 二部 二本松 二階堂 二日酔 三日月 三日坊主 三度 三分の 三枚目 三部作 四日市 四条 五日市
五分五分 五条 六本木 七条 七日町 八日市 八百 九条 十日町 十日市 十分 十人十色 百人一首 百日紅 千本 千歳 千円札
百年 百点 三年坂 五人組 万一
";

/// Words after a quantity that begin like one of [`WORDS`] but make it a quantity after all:
/// 一日以内, 十分前.
const AFTER_WORDS: [&str; 13] = [
    "間",
    "目",
    "以",
    "未満",
    "前",
    "後",
    "おき",
    "ごと",
    "程",
    "ほど",
    "半",
    "あたり",
    "につき",
];

/// A unit as it is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    /// The name; `-` for a unit that is no quantity.
    pub(super) name: &'static str,
    /// How many of the smallest unit it is.
    pub(super) factor: i64,
    /// The number of letters of its spelling, with a space before it.
    pub(super) length: usize,
}

struct Tables {
    units: Vec<(Vec<char>, &'static str, i64)>,
    labels: Vec<(Vec<char>, &'static str)>,
    words: Vec<Vec<char>>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut units = Vec::new();
    for line in UNITS.lines() {
        let mut columns = line.split(' ');
        let (Some(name), Some(factor)) = (columns.next(), columns.next()) else {
            continue;
        };
        let factor = factor.parse().unwrap_or(1);
        units.extend(columns.map(|spelling| {
            let letters = spelling.replace('_', " ").chars().collect();
            (letters, name, factor)
        }));
    }
    // The longest spelling wins: か月間 over か月.
    units.sort_by_key(|(spelling, _, _): &(Vec<char>, _, _)| std::cmp::Reverse(spelling.len()));
    let mut labels = Vec::new();
    for line in LABELS.lines() {
        let mut columns = line.split(' ');
        let Some(name) = columns.next() else {
            continue;
        };
        labels.extend(columns.map(|word| (word.chars().collect(), name)));
    }
    labels.sort_by_key(|(word, _): &(Vec<char>, _)| std::cmp::Reverse(word.len()));
    let words = WORDS.split_whitespace();
    Tables {
        units,
        labels,
        words: words.map(|word| word.chars().collect()).collect(),
    }
});

/// Returns whether `text` is written at the start of the letters.
pub(super) fn starts_with(letters: &[char], text: &str) -> bool {
    let mut rest = letters.iter();
    text.chars().all(|letter| rest.next() == Some(&letter))
}

/// Returns whether `text` is written at the end of the letters.
pub(super) fn ends_with(letters: &[char], text: &str) -> bool {
    let mut rest = letters.iter().rev();
    text.chars()
        .rev()
        .all(|letter| rest.next() == Some(&letter))
}

/// Returns the unit at the start of the letters, if any.
pub(super) fn unit(letters: &[char]) -> Option<Unit> {
    let space = usize::from(letters.first() == Some(&' '));
    let letters = &letters[space..];
    let found = TABLES.units.iter().find(|(spelling, _, _)| {
        letters.starts_with(spelling) && is_whole(spelling, letters.get(spelling.len()))
    });
    found.map(|(spelling, name, factor)| Unit {
        name,
        factor: *factor,
        length: space + spelling.len(),
    })
}

/// Returns whether a spelling ends before the letter `next`: `m` is no unit in `mail`, コ none in
/// コース.
fn is_whole(spelling: &[char], next: Option<&char>) -> bool {
    let is_latin = |letter: &char| letter.is_ascii_alphabetic();
    let is_katakana = |letter: &char| matches!(letter, 'ァ'..='ヴ' | 'ー');
    let joins = |is_kind: fn(&char) -> bool| {
        spelling.last().is_some_and(is_kind) && next.is_some_and(is_kind)
    };
    !joins(is_latin) && !joins(is_katakana)
}

/// Returns the label at the end of the letters, if any: 手順, ステップ.
pub(super) fn label(letters: &[char]) -> Option<&'static str> {
    let end = letters
        .iter()
        .rposition(|letter| !matches!(letter, ' ' | '(' | '#' | '-' | ':' | 'の' | '第'));
    let letters = &letters[..end.map_or(0, |end| end + 1)];
    let found = TABLES.labels.iter().find(|(word, _)| {
        let start = letters.len().saturating_sub(word.len());
        let before = start.checked_sub(1).map(|before| letters[before]);
        letters.ends_with(word)
            // A Latin label is a whole word.
            && !(word[0].is_ascii_alphabetic()
                && before.is_some_and(|letter| letter.is_ascii_alphabetic()))
    });
    found.map(|(_, name)| *name)
}

/// Returns whether a number in kanji at the start of the letters is a part of a word: 一番, 十分.
pub(super) fn is_word(letters: &[char]) -> bool {
    let words = TABLES.words.iter().filter(|word| letters.starts_with(word));
    let Some(length) = words.map(Vec::len).max() else {
        return false;
    };
    let after = &letters[length..];
    !AFTER_WORDS.iter().any(|word| starts_with(after, word))
        // 一時三十分
        && !after.first().is_some_and(|letter| "一二三四五十".contains(*letter))
}
