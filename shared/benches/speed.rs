//! How long the methods take on generated answers, one thread:
//!
//! ```text
//! cargo bench -p ground-truth --bench speed
//! cargo bench -p ground-truth --bench speed -- --write FOLDER
//! ```
//!
//! Each line is the median of several runs. `--write` also writes the answers and the times into a folder, which
//! `peers.py` beside this file gives to other libraries. Boxes and texts go through the whole `ConsolidationPlan`, from
//! JSON values to labels, where a line does not say "alone" or "typed input"; the other methods start from the columns or
//! run lengths that they read.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock and writes files; the core does neither")]

use std::error::Error;
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;
use std::{env, fs};

use ground_truth::agreement::krippendorff_alpha::{Scale, alpha};
use ground_truth::agreement::vote_patterns::VotePatterns;
use ground_truth::annotation_kinds::bounding_box::{self, BoundingBox};
use ground_truth::annotation_kinds::marks::{self, MarkAnswer};
use ground_truth::answer::Answer;
use ground_truth::batch::{Batch, DatasetObject, WorkerAnswer};
use ground_truth::consolidation::edit_distance::Symbols;
use ground_truth::consolidation::mark_clusters::Search;
use ground_truth::consolidation::mark_consensus::{Mark, MarkedObject, Matching, Shape, match_marks};
use ground_truth::consolidation::mask_overlay::Overlay;
use ground_truth::consolidation::posteriors::Stopping;
use ground_truth::consolidation::vote_counts::{Majority, VoteCounts};
use ground_truth::consolidation::votes::{Sizes, Votes, VotesError, WorkerPrior};
use ground_truth::consolidation::{auto, dawid_skene, glad, mace, mask_vote, rover, staple};
use ground_truth::dice::Dice;
use ground_truth::geometry::mask::{ImageSize, LabelMap, Mask};
use ground_truth::geometry::rect::Rect;
use ground_truth::plan::ConsolidationPlan;
use ground_truth::typed::Answers;
use ground_truth::vocabulary::{DatasetObjectId, WorkerId};
use serde_json::{Value, json};

type Failure = Box<dyn Error>;

const N_CATEGORIES: usize = 4;

/// Answers to each object of the votes.
const N_ANSWERS: u32 = 5;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = env::args().collect();
    let folder = arguments.iter().position(|argument| argument == "--write").and_then(|idx| arguments.get(idx + 1));
    let mut bench = Bench { folder: folder.map(PathBuf::from), times: String::from("name,seconds\n") };
    votes(&mut bench, "1M", 1_000_000)?;
    votes(&mut bench, "100k", 100_000)?;
    boxes(&mut bench)?;
    masks(&mut bench)?;
    texts(&mut bench)?;
    ten_million(&mut bench)?;
    bench.write("times.csv", &bench.times)
}

struct Bench {
    folder: Option<PathBuf>,
    times: String,
}

impl Bench {
    /// Times `work` on `n_answers` answers, in `n_runs` runs.
    fn time<T>(&mut self, name: &str, n_answers: usize, n_runs: usize, work: impl Fn() -> T) -> Result<(), Failure> {
        let mut seconds: Vec<f64> = (0..n_runs)
            .map(|_| {
                let start = Instant::now();
                black_box(work());
                start.elapsed().as_secs_f64()
            })
            .collect();
        seconds.sort_by(f64::total_cmp);
        let median = seconds[n_runs / 2];
        writeln!(io::stdout(), "{name:44} {median:9.4} s {:10.1} ns per answer", median * 1e9 / n_answers as f64)?;
        writeln!(self.times, "{name},{median}")?;
        Ok(())
    }

    fn write(&self, file: &str, text: &str) -> Result<(), Failure> {
        let Some(folder) = &self.folder else { return Ok(()) };
        fs::create_dir_all(folder)?;
        Ok(fs::write(folder.join(file), text)?)
    }
}

/// Single choices as columns.
struct Columns {
    sizes: Sizes,
    objects: Vec<u32>,
    workers: Vec<u32>,
    categories: Vec<u32>,
}

impl Columns {
    /// Workers give a thousand answers each, right in half to 95 of 100.
    fn generate(n_answers: u32) -> Self {
        let (n_objects, n_workers) = (n_answers / N_ANSWERS, n_answers / 1000);
        let sizes = Sizes { n_objects: n_objects as usize, n_workers: n_workers as usize, n_categories: N_CATEGORIES };
        let mut columns = Self { sizes, objects: Vec::new(), workers: Vec::new(), categories: Vec::new() };
        let mut dice = Dice::new(9);
        for object in 0..n_objects {
            let truth = dice.below(N_CATEGORIES);
            let first_worker = dice.below(sizes.n_workers) as u32;
            for answer in 0..N_ANSWERS {
                let worker = (first_worker + answer * 17) % n_workers;
                let skill = 0.5 + 0.45 * f64::from(worker * 37 % 100) / 100.0;
                let is_right = dice.chance(skill);
                let wrong = (truth + 1 + dice.below(N_CATEGORIES - 1)) % N_CATEGORIES;
                columns.objects.push(object);
                columns.workers.push(worker);
                columns.categories.push(if is_right { truth } else { wrong } as u32);
            }
        }
        columns
    }

