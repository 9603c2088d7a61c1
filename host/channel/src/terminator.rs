//! Ending a channel from outside, for those who feed it or empty it and find that there is nothing behind it any more.
//!
//! A [`Terminator`] is no handle: a writer whose channel has no other is unread all the same.

use crate::{
    engine::Engine,
    native::ChannelCore,
    remote::{self, RemoteChannel},
    sync::{Arc, Weak},
};

/// Ends a channel, if somebody still holds a part of it; a remote one, if somebody holds a [`Channel`](crate::Channel) of it.
#[derive(Debug, Clone)]
pub struct Terminator(Engine<Weak<ChannelCore>, std::sync::Weak<dyn RemoteChannel>>);

impl Terminator {
    pub(crate) fn native(shared: &Arc<ChannelCore>) -> Self {
        Self(Engine::Native(Arc::downgrade(shared)))
    }

    pub(crate) fn remote(channel: &std::sync::Arc<dyn RemoteChannel>) -> Self {
        Self(Engine::Remote(std::sync::Arc::downgrade(channel)))
    }

    /// Does what [`Channel::terminate`](crate::Channel::terminate) does.
    pub fn terminate(&self) {
        match &self.0 {
            Engine::Native(shared) => {
                if let Some(shared) = shared.upgrade() {
                    shared.terminate();
                }
            }
            Engine::Remote(channel) => {
                if let Some(channel) = channel.upgrade() {
                    let _ = remote::now(channel.terminate());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::{Channel, Options, ReadError};

    #[test]
    fn it_ends_a_channel_and_is_no_handle_of_it() {
        let channel = Channel::new(Options::new(16)).unwrap();
        let terminator = channel.terminator();
        let (writer, reader) = (channel.strong_writer().unwrap(), channel.strong_reader());
        drop(channel);
        assert!(!writer.is_unread());
        terminator.terminate();
        assert!(matches!(reader.try_read(), Err(ReadError::Terminated)));
        drop(reader);
        assert!(writer.is_unread());
        drop(writer);
        terminator.terminate();
    }
}
