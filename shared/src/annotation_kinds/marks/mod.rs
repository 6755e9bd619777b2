//! What all kinds of marks share (boxes, polygons, lines, key points, spans, segments, tracks, cuboids): reading a list
//! of marks, bringing the workers' marks together, deciding which to keep, and writing them.
//!
//! Method `weighted-clusters`, our own (Ground Truth publishes no formula):
//! 1. Marks of different workers that resemble each other are clustered, no worker twice in a cluster
//!    ([`mark_clusters`](crate::consolidation::mark_clusters)).
//! 2. The whole batch tells how often each worker marks what is there and what is not, and so how surely each cluster is
//!    real ([`mark_existence`](crate::consolidation::mark_existence)); a cluster is kept when that reaches
//!    `keep.posterior` (default 0.45: the F1 of a whole is highest when
//!    marks are kept down to half of that F1 itself, and crowds reach 0.8 to 1; Lipton, Elkan and Naryanaswamy 2014).
//! 3. Likewise the cluster's category ([`mark_categories`](crate::consolidation::mark_categories)).
//! 4. The members' shapes are fused by a robust mean in which careful workers count more.
//!
//! The confidence of a mark is the estimated probability that it is real, has that category and, for shapes that are right
//! or wrong (the borders of a span), that shape. Of the latter many workers have the same wrong one more often than
//! independent workers would, so that the posterior is too sure; there it is averaged with the share of the workers who
//! have just this mark, one more vote cut in half, as for [categories](crate::consolidation::auto). The confidence of the
//! label is the mean over its marks, the share of them that is expected to be right; without any mark it is the
//! probability that there is nothing.
//!
//! The plain method of a kind (`iou-clusters`, `plain-clusters`) looks at each object alone and takes all workers alike:
//! a cluster is kept when enough of them made it (`keep`, default half of those who answered), its category is voted,
//! its shape is the median. The confidence of a mark is then its supporters (members with the winning category) over the
//! workers who could have made it; of a label without marks, the share of workers who made none.

mod keep;
mod names;
mod reading;
mod shape_error;
mod vertices;

use std::cmp::Ordering;

use serde::Serialize;

pub use self::keep::{Keep, KeepRules};
pub(super) use self::names::Names;
pub use self::reading::{Drawn, MarkAnswer};
pub(super) use self::reading::{Entry, ReadError, as_answer, category_of, claims, read_values, redraw};
use self::reading::{MarkError, parse};
pub use self::shape_error::ShapeError;
pub(super) use self::vertices::{Vertices, check_points, points, redraw_points};
use super::classification::as_map;
use super::{Consolidator, named, written};
use crate::batch::{FieldBatch, FieldObject, RejectedAnswer, Unresolved};
use crate::consolidation::mark_clusters::Search;
use crate::consolidation::mark_consensus::{self, JudgedObject, Mark, MarkedObject, Matching, Shape, TooManyPairs};
use crate::document::Reader;
use crate::field_value::FieldValue;
use crate::parallel;
use crate::typed::{Answers, Consensus, bounded};
use crate::vocabulary::{Confidence, DatasetObjectId, LabelCategory, Pixels, WorkerId};

/// The names of the methods, where a kind has no name of its own for the plain one.
pub(super) const METHODS: &[&str] = &[Method::Weighted.name(), Method::Plain.name()];

/// The most pairs of marks that may overlap in one object: nine workers with the same 300 marks each stay below, while the
/// answers of one who draws thousands of marks over each other do not tie the function up.
pub(super) const MAX_PAIRS: usize = 2_000_000;

/// The most such pairs where comparing two marks takes long.
pub(super) const MAX_COSTLY_PAIRS: usize = 100_000;

