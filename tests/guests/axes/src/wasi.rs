//! WASI 0.2 without its files: pollables, standard streams, random bytes, surroundings, sockets.

use crate::make::{How, MANY, MIB, Made, OFTEN, insist, repeat, said};
use wasip2::cli::{
    environment, stderr, stdin, stdout, terminal_stderr, terminal_stdin, terminal_stdout,
};
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::io::poll::{Pollable, poll};
use wasip2::io::streams::{InputStream, OutputStream};
use wasip2::random::{insecure, insecure_seed, random};
use wasip2::sockets::network::IpAddressFamily;
use wasip2::sockets::{instance_network, ip_name_lookup, tcp_create_socket, udp_create_socket};

/// Nanoseconds of an hour.
const LONG: u64 = 3_600_000_000_000;

/// Places of a list that takes about what one call may hand over.
const PLACES: usize = 700_000;

/// Bytes that a stream takes at once.
const PERMIT: usize = 64 << 10;

pub fn make(axis: &str, how: How) -> Option<Made> {
    Some(match axis {
        "pollables" => repeat(MANY, |n| whole(subscribe(n))),
        "polled-lists" => polled(how),
        "standard-streams" => standard_streams(how),
        "output" => output(how),
        "input" => input(how),
        "random-bytes" => random_bytes(how),
        "surroundings" => surroundings(),
        "preopened-folders" => repeat(MANY, |_| {
            whole(wasip2::filesystem::preopens::get_directories())
        }),
        "sockets" => sockets(how),
        // The same with the right to it.
        "open-sockets" => sockets(How::Number),
        "look-ups" => look_ups(),
        _ => return None,
    })
}

/// What cannot fail.
fn whole<T>(made: T) -> Result<T, String> {
    Ok(made)
}

fn subscribe(n: u64) -> Pollable {
    match n % 2 {
        0 => monotonic_clock::subscribe_duration(LONG),
        _ => monotonic_clock::subscribe_instant(u64::MAX),
    }
}

/// A list with one pollable millions of times; with many, each some times.
fn polled(how: How) -> Made {
    let now = monotonic_clock::subscribe_duration(0);
    now.block();
    let pollables: Vec<Pollable> = (0..how.pick(1, 1, 2000)).map(subscribe).collect();
    let places = how.pick(PLACES, PLACES, 4_000);
    insist(how.pick(10, 10, 50), |_| {
        let all = pollables.iter().cycle().take(places);
        let list: Vec<&Pollable> = all.chain([&now]).collect();
        whole((poll(&list).len(), now.ready())).map(drop)
    })
    .and(pollables)
}

/// Handles of them, and of what is made of them.
fn standard_streams(how: How) -> Made {
    match how {
        How::Number => repeat(MANY, |_| {
            whole((
                stdin::get_stdin(),
                stdout::get_stdout(),
                stderr::get_stderr(),
            ))
        }),
        _ => {
            let (read, write) = (stdin::get_stdin(), stdout::get_stdout());
            repeat(MANY, |_| whole((read.subscribe(), write.subscribe()))).and((read, write))
        }
    }
}

/// Lines without an end, and many of one character.
fn output(how: How) -> Made {
    let streams = [stdout::get_stdout(), stderr::get_stderr()];
    let mut text = vec![b'x'; how.pick(1, PERMIT, PERMIT - 1)];
    if how != How::Size {
        text.push(b'\n');
    }
    repeat(how.pick(100_000, 2_000, 2_000), |n| {
        for stream in &streams {
            written(stream, n, &text).map_err(said)?;
        }
        Ok::<_, String>(())
    })
    .and(streams)
}

fn written(
    stream: &OutputStream,
    n: u64,
    text: &[u8],
) -> Result<(), wasip2::io::streams::StreamError> {
    stream.check_write()?;
    match n % 4 {
        0 => stream.write_zeroes(text.len() as u64)?,
        1 => stream.blocking_write_and_flush(&text[..text.len().min(4096)])?,
        2 => {
            stream
                .blocking_splice(&stdin::get_stdin(), u64::MAX)
                .or(Ok(0))?;
        }
        _ => stream.write(text)?,
    }
    stream.flush()?;
    stream.blocking_flush()
}

/// Asks for more than there is.
fn input(how: How) -> Made {
    let stream: InputStream = stdin::get_stdin();
    let most = how.pick(1, u64::MAX, u64::MAX);
    insist(how.pick(100_000, OFTEN, OFTEN), |n| match n % 4 {
        0 => stream.read(most).map(drop),
        1 => stream.blocking_read(most).map(drop),
        2 => stream.skip(most).map(drop),
        _ => stream.blocking_skip(most).map(drop),
    })
}

/// As many bytes as there are calls for them.
fn random_bytes(how: How) -> Made {
    let bytes = how.pick(8, 30 * MIB as u64, MIB as u64);
    repeat(how.pick(50_000, 6, MANY), |n| {
        let _ = (
            random::get_random_u64(),
            insecure::get_insecure_random_u64(),
        );
        let _ = insecure_seed::insecure_seed();
        let bytes = match n % 2 {
            0 => random::get_random_bytes(bytes),
            _ => insecure::get_insecure_random_bytes(bytes),
        };
        whole((how == How::Both).then_some(bytes))
    })
}

/// Words and clocks, again and again.
fn surroundings() -> Made {
    repeat(2000, |_| {
        let words = (environment::get_environment(), environment::get_arguments());
        let clocks = (
            wall_clock::now(),
            wall_clock::resolution(),
            monotonic_clock::now(),
        );
        let more = (environment::initial_cwd(), monotonic_clock::resolution());
        let terminals = (
            terminal_stdin::get_terminal_stdin().is_some(),
            terminal_stdout::get_terminal_stdout().is_some(),
            terminal_stderr::get_terminal_stderr().is_some(),
        );
        whole((words.0.len(), clocks.2, more.1, terminals.0)).map(drop)
    })
}

/// Sockets of each kind, networks, and names on them.
fn sockets(how: How) -> Made {
    let family = |n: u64| match n % 4 {
        0 | 1 => IpAddressFamily::Ipv4,
        _ => IpAddressFamily::Ipv6,
    };
    match how {
        How::Number => repeat(MANY, |n| match n % 2 {
            0 => tcp_create_socket::create_tcp_socket(family(n)).map(|made| (Some(made), None)),
            _ => udp_create_socket::create_udp_socket(family(n)).map(|made| (None, Some(made))),
        }),
        How::Size => {
            let network = instance_network::instance_network();
            let name = "x".repeat(10 * MIB);
            insist(OFTEN, |_| {
                ip_name_lookup::resolve_addresses(&network, &name)
            })
            .and(network)
        }
        How::Both => repeat(MANY, |_| whole(instance_network::instance_network())),
    }
}

/// Look-ups of a name that there is, none of which is let go of.
fn look_ups() -> Made {
    let network = instance_network::instance_network();
    repeat(MANY, |_| {
        ip_name_lookup::resolve_addresses(&network, "localhost")
    })
    .and(network)
}
