//! The words of the domain as types: who answered, about what, which category, how sure.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What every text of the domain is made from, and how it is printed: as it is, within the width of a format.
macro_rules! text {
    ($($name:ident),+) => {$(
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self::new(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
    )+};
}

text!(WorkerId, DatasetObjectId, LabelCategory);

/// A worker, as Ground Truth names one (`private.eu-west-1.0f1e…`). Opaque: compared, never parsed. A worker gives many
/// answers, so a copy shares the text.
#[doc(alias("annotator", "rater"))]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(Arc<str>);

impl WorkerId {
    /// Any text is a worker id.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// The id as it stands on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Maps by worker are asked by text too: `skills["ana"]`.
impl Borrow<str> for WorkerId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Serialize for WorkerId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for WorkerId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// The id of a dataset object within its labeling job: the index of its line in the manifest, counted from `"0"`. Outside
/// of labeling jobs any text.
///
/// Echoed exactly as received. The service sends a string; payloads written by hand sometimes hold an integer, which
/// then goes back as an integer. A copy shares the text, so that every result can carry its object's id.
#[doc(alias("item", "task"))]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DatasetObjectId {
    text: Arc<str>,
    is_integer: bool,
}

impl DatasetObjectId {
    /// The id that the service writes as this string.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self { text: id.into(), is_integer: false }
    }

    /// The id as text, whichever way it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl Serialize for DatasetObjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.text.parse::<u64>() {
            Ok(integer) if self.is_integer => serializer.serialize_u64(integer),
            _ => serializer.serialize_str(&self.text),
        }
    }
}

impl<'de> Deserialize<'de> for DatasetObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = DatasetObjectId;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a non-negative integer")
            }

            fn visit_str<E: de::Error>(self, id: &str) -> Result<Self::Value, E> {
                Ok(DatasetObjectId::new(id))
            }

            fn visit_u64<E: de::Error>(self, id: u64) -> Result<Self::Value, E> {
                Ok(DatasetObjectId { text: id.to_string().into(), is_integer: true })
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// One label category (a class), by its name as workers see it.
#[doc(alias("class", "tag"))]
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LabelCategory(String);

impl LabelCategory {
    /// Any text is a category name; the service compares names exactly, and so do we.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The category's name, as the form and the label spell it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Maps by category are asked by text too.
impl Borrow<str> for LabelCategory {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// How sure a method is of one label: a number in [0, 1], never NaN. Its exact meaning is stated by the method.
///
/// On the wire it has two decimals, as Ground Truth's own confidences have. Rounding never claims certainty: only
/// exactly 1 is written as `1.0` and only exactly 0 as `0.0`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Confidence(f64);

impl Confidence {
    /// No confidence at all: what Ground Truth writes for a label that rests on a single worker.
    pub const ZERO: Self = Self(0.0);

    /// Checks the range once, for good.
    ///
    /// # Errors
    /// [`ConfidenceError`] when `value` is NaN or outside [0, 1].
    pub fn new(value: f64) -> Result<Self, ConfidenceError> {
        if (0.0..=1.0).contains(&value) { Ok(Self(value)) } else { Err(ConfidenceError { value }) }
    }

    /// The share `part / whole`, at most 1; 0 when `whole` is 0.
    pub fn share(part: usize, whole: usize) -> Self {
        if whole == 0 { Self::ZERO } else { Self(part.min(whole) as f64 / whole as f64) }
    }

    /// The mean of several confidences; `None` for none.
    pub fn mean(confidences: impl IntoIterator<Item = Self>) -> Option<Self> {
        let (sum, n) = confidences.into_iter().fold((0.0, 0), |(sum, n), confidence| (sum + confidence.0, n + 1));
        (n > 0).then(|| Self((sum / f64::from(n)).clamp(0.0, 1.0)))
    }

    /// How sure one is of the opposite.
    pub fn complement(self) -> Self {
        Self(1.0 - self.0)
    }

    /// The number, unrounded.
    pub fn value(self) -> f64 {
        self.0
    }

    /// The number as the wire has it: two decimals, and never 0 or 1 by rounding.
    pub fn rounded(self) -> f64 {
        let rounded = (self.0 * 100.0).round() / 100.0;
        if self.0 > 0.0 && self.0 < 1.0 { rounded.clamp(0.01, 0.99) } else { rounded }
    }
}

impl TryFrom<f64> for Confidence {
    type Error = ConfidenceError;

    fn try_from(value: f64) -> Result<Self, ConfidenceError> {
        Self::new(value)
    }
}

impl From<Confidence> for f64 {
    fn from(confidence: Confidence) -> Self {
        confidence.0
    }
}

/// [Rounded](Confidence::rounded), as on the wire.
impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rounded().fmt(f)
    }
}

impl Serialize for Confidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.rounded())
    }
}