/// What a kind of marks adds to the shared steps.
pub(super) struct MarkKind<S: 'static> {
    /// The members of an answer that can hold the list of marks: `boundingBoxes`.
    pub lists: &'static [&'static str],
    /// Finds the marks in a list of something else, where a shape on the wire asks for that.
    pub arrange: Option<Arrange<S>>,
    /// The members that every mark has, by which a bare list of them is known; none where bare lists are not claimed.
    pub telling: &'static [&'static str],
    /// What one is called in messages: `box`, and several of them: `boxes`.
    pub nouns: (&'static str, &'static str),
    /// The plain method's name in plans: `plain-clusters` or `iou-clusters`.
    pub plain: &'static str,
    /// The parameter that holds the least similarity, and its defaults for the plain and for the weighted method.
    pub threshold: (&'static str, f64, f64),
    /// What a difference of category does to the similarity of two marks, under the weighted method: a factor.
    pub other_category: f64,
    /// The most overlapping pairs in one object.
    pub max_pairs: usize,
    /// Reads one mark's shape; `None` for an entry that says that there is no mark.
    pub read: fn(FieldValue<'_>) -> Result<Option<S>, ReadError>,
    /// Completes the shapes of one answer by what only the whole of it tells; it also sees the image's size.
    pub prepare: Prepare<S>,
    /// A total order of shapes by content, so that the order of answers changes nothing.
    pub compare: fn(&S, &S) -> Ordering,
    /// Fuses the members of each cluster, in an order that their content fixes.
    pub fuse: Fuse<S>,
    /// Where it stands among marks of equal confidence: the smaller first.
    pub reading_order: fn(&S) -> (f64, f64),
}

/// A list from the wire in, what its marks say out; `None` for a list of marks.
type Arrange<S> = fn(FieldValue<'_>) -> Option<Vec<Entry<S>>>;

/// One worker's marks and the size of the image, where it is known.
type Prepare<S> = fn(&mut [Drawn<S>], Option<(f64, f64)>);

/// Clusters, the number of workers and the method in, a shape per cluster out: `None` where the members make none.
type Fuse<S> = fn(&[Members<'_, S>], usize, Method) -> Vec<Option<Fused<S>>>;

/// What the members of a cluster make.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fused<S> {
    /// The fused shape.
    pub shape: S,
    /// The probability that it is right, given that the thing is there; `None` for shapes that are only more or less so.
    pub rightness: Option<f64>,
}

impl<S> Fused<S> {
    /// A shape that is only more or less right.
    pub(super) fn near(shape: S) -> Self {
        Self { shape, rightness: None }
    }
}

/// The versions of one thing.
#[derive(Debug, Clone)]
pub(super) struct Members<'a, S> {
    /// Index of the worker who drew each version.
    pub workers: Vec<usize>,
    /// The version of each of `workers`.
    pub shapes: Vec<&'a S>,
}

/// How marks are brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Method {
    /// The default: workers weigh what the whole batch says of them.
    Weighted,
    /// Each object alone, every worker alike. Kinds whose similarity is the intersection over union of boxes or pixels call
    /// it `iou-clusters`.
    Plain,
}

named!(Method, "method": Weighted = "weighted-clusters", Plain = "plain-clusters" | "iou-clusters");

/// How marks are consolidated.
#[derive(Debug, Clone, PartialEq)]
pub struct Params {
    /// How marks are brought together.
    pub method: Method,
    /// The least similarity of two marks that mean the same, from 0.05 to 1; beyond, the nearer bound counts. `None` for
    /// what the plan takes for the kind and the method.
    pub threshold: Option<f64>,
    /// How the marks that mean the same are looked for.
    pub search: Search,
    /// Which clusters of marks are kept.
    pub keep: KeepRules,
}

impl Params {
    /// What the plan takes where it says nothing: the method that learns from the whole batch.
    pub const STANDARD: Self = Self::with_method(Method::Weighted);

    /// The method that looks at each object alone, with the plan's parameters for it.
    pub const PLAIN: Self = Self::with_method(Method::Plain);

    const fn with_method(method: Method) -> Self {
        Self { method, threshold: None, search: Search::Greedy, keep: KeepRules::standard(method) }
    }
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

impl<S> MarkKind<S> {
    fn method_name(&self, method: Method) -> &'static str {
        match method {
            Method::Plain => self.plain,
            Method::Weighted => method.name(),
        }
    }

    fn matching(&self, params: &Params) -> Matching {
        let weighted = params.method == Method::Weighted;
        let (_, plain_standard, weighted_standard) = self.threshold;
        let standard = if weighted { weighted_standard } else { plain_standard };
        let threshold = params.threshold.map_or(standard, |least| bounded(least, MIN_THRESHOLD..=1.0, standard));
        Matching {
            threshold,
            other_category: if weighted { self.other_category } else { 1.0 },
            doubles: weighted.then_some(0.6),
            search: params.search,
            max_pairs: self.max_pairs,
        }
    }
}

/// Marks that have next to nothing in common are never the same.
pub(super) const MIN_THRESHOLD: f64 = 0.05;

/// Reads the parameters of a kind of marks.
pub(super) fn configure<S: Shape + PartialEq + Clone + Send + Serialize>(
    reader: &mut Reader<'_>,
    kind: &'static MarkKind<S>,
) -> Consolidator {
    let methods = [Method::Weighted, Method::Plain].map(|method| (kind.method_name(method), method));
    let method = reader.choice("method", &methods).unwrap_or(Params::STANDARD.method);
    let threshold = reader.number(kind.threshold.0, MIN_THRESHOLD..=1.0);
    let params = Params { method, threshold, search: read_search(reader), keep: KeepRules::read(reader, method) };
    Box::new(move |batch| {
        written(kind.method_name(params.method), consolidate(batch, |value| parse(value, kind), kind, &params))
    })
}

/// Reads how what means the same is looked for.
pub(super) fn read_search(reader: &mut Reader<'_>) -> Search {
    reader.choice("matching", &[("greedy", Search::Greedy), ("optimal", Search::Optimal)]).unwrap_or_default()
}

/// The typed call of a kind of marks, for code that works with any of them.
pub type Consolidate<S> = fn(&Answers<MarkAnswer<S>>, &Params) -> Vec<Consensus<MarksLabel<S>>>;

/// Consolidates marks that a program has in types of their own.
pub(super) fn consolidate_drawn<S: Shape + PartialEq + Clone>(
    answers: &Answers<MarkAnswer<S>>,
    kind: &'static MarkKind<S>,
    params: &Params,
) -> Vec<Consensus<MarksLabel<S>>> {
    consolidate(&answers.field(), |answer: &MarkAnswer<S>| answer.clone().completed(kind).map(Some), kind, params)
}

/// The marks of an object.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MarksLabel<S> {
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
    workers: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_size: Option<ImageSize>,
    /// By falling confidence, then in reading order.
    #[serde(rename = "annotations")]
    pub marks: Vec<FusedMark<S>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct ImageSize {
    width: Pixels,
    height: Pixels,
}

/// One thing that workers marked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FusedMark<S> {
    /// What it is, unless nobody says.
    #[serde(rename = "label")]
    pub category: Option<LabelCategory>,
    /// Where it is: the shape that the members' shapes make together.
    #[serde(flatten)]
    pub shape: S,
    /// The estimated probability that it is there and has this category; with [`Method::Plain`] the share of the workers who
    /// say both.
    pub confidence: Confidence,
    /// How many workers marked it, with this category or another.
    #[serde(rename = "workers")]
    pub n_workers: usize,
    /// The categories that they name, most first; empty when all name one.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_map")]
    pub votes: Vec<(LabelCategory, usize)>,
}

