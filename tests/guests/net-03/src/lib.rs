//! Uses the network by WASI 0.3: an entry point `run` with what to do and with whom. It returns what came of it.

use bindings::wasi::sockets::ip_name_lookup::resolve_addresses;
use bindings::wasi::sockets::types::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress,
    TcpSocket, UdpSocket,
};
use bindings::wit_stream;
use std::net::{Ipv6Addr, SocketAddr};
use weft_guest::time;

mod bindings {
    #![allow(missing_docs, unsafe_code, clippy::all)]
    wit_bindgen::generate!({
        inline: "
            package weft:net03;
            world net {
                import wasi:sockets/types@0.3.0;
                import wasi:sockets/ip-name-lookup@0.3.0;
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
                    variant ip-address { ipv4(ipv4-address), ipv6(ipv6-address) }
                    record ipv4-socket-address { port: u16, address: ipv4-address }
                    record ipv6-socket-address { port: u16, flow-info: u32, address: ipv6-address, scope-id: u32 }
                    variant ip-socket-address { ipv4(ipv4-socket-address), ipv6(ipv6-socket-address) }
                    resource tcp-socket {
                        create: static func(address-family: ip-address-family) -> result<tcp-socket, error-code>;
                        bind: func(local-address: ip-socket-address) -> result<_, error-code>;
                        connect: async func(remote-address: ip-socket-address) -> result<_, error-code>;
                        listen: func() -> result<stream<tcp-socket>, error-code>;
                        send: func(data: stream<u8>) -> future<result<_, error-code>>;
                        receive: func() -> tuple<stream<u8>, future<result<_, error-code>>>;
                        set-keep-alive-enabled: func(value: bool) -> result<_, error-code>;
                        get-local-address: func() -> result<ip-socket-address, error-code>;
                    }
                    resource udp-socket {
                        create: static func(address-family: ip-address-family) -> result<udp-socket, error-code>;
                        bind: func(local-address: ip-socket-address) -> result<_, error-code>;
                        send: async func(data: list<u8>, remote-address: option<ip-socket-address>) -> result<_, error-code>;
                        receive: async func() -> result<tuple<list<u8>, ip-socket-address>, error-code>;
                        get-local-address: func() -> result<ip-socket-address, error-code>;
                    }
                }
                interface ip-name-lookup {
                    use types.{ip-address};
                    variant error-code {
                        access-denied, invalid-argument, name-unresolvable, temporary-resolver-failure,
                        permanent-resolver-failure, other(option<string>),
                    }
                    resolve-addresses: async func(name: string) -> result<list<ip-address>, error-code>;
                }
            }
        ",
        world: "weft:net03/net",
        generate_all,
    });
}

/// Plays `what` with an address, a name or a number of things.
#[weft_guest::main]
async fn main(what: String, address: String, most: u32) -> Result<String, String> {
    match what.as_str() {
        "say" => say(&address, true)
            .await
            .map_err(|error| format!("{error:?}")),
        "say-unwatched" => say(&address, false)
            .await
            .map_err(|error| format!("{error:?}")),
        "ask" => ask(&address).await.map_err(|error| format!("{error:?}")),
        "serve" => serve(&address, most)
            .await
            .map_err(|error| format!("{error:?}")),
        "answer" => answer(&address, most)
            .await
            .map_err(|error| format!("{error:?}")),
        "resolve" => resolve(&address).await,
        "hold" => hold(&address, most, false).await,
        "hold-streams" => hold(&address, most, true).await,
        other => Err(format!("no scenario is called {other}")),
    }
}

fn read(text: &str) -> Result<SocketAddr, ErrorCode> {
    text.parse().map_err(|_| ErrorCode::InvalidArgument)
}

fn family(address: SocketAddr) -> IpAddressFamily {
    match address {
        SocketAddr::V4(_) => IpAddressFamily::Ipv4,
        SocketAddr::V6(_) => IpAddressFamily::Ipv6,
    }
}

fn of_interface(address: SocketAddr) -> IpSocketAddress {
    match address {
        SocketAddr::V4(address) => {
            let [a, b, c, d] = address.ip().octets();
            IpSocketAddress::Ipv4(Ipv4SocketAddress {
                port: address.port(),
                address: (a, b, c, d),
            })
        }
        SocketAddr::V6(address) => {
            let [a, b, c, d, e, f, g, h] = address.ip().segments();
            IpSocketAddress::Ipv6(Ipv6SocketAddress {
                port: address.port(),
                flow_info: 0,
                address: (a, b, c, d, e, f, g, h),
                scope_id: 0,
            })
        }
    }
}

