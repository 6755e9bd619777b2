use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::labeling_job::TaskType;
use crate::manifest::check::{Checked, check as check_manifest};
use crate::manifest::local_files::LocalFiles;
use crate::problem::Level;

/// A manifest, and what it is for.
#[derive(Clone, Default)]
struct Case {
    manifest: Vec<u8>,
    expected: Expectations,
}

fn manifest(text: impl Into<Vec<u8>>) -> Case {
    Case { manifest: text.into(), expected: Expectations::default() }
}

/// One line with a file, and more members.
fn line(members: &str) -> Case {
    manifest(format!("{{\"source-ref\":\"s3://b/k.png\"{members}}}\n"))
}

impl Case {
    fn task(mut self, name: &str) -> Self {
        self.expected.task_type = Some(TaskType::by_name(name).expect("a task type"));
        self
    }

    fn label(mut self, name: &str) -> Self {
        self.expected.label_attribute = Some(name.to_owned());
        self
    }

    fn audit(mut self, name: &str) -> Self {
        self.expected.audit_label = Some(name.to_owned());
        self
    }

    fn files(mut self, dir: &Path) -> Self {
        self.expected.local_files = Some(LocalFiles::new(dir, "s3://b/"));
        self
    }

    fn checked(&self) -> Checked {
        check_manifest(&self.manifest[..], &self.expected, 100).expect("readable")
    }

    /// The rules that found something, with the level; what is only good to know is left out unless it is asked for.
    fn broken(&self, with_infos: bool) -> BTreeSet<(&'static str, Level)> {
        let checked = self.checked();
        let problems = checked.problems.kept().iter();
        problems
            .filter(|problem| with_infos || problem.level != Level::Info)
            .map(|problem| (problem.rule.expect("a rule"), problem.level))
            .collect()
    }
}

/// `bad` breaks the rule and no other, at this level; `good` breaks none.
#[track_caller]
fn check(rule: &'static str, level: Level, bad: &Case, good: &Case) {
    let infos = level == Level::Info;
    let told = bad.checked().problems.kept().to_vec();
    let mut broken = bad.broken(infos);
    let mut kept = good.broken(infos);
    if infos && rule != "M7" {
        // Whatever else a line holds is passed through, and that is told.
        broken.remove(&("M7", Level::Info));
        kept.remove(&("M7", Level::Info));
    }
    assert_eq!(broken, BTreeSet::from([(rule, level)]), "{told:#?}");
    assert_eq!(kept, BTreeSet::new(), "{rule}: {:#?}", good.checked().problems.kept());
}

const SOUND: &str = "{\"source-ref\":\"s3://b/k.png\"}\n";

/// A value of so many characters, quotes included.
fn text_of_length(n: usize) -> String {
    format!("\"{}\"", "x".repeat(n - 2))
}

