//! Problems, one line each, with the level in color.

use anstyle::{AnsiColor, Style};
use serde_json::json;

use crate::console::{Console, ExitStatus};
use crate::problem::{Level, Problem};

/// Says what stands against something.
pub(crate) fn write(problems: &[Problem], console: &mut Console<'_>) -> anyhow::Result<()> {
    problems.iter().try_for_each(|problem| write_problem(problem, console))
}

/// Says it instead of the data that were asked for.
pub(crate) fn keep_back(problems: &[Problem], console: &mut Console<'_>) -> anyhow::Result<ExitStatus> {
    if console.json {
        console.write_json(&json!({ "problems": problems }))?;
    } else {
        write(problems, console)?;
    }
    Ok(ExitStatus::FoundFailures)
}

fn write_problem(problem: &Problem, console: &mut Console<'_>) -> anyhow::Result<()> {
    let color = match problem.level {
        Level::Error => AnsiColor::Red,
        Level::Warning => AnsiColor::Yellow,
        Level::Info => AnsiColor::Cyan,
    };
    let style = Style::new().fg_color(Some(color.into()));
    writeln!(console.err, "{style}{}{style:#}: {}; {}", problem.heading(), problem.clause(), problem.remedy)?;
    Ok(())
}
