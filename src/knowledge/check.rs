//! Rules across the knowledge folder, checked after everything has been read.
//!
//! Input: a knowledge base. Output: problems. The self-retrieval check needs an index, so it is in
//! `answer`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::language::{Localized, localized};
use super::problem::{Location, Problem, did_you_mean, nearest};
use super::same_texts::{check_texts, folded};
use super::source_map::SourceMap;
use super::{Entry, KnowledgeBase, Safety, safety};

/// Lists the problems of the knowledge as of a day.
pub(super) fn check(knowledge: &KnowledgeBase, source: &SourceMap, today: Date) -> Vec<Problem> {
    let mut problems = Vec::new();
    check_ids(knowledge, &mut problems);
    check_references(knowledge, source, &mut problems);
    check_featured(knowledge, source, &mut problems);
    check_texts(knowledge, &mut problems);
    check_lexicon(knowledge, &mut problems);
    check_titles(knowledge, source, &mut problems);
    check_categories(knowledge, source, &mut problems);
    for entry in &knowledge.entries {
        check_dates(entry, source, today, &mut problems);
    }
    problems.extend(safety::check(&knowledge.safety, today));
    problems
}

/// Reports a name that is used twice. Names are compared byte by byte.
fn check_unique<'a>(
    kind: &Localized,
    hint: &Localized,
    named: impl Iterator<Item = (String, &'a Location)>,
    problems: &mut Vec<Problem>,
) {
    let mut first_places: BTreeMap<String, &Location> = BTreeMap::new();
    for (name, location) in named {
        if let Some(first) = first_places.get(&name) {
            // `gold supplier` and `goldsupplier` in one group become equal by folding.
            if *first == location {
                continue;
            }
            let mistake = localized!(
                kind;
                ja: "{kind} `{name}` はすでに {first} で使われています",
                en: "{kind} `{name}` is already used at {first}",
            );
            problems.push(Problem::error(location.clone(), mistake, hint.clone()));
        } else {
            first_places.insert(name, location);
        }
    }
}

fn check_ids(knowledge: &KnowledgeBase, problems: &mut Vec<Problem>) {
    let hint = localized!(
        ja: "id は重複できません。別の id にしてください",
        en: "ids are unique; choose another one",
    );
    let entries = knowledge.entries.iter();
    let entries = entries.map(|entry| (entry.id.to_string(), &entry.location));
    let kind = localized!(ja: "項目の id", en: "the entry id");
    check_unique(&kind, &hint, entries, problems);
    let desks = knowledge.desks.iter();
    let desks = desks.map(|desk| (desk.id.to_string(), &desk.location));
    let kind = localized!(ja: "窓口の id", en: "the desk id");
    check_unique(&kind, &hint, desks, problems);
    let points = knowledge.desks.iter().flat_map(|desk| &desk.contact_points);
    let points = points.map(|point| (point.id.to_string(), &point.location));
    let kind = localized!(ja: "連絡先の id", en: "the contact point id");
    check_unique(&kind, &hint, points, problems);
    let referrals = knowledge.referrals.iter();
    // The shipped ones must not clash with those of an organisation.
    let small_talk = knowledge.small_talk.iter().filter(|t| !t.is_default);
    let hand_offs = knowledge.hand_offs.iter().filter(|t| !t.is_default);
    let out_of_scope = knowledge.out_of_scope.iter().filter(|t| !t.is_default);
    let topics = referrals
        .map(|topic| (topic.id.to_string(), &topic.location))
        .chain(small_talk.map(|topic| (topic.id.to_string(), &topic.location)))
        .chain(hand_offs.map(|topic| (topic.id.to_string(), &topic.location)))
        .chain(out_of_scope.map(|topic| (topic.id.to_string(), &topic.location)));
    let kind = localized!(ja: "id", en: "the id");
    check_unique(&kind, &hint, topics, problems);
    // By themselves, for the same reason.
    let Safety {
        dangers,
        help_lines,
        ..
    } = &knowledge.safety;
    let dangers = dangers.iter();
    let dangers = dangers.map(|danger| (danger.id.to_string(), &danger.location));
    check_unique(&kind, &hint, dangers, problems);
    let lines = help_lines.iter();
    let lines = lines.map(|line| (line.id.to_string(), &line.location));
    check_unique(&kind, &hint, lines, problems);
}

