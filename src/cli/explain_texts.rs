//! The texts of `explain` in both languages, side by side.

use crate::answer::{Decision, Role};
use crate::knowledge::{Evidence, KnowledgeBase, Language, localized};

/// Headings and labels. A label ends where its value starts; Japanese characters take two columns.
pub(super) struct Texts {
    pub(super) message_read: &'static str,
    pub(super) also: &'static str,
    pub(super) analysis: &'static str,
    pub(super) normalized: &'static str,
    pub(super) reading: &'static str,
    pub(super) tokens: &'static str,
    pub(super) words: &'static str,
    pub(super) quantities: &'static str,
    pub(super) all_kana: &'static str,
    pub(super) subjects: &'static str,
    pub(super) nothing: &'static str,
    pub(super) act: &'static str,
    pub(super) decision: &'static str,
    pub(super) entries: &'static str,
    pub(super) referrals: &'static str,
    pub(super) hand_offs: &'static str,
    pub(super) small_talk: &'static str,
    pub(super) elsewhere: &'static str,
    pub(super) answer: &'static str,
    pub(super) outcome: &'static str,
    pub(super) message: &'static str,
    pub(super) desk: &'static str,
    pub(super) any_desk: &'static str,
    pub(super) because: &'static str,
    pub(super) phrase: &'static str,
    pub(super) profile: &'static str,
    pub(super) text: &'static str,
    pub(super) meaning: &'static str,
    pub(super) nearest: &'static str,
    pub(super) quantity: &'static str,
    pub(super) same_as: &'static str,
    pub(super) nearest_to: &'static str,
    pub(super) shared_words: &'static str,
}

const ENGLISH: Texts = Texts {
    message_read: "0. Message: its sentences and their roles",
    also: "5. Further requests",
    analysis: "1. Analysis",
    normalized: "normalised  ",
    reading: "reading     ",
    tokens: "tokens      (* content word)",
    words: "words       ",
    quantities: "quantities  ",
    all_kana: "all kana: grams of the reading count more than words",
    subjects: "2. Subjects, the most probable first (parts: words/grams), by",
    nothing: "no subject",
    act: "no question, nothing was ranked: ",
    decision: "3. Decision",
    entries: "entries",
    referrals: "referrals",
    hand_offs: "a person",
    small_talk: "small talk",
    elsewhere: "elsewhere",
    answer: "4. Answer",
    outcome: "outcome     ",
    message: "message     ",
    desk: "desk        ",
    any_desk: "unclear, all are offered",
    because: ", because: ",
    phrase: "phrase",
    profile: "profile",
    text: "text",
    meaning: "meaning:",
    nearest: ", nearest",
    quantity: "quantities: ",
    same_as: "equal to",
    nearest_to: "nearest to",
    shared_words: ", shared words: ",
};

const JAPANESE: Texts = Texts {
    message_read: "0. 文の区切りと役割",
    also: "5. ほかのご質問",
    analysis: "1. 解析",
    normalized: "正規化      ",
    reading: "読み        ",
    tokens: "区切り      （* は意味のある語）",
    words: "語          ",
    quantities: "数量        ",
    all_kana: "すべてかなの質問なので、語より読みの一致を重く見ます",
    subjects: "2. 候補（確率の高い順。内訳は 語/読み）。手がかり:",
    nothing: "該当なし",
    act: "質問ではないので、順位は付けていません: ",
    decision: "3. 判断",
    entries: "項目",
    referrals: "答えがない話題",
    hand_offs: "人への取り次ぎ",
    small_talk: "あいさつなど",
    elsewhere: "対象外",
    answer: "4. 回答",
    outcome: "結果        ",
    message: "文面        ",
    desk: "窓口        ",
    any_desk: "決まらないので、すべてご案内",
    because: "、理由: ",
    phrase: "尋ね方",
    profile: "全体",
    text: "本文",
    meaning: "意味:",
    nearest: "、もっとも近いのは",
    quantity: "数量: ",
    same_as: "一致:",
    nearest_to: "もっとも近い:",
    shared_words: "、共通の語: ",
};

