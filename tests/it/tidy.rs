//! What the compiler cannot see: who may know whom, what may not stand in the sources, and that lists are complete.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// What only the companion and the tests are built with; every one of them would slow down a function's cold start.
const NEVER_IN_A_FUNCTION: &[&str] = &[
    "anyhow",
    "aws-sdk-sso",
    "aws_lambda_events",
    "clap",
    "comfy-table",
    "gtruth",
    "indicatif",
    "insta",
    "proptest",
    "quick-xml",
    "serde-saphyr",
];

#[test]
fn the_functions_carry_no_dependency_of_the_companion() {
    for package in ["pre-human-task", "annotation-consolidation"] {
        let crates = crates_of(package);
        let found: Vec<_> = NEVER_IN_A_FUNCTION.iter().filter(|name| crates.contains(**name)).collect();
        assert!(found.is_empty(), "{package} depends on {found:?}: move what needs them to cli/");
    }
}

#[test]
fn the_pre_human_task_function_carries_no_aws_sdk() {
    let crates = crates_of("pre-human-task");
    let found: Vec<_> = crates.iter().filter(|name| name.starts_with("aws-")).collect();
    assert!(found.is_empty(), "pre-human-task does no I/O, yet depends on {found:?}");
}

/// A function of somebody's own, with another store, should not wait for the AWS SDK.
#[test]
fn without_the_store_over_s3_the_consolidation_function_is_built_with_no_aws_crate() {
    let of_aws = |flags: &[&str]| {
        let mut crates = crates_with("annotation-consolidation", flags);
        crates.retain(|name| name.starts_with("aws-"));
        crates
    };
    let found = of_aws(&["--no-default-features"]);
    assert!(found.is_empty(), "{found:?} are built without the feature `s3` too: make them optional");
    assert!(of_aws(&[]).contains("aws-sdk-s3"), "the deployed function reads from S3");
}

#[test]
fn shared_depends_on_nothing_of_the_edges() {
    for dependency in dependencies("shared") {
        let edge = ["clap", "lambda_runtime", "tokio", "tracing"].contains(&&*dependency)
            || dependency.starts_with("aws")
            || dependency.starts_with("tracing-");
        assert!(!edge, "shared/Cargo.toml names {dependency}: the core has no AWS, no runtime, no logs, no arguments");
    }
}

/// Nor does anything that they depend on: the engine is a library for programs without AWS.
#[test]
fn the_library_is_built_with_nothing_of_the_edges() {
    let crates = crates_of("ground-truth");
    let is_edge = |name: &&String| {
        let of_aws = ["aws", "smithy", "lambda"].iter().any(|word| name.contains(word));
        of_aws || ["clap", "hyper", "rustls", "tokio", "tracing"].iter().any(|start| name.starts_with(start))
    };
    let found: Vec<_> = crates.iter().filter(is_edge).collect();
    assert!(found.is_empty(), "ground-truth is built with {found:?}: look for who brings them in with cargo tree");
}

/// `shared` ← functions ← `cli` ← `tests`; the functions do not know each other.
#[test]
fn dependencies_between_members_point_one_way() {
    let members = ["annotation-consolidation", "ground-truth", "gtruth", "pre-human-task", "workspace-tests"];
    for (folder, allowed) in [
        ("shared", &[][..]),
        ("functions/annotation-consolidation", &["ground-truth"]),
        ("functions/pre-human-task", &["ground-truth"]),
        ("cli", &["ground-truth", "annotation-consolidation", "pre-human-task"]),
    ] {
        let found: Vec<String> = dependencies(folder).into_iter().filter(|name| members.contains(&&**name)).collect();
        assert!(
            found.iter().all(|name| allowed.contains(&&**name)),
            "{folder} may know {allowed:?}, but names {found:?}"
        );
    }
}

/// Otherwise the binaries that these tests start are built with other features than the tests, and the AWS SDK twice.
#[test]
fn what_a_member_needs_for_its_tests_is_a_dependency_here() {
    let here = dependencies("tests");
    for folder in ["shared", "functions/annotation-consolidation", "functions/pre-human-task", "cli"] {
        let missing: Vec<String> =
            section(folder, "dev-dependencies").into_iter().filter(|name| !here.contains(name)).collect();
        assert!(missing.is_empty(), "name {missing:?} of {folder} in tests/Cargo.toml too, as plain dependencies");
    }
}

