//! Problems, one line each, with the level in color.

use std::io::Write;

use anstyle::{AnsiColor, Style};

use crate::problem::{Level, Problem};

pub(crate) fn write_problems(problems: &[Problem], err: &mut dyn Write) -> anyhow::Result<()> {
    problems.iter().try_for_each(|problem| write_problem(problem, err))
}

fn write_problem(problem: &Problem, err: &mut dyn Write) -> anyhow::Result<()> {
    let color = match problem.level {
        Level::Error => AnsiColor::Red,
        Level::Warning => AnsiColor::Yellow,
        Level::Info => AnsiColor::Cyan,
    };
    let style = Style::new().fg_color(Some(color.into()));
    writeln!(err, "{style}{}{style:#}: {}; {}", problem.heading(), problem.clause(), problem.remedy)?;
    Ok(())
}
