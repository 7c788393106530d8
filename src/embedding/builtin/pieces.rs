//! The pieces of text by their beginnings: a tree over bytes in three flat arrays.
//!
//! Pieces -> arrays (once, when a model is installed); a text -> every piece it begins with. The
//! nodes lie in order of depth, so that the children of a node are neighbours and the children of
//! the next node follow them.
//!
//! Invariant: a tree that was read from a file was checked, so that walking it cannot fail.

/// Pieces of text, each with a number.
#[derive(Debug, Default)]
pub(super) struct PieceTree {
    /// Of each node, the byte that leads to it.
    pub(super) labels: Vec<u8>,
    /// Of each node, its first child; the end is the first child of the next node.
    pub(super) children: Vec<u32>,
    /// Of each node, the number of its piece plus one, or zero.
    pub(super) numbers: Vec<u32>,
}

impl PieceTree {
    /// Makes the tree of pieces and their numbers; of equal pieces the last one counts.
    pub(super) fn build(pieces: &[(&[u8], u32)]) -> Self {
        let mut sorted: Vec<(&[u8], u32)> = pieces.to_vec();
        sorted.sort_by_key(|(piece, _)| *piece);
        let mut tree = Self::default();
        // The nodes of one depth, each as the run of pieces below it.
        let mut level = vec![&sorted[..]];
        tree.labels.push(0);
        let mut depth = 0;
        while !level.is_empty() {
            let mut next = Vec::new();
            for run in level {
                let ends = run.partition_point(|(piece, _)| piece.len() == depth);
                let number = run[..ends].last().map_or(0, |(_, number)| number + 1);
                tree.numbers.push(number);
                tree.children.push(tree.labels.len() as u32);
                let longer = &run[ends..];
                for children in longer.chunk_by(|a, b| a.0[depth] == b.0[depth]) {
                    tree.labels.push(children[0].0[depth]);
                    next.push(children);
                }
            }
            level = next;
            depth += 1;
        }
        tree.children.push(tree.labels.len() as u32);
        tree
    }

    /// Takes the arrays of a tree that was built before.
    pub(super) fn read(
        labels: Vec<u8>,
        children: Vec<u32>,
        numbers: Vec<u32>,
    ) -> Result<Self, &'static str> {
        let nodes = labels.len();
        let fits = numbers.len() == nodes
            && children.len() == nodes + 1
            && children.last().is_some_and(|end| *end as usize == nodes)
            && children.is_sorted();
        let tree = Self {
            labels,
            children,
            numbers,
        };
        if nodes > 0 && fits {
            Ok(tree)
        } else {
            Err("its tree of pieces is damaged")
        }
    }

    /// One more than the greatest number of a piece.
    pub(super) fn count(&self) -> usize {
        self.numbers
            .iter()
            .max()
            .map_or(0, |number| *number as usize)
    }

    /// Calls `found` with length and number of every piece that the text begins with, the
    /// shortest first.
    pub(super) fn beginnings(&self, text: &[u8], mut found: impl FnMut(usize, u32)) {
        let mut node = 0;
        for (index, byte) in text.iter().enumerate() {
            let first = self.children[node] as usize;
            let end = self.children[node + 1] as usize;
            let Ok(child) = self.labels[first..end].binary_search(byte) else {
                return;
            };
            node = first + child;
            if let Some(number) = self.numbers[node].checked_sub(1) {
                found(index + 1, number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_piece_that_a_text_begins_with_is_found() {
        let pieces: [(&[u8], u32); 4] = [(b"ab", 5), (b"a", 0), (b"abcd", 2), (b"b", 1)];
        let tree = PieceTree::build(&pieces);
        let mut found = Vec::new();
        tree.beginnings(b"abcde", |length, number| found.push((length, number)));
        assert_eq!(found, [(1, 0), (2, 5), (4, 2)]);
        tree.beginnings(b"x", |_, number| assert_eq!(number, 99));
        assert_eq!(tree.count(), 6);
    }

    #[test]
    fn a_damaged_tree_is_refused() {
        let tree = PieceTree::build(&[(b"ab", 0)]);
        let read = |children: Vec<u32>| {
            PieceTree::read(tree.labels.clone(), children, tree.numbers.clone())
        };
        assert!(read(tree.children.clone()).is_ok());
        assert!(read(vec![1, 2, 3, 9]).is_err());
        assert!(read(vec![1, 3, 2, 3]).is_err());
        assert!(read(vec![1]).is_err());
        assert!(PieceTree::read(Vec::new(), vec![0], Vec::new()).is_err());
    }
}