#[test]
fn the_algorithms_see_ids_numbers_and_shapes_but_no_json() {
    let modules = ["agreement", "calibration", "consolidation", "geometry", "mask_png"];
    for source in modules.into_iter().flat_map(|module| sources_of("shared/src", module)) {
        assert!(
            !source.code.contains("serde_json"),
            "{}: reading JSON is the work of shared/src/annotation_kinds",
            source.path
        );
    }
}

/// The modules of `shared`. Each may name those of its own row and of earlier rows; what stands last serves the edges.
const ROWS: [&[&str]; 5] = [
    &["dice", "document", "field_value", "geometry", "parallel", "vocabulary"],
    &[
        "agreement",
        "answer",
        "batch",
        "calibration",
        "consolidation",
        "gold",
        "label_content",
        "mask_png",
        "typed",
        "worker_skills",
    ],
    &["annotation_kinds"],
    &["choice_table", "label", "plan"],
    &["contract", "payload_batch", "s3_uri", "store"],
];

#[test]
fn every_module_of_the_core_stands_in_a_row() {
    for module in modules_of("shared/src/lib.rs") {
        assert!(ROWS.concat().contains(&&*module), "say in ROWS which modules `{module}` may know");
    }
}

#[test]
fn modules_of_the_core_do_not_look_up() {
    let (_, rows_of_the_core) = ROWS.split_last().expect("there are rows");
    for (row_idx, row) in rows_of_the_core.iter().enumerate() {
        let later = ROWS[row_idx + 1..].concat();
        for source in row.iter().flat_map(|module| sources_of("shared/src", module)) {
            let found: Vec<_> = later.iter().filter(|module| names_module(&source.code, module)).collect();
            assert!(found.is_empty(), "{} names {found:?}, which stand above it: pass in what it needs", source.path);
        }
    }
}

/// The modules of the companion. Each may name those of earlier rows, and none of its own, so that they make no circle.
const COMPANION_ROWS: [&[&str]; 8] = [
    &["aws", "console", "files", "problem", "worker_template"],
    &["labeling_job", "labels"],
    &["created_job", "manifest", "new_job"],
    &["finished_job", "job_file"],
    &["crowd", "events", "export", "reconsolidation"],
    &["local_run", "next_round", "preflight", "report"],
    &["args"],
    &["commands"],
];

#[test]
fn every_module_of_the_companion_stands_in_a_row() {
    // Tests may look anywhere.
    for module in modules_of("cli/src/lib.rs").into_iter().filter(|module| !module.ends_with("_tests")) {
        assert!(COMPANION_ROWS.concat().contains(&&*module), "say in COMPANION_ROWS which modules `{module}` may know");
    }
}

#[test]
fn modules_of_the_companion_look_down_only() {
    for (row_idx, row) in COMPANION_ROWS.iter().enumerate() {
        let beside_and_above = COMPANION_ROWS[row_idx..].concat();
        for module in *row {
            for source in sources_of("cli/src", module) {
                let mut found = named_after("crate::", &source.code);
                found.retain(|name| name != module && beside_and_above.contains(&&**name));
                assert!(
                    found.is_empty(),
                    "{} names {found:?}, which stand above it: pass in what it needs",
                    source.path
                );
            }
        }
    }
}

/// What a domain finds is returned, and a command says it.
#[test]
fn only_commands_write_to_the_console() {
    let (_, domains) = COMPANION_ROWS.split_last().expect("there are rows");
    let domains = domains.concat().into_iter().filter(|module| *module != "console");
    for source in domains.flat_map(|module| sources_of("cli/src", module)) {
        let mut found = named_after("crate::console::", &source.code);
        found.retain(|name| !["progress", "words"].contains(&&**name));
        assert!(found.is_empty(), "{} takes {found:?} of the console: return what a command shall say", source.path);
    }
}

