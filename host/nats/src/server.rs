//! The connection to a server, and whether the server is there.
//!
//! Invariant: whoever waits for the server waits no longer than the patience of the configuration, counted from when it went away.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_nats::{ConnectOptions, Event, jetstream};
use tokio::{sync::watch, time::Instant};

use crate::{
    channel::{self, Durable},
    config::{
        ANSWER_WITHIN, CONNECT_WITHIN, ChannelConfig, PING_EVERY, RECONNECT_FIRST,
        RECONNECT_LONGEST, SUBSCRIBED, ServerConfig,
    },
    error::{ChannelError, ConnectError},
    login::Login,
    stats::{Counters, ServerStats},
};

/// The oldest server that has what channels use.
const OLDEST: (i64, i64, i64) = (2, 12, 0);

/// The shortest that servers know.
pub(crate) const SHORTEST_LEASE: Duration = Duration::from_secs(1);

/// Whether the server is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link {
    Up(Instant),
    /// Since when it is not.
    Away(Instant),
}

/// A connection to a server. Clones share it. It ends with the last clone, and the last channel made of it.
#[derive(Debug, Clone)]
pub struct Server {
    /// For what is asked once: it waits as long as its caller would.
    pub(crate) jetstream: jetstream::Context,
    /// For what is asked again until there is an answer. A server that fails answers nothing, and its successor is asked the sooner.
    pub(crate) quick: jetstream::Context,
    pub(crate) counters: Arc<Counters>,
    pub(crate) link: watch::Receiver<Link>,
    pub(crate) config: Arc<ServerConfig>,
}

impl Server {
    /// Connects. A server that goes away later is connected to again, however long that takes.
    pub async fn connect(mut config: ServerConfig) -> Result<Self, ConnectError> {
        config.lease = config.lease.max(SHORTEST_LEASE);
        if config.addresses.is_empty() {
            return Err(ConnectError::NoAddress);
        }
        let (tell, link) = watch::channel(Link::Up(Instant::now()));
        let options = options(&config, tell).await?;
        let client = options.connect(config.addresses.as_slice()).await;
        let client = client.map_err(ConnectError::explain)?;
        let (major, minor, patch) = OLDEST;
        if !client.is_server_compatible(major, minor, patch) {
            let found = client.server_info().version;
            return Err(ConnectError::TooOld { found });
        }
        let context = |answers: Duration| {
            jetstream::context::ContextBuilder::new()
                .timeout(answers)
                // For how long a message counts as under way whose acknowledgement nobody waits for any more.
                .ack_timeout(ANSWER_WITHIN)
                .build(client.clone())
        };
        Ok(Self {
            jetstream: context(config.patience),
            quick: context(config.patience.min(ANSWER_WITHIN)),
            counters: Arc::default(),
            link,
            config: Arc::new(config),
        })
    }

    /// A channel. Its stream is made if there is none, and has to have these settings if there is one.
    pub async fn channel(&self, config: ChannelConfig) -> Result<Durable, ChannelError> {
        channel::open(self, config).await
    }

    /// What this connection has counted so far. It asks nobody, and costs next to nothing.
    #[must_use]
    pub fn stats(&self) -> ServerStats {
        let client = self.jetstream.client().statistics();
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counters = &self.counters;
        ServerStats {
            connected: self.is_up(),
            reconnects: client.connects.load(Ordering::Relaxed).saturating_sub(1),
            messages_sent: client.out_messages.load(Ordering::Relaxed),
            bytes_sent: client.out_bytes.load(Ordering::Relaxed),
            messages_received: client.in_messages.load(Ordering::Relaxed),
            bytes_received: client.in_bytes.load(Ordering::Relaxed),
            waiting: of(&counters.waiting),
            acknowledged: of(&counters.acknowledged),
            overtaken: of(&counters.overtaken),
            retries: of(&counters.retries),
            unavailable: of(&counters.unavailable),
        }
    }

    /// Bytes that a message may have.
    pub(crate) fn max_message(&self) -> usize {
        self.jetstream.client().max_payload()
    }

    pub(crate) fn is_up(&self) -> bool {
        matches!(*self.link.borrow(), Link::Up(_))
    }

    /// Since when the server is there, or is not.
    pub(crate) fn changed_at(&self) -> Instant {
        match *self.link.borrow() {
            Link::Up(since) | Link::Away(since) => since,
        }
    }

    /// For how long the server has been there without a break.
    pub(crate) fn up_for(&self) -> Duration {
        match *self.link.borrow() {
            Link::Up(since) => since.elapsed(),
            Link::Away(_) => Duration::ZERO,
        }
    }

