//! `{% for %}`. Unlike that of the crate it does not gather a range before it counts through it, keeps values of the task input
//! as they are, and counts its rounds.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use liquid_core::model::{self, KString, KStringCow, KStringRef, Object, ScalarCow, Value, ValueCow, ValueView};
use liquid_core::parser::{BlockElement, TryMatchToken};
use liquid_core::runtime::{Interrupt, InterruptRegister, PartialStore, Registers};
use liquid_core::{
    BlockReflection, Error, Expression, Language, ParseBlock, Renderable, Result, Runtime, TagBlock, TagTokenIter,
    Template,
};

use super::output;
use super::watch::Watch;

#[derive(Debug, Clone)]
pub(super) struct ForBlock(pub(super) Arc<Watch>);

impl BlockReflection for ForBlock {
    fn start_tag(&self) -> &str {
        "for"
    }

    fn end_tag(&self) -> &str {
        "endfor"
    }

    fn description(&self) -> &str {
        "repeats its content for every element"
    }
}

#[derive(Debug)]
enum Source {
    /// A list, or an object as pairs of name and value.
    Of(Expression),
    /// From one whole number to another, both included.
    Range(Expression, Expression),
}

#[derive(Debug)]
struct For {
    line: usize,
    variable: KString,
    source: Source,
    limit: Option<Expression>,
    offset: Option<Expression>,
    is_reversed: bool,
    content: Template,
    otherwise: Option<Template>,
    watch: Arc<Watch>,
}

impl ParseBlock for ForBlock {
    fn parse(
        &self,
        mut arguments: TagTokenIter<'_>,
        mut block: TagBlock<'_, '_>,
        options: &Language,
    ) -> Result<Box<dyn Renderable>> {
        let line = output::line(&mut arguments)?;
        let variable = arguments.expect_next("a name is expected after `for`")?.expect_identifier().into_result()?;
        let variable = KString::from_ref(variable);
        arguments.expect_next("`in` is expected")?.expect_str("in").into_result_custom_msg("`in` is expected")?;
        let source = match arguments.expect_next("what to loop over is expected after `in`")?.expect_value() {
            TryMatchToken::Matches(list) => Source::Of(list),
            TryMatchToken::Fails(token) => {
                let (first, last) = token.expect_range().into_result()?;
                Source::Range(first, last)
            }
        };
        let (mut limit, mut offset, mut is_reversed) = (None, None, false);
        while let Some(token) = arguments.next() {
            let chosen = match token.as_str() {
                "reversed" => {
                    is_reversed = true;
                    continue;
                }
                "limit" => &mut limit,
                "offset" => &mut offset,
                _ => return Err(token.raise_custom_error("`limit`, `offset` or `reversed` is expected")),
            };
            arguments.expect_next("`:` is expected")?.expect_str(":").into_result_custom_msg("`:` is expected")?;
            *chosen = Some(arguments.expect_next("a number is expected")?.expect_value().into_result()?);
        }
        let (mut content, mut otherwise) = (Vec::new(), None);
        while let Some(element) = block.next()? {
            match element {
                BlockElement::Tag(mut tag) if tag.name() == "else" => {
                    tag.tokens().expect_nothing()?;
                    otherwise = Some(Template::new(block.parse_all(options)?));
                    break;
                }
                element => content.push(element.parse(&mut block, options)?),
            }
        }
        block.assert_empty();
        let content = Template::new(content);
        let watch = self.0.clone();
        Ok(Box::new(For { line, variable, source, limit, offset, is_reversed, content, otherwise, watch }))
    }

    fn reflection(&self) -> &dyn BlockReflection {
        self
    }
}

/// What a loop goes through.
enum Elements<'a> {
    List(Vec<&'a dyn ValueView>),
    /// The first number, and how many there are.
    Range(i64, usize),
    Pairs(Vec<(KStringCow<'a>, &'a dyn ValueView)>),
}

impl<'a> Elements<'a> {
    fn of(value: &'a dyn ValueView) -> Self {
        if let Some(list) = value.as_array() {
            Self::List(list.values().collect())
        } else if let Some(object) = value.as_object() {
            Self::Pairs(object.iter().collect())
        } else if value.is_nil() {
            Self::List(Vec::new())
        } else {
            // Liquid takes anything else for a list of itself.
            Self::List(vec![value])
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::List(elements) => elements.len(),
            Self::Range(_, len) => *len,
            Self::Pairs(pairs) => pairs.len(),
        }
    }

