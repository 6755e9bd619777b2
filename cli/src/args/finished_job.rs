//! Arguments of the commands that read a finished job.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args as ClapArgs, ValueHint, value_parser};

use super::ConnectionArgs;
use crate::crowd::agreement::REPLICATES;
use crate::crowd::names::WorkerNames;
use crate::export::Format;
use crate::finished_job::OpenOptions;
use crate::finished_job::job_copy::{JobLocation, Location};
use crate::report::{ImageOptions, Images};

/// The job to read, and what its folder does not say.
#[derive(Debug, Clone, ClapArgs)]
pub struct FinishedJobArgs {
    /// The job: its output folder, a copy of it or of a part of it, or a single file out of it, on this computer or in S3;
    /// or the job's ARN
    #[arg(value_name = "JOB", value_hint = ValueHint::AnyPath)]
    pub job: JobLocation,
    /// Another job on the same data objects whose answers join in: a round that followed, or another part of a divided
    /// dataset. May be given several times; where several give an object a label, the last counts
    #[arg(long, value_name = "JOB", value_hint = ValueHint::AnyPath)]
    pub with: Vec<JobLocation>,
    /// The name of the label attribute [default: the one whose metadata names the job]
    #[arg(long, value_name = "NAME")]
    pub label_attribute: Option<String>,
    /// The job's manifest, where its folder has no output manifest; an S3 URI is fine too
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub manifest: Option<Location>,
    /// The label categories, in the order that decides ties [default: those that the console stored in the folder]
    #[arg(long, value_name = "CATEGORIES", value_delimiter = ',')]
    pub label_categories: Option<Vec<String>>,
    /// Keep the files that are fetched from S3 in DIR; the next run fetches only new ones [default: a temporary folder]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub cache: Option<PathBuf>,
    /// The connection
    #[command(flatten)]
    pub connection: ConnectionArgs,
}

impl FinishedJobArgs {
    pub(crate) fn options(&self) -> OpenOptions {
        OpenOptions {
            job: self.job.clone(),
            with: self.with.clone(),
            label_attribute: self.label_attribute.clone(),
            manifest: self.manifest.clone(),
            label_categories: self.label_categories.clone(),
            cache: self.cache.clone(),
            connection: self.connection.settings(),
        }
    }
}

/// Consolidate a finished job again, all of it at once
///
/// Reads every worker's answers from the job's output folder, whichever functions the job had, if any. Consolidates them
/// together, so that methods which learn how good each worker is see all answers. Writes a new output manifest, and how
/// its labels differ from those the job had.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_long_help = "\
Written into DIR:
  output.manifest      the job's manifest with the new labels
  diff.jsonl           every field of every object whose label differs, before and after; a mark
                       that moved by half a pixel at most is the same
  worker-skills.json   how good the workers are, as the plan's member workerSkills takes it

An object whose answers are not in the folder keeps its label, or the reason why it failed. If a
worker answered an object several times, the newest answer counts.

JOB is the folder below S3OutputPath that has the job's name, in S3 or copied from there. Files in
S3 are fetched into a temporary folder, or into that of --cache, where the next run finds them. If
the job is still running, the next run fetches the new files.

Exit code 1: the answers to some objects gave no label.

Examples:
  gtruth reconsolidate survey-7 --out survey-7-again
  gtruth reconsolidate survey-7 --plan plan.json --out survey-7-again
  gtruth reconsolidate s3://bucket/labels/survey-7 --cache cache --out survey-7-again
  gtruth reconsolidate survey-7/annotations/worker-response --manifest survey.manifest --out again")]
pub struct ReconsolidateArgs {
    /// Which job
    #[command(flatten)]
    pub job: FinishedJobArgs,
    /// The consolidation plan; without one, every field is recognized and gets its default method
    #[arg(long, value_name = "plan.json", value_hint = ValueHint::FilePath)]
    pub plan: Option<PathBuf>,
    /// The folder to write into
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,
    /// Replace what an earlier run left there
    #[arg(long)]
    pub overwrite: bool,
}

