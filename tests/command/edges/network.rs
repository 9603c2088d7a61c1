//! The keys of `[network]`: what each does to a guest.

use super::served::Served;
use crate::weft::up;
use std::io::Read;
use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

/// Far less than what the keys are by default.
const SOON: Duration = Duration::from_secs(20);

/// A manifest with a guest that plays this with an address, and these keys of its own and of the network.
fn manifest(what: &str, address: &str, more: &str, network: &str) -> String {
    format!(
        "[network]\n{network}\n[processes.client]\ncomponent = \"net-ends\"\n\
         args = {{ what = \"{what}\", address = \"{address}\", with = \"100\" }}\n\
         capabilities = [\"connect={address}\", \"channel-reader\", \"channel-writer\"]\n{more}\n"
    )
}

/// A server, and its address as guests write it.
fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    (listener, address)
}

#[test]
fn a_connection_is_terminated_after_the_idle_time_of_the_manifest() {
    let (listener, address) = listener();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        // It says nothing until the other side is gone.
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let folder = tempfile::tempdir().unwrap();
    let text = manifest("read-then-answer", &address, "", "idle-time = \"100ms\"");
    let command = up(folder.path(), &["net-ends"], &text).timeout(SOON);
    let told = super::stderr(&command.assert().code(1));
    assert!(told.contains("nothing had moved for 100ms"), "{told}");
    assert!(told.contains("the channel was terminated"), "{told}");
}

#[test]
fn bytes_in_flight_are_as_many_as_the_manifest_says() {
    let opened = |network: &str| {
        let (listener, address) = listener();
        std::thread::spawn(move || {
            let mut held = Vec::new();
            while let Ok((stream, _)) = listener.accept() {
                held.push(stream);
            }
        });
        let folder = tempfile::tempdir().unwrap();
        let more = "limits = { channel-bytes = \"1MiB\" }";
        let text = manifest("hold", &address, more, network);
        let command = up(folder.path(), &["net-ends"], &text);
        let told = super::stderr(&command.assert().success());
        let (before, _) = told.split_once(" open, then Exhausted").expect(&told);
        let digits = before.rsplit(|it: char| !it.is_ascii_digit()).next();
        digits.unwrap().parse::<u32>().unwrap()
    };
    // Each connection takes them twice, once for each direction.
    assert_eq!(opened(""), 4);
    assert_eq!(opened("in-flight = \"64KiB\""), 8);
    assert_eq!(opened("in-flight = \"512KiB\""), 1);
}

/// Whether the other side still has this connection open, by the system's table of connections.
#[cfg(target_os = "linux")]
fn is_open(there: SocketAddr, here: SocketAddr) -> bool {
    let hex = |address: SocketAddr| {
        let std::net::IpAddr::V4(ip) = address.ip() else {
            panic!("{address} is in another table");
        };
        let ip = u32::from_ne_bytes(ip.octets());
        format!("{ip:08X}:{:04X}", address.port())
    };
    let row = format!(" {} {} 01 ", hex(there), hex(here));
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table.contains(&row)
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_left_behind_is_given_up_after_the_close_time_of_the_manifest() {
    let (listener, address) = listener();
    let net_ends = crate::support::guest_of("net-ends").display().to_string();
    // More than the system keeps for both sides. The listener for HTTP keeps the host going once the client has ended.
    let network = "close-time = \"100ms\"\nin-flight = \"32MiB\"";
    let more = "limits = { host-bytes = \"256MiB\" }";
    let client = manifest("leave-behind", &address, more, network);
    let client = client.replace("with = \"100\"", "with = \"30000000\"");
    let text = format!(
        "[components]\nnet-ends = {net_ends:?}\n[channels]\nc = {{}}\n{client}\n\
         [http.shop]\nlisten = \"127.0.0.1:0\"\n[http.shop.routes]\n\"POST /c\" = {{ channel = \"c\" }}\n\
         \"GET /c\" = {{ channel = \"c\" }}\n"
    );
    let shop = Served::new(&text);
    let (mut stream, there) = listener.accept().unwrap();
    let here = listener.local_addr().unwrap();
    let since = Instant::now();
    while is_open(there, here) {
        assert!(since.elapsed() < SOON, "the connection is kept");
        std::thread::sleep(Duration::from_millis(5));
    }
    // What the system had taken comes still, and that is not all.
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard);
    assert!(heard.len() < 30_000_000, "{}", heard.len());
    drop(shop);
}
