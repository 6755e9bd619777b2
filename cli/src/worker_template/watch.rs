//! What is noticed while a template is rendered, and where it is.

use std::collections::BTreeSet;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Fault;

/// How often all loops of a template may run together.
const MAX_ROUNDS: usize = 1_000_000;

/// What the parts of a template tell each other while it is rendered. Parts of a parser may be shared between threads, so they
/// must be able to share this.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// The line of the output or loop at work; 0 for none.
    line: AtomicUsize,
    n_rounds: AtomicUsize,
    warnings: Mutex<BTreeSet<Fault>>,
    fault: Mutex<Option<Fault>>,
}

impl Watch {
    /// The line at work.
    pub(super) fn line(&self) -> Option<usize> {
        Some(self.line.load(Ordering::Relaxed)).filter(|line| *line > 0)
    }

    /// Works in a line. Outside, absent names are not told: `{% if %}` may ask for them.
    pub(super) fn work_in<T>(&self, line: usize, work: impl FnOnce() -> T) -> T {
        let before = self.line.swap(line, Ordering::Relaxed);
        let done = work();
        self.line.store(before, Ordering::Relaxed);
        done
    }

    /// Notes that a name was looked for and is not there.
    pub(super) fn note_absent(&self, name: &str) {
        if let Some(line) = self.line() {
            let message = format!("`{name}` is not there, so the page has nothing for it");
            let fault = Fault::at(line, message, "name what the pre function gives: it is `task.input`");
            self.warnings.lock().unwrap_or_else(PoisonError::into_inner).insert(fault);
        }
    }

    pub(super) fn warnings(&self) -> Vec<Fault> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Counts rounds of a loop that are about to run.
    ///
    /// # Errors
    /// When they are too many, together with those before. Then [`Watch::fault`] says so.
    pub(super) fn count_rounds(&self, n: usize, line: usize) -> Result<(), liquid_core::Error> {
        if self.n_rounds.fetch_add(n, Ordering::Relaxed).saturating_add(n) <= MAX_ROUNDS {
            return Ok(());
        }
        let message = format!("the loops of the template run more than {MAX_ROUNDS} times together");
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Fault::at(line, message.clone(), "let them run less often"));
        Err(liquid_core::Error::with_msg(message))
    }

    /// Why rendering was ended, when it was.
    pub(super) fn fault(&self) -> Option<Fault> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A page that may not grow beyond a bound.
#[derive(Debug)]
pub(super) struct Bounded {
    bytes: Vec<u8>,
    max: usize,
    is_full: bool,
}

impl Bounded {
    pub(super) fn new(max: usize) -> Self {
        Self { bytes: Vec::new(), max, is_full: false }
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        let message = format!("the page would have more than {} bytes", self.max);
        self.is_full.then(|| Fault::of_all(message, "look for loops that write much"))
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.max - self.bytes.len() {
            self.is_full = true;
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
