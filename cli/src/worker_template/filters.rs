//! Ground Truth's own filters.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use liquid_core::model::{Value, ValueView};
use liquid_core::parser::{FilterArguments, ParameterReflection};
use liquid_core::{Error, Filter, FilterReflection, ParseFilter, Result, Runtime};

use super::value;

/// Filters after which `{{ x }}` escapes nothing.
pub(super) const ESCAPING: [&str; 4] = ["skip_autoescape", "escape", "escape_once", "to_json"];

/// Where workers' browsers get the objects that a template shows.
#[derive(Debug)]
pub(super) struct Grants {
    by_address: BTreeMap<String, String>,
    not_granted: Mutex<BTreeSet<String>>,
}

impl Grants {
    pub(super) fn new(by_address: BTreeMap<String, String>) -> Self {
        Self { by_address, not_granted: Mutex::default() }
    }

    fn give(&self, address: &str) -> String {
        let granted = self.by_address.get(address).cloned();
        granted.unwrap_or_else(|| {
            self.not_granted.lock().unwrap_or_else(PoisonError::into_inner).insert(address.to_owned());
            address.to_owned()
        })
    }

    pub(super) fn not_granted(&self) -> Vec<String> {
        self.not_granted.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// What a filter makes of a value.
type Apply = dyn Fn(&dyn ValueView) -> Value + Send + Sync;

/// A filter without arguments.
#[derive(Clone)]
pub(super) struct OwnFilter {
    name: &'static str,
    apply: Arc<Apply>,
}

/// All of them.
pub(super) fn own(grants: &Arc<Grants>) -> [OwnFilter; 3] {
    let grants = grants.clone();
    let own = |name, apply: Arc<Apply>| OwnFilter { name, apply };
    [
        own("to_json", Arc::new(|input| Value::scalar(json_in_html(input)))),
        own("skip_autoescape", Arc::new(|input| input.to_value())),
        own(
            "grant_read_access",
            Arc::new(move |input| match input.is_nil() {
                true => Value::Nil,
                false => Value::scalar(grants.give(&input.to_kstr())),
            }),
        ),
    ]
}

/// JSON that is the same wherever in a page it stands: in an attribute with quotes of either kind once these are told apart by
/// the template, and in a script, which it cannot end.
fn json_in_html(input: &dyn ValueView) -> String {
    let json = value::json(input).to_string();
    let mut written = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '\'' | '<' | '>' | '&' => written.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => written.push(c),
        }
    }
    written
}

impl fmt::Debug for OwnFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

impl fmt::Display for OwnFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

impl Filter for OwnFilter {
    fn evaluate(&self, input: &dyn ValueView, _: &dyn Runtime) -> Result<Value> {
        Ok((self.apply)(input))
    }
}

impl FilterReflection for OwnFilter {
    fn name(&self) -> &str {
        self.name
    }

    fn description(&self) -> &str {
        "a filter of Ground Truth"
    }

    fn positional_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }

    fn keyword_parameters(&self) -> &'static [ParameterReflection] {
        &[]
    }
}

impl ParseFilter for OwnFilter {
    fn parse(&self, mut arguments: FilterArguments<'_>) -> Result<Box<dyn Filter>> {
        if arguments.positional.next().is_some() || arguments.keyword.next().is_some() {
            return Err(Error::with_msg(format!("`{}` takes no arguments", self.name)));
        }
        Ok(Box::new(self.clone()))
    }

    fn reflection(&self) -> &dyn FilterReflection {
        self
    }
}