    /// The same rows in no order.
    fn shuffled(&self) -> Self {
        let mut rows: Vec<usize> = (0..self.objects.len()).collect();
        let mut dice = Dice::new(10);
        for last in (1..rows.len()).rev() {
            rows.swap(last, dice.below(last + 1));
        }
        let [objects, workers, categories] = [&self.objects, &self.workers, &self.categories]
            .map(|column| rows.iter().map(|row| column[*row]).collect::<Vec<u32>>());
        Self { sizes: self.sizes, objects, workers, categories }
    }

    fn votes(&self) -> Result<Votes, VotesError> {
        Votes::new(self.sizes, &self.objects, &self.workers, &self.categories)
    }

    /// Every object's label with its votes and how many voted, from which its share follows.
    fn majorities(&self) -> Result<Vec<Option<Majority>>, VotesError> {
        let counts = VoteCounts::new(self.sizes, &self.objects, &self.workers, &self.categories)?;
        Ok(counts.majorities().collect())
    }
}

/// Exactly this number of rounds.
fn rounds(max_iterations: usize) -> Stopping {
    Stopping { tolerance: -1.0, max_iterations }
}

fn votes(bench: &mut Bench, size: &str, n_answers: u32) -> Result<(), Failure> {
    let columns = Columns::generate(n_answers);
    let mut text = String::from("task,worker,label\n");
    for ((object, worker), category) in columns.objects.iter().zip(&columns.workers).zip(&columns.categories) {
        writeln!(text, "{object},{worker},{category}")?;
    }
    bench.write(&format!("votes-{size}.csv"), &text)?;
    let votes = columns.votes()?;
    let n = votes.len();
    let mut time = |name: &str, n_runs, work: &dyn Fn()| bench.time(&format!("{name}, {size}"), n, n_runs, work);
    let shuffled = columns.shuffled();
    time("majority vote", 15, &|| _ = black_box(columns.majorities()))?;
    time("majority vote of shuffled rows", 7, &|| _ = black_box(shuffled.majorities()))?;
    time("gathering votes", 7, &|| _ = black_box(columns.votes()))?;
    time("Krippendorff's alpha", 7, &|| _ = black_box(nominal_alpha(&columns)))?;
    time("Dawid-Skene, 100 rounds", 3, &|| {
        _ = black_box(dawid_skene::fit(&votes, &dawid_skene::Params { stopping: rounds(100) }))
    })?;
    time("auto", 3, &|| _ = black_box(auto::fit(&votes, &WorkerPrior::none(columns.sizes.n_workers))))?;
    time("GLAD, 3 rounds", 3, &|| _ = black_box(glad::fit(&votes, &glad::Params { stopping: rounds(3) })))?;
    time("GLAD", 3, &|| _ = black_box(glad::fit(&votes, &glad::Params::STANDARD)))?;
    let fifty = mace::Params { stopping: rounds(50), ..mace::Params::STANDARD };
    time("MACE, 50 rounds", 3, &|| _ = black_box(mace::fit(&votes, &fifty)))?;
    time("MACE", 3, &|| _ = black_box(mace::fit(&votes, &mace::Params::STANDARD)))
}

fn nominal_alpha(columns: &Columns) -> Option<f64> {
    let Sizes { n_objects, n_categories, .. } = columns.sizes;
    let patterns = VotePatterns::of_categories(&columns.objects, &columns.categories, n_objects, n_categories).ok()?;
    alpha(patterns.all(), Scale::Nominal).ok()
}

fn ten_million(bench: &mut Bench) -> Result<(), Failure> {
    let votes = Columns::generate(10_000_000).votes()?;
    let n = votes.len();
    bench.time("Dawid-Skene, 100 rounds, 10M", n, 1, || {
        dawid_skene::fit(&votes, &dawid_skene::Params { stopping: rounds(100) })
    })?;
    // Linux alone tells, and only there it is asked.
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for peak in status.lines().filter(|line| line.starts_with("VmHWM")) {
        writeln!(io::stdout(), "peak memory of the whole run: {}", peak.trim_start_matches("VmHWM:").trim())?;
    }
    Ok(())
}

/// Answers to consolidate by a plan, and the same as JSON lines for others.
struct PlannedAnswers {
    batch: Batch,
    lines: String,
    n_answers: usize,
}