#[test]
fn no_command_knows_another() {
    let commands: Vec<Source> =
        sources_of("cli/src", "commands").filter(|source| !source.path.ends_with("/mod.rs")).collect();
    let folder_and_name = |source: &Source| {
        let (folder, name) = source.path.rsplit_once('/').expect("a folder");
        (folder.to_owned(), name.trim_end_matches(".rs").to_owned())
    };
    let all: Vec<(String, String)> =
        commands.iter().filter(|source| source.code.contains("fn run(")).map(folder_and_name).collect();
    assert!(all.len() > 20, "only {} commands were found", all.len());
    for source in &commands {
        let (folder, _) = folder_and_name(source);
        let mut found = named_after("super::", &source.code);
        found.retain(|name| all.contains(&(folder.clone(), name.clone())));
        let by_path = named_after("crate::commands::", &source.code);
        found.extend(by_path.into_iter().filter(|name| !["problems", "testing"].contains(&&**name)));
        assert!(found.is_empty(), "{} names {found:?}: what commands share belongs to a domain", source.path);
    }
}

#[test]
fn what_a_path_names_is_found_in_groups_too() {
    let named = |prefix: &str, code: &str| named_after(prefix, code).into_iter().collect::<Vec<_>>().join(" ");
    assert_eq!(named("crate::", "use crate::files::{a, b};\nlet x = crate::aws::c();"), "aws files");
    assert_eq!(named("crate::", "use crate::{\n    files::{self, a::{b, c}},\n    aws,\n};"), "aws files");
    assert_eq!(named("crate::console::", "use crate::console::{Console, words::counted};"), "Console words");
    assert_eq!(named("super::", "let files = 1;"), "");
}

#[test]
fn a_module_is_found_in_paths_and_imports_only() {
    assert!(names_module("let uri = crate::store::parse(text);", "store"));
    assert!(names_module("mod a;\nuse crate::{\n    batch::Batch,\n    store,\n};", "store"));
    assert!(!names_module("fn store(restore: u8) -> u8 { restore::now() }", "store"));
    assert!(!names_module("use crate::restore;\nlet store = 1;", "store"));
}

/// Kinds read values through `FieldValue` and answer with what serializes, so that only `field_value` decides how JSON is
/// held.
#[test]
fn no_kind_names_serde_json() {
    const EXCEPTIONS: [&str; 2] = [
        // Configuration.
        "marks/keep.rs",
        // How the members of labels are written.
        "mod.rs",
    ];
    for source in sources_of("shared/src", "annotation_kinds") {
        let (code, _) = source.code.split_once("#[cfg(test)]\nmod tests {").unwrap_or((&source.code, ""));
        let is_exception = EXCEPTIONS.iter().any(|file| source.path == format!("shared/src/annotation_kinds/{file}"));
        assert_eq!(
            code.contains("serde_json"),
            is_exception,
            "{}: a kind reads a FieldValue and gives a FieldValueBuf; EXCEPTIONS holds no others than those that need it",
            source.path
        );
    }
}

#[test]
fn two_places_name_clients_of_aws() {
    let allowed = ["functions/annotation-consolidation/src/s3_store.rs", "cli/src/aws/"];
    for folder in ["shared/src", "functions", "cli/src"] {
        for source in sources(folder) {
            assert!(
                allowed.iter().any(|folder| source.path.starts_with(folder))
                    || !["aws_sdk_", "aws_smithy_", "aws_config", "aws_runtime"]
                        .iter()
                        .any(|name| source.code.contains(name)),
                "{}: everything but {allowed:?} goes through the trait ObjectStore, or through Aws",
                source.path
            );
        }
    }
}

#[test]
fn sources_hold_no_leftovers() {
    // Written in two halves, so that this file does not find itself.
    let leftovers = [
        concat!("to", "do!"),
        concat!("unimple", "mented!"),
        concat!("db", "g!"),
        concat!("#[ig", "nore"),
        concat!("should_", "panic"),
    ];
    for path in files("") {
        if path.ends_with(".rs") {
            let text = read(&path);
            for leftover in leftovers {
                assert!(!text.contains(leftover), "{path} contains `{leftover}`: finish it, fix it or remove it");
            }
        }
    }
}

