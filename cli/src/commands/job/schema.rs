//! `gtruth job schema`: the JSON Schema of job files, for editors.

use std::io::Write;

use crate::console::{ExitStatus, write_json};
use crate::labeling_job::json_schema;

pub(crate) fn run(out: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    write_json(out, &json_schema())?;
    Ok(ExitStatus::Success)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_in_the_repository_is_the_one_that_is_printed() {
        let mut out = Vec::new();
        run(&mut out).expect("a schema");
        let printed = String::from_utf8(out).expect("UTF-8");
        let kept = include_str!("../../../../docs/job-file.schema.json");
        assert!(printed == kept, "docs/job-file.schema.json is out of date; write it with `gtruth job schema`");
    }
}
