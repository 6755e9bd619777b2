//! The algorithms, each after its paper, in ids, numbers and shapes: nothing here knows JSON.
//!
//! | algorithm | file | source |
//! |---|---|---|
//! | majority vote | [`majority_vote`] | Condorcet 1785; the baseline of every paper in the field |
//! | clusters of marks | [`mark_clusters`] | average-linkage clustering (Sokal and Michener 1958), each worker at most once |
//! | pixel vote | [`mask_vote`] | the baseline of label fusion (Rohlfing and others 2004) |
//! | smoothed, worker-weighted pixel vote | [`smoothed_mask_vote`] | ours; weights after Nitzan and Paroush 1982 |
//! | STAPLE | [`staple`] | Warfield, Zou and Wells 2004; several classes after Rohlfing and others 2003 |

pub mod majority_vote;
pub mod mark_clusters;
pub mod mask_overlay;
pub mod mask_vote;
pub mod smoothed_mask_vote;
pub mod staple;

/// Why an iterative algorithm stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopReason {
    /// Another round would change next to nothing.
    Converged,
    /// It reached the largest number of rounds.
    MaxIterations,
}
