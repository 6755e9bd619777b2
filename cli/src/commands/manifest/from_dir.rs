//! `gtruth manifest from-dir`: a manifest of the files in a folder.

use anyhow::ensure;

use super::new_manifest;
use crate::args::ManifestFromDirArgs;
use crate::console::{Console, ExitStatus};
use crate::manifest::folder_lines;

pub(super) fn run(args: &ManifestFromDirArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let chooser = new_manifest::chooser(&args.files, &args.new)?;
    let paths = folder_lines::chosen_files(&args.dir, args.files.recursive, &chooser)?;
    ensure!(
        !paths.is_empty(),
        "{} has no such files{}",
        args.dir.display(),
        if args.files.recursive { "" } else { "; --recursive looks into the folders below it" }
    );
    let lines = paths.iter().map(|path| folder_lines::line(&args.dir, path, args.uri.as_deref()));
    new_manifest::write(lines, &args.new, console)
}

#[cfg(test)]
mod tests {
    use super::super::testing::gtruth;

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        for (path, text) in [
            ("b.png", ""),
            ("a b.png", ""),
            ("B.PNG", ""),
            ("notes.txt", "\u{feff}first\r\nsecond \"quoted\"\r\n"),
            (".hidden.png", ""),
            ("sub/c.png", ""),
            ("sub/.git/d.png", ""),
        ] {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("writable");
            std::fs::write(path, text).expect("writable");
        }
        dir
    }

    #[track_caller]
    fn check(flags: &str, expected: &str) {
        let dir = folder();
        let (_, out, err) = gtruth(&format!("manifest from-dir DIR {flags}"), dir.path());
        assert_eq!(if out.is_empty() { err } else { out }, expected.replace("DIR", &dir.path().display().to_string()));
    }

    #[test]
    fn files_become_lines_in_the_order_of_keys() {
        check(
            "--uri s3://b/p --ext png",
            "{\"source-ref\":\"s3://b/p/B.PNG\"}\n{\"source-ref\":\"s3://b/p/a b.png\"}\n{\"source-ref\":\"s3://b/p/b.png\"}\n",
        );
        check("--uri s3://b/p/ --pattern sub/*.png -r", "{\"source-ref\":\"s3://b/p/sub/c.png\"}\n");
        check(
            "--text --ext txt --set river=Tamar --set-json depth=1.40",
            "{\"source\":\"first\\r\\nsecond \\\"quoted\\\"\",\"river\":\"Tamar\",\"depth\":1.40}\n",
        );
    }

    #[test]
    fn what_does_not_fit_is_told() {
        check("--uri s3://b/p --ext tif", "error: DIR has no such files; --recursive looks into the folders below it");
        check("--uri s3://b/p --set source=x", "error: `source` holds the data object; it cannot be set");
        check("--uri s3://b/p --set a=1 --set-json a=1", "error: `a` is set twice");
    }

    #[test]
    fn lines_are_checked_by_the_rules() {
        let dir = folder();
        let (code, _, err) = gtruth("manifest from-dir DIR --uri b/p --ext png", dir.path());
        assert_eq!(code, 1);
        assert!(err.contains("line 1: error[M12]: source-ref does not start with s3://"), "{err}");
        assert!(err.ends_with("3 data objects\n"), "{err}");
    }
}
