//! The earlier batches of a labeling job, so that methods that learn how good each worker is learn from the whole job so
//! far: one batch is little.
//!
//! Ground Truth keeps the payload of every batch, `…/consolidation-request/iteration-<n>/<date>_<time>.json`. The history
//! of a batch is what lies beside its own payload and sorts before it: by the number of the iteration, then by the name of
//! the file. What is written later is never read, so that a repeated invocation sees the same history.
//!
//! Reading is bounded in bytes, files and time, the newest files first, and nothing here fails an invocation: without
//! permission there is no history, and a file that cannot be used is left out. Answers by reference are left out as well.
//! A warm function remembers what it has read, all jobs together within the bound of one history. What one role has read is
//! never given to another.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use ground_truth::batch::DatasetObject;
use ground_truth::contract::annotation_consolidation::PayloadLocation;
use ground_truth::payload_batch::{PayloadBatch, PayloadBatchObject};
use ground_truth::s3_uri::S3Uri;
use ground_truth::store::{Listed, ObjectStore, StoreError, StoreErrorCause};

/// The folder that holds the payloads of a job.
const REQUESTS: &str = "consolidation-request";

/// What the folder of an iteration is called, before its number.
const ITERATION: &str = "iteration-";

/// How many payloads of a job are looked at to find the newest: ten pages of S3's list, about a second.
const MAX_LISTED: usize = 10_000;

/// The bounds of a history but for its bytes. Reads that have begun when the time is up are waited for.
const MAX_FILES: usize = 1000;
const MAX_TIME: Duration = Duration::from_secs(5);

/// How much of a job's earlier batches is read, and what a warm function remembers of them.
#[derive(Debug)]
pub(crate) struct JobHistory {
    max_bytes: u64,
    max_time: Duration,
    /// The job that was asked for last stands last.
    warm: Mutex<Vec<WarmJob>>,
}

/// What a warm function remembers of one job: the history of the batch that was consolidated last.
#[derive(Debug)]
struct WarmJob {
    /// Whose permissions it was read with; `None` for the function's own role.
    role: Option<String>,
    folder: S3Uri,
    batches: Vec<Arc<EarlierBatch>>,
}

/// One earlier batch, as it was read.
#[derive(Debug)]
struct EarlierBatch {
    file: Listed,
    /// The objects that have answers; `None` when the file is not a batch.
    objects: Option<Vec<DatasetObject>>,
}

/// The earlier batches of a job, as far as they were read, and what is missing from them.
#[derive(Debug, Default)]
pub(crate) struct EarlierBatches {
    /// The newest first.
    batches: Vec<Arc<EarlierBatch>>,
    /// Why there is no history at all.
    pub(crate) refusal: Option<StoreError>,
    /// How many files could not be read or are not a batch.
    pub(crate) n_unreadable: usize,
    /// How many files were left out because the time was up.
    pub(crate) n_too_late: usize,
}

impl EarlierBatches {
    /// How many files the history comes from.
    pub(crate) fn n_files(&self) -> usize {
        self.batches.iter().filter(|batch| batch.objects.is_some()).count()
    }

    /// The objects of these batches, those of the newest batch first.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &DatasetObject> {
        self.batches.iter().filter_map(|batch| batch.objects.as_ref()).flatten()
    }
}

impl JobHistory {
    /// A history of at most so many megabytes (of 2^20 bytes) of payload files; 0 reads nothing.
    pub(crate) fn with_megabytes(megabytes: u64) -> Self {
        Self { max_bytes: megabytes.saturating_mul(1 << 20), max_time: MAX_TIME, warm: Mutex::default() }
    }

