//! Groups texts that ask the same: by their terms, and by embeddings where there is a model.
//!
//! Each text joins the group that it is most alike, or opens a group of its own; the most frequent texts
//! come first. Rare terms weigh more. Then groups whose first texts mean the same are joined, if there
//! is a model.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rustc_hash::FxHashMap;
use serde::{Serialize, Serializer};

use crate::answer::Assistant;
use crate::embedding::{Vector, Vectors};
use crate::knowledge::folded;

/// Least cosine similarity of the terms of a text and of a group.
const MIN_TERM_SIMILARITY: f32 = 0.45;

/// Least cosine similarity of the embeddings of two groups. Unrelated questions have about 0.8.
const MIN_MEANING_SIMILARITY: f32 = 0.93;

/// Number of groups that are compared by embeddings, since each costs milliseconds.
const MAX_EMBEDDED_GROUPS: usize = 300;

/// Number of examples of a group.
const MAX_EXAMPLES: usize = 5;

/// A text with the number of times that it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wording {
    /// The text, in its first spelling.
    pub text: String,
    /// The number of times.
    pub count: usize,
    /// The hashes of the conversations; serialised as their number.
    #[serde(serialize_with = "as_number")]
    pub conversations: BTreeSet<String>,
}

/// Texts that ask the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The number of times that one of them was written.
    pub count: usize,
    /// The number of conversations; one in which several of the texts were written counts once.
    pub conversations: usize,
    /// The number of different texts.
    pub texts: usize,
    /// The most frequent texts.
    pub examples: Vec<Wording>,
    /// The other texts.
    #[serde(skip)]
    pub others: Vec<Wording>,
}

impl Group {
    /// Returns all texts, the most frequent first.
    pub fn all(&self) -> impl Iterator<Item = &Wording> {
        self.examples.iter().chain(&self.others)
    }

    /// Keeps some of the texts, and counts only them.
    pub fn retain(&mut self, keep: impl FnMut(&Wording) -> bool) {
        let mut texts = std::mem::take(&mut self.examples);
        texts.append(&mut self.others);
        texts.retain(keep);
        *self = group(texts);
    }
}

/// Counts texts, regardless of width, case and spaces; the most frequent first.
#[must_use]
pub fn distinct<'a>(written: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Wording> {
    let mut found: BTreeMap<String, (&str, usize, BTreeSet<&str>)> = BTreeMap::new();
    for (text, conversation) in written {
        let (_, count, conversations) = found
            .entry(folded(text))
            .or_insert_with(|| (text, 0, BTreeSet::new()));
        *count += 1;
        conversations.insert(conversation);
    }
    let mut wordings: Vec<Wording> = found
        .into_values()
        .map(|(text, count, conversations)| Wording {
            text: text.to_owned(),
            count,
            conversations: conversations.into_iter().map(str::to_owned).collect(),
        })
        .collect();
    wordings.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
    wordings
}

fn as_number<S: Serializer>(
    conversations: &BTreeSet<String>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    conversations.len().serialize(serializer)
}

/// The terms of a text with their weights, as a unit vector.
type Terms = FxHashMap<String, f32>;

struct Cluster {
    /// The sum of the terms of its texts.
    sum: Terms,
    members: Vec<Wording>,
}

/// Groups texts, the most frequent group first.
#[must_use]
pub fn grouped(assistant: &Assistant, wordings: Vec<Wording>) -> Vec<Group> {
    let clusters = by_terms(assistant, wordings);
    let clusters = by_meaning(assistant, clusters);
    let mut groups: Vec<Group> = clusters.into_iter().map(group).collect();
    groups.sort_by(|a, b| {
        let order = b.count.cmp(&a.count);
        order.then_with(|| a.examples[0].text.cmp(&b.examples[0].text))
    });
    groups
}

fn group(mut members: Vec<Wording>) -> Group {
    members.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
    let conversations = members.iter().flat_map(|wording| &wording.conversations);
    let conversations: BTreeSet<&String> = conversations.collect();
    Group {
        count: members.iter().map(|wording| wording.count).sum(),
        conversations: conversations.len(),
        texts: members.len(),
        others: members.split_off(members.len().min(MAX_EXAMPLES)),
        examples: members,
    }
}

