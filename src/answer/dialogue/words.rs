//! The words by which dialogue acts and elliptic questions are recognised, in Japanese and English.
//!
//! Linguistic data of closed classes only: pronouns, conjunctions, ordinals, verbs of trying and
//! failing, names of contact channels. Ways to thank, to complain or to ask for a person are open
//! classes; they are variants in `knowledge/small_talk.toml`.
//!
//! Words are dictionary forms of the analyzer's tokens unless the docstring says otherwise.

/// Demonstratives and sentence openers that point to the previous answer.
pub(in crate::answer) const DEMONSTRATIVES: &[&str] = &[
    "それ", "その", "そこ", "これ", "この", "そう", "そっち", "そちら", "こっち", "そいつ",
    "あれ", "あの", "さっき", "先ほど", "同じ", "両方", "it", "that", "this", "those", "they",
    "them", "there",
];

/// Conjunctions that continue the subject, at the start of a normalised text.
pub(in crate::answer) const CONTINUATIONS: &[&str] = &[
    "じゃあ", "じゃ", "では", "それじゃ", "なら", "それなら", "だったら", "そしたら", "で",
    "でも", "ちなみに", "あと", "また", "それと", "and ", "so ", "then ", "but ", "what if ",
    "what about ", "how about ",
];

/// Phrases that announce another subject, in a normalised text without spaces.
pub(in crate::answer) const TOPIC_CHANGES: &[&str] = &[
    "ところで", "別件", "別の質問", "別の話", "話は変わ", "話が変わ", "話変わ", "話かわ",
    "それはそうと", "関係ないけど", "関係ないですが", "違う質問", "bytheway", "btw",
    "anotherquestion",
];

/// Clauses that only organise the conversation, as the end of a normalised clause.
pub(super) const META_CLAUSES: &[&str] = &[
    "話戻すけど", "話を戻すと", "話を戻しますが", "話戻しますが", "戻るけど", "ところで", "別件",
    "別件ですが", "別件で", "ちなみに", "もう一個", "あともう一個", "あと一個", "あともう一つ", "あと一つ", "あとひとつ", "あともう一点", "あと一点", "もう一つ", "もうひとつ", "もう一点", "冗談",
    "冗談です", "変換ミス", "変換ミスった", "変換ミスです", "誤字", "誤字です", "打ち間違い",
    "打ち間違えた", "送信ミス", "さっきの続き", "続きです", "まあいいや", "それはまあいいや",
    "それはいいや", "それはいいとして", "もういい", "そう", "そうね", "そうか", "そっか", "いや",
    "ごめん", "大丈夫", "大丈夫です", "だいじょうぶ", "だいじょうぶです", "もう大丈夫です", "もう大丈夫", "平気です", "結構です",
    "あと", "それから", "それと", "by the way", "one more thing", "just kidding",
    "never mind",
];

/// Endings that ask for another case: 「商談会だったら」, 「有料だと」, 「サービスの場合は」. Ends of a
/// normalised text, without a final は or ば.
pub(in crate::answer) const OTHER_CASES: &[&str] = &[
    "なら", "だったら", "の場合", "場合", "のほう", "の方", "だと", "だとどう", "ではどう",
    "のとき", "の時",
];

/// Words that point to one of several: 「アリババのほう」. Parts of a normalised text.
pub(super) const SIDES: &[&str] = &["のほう", "の方", "のやつ", "のこと"];

/// Interrogatives, as ends of a normalised text without か, の and です. Not tokens, since IPADIC
/// cuts それはいつ into それ|は|い|つ.
pub(in crate::answer) const INTERROGATIVES: &[&str] = &[
    "いつ", "どこ", "いくら", "だれ", "誰", "なぜ", "何", "なに", "どう", "どれ", "いつから",
    "いつまで", "どうやって", "どうすれば", "どこから", "どのくらい",
];

/// Markers between what the member rejects and what is meant instead: 「SELASじゃなくてアリババ」.
/// Parts of a text.
pub(super) const CORRECTIONS: &[&str] = &[
    "じゃなくて", "じゃなくって", "ではなくて", "ではなく", "でなくて", "じゃない、",
    "じゃないです。", "ではありません。", "ではないです。", "やのうて", "じゃのうて",
];

