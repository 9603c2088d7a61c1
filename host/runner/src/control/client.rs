//! The side of the commands: asks a runner and hands on what it answers.

use super::place;
use super::protocol::{Ask, Reply, Request, Snapshot, VERSION};
use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::UnixStream;

/// The answers to one request.
pub(crate) struct Answers(Lines<BufReader<UnixStream>>);

/// Asks the runner that is meant; see [`place::connect`].
///
/// # Errors
/// When there is no such runner, or it goes away.
pub(crate) async fn ask(on: Option<&str>, request: Request) -> Result<Answers> {
    let mut stream = place::connect(on).await?;
    let ask = Ask {
        version: VERSION,
        request,
    };
    let mut line = serde_json::to_vec(&ask)?;
    line.push(b'\n');
    stream.write_all(&line).await.context("the runner is gone")?;
    Ok(Answers(BufReader::new(stream).lines()))
}

impl Answers {
    /// The next answer; none when the runner has ended.
    ///
    /// # Errors
    /// When the runner says that it cannot meet the request, or what it says makes no sense.
    pub(crate) async fn next(&mut self) -> Result<Option<Reply>> {
        let Ok(Some(line)) = self.0.next_line().await else {
            return Ok(None);
        };
        match serde_json::from_str(&line) {
            Ok(Reply::Error(text)) => bail!(text),
            Ok(reply) => Ok(Some(reply)),
            Err(error) => bail!("what answers is no runner of this version: {error}"),
        }
    }
}

/// Everything there is now in the runner that is meant.
///
/// # Errors
/// As [`ask`] and [`Answers::next`].
pub(crate) async fn snapshot(on: Option<&str>) -> Result<Snapshot> {
    match ask(on, Request::Snapshot).await?.next().await? {
        Some(Reply::Snapshot(snapshot)) => Ok(snapshot),
        _ => bail!("the runner ended before it answered"),
    }
}
