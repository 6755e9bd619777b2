//! What of a job lies in S3: the objects that are read, and no other.

use anyhow::{Context, bail};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use ground_truth::s3_uri::S3Uri;

use crate::aws::{Aws, KeyRange, ListedObject, S3Folder};
use crate::console::words::counted;
use crate::files::worker_response_tree::iteration;

/// How many listings are under way at a time. Each gives a thousand keys in about a tenth of a second.
const MAX_LISTINGS: usize = 16;

/// Below a job's folder, what is read. Its other folders hold half-done work and models.
const PIECES: &[&str] = &[
    "annotations/consolidated-annotation/consolidation-request/",
    "annotations/consolidated-annotation/consolidation-response/",
    "annotations/consolidated-annotation/output/",
    "annotations/large-labels/",
    "manifests/output/",
    "manifest/output/",
    "annotation-tool/",
];

const ANNOTATIONS: &str = "annotations/";
const ANSWERS: &str = "worker-response/";

/// The endings of files that are read.
const ENDINGS: &[&str] = &[".json", ".manifest", ".png"];

/// The objects of a job.
#[derive(Debug)]
pub(super) struct Listing {
    /// The folder that they lie in, or the only object.
    pub(super) root: S3Uri,
    pub(super) objects: Vec<ListedObject>,
}

/// Lists a job by its folder, a folder inside of it, or a single object. `on_found` hears of how many more.
///
/// # Errors
/// When S3 refuses, or nothing of a job is there.
pub(super) async fn list(aws: &Aws, uri: &S3Uri, on_found: &dyn Fn(usize)) -> anyhow::Result<Listing> {
    let cannot_list = |uri: &S3Uri| format!("cannot list {uri}");
    let root = folder_of(uri);
    let top = aws.folder(&root, &|_| {}).await.with_context(|| cannot_list(&root))?;
    if top.folders.is_empty() && top.objects.is_empty() {
        let object = aws.object(uri).await.with_context(|| format!("cannot read {uri}"))?;
        let object = object.with_context(|| format!("there is nothing at {uri}"))?;
        on_found(1);
        return Ok(Listing { root: uri.clone(), objects: vec![object] });
    }
    let pieces = pieces(&root, &top)?;
    let mut ranges: Vec<(S3Uri, KeyRange)> = Vec::new();
    for piece in pieces {
        if piece != root && !piece.key().ends_with(ANSWERS) {
            ranges.push((piece, KeyRange::ALL));
            continue;
        }
        let below = aws.folder(&piece, &|_| {}).await.with_context(|| cannot_list(&piece))?;
        let is_iteration = |folder: &S3Uri| iteration(folder.file_name()).is_some();
        let trees = if below.folders.iter().all(is_iteration) { below.folders } else { vec![piece] };
        ranges.extend(trees.iter().flat_map(by_first_character));
    }
    let of_range = |(uri, range): (S3Uri, KeyRange)| async move {
        aws.objects(&uri, &range, on_found).await.with_context(|| cannot_list(&uri))
    };
    let objects: Vec<Vec<ListedObject>> =
        stream::iter(ranges).map(of_range).buffer_unordered(MAX_LISTINGS).try_collect().await?;
    let is_read = |object: &ListedObject| ENDINGS.iter().any(|ending| object.key.ends_with(ending));
    let objects: Vec<ListedObject> = objects.into_iter().flatten().filter(is_read).collect();
    Ok(Listing { root, objects })
}

/// The URI with a slash at its end.
fn folder_of(uri: &S3Uri) -> S3Uri {
    if uri.key().is_empty() || uri.key().ends_with('/') { uri.clone() } else { uri.join("") }
}

