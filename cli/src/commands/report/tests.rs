use serde_json::{Value, json};

use crate::commands::testing::gtruth;
use crate::finished_job::testing::{JobFolder, metadata};

const HOSTILE: &str = "</script><script>hit()</script>\u{2028}\"'&amp;<!--";

/// What the command printed, and the page.
fn report(folder: &JobFolder, flags: &[&str]) -> anyhow::Result<(String, String)> {
    let (job, page) = (folder.path(), folder.path().with_extension("html"));
    let paths = ["report".as_ref(), job.as_os_str(), "--out".as_ref(), page.as_os_str()];
    let ran = gtruth(paths.into_iter().chain(flags.iter().map(AsRef::as_ref)))?;
    Ok((ran.out, std::fs::read_to_string(page)?))
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
    assert_eq!((&animal["label"]["says"], &animal["same"]), (&json!("otter"), &json!([true, true, false])));
    assert_eq!(animal["said"], json!([{"says": "otter"}, {"says": "otter"}, {"says": "heron"}]));
    assert_eq!(animal["diff"]["change"], "changed");
    assert_eq!(object["answers"][0]["seconds"], 31.5);
}

#[test]
fn objects_are_known_by_their_disagreement_and_their_confidence() {
    let (_, page) = report(&survey(), &[]).expect("a page");
    let (overview, index) = (block(&page, "overview"), block(&page, "index"));
    let fields = overview["fields"].as_array().expect("fields");
    let animal = fields.iter().position(|field| field["name"] == "animal").expect("the field");
    assert_eq!((&index[0]["disagreement"][animal], &index[1]["disagreement"][animal]), (&json!(0.667), &Value::Null));
    assert!(index[0]["confidence"][animal].as_f64().is_some_and(|sure| 0.5 < sure && sure < 1.0), "{index}");
}

/// What another command says of the same job.
fn as_json(command: &[&str], folder: &JobFolder) -> Value {
    let job = folder.path();
    let words = ["--json"].iter().chain(command).map(AsRef::as_ref).chain([job.as_os_str()]);
    serde_json::from_str(&gtruth(words).expect("a report").out).expect("JSON")
}

#[test]
fn figures_are_those_of_agreement_and_workers() {
    let folder = survey();
    let gold = folder.path().with_extension("gold.manifest");
    crate::finished_job::testing::write(&gold, "{\"source\": \"a\", \"truth\": {\"animal\": \"heron\"}}\n");
    let gold = gold.to_str().expect("text");
    let (_, page) = report(&folder, &["--gold", gold]).expect("a page");
    let overview = block(&page, "overview");
    let fields = overview["fields"].as_array().expect("fields").iter();
    let shown: Vec<Value> = fields.map(|field| field["agreement"].clone()).collect();
    assert_eq!(json!(shown), as_json(&["agreement", "--pairs"], &folder)["agreement"]["fields"]);

    let mut shown = block(&page, "workers");
    let present: Vec<Value> =
        shown.as_array_mut().expect("workers").iter_mut().map(|worker| worker["present"].take()).collect();
    let mut expected = as_json(&["workers", "--gold", gold], &folder)["workers"]["workers"].clone();
    for worker in expected.as_array_mut().expect("workers") {
        worker["present"] = Value::Null;
    }
    assert_eq!(shown, expected);
    assert!(shown.to_string().contains(r#""gold":{"agreement":1.0,"answers":1}"#), "cy alone saw a heron: {shown}");
    assert!(present.iter().all(|times| times[0].is_i64()), "{present:?}");
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
        data[0].as_array().expect("workers").iter().map(|worker| worker["worker"].clone()).collect::<Vec<_>>()
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
fn the_network_is_named_only_where_images_come_from_it() {
    let folder = JobFolder::new("survey").output(&[
        json!({"source-ref": "https://example.com/a.png"}),
        json!({"source-ref": "https://example.com;script-src */a.png"}),
        json!({"source-ref": "images/a.png"}),
    ]);
    let (out, linked) = report(&folder, &[]).expect("a page");
    assert!(linked.contains("img-src data: file: https://example.com;"), "{linked}");
    assert!(out.contains("images: 0 in the page, 2 linked, 1 not shown"), "{out}");
    let (_, none) = report(&folder, &["--images", "none", "--overwrite"]).expect("a page");
    assert!(none.contains("img-src data:;"));
}

#[test]
fn thumbnails_need_files() {
    let error = report(&survey(), &["--thumbnails"]).expect_err("no folder").to_string();
    assert!(error.ends_with("as in --images survey-images --thumbnails"), "{error}");
}

#[test]
fn the_summary_as_json_has_the_same_counts() {
    let (out, page) = report(&survey(), &["--json"]).expect("a page");
    let summary: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(summary["counts"], block(&page, "overview")["counts"]);
    // A name that nobody would give a file is still one: its characters are escaped.
    assert_eq!(summary["images"], json!({"embedded": 0, "linked": 1, "absent": 0}));
    assert!(
        block(&page, "objects-0")[1]["image"]["src"]
            .as_str()
            .is_some_and(|image| image.starts_with("%3C/script%3E%3Cscript"))
    );
}