fn check_references(knowledge: &KnowledgeBase, source: &SourceMap, problems: &mut Vec<Problem>) {
    let ids: BTreeSet<&str> = knowledge.entries.iter().map(|e| e.id.as_str()).collect();
    let points = knowledge.desks.iter().flat_map(|desk| &desk.contact_points);
    let points: Vec<&str> = points.map(|point| point.id.as_str()).collect();
    let mut check_entry = |place: &dyn Fn() -> Location, owner: String, key: &str, name: &str| {
        if ids.contains(name) || source.may_have("entry", name) {
            return;
        }
        let known: Vec<&str> = ids.iter().copied().collect();
        let hint = match nearest(name, &known) {
            Some(meant) => localized!(
                ja: "`{meant}` の書きまちがいではありませんか。そうでなければ消してください",
                en: "did you mean `{meant}`? if not, remove it",
            ),
            None => localized!(
                ja: "項目の `id` を書くか、消してください",
                en: "write the `id` of an entry, or remove it",
            ),
        };
        let mistake = localized!(
            ja: "{owner}: `{key}` にある `{name}` という項目はありません",
            en: "{owner}: `{key}` names `{name}`, which is not an entry",
        );
        problems.push(Problem::error(place(), mistake, hint));
    };
    for desk in &knowledge.desks {
        let place = || source.place(&desk.location, "featured");
        for id in &desk.featured {
            let owner = format!("desk \"{}\"", desk.id);
            check_entry(&place, owner, "featured", id.as_str());
        }
    }
    for entry in &knowledge.entries {
        let place = || source.place(&entry.location, "related");
        for related in entry.related.iter().filter(|id| **id != entry.id) {
            let owner = format!("entry \"{}\"", entry.id);
            check_entry(&place, owner, "related", related.as_str());
        }
    }
    for entry in &knowledge.entries {
        let id = &entry.id;
        if entry.related.contains(id) {
            let mistake = localized!(
                ja: "entry \"{id}\": `related` にその項目自身が書かれています",
                en: "entry \"{id}\": `related` names the entry itself",
            );
            let hint = localized!(ja: "消してください", en: "remove it");
            let place = source.place(&entry.location, "related");
            problems.push(Problem::error(place, mistake, hint));
        }
        if let Some(contact) = &entry.contact {
            let name = contact.as_str();
            if !points.contains(&name) && !source.may_have("contact_point", name) {
                let mistake = localized!(
                    ja: "entry \"{id}\": `contact` にある `{name}` という連絡先は、どの窓口にもありません",
                    en: "entry \"{id}\": `contact` names `{name}`, which is not a contact point of any desk",
                );
                let place = source.place(&entry.location, "contact");
                problems.push(Problem::error(place, mistake, did_you_mean(name, &points)));
            }
        }
    }
}

/// Warns about two entries of a desk with the same English title: a list could not tell them apart.
fn check_titles(knowledge: &KnowledgeBase, source: &SourceMap, problems: &mut Vec<Problem>) {
    let mut first_ids: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for entry in &knowledge.entries {
        let Some(title) = &entry.english_title else {
            continue;
        };
        let (id, key) = (entry.id.as_str(), (entry.desk.as_str(), title.as_str()));
        if let Some(first) = first_ids.get(&key) {
            let mistake = localized!(
                ja: "entry \"{id}\": 英語の題 `{title}` は、項目 `{first}` の題と同じです",
                en: "entry \"{id}\": the English title `{title}` is also that of the entry `{first}`",
            );
            let hint = localized!(
                ja: "一覧で見分けられるよう、別の題にしてください",
                en: "write another title, so that a list tells them apart",
            );
            let place = source.place(&entry.location, "title");
            problems.push(Problem::warning(place, mistake, hint));
        } else {
            first_ids.insert(key, id);
        }
    }
}

/// Reports a category that is described twice, and warns about one that no entry of its desk has.
fn check_categories(knowledge: &KnowledgeBase, source: &SourceMap, problems: &mut Vec<Problem>) {
    let hint = localized!(ja: "どちらか一つを消してください", en: "remove one of the two");
    let kind = localized!(ja: "分類", en: "the category");
    for desk in &knowledge.desks {
        let named = desk.categories.iter();
        let named = named.map(|category| (category.name.clone(), &category.location));
        check_unique(&kind, &hint, named, problems);
        let own = knowledge.entries.iter();
        let own = own.filter(|entry| entry.desk == desk.id);
        let used: BTreeSet<&str> = own.map(|entry| entry.category.as_str()).collect();
        for category in &desk.categories {
            let (name, id) = (&category.name, &desk.id);
            if used.contains(name.as_str()) || source.may_have("category", name) {
                continue;
            }
            let known: Vec<&str> = used.iter().copied().collect();
            let mistake = localized!(
                ja: "desk \"{id}\": 分類 `{name}` の項目はありません",
                en: "desk \"{id}\": no entry has the category `{name}`",
            );
            let place = category.location.clone();
            problems.push(Problem::warning(place, mistake, did_you_mean(name, &known)));
        }
    }
}