#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    let folders = ["work", "root", "home", "tmp", "Users"].map(|folder| format!("/{folder}/"));
    let text_formats =
        ["css", "html", "js", "json", "jsonl", "md", "py", "rs", "sh", "snap", "svg", "toml", "txt", "yaml", "yml"];
    for path in files("") {
        let extension = Path::new(&path).extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if text_formats.contains(&extension) || path.starts_with(".ci/") {
            let text = read(&path);
            for folder in &folders {
                assert!(!text.contains(folder), "{path} contains {folder}: other machines have no such folder");
            }
        }
    }
}

#[test]
fn every_annotation_kind_is_registered() {
    let registry = read("shared/src/annotation_kinds/mod.rs");
    let (_, all) = registry.split_once(" ALL: ").expect("annotation_kinds/mod.rs declares ALL");
    let (all, _) = all.split_once("];").expect("ALL is a slice");
    let entries: BTreeSet<&str> = all.lines().map(|line| line.trim().trim_end_matches(',')).collect();
    // Other files are what several kinds share.
    let kinds =
        sources("shared/src/annotation_kinds").into_iter().filter(|source| source.code.contains("const KIND: "));
    let mut n_kinds = 0;
    for source in kinds {
        n_kinds += 1;
        let name = Path::new(&source.path).file_stem().and_then(|stem| stem.to_str()).expect("a name");
        let entry = format!("{name}::KIND");
        assert!(entries.contains(&*entry), "add `{entry}` of {} to ALL in annotation_kinds/mod.rs", source.path);
    }
    assert_eq!(n_kinds, entries.iter().filter(|entry| entry.ends_with("::KIND")).count(), "a kind is one file");
}

#[test]
fn every_kind_can_be_called_with_types_and_shows_how() {
    let mut n_kinds = 0;
    let sources = sources("shared/src/annotation_kinds");
    for source in &sources {
        // What is kept verbatim is not consolidated.
        if source.code.contains("const KIND: ") && !source.path.ends_with("verbatim.rs") {
            n_kinds += 1;
            let text = read(&source.path);
            let (before, _) = text.split_once("\npub fn consolidate").unwrap_or_else(|| {
                panic!("{} has no `pub fn consolidate`: a program without JSON cannot use the kind", source.path)
            });
            let above = before.lines().rev().skip_while(|line| line.starts_with("#["));
            let mut doc = above.take_while(|line| line.starts_with("///"));
            assert!(doc.any(|line| line == "/// ```"), "{}: show how `consolidate` is called", source.path);
            let module = source.path.trim_end_matches(".rs");
            let mut of_kind = sources.iter().filter(|other| other.path.starts_with(module));
            assert!(
                of_kind.any(|other| other.code.contains("typed_tests::")),
                "{}: no test holds typed answers and JSON to one result; see typed_tests.rs",
                source.path
            );
        }
    }
    assert!(n_kinds >= 17, "only {n_kinds} kinds were found");
}

/// Who follows the README does what every submission has been through.
#[test]
fn the_commands_of_the_readme_are_those_of_the_ci() {
    let readme = read("README.md");
    let ci = read(".ci/run");
    for start in ["cargo run ", "cargo test "] {
        let command = readme.lines().find(|line| line.starts_with(start));
        let command = command.unwrap_or_else(|| panic!("README.md shows no command `{start}…` on a line of its own"));
        assert!(ci.contains(&format!("step {command}\n")), "README.md says `{command}`, but .ci/run does not run it");
    }
}

/// A Rust file without its comment lines.
struct Source {
    path: String,
    code: String,
}

fn sources(folder: &str) -> Vec<Source> {
    let paths: Vec<String> = files(folder).into_iter().filter(|path| path.ends_with(".rs")).collect();
    assert!(!paths.is_empty(), "{folder} has no sources: was it moved?");
    paths.into_iter().map(|path| Source { code: code(&read(&path)), path }).collect()
}

/// The modules that a `lib.rs` declares.
fn modules_of(path: &str) -> Vec<String> {
    let declarations = read(path);
    let declared = declarations.lines().filter_map(|line| line.strip_suffix(';')?.rsplit_once("mod "));
    let modules: Vec<String> = declared
        .filter(|(before, _)| before.is_empty() || *before == "pub ")
        .map(|(_, name)| name.to_owned())
        .collect();
    assert!(!modules.is_empty(), "{path} declares no modules");
    modules
}

