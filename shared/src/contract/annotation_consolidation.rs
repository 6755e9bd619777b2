//! Request and response of an AnnotationConsolidationLambda, called with a batch of answered data objects.
//!
//! AWS: developer guide, "Post-annotation Lambda" (sms-custom-templates-step3-lambda-requirements). `outputConfig`,
//! `maxHumanWorkersPerDataObject` and `vpcEnabled` are undocumented and seen in real events.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::batch::{Batch, DatasetObject};
use crate::vocabulary::{DatasetObjectId, LabelCategory};

/// What Ground Truth sends. Only the label attribute name and the payload are needed. The members that are not documented
/// count as absent when they hold something else than was seen so far: no batch should fail for them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "a JSON object")]
pub struct AnnotationConsolidationRequest {
    /// An internal number of the service: opaque.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Value>,
    /// The job's ARN. Its name part is in lower case, unlike the job's folder in S3 and its label attribute name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labeling_job_arn: Option<String>,
    /// The labels of the job's label category file; absent or null without one, or for jobs made in the console.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_categories: Option<Value>,
    /// The member of the response that holds the label.
    pub label_attribute_name: String,
    /// The job's execution role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_arn: Option<String>,
    /// The batch: where it lies, or (in test events) the batch itself.
    pub payload: PayloadLocation,
    /// The S3 URI of the job's `annotations` folder.
    #[serde(default, deserialize_with = "if_it_fits", skip_serializing_if = "Option::is_none")]
    pub output_config: Option<String>,
    /// The key that the job encrypts its output with, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
    /// How many workers were asked about each object.
    #[serde(default, deserialize_with = "if_it_fits", skip_serializing_if = "Option::is_none")]
    pub max_human_workers_per_data_object: Option<usize>,
    /// Whether the job runs in a VPC.
    #[serde(default, deserialize_with = "if_it_fits", skip_serializing_if = "Option::is_none")]
    pub vpc_enabled: Option<bool>,
    /// Members this version does not know.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// The member where it has the expected type, and nothing where it has another.
fn if_it_fits<'de, D: Deserializer<'de>, T: de::DeserializeOwned>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(deserializer)?).ok())
}

impl AnnotationConsolidationRequest {
    /// The names among the label categories, in their order: strings, and objects by their `label`. Anything else that
    /// the service may put there is left out.
    pub fn category_names(&self) -> Vec<LabelCategory> {
        let categories = self.label_categories.as_ref().and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let name = |category: &Value| category.as_str().or_else(|| category.get("label")?.as_str()).map(str::to_owned);
        categories.iter().filter_map(name).map(LabelCategory::new).collect()
    }

    /// These objects as a batch of the job that the request is about.
    pub fn batch_of(&self, objects: Vec<DatasetObject>) -> Batch {
        Batch { objects, categories: self.category_names(), n_workers_asked: self.max_human_workers_per_data_object }
    }
}

/// Where the batch is: in S3, or in the event itself.
#[derive(Debug, Clone, PartialEq)]
pub enum PayloadLocation {
    /// `{"s3Uri": "s3://…"}`, as the service sends it. The URI is not checked here.
    S3(String),
    /// The payload's elements themselves, so that a test event needs no S3.
    Inline(Vec<Value>),
}

impl Serialize for PayloadLocation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::S3(uri) => Map::from_iter([("s3Uri".to_owned(), Value::from(uri.as_str()))]).serialize(serializer),
            Self::Inline(elements) => elements.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for PayloadLocation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = PayloadLocation;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(r#"{"s3Uri": "s3://…"} or an array of data objects"#)
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
                let mut uri = None;
                while let Some(name) = members.next_key::<String>()? {
                    match name.as_str() {
                        "s3Uri" => uri = Some(members.next_value()?),
                        // The spelling of AWS's own sample.
                        "s3uri" => uri = uri.or(Some(members.next_value()?)),
                        _ => drop(members.next_value::<de::IgnoredAny>()?),
                    }
                }
                uri.map(PayloadLocation::S3).ok_or_else(|| de::Error::missing_field("s3Uri"))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(element) = elements.next_element()? {
                    all.push(element);
                }
                Ok(PayloadLocation::Inline(all))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// One entry of the response, which is a bare array of these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsolidatedObject {
    /// The id of the payload, unchanged.
    pub dataset_object_id: DatasetObjectId,
    /// The label around its content.
    pub consolidated_annotation: ConsolidatedAnnotation,
}

/// The label around its content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConsolidatedAnnotation {
    /// One member named exactly as the label attribute; an object here, although answers come as strings.
    pub content: Map<String, Value>,
}
