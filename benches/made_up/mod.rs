//! Made-up knowledge of any size: plausible Japanese, the same for the same number and seed.
//!
//! Input: a number of phrases. Output: a knowledge folder, and questions with the entry that each
//! asks for. A subject is what a member wants to do (変更) with an object (貸出期間) of a facility or
//! product (朝霞図書館). Names occur in about 24 entries each, objects and actions in thousands, so
//! terms are as unevenly distributed as in the FAQ of a large organisation.
//!
//! Invariants: no text belongs to two entries; no question equals a phrase.

mod words;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use words::{ACTIONS, Action, DOMAINS, Domain, Object, PLACE_HEADS, PLACE_TAILS, SYLLABLES, Verb};

/// Number of phrases of an entry: its question and its variants.
pub(crate) const PHRASES_PER_ENTRY: usize = 10;

/// Number of entries in a file.
const ENTRIES_PER_FILE: usize = 200;

/// Range of the number of entries with the same facility or product.
const ENTRIES_PER_NAME: (usize, usize) = (6, 42);

/// The question of an entry. `N` is the name, `O` the object; the others are forms of the verb.
const QUESTIONS: [&str; 4] = [
    "{N}の{O}を{plain}にはどうすればよいですか。",
    "{N}の{O}は{can}ますか。",
    "{N}の{O}を{plain}手続きを教えてください。",
    "{N}で{O}の{noun}はいつまでにすればよいですか。",
];

/// Variants of an entry.
const VARIANTS: [&str; 16] = [
    "{N}の{O}を{stem}たい",
    "{N}の{O}を{plain}ことは可能ですか",
    "{N} {O} {noun}",
    "{N}で{O}を{plain}方法",
    "{O}を{stem}たいのですが、{N}の場合はどうなりますか",
    "{N}の{O}って{can}る？",
    "急に{N}の{O}を{plain}ことになりました",
    "{N}で{O}が{can}なくて困っています",
    "{N}の{O}の{noun}に必要なもの",
    "{N}の{O}を{te}もらえますか",
    "家族の代わりに{N}の{O}を{stem}たい",
    "{N}の{O}を{plain}のに手数料はかかりますか",
    "ネットで{N}の{O}を{plain}ことはできますか",
    "いつまでなら{N}の{O}を{can}ますか",
    "{O} {noun} {N} 窓口",
    "{N}に電話して{O}を{te}もらうことはできる？",
];

/// Questions of members, with their style: other sentences than those of the knowledge.
const ASKED: [(&str, &str); 6] = [
    (
        "すみません、{N}の{O}を{stem}たいんですけど、どこに言えばいいですか",
        "casual",
    ),
    ("{N}なんですが、{O}の{noun}をお願いしたいです", "polite"),
    (
        "{O}を{plain}つもりです。{N}ではどんな手続きになりますか",
        "polite",
    ),
    ("{O}{can}ますか {N}", "short"),
    (
        "前に{N}で{O}のことを相談した者ですが、やはり{stem}たいです",
        "situation",
    ),
    ("{N} {O} {stem}たい", "short"),
];

/// Ways in which an answer says where to go.
const PLACES: [&str; 6] = [
    "一階の総合受付",
    "会員ページの「各種手続き」",
    "お近くの取扱店",
    "専用の申請フォーム",
    "平日の電話窓口",
    "郵送",
];

/// What an answer asks to bring.
const PAPERS: [&str; 6] = [
    "本人確認書類",
    "お客さま番号の分かるもの",
    "委任状",
    "申込時の控え",
    "印鑑",
    "利用者証",
];

/// A seeded generator of numbers (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}

/// An entry of the made-up knowledge.
pub(crate) struct Entry {
    /// The id.
    pub(crate) id: String,
    /// The facility or product.
    name: String,
    domain: &'static Domain,
    object: &'static Object,
    action: &'static Action,
    /// The question and the variants.
    phrases: Vec<String>,
}

/// Generates entries until they have a number of phrases.
pub(crate) fn entries(phrases: usize, seed: u64) -> Vec<Entry> {
    let random = &mut Random::new(seed);
    let mut taken_names = HashSet::new();
    let mut taken_texts = HashSet::new();
    let mut entries = Vec::new();
    let count = phrases.div_ceil(PHRASES_PER_ENTRY);
    for number in 0.. {
        let domain = &DOMAINS[number % DOMAINS.len()];
        let name = loop {
            let name = name(domain, random);
            if taken_names.insert(name.clone()) {
                break name;
            }
        };
        let pairs = domain.objects.iter();
        let pairs = pairs.flat_map(|object| ACTIONS.iter().map(move |action| (object, action)));
        let mut pairs: Vec<(&Object, &Action)> = pairs.collect();
        random.shuffle(&mut pairs);
        let (least, most) = ENTRIES_PER_NAME;
        pairs.truncate(least + random.below(most - least));
        for (object, action) in pairs {
            let mut entry = Entry {
                id: format!("{}-{number:04}-{}-{}", domain.id, object.id, action.id),
                name: name.clone(),
                domain,
                object,
                action,
                phrases: Vec::with_capacity(PHRASES_PER_ENTRY),
            };
            entry.add_phrases(random, &mut taken_texts);
            entries.push(entry);
            if entries.len() == count {
                return entries;
            }
        }
    }
    entries
}

/// Makes up the name of a facility (朝霞図書館) or a product (ミレナ掃除機).
fn name(domain: &Domain, random: &mut Random) -> String {
    let kind = *random.pick(&domain.kinds);
    if matches!(domain.id, "telecom" | "shop") {
        let syllables = (0..3 + random.below(2)).map(|_| *random.pick(&SYLLABLES));
        return syllables.chain([kind]).collect();
    }
    let (head, tail) = (random.pick(&PLACE_HEADS), random.pick(&PLACE_TAILS));
    format!("{head}{tail}{kind}")
}