/// The sources of a module, which is a file, a folder, or both. Files of tests may look further.
fn sources_of(root: &str, module: &str) -> impl Iterator<Item = Source> + use<> {
    let file = format!("{root}/{module}.rs");
    let folder = format!("{root}/{module}/");
    let is_of_tests =
        |path: &str| path.ends_with("tests.rs") || path.ends_with("testing.rs") || path.contains("/tests/");
    let mut found = sources(root);
    found.retain(|source| source.path == file || source.path.starts_with(&folder));
    found.retain(|source| !is_of_tests(&source.path));
    assert!(!found.is_empty(), "{root} has no module {module}");
    found.into_iter()
}

/// The names that stand right after `prefix` in paths: `a` and `b` of `prefix::{a::c, b}`.
fn named_after(prefix: &str, code: &str) -> BTreeSet<String> {
    let identifier = |text: &str| -> String {
        text.trim_start().chars().take_while(|character| character.is_alphanumeric() || *character == '_').collect()
    };
    let mut found = BTreeSet::new();
    for (start, _) in code.match_indices(prefix) {
        let rest = &code[start + prefix.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            found.insert(identifier(rest));
            continue;
        };
        let (mut depth, mut name_start) = (0, 0);
        for (idx, character) in group.char_indices() {
            match character {
                '{' => depth += 1,
                '}' if depth > 0 => depth -= 1,
                ',' | '}' if depth == 0 => {
                    found.insert(identifier(&group[name_start..idx]));
                    name_start = idx + 1;
                    if character == '}' {
                        break;
                    }
                }
                _ => {}
            }
        }
    }
    found.remove("");
    found
}

fn code(text: &str) -> String {
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Does the code name this module in a path (`module::…`) or anywhere within a `use`?
fn names_module(code: &str, module: &str) -> bool {
    let is_whole_word = |before: &str, after: &str| {
        let continues = |character: char| character.is_alphanumeric() || character == '_';
        !before.ends_with(continues) && !after.starts_with(continues)
    };
    code.match_indices(module).any(|(start, _)| {
        let (before, after) = (&code[..start], &code[start + module.len()..]);
        let statement = before.rsplit(';').next().unwrap_or_default().trim_start();
        is_whole_word(before, after) && (after.starts_with("::") || statement.starts_with("use "))
    })
}

/// The crates that a package is built with.
fn crates_of(package: &str) -> BTreeSet<String> {
    crates_with(package, &[])
}

/// The crates that it is built with under these flags of Cargo.
fn crates_with(package: &str, flags: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", package, "--edges", "normal", "--prefix", "none", "--locked", "--offline"])
        .args(flags)
        .current_dir(ROOT)
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "cargo tree: {}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    let crates: BTreeSet<String> = tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert!(crates.contains("ground-truth"), "unexpected output of cargo tree:\n{tree}");
    crates
}

/// The names in `[dependencies]` and `[dev-dependencies]` of a member.
fn dependencies(member: &str) -> Vec<String> {
    ["dependencies", "dev-dependencies"].into_iter().flat_map(|name| section(member, name)).collect()
}

fn section(member: &str, name: &str) -> Vec<String> {
    let path = format!("{member}/Cargo.toml");
    let manifest: toml::Value = toml::from_str(&read(&path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    manifest.get(name).and_then(toml::Value::as_table).into_iter().flat_map(|table| table.keys().cloned()).collect()
}

/// All files below a folder, as paths from the root of the workspace, without what builds and runs leave behind.
pub(crate) fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(format!("{ROOT}/{folder}")).unwrap_or_else(|error| panic!("{folder}: {error}"));
        for entry in entries {
            let entry = entry.expect("an entry of a folder");
            let name = entry.file_name().into_string().expect("a UTF-8 name");
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if !entry.file_type().expect("the type of an entry").is_dir() {
                found.push(path);
            } else if ![".aws-sam", ".git", "output", "target"].contains(&&*name) {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &str) -> String {
    fs::read_to_string(format!("{ROOT}/{path}")).unwrap_or_else(|error| panic!("{path}: {error}"))
}