fn of_std(address: IpSocketAddress) -> SocketAddr {
    match address {
        IpSocketAddress::Ipv4(it) => {
            let (a, b, c, d) = it.address;
            ([a, b, c, d], it.port).into()
        }
        IpSocketAddress::Ipv6(it) => {
            let (a, b, c, d, e, f, g, h) = it.address;
            (Ipv6Addr::new(a, b, c, d, e, f, g, h), it.port).into()
        }
    }
}

async fn connected(address: &str) -> Result<TcpSocket, ErrorCode> {
    let address = read(address)?;
    let socket = TcpSocket::create(family(address))?;
    socket.connect(of_interface(address)).await?;
    Ok(socket)
}

/// Says hello, on a socket whose other side the system looks for, or does not.
async fn say(address: &str, watched: bool) -> Result<String, ErrorCode> {
    let address = read(address)?;
    let socket = TcpSocket::create(family(address))?;
    if !watched {
        socket.set_keep_alive_enabled(false)?;
    }
    socket.connect(of_interface(address)).await?;
    let (mut to, data) = wit_stream::new();
    let sent = socket.send(data);
    to.write_all(b"hello\n".to_vec()).await;
    drop(to);
    let (from, received) = socket.receive();
    let heard = from.collect().await;
    sent.await?;
    received.await?;
    Ok(String::from_utf8_lossy(&heard).trim_end().to_owned())
}

async fn ask(address: &str) -> Result<String, ErrorCode> {
    let socket = UdpSocket::create(IpAddressFamily::Ipv4)?;
    socket.bind(of_interface(read("0.0.0.0:0")?))?;
    let to = of_interface(read(address)?);
    socket.send(b"hello".to_vec(), Some(to)).await?;
    let (heard, _) = socket.receive().await?;
    Ok(String::from_utf8_lossy(&heard).into_owned())
}

/// Answers so many datagrams with themselves. What it listens on is in its log.
async fn answer(address: &str, most: u32) -> Result<String, ErrorCode> {
    let address = read(address)?;
    let socket = UdpSocket::create(family(address))?;
    socket.bind(of_interface(address))?;
    println!("listening on {}", of_std(socket.get_local_address()?));
    for _ in 0..most {
        let (asked, from) = socket.receive().await?;
        socket.send(asked, Some(from)).await?;
    }
    Ok(format!("answered {most}"))
}

/// Listens, and echoes what each of so many clients says. What it listens on is in its log.
async fn serve(address: &str, most: u32) -> Result<String, ErrorCode> {
    let address = read(address)?;
    let listener = TcpSocket::create(family(address))?;
    listener.bind(of_interface(address))?;
    let mut clients = listener.listen()?;
    println!("listening on {}", of_std(listener.get_local_address()?));
    for _ in 0..most {
        let Some(client) = clients.next().await else {
            break;
        };
        let (from, _) = client.receive();
        let sent = client.send(from);
        // The stream goes on without its socket.
        drop(client);
        sent.await?;
    }
    Ok(format!("served {most}"))
}

async fn resolve(name: &str) -> Result<String, String> {
    let found = resolve_addresses(name.to_owned()).await;
    let found = found.map_err(|error| format!("{error:?}"))?;
    let texts = found.iter().map(|address| match address {
        IpAddress::Ipv4((a, b, c, d)) => format!("{a}.{b}.{c}.{d}"),
        IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => {
            Ipv6Addr::new(*a, *b, *c, *d, *e, *f, *g, *h).to_string()
        }
    });
    Ok(texts.collect::<Vec<_>>().join(" "))
}

/// Opens connections until one fails, keeping the sockets or only a stream of each; lets go of them, and opens as many again.
async fn hold(address: &str, most: u32, streams: bool) -> Result<String, String> {
    let mut said = Vec::new();
    for _ in 0..2 {
        let (mut sockets, mut held) = (Vec::new(), Vec::new());
        let mut told = String::new();
        while sockets.len().max(held.len()) < most as usize {
            match connected(address).await {
                Ok(socket) if streams => held.push(socket.receive()),
                Ok(socket) => sockets.push(socket),
                Err(error) => {
                    told = format!("{error:?}");
                    break;
                }
            }
        }
        said.push(format!(
            "{} open, then {told}",
            sockets.len().max(held.len())
        ));
        drop((sockets, held));
        // What was dropped is let go of when the guest waits.
        time::sleep(std::time::Duration::from_millis(50)).await;
    }
    Ok(said.join("; "))
}
