//! `gtruth manifest from-csv`: a manifest of the rows of a table.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use anyhow::{Context, bail};
use csv::StringRecord;
use serde_json::{Map, Number, Value};

use super::local_files::folder_uri;
use super::new_manifest::{self, DataObject, NewLine};
use super::rules::{SOURCE, SOURCE_REF};
use crate::args::ManifestFromCsvArgs;
use crate::console::ExitStatus;
use crate::files::json_lines::BUFFER_BYTES;

pub(crate) fn run(args: &ManifestFromCsvArgs, out: &mut dyn Write, err: &mut dyn Write) -> anyhow::Result<ExitStatus> {
    let name = args.table.display();
    let mut table = csv::ReaderBuilder::new()
        .delimiter(args.delimiter.unwrap_or_else(|| usual_delimiter(&args.table)))
        .from_reader(open(&args.table)?);
    let header = table.headers().with_context(|| format!("cannot read the columns of {name}"))?.clone();
    let columns = Columns::new(args, &header).with_context(|| format!("cannot use {name}"))?;
    let line = |row: Result<StringRecord, csv::Error>| {
        let row = row.with_context(|| format!("cannot read {name}"))?;
        let line = row.position().map_or(0, csv::Position::line);
        columns.line(&row).with_context(|| format!("{name}, line {line}"))
    };
    new_manifest::write(table.into_records().map(line), &args.new, out, err)
}

fn usual_delimiter(table: &Path) -> u8 {
    let is_tabbed = table.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("tsv"));
    if is_tabbed { b'\t' } else { b',' }
}

/// A table, behind its byte order mark.
fn open(table: &Path) -> anyhow::Result<Box<dyn Read>> {
    let mut reader: Box<dyn BufRead> = if table == Path::new("-") {
        Box::new(BufReader::with_capacity(BUFFER_BYTES, io::stdin()))
    } else {
        let file = File::open(table).with_context(|| format!("cannot read {}", table.display()))?;
        Box::new(BufReader::with_capacity(BUFFER_BYTES, file))
    };
    let start = reader.fill_buf().with_context(|| format!("cannot read {}", table.display()))?;
    if start.starts_with("\u{feff}".as_bytes()) {
        reader.consume("\u{feff}".len());
    }
    Ok(Box::new(reader))
}

/// What becomes of each column.
struct Columns<'a> {
    args: &'a ManifestFromCsvArgs,
    source: usize,
    /// The columns that become members, by place, with their names.
    members: Vec<(usize, String, Kind)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
}

impl<'a> Columns<'a> {
    fn new(args: &'a ManifestFromCsvArgs, header: &StringRecord) -> anyhow::Result<Self> {
        let place = |name: &String| match header.iter().position(|column| column == name) {
            Some(place) => Ok(place),
            None => {
                bail!("it has no column `{name}`; its columns are {}", header.iter().collect::<Vec<_>>().join(", "))
            }
        };
        let source = place(&args.source_column)?;
        for name in &args.numbers {
            place(name)?;
        }
        let chosen = match &args.columns {
            Some(names) => names.iter().map(place).collect::<anyhow::Result<Vec<usize>>>()?,
            None => (0..header.len()).filter(|place| *place != source).collect(),
        };
        let mut members: Vec<(usize, String, Kind)> = Vec::new();
        for place in chosen {
            let name = header[place].to_owned();
            if name.is_empty() {
                bail!("its column {} has no name; name it, or choose the others with --columns", place + 1);
            }
            if [SOURCE, SOURCE_REF].contains(&&*name) {
                bail!("its column `{name}` would stand beside the data object; leave it out with --columns");
            }
            if members.iter().any(|(_, earlier, _)| *earlier == name) {
                bail!("it has two columns `{name}`; rename one of them");
            }
            let kind = if args.numbers.contains(&name) { Kind::Number } else { Kind::Text };
            members.push((place, name, kind));
        }
        Ok(Self { args, source, members })
    }

    fn line(&self, row: &StringRecord) -> anyhow::Result<NewLine> {
        let source = &row[self.source];
        let object = match &self.args.uri {
            _ if self.args.text => DataObject::Text(source.to_owned()),
            Some(uri) => DataObject::File(format!("{}{}", folder_uri(uri), source.trim_start_matches('/'))),
            None => DataObject::File(source.to_owned()),
        };
        let mut members = Map::new();
        for (place, name, kind) in &self.members {
            let cell = &row[*place];
            if cell.is_empty() && self.args.skip_empty {
                continue;
            }
            members.insert(name.clone(), value(cell, *kind).with_context(|| format!("column `{name}`"))?);
        }
        Ok(NewLine { object, members })
    }
}

/// A cell as a value: a number keeps its digits.
fn value(cell: &str, kind: Kind) -> anyhow::Result<Value> {
    match kind {
        Kind::Text => Ok(Value::from(cell)),
        Kind::Number if cell.trim().is_empty() => Ok(Value::Null),
        Kind::Number => {
            let number: Number = cell.trim().parse().map_err(|_| {
                anyhow::anyhow!("the cell is no number as JSON writes them; leave the column out of --numbers")
            })?;
            Ok(Value::Number(number))
        }
    }
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
            &unusable("its column `source` would stand beside the data object; leave it out with --columns"),
        );
        check(
            "a,n\ns3://b/k,x\n",
            "--source-column a --numbers n",
            "error: DIR/t.csv, line 2: column `n`: the cell is no number as JSON writes them; leave the column out of --numbers",
        );
        check(
            "a,n\ns3://b/k\n",
            "--source-column a",
            "error: cannot read DIR/t.csv: CSV error: record 1 (line: 2, byte: 4): found record with 1 fields, but the previous record has 2 fields",
        );
    }
}
