//! Tests that no text makes a rule panic, and that a panic would cost only the text.

use super::{apply_rules, unless_panic};

/// Characters that the rules treat differently.
const CHARACTERS: [char; 22] = [
    '0', '2', '９', '⑩', '٣', '年', '月', '日', '元', '十', '二', '生', 'の', 'ー', 'ﾞ', 's', '-',
    '/', ':', '@', '😀', ' ',
];

/// Words that rules look for, and what may stand beside them.
const PIECES: [&str; 40] = [
    "昭和",
    "平成",
    "生年月日",
    "生まれ",
    "口座",
    "電話",
    "jan",
    "円",
    "万",
    "個",
    "件",
    "¥",
    "さん",
    "様",
    "先生",
    "と申します",
    "です",
    "mr.",
    "Taro",
    "名前は",
    "my name is",
    "line id",
    "パスワード",
    "〒",
    "住所",
    "東京都",
    "横浜市",
    "渋谷区",
    "本町",
    "丁目",
    "アット",
    "ｱｯﾄ",
    " dot ",
    "https://",
    "www.",
    "x.com/",
    "?",
    "#",
    "1234567",
    "\n",
];

#[test]
fn no_mix_of_up_to_four_characters_panics() {
    let mut texts = vec![String::new()];
    for _ in 0..4 {
        let longer = texts.iter().flat_map(|text| {
            CHARACTERS.iter().map(move |character| {
                let mut text = text.clone();
                text.push(*character);
                text
            })
        });
        texts = longer.collect();
        for text in &texts {
            let _ = apply_rules(text);
        }
    }
}

#[test]
fn no_mix_of_characters_and_words_panics() {
    let mut random = Random(20_261_129);
    for _ in 0..30_000 {
        let mut text = String::new();
        for _ in 0..random.below(24) {
            if random.below(2) == 0 {
                text.push(CHARACTERS[random.below(CHARACTERS.len())]);
            } else {
                text.push_str(PIECES[random.below(PIECES.len())]);
            }
        }
        let _ = apply_rules(&text);
    }
}

#[test]
#[expect(clippy::panic, reason = "the test needs a rule that panics")]
fn a_rule_that_panics_costs_only_the_text() {
    assert_eq!(unless_panic(|| panic!("a defect of a rule")), "***");
}

/// A linear congruential generator with the constants of Knuth's MMIX: the same texts in each run.
struct Random(u64);

impl Random {
    /// Returns a number below a limit.
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}
