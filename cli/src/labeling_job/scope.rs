//! Which jobs must keep a rule or have a member.

/// Where a job runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RunsOn {
    ThisComputer,
    Aws,
}

/// Where a job must run for something to matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// It matters for a run on this computer as well.
    Anywhere,
    /// It matters only for a job that AWS runs.
    AtAws,
}

impl Scope {
    pub(super) fn concerns(self, runs_on: RunsOn) -> bool {
        self == Self::Anywhere || runs_on == RunsOn::Aws
    }
}
