//! A channel on a server, as its users hold it.

use std::{collections::VecDeque, sync::Arc};

use async_nats::jetstream::consumer::DeliverPolicy;
use weft_channel::{
    Asked, Channel, Glance, Observation, OpenError, Options, RemoteChannel, RemoteReader,
    RemoteWriter, Stats, Strength, Unavailable,
};

use super::{
    follow::{self, Failure},
    place,
    reader::Reader,
    readers::Local,
    shared::{Guard, Inner, Shared, Stage},
    writer::Writer,
};
use crate::{
    config::{Begin, Delivery, ReaderConfig},
    log::{Op, Outcome, register},
};

/// A channel on a server. Clones are handles of the same opening.
///
/// It and the handles made of it share what this program knows of the channel. Opening the same channel again, here or elsewhere, is like
/// opening it on another host.
#[derive(Debug, Clone)]
pub struct Durable(pub(super) Arc<Guard>);

impl Durable {
    /// A handle whose readers have no names and begin at the oldest frame retained.
    #[must_use]
    pub fn channel(&self) -> Channel {
        self.channel_as(ReaderConfig::default())
    }

    /// A handle whose readers read so. All strong readers of one name are one: the newest takes the place over, and reads of the others fail
    /// with `Terminated`.
    #[must_use]
    pub fn channel_as(&self, readers: ReaderConfig) -> Channel {
        Channel::remote(View {
            guard: self.0.clone(),
            readers,
        })
    }

    /// Drops this handle, and waits until the server knows all that is to be told: the last places of readers, and which ends are gone. That
    /// is once all other handles are dropped, too. It waits no longer than a lease for a server that is away.
    pub async fn close(self) {
        let shared = self.0.0.clone();
        drop(self);
        shared.reaches(Stage::Over).await;
    }

    /// Gives up the place of the strong readers of this name, so that it holds nothing back any more. False: there is none.
    pub async fn forget_reader(&self, name: &str) -> Result<bool, Unavailable> {
        let shared = &self.0.0;
        let readers = |inner: &mut Inner| inner.log.control().readers.get(name).map(|it| it.epoch);
        let Some(epoch) = shared.look(readers) else {
            return Ok(false);
        };
        let name = name.to_owned();
        shared.ask(Op::ForgetReader { name, epoch }).await?;
        Ok(true)
    }
}

#[derive(Debug)]
struct View {
    guard: Arc<Guard>,
    readers: ReaderConfig,
}

impl Shared {
    /// Waits until this host has applied what the server has now.
    pub(super) async fn catches_up(&self) -> Result<(), Unavailable> {
        let asked = async {
            let end = loop {
                match self.server.quick.get_stream(&self.names.stream).await {
                    Ok(stream) => break stream.cached_info().state.last_sequence,
                    // Its servers may be electing a leader.
                    Err(_) => tokio::time::sleep(follow::TRY_AGAIN).await,
                }
            };
            self.find(|inner| (inner.log.next() > end).then_some(()))
                .await
        };
        tokio::select! {
            asked = asked => asked.map_err(|_| self.unavailable()),
            () = self.server.out_of_patience() => Err(self.unavailable()),
            // The server answers nobody, or has removed what it said there is.
            () = tokio::time::sleep(self.server.config.patience) => Err(self.unavailable()),
        }
    }

    fn observe(inner: &Inner) -> Observation {
        let log = &inner.log;
        let control = log.control();
        let floor = log.floor();
        let open = control.readers.values().filter(|it| it.owner.is_some());
        let weak = inner
            .readers
            .local
            .values()
            .filter(|it| it.strong.is_none());
        let stats = Stats {
            frames_written: log.frames(),
            frames_dropped: inner.queue.dropped,
            frames_held: log.frames() - floor.frames.min(log.frames()),
            bytes_held: log.bytes() - floor.bytes.min(log.bytes()),
            capacity: log.capacity().bytes,
            strong_writers: control.strong.len() as u32,
            weak_writers: inner.weak_writers,
            strong_readers: open.count() as u32,
            weak_readers: weak.count() as u32,
        };
        Observation {
            stats,
            // Who reads elsewhere without holding anything back is not known.
            without_reader: 0,
            bytes_written: log.bytes(),
            lag: inner.readers.lag(log.frames()),
        }
    }
}

impl View {
    fn shared(&self) -> &Arc<Shared> {
        &self.guard.0
    }

    /// Frames before the place where a reader begins.
    async fn begin(&self) -> Result<u64, Failure> {
        let shared = self.shared();
        let from = match self.readers.begin {
            Begin::Oldest => return Ok(0),
            Begin::Newest => return Ok(shared.look(|inner| inner.log.frames())),
            Begin::Sequence(seq) => DeliverPolicy::ByStartSequence {
                start_sequence: seq.max(1),
            },
            Begin::Time(time) => DeliverPolicy::ByStartTime {
                start_time: time.into(),
            },
        };
        let found = follow::locate(shared, from).await?;
        Ok(found.unwrap_or_else(|| shared.look(|inner| inner.log.frames())))
    }

