//! Sharing channels by token, for guests that must send a handle inside opaque bytes.
//!
//! A token is 128 random bits, so it cannot be guessed. It is the only reference in the fabric that is not a
//! handle. It belongs to the handles through which it was made: they share a [`ShareCell`], and when the last
//! of them is dropped the token becomes invalid.
//!
//! Invariant: there are never more tokens than channel handles, so sharing cannot make the host grow.

use crate::access::Access;
use crate::interface::ChannelHandle;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use weft_channel::Channel;

/// Bytes of a token: 128 bits, which nobody can guess.
const TOKEN_BYTES: usize = 16;

/// The tokens of one host.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    tokens: Mutex<BTreeMap<String, Share>>,
}

#[derive(Debug)]
struct Share {
    channel: Channel,
    access: Access,
    cell: Weak<ShareCell>,
}

/// Shared by the handles of a channel: the token, if one was made.
#[derive(Debug, Default)]
pub(crate) struct ShareCell {
    given: Mutex<Option<Given>>,
}

#[derive(Debug)]
struct Given {
    token: String,
    shares: Weak<Shares>,
}

/// The system provided no random numbers.
#[derive(Debug, thiserror::Error)]
#[error("no random numbers for a token: {0}")]
pub(crate) struct NoToken(getrandom::Error);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shares {
    /// The token of the channel that is held through these handles.
    pub(crate) fn share(
        self: &Arc<Self>,
        channel: &Channel,
        access: Access,
        cell: &Arc<ShareCell>,
    ) -> Result<String, NoToken> {
        let mut given = lock(&cell.given);
        if let Some(given) = &*given {
            return Ok(given.token.clone());
        }
        let token = token()?;
        let share = Share {
            channel: channel.clone(),
            access,
            cell: Arc::downgrade(cell),
        };
        lock(&self.tokens).insert(token.clone(), share);
        *given = Some(Given {
            token: token.clone(),
            shares: Arc::downgrade(self),
        });
        Ok(token)
    }

    /// The number of valid tokens.
    pub(crate) fn tokens(&self) -> usize {
        lock(&self.tokens).len()
    }

    /// A handle of a token's channel.
    pub(crate) fn find(&self, token: &str) -> Option<ChannelHandle> {
        let tokens = lock(&self.tokens);
        let share = tokens.get(token)?;
        Some(ChannelHandle {
            channel: share.channel.clone(),
            access: share.access,
            share: share.cell.upgrade()?,
        })
    }
}

impl ShareCell {
    /// Makes the token invalid.
    pub(crate) fn revoke(&self) {
        let given = lock(&self.given).take();
        if let Some(Given { token, shares }) = given
            && let Some(shares) = shares.upgrade()
        {
            let removed = lock(&shares.tokens).remove(&token);
            // Dropped outside the lock: this may be the last handle of its channel.
            drop(removed);
        }
    }
}

impl Drop for ShareCell {
    fn drop(&mut self) {
        self.revoke();
    }
}

fn token() -> Result<String, NoToken> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(NoToken)?;
    let mut text = String::with_capacity(2 * TOKEN_BYTES);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use weft_channel::Options;

    #[test]
    fn a_token_ends_with_its_handles_and_nothing_stays_behind() {
        let options = Options::new(1);
        let channel = Channel::new(options).unwrap();
        let shares = Arc::new(Shares::default());
        let cell = Arc::new(ShareCell::default());
        let token = shares.share(&channel, Access::all(), &cell).unwrap();
        assert_eq!(token.len(), 32);
        assert_eq!(shares.share(&channel, Access::all(), &cell).unwrap(), token);
        let attached = shares.find(&token).expect("it is shared");
        assert!(attached.channel.same_channel(&channel));
        drop(cell);
        assert!(shares.find(&token).is_some(), "an attached handle keeps it");
        drop(attached);
        assert!(shares.find(&token).is_none());
        assert!(lock(&shares.tokens).is_empty());
    }
}
