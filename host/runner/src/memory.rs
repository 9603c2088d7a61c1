//! How much memory there is for the command: the machine's, or what the group of processes it is in may use, if that is less.
//!
//! Groups are those of Linux, in either version. Where nothing can be read there is no bound.

use std::path::{Component, Path, PathBuf};

/// The mount of the groups.
const GROUPS: &str = "/sys/fs/cgroup";

/// Where it stands of which groups this program is.
const OWN_GROUPS: &str = "/proc/self/cgroup";

/// Bytes of memory that the command can have, where the system says.
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

/// The least bound of the groups that this program is in, and of those above them.
fn of_groups(own: &str, read: impl Fn(&Path) -> Option<String>) -> Option<u64> {
    let bounds = own.lines().flat_map(|line| {
        // The number of a hierarchy, what it controls, and the group there.
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
        // In a container the group may be named as it is outside, where nothing stands here; that at the root is its own then.
        let above = group.ancestors();
        let texts = above.filter_map(|group| read(&Path::new(folder).join(group).join(file)));
        // Where there is no bound stands `max`, or in the first version a number beyond any machine.
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
        // As in a container that sees only its own part.
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