impl PlannedAnswers {
    fn generate(
        n_objects: usize,
        n_workers: usize,
        mut answer: impl FnMut(usize, usize) -> Value,
    ) -> Result<Self, Failure> {
        let (mut objects, mut lines) = (Vec::new(), String::new());
        for object in 0..n_objects {
            let mut answers = Vec::new();
            for worker in 0..n_workers {
                let value = answer(object, worker);
                writeln!(lines, "{}", json!({"task": object, "worker": worker, "answer": value}))?;
                let answer = Answer::from_value(json!({"answer": value}))?;
                answers.push(Ok(WorkerAnswer { worker_id: WorkerId::new(worker.to_string()), answer }));
            }
            objects.push(DatasetObject::new(DatasetObjectId::new(object.to_string()), None, answers));
        }
        let batch = Batch { objects, ..Batch::default() };
        Ok(Self { batch, lines, n_answers: n_objects * n_workers })
    }

    fn time(&self, bench: &mut Bench, name: &str, field: Value) -> Result<(), Failure> {
        let plan = ConsolidationPlan::from_value(&json!({"fields": {"answer": field}}))?;
        bench.time(name, self.n_answers, 3, || plan.consolidate(&self.batch))
    }
}

/// A thousand images with six things, drawn by five workers.
fn boxes(bench: &mut Bench) -> Result<(), Failure> {
    let answers = PlannedAnswers::generate(1000, 5, |image, worker| {
        let (mut truth, mut hand) = (Dice::named(1, &image.to_string()), Dice::named(2, &format!("{image} {worker}")));
        let mut boxes = Vec::new();
        for thing in 0..6 {
            let (left, top) = (200.0 * f64::from(thing) + 100.0 * truth.unit(), 600.0 * truth.unit());
            let (width, height) = (30.0 + 60.0 * truth.unit(), 30.0 + 60.0 * truth.unit());
            let mut near = |edge: f64| (10.0 * (edge + 4.0 * hand.noise())).round() / 10.0;
            let drawn = json!({"label": "otter", "left": near(left).max(0.0), "top": near(top).max(0.0),
                               "width": near(width), "height": near(height)});
            if !hand.chance(0.1) {
                boxes.push(drawn);
            }
        }
        json!({"boundingBoxes": boxes, "inputImageProperties": {"width": 1400, "height": 720}})
    })?;
    bench.write("boxes.jsonl", &answers.lines)?;
    let objects: Vec<MarkedObject<Drawn>> = answers.batch.objects.iter().map(marked).collect();
    bench.time("boxes, clusters and medians alone", answers.n_answers, 3, || {
        objects.iter().map(consensus).collect::<Vec<_>>()
    })?;
    let typed = typed(&answers.batch)?;
    bench.time("boxes, default, typed input", answers.n_answers, 7, || {
        bounding_box::consolidate(&typed, &bounding_box::Params::STANDARD)
    })?;
    answers.time(bench, "boxes, plain clusters", json!({"kind": "bounding-box", "method": "iou-clusters"}))?;
    answers.time(bench, "boxes, default", json!({"kind": "bounding-box"}))
}

/// A box, for the methods that are common to all marks.
struct Drawn(Rect);

impl Shape for Drawn {
    fn reach(&self) -> (f64, f64) {
        (self.0.left(), self.0.right())
    }

    fn similarity(&self, other: &Self) -> f64 {
        self.0.iou(&other.0)
    }
}

/// Left, top, width and height of every box of an answer.
fn boxes_of(one: &WorkerAnswer) -> impl Iterator<Item = [f64; 4]> {
    let boxes = one.answer.field("answer").and_then(|answer| answer.member("boundingBoxes")?.elements());
    boxes.into_iter().flatten().filter_map(|drawn| drawn.numbers(["left", "top", "width", "height"]))
}

/// The boxes of one image, as numbers.
fn marked(object: &DatasetObject) -> MarkedObject<Drawn> {
    let mut marks = Vec::new();
    for (worker, one) in object.answers.iter().enumerate() {
        for [left, top, width, height] in boxes_of(one) {
            marks.extend(Rect::new(left, top, width, height).map(|rect| Mark {
                worker,
                category: Some(0),
                shape: Drawn(rect),
            }));
        }
    }
    marks.sort_by(|a, b| a.shape.0.left().total_cmp(&b.shape.0.left()));
    MarkedObject { workers: (0..object.answers.len()).collect(), marks }
}

/// The boxes of all images as a program would have them.
fn typed(batch: &Batch) -> Result<Answers<MarkAnswer<BoundingBox>>, Failure> {
    let mut answers = Answers::default();
    for object in &batch.objects {
        for one in &object.answers {
            let drawn = boxes_of(one).map(|[left, top, width, height]| {
                Ok(marks::Drawn::new("otter", BoundingBox::new(left, top, width, height)?))
            });
            let drawn: Vec<_> = drawn.collect::<Result<_, Failure>>()?;
            answers.add(object.id.as_str(), one.worker_id.as_str(), MarkAnswer::of(drawn));
        }
    }
    Ok(answers)
}

