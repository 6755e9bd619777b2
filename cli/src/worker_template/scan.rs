//! A template before it is parsed: its tokens, by which it is checked with line numbers and turned into what the crate `liquid`
//! understands as Ground Truth does. Lines stay where they are.

use std::collections::BTreeSet;
use std::fmt::Write;

use ground_truth::document::nearest;
use liquid::reflection::ParserReflection;

use super::{Fault, filters, output};

/// The names that a template may use.
#[derive(Debug)]
pub(super) struct Language {
    /// Tags that stand alone.
    tags: BTreeSet<String>,
    /// Tags that have an end.
    blocks: BTreeSet<String>,
    filters: BTreeSet<String>,
}

impl Language {
    pub(super) fn of(parser: &liquid::Parser) -> Self {
        Self {
            tags: parser.tags().map(|tag| tag.tag().to_owned()).filter(|tag| tag != output::NAME).collect(),
            blocks: parser.blocks().map(|block| block.start_tag().to_owned()).collect(),
            filters: parser.filters().map(|filter| filter.name().to_owned()).collect(),
        }
    }

    /// Tags that divide a block, and the blocks that they divide.
    fn divided_by(divider: &str) -> Option<&'static [&'static str]> {
        match divider {
            "else" => Some(&["if", "unless", "case", "for"]),
            "elsif" => Some(&["if", "unless"]),
            "when" => Some(&["case"]),
            _ => None,
        }
    }
}

/// A template that the crate `liquid` reads as Ground Truth does.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scanned {
    pub(super) source: String,
}

/// Scans a template.
///
/// # Errors
/// Everything that is wrong with its tokens: what is not closed, and names that nobody knows.
pub(super) fn scan(template: &str, language: &Language) -> Result<Scanned, Vec<Fault>> {
    let mut scanner = Scanner {
        rest: template,
        line: 1,
        source: String::with_capacity(template.len() * 5 / 4),
        faults: Vec::new(),
        open: Vec::new(),
        captured: BTreeSet::new(),
        language,
    };
    scanner.scan();
    for (block, line) in std::mem::take(&mut scanner.open) {
        scanner.fault(line, format!("`{{% {block} %}}` is never closed"), format!("add `{{% end{block} %}}`"));
    }
    // In the order of lines; those of one line as they were found.
    scanner.faults.sort_by_key(|fault| fault.line);
    if scanner.faults.is_empty() { Ok(Scanned { source: scanner.source }) } else { Err(scanner.faults) }
}

struct Scanner<'t, 'l> {
    rest: &'t str,
    line: usize,
    source: String,
    faults: Vec<Fault>,
    /// Blocks that are open, with their lines.
    open: Vec<(&'t str, usize)>,
    /// Names of captured text, which is escaped already.
    captured: BTreeSet<&'t str>,
    language: &'l Language,
}

/// What stands between delimiters, without their hyphens.
struct Inner<'t> {
    text: &'t str,
    /// Whether white space before and after goes.
    trims: [bool; 2],
}