/// Clauses that withdraw the last question or reject the last answer, as normalised clauses
/// without spaces and final particles: 「間違えました、商談会です」.
pub(super) const REJECTIONS: &[&str] = &[
    "間違えました", "間違えた", "間違えてました", "間違えていました", "間違いました", "間違い", "間違いです", "間違いでした",
    "まちがえました", "まちがえた", "まちがい", "違った", "違いました", "違う", "違います", "違って", "ちがった", "ちがいました",
    "ちがう", "ちがいます", "訂正", "訂正します", "訂正です", "訂正させてください", "言い間違い", "言い間違えました", "言い間違えた",
    "書き間違い", "書き間違えました", "書き間違えた", "選び間違えました", "選び間違えた", "押し間違えました", "押し間違えた",
    "勘違いしてました", "勘違いしていました", "それじゃない", "それではない", "それじゃなくて", "そうじゃなくて", "そうではなくて",
    "そっちじゃなくて", "こっちじゃなくて", "wrong", "wrongone", "mymistake", "correction",
];

/// Phrases of correction that begin a clause; the corrected question follows.
pub(super) const MEANT: &[&str] = &[
    "no, i meant ", "i meant to say ", "i meant ", "i mean ", "i was asking about ",
];

/// Positions in a list, as normalised texts: the place from the start, or from the end if negative.
pub(super) const POSITIONS: &[(&str, i8)] = &[
    ("最初", 1), ("さいしょ", 1), ("はじめ", 1), ("初め", 1), ("先頭", 1), ("上", 1), ("うえ", 1),
    ("一番上", 1), ("いちばん上", 1), ("1番上", 1), ("前者", 1), ("トップ", 1), ("first", 1),
    ("1st", 1), ("top", 1), ("former", 1), ("一", 1), ("ひとつ", 1), ("one", 1), ("いち", 1),
    ("二", 2), ("ふたつ", 2), ("second", 2), ("2nd", 2), ("two", 2), ("三", 3), ("みっつ", 3),
    ("third", 3), ("3rd", 3), ("three", 3), ("四", 4), ("よっつ", 4), ("五", 5), ("いつつ", 5),
    ("最後", -1), ("さいご", -1), ("ラスト", -1), ("下", -1), ("一番下", -1), ("いちばん下", -1),
    ("1番下", -1), ("後者", -1), ("last", -1), ("bottom", -1), ("latter", -1),
];

/// The middle of a list of three.
pub(super) const MIDDLE: &[&str] = &["真ん中", "まんなか", "真中", "中央", "中", "middle"];

/// Words before a position that do not change it.
pub(super) const BEFORE_POSITION: &[&str] = &[
    "じゃあ", "では", "それでは", "それなら", "なら", "えっと", "えーと", "はい", "うん",
    "たぶん", "一覧の", "リストの", "選択肢の", "候補の", "その", "上から", "the ", "number ",
    "no.", "no ", "option ", "#", "番号", "ok ",
];

/// Words after a position that do not change it.
pub(super) const AFTER_POSITION: &[&str] = &[
    "お願いします", "おねがいします", "お願いいたします", "お願い", "おねがい",
    "を教えてください", "教えてください", "教えて", "が知りたいです", "が知りたい", "知りたい",
    "ください", "かなあ", "かな", "かも", "でいいです", "でいい", "でしょうか", "ですかね",
    "ですか", "です", "だよ", "だね", "だ", "で", "を", "が", "は", "に", "の", "やつ", "もの",
    "ほう", "方", "質問", "項目", "こと", "について", "番目", "番", "ばんめ", "ばん", "つ目",
    "つめ", "個目", "こめ", "目", "め", "よ", "ね", "も見せてください", "も見せて", "を見せて", "見せて", "も", "にします",
    "にする", "を選びます", " one", " please", " item", "please",
];

/// Answers yes, as normalised texts.
pub(super) const YES: &[&str] = &[
    "はい", "うん", "ええ", "そう", "そうです", "そうそう", "はいそうです", "それです", "それ",
    "これ", "それでお願いします", "それで", "お願いします", "はいお願いします", "yes", "yep",
    "yeah", "yesplease", "thatone", "thatsit",
];

/// Names of ways to reach a desk.
pub(super) const CHANNELS: &[&str] = &[
    "電話", "電話番号", "tel", "fax", "メール", "メアド", "アドレス", "メールアドレス",
    "フォーム", "窓口", "連絡先", "問い合わせ先", "問合せ先", "問い合わせ", "問合せ",
    "お問い合わせ", "番号", "フリーダイヤル", "コールセンター", "phone", "telephone", "email",
    "contact", "address", "number", "チャット", "line", "宛先", "宛て先",
];

/// Names of a telephone.
pub(super) const TELEPHONE: &[&str] = &["電話", "電話番号", "tel", "phone", "telephone"];

/// Words that ask for an address or a number by themselves.
pub(super) const NUMBERS: &[&str] = &["電話番号", "連絡先", "問い合わせ先"];

/// Words by which an answer says where to write or to ask.
pub(super) const CONTACT_IN_ANSWER: &[&str] = &[
    "メール", "問い合わせ", "問合せ", "問い合せ", "問合わせ", "ご相談", "宛", "電話",
];