/// One object's answers, read.
struct Answered<'a, S> {
    id: &'a DatasetObjectId,
    answers: Vec<(&'a WorkerId, MarkAnswer<S>)>,
    rejected: Vec<RejectedAnswer>,
}

fn consolidate<S: Shape + PartialEq + Clone, V: Copy>(
    batch: &FieldBatch<'_, V>,
    parse: impl Fn(V) -> Result<Option<MarkAnswer<S>>, MarkError>,
    kind: &MarkKind<S>,
    params: &Params,
) -> Vec<Consensus<MarksLabel<S>>> {
    // Sums run in the order of ids, so that the order of the batch changes nothing.
    let mut order: Vec<usize> = (0..batch.objects.len()).collect();
    order.sort_by_key(|idx| batch.objects[*idx].id);
    let answered: Vec<Answered<'_, S>> = order.iter().map(|idx| read_object(&batch.objects[*idx], &parse)).collect();
    let answers = || answered.iter().flat_map(|answered| &answered.answers);
    let named = answers().flat_map(|(_, answer)| &answer.marks).filter_map(|mark| mark.category.as_ref());
    let names = Names::of(batch.categories, answers().map(|(worker_id, _)| *worker_id), named);
    let objects: Vec<MarkedObject<&S>> =
        answered.iter().map(|answered| marked(&names, &answered.answers, kind.compare)).collect();
    let matching = kind.matching(params);
    let matched = parallel::map(objects.iter().collect(), |object| mark_consensus::match_marks(object, &matching));
    let (clusters, is_beyond): (Vec<Vec<Vec<usize>>>, Vec<bool>) = matched
        .into_iter()
        .map(|matched| match matched {
            Ok(clusters) => (clusters, false),
            Err(TooManyPairs { .. }) => (Vec::new(), true),
        })
        .unzip();
    let assumed = &mark_consensus::Params::STANDARD;
    let judged = (params.method == Method::Weighted)
        .then(|| mark_consensus::fit(&objects, &clusters, names.workers.len(), names.categories.len(), assumed));
    let members: Vec<Members<'_, S>> =
        objects.iter().zip(&clusters).flat_map(|(object, clusters)| members_of(object, clusters)).collect();
    let mut fused = (kind.fuse)(&members, names.workers.len(), params.method).into_iter();
    let mut outcomes: Vec<(usize, Consensus<MarksLabel<S>>)> = Vec::with_capacity(objects.len());
    for (object_idx, answered) in answered.iter().enumerate() {
        let (idx, object) = (order[object_idx], &objects[object_idx]);
        let unresolved = batch
            .shortfall(&batch.objects[idx], object.workers.len())
            .or(is_beyond[object_idx].then_some(Unresolved::TooManyOverlaps));
        let shapes: Vec<Option<Fused<S>>> = fused.by_ref().take(clusters[object_idx].len()).collect();
        let judged = judged.as_ref().map(|judged| &judged[object_idx]);
        let cases = Cases { kind, keep: &params.keep, names: &names, object, clusters: &clusters[object_idx], judged };
        outcomes.push((idx, cases.outcome(&shapes, answered, unresolved)));
    }
    outcomes.sort_by_key(|(idx, _)| *idx);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

fn read_object<'a, S, V: Copy>(
    object: &FieldObject<'a, V>,
    parse: impl Fn(V) -> Result<Option<MarkAnswer<S>>, MarkError>,
) -> Answered<'a, S> {
    let (answers, mut rejected) = object.parse(parse);
    for (worker_id, answer) in &answers {
        rejected.extend(
            answer
                .faults
                .iter()
                .map(|fault| RejectedAnswer { worker_id: Some((*worker_id).clone()), reason: fault.to_string() }),
        );
    }
    Answered { id: object.id, answers, rejected }
}

