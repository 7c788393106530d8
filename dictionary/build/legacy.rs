//! Reads the data files of lindera-ipadic 0.3.0.
//!
//! All numbers are little-endian; `list` is a `u64` length and the items.
//!
//! | file | content |
//! |---|---|
//! | `dict.fst` | surface to `offset << 5 \| count`, in entries of `dict.vals` |
//! | `dict.vals` | entries: word id `u32`, cost `i16`, context id `u16` |
//! | `dict.wordsidx` | per word id: offset in `dict.words`, `u32` |
//! | `dict.words` | per word: nine texts |
//! | `matrix.mtx` | right size, left size, then the costs, all `i16` |
//! | `char_def.bin` | list of (invoke `u8`, group `u8`, length `u32`), list of names, list of boundaries `u32`, list of lists of category `u64` |
//! | `unk.bin` | list (per category) of lists of entry number `u32`, list of entries |
//!
//! Invariant: every word id from 0 to the highest has exactly one [`Word`], and every context id is
//! within the [`Matrix`].

use std::path::Path;

use anyhow::{Result, ensure};
use fst::{Map, Streamer};

use crate::bytes::{DataFile, Reader};

/// Details of a word: part of speech (4), conjugation (2), base form, reading,
/// pronunciation.
pub(crate) const DETAILS: usize = 9;

const ENTRY_LENGTH: usize = 8;
const OFFSET_LENGTH: usize = 4;
const COUNT_BITS: u64 = 5;

/// The complete dictionary.
pub(crate) struct Legacy {
    /// Ordered by word id.
    pub(crate) words: Vec<Word>,
    pub(crate) matrix: Matrix,
    pub(crate) characters: Characters,
    pub(crate) unknown: Vec<UnknownWord>,
}

/// A word of the dictionary.
pub(crate) struct Word {
    pub(crate) surface: String,
    pub(crate) entry: Entry,
    pub(crate) details: [String; DETAILS],
}

/// Parameters of the segmentation.
pub(crate) struct Entry {
    word_id: u32,
    pub(crate) cost: i16,
    /// Both the left and the right context id.
    pub(crate) context_id: u16,
}

/// Connection costs of adjacent words.
pub(crate) struct Matrix {
    pub(crate) right_size: usize,
    pub(crate) left_size: usize,
    /// Row by row: all left ids for the first right id, and so on.
    pub(crate) costs: Vec<i16>,
}

/// Categories of each character.
pub(crate) struct Characters {
    pub(crate) categories: Vec<Category>,
    /// First character of each range, and the indices of its categories.
    pub(crate) ranges: Vec<(u32, Vec<usize>)>,
}

/// Rules for unknown words of one category of characters.
pub(crate) struct Category {
    pub(crate) name: String,
    pub(crate) invoke: u8,
    pub(crate) group: u8,
    pub(crate) length: u32,
}

/// A possible part of speech of unknown words of one category.
pub(crate) struct UnknownWord {
    /// Index of the [`Category`].
    pub(crate) category: usize,
    pub(crate) entry: Entry,
}

impl Legacy {
    /// Reads all files in `folder`.
    pub(crate) fn load(folder: &Path) -> Result<Self> {
        let matrix = load_matrix(&DataFile::read(&folder.join("matrix.mtx"))?)?;
        let characters = load_characters(&DataFile::read(&folder.join("char_def.bin"))?)?;
        let unknown_file = DataFile::read(&folder.join("unk.bin"))?;
        let unknown = load_unknown(&unknown_file, characters.categories.len())?;
        let words = load_words(folder, &matrix)?;
        for unknown_word in &unknown {
            matrix.check(&unknown_word.entry, &unknown_file)?;
        }
        Ok(Self {
            words,
            matrix,
            characters,
            unknown,
        })
    }
}

impl Matrix {
    /// Returns whether `context_id` is valid as a left and as a right context id.
    pub(crate) fn covers(&self, context_id: u16) -> bool {
        usize::from(context_id) < self.left_size.min(self.right_size)
    }

    fn check(&self, entry: &Entry, file: &DataFile) -> Result<()> {
        let id = entry.context_id;
        ensure!(
            self.covers(id),
            file.damaged(format!("context id {id} is outside the matrix"))
        );
        Ok(())
    }
}

