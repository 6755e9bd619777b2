//! Marks of several workers on many objects, brought together: which marks mean the same thing, how surely that thing is
//! there, and what it is.
//!
//! The steps, each a method of its own: [`mark_clusters`] per object, then over all objects [`mark_existence`] and
//! [`mark_categories`]. What is left to the caller is the fusion of a cluster's shapes, which differs from kind to kind.
//!
//! Nothing here knows what a mark is: a [`Shape`] tells how far it reaches and how similar it is to another.

use super::mark_categories::{self, NamedCluster};
use super::mark_clusters::{self, Pair, Search};
use super::mark_existence::{self, ObjectClusters};

/// What a mark looks like.
pub trait Shape: Sync {
    /// An interval outside of which nothing resembles the mark: marks whose intervals do not meet have similarity 0.
    fn reach(&self) -> (f64, f64);

    /// How similar two marks are: symmetric, in [0, 1], 1 for equal ones.
    fn similarity(&self, other: &Self) -> f64;
}

impl<S: Shape> Shape for &S {
    fn reach(&self) -> (f64, f64) {
        (**self).reach()
    }

    fn similarity(&self, other: &Self) -> f64 {
        (**self).similarity(other)
    }
}

/// One mark: who made it, which category it names, where it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark<S> {
    /// The worker, by index.
    pub worker: usize,
    /// The category, by index, if the mark names one.
    pub category: Option<usize>,
    /// Where it is: shapes are compared by [`Shape::similarity`] alone.
    pub shape: S,
}

/// One object: who answered, and everybody's marks, in the order of their reaches' starts. Equally similar pairs are taken
/// in this order, so it should depend on the marks alone.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkedObject<S> {
    /// The workers who answered, by index, each once; also those who marked nothing.
    pub workers: Vec<usize>,
    /// All marks of these workers.
    pub marks: Vec<Mark<S>>,
}

/// When two marks mean the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Matching {
    /// The least mean similarity of two clusters that are joined.
    pub threshold: f64,
    /// What a difference of category does to the similarity: a factor in (0, 1].
    pub other_category: f64,
    /// The least mean similarity of two clusters that may be one thing drawn twice; `None` to join none.
    pub doubles: Option<f64>,
    /// How the clusters are looked for.
    pub search: Search,
    /// At most so many pairs may reach the threshold in one object, and ten times as many come near it at all.
    pub max_pairs: usize,
}

/// More similar pairs of marks than are compared for one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {max_pairs} pairs of marks resemble each other")]
pub struct TooManyPairs {
    /// [`Matching::max_pairs`].
    pub max_pairs: usize,
}

/// The clusters of one object's marks: indices into its marks, ascending.
///
/// # Errors
/// [`TooManyPairs`] when the marks overlap in more pairs than the bound.
pub fn match_marks<S: Shape>(object: &MarkedObject<S>, matching: &Matching) -> Result<Vec<Vec<usize>>, TooManyPairs> {
    let marks = &object.marks;
    let similarity = |a: usize, b: usize| {
        let (a, b) = (&marks[a], &marks[b]);
        let differ = a.category.is_some() && b.category.is_some() && a.category != b.category;
        a.shape.similarity(&b.shape) * if differ { matching.other_category } else { 1.0 }
    };
    let mut pairs = Vec::new();
    let mut n_compared = 0;
    for (a, mark) in marks.iter().enumerate() {
        let (_, end) = mark.shape.reach();
        for (b, other) in marks.iter().enumerate().skip(a + 1) {
            if other.shape.reach().0 > end {
                break;
            }
            if mark.worker != other.worker {
                let similarity = similarity(a, b);
                n_compared += usize::from(similarity > 0.0);
                if similarity >= matching.threshold {
                    pairs.push(Pair { a, b, similarity });
                }
            }
        }
        if pairs.len() > matching.max_pairs || n_compared > 10 * matching.max_pairs {
            return Err(TooManyPairs { max_pairs: matching.max_pairs });
        }
    }
    let worker_of: Vec<usize> = marks.iter().map(|mark| mark.worker).collect();
    let clusters = mark_clusters::cluster(&worker_of, pairs, similarity, matching.threshold, matching.search);
    let reach = |mark: usize| marks[mark].shape.reach();
    Ok(match matching.doubles {
        Some(threshold) => mark_clusters::join_doubles(clusters, &worker_of, reach, similarity, threshold),
        None => clusters,
    })
}

/// What the whole batch says about one cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct JudgedCluster {
    /// The probability that the cluster stands for something real.
    pub existence: f64,
    /// The most probable category and its probability, given that the thing is real; `None` where nobody named one.
    pub category: Option<(usize, f64)>,
}

/// What the whole batch says about one object.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedObject {
    /// What is said of each cluster, in their order.
    pub clusters: Vec<JudgedCluster>,
    /// The expected number of things that nobody marked.
    pub unseen: f64,
}

impl JudgedObject {
    /// The probability that nothing is there: no cluster is real, and nobody overlooked anything.
    pub fn probability_empty(&self) -> f64 {
        let all_false: f64 = self.clusters.iter().map(|judgment| 1.0 - judgment.existence).product();
        all_false * (-self.unseen).exp()
    }
}

/// The parameters of both models.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// How hit rates and false marks are shrunken.
    pub existence: mark_existence::Params,
    /// How accuracies are shrunken.
    pub categories: mark_categories::Params,
}

impl Params {
    /// The standard parameters of both models.
    pub const STANDARD: Self =
        Self { existence: mark_existence::Params::STANDARD, categories: mark_categories::Params::STANDARD };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// Judges the clusters of all objects together. `n_workers` and `n_categories` are above every index.
#[doc(alias("weighted boxes fusion", "WBF"))]
pub fn fit<S>(
    objects: &[MarkedObject<S>],
    clusters: &[Vec<Vec<usize>>],
    n_workers: usize,
    n_categories: usize,
    params: &Params,
) -> Vec<JudgedObject> {
    let workers_in = |object: &MarkedObject<S>, members: &[usize]| -> Vec<usize> {
        members.iter().map(|mark| object.marks[*mark].worker).collect()
    };
    let seen: Vec<ObjectClusters> = objects
        .iter()
        .zip(clusters)
        .map(|(object, clusters)| ObjectClusters {
            workers: object.workers.clone(),
            clusters: clusters.iter().map(|members| workers_in(object, members)).collect(),
        })
        .collect();
    let existence = mark_existence::fit(&seen, n_workers, &params.existence);
    let named: Vec<NamedCluster> = objects
        .iter()
        .zip(clusters)
        .zip(&existence.existence)
        .flat_map(|((object, clusters), existence)| {
            clusters.iter().zip(existence).map(|(members, existence)| {
                let vote = |mark: &usize| Some((object.marks[*mark].worker, object.marks[*mark].category?));
                let mut votes: Vec<(usize, usize)> = members.iter().filter_map(vote).collect();
                // In the order of workers, so that clusters which are alike are seen to be.
                votes.sort_unstable();
                NamedCluster { votes, existence: *existence }
            })
        })
        .collect();
    let mut categories =
        mark_categories::fit(&named, n_workers, n_categories, &params.categories).categories.into_iter();
    let judged = |(existence, unseen): (Vec<f64>, f64)| {
        let judgments = existence.into_iter().zip(&mut categories);
        let clusters = judgments.map(|(existence, category)| JudgedCluster { existence, category }).collect();
        JudgedObject { clusters, unseen }
    };
    existence.existence.into_iter().zip(existence.unseen).map(judged).collect()
}
