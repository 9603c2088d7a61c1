//! `ip-name-lookup` in both versions: it answers for names that a pattern of `connect` has, and remembers their addresses.

use super::guard::ADDRESSES;
use super::{OfProcess, Sockets, View};
use crate::address::canonical;
use crate::pattern::{Name, localhost};
use crate::sockets::CONNECT;
use std::net::IpAddr;
use std::task::{Context, Poll, Waker};
use std::vec::IntoIter;
use wasmtime_wasi::p2::bindings::sockets::ip_name_lookup::{self as p2, ResolveAddressStream};
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddress, Network};
use wasmtime_wasi::p2::{DynPollable, Pollable, SocketResult, subscribe};
use wasmtime_wasi::p3::bindings::sockets::{ip_name_lookup as p3, types as p3_types};
use wasmtime_wasi::runtime::AbortOnDropJoinHandle;
use weft_host::process::ProcessState;
use weft_host::wasmtime::Result as Called;
use weft_host::wasmtime::component::{Accessor, Resource};

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    Denied,
    NoName,
    Nothing,
    TooLate,
}

impl From<Unanswered> for ErrorCode {
    fn from(why: Unanswered) -> Self {
        match why {
            Unanswered::Denied => Self::AccessDenied,
            Unanswered::NoName => Self::InvalidArgument,
            Unanswered::Nothing => Self::NameUnresolvable,
            Unanswered::TooLate => Self::TemporaryResolverFailure,
        }
    }
}

impl From<Unanswered> for p3::ErrorCode {
    fn from(why: Unanswered) -> Self {
        match why {
            Unanswered::Denied => Self::AccessDenied,
            Unanswered::NoName => Self::InvalidArgument,
            Unanswered::Nothing => Self::NameUnresolvable,
            Unanswered::TooLate => Self::TemporaryResolverFailure,
        }
    }
}

/// What a guest asks for.
enum Asked {
    /// An address, which is its own answer.
    Address(IpAddr),
    Name(OfProcess, Name),
}

impl View<'_> {
    /// Checks what a guest asks for.
    fn asked(&mut self, text: &str) -> Result<Asked, Unanswered> {
        let Some(of) = self.of() else {
            self.0.deny(CONNECT, None);
            return Err(Unanswered::Denied);
        };
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Asked::Address(canonical(address)));
        }
        let name = Name::read(text).map_err(|_| Unanswered::NoName)?;
        match of.guard.allows_name(&name) {
            true => Ok(Asked::Name(of, name)),
            false => Err(Unanswered::Denied),
        }
    }
}

/// Looks a name up that the process may look up.
async fn answer(asked: Asked) -> Result<Vec<IpAddr>, Unanswered> {
    match asked {
        Asked::Address(address) => Ok(vec![address]),
        Asked::Name(of, name) => look_up(&of, &name).await,
    }
}

/// Finds the addresses of a name; never none of them.
pub(crate) async fn look_up(of: &OfProcess, name: &Name) -> Result<Vec<IpAddr>, Unanswered> {
    if name.is_localhost() {
        return Ok(localhost().to_vec());
    }
    let looking = async {
        // Only a closed semaphore gives none, and nobody closes this one.
        let _permit = of.lookups.acquire().await.ok();
        of.config.resolver.resolve(name).await
    };
    match tokio::time::timeout(of.config.lookup_time, looking).await {
        Err(_) => Err(Unanswered::TooLate),
        Ok(Err(error)) => {
            tracing::debug!(%name, %error, "a look-up failed");
            Err(Unanswered::Nothing)
        }
        Ok(Ok(found)) => {
            let found: Vec<_> = found.into_iter().map(canonical).take(ADDRESSES).collect();
            of.guard.learn(name, &found);
            match found.is_empty() {
                true => Err(Unanswered::Nothing),
                false => Ok(found),
            }
        }
    }
}

/// A look-up of a guest: what stands behind `resolve-address-stream`. Dropping it ends the wait for the answer.
enum Lookup {
    UnderWay(AbortOnDropJoinHandle<Result<Vec<IpAddr>, Unanswered>>),
    Done(Result<IntoIter<IpAddr>, Unanswered>),
}

impl Lookup {
    fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<&mut Result<IntoIter<IpAddr>, Unanswered>> {
        if let Lookup::UnderWay(task) = self {
            let Poll::Ready(found) = std::pin::Pin::new(task).poll(context) else {
                return Poll::Pending;
            };
            *self = Lookup::Done(found.map(Vec::into_iter));
        }
        match self {
            Lookup::Done(found) => Poll::Ready(found),
            Lookup::UnderWay(_) => Poll::Pending,
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Lookup {
    async fn ready(&mut self) {
        std::future::poll_fn(|context| self.poll(context).map(drop)).await;
    }
}

/// The look-up behind the guest's handle.
fn behind(this: &Resource<ResolveAddressStream>) -> Resource<Lookup> {
    Resource::new_borrow(this.rep())
}

impl p2::Host for View<'_> {
    fn resolve_addresses(
        &mut self,
        network: Resource<Network>,
        name: String,
    ) -> SocketResult<Resource<ResolveAddressStream>> {
        self.0.resources().get(&network)?;
        let asked = self.asked(&name).map_err(ErrorCode::from)?;
        let task = wasmtime_wasi::runtime::spawn(answer(asked));
        let lookup = self.0.resources().push(Lookup::UnderWay(task))?;
        Ok(Resource::new_own(lookup.rep()))
    }
}

impl p2::HostResolveAddressStream for View<'_> {
    fn resolve_next_address(
        &mut self,
        this: Resource<ResolveAddressStream>,
    ) -> SocketResult<Option<IpAddress>> {
        let lookup = self.0.resources().get_mut(&behind(&this))?;
        match lookup.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Pending => Err(ErrorCode::WouldBlock.into()),
            Poll::Ready(Ok(found)) => Ok(found.next().map(Into::into)),
            Poll::Ready(Err(why)) => Err(ErrorCode::from(*why).into()),
        }
    }

    fn subscribe(&mut self, this: Resource<ResolveAddressStream>) -> Called<Resource<DynPollable>> {
        subscribe(self.0.resources(), behind(&this))
    }

    fn drop(&mut self, this: Resource<ResolveAddressStream>) -> Called<()> {
        let lookup: Resource<Lookup> = Resource::new_own(this.rep());
        self.0.resources().delete(lookup)?;
        Ok(())
    }
}

impl p3::Host for View<'_> {}

impl p3::HostWithStore<ProcessState> for Sockets {
    async fn resolve_addresses(
        store: &Accessor<ProcessState, Self>,
        name: String,
    ) -> Called<Result<Vec<p3_types::IpAddress>, p3::ErrorCode>> {
        let asked = store.with(|mut access| access.get().asked(&name));
        let found = match asked {
            Ok(asked) => answer(asked).await,
            Err(why) => Err(why),
        };
        Ok(match found {
            Ok(found) => Ok(found.into_iter().map(Into::into).collect()),
            Err(why) => Err(why.into()),
        })
    }
}
