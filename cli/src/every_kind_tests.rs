//! Every annotation kind through the companion: a label that the engine writes can be read, shown, compared, asked again and
//! exported, and what a format cannot hold is said.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};
use ground_truth::annotation_kinds::{ALL, AnnotationKind};
use ground_truth::answer::Answer;
use ground_truth::batch::{Batch, DatasetObject, WorkerAnswer};
use ground_truth::dice::Dice;
use ground_truth::field_value::FieldValueBuf;
use ground_truth::label::{FieldLabel, Label};
use ground_truth::label_content::{BuiltInTask, MarkGeometry};
use ground_truth::plan::ConsolidationPlan;
use ground_truth::vocabulary::{DatasetObjectId, LabelCategory, WorkerId};
use serde_json::{Value, json};

use crate::args::Args;
use crate::export::Format;
use crate::finished_job::testing::JobFolder;

const WORKERS: [&str; 3] = ["ana", "bo", "cy"];

/// Runs a command of the companion.
fn gtruth(words: &[&str]) -> anyhow::Result<String> {
    let mut out = Vec::new();
    crate::run(Args::try_parse_from(["gtruth"].iter().chain(words))?, &mut out)?;
    Ok(String::from_utf8(out)?)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in Unicode")
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("a file");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// One kind, a value of it, and another one that means something else.
struct Case {
    kind: &'static AnnotationKind,
    usual: Value,
    other: Value,
    /// What the labels of both values name.
    categories: Vec<String>,
}

impl Case {
    fn of(kind: &'static AnnotationKind) -> Self {
        let examples: Vec<Value> =
            kind.examples.iter().map(|example| serde_json::from_str(example).expect("JSON")).collect();
        let usual = examples[0].clone();
        let of_usual = consolidated(kind, &usual);
        let categories = ["otter", "heron", "mink"].map(LabelCategory::new);
        let truth = FieldValueBuf::from(usual.clone());
        let careless =
            (0..20).map(|seed| json!((kind.simulate)(truth.view(), false, &categories, &mut Dice::new(seed))));
        let others = examples.iter().skip(1).cloned().chain(careless);
        let is_other = |other: &Value| {
            let decisions = (of_usual.decision(), consolidated(kind, other).decision());
            matches!(decisions, (Some(usual), Some(other)) if !usual.decides_as(&other))
        };
        let other = { others }.find(is_other).unwrap_or_else(|| panic!("{} says one thing alone", kind.name));
        let of_other = consolidated(kind, &other);
        let mut categories: Vec<String> =
            of_usual.named_categories().into_iter().chain(of_other.named_categories()).map(str::to_owned).collect();
        categories.sort();
        categories.dedup();
        Self { kind, usual, other, categories }
    }

    /// A plan for a form whose only field has the kind's name and is of the kind.
    fn plan(&self, folder: &Path, output_format: &str) -> PathBuf {
        let name = self.kind.name;
        let mut plan = json!({"fields": {name: {"kind": name}}, "outputFormat": output_format});
        if !self.categories.is_empty() {
            plan["categories"] = json!(self.categories);
        }
        let path = folder.join(format!("plan-{output_format}.json"));
        fs::write(&path, plan.to_string()).expect("writable");
        path
    }

    fn form(&self, value: &Value) -> Value {
        json!({ self.kind.name: value })
    }
}

/// The label that three equal values give.
fn consolidated(kind: &AnnotationKind, value: &Value) -> FieldLabel<'static> {
    let answers = WORKERS.map(|worker| {
        let answer = Answer::from_value(json!({ "field": value })).expect("a form");
        Ok(WorkerAnswer { worker_id: WorkerId::new(worker), answer })
    });
    let object = DatasetObject::new(DatasetObjectId::new("0"), None, answers);
    let plan = json!({"fields": {"field": {"kind": kind.name}}});
    let plan = ConsolidationPlan::from_value(&plan).expect("a plan");
    let mut outcome = plan.consolidate(&Batch { objects: vec![object], ..Batch::default() }).remove(0);
    outcome.fields.remove(0).into()
}

/// A picture and a text, both answered alike by three workers, in a folder of its own.
fn job(answers: [Value; 3]) -> JobFolder {
    let answers: Vec<(&str, u32, Value)> =
        WORKERS.iter().zip(1..).zip(answers).map(|((worker, minute), form)| (*worker, minute, form)).collect();
    JobFolder::new("survey").answers(1, "0", &answers).answers(1, "1", &answers)
}

const SOURCES: [(&str, &str); 2] =
    [("source-ref", "s3://river-in/0.png"), ("source", "The river bends here and ends in the sea.")];

/// The job, whose objects are not labeled yet.
fn unlabeled(answers: [Value; 3]) -> JobFolder {
    job(answers).output(&SOURCES.map(|(name, source)| json!({ name: source })))
}