impl Entry {
    fn add_phrases(&mut self, random: &mut Random, taken: &mut HashSet<String>) {
        let question = *random.pick(&QUESTIONS);
        // The document uses its own words, members any.
        self.add(self.say(question, 0, 0), taken);
        let mut templates: Vec<&str> = VARIANTS.to_vec();
        random.shuffle(&mut templates);
        for template in templates.iter().cycle() {
            if self.phrases.len() == PHRASES_PER_ENTRY {
                return;
            }
            let text = self.say(template, random.below(3), random.below(3));
            self.add(text, taken);
        }
    }

    fn add(&mut self, text: String, taken: &mut HashSet<String>) {
        let folded = text.trim_end_matches(['。', '？']).to_owned();
        if taken.insert(folded) {
            self.phrases.push(text);
        }
    }

    /// Writes a sentence with one of the words for the object and one of the verbs.
    fn say(&self, template: &str, word: usize, verb: usize) -> String {
        let Verb {
            plain,
            stem,
            te,
            can,
        } = &self.action.verbs[verb];
        template
            .replace("{N}", &self.name)
            .replace("{O}", self.object.words[word])
            .replace("{noun}", self.action.noun)
            .replace("{plain}", plain)
            .replace("{stem}", stem)
            .replace("{te}", te)
            .replace("{can}", can)
    }

    /// Writes the entry as TOML.
    fn toml(&self, random: &mut Random, out: &mut String) {
        let [question, variants @ ..] = self.phrases.as_slice() else {
            return;
        };
        let (object, noun) = (self.object.words[0], self.action.noun);
        let _ = write!(
            out,
            "\n[[entry]]\nid = \"{}\"\ncategory = \"{}\"\nquestion = \"{question}\"\nvariants = [\n",
            self.id, self.name
        );
        for variant in variants {
            let _ = writeln!(out, "  \"{variant}\",");
        }
        let _ = write!(
            out,
            "]\nanswer = \"\"\"\n{}の{object}の{noun}は、{}で受け付けています。{}をご用意ください。\n\n手数料は{}円です。{}日前までにお手続きください。\n\"\"\"\nsource = {{ document = \"{}のしおり\", section = \"{object}\" }}\n",
            self.name,
            random.pick(&PLACES),
            random.pick(&PAPERS),
            10 * random.below(300),
            1 + random.below(60),
            self.name,
        );
    }
}

/// Writes a knowledge folder with a number of phrases, and `questions.tsv` for `madoguchi evaluate`.
///
/// # Errors
/// The error of writing a file.
pub(crate) fn write(folder: &Path, phrases: usize, seed: u64) -> io::Result<()> {
    let random = &mut Random::new(seed);
    let entries = entries(phrases, seed);
    for domain in &DOMAINS {
        let own: Vec<&Entry> = entries
            .iter()
            .filter(|e| e.domain.id == domain.id)
            .collect();
        let folder = folder.join(domain.id);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("desk.toml"), desk(domain))?;
        for (number, part) in own.chunks(ENTRIES_PER_FILE).enumerate() {
            let mut text = format!("# {}のよくある質問\n", domain.name);
            for entry in part {
                entry.toml(random, &mut text);
            }
            fs::write(folder.join(format!("faq-{number:03}.toml")), text)?;
        }
    }
    let questions = questions(&entries, 1_000, seed);
    let rows = questions.iter();
    let rows = rows.map(|Question { text, entry, style }| format!("{text}\t{entry}\t{style}\n"));
    fs::write(folder.join("questions.tsv"), rows.collect::<String>())
}

fn desk(domain: &Domain) -> String {
    let Domain {
        id, name, name_en, ..
    } = domain;
    format!(
        "id = \"{id}\"\nname = {{ ja = \"{name}\", en = \"{name_en}\" }}\nprogramme = {{ ja = \"{name}\", en = \"{name_en}\" }}\nwords = [\"{name}\"]\n\n[[contact_point]]\nid = \"{id}-email\"\nkind = \"email\"\nlabel = {{ ja = \"メール\", en = \"E-mail\" }}\nvalue = \"{id}@made-up.example\"\n"
    )
}

/// A question of a member.
pub(crate) struct Question {
    /// The question.
    pub(crate) text: String,
    /// The id of the entry that it asks for.
    pub(crate) entry: String,
    /// Its style, as in `tests/questions/`.
    pub(crate) style: &'static str,
}

/// Derives questions from entries. One in twelve lacks a character, as after a slip of the finger.
pub(crate) fn questions(entries: &[Entry], count: usize, seed: u64) -> Vec<Question> {
    let random = &mut Random::new(seed ^ 0x5eed);
    let mut questions = Vec::with_capacity(count);
    while questions.len() < count && !entries.is_empty() {
        let entry = random.pick(entries);
        let (template, mut style) = *random.pick(&ASKED);
        let mut text = entry.say(template, random.below(3), random.below(3));
        if random.below(12) == 0 {
            let letters = text.chars().count();
            let dropped = random.below(letters);
            let kept = text.chars().enumerate();
            let kept = kept.filter(|(index, _)| *index != dropped);
            text = kept.map(|(_, letter)| letter).collect();
            style = "typo";
        }
        if !entry.phrases.contains(&text) {
            let entry = entry.id.clone();
            questions.push(Question { text, entry, style });
        }
    }
    questions
}