/// Look at a finished job: one HTML file that opens from disk
///
/// Consolidates the job's answers and writes a page with everything in it: how far workers agree, how sure the labels are,
/// how long answers took; every object, those that workers disagree about first, with each worker's answer and marks
/// beside the result and why the engine decided so; every worker; and how the new labels differ from those the job had.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_long_help = "\
The page needs no server, and no network unless its images do. Press ? in it for its keys.

Images:
  link   https addresses and file paths as they stand; s3:// addresses become a box of the same
         size (default)
  sign   s3:// addresses signed with your credentials, for a bucket in the region of --region.
         Whoever has the page can load its images until the time of --expires is over or the
         credentials expire, whichever comes first; the page says when. AWS is not asked.
  DIR    a copy of the images below DIR, found by the end of their address; small files go into
         the page, the others are linked by their path from the page. With --thumbnails the others
         (JPEG, PNG, WebP) go into the page too, made smaller, up to 100 MB of images in all.
  none   no image at all

Agreement is computed as by `gtruth agreement`, and the figures of workers as by `gtruth workers`,
with the same --gold. An object's disagreement is how far two answers to it are apart on average, from 0 to 1, by the
distance of the field's kind (docs/METHODS.md); the mean of its fields, or that of the chosen field.

The page holds what workers wrote and their ids; --hash-workers replaces the ids. Without --salt,
anyone who knows the job's name and an id can compute its hash.

Examples:
  gtruth report survey-7 --out report.html
  gtruth report survey-7 --plan plan.json --images survey-images --hash-workers --out report.html
  gtruth report survey-7 --images survey-images --thumbnails 400 --out to-mail.html
  gtruth report s3://bucket/labels/survey-7 --images sign --expires 7d --out report.html")]
pub struct ReportArgs {
    /// Which job
    #[command(flatten)]
    pub job: FinishedJobArgs,
    /// The consolidation plan; without one, every field is recognized and gets its default method
    #[arg(long, value_name = "plan.json", value_hint = ValueHint::FilePath)]
    pub plan: Option<PathBuf>,
    /// Where its images come from
    #[command(flatten)]
    pub images: ImageArgs,
    /// What is known to be right
    #[command(flatten)]
    pub gold: GoldArgs,
    /// How workers are called
    #[command(flatten)]
    pub names: WorkerNamesArgs,
    /// The file to write
    #[arg(long, value_name = "FILE.html", value_hint = ValueHint::FilePath)]
    pub out: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    pub overwrite: bool,
}

/// Where the images of a page come from.
#[derive(Debug, Clone, ClapArgs)]
pub struct ImageArgs {
    /// Where the page finds its images
    #[arg(long, value_name = "link|sign|none|DIR", default_value = "link", value_hint = ValueHint::DirPath)]
    pub images: Images,
    /// Put the images of DIR into the page, made smaller so that the longer side has at most PIXELS
    #[arg(long, value_name = "PIXELS", num_args = 0..=1, default_missing_value = "640", value_parser = value_parser!(u32).range(16..=4096))]
    pub thumbnails: Option<u32>,
    /// How long signed addresses are valid, as in 90m, 12h or 7d; 7d is the longest that AWS allows
    #[arg(long, value_name = "TIME", default_value = "12h", value_parser = period)]
    pub expires: Duration,
}

impl ImageArgs {
    pub(crate) fn options(&self, job: &FinishedJobArgs) -> ImageOptions {
        ImageOptions {
            images: self.images.clone(),
            thumbnails: self.thumbnails,
            expires: self.expires,
            connection: job.connection.settings(),
            job_region: job.job.region().map(str::to_owned),
        }
    }
}

/// What addresses may be signed for.
const MAX_PERIOD: Duration = Duration::from_secs(7 * 86_400);

