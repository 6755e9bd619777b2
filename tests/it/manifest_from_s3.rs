//! `gtruth manifest from-s3`: the real binary against S3 on loopback.

use crate::loopback::{Run, S3Server, companion};

/// Runs the command, and gives its exit code with what it wrote, to people where there is no data.
fn from_s3(s3: &S3Server, line: &str) -> (i32, String) {
    let mut command = companion(s3);
    command.args(["manifest", "from-s3", "--endpoint-url", &s3.endpoint()]).args(line.split_whitespace());
    let Run { code, out, err } = Run::of(&mut command);
    (code, if out.is_empty() { err } else { out })
}

#[test]
fn objects_become_lines_sorted_by_key() {
    let s3 = S3Server::start();
    for key in ["cam/b.png", "cam/a b.PNG", "cam/.hidden.png", "cam/notes.txt", "cam/day2/c.png", "camera/d.png"] {
        s3.put(&format!("s3://pictures/{key}"), "x");
    }
    let line = |key: &str| format!("{{\"source-ref\":\"s3://pictures/{key}\"}}\n");
    let check = |arguments: &str, keys: &[&str]| {
        let lines: String = keys.iter().map(|key| line(key)).collect();
        assert_eq!(from_s3(&s3, arguments), (0, lines), "{arguments}");
    };
    check("s3://pictures/cam/ --ext png", &["cam/a b.PNG", "cam/b.png"]);
    check("s3://pictures/cam/ --task-type bounding-box -r", &["cam/a b.PNG", "cam/b.png", "cam/day2/c.png"]);
    check("s3://pictures/cam --pattern **/c.png -r", &["cam/day2/c.png"]);
}

/// The service hands out a thousand keys at a time.
#[test]
fn no_object_is_left_out_after_the_first_page() {
    let s3 = S3Server::start();
    for n in 0..1_203 {
        s3.put(&format!("s3://pictures/{n:04}.png"), "");
    }
    let (code, manifest) = from_s3(&s3, "s3://pictures/");
    assert_eq!((code, manifest.lines().count()), (0, 1_203));
    assert!(manifest.ends_with("{\"source-ref\":\"s3://pictures/1202.png\"}\n"), "{manifest}");
}

#[test]
fn what_cannot_be_listed_is_told() {
    let s3 = S3Server::start();
    s3.put("s3://pictures/cam/day2/c.png", "");
    let (code, said) = from_s3(&s3, "s3://pictures/cam/");
    assert_eq!(code, 2);
    assert!(
        said.ends_with("s3://pictures/cam/ has no such objects; --recursive looks into the folders below it\n"),
        "{said}"
    );
    let (code, said) = from_s3(&s3, "s3://nobody/cam/");
    assert!(code == 2 && said.contains("cannot list s3://nobody/cam/"), "{said}");
    let (code, said) = from_s3(&s3, "pictures/cam/");
    assert!(code == 2 && said.contains("`pictures/cam/` does not start with s3://"), "{said}");
}