/// The folders to list, for a job's folder or one inside of it.
fn pieces(root: &S3Uri, top: &S3Folder) -> anyhow::Result<Vec<S3Uri>> {
    let names: Vec<&str> = top.folders.iter().map(S3Uri::file_name).collect();
    let any = |wanted: &[&str]| names.iter().any(|name| wanted.contains(name));
    let below = |paths: &mut dyn Iterator<Item = &str>| paths.map(|path| root.join(path)).collect();
    if any(&["annotations", "manifests", "manifest"]) {
        let answers = format!("{ANNOTATIONS}{ANSWERS}");
        return Ok(below(&mut PIECES.iter().copied().chain([answers.as_str()])));
    }
    if any(&["worker-response", "consolidated-annotation"]) {
        let inside = PIECES.iter().filter_map(|path| path.strip_prefix(ANNOTATIONS));
        return Ok(below(&mut inside.chain([ANSWERS])));
    }
    if names.iter().any(|name| iteration(name).is_some()) || root.file_name() == ANSWERS.trim_end_matches('/') {
        return Ok(vec![root.clone()]);
    }
    match names.first() {
        None => bail!("{root} is not a labeling job's folder: it holds files, and neither annotations/ nor manifests/"),
        Some(first) => bail!(
            "{root} is not a labeling job's folder: it holds {} ({}{}), and neither annotations/ nor manifests/; \
             name a job's, as in {}",
            counted(names.len(), "folder"),
            names[..names.len().min(3)].join(", "),
            if names.len() > 3 { ", …" } else { "" },
            root.join(first)
        ),
    }
}

/// One folder in parts of about the same size, which can be listed at the same time: the folders in it are numbers.
fn by_first_character(folder: &S3Uri) -> Vec<(S3Uri, KeyRange)> {
    let digits = ('0'..='9').map(|digit| {
        let uri = folder.join(&digit.to_string());
        (uri, KeyRange::ALL)
    });
    // In the order of keys a colon follows the digits.
    let others = [KeyRange { after: None, before: Some("0") }, KeyRange { after: Some(":"), before: None }];
    digits.chain(others.map(|range| (folder.clone(), range))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(root: &str, folders: &[&str], expected: Result<&[&str], &str>) {
        let root: S3Uri = root.parse().expect("an S3 URI");
        let folders = folders.iter().map(|name| root.join(&format!("{name}/"))).collect();
        let found = pieces(&root, &S3Folder { folders, objects: Vec::new() });
        let found = found.map(|pieces| pieces.iter().map(ToString::to_string).collect::<Vec<_>>());
        match expected {
            Ok(some) => {
                let found = found.expect("pieces");
                assert!(some.iter().all(|piece| found.iter().any(|known| known == piece)), "{found:?}");
            }
            Err(error) => assert_eq!(found.expect_err("no job").to_string(), error),
        }
    }

    #[test]
    fn a_job_is_known_by_its_folders() {
        check(
            "s3://out/labels/river/",
            &["activelearning", "annotations", "manifests"],
            Ok(&[
                "s3://out/labels/river/annotations/worker-response/",
                "s3://out/labels/river/manifests/output/",
                "s3://out/labels/river/annotation-tool/",
            ]),
        );
        check(
            "s3://out/labels/river/annotations/",
            &["worker-response"],
            Ok(&[
                "s3://out/labels/river/annotations/worker-response/",
                "s3://out/labels/river/annotations/large-labels/",
            ]),
        );
        check("s3://out/copy/", &["iteration-1"], Ok(&["s3://out/copy/"]));
        check(
            "s3://out/labels/",
            &["lake", "mill", "pond", "river"],
            Err(
                "s3://out/labels/ is not a labeling job's folder: it holds 4 folders (lake, mill, pond, …), and neither \
                 annotations/ nor manifests/; name a job's, as in s3://out/labels/lake",
            ),
        );
    }

    #[test]
    fn parts_of_a_folder_hold_every_key_once() {
        let folder: S3Uri = "s3://out/river/iteration-1/".parse().expect("an S3 URI");
        let parts = by_first_character(&folder);
        for name in ["-x", "0/a.json", "17/a.json", "9/a.json", "9:", ":x", "ü/a.json", "s3:_b/a.json", "+"] {
            let key = format!("{}{name}", folder.key());
            let holds = |(uri, range): &&(S3Uri, KeyRange)| {
                key.strip_prefix(uri.key()).is_some_and(|rest| {
                    range.after.is_none_or(|after| rest > after) && range.before.is_none_or(|before| rest < before)
                })
            };
            assert_eq!(parts.iter().filter(holds).count(), 1, "{name}");
        }
    }
}