    /// Waits until the server has been away for longer than anybody should wait.
    pub(crate) async fn out_of_patience(&self) {
        let mut link = self.link.clone();
        loop {
            let state = *link.borrow_and_update();
            let until = match state {
                Link::Up(_) => None,
                Link::Away(since) => Some(since + self.config.patience),
            };
            let changed = async {
                if link.changed().await.is_err() {
                    // The connection has ended for good. Whoever waits is told by what he waits for.
                    std::future::pending::<()>().await;
                }
            };
            match until {
                None => changed.await,
                Some(until) => tokio::select! {
                    () = tokio::time::sleep_until(until) => return,
                    () = changed => {}
                },
            }
        }
    }

    /// Waits until the server is there.
    pub(crate) async fn is_there(&self) {
        let mut link = self.link.clone();
        if link.wait_for(|it| matches!(it, Link::Up(_))).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// A connection for something else than channels, to a server of any version. `hears` is told of what becomes of it, by a task of the
/// connection: it must not block.
///
/// # Errors
/// When the server cannot be reached, or refuses us.
pub async fn connect(
    config: &ServerConfig,
    hears: impl Fn(&Event) + Send + Sync + 'static,
) -> Result<async_nats::Client, ConnectError> {
    if config.addresses.is_empty() {
        return Err(ConnectError::NoAddress);
    }
    let (tell, _) = watch::channel(Link::Up(Instant::now()));
    let options = options(config, tell).await?;
    let options = options
        .subscription_capacity(SUBSCRIBED)
        .event_callback(move |event| {
            hears(&event);
            std::future::ready(())
        });
    let client = options.connect(config.addresses.as_slice()).await;
    client.map_err(ConnectError::explain)
}

async fn options(
    config: &ServerConfig,
    tell: watch::Sender<Link>,
) -> Result<ConnectOptions, ConnectError> {
    let mut options = ConnectOptions::new()
        .name(&config.name)
        // `follow` listens for what others send.
        .no_echo()
        .ping_interval(PING_EVERY)
        .connection_timeout(config.patience.min(CONNECT_WITHIN))
        .request_timeout(Some(config.patience))
        .reconnect_delay_callback(|attempts| {
            let factor = 1_u32 << attempts.min(10);
            (RECONNECT_FIRST * factor).min(RECONNECT_LONGEST)
        })
        .event_callback(move |event| {
            hear(&event, &tell);
            std::future::ready(())
        });
    if let Some(path) = &config.credentials {
        let read = options.credentials_file(path).await;
        options = read.map_err(|source| ConnectError::Credentials {
            path: path.clone(),
            source,
        })?;
    }
    options = match login(config)? {
        Some(Login::User { name, password }) => options.user_and_password(name, password),
        Some(Login::Token(token)) => options.token(token),
        Some(Login::Seed(seed)) => options.nkey(seed),
        None => options,
    };
    if config.tls.required {
        options = options.require_tls(true);
    }
    let of_ours = config.tls.certificate.iter().flat_map(|it| [&it.0, &it.1]);
    for path in config.tls.authorities.iter().chain(of_ours) {
        // Who connects says of them that something is wrong, and not of which.
        std::fs::metadata(path).map_err(|source| ConnectError::Certificate {
            path: path.clone(),
            source,
        })?;
    }
    for path in &config.tls.authorities {
        options = options.add_root_certificates(path.clone());
    }
    if let Some((certificate, key)) = &config.tls.certificate {
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    Ok(options)
}

/// Who logs in, by the configuration or by the first address that says so.
fn login(config: &ServerConfig) -> Result<Option<Login>, ConnectError> {
    if config.login.is_some() || config.credentials.is_some() {
        return Ok(config.login.clone());
    }
    for address in &config.addresses {
        let address: async_nats::ServerAddr = address.parse().map_err(|source| {
            ConnectError::Connect(async_nats::ConnectError::with_source(
                async_nats::ConnectErrorKind::ServerParse,
                source,
            ))
        })?;
        let name = address.username().map(str::to_owned);
        let password = address.password().map(str::to_owned);
        match (name, password) {
            (Some(name), Some(password)) => return Ok(Some(Login::User { name, password })),
            // As all clients of NATS take it.
            (Some(token), None) => return Ok(Some(Login::Token(token))),
            _ => {}
        }
    }
    Ok(None)
}

/// Notes what a connection says of itself, once for each change.
fn hear(event: &Event, tell: &watch::Sender<Link>) {
    match event {
        Event::Connected => {
            let before = tell.send_replace(Link::Up(Instant::now()));
            if let Link::Away(since) = before {
                let away = since.elapsed();
                tracing::info!(?away, "connected to the NATS server again");
            }
        }
        Event::Disconnected | Event::Closed => {
            tell.send_if_modified(|link| {
                let was_up = matches!(link, Link::Up(_));
                if was_up {
                    tracing::warn!("the NATS server is away; connecting again");
                    *link = Link::Away(Instant::now());
                }
                was_up
            });
        }
        Event::ServerError(error) => tracing::warn!(%error, "the NATS server reports an error"),
        Event::SlowConsumer(_) => {
            tracing::warn!("messages of the NATS server were lost on the way; they are read again")
        }
        other => tracing::debug!(event = %other, "NATS"),
    }
}