/// Returns the texts of a language.
pub(super) fn texts(language: Language) -> &'static Texts {
    match language {
        Language::Japanese => &JAPANESE,
        Language::English => &ENGLISH,
    }
}

/// Names the evidence that the ranking used.
pub(super) fn evidence(evidence: Evidence, language: Language) -> &'static str {
    let (ja, en) = match evidence {
        Evidence::Words => ("語", "words"),
        Evidence::BuiltIn => ("語と内蔵モデル", "words and the built-in model"),
        Evidence::Server => ("語と埋め込みサーバー", "words and the embeddings server"),
    };
    match language {
        Language::Japanese => ja,
        Language::English => en,
    }
}

/// Names the role of a sentence.
pub(super) fn role(role: Role, language: Language) -> &'static str {
    let (ja, en) = match role {
        Role::Subject => ("件名", "subject"),
        Role::Courtesy => ("あいさつ", "courtesy"),
        Role::Carrier => ("前の文への添え書き", "carrier"),
        Role::Background => ("背景", "background"),
        Role::Wish => ("希望", "wish"),
        Role::Request => ("質問", "request"),
    };
    match language {
        Language::Japanese => ja,
        Language::English => en,
    }
}

/// Formats the thresholds, both in percent.
pub(super) fn thresholds(answered: f32, suggested: f32, language: Language) -> String {
    let text = localized!(
        ja: "一つの項目が {answered:.1} % 以上なら回答、項目の合計が {suggested:.1} % 以上なら候補を表示",
        en: "answered from {answered:.1} % for one entry, suggested from {suggested:.1} % for all entries",
    );
    text.get(language).to_owned()
}

/// Formats the decision and its confidence in percent.
pub(super) fn decision(
    decision: &Decision,
    confidence: f32,
    knowledge: &KnowledgeBase,
    language: Language,
) -> String {
    let entry = |index: &usize| {
        let entry = knowledge.entries.get(*index);
        entry.map_or("", |entry| entry.id.as_str())
    };
    let decision = match decision {
        Decision::Answer(index) => {
            let id = entry(index);
            localized!(ja: "{id} で回答", en: "answer with {id}")
        }
        Decision::Suggest(entries) => {
            let ids: Vec<&str> = entries.iter().map(entry).collect();
            let ids = ids.join(", ");
            localized!(ja: "候補を表示: {ids}", en: "suggest {ids}")
        }
        Decision::SmallTalk(index) => {
            let talk = knowledge.small_talk.get(*index);
            let id = talk.map_or("", |talk| talk.id.as_str());
            localized!(ja: "あいさつなどへの返事 {id}", en: "small talk {id}")
        }
        Decision::AskedContact => {
            localized!(ja: "連絡先と受付時間をご案内", en: "show contact points and hours")
        }
        Decision::Close => localized!(ja: "話の結びへの返事", en: "reply to a closing message"),
        Decision::HandOff(reason) => {
            localized!(ja: "人への取り次ぎ（{reason:?}）", en: "hand off to a person ({reason:?})")
        }
        Decision::Refer(index) => {
            let referral = knowledge.referrals.get(*index);
            let id = referral.map_or("", |referral| referral.id.as_str());
            localized!(
                ja: "答えがない話題 {id} の窓口をご案内",
                en: "escalate to the desk of referral {id}",
            )
        }
        Decision::OutOfScope => localized!(
            ja: "この組織では扱わない話題",
            en: "out of scope for this organisation",
        ),
        Decision::NotFound | Decision::Unreadable => localized!(
            ja: "答えがないので、窓口をご案内",
            en: "no answer found, escalate to a desk",
        ),
        Decision::Safety(index) => {
            let danger = knowledge.safety.dangers.get(*index);
            let id = danger.map_or("", |danger| danger.id.as_str());
            localized!(
                ja: "命に関わる書き込み {id} への返事（safety.toml）",
                en: "reply of safety.toml to the danger {id}",
            )
        }
    };
    let text = localized!(
        decision;
        ja: "判断: {decision}、確信度 {confidence:.1} %",
        en: "decision: {decision}, confidence {confidence:.1} %",
    );
    text.get(language).to_owned()
}
