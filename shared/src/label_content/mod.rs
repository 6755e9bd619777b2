//! What a label of a form field says, typed: the few shapes that labels have, and what follows from each.
//!
//! A kind states in [`LabelContent`] which members of its labels decide. Whoever shows, compares or exports labels reads them
//! as [`Decided`], and needs to know neither the kind nor the names of members.
//!
//! - [`Decided`], [`Order`]: what was decided. `marks`: [`Marks`] and their [`Shape`]s. `words`: the same as text.
//! - [`Decision`]: what makes two labels differ.

use serde::Serialize;
use serde_json::{Map, Number, Value};

mod decision;
mod marks;
mod words;

pub use decision::Decision;
pub(crate) use decision::replace_texts;
pub use marks::{DrawnBox, Mark, Marks, Shape};

/// Members of a label, as they stand on the wire.
pub(crate) type Members = Map<String, Value>;

/// What the labels of a kind hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LabelContent {
    /// One category: `label`.
    Category,
    /// Any number of categories: `labels`.
    Categories,
    /// A number: `value`.
    Number,
    /// A text: `text`.
    Text,
    /// Which of two items is better: `preferred`, `over`.
    Preference,
    /// Items in order, by dimension: `dimensions`.
    Orders,
    /// Marks: `annotations`, for pixels also `labeledImage`.
    Marks(MarkGeometry),
    /// Values that were counted, of which none was decided on: `values`.
    Values,
    /// Members of other names: all but those that tell how a label came about.
    OtherMembers,
}

/// What kind of shape marks have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MarkGeometry {
    /// A box in an image, also turned.
    Box,
    /// Corners in an image, joined to a closed outline.
    Polygon,
    /// Points in an image, joined to an open line.
    Polyline,
    /// A point in an image.
    Point,
    /// Pixels of an image.
    Mask,
    /// A box per frame of a video.
    Track,
    /// Part of a text.
    Span,
    /// Part of a recording.
    Segment,
    /// A block in space, such as a vehicle in a point cloud.
    Cuboid,
    /// Anything that cannot be drawn.
    Other,
}

/// What marks are drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Surface {
    /// The image, or a frame of the video.
    Image,
    /// The text.
    Text,
    /// The recording, along its time.
    Time,
    /// The ground, seen from above.
    Ground,
}

impl MarkGeometry {
    /// What such marks are drawn on; `None` for those that cannot be drawn.
    pub fn surface(self) -> Option<Surface> {
        match self {
            Self::Box | Self::Polygon | Self::Polyline | Self::Point | Self::Mask | Self::Track => Some(Surface::Image),
            Self::Span => Some(Surface::Text),
            Self::Segment => Some(Surface::Time),
            Self::Cuboid => Some(Surface::Ground),
            Self::Other => None,
        }
    }
}

/// A task type that Ground Truth has built in, by the shape of its labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BuiltInTask {
    /// Image or text classification with a single label.
    Classification,
    /// The same with several labels.
    MultiLabelClassification,
    /// Boxes in an image.
    ObjectDetection,
    /// Spans of a text.
    NamedEntityRecognition,
    /// The class of every pixel. Labels of this shape are read, but never written: they are the S3 URI of a PNG file, and
    /// consolidation writes no files.
    SemanticSegmentation,
}

impl BuiltInTask {
    /// Whether labels of this shape are written.
    pub fn is_written(self) -> bool {
        self != Self::SemanticSegmentation
    }
}

