//! How workers are called in a report: by their ids, or by pseudonyms.

use ground_truth::vocabulary::WorkerId;
use sha2::{Digest, Sha256};

/// What a report calls workers.
#[derive(Debug, Clone)]
pub(crate) enum WorkerNames {
    /// Their ids, as the job has them.
    Ids,
    /// A [`pseudonym`] for each.
    Pseudonyms {
        /// What is hashed before the id.
        salt: String,
    },
}

impl WorkerNames {
    /// What the worker is called.
    pub(crate) fn of(&self, worker_id: &WorkerId) -> String {
        match self {
            Self::Ids => worker_id.to_string(),
            Self::Pseudonyms { salt } => pseudonym(salt, worker_id),
        }
    }
}

/// `worker-` and the first 48 bits of the SHA-256 of salt and id: two of 10,000 workers share a name once in five million
/// jobs. The same salt gives the same pseudonyms, so that reports can be compared; who has ids and salt can find out who is
/// who.
pub(crate) fn pseudonym(salt: &str, worker_id: &WorkerId) -> String {
    let hash = Sha256::new().chain_update(salt).chain_update([0]).chain_update(worker_id.as_str()).finalize();
    let hex: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("worker-{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonyms_depend_on_salt_and_id_alone() {
        let name = |salt: &str, id: &str| WorkerNames::Pseudonyms { salt: salt.to_owned() }.of(&WorkerId::new(id));
        assert_eq!(WorkerNames::Ids.of(&WorkerId::new("ana")), "ana");
        assert_eq!(name("survey", "ana"), name("survey", "ana"));
        assert_eq!(name("survey", "ana").len(), 19);
        assert!(!name("survey", "ana").contains("ana"));
        for (salt, id) in [("survey", "bo"), ("other", "ana"), ("surveya", "na"), ("", "surveyana")] {
            assert_ne!(name(salt, id), name("survey", "ana"), "{salt} {id}");
        }
    }
}
