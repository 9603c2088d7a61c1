//! `wasi:sockets` 0.2 and 0.3 under the rights `connect` and `listen`: [`Network`], an extension of the runtime.
//!
//! What a socket does is wasmtime-wasi's. What is ours: who may reach what (`guard`, `rights`), how names are looked up (`resolve`,
//! `lookup`), what a socket takes of the process's limits (`place`), and that a connection is given up in time (`tcp`). `plain` and
//! `concurrent` link it for 0.2 and 0.3. The same extension has connections of `weft:fabric`, which are in `connections`.
//!
//! A name is allowed by the name, and each of its addresses is then checked by itself: a socket is given an address, never a name, and
//! the address that was checked is the one that is dialled. So a name that suddenly has an address inside reaches nothing there.
//!
//! What a process may hold: each socket takes one of its `open-files`, and of its `host-bytes` as much as may be in flight in it. Nothing that
//! is done for a guest holds a thread of the runtime: look-ups that block run on threads of their own, a few at once.
//!
//! Invariants:
//! - No socket of a process without a right exists.
//! - No address is bound, dialled or sent to that `guard` has not allowed.

mod concurrent;
mod guard;
mod lookup;
mod place;
mod plain;
mod resolve;
mod rights;
mod tcp;

pub use resolve::{Resolve, Resolving, SystemResolver};
pub use rights::{CERTIFICATE, CONNECT, LISTEN};

pub(crate) use guard::{Guard, pattern_of};
pub(crate) use lookup::{Unanswered, look_up};
pub(crate) use place::{Place, Places, SOCKET_BYTES};
pub use rights::certificate as certificate_name;

use crate::connections;
use crate::keep_alive::keep_alive;
use crate::pattern::Pattern;
use crate::tls::{Certificate, Trust};
use crate::wasi_http;
use place::Accepted;
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use wasmtime_wasi::WasiCtxBuilder;
use wasmtime_wasi::sockets::{WasiSocketsCtx, WasiSocketsCtxView};
use weft_host::engine::EngineKind;
use weft_host::extension::{Extension, ExtensionRight, Import, NewProcess, Refused};
use weft_host::process::ProcessState;
use weft_host::wasmtime::component::{HasData, Linker};
use weft_host::wasmtime::{self};

/// How long a connection may take to come about by default: longer than any network takes, far less than the two minutes after which a
/// system gives up.
const CONNECT_TIME: Duration = Duration::from_secs(30);

/// How long a look-up may take by default, with its wait for a permit: the time of a resolver that asks two servers twice.
const LOOKUP_TIME: Duration = Duration::from_secs(20);

/// How many names a process may look up at once by default.
const LOOKUPS_OF_PROCESS: usize = 4;

/// Bytes in flight in each direction of a connection by default: two reads of the largest size, so that one is handled while the next
/// comes.
const IN_FLIGHT: u64 = 128 << 10;

/// How long what a process has left behind in a connection may take to be sent by default.
const CLOSE_TIME: Duration = Duration::from_secs(30);

/// What a network is like. Made by its methods from the default.
#[derive(Clone)]
#[non_exhaustive]
pub struct NetworkConfig {
    /// Who looks names up.
    pub resolver: Arc<dyn Resolve>,
    /// How long a connection may take to come about, with TLS if it has that. It then fails with `timeout`; a client that takes so long
    /// is turned away.
    pub connect_time: Duration,
    /// How long a look-up may take, with its wait for a permit. It then fails with `temporary-resolver-failure`.
    pub lookup_time: Duration,
    /// How many names one process may look up at once. Others wait.
    pub lookups_of_process: usize,
    /// Bytes that may be on their way in each direction of a connection of `weft:fabric/net`, if the guest does not say. Default: 128 KiB.
    pub in_flight: u64,
    /// After how long without a byte in any direction such a connection is terminated. Default: never, as some are quiet for days.
    pub idle_time: Option<Duration>,
    /// How long such a connection stays to send what its process has written, once nobody holds its ends any more. Default: 30 s, in which
    /// the slowest line takes what may be in flight.
    pub close_time: Duration,
    /// The certificates that listeners may show, by the names that the right `certificate` has.
    pub certificates: Arc<HashMap<String, Certificate>>,
    /// Whose certificates are believed when a guest connects. Default: nobody's.
    pub trust: Trust,
}

