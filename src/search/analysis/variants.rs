//! Variant characters: old and alternative forms of kanji, accented Latin letters, look-alikes.
//!
//! Input: a character of a text in NFKC and lower case. Output: the character that stands for it in
//! terms. NFKC already unifies compatibility ideographs (U+F900 ff.), and the character filter drops
//! variation selectors.
//!
//! Invariant: folding is idempotent.

use std::sync::LazyLock;

use unicode_normalization::char::decompose_canonical;

/// Kanji with their variants: the form in present use first, then old forms (旧字体) and forms that
/// are found in names of persons and places (異体字).
///
/// Only characters that are interchangeable in every word are listed, with one exception in
/// [`is_saito`]. Characters that are also words of their own (附 and 付, 苅 and 刈) are not.
const KANJI: &str = "
亜亞 悪惡 圧壓 囲圍 医醫 為爲 壱壹 隠隱 陰隂 栄榮 営營 衛衞 駅驛 悦悅 閲閱 円圓 園薗 塩鹽 縁緣 艶艷
応應 欧歐 殴毆 桜櫻 奥奧 横橫 温溫 穏穩 仮假 価價 画畫 会會 絵繪 解觧 壊壞 懐懷 拡擴 殻殼 覚覺 学學
岳嶽 楽樂 渇渴 釜釡 缶罐 巻卷 陥陷 勧勸 寛寬 関關 歓歡 館舘 観觀 間閒 顔顏 気氣 既旣 帰歸皈 奇竒
喜㐂 器噐 宜冝 偽僞 戯戲 犠犧 吉𠮷 旧舊 拠據 挙擧舉 虚虛 峡峽 挟挾 狭狹 強强 教敎 郷鄕 競竸 暁曉
区區 駆驅 呉吳 娯娛 勲勳 薫薰 群羣 径徑 茎莖 恵惠 掲揭 渓溪 経經 蛍螢 軽輕 継繼 鶏鷄 芸藝 撃擊
欠缺 決决 研硏 県縣 倹儉 剣劍劔劒釼 険險 圏圈 検檢 献獻 権權 顕顯 験驗 厳嚴 戸戶 広廣 効效 恒恆
黄黃 鉱鑛砿礦 号號 国國囯圀 黒黑 砕碎 済濟 斎齋 斉齊 剤劑 雑雜 参參叄 桟棧 蚕蠶 惨慘 産產 賛贊
讃讚 残殘 糸絲 歯齒 児兒 辞辭 湿濕 実實 写寫 舎舍 釈釋 寿壽 収收 秋穐 従從 渋澁 獣獸 縦縱 粛肅
処處 緒緖 叙敍敘 尚尙 昇曻 将將 称稱 焼燒 証證 奨奬獎 条條 状狀 乗乘 浄淨 剰剩 畳疊疉疂 縄繩 壌壤
嬢孃 譲讓 醸釀 飾餝 触觸 嘱囑 真眞 寝寢 慎愼 尽盡 図圖 粋粹 酔醉 穂穗 随隨 髄髓 枢樞 数數 瀬瀨
税稅 声聲 青靑 清淸 静靜 窃竊 摂攝 説說 浅淺 戦戰 専專 践踐 銭錢 潜潛 繊纖纎 船舩 禅禪 双雙 壮壯
争爭 荘莊 捜搜 挿插 巣巢 曽曾 痩瘦 装裝 総總 騒騷 増增 蔵藏 臓臟 即卽 属屬 続續 村邨 堕墮 対對
体體躰軆 帯帶 滞滯 台臺 滝瀧 択擇 沢澤 達逹 脱脫 担擔 単單 胆膽 団團 断斷 弾彈 遅遲 恥耻 痴癡
虫蟲 昼晝 鋳鑄 庁廳 徴徵 聴聽 珍珎 逓遞 鉄鐵銕鐡 点點 転轉 伝傳 土圡𡈽 灯燈 当當 党黨 島嶋嶌 盗盜
稲稻 逃迯 闘鬪鬭 徳德悳惪 独獨 読讀 届屆 内內 弐貳 悩惱 脳腦 覇霸 拝拜 杯盃 廃廢 売賣 麦麥 発發
髪髮 抜拔 罰罸 秘祕 浜濱濵 瓶甁 富冨 払拂 仏佛 併倂 並竝 閉閇 餅餠 辺邊邉 変變 弁辨瓣辯辧 舗舖
歩步 宝寶寳 峰峯 豊豐 褒襃 翻飜 毎每 万萬 満滿 脈脉 麺麵麪 綿緜 面靣 黙默 野埜 弥彌 訳譯 薬藥
与與 予豫 余餘 誉譽 揺搖 様樣 謡謠 来來 頼賴 乱亂 覧覽 略畧 竜龍 留畄 両兩 猟獵 涼凉 糧粮
隣鄰 緑綠 涙淚泪 塁壘 励勵 礼禮 戻戾 霊靈 齢齡 暦曆 歴歷 恋戀 郎郞 炉爐 労勞 楼樓 録錄 湾灣 煙烟
裏裡 飲飮 往徃 協恊 況况 沖冲 風凬 卒卆 糾糺 鎌鐮 概槪 鋭銳 蓋葢盖 亀龜 鼠鼡 兎兔 鶴靏靎靍 萱萓
高髙 崎﨑嵜㟢 柳栁桺 桑桒 橋槗𣘺 淵渕渊 槙槇 彦彥 呂吕 尭堯 晋晉 桧檜 穣穰 遥遙 瑶瑤 亘亙 凛凜
巌巖 禄祿 祢禰 聡聰 昂昻 晃晄 熙煕凞 毘毗 翠翆 皐皋 穎頴 筺筐 蓑簑 厨廚 厩廐 婿壻聟 騨驒 鯵鰺
欅﨔 返﨤 叱𠮟 鴎鷗 頬頰 掴摑 噛嚙 剥剝 填塡 呑吞 麹麴 壷壺 賎賤 撹攪 竃竈 潅灌 諌諫 頚頸 鹸鹼
繋繫 倶俱 躯軀 莱萊 箪簞 醤醬 屏屛 焔焰 砺礪 籠篭 薮藪籔 蛎蠣 涛濤 祷禱 蒋蔣 蝋蠟 萌萠 靭靱 蝿蠅
嘗甞 雁鴈 筝箏 蕊蘂 苺莓 邇迩 輌輛 潴瀦 韮韭 瑠璢 妍姸 萼蕚 蟹蠏 飯飰 蘇蘓 箇个
民⺠ 角⻆ 西⻄ 長⻑ 骨⻣ 鬼⻤ 食⻝ 青⻘ 麦⻨ 黄⻩ 斉⻫ 歯⻭ 竜⻯ 亀⻲
";

