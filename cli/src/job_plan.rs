//! `gtruth job plan`: the checked CreateLabelingJob request of a job file.

use std::io::Write;

use anstyle::{AnsiColor, Style};
use serde_json::json;

use crate::args::JobPlanArgs;
use crate::function_arns::FunctionArns;
use crate::labeling_job::{JobSpec, Level, Problem, path};
use crate::{ExitStatus, document_file, write_json};

/// Prints the request to `out` if no error stands against it, and everything said about it to `err`; with `json`,
/// problems that keep the request back go to `out` as JSON instead.
pub(crate) fn run(
    args: &JobPlanArgs,
    json: bool,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitStatus> {
    let mut spec = JobSpec::new(document_file::read(&args.job)?);
    let arns = FunctionArns::from_args(args, &spec)?;
    wire(&mut spec, path::PRE_HUMAN_TASK_LAMBDA_ARN, arns.pre, err)?;
    wire(&mut spec, path::ANNOTATION_CONSOLIDATION_LAMBDA_ARN, arns.post, err)?;

    let problems = spec.problems();
    let sound = problems.iter().all(|problem| problem.level != Level::Error);
    if json && !sound {
        write_json(out, &json!({ "problems": problems }))?;
    } else {
        for problem in &problems {
            write_problem(err, problem)?;
        }
    }
    if !sound {
        return Ok(ExitStatus::FoundFailures);
    }
    write_json(out, &spec.request())?;
    Ok(ExitStatus::Success)
}

/// Puts a function's ARN in place, and says so where it replaces another.
fn wire(spec: &mut JobSpec, path: &str, arn: Option<String>, err: &mut dyn Write) -> anyhow::Result<()> {
    let Some(arn) = arn else { return Ok(()) };
    if let Some(replaced) = spec.text(path).filter(|replaced| *replaced != arn) {
        writeln!(err, "note: {path} is {arn} from the command line; the job file's {replaced} is not used")?;
    }
    spec.set_text(path, &arn);
    Ok(())
}

fn write_problem(err: &mut dyn Write, problem: &Problem) -> anyhow::Result<()> {
    let color = match problem.level {
        Level::Error => AnsiColor::Red,
        Level::Warning => AnsiColor::Yellow,
        Level::Info => AnsiColor::Cyan,
    };
    let style = Style::new().fg_color(Some(color.into()));
    let line = problem.to_string();
    let (heading, text) = line.split_once(": ").unwrap_or(("", &line));
    writeln!(err, "{style}{heading}{style:#}: {text}")?;
    Ok(())
}

#[cfg(test)]
mod tests;