#[test]
fn m1_one_json_object_a_line() {
    use Level::Error;
    check("M1", Error, &manifest("{\"source\":\"a\nb\"}\n"), &manifest("{\"source\":\"a\\nb\"}\n"));
    check("M8", Error, &manifest("[{\"source\":\"a\"},\n"), &manifest("{\"source\":\"a\"}\r\n"));
    check(
        "M1",
        Error,
        &manifest(*b"{\"source\":\"\xe9\"}\n{\"source\":\"b\"}\n"),
        &manifest("{\"source\":\"\u{e9}\"}"),
    );
    check(
        "M1",
        Error,
        &manifest("{\"source\":\"a\"},\n{\"source\":\"b\"}\n"),
        &manifest("{\"source\":\"a\u{2028}\u{85}b\"}\n"),
    );
    let deep = |n: usize| manifest(format!("{{\"source\":\"a\",\"x\":{}{}}}\n", "[".repeat(n), "]".repeat(n)));
    check("M8", Error, &deep(127), &deep(126));
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(SOUND.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let told = manifest(utf16).checked();
    assert!(told.problems.kept()[0].message.contains("UTF-16"), "{:#?}", told.problems.kept());
}

#[test]
fn m2_line_length() {
    // Each value within its own bounds, the line at the bound and one beyond.
    let of_length = |n: usize, filling: char| {
        let mut text = SOUND.trim_end().trim_end_matches('}').to_owned();
        for name in ["a", "b", "c", "d", "e"] {
            if text.chars().count() + 7 >= n {
                break;
            }
            let room = (n - 1).saturating_sub(text.chars().count() + 7).min(19_000);
            text.push_str(&format!(",\"{name}\":\"{}\"", filling.to_string().repeat(room)));
        }
        let missing = n - 1 - text.chars().count();
        text.push_str(&" ".repeat(missing));
        text.push('}');
        assert_eq!(text.chars().count(), n);
        manifest(text)
    };
    check("M2", Level::Error, &of_length(100_001, 'x'), &of_length(100_000, 'x'));
    check("M2", Level::Warning, &of_length(60_000, 'é'), &of_length(50_000, 'é'));
    let endless = manifest(format!("{SOUND}{}", "x".repeat(3 << 20)));
    check("M2", Level::Error, &endless, &manifest(SOUND));
}

#[test]
fn m3_value_length() {
    let with = |n: usize| line(&format!(",\"a\":{}", text_of_length(n)));
    check("M3", Level::Error, &with(20_001), &with(20_000));
    let escaped = line(&format!(",\"a\":\"{}\"", "é".repeat(19_998)));
    check("M3", Level::Error, &with(20_001), &escaped);
}

#[test]
fn m4_dollar_names() {
    check("M4", Level::Error, &line(",\"$sequencer\":\"9\""), &line(",\"a$\":{\"$inside\":1}"));
}

#[test]
fn m5_one_source() {
    let sound = manifest(SOUND);
    check("M5", Level::Error, &manifest("{\"a\":1}\n"), &sound);
    check("M5", Level::Error, &line(",\"source\":\"a\""), &sound);
    check("M5", Level::Error, &manifest("{\"source\":7}\n"), &sound);
    check("M5", Level::Error, &manifest("{\"source-ref\":null}\n"), &sound);
    check("M5", Level::Warning, &manifest("{\"source\":\" \"}\n"), &manifest("{\"source\":\"\\u0020a\"}\n"));
}

#[test]
fn m6_source_fits_the_task() {
    let text = manifest("{\"source\":\"a\"}\n");
    let file = manifest(SOUND);
    check("M6", Level::Error, &text.clone().task("bounding-box"), &file.clone().task("bounding-box"));
    check("M6", Level::Error, &file.clone().task("text-classification"), &text.clone().task("text-classification"));
    let both = manifest(format!("{SOUND}{{\"source\":\"a\"}}\n"));
    check("M6", Level::Warning, &both, &file.task("custom"));
    check("M6", Level::Warning, &both.task("custom"), &text.task("custom"));
}

#[test]
fn m7_other_members_are_passed_through() {
    check("M7", Level::Info, &line(",\"river\":\"Tamar\""), &line(""));
    let labeled = line(",\"l\":0,\"l-metadata\":{\"type\":\"groundtruth/custom\"}").label("l");
    assert!(!labeled.broken(true).contains(&("M7", Level::Info)));
}

#[test]
fn m8_everybody_reads_it_alike() {
    let sound = manifest("{\"source\":\"a\"}\n{\"source\":\"b\"}");
    for bad in [
        "\u{feff}{\"source\":\"a\"}\n",
        "{\"source\":\"a\"}\n\n{\"source\":\"b\"}\n",
        "{\"source\":\"a\"}\n\n",
        "{\"source\":\"a\",\"source\":\"b\"}\n",
        "{\"source\":\"a\",\"at\":[{\"x\":1,\"x\":1}]}\n",
        "{\"source\":\"a\"}\n7\n",
        "{\"source\":\"a\"}\n{\"source\":\"b\",\"n\":NaN}\n",
        "{\"source\":\"a\"}\n{\"source\":\"b\",\"n\":-Infinity}\n",
    ] {
        check("M8", Level::Error, &manifest(bad), &sound);
    }
}

#[test]
fn m9_double_source() {
    let two =
        |first: &str, second: &str| manifest(format!("{{\"source\":{first}}}\n{{\"source\":{second},\"n\":2}}\n"));
    check("M9", Level::Warning, &two("\"a\"", "\"\\u0061\""), &two("\"a\"", "\"A\""));
    let told = two("\"a\"", "\"a\"").checked();
    assert_eq!(
        told.problems.kept()[0].to_string(),
        "warning[M9]: the line has the same data object as line 1; drop one of them"
    );
    assert_eq!(told.facts.double_sources, 1);
}

#[test]
fn m10_no_lines() {
    check("M10", Level::Error, &manifest(""), &manifest(SOUND));
}

#[test]
fn m11_object_count() {
    let lines = |n: usize, ending: &str| -> Case {
        manifest((0..n).map(|idx| format!("{{\"source-ref\":\"s3://b/{idx}.{ending}\"}}\n")).collect::<String>())
    };
    check("M11", Level::Error, &lines(100_001, "png"), &lines(100_000, "png"));
    let task = "semantic-segmentation";
    check("M11", Level::Error, &lines(20_001, "png").task(task), &lines(20_000, "png").task(task));
    let task = "video-object-tracking";
    check("M11", Level::Error, &lines(11, "json").task(task), &lines(10, "json").task(task));
    // The limit of segmentation is that of pictures.
    let facts = lines(20_001, "bin").task("point-cloud-semantic-segmentation").checked().facts;
    assert_eq!(facts.data_objects, 20_001);
    let task = TaskType::by_name("point-cloud-semantic-segmentation");
    assert_eq!(Expectations { task_type: task, ..Expectations::default() }.max_objects(), 100_000);
}

#[test]
fn m12_s3_uri() {
    let uri = |uri: &str| manifest(format!("{{\"source-ref\":\"{uri}\"}}\n"));
    for bad in ["https://b/k", "s3:/b/k", "S3://b/k", "s3:///k", "s3://b", "s3://b/", ""] {
        check("M12", Level::Error, &uri(bad), &uri("s3://b/a b/c%20d:é/?x"));
    }
    check("M12", Level::Warning, &uri("s3://b/folder/"), &uri("s3://b/folder/x"));
}

#[test]
fn m13_extension() {
    let uri = |name: &str| manifest(format!("{{\"source-ref\":\"s3://b.png/{name}\"}}\n"));
    let tasks = [
        ("bounding-box", "a.b.JPEG", "a.gif"),
        ("video-classification", "a.webm", "a.avi"),
        ("video-object-detection", "a.json", "a.jsonl"),
        ("point-cloud-object-tracking", "a.json", "a.bin"),
    ];
    for (task, good, bad) in tasks {
        check("M13", Level::Warning, &uri(bad).task(task), &uri(good).task(task));
    }
    check("M13", Level::Warning, &uri("png").task("bounding-box"), &uri("png").task("custom"));
}

#[test]
fn m14_image_size() {
    let dir = tempfile::tempdir().expect("a folder");
    // The start of a PNG: its signature, and the chunk that tells width and height.
    let png = |width: u32, height: u32| {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 0, 0, 0, 0]);
        bytes
    };
    for (name, (width, height)) in [("good.png", (10_000, 10_000)), ("wide.png", (10_001, 10_000))] {
        std::fs::write(dir.path().join(name), png(width, height)).expect("writable");
    }
    let heavy = std::fs::File::create(dir.path().join("heavy.png")).expect("writable");
    heavy.set_len(40_000_001).expect("a file with nothing in it");
    let of =
        |name: &str| manifest(format!("{{\"source-ref\":\"s3://b/{name}\"}}\n")).task("bounding-box").files(dir.path());
    check("M14", Level::Error, &of("wide.png"), &of("good.png"));
    check("M14", Level::Error, &of("heavy.png"), &of("good.png"));
    check("local-file", Level::Error, &of("missing.png"), &of("good.png"));
    let elsewhere = manifest("{\"source-ref\":\"s3://other/a.png\"}\n").files(dir.path());
    check("local-file", Level::Warning, &elsewhere, &of("good.png"));
}

