//! Checks that nothing is forgotten. Every function a guest can call belongs to an axis, or is listed with the reason
//! why it makes and keeps nothing. Every limit is reached. The guest `axes` calls every function that the rows name.

use crate::setting::Setting;
use crate::support::{target, wit};
use crate::{support, table};
use libtest_mimic::{Failed, Trial};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use weft_host::{Host, Limits, component::ImportInfo, limits::HostBound};

/// Functions without a row: each makes, keeps and waits for nothing.
const NOTHING: &[(&str, &str)] = &[
    ("channel#reader.commit", "lets frames go that were kept"),
    ("channel#reader.attempt", "gives a number"),
    (
        "channel#writer.channel-name",
        "gives a name that the embedder has made",
    ),
    ("channel#reader.end-at-stop", "sets one bit of the handle"),
    ("channel#reader.is-stopped", "gives a bit"),
    ("cli/exit@0.2#exit", "ends its caller"),
    ("cli/exit@0.3#exit-with-code", "ends its caller"),
    (
        "cli/environment@0.3#get-arguments",
        "as in 0.2: words that the process was started with",
    ),
    ("cli/exit@0.3#exit", "ends its caller"),
    (
        "cli/environment@0.3#get-environment",
        "as in 0.2: words that the process was started with",
    ),
    ("cli/environment@0.3#get-initial-cwd", "there is none"),
    (
        "cli/terminal-stdin@0.3#get-terminal-stdin",
        "as in 0.2: no stream of a process is a terminal",
    ),
    (
        "cli/terminal-stdout@0.3#get-terminal-stdout",
        "as in 0.2: no stream of a process is a terminal",
    ),
    (
        "cli/terminal-stderr@0.3#get-terminal-stderr",
        "as in 0.2: no stream of a process is a terminal",
    ),
    ("io/error@0.2#error.to-debug-string", "the text of an error"),
    (
        "filesystem/types@0.2#filesystem-error-code",
        "the code of an error",
    ),
    ("clocks/wall-clock@0.2#now", "a number"),
    ("clocks/wall-clock@0.2#resolution", "a number"),
    ("clocks/monotonic-clock@0.2#now", "a number"),
    ("clocks/monotonic-clock@0.2#resolution", "a number"),
    ("clocks/system-clock@0.3#now", "a number"),
    ("clocks/system-clock@0.3#get-resolution", "a number"),
    ("clocks/monotonic-clock@0.3#now", "a number"),
    ("clocks/monotonic-clock@0.3#get-resolution", "a number"),
    ("random/random@0.3#get-random-u64", "a number"),
    ("random/insecure@0.3#get-insecure-random-u64", "a number"),
    ("random/insecure-seed@0.3#get-insecure-seed", "two numbers"),
    (
        "io/streams@0.2#output-stream.splice",
        "moves what is there into what a stream has room for",
    ),
    (
        "io/streams@0.2#output-stream.blocking-write-zeroes-and-flush",
        "4,096 bytes at most, as a write that rows are about",
    ),
    (
        "filesystem/types@0.2#descriptor.advise",
        "a call as `sync` is, which a row is about",
    ),
    (
        "filesystem/types@0.2#descriptor.sync-data",
        "a call as `sync` is, which a row is about",
    ),
    (
        "filesystem/types@0.3#descriptor.advise",
        "a call as `sync` is, which a row is about",
    ),
    (
        "filesystem/types@0.3#descriptor.sync-data",
        "a call as `sync` is, which a row is about",
    ),
    (
        "filesystem/types@0.3#descriptor.get-flags",
        "a call as `stat` is, which a row is about",
    ),
    (
        "filesystem/types@0.3#descriptor.get-type",
        "a call as `stat` is, which a row is about",
    ),
];

/// Functions by their beginnings. Those of sockets keep nothing that the socket has not paid for when it was made or accepted, which rows and
/// `tests/host/net/bounds.rs` are about; their streams are handles. Those of HTTP are only there with the extension, so their test is
/// `tests/command/edges/handlers.rs`.
const OF_NETWORK: &[(&str, &str)] = &[
    (
        "sockets/tcp@0.2#tcp-socket.",
        "what is accepted takes a place as what is made",
    ),
    (
        "sockets/udp@0.2#udp-socket.",
        "two streams at a time, which are handles",
    ),
    (
        "sockets/udp@0.2#incoming-datagram-stream.",
        "one datagram read ahead",
    ),
    (
        "sockets/udp@0.2#outgoing-datagram-stream.",
        "one datagram under way",
    ),
    (
        "sockets/ip-name-lookup@0.2#resolve-address-stream.",
        "one answer, of 32 addresses at most",
    ),
    (
        "sockets/types@0.3#tcp-socket.",
        "what is accepted takes a place as what is made",
    ),
    (
        "sockets/types@0.3#udp-socket.",
        "each datagram under way is paid for, as those that are received",
    ),
    (
        "sockets/ip-name-lookup@0.3#resolve-addresses",
        "a call that waits, with one answer of 32 addresses at most",
    ),
    (
        "http/types@0.2#",
        "what lies in the table is weighed: fields, requests, answers, bodies",
    ),
    (
        "http/types@0.3#",
        "what lies in the table is weighed; bodies are streams of the guest",
    ),
    (
        "http/outgoing-handler@0.2#handle",
        "a request under way is paid for, and its connection is",
    ),
    (
        "http/client@0.3#send",
        "a request under way is paid for, and its connection is",
    ),
];

/// Bounds of a host that no row can reach, each with its own test.
const ELSEWHERE: &[(HostBound, &str)] = &[(
    HostBound::HostCapacity,
    "a row has one process and its neighbours; `tests/host/room.rs` fills a host",
)];

