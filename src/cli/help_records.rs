//! The Japanese help of the commands that read the records.

use super::help_text::Help;

/// Help of an argument that all of them have.
const SINCE: (&str, &str) = (
    "since",
    "いつからの記録か（`30d`、`12h`、または 2026-11-01 のような日付）",
);

/// Help of `report`.
pub(super) const REPORT: Help = Help {
    name: "report",
    about: "会員が何を尋ねたかをまとめます（件数、結果、よく見られた項目、答えのない質問）",
    details: "記録（--records）を読みます。似た質問はまとめます。名前や番号は、記録の時に伏せ字になっています。",
    after: "\
例:
  madoguchi report
  madoguchi report --since 2026-11-01 --desk selas
  madoguchi report --html report.html          図のあるページ
  madoguchi report --csv > report.csv          Excel で開けます",
    arguments: &[
        SINCE,
        ("desk", "この窓口についてだけ（例: selas）"),
        ("json", "JSON で出します"),
        ("csv", "CSV で出します。Excel で開けます"),
        ("html", "図のあるページを、このファイルに書きます"),
    ],
};

/// Help of `replay`.
pub(super) const REPLAY: Help = Help {
    name: "replay",
    about: "記録された質問を、いまの知識でもう一度試し、答えの変わるものを表示します",
    details: "直した内容が、会員の実際の質問にどう影響するかがわかります。写しを直したときは --knowledge で指定します。",
    after: "\
終了コード: 0 なくなる答えも、別の項目になる答えもない、1 ある

例:
  madoguchi replay --knowledge 直した知識",
    arguments: &[
        SINCE,
        ("limit", "変わり方ごとに表示する質問の数"),
        ("json", "すべてを JSON で出します"),
    ],
};

/// Help of `propose`.
pub(super) const PROPOSE: Help = Help {
    name: "propose",
    about: "記録から、言い換えと新しい項目の候補を TOML で出します",
    details: "言い換えは、会員がその項目を選ぶ前、または「役に立った」とする前に書いた文です。新しい項目は、答えのない\n\
質問です。三回以上、二つ以上の会話で尋ねられたものだけを出し、check と replay で確かめます。知識は変わりません。",
    after: "例:\n  madoguchi propose --since 90d > proposals.toml",
    arguments: &[SINCE],
};

/// Help of `forget`.
pub(super) const FORGET: Help = Help {
    name: "forget",
    about: "記録を消します（ある時より前のもの、またはある文を含むもの）",
    details: "",
    after: "\
例:
  madoguchi forget --before 90d
  madoguchi forget --text -                    消す文を標準入力から読みます",
    arguments: &[
        (
            "before",
            "これより古い記録を消します（`90d`、または 2026-01-31 のような日付）",
        ),
        (
            "text",
            "この文を含む記録を消します。`-` は標準入力から読みます",
        ),
    ],
};