#[test]
fn m15_utf16_length() {
    // Beyond the first 65,536 characters: one for Unicode, two for Java.
    let with = |n: usize| line(&format!(",\"a\":\"{}\"", "\u{1f6a4}".repeat(n)));
    check("M15", Level::Warning, &with(9_999 + 1), &with(9_999));
}

#[test]
fn m16_human_annotation_switch() {
    check("M16", Level::Info, &line(",\"isHumanAnnotationRequired\":false"), &line(",\"human\":false"));
    check("M16", Level::Info, &line(",\"humanAnnotationRequired\":\"true\""), &line(""));
}

#[test]
fn m17_label_collision() {
    let labeled = |label: &str, metadata: &str| line(&format!(",\"l\":{label},\"l-metadata\":{metadata}")).label("l");
    let custom = "{\"type\":\"groundTruth/custom\"}";
    // Whatever stands there is a label, if a job wrote it. One line without it, so that there is work left.
    let beside = |mut case: Case| {
        case.manifest.extend(b"{\"source-ref\":\"s3://b/other.png\"}\n");
        case
    };
    for label in ["0", "\"\"", "{}", "[]", "null"] {
        check("M17", Level::Error, &beside(labeled(label, "{}")), &beside(labeled(label, custom)));
    }
    check(
        "M17",
        Level::Error,
        &beside(line(",\"l\":\"otter\"").label("l")),
        &beside(line(",\"l\":\"otter\"").label("m")),
    );
    let failed = line(",\"l-metadata\":{\"failure-reason\":\"?\"}").label("l");
    check("M17", Level::Error, &line(",\"l-metadata\":{\"x\":1}").label("l"), &failed);
    check(
        "M17",
        Level::Error,
        &beside(labeled("{}", custom).task("bounding-box")),
        &beside(labeled("{}", "{\"type\":\"groundtruth/object-detection\"}").task("bounding-box")),
    );
    let named_ref =
        |label: &str| beside(line(&format!(",\"l-ref\":{label},\"l-ref-metadata\":{custom}")).label("l-ref"));
    check("M17", Level::Error, &named_ref("{}"), &named_ref("\"s3://b/x.png\""));
}

