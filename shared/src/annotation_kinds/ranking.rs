//! An order of items, with ties and in one or several dimensions: `crowd-text-ranking`, which posts
//! `ordinalRankingDimensions`, or `{"ranking": ["b", "a"]}` from a script.
//!
//! A dimension's order is read from a list of items, best first, in which a list stands for tied ones; from an object
//! `{item: rank}`; from a list of objects with an item and a `rank`; or from a list of ranks, whose items are then `1`, `2`,
//! `3` … in the order of the form. Rank 1 is the best. Items that a worker leaves out count as tied behind the others.
//!
//! Methods: `borda` (default) and `kemeny`, both after [`rank_aggregation`], and `plackett-luce`
//! ([Plackett and Luce](crate::consolidation::plackett_luce)), with workers weighted by how well they order pairs in this
//! batch, all dimensions together (`workerWeights`, default true; `false` gives equal weights). Where scores are equal
//! there are ties; Kemeny always decides, equal cases toward the Borda order.
//!
//! The confidence of a dimension is the estimated probability that a pair of its items stands in the right order, averaged
//! over all pairs: the mean of the workers' log-odds as a probability and of the smoothed share of workers (for a tie, that
//! share alone). A lone worker
//! has 0.77, three equal answers have 0.94. Fewer than two items are always right. The confidence of the label is the mean
//! over its dimensions.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use super::{AnnotationKind, Consolidator, Particulars, ReadValues, named, written};
use crate::batch::{FieldBatch, FieldObject, RejectedAnswer};
use crate::consolidation::plackett_luce;
use crate::consolidation::rank_aggregation::{self, RankedObject, Ranking};
use crate::dice::Dice;
use crate::document::Reader;
use crate::field_value::{FieldValue, FieldValueBuf, ValueShape};
use crate::label_content::{self, Decided, LabelContent};
use crate::typed::{Answers, Consensus};
use crate::vocabulary::{Confidence, LabelCategory, WorkerId};

/// The most items of a dimension and the most dimensions: beyond, the pairs of items tie the function up.
const MAX_ITEMS: usize = 200;
const MAX_DIMENSIONS: usize = 20;

/// The kind.
pub(super) const KIND: AnnotationKind = AnnotationKind {
    name: "ranking",
    summary: "an order of items, with ties and several dimensions: crowd-text-ranking",
    methods: Method::NAMES,
    lone_method: Some(Method::Borda.name()),
    claims: |values, _| values.iter().filter(|value| is_claimed(value.structured().view())).count(),
    configure,
    read_values: |values, _| ReadValues::others(values, parse, distance),
    label: LabelContent::Orders,
    as_answer,
    simulate,
    examples: &[
        r#"[{"name": "helpful", "responseRankings": [2, 1, 3]}, {"name": "honest", "responseRankings": [1, 1, 2]}]"#,
        r#"{"ranking": ["dawn", "dusk", "noon"]}"#,
        r#"{"ranking": ["dawn", ["dusk", "noon"]]}"#,
        r#"{"ranks": {"dawn": 1, "dusk": 2, "noon": 2}}"#,
        r#""{\"ranking\": [\"dawn\", \"dusk\"]}""#,
    ],
    particulars: Particulars::NONE,
};

/// How orders are brought together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Method {
    /// The default: by the mean rank, with ties where the scores are equal.
    Borda,
    /// The order with the fewest pairs against the workers'; never a tie.
    Kemeny,
    /// By the strengths that make the orders most probable, with ties where they are equal.
    PlackettLuce,
}

named!(
    Method, "method":
    Borda = "borda",
    Kemeny = "kemeny",
    PlackettLuce = "plackett-luce",
);

/// How orders are consolidated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Params {
    /// How they are brought together.
    pub method: Method,
    /// Whether workers weigh by how well they order pairs.
    pub worker_weights: bool,
}

impl Params {
    /// What the plan takes where it says nothing.
    pub const STANDARD: Self = Self { method: Method::Borda, worker_weights: true };
}