/// The tests.
pub fn trials() -> Vec<Trial> {
    vec![
        Trial::test(
            "every_function_of_the_contract_is_about_an_axis_or_keeps_nothing",
            contract,
        ),
        Trial::test(
            "every_function_of_wasi_that_guests_call_is_about_an_axis_or_keeps_nothing",
            wasi,
        ),
        Trial::test("every_limit_is_reached_by_an_axis", limits),
        Trial::test(
            "no_axis_is_about_a_function_that_its_guest_cannot_call",
            imported,
        ),
        Trial::test("no_two_axes_have_one_name", names),
    ]
}

/// All functions that rows cover or `NOTHING` lists.
fn known() -> BTreeSet<&'static str> {
    let rows = table::rows();
    let covered = rows.iter().flat_map(|row| row.covers.iter().copied());
    covered
        .chain(NOTHING.iter().map(|(name, _)| *name))
        .collect()
}

fn none(forgotten: &BTreeSet<String>, what: &str) -> Result<(), Failed> {
    match forgotten.is_empty() {
        true => Ok(()),
        false => Err(format!("{what}: {forgotten:#?}").into()),
    }
}

const FORGOTTEN: &str =
    "no axis in tests/host/hostile/axes/table is about these, nor are they in `NOTHING`";

fn contract() -> Result<(), Failed> {
    let known = known();
    let forgotten = wit::functions()
        .into_iter()
        .filter(|name| !known.contains(name.as_str()));
    none(&forgotten.collect(), FORGOTTEN)
}

fn wasi() -> Result<(), Failed> {
    let known = known();
    let called = support::block_on(async {
        let host = support::host(&[]).await;
        let mut all = BTreeSet::new();
        for guest in guests() {
            all.extend(called(&host, &guest).await);
        }
        all
    });
    let forgotten = called
        .into_iter()
        .filter(|name| name.contains('@') && !known.contains(name.as_str()))
        .filter(|name| !OF_NETWORK.iter().any(|(of, _)| name.starts_with(of)));
    none(&forgotten.collect(), FORGOTTEN)
}

/// All built guests.
fn guests() -> Vec<PathBuf> {
    let files = std::fs::read_dir(target().join("wasm32-wasip2/guest")).expect("built guests");
    let paths = files.map(|file| file.expect("a file").path());
    paths
        .filter(|path| path.extension().is_some_and(|end| end == "wasm"))
        .collect()
}

/// The functions that this component calls, named as in rows.
async fn called(host: &Host, component: &Path) -> Vec<String> {
    let bytes = std::fs::read(component).expect("a component");
    let info = host.components().inspect("called", bytes).await;
    let imports = info.expect("a component").imports;
    imports.iter().filter(is_of_host).flat_map(named).collect()
}

/// Whether every host has an interface, not only one with an extension that a test made.
fn is_of_host(import: &&ImportInfo) -> bool {
    ["weft:fabric/", "wasi:"]
        .iter()
        .any(|package| import.name.starts_with(package))
}

/// The functions of an import, named as in rows.
fn named(import: &ImportInfo) -> Vec<String> {
    let (path, version) = import.name.split_once('@').unwrap_or((&import.name, ""));
    let interface = match path.split_once(':') {
        Some(("weft", path)) => path.trim_start_matches("fabric/").to_owned(),
        Some((_, path)) => {
            let minor: Vec<&str> = version.split('.').take(2).collect();
            format!("{path}@{}", minor.join("."))
        }
        None => path.to_owned(),
    };
    let functions = import.functions.iter();
    let plain = functions.map(|name| {
        name.rsplit_once(']')
            .map_or(name.as_str(), |(_, name)| name)
    });
    plain.map(|name| format!("{interface}#{name}")).collect()
}

fn limits() -> Result<(), Failed> {
    let rows = table::rows();
    let reached: BTreeSet<&str> = rows.iter().flat_map(|row| row.reaches()).collect();
    let of_host = HostBound::ALL.iter();
    let of_host = of_host.filter(|bound| !ELSEWHERE.iter().any(|(it, _)| it == *bound));
    let all = Limits::NAMES.iter().copied();
    let all = all.chain(of_host.map(|bound| bound.name()));
    let missed = all.filter(|limit| !reached.contains(limit));
    none(
        &missed.map(str::to_owned).collect(),
        "no axis reaches these limits for sure",
    )
}

fn imported() -> Result<(), Failed> {
    let mut never = BTreeSet::new();
    for row in table::rows() {
        let mut setting = Setting::new();
        (row.set)(&mut setting);
        if setting.component.is_some() {
            continue;
        }
        let called = calls_of(setting.guest);
        let covered = row.covers.iter().map(|name| (*name).to_owned());
        never.extend(covered.filter(|name| !called.contains(name)));
    }
    none(&never, "their guests do not call these")
}

/// The functions that a guest calls.
fn calls_of(guest: &'static str) -> Vec<String> {
    thread_local! {
        static KNOWN: RefCell<HashMap<&'static str, Vec<String>>> = RefCell::default();
    }
    let known = KNOWN.with_borrow(|known| known.get(guest).cloned());
    known.unwrap_or_else(|| {
        let calls = support::block_on(async {
            let host = support::host(&[]).await;
            called(&host, &support::guest_of(guest)).await
        });
        KNOWN.with_borrow_mut(|known| known.insert(guest, calls.clone()));
        calls
    })
}

fn names() -> Result<(), Failed> {
    let mut seen = BTreeSet::new();
    let rows = table::rows();
    let twice = rows.iter().filter(|row| !seen.insert(row.name));
    none(
        &twice.map(|row| row.name.to_owned()).collect(),
        "these are there twice",
    )
}
