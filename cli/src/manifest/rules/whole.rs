//! Rules about the manifest as a whole.

use super::{Expectations, Facts, Found, SOURCE, SOURCE_REF, grouped};

/// How many names a message lists.
const MAX_NAMED: usize = 10;

pub(super) fn m6_one_kind_of_source(facts: &Facts, expected: &Expectations, found: &mut Found<'_>) {
    // Where the task decides, each line that does not fit is told already.
    if expected.source().is_some() || facts.with_source == 0 || facts.with_source_ref == 0 {
        return;
    }
    let (rare, line) = if facts.with_source < facts.with_source_ref {
        (SOURCE, facts.first_with_source)
    } else {
        (SOURCE_REF, facts.first_with_source_ref)
    };
    found.warning(
        "",
        || {
            format!(
                "{} lines have `source`, {} `source-ref`; the first with `{rare}` is line {}",
                grouped(facts.with_source),
                grouped(facts.with_source_ref),
                line.unwrap_or_default()
            )
        },
        "use one of them on every line, unless the template shows both",
    );
}

pub(super) fn m7_passed_through(facts: &Facts, expected: &Expectations, found: &mut Found<'_>) {
    let label = expected.label_attribute.as_deref();
    let metadata = label.map(|label| format!("{label}-metadata"));
    let own = [Some(SOURCE), Some(SOURCE_REF), label, metadata.as_deref()];
    let others: Vec<&str> =
        facts.members.keys().map(String::as_str).filter(|name| !own.contains(&Some(name))).collect();
    if others.is_empty() {
        return;
    }
    let more = others.len().saturating_sub(MAX_NAMED);
    let named = others[..others.len().min(MAX_NAMED)].join("`, `");
    let more = if more == 0 { String::new() } else { format!(" and {more} others") };
    found.info("", || format!("`{named}`{more} go to the output as they are"), "nothing to do");
}

pub(super) fn m10_no_lines(facts: &Facts, _: &Expectations, found: &mut Found<'_>) {
    // Where there are lines, each of them tells what it is instead.
    if facts.lines == 0 {
        found.error("", || "the manifest is empty".to_owned(), "write one data object a line");
    }
}

pub(super) fn m11_object_count(facts: &Facts, expected: &Expectations, found: &mut Found<'_>) {
    let max = expected.max_objects();
    if facts.data_objects > max {
        found.error(
            "",
            || format!("the manifest lists {} data objects", grouped(facts.data_objects)),
            &format!("stay within {}: split it over several jobs", grouped(max)),
        );
    }
}

/// Both spellings are in use.
const SWITCHES: [&str; 2] = ["isHumanAnnotationRequired", "humanAnnotationRequired"];

pub(super) fn m16_human_annotation_switch(facts: &Facts, _: &Expectations, found: &mut Found<'_>) {
    for name in SWITCHES {
        let n = facts.n_with(name);
        if n > 0 {
            found.info(
                name,
                || format!("stands on {} lines, and does nothing by itself", grouped(n)),
                "let the pre function read it; the one of this project does",
            );
        }
    }
}

pub(super) fn n10_labeled_already(facts: &Facts, expected: &Expectations, found: &mut Found<'_>) {
    let Some(label) = expected.label_attribute.as_deref().filter(|_| facts.labeled > 0) else { return };
    if facts.labeled == facts.data_objects {
        found.warning(
            label,
            || "is on every line, so that nothing is left to label".to_owned(),
            "choose another label attribute name to label them again",
        );
    } else {
        found.info(
            label,
            || {
                let left = facts.data_objects - facts.labeled;
                format!("is on {} lines, so that the other {} are labeled", grouped(facts.labeled), grouped(left))
            },
            "choose another label attribute name to label all",
        );
    }
}

pub(super) fn n11_failed_before(facts: &Facts, expected: &Expectations, found: &mut Found<'_>) {
    let Some(label) = expected.label_attribute.as_deref().filter(|_| facts.failed_before > 0) else { return };
    found.info(
        label,
        || format!("failed before on {} lines, whose metadata will be replaced", grouped(facts.failed_before)),
        "nothing to do",
    );
}

pub(super) fn l13_audit_label(facts: &Facts, expected: &Expectations, found: &mut Found<'_>) {
    let Some(label) = expected.audit_label.as_deref().filter(|_| facts.data_objects > 0) else { return };
    let remedy = "use the output manifest of the job that wrote it";
    if facts.with_audit_label == 0 {
        found.error(label, || "is on no line, so that workers have nothing to look at".to_owned(), remedy);
    } else if facts.with_audit_label < facts.data_objects {
        let missing = facts.data_objects - facts.with_audit_label;
        found.warning(label, || format!("is missing on {} lines, whose objects fail", grouped(missing)), remedy);
    }
}
