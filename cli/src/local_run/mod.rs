//! A labeling job on this computer: both real functions, workers simulated or recorded, and Ground Truth's output tree.
//!
//! In reading order:
//! - [`LocalRun`]: everything checked before the first file is written; `settings` is the section `gtruth.localRun`.
//! - `labeling`: the journey of a manifest line, batch by batch.
//! - `simulated_workers`, `recorded_answers`: where answers come from; `clock`: when.
//! - What the service sends to the functions is in `events`; what it writes into the output manifest, in `output_line`.
//! - `output_tree`, [`FolderStore`]: the files, and how the consolidation function reaches them.
//! - [`Summary`]: what became of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use ground_truth::annotation_kinds;
use ground_truth::field_value::{FieldValue, FieldValueBuf};
use ground_truth::plan::ConsolidationPlan;
use ground_truth::s3_uri::S3Uri;
use ground_truth::vocabulary::LabelCategory;
use serde_json::Value;
use time::UtcDateTime;

use crate::files::json_lines::JsonLines;
use crate::job_file::{self, LocalJob};

mod clock;
mod folder_store;
mod labeling;
mod output_tree;
mod recorded_answers;
mod settings;
mod simulated_workers;
mod summary;

pub use folder_store::FolderStore;
pub use summary::{Failed, Summary};

use output_tree::OutputTree;
use recorded_answers::RecordedAnswers;
use settings::{Settings, SimulationSettings, WorkersSettings};
use simulated_workers::{SimulatedField, SimulatedWorker, SimulatedWorkers};

/// Where the output of a job without `S3OutputPath` would be.
const DEFAULT_S3_OUTPUT_PATH: &str = "s3://local-run";

/// How many data objects the service puts into a batch when the job does not say.
const DEFAULT_BATCH_SIZE: usize = 1000;

/// What the command line says about a run. What it leaves open, the job file decides.
#[derive(Debug, Clone)]
pub struct Options {
    /// The folder of the output tree; `output` beside the job file when there is none.
    pub output: Option<PathBuf>,
    /// How many answered data objects one consolidation request holds.
    pub batch_size: Option<usize>,
    /// The seed of simulated workers.
    pub seed: Option<u64>,
    /// When the job starts.
    pub start_time: UtcDateTime,
    /// Whether an earlier run's output may be replaced.
    pub overwrite: bool,
}

/// A job that is ready to run.
#[derive(Debug)]
pub struct LocalRun {
    job: LocalJob,
    plan: ConsolidationPlan,
    task_input: pre_human_task::Config,
    consolidation: annotation_consolidation::Function,
    categories: Option<Vec<String>>,
    workers: Workers,
    batch_size: usize,
    manifest: PathBuf,
    n_objects: usize,
    tree: OutputTree,
    start_time: UtcDateTime,
    overwrite: bool,
}

#[derive(Debug)]
enum Workers {
    Simulated { workers: SimulatedWorkers, truth: PathBuf },
    Recorded(RecordedAnswers),
}

