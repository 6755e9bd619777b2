//! Worker templates, rendered without AWS: Liquid in Ground Truth's dialect.
//!
//! The language is that of the crate `liquid`. What differs stands in the files beside this one:
//!
//! | in Ground Truth | here |
//! |---|---|
//! | `{{ x }}` escapes what it writes, unless `skip_autoescape` or another filter does | `scan.rs` adds the filter, and knows strings, `raw`, `comment` and `capture` |
//! | filters `to_json`, `grant_read_access`, `skip_autoescape` | `filters.rs` |
//! | members of the task input in their order, numbers digit for digit | `value.rs` |
//! | a name that the task input does not have writes nothing | the same, with a warning that tells the line: `value.rs`, `output.rs` |
//! | loops | `loops.rs`, which does not gather what it counts through |
//!
//! A template may come from anybody. [`apart::render`] renders it in a process of its own with bounds on time and memory; what
//! the template and the task input may hold is bounded here, as RenderUiTemplate bounds it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) mod apart;
mod filters;
mod loops;
mod output;
mod scan;
#[cfg(test)]
mod tests;
mod value;
mod watch;

use value::TaskValue;
use watch::Watch;

/// The most characters that a template and a task input may have: the bounds of RenderUiTemplate.
pub(crate) const MAX_CHARACTERS: usize = 128_000;

/// The most that a page may have, in bytes.
const MAX_PAGE_BYTES: usize = 8 << 20;

/// What is to be rendered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    /// The text of the template.
    pub(crate) template: String,
    /// What the pre function gave: `task.input` of the template.
    pub(crate) task_input: Map<String, Value>,
    /// The addresses that `grant_read_access` gives, by the addresses that it is asked for. For any other one it gives that one
    /// itself.
    pub(crate) grants: BTreeMap<String, String>,
}

/// A page as a worker's browser gets it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Page {
    /// The page.
    pub(crate) html: String,
    /// What is probably not meant, in the order of lines.
    pub(crate) warnings: Vec<Fault>,
    /// The addresses that `grant_read_access` was asked for and that were not in [`Request::grants`].
    pub(crate) not_granted: Vec<String>,
}

/// Something in a template, with the line in which it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error)]
#[error("{}{message}; {remedy}", line.map(|line| format!("line {line}: ")).unwrap_or_default())]
pub(crate) struct Fault {
    /// From 1; `None` for what concerns the whole template.
    pub(crate) line: Option<usize>,
    /// What is wrong.
    pub(crate) message: String,
    /// What the author of the template can do about it.
    pub(crate) remedy: String,
}

impl Fault {
    fn at(line: usize, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::of_all(message, remedy) }
    }

    fn of_all(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { line: None, message: message.into(), remedy: remedy.into() }
    }

    /// What the crate says, which tells no remedy.
    fn of_liquid(line: Option<usize>, error: &liquid::Error) -> Self {
        Self { line, ..Self::of_all(in_one_line(error), "correct the template there") }
    }
}

/// Renders a template in this process. Loops, the page and both inputs are bounded; time and memory are not, so that what comes
/// from others should be rendered [apart](apart::render).
///
/// # Errors
/// What is wrong with the template, all that can be told at once.
pub(crate) fn render(request: &Request) -> Result<Page, Vec<Fault>> {
    let input = Value::Object(request.task_input.clone()).to_string();
    for (what, n) in [("template", request.template.chars().count()), ("task input", input.chars().count())] {
        if n > MAX_CHARACTERS {
            let message = format!("the {what} has {n} characters, and may have {MAX_CHARACTERS}");
            return Err(vec![Fault::of_all(message, "let it hold less; scripts and styles can be files of their own")]);
        }
    }
    let watch = Arc::new(Watch::default());
    let grants = Arc::new(filters::Grants::new(request.grants.clone()));
    let parser = filters::own(&grants)
        .into_iter()
        .fold(liquid::ParserBuilder::with_stdlib(), liquid::ParserBuilder::filter)
        .tag(output::OutputTag(watch.clone()))
        .block(loops::ForBlock(watch.clone()))
        .build()
        .map_err(|error| vec![Fault::of_liquid(None, &error)])?;
    let scanned = scan::scan(&request.template, &scan::Language::of(&parser))?;
    let template = parser.parse(&scanned.source).map_err(|error| vec![syntax_fault(&error)])?;
    let globals = TaskValue::globals(&request.task_input, &watch);
    let mut page = watch::Bounded::new(MAX_PAGE_BYTES);
    template.render_to(&mut page, &globals).map_err(|error| {
        let told = page.fault().or_else(|| watch.fault());
        vec![told.unwrap_or_else(|| Fault::of_liquid(watch.line(), &error))]
    })?;
    let html = String::from_utf8(page.into_bytes())
        .map_err(|_| vec![Fault::of_all("the page is not valid UTF-8", "look for filters that cut texts")])?;
    Ok(Page { html, warnings: watch.warnings(), not_granted: grants.not_granted() })
}

/// What the parser says, with the line that it names. Ours has the lines of the template.
fn syntax_fault(error: &liquid::Error) -> Fault {
    let text = error.to_string();
    // pest draws ` --> 4:7` above the line.
    let line = text.split_once("-->").and_then(|(_, rest)| rest.trim_start().split(':').next()?.trim().parse().ok());
    Fault::of_liquid(line, error)
}

/// What an error says, without the drawing of the line in it.
fn in_one_line(error: &liquid::Error) -> String {
    let text = error.to_string();
    let is_drawn = |line: &&str| {
        !line.contains("-->") && !line.trim_start().trim_start_matches(char::is_numeric).trim_start().starts_with('|')
    };
    let lines: Vec<&str> = text.lines().filter(is_drawn).map(str::trim).filter(|line| !line.is_empty()).collect();
    let said: Vec<&str> =
        lines.iter().map(|line| line.trim_start_matches("liquid:").trim_start_matches("= ").trim()).collect();
    said.join("; ")
}
