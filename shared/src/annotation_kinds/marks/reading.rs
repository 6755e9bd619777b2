//! One worker's list of marks, whatever its shape on the wire.

use std::borrow::Cow;

use super::super::read_values::{ReadValues, of_marks};
use super::{MarkKind, ShapeError};
use crate::consolidation::mark_consensus::Shape;
use crate::dice::Dice;
use crate::field_value::{FieldValue, FieldValueBuf, FieldValueCow, ValueShape};
use crate::label_content::Decided;
use crate::vocabulary::LabelCategory;

/// The most marks that one answer may hold; hand-made answers stay far below.
pub(super) const MAX_MARKS: usize = 5_000;

/// One mark as a worker made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn<S> {
    /// What it is, if the worker says so.
    pub category: Option<LabelCategory>,
    /// The mark's shape, in the kind's own units.
    pub shape: S,
}

impl<S> Drawn<S> {
    /// A mark with the name of its category.
    pub fn new(category: impl Into<LabelCategory>, shape: S) -> Self {
        Self { category: Some(category.into()), shape }
    }

    /// A mark of a form that does not ask for a category.
    pub fn unnamed(shape: S) -> Self {
        Self { category: None, shape }
    }
}

/// One worker's marks on one object; an answer without any says that there is nothing. A mark made twice counts once.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkAnswer<S> {
    pub(super) marks: Vec<Drawn<S>>,
    /// What the answer held besides, and was set aside.
    pub(super) faults: Vec<MarkError>,
    pub(super) image_size: Option<(f64, f64)>,
}

impl<S> FromIterator<Drawn<S>> for MarkAnswer<S> {
    fn from_iter<I: IntoIterator<Item = Drawn<S>>>(marks: I) -> Self {
        Self { marks: marks.into_iter().collect(), faults: Vec::new(), image_size: None }
    }
}

impl<S> From<Vec<Drawn<S>>> for MarkAnswer<S> {
    fn from(marks: Vec<Drawn<S>>) -> Self {
        marks.into_iter().collect()
    }
}

impl<S, const N: usize> From<[Drawn<S>; N]> for MarkAnswer<S> {
    fn from(marks: [Drawn<S>; N]) -> Self {
        marks.into_iter().collect()
    }
}

impl<S> MarkAnswer<S> {
    /// The marks that a worker made.
    pub fn of(marks: impl IntoIterator<Item = Drawn<S>>) -> Self {
        marks.into_iter().collect()
    }

    /// Tells the size of the image in pixels. Key points use it, to know how far apart lone ones may lie.
    pub fn on_image(self, width: f64, height: f64) -> Self {
        Self { image_size: image_size(width, height), ..self }
    }

    /// Whether the worker says that there is nothing. Who drew nothing but faulty marks has seen something.
    pub(super) fn is_nothing(&self) -> bool {
        self.marks.is_empty() && self.faults.is_empty()
    }
}

impl<S: PartialEq> MarkAnswer<S> {
    /// Puts the marks in an order that their content fixes, and adds what only the whole answer tells.
    pub(super) fn completed(mut self, kind: &MarkKind<S>) -> Result<Self, MarkError> {
        check_number(self.marks.len(), kind)?;
        self.marks.sort_by(|a, b| (kind.compare)(&a.shape, &b.shape).then_with(|| a.category.cmp(&b.category)));
        self.marks.dedup();
        (kind.prepare)(&mut self.marks, self.image_size);
        Ok(self)
    }
}

fn check_number<S>(n: usize, kind: &MarkKind<S>) -> Result<(), MarkError> {
    if n > MAX_MARKS { Err(MarkError::TooMany { n, nouns: kind.nouns.1 }) } else { Ok(()) }
}

/// A size that images can have.
fn image_size(width: f64, height: f64) -> Option<(f64, f64)> {
    (width > 0.0 && height > 0.0 && width <= 1e7 && height <= 1e7).then_some((width, height))
}

