//! Confusion matrices of many workers, and one round of expectation maximization with them: the part that Dawid-Skene,
//! Ground Truth's variant and EBCC share.
//!
//! Only answers that were given have a row, a *cell*: a pair of worker and answered category, with one number per hidden
//! state (the true category; in EBCC the category's subtypes). So the memory is at most votes · states, however many
//! workers and categories there are.

use std::ops::Range;

use super::numerics::{distance, normalize_rows, rows_at_once};
use super::posteriors::parts;
use super::votes::Votes;
use crate::parallel;

/// Which worker answered which category at all.
pub(super) struct Cells {
    of_votes: Vec<u32>,
    /// Per cell the answered category; the cells of a worker stand together.
    pub(super) answered: Vec<u32>,
    /// Per worker the first cell, and last the number of cells.
    starts: Vec<usize>,
}

impl Cells {
    pub(super) fn of(votes: &Votes) -> Self {
        let sizes = votes.sizes();
        let by_worker = votes.by_worker();
        let mut of_votes = vec![0; votes.len()];
        let mut answered: Vec<u32> = Vec::new();
        let mut starts = Vec::with_capacity(sizes.n_workers + 1);
        let mut cell_of_category = vec![u32::MAX; sizes.n_categories];
        for worker in 0..sizes.n_workers {
            let start = answered.len();
            starts.push(start);
            answered.extend(by_worker.indices(worker).iter().map(|idx| votes.all()[*idx as usize].category));
            answered[start..].sort_unstable();
            let mut kept = start;
            for next in start..answered.len() {
                if kept == start || answered[kept - 1] != answered[next] {
                    answered[kept] = answered[next];
                    kept += 1;
                }
            }
            answered.truncate(kept);
            for (cell, category) in (start as u32..).zip(&answered[start..]) {
                cell_of_category[*category as usize] = cell;
            }
            for idx in by_worker.indices(worker) {
                of_votes[*idx as usize] = cell_of_category[votes.all()[*idx as usize].category as usize];
            }
        }
        starts.push(answered.len());
        Self { of_votes, answered, starts }
    }

    /// Per vote, in the order of objects, its cell.
    pub(super) fn of_votes(&self) -> &[u32] {
        &self.of_votes
    }

    /// Number of cells.
    pub(super) fn len(&self) -> usize {
        self.answered.len()
    }

    /// Per cell how many votes there are.
    pub(super) fn n_votes(&self) -> Vec<u32> {
        let mut n_votes = vec![0; self.len()];
        for cell in &self.of_votes {
            n_votes[*cell as usize] += 1;
        }
        n_votes
    }

    /// The cells of one worker.
    pub(super) fn of_worker(&self, worker: usize) -> Range<usize> {
        self.starts[worker]..self.starts[worker + 1]
    }
}

/// The hidden states that an object may be in: `subtypes` of them per category, side by side.
#[derive(Debug, Clone, Copy)]
pub(super) struct States {
    pub(super) n_categories: usize,
    pub(super) subtypes: usize,
}

impl States {
    pub(super) fn len(self) -> usize {
        self.n_categories * self.subtypes
    }
}

/// Expected counts: per cell and state how often the answer was given in that state, per state how many objects are in it.
pub(super) struct Counts {
    pub(super) of_cells: Vec<f64>,
    pub(super) of_states: Vec<f64>,
}

impl Counts {
    fn none(cells: &Cells, states: States) -> Self {
        Self { of_cells: vec![0.0; cells.len() * states.len()], of_states: vec![0.0; states.len()] }
    }

    /// Counts with these posteriors over states, flat.
    pub(super) fn of(votes: &Votes, cells: &Cells, states: States, posteriors: &[f64]) -> Self {
        let n = states.len();
        let mut counts = Self::none(cells, states);
        let mut next = cells.of_votes.iter();
        for (of_object, row) in votes.by_object().zip(posteriors.chunks_exact(n)) {
            for cell in next.by_ref().take(of_object.len()) {
                add(&mut counts.of_cells[*cell as usize * n..][..n], row);
            }
            add(&mut counts.of_states, row);
        }
        counts
    }
}

#[inline]
fn add(sum: &mut [f64], row: &[f64]) {
    for (sum, value) in sum.iter_mut().zip(row) {
        *sum += value;
    }
}