/// A coordinate or a length in image pixels. On the wire an integer where it is one, and else at most two decimals.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Pixels(pub f64);

impl Serialize for Pixels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let hundredths = (self.0 * 100.0).round();
        let whole = (hundredths / 100.0).trunc();
        // Every whole number up to 2^53 is exact on both sides; geometry keeps coordinates far below.
        if (whole * 100.0 - hundredths).abs() < 0.5 {
            serializer.serialize_i64(whole as i64)
        } else {
            serializer.serialize_f64(hundredths / 100.0)
        }
    }
}

/// A number outside of [0, 1], or NaN.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("a confidence must lie in [0, 1], not {value}")]
pub struct ConfidenceError {
    value: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_go_back_as_they_came() {
        for wire in [r#""0""#, r#""007""#, "12", r#""12""#, r#""s3://b/k#1""#] {
            let id: DatasetObjectId = serde_json::from_str(wire).expect("an id");
            assert_eq!(serde_json::to_string(&id).expect("serializable"), wire);
        }
        for wire in ["null", "1.5", "-1", "[]", "{}", "true"] {
            assert!(serde_json::from_str::<DatasetObjectId>(wire).is_err(), "{wire} is not an id");
        }
    }

    #[test]
    fn ids_are_made_from_texts_and_printed_as_they_are() {
        let worker = WorkerId::from("ana");
        assert_eq!((worker.clone(), format!("{worker:>5}|")), (String::from("ana").into(), "  ana|".to_owned()));
        let n_answers = std::collections::BTreeMap::from([(worker, 3)]);
        assert_eq!(n_answers["ana"], 3);
    }

    #[test]
    fn a_confidence_is_printed_as_on_the_wire() {
        let print = |value: f64| Confidence::try_from(value).map(|confidence| confidence.to_string());
        assert_eq!([2.0 / 3.0, 0.999, 1.0].map(print), ["0.67", "0.99", "1"].map(|text| Ok(text.to_owned())));
        assert_eq!(
            print(1.5).map_err(|error| error.to_string()),
            Err("a confidence must lie in [0, 1], not 1.5".to_owned())
        );
    }

    #[test]
    fn rounding_never_claims_certainty() {
        let wire = |value| {
            serde_json::to_string(&Confidence::new(value).expect("in range")).expect("a finite number serializes")
        };
        assert_eq!(
            [0.0, 0.001, 1.0 / 3.0, 2.0 / 3.0, 0.999, 1.0].map(wire),
            ["0.0", "0.01", "0.33", "0.67", "0.99", "1.0"]
        );
    }

    #[test]
    fn pixels_are_integers_where_they_can_be() {
        let wire = |pixels| serde_json::to_string(&Pixels(pixels)).expect("a finite number serializes");
        assert_eq!(
            [10.0, 10.5, 10.004, 1.0 / 3.0, -2.0, -0.25, 0.0].map(wire),
            ["10", "10.5", "10", "0.33", "-2", "-0.25", "0"]
        );
    }

    #[test]
    fn confidence_is_checked_at_the_door() {
        for value in [-0.01, 1.01, f64::NAN, f64::INFINITY] {
            assert!(Confidence::new(value).is_err(), "{value}");
        }
        assert_eq!(Confidence::mean([]), None);
    }
}
