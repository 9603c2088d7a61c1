//! Decides, for one process, which addresses it may bind, dial, send to and hear from, and which names it may look up.
//!
//! - To dial an address, a pattern of `connect` names it by itself; or it is not special, and it is an address of a name that the process
//!   has looked up, and a pattern has that name. The port must be in the same pattern.
//! - To listen, a pattern of `listen` names the address. A client may bind any address with port 0: it hears only those it may dial.
//! - Datagrams come from those that may be dialled. With a right to listen they come from everybody, and whoever has sent one may be
//!   answered.
//!
//! Invariant: what is remembered is bounded, however much a guest looks up and however many send to it.

use super::place::{Accepted, Places};
use super::rights::{CONNECT, LISTEN};
use crate::address::{Class, canonical, class};
use crate::pattern::{Name, Pattern, Prefix, Scheme, Target, TargetHost};
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use wasmtime_wasi::sockets::SocketAddrUse;
use weft_host::extension::{ExtensionRight, OnBehalf};

/// Names that are remembered with their addresses. The one that was looked up longest ago goes first.
const NAMES: usize = 64;

/// Addresses of one name that are remembered; the oldest go first. More than any answer of a resolver has.
pub(super) const ADDRESSES: usize = 32;

/// Senders of datagrams that may be answered; the oldest go first.
const SENDERS: usize = 1_024;

/// The rights of a process on addresses, and what it has learnt.
#[derive(Debug)]
pub(crate) struct Guard {
    connect: Vec<Pattern>,
    listen: Vec<Pattern>,
    learnt: Mutex<Learnt>,
    on_behalf: OnBehalf,
    places: Arc<Places>,
}

#[derive(Debug, Default)]
struct Learnt {
    /// In the order of their last look-up.
    names: VecDeque<(Name, VecDeque<IpAddr>)>,
    senders: VecDeque<SocketAddr>,
}

