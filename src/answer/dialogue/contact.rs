//! Recognises a question when or how a desk can be reached: 「電話番号は」, 「土日もやってますか」, 「どこに聞けばいい」.

use super::words::{
    CHANNELS, CONTACT_COMPANIONS, CONTACT_IN_ANSWER, HOURS, NUMBERS, REACHING, SENDING, TELEPHONE,
    WHO_OR_WHERE,
};
use super::{Act, Message, is_any, is_question};
use crate::answer::context::points_back;
use crate::search::Token;

/// Parts of speech that carry no subject.
const GRAMMAR: &[&str] = &[
    "助詞",
    "助動詞",
    "接続詞",
    "感動詞",
    "記号",
    "フィラー",
    "連体詞",
    "名詞,非自立",
    "名詞,数",
    "名詞,接尾",
    "名詞,代名詞",
];

impl Message<'_> {
    /// Recognises a message that asks for contact points or business hours and for nothing else.
    ///
    /// After an escalation, when contact points are on the screen, a single word is enough (「昼休みは？」).
    /// After an answer that names an address itself, 「どこに送ればいい」 asks for that answer.
    pub(super) fn contact(&self) -> Option<Act> {
        let tokens = &self.analysis.tokens;
        if !tokens.iter().all(|token| self.belongs_to_contact(token)) {
            return None;
        }
        let has = |list: &[&str]| tokens.iter().any(|token| is_any(token, list));
        let (channel, hours, telephone) = (has(CHANNELS), has(HOURS), has(TELEPHONE));
        let (reaching, sending, who) = (has(REACHING), has(SENDING), has(WHO_OR_WHERE));
        let named = self.assistant.searcher.named_desks(self.analysis);
        if self.conversation.is_after_answer()
            && !hours
            && !telephone
            && let Some(last) = self.last_entry()
        {
            let entry = &self.assistant.knowledge.entries[last];
            let mut words = CONTACT_IN_ANSWER.iter();
            let says_where = entry.contact.is_some()
                || (words.any(|word| entry.answer.text.contains(word))
                    && !named.contains(&&entry.desk));
            let points = who || points_back(self.analysis) || !named.is_empty();
            if says_where && (channel || (points && (reaching || sending))) {
                return Some(Act::Repeat(last));
            }
        }
        let is_asked = if self.conversation.is_after_escalation() {
            channel || hours || (who && (reaching || sending))
        } else {
            ((who || hours) && (reaching || channel))
                || telephone
                || has(NUMBERS)
                || (channel && is_question(self.analysis))
        };
        is_asked.then_some(Act::AskContact)
    }

    fn belongs_to_contact(&self, token: &Token) -> bool {
        let part = token.part_of_speech.as_str();
        let lists = [
            CHANNELS,
            HOURS,
            REACHING,
            SENDING,
            WHO_OR_WHERE,
            CONTACT_COMPANIONS,
        ];
        !token.is_content
            || GRAMMAR.iter().any(|grammar| part.starts_with(grammar))
            || lists.iter().any(|list| is_any(token, list))
            || self.assistant.searcher.is_desk_name(&token.base)
    }
}
