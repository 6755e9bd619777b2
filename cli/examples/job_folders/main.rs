//! Real answers as the output folders of labeling jobs, and what the companion makes of them:
//!
//! ```text
//! cargo run --release -p gtruth --example job_folders -- FOLDER OUT
//! ```
//!
//! The sets are those of `shared/examples/figures`, whose readers and scores this program shares; they are not part of the
//! project. Each becomes `OUT/<set>`, as Ground Truth leaves a job that ran without functions, and its gold
//! `OUT/<set>.gold.manifest`. `gtruth reconsolidate` labels it into `OUT/<set>-again`, and `gtruth workers --gold` judges its
//! workers. Two tables come out: the figures of these labels beside those of the engine that was given the answers
//! themselves, and how well a worker's agreement with the others tells the agreement with gold.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::{env, fs};

use clap::Parser;
use ground_truth::batch::FieldOutcome;
use ground_truth::vocabulary::Confidence;
use serde_json::{Value, json};

#[path = "../../../shared/examples/figures/categories.rs"]
mod categories;
mod gold;
#[path = "../../../shared/examples/figures/marks.rs"]
mod marks;
#[path = "../../../shared/examples/figures/masks.rs"]
mod masks;
#[path = "../../../shared/examples/figures/orders.rs"]
mod orders;
#[path = "../../../shared/examples/figures/score.rs"]
mod score;
#[path = "../../../shared/examples/figures/sections.rs"]
mod sections;
#[path = "../../../shared/examples/figures/sets.rs"]
mod sets;
#[path = "../../../shared/examples/figures/table.rs"]
#[expect(dead_code, reason = "the table of the figures has other columns")]
mod table;
#[path = "../../../shared/examples/figures/texts.rs"]
mod texts;

use score::{correlation, rank_correlation};
use sets::{Answers, Data, FIELD, Failure, Labeler, Labels};

/// The label attribute of every job.
const LABEL: &str = "label";

/// How many workers a correlation needs.
const MIN_WORKERS: usize = 5;

fn main() -> Result<(), Failure> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(path), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("give the folder that holds the sets, and a folder to write into".into());
    };
    let mut out = io::stdout().lock();
    let by_engine: Labeler = Rc::new(|answers, kind| answers.engine(kind, Value::Null));
    let of_engine = sections::measure(&Data { path: path.clone(), labeler: by_engine })?;

    let data = Data { path, labeler: by_job(&folder) };
    writeln!(out, "| kind | set | metric | engine | job |\n|---|---|---|---|---|")?;
    for (engine, job) in of_engine.figures.iter().zip(sections::measure(&data)?.figures) {
        let (kind, set, metric) = (job.kind, job.set, &job.metric);
        writeln!(out, "| {kind} | {set} | {metric} | {:.4} | {:.4} |", engine.ours, job.ours)?;
    }
    of_engine.write_missing(&mut out)?;

    writeln!(out, "\n| set | known answers of a worker | workers | Pearson | Spearman |\n|---|---|---|---|---|")?;
    for set in sets_in(&folder)? {
        let gold = folder.join(format!("{set}.gold.manifest"));
        if !gold::write_manifest(&data, &set, &gold)? {
            continue;
        }
        for least in [1, 20] {
            let agreements = agreements(&folder.join(&set), &gold, least)?;
            if agreements.len() < MIN_WORKERS {
                continue;
            }
            let (others, of_gold): (Vec<f64>, Vec<f64>) = agreements.into_iter().unzip();
            let (pearson, spearman) = (correlation(&others, &of_gold), rank_correlation(&others, &of_gold));
            writeln!(out, "| {set} | at least {least} | {} | {pearson:.3} | {spearman:.3} |", others.len())?;
        }
    }
    Ok(())
}

/// Labels a set by way of its job's folder; answers that are not a whole set, by the engine.
fn by_job(folder: &Path) -> Labeler {
    let folder = folder.to_owned();
    Rc::new(move |answers, kind| {
        let Some(set) = answers.set else { return answers.engine(kind, Value::Null) };
        let (job, again) = (folder.join(set), folder.join(format!("{set}-again")));
        if !job.exists() {
            write_job(&job, answers)?;
        }
        gtruth(&[
            "reconsolidate".as_ref(),
            job.as_os_str(),
            "--overwrite".as_ref(),
            "--out".as_ref(),
            again.as_os_str(),
        ])?;
        labels(&again.join("output.manifest"), kind)
    })
}

