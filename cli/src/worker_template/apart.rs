//! Rendering in a process of its own: a template of others may ask for more time and memory than there is, and then it is not
//! this program that ends.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::{Fault, Page, Request};

/// The hidden command of this program that renders what it reads.
pub(crate) const COMMAND: &str = "render-worker-template";

/// How long a page may take.
const MAX_TIME: Duration = Duration::from_secs(10);

/// How much address space the process may have. A page takes a few megabytes; the program itself reserves a multiple of that.
#[cfg(unix)]
const MAX_MEMORY_BYTES: u64 = 2 << 30;

/// How often it is asked whether the page is there.
const PAUSE: Duration = Duration::from_millis(2);

/// Renders a template in a process of its own.
///
/// # Errors
/// The outer one when there can be no such process; the inner ones are what is wrong with the template.
pub(crate) fn render(request: &Request) -> anyhow::Result<Result<Page, Vec<Fault>>> {
    // Tests of this crate are not a program that could be asked; those in `tests/` are about the process.
    if cfg!(test) {
        return Ok(super::render(request));
    }
    let program = std::env::current_exe().context("cannot find this program, to render the template with it")?;
    let mut child = Command::new(program)
        .arg(COMMAND)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start a process to render the template in")?;
    let mut stdin = child.stdin.take().context("the process takes no input")?;
    let mut stdout = child.stdout.take().context("the process gives no output")?;
    let asked = serde_json::to_vec(request)?;
    // Both at once: the page may be larger than a pipe.
    let writer = std::thread::spawn(move || stdin.write_all(&asked));
    let reader = std::thread::spawn(move || {
        let mut answer = Vec::new();
        stdout.read_to_end(&mut answer).map(|_| answer)
    });
    let end = Instant::now() + MAX_TIME;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if Instant::now() > end {
            child.kill()?;
            child.wait()?;
            break None;
        }
        std::thread::sleep(PAUSE);
    };
    let (asked, answer) = (writer.join(), reader.join());
    let fault = |message: String, remedy: &str| Ok(Err(vec![Fault::of_all(message, remedy)]));
    let Some(status) = status else {
        let message = format!("the template takes more than {} seconds, and was ended", MAX_TIME.as_secs());
        return fault(message, "look for loops in loops");
    };
    if !status.success() {
        return fault(
            "the template takes more memory than a page may".to_owned(),
            "look for text that grows in a loop",
        );
    }
    let (Ok(Ok(())), Ok(Ok(answer))) = (asked, answer) else {
        bail!("the process that renders the template cannot be talked to");
    };
    serde_json::from_slice(&answer).context("the process that renders the template answered something else")
}

/// The process's side: reads a request from standard input, and writes the page or what is wrong.
///
/// # Errors
/// When the request cannot be read or the answer not be written.
pub(crate) fn serve(out: &mut dyn Write) -> anyhow::Result<()> {
    bound_memory()?;
    let request: Request = serde_json::from_reader(std::io::stdin().lock())?;
    Ok(serde_json::to_writer(out, &super::render(&request))?)
}

#[cfg(unix)]
fn bound_memory() -> anyhow::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let limit = Rlimit { current: Some(MAX_MEMORY_BYTES), maximum: Some(MAX_MEMORY_BYTES) };
    setrlimit(Resource::As, limit).context("cannot bound the memory of the template")?;
    // No file with the memory of a template that went too far.
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).context("cannot forbid core files")
}

/// There is only the bound on time.
#[cfg(not(unix))]
fn bound_memory() -> anyhow::Result<()> {
    Ok(())
}
