//! `weft:fabric/net-async` and `quic-async`: the calls that wait beside the guest.
//!
//! Each that is under way is paid for, as any number can be. A process that cannot pay ends at that limit, as with the waits of channels.

use super::bindings::weft::fabric::{net_async, quic_async};
use super::{Error, Listening, Open, Session, Waiting, plain, wit};
use crate::sockets::{Sockets, View};
use std::sync::Arc;
use weft_host::process::ProcessState;
use weft_host::wasmtime::Result as Called;
use weft_host::wasmtime::component::{Accessor, Resource};

type Store = Accessor<ProcessState, Sockets>;
type Answer<T> = Called<Result<T, Error>>;

/// The interfaces, as the times of calls name them.
const NET_ASYNC: &str = "weft:fabric/net-async";
const QUIC_ASYNC: &str = "weft:fabric/quic-async";

/// Does something with the process.
fn with<T>(store: &Store, what: impl FnOnce(&mut View<'_>) -> T) -> T {
    store.with(|mut access| what(&mut access.get()))
}

/// The same, of what may end the process.
fn try_with<T>(store: &Store, what: impl FnOnce(&mut View<'_>) -> Called<T>) -> Called<T> {
    with(store, what)
}

impl net_async::Host for View<'_> {}

impl net_async::HostWithStore<ProcessState> for Sockets {
    async fn connect(
        store: &Store,
        address: String,
        options: wit::ConnectOptions,
    ) -> Answer<wit::Connection> {
        let _timed = with(store, |view| view.0.time_call(NET_ASYNC, "connect"));
        let (of, _paid) = try_with(store, |view| {
            Ok((view.connecting(&address), view.0.pay_for_wait()?))
        })?;
        let connection = match of {
            Ok(of) => plain::connect(of, &address, &options).await,
            Err(denied) => Err(denied),
        };
        Ok(with(store, |view| connection.and_then(|it| view.give(it))))
    }

    async fn await_connection(store: &Store, source: Resource<Listening>) -> Called<()> {
        let _timed = with(store, |view| {
            view.0.time_call(NET_ASYNC, "await-connection")
        });
        let (listener, _paid) = try_with(store, |view| {
            let listener = view.0.handle(&source)?.clone();
            Ok((listener, view.0.pay_for_wait()?))
        })?;
        listener.arrivals.wait().await;
        Ok(())
    }
}

impl quic_async::Host for View<'_> {}

impl quic_async::HostWithStore<ProcessState> for Sockets {
    async fn connect(
        store: &Store,
        address: String,
        options: wit::ConnectOptions,
    ) -> Answer<Resource<Open>> {
        let _timed = with(store, |view| view.0.time_call(QUIC_ASYNC, "connect"));
        let (of, _paid) = try_with(store, |view| {
            Ok((view.connecting(&address), view.0.pay_for_wait()?))
        })?;
        let session = match of {
            Ok(of) => Session::connect(of, &address, &options).await,
            Err(denied) => Err(denied),
        };
        Ok(with(store, |view| {
            session.and_then(|session| view.put(Arc::new(session)))
        }))
    }

    async fn open(store: &Store, of: Resource<Open>) -> Answer<wit::Connection> {
        let _timed = with(store, |view| view.0.time_call(QUIC_ASYNC, "open"));
        let (session, _paid) = try_with(store, |view| {
            let session = view.0.handle(&of)?.clone();
            Ok((session, view.0.pay_for_wait()?))
        })?;
        let opened = session.open().await;
        Ok(with(store, |view| opened.and_then(|it| view.give(it))))
    }

    async fn await_stream(store: &Store, of: Resource<Open>) -> Called<()> {
        let _timed = with(store, |view| view.0.time_call(QUIC_ASYNC, "await-stream"));
        let (session, _paid) = try_with(store, |view| {
            let session = view.0.handle(&of)?.clone();
            Ok((session, view.0.pay_for_wait()?))
        })?;
        session.streams().wait().await;
        Ok(())
    }

    async fn await_session(store: &Store, source: Resource<Waiting>) -> Called<()> {
        let _timed = with(store, |view| view.0.time_call(QUIC_ASYNC, "await-session"));
        let (endpoint, _paid) = try_with(store, |view| {
            let endpoint = view.0.handle(&source)?.clone();
            Ok((endpoint, view.0.pay_for_wait()?))
        })?;
        endpoint.arrivals.wait().await;
        Ok(())
    }
}
