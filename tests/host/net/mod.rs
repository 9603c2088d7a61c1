//! Sockets of guests under the rights `connect` and `listen`, with servers and clients of the test's own on the loopback.

mod allowed;
mod bounds;
mod denied;
mod ends;
mod http;
mod inside;
mod names;
mod watched;

use crate::support::{config, end, guest_of, host_with, log, text};
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use weft_host::log::LogEntry;
use weft_host::{
    Argument, Arguments, Capabilities, ExitStatus, Host, Process, StartOptions,
    extension::Extensions,
};
use weft_net::pattern::Name;
use weft_net::sockets::{Network, NetworkConfig, Resolve, Resolving};

/// Names that the test gives addresses, one answer after the other; the last one again and again.
#[derive(Clone, Default)]
pub struct Told {
    answers: Arc<Mutex<HashMap<String, Vec<Vec<IpAddr>>>>>,
    /// Look-ups that never end.
    silent: bool,
    pub asked: Arc<AtomicUsize>,
    pub under_way: Arc<AtomicUsize>,
}

impl Told {
    pub fn of(names: &[(&str, &[&[&str]])]) -> Self {
        let told = Self::default();
        for (name, answers) in names {
            let answers = answers.iter().map(|answer| {
                let addresses = answer.iter().map(|text| text.parse().unwrap());
                addresses.collect()
            });
            let mut all = told.answers.lock().unwrap();
            all.insert((*name).to_owned(), answers.collect());
        }
        told
    }

    pub fn silent() -> Self {
        Self {
            silent: true,
            ..Self::default()
        }
    }
}

/// Counts a look-up that is under way.
struct UnderWay(Arc<AtomicUsize>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Resolve for Told {
    fn resolve(&self, name: &Name) -> Resolving {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.under_way.fetch_add(1, Ordering::Relaxed);
        let under_way = UnderWay(self.under_way.clone());
        let mut answers = self.answers.lock().unwrap();
        let found = answers.get_mut(name.as_str()).map(|left| match left.len() {
            0 | 1 => left.first().cloned().unwrap_or_default(),
            _ => left.remove(0),
        });
        let silent = self.silent;
        Box::pin(async move {
            let _under_way = under_way;
            if silent {
                std::future::pending::<()>().await;
            }
            found.ok_or_else(|| io::Error::other("there is no such name"))
        })
    }
}

pub fn extensions(network: NetworkConfig) -> Extensions {
    Extensions::none().with(Network::new(network))
}

/// A host with a network whose names the test gives.
pub async fn host_of(told: &Told) -> Host {
    host_like(NetworkConfig::default().resolver(Arc::new(told.clone()))).await
}

pub async fn host_like(network: NetworkConfig) -> Host {
    let config = config().extensions(extensions(network));
    let host = host_with(config, &["net-03"]).await;
    let program = host.components();
    program
        .load_file("net-std", &guest_of("net-std"))
        .await
        .unwrap();
    host
}

pub fn rights(rights: &[&str]) -> Capabilities {
    let all = extensions(NetworkConfig::default());
    let mut capabilities = Capabilities::none();
    for right in rights {
        all.grant(&mut capabilities, right).unwrap();
    }
    capabilities
}

/// A start of the program of 0.2 with these rights.
pub fn program(words: &[&str], held: &[&str]) -> StartOptions {
    let line = std::iter::once("net-std").chain(words.iter().copied());
    StartOptions::new("net-std")
        .command_line(line.map(str::to_owned).collect::<Vec<_>>())
        .capabilities(rights(held))
}

/// A start of the guest of 0.3 with these rights.
pub fn guest_03(what: &str, address: &str, most: u32, held: &[&str]) -> StartOptions {
    StartOptions::new("net-03")
        .entry_point("run")
        .arguments(Arguments::Positional(vec![
            text(what),
            text(address),
            Argument::Wave(most.to_string()),
        ]))
        .capabilities(rights(held))
}

/// What a program printed, and what the host said in its log.
pub async fn said(host: &Host, options: StartOptions) -> (Vec<String>, Vec<LogEntry>) {
    let process = host.start(options).unwrap();
    end(&process).await;
    let (host, own): (Vec<_>, Vec<_>) = log(&process).await.into_iter().partition(is_of_host);
    (own.into_iter().map(|entry| entry.body).collect(), host)
}

fn is_of_host(entry: &LogEntry) -> bool {
    entry.instrumentation_scope.name == "weft"
}

/// How the guest of 0.3 ended: the text that it gave back.
pub async fn told_03(host: &Host, options: StartOptions) -> Result<String, String> {
    match end(&host.start(options).unwrap()).await {
        ExitStatus::Returned(text) => Ok(text.trim_matches('"').to_owned()),
        ExitStatus::Failed(text) => Err(text.trim_matches('"').to_owned()),
        other => panic!("{other:?}"),
    }
}

/// The address after `listening on` in a process's log, which is read from its beginning.
pub async fn listening(process: &Process) -> SocketAddr {
    let reader = process.log();
    loop {
        let frame = reader
            .read()
            .await
            .unwrap()
            .expect("it says where it listens");
        let entry: LogEntry = serde_json::from_slice(&frame.payload).unwrap();
        if let Some(address) = entry.body.strip_prefix("listening on ") {
            return address.trim().parse().unwrap();
        }
    }
}

/// A server, until the test ends.
pub struct Server {
    pub address: SocketAddr,
    pub accepted: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Does this with each connection to a loopback address.
pub async fn serving<F>(each: impl Fn(TcpStream) -> F + Send + 'static) -> Server
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = accepted.clone();
    let task = tokio::spawn(async move {
        let mut clients = tokio::task::JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            count.fetch_add(1, Ordering::Relaxed);
            clients.spawn(each(stream));
        }
    });
    Server {
        address,
        accepted,
        task,
    }
}

/// Sends back what it is sent, over TCP on the loopback address.
pub async fn echo() -> Server {
    serving(|mut stream| async move {
        let mut bytes = vec![0; 64 << 10];
        while let Ok(read @ 1..) = stream.read(&mut bytes).await {
            if stream.write_all(&bytes[..read]).await.is_err() {
                break;
            }
        }
    })
    .await
}

/// Echoes datagrams on the loopback address.
pub async fn echo_udp() -> Server {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let task = tokio::spawn(async move {
        let mut bytes = vec![0; 64 << 10];
        loop {
            let (read, from) = socket.recv_from(&mut bytes).await.unwrap();
            socket.send_to(&bytes[..read], from).await.unwrap();
        }
    });
    Server {
        address,
        accepted: Arc::default(),
        task,
    }
}

/// Waits until something has come about.
pub async fn until(what: impl Fn() -> bool) {
    while !what() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
