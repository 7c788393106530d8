//! Trie over the bytes of the vocabulary, in three flat arrays.
//!
//! At installation: pieces -> arrays. At run time: text -> every piece that is a prefix of it. Nodes
//! are in breadth-first order: the children of a node are adjacent, followed by those of the next.
//!
//! Invariant: a trie read from a file has been validated, so walking it cannot fail.

/// The vocabulary, each piece with its id.
#[derive(Debug, Default)]
pub(crate) struct PieceTree {
    /// For each node, the byte that leads to it.
    pub(crate) labels: Vec<u8>,
    /// For each node, its first child; its last child precedes the first child of the next node.
    pub(crate) children: Vec<u32>,
    /// For each node, the id of its piece plus one, or zero.
    pub(crate) numbers: Vec<u32>,
}

impl PieceTree {
    /// Builds the trie; of equal pieces the last one counts.
    pub(crate) fn build(pieces: &[(&[u8], u32)]) -> Self {
        let mut sorted: Vec<(&[u8], u32)> = pieces.to_vec();
        sorted.sort_by_key(|(piece, _)| *piece);
        let mut tree = Self::default();
        // The nodes of one depth, each as the range of pieces that start with it.
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

    /// Validates the arrays of a trie that was built before.
    pub(crate) fn read(
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
            Err("its trie of pieces is damaged")
        }
    }

    /// Returns the greatest piece id plus one.
    pub(crate) fn count(&self) -> usize {
        self.numbers
            .iter()
            .max()
            .map_or(0, |number| *number as usize)
    }

    /// Calls `found` with length and id of every piece that is a prefix of the text, shortest first.
    pub(crate) fn prefixes(&self, text: &[u8], mut found: impl FnMut(usize, u32)) {
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
    fn every_piece_that_is_a_prefix_of_the_text_is_found() {
        let pieces: [(&[u8], u32); 4] = [(b"ab", 5), (b"a", 0), (b"abcd", 2), (b"b", 1)];
        let tree = PieceTree::build(&pieces);
        let mut found = Vec::new();
        tree.prefixes(b"abcde", |length, number| found.push((length, number)));
        assert_eq!(found, [(1, 0), (2, 5), (4, 2)]);
        tree.prefixes(b"x", |_, number| assert_eq!(number, 99));
        assert_eq!(tree.count(), 6);
    }

    #[test]
    fn a_damaged_trie_is_rejected() {
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
