//! The problems of a comparison.

use crate::exchange::record::Record;
use crate::knowledge::{KnowledgeBase, Location, Problem, localized};

/// Reports a desk that does not exist.
pub(super) fn unknown_desk(knowledge: &KnowledgeBase, name: &str, location: &Location) -> Problem {
    let desks = knowledge.desks.iter().map(|desk| desk.id.as_str());
    let desks = desks.collect::<Vec<_>>().join(", ");
    Problem::warning(
        location.clone(),
        localized!(
            ja: "`{name}` という窓口はないため、--desk の窓口か、ただ一つの窓口に入れます",
            en: "there is no desk `{name}`; the entries go to the desk of --desk, or to the only one",
        ),
        localized!(
            ja: "窓口の id か名前を書いてください。いまある窓口: {desks}",
            en: "write the id or the name of a desk; there are: {desks}",
        ),
    )
}

/// Reports ids that do not exist.
pub(super) fn lost_references(record: &Record, lost: &[String]) -> Problem {
    let lost = lost.join(", ");
    Problem::warning(
        record.location.clone(),
        localized!(
            ja: "関連項目または連絡先にある次の id はないため、使われません: {lost}",
            en: "these ids of related entries or contacts do not exist and were left out: {lost}",
        ),
        localized!(
            ja: "項目の ID か、desk.toml の連絡先の id を書いてください",
            en: "write the ids of entries, or the id of a contact point in desk.toml",
        ),
    )
}

/// Reports a question that an earlier record has.
pub(super) fn duplicate(record: &Record, first: &Location, is_same: bool) -> Problem {
    let question = &record.question;
    let (mistake, hint) = if is_same {
        (
            localized!(
                ja: "{first} と同じ質問と回答なので、取り込みません: {question}",
                en: "the same question and answer as at {first}, left out: {question}",
            ),
            localized!(ja: "直す必要はありません", en: "nothing needs to be done"),
        )
    } else {
        (
            localized!(
                ja: "{first} と同じ質問に別の回答があるため、取り込みません: {question}",
                en: "the same question as at {first} with another answer, left out: {question}",
            ),
            localized!(
                ja: "正しいほうだけを残すか、質問を書き分けてください",
                en: "keep the correct one, or make the questions differ",
            ),
        )
    };
    Problem::warning(record.location.clone(), mistake, hint)
}

/// Reports an entry that an earlier record has.
pub(super) fn same_id(record: &Record, first: &Location, id: &str) -> Problem {
    let question = &record.question;
    Problem::warning(
        record.location.clone(),
        localized!(
            ja: "{first} と同じ項目 `{id}` なので、取り込みません: {question}",
            en: "the same entry `{id}` as at {first}, left out: {question}",
        ),
        localized!(
            ja: "ID が重ならないようにしてください",
            en: "give each row an id of its own",
        ),
    )
}

/// Reports a desk that is not the one of the existing entry.
pub(super) fn other_desk(record: &Record, id: &str, desk: &str, named: &str) -> Problem {
    Problem::warning(
        record.location.clone(),
        localized!(
            ja: "項目 `{id}` の窓口は `{desk}` のままです。`{named}` には移しません",
            en: "the entry `{id}` stays at the desk `{desk}`; the import does not move it to `{named}`",
        ),
        localized!(
            ja: "移すなら、項目を `{named}` フォルダーのファイルへ移してから、もう一度取り込んでください",
            en: "to move it, move the entry to a file in the folder `{named}`, and import again",
        ),
    )
}

/// Reports a variant that belongs to something else.
pub(super) fn taken_variant(record: &Record, pattern: &str, owner: &str) -> Problem {
    Problem::warning(
        record.location.clone(),
        localized!(
            ja: "別の聞き方 `{pattern}` は `{owner}` にもあるため、使われません",
            en: "the variant `{pattern}` also belongs to `{owner}` and was left out",
        ),
        localized!(
            ja: "正しい答えになるほうにだけ書いてください",
            en: "write it only where the answer fits",
        ),
    )
}