/// Words about business hours.
pub(super) const HOURS: &[&str] = &[
    "営業", "営業時間", "受付", "受付時間", "受付け", "対応時間", "時間", "土日", "土曜",
    "土曜日", "日曜", "日曜日", "祝日", "祝祭日", "休日", "平日", "週末", "昼休み", "昼", "お昼",
    "休み", "定休日", "夜", "夜間", "夕方", "朝", "今日", "明日", "今", "いま", "正月", "お盆",
    "年末年始", "年末", "年始", "gw", "連休", "時", "何時", "分", "半", "曜日", "月曜", "月曜日",
    "火曜", "火曜日", "水曜", "水曜日", "木曜", "木曜日", "金曜", "金曜日", "hour", "hours",
    "open", "close", "closed", "weekend", "weekends", "today", "tomorrow", "holiday", "holidays",
    "now",
];

/// Verbs of reaching somebody, and nouns formed from them.
pub(super) const REACHING: &[&str] = &[
    "つながる", "繋がる", "かける", "掛ける", "出る", "問い合わせる", "問い合わす", "連絡",
    "聞く", "きく", "訊く", "尋ねる", "話す", "はなす", "言う", "いう", "相談", "やる", "開く",
    "空く", "あく", "通じる", "知る", "わかる", "分かる", "call", "ask", "reach", "talk", "speak",
    "contact",
];

/// Verbs of sending; with a channel they ask where an answer says to write.
pub(super) const SENDING: &[&str] = &["送る", "書く", "出す", "send", "write"];

/// Words that a question about a contact may contain beside those above.
pub(super) const CONTACT_COMPANIONS: &[&str] = &[
    "直接", "担当", "担当者", "事務局", "係", "人", "対応", "方法", "可能", "直通", "結局",
    "じゃあ", "文句", "苦情", "クレーム", "詳しい", "大丈夫", "ok", "何", "対処", "あと",
    "そちら", "please", "can", "do", "is", "are", "you", "the", "what", "your", "i", "have", "a",
    "を", "まで", "から", "急ぎ", "至急", "先", "url", "楽", "早い", "希望", "逆に", "アドレス",
    "教える", "お願い", "逆", "ちなみに", "必要", "場合", "とき", "他", "ほか", "以外",
];

/// Interrogatives for a person or a place, as surfaces.
pub(super) const WHO_OR_WHERE: &[&str] = &[
    "どこ", "誰", "だれ", "どちら", "どっち", "どなた", "何処", "どう", "who", "whom", "where",
    "how",
];

/// Verbs of trying out an answer.
pub(super) const TRYING: &[&str] = &[
    "見る", "みる", "読む", "よむ", "試す", "ためす", "やる", "押す", "おす", "入れる", "いれる",
    "開く", "ひらく", "探す", "さがす", "送る", "書く", "入力", "確認", "クリック", "操作",
    "ログイン", "行う", "する", "try", "tried", "read", "did",
];

/// Negations.
pub(super) const NEGATIONS: &[&str] = &["ない", "ん", "ぬ", "へん", "まへん"];

/// Particles between what was tried and what came of it, as surfaces.
pub(super) const CONCESSIONS: &[&str] = &[
    "けど", "けれど", "けれども", "が", "のに", "ものの", "し", "ても", "でも",
];

/// Words that are a failure by themselves.
pub(super) const FAILURES: &[&str] = &[
    "だめ", "ダメ", "駄目", "無理", "失敗", "エラー", "同じ", "難しい", "むずかしい",
];

/// Verbs whose negation says that a step of an answer cannot be done; potential verbs are recognised
/// by their form.
pub(super) const BLOCKED: &[&str] = &[
    "くる", "できる", "出来る", "見つかる", "見当たる", "開く", "進む", "動く", "映る",
    "つながる", "られる", "れる",
];

/// Interrogatives, as surfaces.
pub(super) const INTERROGATIVE_WORDS: &[&str] = &[
    "どう", "どこ", "いつ", "いくら", "誰", "だれ", "なぜ", "どれ", "どの", "どんな", "何で",
    "何", "なに", "what", "when", "where", "who", "how", "why", "which",
];

/// Words that tell of a failure if they are negated, or beside another one.
pub(super) const FAILING: &[&str] = &[
    "ムリ", "変わる", "うまい", "解決", "わかる", "分かる", "判る", "納得", "進む", "できる",
    "出来る", "いく", "行く", "むり", "意味", "おかしい", "反応", "直る", "見つかる", "載る",
    "のる", "出る", "つながる", "開く", "failed", "fail", "work", "works", "working",
];

