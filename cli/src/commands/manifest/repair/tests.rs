use super::super::testing::gtruth;

/// What becomes of a manifest, and what is said about it.
fn mended(manifest: &[u8], flags: &str) -> (u8, String, String) {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("in"), manifest).expect("writable");
    let (code, out, err) = gtruth(&format!("manifest repair DIR/in -o - {flags}"), dir.path());
    (code, out, err.replace(&dir.path().display().to_string(), "DIR"))
}

/// Everything could be mended.
#[track_caller]
fn check(manifest: &str, expected: &str, said: &[&str]) {
    let (code, out, err) = mended(manifest.as_bytes(), "");
    assert_eq!((code, &*out), (0, expected), "{err}");
    let lines: Vec<&str> = err.lines().filter(|line| !line.ends_with("need your hand")).collect();
    assert_eq!(lines, said);
    // What is mended needs no more mending.
    assert_eq!(mended(out.as_bytes(), "").1, expected);
}

#[test]
fn a_sound_manifest_stays_byte_for_byte() {
    let manifest = "{\"source\" : \"x\\u00e9\u{2028}\" ,\"n\":1.40e+01}\n{\"a\":[ ]}\n";
    check(manifest, manifest, &[]);
    check("", "", &[]);
}

#[test]
fn what_stands_around_objects_goes() {
    check("\u{feff}{\"a\":1}\n", "{\"a\":1}\n", &["took a byte order mark away: 1 (line 1)"]);
    check("{\"a\":1}\r\n{\"a\":2}\r\n", "{\"a\":1}\n{\"a\":2}\n", &["took carriage returns away: 2 (lines 1, 2)"]);
    check(" {\"a\":1}\t \n", "{\"a\":1}\n", &["took blanks around objects away: 1 (line 1)"]);
    check("\n{\"a\":1}\n \n\n", "{\"a\":1}\n", &["dropped empty lines: 3 (lines 1, 3, 4)"]);
    check("{\"a\":1}", "{\"a\":1}\n", &["ended the last line: 1 (line 1)"]);
}

#[test]
fn objects_get_a_line_each() {
    check(
        "{\n  \"a\": [\n    {\"b\": 1},\n    {\"b\": 2}\n  ],\n  \"c\": \"x  y\"\n}\n{\"d\":1}\n",
        "{\"a\": [{\"b\": 1},{\"b\": 2}],\"c\": \"x  y\"}\n{\"d\":1}\n",
        &["joined objects that were spread over several lines: 1 (line 1)"],
    );
    let separated = "gave objects of a list, or of one line, lines of their own: ";
    check("[{\"a\":1}, {\"a\":[2]}]\n", "{\"a\":1}\n{\"a\":[2]}\n", &[&format!("{separated}2 (line 1, …)")]);
    check("[\n{\"a\":1},\n{\"a\":2}\n]\n", "{\"a\":1}\n{\"a\":2}\n", &[&format!("{separated}1 (line 1)")]);
    check("{\"a\":1}{\"a\":2}\n", "{\"a\":1}\n{\"a\":2}\n", &[&format!("{separated}1 (line 1)")]);
    // As old Macs ended lines.
    check("{\"a\":1}\r{\"a\":2}\n", "{\"a\":1}\n{\"a\":2}\n", &[&format!("{separated}1 (line 1)")]);
}

#[test]
fn texts_are_escaped() {
    check(
        "{\"a\":\"first \r\nsecond\"}\n{\"a\":1}\n",
        "{\"a\":\"first \\nsecond\"}\n{\"a\":1}\n",
        &[
            "took carriage returns away: 1 (line 1)",
            "joined objects that were spread over several lines: 1 (line 1)",
            "escaped line breaks in texts: 1 (line 2)",
        ],
    );
    check(
        "{\"a\":\"x\ty\u{1}\\\"\"}\n",
        "{\"a\":\"x\\ty\\u0001\\\"\"}\n",
        &["escaped control characters in texts: 2 (line 1, …)"],
    );
}

