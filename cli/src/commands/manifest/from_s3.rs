//! `gtruth manifest from-s3`: a manifest of the objects in a bucket.

use anyhow::{Context, ensure};
use ground_truth::s3_uri::S3Uri;

use super::new_manifest;
use crate::args::ManifestFromS3Args;
use crate::aws::{Aws, block_on};
use crate::console::{Console, ExitStatus};
use crate::manifest::new_manifest::{DataObject, NewLine};

pub(super) fn run(args: &ManifestFromS3Args, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let chooser = new_manifest::chooser(&args.files, &args.new)?;
    let uri: S3Uri = args.uri.parse().context("the S3 URI to list is not valid")?;
    let bar = console.progress.bar(None, "{spinner} {human_pos} objects listed");
    let keys = block_on(async {
        let aws = Aws::connect(&args.connection.settings(), None).await?;
        Ok(aws.keys(&uri, args.files.recursive, &|n| bar.inc(n as u64)).await?)
    });
    bar.finish_and_clear();
    let keys = keys.with_context(|| format!("cannot list {uri}"))?;
    // A pattern speaks of what lies below the folder, whether or not the URI ends in the start of a name.
    let folder = uri.key().rfind('/').map_or(0, |slash| slash + 1);
    let keys: Vec<String> = keys.into_iter().filter(|key| chooser.chooses(&key[folder..])).collect();
    ensure!(
        !keys.is_empty(),
        "{uri} has no such objects{}",
        if args.files.recursive { "" } else { "; --recursive looks into the folders below it" }
    );
    let line = |key: String| Ok(NewLine::of(DataObject::File(S3Uri::new(uri.bucket(), key)?.to_string())));
    new_manifest::write(keys.into_iter().map(line), &args.new, console)
}
