//! The memory that the command may use: the machine's, or the limit of its control group if that is less.
//!
//! Both versions of Linux's control groups are read. If nothing can be read there is no bound.

use std::path::{Component, Path, PathBuf};

/// The mount point of control groups.
const GROUPS: &str = "/sys/fs/cgroup";

/// The file that lists this program's groups.
const OWN_GROUPS: &str = "/proc/self/cgroup";

/// Bytes of memory that the command may use, if the system tells.
pub(crate) fn available() -> Option<u64> {
    let machine = std::fs::read_to_string("/proc/meminfo").ok();
    let machine = machine.as_deref().and_then(of_machine);
    let own = std::fs::read_to_string(OWN_GROUPS).unwrap_or_default();
    let bound = of_groups(&own, |file| {
        std::fs::read_to_string(Path::new(GROUPS).join(file)).ok()
    });
    machine.into_iter().chain(bound).min()
}

fn of_machine(text: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}

/// The lowest limit of this program's groups and their parents.
fn of_groups(own: &str, read: impl Fn(&Path) -> Option<String>) -> Option<u64> {
    let bounds = own.lines().flat_map(|line| {
        // The fields of a line: the hierarchy's number, its controllers, and the group.
        let mut parts = line.splitn(3, ':');
        let (_, controls, group) = (parts.next(), parts.next(), parts.next());
        let (folder, file) = match controls.unwrap_or_default() {
            "" => ("", "memory.max"),
            controls if controls.split(',').any(|it| it == "memory") => {
                ("memory", "memory.limit_in_bytes")
            }
            _ => return Vec::new(),
        };
        let group = Path::new(group.unwrap_or_default());
        let names = group.components().filter_map(|part| match part {
            Component::Normal(name) => Some(name),
            _ => None,
        });
        let group: PathBuf = names.collect();
        // In a container the file may name the group as the host sees it, and that path does not exist here. Then the
        // group at the root is the container's own.
        let above = group.ancestors();
        let texts = above.filter_map(|group| read(&Path::new(folder).join(group).join(file)));
        // Without a limit the file holds `max`, or in version 1 a number larger than any memory.
        texts.filter_map(|text| text.trim().parse().ok()).collect()
    });
    bounds.min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(own: &str, files: &[(&str, &str)], wanted: Option<u64>) {
        let found = of_groups(own, |asked| {
            let mut files = files.iter();
            let file = files.find(|(path, _)| Path::new(path) == asked);
            file.map(|(_, text)| (*text).to_owned())
        });
        assert_eq!(found, wanted, "{own}");
    }

    #[test]
    fn the_least_bound_of_all_groups_above_holds() {
        let bounded = [
            ("a/b/memory.max", "max\n"),
            ("a/memory.max", "2000\n"),
            ("memory.max", "3000\n"),
        ];
        check("0::/a/b\n", &bounded, Some(2000));
        check("0::/", &bounded, Some(3000));
        check("0::/a/b", &[("a/b/memory.max", "max")], None);
        // In a container that sees only its own part of the tree.
        check("0::/../other", &bounded, Some(3000));
        check("", &bounded, None);
    }

    #[test]
    fn groups_of_the_first_version_are_read_too() {
        let files = [
            ("memory/a/memory.limit_in_bytes", "4096"),
            ("memory/memory.limit_in_bytes", "9223372036854771712"),
            ("memory.max", "1"),
        ];
        check("5:cpu,cpuacct:/b\n4:memory:/a\n", &files, Some(4096));
        check("4:cpu:/a", &files, None);
    }

    #[test]
    fn the_memory_of_the_machine_is_in_kibibytes() {
        assert_eq!(
            of_machine("MemTotal:       16 kB\nMemFree: 1 kB"),
            Some(16 << 10)
        );
        assert_eq!(of_machine("Nothing"), None);
    }
}
