//! The algorithms, each after its paper, in ids, numbers and shapes: nothing here knows JSON. Single choices come as
//! [`votes`] and go as [`posteriors`].
//!
//! A model is fitted by the function `fit` of its module, with the module's `Params`; where a set of them suits most, it is
//! their `STANDARD` and `Default`. What comes of it tells how many rounds were made (`n_iterations`) and why no more
//! (`stop`), where there are rounds. Functions that fit no model are named after what they give.
//!
//! | algorithm | file | source |
//! |---|---|---|
//! | majority vote; over millions of rows | [`majority_vote`]; [`vote_counts`] | Condorcet 1785; the baseline of every paper in the field |
//! | average of models for single choices (the default) | [`auto`] | our own |
//! | average of models for scales (the default) | [`auto_scale`] | our own |
//! | weighted vote | [`weighted_vote`] | Nitzan and Paroush 1982; Li and Yu 2014 |
//! | worker agreement with aggregate | [`wawa`] | Appen; Toloka's crowd-kit |
//! | zero-based skill | [`zero_based_skill`] | Toloka's crowd-kit |
//! | one-coin | [`one_coin`] | Ghosh, Kale and McAfee 2011 |
//! | Dawid-Skene, also hierarchical | [`dawid_skene`] | Dawid and Skene 1979; Kim and Ghahramani 2012 |
//! | Ground Truth's published variant | [`ground_truth_em`] | AWS machine learning blog 2019 |
//! | GLAD | [`glad`] | Whitehill et al. 2009 |
//! | MACE | [`mace`] | Hovy et al. 2013 |
//! | EBCC | [`ebcc`] | Li, Rubinstein and Cohn 2019 |
//! | two-coin, for several choices | [`two_coin`] | Raykar et al. 2010; themes and levels of visibility are ours |
//! | weighted median, for scales | [`weighted_median`] | Inusah and Kozubowski 2006 |
//! | edit distance | [`edit_distance`] | Levenshtein 1965; Myers 1999; Hyyrö 2003 |
//! | text medoid, weights of answers | [`text_medoid`] | Kohonen 1985; the weights are ours |
//! | ROVER | [`rover`] | Fiscus 1997 |
//! | numbers: median, trimmed mean, robust weighted mean | [`number_fusion`] | Huber 1964; Raykar et al. 2010 |
//! | rankings: Borda, Kemeny, accuracy of workers | [`rank_aggregation`] | Borda 1781; Kemeny 1959 |
//! | rankings: strengths of items | [`plackett_luce`] | Luce 1959, Plackett 1975; Hunter 2004 |
//! | pairs: Bradley-Terry, Crowd-BT | [`bradley_terry`], [`crowd_bt`] | Bradley and Terry 1952; Chen et al. 2013 |
//! | clusters of marks | [`mark_clusters`] | average-linkage clustering (Sokal and Michener 1958), each worker at most once |
//! | the best clusters of a few marks | [`best_clusters`] | correlation clustering (Bansal, Blum and Chawla 2004), each worker at most once; Jonker and Volgenant 1987 |
//! | pixel vote | [`mask_vote`] | the baseline of label fusion (Rohlfing and others 2004) |
//! | smoothed, worker-weighted pixel vote | [`smoothed_mask_vote`] | ours; weights after Nitzan and Paroush 1982 |
//! | STAPLE | [`staple`] | Warfield, Zou and Wells 2004; several classes after Rohlfing and others 2003 |
//! | categories of clusters | [`mark_categories`] | Dawid and Skene 1979 with one rate per worker; Kim and Ghahramani 2012 |
//! | consensus of marks | [`mark_consensus`] | the three of them, one after the other |
//! | existence of clusters | [`mark_existence`] | Dawid and Skene 1979; capture-recapture with unequal catchability (Otis et al. 1978) |
//! | robust mean of shapes | [`robust_mean`] | t-distributed errors (Lange, Little and Taylor 1989) with a variance per worker |
//! | spans by their tokens | [`token_dawid_skene`] | Rodrigues, Pereira and Ribeiro 2014 |
//! | borders of spans | [`span_borders`] | Dawid and Skene 1979 with one rate per worker |

pub mod auto;
pub mod auto_scale;
pub mod best_clusters;
pub mod bradley_terry;
mod confusion;
pub mod crowd_bt;
pub mod dawid_skene;
pub mod ebcc;
pub mod edit_distance;
pub mod glad;
pub mod ground_truth_em;
pub mod mace;
pub mod majority_vote;
pub mod mark_categories;
pub mod mark_clusters;
pub mod mark_consensus;
pub mod mark_existence;
pub mod mask_overlay;
pub mod mask_vote;
pub mod number_fusion;
mod numerics;
pub mod one_coin;
pub mod plackett_luce;
pub mod posteriors;
pub mod rank_aggregation;
pub mod robust_mean;
pub mod rover;
pub mod smoothed_mask_vote;
pub mod span_borders;
pub mod staple;
pub mod text_medoid;
pub mod token_dawid_skene;
pub mod two_coin;
pub mod vote_counts;
pub mod votes;
pub mod wawa;
pub mod weighted_median;
pub mod weighted_vote;
pub mod zero_based_skill;

#[cfg(test)]
mod categorical_references;
#[cfg(test)]
mod categorical_tests;

/// Why an iterative method stopped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// Another round would change next to nothing.
    #[default]
    Converged,
    /// The allowed number of rounds was made.
    MaxIterations,
}