impl Default for Params {
    fn default() -> Self {
        Self::STANDARD
    }
}

fn configure(reader: &mut Reader<'_>) -> Consolidator {
    let standard = Params::STANDARD;
    let params = Params {
        method: reader.choice("method", Method::BY_NAME).unwrap_or(standard.method),
        worker_weights: reader.flag("workerWeights").unwrap_or(standard.worker_weights),
    };
    Box::new(move |batch| written(params.method.name(), fuse(batch, parse, params)))
}

/// One worker's order of items: the rank of each, 0 for the best, the same for tied ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order(BTreeMap<String, u32>);

impl Order {
    /// Items from the best to the worst; one that stands twice keeps its better rank.
    pub fn best_first<I: Into<String>>(items: impl IntoIterator<Item = I>) -> Self {
        Self::by_rank((0_u32..).zip(items).map(|(rank, item)| (item, f64::from(rank))))
    }

    /// Items with their ranks, the smaller the better, equal ones for ties. Only the order of the ranks counts.
    pub fn by_rank<I: Into<String>>(ranked: impl IntoIterator<Item = (I, f64)>) -> Self {
        let ranked: Vec<(String, f64)> = ranked.into_iter().map(|(item, rank)| (item.into(), rank)).collect();
        let mut distinct: Vec<f64> = ranked.iter().map(|(_, rank)| *rank).collect();
        distinct.sort_by(f64::total_cmp);
        distinct.dedup_by(|a, b| a.total_cmp(b).is_eq());
        let mut ranks = BTreeMap::new();
        for (item, rank) in ranked {
            let rank = distinct.partition_point(|other| other.total_cmp(&rank).is_lt()) as u32;
            let kept: &mut u32 = ranks.entry(item).or_insert(rank);
            *kept = rank.min(*kept);
        }
        Self(ranks)
    }
}

/// One worker's orders by dimension (helpful, honest, …). A lone order has the empty name.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Orders(BTreeMap<String, Order>);

impl From<Order> for Orders {
    fn from(order: Order) -> Self {
        Self::in_dimensions([("", order)])
    }
}

impl Orders {
    /// Orders in several dimensions, each with its name.
    pub fn in_dimensions<N: Into<String>>(orders: impl IntoIterator<Item = (N, Order)>) -> Self {
        Self(orders.into_iter().map(|(name, order)| (name.into(), order)).collect())
    }

    /// The same without dimensions that hold nothing; `None` when there is no other.
    fn usable(mut self) -> Result<Option<Self>, RankingError> {
        if self.0.len() > MAX_DIMENSIONS {
            return Err(RankingError::TooManyDimensions { n: self.0.len() });
        }
        if let Some((idx, order)) = self.0.values().enumerate().find(|(_, order)| order.0.len() > MAX_ITEMS) {
            return Err(RankingError::TooManyItems { idx, n: order.0.len() });
        }
        self.0.retain(|_, order| !order.0.is_empty());
        Ok(Some(self).filter(|orders| !orders.0.is_empty()))
    }
}

/// The orders of an object's items.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RankingLabel {
    #[serde(skip_serializing_if = "Option::is_none")]
    confidence: Option<Confidence>,
    /// One per dimension, by their names; none where nothing was decided.
    pub dimensions: Vec<DimensionLabel>,
    workers: usize,
}

/// The order of items in one dimension.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DimensionLabel {
    /// The dimension; `None` for a lone order.
    pub name: Option<String>,
    /// The items, best first.
    pub ranking: Vec<String>,
    /// Each item's rank, 1 for the best; tied items have the same.
    #[serde(serialize_with = "as_map")]
    pub ranks: Vec<(String, usize)>,
    /// The estimated probability that a pair of items stands in the right order, averaged over all pairs.
    pub confidence: Confidence,
    /// How many workers ordered items in this dimension.
    #[serde(rename = "workers")]
    pub n_workers: usize,
}

