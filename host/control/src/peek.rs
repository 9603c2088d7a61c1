//! The frames of a channel, for a client that looks on.
//!
//! It looks at what the channel retains, and is no reader of it: it holds no writer back, takes no handles out of frames, and is
//! counted apart from readers. What the channel evicts between two looks is lost to it, and the client is told how much.

use crate::answer::{Client, none_called};
use crate::protocol::{FRAME_BYTES, FrameRow, Payload, Reply};
use crate::roster::Roster;
use crate::rows;
use crate::server::Ending;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io;
use std::time::Duration;
use weft_channel::Glance;
use weft_host::channel::NamedChannel;

/// The pause between two looks when there was nothing new. Nobody could see a shorter one, and a channel of usual size
/// keeps for longer what a screen can show.
const LOOK_PAUSE: Duration = Duration::from_millis(25);

/// Frames that one look takes. They are sent before the next look.
const LOOK_FRAMES: usize = 64;

/// What a client wants to see.
pub(crate) struct Peek {
    pub(crate) channel: String,
    pub(crate) follow: bool,
    pub(crate) frames: Option<u64>,
    pub(crate) bytes: u64,
}

impl Peek {
    /// Sends the frames.
    pub(crate) async fn answer(
        self,
        client: &mut Client,
        roster: &Roster,
        ending: &mut Ending,
    ) -> io::Result<()> {
        let channels = roster.host.named_channels();
        let Some(channel) = channels.iter().find(|it| it.name == self.channel) else {
            let names = channels.into_iter().map(|it| it.name).collect();
            let error = none_called("channel", &self.channel, names);
            return client.send(&Reply::Error(error)).await;
        };
        // What is written from now on is for those who follow.
        let seen = channel.observer.observe().unwrap_or_default();
        let _counted = roster.lookers.begin(&channel.name);
        let peeks = roster.lookers.of(&channel.name);
        let row = rows::channel(channel.name.clone(), None, seen, peeks);
        let until = row.frames_written;
        // Of a channel that a server keeps, the newest frames are shown.
        let oldest = until.saturating_sub(row.frames_held);
        let mut place = look(channel, oldest, 0).first.min(until);
        client.send(&Reply::Channel(row)).await?;
        let mut left = self.frames.unwrap_or(u64::MAX);
        let mut is_last = false;
        while left > 0 {
            let most = match self.follow {
                true => left,
                false => left.min(until.saturating_sub(place)),
            };
            let glance = look(channel, place, most);
            if glance.first > place {
                let lost = glance.first - place;
                client.send_patiently(&Reply::Lost(lost)).await?;
            }
            for (number, frame) in (glance.first..).zip(&glance.frames) {
                client.send_patiently(&self.row(number, frame)).await?;
            }
            let count = glance.frames.len() as u64;
            (place, left) = (glance.first + count, left.saturating_sub(count));
            if count > 0 {
                continue;
            }
            if !self.follow || glance.ended || is_last {
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(LOOK_PAUSE) => {}
                () = ending.wait() => is_last = true,
            }
        }
        client.send_patiently(&Reply::Done).await
    }

    fn row(&self, number: u64, frame: &[u8]) -> Reply {
        let most = usize::try_from(self.bytes.min(FRAME_BYTES)).unwrap_or(usize::MAX);
        Reply::Frame(FrameRow {
            number,
            size: frame.len() as u64,
            payload: payload(frame, most),
        })
    }
}

/// Frames of a channel from this number on. One that nobody holds any more has ended.
fn look(channel: &NamedChannel, place: u64, most: u64) -> Glance {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let glance = channel.observer.glance(place, most.min(LOOK_FRAMES));
    glance.unwrap_or_else(|| Glance {
        first: place,
        frames: Vec::new(),
        ended: true,
    })
}

/// The beginning of a frame. A character that is cut in two is left out.
fn payload(frame: &[u8], most: usize) -> Payload {
    let part = frame.get(..most).unwrap_or(frame);
    match std::str::from_utf8(part) {
        Ok(text) => Payload::Text(text.to_owned()),
        Err(error) if error.error_len().is_none() && part.len() < frame.len() => {
            let whole = part.get(..error.valid_up_to()).unwrap_or_default();
            Payload::Text(String::from_utf8_lossy(whole).into_owned())
        }
        Err(_) => Payload::Base64(STANDARD.encode(part)),
    }
}

impl Payload {
    /// The bytes; none if they are not encoded as the protocol says.
    #[must_use]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::Text(text) => Some(text.clone().into_bytes()),
            Self::Base64(text) => STANDARD.decode(text).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text_when_it_is_cut_within_a_character() {
        let text = |text: &str| Payload::Text(text.to_owned());
        for (frame, most, wanted) in [
            ("aé".as_bytes(), 9, text("aé")),
            ("aéb".as_bytes(), 2, text("a")),
            ("aéb".as_bytes(), 3, text("aé")),
            (b"", 9, text("")),
            // Cut by whoever wrote it: that is no text.
            (b"a\xc3", 9, Payload::Base64("YcM=".to_owned())),
            (b"\xff\xfe\xfd", 2, Payload::Base64("//4=".to_owned())),
        ] {
            assert_eq!(payload(frame, most), wanted, "{frame:?} {most}");
        }
    }
}
