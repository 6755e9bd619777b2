//! `gtruth job rules`: the catalogue of rules.

use crate::console::{Console, ExitStatus};
use crate::labeling_job::Rule;

pub(super) fn run(console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    if console.json {
        console.write_json(&Rule::all().map(Rule::catalogue_entry).collect::<Vec<_>>())?;
        return Ok(ExitStatus::Success);
    }
    for rule in Rule::all() {
        let Rule { id, level, says, source, .. } = rule;
        let level = level.to_string();
        writeln!(console.out, "{id:<4} {level:<8} {says} [{source}; {}]", rule.decided_by())?;
    }
    Ok(ExitStatus::Success)
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::gtruth;

    #[test]
    fn the_catalogue_is_printed_in_two_forms() {
        let print = |line: &str| gtruth(line.split_whitespace()).expect("a catalogue").out;
        let (text, json) = (print("job rules"), print("job rules --json"));
        insta::assert_snapshot!("rules", text);
        let entries: Vec<serde_json::Value> = serde_json::from_str(&json).expect("JSON");
        assert_eq!(entries.len(), text.lines().count());
        assert_eq!(entries[1]["id"], "N2");
    }
}
