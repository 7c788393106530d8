//! The Japanese help of the commands that propose variants.

use super::help_text::Help;

/// Help of `suggest-variants`.
pub(super) const SUGGEST: Help = Help {
    name: "suggest-variants",
    about: "取りちがえられやすい項目と、言い換えの少ない項目を表示します",
    details: "",
    after: "\
例:
  madoguchi suggest-variants
  madoguchi suggest-variants --from 0.5 --limit 100
  madoguchi suggest-variants --propose > candidates.toml",
    arguments: &[
        ("from", "この確率（0 から 1）以上の組を表示します"),
        (
            "limit",
            "表示する組の数の上限。--propose では、項目の数の上限",
        ),
        (
            "propose",
            "言い換えがいちばん要る項目から、候補を TOML で出します。確かめてから使ってください",
        ),
    ],
};

/// Help of `draft-variants`.
pub(super) const DRAFT: Help = Help {
    name: "draft-variants",
    about: "チャットサーバーに言い換えを下書きさせ、その項目が出るものだけを、確かめるためのファイルに書きます",
    details: "MADOGUCHI_DRAFT_URL と MADOGUCHI_DRAFT_MODEL に OpenAI 互換のチャットサーバーを書いたときだけ使えます\n（鍵は MADOGUCHI_DRAFT_KEY）。送るのは各項目の質問、答え、言い換えの一部だけで、会員の書いたものは\n送りません。知識のフォルダーは変わりません。",
    after: "\
例:
  madoguchi draft-variants
  madoguchi draft-variants --entry membership-fee --output fee.toml",
    arguments: &[
        ("entry", "この項目だけ。何度でも書けます"),
        (
            "limit",
            "項目の数の上限。言い換えがいちばん要る項目から選びます",
        ),
        ("count", "一つの項目について下書きさせる言い方の数"),
        (
            "output",
            "下書きを書くファイル。すでにあるファイルには書きません",
        ),
    ],
};
