//! `gtruth manifest from-csv`: a manifest of the rows of a table.

use super::new_manifest;
use crate::args::ManifestFromCsvArgs;
use crate::console::{Console, ExitStatus};
use crate::manifest::table_lines::{self, TableOptions};

pub(super) fn run(args: &ManifestFromCsvArgs, console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    let options = TableOptions {
        source_column: &args.source_column,
        is_text: args.text,
        uri: args.uri.as_deref(),
        columns: args.columns.as_deref(),
        numbers: &args.numbers,
        skip_empty: args.skip_empty,
        delimiter: args.delimiter,
    };
    new_manifest::write(table_lines::lines(&args.table, options)?, &args.new, console)
}

#[cfg(test)]
mod tests {
    use super::super::testing::gtruth;

    #[track_caller]
    fn check(table: &str, flags: &str, expected: &str) {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("t.csv"), table).expect("writable");
        let (_, out, err) = gtruth(&format!("manifest from-csv DIR/t.csv {flags}"), dir.path());
        let said = if out.is_empty() { err } else { out };
        assert_eq!(said.replace(&dir.path().display().to_string(), "DIR"), expected);
    }

    #[test]
    fn rows_become_lines() {
        check(
            "\u{feff}uri,river,depth\r\ns3://b/1.png,\"Tamar, \"\"upper\"\"\",007\r\n\"s3://b/2.png\",\"two\nlines\",1.40\r\n",
            "--source-column uri",
            "{\"source-ref\":\"s3://b/1.png\",\"river\":\"Tamar, \\\"upper\\\"\",\"depth\":\"007\"}\n\
             {\"source-ref\":\"s3://b/2.png\",\"river\":\"two\\nlines\",\"depth\":\"1.40\"}\n",
        );
        check(
            "id;body;n\n7;good;1.40\n8;bad;\n",
            "--source-column body --text --delimiter ; --columns n,id --numbers n --skip-empty --set lang=en",
            "{\"source\":\"good\",\"n\":1.40,\"id\":\"7\",\"lang\":\"en\"}\n{\"source\":\"bad\",\"id\":\"8\",\"lang\":\"en\"}\n",
        );
        check(
            "file\tn\na b.png\t1\n",
            "--source-column file --uri s3://b/p --delimiter tab --numbers n",
            "{\"source-ref\":\"s3://b/p/a b.png\",\"n\":1}\n",
        );
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let unusable = |why: &str| format!("error: cannot use DIR/t.csv: {why}");
        check("a,b\n1,2\n", "--source-column c", &unusable("it has no column `c`; its columns are a, b"));
        check("a,b,b\n1,2,3\n", "--source-column a", &unusable("it has two columns `b`; rename one of them"));
        check(
            "a,source\n1,2\n",
            "--source-column a",
            &unusable(
                "its column `source` would become a second member with a data object; leave it out with --columns",
            ),
        );
        check(
            "a,n\ns3://b/k,x\n",
            "--source-column a --numbers n",
            "error: DIR/t.csv, line 2: column `n`: the cell is not a number as JSON writes them; leave the column out of --numbers",
        );
        check(
            "a,n\ns3://b/k\n",
            "--source-column a",
            "error: cannot read DIR/t.csv: CSV error: record 1 (line: 2, byte: 4): found record with 1 fields, but the previous record has 2 fields",
        );
    }
}