/// One round: replaces every object's posterior over states by the one that the logarithms give (per cell and state the
/// probability of the answer, per state that of the state; all on the grid), and counts anew. Returns the summed change
/// of the posteriors.
pub(super) fn round(
    votes: &Votes,
    cells: &Cells,
    states: States,
    log_of_cells: &[f64],
    log_of_states: &[f64],
    posteriors: &mut [f64],
    counts: &mut Counts,
) -> f64 {
    // With the number of states known to the compiler, a row stays in registers.
    match states.len() {
        2 => round_of::<2>(votes, cells, states, log_of_cells, log_of_states, posteriors, counts),
        3 => round_of::<3>(votes, cells, states, log_of_cells, log_of_states, posteriors, counts),
        4 => round_of::<4>(votes, cells, states, log_of_cells, log_of_states, posteriors, counts),
        5 => round_of::<5>(votes, cells, states, log_of_cells, log_of_states, posteriors, counts),
        _ => round_of::<0>(votes, cells, states, log_of_cells, log_of_states, posteriors, counts),
    }
}

/// [`round`] for `N` states; 0 stands for any number. Every part of the objects counts for itself: all counts lie on the
/// grid, so that their sums are the same however the objects are divided.
fn round_of<const N: usize>(
    votes: &Votes,
    cells: &Cells,
    states: States,
    log_of_cells: &[f64],
    log_of_states: &[f64],
    posteriors: &mut [f64],
    counts: &mut Counts,
) -> f64 {
    counts.of_cells.fill(0.0);
    counts.of_states.fill(0.0);
    let mut parts = parts(votes.sizes().n_objects, posteriors, states.len());
    let part = |(objects, posteriors): (Range<usize>, &mut [f64]), counts: &mut Counts| {
        part_of_round::<N>(votes, cells, states, log_of_cells, log_of_states, objects, posteriors, counts)
    };
    // A lone part counts where all counts go.
    if parts.len() <= 1 {
        return parts.pop().map_or(0.0, |only| part(only, counts));
    }
    let of_parts = parallel::map(parts, |of_part| {
        let mut counts = Counts::none(cells, states);
        (part(of_part, &mut counts), counts)
    });
    of_parts.into_iter().fold(0.0, |so_far, (change, of_part)| {
        add(&mut counts.of_cells, &of_part.of_cells);
        add(&mut counts.of_states, &of_part.of_states);
        so_far + change
    })
}

/// The round of these objects alone, whose posteriors these are.
#[expect(clippy::too_many_arguments, reason = "those of a round, and which part of it")]
fn part_of_round<const N: usize>(
    votes: &Votes,
    cells: &Cells,
    states: States,
    log_of_cells: &[f64],
    log_of_states: &[f64],
    objects: Range<usize>,
    posteriors: &mut [f64],
    counts: &mut Counts,
) -> f64 {
    let n = if N == 0 { states.len() } else { N };
    let mut change = 0.0;
    let mut rows = vec![0.0; rows_at_once(n) * n];
    let of_votes = &cells.of_votes()[votes.start_of(objects.start)..];
    let (mut cells_to_weigh, mut cells_to_count) = (of_votes, of_votes);
    let mut to_weigh = objects.clone().map(|object| (object, votes.of_object(object)));
    let mut to_count = objects.map(|object| votes.of_object(object));
    for before in posteriors.chunks_mut(rows.len()) {
        let rows = &mut rows[..before.len()];
        for (row, (object, of_object)) in rows.chunks_exact_mut(n).zip(&mut to_weigh) {
            row.copy_from_slice(&log_of_states[..n]);
            for cell in next_of(&mut cells_to_weigh, of_object.len()) {
                add(row, &log_of_cells[*cell as usize * n..][..n]);
            }
            if let Some(category) = votes.gold(object) {
                let of_category = category * states.subtypes..(category + 1) * states.subtypes;
                for state in (0..n).filter(|state| !of_category.contains(state)) {
                    row[state] = f64::NEG_INFINITY;
                }
            }
        }
        normalize_rows(rows, n);
        for ((row, before), of_object) in rows.chunks_exact(n).zip(before.chunks_exact_mut(n)).zip(&mut to_count) {
            change += distance(before, row);
            before.copy_from_slice(row);
            for cell in next_of(&mut cells_to_count, of_object.len()) {
                add(&mut counts.of_cells[*cell as usize * n..][..n], row);
            }
            add(&mut counts.of_states, row);
        }
    }
    change
}

/// Takes the first `n` off the rest.
fn next_of<'a>(rest: &mut &'a [u32], n: usize) -> &'a [u32] {
    let (next, others) = rest.split_at(n);
    *rest = others;
    next
}