#[test]
fn members_are_dropped() {
    check("{\"a\":1,\"a\":2}\n", "{\"a\":2}\n", &["dropped all but the last of members that stood twice: 1 (line 1)"]);
    check("{\"a\":1,\"$b\":2}\n", "{\"a\":1}\n", &["dropped members whose names start with `$`: 1 (line 1)"]);
    let failed = b"{\"source\":\"x\",\"old-metadata\":{\"failure-reason\":\"?\"}}\n";
    assert_eq!(mended(failed, "").1.as_bytes(), failed);
    assert_eq!(mended(failed, "--label-attribute new").1, "{\"source\":\"x\"}\n");
}

#[test]
fn what_cannot_be_mended_is_kept_and_named() {
    let (code, out, err) = mended(b"{\"a\":NaN}\n{\"a\":1}\nx\n{\"a\":\"\xff\"}\n{\"a\":1,}\n[7]\n{\"a\":2}\n", "");
    assert_eq!(code, 1);
    assert_eq!(err.lines().filter(|line| line.contains("is kept as it is")).count(), 5, "{err}");
    assert!(err.contains("line 1 is kept as it is: the line holds NaN, which JSON does not know (column 6)"), "{err}");
    assert!(err.ends_with("2 data objects, 5 lines that need your hand\n"), "{err}");
    assert!(out.starts_with("{\"a\":NaN}\n{\"a\":1}\nx\n{\"a\":\""), "{out}");
    assert!(out.ends_with("\"}\n{\"a\":1,}\n[7]\n{\"a\":2}\n"), "{out}");
}

#[test]
fn a_broken_line_swallows_no_other() {
    // A text without its end, an object without its end, at the end of the file and before it.
    let (_, out, err) = mended(b"{\"a\":\"x}\n{\"a\":1}\n{\"b\":{\n{\"a\":2}\n{\"a\":3}\n", "");
    assert_eq!(out, "{\"a\":\"x}\n{\"a\":1}\n{\"b\":{\n{\"a\":2}\n{\"a\":3}\n");
    assert!(err.ends_with("3 data objects, 2 lines that need your hand\n"), "{err}");
}

#[test]
fn many_broken_lines_take_no_forever() {
    let manifest = "{\"a\":{\n".repeat(30_000);
    let (code, out, err) = mended(manifest.as_bytes(), "");
    assert_eq!((code, out), (1, manifest));
    assert!(err.ends_with("0 data objects, 30000 lines that need your hand\n"), "{err}");
}

#[test]
fn no_file_is_replaced_unasked() {
    let dir = tempfile::tempdir().expect("a folder");
    let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).expect("readable");
    std::fs::write(dir.path().join("in"), "{}\r\n").expect("writable");
    std::fs::write(dir.path().join("other"), "x").expect("writable");

    let (code, _, err) = gtruth("manifest repair DIR/in -o DIR/in --force", dir.path());
    assert!(code == 2 && err.ends_with("is the manifest itself; give --in-place to replace it"), "{err}");
    let (code, _, err) = gtruth("manifest repair DIR/in -o DIR/other", dir.path());
    assert!(code == 2 && err.ends_with("is there already; give --force to replace it"), "{err}");
    assert_eq!((read("in"), read("other")), ("{}\r\n".to_owned(), "x".to_owned()));

    assert_eq!(gtruth("manifest repair DIR/in -o DIR/other --force", dir.path()).0, 0);
    assert_eq!((read("in"), read("other")), ("{}\r\n".to_owned(), "{}\n".to_owned()));
    let (code, out, _) = gtruth("manifest repair DIR/in --in-place --json", dir.path());
    assert_eq!((code, read("in")), (0, "{}\n".to_owned()));
    let log: serde_json::Value = serde_json::from_str(&out).expect("a report");
    assert_eq!(log["repairs"]["carriageReturn"], serde_json::json!({"count": 1, "first": [1]}));
}