impl Default for NetworkConfig {
    /// With the system's resolver. Nobody's certificate is believed.
    fn default() -> Self {
        Self {
            resolver: Arc::new(SystemResolver::default()),
            connect_time: CONNECT_TIME,
            lookup_time: LOOKUP_TIME,
            lookups_of_process: LOOKUPS_OF_PROCESS,
            in_flight: IN_FLIGHT,
            idle_time: None,
            close_time: CLOSE_TIME,
            certificates: Arc::default(),
            trust: Trust::default(),
        }
    }
}

impl NetworkConfig {
    /// Sets who looks names up.
    #[must_use]
    pub fn resolver(mut self, resolver: Arc<dyn Resolve>) -> Self {
        self.resolver = resolver;
        self
    }

    /// Sets how long a connection may take to come about.
    #[must_use]
    pub fn connect_time(mut self, most: Duration) -> Self {
        self.connect_time = most;
        self
    }

    /// Sets how long a look-up may take.
    #[must_use]
    pub fn lookup_time(mut self, most: Duration) -> Self {
        self.lookup_time = most;
        self
    }

    /// Sets how many names one process may look up at once.
    #[must_use]
    pub fn lookups_of_process(mut self, most: usize) -> Self {
        self.lookups_of_process = most;
        self
    }

    /// Sets the bytes that may be on their way in each direction of a connection.
    #[must_use]
    pub fn in_flight(mut self, bytes: u64) -> Self {
        self.in_flight = bytes;
        self
    }

    /// Sets after how long without a byte a connection is terminated; none is never.
    #[must_use]
    pub fn idle_time(mut self, most: Option<Duration>) -> Self {
        self.idle_time = most;
        self
    }

    /// Sets how long a connection stays to send what is left.
    #[must_use]
    pub fn close_time(mut self, most: Duration) -> Self {
        self.close_time = most;
        self
    }

    /// Sets the certificates that listeners may show.
    #[must_use]
    pub fn certificates(mut self, certificates: HashMap<String, Certificate>) -> Self {
        self.certificates = Arc::new(certificates);
        self
    }

    /// Sets whose certificates are believed.
    #[must_use]
    pub fn trust(mut self, trust: Trust) -> Self {
        self.trust = trust;
        self
    }
}

impl std::fmt::Debug for NetworkConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NetworkConfig")
            .field("connect_time", &self.connect_time)
            .field("lookup_time", &self.lookup_time)
            .field("lookups_of_process", &self.lookups_of_process)
            .field("in_flight", &self.in_flight)
            .field("idle_time", &self.idle_time)
            .field("close_time", &self.close_time)
            .finish_non_exhaustive()
    }
}

/// Sockets for guests that hold `connect` or `listen`.
#[derive(Clone, Debug, Default)]
pub struct Network {
    config: NetworkConfig,
}

impl Network {
    /// A network like this.
    pub fn new(config: NetworkConfig) -> Self {
        Self { config }
    }
}

/// What a process has of the network.
#[derive(Default)]
pub(crate) struct Net {
    /// None for a process without a right.
    pub(crate) of: Option<OfProcess>,
    /// The places of sockets that wasmtime-wasi keeps, by their number in the table of resources.
    places: HashMap<u32, Arc<Place>>,
}

/// The same for a process with a right. Cheap to clone.
#[derive(Clone)]
pub(crate) struct OfProcess {
    pub(crate) guard: Arc<Guard>,
    pub(crate) places: Arc<Places>,
    /// Of the sockets that wasmtime-wasi keeps.
    accepted: Arc<Accepted>,
    /// What makes those.
    sockets: WasiSocketsCtx,
    pub(crate) config: NetworkConfig,
    /// The certificates that it may show.
    pub(crate) certificates: Arc<BTreeSet<String>>,
    /// Permits for look-ups.
    lookups: Arc<Semaphore>,
}

impl OfProcess {
    fn new(config: &NetworkConfig, process: &NewProcess<'_>) -> Result<Self, Refused> {
        let read = |right: &ExtensionRight| -> Result<Vec<Pattern>, Refused> {
            let values = process.values(right).map(|text| Ok(text.parse()?));
            values.collect()
        };
        let places = Arc::new(Places::new(process.on_behalf()));
        let (connect, listen) = (read(CONNECT)?, read(LISTEN)?);
        let guard = Guard::new(connect, listen, process.on_behalf(), places.clone());
        let guard = Arc::new(guard);
        let accepted = Arc::new(Accepted::default());
        Ok(Self {
            sockets: checked(&guard, &accepted),
            guard,
            places,
            accepted,
            config: config.clone(),
            certificates: Arc::new(process.values(CERTIFICATE).map(str::to_owned).collect()),
            lookups: Arc::new(Semaphore::new(config.lookups_of_process.max(1))),
        })
    }
}