/// Pairs as an object whose members keep their order.
fn as_map<S: Serializer>(pairs: &[(String, usize)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

/// The usable answers to one object, and the items and rankings of each dimension.
struct OrdersOfObject<'a> {
    orders: Vec<(&'a WorkerId, Orders)>,
    rejected: Vec<RejectedAnswer>,
}

/// One dimension of one object.
struct Dimension<'a> {
    name: &'a str,
    items: Vec<&'a str>,
    ranked: RankedObject,
}

/// Consolidates the order in which each worker put the items of each object: one consensus per object, in their order.
///
/// Items that a worker leaves out count as tied behind the others. Answers with more than 20 dimensions, or 200 items in one,
/// are set aside. The confidence of a consensus is the mean over its dimensions.
///
/// ```
/// use ground_truth::Answers;
/// use ground_truth::annotation_kinds::ranking::{self, Order, Params};
///
/// let answers = Answers::from_rows([
///     ("prompt-1", "ana", Order::best_first(["dawn", "dusk", "noon"])),
///     ("prompt-1", "bo", Order::best_first(["dawn", "noon", "dusk"])),
///     ("prompt-1", "cy", Order::by_rank([("dawn", 1.0), ("dusk", 2.0), ("noon", 2.0)])),
/// ]);
///
/// let consensus = ranking::consolidate(&answers, &Params::STANDARD);
/// let order = &consensus[0].label.dimensions[0];
/// assert_eq!((order.ranking[0].as_str(), order.n_workers), ("dawn", 3));
/// assert!(order.confidence.value() > 0.7);
/// ```
pub fn consolidate(answers: &Answers<Orders>, params: &Params) -> Vec<Consensus<RankingLabel>> {
    fuse(&answers.field(), |orders: &Orders| orders.clone().usable(), *params)
}

fn fuse<V: Copy>(
    batch: &FieldBatch<'_, V>,
    parse: impl Fn(V) -> Result<Option<Orders>, RankingError>,
    params: Params,
) -> Vec<Consensus<RankingLabel>> {
    let workers = batch.worker_indices();
    let answers: Vec<OrdersOfObject<'_>> = batch.objects.iter().map(|object| read(object, &parse)).collect();
    let dimensions: Vec<Vec<Dimension<'_>>> = answers.iter().map(|answers| dimensions(answers, &workers)).collect();
    let all: Vec<RankedObject> = dimensions.iter().flatten().map(|dimension| dimension.ranked.clone()).collect();
    let weights = if params.worker_weights {
        rank_aggregation::pair_accuracies(&all, workers.len(), &rank_aggregation::Params::STANDARD).weights
    } else {
        // The weight of a worker who orders four of five pairs right.
        vec![4.0_f64.ln(); workers.len()]
    };
    let parts = batch.objects.iter().zip(&answers).zip(&dimensions);
    parts.map(|((object, answers), of_object)| outcome(batch, object, answers, of_object, &weights, params)).collect()
}

fn read<'a, V: Copy>(
    object: &FieldObject<'a, V>,
    parse: impl Fn(V) -> Result<Option<Orders>, RankingError>,
) -> OrdersOfObject<'a> {
    let (mut orders, rejected) = object.parse(parse);
    orders.sort_by(|(worker_a, a), (worker_b, b)| a.cmp(b).then(worker_a.cmp(worker_b)));
    OrdersOfObject { orders, rejected }
}

fn dimensions<'a>(answers: &'a OrdersOfObject<'_>, workers: &BTreeMap<&WorkerId, usize>) -> Vec<Dimension<'a>> {
    let names: BTreeSet<&str> =
        answers.orders.iter().flat_map(|(_, orders)| orders.0.keys().map(String::as_str)).collect();
    let of_name = |name: &'a str| {
        let orders = || answers.orders.iter().filter_map(|(worker_id, orders)| Some((worker_id, orders.0.get(name)?)));
        let items: BTreeSet<&str> = orders().flat_map(|(_, order)| order.0.keys().map(String::as_str)).collect();
        let items: Vec<&str> = items.into_iter().collect();
        let ranking = |order: &Order| Ranking { ranks: items.iter().map(|item| order.0.get(*item).copied()).collect() };
        let rankings = orders()
            .filter_map(|(worker_id, order)| Some((workers.get(worker_id).copied()?, ranking(order))))
            .collect();
        Dimension { name, ranked: RankedObject { n_items: items.len(), rankings }, items }
    };
    names.into_iter().map(of_name).collect()
}