impl<'t> Scanner<'t, '_> {
    fn scan(&mut self) {
        while let Some(start) = self.rest.find("{{").into_iter().chain(self.rest.find("{%")).min() {
            let text = self.take(start);
            self.source.push_str(text);
            let line = self.line;
            let is_output = self.rest.starts_with("{{");
            let (open, close) = if is_output { ("{{", "}}") } else { ("{%", "%}") };
            let Some(inner) = self.inner(close) else {
                self.fault(line, format!("`{open}` is never closed"), format!("add `{close}`"));
                self.rest = "";
                return;
            };
            if is_output { self.output(&inner, line) } else { self.tag(&inner, line) }
        }
        let text = self.take(self.rest.len());
        self.source.push_str(text);
    }

    fn fault(&mut self, line: usize, message: impl Into<String>, remedy: impl Into<String>) {
        self.faults.push(Fault::at(line, message, remedy));
    }

    /// Takes so many bytes from the start of the rest, and counts their lines.
    fn take(&mut self, n_bytes: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(n_bytes);
        self.rest = rest;
        self.line += taken.matches('\n').count();
        taken
    }

    /// Takes a token that starts here: to the closing delimiter that does not stand in quotes.
    fn inner(&mut self, close: &str) -> Option<Inner<'t>> {
        let end = outside_quotes(&self.rest[2..]).find(|(idx, _)| self.rest[2 + idx..].starts_with(close))?.0 + 2;
        let token = self.take(end + close.len());
        let text = &token[2..end];
        let trims = [text.starts_with('-'), text.len() > 1 && text.ends_with('-')];
        let text = &text[usize::from(trims[0])..text.len() - usize::from(trims[1])];
        Some(Inner { text, trims })
    }

    fn output(&mut self, inner: &Inner<'t>, line: usize) {
        if inner.text.starts_with('{') {
            self.fault(line, "`{{{` has a brace too many", "write `{{ name }}`");
        } else if inner.text.trim().is_empty() {
            self.fault(line, "`{{ }}` is empty", "name what is to be written, or remove it");
        }
        let filters = self.filters(inner.text, line);
        let is_escaped = filters.iter().any(|filter| filters::ESCAPING.contains(filter));
        let is_captured = self.captured.contains(root(inner.text));
        let escape = if is_escaped || is_captured { "" } else { " | escape" };
        self.write_tag(inner.trims, &format!("{} {line} {}{escape}", output::NAME, inner.text));
    }

    fn write_tag(&mut self, trims: [bool; 2], text: &str) {
        let [before, after] = trims.map(|trims| if trims { "-" } else { "" });
        // A String takes whatever is written.
        let _ = write!(self.source, "{{%{before} {text} {after}%}}");
    }

    fn tag(&mut self, inner: &Inner<'t>, line: usize) {
        let text = inner.text.trim_start();
        let name = &text[..text.find(|c: char| !is_of_name(c)).unwrap_or(text.len())];
        let arguments = &text[name.len()..];
        match name {
            "comment" | "raw" => return self.verbatim(name, inner, line),
            "assign" => {
                self.filters(arguments, line);
                self.captured.remove(root(arguments));
            }
            "capture" => {
                self.captured.insert(root(arguments));
            }
            _ => {}
        }
        if self.language.blocks.contains(name) {
            self.open.push((name, line));
        } else if let Some(block) = name.strip_prefix("end").filter(|block| self.language.blocks.contains(*block)) {
            self.close(block, line);
        } else if let Some(blocks) = Language::divided_by(name) {
            if !self.open.last().is_some_and(|(open, _)| blocks.contains(open)) {
                let blocks = blocks.join(" %}` or `{% ");
                self.fault(line, format!("`{{% {name} %}}` stands alone"), format!("put it into `{{% {blocks} %}}`"));
            }
        } else if !self.language.tags.contains(name) {
            let known: Vec<&str> = self.language.tags.iter().chain(&self.language.blocks).map(String::as_str).collect();
            self.fault(line, format!("unknown tag `{name}`"), did_you_mean(name, &known));
        }
        let text = if name == "for" { format!("for {line}{arguments}") } else { text.to_owned() };
        self.write_tag(inner.trims, text.trim_end_matches([' ', '\t']));
    }

    fn close(&mut self, block: &str, line: usize) {
        match self.open.pop() {
            Some((open, _)) if open == block => {}
            Some((open, from)) => {
                let message =
                    format!("`{{% end{block} %}}` ends a block while `{{% {open} %}}` of line {from} is open");
                self.fault(line, message, format!("add `{{% end{open} %}}` before it"));
            }
            None => self.fault(line, format!("`{{% end{block} %}}` closes nothing"), "remove it"),
        }
    }

    /// What stands in a comment goes, but for its lines; what stands in a raw block stays as it is.
    fn verbatim(&mut self, name: &'t str, inner: &Inner<'t>, line: usize) {
        let end = |rest: &str| {
            let tags = rest.match_indices("{%");
            tags.map(|(idx, _)| idx).find(|idx| {
                let tag = rest[idx + 2..].trim_start_matches('-').trim_start();
                tag.strip_prefix("end").is_some_and(|tag| tag.starts_with(name))
            })
        };
        let Some(end) = end(self.rest) else {
            self.open.push((name, line));
            self.rest = "";
            return;
        };
        let content = self.take(end);
        let Some(closing) = self.inner("%}") else {
            self.fault(self.line, "`{%` is never closed", "add `%}`");
            self.rest = "";
            return;
        };
        self.write_tag(inner.trims, name);
        if name == "raw" {
            self.source.push_str(content);
        } else {
            self.source.extend(content.matches('\n'));
        }
        self.write_tag(closing.trims, closing.text.trim());
    }

    /// The filters of an expression.
    fn filters(&mut self, expression: &'t str, line: usize) -> Vec<&'t str> {
        let bars: Vec<usize> = outside_quotes(expression).filter(|(_, c)| *c == '|').map(|(idx, _)| idx).collect();
        let filters: Vec<&str> = bars.iter().map(|bar| root(&expression[bar + 1..])).collect();
        for filter in &filters {
            if !self.language.filters.contains(*filter) {
                let known: Vec<&str> = self.language.filters.iter().map(String::as_str).collect();
                self.fault(line, format!("unknown filter `{filter}`"), did_you_mean(filter, &known));
            }
        }
        filters
    }
}

fn did_you_mean(name: &str, known: &[&str]) -> String {
    let near = nearest(name, known).map(|known| format!("did you mean `{known}`?"));
    near.unwrap_or_else(|| format!("known are {}", known.join(", ")))
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// The name that an expression begins with.
fn root(expression: &str) -> &str {
    let expression = expression.trim_start();
    &expression[..expression.find(|c| !is_of_name(c)).unwrap_or(expression.len())]
}

/// The characters that do not stand in quotes, which are not among them either.
fn outside_quotes(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quote = None;
    text.char_indices().filter(move |(_, c)| match quote {
        Some(open) => {
            if *c == open {
                quote = None;
            }
            false
        }
        None if matches!(c, '\'' | '"') => {
            quote = Some(*c);
            false
        }
        None => true,
    })
}
