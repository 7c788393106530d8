//! Rules that hold across the knowledge folder, checked when everything has been read.
//!
//! A knowledge base in, problems out. Whether each text finds its own entry is the search's
//! affair (the self-retrieval gate) and needs an index; it is not checked here.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

use super::load::Written;
use super::problem::{Location, Problem, did_you_mean, nearest};
use super::{Entry, KnowledgeBase, Variant};

/// Lists everything that is wrong with the knowledge as of a day; `written` tells what was meant.
pub(super) fn check(knowledge: &KnowledgeBase, written: &Written, today: Date) -> Vec<Problem> {
    let mut problems = Vec::new();
    check_ids(knowledge, &mut problems);
    check_references(knowledge, written, &mut problems);
    check_featured(knowledge, written, &mut problems);
    check_texts(knowledge, &mut problems);
    check_lexicon(knowledge, &mut problems);
    for entry in &knowledge.entries {
        check_dates(entry, written, today, &mut problems);
    }
    problems
}

/// Reports a name that is given twice. Names are compared as given.
fn check_unique<'a>(
    kind: &str,
    hint: &str,
    named: impl Iterator<Item = (String, &'a Location)>,
    problems: &mut Vec<Problem>,
) {
    let mut first_places: BTreeMap<String, &Location> = BTreeMap::new();
    for (name, location) in named {
        if let Some(first) = first_places.get(&name) {
            // `gold supplier` and `goldsupplier` in one group are two spellings that fold alike.
            if *first == location {
                continue;
            }
            let what = format!("{kind} `{name}` stands already at {first}");
            problems.push(Problem::error(location.clone(), what, hint));
        } else {
            first_places.insert(name, location);
        }
    }
}

fn check_ids(knowledge: &KnowledgeBase, problems: &mut Vec<Problem>) {
    let hint = "ids are unique; choose another one";
    let entries = knowledge.entries.iter();
    let entries = entries.map(|entry| (entry.id.to_string(), &entry.location));
    check_unique("the entry id", hint, entries, problems);
    let desks = knowledge.desks.iter();
    let desks = desks.map(|desk| (desk.id.to_string(), &desk.location));
    check_unique("the desk id", hint, desks, problems);
    let points = knowledge.desks.iter().flat_map(|desk| &desk.contact_points);
    let points = points.map(|point| (point.id.to_string(), &point.location));
    check_unique("the contact point id", hint, points, problems);
    let referrals = knowledge.referrals.iter();
    let small_talk = knowledge.small_talk.iter();
    let hand_offs = knowledge.hand_offs.iter();
    let out_of_scope = knowledge.out_of_scope.iter();
    let topics = referrals
        .map(|topic| (topic.id.to_string(), &topic.location))
        .chain(small_talk.map(|topic| (topic.id.to_string(), &topic.location)))
        .chain(hand_offs.map(|topic| (topic.id.to_string(), &topic.location)))
        .chain(out_of_scope.map(|topic| (topic.id.to_string(), &topic.location)));
    check_unique("the id", hint, topics, problems);
}

fn check_references(knowledge: &KnowledgeBase, written: &Written, problems: &mut Vec<Problem>) {
    let ids: BTreeSet<&str> = knowledge.entries.iter().map(|e| e.id.as_str()).collect();
    let points = knowledge.desks.iter().flat_map(|desk| &desk.contact_points);
    let points: Vec<&str> = points.map(|point| point.id.as_str()).collect();
    let mut check_entry = |place: &dyn Fn() -> Location, what: String, name: &str| {
        if ids.contains(name) || written.may_have("entry", name) {
            return;
        }
        let known: Vec<&str> = ids.iter().copied().collect();
        let hint = match nearest(name, &known) {
            Some(meant) => format!("did you mean `{meant}`? if not, remove it"),
            None => "write the `id` of an entry, or remove it".to_owned(),
        };
        let what = format!("{what} names `{name}`, and there is no such entry");
        problems.push(Problem::error(place(), what, hint));
    };
    for desk in &knowledge.desks {
        let place = || written.place(&desk.location, "featured");
        for id in &desk.featured {
            let what = format!("desk \"{}\": `featured`", desk.id);
            check_entry(&place, what, id.as_str());
        }
    }
    for entry in &knowledge.entries {
        let place = || written.place(&entry.location, "related");
        for related in entry.related.iter().filter(|id| **id != entry.id) {
            let what = format!("entry \"{}\": `related`", entry.id);
            check_entry(&place, what, related.as_str());
        }
    }
    for entry in &knowledge.entries {
        let mut report = |key: &'static str, what: String, hint: &str| {
            let what = format!("entry \"{}\": `{key}` names {what}", entry.id);
            let place = written.place(&entry.location, key);
            problems.push(Problem::error(place, what, hint));
        };
        if entry.related.contains(&entry.id) {
            report("related", "the entry itself".to_owned(), "remove it");
        }
        if let Some(contact) = &entry.contact {
            let name = contact.as_str();
            if !points.contains(&name) && !written.may_have("contact_point", name) {
                report(
                    "contact",
                    format!("`{name}`, and no desk has such a contact point"),
                    &did_you_mean(name, &points),
                );
            }
        }
    }
}

