//! The arguments of `gtruth next-round`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueHint};

use super::FinishedJobArgs;
use crate::next_round::Skipped;

/// Make a follow-up job of what a finished job left open
///
/// Reads a finished job, consolidates its answers, and writes a manifest of the data objects that need more work, why
/// each of them does, and a job file for `gtruth job create`. It chooses the objects that failed or expired, those that
/// nobody answered, and those whose answers gave no label; flags add objects whose label is unsure.
#[derive(Debug, Clone, ClapArgs)]
#[command(after_long_help = "\
Written into DIR:
  manifest.jsonl   the chosen lines, byte for byte, without the label and metadata of this job
  reasons.jsonl    why each object was chosen, with its figures, and its id in both jobs
  job.yaml         the new job, with the files that it names beside it

With --job-file the new job is the old one with another name and manifest: the same form, plan,
categories, team and label attribute, so that the new labels can replace the missing ones. Known
answers and the truth of simulated workers follow their objects. Without --job-file the job is
made from the fields of the answers; comments in job.yaml say what you must fill in.

With --adjudicate the new job asks one expert about each object that has answers, with the same
form. Its page shows what each worker answered, as Answer A, B, C in an order that tells nothing
about them, and the present label; boxes, key points, polygons and spans start as the label has
them. Set WorkteamArn to the team of your experts. The plan is the same, but one worker is enough.

--most-doubtful N ranks the labeled objects by how probably one more answer would change the
label: for single choices and scales from the probabilities of the categories, for other kinds
by one minus the confidence, and for fields of kind `verbatim` by how far the answers disagree. A form
of several kinds mixes these; --field keeps to one. docs/METHODS.md has the formula.

When the new job is done, --with joins it to the old one:
  gtruth reconsolidate survey-7 --with survey-7-round-2 --out survey-7-again

If no object is chosen, nothing is written, and the exit code is 0.

Examples:
  gtruth next-round survey-7 --job-file survey.yaml --out round-2
  gtruth next-round survey-7 --job-file survey.yaml --below-confidence 0.7 --out round-2
  gtruth next-round survey-7 --skip failed,unlabeled --most-doubtful 200 --field animal --out round-2
  gtruth next-round survey-7 --job-file survey.yaml --below-agreement 0.5 --adjudicate --out experts")]
pub struct NextRoundArgs {
    /// Which job
    #[command(flatten)]
    pub job: FinishedJobArgs,
    /// The job file of the finished job, whose plan, categories, template and other members the new job takes over
    #[arg(long, value_name = "JOB.yaml", value_hint = ValueHint::FilePath)]
    pub job_file: Option<PathBuf>,
    /// The consolidation plan [default: that of the job file; without one, every field is recognized]
    #[arg(long, value_name = "plan.json", value_hint = ValueHint::FilePath)]
    pub plan: Option<PathBuf>,
    /// Do not choose objects for these reasons
    #[arg(long, value_name = "REASONS", value_delimiter = ',', value_enum)]
    pub skip: Vec<Skipped>,
    /// Also choose objects with a label whose confidence is lower
    #[arg(long, value_name = "0 to 1", value_parser = share)]
    pub below_confidence: Option<f64>,
    /// Also choose objects whose answers agree less than this: the mean over every two workers
    #[arg(long, value_name = "0 to 1", value_parser = share)]
    pub below_agreement: Option<f64>,
    /// Also choose the N objects whose label one more answer would most likely change
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub most_doubtful: Option<u32>,
    /// Look only at this field of the form
    #[arg(long, value_name = "NAME")]
    pub field: Option<String>,
    /// Show an expert what the workers answered
    #[arg(long)]
    pub adjudicate: bool,
    /// The name of the new job [default: that of the old one and `-round-2`, or `-adjudication`]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The folder to write into
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: PathBuf,
    /// Replace what an earlier run left there
    #[arg(long)]
    pub overwrite: bool,
}

/// Reads a number from 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "give a number from 0 to 1, as in 0.7".to_owned())
}
