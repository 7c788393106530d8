//! Edits of referrals and out-of-scope subjects.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{EditRefusal, Workbench, add_new};
use crate::exchange::{
    Given, Keys, List, Mark, NewTopic, Row, Setting, TopicKind, add_topic, new_id,
    set_topic_variants,
};
use crate::knowledge::{OutOfScope, Referral, Variant};

/// The file of out-of-scope subjects.
pub const OUT_OF_SCOPE_FILE: &str = "out_of_scope.toml";

/// The beginning of the ids of out-of-scope subjects, which have no desk.
const OUT_OF_SCOPE_DESK: &str = "other";

/// A referral or an out-of-scope subject, as a form has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenTopic {
    /// The kind.
    pub kind: TopicKind,
    /// The id; empty for a new one.
    pub id: String,
    /// The id of the desk; only of a referral.
    pub desk: String,
    /// The subject as members see it; only of a referral.
    pub topic: String,
    /// Ways to ask about it, in the notation of variants.
    pub variants: Vec<String>,
}

impl From<&Referral> for WrittenTopic {
    fn from(referral: &Referral) -> Self {
        Self {
            kind: TopicKind::Referral,
            id: referral.id.to_string(),
            desk: referral.desk.to_string(),
            topic: referral.topic.clone(),
            variants: patterns(&referral.variants),
        }
    }
}

impl From<&OutOfScope> for WrittenTopic {
    fn from(subject: &OutOfScope) -> Self {
        Self {
            kind: TopicKind::OutOfScope,
            id: subject.id.to_string(),
            desk: String::new(),
            topic: String::new(),
            variants: patterns(&subject.variants),
        }
    }
}

fn patterns(variants: &[Variant]) -> Vec<String> {
    let patterns = variants.iter().map(Variant::pattern);
    patterns.map(str::to_owned).collect()
}