fn outcome<V>(
    batch: &FieldBatch<'_, V>,
    object: &FieldObject<'_, V>,
    answers: &OrdersOfObject<'_>,
    dimensions: &[Dimension<'_>],
    weights: &[f64],
    params: Params,
) -> Consensus<RankingLabel> {
    let n_workers = answers.orders.len();
    let unresolved = batch.shortfall(object, n_workers);
    let decided = dimensions.iter().filter(|_| unresolved.is_none());
    let labels: Vec<DimensionLabel> = decided.map(|dimension| decide(dimension, weights, params.method)).collect();
    let confidence = Confidence::mean(labels.iter().map(|label| label.confidence));
    Consensus {
        object_id: object.id.clone(),
        label: RankingLabel { confidence, dimensions: labels, workers: n_workers },
        n_workers,
        confidence,
        unresolved,
        rejected: answers.rejected.clone(),
    }
}

fn decide(dimension: &Dimension<'_>, weights: &[f64], method: Method) -> DimensionLabel {
    let Dimension { name, items, ranked } = dimension;
    let by_score = |scores: Vec<f64>| (rank_aggregation::by_score(&scores), rank_aggregation::ranks_of(&scores));
    let (order, ranks) = match method {
        Method::PlackettLuce => by_score(plackett_luce::strengths(ranked, weights)),
        Method::Borda => by_score(rank_aggregation::borda(ranked, weights)),
        Method::Kemeny => {
            let order = rank_aggregation::kemeny(ranked, weights);
            let mut ranks = vec![0; order.len()];
            for (rank, item) in (1..).zip(&order) {
                ranks[*item] = rank;
            }
            (order, ranks)
        }
    };
    let pairs = rank_aggregation::pair_probabilities(ranked, weights, &ranks);
    let confidence = Confidence::mean(pairs.into_iter().filter_map(|pair| Confidence::new(pair).ok()));
    DimensionLabel {
        name: Some((*name).to_owned()).filter(|name| !name.is_empty()),
        ranking: order.iter().map(|item| items[*item].to_owned()).collect(),
        ranks: order.iter().map(|item| (items[*item].to_owned(), ranks[*item])).collect(),
        confidence: confidence.unwrap_or(Confidence::ZERO.complement()),
        n_workers: ranked.rankings.len(),
    }
}

/// Why a value is not an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum RankingError {
    #[error("the value is not a ranking")]
    NoRanking,
    #[error("dimension {idx} has no ranks that can be read")]
    NoRanks { idx: usize },
    #[error("the answer has {n} dimensions, more than {MAX_DIMENSIONS}")]
    TooManyDimensions { n: usize },
    #[error("dimension {idx} has {n} items, more than {MAX_ITEMS}")]
    TooManyItems { idx: usize, n: usize },
}

/// One worker's orders. A field without any item is left blank.
fn parse(value: FieldValue<'_>) -> Result<Option<Orders>, RankingError> {
    let decoded = value.structured();
    let value = decoded.view();
    if value.is_blank() {
        return Ok(None);
    }
    let list = dimension_list(value);
    let is_list = list.is_some();
    let named: Vec<(String, FieldValue<'_>)> = match list {
        Some(list) if list.len() > MAX_DIMENSIONS => return Err(RankingError::TooManyDimensions { n: list.len() }),
        Some(list) => (1..).zip(list).map(|(number, one)| (dimension_name(one, number), ranks_member(one))).collect(),
        None => vec![(String::new(), ranks_member(value))],
    };
    let mut orders = Orders::default();
    for (idx, (name, ranks)) in named.into_iter().enumerate() {
        let no_ranks = if is_list { RankingError::NoRanks { idx } } else { RankingError::NoRanking };
        let order = order(ranks).ok_or(no_ranks)?;
        if order.0.len() > MAX_ITEMS {
            return Err(RankingError::TooManyItems { idx, n: order.0.len() });
        }
        if !order.0.is_empty() {
            orders.0.insert(name, order);
        }
    }
    orders.usable()
}

