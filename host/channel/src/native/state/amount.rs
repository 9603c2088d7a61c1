//! How much of something is written or retained.

use crate::batch::Parcel;

/// An amount of frames and of their payload.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub frames: u64,
    pub bytes: u64,
}

impl Amount {
    pub fn of(parcel: &Parcel) -> Self {
        Self {
            frames: parcel.frames().into(),
            bytes: parcel.bytes(),
        }
    }

    /// Whether the other one fits in.
    #[inline]
    pub fn has(self, other: Self) -> bool {
        other.frames <= self.frames && other.bytes <= self.bytes
    }

    pub fn add(&mut self, other: Self) {
        self.frames += other.frames;
        self.bytes += other.bytes;
    }

    pub fn minus(self, other: Self) -> Self {
        Self {
            frames: self.frames - other.frames,
            bytes: self.bytes - other.bytes,
        }
    }
}