/// Reports a desk that shows another desk's entry as its own.
fn check_featured(knowledge: &KnowledgeBase, written: &Written, problems: &mut Vec<Problem>) {
    for desk in &knowledge.desks {
        let entries = desk.featured.iter();
        let entries = entries.filter_map(|id| knowledge.entry(id.as_str()));
        for entry in entries.filter(|entry| entry.desk != desk.id) {
            let place = written.place(&desk.location, "featured");
            let what = format!(
                "desk \"{}\": `featured` names `{}`, an entry of the desk `{}`",
                desk.id, entry.id, entry.desk
            );
            problems.push(Problem::error(
                place,
                what,
                "remove it, or name it in that desk's `featured`",
            ));
        }
    }
}

/// Brings a text to the form in which two that look alike are equal.
fn folded(text: &str) -> String {
    let dropped = |c: &char| c.is_whitespace() || matches!(c, '?' | '!' | '。' | '、' | '.' | ',');
    let folded = text.nfkc().flat_map(char::to_lowercase);
    folded.filter(|c| !dropped(c)).collect()
}

/// Reports a text that leads to two subjects, of whatever kind.
fn check_texts(knowledge: &KnowledgeBase, problems: &mut Vec<Problem>) {
    let mut owners: BTreeMap<String, (String, Location)> = BTreeMap::new();
    let mut check = |owner: String, text: &str, location: &Location| {
        let key = folded(text);
        match owners.get(&key) {
            Some((other, place)) if *other != owner => {
                problems.push(Problem::error(
                    location.clone(),
                    format!("{owner} and {other} ({place}) are both asked as `{text}`"),
                    "keep it in the one that answers it; if both do, say more in each (marks, spaces, width and capitals make no difference)",
                ));
            }
            Some(_) => {}
            None => {
                owners.insert(key, (owner, location.clone()));
            }
        }
    };
    for entry in &knowledge.entries {
        check(
            format!("entry \"{}\"", entry.id),
            &entry.question,
            &entry.location,
        );
    }
    let entries = knowledge.entries.iter();
    let entries = entries.map(|e| (format!("entry \"{}\"", e.id), &e.variants));
    let referrals = knowledge.referrals.iter();
    let referrals = referrals.map(|r| (format!("referral \"{}\"", r.id), &r.variants));
    let small_talk = knowledge.small_talk.iter();
    let small_talk = small_talk.map(|s| (format!("small_talk \"{}\"", s.id), &s.variants));
    let hand_offs = knowledge.hand_offs.iter();
    let hand_offs = hand_offs.map(|h| (format!("hand_off \"{}\"", h.id), &h.variants));
    let out_of_scope = knowledge.out_of_scope.iter();
    let out_of_scope = out_of_scope.map(|o| (format!("out_of_scope \"{}\"", o.id), &o.variants));
    let all: Vec<(String, &Vec<Variant>)> = entries
        .chain(referrals)
        .chain(small_talk)
        .chain(hand_offs)
        .chain(out_of_scope)
        .collect();
    for (owner, variants) in all {
        for variant in variants {
            for text in &variant.texts {
                check(owner.clone(), text, &variant.location);
            }
        }
    }
}

fn check_lexicon(knowledge: &KnowledgeBase, problems: &mut Vec<Problem>) {
    let lexicon = &knowledge.lexicon;
    let hint = "a word belongs to one group; join the two groups, or remove it from one";
    let spellings = lexicon.spellings.iter().flat_map(|spelling| {
        let variants = spelling.variants.iter();
        variants.map(|variant| (folded(variant), &spelling.location))
    });
    check_unique("the spelling", hint, spellings, problems);
    let terms = lexicon.synonyms.iter().flat_map(|group| {
        let terms = group.terms.iter();
        terms.map(|term| (folded(term), &group.location))
    });
    check_unique("the synonym", hint, terms, problems);
    let words = lexicon.words.iter();
    let words = words.map(|word| (folded(&word.surface), &word.location));
    check_unique("the word", "remove one of the two", words, problems);
}

fn check_dates(entry: &Entry, written: &Written, today: Date, problems: &mut Vec<Problem>) {
    let place = |key| written.place(&entry.location, key);
    let name = format!("entry \"{}\"", entry.id);
    if let (Some(from), Some(until)) = (entry.valid_from, entry.valid_until)
        && until < from
    {
        problems.push(Problem::error(
            place("valid_until"),
            format!("{name}: `valid_until` {until} is before `valid_from` {from}"),
            "correct one of the two days; `valid_until` is the last day on which the answer is true",
        ));
    } else if let Some(until) = entry.valid_until
        && until < today
    {
        problems.push(Problem::warning(
            place("valid_until"),
            format!("{name}: `valid_until` {until} is over, so nobody is shown this answer"),
            "remove the entry, or give it a new answer and a new day",
        ));
    }
    if let Some(review) = entry.review_by
        && review < today
    {
        problems.push(Problem::warning(
            place("review_by"),
            format!("{name}: the answer was to be reviewed by {review}"),
            "confirm the answer and set a new `review_by`",
        ));
    }
}