/// Why something is denied: the right, the pattern that would allow it, and maybe what else there is to say.
type Denied = (&'static ExtensionRight, String, Option<String>);

impl Guard {
    pub(super) fn new(
        connect: Vec<Pattern>,
        listen: Vec<Pattern>,
        on_behalf: OnBehalf,
        places: Arc<Places>,
    ) -> Self {
        Self {
            connect,
            listen,
            learnt: Mutex::default(),
            on_behalf,
            places,
        }
    }

    /// Whether a socket may use the address so. If not, the log says what is missing.
    /// `accepted` is where the places of accepted connections go, if there is still somebody to accept them.
    pub(super) fn allows(
        &self,
        address: SocketAddr,
        used: SocketAddrUse,
        accepted: &Weak<Accepted>,
    ) -> bool {
        let address = SocketAddr::new(canonical(address.ip()), address.port());
        let decided = match used {
            SocketAddrUse::TcpBind => self.bind(Scheme::Tcp, address),
            SocketAddrUse::TcpListen => self.listens(address),
            SocketAddrUse::TcpAccept => {
                let accepted = accepted.upgrade();
                return accepted.is_some_and(|accepted| self.places.accept(&accepted));
            }
            SocketAddrUse::TcpConnect => self.dial(Scheme::Tcp, address),
            SocketAddrUse::UdpBind => self.bind(Scheme::Udp, address),
            SocketAddrUse::UdpSend => self.send(address),
            SocketAddrUse::UdpReceive => return self.hear(address),
        };
        match decided {
            Ok(()) => true,
            Err(denied) => {
                self.denied(denied);
                false
            }
        }
    }

    /// Whether the process may look the name up: it may if any pattern has it. If not, the log says what is missing.
    pub(super) fn allows_name(&self, name: &Name) -> bool {
        let allowed = self.connect.iter().any(|held| held.host.has_name(name));
        if !allowed {
            let pattern = format!("tcp://{name}:*");
            self.on_behalf.deny(CONNECT, Some(&pattern));
        }
        allowed
    }

    /// Whether a pattern of `connect` has this target, such as that of a request. The addresses of a name are checked by
    /// [`dialled_for`](Self::dialled_for) or [`may_dial_of`](Self::may_dial_of).
    ///
    /// # Errors
    /// The text of the denial. The log says what is missing.
    pub(crate) fn may_ask(&self, target: &Target<'_>) -> Result<(), String> {
        match self.connect.iter().any(|held| held.matches(target)) {
            true => Ok(()),
            false => Err(self.denied((CONNECT, pattern_of(target), None))),
        }
    }

    /// Which of the addresses of a name may be dialled for requests to it: those that are not special, and those that patterns name by
    /// themselves. None if there is no such address; the log says what is missing then.
    ///
    /// A connection carries each request that the process may send to the name. So an address counts as named if the patterns with it have
    /// every path that those with the name have.
    pub(crate) fn dialled_for(
        &self,
        scheme: Scheme,
        name: &Name,
        found: &[IpAddr],
        port: u16,
    ) -> Option<Vec<SocketAddr>> {
        let asked: Vec<_> = self
            .prefixes(scheme, TargetHost::Name(name), port)
            .collect();
        let named = |address| {
            let host = TargetHost::Address(address);
            let has = |asked: &Prefix| {
                let mut own = self.prefixes(scheme, host, port);
                own.any(|own| own.has_prefix(asked))
            };
            !asked.is_empty() && asked.iter().all(|asked| has(asked))
        };
        let may = |address: &IpAddr| class(*address).is_none() || named(*address);
        let allowed = found.iter().copied().filter(may);
        let allowed: Vec<_> = allowed.map(|it| SocketAddr::new(it, port)).collect();
        if allowed.is_empty() {
            let special = found.iter().find_map(|it| Some((*it, class(*it)?)));
            if let Some((address, special)) = special {
                let address = SocketAddr::new(address, port);
                self.denied(not_by_name(scheme, name, address, special));
            }
            return None;
        }
        Some(allowed)
    }

    /// The prefixes of the patterns of `connect` that are for this host.
    fn prefixes<'a>(
        &'a self,
        scheme: Scheme,
        host: TargetHost<'a>,
        port: u16,
    ) -> impl Iterator<Item = &'a Prefix> {
        let held = self.connect.iter();
        let held = held.filter(move |held| held.is_for(scheme, host, port));
        held.map(|held| &held.prefix)
    }

    /// Whether the process may dial an address that nobody looked up.
    ///
    /// # Errors
    /// The text of the denial. The log says what is missing.
    pub(crate) fn may_dial(&self, scheme: Scheme, address: SocketAddr) -> Result<(), String> {
        self.may_ask(&target(
            scheme,
            TargetHost::Address(address.ip()),
            address.port(),
        ))
    }

    /// Whether the process may dial a name. What the name's addresses are is for [`may_dial_of`](Self::may_dial_of).
    ///
    /// # Errors
    /// As for `may_dial`.
    pub(crate) fn may_dial_name(
        &self,
        scheme: Scheme,
        name: &Name,
        port: u16,
    ) -> Result<(), String> {
        self.may_ask(&target(scheme, TargetHost::Name(name), port))
    }

    /// Whether the process may dial this address of a name that it may dial.
    ///
    /// # Errors
    /// As for `may_dial`.
    pub(crate) fn may_dial_of(
        &self,
        scheme: Scheme,
        name: &Name,
        address: SocketAddr,
    ) -> Result<(), String> {
        let Some(special) = class(address.ip()) else {
            return Ok(());
        };
        let host = TargetHost::Address(address.ip());
        match matches(&self.connect, scheme, host, address.port()) {
            true => Ok(()),
            false => Err(self.denied(not_by_name(scheme, name, address, special))),
        }
    }

    /// Whether the process may listen on the address.
    ///
    /// # Errors
    /// As for `may_dial`.
    pub(crate) fn may_listen(&self, scheme: Scheme, address: SocketAddr) -> Result<(), String> {
        let allowed = self.has_listen(scheme, address, &[address.port()]);
        allowed.map_err(|denied| self.denied(denied))
    }

    /// Says in the log what is missing, and gives the text of the denial.
    fn denied(&self, (right, pattern, cause): Denied) -> String {
        match cause {
            Some(cause) => self.on_behalf.deny_as(right, &pattern, &cause),
            None => self.on_behalf.deny(right, Some(&pattern)),
        }
    }

    /// Remembers what a look-up has found.
    pub(super) fn learn(&self, name: &Name, addresses: &[IpAddr]) {
        let mut learnt = self.lock();
        let at = learnt.names.iter().position(|(known, _)| known == name);
        let known = at.and_then(|at| learnt.names.remove(at));
        let mut known = known.map(|(_, known)| known).unwrap_or_default();
        for address in addresses.iter().copied().map(canonical) {
            known.retain(|it| *it != address);
            known.push_back(address);
        }
        known.drain(..known.len().saturating_sub(ADDRESSES));
        learnt.names.push_back((name.clone(), known));
        if learnt.names.len() > NAMES {
            learnt.names.pop_front();
        }
    }

    fn dial(&self, scheme: Scheme, address: SocketAddr) -> Result<(), Denied> {
        let matches = |host| matches(&self.connect, scheme, host, address.port());
        if matches(TargetHost::Address(address.ip())) {
            return Ok(());
        }
        let special = class(address.ip());
        let learnt = self.lock();
        let mut names = learnt.names.iter();
        let named = names
            .find(|(name, known)| known.contains(&address.ip()) && matches(TargetHost::Name(name)));
        match (named, special) {
            (Some(_), None) => Ok(()),
            (Some((name, _)), Some(special)) => Err(not_by_name(scheme, name, address, special)),
            (None, _) => Err((CONNECT, text(scheme, address), None)),
        }
    }

    /// Whether it may have the address as its own. With port 0 it may be a client, and what it does next is checked.
    fn bind(&self, scheme: Scheme, address: SocketAddr) -> Result<(), Denied> {
        match address.port() {
            0 => Ok(()),
            port => self.has_listen(scheme, address, &[port]),
        }
    }

    /// Whether it may listen where it is bound. With port 0 the system chose the port: a port that a guest chose was checked when it was
    /// bound.
    fn listens(&self, address: SocketAddr) -> Result<(), Denied> {
        self.has_listen(Scheme::Tcp, address, &[address.port(), 0])
    }

    /// Whether a pattern of `listen` has the address with one of these ports.
    fn has_listen(&self, scheme: Scheme, address: SocketAddr, ports: &[u16]) -> Result<(), Denied> {
        let host = || TargetHost::Address(address.ip());
        let mut ports = ports.iter();
        match ports.any(|port| matches(&self.listen, scheme, host(), *port)) {
            true => Ok(()),
            false => Err((LISTEN, text(scheme, address), None)),
        }
    }

    fn send(&self, address: SocketAddr) -> Result<(), Denied> {
        let has_sent = self.lock().senders.contains(&address);
        match has_sent {
            true => Ok(()),
            false => self.dial(Scheme::Udp, address),
        }
    }

    /// Whether a datagram from there reaches the guest. Others are dropped without a word: anybody may send them.
    fn hear(&self, address: SocketAddr) -> bool {
        if self.dial(Scheme::Udp, address).is_ok() {
            return true;
        }
        let listens = self.listen.iter().any(|held| held.scheme == Scheme::Udp);
        if listens && class(address.ip()) != Some(Class::Metadata) {
            let mut learnt = self.lock();
            if !learnt.senders.contains(&address) {
                learnt.senders.push_back(address);
                if learnt.senders.len() > SENDERS {
                    learnt.senders.pop_front();
                }
            }
        }
        listens
    }

    fn lock(&self) -> MutexGuard<'_, Learnt> {
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn matches(held: &[Pattern], scheme: Scheme, host: TargetHost<'_>, port: u16) -> bool {
    let target = target(scheme, host, port);
    held.iter().any(|held| held.matches(&target))
}

/// What has no path.
fn target(scheme: Scheme, host: TargetHost<'_>, port: u16) -> Target<'_> {
    Target {
        scheme,
        host,
        port,
        path: "",
    }
}

/// The pattern that allows a target, as it is granted.
pub(crate) fn pattern_of(target: &Target<'_>) -> String {
    let Target {
        scheme, host, port, ..
    } = target;
    match host {
        TargetHost::Name(name) => format!("{scheme}://{name}:{port}"),
        TargetHost::Address(address) => text(*scheme, SocketAddr::new(*address, *port)),
    }
}

/// The denial of an address that a name is not enough for.
fn not_by_name(scheme: Scheme, name: &Name, address: SocketAddr, special: Class) -> Denied {
    let cause = format!("`{name}` has {special}, for which a name is not enough");
    (CONNECT, text(scheme, address), Some(cause))
}

/// The pattern of one address, as it is granted.
fn text(scheme: Scheme, address: SocketAddr) -> String {
    format!("{scheme}://{address}")
}