/// The median box of every cluster that at least half of the workers made.
fn consensus(object: &MarkedObject<Drawn>) -> Vec<Rect> {
    let matching =
        Matching { threshold: 0.5, other_category: 1.0, doubles: None, search: Search::Greedy, max_pairs: 1_000_000 };
    let clusters = match_marks(object, &matching).unwrap_or_default();
    let made = clusters.iter().filter(|cluster| 2 * cluster.len() >= object.workers.len());
    made.filter_map(|cluster| Rect::median(&cluster.iter().map(|mark| object.marks[*mark].shape.0).collect::<Vec<_>>()))
        .collect()
}

/// Twenty discs, drawn by five workers into 512 by 512 pixels.
fn masks(bench: &mut Bench) -> Result<(), Failure> {
    let size = ImageSize::new(512, 512)?;
    let (mut images, mut lines) = (Vec::new(), String::new());
    for image in 0..20 {
        let mut maps: Vec<LabelMap> = Vec::new();
        for worker in 0..5 {
            let mut hand = Dice::named(3, &format!("{image} {worker}"));
            let (x, y, radius) =
                (256.0 + 10.0 * hand.noise(), 256.0 + 10.0 * hand.noise(), 120.0 + 15.0 * hand.noise());
            let spans = (0..512_u32).filter_map(|row| {
                let half = (radius * radius - (f64::from(row) - y).powi(2)).max(0.0).sqrt() + 3.0 * hand.noise();
                let [start, end] = [x - half, x + half].map(|column| row * 512 + column.clamp(0.0, 511.0) as u32);
                (half > 3.0).then_some(start..end)
            });
            let mask = Mask::from_spans(size, spans)?;
            writeln!(lines, "{}", json!({"task": image, "worker": worker, "counts": mask.counts()}))?;
            maps.push((&mask).into());
        }
        images.push(maps);
    }
    bench.write("masks.jsonl", &lines)?;
    let overlays = || images.iter().filter_map(|maps| Overlay::new(&maps.iter().collect::<Vec<_>>()).ok());
    bench.time("mask vote", 100, 7, || overlays().map(|overlay| mask_vote::vote(&overlay)).collect::<Vec<_>>())?;
    let staple = |params| overlays().map(|overlay| staple::fit(&overlay, params)).collect::<Vec<_>>();
    bench.time("STAPLE as in the paper", 100, 7, || staple(&staple::Params::PAPER))?;
    bench.time("STAPLE, standard", 100, 7, || staple(&staple::Params::STANDARD))
}

/// Five hundred sentences of twelve words, typed by seven workers of whom each mistakes, leaves out or adds some.
fn texts(bench: &mut Bench) -> Result<(), Failure> {
    let answers = PlannedAnswers::generate(500, 7, |sentence, worker| {
        let (mut truth, mut hand) =
            (Dice::named(4, &sentence.to_string()), Dice::named(5, &format!("{sentence} {worker}")));
        let mut words = Vec::new();
        for _ in 0..12 {
            let word = truth.below(2000);
            match hand.below(30) {
                0 => {}
                1 => words.extend([format!("word{word}"), format!("word{}", hand.below(2000))]),
                2 => words.push(format!("word{}", hand.below(2000))),
                _ => words.push(format!("word{word}")),
            }
        }
        json!(words.join(" "))
    })?;
    bench.write("texts.jsonl", &answers.lines)?;
    bench.time("ROVER, alignment and vote alone", answers.n_answers, 3, || {
        answers.batch.objects.iter().map(vote_on_words).collect::<Vec<_>>()
    })?;
    answers.time(bench, "ROVER", json!({"kind": "free-text", "method": "rover"}))?;
    answers.time(bench, "text medoid", json!({"kind": "free-text"}))
}

/// Splits the texts of one object into words, aligns them in the order of the workers, and votes.
fn vote_on_words(object: &DatasetObject) -> Vec<Option<u32>> {
    let mut numbers = Symbols::default();
    let texts: Vec<_> = object.answers.iter().filter_map(|one| one.answer.field("answer")?.text()).collect();
    let answers: Vec<Vec<u32>> =
        texts.iter().map(|text| text.split_whitespace().map(|word| numbers.number(word)).collect()).collect();
    let answers: Vec<&[u32]> = answers.iter().map(Vec::as_slice).collect();
    let winners = rover::vote(&rover::align(&answers), &answers, &vec![1.0; answers.len()]);
    winners.into_iter().map(|winner| winner.word).collect()
}
