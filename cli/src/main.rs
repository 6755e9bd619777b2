//! The binary: arguments in, exit status out.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // Standard output carries data alone, so it goes out byte for byte; anstream serves standard error, which has color.
    match gtruth::run(gtruth::args::Args::parse(), &mut std::io::stdout().lock()) {
        Ok(status) => status.into(),
        Err(err) => {
            anstream::eprintln!("error: {err:#}");
            ExitCode::from(2)
        }
    }
}