impl LocalRun {
    /// Reads the job file and everything it names, and checks every line of the manifest.
    ///
    /// # Errors
    /// Whatever stops the job, naming the file and the line or member in it.
    pub fn prepare(job_file: &Path, options: &Options) -> anyhow::Result<Self> {
        let job = job_file::open(job_file)?.to_local_job()?;
        let settings = Settings::read(job.gtruth.local_run.as_ref())
            .with_context(|| format!("{} cannot be used", job_file.display()))?;
        let plan = job.plan()?.map_or_else(ConsolidationPlan::standard, |file| file.plan);
        let task_input = job.task_input()?;
        let categories = job.label_categories()?;
        let manifest = job.manifest_path()?;
        let n_objects = count_lines(&manifest)?;
        let max_concurrent = job.file.spec().get("HumanTaskConfig.MaxConcurrentTaskCount").and_then(Value::as_u64);
        let batch_size = options.batch_size.or(settings.batch_size);
        let batch_size = batch_size.unwrap_or(max_concurrent.map_or(DEFAULT_BATCH_SIZE, |n| n as usize));
        let consolidation = annotation_consolidation::Function::new(annotation_consolidation::Config {
            job_history_megabytes: settings.job_history_megabytes,
            ..annotation_consolidation::Config::default()
        })?;
        let workers = match settings.workers {
            WorkersSettings::Recorded(folder) => Workers::Recorded(RecordedAnswers::open(&job.file.beside(&folder))?),
            WorkersSettings::Simulated(settings) => {
                let truth = job.file.beside(&settings.truth);
                let (fields, n_truths) = truth_fields(&truth, &plan, categories.as_deref())?;
                ensure!(
                    n_truths == n_objects,
                    "{} has {n_truths} lines and {} has {n_objects}; it needs one line for each data object",
                    truth.display(),
                    manifest.display()
                );
                Workers::Simulated { workers: simulated(settings, options.seed, fields, &job)?, truth }
            }
        };
        let root: S3Uri = job.s3_output_path().unwrap_or(DEFAULT_S3_OUTPUT_PATH).parse()?;
        let output = options.output.clone().unwrap_or_else(|| job.file.beside(Path::new("output")));
        let name = &job.labeling_job_name;
        Ok(Self {
            tree: OutputTree::new(output.join(name), root.join(name)),
            consolidation,
            start_time: options.start_time,
            overwrite: options.overwrite,
            job,
            plan,
            task_input,
            categories,
            workers,
            batch_size,
            manifest,
            n_objects,
        })
    }

    /// How many data objects there are.
    pub fn n_objects(&self) -> usize {
        self.n_objects
    }
}

fn count_lines(manifest: &Path) -> anyhow::Result<usize> {
    let n_lines = JsonLines::open(manifest)?.check()?;
    ensure!(n_lines > 0, "{} has no lines; it needs one data object a line", manifest.display());
    Ok(n_lines)
}

/// What each field of the truth holds (by the plan, or else recognized from all of the truth), and how many lines the
/// truth has.
fn truth_fields(
    truth: &Path,
    plan: &ConsolidationPlan,
    categories: Option<&[String]>,
) -> anyhow::Result<(BTreeMap<String, SimulatedField>, usize)> {
    let of_job: Vec<LabelCategory> = categories.unwrap_or_default().iter().map(LabelCategory::new).collect();
    let (mut values, mut n_lines) = (BTreeMap::<String, Vec<FieldValueBuf>>::new(), 0);
    for line in JsonLines::open(truth)? {
        for (name, value) in line?.members {
            // A kind that the plan fixes need not be recognized.
            let value = plan.configured_kind(&name).is_none().then(|| value.into());
            values.entry(name).or_default().extend(value);
        }
        n_lines += 1;
    }
    let field = |(name, values): (String, Vec<FieldValueBuf>)| {
        let categories = plan.categories(&name, &of_job).to_vec();
        let values: Vec<FieldValue<'_>> = values.iter().map(FieldValueBuf::view).collect();
        let recognized = || annotation_kinds::recognize(&values, &categories);
        let kind = plan.configured_kind(&name).unwrap_or_else(recognized);
        (name, SimulatedField { kind, categories })
    };
    Ok((values.into_iter().map(field).collect(), n_lines))
}

fn simulated(
    settings: SimulationSettings,
    seed: Option<u64>,
    fields: BTreeMap<String, SimulatedField>,
    job: &LocalJob,
) -> anyhow::Result<SimulatedWorkers> {
    let n_per_object = job.number_of_human_workers_per_data_object;
    ensure!(
        settings.skills.len() >= n_per_object,
        "NumberOfHumanWorkersPerDataObject is {n_per_object}, but gtruth.localRun.workers.simulated.skills names {} \
         workers; name more or ask fewer",
        settings.skills.len()
    );
    Ok(SimulatedWorkers {
        workers: settings.skills.into_iter().map(|(name, skill)| SimulatedWorker::new(name, skill)).collect(),
        n_per_object,
        seed: seed.unwrap_or(settings.seed),
        answer_rate: settings.answer_rate,
        fields,
    })
}

#[cfg(test)]
mod tests;
