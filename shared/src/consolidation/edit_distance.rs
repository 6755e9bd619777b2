//! How many insertions, deletions and substitutions turn one sequence into another (Levenshtein 1965), bit-parallel.
//!
//! The columns of the classic table differ by at most one from cell to cell, so that 64 cells of a column fit into two
//! machine words of differences (Myers, "A fast bit-vector algorithm for approximate string matching based on dynamic
//! programming", JACM 1999; the blocks of long patterns after Hyyrö, "A bit-vector algorithm for computing Levenshtein
//! and Damerau edit distances", 2003). Time is length times length over 64; memory is the pattern's length times its
//! different symbols over 64 bits.
//!
//! [`Pattern`] is prepared once and compared with many texts; [`Comparison`] takes any two sequences, and is the faster the
//! more alike they are.
//!
//! Sequences are numbers: [`Symbols`] gives equal words, or equal characters, equal numbers.

use std::collections::HashMap;
use std::hash::Hash;

/// Numbers for words or characters: equal ones get equal numbers, counted from 0 in the order of their first appearance.
#[derive(Debug, Clone)]
pub struct Symbols<T> {
    numbers: HashMap<T, u32>,
}

impl<T: Eq + Hash> Default for Symbols<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new() }
    }
}

impl<T: Eq + Hash> Symbols<T> {
    /// The number of `symbol`.
    pub fn number(&mut self, symbol: T) -> u32 {
        // Far fewer symbols than 2^32 fit into an answer.
        let next = self.numbers.len() as u32;
        *self.numbers.entry(symbol).or_insert(next)
    }
}

/// A sequence prepared for being compared with many others.
#[derive(Debug, Clone)]
#[doc(alias("Levenshtein"))]
pub struct Pattern {
    len: usize,
    n_blocks: usize,
    /// Per symbol number the row of its masks, plus 1; 0 for symbols that the pattern lacks.
    row_of: Vec<u32>,
    /// `n_blocks` words per row: bit `i` says that position `i` holds the symbol.
    masks: Vec<u64>,
}

impl Pattern {
    /// Prepares a sequence of symbol numbers.
    pub fn new(symbols: &[u32]) -> Self {
        let n_blocks = symbols.len().div_ceil(64);
        let n_symbols = symbols.iter().max().map_or(0, |largest| *largest as usize + 1);
        let (mut row_of, mut masks) = (vec![0; n_symbols], Vec::new());
        let mut n_rows = 0;
        for (idx, symbol) in symbols.iter().enumerate() {
            let row = &mut row_of[*symbol as usize];
            if *row == 0 {
                n_rows += 1;
                *row = n_rows;
                masks.resize(n_rows as usize * n_blocks, 0);
            }
            masks[(*row as usize - 1) * n_blocks + idx / 64] |= 1 << (idx % 64);
        }
        Self { len: symbols.len(), n_blocks, row_of, masks }
    }

    /// The Levenshtein distance between the pattern and `text`: 0 for equal sequences, at most the longer length.
    pub fn distance(&self, text: &[u32]) -> usize {
        if self.len == 0 {
            return text.len();
        }
        let mut column = vec![Block::FIRST; self.n_blocks];
        let last_bit = (self.len - 1) % 64;
        let mut distance = self.len;
        for symbol in text {
            // The top row of the table counts the text's symbols, so a rise comes in from above.
            let mut carry = Carry::Rise;
            let masks = self.masks_of(*symbol);
            for (block_idx, block) in column.iter_mut().enumerate() {
                let matches = masks.map_or(0, |masks| masks[block_idx]);
                let is_last = block_idx + 1 == self.n_blocks;
                carry = block.advance(matches, carry, if is_last { last_bit } else { 63 });
            }
            match carry {
                Carry::Rise => distance += 1,
                Carry::Fall => distance -= 1,
                Carry::Level => {}
            }
        }
        distance
    }

    fn masks_of(&self, symbol: u32) -> Option<&[u64]> {
        let row = self.row_of.get(symbol as usize).copied().filter(|row| *row > 0)? as usize;
        self.masks.get((row - 1) * self.n_blocks..row * self.n_blocks)
    }
}

/// Compares many pairs of sequences that resemble each other: what two have in common at either end changes nothing about
/// their distance and is passed over, and the rest mostly fits into one machine word.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Per symbol number its mask in the pattern; all 0 between two comparisons.
    masks: Vec<u64>,
}

impl Comparison {
    /// The Levenshtein distance between two sequences, as [`Pattern::distance`] gives it.
    pub fn distance(&mut self, a: &[u32], b: &[u32]) -> usize {
        let n_before = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        let (a, b) = (&a[n_before..], &b[n_before..]);
        let n_after = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
        let (a, b) = (&a[..a.len() - n_after], &b[..b.len() - n_after]);
        let (pattern, text) = if a.len() <= b.len() { (a, b) } else { (b, a) };
        match pattern.len() {
            0 => text.len(),
            1..=64 => self.in_one_word(pattern, text),
            _ => Pattern::new(pattern).distance(text),
        }
    }

