use clap::{CommandFactory, Parser};

use super::*;

/// The help of one subcommand, at a width of its own so that no terminal changes it.
fn help(mut command: clap::Command, path: &[&str]) -> String {
    command = command.term_width(100).color(clap::ColorChoice::Never);
    command.build();
    let mut command = &mut command;
    for name in path {
        command = command.find_subcommand_mut(name).expect("a subcommand");
    }
    command.render_long_help().to_string()
}

#[test]
fn the_definition_is_sound() {
    Args::command().debug_assert();
}

#[test]
fn help_teaches() {
    insta::assert_snapshot!("gtruth", help(Args::command(), &[]));
    insta::assert_snapshot!("gtruth_job_plan", help(Args::command(), &["job", "plan"]));
    insta::assert_snapshot!("gtruth_job_init", help(Args::command(), &["job", "init"]));
    insta::assert_snapshot!("gtruth_job_rules", help(Args::command(), &["job", "rules"]));
    insta::assert_snapshot!("gtruth_job_schema", help(Args::command(), &["job", "schema"]));
    insta::assert_snapshot!("gtruth_event_pre", help(Args::command(), &["event", "pre"]));
    insta::assert_snapshot!("gtruth_event_post", help(Args::command(), &["event", "post"]));
    insta::assert_snapshot!("gtruth_completions", help(Args::command(), &["completions"]));
    insta::assert_snapshot!("gtruth_manifest", help(Args::command(), &["manifest"]));
    insta::assert_snapshot!("gtruth_manifest_check", help(Args::command(), &["manifest", "check"]));
    insta::assert_snapshot!("gtruth_manifest_repair", help(Args::command(), &["manifest", "repair"]));
    insta::assert_snapshot!("gtruth_manifest_from_s3", help(Args::command(), &["manifest", "from-s3"]));
    insta::assert_snapshot!("gtruth_manifest_from_dir", help(Args::command(), &["manifest", "from-dir"]));
    insta::assert_snapshot!("gtruth_manifest_from_csv", help(Args::command(), &["manifest", "from-csv"]));
    insta::assert_snapshot!("gtruth_run", help(Args::command(), &["run"]));
    insta::assert_snapshot!("gtruth_consolidate", help(Args::command(), &["consolidate"]));
    insta::assert_snapshot!("gtruth_export", help(Args::command(), &["export"]));
    insta::assert_snapshot!("gtruth_report", help(Args::command(), &["report"]));
    insta::assert_snapshot!("gtruth_reconsolidate", help(Args::command(), &["reconsolidate"]));
    insta::assert_snapshot!("gtruth_next_round", help(Args::command(), &["next-round"]));
    insta::assert_snapshot!("gtruth_agreement", help(Args::command(), &["agreement"]));
    insta::assert_snapshot!("gtruth_workers", help(Args::command(), &["workers"]));
}

#[test]
fn the_functions_are_named_in_one_way_only() {
    let accepts = |flags: &str| {
        let line = format!("gtruth job plan job.yaml {flags}");
        Args::try_parse_from(line.split_whitespace()).is_ok()
    };
    assert!(accepts(""));
    assert!(accepts("--pre-arn a --post-arn b"));
    assert!(accepts("--pre-arn a"));
    assert!(accepts("--pre-name a --post-name b --account 1 --region r"));
    assert!(accepts("--stack-outputs f --json"));
    assert!(!accepts("--pre-arn a --post-name b"));
    assert!(!accepts("--pre-name a --stack-outputs f"));
    assert!(!accepts("--pre-arn a --stack-outputs f"));
    assert!(!accepts("--pre-arn a --region r"));
    assert!(!accepts("--account 1"));
}

#[test]
fn a_data_object_has_one_origin() {
    let accepts = |flags: &str| {
        let line = format!("gtruth event pre {flags}");
        Args::try_parse_from(line.split_whitespace()).is_ok()
    };
    assert!(accepts("--manifest m --line 2"));
    assert!(accepts("--s3-notification n"));
    assert!(!accepts(""));
    assert!(!accepts("--manifest m --line 0"));
    assert!(!accepts("--manifest m --s3-notification n"));
    assert!(!accepts("--s3-notification n --line 2"));
}
