//! How long the commands that read a finished job take on a large one, and how much memory (Linux):
//!
//! ```text
//! cargo bench -p gtruth --bench finished_job
//! cargo bench -p gtruth --bench finished_job -- --objects 2000 --scenario form --runs 1
//! ```
//!
//! Writes a job's output folder as Ground Truth leaves it, five answers to each object, and starts the real binary on it.
//! Each line is the fastest of several runs. The folder has one file per object, so writing it takes longer than reading.
//!
//! - `--objects N`: so many instead of 200,000.
//! - `--scenario NAME`: `classifier`, `form` (a category, a number and boxes) or `all`.
//! - `--runs N`: so many instead of 3.
//! - `--keep FOLDER`: the job stays there, and serves the next time.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::thread;
use std::time::{Duration, Instant};

use ground_truth::dice::Dice;
use rayon::prelude::*;

type Failure = Box<dyn Error + Send + Sync>;

/// Answers to each object.
const N_ANSWERS: usize = 5;

/// How many answers a worker gives, on average.
const ANSWERS_PER_WORKER: usize = 1000;

const ANIMALS: &[&str] = &["otter", "heron", "beaver", "kingfisher", "trout", "none"];

/// What is run, with `{out}` for a folder to write into.
const COMMANDS: &[&str] = &[
    "export --format csv --overwrite --out {out}",
    "agreement --replicates 0",
    "agreement",
    "workers",
    "reconsolidate --overwrite --out {out}",
    "report --overwrite --out {out}.html",
];

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let n_objects = option(&arguments, "--objects")?.unwrap_or(200_000);
    let n_runs: usize = option(&arguments, "--runs")?.unwrap_or(3);
    let scenario = option(&arguments, "--scenario")?.unwrap_or_else(|| "classifier".to_owned());
    let keep: Option<PathBuf> = option(&arguments, "--keep")?;
    let temporary = tempfile::tempdir()?;
    let folder = keep.as_deref().unwrap_or(temporary.path());
    let mut out = io::stdout();
    writeln!(
        out,
        "| form | objects | answers | command | s | peak MB | answers per s |\n|---|---|---|---|---|---|---|"
    )?;
    for (name, form) in SCENARIOS.iter().filter(|(name, _)| scenario == "all" || scenario == *name) {
        let job = folder.join(format!("{name}-{n_objects}"));
        if !job.is_dir() {
            write_job(&job, n_objects, *form)?;
        }
        for command in COMMANDS {
            let runs: Vec<Run> =
                (0..n_runs).map(|_| Run::of(command, &job, temporary.path())).collect::<Result<_, _>>()?;
            let seconds = runs.iter().map(|run| run.seconds).fold(f64::INFINITY, f64::min);
            let megabytes = runs.iter().map(|run| run.peak_kilobytes).max().unwrap_or_default() / 1000;
            let n_answers = n_objects * N_ANSWERS;
            let per_second = n_answers as f64 / seconds;
            let command = command.split(" --o").next().unwrap_or(command);
            writeln!(
                out,
                "| {name} | {n_objects} | {n_answers} | `{command}` | {seconds:.1} | {megabytes} | {per_second:.0} |"
            )?;
        }
    }
    Ok(())
}

/// The value behind an option.
fn option<T: FromStr<Err: Error + Send + Sync + 'static>>(
    arguments: &[String],
    name: &str,
) -> Result<Option<T>, Failure> {
    let place = arguments.iter().position(|argument| argument == name);
    let value = place.and_then(|place| arguments.get(place + 1));
    value.map(|value| value.parse().map_err(|error| format!("{name} {value}: {error}").into())).transpose()
}

/// One run of a command.
struct Run {
    seconds: f64,
    /// The most memory that was resident.
    peak_kilobytes: u64,
}

impl Run {
    fn of(command: &str, job: &Path, out: &Path) -> Result<Self, Failure> {
        let out = out.join("out");
        let command = command.replace("{out}", &out.to_string_lossy());
        let mut words = command.split(' ');
        let start = Instant::now();
        let mut child = Command::new(env!("CARGO_BIN_EXE_gtruth"))
            .args(words.next())
            .arg(job)
            .args(words)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let (mut peak_kilobytes, mut status) = (0, None);
        while status.is_none() {
            peak_kilobytes = peak(&child).unwrap_or(peak_kilobytes);
            thread::sleep(Duration::from_millis(5));
            status = child.try_wait()?;
        }
        let seconds = start.elapsed().as_secs_f64();
        match status.and_then(|status| status.code()) {
            Some(0 | 1) => Ok(Self { seconds, peak_kilobytes }),
            _ => Err(format!("`gtruth {command}` on {} failed", job.display()).into()),
        }
    }
}