/// What a command of the companion prints.
fn gtruth(arguments: &[&std::ffi::OsStr]) -> Result<Vec<u8>, Failure> {
    let arguments = std::iter::once("gtruth".as_ref()).chain(arguments.iter().copied());
    let mut out = Vec::new();
    gtruth::run(gtruth::args::Args::try_parse_from(arguments)?, &mut out)?;
    Ok(out)
}

/// Writes worker responses, the label categories, and an output manifest with the empty labels of a job without functions.
fn write_job(job: &Path, answers: &Answers) -> Result<(), Failure> {
    let name = answers.set.unwrap_or_default();
    let categories: Vec<Value> = answers.categories.iter().map(|category| json!({ "label": category })).collect();
    if !categories.is_empty() {
        write(&job.join("annotation-tool/data.json"), &json!({ "labels": categories }).to_string())?;
    }
    let mut manifest = String::new();
    for (idx, (object, of_object)) in answers.by_object.iter().enumerate() {
        let response = format!("annotations/worker-response/iteration-1/{idx}/2024-05-06_07:08:09.json");
        let sent = |(worker, value): &(String, Value)| json!({"answerContent": {FIELD: value}, "workerId": worker});
        let sent: Vec<Value> = of_object.iter().map(sent).collect();
        write(&job.join(&response), &json!({ "answers": sent }).to_string())?;
        let metadata = json!({
            "type": "groundtruth/custom", "job-name": format!("labeling-job/{name}"), "human-annotated": "yes",
            "creation-date": "2024-05-06T07:08:09.000000", "worker-response-ref": format!("s3://crowd/{name}/{response}"),
        });
        let line = json!({"source": object, LABEL: {}, format!("{LABEL}-metadata"): metadata});
        manifest += &format!("{line}\n");
    }
    write(&job.join("manifests/output/output.manifest"), &manifest)
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    Ok(fs::write(path, text)?)
}

/// The labels of an output manifest, by object.
fn labels(manifest: &Path, kind: &str) -> Result<Labels, Failure> {
    let mut labels = BTreeMap::new();
    for line in fs::read_to_string(manifest)?.lines() {
        let mut line: Value = serde_json::from_str(line)?;
        let Value::Object(members) = line[LABEL][FIELD].take() else { continue };
        let object = sets::text(&line["source"]);
        if members.get("kind").and_then(Value::as_str) != Some(kind) {
            return Err(format!("{}: {object} is not of kind {kind}", manifest.display()).into());
        }
        let confidence = members.get("confidence").and_then(Value::as_f64);
        let outcome = FieldOutcome {
            method: None,
            n_workers: members.get("workers").and_then(Value::as_u64).unwrap_or_default() as usize,
            confidence: confidence.and_then(|confidence| Confidence::new(confidence).ok()),
            unresolved: None,
            rejected: Vec::new(),
            members,
        };
        labels.insert(object, outcome);
    }
    Ok(labels)
}

/// The sets that have become jobs.
fn sets_in(folder: &Path) -> Result<Vec<String>, Failure> {
    let mut sets = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.path().join("annotations").is_dir() {
            sets.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    sets.sort();
    Ok(sets)
}

/// Of each worker with so many answers to objects with gold the agreement with the others and with gold.
fn agreements(job: &Path, gold: &Path, least: u64) -> Result<Vec<(f64, f64)>, Failure> {
    let report =
        gtruth(&["workers".as_ref(), job.as_os_str(), "--gold".as_ref(), gold.as_os_str(), "--json".as_ref()])?;
    let report: Value = serde_json::from_slice(&report)?;
    let of_field = |field: &Value| {
        let of = |with: &str| field[with]["agreement"].as_f64();
        let n_known = field["gold"]["answers"].as_u64();
        of("others").zip(of("gold")).filter(|_| n_known >= Some(least))
    };
    let workers = sets::list(&report["workers"]["workers"]).iter();
    Ok(workers.filter_map(|worker| of_field(&worker["fields"][0])).collect())
}