/// What a label decided, as a value of its kind.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Decided<'a> {
    /// One category.
    Category(&'a str),
    /// Any number of categories; none is a decision too.
    Categories(Vec<&'a str>),
    /// A number with its digits.
    Number(&'a Number),
    /// A text.
    Text(&'a str),
    /// Which of two items is better.
    Preference {
        /// The preferred item.
        preferred: &'a str,
        /// The other item.
        over: &'a str,
    },
    /// Items in order, by dimension.
    Orders(Orders<'a>),
    /// Marks; none is a decision too.
    Marks(Marks<'a>),
    /// Every different value that workers gave.
    Values(Values<'a>),
    /// Members whose names we know nothing of.
    OtherMembers(Map<String, Value>),
}

impl LabelContent {
    /// The shape of the marks that a label holds; `None` where it holds something else.
    pub fn geometry(self) -> Option<MarkGeometry> {
        match self {
            Self::Marks(geometry) => Some(geometry),
            _ => None,
        }
    }

    /// What the members of a label tell about their shape: for kinds that are not known here, such as those of a newer version.
    pub(crate) fn recognize(members: &Members) -> Self {
        let is_list = |name: &str| members.get(name).is_some_and(Value::is_array);
        let is_number = |name: &str| members.get(name).is_some_and(Value::is_number);
        let is_text = |name: &str| members.get(name).is_some_and(Value::is_string);
        if is_list("labels") {
            Self::Categories
        } else if is_list("annotations") {
            Self::Marks(MarkGeometry::Other)
        } else if is_list("dimensions") {
            Self::Orders
        } else if is_list("values") {
            Self::Values
        } else if is_text("preferred") && is_text("over") {
            Self::Preference
        } else if is_text("label") {
            Self::Category
        } else if is_number("value") {
            Self::Number
        } else if is_text("text") {
            Self::Text
        } else {
            Self::OtherMembers
        }
    }

    /// The members that decide; `None` where all do that do not tell how the label came about.
    fn deciding_members(self) -> Option<&'static [&'static str]> {
        Some(match self {
            Self::Category => &["label"],
            Self::Categories => &["labels"],
            Self::Number => &["value"],
            Self::Text => &["text"],
            Self::Preference => &["preferred", "over"],
            Self::Orders => &["dimensions"],
            Self::Marks(_) => &["annotations", "labeledImage"],
            Self::Values => &["values"],
            Self::OtherMembers => return None,
        })
    }

    /// Reads what the members of a label decided; `None` where they decide nothing, or have another shape.
    pub(crate) fn read(self, members: &Members) -> Option<Decided<'_>> {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let list = |name: &str| members.get(name).and_then(Value::as_array).map(Vec::as_slice);
        Some(match self {
            Self::Category => Decided::Category(text("label")?),
            Self::Categories => Decided::Categories(list("labels")?.iter().map(Value::as_str).collect::<Option<_>>()?),
            Self::Number => Decided::Number(members.get("value")?.as_number()?),
            Self::Text => Decided::Text(text("text")?),
            Self::Preference => Decided::Preference { preferred: text("preferred")?, over: text("over")? },
            Self::Orders => Decided::Orders(Orders(list("dimensions").filter(|orders| !orders.is_empty())?)),
            Self::Marks(geometry) => {
                list("annotations")?;
                Decided::Marks(Marks { geometry, members })
            }
            Self::Values => Decided::Values(Values(list("values")?)),
            Self::OtherMembers => {
                let members = decision::deciding(members, None);
                Decided::OtherMembers(Some(members).filter(|members| !members.is_empty())?)
            }
        })
    }
}

impl<'a> Decided<'a> {
    /// The categories that the decision consists of, those of its marks too, each as often as it stands there.
    pub fn categories(&self) -> Vec<&'a str> {
        match self {
            Self::Category(category) => vec![*category],
            Self::Categories(categories) => categories.clone(),
            Self::Marks(marks) => marks.iter().filter_map(|mark| mark.category()).collect(),
            _ => Vec::new(),
        }
    }
}

/// Orders of items, one per dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Orders<'a>(&'a [Value]);

/// The order of items in one dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order<'a> {
    /// The dimension; `None` for a lone order.
    pub name: Option<&'a str>,
    /// The items with their ranks, the best first; tied ones have the same rank, and stand in alphabetical order.
    pub ranks: Vec<(&'a str, u64)>,
}

impl<'a> Orders<'a> {
    /// The order in each dimension. What is not an order is left out.
    pub fn iter(self) -> impl Iterator<Item = Order<'a>> {
        self.0.iter().filter_map(|dimension| {
            let ranks = dimension.get("ranks")?.as_object()?;
            let rank = |(item, rank): (&'a String, &Value)| Some((item.as_str(), rank.as_u64()?));
            let mut ranks: Vec<(&str, u64)> = ranks.iter().filter_map(rank).collect();
            ranks.sort_by_key(|(item, rank)| (*rank, *item));
            Some(Order { name: dimension.get("name").and_then(Value::as_str), ranks })
        })
    }
}

/// Every different value that workers gave, with its number of workers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Values<'a>(&'a [Value]);

impl<'a> Values<'a> {
    /// Every different value, the most frequent first.
    pub fn iter(self) -> impl Iterator<Item = &'a Value> {
        self.0.iter().filter_map(|counted| counted.get("value"))
    }
}

/// Names with numbers of votes.
pub(crate) fn votes(votes: Option<&Value>) -> impl Iterator<Item = (&str, u64)> {
    let votes = votes.and_then(Value::as_object).into_iter().flatten();
    votes.filter_map(|(name, n)| Some((name.as_str(), n.as_u64()?)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_label_of_an_unknown_kind_is_known_by_its_members() {
        let check = |members: Value, expected: LabelContent| {
            let members = members.as_object().expect("an object");
            assert_eq!(LabelContent::recognize(members), expected, "{members:?}");
            assert!(expected.read(members).is_some(), "{members:?}");
        };
        check(json!({"labels": [], "confidence": 0.9}), LabelContent::Categories);
        check(json!({"annotations": [{"label": "x"}]}), LabelContent::Marks(MarkGeometry::Other));
        check(json!({"dimensions": [{"ranks": {"a": 1}}]}), LabelContent::Orders);
        check(json!({"values": []}), LabelContent::Values);
        check(json!({"preferred": "a", "over": "b"}), LabelContent::Preference);
        check(json!({"label": "x", "text": "y"}), LabelContent::Category);
        check(json!({"value": 3}), LabelContent::Number);
        check(json!({"text": "2024-05-17", "answers": []}), LabelContent::Text);
        check(json!({"seen": true}), LabelContent::OtherMembers);
        // The right name is not enough.
        check(json!({"value": "#ff0000"}), LabelContent::OtherMembers);
        check(json!({"label": {"en": "otter"}}), LabelContent::OtherMembers);
    }

    #[test]
    fn members_of_another_shape_decide_nothing() {
        let members =
            json!({"label": null, "labels": [1], "value": "x", "dimensions": [], "annotations": {}, "workers": 1});
        let members = members.as_object().expect("an object");
        for content in [
            LabelContent::Category,
            LabelContent::Categories,
            LabelContent::Number,
            LabelContent::Text,
            LabelContent::Preference,
            LabelContent::Orders,
            LabelContent::Marks(MarkGeometry::Box),
            LabelContent::Values,
        ] {
            assert_eq!(content.read(members), None, "{content:?}");
        }
        let how = json!({"confidence": 0.9, "votes": {}, "workers": 3});
        assert_eq!(LabelContent::OtherMembers.read(how.as_object().expect("an object")), None);
    }

    #[test]
    fn decisions_name_their_categories() {
        let check = |content: LabelContent, members: Value, expected: &[&str]| {
            let decided = content.read(members.as_object().expect("an object")).expect("a decision");
            assert_eq!(decided.categories(), expected);
        };
        check(LabelContent::Category, json!({"label": "otter"}), &["otter"]);
        check(LabelContent::Categories, json!({"labels": ["wet", "dark"]}), &["wet", "dark"]);
        let marks = json!({"annotations": [{"label": "otter"}, {}, {"label": "otter"}]});
        check(LabelContent::Marks(MarkGeometry::Point), marks, &["otter", "otter"]);
        check(LabelContent::Text, json!({"text": "otter"}), &[]);
    }

    #[test]
    fn names_on_the_wire_are_in_kebab_case() {
        assert_eq!(json!([MarkGeometry::Polyline, Surface::Ground]), json!(["polyline", "ground"]));
        assert_eq!(MarkGeometry::Segment.surface(), Some(Surface::Time));
        assert_eq!(MarkGeometry::Other.surface(), None);
    }
}
