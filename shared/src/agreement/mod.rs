//! How far workers agree: statistics over workers and objects, which say nothing about a single label. For that there is
//! confidence.
//!
//! | statistic | file | source |
//! |---|---|---|
//! | percentage agreement | [`pairwise`] | the share of pairs of answers that are equal |
//! | Krippendorff's alpha on nominal, ordinal, interval and ratio scales | [`krippendorff_alpha`] | Krippendorff, "Computing Krippendorff's alpha-reliability", 2011 |
//! | Krippendorff's alpha for any distance | [`distance_alpha`] | Krippendorff, "Content analysis", 4th edition, 2018, chapter 12 |
//! | distances between sets of boxes or spans | [`mark_distance`] | mean best overlap |
//! | Fleiss' kappa, also for varying numbers of workers | [`fleiss_kappa`] | Fleiss 1971; Gwet, "Handbook of inter-rater reliability", 4th edition, 2014 |
//! | Gwet's AC1 | [`gwet_ac1`] | Gwet 2008 |
//! | Cohen's kappa of every two workers | [`cohen_kappa`] | Cohen 1960 |
//! | intervals | [`bootstrap`] | Efron 1979, percentile method over objects |
//!
//! Answers come as columns: row by row the index of the object, of the worker and of the category, each below a stated
//! number; a [`ChoiceTable`](crate::choice_table::ChoiceTable) makes them of texts
//! ([`of_votes`](vote_patterns::VotePatterns::of_votes)). All but Cohen's kappa and the distances forget who answered, and read [`vote_patterns`]: how many
//! objects got which votes. A statistic is a function of a sample of them, so that the bootstrap can draw others:
//!
//! ```
//! use ground_truth::agreement::bootstrap::{self, Bootstrap};
//! use ground_truth::agreement::krippendorff_alpha::{Scale, alpha};
//! use ground_truth::agreement::vote_patterns::VotePatterns;
//!
//! let object_of = [0, 0, 0, 1, 1, 1, 2, 2];
//! let category_of = [0, 0, 1, 1, 1, 1, 0, 0];
//! let patterns = VotePatterns::of_categories(&object_of, &category_of, 3, 2)?;
//! assert_eq!(alpha(patterns.all(), Scale::Nominal), Ok(0.5625));
//!
//! let bootstrap = Bootstrap::new(1000, 0.95, 7)?;
//! let interval = bootstrap::interval(&patterns, |drawn| alpha(drawn, Scale::Nominal), &bootstrap);
//! assert!(interval.is_some_and(|interval| interval.low < 0.5625 && interval.high > 0.5625));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where a statistic has no value
//! Every statistic is 1 for perfect agreement and 0 for what chance would give (percentage agreement knows no chance).
//! Without two answers to one object there is nothing to compare ([`Undefined::NoPairs`]). Where all answers are the same,
//! chance alone would have brought full agreement, and 0 is divided by 0 ([`Undefined::NoVariation`]): some tools report 1
//! there, some 0, some NaN; here the caller is told.
//!
//! The order of rows and of workers changes nothing, to the last bit; nor does that of objects, except for distances.

pub mod bootstrap;
mod by_object;
pub mod cohen_kappa;
pub mod distance_alpha;
pub mod fleiss_kappa;
pub mod gwet_ac1;
pub mod krippendorff_alpha;
pub mod mark_distance;
pub mod pairwise;
pub mod vote_patterns;

#[cfg(test)]
mod tests;

/// Why a statistic has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Undefined {
    /// No object has two answers.
    #[error("no dataset object has two answers, so there is nothing to compare")]
    NoPairs,
    /// Full agreement, and no less by chance.
    #[error("all answers are the same, so agreement cannot be told from chance")]
    NoVariation,
    /// A value on the ratio scale is below 0.
    #[error("a ratio scale has no negative values: choose the interval scale")]
    NegativeValue,
}

/// Columns that do not fit together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnsError {
    /// A column has more or fewer rows than there are answers.
    #[error("column `{column}` has {found} rows, but there are {expected} answers: give one row per answer")]
    UnequalLengths {
        /// The column: `worker`, `category` or `number`.
        column: &'static str,
        /// Number of its rows.
        found: usize,
        /// Number of rows of the column of objects.
        expected: usize,
    },
    /// An index beyond the stated number.
    #[error("row {row} of column `{column}` is {index}, but must be below {size}")]
    OutOfRange {
        /// The column: `object`, `worker` or `category`.
        column: &'static str,
        /// The row, counted from 0.
        row: usize,
        /// The index in that row.
        index: usize,
        /// The stated number of objects, workers or categories.
        size: usize,
    },
    /// A value is NaN or infinite.
    #[error("row {row} is not a finite number: leave such answers out")]
    NotFinite {
        /// The row, counted from 0.
        row: usize,
    },
    /// A distance is NaN, infinite or below 0.
    #[error("the distance between rows {row_a} and {row_b} is not a finite number from 0 up")]
    NoDistance {
        /// The first row, counted from 0.
        row_a: usize,
        /// The second row, counted from 0.
        row_b: usize,
    },
}

/// Every index of the column is below `size`, and it has as many rows as there are answers.
fn check_column(column: &'static str, indices: &[u32], size: usize, n_answers: usize) -> Result<(), ColumnsError> {
    check_length(column, indices.len(), n_answers)?;
    match indices.iter().position(|index| *index as usize >= size) {
        Some(row) => Err(ColumnsError::OutOfRange { column, row, index: indices[row] as usize, size }),
        None => Ok(()),
    }
}

fn check_length(column: &'static str, found: usize, n_answers: usize) -> Result<(), ColumnsError> {
    if found == n_answers { Ok(()) } else { Err(ColumnsError::UnequalLengths { column, found, expected: n_answers }) }
}
