//! Work on several threads, where the feature `rayon` is on; on one where it is not. The results are the same to the bit:
//! items are independent of each other and keep their order, and sums over parts are of numbers whose sums have no order
//! (`consolidation::numerics`).

/// Applies `work` to every item; the results are in the order of the items.
#[cfg(feature = "rayon")]
pub(crate) fn map<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
    use rayon::prelude::*;
    items.into_par_iter().map(work).collect()
}

/// Applies `work` to every item; the results are in the order of the items.
#[cfg(not(feature = "rayon"))]
pub(crate) fn map<T, R>(items: Vec<T>, work: impl Fn(T) -> R) -> Vec<R> {
    items.into_iter().map(work).collect()
}

/// Into how many parts work on `n_items` is best split when a part should have at least `least` of them: one per thread
/// that is there, and never none.
pub(crate) fn n_parts(n_items: usize, least: usize) -> usize {
    n_threads().min(n_items / least).max(1)
}

#[cfg(feature = "rayon")]
fn n_threads() -> usize {
    rayon::current_num_threads()
}

#[cfg(not(feature = "rayon"))]
fn n_threads() -> usize {
    1
}