impl Workbench<'_> {
    /// Adds a referral of a desk; returns its id.
    ///
    /// # Errors
    /// [`EditRefusal`] if there is no such desk, or the file cannot be changed.
    pub fn add_referral(
        mut self,
        desk: &str,
        topic: &str,
        questions: &[String],
    ) -> Result<String, EditRefusal> {
        let file = self.topic_file(TopicKind::Referral, desk)?;
        let id = new_id(topic, desk, &self.topic_ids());
        let new = self.topic(TopicKind::Referral, &id, topic, questions);
        self.rewrite(&file, |_, text| add_topic(text, &new))?;
        Ok(id)
    }

    /// Adds an out-of-scope subject; returns its id.
    ///
    /// # Errors
    /// [`EditRefusal`] if the folder has no file of such subjects, or it cannot be changed.
    pub fn add_out_of_scope(mut self, questions: &[String]) -> Result<String, EditRefusal> {
        let file = self.topic_file(TopicKind::OutOfScope, "")?;
        let first = questions.first().map_or("", String::as_str);
        let id = new_id(first, OUT_OF_SCOPE_DESK, &self.topic_ids());
        let new = self.topic(TopicKind::OutOfScope, &id, "", questions);
        self.rewrite(&file, |_, text| add_topic(text, &new))?;
        Ok(id)
    }

    /// Adds questions of members as variants of a referral or an out-of-scope subject.
    ///
    /// # Errors
    /// [`EditRefusal`] if there is no such subject, or its file cannot be changed.
    pub fn add_topic_variants(
        mut self,
        kind: TopicKind,
        id: &str,
        questions: &[String],
    ) -> Result<(), EditRefusal> {
        let (file, known) = self.known_topic(kind, id)?;
        let mut variants = known.variants;
        add_new(&mut variants, "", questions);
        self.rewrite(&file, |path, text| {
            set_topic_variants(path, text, kind, id, &variants)
        })
    }

    fn topic(&self, kind: TopicKind, id: &str, topic: &str, questions: &[String]) -> NewTopic {
        let mut variants = Vec::new();
        add_new(&mut variants, "", questions);
        NewTopic {
            kind,
            id: id.to_owned(),
            topic: topic.to_owned(),
            variants,
        }
    }

    /// Returns the ids of all subjects that are no entries; they share one namespace.
    fn topic_ids(&self) -> BTreeSet<String> {
        let knowledge = &self.knowledge;
        let referrals = knowledge.referrals.iter().map(|it| &it.id);
        let ids = referrals.chain(knowledge.out_of_scope.iter().map(|it| &it.id));
        let ids = ids.chain(knowledge.small_talk.iter().map(|it| &it.id));
        let ids = ids.chain(knowledge.hand_offs.iter().map(|it| &it.id));
        ids.map(ToString::to_string).collect()
    }

    /// Changes a subject, or adds one if it has no id yet.
    ///
    /// # Errors
    /// [`EditRefusal`] if there is no such subject or desk, or its file cannot be changed or would have errors.
    pub fn write_topic(mut self, topic: WrittenTopic) -> Result<(), EditRefusal> {
        let WrittenTopic { kind, id, .. } = &topic;
        let variants = || ("variants", Some(Given::Variants(topic.variants.clone())));
        let name = || ("topic", Some(Given::Text(topic.topic.clone())));
        let mut keys: Keys = Vec::new();
        let (file, of) = if id.is_empty() {
            let file = self.topic_file(*kind, &topic.desk)?;
            let (text, desk) = match kind {
                TopicKind::Referral => (topic.topic.as_str(), topic.desk.as_str()),
                TopicKind::OutOfScope => {
                    let first = topic.variants.first();
                    (first.map_or("", String::as_str), OUT_OF_SCOPE_DESK)
                }
            };
            let id = new_id(text, desk, &self.topic_ids());
            keys.push(("id", Some(Given::Text(id))));
            keys.extend((*kind == TopicKind::Referral).then(name));
            keys.push(variants());
            (file, None)
        } else {
            let (file, known) = self.known_topic(*kind, id)?;
            keys.extend((known.topic != topic.topic).then(name));
            keys.extend((known.variants != topic.variants).then(variants));
            (file, Some(Mark("id", Given::Text(id.clone()))))
        };
        if keys.is_empty() {
            return Ok(());
        }
        let list = List(None, kind.key());
        self.set_checked(&file, &[Setting::Row(list, Row { of, keys })])
    }

    /// Removes a subject.
    ///
    /// # Errors
    /// As [`Self::write_topic`].
    pub fn remove_topic(mut self, kind: TopicKind, id: &str) -> Result<(), EditRefusal> {
        let (file, _) = self.known_topic(kind, id)?;
        let mark = Mark("id", Given::Text(id.to_owned()));
        self.set_checked(&file, &[Setting::WithoutRow(List(None, kind.key()), mark)])
    }

    /// Finds a subject of the folder with its file.
    fn known_topic(
        &self,
        kind: TopicKind,
        id: &str,
    ) -> Result<(PathBuf, WrittenTopic), EditRefusal> {
        let knowledge = &self.knowledge;
        let found = match kind {
            TopicKind::Referral => {
                let mut referrals = knowledge.referrals.iter();
                let found = referrals.find(|referral| referral.id.as_str() == id);
                found.map(|it| (it.location.file.to_path_buf(), WrittenTopic::from(it)))
            }
            TopicKind::OutOfScope => {
                let mut subjects = knowledge.out_of_scope.iter();
                let found = subjects.find(|it| it.id.as_str() == id && !it.is_default);
                found.map(|it| (OUT_OF_SCOPE_FILE.into(), WrittenTopic::from(it)))
            }
        };
        found.ok_or_else(|| EditRefusal::Missing(id.to_owned()))
    }

    /// Returns the file for a new subject.
    fn topic_file(&self, kind: TopicKind, desk: &str) -> Result<PathBuf, EditRefusal> {
        match kind {
            TopicKind::OutOfScope if self.over.has_file(OUT_OF_SCOPE_FILE) => {
                Ok(OUT_OF_SCOPE_FILE.into())
            }
            TopicKind::OutOfScope => Err(EditRefusal::ShippedSubjects),
            TopicKind::Referral => {
                let found = self.knowledge.desk(desk);
                let desk = found.ok_or_else(|| EditRefusal::Missing(desk.to_owned()))?;
                let own = self.knowledge.referrals.iter();
                let last = own.rev().find(|referral| referral.desk == desk.id);
                Ok(last.map_or_else(
                    || Path::new(desk.id.as_str()).join("referrals.toml"),
                    |referral| referral.location.file.to_path_buf(),
                ))
            }
        }
    }
}
