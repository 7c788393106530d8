//! Recognises thanks, closing and acknowledgement, sentence by sentence.
//!
//! A message is social if each of its clauses is: 「わかりました。上司と相談します」. A clause is social if
//! it is a variant of small talk, or announces what the member will do.

use super::words::{
    ACKNOWLEDGEMENTS, CORRECTIONS, DEMONSTRATIVES, INTENSIFIERS, MEANT, META_CLAUSES, PLANS,
    REFLECTIONS, REJECTIONS, WHO_OR_WHERE,
};
use super::{Act, Message, is_any, is_question, joined};
use crate::search::{Analysis, Subject, Token};

/// Longest text, in characters, that is compared with small talk clause by clause.
const MAX_CHARS: usize = 80;

/// Ends of a clause that change nothing about its kind.
const ENDINGS: &[&str] = &[
    "ですね",
    "ですよ",
    "でした",
    "です",
    "っす",
    "だね",
    "だよ",
    "だな",
    "w",
    "笑",
    "ー",
    "~",
    "〜",
    "っ",
    "ッ",
    "ね",
    "よ",
    "な",
    "わ",
    "ぞ",
    "さ",
];

/// The kind of a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clause {
    /// Small talk, by position.
    SmallTalk(usize),
    /// Announces what the member will do.
    Plan,
    /// Organises the conversation or has no words.
    Meta,
    /// Withdraws the last question or choice: 「間違えました」.
    Rejection,
    Other,
}

/// The part of a message that is not social.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rest<'a> {
    /// The part.
    pub(super) text: &'a str,
    /// Whether the message withdraws the last question or choice.
    pub(super) is_correction: bool,
}

impl<'a> Message<'a> {
    /// Recognises a message all of whose clauses are social.
    pub(super) fn social_act(&self) -> Option<Act> {
        if self.text.chars().count() > MAX_CHARS {
            return None;
        }
        let is_live = self.conversation.is_live();
        if self.analysis.normalized.is_empty() {
            return self.sign();
        }
        let mut small_talk = None;
        let mut has_plan = false;
        let clauses: Vec<&str> = clauses(self.text).collect();
        // A single clause without a conversation is decided by the ranking.
        if clauses.len() < 2 && !is_live {
            return None;
        }
        for clause in &clauses {
            match self.clause(clause) {
                Clause::SmallTalk(index) => small_talk = Some(index),
                Clause::Plan if is_live => has_plan = true,
                Clause::Meta => {}
                Clause::Plan | Clause::Rejection | Clause::Other => return None,
            }
        }
        match small_talk {
            _ if has_plan => Some(Act::Close),
            Some(index) => Some(Act::SmallTalk(index)),
            None => None,
        }
    }

    /// Recognises a text without words: 「👍」, 「👎」.
    fn sign(&self) -> Option<Act> {
        match self.assistant.searcher.exact_subject(self.text)? {
            Subject::SmallTalk(index) => Some(Act::SmallTalk(index)),
            Subject::HandOff(_) if self.conversation.is_live() => Some(Act::NotHelped),
            _ => None,
        }
    }

    /// Returns the text without the clauses that are social, if others remain: 「広告」 of
    /// 「ごめん、広告」.
    pub(super) fn without_social_clauses(&self) -> Option<Rest<'a>> {
        let text: &'a str = self.text;
        let mut kept: Option<(usize, usize)> = None;
        let (mut is_shorter, mut is_correction) = (false, false);
        for clause in clauses(text) {
            let kind = self.clause(clause);
            let body = meant(clause);
            is_correction |= kept.is_none() && (kind == Clause::Rejection || body.is_some());
            if kind == Clause::Other {
                let start = body.unwrap_or(clause).as_ptr() as usize - text.as_ptr() as usize;
                let end = clause.as_ptr() as usize - text.as_ptr() as usize + clause.len();
                kept = Some((kept.map_or(start, |(first, _)| first), end));
            }
            is_shorter |= kind != Clause::Other || body.is_some();
        }
        let (start, end) = kept.filter(|_| is_shorter)?;
        Some(Rest {
            text: &text[start..end],
            is_correction,
        })
    }

    fn clause(&self, clause: &str) -> Clause {
        if let Some(index) = self.small_talk(clause) {
            return Clause::SmallTalk(index);
        }
        // Without a conversation nothing else is social, and an analysis would cost time.
        if !self.conversation.is_live() {
            return Clause::Other;
        }
        let analysis = self.assistant.searcher.analyze(clause);
        let text = joined(&analysis.normalized);
        let bare = text.trim_end_matches(['ね', 'よ', 'わ', 'な', 'ー']);
        if REJECTIONS.contains(&bare) {
            return Clause::Rejection;
        }
        if META_CLAUSES.contains(&text.as_str()) || says_nothing(&analysis) {
            return Clause::Meta;
        }
        let is_acknowledged = ACKNOWLEDGEMENTS.iter().any(|word| {
            let own = self.analysis.normalized.as_str();
            own.starts_with(word)
        });
        if announces_plan(&text, &analysis.tokens, is_acknowledged) {
            return Clause::Plan;
        }
        Clause::Other
    }

    /// Returns the small talk that a clause is a variant of, with or without its intensifiers and its
    /// ending.
    fn small_talk(&self, clause: &str) -> Option<usize> {
        let mut start = clause.trim();
        loop {
            if let Some(index) = self.small_talk_ending(start) {
                return Some(index);
            }
            let shorter = INTENSIFIERS
                .iter()
                .find_map(|word| start.strip_prefix(word));
            start = shorter.filter(|shorter| !shorter.is_empty())?.trim_start();
        }
    }

    fn small_talk_ending(&self, clause: &str) -> Option<usize> {
        let mut rest = clause;
        loop {
            match self.assistant.searcher.exact_subject(rest) {
                Some(Subject::SmallTalk(index)) => return Some(index),
                Some(_) => return None,
                None => {}
            }
            let shorter = ENDINGS.iter().find_map(|end| rest.strip_suffix(end));
            rest = shorter.filter(|shorter| !shorter.is_empty())?.trim_end();
        }
    }
}

