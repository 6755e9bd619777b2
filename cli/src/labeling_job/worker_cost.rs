//! What the workers of the public workforce are paid. Sums are in tenths of a US cent, so that they stay exact.

use serde::Serialize;

use super::{Evidence, path};

/// Price times workers, for a job that states a price. Other workforces are paid elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkerCost {
    /// What one data object costs: the price of an answer, for each of its workers.
    pub tenths_of_a_cent_per_object: u64,
    /// How many data objects the manifest lists, where it is on this computer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_objects: Option<u64>,
}

impl WorkerCost {
    /// `None` where the job states no price, or one that is not a sum.
    pub fn of(evidence: &Evidence) -> Option<Self> {
        let n_workers = evidence.integer(path::NUMBER_OF_HUMAN_WORKERS)?;
        Some(Self {
            tenths_of_a_cent_per_object: evidence.price()?.checked_mul(n_workers)?,
            n_objects: evidence.manifest.map(|manifest| manifest.n_objects),
        })
    }

    /// What all data objects of the manifest cost, where their number is known.
    pub fn of_all(&self) -> Option<u64> {
        self.n_objects?.checked_mul(self.tenths_of_a_cent_per_object)
    }
}

/// A sum in US dollars, with the three decimals of AWS's prices: `0.072`.
pub fn dollars(tenths_of_a_cent: u64) -> String {
    format!("{}.{:03}", tenths_of_a_cent / 1000, tenths_of_a_cent % 1000)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{JobSpec, ManifestFacts};
    use super::*;

    #[test]
    fn the_cost_is_price_times_workers_times_data_objects() {
        let manifest = ManifestFacts { n_objects: 100, ..ManifestFacts::default() };
        let check = |price: Value, of_one: Option<u64>, of_all: Option<u64>| {
            let spec = JobSpec::new(json!({"HumanTaskConfig": {
                "NumberOfHumanWorkersPerDataObject": 3, "PublicWorkforceTaskPrice": {"AmountInUsd": price}
            }}));
            let cost = WorkerCost::of(&Evidence { manifest: Some(&manifest), ..Evidence::of(&spec) });
            assert_eq!(cost.as_ref().map(|cost| cost.tenths_of_a_cent_per_object), of_one);
            assert_eq!(cost.and_then(|cost| cost.of_all()), of_all);
            assert_eq!(WorkerCost::of(&Evidence::of(&spec)).and_then(|cost| cost.of_all()), None);
        };
        check(json!({"Cents": 7, "TenthFractionsOfACent": 2}), Some(216), Some(21_600));
        check(json!({"Dollars": 1, "Cents": 20}), Some(3600), Some(360_000));
        check(json!({"Cents": "7"}), None, None);
        check(json!({"Dollars": u64::MAX}), None, None);
        check(Value::Null, None, None);
        assert_eq!(WorkerCost::of(&Evidence::of(&JobSpec::new(json!({})))), None);
    }

    #[test]
    fn sums_are_told_in_dollars() {
        assert_eq!(dollars(72), "0.072");
        assert_eq!(dollars(21_609), "21.609");
    }
}