fn load_words(folder: &Path, matrix: &Matrix) -> Result<Vec<Word>> {
    let surfaces_file = DataFile::read(&folder.join("dict.fst"))?;
    let entries_file = DataFile::read(&folder.join("dict.vals"))?;
    let offsets_file = DataFile::read(&folder.join("dict.wordsidx"))?;
    let details_file = DataFile::read(&folder.join("dict.words"))?;

    let surfaces =
        Map::new(surfaces_file.bytes.as_slice()).map_err(|error| surfaces_file.damaged(error))?;
    let count = offsets_file.bytes.len() / OFFSET_LENGTH;
    let mut words: Vec<Option<Word>> = std::iter::repeat_with(|| None).take(count).collect();

    let mut stream = surfaces.stream();
    while let Some((surface, packed)) = stream.next() {
        let surface = std::str::from_utf8(surface).map_err(|error| surfaces_file.damaged(error))?;
        let first = usize::try_from(packed >> COUNT_BITS)?;
        let mut entries = entries_file.reader_at(first * ENTRY_LENGTH);
        for _ in 0..packed & ((1 << COUNT_BITS) - 1) {
            let entry = read_entry(&mut entries)?;
            matrix.check(&entry, &entries_file)?;
            let word_id = entry.word_id;
            let index = usize::try_from(word_id)?;
            let Some(place @ None) = words.get_mut(index) else {
                return Err(entries_file.damaged(format!(
                    "word id {word_id} is used twice or not below {count}"
                )));
            };
            let offset = offsets_file.reader_at(index * OFFSET_LENGTH).u32()?;
            let mut texts = details_file.reader_at(usize::try_from(offset)?);
            let mut details = [const { String::new() }; DETAILS];
            for detail in &mut details {
                texts.text()?.clone_into(detail);
            }
            *place = Some(Word {
                surface: surface.to_owned(),
                entry,
                details,
            });
        }
    }
    words
        .into_iter()
        .enumerate()
        .map(|(id, word)| {
            word.ok_or_else(|| entries_file.damaged(format!("word id {id} has no entry")))
        })
        .collect()
}

fn load_matrix(file: &DataFile) -> Result<Matrix> {
    let mut reader = file.reader_at(0);
    let right_size = usize::from(reader.u16()?);
    let left_size = usize::from(reader.u16()?);
    ensure!(
        right_size > 0 && left_size > 0,
        file.damaged("the matrix is empty")
    );
    let costs = (0..right_size * left_size)
        .map(|_| reader.i16())
        .collect::<Result<_>>()?;
    expect_end(&reader, file)?;
    Ok(Matrix {
        right_size,
        left_size,
        costs,
    })
}

fn load_characters(file: &DataFile) -> Result<Characters> {
    let mut reader = file.reader_at(0);
    let definitions = reader.list(|r| Ok((r.u8()?, r.u8()?, r.u32()?)))?;
    let names = reader.list(Reader::text)?;
    let boundaries = reader.list(Reader::u32)?;
    let category_numbers = reader.list(|r| r.list(Reader::size))?;
    expect_end(&reader, file)?;
    ensure!(
        definitions.len() == names.len() && boundaries.len() == category_numbers.len(),
        file.damaged("its lists differ in length")
    );
    ensure!(
        category_numbers.iter().flatten().all(|&n| n < names.len()),
        file.damaged("a range refers to a category without a name")
    );
    ensure!(
        boundaries.is_sorted_by(|a, b| a < b),
        file.damaged("its ranges are not in ascending order")
    );

    let categories = names
        .into_iter()
        .zip(definitions)
        .map(|(name, (invoke, group, length))| Category {
            name: name.to_owned(),
            invoke,
            group,
            length,
        })
        .collect();
    Ok(Characters {
        categories,
        ranges: boundaries.into_iter().zip(category_numbers).collect(),
    })
}

fn load_unknown(file: &DataFile, categories: usize) -> Result<Vec<UnknownWord>> {
    let mut reader = file.reader_at(0);
    let numbers_by_category = reader.list(|r| r.list(Reader::u32))?;
    let entries = reader.list(read_entry)?;
    expect_end(&reader, file)?;
    ensure!(
        numbers_by_category.len() == categories,
        file.damaged("its categories differ from those of char_def.bin")
    );

    // Entries are numbered in the order of the original file, unk.def.
    let mut numbered: Vec<(u32, usize)> = numbers_by_category
        .iter()
        .enumerate()
        .flat_map(|(category, numbers)| numbers.iter().map(move |&number| (number, category)))
        .collect();
    numbered.sort_unstable();
    ensure!(
        numbered
            .iter()
            .map(|&(number, _)| number)
            .eq(0..u32::try_from(entries.len())?),
        file.damaged("an entry belongs to no category, or to two")
    );
    Ok(numbered
        .into_iter()
        .zip(entries)
        .map(|((_, category), entry)| UnknownWord { category, entry })
        .collect())
}

fn read_entry(reader: &mut Reader<'_>) -> Result<Entry> {
    Ok(Entry {
        word_id: reader.u32()?,
        cost: reader.i16()?,
        context_id: reader.u16()?,
    })
}

fn expect_end(reader: &Reader<'_>, file: &DataFile) -> Result<()> {
    ensure!(
        reader.is_at_end(),
        file.damaged("it has bytes after its last value")
    );
    Ok(())
}