    fn in_one_word(&mut self, pattern: &[u32], text: &[u32]) -> usize {
        for (idx, symbol) in pattern.iter().enumerate() {
            let symbol = *symbol as usize;
            if symbol >= self.masks.len() {
                self.masks.resize(symbol + 1, 0);
            }
            self.masks[symbol] |= 1 << idx;
        }
        let (mut block, mut distance) = (Block::FIRST, pattern.len());
        for symbol in text {
            let matches = self.masks.get(*symbol as usize).copied().unwrap_or_default();
            match block.advance(matches, Carry::Rise, pattern.len() - 1) {
                Carry::Rise => distance += 1,
                Carry::Fall => distance -= 1,
                Carry::Level => {}
            }
        }
        for symbol in pattern {
            self.masks[*symbol as usize] = 0;
        }
        distance
    }
}

/// How a cell of the table's last row in a block differs from its left neighbor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Carry {
    Rise,
    Level,
    Fall,
}

/// 64 cells of a column: which are one more, and which one less, than the cell above.
#[derive(Debug, Clone, Copy)]
struct Block {
    rises: u64,
    falls: u64,
}

impl Block {
    /// The table's first column, which counts the pattern's symbols.
    const FIRST: Self = Self { falls: 0, rises: u64::MAX };

    /// Moves to the next column; tells how the cell at `bit` changed. The steps are those of Hyyrö's figure for one
    /// block, with the horizontal difference from the block above as carry.
    fn advance(&mut self, matches: u64, carry: Carry, bit: usize) -> Carry {
        let falls_in = u64::from(carry == Carry::Fall);
        let vertical = matches | self.falls;
        let matches = matches | falls_in;
        let diagonal = ((matches & self.rises).wrapping_add(self.rises) ^ self.rises) | matches;
        let horizontal_rises = self.falls | !(diagonal | self.rises);
        let horizontal_falls = self.rises & diagonal;
        let carry_out = if horizontal_rises >> bit & 1 == 1 {
            Carry::Rise
        } else if horizontal_falls >> bit & 1 == 1 {
            Carry::Fall
        } else {
            Carry::Level
        };
        let shifted_rises = horizontal_rises << 1 | u64::from(carry == Carry::Rise);
        let shifted_falls = horizontal_falls << 1 | falls_in;
        self.rises = shifted_falls | !(vertical | shifted_rises);
        self.falls = shifted_rises & vertical;
        carry_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    fn numbers(text: &str, symbols: &mut Symbols<char>) -> Vec<u32> {
        text.chars().map(|symbol| symbols.number(symbol)).collect()
    }

    /// The table of 1965, cell by cell.
    fn by_table(a: &[u32], b: &[u32]) -> usize {
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut diagonal = std::mem::replace(&mut row[0], i + 1);
            for (j, y) in b.iter().enumerate() {
                let best = (row[j] + 1).min(row[j + 1] + 1).min(diagonal + usize::from(x != y));
                diagonal = std::mem::replace(&mut row[j + 1], best);
            }
        }
        row[b.len()]
    }

    #[test]
    fn known_distances() {
        let check = |a: &str, b: &str, expected: usize| {
            let mut symbols = Symbols::default();
            let (a, b) = (numbers(a, &mut symbols), numbers(b, &mut symbols));
            assert_eq!((Pattern::new(&a).distance(&b), Pattern::new(&b).distance(&a)), (expected, expected));
            let mut comparison = Comparison::default();
            assert_eq!((comparison.distance(&a, &b), comparison.distance(&b, &a)), (expected, expected));
        };
        check("", "", 0);
        check("", "otter", 5);
        check("kitten", "sitting", 3);
        check("Saturday", "Sunday", 3);
        check("grün", "grüne", 1);
    }

    #[test]
    fn blocks_agree_with_the_table() {
        let (mut dice, mut comparison) = (Dice::new(3), Comparison::default());
        for _ in 0..600 {
            let n_symbols = 1 + dice.below(6);
            let lengths = [dice.below(200), dice.below(200)];
            let [a, b] = lengths.map(|n| (0..n).map(|_| dice.below(n_symbols) as u32).collect::<Vec<_>>());
            let expected = by_table(&a, &b);
            assert_eq!(Pattern::new(&a).distance(&b), expected, "{a:?} {b:?}");
            assert_eq!(comparison.distance(&a, &b), expected, "{a:?} {b:?}");
            let near = [&a[..a.len() / 2], &b, &a[a.len() / 2..]].concat();
            assert_eq!(comparison.distance(&a, &near), b.len(), "{a:?} {b:?}");
        }
    }

    #[test]
    fn near_sequences_of_any_length_agree_with_the_table() {
        let mut dice = Dice::new(4);
        for n in [63, 64, 65, 127, 128, 129, 700] {
            let a: Vec<u32> = (0..n).map(|_| dice.below(30) as u32).collect();
            let mut b = a.clone();
            b.remove(dice.below(n));
            b.insert(dice.below(n - 1), 31);
            b[0] = 32;
            assert_eq!(Pattern::new(&a).distance(&b), by_table(&a, &b), "{n}");
            assert_eq!(Comparison::default().distance(&a, &b), by_table(&a, &b), "{n}");
        }
    }
}
