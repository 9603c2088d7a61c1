//! WASI 0.3 without its files: sleeps, standard streams, random bytes, sockets. What differs from 0.2.

use crate::make::{How, MANY, MIB, Made, insist, repeat, wait};
use bindings::wasi::cli::{stderr, stdin, stdout};
use bindings::wasi::clocks::monotonic_clock;
use bindings::wasi::filesystem::preopens;
use bindings::wasi::random::{insecure, random};
use bindings::wasi::sockets::types::{
    IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, TcpSocket, UdpSocket,
};
use bindings::wit_stream;
use std::rc::Rc;
use weft_guest::futures::future::poll_immediate;
use weft_guest::wit_bindgen::{StreamReader, StreamWriter};

pub mod bindings {
    #![allow(missing_docs, unsafe_code, clippy::all)]
    wit_bindgen::generate!({
        inline: "
            package weft:axes;
            world axes {
                import wasi:cli/stdin@0.3.0;
                import wasi:cli/stdout@0.3.0;
                import wasi:cli/stderr@0.3.0;
                import wasi:clocks/monotonic-clock@0.3.0;
                import wasi:filesystem/types@0.3.0;
                import wasi:filesystem/preopens@0.3.0;
                import wasi:random/random@0.3.0;
                import wasi:random/insecure@0.3.0;
                import wasi:sockets/types@0.3.0;
            }

            package wasi:cli@0.3.0 {
                interface types {
                    enum error-code { io, illegal-byte-sequence, pipe }
                }
                interface stdin {
                    use types.{error-code};
                    read-via-stream: func() -> tuple<stream<u8>, future<result<_, error-code>>>;
                }
                interface stdout {
                    use types.{error-code};
                    write-via-stream: func(data: stream<u8>) -> future<result<_, error-code>>;
                }
                interface stderr {
                    use types.{error-code};
                    write-via-stream: func(data: stream<u8>) -> future<result<_, error-code>>;
                }
            }

            package wasi:random@0.3.0 {
                interface random {
                    get-random-bytes: func(max-len: u64) -> list<u8>;
                }
                interface insecure {
                    get-insecure-random-bytes: func(max-len: u64) -> list<u8>;
                }
            }

            package wasi:filesystem@0.3.0 {
                interface types {
                    use wasi:clocks/system-clock@0.3.0.{instant};
                    type filesize = u64;
                    variant descriptor-type {
                        block-device, character-device, directory, fifo, symbolic-link, regular-file, socket,
                        other(option<string>),
                    }
                    flags descriptor-flags {
                        read, write, file-integrity-sync, data-integrity-sync, requested-write-sync, mutate-directory,
                    }
                    flags path-flags { symlink-follow }
                    flags open-flags { create, directory, exclusive, truncate }
                    record descriptor-stat {
                        %type: descriptor-type, link-count: u64, size: filesize,
                        data-access-timestamp: option<instant>, data-modification-timestamp: option<instant>,
                        status-change-timestamp: option<instant>,
                    }
                    variant new-timestamp { no-change, now, timestamp(instant) }
                    record metadata-hash-value { lower: u64, upper: u64 }
                    record directory-entry { %type: descriptor-type, name: string }
                    variant error-code {
                        access, already, bad-descriptor, busy, deadlock, quota, exist, file-too-large,
                        illegal-byte-sequence, in-progress, interrupted, invalid, io, is-directory, loop,
                        too-many-links, message-size, name-too-long, no-device, no-entry, no-lock,
                        insufficient-memory, insufficient-space, not-directory, not-empty, not-recoverable,
                        unsupported, no-tty, no-such-device, overflow, not-permitted, pipe, read-only,
                        invalid-seek, text-file-busy, cross-device, other(option<string>),
                    }
                    resource descriptor {
                        read-via-stream: func(offset: filesize) -> tuple<stream<u8>, future<result<_, error-code>>>;
                        write-via-stream: func(data: stream<u8>, offset: filesize) -> future<result<_, error-code>>;
                        append-via-stream: func(data: stream<u8>) -> future<result<_, error-code>>;
                        set-size: async func(size: filesize) -> result<_, error-code>;
                        set-times: async func(data-access-timestamp: new-timestamp,
                            data-modification-timestamp: new-timestamp) -> result<_, error-code>;
                        sync: async func() -> result<_, error-code>;
                        stat: async func() -> result<descriptor-stat, error-code>;
                        is-same-object: async func(other: borrow<descriptor>) -> bool;
                        metadata-hash: async func() -> result<metadata-hash-value, error-code>;
                        metadata-hash-at: async func(path-flags: path-flags, path: string)
                            -> result<metadata-hash-value, error-code>;
                        stat-at: async func(path-flags: path-flags, path: string) -> result<descriptor-stat, error-code>;
                        set-times-at: async func(path-flags: path-flags, path: string, data-access-timestamp: new-timestamp,
                            data-modification-timestamp: new-timestamp) -> result<_, error-code>;
                        create-directory-at: async func(path: string) -> result<_, error-code>;
                        readlink-at: async func(path: string) -> result<string, error-code>;
                        remove-directory-at: async func(path: string) -> result<_, error-code>;
                        rename-at: async func(old-path: string, new-descriptor: borrow<descriptor>, new-path: string)
                            -> result<_, error-code>;
                        link-at: async func(old-path-flags: path-flags, old-path: string,
                            new-descriptor: borrow<descriptor>, new-path: string) -> result<_, error-code>;
                        symlink-at: async func(old-path: string, new-path: string) -> result<_, error-code>;
                        unlink-file-at: async func(path: string) -> result<_, error-code>;
                        read-directory: func() -> tuple<stream<directory-entry>, future<result<_, error-code>>>;
                        open-at: async func(path-flags: path-flags, path: string, open-flags: open-flags,
                            %flags: descriptor-flags) -> result<descriptor, error-code>;
                    }
                }
                interface preopens {
                    use types.{descriptor};
                    get-directories: func() -> list<tuple<descriptor, string>>;
                }
            }

            package wasi:clocks@0.3.0 {
                interface system-clock {
                    record instant { seconds: s64, nanoseconds: u32 }
                }
                interface types {
                    type duration = u64;
                }
                interface monotonic-clock {
                    use types.{duration};
                    wait-for: async func(how-long: duration);
                    wait-until: async func(when: u64);
                }
            }

            package wasi:sockets@0.3.0 {
                interface types {
                    variant error-code {
                        access-denied, not-supported, invalid-argument, out-of-memory, timeout, invalid-state,
                        address-not-bindable, address-in-use, remote-unreachable, connection-refused,
                        connection-broken, connection-reset, connection-aborted, datagram-too-large,
                        other(option<string>),
                    }
                    enum ip-address-family { ipv4, ipv6 }
                    type ipv4-address = tuple<u8, u8, u8, u8>;
                    type ipv6-address = tuple<u16, u16, u16, u16, u16, u16, u16, u16>;
                    record ipv4-socket-address { port: u16, address: ipv4-address }
                    record ipv6-socket-address { port: u16, flow-info: u32, address: ipv6-address, scope-id: u32 }
                    variant ip-socket-address { ipv4(ipv4-socket-address), ipv6(ipv6-socket-address) }
                    resource tcp-socket {
                        create: static func(address-family: ip-address-family) -> result<tcp-socket, error-code>;
                    }
                    resource udp-socket {
                        create: static func(address-family: ip-address-family) -> result<udp-socket, error-code>;
                        bind: func(local-address: ip-socket-address) -> result<_, error-code>;
                        receive: async func() -> result<tuple<list<u8>, ip-socket-address>, error-code>;
                    }
                }
            }
        ",
        world: "weft:axes/axes",
        generate_all,
    });
}

