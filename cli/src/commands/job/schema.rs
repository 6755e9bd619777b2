//! `gtruth job schema`: the JSON Schema of job files, for editors.

use crate::console::{Console, ExitStatus};
use crate::labeling_job::json_schema;

pub(super) fn run(console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    console.write_json(&json_schema())?;
    Ok(ExitStatus::Success)
}

#[cfg(test)]
mod tests {
    use crate::commands::testing::gtruth;

    #[test]
    fn the_schema_in_the_repository_is_the_one_that_is_printed() {
        let printed = gtruth(["job", "schema"]).expect("a schema").out;
        let kept = include_str!("../../../../docs/job-file.schema.json");
        assert!(printed == kept, "docs/job-file.schema.json is out of date; write it with `gtruth job schema`");
    }
}
