//! What earlier objects of a job do to a batch, for every entry of [`ALL`].

use proptest::prelude::*;
use serde::Serialize;
use serde_json::json;

use super::*;
use crate::answer::Answer;
use crate::batch::WorkerAnswer;
use crate::dice::Dice;
use crate::vocabulary::WorkerId;

/// An object to which worker `n` gave value `n` for the form field `field`.
fn object<V: Serialize>(id: &str, values: &[V]) -> DatasetObject {
    let answer = |(n, value): (usize, &V)| {
        let answer = Answer::from_value(json!({ "field": value })).expect("an object");
        Ok(WorkerAnswer { worker_id: WorkerId::new(format!("w{n}")), answer })
    };
    DatasetObject::new(DatasetObjectId::new(id), None, values.iter().enumerate().map(answer))
}

fn batch(objects: Vec<DatasetObject>) -> Batch {
    Batch { objects, ..Batch::default() }
}

/// Everything that is said about each object.
fn written(outcomes: &[Outcome]) -> Vec<String> {
    outcomes.iter().map(|outcome| format!("{outcome:?}")).collect()
}

/// Methods that look at each object by itself.
const ALONE: &[(&str, &str)] = &[
    ("classification", "majority-vote"),
    ("multi-label", "majority-vote"),
    ("bounding-box", "iou-clusters"),
    ("semantic-mask", "pixel-vote"),
];

/// The plan that fixes the kind of the field, and its method where one looks at each object by itself; `None` where the
/// kind always learns from the whole batch.
fn plan_of(kind: &AnnotationKind) -> Option<ConsolidationPlan> {
    let alone = ALONE.iter().find(|(name, _)| *name == kind.name).map(|(_, method)| *method);
    if alone.is_none() && !kind.methods.is_empty() {
        return None;
    }
    let mut field = json!({ "kind": kind.name });
    if let Some(method) = alone {
        field["method"] = json!(method);
    }
    Some(ConsolidationPlan::from_value(&json!({ "fields": { "field": field } })).expect("a plan"))
}

/// A kind, and objects with the values that a crowd of simulated workers would send for it.
fn crowd() -> impl Strategy<Value = (&'static AnnotationKind, Vec<Vec<FieldValueBuf>>)> {
    (0..ALL.len()).prop_flat_map(|idx| {
        let kind = &ALL[idx];
        let truths: Vec<FieldValueBuf> = kind.examples.iter().map(|text| text.parse().expect("JSON")).collect();
        let categories = ["otter", "heron", "wet", "dark"].map(LabelCategory::new);
        let value =
            (prop::sample::select(truths), any::<bool>(), any::<u64>()).prop_map(move |(truth, is_careful, seed)| {
                (kind.simulate)(truth.view(), is_careful, &categories, &mut Dice::new(seed))
            });
        (Just(kind), prop::collection::vec(prop::collection::vec(value, 0..5), 2..7))
    })
}

/// The objects by index: the first `n_own` are the batch, the others came before it.
fn split(objects: &[Vec<FieldValueBuf>], n_own: usize) -> (Batch, Vec<DatasetObject>) {
    let mut own: Vec<DatasetObject> =
        objects.iter().enumerate().map(|(n, values)| object(&n.to_string(), values)).collect();
    let earlier = own.split_off(n_own.min(own.len()));
    (batch(own), earlier)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn earlier_objects_change_nothing_where_a_method_looks_at_each_object_by_itself(
        (kind, objects) in crowd(),
        n_own in 0_usize..4,
    ) {
        let (batch, earlier) = split(&objects, n_own);
        if let Some(plan) = plan_of(kind) {
            prop_assert_eq!(written(&plan.consolidate(&batch)), written(&plan.consolidate_after(&earlier, &batch)));
        }
    }

    #[test]
    fn the_order_of_earlier_objects_changes_nothing(
        (_, objects) in crowd(),
        (_, others) in crowd(),
        n_own in 0_usize..4,
    ) {
        let (batch, earlier) = split(&[objects, others].concat(), n_own);
        let of_kind = |kind: &AnnotationKind| {
            ConsolidationPlan::from_value(&json!({ "fields": { "field": { "kind": kind.name } } })).expect("a plan")
        };
        for plan in ALL.iter().map(of_kind).chain([ConsolidationPlan::standard()]) {
            let forward = plan.consolidate_after(&earlier, &batch);
            let backward = plan.consolidate_after(earlier.iter().rev(), &batch);
            prop_assert_eq!(written(&forward), written(&backward));
        }
    }
}

/// The kind that the field of the batch's only object is taken for.
fn check_kind(earlier: &[(&str, Value)], expected: &str) {
    let one_of = json!({"wet": true, "dark": false});
    let earlier: Vec<DatasetObject> =
        earlier.iter().map(|(id, value)| object(id, std::slice::from_ref(value))).collect();
    let outcomes = ConsolidationPlan::standard().consolidate_after(&earlier, &batch(vec![object("7", &[one_of])]));
    let fields: Vec<(&str, &str)> =
        outcomes.iter().map(|outcome| (outcome.id.as_str(), outcome.fields[0].kind.name)).collect();
    assert_eq!(fields, [("7", expected)]);
}

#[test]
fn a_kind_is_recognized_by_the_whole_job_so_far() {
    let (both, one) = (json!({"wet": true, "dark": true}), json!({"wet": false, "dark": true}));
    check_kind(&[], "classification");
    check_kind(&[("1", one.clone())], "classification");
    check_kind(&[("1", one.clone()), ("2", both.clone())], "multi-label");
    // The batch has object 7 itself, and of object 1 the newest is what counts.
    check_kind(&[("7", both.clone())], "classification");
    check_kind(&[("1", one.clone()), ("1", both.clone())], "classification");
    check_kind(&[("1", both), ("1", one)], "multi-label");
}

#[test]
fn a_field_that_only_earlier_objects_have_is_not_spoken_of() {
    let answer = Answer::from_value(json!({"other": {"label": "otter"}})).expect("an object");
    let other = DatasetObject::new(
        DatasetObjectId::new("1"),
        None,
        [Ok(WorkerAnswer { worker_id: WorkerId::new("w0"), answer })],
    );
    let own = batch(vec![object("0", &[json!({"label": "heron"})])]);
    let outcomes = ConsolidationPlan::standard().consolidate_after([&other], &own);
    assert_eq!(written(&outcomes), written(&ConsolidationPlan::standard().consolidate(&own)));
}