/// Reports a desk that features an entry of another desk.
fn check_featured(knowledge: &KnowledgeBase, source: &SourceMap, problems: &mut Vec<Problem>) {
    for desk in &knowledge.desks {
        let entries = desk.featured.iter();
        let entries = entries.filter_map(|id| knowledge.entry(id.as_str()));
        for Entry { id, desk: own, .. } in entries.filter(|entry| entry.desk != desk.id) {
            let desk_id = &desk.id;
            let mistake = localized!(
                ja: "desk \"{desk_id}\": `featured` にある `{id}` は窓口 `{own}` の項目です",
                en: "desk \"{desk_id}\": `featured` names `{id}`, an entry of the desk `{own}`",
            );
            let hint = localized!(
                ja: "消すか、その窓口の `featured` に書いてください",
                en: "remove it, or name it in that desk's `featured`",
            );
            let place = source.place(&desk.location, "featured");
            problems.push(Problem::error(place, mistake, hint));
        }
    }
}

fn check_lexicon(knowledge: &KnowledgeBase, problems: &mut Vec<Problem>) {
    let lexicon = &knowledge.lexicon;
    let hint = localized!(
        ja: "一つの語は一つの組にしか入れられません。二つの組をまとめるか、片方から消してください",
        en: "a word belongs to one group; merge the two groups, or remove it from one",
    );
    let spellings = lexicon.spellings.iter();
    let spellings =
        spellings.flat_map(|spelling| folded_at(&spelling.variants, &spelling.location));
    let kind = localized!(ja: "書き方", en: "the spelling");
    check_unique(&kind, &hint, spellings, problems);
    let groups = lexicon.synonyms.iter();
    let terms = groups.flat_map(|group| folded_at(&group.terms, &group.location));
    let kind = localized!(ja: "同じ意味の語", en: "the synonym");
    check_unique(&kind, &hint, terms, problems);
    let words = lexicon.words.iter();
    let words = words.map(|word| (folded(&word.surface), &word.location));
    let kind = localized!(ja: "語", en: "the word");
    let hint = localized!(ja: "どちらか一つを消してください", en: "remove one of the two");
    check_unique(&kind, &hint, words, problems);
}

/// Lists folded texts with the place of all of them.
fn folded_at<'a>(
    texts: &'a [String],
    location: &'a Location,
) -> impl Iterator<Item = (String, &'a Location)> {
    texts.iter().map(move |text| (folded(text), location))
}

fn check_dates(entry: &Entry, source: &SourceMap, today: Date, problems: &mut Vec<Problem>) {
    let place = |key| source.place(&entry.location, key);
    let id = &entry.id;
    if let (Some(from), Some(until)) = (entry.valid_from, entry.valid_until)
        && until < from
    {
        let mistake = localized!(
            ja: "entry \"{id}\": `valid_until` の {until} が `valid_from` の {from} より前です",
            en: "entry \"{id}\": `valid_until` {until} is before `valid_from` {from}",
        );
        let hint = localized!(
            ja: "どちらかの日付を直してください。`valid_until` は答えが有効な最後の日です",
            en: "correct one of the two dates; `valid_until` is the last day on which the answer is valid",
        );
        problems.push(Problem::error(place("valid_until"), mistake, hint));
    } else if let Some(until) = entry.valid_until
        && until < today
    {
        let mistake = localized!(
            ja: "entry \"{id}\": `valid_until` の {until} を過ぎているため、この答えは表示されません",
            en: "entry \"{id}\": `valid_until` {until} is past, so this answer is not shown",
        );
        let hint = localized!(
            ja: "項目を消すか、答えと日付を新しくしてください",
            en: "remove the entry, or update its answer and its date",
        );
        problems.push(Problem::warning(place("valid_until"), mistake, hint));
    }
    if let Some(review) = entry.review_by
        && review < today
    {
        let mistake = localized!(
            ja: "entry \"{id}\": 答えを見直す期限の {review} を過ぎています",
            en: "entry \"{id}\": the answer was due for review by {review}",
        );
        let hint = localized!(
            ja: "答えを確かめ、新しい日付を `review_by` に書いてください",
            en: "confirm the answer and set a new `review_by`",
        );
        problems.push(Problem::warning(place("review_by"), mistake, hint));
    }
}