/// The peak so far, as Linux counts it.
fn peak(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

/// What a perfect worker would see in an object.
struct Truth {
    animal: usize,
    /// Left, top, width and height in pixels.
    boxes: Vec<[f64; 4]>,
}

impl Truth {
    fn draw(dice: &mut Dice) -> Self {
        let animal = dice.below(ANIMALS.len());
        let boxes = (0..1 + dice.below(2)).map(|_| [900.0, 600.0, 200.0, 150.0].map(|most| 20.0 + dice.unit() * most));
        Self { animal, boxes: boxes.collect() }
    }
}

/// The form that a worker of some skill sends.
type Form = fn(&Truth, skill: f64, dice: &mut Dice) -> Result<String, Failure>;

const SCENARIOS: &[(&str, Form)] = &[("classifier", classifier), ("form", form)];

fn classifier(truth: &Truth, skill: f64, dice: &mut Dice) -> Result<String, Failure> {
    Ok(format!(r#"{{"animal":{{"label":"{}"}}}}"#, animal(truth, skill, dice)))
}

fn form(truth: &Truth, skill: f64, dice: &mut Dice) -> Result<String, Failure> {
    let mut boxes = String::new();
    for sides in &truth.boxes {
        let [left, top, width, height] = sides.map(|side| (side + 12.0 * dice.noise()).max(1.0).round());
        let comma = if boxes.is_empty() { "" } else { "," };
        let label = animal(truth, skill, dice);
        write!(boxes, r#"{comma}{{"height":{height},"label":"{label}","left":{left},"top":{top},"width":{width}}}"#)?;
    }
    let count = truth.boxes.len() + usize::from(!dice.chance(skill));
    Ok(format!(
        r#"{{"animal":{{"label":"{}"}},"count":"{count}","shapes":{{"boundingBoxes":[{boxes}],"inputImageProperties":{{"height":800,"width":1200}}}}}}"#,
        animal(truth, skill, dice)
    ))
}

fn animal(truth: &Truth, skill: f64, dice: &mut Dice) -> &'static str {
    let wrong = 1 + dice.below(ANIMALS.len() - 1);
    ANIMALS[(truth.animal + if dice.chance(skill) { 0 } else { wrong }) % ANIMALS.len()]
}

/// Writes worker responses and an output manifest, whose labels are those that a function of majority votes would give.
fn write_job(job: &Path, n_objects: usize, form: Form) -> Result<(), Failure> {
    let name = job.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let responses = job.join("annotations/worker-response/iteration-1");
    let n_workers = (n_objects * N_ANSWERS / ANSWERS_PER_WORKER).max(2 * N_ANSWERS);
    let object = |place: usize| -> Result<String, Failure> {
        let mut dice = Dice::named(11, &place.to_string());
        let truth = Truth::draw(&mut dice);
        let first_worker = dice.below(n_workers);
        let mut answers = Vec::with_capacity(N_ANSWERS);
        for answer in 0..N_ANSWERS {
            let worker = (first_worker + answer * 17) % n_workers;
            let skill = 0.5 + 0.45 * (worker * 37 % 100) as f64 / 100.0;
            let form = form(&truth, skill, &mut dice)?;
            let seconds = 4.0 + 30.0 * dice.unit();
            let (taken, sent) = (moment(place + answer * 60), moment(place + answer * 60 + seconds as usize));
            answers.push(format!(
                r#"{{"acceptanceTime":"{taken}.000Z","answerContent":{form},"submissionTime":"{sent}.000Z","timeSpentInSeconds":{seconds:.3},"workerId":"private.eu-west-1.{worker:016x}","workerMetadata":{{"identityData":{{"identityProviderType":"Cognito","issuer":"https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_111111111","sub":"11111111-2222-3333-4444-{worker:012}"}}}}}}"#
            ));
        }
        let folder = responses.join(place.to_string());
        fs::create_dir_all(&folder)?;
        let file = folder.join(format!("{}.json", moment(place + 300).replace('T', "_")));
        fs::write(file, format!(r#"{{"answers":[{}]}}"#, answers.join(",")))?;
        let animal = ANIMALS[truth.animal];
        Ok(format!(
            r#"{{"source-ref":"s3://river-in/photos/{place:07}.jpg","survey":{{"animal":{{"kind":"classification","method":"majority-vote","label":"{animal}","confidence":0.8,"votes":{{"{animal}":4,"mud":1}},"workers":5}}}},"survey-metadata":{{"type":"groundtruth/custom","job-name":"labeling-job/{name}","human-annotated":"yes","creation-date":"{}.000000"}}}}"#,
            moment(place + 400)
        ))
    };
    let lines: Vec<String> = (0..n_objects).into_par_iter().map(object).collect::<Result<_, _>>()?;
    let manifest = job.join("manifests/output/output.manifest");
    fs::create_dir_all(manifest.parent().unwrap_or(job))?;
    Ok(fs::write(manifest, lines.join("\n") + "\n")?)
}

/// So many seconds after the job's start.
fn moment(seconds: usize) -> String {
    let (day, second) = (6 + seconds / 86_400 % 20, seconds % 86_400);
    format!("2024-05-{day:02}T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}
