//! Operations, and how bytes become operations. Invariant: any bytes do.

/// How many bytes make an operation.
pub const OP_BYTES: usize = 3;

/// How the life of a process is tied to that of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it all")]
pub enum Tie {
    Child,
    Linked,
    Detached,
}

/// How a puppet is commanded to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it all")]
pub enum End {
    Return,
    Fail,
    Trap,
    Exit,
    Stop,
    Kill,
}

/// An operation on processes and monitors. They are chosen by a number, modulo their count; ended ones are
/// included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it all")]
pub enum Op {
    Start,
    StartChild {
        parent: u8,
        tie: Tie,
    },
    DropChild {
        child: u8,
    },
    Link {
        one: u8,
        other: u8,
    },
    Unlink {
        one: u8,
        other: u8,
    },
    Monitor,
    DropMonitor {
        monitor: u8,
    },
    Watch {
        monitor: u8,
        process: u8,
    },
    Unwatch {
        monitor: u8,
        process: u8,
    },
    TrapExits {
        monitor: u8,
        process: u8,
    },
    End {
        process: u8,
        how: End,
    },
    /// Prepares a process and drops it before it runs.
    GiveUp,
}

impl Op {
    /// The width of a range is the frequency of the operation.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        let [kind, a, b] = [bytes[0], bytes[1], bytes[2]];
        match kind % 64 {
            0..8 => Op::Start,
            8..20 => Op::StartChild {
                parent: a,
                tie: [Tie::Child, Tie::Linked, Tie::Detached][usize::from(b % 3)],
            },
            20..23 => Op::DropChild { child: a },
            23..34 => Op::Link { one: a, other: b },
            34..37 => Op::Unlink { one: a, other: b },
            37..40 => Op::Monitor,
            40 => Op::DropMonitor { monitor: a },
            41..47 => Op::Watch {
                monitor: a,
                process: b,
            },
            47..49 => Op::Unwatch {
                monitor: a,
                process: b,
            },
            49..53 => Op::TrapExits {
                monitor: a,
                process: b,
            },
            53..63 => Op::End {
                process: a,
                how: [
                    End::Return,
                    End::Fail,
                    End::Trap,
                    End::Exit,
                    End::Stop,
                    End::Kill,
                ][usize::from(b % 6)],
            },
            _ => Op::GiveUp,
        }
    }
}
