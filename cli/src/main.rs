//! The binary: arguments in, exit status out.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

// Labels are small maps by the million. The system's allocator spends half the time of `gtruth workers` on putting their
// pieces together again, and a quarter more memory.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

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