    /// The batches of the job before the one whose payload lies at `payload`, read with the permissions of `role` (`None`
    /// is the function's own). There are none where history is switched off, where the payload stands in the event, and
    /// where its URI is not one of Ground Truth's.
    pub(crate) async fn before(
        &self,
        payload: &PayloadLocation,
        store: &dyn ObjectStore,
        role: Option<&str>,
        max_concurrent_reads: NonZeroUsize,
    ) -> EarlierBatches {
        let own: Option<S3Uri> = match payload {
            PayloadLocation::S3(uri) if self.max_bytes > 0 => uri.parse().ok(),
            PayloadLocation::S3(_) | PayloadLocation::Inline(_) => None,
        };
        let Some((folder, own)) = own.as_ref().and_then(order_in_job) else {
            return EarlierBatches::default();
        };
        let started = Instant::now();
        let job = WarmJob { role: role.map(str::to_owned), folder, batches: Vec::new() };
        let read = match store.list(&job.folder.join(ITERATION), MAX_LISTED).await {
            Ok(listed) => {
                let files = chosen(&listed, &job.folder, own, self.max_bytes);
                let known = self.make_room(&job, &files);
                self.read(files, &known, started, store, max_concurrent_reads).await
            }
            Err(refusal) => Err(refusal),
        };
        match read {
            Ok(earlier) => {
                if !earlier.batches.is_empty() {
                    self.lock().push(WarmJob { batches: earlier.batches.clone(), ..job });
                }
                earlier
            }
            Err(refusal) => EarlierBatches { refusal: Some(refusal), ..EarlierBatches::default() },
        }
    }

    /// Reads the files that are not known yet.
    async fn read(
        &self,
        files: Vec<Listed>,
        known: &[Arc<EarlierBatch>],
        started: Instant,
        store: &dyn ObjectStore,
        max_concurrent_reads: NonZeroUsize,
    ) -> Result<EarlierBatches, StoreError> {
        let known: BTreeMap<&S3Uri, &Arc<EarlierBatch>> = known.iter().map(|batch| (&batch.file.uri, batch)).collect();
        let reads = files.into_iter().map(async |file| match known.get(&file.uri).filter(|batch| batch.file == file) {
            Some(batch) => Ok(Read::Batch(Arc::clone(batch))),
            None if started.elapsed() >= self.max_time => Ok(Read::TooLate),
            None => read_file(file, store).await,
        });
        let mut reads = pin!(stream::iter(reads).buffered(max_concurrent_reads.get()));
        let mut earlier = EarlierBatches::default();
        while let Some(read) = reads.next().await {
            match read? {
                Read::Batch(batch) => {
                    earlier.n_unreadable += usize::from(batch.objects.is_none());
                    earlier.batches.push(batch);
                }
                Read::Failed => earlier.n_unreadable += 1,
                Read::TooLate => earlier.n_too_late += 1,
            }
        }
        Ok(earlier)
    }

    /// Takes out what is remembered of a job that is to have these files, and forgets the jobs that were not asked for the
    /// longest while there is no room for all. It happens before anything is read, as parsed answers take much memory.
    fn make_room(&self, job: &WarmJob, files: &[Listed]) -> Vec<Arc<EarlierBatch>> {
        let mut warm = self.lock();
        let idx = warm.iter().position(|known| known.role == job.role && known.folder == job.folder);
        let known = idx.map(|idx| warm.remove(idx).batches).unwrap_or_default();
        let mut n_bytes = files.iter().map(|file| file.n_bytes).sum::<u64>();
        n_bytes += warm.iter().map(WarmJob::n_bytes).sum::<u64>();
        // The files alone always have room.
        while n_bytes > self.max_bytes && !warm.is_empty() {
            n_bytes -= warm.remove(0).n_bytes();
        }
        known
    }

    /// A poisoned lock only means that another thread panicked; what is remembered is whole.
    fn lock(&self) -> MutexGuard<'_, Vec<WarmJob>> {
        self.warm.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WarmJob {
    fn n_bytes(&self) -> u64 {
        self.batches.iter().map(|batch| batch.file.n_bytes).sum()
    }
}

/// What came of one file.
enum Read {
    Batch(Arc<EarlierBatch>),
    Failed,
    TooLate,
}

/// Reads one file. Only a refusal is an error, as it holds for the others too.
async fn read_file(file: Listed, store: &dyn ObjectStore) -> Result<Read, StoreError> {
    match store.get(&file.uri, file.n_bytes).await {
        Ok(bytes) => Ok(Read::Batch(Arc::new(EarlierBatch { objects: objects_of(&bytes), file }))),
        Err(error) if matches!(error.cause, StoreErrorCause::AccessDenied { .. }) => Err(error),
        Err(_) => Ok(Read::Failed),
    }
}

/// The objects of a payload file that somebody answered, by their inline answers.
fn objects_of(file: &[u8]) -> Option<Vec<DatasetObject>> {
    let objects = PayloadBatch::read(file).ok()?.objects;
    let mut objects: Vec<DatasetObject> = objects.into_iter().map(PayloadBatchObject::without_references).collect();
    objects.retain(|object| !object.answers.is_empty());
    // Nobody reports on an earlier batch a second time.
    objects.iter_mut().for_each(|object| object.rejected = Vec::new());
    Some(objects)
}

/// When a payload was written, compared with the others of its job: later is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Order<'a> {
    iteration: u64,
    file: &'a str,
}

