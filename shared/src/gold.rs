//! Known answers (gold): what the plan's member `gold` says about dataset objects, per form field.

use std::collections::BTreeMap;

use crate::document::{Problem, Reader};
use crate::field_value::{FieldValue, FieldValueBuf};
use crate::vocabulary::DatasetObjectId;

/// Known answers by form field and dataset object.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gold(BTreeMap<String, BTreeMap<String, FieldValueBuf>>);

impl Gold {
    /// Reads the member `gold`. `known` gives what a value says about a field, or why it is not a known answer of it.
    pub(crate) fn read(
        reader: &mut Reader<'_>,
        known: impl Fn(&str, FieldValueBuf) -> Result<FieldValueBuf, Objection>,
    ) -> Self {
        let mut fields = Self::default();
        for (name, objects, path) in reader.entries("gold") {
            let Some(objects) = objects.as_object() else {
                reader.add_problems(vec![Problem { path, message: "must be a JSON object".to_owned() }]);
                continue;
            };
            let of_field = fields.0.entry(name.to_owned()).or_default();
            for (id, value) in objects.iter().filter(|(_, value)| !value.is_null()) {
                match known(name, value.clone().into()) {
                    Ok(known) => drop(of_field.insert(id.clone(), known)),
                    Err(Objection::Value(message)) => {
                        reader.add_problems(vec![Problem { path: format!("{path}.{id}"), message }]);
                    }
                    Err(Objection::Field(message)) => {
                        // Once for the field, not for each of its objects.
                        reader.add_problems(vec![Problem { path: path.clone(), message }]);
                        break;
                    }
                }
            }
        }
        fields
    }

    /// The known answer to a form field of an object, whichever way its id was written.
    pub(crate) fn get(&self, field: &str, object: &DatasetObjectId) -> Option<FieldValue<'_>> {
        self.0.get(field)?.get(object.as_str()).map(FieldValueBuf::view)
    }
}

/// What is wrong with a known answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Objection {
    /// The field's kind takes no known answers.
    Field(String),
    /// The value is not a known answer of the kind.
    Value(String),
}