/// Reads a time such as `90m`, `12h` or `7d`.
fn period(text: &str) -> Result<Duration, String> {
    let n_seconds = |unit| [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)].iter().find(|(name, _)| *name == unit);
    let seconds = text.char_indices().last().and_then(|(end, _)| {
        let (number, unit) = text.split_at(end);
        number.parse::<u64>().ok()?.checked_mul(n_seconds(unit)?.1)
    });
    let period = seconds.map(Duration::from_secs).filter(|period| !period.is_zero() && *period <= MAX_PERIOD);
    period.ok_or_else(|| "give a number of s, m, h or d, as in 12h, at most 7d".to_owned())
}

/// What is known to be right.
#[derive(Debug, Clone, Default, ClapArgs)]
pub struct GoldArgs {
    /// Known answers to compare workers with
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub gold: Option<PathBuf>,
    /// The label attribute in FILE [default: that of the job, or the only one there is]; without FILE, the member of
    /// the job's own manifest lines that holds the known answer
    #[arg(long, value_name = "NAME")]
    pub gold_attribute: Option<String>,
}

/// How workers are called.
#[derive(Debug, Clone, ClapArgs)]
pub struct WorkerNamesArgs {
    /// Show a hash instead of every worker id
    #[arg(long)]
    pub hash_workers: bool,
    /// A text that goes into the hashes; keep it secret so that nobody can guess the ids [default: the job's name]
    #[arg(long, value_name = "TEXT", requires = "hash_workers")]
    pub salt: Option<String>,
}

impl WorkerNamesArgs {
    /// What the workers of a job are called.
    pub(crate) fn of_job(&self, job: Option<&str>) -> WorkerNames {
        match (self.hash_workers, self.salt.as_deref()) {
            (false, _) => WorkerNames::Ids,
            (true, salt) => WorkerNames::Pseudonyms { salt: salt.or(job).unwrap_or_default().to_owned() },
        }
    }
}

