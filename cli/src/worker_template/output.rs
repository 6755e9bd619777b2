//! `{{ … }}`, which `scan.rs` has turned into a tag with its line.

use std::io::Write;
use std::sync::Arc;

use liquid_core::model::ValueView;
use liquid_core::parser::FilterChain;
use liquid_core::{Error, Language, ParseTag, Renderable, Result, Runtime, TagReflection, TagTokenIter};

use super::loops::Keeping;
use super::watch::Watch;

/// The name of the tag. A template cannot use it, for `scan.rs` refuses tags that it does not know.
pub(super) const NAME: &str = "output_of_line";

/// What the crate, and we too, say of a name that is not there.
pub(super) const UNKNOWN_INDEX: &str = "Unknown index";

#[derive(Debug, Clone)]
pub(super) struct OutputTag(pub(super) Arc<Watch>);

impl TagReflection for OutputTag {
    fn tag(&self) -> &'static str {
        NAME
    }

    fn description(&self) -> &'static str {
        "writes a value"
    }
}

impl ParseTag for OutputTag {
    fn parse(&self, mut arguments: TagTokenIter<'_>, options: &Language) -> Result<Box<dyn Renderable>> {
        let line = line(&mut arguments)?;
        let chain = arguments.expect_next("a value is expected")?.expect_filter_chain(options).into_result()?;
        arguments.expect_nothing()?;
        Ok(Box::new(Output { line, chain, watch: self.0.clone() }))
    }

    fn reflection(&self) -> &dyn TagReflection {
        self
    }
}

/// The line that `scan.rs` has put before the other arguments of a tag.
pub(super) fn line(arguments: &mut TagTokenIter<'_>) -> Result<usize> {
    let line = arguments.expect_next("a line is expected")?.expect_literal().into_result()?;
    let line = line.as_scalar().and_then(|line| line.to_integer()).and_then(|line| usize::try_from(line).ok());
    line.ok_or_else(|| Error::with_msg("a line is expected"))
}

#[derive(Debug)]
struct Output {
    line: usize,
    chain: FilterChain,
    watch: Arc<Watch>,
}

impl Renderable for Output {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        let failed = |_| Error::with_msg("the page cannot take it");
        let runtime = Keeping(runtime);
        self.watch.work_in(self.line, || match self.chain.evaluate(&runtime) {
            Ok(value) => write!(writer, "{}", value.render()).map_err(failed),
            // A member of something that has none.
            Err(error) if error.to_string().contains(UNKNOWN_INDEX) => {
                let name = self.chain.to_string();
                let name = name.split(" | ").next().unwrap_or_default().replace("[\"", ".").replace("\"]", "");
                self.watch.note_absent(&name);
                Ok(())
            }
            Err(error) => Err(error),
        })
    }
}
