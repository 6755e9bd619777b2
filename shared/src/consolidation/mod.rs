//! The algorithms, each after its paper, in ids, numbers and shapes: nothing here knows JSON.
//!
//! | algorithm | file | source |
//! |---|---|---|
//! | majority vote | [`majority_vote`] | Condorcet 1785; the baseline of every paper in the field |
//! | clusters of marks | [`mark_clusters`] | average-linkage clustering (Sokal and Michener 1958), each worker at most once |

pub mod majority_vote;
pub mod mark_clusters;
