//! Whether workers see a data object at all.
//!
//! They do unless the line's own switch (`isHumanAnnotationRequired`, in any spelling) or a configured rule says
//! otherwise. Rules only ever exclude; what cannot be read excludes nothing.

use ground_truth::contract::manifest::DataObject;
use serde_json::Value;

use crate::config::HumanAnnotationRules;

/// Whether workers must see the object.
pub fn is_required(data_object: &DataObject, rules: &HumanAnnotationRules) -> bool {
    let switched_off = data_object.is_human_annotation_required() == Some(false);
    let member_off = rules.member.as_ref().is_some_and(|member| data_object.flag(member) == Some(false));
    // The label key decides, not its metadata: a failed object has metadata and no label, and 0, "" and {} are labels.
    let labeled = rules.unless_labeled.as_ref().is_some_and(|label| data_object.members.contains_key(label));
    let confident = rules.unless_confident.as_ref().is_some_and(|(label, at_least)| {
        machine_confidence(data_object, label).is_some_and(|confidence| confidence >= *at_least)
    });
    !(switched_off || member_off || labeled || confident)
}

/// The lowest confidence that a machine gave any part of the label `label`: automated labeling writes one number for a
/// class, one per class for several, one per box, and one per color of a mask. `None` for a human's label, for a missing
/// one, and for one without any confidence.
fn machine_confidence(data_object: &DataObject, label: &str) -> Option<f64> {
    data_object.members.get(label)?;
    let metadata = data_object.members.get(&format!("{label}-metadata"))?;
    if metadata.get("human-annotated")?.as_str()? != "no" {
        return None;
    }
    let one = metadata.get("confidence");
    let per_class = metadata.get("confidence-map").and_then(Value::as_object).into_iter().flat_map(|map| map.values());
    let per_object = metadata.get("objects").and_then(Value::as_array).into_iter().flatten();
    let colors = metadata.get("internal-color-map").and_then(Value::as_object);
    let per_color = colors.into_iter().flat_map(|map| map.values());
    let nested = per_object.chain(per_color).filter_map(|part| part.get("confidence"));
    one.into_iter().chain(per_class).chain(nested).filter_map(Value::as_f64).reduce(f64::min)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Config;

    fn check(line: Value, rules: Value, expected: bool) {
        let data_object = DataObject { members: line.as_object().expect("an object").clone() };
        let config = Config::from_value(&json!({ "humanAnnotation": rules })).expect("a configuration");
        assert_eq!(is_required(&data_object, &config.human_annotation), expected, "{line} {rules}");
    }

    #[test]
    fn the_lines_own_switch_counts_without_configuration() {
        check(json!({"source": "x"}), json!({}), true);
        check(json!({"source": "x", "isHumanAnnotationRequired": false}), json!({}), false);
        check(json!({"source": "x", "humanAnnotationRequired": "false"}), json!({}), false);
        check(json!({"source": "x", "isHumanAnnotationRequired": "perhaps"}), json!({}), true);
    }

    #[test]
    fn a_member_of_the_line_can_be_the_switch() {
        check(json!({"review": false}), json!({"member": "review"}), false);
        check(json!({"review": "false"}), json!({"member": "review"}), false);
        check(json!({"review": 0}), json!({"member": "review"}), true);
        check(json!({}), json!({"member": "review"}), true);
    }

    #[test]
    fn labeled_is_who_has_the_label_key() {
        for label in [json!(0), json!(""), json!({}), json!([])] {
            check(json!({"species": label}), json!({"unlessLabeled": "species"}), false);
        }
        check(json!({"species-metadata": {"failure-reason": "expired"}}), json!({"unlessLabeled": "species"}), true);
    }

    #[test]
    fn only_a_machines_confidence_counts_and_the_lowest_decides() {
        let rules = json!({"unlessConfident": {"label": "s", "atLeast": 0.9}});
        let line = |metadata: Value| json!({"s": 1, "s-metadata": metadata});
        check(line(json!({"human-annotated": "no", "confidence": 0.9})), rules.clone(), false);
        check(line(json!({"human-annotated": "no", "confidence": 0.89})), rules.clone(), true);
        check(line(json!({"human-annotated": "yes", "confidence": 0.99})), rules.clone(), true);
        check(
            line(json!({"human-annotated": "no", "objects": [{"confidence": 0.95}, {"confidence": 0.5}]})),
            rules.clone(),
            true,
        );
        check(line(json!({"human-annotated": "no", "confidence-map": {"0": 0.95, "2": 0.91}})), rules.clone(), false);
        check(
            line(json!({"human-annotated": "no", "internal-color-map": {"0": {"confidence": 0.92}}})),
            rules.clone(),
            false,
        );
        check(line(json!({"human-annotated": "no", "objects": []})), rules.clone(), true);
        check(json!({"s-metadata": {"human-annotated": "no", "confidence": 1}}), rules, true);
    }
}
