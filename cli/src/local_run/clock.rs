//! The time of a labeling job that runs in no time: it starts when told and moves on with the tasks.

use time::{Duration, UtcDateTime};

/// A clock that only moves forward.
#[derive(Debug)]
pub(crate) struct Clock {
    now: UtcDateTime,
}

impl Clock {
    pub(crate) fn starting_at(start: UtcDateTime) -> Self {
        Self { now: start }
    }

    pub(crate) fn now(&self) -> UtcDateTime {
        self.now
    }

    /// Moves on to `time`, if that lies ahead.
    pub(crate) fn reach(&mut self, time: UtcDateTime) {
        self.now = self.now.max(time);
    }

    /// Moves on to the next full second, so that no two files are named after the same one.
    pub(crate) fn tick(&mut self) -> UtcDateTime {
        let next = self.now.saturating_add(Duration::SECOND);
        self.now = next.truncate_to_second();
        self.now
    }
}

#[cfg(test)]
mod tests {
    use time::macros::utc_datetime;

    use super::*;

    #[test]
    fn ticks_are_full_seconds_and_never_the_same() {
        let mut clock = Clock::starting_at(utc_datetime!(2024-05-06 23:59:58.5));
        assert_eq!(clock.tick(), utc_datetime!(2024-05-06 23:59:59));
        assert_eq!(clock.tick(), utc_datetime!(2024-05-07 00:00:00));
        clock.reach(utc_datetime!(2024-05-06 00:00));
        assert_eq!(clock.now(), utc_datetime!(2024-05-07 00:00:00));
    }
}