/// Nanoseconds of an hour.
const LONG: u64 = 3_600_000_000_000;

/// Calls that wait, at the most: the guest's own part of each is a kilobyte.
const WAITING: u64 = 40_000;

pub async fn make(axis: &str, how: How) -> Option<Made> {
    Some(match axis {
        "sleeps-03" => wait(WAITING, sleep).await,
        "standard-streams-03" => standard_streams(how).await,
        "random-bytes-03" => random_bytes(how),
        "sockets-03" => sockets(),
        "open-sockets-03" => open_sockets(),
        "datagrams-03" => datagrams().await,
        "preopened-folders-03" => repeat(MANY, |_| Ok::<_, ()>(preopens::get_directories())),
        _ => return None,
    })
}

async fn sleep(n: u64) {
    match n % 2 {
        0 => monotonic_clock::wait_for(LONG).await,
        _ => monotonic_clock::wait_until(u64::MAX).await,
    }
}

/// A stream with so many bytes that somebody may take. Both ends must be kept.
pub async fn offered(bytes: usize) -> (impl Sized, StreamReader<u8>) {
    let (mut to, from): (StreamWriter<u8>, _) = wit_stream::new();
    let mut written = Box::pin(async move { to.write(vec![b'x'; bytes]).await });
    let _ = poll_immediate(&mut written).await;
    (written, from)
}

/// Streams from stdin, and to stdout and stderr with nothing or much in them.
async fn standard_streams(how: How) -> Made {
    let mut kept = Vec::new();
    let most = how.pick(WAITING / 4, 20, 1000);
    for n in 0..most {
        let (written, from) = offered(how.pick(0, 2 * MIB, 10_000)).await;
        let end = match n % 2 {
            0 => stdout::write_via_stream(from),
            _ => stderr::write_via_stream(from),
        };
        let read = (how == How::Number).then(stdin::read_via_stream);
        kept.push((written, end, read));
    }
    Made::new(most, "all", kept)
}

fn random_bytes(how: How) -> Made {
    let bytes = how.pick(8, 30 * MIB as u64, MIB as u64);
    repeat(how.pick(50_000, 6, MANY), |n| {
        let bytes = match n % 2 {
            0 => random::get_random_bytes(bytes),
            _ => insecure::get_insecure_random_bytes(bytes),
        };
        Ok::<_, ()>((how == How::Both).then_some(bytes))
    })
}

fn sockets() -> Made {
    insist(2000, |n| match n % 2 {
        0 => TcpSocket::create(IpAddressFamily::Ipv4).map(|made| (Some(made), None)),
        _ => UdpSocket::create(IpAddressFamily::Ipv6).map(|made| (None, Some(made))),
    })
}

/// Sockets of each kind, with the right to them.
fn open_sockets() -> Made {
    repeat(MANY, |n| match n % 2 {
        0 => TcpSocket::create(IpAddressFamily::Ipv4).map(|made| (Some(made), None)),
        _ => UdpSocket::create(IpAddressFamily::Ipv6).map(|made| (None, Some(made))),
    })
}

/// Datagrams that are waited for, all on one socket, and never come.
async fn datagrams() -> Made {
    let anywhere = IpSocketAddress::Ipv4(Ipv4SocketAddress {
        port: 0,
        address: (127, 0, 0, 1),
    });
    let socket = match UdpSocket::create(IpAddressFamily::Ipv4) {
        Ok(socket) => Rc::new(socket),
        Err(error) => return Made::new(0, format!("{error:?}"), ()),
    };
    if let Err(error) = socket.bind(anywhere) {
        return Made::new(0, format!("{error:?}"), ());
    }
    wait(WAITING, |_| {
        let socket = socket.clone();
        async move { socket.receive().await }
    })
    .await
}
