//! Lists of increasing numbers, stored one after another in one allocation.
//!
//! They serve both directions of the index: term to documents and phrase to terms.

/// Lists of numbers.
#[derive(Debug)]
pub(in crate::search) struct Lists {
    /// Start of each list in `numbers`, and the end of the last one.
    starts: Vec<u32>,
    numbers: Vec<u32>,
}

impl Default for Lists {
    fn default() -> Self {
        Self {
            starts: vec![0],
            numbers: Vec::new(),
        }
    }
}

impl Lists {
    /// Appends a number to the list that [`Lists::finish_list`] completes.
    pub(super) fn push(&mut self, number: u32) {
        self.numbers.push(number);
    }

    /// Completes a list. Further numbers belong to the next one.
    pub(super) fn finish_list(&mut self) {
        self.starts.push(count_u32(self.numbers.len()));
    }

    /// Returns a list; empty if it does not exist.
    #[inline]
    pub(in crate::search) fn get(&self, list: u32) -> &[u32] {
        self.numbers.get(self.range(list)).unwrap_or_default()
    }

    /// Returns the positions of a list's numbers among the numbers of all lists.
    #[inline]
    pub(in crate::search) fn range(&self, list: u32) -> std::ops::Range<usize> {
        let bounds = self.starts.get(list as usize..list as usize + 2);
        let Some(&[start, end]) = bounds else {
            return 0..0;
        };
        start as usize..end as usize
    }

    /// Returns the number of lists.
    pub(in crate::search) fn len(&self) -> u32 {
        count_u32(self.starts.len() - 1)
    }

    /// Iterates over the lists.
    pub(in crate::search) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let bounds = self.starts.windows(2);
        bounds.map(|bounds| &self.numbers[bounds[0] as usize..bounds[1] as usize])
    }

    /// Returns the inverse: for each number below `count` the lists that have it.
    pub(super) fn inverse(&self, count: usize) -> Self {
        self.inverse_with(count, |_, _| ())
    }

    /// As [`Lists::inverse`]; `moved` is called with the position of each number here and that of its
    /// list in the inverse.
    pub(super) fn inverse_with(&self, count: usize, mut moved: impl FnMut(usize, usize)) -> Self {
        let mut starts = vec![0_u32; count + 1];
        for number in &self.numbers {
            starts[*number as usize + 1] += 1;
        }
        for index in 0..count {
            starts[index + 1] += starts[index];
        }
        let mut next = starts.clone();
        let mut numbers = vec![0; self.numbers.len()];
        let mut place = 0;
        for (list, own) in (0..).zip(self.iter()) {
            for number in own {
                let position = &mut next[*number as usize];
                numbers[*position as usize] = list;
                moved(place, *position as usize);
                *position += 1;
                place += 1;
            }
        }
        Self { starts, numbers }
    }

    /// Releases memory that was reserved for further numbers.
    pub(super) fn shrink(&mut self) {
        self.starts.shrink_to_fit();
        self.numbers.shrink_to_fit();
    }
}

/// Lists of increasing numbers, each stored as the differences between its numbers, in bytes of seven
/// bits: half as much memory as [`Lists`], and about a nanosecond more for each number that is read.
///
/// They serve the direction that is read for few documents of a question only: document to terms.
#[derive(Debug)]
pub(in crate::search) struct CompactLists {
    /// Start of each list in `bytes`, and the end of the last one.
    starts: Vec<u32>,
    bytes: Vec<u8>,
}

impl Default for CompactLists {
    fn default() -> Self {
        Self::new(&Lists::default())
    }
}

impl CompactLists {
    /// Copies lists.
    pub(super) fn new(lists: &Lists) -> Self {
        let mut compact = Self {
            starts: Vec::with_capacity(lists.starts.len()),
            bytes: Vec::with_capacity(lists.numbers.len() * 2),
        };
        compact.starts.push(0);
        for list in lists.iter() {
            let mut before = 0;
            for number in list {
                let mut rest = number - before;
                before = *number;
                while rest >= CONTINUES {
                    compact.bytes.push(low_bits(rest) | CONTINUES as u8);
                    rest >>= CONTINUES.trailing_zeros();
                }
                compact.bytes.push(low_bits(rest));
            }
            compact.starts.push(count_u32(compact.bytes.len()));
        }
        compact.bytes.shrink_to_fit();
        compact
    }

