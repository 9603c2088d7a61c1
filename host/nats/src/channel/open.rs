//! The streams of a channel, and what is read of them before it can be used.
//!
//! Invariant: a stream that was made with other settings is left as it is, and refused with the name of each difference.

use std::{collections::HashMap, sync::Arc};

use async_nats::jetstream::{
    self, ErrorCode,
    context::{CreateStreamErrorKind, GetStreamErrorKind},
    stream::{Config, DiscardPolicy, LastRawMessageErrorKind, StorageType, Stream},
};
use tokio::time::Instant;
use weft_channel::Backpressure;

use super::{
    append, follow,
    follow::Failure,
    handle::Durable,
    keep, lease,
    shared::{Guard, Names, Shared},
    turn,
};
use crate::{
    config::{ChannelConfig, DUPLICATE_WINDOW, Storage},
    error::{ChannelError, Difference},
    log::{Body, Floor, Log, Op, Snapshot},
    server::Server,
};

/// Keys of a stream's metadata.
const CAPACITY: &str = "weft.capacity";
const FORMAT: &str = "weft.format";
const BACKPRESSURE: &str = "weft.backpressure";
const KEEP: &str = "weft.keep";

/// For how long a lease that has ended leaves a mark, for hosts that come back then.
const MARKS_LAST: std::time::Duration = std::time::Duration::from_secs(60);

pub(crate) async fn open(server: &Server, config: ChannelConfig) -> Result<Durable, ChannelError> {
    config.check()?;
    let names = names(&config);
    let stream = ensure(server, wanted(&config, &names)).await?;
    ensure(server, bucket(&config, &names)).await?;
    let since = Instant::now();
    let (log, end) = loop {
        match log(&stream, &config, &names).await {
            Ok(log) => break log,
            // Its servers may be electing a leader.
            Err(_) if since.elapsed() < server.config.patience => {
                tokio::time::sleep(follow::TRY_AGAIN).await;
            }
            Err(error) => return Err(ChannelError::server("read the stream")(error)),
        }
    };
    let reopen = config.reopen;
    let shared = Arc::new(Shared::new(server, config, names, log));
    let guard = Arc::new(Guard(shared.clone()));
    tokio::spawn(append::run(shared.clone()));
    tokio::spawn(follow::run(shared.clone()));
    tokio::spawn(turn::run(shared.clone()));
    lease::renew(&shared).await;
    tokio::spawn(keep::run(shared.clone()));
    let away = |_| ChannelError::Server {
        doing: "open the channel",
        source: "it is away".into(),
    };
    let there = shared.find(|inner| (inner.log.next() > end).then(|| inner.log.ended()));
    let ended = there.await.map_err(away)?;
    if reopen && ended.is_some() {
        shared.ask(Op::Reopen).await.map_err(away)?;
    }
    Ok(Durable(guard))
}

fn names(config: &ChannelConfig) -> Names {
    let stream = config.stream.clone();
    let subject = config.subject.clone();
    Names {
        frames: subject.unwrap_or_else(|| format!("weft.frames.{stream}")),
        control: format!("weft.control.{stream}"),
        turn: format!("weft.turn.{stream}"),
        // As a bucket of keys and values is called, so that its tools can show it.
        bucket: format!("KV_weft-{stream}"),
        entries: format!("$KV.weft-{stream}."),
        stream,
    }
}

fn wanted(config: &ChannelConfig, names: &Names) -> Config {
    let backpressure = match config.options.backpressure {
        Backpressure::Block => "block",
        Backpressure::Drop => "drop",
    };
    let keep = config
        .keep
        .map_or("all".into(), |it| format!("{}ms", it.as_millis()));
    let metadata = [
        (CAPACITY, config.options.capacity.to_string()),
        (FORMAT, config.format.name().into()),
        (BACKPRESSURE, backpressure.into()),
        (KEEP, keep),
    ];
    Config {
        name: names.stream.clone(),
        description: Some("a channel of Weft".into()),
        subjects: vec![names.frames.clone(), names.control.clone()],
        storage: storage(config),
        num_replicas: config.replicas,
        duplicate_window: DUPLICATE_WINDOW,
        allow_direct: true,
        metadata: metadata.map(|(key, value)| (key.to_owned(), value)).into(),
        ..Config::default()
    }
}

fn bucket(config: &ChannelConfig, names: &Names) -> Config {
    Config {
        name: names.bucket.clone(),
        description: Some("hosts and readers of a channel of Weft".into()),
        subjects: vec![format!("{}>", names.entries)],
        storage: storage(config),
        num_replicas: config.replicas,
        max_messages_per_subject: 1,
        discard: DiscardPolicy::New,
        allow_rollup: true,
        allow_direct: true,
        allow_message_ttl: true,
        subject_delete_marker_ttl: Some(MARKS_LAST),
        ..Config::default()
    }
}

fn storage(config: &ChannelConfig) -> StorageType {
    match config.storage {
        Storage::File => StorageType::File,
        Storage::Memory => StorageType::Memory,
    }
}

