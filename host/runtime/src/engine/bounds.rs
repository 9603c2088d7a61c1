//! The bounds of the machine that a host must stay below.
//!
//! If the system refuses a mapping, wasmtime and the allocator may abort. So a host reads these bounds once,
//! before it makes an engine, and never starts more processes than fit.
//!
//! The limits of a process are in `limits`.

use std::fs;

/// Memory mappings left for everything except processes: components, threads, and large buffers, some of which
/// the allocator maps one by one.
const SPARE_MAPPINGS: u64 = 4_096;

/// Bytes of address space left for everything except processes.
const SPARE_ADDRESSES: u64 = 1 << 30;

/// A proposed `vm.max_map_count` is a multiple of this: round, and above the current bound.
const PROPOSED_STEP: u64 = 65_536;

/// What one process costs the machine, at least.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cost {
    /// Memory mappings.
    pub(super) mappings: u64,
    /// Bytes of address space.
    pub(super) addresses: u64,
    /// Bytes of memory, page tables included.
    pub(super) memory: u64,
}

/// The machine has room for fewer processes than requested.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("room for {given} processes instead of {asked}: {bound}")]
pub struct Shortage {
    /// How many were requested.
    pub asked: u32,
    /// How many there is room for.
    pub given: u32,
    /// The bound of the machine, and how to raise it.
    pub bound: String,
}

/// The bounds of this machine, and what this program uses already. None: unbounded or unknown.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bounds {
    max_map_count: Option<u64>,
    mappings: u64,
    address_limit: Option<u64>,
    addresses: u64,
    memory: Option<u64>,
}

impl Bounds {
    /// Reads the bounds.
    pub(super) fn read() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let memory = kilobytes(&read("/proc/meminfo"), "MemTotal:");
        // The memory limit of the container, if there is one.
        let container = read("/sys/fs/cgroup/memory.max").trim().parse().ok();
        Self {
            max_map_count: read("/proc/sys/vm/max_map_count").trim().parse().ok(),
            mappings: read("/proc/self/maps").lines().count() as u64,
            address_limit: word(&read("/proc/self/limits"), "Max address space", 0),
            addresses: kilobytes(&read("/proc/self/status"), "VmSize:").unwrap_or_default(),
            memory: memory.into_iter().chain(container).min(),
        }
    }

    /// How many of `asked` processes fit, at least one, and what is missing if not all fit.
    pub(super) fn fit(&self, asked: u32, cost: Cost) -> (u32, Option<Shortage>) {
        let spare = self.mappings.saturating_add(SPARE_MAPPINGS);
        let mappings = self.max_map_count.map(|most| {
            let all = cost.mappings.saturating_mul(asked.into()).saturating_add(spare);
            let proposed = all.div_ceil(PROPOSED_STEP).saturating_mul(PROPOSED_STEP);
            let bound = format!(
                "vm.max_map_count is {most} here; for all of them: sysctl -w vm.max_map_count={proposed}"
            );
            (most.saturating_sub(spare) / cost.mappings, bound)
        });
        let addresses = self.address_limit.map(|most| {
            let left = most.saturating_sub(self.addresses.saturating_add(SPARE_ADDRESSES));
            let bound = format!(
                "the address space is limited to {} MiB; see ulimit -v",
                most >> 20
            );
            (left / cost.addresses, bound)
        });
        let memory = self.memory.map(|most| {
            let bound = format!(
                "{} MiB of memory, and each is reckoned at {} KiB",
                most >> 20,
                cost.memory >> 10
            );
            (most / cost.memory, bound)
        });
        let bounds = [mappings, addresses, memory].into_iter().flatten();
        match bounds.min_by_key(|(room, _)| *room) {
            Some((room, bound)) if room < asked.into() => {
                let given = u32::try_from(room).unwrap_or(u32::MAX).max(1);
                (
                    given,
                    Some(Shortage {
                        asked,
                        given,
                        bound,
                    }),
                )
            }
            _ => (asked.max(1), None),
        }
    }
}

/// The word at index `at` after `name`, as a number, on the line that begins with `name`.
fn word(text: &str, name: &str, at: usize) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().nth(at)?.parse().ok()
}

/// The same for a line in kilobytes, as bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    word(text, name, 0)?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const COST: Cost = Cost {
        mappings: 6,
        addresses: 8 << 20,
        memory: 64 << 10,
    };

    fn ordinary() -> Bounds {
        Bounds {
            max_map_count: Some(65_530),
            mappings: 200,
            memory: Some(16 << 30),
            ..Bounds::default()
        }
    }

    #[test]
    fn a_host_is_told_which_bound_is_short_and_how_to_raise_it() {
        let (given, shortage) = ordinary().fit(100_000, COST);
        assert_eq!(given, 10_205);
        assert_eq!(
            shortage.unwrap().to_string(),
            "room for 10205 processes instead of 100000: vm.max_map_count is 65530 here; \
             for all of them: sysctl -w vm.max_map_count=655360"
        );
        let raised = Bounds {
            max_map_count: Some(655_360),
            ..ordinary()
        };
        assert_eq!(raised.fit(100_000, COST), (100_000, None));
    }

    #[test]
    fn every_bound_counts_and_the_least_decides() {
        let addresses = Bounds {
            address_limit: Some(9 << 30),
            ..ordinary()
        };
        let (given, shortage) = addresses.fit(10_000, COST);
        assert_eq!(given, 1024);
        assert!(shortage.unwrap().bound.contains("ulimit -v"));
        let memory = Bounds {
            memory: Some(64 << 20),
            ..ordinary()
        };
        assert_eq!(memory.fit(10_000, COST).0, 1024);
        // Nothing is left at all, and still one process may be tried.
        let nothing = Bounds {
            max_map_count: Some(1),
            ..ordinary()
        };
        assert_eq!(nothing.fit(10_000, COST).0, 1);
    }

    #[test]
    fn this_machine_s_bounds_can_be_read() {
        let bounds = Bounds::read();
        assert!(bounds.memory.is_some_and(|bytes| bytes > 0));
        assert!(bounds.mappings > 0 && bounds.addresses > 0);
        assert!(bounds.max_map_count.is_some());
        assert_eq!(
            word("Max address space   unlimited", "Max address space", 0),
            None
        );
    }
}
