//! What frames cost, and how much of it a channel bears: the contract's numbers (`options` in `channel.wit`).

/// What writes and frames cost besides their payload, in bytes, and the bounds of that.
pub(super) const WRITE_COST: u64 = 160;
const FRAME_COST: u64 = 4;
const LEAST_FRAMES: u64 = 1024;
const MOST_FRAMES: u64 = 1 << 20;
const LEAST_COST: u64 = LEAST_FRAMES * (WRITE_COST + FRAME_COST);
const MOST_COST: u64 = 8 << 20;
const BYTES_PER_FRAME: u64 = 16;

/// Sums over frames.
#[derive(Clone, Copy, Default)]
pub(super) struct Amount {
    pub(super) bytes: u64,
    pub(super) frames: u64,
    pub(super) cost: u64,
}

impl Amount {
    /// The most that a channel of this capacity retains.
    pub(super) fn most(capacity: u64) -> Self {
        Amount {
            bytes: capacity,
            frames: (capacity / BYTES_PER_FRAME).clamp(LEAST_FRAMES, MOST_FRAMES),
            cost: capacity.clamp(LEAST_COST, MOST_COST),
        }
    }

    pub(super) fn of(frames: u64, bytes: u64) -> Self {
        let cost = if frames == 0 {
            0
        } else {
            WRITE_COST + FRAME_COST * frames
        };
        Amount {
            bytes,
            frames,
            cost,
        }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Amount {
            bytes: self.bytes + other.bytes,
            frames: self.frames + other.frames,
            cost: self.cost + other.cost,
        }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Amount {
            bytes: self.bytes - other.bytes,
            frames: self.frames - other.frames,
            cost: self.cost - other.cost,
        }
    }

    pub(super) fn is_within(self, limits: Self) -> bool {
        self.bytes <= limits.bytes && self.frames <= limits.frames && self.cost <= limits.cost
    }
}