fn members_of<'a, S>(object: &MarkedObject<&'a S>, clusters: &[Vec<usize>]) -> Vec<Members<'a, S>> {
    let of_cluster = |marks: &Vec<usize>| Members {
        workers: marks.iter().map(|mark| object.marks[*mark].worker).collect(),
        shapes: marks.iter().map(|mark| object.marks[*mark].shape).collect(),
    };
    clusters.iter().map(of_cluster).collect()
}

/// The marks of one object by their content.
fn marked<'s, S: Shape>(
    names: &Names<'_>,
    answers: &'s [(&WorkerId, MarkAnswer<S>)],
    compare: fn(&S, &S) -> Ordering,
) -> MarkedObject<&'s S> {
    let mut marks: Vec<Mark<&S>> = Vec::new();
    for (worker_id, answer) in answers {
        let worker = names.workers.index_of(worker_id);
        marks.extend(answer.marks.iter().map(|drawn| Mark {
            worker,
            category: names.index_of(drawn.category.as_ref()),
            shape: &drawn.shape,
        }));
    }
    marks.sort_by(|a, b| {
        let by_location = a.shape.reach().0.total_cmp(&b.shape.reach().0).then_with(|| compare(a.shape, b.shape));
        by_location.then(a.category.cmp(&b.category)).then(a.worker.cmp(&b.worker))
    });
    MarkedObject { workers: answers.iter().map(|(worker_id, _)| names.workers.index_of(worker_id)).collect(), marks }
}