fn by_terms(assistant: &Assistant, wordings: Vec<Wording>) -> Vec<Vec<Wording>> {
    let searcher = assistant.searcher();
    let analyzed: Vec<Vec<(String, f32)>> = wordings
        .iter()
        .map(|wording| {
            let words = searcher.analyze(&wording.text).words.into_iter();
            words.map(|word| (word.text, word.weight)).collect()
        })
        .collect();
    let mut frequency: HashMap<&str, usize> = HashMap::new();
    for terms in &analyzed {
        let terms: BTreeSet<&str> = terms.iter().map(|(term, _)| term.as_str()).collect();
        for term in terms {
            *frequency.entry(term).or_default() += 1;
        }
    }
    let total = analyzed.len() as f32;
    let weigh = |terms: &[(String, f32)]| {
        let mut weighted = Terms::default();
        for (term, weight) in terms {
            let count = frequency.get(term.as_str()).copied().unwrap_or(1) as f32;
            *weighted.entry(term.clone()).or_default() += weight * (1.0 + total / count).ln();
        }
        let length = length(&weighted);
        weighted.values_mut().for_each(|weight| *weight /= length);
        weighted
    };
    let mut clusters: Vec<Cluster> = Vec::new();
    // The clusters that have a term.
    let mut places: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    for (wording, terms) in wordings.into_iter().zip(&analyzed) {
        let terms = weigh(terms);
        let mut products: FxHashMap<usize, f32> = FxHashMap::default();
        for (term, weight) in &terms {
            for cluster in places.get(term).into_iter().flatten() {
                let other = clusters[*cluster].sum.get(term).copied().unwrap_or(0.0);
                *products.entry(*cluster).or_default() += weight * other;
            }
        }
        let similarities = products.into_iter();
        let similarities = similarities
            .map(|(cluster, product)| (cluster, product / length(&clusters[cluster].sum)));
        // The lower number wins a tie, so that the result does not depend on the order of the map.
        let best = similarities.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
        let cluster = match best.filter(|(_, similarity)| *similarity >= MIN_TERM_SIMILARITY) {
            Some((cluster, _)) => cluster,
            None => {
                clusters.push(Cluster {
                    sum: Terms::default(),
                    members: Vec::new(),
                });
                clusters.len() - 1
            }
        };
        for (term, weight) in terms {
            let known = places.entry(term.clone()).or_default();
            if !known.contains(&cluster) {
                known.push(cluster);
            }
            *clusters[cluster].sum.entry(term).or_default() += weight;
        }
        clusters[cluster].members.push(wording);
    }
    clusters
        .into_iter()
        .map(|cluster| cluster.members)
        .collect()
}

fn length(terms: &Terms) -> f32 {
    let squares: f32 = terms.values().map(|weight| weight * weight).sum();
    squares.sqrt().max(f32::MIN_POSITIVE)
}

/// Joins groups whose first texts mean the same; without a model in the process, nothing is joined.
fn by_meaning(assistant: &Assistant, mut clusters: Vec<Vec<Wording>>) -> Vec<Vec<Wording>> {
    let count = |cluster: &Vec<Wording>| cluster.iter().map(|w| w.count).sum::<usize>();
    clusters.sort_by_key(|cluster| std::cmp::Reverse(count(cluster)));
    let searcher = assistant.searcher();
    let mut joined: Vec<Vec<Wording>> = Vec::new();
    let mut vectors = Vectors::default();
    let mut embedded: Vec<usize> = Vec::new();
    for (index, cluster) in clusters.into_iter().enumerate() {
        let first = &cluster[0].text;
        let vector: Option<Vector> = (index < MAX_EMBEDDED_GROUPS)
            .then(|| searcher.embed_in_process(first))
            .flatten();
        let similarities = vector.as_ref().map(|vector| vectors.cosines(vector));
        let similarities = similarities.into_iter().flatten().enumerate();
        let best = similarities.max_by(|a, b| a.1.total_cmp(&b.1));
        match best.filter(|(_, similarity)| *similarity >= MIN_MEANING_SIMILARITY) {
            Some((place, _)) => joined[embedded[place]].extend(cluster),
            None => {
                if let Some(vector) = vector {
                    vectors.push(&vector);
                    embedded.push(joined.len());
                }
                joined.push(cluster);
            }
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_counted_regardless_of_their_width() {
        let written = [
            ("会費は？", "a"),
            ("会費は?", "b"),
            ("退会", "a"),
            ("会費は？", "a"),
        ];
        let wordings = distinct(written);
        assert_eq!(wordings.len(), 2, "{wordings:?}");
        let first = &wordings[0];
        assert_eq!((first.count, first.conversations.len()), (3, 2));
        assert_eq!(first.text, "会費は？");
        let json = serde_json::to_value(first).expect("JSON");
        assert_eq!(json["conversations"], 2);
    }

    #[test]
    fn a_conversation_with_several_wordings_counts_once_in_their_group() {
        let one_member = distinct([("会費は", "a"), ("会費を教えて", "a"), ("会費", "a")]);
        assert_eq!(group(one_member).conversations, 1);
        let two_members = distinct([("会費は", "a"), ("会費を教えて", "b"), ("会費", "a")]);
        let group = group(two_members);
        assert_eq!((group.count, group.conversations), (3, 2));
    }

    #[test]
    fn any_texts_of_a_group_can_be_kept_and_only_they_are_counted() {
        let texts = ["a", "b", "c", "d", "e", "f", "g", "a"];
        let written = texts.iter().zip(["1", "1", "1", "1", "2", "2", "3", "4"]);
        let mut group = group(distinct(written.map(|(text, own)| (*text, own))));
        let all = |group: &Group| {
            let all = group.all().map(|wording| wording.text.as_str());
            all.collect::<Vec<_>>().concat()
        };
        assert_eq!((all(&group).as_str(), group.count), ("abcdefg", 8));
        group.retain(|wording| wording.text != "b");
        assert_eq!(all(&group), "acdefg");
        assert_eq!((group.examples.len(), group.others.len()), (5, 1));
        assert_eq!((group.count, group.texts, group.conversations), (7, 6, 4));
        group.retain(|wording| wording.text == "g");
        assert_eq!(all(&group), "g", "also the last one");
        assert_eq!((group.count, group.texts, group.conversations), (1, 1, 1));
        group.retain(|_| false);
        assert_eq!((group.count, group.texts, group.conversations), (0, 0, 0));
    }
}
