//! One worker's list of marks, whatever its shape on the wire.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::super::read_values::{ReadValues, of_marks};
use super::{MarkKind, ShapeError};
use crate::answer::{scalar_text, structured};
use crate::consolidation::mark_consensus::Shape;
use crate::dice::Dice;
use crate::label_content::Decided;
use crate::vocabulary::LabelCategory;

/// The most marks that one answer may hold; hand-made answers stay far below.
pub(super) const MOST_MARKS: usize = 5_000;

/// One mark as a worker made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn<S> {
    /// What it is, if the worker says so.
    pub category: Option<LabelCategory>,
    /// Where it is.
    pub shape: S,
}

impl<S> Drawn<S> {
    /// A mark with the name of its category.
    pub fn new(category: impl Into<String>, shape: S) -> Self {
        Self { category: Some(LabelCategory::new(category)), shape }
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
    if n > MOST_MARKS { Err(MarkError::TooMany { n, nouns: kind.nouns.1 }) } else { Ok(()) }
}

/// A size that images can have.
fn image_size(width: f64, height: f64) -> Option<(f64, f64)> {
    (width > 0.0 && height > 0.0 && width <= 1e7 && height <= 1e7).then_some((width, height))
}

/// Why an answer, or one mark of it, was set aside.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(super) enum MarkError {
    #[error("the value is no list of {nouns}")]
    NoList { nouns: &'static str },
    #[error("the answer has {n} {nouns}, more than {MOST_MARKS}")]
    TooMany { n: usize, nouns: &'static str },
    #[error("{noun} {place}: {cause}")]
    NoMark { noun: &'static str, place: usize, cause: ReadError },
}

/// Why an entry of a list is no mark.
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

/// One worker's marks. Those without a shape (a click without a drag) are set aside one by one; a mark made twice counts
/// once. Empty text is a field left blank, while an empty list says that there is nothing.
pub(super) fn parse<S: PartialEq>(value: &Value, kind: &MarkKind<S>) -> Result<Option<MarkAnswer<S>>, MarkError> {
    let value = structured(value);
    if value.as_str().is_some_and(str::is_empty) || value.as_object().is_some_and(Map::is_empty) {
        return Ok(None);
    }
    let (noun, nouns) = kind.nouns;
    let list = kind.lists.iter().find_map(|name| value.get(name)).map(structured);
    let list = list.as_deref().unwrap_or(&value).as_array().ok_or(MarkError::NoList { nouns })?;
    let list = kind.arrange.map_or(Cow::Borrowed(list), |arrange| Cow::Owned(arrange(list)));
    check_number(list.len(), kind)?;
    let (mut marks, mut faults) = (Vec::with_capacity(list.len()), Vec::new());
    for (place, drawn) in list.iter().enumerate() {
        match (kind.read)(drawn) {
            Ok(Some(shape)) => marks.push(Drawn { category: category_of(drawn), shape }),
            Ok(None) => {}
            Err(cause) => faults.push(MarkError::NoMark { noun, place, cause }),
        }
    }
    let image_size = value.get("inputImageProperties").and_then(|size| {
        let (width, height) = (number(size.get("width")?)?, number(size.get("height")?)?);
        image_size(width, height)
    });
    MarkAnswer { marks, faults, image_size }.completed(kind).map(Some)
}

fn category_of(drawn: &Value) -> Option<LabelCategory> {
    member(drawn, "label").and_then(scalar_text).filter(|label| !label.is_empty()).map(LabelCategory::new)
}

/// A member of a mark. Marks have few, and looking at each takes less time than hashing the name.
pub(in super::super) fn member<'a>(drawn: &'a Value, name: &str) -> Option<&'a Value> {
    drawn.as_object()?.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// A number, or a number written as text.
pub(in super::super) fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number: &f64| number.is_finite())
}

/// Reads many answers, to compare them: how far two are apart is how little every mark of either overlaps its best match
/// of the same category.
pub(in super::super) fn read_values<S: Shape + PartialEq + Send + Sync>(
    values: &[&Value],
    kind: &'static MarkKind<S>,
) -> ReadValues {
    let marks = |value: &Value| parse(value, kind).map(|answer| answer.map(|answer| answer.marks));
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
pub(in super::super) fn as_answer<S>(decided: &Decided<'_>, kind: &MarkKind<S>) -> Option<Value> {
    let Decided::Marks(marks) = decided else { return None };
    let mut answer = json!({ *kind.lists.first()?: marks.list() });
    if let Some(size) = marks.image_size() {
        answer["inputImageProperties"] = size.clone();
    }
    Some(answer)
}

/// How many of the values have a shape of this kind: a list under one of its names, or a bare list of nothing but marks
/// that have all telling members.
pub(in super::super) fn claims<S>(values: &[&Value], kind: &MarkKind<S>) -> usize {
    let is_mark = |drawn: &Value| kind.telling.iter().all(|name| drawn.get(name).is_some());
    let is_bare = |list: &Vec<Value>| !kind.telling.is_empty() && !list.is_empty() && list.iter().all(is_mark);
    let claimed = |value: &&&Value| {
        let value = structured(value);
        match kind.lists.iter().find_map(|name| value.get(name)) {
            Some(list) => structured(list).is_array(),
            None => value.as_array().is_some_and(is_bare),
        }
    };
    values.iter().filter(claimed).count()
}

/// What a simulated worker sends where a perfect one would send `truth`: `redraw` changes one mark's shape. A careless
/// worker also misses marks and mistakes categories.
pub(in super::super) fn redraw<S>(
    kind: &MarkKind<S>,
    truth: &Value,
    careful: bool,
    categories: &[LabelCategory],
    dice: &mut Dice,
    redraw: impl Fn(&Value, &mut Dice) -> Value,
) -> Value {
    let mut answer = structured(truth).into_owned();
    let name = kind.lists.iter().find(|name| answer.get(**name).is_some());
    let list = match name {
        Some(name) => answer.get_mut(*name),
        None => Some(&mut answer),
    };
    let Some(list) = list.and_then(Value::as_array_mut) else {
        return answer;
    };
    list.retain(|_| careful || !dice.chance(0.3));
    for drawn in list.iter_mut() {
        *drawn = redraw(drawn, dice);
        let right = drawn.get("label").and_then(Value::as_str);
        let others: Vec<&LabelCategory> =
            categories.iter().filter(|category| Some(category.as_str()) != right).collect();
        let is_mistaken = !careful && dice.chance(0.4);
        if let Some(other) = dice.pick(&others).filter(|_| is_mistaken && drawn.is_object()) {
            drawn["label"] = json!(other);
        }
    }
    answer
}
