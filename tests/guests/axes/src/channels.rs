//! Channels, their ends and their tokens.

use crate::make::{How, LARGE, MANY, MIB, Made, OFTEN, insist, repeat};
use weft_guest::bindings::weft::fabric::channel::{
    Access, Backpressure, Channel, Options, Reader, Writer,
};
use weft_guest::bindings::weft::fabric::types::Error;

pub fn make(axis: &str, how: How) -> Option<Made> {
    Some(match axis {
        "channels" => channels(how),
        "narrowed-channels" => narrowed(),
        "ends" => ends(),
        "tokens" => tokens(how),
        "let-go" => let_go(),
        _ => return None,
    })
}

/// A channel of this capacity, whose writers wait.
pub fn channel(capacity: usize) -> Result<Channel, Error> {
    Channel::create(Options {
        capacity: capacity as u64,
        backpressure: Backpressure::Block,
    })
}

/// A channel of this capacity that drops.
pub fn dropping(capacity: usize) -> Result<Channel, Error> {
    Channel::create(Options {
        capacity: capacity as u64,
        backpressure: Backpressure::Drop,
    })
}

fn channels(how: How) -> Made {
    match how {
        How::Number => repeat(MANY, |_| channel(1)),
        How::Size => repeat(64, |n| channel(1 << n).map(drop)),
        How::Both => repeat(MANY, |_| channel(MIB)),
    }
}

fn narrowed() -> Made {
    match channel(1) {
        Ok(root) => repeat(MANY, |_| root.narrow(Access::all())).and(root),
        Err(error) => Made::new(0, format!("{error:?}"), ()),
    }
}

/// Any end.
enum End {
    Reader { _held: Reader },
    Writer { _held: Writer },
}

fn ends() -> Made {
    let reader = |_held| End::Reader { _held };
    let writer = |_held| End::Writer { _held };
    match channel(1) {
        Ok(root) => repeat(MANY, |n| match n % 6 {
            0 => root.strong_reader().map(reader),
            1 => root.weak_reader().map(reader),
            2 => root.strong_writer().map(writer),
            3 => root.weak_writer().map(writer),
            4 => root.strong_reader().map(Reader::downgrade).map(reader),
            _ => root.strong_writer().map(Writer::downgrade).map(writer),
        })
        .and(root),
        Err(error) => Made::new(0, format!("{error:?}"), ()),
    }
}

fn tokens(how: How) -> Made {
    let shared = || {
        let root = channel(1)?;
        let token = root.share()?;
        Ok::<_, Error>((root, token))
    };
    match how {
        How::Number => match shared() {
            Ok((root, token)) => repeat(MANY, |_| Channel::attach(&token)).and(root),
            Err(error) => Made::new(0, format!("{error:?}"), ()),
        },
        How::Size => {
            let token = "f".repeat(LARGE);
            insist(OFTEN, |_| Channel::attach(&token))
        }
        How::Both => repeat(MANY, |_| shared()),
    }
}

/// All of these again and again, and nothing is kept of any.
fn let_go() -> Made {
    repeat(30_000, |n| {
        let root = channel(64)?;
        root.share()?;
        root.revoke()?;
        let writer = root.strong_writer()?;
        let reader = root.weak_reader()?;
        let _ = writer.try_write(b"x");
        let _ = (root.stats(), root.access(), writer.id(), reader.try_read());
        match n % 2 {
            0 => root.drain(),
            _ => root.terminate(),
        }
    })
}
