//! The journey of the manifest's lines: to the workers, in batches to the consolidation function, into the output
//! manifest. Only one batch is held at a time.

use annotation_consolidation::Handled;
use anyhow::Context;
use ground_truth::answer::Answer;
use ground_truth::batch::{DatasetObject, Unresolved, WorkerAnswer as ReadAnswer};
use ground_truth::contract::annotation_consolidation::AnnotationConsolidationRequest;
use ground_truth::contract::manifest::{DataObject, LabelMetadata};
use ground_truth::contract::worker_response::{WorkerAnswer, WorkerResponse};
use ground_truth::plan::Outcome;
use ground_truth::store::ObjectStore;
use ground_truth::vocabulary::{DatasetObjectId, WorkerId};
use serde_json::{Map, Value};
use time::UtcDateTime;
use tokio::runtime::{Builder, Runtime};

use super::clock::Clock;
use super::output_tree::OutputManifest;
use super::summary::Summary;
use super::{LocalRun, Workers};
use crate::events;
use crate::files::json_lines::{JsonLines, Line};
use crate::files::wire_time;
use crate::labels::output_line;

/// A line that waits for its batch.
enum Pending {
    /// Workers do not see it: it goes out as it came.
    Unchanged(Line),
    /// No worker answered this line.
    Expired(Line),
    /// At least one worker answered.
    Answered { id: String, line: Line, answers: Vec<WorkerAnswer>, truth: Option<Map<String, Value>> },
}

/// A label, or why the function returned none.
type Label = Result<Map<String, Value>, Option<Unresolved>>;

impl LocalRun {
    /// Runs the job. `on_object` is called for every data object that workers are done with.
    ///
    /// # Errors
    /// A file that cannot be read or written, and an invocation that failed. What becomes of single objects is not an error.
    pub fn run(self, on_object: &dyn Fn()) -> anyhow::Result<Summary> {
        let store = self.tree.store();
        self.run_with(&store, on_object)
    }

    /// Runs the job with a consolidation function that reaches the output tree through `store`.
    pub(super) fn run_with(mut self, store: &dyn ObjectStore, on_object: &dyn Fn()) -> anyhow::Result<Summary> {
        self.tree.clear(self.overwrite)?;
        let mut truths = match &self.workers {
            Workers::Simulated { truth, .. } => Some(JsonLines::open(truth)?),
            Workers::Recorded(_) => None,
        };
        let mut progress = Progress {
            store,
            clock: Clock::starting_at(self.start_time),
            manifest: self.tree.output_manifest()?,
            runtime: Builder::new_current_thread().build().context("cannot start the asynchronous runtime")?,
            summary: Summary { labeling_job_name: self.job.labeling_job_name.clone(), ..Summary::default() },
        };
        let (mut batch, mut n_answered, mut last_answer) = (Vec::new(), 0, self.start_time);
        for line in JsonLines::open(&self.manifest)? {
            let truth = truths.as_mut().and_then(Iterator::next).transpose()?;
            let (pending, answered) = self.show_to_workers(line?, truth, &mut progress)?;
            last_answer = last_answer.max(answered);
            n_answered += usize::from(matches!(pending, Pending::Answered { .. }));
            batch.push(pending);
            on_object();
            // What nobody answered before the first answer need not wait for it.
            if n_answered == self.batch_size || n_answered == 0 {
                progress.clock.reach(last_answer);
                self.close(std::mem::take(&mut batch), &mut progress)?;
                n_answered = 0;
            }
        }
        progress.clock.reach(last_answer);
        self.close(batch, &mut progress)?;
        progress.summary.output_manifest = progress.manifest.finish()?;
        Ok(progress.summary)
    }

    /// What workers make of a line, and when they were done with it.
    fn show_to_workers(
        &mut self,
        mut line: Line,
        truth: Option<Line>,
        progress: &mut Progress<'_>,
    ) -> anyhow::Result<(Pending, UtcDateTime)> {
        let published = progress.clock.now();
        progress.summary.data_objects += 1;
        // A chained job labels only what has no label yet; the key decides, whatever the label is.
        if line.members.contains_key(&self.job.label_attribute_name) {
            progress.summary.already_labeled += 1;
            return Ok((Pending::Unchanged(line), published));
        }
        let request = events::pre_human_task(
            &events::labeling_job_arn(&self.job),
            DataObject { members: std::mem::take(&mut line.members) },
        );
        let response = tracing::warn_span!("manifest", line = line.idx + 1)
            .in_scope(|| pre_human_task::handle(&request, &self.task_input));
        line.members = request.data_object.members;
        if !response.is_human_annotation_required {
            progress.summary.excluded += 1;
            return Ok((Pending::Unchanged(line), published));
        }
        let id = line.idx.to_string();
        let truth = truth.map(|truth| truth.members);
        let (answers, answered) = match (&mut self.workers, &truth) {
            (Workers::Recorded(recorded), _) => (recorded.answers(&id)?, published),
            (Workers::Simulated { workers, .. }, Some(truth)) => workers.answer(&id, truth, published),
            (Workers::Simulated { .. }, None) => (Vec::new(), published),
        };
        if answers.is_empty() {
            progress.summary.failed.expired += 1;
            return Ok((Pending::Expired(line), published));
        }
        progress.summary.answers += answers.len();
        let response = WorkerResponse { answers };
        self.tree.write_worker_response(&id, answered, &serde_json::to_vec(&response)?)?;
        Ok((Pending::Answered { id, line, answers: response.answers, truth }, answered))
    }