/// The mean over dimensions of Kendall's distance; a dimension that one of two lacks counts 1.
fn distance(a: &Orders, b: &Orders) -> f64 {
    let names: BTreeSet<&String> = a.0.keys().chain(b.0.keys()).collect();
    let of_dimension = |name: &&String| match (a.0.get(*name), b.0.get(*name)) {
        (Some(a), Some(b)) => kendall_distance(a, b),
        _ => 1.0,
    };
    names.iter().map(of_dimension).sum::<f64>() / names.len().max(1) as f64
}

/// The share of pairs of items that stand in the other order; a pair that is tied on one side only counts half.
fn kendall_distance(a: &Order, b: &Order) -> f64 {
    let items: BTreeSet<&String> = a.0.keys().chain(b.0.keys()).collect();
    let rank = |order: &Order, item: &String| order.0.get(item).copied().unwrap_or(u32::MAX);
    let ranks: Vec<(u32, u32)> = items.into_iter().map(|item| (rank(a, item), rank(b, item))).collect();
    let (mut n_pairs, mut n_halves) = (0_u32, 0_u32);
    for (n, (first_a, first_b)) in ranks.iter().enumerate() {
        for (second_a, second_b) in &ranks[n + 1..] {
            let (in_a, in_b) = (first_a.cmp(second_a), first_b.cmp(second_b));
            n_pairs += 1;
            n_halves += if in_a == in_b {
                0
            } else if in_a.is_eq() || in_b.is_eq() {
                1
            } else {
                2
            };
        }
    }
    f64::from(n_halves) / f64::from(2 * n_pairs.max(1))
}

/// Ranks by item: of a lone order, or by dimension as `crowd-text-ranking` does.
fn as_answer(decided: &Decided<'_>) -> Option<FieldValueBuf> {
    let Decided::Orders(orders) = decided else { return None };
    let orders: Vec<label_content::Order<'_>> = orders.iter().collect();
    let ranks = |order: &label_content::Order<'_>| FieldValueBuf::object(order.ranks.iter().copied());
    if let [lone @ label_content::Order { name: None, .. }] = orders.as_slice() {
        return Some(FieldValueBuf::object([("ranks", ranks(lone))]));
    }
    let dimension = |order: &label_content::Order<'_>| {
        FieldValueBuf::object([("name", FieldValueBuf::of(order.name)), ("responseRankings", ranks(order))])
    };
    let dimensions = || FieldValueBuf::list(orders.iter().map(dimension));
    (!orders.is_empty()).then(|| FieldValueBuf::object([("ordinalRankingDimensions", dimensions())]))
}