/// Returns the part of a clause after a phrase of correction: 「I meant the seminar」.
fn meant(clause: &str) -> Option<&str> {
    MEANT.iter().find_map(|start| {
        let begins = clause
            .get(..start.len())
            .is_some_and(|own| own.eq_ignore_ascii_case(start));
        begins
            .then(|| &clause[start.len()..])
            .filter(|rest| !rest.is_empty())
    })
}

/// Returns whether a clause neither has a subject nor asks or points to anything: 「ふむふむ」.
fn says_nothing(analysis: &Analysis) -> bool {
    let is_subject = |token: &Token| {
        let part = token.part_of_speech.as_str();
        token.is_content && !part.starts_with("副詞") && !part.starts_with("感動詞")
    };
    let points = |token: &Token| is_any(token, DEMONSTRATIVES) || is_any(token, WHO_OR_WHERE);
    let mut tokens = analysis.tokens.iter();
    !is_question(analysis) && !tokens.any(|token| is_subject(token) || points(token))
}

/// Iterates over the clauses of a text: the parts between punctuation marks.
fn clauses(text: &str) -> impl Iterator<Item = &str> {
    let is_mark = |c: char| {
        matches!(
            c,
            '。' | '、'
                | '，'
                | '．'
                | '!'
                | '！'
                | '?'
                | '？'
                | ','
                | '\n'
                | '…'
                | ';'
                | '；'
                | '♪'
        )
    };
    let parts = text.split(is_mark).flat_map(|part| part.split(". "));
    parts
        .map(|part| part.trim().trim_end_matches('.'))
        .filter(|part| !part.is_empty())
}

/// Returns whether a clause ends in what the member will do: 「やってみます」, 「検討します」, and after an
/// acknowledgement also 「息子に聞きます」. `text` is the normalised clause without spaces.
fn announces_plan(text: &str, tokens: &[Token], is_acknowledged: bool) -> bool {
    // In the text and not in the tokens, since IPADIC cuts kana such as きいてみます elsewhere.
    let end = text.trim_end_matches(['ね', 'よ', 'わ', 'な']);
    if ["てみます", "でみます", "てみる", "でみる"]
        .iter()
        .any(|attempt| end.ends_with(attempt))
    {
        return true;
    }
    let is_final =
        |token: &Token| matches!(token.surface.as_str(), "ね" | "よ" | "わ" | "から" | "ので");
    let mut rest = tokens.iter().rev().skip_while(|token| is_final(token));
    if rest.next().is_none_or(|token| token.surface != "ます") {
        return false;
    }
    let Some(verb) = rest
        .next()
        .filter(|token| token.part_of_speech.starts_with("動詞"))
    else {
        return false;
    };
    let plan = if verb.base == "する" {
        rest.next()
    } else {
        Some(verb)
    };
    plan.is_some_and(|plan| is_any(plan, REFLECTIONS) || (is_acknowledged && is_any(plan, PLANS)))
}

/// Returns the part of a text after the marker of a correction: 「SELASじゃなくてアリババの方」.
pub(super) fn corrected(text: &str) -> Option<(&str, &str)> {
    let found = CORRECTIONS.iter().filter_map(|marker| {
        let at = text.find(marker)?;
        Some((
            &text[..at],
            text[at + marker.len()..].trim_start_matches(['、', ',', ' ', '　']),
        ))
    });
    let mut found = found.filter(|(rejected, meant)| !rejected.is_empty() && !meant.is_empty());
    found.next()
}
