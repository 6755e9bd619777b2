//! Where the pieces of a job lie below the folder that somebody names.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::files::worker_response_tree::{entries, iteration};

/// The pieces of a job, those that are there.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Layout {
    /// The job's name, where the folder has it.
    pub(super) name: Option<String>,
    /// The folder `annotations`, if it is there.
    pub(super) annotations: Option<PathBuf>,
    /// The folder `annotations/worker-response`, if it is there.
    pub(super) worker_responses: Option<PathBuf>,
    /// A worker-response file on its own.
    pub(super) single_response: Option<PathBuf>,
    /// The payloads that the consolidation function got, in the order of iteration and time.
    pub(super) requests: Vec<PathBuf>,
    /// What it returned, in the same order.
    pub(super) responses: Vec<PathBuf>,
    /// The file `manifests/output/output.manifest`, if it is there.
    pub(super) output_manifest: Option<PathBuf>,
    /// The label category file that the console leaves in the tree.
    pub(super) label_categories: Option<PathBuf>,
}

impl Layout {
    /// Finds the pieces below a job's folder or in a folder of it: `annotations`, `worker-response`, and so on; or takes a
    /// single file for what it is.
    ///
    /// # Errors
    /// When the folder or file cannot be read, or nothing of a job is there.
    pub(super) fn of(path: &Path) -> anyhow::Result<Self> {
        let metadata = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
        if metadata.is_file() {
            return Self::of_file(path);
        }
        let job = Self::of_job(path)?;
        if !job.is_empty() {
            return Ok(job);
        }
        // Somebody copied or named a folder inside the job's.
        let names = entries(path).with_context(|| format!("cannot read {}", path.display()))?;
        if names.iter().any(|(name, path)| iteration(name).is_some() && path.is_dir()) {
            let is_requests = path.file_name().is_some_and(|name| name == "consolidation-request");
            return Ok(if is_requests {
                Self { requests: batches(path)?, ..Self::default() }
            } else {
                Self { worker_responses: Some(path.to_owned()), ..Self::default() }
            });
        }
        let annotations = Self { name: None, ..Self::of_annotations(path)? };
        if !annotations.is_empty() {
            return Ok(annotations);
        }
        let jobs: Vec<&str> = names
            .iter()
            .filter(|(_, path)| path.join("annotations").is_dir() || path.join("manifests").is_dir())
            .map(|(name, _)| name.as_str())
            .collect();
        match jobs.as_slice() {
            [] => bail!(
                "{} is not a labeling job's folder: it has neither annotations/worker-response nor \
                 manifests/output/output.manifest",
                path.display()
            ),
            [first, ..] => bail!(
                "{} holds {}; name one, as in {}",
                path.display(),
                if jobs.len() == 1 { "a job's folder".to_owned() } else { format!("{} jobs' folders", jobs.len()) },
                path.join(first).display()
            ),
        }
    }

    fn of_job(folder: &Path) -> anyhow::Result<Self> {
        let file = |path: &str| Some(folder.join(path)).filter(|path| path.is_file());
        // The guide once spells the folder without its s.
        let output_manifest =
            file("manifests/output/output.manifest").or_else(|| file("manifest/output/output.manifest"));
        let name = folder.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        Ok(Self {
            name,
            output_manifest,
            label_categories: file("annotation-tool/data.json"),
            ..Self::of_annotations(&folder.join("annotations"))?
        })
    }

    fn of_annotations(folder: &Path) -> anyhow::Result<Self> {
        let consolidated = folder.join("consolidated-annotation");
        Ok(Self {
            annotations: Some(folder.to_owned()).filter(|folder| folder.is_dir()),
            worker_responses: Some(folder.join("worker-response")).filter(|folder| folder.is_dir()),
            requests: batches(&consolidated.join("consolidation-request"))?,
            responses: batches(&consolidated.join("consolidation-response"))?,
            ..Self::default()
        })
    }

    /// A worker response is an object with `answers`, a payload an array, and everything else a manifest.
    fn of_file(path: &Path) -> anyhow::Result<Self> {
        let mut start = Vec::new();
        let file = fs::File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        file.take(4096).read_to_end(&mut start).with_context(|| format!("cannot read {}", path.display()))?;
        let text = String::from_utf8_lossy(&start);
        let compact: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\u{feff}').take(11).collect();
        let path = path.to_owned();
        Ok(if compact.starts_with('[') {
            Self { requests: vec![path], ..Self::default() }
        } else if compact.starts_with(r#"{"answers":"#) {
            Self { single_response: Some(path), ..Self::default() }
        } else {
            // `<job>/manifests/output/output.manifest`, unless it lies elsewhere.
            let job = path.ancestors().nth(3);
            let annotations = job.map(|job| job.join("annotations")).filter(|folder| folder.is_dir());
            Self { output_manifest: Some(path), annotations, ..Self::default() }
        })
    }

    fn is_empty(&self) -> bool {
        let pieces = [&self.worker_responses, &self.single_response, &self.output_manifest];
        pieces.iter().all(|piece| piece.is_none()) && self.requests.is_empty() && self.responses.is_empty()
    }
}

/// `iteration-<n>/<time>.json` below a folder, in the order of iteration and time; none where there is no such folder.
fn batches(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let read = |folder: &Path| entries(folder).with_context(|| format!("cannot read {}", folder.display()));
    let mut iterations: Vec<(u32, PathBuf)> =
        read(folder)?.into_iter().filter_map(|(name, path)| Some((iteration(&name)?, path))).collect();
    iterations.sort();
    let mut files = Vec::new();
    for (_, folder) in iterations {
        files.extend(read(&folder)?.into_iter().filter(|(name, _)| name.ends_with(".json")).map(|(_, path)| path));
    }
    Ok(files)
}