#[test]
fn m18_exact_numbers() {
    check("M18", Level::Info, &line(",\"n\":123456789012345678"), &line(",\"n\":123456789012345"));
    check("M18", Level::Info, &line(",\"n\":-0.1234567890123456"), &line(",\"n\":0.00000000000000000001"));
    check("M18", Level::Info, &line(",\"n\":1234567890123456e3"), &line(",\"n\":\"12345678901234567890\""));
    check("M18", Level::Info, &line(",\"n\":1234567890123456"), &line(",\"n\":1.500000000000000000"));
}

#[test]
fn n10_labeled_already() {
    let one = |n: usize, labeled: bool| {
        let label = if labeled { ",\"l\":0,\"l-metadata\":{\"type\":\"groundtruth/custom\"}" } else { "" };
        format!("{{\"source\":\"{n}\"{label}}}\n")
    };
    let all = manifest(one(1, true) + &one(2, true)).label("l");
    let some = manifest(one(1, true) + &one(2, false)).label("l");
    let none = manifest(one(1, false) + &one(2, false)).label("l");
    check("N10", Level::Warning, &all, &some);
    check("N10", Level::Info, &some, &none);
    assert_eq!((all.checked().facts.labeled, some.checked().facts.labeled), (2, 1));
}

#[test]
fn n11_failed_before() {
    let failed = line(",\"l-metadata\":{\"retry-count\":1,\"failure-reason\":\"?\",\"human-annotated\":\"true\"}");
    check("N11", Level::Info, &failed.clone().label("l"), &failed.label("m"));
}