    /// Where a strong reader goes on, or begins.
    async fn place(&self) -> Result<u64, Failure> {
        let shared = self.shared();
        if let Some(name) = &self.readers.name {
            let known = shared.look(|inner| inner.log.control().readers.get(name).cloned());
            if let Some(holder) = known {
                let told = place::place(shared, &register(name, holder.epoch)).await?;
                let here = shared.look(|inner| {
                    let told = inner.readers.told.get(&register(name, holder.epoch));
                    told.copied().unwrap_or(0)
                });
                return Ok(told.unwrap_or(0).max(here).max(holder.start));
            }
        }
        self.begin().await
    }

    async fn open_strong(&self) -> Result<Reader, OpenError> {
        let shared = self.shared();
        let start = tokio::select! {
            place = self.place() => place.map_err(|error| {
                tracing::warn!(error, stream = shared.names.stream, "a reader cannot be opened");
                shared.unavailable()
            })?,
            () = shared.server.out_of_patience() => return Err(shared.unavailable().into()),
        };
        let named = self.readers.name.is_some();
        let anonymous = || format!("anonymous-{}", shared.message_id().replace('.', "-"));
        let name = self.readers.name.clone().unwrap_or_else(anonymous);
        let op = Op::OpenReader {
            name: name.clone(),
            host: shared.host.clone(),
            named,
            start,
        };
        let Outcome::Reader { epoch, start } = shared.ask(op).await? else {
            return Err(OpenError::Ended);
        };
        let delivery = match named {
            true => self.readers.delivery,
            false => Delivery::AtMostOnce,
        };
        let before = register(&name, epoch.saturating_sub(1));
        let start = match named && epoch > 1 {
            true => self.moved_on(&name, epoch, start).await?,
            false => start,
        };
        let once = named && delivery == Delivery::AtMostOnce;
        let id = shared.look(|inner| {
            inner.readers.add(Local {
                next: start,
                read: start,
                delivery,
                strong: Some((name, epoch)),
                named,
                moved: false,
                lost: VecDeque::new(),
            })
        });
        let reader = Reader::new(self.guard.clone(), id, once);
        if epoch > 1 {
            place::forget_place(shared, &before).await;
        }
        Ok(reader)
    }

    /// Where a reader begins that was opened for the second time or more: whoever had it may have read on until then.
    async fn moved_on(&self, name: &str, epoch: u64, start: u64) -> Result<u64, Unavailable> {
        let shared = self.shared();
        let looked = async {
            let told = place::place(shared, &register(name, epoch - 1)).await?;
            let place = told.unwrap_or(0).max(start);
            if place > start {
                place::put_named_place(shared, register(name, epoch), place).await?;
            }
            Ok::<_, Failure>(place)
        };
        let failed = match looked.await {
            Ok(place) => return Ok(place),
            Err(error) => error,
        };
        let stream = &shared.names.stream;
        tracing::warn!(error = failed, stream, "a reader cannot be opened");
        shared.tell(Op::CloseReader {
            name: name.to_owned(),
            epoch,
        });
        Err(shared.unavailable())
    }

    async fn open_weak(&self) -> Result<Reader, OpenError> {
        let shared = self.shared();
        let start = tokio::select! {
            begin = self.begin() => begin.map_err(|_| shared.unavailable())?,
            () = shared.server.out_of_patience() => return Err(shared.unavailable().into()),
        };
        let id = shared.look(|inner| {
            let start = start.max(inner.log.floor().frames);
            inner.readers.add(Local {
                next: start,
                read: start,
                delivery: Delivery::AtMostOnce,
                strong: None,
                named: false,
                moved: false,
                lost: VecDeque::new(),
            })
        });
        Ok(Reader::new(self.guard.clone(), id, false))
    }
}

impl RemoteChannel for View {
    fn options(&self) -> Options {
        self.shared().config.options
    }

    fn open_writer(
        &self,
        strength: Strength,
    ) -> Asked<'_, Result<Box<dyn RemoteWriter>, OpenError>> {
        Box::pin(async move {
            let shared = self.shared();
            let strong = strength == Strength::Strong;
            let op = Op::OpenWriter {
                strong,
                host: shared.host.clone(),
            };
            match shared.ask(op).await? {
                Outcome::Writer(id) => {
                    Ok(Box::new(Writer::new(self.guard.clone(), id, strong)) as _)
                }
                Outcome::NoIds => Err(OpenError::WriterIdsExhausted),
                _ => Err(OpenError::Ended),
            }
        })
    }

    fn open_reader(
        &self,
        strength: Strength,
    ) -> Asked<'_, Result<Box<dyn RemoteReader>, OpenError>> {
        Box::pin(async move {
            let reader = match strength {
                Strength::Strong => self.open_strong().await?,
                Strength::Weak => self.open_weak().await?,
            };
            Ok(Box::new(reader) as _)
        })
    }

    fn drain(&self) -> Asked<'_, Result<(), Unavailable>> {
        Box::pin(async move { self.shared().ask(Op::Drain).await.map(drop) })
    }

    fn terminate(&self) -> Asked<'_, Result<(), Unavailable>> {
        Box::pin(async move { self.shared().ask(Op::Terminate).await.map(drop) })
    }

    fn look(&self) -> Asked<'_, Result<Observation, Unavailable>> {
        Box::pin(async move {
            self.shared().catches_up().await?;
            Ok(self.last_seen())
        })
    }

    fn last_seen(&self) -> Observation {
        self.shared().look(|inner| Shared::observe(inner))
    }

    fn glance(&self, from: u64, most: usize) -> Option<Glance> {
        Some(self.shared().look(|inner| inner.log.glance(from, most)))
    }
}