/// The lines of the new output manifest, and those of what differs from the labels that the job had.
fn reconsolidated(folder: &JobFolder, plan: &Path) -> (Vec<Value>, Vec<Value>) {
    let out = folder.path().with_extension("again");
    gtruth(&["reconsolidate", text(&folder.path()), "--plan", text(plan), "--out", text(&out), "--overwrite"])
        .expect("labels");
    (lines(&out.join("output.manifest")), lines(&out.join("diff.jsonl")))
}

/// The job with the labels of a manifest.
fn labeled(answers: [Value; 3], manifest: &[Value]) -> JobFolder {
    job(answers).output(manifest)
}

fn read(line: &Value) -> Label {
    let label = line.get("label").unwrap_or_else(|| panic!("a label in {line}"));
    Label::read(label, line["label-metadata"].as_object())
}

#[test]
fn labels_of_every_output_format_are_read_and_compared() {
    for case in ALL.iter().map(Case::of) {
        let name = case.kind.name;
        let dir = tempfile::tempdir().expect("a folder");
        let [usual, other] = [&case.usual, &case.other].map(|value| [(); 3].map(|()| case.form(value)));
        let decision = consolidated(case.kind, &case.usual).decision().expect("a decision");
        let fields = case.plan(dir.path(), "fields");
        for format in ["fields", "ground-truth", "all-answers"] {
            let (manifest, _) = reconsolidated(&unlabeled(usual.clone()), &case.plan(dir.path(), format));
            let is_built_in = case.kind.particulars.built_in.is_some_and(BuiltInTask::is_written);
            let (_, same) = reconsolidated(&labeled(usual.clone(), &manifest), &fields);
            let (_, changed) = reconsolidated(&labeled(other.clone(), &manifest), &fields);
            let changes: Vec<&str> = changed.iter().filter_map(|diff| diff["change"].as_str()).collect();
            let is_compared = same.is_empty() && changes == ["changed", "changed"];
            match (format, read(&manifest[0])) {
                ("all-answers", Label::AllAnswers) => assert_eq!(changes, ["gained", "gained"], "{name}"),
                ("ground-truth", Label::BuiltIn(label)) if is_built_in => {
                    assert_eq!(label.kind_name(), name);
                    assert!(is_compared, "{name}: {same:?} {changed:?}");
                }
                ("fields" | "ground-truth", Label::Fields(fields)) if format == "fields" || !is_built_in => {
                    let read = fields[name].decision().expect("a decision");
                    assert!(read.decides_as(&decision) && decision.decides_as(&read), "{name}: {read:?}");
                    assert!(is_compared, "{name}: {same:?} {changed:?}");
                }
                (_, label) => panic!("{name} in the format {format}: {label:?}"),
            }
        }
    }
}

/// One of the blocks of data in a report.
fn block(page: &str, id: &str) -> Value {
    let start = format!("<script type=\"application/json\" id=\"{id}\">");
    let (_, rest) = page.split_once(&start).expect("the block");
    let (text, _) = rest.split_once("</script>").expect("its end");
    serde_json::from_str(text).expect("JSON")
}

fn report(folder: &JobFolder, plan: &Path) -> String {
    let page = folder.path().with_extension("html");
    gtruth(&["report", text(&folder.path()), "--plan", text(plan), "--out", text(&page)]).expect("a page");
    fs::read_to_string(page).expect("a page")
}

fn says_something(text: &Value) -> bool {
    text.as_str().is_some_and(|text| !text.is_empty())
}

#[test]
fn a_report_says_what_was_decided_and_what_each_worker_said() {
    for case in ALL.iter().map(Case::of) {
        let name = case.kind.name;
        let dir = tempfile::tempdir().expect("a folder");
        let plan = case.plan(dir.path(), "fields");
        let [usual, other] = [&case.usual, &case.other].map(|value| [(); 3].map(|()| case.form(value)));
        let (manifest, _) = reconsolidated(&unlabeled(usual), &plan);
        let page = report(&labeled(other, &manifest), &plan);
        let (index, objects) = (block(&page, "index"), block(&page, "objects-0"));
        let field = &objects[0]["fields"][0];
        assert!(says_something(&index[0]["label"]), "{name}: nothing in the list: {index}");
        assert!(says_something(&field["label"]["says"]), "{name}: {field}");
        let said = field["said"].as_array().expect("what workers said");
        assert!(said.len() == 3 && said.iter().all(|said| says_something(&said["says"])), "{name}: {field}");
        assert_eq!(field["same"], json!([true, true, true]), "{name}: {field}");
        assert_eq!(field["diff"]["change"], "changed", "{name}: {field}");
        assert!(says_something(&field["diff"]["before"]), "{name}: {field}");
        let geometry = case.kind.label.geometry();
        assert_eq!(field.get("geometry").cloned(), geometry.map(|geometry| json!(geometry)), "{name}");
        let surface = geometry.and_then(MarkGeometry::surface);
        assert_eq!(field.get("surface").cloned(), surface.map(|surface| json!(surface)), "{name}");

        // Without answers on file the job's own label is shown.
        let page = report(&JobFolder::new("survey").output(&manifest), &plan);
        let (index, objects) = (block(&page, "index"), block(&page, "objects-0"));
        let kept = &objects[0]["kept"][0];
        assert!(says_something(&index[0]["label"]) && says_something(&kept["label"]["says"]), "{name}: {kept}");
        assert_eq!(kept["name"], name);
    }
}