    /// Iterates over a list; it is empty if it does not exist.
    #[inline]
    pub(in crate::search) fn get(&self, list: u32) -> impl Iterator<Item = u32> {
        let bounds = self.starts.get(list as usize..list as usize + 2);
        let range = match bounds {
            Some(&[start, end]) => start as usize..end as usize,
            _ => 0..0,
        };
        let mut bytes = self.bytes.get(range).unwrap_or_default().iter();
        let mut number = 0;
        std::iter::from_fn(move || {
            let (mut difference, mut shift) = (0, 0);
            loop {
                let byte = u32::from(*bytes.next()?);
                difference |= (byte & (CONTINUES - 1)) << shift;
                if byte < CONTINUES {
                    number += difference;
                    return Some(number);
                }
                shift += CONTINUES.trailing_zeros();
            }
        })
    }

    /// Iterates over the lists.
    pub(in crate::search) fn iter(&self) -> impl Iterator<Item = impl Iterator<Item = u32>> {
        let count = count_u32(self.starts.len().saturating_sub(1));
        (0..count).map(|list| self.get(list))
    }

    /// Returns the inverse: for each number below `count` the lists that have it.
    pub(in crate::search) fn inverse(&self, count: usize) -> Lists {
        let mut lists = Lists::default();
        for list in self.iter() {
            list.for_each(|number| lists.push(number));
            lists.finish_list();
        }
        lists.inverse(count)
    }
}

/// The bit of a byte that another one follows.
const CONTINUES: u32 = 0x80;

/// Returns the lowest seven bits of a number.
fn low_bits(number: u32) -> u8 {
    (number & (CONTINUES - 1)) as u8
}

/// Converts a count. The index holds fewer than 2³² postings: a thousand million phrases would need
/// more memory than a machine has.
pub(super) fn count_u32(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_lists_for_each_number_the_lists_that_have_it() {
        let mut lists = Lists::default();
        for list in [&[0, 2][..], &[], &[1, 2]] {
            list.iter().for_each(|number| lists.push(*number));
            lists.finish_list();
        }
        let inverse = lists.inverse(4);
        let found: Vec<&[u32]> = inverse.iter().collect();
        assert_eq!(found, [&[0][..], &[2], &[0, 2], &[]]);
        let mut moves = Vec::new();
        lists.inverse_with(4, |from, to| moves.push((from, to)));
        assert_eq!(moves, [(0, 0), (1, 2), (2, 1), (3, 3)]);
        assert_eq!(lists.get(2), [1, 2]);
        assert_eq!(lists.get(3), [0_u32; 0]);
    }

    #[test]
    fn compact_lists_have_the_same_numbers() {
        let mut lists = Lists::default();
        let written = [
            &[0, 1, 127, 128, 16_511, 16_512, 4_000_000, u32::MAX][..],
            &[],
            &[u32::MAX],
            &[129],
        ];
        for list in written {
            list.iter().for_each(|number| lists.push(*number));
            lists.finish_list();
        }
        let compact = CompactLists::new(&lists);
        for (number, expected) in (0..).zip(written) {
            assert_eq!(compact.get(number).collect::<Vec<_>>(), expected);
        }
        assert_eq!(compact.get(4).count(), 0);
        assert_eq!(compact.iter().count(), 4);
        let mut lists = Lists::default();
        for list in [&[0, 2][..], &[], &[1, 2]] {
            list.iter().for_each(|number| lists.push(*number));
            lists.finish_list();
        }
        let inverse = CompactLists::new(&lists).inverse(3);
        let found: Vec<&[u32]> = inverse.iter().collect();
        assert_eq!(found, [&[0][..], &[2], &[0, 2]]);
    }
}