    /// Consolidates a batch and writes its lines.
    fn close(&self, batch: Vec<Pending>, progress: &mut Progress<'_>) -> anyhow::Result<()> {
        let mut labels = self.consolidate(&batch, progress)?.into_iter();
        let label_attribute_name = &self.job.label_attribute_name;
        let metadata = LabelMetadata {
            label_type: "groundtruth/custom".to_owned(),
            job_name: format!("labeling-job/{}", self.job.labeling_job_name.to_lowercase()),
            human_annotated: "yes".to_owned(),
            creation_date: wire_time::creation_date(progress.clock.now()),
        };
        for pending in batch {
            let line = match pending {
                Pending::Unchanged(line) => line.text,
                Pending::Expired(line) => output_line::failed(&line, label_attribute_name, output_line::EXPIRED),
                Pending::Answered { line, .. } => match labels.next().unwrap_or(Err(None)) {
                    Ok(content) => {
                        progress.summary.labeled += 1;
                        output_line::labeled(&line, label_attribute_name, content, &metadata)
                    }
                    Err(reason) => {
                        progress.summary.failed.no_usable_answer += 1;
                        output_line::failed(&line, label_attribute_name, &no_label(reason))
                    }
                },
            };
            progress.manifest.write_line(&line)?;
        }
        Ok(())
    }

    /// Calls the consolidation function with the answered objects of a batch: one label for each, in their order.
    fn consolidate(&self, batch: &[Pending], progress: &mut Progress<'_>) -> anyhow::Result<Vec<Label>> {
        let elements: Vec<Value> = batch
            .iter()
            .filter_map(|pending| match pending {
                Pending::Answered { id, line, answers, .. } => {
                    Some(events::payload_element(id, &line.members, answers))
                }
                Pending::Unchanged(_) | Pending::Expired(_) => None,
            })
            .collect();
        if elements.is_empty() {
            return Ok(Vec::new());
        }
        let payload = serde_json::to_vec(&elements)?;
        let uri = self.tree.write_request(progress.clock.tick(), &payload)?;
        let request = events::annotation_consolidation_of(
            &self.job,
            self.categories.as_deref(),
            &uri,
            &self.tree.annotations_uri(),
        );
        let Handled { entries, outcomes, .. } = progress
            .runtime
            .block_on(self.consolidation.handle(&request, progress.store, &self.plan))
            .with_context(|| format!("AnnotationConsolidationLambda failed on {uri}"))?;
        self.tree.write_response(progress.clock.tick(), &serde_json::to_vec(&entries)?)?;

        progress.summarize(&outcomes, self.truth_outcomes(batch, &request).as_deref());
        let mut entries = entries.into_iter().peekable();
        let label = |outcome: &Outcome| match entries.next_if(|entry| entry.dataset_object_id == outcome.id) {
            Some(entry) => Ok(entry.consolidated_annotation.content),
            None => Err(reason(outcome)),
        };
        Ok(outcomes.iter().map(label).collect())
    }

    /// What the function would make of workers who all answer with the truth; `None` where the truth is not known.
    fn truth_outcomes(&self, batch: &[Pending], request: &AnnotationConsolidationRequest) -> Option<Vec<Outcome>> {
        let workers: Vec<WorkerId> =
            (0..self.job.number_of_human_workers_per_data_object).map(|n| WorkerId::new(n.to_string())).collect();
        let object = |pending: &Pending| {
            let Pending::Answered { id, truth: Some(truth), .. } = pending else { return None };
            let answer = Answer::from_value(truth.clone().into()).ok()?;
            let answers =
                workers.iter().map(|worker_id| Ok(ReadAnswer { worker_id: worker_id.clone(), answer: answer.clone() }));
            Some(DatasetObject::new(DatasetObjectId::new(id.as_str()), None, answers))
        };
        let objects: Vec<DatasetObject> = batch.iter().filter_map(object).collect();
        (!objects.is_empty()).then(|| self.plan.consolidate(&request.batch_of(objects)))
    }
}

/// What moves on while the job runs.
struct Progress<'a> {
    /// How the consolidation function reaches the output tree.
    store: &'a dyn ObjectStore,
    clock: Clock,
    manifest: OutputManifest,
    runtime: Runtime,
    summary: Summary,
}

impl Progress<'_> {
    fn summarize(&mut self, outcomes: &[Outcome], truths: Option<&[Outcome]>) {
        self.summary.batches += 1;
        for (idx, outcome) in outcomes.iter().enumerate() {
            self.summary.rejected_answers += outcome.n_rejected();
            self.summary.fields.count(outcome, truths.and_then(|truths| truths.get(idx)));
        }
    }
}

/// Why an object has no label: all of it, or else the first field.
fn reason(outcome: &Outcome) -> Option<Unresolved> {
    outcome.unresolved().or_else(|| outcome.fields.iter().find_map(|field| field.outcome.unresolved))
}

/// The service's own words for an object that the function leaves out are not known; these are ours.
fn no_label(reason: Option<Unresolved>) -> String {
    let reason = reason.map_or(String::new(), |reason| format!(": {reason}"));
    format!("AnnotationConsolidationLambda returned no label for this data object{reason}")
}