/// What is known about one object before its label is written.
struct Cases<'a, S: 'static> {
    kind: &'a MarkKind<S>,
    keep: &'a KeepRules,
    names: &'a Names<'a>,
    object: &'a MarkedObject<&'a S>,
    clusters: &'a [Vec<usize>],
    judged: Option<&'a JudgedObject>,
}

impl<S: Clone + PartialEq> Cases<'_, S> {
    fn outcome(
        &self,
        shapes: &[Option<Fused<S>>],
        answered: &Answered<'_, S>,
        unresolved: Option<Unresolved>,
    ) -> Consensus<MarksLabel<S>> {
        let n_workers = self.object.workers.len();
        let marks = if unresolved.is_some() { Vec::new() } else { self.marks(shapes) };
        let confidence = Confidence::mean(marks.iter().map(|mark| mark.confidence))
            .or_else(|| Some(self.emptiness(answered)))
            .filter(|_| unresolved.is_none());
        let image_size = image_size(&answered.answers);
        Consensus {
            object_id: answered.id.clone(),
            label: MarksLabel { confidence, workers: n_workers, image_size, marks },
            n_workers,
            confidence,
            unresolved,
            rejected: answered.rejected.clone(),
        }
    }

    /// The marks that are kept: by falling confidence, then in reading order.
    fn marks(&self, shapes: &[Option<Fused<S>>]) -> Vec<FusedMark<S>> {
        let mut kept: Vec<((f64, f64), FusedMark<S>)> = Vec::with_capacity(shapes.len());
        for (cluster_idx, shape) in shapes.iter().enumerate() {
            let Some(fused) = shape else { continue };
            let shape = &fused.shape;
            let Verdict { category, existence, confidence, votes } = self.verdict(cluster_idx, fused);
            let category = category.map(|category| self.names.categories[category]);
            let n_members = self.clusters[cluster_idx].len();
            if !self.keep.keeps(category, n_members, self.object.workers.len(), existence) {
                continue;
            }
            let named = |(category, n): &(usize, usize)| (self.names.categories[*category].clone(), *n);
            let mark = FusedMark {
                category: category.cloned(),
                shape: shape.clone(),
                confidence,
                n_workers: n_members,
                votes: if votes.len() > 1 { votes.iter().map(named).collect() } else { Vec::new() },
            };
            kept.push(((self.kind.reading_order)(shape), mark));
        }
        kept.sort_by(|(corner_a, a), (corner_b, b)| {
            let by_confidence = b.confidence.value().total_cmp(&a.confidence.value());
            by_confidence.then(corner_a.0.total_cmp(&corner_b.0)).then(corner_a.1.total_cmp(&corner_b.1))
        });
        kept.into_iter().map(|(_, mark)| mark).collect()
    }

    fn verdict(&self, cluster_idx: usize, fused: &Fused<S>) -> Verdict {
        let n_workers = self.object.workers.len();
        let members = &self.clusters[cluster_idx];
        let votes = count_votes(members.iter().filter_map(|mark| self.object.marks[*mark].category));
        match self.judged.map(|judged| judged.clusters[cluster_idx]) {
            Some(judgment) => {
                let category = judgment.category.map(|(category, _)| category);
                let existence = settled(judgment.existence);
                let of_category = judgment.category.map_or(1.0, |(_, probability)| probability);
                let exists_so = judgment.existence * of_category;
                let probability = settled(fused.rightness.map_or(exists_so, |rightness| {
                    let has_it = |mark: &&usize| {
                        let mark = &self.object.marks[**mark];
                        *mark.shape == fused.shape && mark.category == category
                    };
                    let share = (members.iter().filter(has_it).count() as f64 + 0.5) / (n_workers as f64 + 1.0);
                    0.5 * (exists_so * rightness + share)
                }));
                Verdict { category, existence, confidence: in_range(probability), votes }
            }
            None => {
                let n_supporters = votes.first().map_or(members.len(), |(_, n)| *n);
                let category = votes.first().map(|(category, _)| *category);
                let confidence = Confidence::share(n_supporters, n_workers);
                Verdict { category, existence: confidence.value(), confidence, votes }
            }
        }
    }

    /// How sure it is that there is nothing.
    fn emptiness(&self, answered: &Answered<'_, S>) -> Confidence {
        match self.judged {
            Some(judged) => in_range(settled(judged.probability_empty())),
            None => {
                let n_empty = answered.answers.iter().filter(|(_, answer)| answer.is_nothing()).count();
                Confidence::share(n_empty, self.object.workers.len())
            }
        }
    }
}