/// The folder of a job's payloads, and the order of this one in it; `None` for anything that Ground Truth does not call so.
fn order_in_job(payload: &S3Uri) -> Option<(S3Uri, Order<'_>)> {
    let (parent, file) = payload.key().rsplit_once('/')?;
    let (folder, iteration) = parent.rsplit_once('/')?;
    let iteration = iteration.strip_prefix(ITERATION)?.parse().ok()?;
    let folder = S3Uri::new(payload.bucket(), folder).ok().filter(|folder| folder.file_name() == REQUESTS)?;
    file.ends_with(".json").then_some((folder, Order { iteration, file }))
}

/// The files of the history of the batch at `own`: the newest first, as many as fit. A file that does not fit leaves room
/// for older ones.
fn chosen(listed: &[Listed], folder: &S3Uri, own: Order<'_>, max_bytes: u64) -> Vec<Listed> {
    let with_order = listed.iter().filter_map(|file| Some((order_in_job(&file.uri)?, file)));
    let earlier = with_order.filter(|((of, order), _)| of == folder && *order < own);
    let mut newest_first: Vec<(Order<'_>, &Listed)> = earlier.map(|((_, order), file)| (order, file)).collect();
    newest_first.sort_by_key(|(order, _)| Reverse(*order));
    let (mut chosen, mut n_bytes_left) = (Vec::new(), max_bytes);
    for (_, file) in newest_first {
        if file.n_bytes <= n_bytes_left && chosen.len() < MAX_FILES {
            n_bytes_left -= file.n_bytes;
            chosen.push(file.clone());
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use ground_truth::store::MemoryStore;

    use super::*;

    const FOLDER: &str = "s3://out/jobs/Survey/annotations/consolidated-annotation/consolidation-request";

    fn uri(path: &str) -> S3Uri {
        format!("{FOLDER}/{path}").parse().expect("an S3 URI")
    }

    /// Which of these files, of so many bytes, are the history of the batch at `own`.
    fn check(own: &str, files: &[(&str, u64)], max_bytes: u64, expected: &[&str]) {
        let listed: Vec<Listed> =
            files.iter().map(|(path, n_bytes)| Listed { uri: uri(path), n_bytes: *n_bytes }).collect();
        let own = uri(own);
        let (folder, own) = order_in_job(&own).expect("a payload of a job");
        let chosen: Vec<S3Uri> = chosen(&listed, &folder, own, max_bytes).into_iter().map(|file| file.uri).collect();
        assert_eq!(chosen, expected.iter().map(|path| uri(path)).collect::<Vec<_>>());
    }

    #[test]
    fn the_history_is_what_sorts_before_the_batch_and_newest_first() {
        let files = [
            ("iteration-1/2024-05-06_07:08:09.json", 1),
            ("iteration-1/2024-05-07_00:00:00.json", 1),
            ("iteration-10/2024-05-01_00:00:00.json", 1),
            ("iteration-2/2024-05-08_10:00:00.json", 1),
            ("iteration-2/2024-05-08_10:00:01.json", 1),
            ("iteration-2/2024-05-08_10:00:02.json", 1),
        ];
        let second = "iteration-2/2024-05-08_10:00:01.json";
        check(second, &files, 99, &[files[3].0, files[1].0, files[0].0]);
        check("iteration-10/2024-05-01_00:00:00.json", &files, 2, &[files[5].0, files[4].0]);
        check("iteration-1/2024-05-06_07:08:09.json", &files, 99, &[]);
        check("iteration-1/2024-05-07_00:00:00.json", &files, 99, &[files[0].0]);
    }

    #[test]
    fn what_is_no_payload_of_the_job_is_not_read() {
        let strangers = [
            ("iteration-1/notes.txt", 1),
            ("iteration-1/2024/05.json", 1),
            ("iteration-1/", 0),
            ("iteration-one/1.json", 1),
            ("iteration-1.json", 1),
            ("1.json", 1),
            ("iteration-1/consolidation-request/iteration-1/1.json", 1),
        ];
        check("iteration-2/2024-05-08_10:00:01.json", &strangers, 99, &[]);
        for elsewhere in ["s3://out/batch.json", "s3://out/iteration-1/1.json", "s3://out/requests/iteration-1/1.json"]
        {
            assert_eq!(order_in_job(&elsewhere.parse().expect("an S3 URI")), None, "{elsewhere}");
        }
    }

    #[test]
    fn bytes_and_files_are_bounded() {
        let sizes = [("iteration-1/1.json", 3), ("iteration-1/2.json", 9), ("iteration-1/3.json", 4)];
        check("iteration-1/4.json", &sizes, 7, &["iteration-1/3.json", "iteration-1/1.json"]);
        check("iteration-1/4.json", &sizes, 3, &["iteration-1/1.json"]);
        check("iteration-1/4.json", &sizes, 2, &[]);

        let paths: Vec<String> = (0..1100).map(|n| format!("iteration-1/{n:04}.json")).collect();
        let files: Vec<(&str, u64)> = paths.iter().map(|path| (path.as_str(), 1)).collect();
        let newest: Vec<&str> = files.iter().rev().take(MAX_FILES).map(|(path, _)| *path).collect();
        check("iteration-2/0.json", &files, 9999, &newest);
    }

    #[tokio::test]
    async fn when_the_time_is_up_no_read_is_begun() {
        let store = MemoryStore::new().with(&uri("iteration-1/1.json"), "[]").with(&uri("iteration-1/2.json"), "[]");
        let own = PayloadLocation::S3(uri("iteration-1/3.json").to_string());
        let mut history = JobHistory { max_time: Duration::ZERO, ..JobHistory::with_megabytes(1) };
        let at_a_time = NonZeroUsize::MIN;
        let earlier = history.before(&own, &store, None, at_a_time).await;
        assert_eq!((earlier.n_files(), earlier.n_too_late), (0, 2));

        history.max_time = MAX_TIME;
        assert_eq!(history.before(&own, &store, None, at_a_time).await.n_files(), 2);
        history.max_time = Duration::ZERO;
        let earlier = history.before(&own, &store, None, at_a_time).await;
        assert_eq!((earlier.n_files(), earlier.n_too_late), (2, 0), "what is known takes no time");
    }

    #[test]
    fn the_job_that_was_not_asked_for_the_longest_is_forgotten_first() {
        let history = JobHistory { max_bytes: 10, ..JobHistory::with_megabytes(0) };
        let job = |name: &str, role: Option<&str>, n_bytes: u64| {
            let file = Listed { uri: uri(name).join("iteration-1/1.json"), n_bytes };
            let job = WarmJob { role: role.map(str::to_owned), folder: uri(name), batches: Vec::new() };
            history.make_room(&job, std::slice::from_ref(&file));
            history.lock().push(WarmJob { batches: vec![Arc::new(EarlierBatch { file, objects: None })], ..job });
        };
        let is_known = |name: &str, role: Option<&str>| {
            history.lock().iter().any(|job| job.folder == uri(name) && job.role.as_deref() == role)
        };
        job("a", None, 4);
        job("b", Some("ana"), 4);
        job("a", None, 5);
        assert!(is_known("a", None) && is_known("b", Some("ana")));
        assert!(!is_known("a", Some("ana")) && !is_known("b", None) && !is_known("b", Some("bo")));
        job("c", None, 2);
        assert!(is_known("a", None) && !is_known("b", Some("ana")) && is_known("c", None));
        job("d", None, 10);
        assert!(!is_known("a", None) && !is_known("c", None) && is_known("d", None));
    }
}
