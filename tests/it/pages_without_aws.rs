//! `gtruth job render --offline`: the real binary, which renders templates in a process of its own.

use std::fs;
use std::process::Command;

use crate::loopback::executable;

const SURVEY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/river-survey/job.yaml");

/// Exit code, page and messages of a job file, without anything of AWS.
fn render(job: &str) -> (i32, String, String) {
    let output = Command::new(executable("gtruth"))
        .args(["job", "render", job, "--offline"])
        .env_clear()
        .output()
        .expect("the companion starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
}

/// The same of a template.
fn render_template(template: &str) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name);
    fs::write(file("form.liquid.html"), template).expect("writable");
    fs::write(file("lines.manifest"), "{\"source\": \"<b>it's</b>\"}\n").expect("writable");
    let job = "LabelingJobName: j\nLabelAttributeName: j\nHumanTaskConfig: {NumberOfHumanWorkersPerDataObject: 1}\n\
               gtruth: {template: form.liquid.html, manifest: lines.manifest}\n";
    fs::write(file("job.yaml"), job).expect("writable");
    let (code, page, err) = render(file("job.yaml").to_str().expect("UTF-8"));
    (code, page, err.replace(&format!("{}/", folder.path().display()), ""))
}

#[test]
fn a_page_is_rendered_with_pictures_of_this_computer() {
    let (code, page, err) = render(SURVEY);
    assert_eq!(code, 0, "{err}");
    assert!(page.contains("src=\"file://") && page.contains("examples/river-survey/images/000.png\""), "{page}");
    assert!(!page.contains("{{"), "{page}");
}

#[test]
fn what_a_template_asks_for_in_vain_is_told() {
    let (code, page, err) = render_template("{{ task.input.taskObject }}\n{{ task.input.labels | to_json }}");
    assert_eq!((code, page.as_str()), (0, "&lt;b&gt;it&#39;s&lt;/b&gt;\nnull\n"));
    assert!(err.starts_with("warning: form.liquid.html:2: `task.input.labels` is not there"), "{err}");

    let (code, page, err) = render_template("\n{{ task.input.taskObject | to_jsn }}");
    assert_eq!((code, page.as_str()), (1, ""));
    assert_eq!(err, "error: form.liquid.html:2: unknown filter `to_jsn`; did you mean `to_json`?\n");
}

/// It would take more memory than there is; this program goes on.
#[test]
fn a_template_that_goes_too_far_ends_alone() {
    let doubled = "{% assign s = 'xxxxxxxxxxxxxxxx' %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}";
    let (code, page, err) = render_template(doubled);
    assert_eq!((code, page.as_str()), (1, ""));
    assert!(err.starts_with("error: form.liquid.html: the template takes more memory than a page may"), "{err}");
}
