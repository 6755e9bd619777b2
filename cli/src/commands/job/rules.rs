//! `gtruth job rules`: the catalogue of rules.

use std::io::Write;

use crate::console::{ExitStatus, write_json};
use crate::labeling_job::Rule;

pub(crate) fn run(json: bool, out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    if json {
        write_json(out, &Rule::all().map(Rule::catalogue_entry).collect::<Vec<_>>())?;
        return Ok(ExitStatus::Success);
    }
    for rule in Rule::all() {
        let Rule { id, level, says, source, .. } = rule;
        let level = level.to_string();
        writeln!(out, "{id:<4} {level:<8} {says} [{source}; {}]", rule.decided_by())?;
    }
    Ok(ExitStatus::Success)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_printed_in_two_forms() {
        let print = |json: bool| {
            let mut out = Vec::new();
            run(json, &mut out).expect("a catalogue");
            String::from_utf8(out).expect("UTF-8")
        };
        insta::assert_snapshot!("rules", print(false));
        let entries: Vec<serde_json::Value> = serde_json::from_str(&print(true)).expect("JSON");
        assert_eq!(entries.len(), print(false).lines().count());
        assert_eq!(entries[1]["id"], "N2");
    }
}
