//! Times of files to set, in the system's types. As in WASI 0.3, times before 1970 are possible.

use rustix::fs::{Timespec, Timestamps, UTIME_OMIT};
use std::fs::FileTimes;
use std::time::SystemTime;

const NANOSECONDS: u32 = 1_000_000_000;

/// Times to set: of the last access and of the last change.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) accessed: Option<SystemTime>,
    pub(super) modified: Option<SystemTime>,
}

impl Times {
    pub(super) fn of_file(self) -> FileTimes {
        let mut times = FileTimes::new();
        if let Some(time) = self.accessed {
            times = times.set_accessed(time);
        }
        if let Some(time) = self.modified {
            times = times.set_modified(time);
        }
        times
    }

    /// The same for a link itself.
    pub(super) fn of_link(self) -> Timestamps {
        Timestamps {
            last_access: timespec(self.accessed),
            last_modification: timespec(self.modified),
        }
    }
}

/// A time in the system's form, also before 1970. None leaves the time unchanged.
fn timespec(time: Option<SystemTime>) -> Timespec {
    let Some(time) = time else {
        return Timespec {
            tv_sec: 0,
            tv_nsec: UTIME_OMIT,
        };
    };
    let (tv_sec, nanoseconds) = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => (
            0i64.saturating_add_unsigned(after.as_secs()),
            after.subsec_nanos(),
        ),
        Err(error) => {
            let before = error.duration();
            let seconds = 0i64.saturating_sub_unsigned(before.as_secs());
            match before.subsec_nanos() {
                0 => (seconds, 0),
                // Nanoseconds count forward from the second before.
                nanoseconds => (seconds.saturating_sub(1), NANOSECONDS - nanoseconds),
            }
        }
    };
    Timespec {
        tv_sec,
        tv_nsec: nanoseconds.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn nanoseconds_count_forwards_before_1970_too() {
        let shown = |time| {
            let spec = timespec(Some(time));
            (spec.tv_sec, spec.tv_nsec)
        };
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(shown(epoch), (0, 0));
        assert_eq!(shown(epoch + Duration::new(2, 5)), (2, 5));
        assert_eq!(shown(epoch - Duration::new(2, 0)), (-2, 0));
        assert_eq!(shown(epoch - Duration::new(2, 5)), (-3, 999_999_995));
        assert_eq!(timespec(None).tv_nsec, UTIME_OMIT);
    }
}