#[test]
fn l13_audit_label() {
    let task = "semantic-segmentation-adjustment";
    let with =
        |metadata: &str| line(&format!(",\"l-ref\":\"s3://b/m.png\",\"l-ref-metadata\":{metadata}")).audit("l-ref");
    let typed = "{\"type\":\"groundtruth/semantic-segmentation\"}";
    let colored = "{\"type\":\"groundtruth/semantic-segmentation\",\"internal-color-map\":\
                   {\"0\":{\"class-name\":\"BACKGROUND\",\"hex-color\":\"#ffffff\"}}}";
    check("L13", Level::Error, &line("").audit("l-ref"), &with(typed));
    let mut some = with(typed);
    some.manifest.extend(b"{\"source-ref\":\"s3://b/other.png\"}\n");
    check("L13", Level::Warning, &some, &with(typed));
    check("L13", Level::Warning, &line(",\"l\":0").audit("l"), &with(typed));
    check("L13", Level::Error, &with(typed).task(task), &with(colored).task(task));
}

#[test]
fn sequence_files_are_read_where_they_are_at_hand() {
    let dir = tempfile::tempdir().expect("a folder");
    let sequence = |no: usize, prefix: &str| {
        format!(
            "{{\"seq-no\":{no},\"prefix\":\"s3://b/{prefix}\",\"number-of-frames\":1,\
             \"frames\":[{{\"frame-no\":0,\"frame\":\"0.png\",\"unix-timestamp\":7}}]}}"
        )
    };
    for (name, text) in [
        ("1.json", sequence(1, "v/")),
        ("2.json", sequence(2, "v/")),
        ("3.json", sequence(3, "w/")),
        ("4.json", "{".to_owned()),
    ] {
        std::fs::write(dir.path().join(name), text).expect("writable");
    }
    let of = |names: &[&str], task: &str| {
        let lines: String = names.iter().map(|name| format!("{{\"source-ref\":\"s3://b/{name}\"}}\n")).collect();
        manifest(lines).task(task).files(dir.path())
    };
    for task in ["video-object-detection", "point-cloud-object-tracking"] {
        let good = of(&["1.json", "3.json"], task);
        check("sequence-file", Level::Error, &of(&["1.json", "2.json"], task), &good);
        check("sequence-file", Level::Error, &of(&["1.json", "4.json"], task), &good);
    }
    check("sequence-file", Level::Error, &of(&["4.json"], "video-object-tracking"), &of(&["4.json"], "custom"));
}

#[test]
fn point_cloud_frames_are_described_in_the_line() {
    let task = "point-cloud-object-detection";
    let with = |metadata: &str| manifest(format!("{{\"source-ref\":\"s3://b/1.bin\"{metadata}}}\n")).task(task);
    let good = with(",\"source-ref-metadata\":{\"unix-timestamp\":1.5}");
    check("point-cloud-frame", Level::Error, &with(""), &good);
    check("point-cloud-frame", Level::Error, &with(",\"source-ref-metadata\":{}"), &good);
}

#[test]
fn every_rule_stands_once_in_the_order_of_ids() {
    let ids: Vec<&str> = LINE_RULES.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    let numbers: Vec<u32> = ids.iter().filter_map(|id| id.strip_prefix('M')?.parse().ok()).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    let whole = WHOLE_RULES.iter().map(|rule| rule.id);
    let all: BTreeSet<&str> = ids.into_iter().chain(whole).collect();
    let missing: Vec<String> = (1..=18).map(|n| format!("M{n}")).filter(|id| !all.contains(&**id)).collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn any_bytes_at_all_are_checked() {
    let mut dice = ground_truth::dice::Dice::new(11);
    let alphabet = b"{}[]\",:\\\n\r\t a1$\xff";
    for _ in 0..500 {
        let n = dice.below(40);
        let bytes: Vec<u8> = (0..n).map(|_| alphabet[dice.below(alphabet.len())]).collect();
        let facts = manifest(bytes.clone()).task("bounding-box").label("a").audit("b").checked().facts;
        assert_eq!(facts.bytes, bytes.len() as u64);
        assert!(facts.data_objects <= facts.lines);
    }
}

#[test]
fn numbers_are_grouped() {
    for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")] {
        assert_eq!(grouped(number), text);
    }
}