/// Why an answer, or one mark of it, was set aside.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum MarkError {
    #[error("the value is not a list of {nouns}")]
    NoList { nouns: &'static str },
    #[error("the answer has {n} {nouns}, more than {MAX_MARKS}")]
    TooMany { n: usize, nouns: &'static str },
    #[error("{noun} {idx}: {cause}")]
    NoMark { noun: &'static str, idx: usize, cause: ReadError },
}

/// Why an entry of a list is not a mark.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(in super::super) enum ReadError {
    #[error("{0}")]
    Incomplete(&'static str),
    #[error(transparent)]
    NoShape(#[from] ShapeError),
}

impl From<&'static str> for ReadError {
    fn from(what: &'static str) -> Self {
        Self::Incomplete(what)
    }
}

/// What an entry of a list says: a category, and a shape unless it says that there is no mark.
pub(in super::super) struct Entry<S> {
    pub(in super::super) category: Option<LabelCategory>,
    pub(in super::super) shape: Result<Option<S>, ReadError>,
}

/// One worker's marks. Those without a shape (a click without a drag) are set aside one by one; a mark made twice counts
/// once. Empty text is a field left blank, while an empty list says that there is nothing.
pub(super) fn parse<S: PartialEq>(
    value: FieldValue<'_>,
    kind: &MarkKind<S>,
) -> Result<Option<MarkAnswer<S>>, MarkError> {
    let decoded = value.structured();
    let value = decoded.view();
    if value.is_blank() && value.shape() != ValueShape::List {
        return Ok(None);
    }
    let named = value.any_member(kind.lists).map(FieldValue::structured);
    let list = named.as_ref().map_or(value, FieldValueCow::view);
    let listed = list.elements().ok_or(MarkError::NoList { nouns: kind.nouns.1 })?;
    let mut answer = match kind.arrange.and_then(|arrange| arrange(list)) {
        Some(entries) => {
            check_number(entries.len(), kind)?;
            gather(entries.into_iter(), kind)
        }
        None => {
            check_number(listed.clone().count(), kind)?;
            let entry = |drawn| Entry { category: category_of(drawn), shape: (kind.read)(drawn) };
            gather(listed.map(entry), kind)
        }
    };
    let sides = value.member("inputImageProperties").and_then(|size| size.numbers(["width", "height"]));
    answer.image_size = sides.and_then(|[width, height]| image_size(width, height));
    answer.completed(kind).map(Some)
}

fn gather<S>(entries: impl Iterator<Item = Entry<S>>, kind: &MarkKind<S>) -> MarkAnswer<S> {
    let (mut marks, mut faults) = (Vec::with_capacity(entries.size_hint().0), Vec::new());
    for (idx, Entry { category, shape }) in entries.enumerate() {
        match shape {
            Ok(Some(shape)) => marks.push(Drawn { category, shape }),
            Ok(None) => {}
            Err(cause) => faults.push(MarkError::NoMark { noun: kind.nouns.0, idx, cause }),
        }
    }
    MarkAnswer { marks, faults, image_size: None }
}

/// The category that a mark names, if it names one.
pub(in super::super) fn category_of(drawn: FieldValue<'_>) -> Option<LabelCategory> {
    drawn.member("label")?.scalar_text().filter(|label| !label.is_empty()).map(LabelCategory::new)
}

/// Reads many answers, to compare them: how far two are apart is how little every mark of either overlaps its best match
/// of the same category.
pub(in super::super) fn read_values<S: Shape + PartialEq + Send + Sync>(
    values: &[FieldValue<'_>],
    kind: &'static MarkKind<S>,
) -> ReadValues {
    let marks = |value: FieldValue<'_>| parse(value, kind).map(|answer| answer.map(|answer| answer.marks));
    ReadValues::others(values, marks, |a: &Vec<Drawn<S>>, b: &Vec<Drawn<S>>| {
        of_marks(a, b, |drawn| drawn.category.as_ref(), |a, b| similarity(&a.shape, &b.shape))
    })
}

/// The similarity of two shapes, without a look at those that cannot resemble each other.
fn similarity<S: Shape>(a: &S, b: &S) -> f64 {
    let ((start_a, end_a), (start_b, end_b)) = (a.reach(), b.reach());
    if start_a <= end_b && start_b <= end_a { a.similarity(b) } else { 0.0 }
}

/// The marks of a label as the form would have sent them.
pub(in super::super) fn as_answer<S>(decided: &Decided<'_>, kind: &MarkKind<S>) -> Option<FieldValueBuf> {
    let Decided::Marks(marks) = decided else { return None };
    let answer = FieldValueBuf::object([(*kind.lists.first()?, marks.list())]);
    Some(match marks.image_size() {
        Some(size) => answer.with_member("inputImageProperties", size),
        None => answer,
    })
}

/// How many of the values have a shape of this kind: a list under one of its names, or a bare list of nothing but marks
/// that have all telling members.
pub(in super::super) fn claims<S>(values: &[FieldValue<'_>], kind: &MarkKind<S>) -> usize {
    let is_mark = |drawn: FieldValue<'_>| kind.telling.iter().all(|name| drawn.member(name).is_some());
    let has_marks = |value: FieldValue<'_>| value.elements().is_some_and(|mut list| list.all(is_mark));
    let is_bare = |value: FieldValue<'_>| !kind.telling.is_empty() && !value.is_blank() && has_marks(value);
    let is_claimed = |value: FieldValue<'_>| match value.any_member(kind.lists) {
        Some(list) => list.structured().view().shape() == ValueShape::List,
        None => is_bare(value),
    };
    values.iter().filter(|value| is_claimed(value.structured().view())).count()
}

/// What a simulated worker sends where a perfect one would send `truth`: `redraw` changes one mark's shape. A careless
/// worker also misses marks and mistakes categories.
pub(in super::super) fn redraw<S>(
    kind: &MarkKind<S>,
    truth: FieldValue<'_>,
    careful: bool,
    categories: &[LabelCategory],
    dice: &mut Dice,
    redraw: impl Fn(FieldValue<'_>, &mut Dice) -> FieldValueBuf,
) -> FieldValueBuf {
    let decoded = truth.structured();
    let answer = decoded.view();
    let name = kind.lists.iter().find(|name| answer.member(name).is_some());
    let list = name.map_or(Some(answer), |name| answer.member(name));
    let Some(drawn) = list.and_then(FieldValue::elements) else { return answer.to_buf() };
    let seen: Vec<FieldValue<'_>> = drawn.filter(|_| careful || !dice.chance(0.3)).collect();
    let mut sent = |drawn: FieldValue<'_>| {
        let redrawn = redraw(drawn, dice);
        let right = redrawn.view().member("label").and_then(FieldValue::text).map(Cow::into_owned);
        let others: Vec<&LabelCategory> =
            categories.iter().filter(|category| Some(category.as_str()) != right.as_deref()).collect();
        let is_mistaken = !careful && dice.chance(0.4);
        match dice.pick(&others).filter(|_| is_mistaken) {
            Some(other) => redrawn.with_member("label", other),
            None => redrawn,
        }
    };
    let list = FieldValueBuf::list(seen.into_iter().map(&mut sent));
    match name {
        Some(name) => answer.to_buf().with_member(name, list),
        None => list,
    }
}