impl OfProcess {
    /// Connects to the first of these addresses that answers, each with its share of the time. The error is the last one, with its
    /// address; none if there is no address.
    pub(crate) async fn connect(
        &self,
        addresses: &[SocketAddr],
    ) -> Result<(TcpStream, SocketAddr), Option<(io::Error, SocketAddr)>> {
        let mut last = None;
        let time = self.share(addresses.len());
        for address in addresses {
            let connecting = timeout(time, TcpStream::connect(*address)).await;
            match connecting.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
                Ok(stream) => {
                    // What is sent is a whole request or reply as often as not, and somebody waits for it.
                    let _ = stream.set_nodelay(true);
                    keep_alive(&stream);
                    return Ok((stream, *address));
                }
                Err(error) => last = Some((error, *address)),
            }
        }
        Err(last)
    }

    /// The time for one of so many addresses, so that one which does not answer leaves some for the others.
    pub(crate) fn share(&self, addresses: usize) -> Duration {
        let addresses = u32::try_from(addresses).unwrap_or(u32::MAX);
        self.config.connect_time / addresses.max(1)
    }
}

/// What makes sockets that ask `guard`. It keeps the places of what they accept in `accepted`, and does not keep that itself.
fn checked(guard: &Arc<Guard>, accepted: &Arc<Accepted>) -> WasiSocketsCtx {
    let (guard, accepted) = (guard.clone(), Arc::downgrade(accepted));
    let mut context = WasiCtxBuilder::new();
    context.allow_tcp(true).allow_udp(true);
    context.socket_addr_check(move |address, used| {
        let allowed = guard.allows(address, used, &accepted);
        Box::pin(async move { allowed })
    });
    context.build().sockets().clone()
}

/// Why there is no new socket.
enum NoSocket {
    /// The process has no right.
    Denied,
    /// A limit is reached: which, in words.
    Full(String),
}

/// The adapters' way to a process.
pub(crate) struct View<'a>(pub(crate) &'a mut ProcessState);

/// The store data that the adapters work on.
pub(crate) struct Sockets;

impl HasData for Sockets {
    type Data<'a> = View<'a>;
}

pub(crate) fn view(state: &mut ProcessState) -> View<'_> {
    View(state)
}

impl View<'_> {
    fn net(&mut self) -> &mut Net {
        self.0.own()
    }

    /// What the process has, if it holds a right.
    pub(crate) fn of(&mut self) -> Option<OfProcess> {
        self.net().of.clone()
    }

    /// What a new socket needs: a right, and a place. The log says what is missing.
    fn admit(&mut self) -> Result<(OfProcess, Place), NoSocket> {
        let Some(of) = self.of() else {
            self.0.deny(CONNECT, None);
            return Err(NoSocket::Denied);
        };
        let place = of.places.take().map_err(NoSocket::Full)?;
        Ok((of, place))
    }
}

/// wasmtime-wasi's view of the process's sockets, with the check of this process for those that are made.
fn own_sockets(state: &mut ProcessState) -> WasiSocketsCtxView<'_> {
    use wasmtime_wasi::sockets::WasiSocketsView;
    state.sockets()
}

impl Extension for Network {
    fn name(&self) -> &'static str {
        "network"
    }

    fn rights(&self) -> &'static [&'static ExtensionRight] {
        &[CONNECT, LISTEN, CERTIFICATE]
    }

    fn imports(&self) -> &'static [Import] {
        rights::IMPORTS
    }

    fn link(&self, linker: &mut Linker<ProcessState>, engine: EngineKind) -> wasmtime::Result<()> {
        plain::link(linker)?;
        connections::link(linker, engine)?;
        if engine == EngineKind::Concurrent {
            concurrent::link(linker)?;
        }
        wasi_http::link(linker, engine)
    }

    fn start(&self, process: &mut NewProcess<'_>) -> Result<(), Refused> {
        if process.holds(CONNECT) || process.holds(LISTEN) {
            let of = OfProcess::new(&self.config, process)?;
            process.keep(Net {
                of: Some(of),
                places: HashMap::new(),
            });
        }
        Ok(())
    }
}
