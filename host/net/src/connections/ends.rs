//! The two channels of a connection: the guest has one end of each, the host the others.

use super::{Error, READ_BYTES, wit};
use crate::sockets::{OfProcess, Place, View};
use weft_channel::{Channel, Options, Reader, Terminator, Writer};
use weft_host::extension::{HostBytes, ReaderHandle, WriterHandle};

/// A connection as a guest is given it.
#[derive(Debug)]
pub struct Connection {
    pub(super) input: Reader,
    pub(super) output: Writer,
    pub(super) peer: Peer,
}

/// The other side.
#[derive(Clone, Debug, Default)]
pub(super) struct Peer {
    pub(super) remote: String,
    pub(super) names: Vec<String>,
    pub(super) protocol: Option<String>,
}

/// The ends of the host.
#[derive(Debug)]
pub(super) struct Far {
    /// What the other side sends goes in here.
    pub(super) input: Writer,
    /// What the guest writes comes out here.
    pub(super) output: Reader,
    pub(super) stop: [Terminator; 2],
    /// The largest piece that goes in.
    pub(super) piece: usize,
}

/// What the ends are made for.
#[derive(Clone)]
pub(super) struct Room {
    pub(super) of: OfProcess,
    /// Bytes in flight in each direction.
    pub(super) capacity: u64,
}

impl Room {
    /// Room for connections of which a guest has said this.
    pub(super) fn new(of: OfProcess, capacity: Option<u64>) -> Result<Self, Error> {
        let capacity = capacity.unwrap_or(of.config.in_flight);
        match capacity {
            0 => Err(Error::InvalidArgument(
                "capacity: 0 bytes given, 1 is the least".to_owned(),
            )),
            capacity => Ok(Self { of, capacity }),
        }
    }

    /// A place for one connection, with what the host has in hand of it: what was taken from the guest's channel and is not sent, and a piece
    /// for which the other channel has no room yet. `besides` is what its protocol keeps.
    pub(super) fn place(&self, besides: u64) -> Result<Place, String> {
        let bytes = self.capacity.saturating_add(READ_BYTES as u64);
        self.of.places.take_with(bytes.saturating_add(besides))
    }

    /// Pays for the same of a stream, which has no socket of its own.
    pub(super) fn in_hand(&self) -> Result<HostBytes, String> {
        let bytes = self.capacity.saturating_add(READ_BYTES as u64);
        self.of.places.on_behalf().pay_host_bytes(bytes)
    }

    /// The two channels. The error says which limit is reached.
    pub(super) fn ends(&self, peer: Peer) -> Result<(Connection, Far), String> {
        let (into, out) = (self.channel()?, self.channel()?);
        let writer = |channel: &Channel| channel.strong_writer().map_err(|error| error.to_string());
        let far = Far {
            input: writer(&into)?,
            output: out.strong_reader(),
            stop: [into.terminator(), out.terminator()],
            piece: usize::try_from(self.capacity).map_or(READ_BYTES, |most| most.min(READ_BYTES)),
        };
        let near = Connection {
            input: into.strong_reader(),
            output: writer(&out)?,
            peer,
        };
        Ok((near, far))
    }

    fn channel(&self) -> Result<Channel, String> {
        self.of
            .places
            .on_behalf()
            .channel(Options::new(self.capacity))
    }

    /// Says in the log that somebody was turned away, once for each `what`.
    pub(super) fn note_turned_away(&self, what: &'static str, text: &str) {
        let text = format!("a client was turned away, others may be: {text}");
        self.of.places.on_behalf().note_refusal(what, &text);
    }
}

impl View<'_> {
    /// Puts the ends into the guest's table.
    pub(super) fn give(&mut self, connection: Connection) -> Result<wit::Connection, Error> {
        let Connection {
            input,
            output,
            peer,
        } = connection;
        let input = self.0.keep_handle(ReaderHandle::from(input));
        let input = input.map_err(Error::Exhausted)?;
        let output = match self.0.keep_handle(WriterHandle::from(output)) {
            Ok(output) => output,
            Err(limit) => {
                // It is there: it was put in above.
                let _ = self.0.release_handle(input);
                return Err(Error::Exhausted(limit));
            }
        };
        Ok(wit::Connection {
            input,
            output,
            remote: peer.remote,
            names: peer.names,
            protocol: peer.protocol,
        })
    }
}