/// The categories that members of a cluster name, by index, most first; ties fall as in a classification.
pub(super) fn count_votes(named: impl Iterator<Item = usize>) -> Vec<(usize, usize)> {
    let mut named: Vec<usize> = named.collect();
    named.sort_unstable();
    let mut counts: Vec<(usize, usize)> = named.chunk_by(|a, b| a == b).map(|run| (run[0], run.len())).collect();
    counts.sort_by_key(|(category, n)| (std::cmp::Reverse(*n), *category));
    counts
}

/// What becomes of one cluster; categories by index.
struct Verdict {
    category: Option<usize>,
    existence: f64,
    confidence: Confidence,
    votes: Vec<(usize, usize)>,
}

/// A probability or a coordinate without the last digits, in which the order of a sum shows: rounding error decides
/// neither what is kept nor how it is written.
pub(super) fn settled(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

/// A probability as a confidence.
pub(super) fn in_range(probability: f64) -> Confidence {
    Confidence::new(probability.clamp(0.0, 1.0)).unwrap_or(Confidence::ZERO)
}

/// The size that most answers give; between equally frequent ones the smallest.
fn image_size<S>(answers: &[(&WorkerId, MarkAnswer<S>)]) -> Option<ImageSize> {
    let mut sizes: Vec<(f64, f64)> = answers.iter().filter_map(|(_, answer)| answer.image_size).collect();
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let runs = sizes.chunk_by(|a, b| a == b);
    let (width, height) = *runs.rev().max_by_key(|run| run.len())?.first()?;
    Some(ImageSize { width: Pixels(width), height: Pixels(height) })
}

/// The order of two lists of numbers: by the first that differs, then the shorter first.
pub(super) fn compare_numbers(a: impl IntoIterator<Item = f64>, b: impl IntoIterator<Item = f64>) -> Ordering {
    let mut b = b.into_iter();
    for x in a {
        match b.next().map_or(Ordering::Greater, |y| x.total_cmp(&y)) {
            Ordering::Equal => {}
            unequal => return unequal,
        }
    }
    if b.next().is_some() { Ordering::Less } else { Ordering::Equal }
}