    /// The element, handed on because some are made for the occasion.
    fn with<T>(&self, idx: usize, work: impl FnOnce(&dyn ValueView) -> T) -> T {
        match self {
            Self::List(elements) => work(elements[idx]),
            Self::Range(first, _) => work(&Value::scalar(first.saturating_add(idx as i64))),
            Self::Pairs(pairs) => {
                let (name, value) = &pairs[idx];
                work(&Pair { name: Value::scalar(name.clone().into_owned()), value: *value })
            }
        }
    }
}

impl For {
    fn whole(&self, number: &Expression, runtime: &dyn Runtime, what: &str) -> Result<i64> {
        let value = self.watch.work_in(self.line, || number.evaluate(runtime))?;
        let whole = value.as_scalar().and_then(|scalar| scalar.to_integer());
        whole.ok_or_else(|| Error::with_msg(format!("the {what} of a loop must be a whole number")))
    }
}

impl Renderable for For {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let runtime = &Keeping(runtime);
        let value;
        let elements = match &self.source {
            Source::Of(list) => {
                value = self.watch.work_in(self.line, || list.evaluate(runtime))?;
                Elements::of(value.as_view())
            }
            Source::Range(first, last) => {
                let (first, last) = (self.whole(first, runtime, "start")?, self.whole(last, runtime, "end")?);
                let len = last.checked_sub(first).and_then(|steps| steps.checked_add(1)).unwrap_or(i64::MAX);
                Elements::Range(first, usize::try_from(len).unwrap_or_default())
            }
        };
        let bound = |number: &Option<Expression>, what: &str| {
            let whole = number.as_ref().map(|number| self.whole(number, runtime, what)).transpose()?;
            Ok::<_, Error>(whole.map(|whole| usize::try_from(whole).unwrap_or_default()))
        };
        let start = bound(&self.offset, "offset")?.unwrap_or_default().min(elements.len());
        let n_rounds = bound(&self.limit, "limit")?.unwrap_or(usize::MAX).min(elements.len() - start);
        if n_rounds == 0 {
            return self.otherwise.as_ref().map_or(Ok(()), |otherwise| otherwise.render_to(writer, runtime));
        }
        self.watch.count_rounds(n_rounds, self.line)?;
        for round in 0..n_rounds {
            let idx = start + if self.is_reversed { n_rounds - 1 - round } else { round };
            let progress = progress(round, n_rounds);
            elements.with(idx, |element| {
                let frame = Frame { parent: runtime, variable: &self.variable, element, progress: &progress };
                self.content.render_to(writer, &frame)
            })?;
            if let Some(Interrupt::Break) = runtime.registers().get_mut::<InterruptRegister>().reset() {
                break;
            }
        }
        Ok(())
    }
}

/// `forloop` in a round.
fn progress(round: usize, n_rounds: usize) -> Object {
    let number = |number: usize| Value::scalar(number as i64);
    [
        ("length", number(n_rounds)),
        ("index", number(round + 1)),
        ("index0", number(round)),
        ("rindex", number(n_rounds - round)),
        ("rindex0", number(n_rounds - round - 1)),
        ("first", Value::scalar(round == 0)),
        ("last", Value::scalar(round + 1 == n_rounds)),
    ]
    .into_iter()
    .map(|(name, value)| (KString::from_static(name), value))
    .collect()
}

/// A name and its value in an object: a list of two.
#[derive(Debug)]
struct Pair<'a> {
    name: Value,
    value: &'a dyn ValueView,
}

impl ValueView for Pair<'_> {
    fn as_debug(&self) -> &dyn std::fmt::Debug {
        self
    }

    fn render(&self) -> model::DisplayCow<'_> {
        model::DisplayCow::Owned(Box::new(format!("{}{}", self.name.render(), self.value.render())))
    }

    fn source(&self) -> model::DisplayCow<'_> {
        model::DisplayCow::Owned(Box::new(format!("[{}, {}]", self.name.source(), self.value.source())))
    }

    fn type_name(&self) -> &'static str {
        "array"
    }

    fn query_state(&self, state: model::State) -> bool {
        state == model::State::Truthy
    }

    fn to_kstr(&self) -> KStringCow<'_> {
        KStringCow::from_string(self.render().to_string())
    }

    fn to_value(&self) -> Value {
        Value::Array(vec![self.name.clone(), self.value.to_value()])
    }

    fn as_array(&self) -> Option<&dyn model::ArrayView> {
        Some(self)
    }
}