/// The stream, made if there is none.
async fn ensure(server: &Server, wanted: Config) -> Result<Stream, ChannelError> {
    let jetstream = &server.jetstream;
    let failed = ChannelError::server;
    let since = Instant::now();
    loop {
        match server.quick.get_stream(&wanted.name).await {
            Ok(stream) => {
                compare(&wanted, &stream.cached_info().config)?;
                return Ok(stream);
            }
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(said)
                    if said.error_code() == ErrorCode::STREAM_NOT_FOUND => {}
                // Servers that make the stream for another host, or elect its leader, do not answer.
                GetStreamErrorKind::Request if since.elapsed() < server.config.patience => {
                    tokio::time::sleep(follow::TRY_AGAIN).await;
                    continue;
                }
                _ => return Err(failed("look for the stream")(error.into())),
            },
        }
        match jetstream.create_stream(wanted.clone()).await {
            Ok(_) => tracing::info!(stream = wanted.name, "a stream is made"),
            Err(error) => match error.kind() {
                // Another host was quicker.
                CreateStreamErrorKind::JetStream(said)
                    if said.error_code() == ErrorCode::STREAM_NAME_EXIST => {}
                _ => return Err(failed("make the stream")(error.into())),
            },
        }
    }
}

fn compare(wanted: &Config, found: &Config) -> Result<(), ChannelError> {
    let mut differences = Vec::new();
    let mut check = |setting, wanted: String, found: String| {
        if wanted != found {
            differences.push(Difference {
                setting,
                wanted,
                found,
            });
        }
    };
    let settings = |it: &Config| {
        let mut subjects = it.subjects.clone();
        subjects.sort_unstable();
        [
            ("subjects", subjects.join(" ")),
            ("storage", format!("{:?}", it.storage).to_lowercase()),
            ("replicas", it.num_replicas.to_string()),
            ("retention", format!("{:?}", it.retention).to_lowercase()),
            ("max age", format!("{:?}", it.max_age)),
            ("max bytes", it.max_bytes.to_string()),
            ("max messages", it.max_messages.to_string()),
            (
                "max messages per subject",
                it.max_messages_per_subject.to_string(),
            ),
        ]
    };
    for ((setting, wanted), (_, found)) in settings(&limits(wanted))
        .into_iter()
        .zip(settings(&limits(found)))
    {
        check(setting, wanted, found);
    }
    for (setting, key) in [
        ("capacity", CAPACITY),
        ("format", FORMAT),
        ("backpressure", BACKPRESSURE),
        ("keep", KEEP),
    ] {
        let of = |metadata: &HashMap<String, String>| {
            metadata
                .get(key)
                .cloned()
                .unwrap_or_else(|| "not said".into())
        };
        check(setting, of(&wanted.metadata), of(&found.metadata));
    }
    match differences.is_empty() {
        true => Ok(()),
        false => Err(ChannelError::Differs {
            stream: wanted.name.clone(),
            differences,
        }),
    }
}

/// The same, where no limit is always said in one way: servers say -1, and take 0 for it too.
fn limits(config: &Config) -> Config {
    let mut config = config.clone();
    if config.max_bytes <= 0 {
        config.max_bytes = -1;
    }
    if config.max_messages <= 0 {
        config.max_messages = -1;
    }
    if config.max_messages_per_subject <= 0 {
        config.max_messages_per_subject = -1;
    }
    config
}

/// What the newest records say, and the sequence of the last one.
async fn log(
    stream: &Stream,
    config: &ChannelConfig,
    names: &Names,
) -> Result<(Log, u64), Failure> {
    let state = &stream.cached_info().state;
    let control = stream.get_last_raw_message_by_subject(&names.control);
    let control = found(control.await)?.flatten();
    let last = match state.last_sequence {
        0 => None,
        last => found(stream.raw_message_builder().sequence(last).send().await)?.flatten(),
    };
    let newest = last.or(control.clone());
    let floor = newest.map(|it| it.1).unwrap_or(Floor {
        seq: state.first_sequence.max(1),
        ..Floor::default()
    });
    let floor = Floor {
        seq: floor.seq.max(1),
        ..floor
    };
    let control = control.and_then(|(seq, _, snapshot)| Some((seq, snapshot?)));
    let log = Log::new(
        config.options.capacity,
        config.cache,
        floor,
        control.unwrap_or_default(),
    );
    Ok((log, state.last_sequence))
}

type Known = Option<(u64, Floor, Option<Snapshot>)>;

/// What a message says of the channel, if it is there and one of Weft's.
fn found(
    got: Result<jetstream::message::StreamMessage, jetstream::stream::RawMessageError>,
) -> Result<Option<Known>, Failure> {
    match got {
        Ok(message) => {
            let record = follow::stored(message);
            let snapshot = match record.body {
                Body::Control(snapshot) => Some(*snapshot),
                Body::Frames(_) => None,
            };
            let seq = record.seq;
            Ok(Some(record.counts.map(|it| (seq, it.floor, snapshot))))
        }
        Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
