//! The words by which a message is read: courtesy, requests, connectives, in Japanese and English.
//!
//! They belong to the language and not to an organisation, so they are here and not in the lexicon.
//! Forms are those of the analyzer: base forms, in lower case and NFKC. Lists are separated by
//! spaces; `_` stands for a space in an entry.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Defines lists of words.
macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident = $words:literal;)*) => {
        $(
            $(#[$doc])*
            pub(super) static $name: LazyLock<Vec<String>> = LazyLock::new(|| list($words));
        )*
    };
}

fn list(words: &str) -> Vec<String> {
    let words = words.split_whitespace();
    words.map(|word| word.replace('_', " ")).collect()
}

lists! {
    /// Words of salutations, greetings, self-introductions, closings and polite requests. A sentence
    /// without any other content word asks nothing by itself: 「ご教示のほどよろしくお願いいたします」.
    COURTESY = "
        世話 平素 日頃 日ごろ 格別 高配 愛顧 厚情 引き立て 引立て 賜る 賜物 厚い 御礼 礼
        申し上げる 申す 拝啓 敬具 謹啓 謹白 敬白 草々 前略 時下 清栄 清祥 隆盛 盛栄 繁栄 健勝
        活躍 益々 ますます 慶ぶ 喜ぶ 慶び 喜び 候 突然 失礼 初めて はじめて はじめまして 初め
        まして 多用 多忙 忙しい 忙 折 中 ところ 恐縮 恐れ入る 恐れ入ります 手数 面倒 迷惑 かける
        何卒 なにとぞ どうぞ どうか よろしく 宜しく よろしい 引き続き 今後 今後とも 変わる 末永い
        以上 取り急ぎ 略儀 末筆 まず 最後 挨拶 関心 寄せる 目通し 機会 先日 願い 願う お願い 連絡
        メール 問い合わせ 返信 返事 回答 返答 待つ 教示 教授 案内 指示 説明 確認 検討 対応 承知
        助言 知恵 拝借 力添え 協力 指導 相談 質問 質問事項 伺う 伺い 尋ねる 尋ね 聞く 聞かせる
        教える 知る 知らせる 知らせ 答え 答える 応じる 考え 示す 意見 見解 幸い 幸甚 存じる 思う
        助かる ありがたい 有り難い 有難い 嬉しい うれしい 心強い 許す ゆるす 受ける 頂戴 拝見
        いただく いただける 頂く できる 差し支える 差し支え 範囲 結構 勝手 不躾 催促 がましい
        都合 手すき 概略 概要 詳しい 詳細 具体 的 早急 至急 早め 早い 早々 時間 ありがとう 感謝
        すみません 申し訳 申し訳ない 大変 誠に たいへん いつも 担当 担当者 事務局 御中 様 各位 殿
        貴社 御社 貴 貴殿 弊社 当社 私 私ども 皆様 皆 方 者 一同 当方 こちら 本 ご お 御 件 用件
        用 向き 下記 以下 次 点 点目 項目 箇所 箇条 不明 不明点 幾つ いくつ ほか 他 ひとつ 一つ
        二 三 四 まとめる 併せる それぞれ 全部 両方 どちら つく 際 もの こと ない なる 良い ます
        ほど ついて dear hello hi regards sincerely sir madam thank thanks kind best hope well
        help question questions advance look forward hearing reply greetings team mr ms mrs from
        write writing am i inquire inquiry お疲れ様 お疲れ 疲れる こんにちは こんばんは おはよう
        もしもし アドバイス 急ぐ 急ぎ 月末 ご査収 査収 確か 念 念のため いたす 致す ござる 伝える
        幸いです 遠慮 気軽 容赦 了承 了解 存在 取り計らい 次第 貴会 皆さま 諸氏 弊方 小生 返し
        対する 関する かけいたす かけする 示し 待ち 伝え 計らい 許し 本日 明日 今日 年末 年始 上記 署名 株式会社 有限会社 代表
    ";

    /// Words that fit many subjects. A request without any other content word is read together with the
    /// sentence before it: 「パスワードを忘れました。手続きを教えてください」.
    GENERIC = "
        手続 手続き 申し込み 利用 使う 方法 必要 お金 費用 画面 場所 期間 参加 登録 内容 場合
        変更 手順 資料 操作 見る 言葉 文言 意味 支援 手伝う 助ける サポート フォロー 依頼 やり方
        仕方 進める 進め方 流れ 条件 対象 可能 状況 状態 相手 都合
    ";

    /// Nouns and verbs of polite requests that need an object: 「…をご教示ください」.
    CARRIERS = "
        教示 教授 回答 返答 返信 返事 案内 指示 説明 確認 連絡 助言 対応 検討 教え 教える
        おしえる 知らせ 知らせる 聞かせる 伺う 伺い 尋ねる 尋ね 願う 願い お願い 聞く 質問 知る
        アドバイス
    ";

    /// Carriers that ask for information. As a sentence of their own they refer to the sentence before.
    INFORMING = "
        教示 教授 案内 指示 説明 教え 教える おしえる 助言 知らせる 知らせ アドバイス お願い
    ";

    /// Words of a text that only asks for an answer to another message, beside those of [`INFORMING`]:
    /// 「これ誰か分かりますか」.
    ANSWERING = "
        回答 返答 答え 答える 知る 分かる わかる 調べる 頼む 願う よろしく 宜しく 下さる くださる 誰 だれ 誰か
        どなた answer explain tell help know anyone someone idea please
    ";

    /// Words of a sentence that closes a letter, although it has a carrier: 「よろしくお願いします」.
    CLOSING = "
        よろしく 宜しく
    ";

    /// Words of a sentence that only announces the message: 「ご連絡いたしました」.
    CONTACTS = "
        連絡 メール 問い合わせ 次第 送る 書く 投稿
    ";

    /// Words of a sentence that announces a request, if one follows: 「…についてお伺いします」.
    ANNOUNCEMENTS = "
        伺う 伺い 尋ねる 尋ね 質問 問い合わせ 相談 聞く
    ";

    /// Fillers of spoken language, longest first.
    FILLERS = "
        えーっと えーと えっと ええと えー あのー あのう あの そのー うーんと うーん まあ まぁ なんか
        もしもし um uh well
    ";

    /// Words of a preface about the manner of the answer or the hurry of the member: 「忙しいので手短に」.
    PREFACES = "
        手短 手短か 簡潔 簡単 結論 端的 率直 単刀直入 短い 一言 ひとこと 長文 駄文 乱文 急 余裕 暇 ひま バタバタ ばたばた
        要点 だけ
    ";

    /// Phrases of such a preface whose words are subjects elsewhere: 「移動中なので手短に」, but 「移動したいのですが」.
    PREFACE_PHRASES = "
        移動中 外出中 外出先 出先 電車の中 電車内 目が回る 目の回る 猫の手も借りたい 死ぬほど
    ";

    /// Words of thanks. A letter without a request may be one of thanks.
    THANKS = "
        ありがとう 有難う ありがとうございます 感謝 お礼 御礼 助かりました 助かる thank thanks
    ";

    /// Endings of a self-introduction.
    INTRODUCTIONS = "
        と申します と申す といいます と言います my_name_is
    ";

    /// Endings of a request, without the softeners of [`SOFTENERS`].
    REQUEST_ENDINGS = "
        ください 下さい くださいませ 下さいませ ちょうだい 頂戴 教えて おしえて おせて 知りたい
        しりたい 聞きたい 伺いたい 確認したい 尋ねたい 相談したい 知りたか お願いします
        お願いいたします お願い致します お願い申し上げます お願いしたい お願いできれば 願います
        伺います お伺いします お伺いいたします お尋ねします お尋ねいたします てほしい て欲しい
        でほしい で欲しい てもらいたい ていただきたい て頂きたい 求めます 教えてくれ
        教えてくれません 点です 点でございます
    ";

    /// Phrases of a request near the end of its sentence.
    REQUEST_PHRASES = "
        くださいますよう 下さいますよう いただきますよう 頂きますよう 幸いです 幸いに存じ
        幸いでござ 幸甚 助かります 助かる ありがたい 有難い 有り難い うれしいです 嬉しいです
        いただきたく 頂きたく 賜りたく 伺いたく 知りたく 願えます いただけると いただければ
        頂ければ もらえると もらえれば お聞きできれば お伺いできれば 伺えれば うかがえれば
        教われば 確認できれば
    ";

    /// Softeners after the ending of a request or a wish: 「知りたいのですが」.
    SOFTENERS = "
        のですが んですが んですけど のですけど ですけど ですけれど ですけれども ですが んだけど
        のだけど んやけど んやが やけど だけど けれども けれど けども けど のです んです です
        んや んだ ね よ な わ や が の ん 笑 w ー
    ";

    /// Final particles and auxiliaries of a question.
    QUESTION_ENDINGS = "
        でしょう だろう かな かなあ かしら っけ かね かい かよ かです かについて かどうか
        かについてです かどうかです
    ";

    /// Interrogatives in any part of a sentence.
    INTERROGATIVES = "
        どう どこ いつ いくら 何 なに なん 誰 だれ どれ どちら どっち どんな どの なぜ いかが
        どげん どない どなた ナンボ なんぼ how what when where who which why 何故 いずれ
    ";

    /// Beginnings of an English question or request.
    ENGLISH_REQUESTS = "
        how_ what_ when_ where_ who_ which_ why_ can_ could_ do_ does_ is_ are_ may_ will_ would_
        should_ please_ tell_ let_me_know i_want i_would_like i_need i_d_like we_want
        we_would_like we_need we_d_like
    ";

    /// Words that describe a difficulty. If nothing else in a message asks, they do.
    DIFFICULTIES = "
        困る 悩む 迷う つまずく 間違える 忘れる なくす 失念 詰む 暮れる 途方 苦慮 難儀 弱る
    ";

    /// Endings of a sentence fragment that names a subject.
    FRAGMENT_ENDINGS = "
        について の件 に関して とは
    ";

    /// Endings of a sentence that names a subject and asks nothing about it: 「会費のことを知りたい」.
    SUBJECT_ENDINGS = "
        について についてです について知りたい について知りたいです について教えて について教えてください のこと のことです
        のことを知りたい のことを知りたいです のことを教えて のことを教えてください
    ";

    /// Words that join a further request to the one before it, longest first.
    CONNECTIVES = "
        それとは別に これとは別に 別件なのですが 別件ですが 別件で 次に 最後に で、 んで、 もうひとつ もう一つ もう一点 もう1点 もう1つ ついでに
        ちなみに あわせて 併せて 合わせて 加えて くわえて それから それと そして さらに 更に
        同時に 同様に そのほか その他 それに ほんで そんで ほいで あとは あと また なお
        in_addition additionally another_question one_more also besides plus secondly and_also
    ";

    /// Words that begin with a connective but are none.
    NOT_CONNECTIVES = "
        または 又は それとも それには あとで あとに あとの あとから あと何 あと少し それにし
        また今度 またね その他の 次に何 次にどう 次になに 次にする 次にやる 最後にやる 最後にする
    ";

    /// Labels of a subject line, before a colon.
    SUBJECT_LABELS = "
        件名 題名 表題 標題 タイトル 件 要件 用件 subject re
    ";

    /// Labels of the text itself in a form, before a colon.
    TEXT_LABELS = "
        お問い合わせ内容 お問合せ内容 お問い合わせ 問い合わせ内容 ご質問内容 質問内容 ご質問 質問
        ご相談内容 ご相談 相談内容 本文 内容 message question q
    ";

    /// Labels of the fields of a form or a signature, before a colon or between 【 and 】. The text after
    /// such a label is no request.
    FIELD_LABELS = "
        名前 お名前 氏名 ご氏名 担当者名 ご担当者名 会社名 貴社名 御社名 社名 法人名 団体名 屋号 部署 部署名 所属
        役職 住所 ご住所 所在地 郵便番号 電話 電話番号 お電話番号 連絡先 ご連絡先 メール メールアドレス e-mail
        email mail tel fax url 業種 会員番号 会員id id 日付 日時 name company phone
    ";

    /// Endings of the line that names the addressee.
    SALUTATIONS = "
        御中 様 さま 殿 各位 宛 宛て 担当者 の方へ さんへ
    ";

    /// Lines that open or close a letter.
    LETTER_LINES = "
        拝啓 謹啓 前略 敬具 敬白 謹白 草々 かしこ 以上 記
    ";

    /// Demonstratives that refer to another sentence of the message.
    DEMONSTRATIVES = "
        これ それ この その こういう そういう こんな そんな こういった そういった こうした そうした こちら そちら 上記 当該 同 いずれ
    ";

    /// Signs that an enumeration of nouns is one of requests: 「Aと、B、それぞれ」.
    ENUMERATIONS = "
        両方 それぞれ どちらも どっちも 全部 まとめて 二点 三点 2点 3点 二つ 三つ 2つ 3つ 二件
        三件 2件 3件 以下の 次の
    ";

    /// Words after 「と」 that relate the noun before it to the rest: 「AとBを両方」 lists two, 「Aと両方」
    /// does not.
    TOGETHER = "
        両方 一緒 同時 並行 共 ともに 共に 併用 重複 重ねる 違う 異なる 同じ 比べる
    ";

    /// Words of a question about two things at once, which splitting would change: 「AとBの違い」.
    RELATIONS = "
        違い 違う ちがい ちがう 異なる 比べ 比較 どちらが どちらを どちらの どっちが どっちを
        どっちの 併用 両立 関係 差は 同じ 区別 間で 間に difference versus
    ";
}

/// Returns whether a base form or a surface belongs to courtesy.
pub(super) fn is_courtesy(word: &str) -> bool {
    static WORDS: LazyLock<HashSet<&str>> =
        LazyLock::new(|| COURTESY.iter().map(String::as_str).collect());
    let bare = word.strip_prefix(['お', 'ご', '御']).unwrap_or(word);
    WORDS.contains(word) || (!bare.is_empty() && WORDS.contains(bare))
}

/// Returns whether a list contains a word.
pub(super) fn has(list: &[String], word: &str) -> bool {
    list.iter().any(|known| known == word)
}

/// Returns whether a text ends with a word of a list.
pub(super) fn ends(list: &[String], text: &str) -> bool {
    list.iter().any(|word| text.ends_with(word.as_str()))
}

/// Returns whether a text contains a word of a list.
pub(super) fn occurs(list: &[String], text: &str) -> bool {
    list.iter().any(|word| text.contains(word.as_str()))
}
