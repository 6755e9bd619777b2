//! How far work is, shown on standard error if that is a terminal.

use std::io::{self, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

/// How often a spinner turns.
const TURN: Duration = Duration::from_millis(100);

/// Makes progress bars. What takes long gets one of these, and no other way to write.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress {
    target: fn() -> ProgressDrawTarget,
}

impl Progress {
    /// Bars on standard error.
    pub(crate) const ON_STDERR: Self = Self { target: ProgressDrawTarget::stderr };

    /// Bars that nobody sees.
    #[cfg(test)]
    pub(crate) const HIDDEN: Self = Self { target: ProgressDrawTarget::hidden };

    /// A bar that looks as indicatif's template says; a spinner where the length is not known. It goes away with its last
    /// copy.
    pub(crate) fn bar(self, length: Option<u64>, template: &str) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(length, (self.target)()).with_finish(ProgressFinish::AndClear);
        match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }

    /// Says what is being done while `work` does it.
    pub(crate) fn during<T>(self, what: &'static str, work: impl FnOnce() -> T) -> T {
        let bar = self.bar(None, "{spinner} {msg}").with_message(what);
        bar.enable_steady_tick(TURN);
        let done = work();
        bar.finish_and_clear();
        done
    }
}

/// Standard error while a bar is drawn at its end. What comes in one write stands together.
pub(crate) struct AboveBar(pub(crate) ProgressBar);

impl Write for AboveBar {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| anstream::stderr().write_all(text)).map(|()| text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
