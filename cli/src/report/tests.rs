use clap::Parser;
use serde_json::{Value, json};

use super::*;
use crate::args::{Args, Command};
use crate::finished_job::testing::{JobFolder, metadata};

const HOSTILE: &str = "</script><script>hit()</script>\u{2028}\"'&amp;<!--";

/// What the command printed, and the page.
fn report(folder: &JobFolder, flags: &[&str]) -> anyhow::Result<(String, String)> {
    let (job, page) = (folder.path(), folder.path().with_extension("html"));
    let paths = ["gtruth".as_ref(), "report".as_ref(), job.as_os_str(), "--out".as_ref(), page.as_os_str()];
    let args = Args::try_parse_from(paths.into_iter().chain(flags.iter().map(AsRef::as_ref)))?;
    let Command::Report(command) = &args.command else { anyhow::bail!("another command") };
    let mut out = Vec::new();
    run(command, args.json, &mut out, &mut Vec::new())?;
    Ok((String::from_utf8(out)?, std::fs::read_to_string(page)?))
}

/// One of the page's blocks of data.
fn block(page: &str, id: &str) -> Value {
    let start = format!("<script type=\"application/json\" id=\"{id}\">");
    let (_, rest) = page.split_once(&start).expect("the block");
    let (text, _) = rest.split_once("</script>").expect("its end");
    serde_json::from_str(text).expect("JSON")
}

/// Labeled, failed, labeled by somebody without answers on file, and hostile in every place that holds text.
fn survey() -> JobFolder {
    let animal = |label: &str| json!({"animal": {"label": label}});
    let hostile =
        json!({HOSTILE: {"label": HOSTILE}, "note": HOSTILE, "animal": {"label": HOSTILE}, "other": [[HOSTILE]]});
    let old = json!({"animal": {"kind": "classification", "label": HOSTILE, "confidence": 0.5}});
    JobFolder::new("survey")
        .answers(1, "0", &[("ana", 1, animal("otter")), ("bo", 2, animal("otter")), ("cy", 3, animal("heron"))])
        .answers(1, "3", &[(HOSTILE, 4, hostile), ("cy", 5, json!("no form"))])
        .output(&[
            json!({"source": "a", "survey": old, "survey-metadata": metadata("survey")}),
            json!({"source-ref": HOSTILE, "survey-metadata": {"failure-reason": HOSTILE, "human-annotated": "true"}}),
            json!({"source": "c", "survey": {"by": ["ana"]}, "survey-metadata": metadata("survey")}),
            json!({"source": HOSTILE, "survey": old, "survey-metadata": metadata("survey")}),
        ])
}

#[test]
fn the_page_holds_who_said_what_and_what_came_of_it() {
    let (out, page) = report(&survey(), &[]).expect("a page");
    assert!(out.starts_with("4 objects, 4 answers of 4 workers\n"), "{out}");
    let overview = block(&page, "overview");
    let counts = json!({"objects": 4, "answers": 4, "workers": 4, "labeled": 3, "unresolved": 0, "failed": 1,
        "unlabeled": 0, "changed": 2, "rejected": 1});
    assert_eq!(overview["counts"], counts);
    let object = &block(&page, "objects-0")[0];
    let animal = &object["fields"][0];
    assert_eq!((&animal["label"]["label"], &animal["same"]), (&json!("otter"), &json!([true, true, false])));
    assert_eq!(animal["said"], json!([{"label": "otter"}, {"label": "otter"}, {"label": "heron"}]));
    assert_eq!(animal["diff"]["change"], "changed");
    assert_eq!(object["answers"][0]["seconds"], 31.5);
    let workers = block(&page, "workers");
    let ana = workers.as_array().expect("workers").iter().find(|worker| worker["name"] == "ana").expect("ana");
    assert_eq!((&ana["compared"], &ana["same"]), (&json!(1), &json!(1)));
    let cy = workers.as_array().expect("workers").iter().find(|worker| worker["name"] == "cy").expect("cy");
    let confused = json!([{"name": "animal", "compared": 1, "same": 0, "confusions": [["heron", "otter", 1]]}]);
    assert_eq!((&cy["fields"], &cy["rejected"]), (&confused, &json!(1)));
}

#[test]
fn hostile_text_stands_in_the_data_alone_and_never_as_html() {
    let (_, page) = report(&survey(), &[]).expect("a page");
    assert!(!page.contains("hit()<") && !page.contains("<script>hit"), "a worker's text is in the page as it is");
    // Every element is one of the page's own.
    assert_eq!(page.matches("<script").count(), 1 + 4, "the script, overview, workers, index and one block of objects");
    assert_eq!(page.matches("</script>").count(), 1 + 4);
    assert!(!page.contains(['\u{2028}', '\u{2029}']));
    let objects = block(&page, "objects-0");
    assert_eq!(objects[1]["failure"], HOSTILE);
    assert_eq!(objects[1]["uri"], HOSTILE);
    assert_eq!(objects[3]["text"], HOSTILE);
    assert!(page.contains("default-src 'none'; style-src 'sha256-"));
}

#[test]
fn nobody_is_named_when_ids_are_hashed() {
    let folder = survey();
    let named = |page: &str| ["ana", "bo", "cy"].iter().any(|id| page.contains(&format!("\"{id}\"")));
    let (_, plain) = report(&folder, &[]).expect("a page");
    assert!(named(&plain), "ids are in the page unless it is told otherwise");
    let names = |flags: &[&str]| {
        let (_, page) = report(&folder, flags).expect("a page");
        let data = [block(&page, "workers"), block(&page, "index"), block(&page, "objects-0")];
        assert!(data.iter().all(|block| !named(&block.to_string())), "{data:?}");
        assert!(!page.contains("11111111-2222"), "identity data");
        data[0].as_array().expect("workers").iter().map(|worker| worker["name"].clone()).collect::<Vec<_>>()
    };
    let by_job = names(&["--hash-workers", "--overwrite"]);
    assert!(by_job.iter().all(|name| name.as_str().is_some_and(|name| name.starts_with("worker-"))), "{by_job:?}");
    assert_eq!(by_job, names(&["--hash-workers", "--salt", "survey", "--overwrite"]));
    assert_ne!(by_job, names(&["--hash-workers", "--salt", "another", "--overwrite"]));
}

#[test]
fn the_same_job_gives_the_same_page_and_none_is_replaced_unasked() {
    let folder = survey();
    let (_, first) = report(&folder, &[]).expect("a page");
    let error = report(&folder, &[]).expect_err("it is there").to_string();
    assert!(error.ends_with("give --overwrite to replace it, or another file with --out"), "{error}");
    let (_, second) = report(&folder, &["--overwrite"]).expect("a page");
    assert_eq!(first, second);
}

#[test]
fn the_network_is_named_only_where_images_may_come_from_it() {
    let folder = survey();
    let (_, linked) = report(&folder, &[]).expect("a page");
    assert!(linked.contains("img-src data: https: file:;"));
    let (_, none) = report(&folder, &["--images", "none", "--overwrite"]).expect("a page");
    assert!(none.contains("img-src data: file:;"));
}

#[test]
fn the_summary_as_json_has_the_same_counts() {
    let (out, page) = report(&survey(), &["--json"]).expect("a page");
    let summary: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(summary["counts"], block(&page, "overview")["counts"]);
    // A name that nobody would give a file is still one: its characters are escaped.
    assert_eq!(summary["images"], json!({"embedded": 0, "linked": 1, "absent": 0}));
    assert!(
        block(&page, "objects-0")[1]["image"].as_str().is_some_and(|image| image.starts_with("%3C/script%3E%3Cscript"))
    );
}
