//! Known answers (gold): what the plan's member `gold` says about dataset objects, per form field.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::document::{Problem, Reader};
use crate::vocabulary::DatasetObjectId;

/// Known answers by form field and dataset object.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gold(BTreeMap<String, BTreeMap<String, Value>>);

impl Gold {
    /// Reads the member `gold`. `objection` says why a value is no known answer of a field, or why there is none.
    pub(crate) fn read(reader: &mut Reader<'_>, objection: impl Fn(&str, &Value) -> Option<Objection>) -> Self {
        let mut fields = Self::default();
        for (name, objects, path) in reader.entries("gold") {
            let Some(objects) = objects.as_object() else {
                reader.absorb(vec![Problem { path, message: "must be a JSON object".to_owned() }]);
                continue;
            };
            let of_field = fields.0.entry(name.to_owned()).or_default();
            for (id, value) in objects.iter().filter(|(_, value)| !value.is_null()) {
                match objection(name, value) {
                    None => drop(of_field.insert(id.clone(), value.clone())),
                    Some(Objection::Value(message)) => {
                        reader.absorb(vec![Problem { path: format!("{path}.{id}"), message }]);
                    }
                    Some(Objection::Field(message)) => {
                        // Once for the field, not for each of its objects.
                        reader.absorb(vec![Problem { path: path.clone(), message }]);
                        break;
                    }
                }
            }
        }
        fields
    }

    /// The known answer to a form field of an object, whichever way its id was written.
    pub(crate) fn of(&self, field: &str, object: &DatasetObjectId) -> Option<&Value> {
        self.0.get(field)?.get(object.as_str())
    }
}

/// What is wrong with a known answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Objection {
    /// The field can have none.
    Field(String),
    /// The value is none.
    Value(String),
}
