//! Images that lie on this computer: small files and thumbnails go into the page, others are linked.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rayon::prelude::*;

use super::PageImage;
use super::link::encoded;
use super::thumbnail::{self, Thumbnail};
use crate::console::progress::Progress;
use crate::finished_job::job_copy::is_file_name;

/// Larger files are linked, or shown as thumbnails.
const MAX_EMBEDDED_BYTES: u64 = 100_000;

/// A page opens at once while all of it fits into memory a few times over. What comes after is linked.
const MAX_EMBEDDED_BYTES_IN_ALL: usize = 100_000_000;

/// How many images are read before it is seen whether they fit.
const IMAGES_AT_ONCE: usize = 64;

/// Image types that every browser shows, by the ending of the file's name. SVG, which can hold scripts, is not among them.
const TYPES: &[(&str, &str)] = &[
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
];

/// The media type of an image, by the ending of its name.
pub(super) fn media_type(file: &Path) -> Option<&'static str> {
    let ending = file.extension()?.to_str()?.to_ascii_lowercase();
    TYPES.iter().find(|(known, _)| *known == ending).map(|(_, media_type)| *media_type)
}

/// Finds the copy of each image below `folder`, for a page at `page`; larger ones than `thumbnails` pixels are made smaller
/// where that is given.
///
/// # Errors
/// When the folder, or that of the page, cannot be read.
pub(super) fn find(
    folder: &Path,
    thumbnails: Option<u32>,
    page: &Path,
    uris: &[Option<&str>],
    progress: Progress,
) -> anyhow::Result<Vec<Option<PageImage>>> {
    ensure!(folder.is_dir(), "--images {} is not a folder; give a folder, link, sign or none", folder.display());
    let page_folder = page.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let page_folder =
        page_folder.canonicalize().with_context(|| format!("cannot read the folder {}", page_folder.display()))?;
    let bar = progress.bar(Some(uris.len() as u64), "{bar:24} {human_pos} of {human_len} images ({eta})");
    let mut n_embedded_bytes = 0;
    let mut images = Vec::with_capacity(uris.len());
    for uris in uris.chunks(IMAGES_AT_ONCE) {
        let is_full = n_embedded_bytes > MAX_EMBEDDED_BYTES_IN_ALL;
        let read = |uri: &Option<&str>| {
            let file = copy_of(folder, (*uri)?)?;
            let embedded = if is_full { None } else { embedded(&file, thumbnails) };
            bar.inc(1);
            Some((file, embedded))
        };
        let found: Vec<Option<(PathBuf, Option<PageImage>)>> = uris.par_iter().map(read).collect();
        for found in found {
            images.push(found.and_then(|(file, embedded)| {
                n_embedded_bytes += embedded.as_ref().map_or(0, |image| image.src.len());
                let fits = n_embedded_bytes <= MAX_EMBEDDED_BYTES_IN_ALL;
                embedded.filter(|_| fits).or_else(|| path_from(&page_folder, &file).map(PageImage::at))
            }));
        }
    }
    Ok(images)
}

/// A small file as it is, or a thumbnail of a larger one. What cannot be read as an image is linked, and the browser may
/// know it.
fn embedded(file: &Path, thumbnails: Option<u32>) -> Option<PageImage> {
    let media_type = media_type(file)?;
    let n_bytes = fs::metadata(file).ok()?.len();
    if n_bytes > MAX_EMBEDDED_BYTES {
        let Thumbnail { jpeg, size } = thumbnail::of(file, thumbnails?)?;
        return Some(PageImage { src: data("image/jpeg", &jpeg), size: Some(size) });
    }
    Some(PageImage::at(data(media_type, &fs::read(file).ok()?)))
}

fn data(media_type: &str, bytes: &[u8]) -> String {
    format!("data:{media_type};base64,{}", BASE64.encode(bytes))
}

/// The path from the page to a file, as a relative address.
fn path_from(page_folder: &Path, file: &Path) -> Option<String> {
    let file = file.canonicalize().ok()?;
    let (from, to): (Vec<Component<'_>>, Vec<Component<'_>>) =
        (page_folder.components().collect(), file.components().collect());
    let n_shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let up = from[n_shared..].iter().map(|_| "..".to_owned());
    let down = to[n_shared..].iter().map(|part| encoded(&part.as_os_str().to_string_lossy()));
    Some(up.chain(down).collect::<Vec<_>>().join("/"))
}

/// The file below `folder` that has the longest end of the address as its path. An address that climbs has none.
fn copy_of(folder: &Path, uri: &str) -> Option<PathBuf> {
    let path = uri.split_once("://").map_or(uri, |(_, path)| path);
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() || !parts.iter().all(|part| is_file_name(part)) {
        return None;
    }
    let candidate = |start: usize| folder.join(parts[start..].iter().collect::<PathBuf>());
    (0..parts.len()).map(candidate).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_found_by_the_end_of_the_address() {
        let dir = tempfile::tempdir().expect("a folder");
        let copies = dir.path().join("copies");
        fs::create_dir_all(copies.join("b")).expect("writable");
        fs::write(copies.join("b/small.png"), "png").expect("writable");
        fs::write(copies.join("large one.jpg"), vec![0; 200_000]).expect("writable");
        fs::write(dir.path().join("secret.png"), "secret").expect("writable");
        let page = dir.path().join("report.html");
        let uris = [
            ("s3://bucket/a/b/small.png", Some("data:image/png;base64,cG5n")),
            // What is not an image is linked as it is.
            ("s3://bucket/large one.jpg", Some("copies/large%20one.jpg")),
            ("s3://bucket/../secret.png", None),
            ("../secret.png", None),
            ("s3://bucket/elsewhere.png", None),
        ];
        for thumbnails in [None, Some(640)] {
            let asked: Vec<Option<&str>> = uris.iter().map(|(uri, _)| Some(*uri)).collect();
            let images = find(&copies, thumbnails, &page, &asked, Progress::HIDDEN).expect("a folder");
            let found: Vec<Option<&str>> = images.iter().map(|image| Some(image.as_ref()?.src.as_str())).collect();
            assert_eq!(found, uris.map(|(_, expected)| expected));
        }
        assert!(find(&dir.path().join("nowhere"), None, &page, &[], Progress::HIDDEN).is_err());
    }
}