/// Adverbs and light words beside a failure, without a subject of their own.
pub(super) const FAILURE_COMPANIONS: &[&str] = &[
    "全然", "ぜんぜん", "全く", "まったく", "まだ", "やっぱり", "やはり", "結局", "もう",
    "さっぱり", "何も", "いまいち", "ちょっと", "やり方", "とおり", "通り", "説明", "答え",
    "回答", "案内", "それ", "これ", "全部", "ひとつ", "よく", "どおり", "とおり", "手順", "言う",
    "書く", "される", "still", "not", "it", "doesn", "didn", "t", "does", "did",
];

/// Adverbs that say that something was done before.
pub(super) const ALREADY: &[&str] = &[
    "もう", "すでに", "既に", "とっくに", "さっき", "先ほど", "already",
];

/// Words that ask for the last answer again.
pub(super) const AGAIN: &[&str] = &[
    "もう一度", "もういちど", "もう一回", "もういっかい", "もっかい", "もっぺん", "もう1回",
    "もう1度", "again", "once more", "再度",
];

/// Content words that a wish for the last answer again may contain.
pub(super) const AGAIN_COMPANIONS: &[&str] = &[
    "手順", "説明", "やり方", "方法", "答え", "回答", "案内", "お願い", "教える", "言う",
    "見せる", "出す", "恐れ入る", "すみません", "度", "回", "一", "確認", "最初", "ゆっくり",
    "say", "show", "tell", "please", "再度",
];

/// Verbal nouns and verbs of thinking an answer over: 「社内で検討します」.
pub(super) const REFLECTIONS: &[&str] = &[
    "検討", "相談", "確認", "持ち帰る", "調べる", "考える", "出直す", "読み返す", "見直す",
];

/// Verbs of what a member does after an acknowledged answer: 「わかりました。聞きます」.
pub(super) const PLANS: &[&str] = &[
    "見る", "読む", "試す", "調べる", "考える", "聞く", "きく", "待つ", "電話", "連絡", "伺う",
    "やる", "問い合わせる", "かける", "探す", "行く", "話す", "伝える", "出直す", "そうする",
    "送る", "頑張る", "がんばる", "尋ねる", "する",
];

/// Texts that acknowledge, at the start of a normalised message.
pub(super) const ACKNOWLEDGEMENTS: &[&str] = &[
    "わかりました", "分かりました", "わかった", "分かった", "了解", "りょうかい", "承知", "はい",
    "うん", "なるほど", "そうですか", "そうなんですね", "そうなんだ", "そうします", "そっか",
    "そう", "ok", "おけ", "かしこまりました", "では", "じゃあ", "それでは", "それじゃあ",
    "とりあえず", "まずは", "一旦", "一度", "ありがとう",
];

/// Words that ask for a date, as parts of a normalised text.
pub(in crate::answer) const ASKING_DATE: &[&str] = &[
    "いつ", "日程", "日時", "期限", "締切", "締め切り", "〆切", "何日", "何月", "when",
];

/// Words that ask for an amount, as parts of a normalised text.
pub(in crate::answer) const ASKING_AMOUNT: &[&str] = &["いくら", "何円", "値段", "how much"];

/// Beginnings in English that ask for another case.
pub(in crate::answer) const OTHER_CASE_BEGINNINGS: &[&str] = &[
    "what about", "how about", "and the ",
];

/// Ending of a question about something that was said before: 「どこでしたっけ」.
pub(in crate::answer) const RECALL: &str = "っけ";

/// Words for the parts of a procedure. A question or a failure with no other content words is about
/// the procedure that was just shown: 「どのボタンですか」, 「画面が出てこない」.
pub(super) const STEPS: &[&str] = &[
    "画面", "ボタン", "メニュー", "ページ", "リンク", "url", "手順", "場所", "やり方", "方法",
    "一覧", "項目", "欄", "タブ", "サイト", "クリック", "押す", "開く", "出る", "使う", "入る",
    "選ぶ", "行く", "やる", "見る", "アクセス", "button", "page", "link", "menu", "screen",
    "click",
];

/// Words before thanks and acknowledgements that do not change them. Beginnings of a clause.
pub(super) const INTENSIFIERS: &[&str] = &[
    "ほんまに", "ほんま", "ほんとに", "ほんとうに", "本当に", "誠に", "まことに", "とても", "大変", "どうも",
    "いつも", "すごく", "めっちゃ", "今後とも", "引き続き", "では", "それでは", "じゃあ", "ほな", "あ", "ああ",
    "どうぞ", "何卒", "まずは", "取り急ぎ", "へえ", "へー", "おお", "いやあ", "いえ", "はい", "うん", "so ", "very ", "ok ", "oh ",
];
