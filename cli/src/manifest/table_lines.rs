//! Lines of a new manifest: the rows of a table.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use anyhow::{Context, bail};
use csv::StringRecord;
use serde_json::{Map, Number, Value};

use super::local_files::folder_uri;
use super::new_manifest::{DataObject, NewLine};
use super::rules::{SOURCE, SOURCE_REF};
use crate::files::json_lines::BUFFER_BYTES;

/// What a table holds, and what becomes of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableOptions<'a> {
    /// The column of the data objects.
    pub(crate) source_column: &'a str,
    /// Whether they are texts, and not files.
    pub(crate) is_text: bool,
    /// Where the files lie whose paths the column holds; without it, it holds addresses.
    pub(crate) uri: Option<&'a str>,
    /// The columns that become members; all, unless some are chosen.
    pub(crate) columns: Option<&'a [String]>,
    /// Those of them that hold numbers.
    pub(crate) numbers: &'a [String],
    /// Whether empty cells become no member.
    pub(crate) skip_empty: bool,
    /// What stands between cells; without it, what the name of the file says.
    pub(crate) delimiter: Option<u8>,
}

/// A line for each row of a table.
///
/// # Errors
/// A file that cannot be read, and columns that do not fit; of a single row, what keeps it from being a line.
pub(crate) fn lines<'a>(
    table: &'a Path,
    options: TableOptions<'a>,
) -> anyhow::Result<impl Iterator<Item = anyhow::Result<NewLine>> + use<'a>> {
    let name = table.display();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(options.delimiter.unwrap_or_else(|| usual_delimiter(table)))
        .from_reader(open(table)?);
    let header = reader.headers().with_context(|| format!("cannot read the columns of {name}"))?.clone();
    let columns = Columns::new(options, &header).with_context(|| format!("cannot use {name}"))?;
    Ok(reader.into_records().map(move |row| {
        let row = row.with_context(|| format!("cannot read {name}"))?;
        let line = row.position().map_or(0, csv::Position::line);
        columns.line(&row).with_context(|| format!("{name}, line {line}"))
    }))
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
    options: TableOptions<'a>,
    source: usize,
    /// The columns that become members, by index, with their names.
    members: Vec<(usize, String, Kind)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
}

impl<'a> Columns<'a> {
    fn new(options: TableOptions<'a>, header: &StringRecord) -> anyhow::Result<Self> {
        let index_of = |name: &str| match header.iter().position(|column| column == name) {
            Some(idx) => Ok(idx),
            None => {
                bail!("it has no column `{name}`; its columns are {}", header.iter().collect::<Vec<_>>().join(", "))
            }
        };
        let source = index_of(options.source_column)?;
        for name in options.numbers {
            index_of(name)?;
        }
        let chosen = match options.columns {
            Some(names) => names.iter().map(|name| index_of(name)).collect::<anyhow::Result<Vec<usize>>>()?,
            None => (0..header.len()).filter(|idx| *idx != source).collect(),
        };
        let mut members: Vec<(usize, String, Kind)> = Vec::new();
        for idx in chosen {
            let name = header[idx].to_owned();
            if name.is_empty() {
                bail!("its column {} has no name; name it, or choose the others with --columns", idx + 1);
            }
            if [SOURCE, SOURCE_REF].contains(&&*name) {
                bail!(
                    "its column `{name}` would become a second member with a data object; leave it out with --columns"
                );
            }
            if members.iter().any(|(_, earlier, _)| *earlier == name) {
                bail!("it has two columns `{name}`; rename one of them");
            }
            let kind = if options.numbers.contains(&name) { Kind::Number } else { Kind::Text };
            members.push((idx, name, kind));
        }
        Ok(Self { options, source, members })
    }

    fn line(&self, row: &StringRecord) -> anyhow::Result<NewLine> {
        let source = &row[self.source];
        let object = match self.options.uri {
            _ if self.options.is_text => DataObject::Text(source.to_owned()),
            Some(uri) => DataObject::File(format!("{}{}", folder_uri(uri), source.trim_start_matches('/'))),
            None => DataObject::File(source.to_owned()),
        };
        let mut members = Map::new();
        for (idx, name, kind) in &self.members {
            let cell = &row[*idx];
            if cell.is_empty() && self.options.skip_empty {
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
                anyhow::anyhow!("the cell is not a number as JSON writes them; leave the column out of --numbers")
            })?;
            Ok(Value::Number(number))
        }
    }
}