#[test]
fn a_next_round_asks_again_and_an_expert_sees_every_answer() {
    for case in ALL.iter().map(Case::of) {
        let name = case.kind.name;
        let dir = tempfile::tempdir().expect("a folder");
        let plan = case.plan(dir.path(), "fields");
        let file = dir.path().join("job.yaml");
        let job_file = "LabelingJobName: survey\nLabelAttributeName: label\n\
            HumanTaskConfig: {NumberOfHumanWorkersPerDataObject: 3}\ngtruth: {template: form.liquid.html}\n";
        fs::write(&file, job_file).expect("writable");
        fs::write(dir.path().join("form.liquid.html"), "<crowd-form></crowd-form>").expect("writable");
        let folder = unlabeled([&case.usual, &case.usual, &case.other].map(|value| case.form(value)));
        let job = folder.path();
        let round = |more: &[&str]| {
            let out = dir.path().join(format!("round-{}", more.len()));
            let words =
                ["next-round", text(&job), "--plan", text(&plan), "--below-agreement", "1", "--out", text(&out)];
            gtruth(&[&words, more].concat()).unwrap_or_else(|error| panic!("{name} {more:?}: {error:#}"));
            lines(&out.join("manifest.jsonl"))
        };
        assert_eq!(round(&[]).len(), 2, "{name}");
        let lines = round(&["--job-file", text(&file), "--adjudicate"]);
        for (line, (source, _)) in lines.iter().zip(SOURCES) {
            let shown = &line["adjudication"];
            let says = |part: &Value| part["field"] == name && says_something(&part["text"]);
            let answers = shown["answers"].as_array().expect("answers");
            assert!(line.get(source).is_some() && answers.len() == 3, "{name}: {line}");
            assert!(
                answers.iter().all(|answer| says(&answer["says"][0])) && says(&shown["label"][0]),
                "{name}: {shown}"
            );
            let is_prefilled = case.kind.particulars.prefilled_element.is_some();
            assert_eq!(shown["initial"][name].is_array(), is_prefilled, "{name}: {shown}");
        }
    }
}

#[test]
fn every_format_takes_a_label_or_says_what_it_leaves_out() {
    let mut taken: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for case in ALL.iter().map(Case::of) {
        let name = case.kind.name;
        let dir = tempfile::tempdir().expect("a folder");
        let plan = case.plan(dir.path(), "fields");
        let (manifest, _) = reconsolidated(&unlabeled([(); 3].map(|()| case.form(&case.usual))), &plan);
        let folder = JobFolder::new("survey").output(&manifest);
        for format in Format::value_variants() {
            let format = format.to_possible_value().expect("a name");
            let (job, out) = (folder.path(), dir.path().join(format.get_name()));
            let words = ["export", text(&job), "--format", format.get_name(), "--out", text(&out), "--json"];
            match gtruth(&words) {
                Ok(report) => {
                    let report = &serde_json::from_str::<Value>(&report).expect("JSON")["report"];
                    let is_taken = report["labels"].as_u64().is_some_and(|n| n > 0);
                    let left_out = report["leftOut"].as_object().expect("counts");
                    assert!(is_taken || !left_out.is_empty(), "{name} in {}: {report}", format.get_name());
                    if is_taken {
                        taken.entry(format.get_name().to_owned()).or_default().push(name);
                    }
                }
                Err(error) => {
                    let error = error.to_string();
                    assert!(error.starts_with("this format holds ") && error.contains(name), "{error}");
                }
            }
        }
        let csv = fs::read_to_string(dir.path().join("csv/labels.csv")).expect("a table");
        for row in csv::Reader::from_reader(csv.as_bytes()).records() {
            assert!(!row.expect("a row")[2].is_empty(), "{name}: {csv}");
        }
        for line in lines(&dir.path().join("json-lines/labels.jsonl")) {
            let label = FieldLabel::read(&line["fields"][name]).expect("a label");
            assert_eq!((label.kind_name(), label.decision().is_some()), (name, true));
        }
    }
    let taken: Vec<String> = taken.iter().map(|(format, kinds)| format!("{format}: {}", kinds.join(", "))).collect();
    insta::assert_snapshot!(taken.join("\n"));
}