/// The dimensions of `crowd-text-ranking`: a list of objects with ranks in them.
fn dimension_list(value: FieldValue<'_>) -> Option<Vec<FieldValue<'_>>> {
    let list = value.member("ordinalRankingDimensions").unwrap_or(value).elements()?;
    let has_ranks = |one: &FieldValue<'_>| one.member("responseRankings").is_some();
    let list: Option<Vec<FieldValue<'_>>> = list.map(|one| Some(one).filter(has_ranks)).collect();
    list.filter(|list| !list.is_empty())
}

/// The name of a dimension, or else its number in the form.
fn dimension_name(dimension: FieldValue<'_>, number: usize) -> String {
    dimension.member("name").and_then(FieldValue::scalar_text).map_or_else(|| number.to_string(), Cow::into_owned)
}

/// The order inside a value, or the value itself.
fn ranks_member(value: FieldValue<'_>) -> FieldValue<'_> {
    value.any_member(&["responseRankings", "ranking", "ranks"]).unwrap_or(value)
}

/// The rank of each item, in any of the shapes of the module's doc; smaller is better.
fn order(value: FieldValue<'_>) -> Option<Order> {
    let ranked: Option<Vec<(String, f64)>> = match value.members() {
        Some(ranks) => ranks.map(|(item, rank)| Some((item.into_owned(), rank.number()?))).collect(),
        None => listed_items(&value.elements()?.collect::<Vec<_>>()),
    };
    ranked.map(Order::by_rank)
}

/// The items of a list of ranks, of a list of items with a rank each, or of a list of items from the best to the worst.
fn listed_items(list: &[FieldValue<'_>]) -> Option<Vec<(String, f64)>> {
    if !list.is_empty() && list.iter().all(|rank| rank.shape() == ValueShape::Number) {
        return (1..).zip(list).map(|(number, rank)| Some((number.to_string(), rank.number()?))).collect();
    }
    if list.iter().any(|item| item.shape() == ValueShape::Object) {
        return list.iter().map(|item| ranked_item(*item)).collect();
    }
    let groups: Vec<Vec<String>> = list.iter().map(|item| group(*item)).collect::<Option<_>>()?;
    let ranked = (0_u32..).zip(groups);
    Some(ranked.flat_map(|(rank, group)| group.into_iter().map(move |item| (item, f64::from(rank)))).collect())
}

/// An item with its rank: `{"id": "dawn", "rank": 1}`.
fn ranked_item(value: FieldValue<'_>) -> Option<(String, f64)> {
    let names = ["item", "id", "responseId", "name", "response", "label", "text"];
    let item = names.into_iter().find_map(|name| value.member(name)?.scalar_text())?;
    let rank = ["rank", "ranking"].into_iter().find_map(|name| value.member(name)?.number())?;
    Some((item.into_owned(), rank))
}

/// One item, or several tied ones.
fn group(value: FieldValue<'_>) -> Option<Vec<String>> {
    let text = |value: FieldValue<'_>| value.scalar_text().map(Cow::into_owned);
    match value.elements() {
        Some(tied) => tied.map(text).collect(),
        None => Some(vec![text(value)?]),
    }
}

/// Claims lists of dimensions, and objects that name their order `ranking` or `ranks`; a bare list of texts could be
/// anything.
fn is_claimed(value: FieldValue<'_>) -> bool {
    let names_order = value.any_member(&["ranking", "ranks"]).is_some();
    (dimension_list(value).is_some() || names_order) && matches!(parse(value), Ok(Some(_)))
}

/// A careful worker swaps two neighbors now and then; a careless one shuffles.
fn simulate(truth: FieldValue<'_>, careful: bool, _: &[LabelCategory], dice: &mut Dice) -> FieldValueBuf {
    let decoded = truth.structured();
    let value = decoded.view();
    let mut shuffled = |value: FieldValue<'_>| {
        let Some(ranks) = order(value) else { return value.to_buf() };
        let mut sent: Vec<u32> = ranks.0.values().map(|rank| rank + 1).collect();
        let n_swaps = if careful { usize::from(dice.chance(0.2)) } else { 2 * sent.len() };
        for _ in 0..n_swaps {
            let (a, b) = (dice.below(sent.len()), dice.below(sent.len()));
            if a < sent.len() && b < sent.len() {
                sent.swap(a, b);
            }
        }
        FieldValueBuf::object(ranks.0.keys().zip(sent))
    };
    match dimension_list(value) {
        Some(list) => FieldValueBuf::list((1..).zip(list).map(|(number, one)| {
            let name = FieldValueBuf::of(dimension_name(one, number));
            FieldValueBuf::object([("name", name), ("responseRankings", shuffled(ranks_member(one)))])
        })),
        None => FieldValueBuf::object([("ranks", shuffled(ranks_member(value)))]),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{label_of, mistakes};
    use serde_json::{Value, json};

    use super::super::typed_tests::Crowd;
    use super::*;

    /// `name:item=rank item=rank confidence` per dimension.
    fn check(parameters: Value, values: Value, expected: &str) {
        let outcome = label_of(&KIND, parameters, values.clone());
        let dimensions = outcome.members["dimensions"].as_array().expect("a list").iter().map(|dimension| {
            let ranks = dimension["ranks"].as_object().expect("an object");
            let ranks: Vec<String> = ranks.iter().map(|(item, rank)| format!("{item}={rank}")).collect();
            format!("{}:{} {}", dimension["name"].as_str().unwrap_or(""), ranks.join(" "), dimension["confidence"])
        });
        let rejected = outcome.rejected.iter().map(|rejected| rejected.reason.clone());
        assert_eq!(dimensions.chain(rejected).collect::<Vec<_>>().join("; "), expected, "{values}");
    }

    #[test]
    fn every_shape_of_an_order_counts() {
        for shape in [
            json!({"ranking": ["b", ["a", "c"]]}),
            json!(["b", ["a", "c"]]),
            json!({"ranks": {"b": 1, "a": 2, "c": 2}}),
            json!({"a": "2", "b": "1", "c": "2"}),
            json!([{"id": "a", "rank": 5}, {"id": "b", "rank": 1}, {"id": "c", "rank": 5}]),
            json!("{\"ranking\": [\"b\", [\"a\", \"c\"]]}"),
        ] {
            check(json!({}), json!([shape]), ":b=1 a=2 c=2 0.77");
        }
    }

    #[test]
    fn dimensions_are_ordered_one_by_one() {
        let answer = json!([{"name": "x", "responseRankings": [2, 1]}, {"name": "y", "responseRankings": [1, 1]}]);
        check(json!({}), json!([answer, answer, answer]), "x:2=1 1=2 0.94; y:1=1 2=1 0.88");
        check(json!({}), json!([{"ordinalRankingDimensions": answer}]), "x:2=1 1=2 0.77; y:1=1 2=1 0.75");
        check(json!({}), json!([[{"responseRankings": {"a": 1, "b": 2}}]]), "1:a=1 b=2 0.77");
    }

    #[test]
    fn the_methods_differ_where_they_should() {
        let values = json!([["a", "b", "c"], ["a", "b", "c"], ["a", "b", "c"], ["b", "c", "a"], ["b", "c", "a"]]);
        check(json!({"workerWeights": false}), values.clone(), ":b=1 a=2 c=3 0.65");
        check(json!({"workerWeights": false, "method": "kemeny"}), values.clone(), ":a=1 b=2 c=3 0.78");
        check(json!({"workerWeights": false, "method": "plackett-luce"}), values, ":b=1 a=2 c=3 0.65");
    }

    #[test]
    fn what_is_no_order_is_set_aside() {
        check(
            json!({}),
            json!(["a", 7, {"ranking": 3}, [{"responseRankings": "x"}], "", {}, ["a"]]),
            ":a=1 1.0; the value is not a ranking; the value is not a ranking; the value is not a ranking; \
             dimension 0 has no ranks that can be read",
        );
        let long: Value = (0..=MAX_ITEMS).map(|item| json!(format!("i{item}"))).collect();
        let outcome = label_of(&KIND, json!({}), json!([long]));
        assert_eq!(outcome.rejected[0].reason, "dimension 0 has 201 items, more than 200");
        assert_eq!(outcome.unresolved.map(|reason| reason.as_str()), Some("no-usable-answer"));
    }

    #[test]
    fn parameters_are_checked() {
        assert_eq!(
            mistakes(&KIND, json!({"method": "Borda", "workerWeights": "no"})),
            "fields.field.method: must be `borda`, `kemeny` or `plackett-luce`; did you mean `borda`?; \
             fields.field.workerWeights: must be true or false"
        );
    }

    #[test]
    fn typed_answers_give_the_same() {
        let crowd = Crowd::new(|_, odd| {
            let items = [["dawn", "dusk", "noon"], ["dusk", "noon", "dawn"]][odd];
            (json!({ "ranking": items }), Orders::from(Order::best_first(items)))
        });
        crowd.check(&KIND, json!({}), consolidate(&crowd.answers, &Params::STANDARD));
    }
}
