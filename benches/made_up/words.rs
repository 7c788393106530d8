//! The vocabulary of the made-up knowledge: domains with their objects, and actions with their forms.

/// One verb of an action, in the forms that the sentences need.
pub(crate) struct Verb {
    /// Dictionary form: 変更する.
    pub(crate) plain: &'static str,
    /// The stem before たい and ます: 変更し.
    pub(crate) stem: &'static str,
    /// The te-form: 変更して.
    pub(crate) te: &'static str,
    /// The potential stem: 変更でき.
    pub(crate) can: &'static str,
}

/// Something that members want to do with an object.
pub(crate) struct Action {
    /// The action as a noun, for keyword queries and headings.
    pub(crate) noun: &'static str,
    /// Its name in ids.
    pub(crate) id: &'static str,
    /// Verbs for it: the document's own first, then those of members.
    pub(crate) verbs: [Verb; 3],
}

/// An object of a domain: the document's word, then the words of members.
pub(crate) struct Object {
    /// The words.
    pub(crate) words: [&'static str; 3],
    /// Its name in ids.
    pub(crate) id: &'static str,
}

/// A domain: the knowledge of one desk.
pub(crate) struct Domain {
    /// The desk's id.
    pub(crate) id: &'static str,
    /// The desk's name.
    pub(crate) name: &'static str,
    /// The desk's name in English.
    pub(crate) name_en: &'static str,
    /// Endings of the names of facilities and services.
    pub(crate) kinds: [&'static str; 6],
    /// The objects.
    pub(crate) objects: [Object; 12],
}

const fn verb(
    plain: &'static str,
    stem: &'static str,
    te: &'static str,
    can: &'static str,
) -> Verb {
    Verb {
        plain,
        stem,
        te,
        can,
    }
}

const fn object(id: &'static str, words: [&'static str; 3]) -> Object {
    Object { words, id }
}

/// The actions. Each fits each object, if not equally well.
pub(crate) const ACTIONS: [Action; 12] = [
    Action {
        noun: "変更",
        id: "change",
        verbs: [
            verb("変更する", "変更し", "変更して", "変更でき"),
            verb("変える", "変え", "変えて", "変えられ"),
            verb("直す", "直し", "直して", "直せ"),
        ],
    },
    Action {
        noun: "取消",
        id: "cancel",
        verbs: [
            verb("取り消す", "取り消し", "取り消して", "取り消せ"),
            verb(
                "キャンセルする",
                "キャンセルし",
                "キャンセルして",
                "キャンセルでき",
            ),
            verb("やめる", "やめ", "やめて", "やめられ"),
        ],
    },
    Action {
        noun: "再発行",
        id: "reissue",
        verbs: [
            verb("再発行する", "再発行し", "再発行して", "再発行でき"),
            verb("作り直す", "作り直し", "作り直して", "作り直せ"),
            verb(
                "もう一度もらう",
                "もう一度もらい",
                "もう一度もらって",
                "もう一度もらえ",
            ),
        ],
    },
    Action {
        noun: "確認",
        id: "confirm",
        verbs: [
            verb("確認する", "確認し", "確認して", "確認でき"),
            verb("調べる", "調べ", "調べて", "調べられ"),
            verb("見る", "見", "見て", "見られ"),
        ],
    },
    Action {
        noun: "延長",
        id: "extend",
        verbs: [
            verb("延長する", "延長し", "延長して", "延長でき"),
            verb("延ばす", "延ばし", "延ばして", "延ばせ"),
            verb("長くする", "長くし", "長くして", "長くでき"),
        ],
    },
    Action {
        noun: "支払い",
        id: "pay",
        verbs: [
            verb("支払う", "支払い", "支払って", "支払え"),
            verb("払う", "払い", "払って", "払え"),
            verb(
                "カードで決済する",
                "カードで決済し",
                "カードで決済して",
                "カードで決済でき",
            ),
        ],
    },
    Action {
        noun: "申込み",
        id: "apply",
        verbs: [
            verb("申し込む", "申し込み", "申し込んで", "申し込め"),
            verb("申請する", "申請し", "申請して", "申請でき"),
            verb("頼む", "頼み", "頼んで", "頼め"),
        ],
    },
    Action {
        noun: "受取り",
        id: "receive",
        verbs: [
            verb("受け取る", "受け取り", "受け取って", "受け取れ"),
            verb("もらう", "もらい", "もらって", "もらえ"),
            verb("引き取る", "引き取り", "引き取って", "引き取れ"),
        ],
    },
    Action {
        noun: "返却",
        id: "return",
        verbs: [
            verb("返却する", "返却し", "返却して", "返却でき"),
            verb("返す", "返し", "返して", "返せ"),
            verb("送り返す", "送り返し", "送り返して", "送り返せ"),
        ],
    },
    Action {
        noun: "登録",
        id: "register",
        verbs: [
            verb("登録する", "登録し", "登録して", "登録でき"),
            verb("入れる", "入れ", "入れて", "入れられ"),
            verb("新しく作る", "新しく作り", "新しく作って", "新しく作れ"),
        ],
    },
    Action {
        noun: "譲渡",
        id: "transfer",
        verbs: [
            verb("譲渡する", "譲渡し", "譲渡して", "譲渡でき"),
            verb("譲る", "譲り", "譲って", "譲れ"),
            verb("家族に渡す", "家族に渡し", "家族に渡して", "家族に渡せ"),
        ],
    },
    Action {
        noun: "停止",
        id: "suspend",
        verbs: [
            verb("停止する", "停止し", "停止して", "停止でき"),
            verb("止める", "止め", "止めて", "止められ"),
            verb("休む", "休み", "休んで", "休め"),
        ],
    },
];

/// The domains, one desk each.
pub(crate) const DOMAINS: [Domain; 8] = [
    Domain {
        id: "library",
        name: "図書館総合案内",
        name_en: "Library information",
        kinds: [
            "図書館",
            "分室",
            "文庫",
            "資料館",
            "学習センター",
            "移動図書館",
        ],
        objects: [
            object("loan", ["貸出期間", "借りられる期間", "返す日"]),
            object("card", ["利用者カード", "図書カード", "貸出券"]),
            object("booking", ["予約資料", "予約した本", "取り置きの本"]),
            object("copy", ["複写サービス", "コピー", "写し"]),
            object("seat", ["閲覧席", "自習席", "勉強する席"]),
            object("hall", ["集会室", "会議室", "部屋"]),
            object("request", ["購入希望", "リクエスト", "買ってほしい本"]),
            object(
                "mailing",
                ["新着案内メール", "お知らせメール", "新刊の通知"],
            ),
            object("audio", ["視聴覚資料", "DVD", "CD"]),
            object("ebook", ["電子書籍", "電子図書", "スマホで読む本"]),
            object("story", ["おはなし会", "読み聞かせ", "子どもの催し"]),
            object("locker", ["返却ロッカー", "駅のロッカー", "返却ポスト"]),
        ],
    },
    Domain {
        id: "water",
        name: "水道局お客さまセンター",
        name_en: "Waterworks customer centre",
        kinds: [
            "浄水場",
            "給水区",
            "営業所",
            "配水所",
            "ポンプ場",
            "下水処理場",
        ],
        objects: [
            object("bill", ["水道料金", "水道代", "水の料金"]),
            object("meter", ["水道メーター", "検針メーター", "量水器"]),
            object("start", ["使用開始届", "開栓の届け", "水を出す手続き"]),
            object("transfer", ["口座振替", "自動引き落とし", "銀行引き落とし"]),
            object("notice", ["検針票", "使用量のお知らせ", "水道の紙"]),
            object("pipe", ["給水管工事", "水道管の工事", "配管の修理"]),
            object("leak", ["漏水減免", "水漏れの減額", "漏れたときの値引き"]),
            object("sewer", ["下水道使用料", "下水代", "汚水の料金"]),
            object("tank", ["貯水槽点検", "タンクの点検", "屋上タンク"]),
            object("well", ["井戸水認定", "井戸の届け", "地下水"]),
            object("tour", ["施設見学", "見学会", "社会科見学"]),
            object("bottle", ["備蓄水", "ペットボトルの水", "災害用の水"]),
        ],
    },
    Domain {
        id: "nursery",
        name: "保育案内窓口",
        name_en: "Nursery information",
        kinds: [
            "保育園",
            "こども園",
            "児童館",
            "学童クラブ",
            "子育て広場",
            "病児保育室",
        ],
        objects: [
            object("place", ["入園申込書", "入園の書類", "入るための紙"]),
            object("fee", ["保育料", "毎月の費用", "園の月謝"]),
            object("lunch", ["給食費", "昼ごはん代", "食事代"]),
            object("extended", ["延長保育", "夕方の預かり", "遅い時間の保育"]),
            object("temporary", ["一時預かり", "一日だけの保育", "急な預かり"]),
            object("certificate", ["在園証明書", "通っている証明", "園の証明"]),
            object("allergy", ["食物アレルギー届", "除去食", "アレルギー対応"]),
            object("pickup", ["送迎者名簿", "お迎えの人", "送り迎えの名前"]),
            object("bedding", ["午睡用寝具", "お昼寝布団", "布団"]),
            object("bus", ["通園バス", "送迎バス", "園バス"]),
            object("event", ["保護者会", "親の集まり", "懇談会"]),
            object("vaccine", ["予防接種記録", "ワクチンの記録", "注射の記録"]),
        ],
    },
    Domain {
        id: "telecom",
        name: "通信サービス窓口",
        name_en: "Telecom support",
        kinds: [
            "モバイル",
            "ひかり",
            "ルーター",
            "Wi-Fi",
            "でんわ",
            "クラウド",
        ],
        objects: [
            object("plan", ["料金プラン", "月のプラン", "契約コース"]),
            object("sim", ["SIMカード", "シム", "eSIM"]),
            object("number", ["電話番号", "番号", "携帯の番号"]),
            object("password", ["暗証番号", "パスワード", "四桁の番号"]),
            object("data", ["データ容量", "ギガ", "通信量"]),
            object(
                "roaming",
                ["海外ローミング", "海外での通信", "外国での利用"],
            ),
            object("invoice", ["請求明細書", "明細", "請求書"]),
            object("device", ["レンタル端末", "借りた機器", "貸出の端末"]),
            object("insurance", ["端末補償", "故障の保険", "修理の補償"]),
            object("family", ["家族割引", "家族割", "家族のまとめ割"]),
            object("mail", ["メールアドレス", "アドレス", "メアド"]),
            object("filter", ["フィルタリング", "閲覧制限", "子どもの制限"]),
        ],
    },
    Domain {
        id: "gym",
        name: "スポーツ施設案内",
        name_en: "Sports facilities",
        kinds: [
            "体育館",
            "プール",
            "テニスコート",
            "武道場",
            "運動公園",
            "スタジオ",
        ],
        objects: [
            object("member", ["会員証", "会員カード", "メンバーカード"]),
            object("court", ["コート予約", "コートの枠", "場所取り"]),
            object("lesson", ["教室", "レッスン", "クラス"]),
            object("locker", ["月極ロッカー", "荷物入れ", "個人ロッカー"]),
            object("ticket", ["回数券", "まとめ券", "十一枚つづり"]),
            object("light", ["照明利用", "ナイター", "夜の明かり"]),
            object("gear", ["用具貸出", "ラケット", "借りる道具"]),
            object("coach", ["個人指導", "コーチ", "マンツーマン"]),
            object("tournament", ["大会参加", "試合の参加", "市民大会"]),
            object("parking", ["駐車券", "駐車場", "車の券"]),
            object("shower", ["温浴利用", "シャワー", "お風呂"]),
            object("health", ["体力測定", "体の検査", "測定会"]),
        ],
    },
    Domain {
        id: "shop",
        name: "通信販売サポート",
        name_en: "Online shop support",
        kinds: [
            "掃除機",
            "炊飯器",
            "加湿器",
            "イヤホン",
            "電動自転車",
            "ミシン",
        ],
        objects: [
            object("order", ["ご注文", "注文", "オーダー"]),
            object("delivery", ["配送日時", "届く日", "配達の時間"]),
            object("address", ["お届け先", "送り先", "配達先の住所"]),
            object("warranty", ["保証書", "保証", "保証期間の紙"]),
            object("part", ["交換部品", "パーツ", "替えの部品"]),
            object("manual", ["取扱説明書", "説明書", "マニュアル"]),
            object("point", ["ポイント", "貯めたポイント", "たまった点"]),
            object("coupon", ["割引クーポン", "クーポン", "割引の番号"]),
            object("receipt", ["領収書", "レシート", "経費の紙"]),
            object("repair", ["修理依頼", "修理", "直してもらう依頼"]),
            object("gift", ["ギフト包装", "ラッピング", "贈り物の包み"]),
            object("subscription", ["定期便", "毎月の便", "自動の注文"]),
        ],
    },
    Domain {
        id: "clinic",
        name: "健康診断受付",
        name_en: "Health check reception",
        kinds: [
            "クリニック",
            "健診センター",
            "病院",
            "薬局",
            "保健所",
            "リハビリ室",
        ],
        objects: [
            object("visit", ["受診予約", "診察の予約", "診てもらう日"]),
            object("result", ["検査結果", "結果の紙", "健診の結果"]),
            object("kit", ["検査キット", "検査の容器", "送られてきた箱"]),
            object("form", ["問診票", "質問の紙", "事前の質問"]),
            object("prescription", ["処方箋", "薬の紙", "お薬の紙"]),
            object("option", ["追加検査", "オプション", "別の検査"]),
            object("certificate", ["診断書", "病名の証明", "会社に出す紙"]),
            object("referral", ["紹介状", "紹介の手紙", "別の病院への手紙"]),
            object("subsidy", ["検診助成券", "助成の券", "補助の券"]),
            object("interpreter", ["通訳派遣", "通訳", "外国語の付き添い"]),
            object("ward", ["個室利用", "個室", "一人部屋"]),
            object("visitors", ["面会時間", "お見舞い", "会える時間"]),
        ],
    },
    Domain {
        id: "transit",
        name: "交通局案内所",
        name_en: "Transit information",
        kinds: ["線", "駅", "バス路線", "駐輪場", "フェリー", "ロープウェイ"],
        objects: [
            object("pass", ["定期券", "定期", "通学の券"]),
            object("card", ["ICカード", "交通カード", "チャージのカード"]),
            object("seat", ["座席指定券", "指定席", "席の券"]),
            object("lost", ["忘れ物", "落とし物", "なくした荷物"]),
            object("delay", ["遅延証明書", "遅れの証明", "遅れた紙"]),
            object("discount", ["障害者割引", "手帳の割引", "割引運賃"]),
            object("group", ["団体乗車券", "団体の切符", "大勢の切符"]),
            object("luggage", ["手回り品", "大きな荷物", "持ち込みの荷物"]),
            object("bicycle", ["駐輪区画", "自転車置き場", "自転車の場所"]),
            object("charter", ["貸切運行", "貸切", "借り切り"]),
            object("stroller", ["車いす介助", "乗り降りの手伝い", "スロープ"]),
            object("timetable", ["時刻表", "ダイヤ", "出発の時間"]),
        ],
    },
];

/// First and second characters of place names.
pub(crate) const PLACE_HEADS: [&str; 48] = [
    "青", "赤", "朝", "天", "池", "石", "泉", "岩", "上", "梅", "大", "岡", "小", "柏", "霞", "金",
    "北", "木", "草", "黒", "桜", "佐", "志", "白", "杉", "須", "高", "滝", "竹", "玉", "千", "月",
    "鶴", "寺", "富", "中", "西", "野", "花", "東", "平", "藤", "松", "水", "緑", "南", "森", "若",
];

/// The second characters of place names.
pub(crate) const PLACE_TAILS: [&str; 40] = [
    "沢", "石", "泉", "井", "内", "浦", "江", "尾", "岡", "垣", "方", "形", "川", "木", "口", "窪",
    "倉", "坂", "崎", "里", "島", "瀬", "園", "台", "田", "谷", "塚", "津", "戸", "根", "野", "葉",
    "浜", "原", "部", "町", "宮", "村", "本", "山",
];

/// The syllables of product names.
pub(crate) const SYLLABLES: [&str; 40] = [
    "ア", "イ", "ウ", "エ", "オ", "カ", "キ", "ク", "ケ", "コ", "サ", "シ", "ス", "セ", "ソ", "タ",
    "チ", "テ", "ト", "ナ", "ニ", "ネ", "ノ", "ハ", "ヒ", "フ", "ホ", "マ", "ミ", "ム", "メ", "モ",
    "ヤ", "ユ", "ラ", "リ", "ル", "レ", "ロ", "ヴィ",
];