/// Measure how far the workers of a finished job agree
///
/// Per form field: Krippendorff's alpha with its bootstrap interval, Fleiss' kappa of categories, and how similar two
/// answers to the same object are on average. Where a statistic has no value, the report says why.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_long_help = "\
Alpha compares categories as equal or not (nominal), steps of a scale by how many answers lie
between them (ordinal; the plan's kind `ordinal` makes a scale), numbers by their squared
difference (interval), and everything else by the distance of its kind: overlap for boxes, spans
and masks, edits for texts, pairs in the other order for rankings. docs/METHODS.md lists them.

Alpha is 1 for full agreement and 0 for what chance would give. Many research fields ask for 0.8,
and for 0.667 where conclusions may be tentative. Answers that consolidation sets aside as a whole
do not count.

Examples:
  gtruth agreement survey-7
  gtruth agreement survey-7 --plan plan.json --pairs --hash-workers
  gtruth agreement survey-7 --json --replicates 5000 | jq '.agreement.fields[].alpha'")]
pub struct AgreementArgs {
    /// Which job
    #[command(flatten)]
    pub job: FinishedJobArgs,
    /// The consolidation plan, which gives kinds and scales; without one, every field is recognized
    #[arg(long, value_name = "plan.json", value_hint = ValueHint::FilePath)]
    pub plan: Option<PathBuf>,
    /// Compare every two workers as well
    #[arg(long)]
    pub pairs: bool,
    /// How many bootstrap samples of the objects an interval is computed from; 0 for no interval
    #[arg(long, value_name = "N", default_value_t = REPLICATES)]
    pub replicates: usize,
    /// The seed of these samples
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// How workers are called
    #[command(flatten)]
    pub names: WorkerNamesArgs,
}

/// See how each worker of a finished job did
///
/// Per worker: answers, time, and per form field the agreement with the others and with known answers, which categories
/// the worker confuses, which ones are chosen too often, and whether the worker got better or worse.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_long_help = "\
others     agreement with the consensus of the other workers, from 0 to 100%: the worker's own
           answers have no part in it. For large jobs a tenth of the workers is left out at a time.
gold       agreement with known answers: those of the plan, of --gold, or of the job's own lines
           that have the member named by --gold-attribute
too fast   the share of answers given in less than a third of the time that the others took for
           the same object (their median; at least two others); too slow: in more than three times
drift      agreement with the others over the earlier and the later half of the worker's answers,
           for workers with at least 20
bias       a category said too often or too rarely, by more than two standard errors and with at
           least 5 answers that differ; for numbers the mean difference, by the same rule

The right answer is the known one, or else the consensus of the others. A low figure can mean that the
worker is careless, that the task is unclear, or that the worker is right and the others are not:
look at the answers before you decide about people.

FILE holds one JSON object a line, with the same source or source-ref as the job's objects and a
label attribute. It is an output manifest, or your own labels: a category, a number, what a worker
would send, or an object of these by field.
  {\"source\": \"a wet nose\", \"truth\": \"otter\"}
  {\"source\": \"a long bill\", \"truth\": {\"animal\": \"heron\", \"count\": 2}}

Identity data of workers are neither read nor shown. Hashes hide the ids only from people who do
not have the ids already.

Examples:
  gtruth workers survey-7
  gtruth workers survey-7 --plan plan.json --gold checked.manifest --hash-workers
  gtruth workers survey-7 --json | jq '.workers.workers[] | {worker, fields}'")]
pub struct WorkersArgs {
    /// Which job
    #[command(flatten)]
    pub job: FinishedJobArgs,
    /// The consolidation plan; without one, every field is recognized and gets its default method
    #[arg(long, value_name = "plan.json", value_hint = ValueHint::FilePath)]
    pub plan: Option<PathBuf>,
    /// What is known to be right
    #[command(flatten)]
    pub gold: GoldArgs,
    /// How workers are called
    #[command(flatten)]
    pub names: WorkerNamesArgs,
}

/// Take a job's labels to another tool
///
/// Reads the labels of a job from its output manifest, in our format `fields` or in that of Ground Truth's built-in task
/// types, and writes them as another tool reads them. What the format cannot hold is left out, counted and reported.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_long_help = "\
Images are not copied: files are named by their path below the folder that all of them have in
common, so copy that folder beside the labels. Offsets of spans become characters.

Labels in other formats cannot be read. Consolidate the workers' answers first:
  gtruth reconsolidate survey-7 --out again
  gtruth export again/output.manifest --format coco --out coco

Examples:
  gtruth export survey-7 --format coco --out coco
  gtruth export survey-7 --format yolo-detect --field shapes --min-confidence 0.6 --out yolo
  gtruth export survey-7 --format csv --out table")]
pub struct ExportArgs {
    /// Which job
    #[command(flatten)]
    pub job: FinishedJobArgs,
    /// The format
    #[arg(long, value_name = "FORMAT", value_enum)]
    pub format: Format,
    /// The form field to export, if the format holds only one and the job has several that fit
    #[arg(long, value_name = "NAME")]
    pub field: Option<String>,
    /// Leave out marks whose confidence is lower
    #[arg(long, value_name = "0 to 1", default_value_t = 0.0)]
    pub min_confidence: f64,
    /// The folder to write into
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,
    /// Write into a folder that is not empty
    #[arg(long)]
    pub overwrite: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_have_a_unit_and_an_end() {
        let check = |text: &str, expected: Option<u64>| {
            assert_eq!(period(text).ok(), expected.map(Duration::from_secs), "{text}");
        };
        check("90m", Some(5400));
        check("12h", Some(43_200));
        check("7d", Some(604_800));
        for text in ["8d", "0h", "12", "h", "", "-1h", "1.5h", "12 h", "9é", "99999999999999999999d"] {
            check(text, None);
        }
    }
}