/// The variants of [`KANJI`], sorted, each with the form in present use.
static KANJI_VARIANTS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let mut variants = Vec::new();
    for group in KANJI.split_whitespace() {
        let mut forms = group.chars();
        if let Some(modern) = forms.next() {
            variants.extend(forms.map(|variant| (variant, modern)));
        }
    }
    variants.sort_unstable();
    variants
});

/// Latin letters that do not decompose into a letter and an accent.
const LATIN: [(char, &str); 9] = [
    ('æ', "ae"),
    ('đ', "d"),
    ('ð', "d"),
    ('ħ', "h"),
    ('ı', "i"),
    ('ł', "l"),
    ('ø', "o"),
    ('œ', "oe"),
    ('ß', "ss"),
];

/// Folds a character in NFKC and lower case: é is e, 澤 is 沢. An accent that NFKC did not join to
/// its letter is dropped.
pub(super) fn fold(character: char) -> impl Iterator<Item = char> {
    let (single, several) = match character {
        '\u{0}'..'\u{c0}' => (Some(character), ""),
        '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => {
            let special = LATIN.iter().find(|(letter, _)| *letter == character);
            match special {
                Some((_, letters)) => (None, *letters),
                None => (Some(without_accent(character)), ""),
            }
        }
        '\u{300}'..='\u{36f}' => (None, ""),
        '\u{2e80}'..='\u{2eff}' | '㐀'.. => (Some(modern(character)), ""),
        _ => (Some(character), ""),
    };
    single.into_iter().chain(several.chars())
}

/// Returns the form of a kanji in present use.
pub(super) fn modern(kanji: char) -> char {
    let variants = &*KANJI_VARIANTS;
    variants
        .binary_search_by_key(&kanji, |(variant, _)| *variant)
        .map_or(kanji, |position| variants[position].1)
}

fn without_accent(letter: char) -> char {
    let mut base = letter;
    let mut is_first = true;
    decompose_canonical(letter, |part| {
        if std::mem::take(&mut is_first) && part.is_ascii() {
            base = part;
        }
    });
    base
}

/// Returns whether 斎 before `next` is a spelling of 斉: 斎藤 and 斉藤 are one name, while 書斎 and
/// 一斉 are words.
pub(super) fn is_saito(next: Option<char>) -> bool {
    next == Some('藤')
}

/// Returns whether a character is a line that is typed or read by mistake for ー after kana:
/// らｰめん, データ―.
pub(super) fn is_dash(character: char) -> bool {
    matches!(
        character,
        '~' | '〜' | '〰' | '-' | '‐'..='―' | '−' | '⎯' | '─' | '━' | '➖' | '⸺'
    )
}

/// Returns whether 一 after the katakana `previous` is a mistaken ー: サ一バー.
///
/// `is_in_word` tells that another 一 of the same word was one. 「プラン一カ月」 and 「ペア一つ」 are
/// numbers.
pub(super) fn is_mistaken_mark(
    previous: Option<char>,
    next: Option<char>,
    is_in_word: bool,
) -> bool {
    let is_katakana = |letter| matches!(letter, 'ァ'..='ヴ');
    previous.is_some_and(|letter| is_katakana(letter) && !matches!(letter, 'ン' | 'ッ'))
        && match next {
            Some('カ' | 'ケ' | 'コ' | 'ツ') => false,
            Some(letter) if is_katakana(letter) => true,
            _ => is_in_word,
        }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use unicode_normalization::UnicodeNormalization;

    use super::*;

    #[test]
    fn no_kanji_is_listed_twice_or_folded_twice() {
        let mut variants = HashSet::new();
        for (variant, modern) in KANJI_VARIANTS.iter() {
            assert!(variants.insert(*variant), "{variant} is listed twice");
            assert_ne!(variant, modern);
            // NFKC runs before, and would make an entry of the table unreachable.
            let composed: String = variant.nfkc().collect();
            assert_eq!(composed, variant.to_string());
        }
        for (variant, modern) in KANJI_VARIANTS.iter() {
            assert!(!variants.contains(modern), "{variant} leads to {modern}");
        }
    }

    #[test]
    fn latin_letters_lose_their_accents() {
        let fold = |text: &str| text.chars().flat_map(fold).collect::<String>();
        assert_eq!(fold("café zoë ñandú ångström"), "cafe zoe nandu angstrom");
        assert_eq!(fold("œuvre straße łódź"), "oeuvre strasse lodz");
        assert_eq!(fold("x\u{308}ạ\u{301}"), "xa");
        // Other scripts keep their marks.
        assert_eq!(fold("йёガ"), "йёガ");
    }
}