impl model::ArrayView for Pair<'_> {
    fn as_value(&self) -> &dyn ValueView {
        self
    }

    fn size(&self) -> i64 {
        2
    }

    fn values<'k>(&'k self) -> Box<dyn Iterator<Item = &'k dyn ValueView> + 'k> {
        Box::new([&self.name as &dyn ValueView, self.value].into_iter())
    }

    fn contains_key(&self, index: i64) -> bool {
        (-2..2).contains(&index)
    }

    fn get(&self, index: i64) -> Option<&dyn ValueView> {
        match index {
            0 | -2 => Some(&self.name),
            1 | -1 => Some(self.value),
            _ => None,
        }
    }
}

/// A runtime that gives values as they are, where that of the crate gives copies, in which members have no order.
pub(super) struct Keeping<'a>(pub(super) &'a dyn Runtime);

impl Runtime for Keeping<'_> {
    fn partials(&self) -> &dyn PartialStore {
        self.0.partials()
    }

    fn name(&self) -> Option<KStringRef<'_>> {
        self.0.name()
    }

    fn roots(&self) -> BTreeSet<KStringCow<'_>> {
        self.0.roots()
    }

    fn try_get(&self, path: &[ScalarCow<'_>]) -> Option<ValueCow<'_>> {
        self.0.try_get(path)
    }

    fn get(&self, path: &[ScalarCow<'_>]) -> Result<ValueCow<'_>> {
        self.0.try_get(path).ok_or_else(|| Error::with_msg(output::UNKNOWN_INDEX))
    }

    fn set_global(&self, name: KString, value: Value) -> Option<Value> {
        self.0.set_global(name, value)
    }

    fn set_index(&self, name: KString, value: Value) -> Option<Value> {
        self.0.set_index(name, value)
    }

    fn get_index<'a>(&'a self, name: &str) -> Option<ValueCow<'a>> {
        self.0.get_index(name)
    }

    fn registers(&self) -> &Registers {
        self.0.registers()
    }
}

/// The names that a round of a loop adds.
struct Frame<'a> {
    parent: &'a dyn Runtime,
    variable: &'a KString,
    element: &'a dyn ValueView,
    progress: &'a Object,
}

impl Frame<'_> {
    /// The value of the frame that a path starts from, if it starts from one.
    fn start(&self, path: &[ScalarCow<'_>]) -> Option<&dyn ValueView> {
        let name = path.first()?.to_kstr();
        if name == self.variable.as_str() {
            Some(self.element)
        } else if name == "forloop" {
            Some(self.progress)
        } else {
            None
        }
    }
}

impl Runtime for Frame<'_> {
    fn partials(&self) -> &dyn PartialStore {
        self.parent.partials()
    }

    fn name(&self) -> Option<KStringRef<'_>> {
        self.parent.name()
    }

    fn roots(&self) -> BTreeSet<KStringCow<'_>> {
        let mut roots = self.parent.roots();
        roots.extend([KStringCow::from_static("forloop"), KStringCow::from_ref(self.variable)]);
        roots
    }

    fn try_get(&self, path: &[ScalarCow<'_>]) -> Option<ValueCow<'_>> {
        match self.start(path) {
            Some(value) => model::try_find(value, &path[1..]),
            None => self.parent.try_get(path),
        }
    }

    fn get(&self, path: &[ScalarCow<'_>]) -> Result<ValueCow<'_>> {
        match self.start(path) {
            Some(value) => model::try_find(value, &path[1..]).ok_or_else(|| Error::with_msg(output::UNKNOWN_INDEX)),
            None => self.parent.try_get(path).ok_or_else(|| Error::with_msg(output::UNKNOWN_INDEX)),
        }
    }

    fn set_global(&self, name: KString, value: Value) -> Option<Value> {
        self.parent.set_global(name, value)
    }

    fn set_index(&self, name: KString, value: Value) -> Option<Value> {
        self.parent.set_index(name, value)
    }

    fn get_index<'a>(&'a self, name: &str) -> Option<ValueCow<'a>> {
        self.parent.get_index(name)
    }

    fn registers(&self) -> &Registers {
        self.parent.registers()
    }
}
