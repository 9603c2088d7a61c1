//! The side of the commands: asks a runner and hands on what it answers.

use super::place;
use super::protocol::{Ask, Reply, Request, Snapshot, VERSION};
use anyhow::{Context, Result, bail};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::UnixStream;

/// Time a runner has for an answer that takes it milliseconds; one that takes longer is stopped or stuck.
const ANSWER_TIME: Duration = Duration::from_secs(30);

/// The answers to one request.
pub(crate) struct Answers {
    lines: Lines<BufReader<UnixStream>>,
    /// The runner that was meant.
    on: Option<String>,
}

/// Asks the runner that is meant; see [`place::connect`].
///
/// # Errors
/// When there is no such runner, or it goes away.
pub(crate) async fn ask(on: Option<&str>, request: Request) -> Result<Answers> {
    let mut stream = place::connect(on).await?;
    tracing::debug!(?request, "asking the runner");
    let ask = Ask {
        version: VERSION,
        request,
    };
    let mut line = serde_json::to_vec(&ask)?;
    line.push(b'\n');
    // A runner that has too many clients says so and hangs up without reading.
    let _ = stream.write_all(&line).await;
    Ok(Answers {
        lines: BufReader::new(stream).lines(),
        on: on.map(str::to_owned),
    })
}

impl Answers {
    /// The next answer.
    ///
    /// # Errors
    /// When the runner ends before it, says that it cannot meet the request, or what it says makes no sense.
    pub(crate) async fn next(&mut self) -> Result<Reply> {
        let line = self.lines.next_line().await.ok().flatten();
        let Some(line) = line else {
            bail!(self.why_ended().await);
        };
        match serde_json::from_str(&line) {
            Ok(Reply::Error(text)) => bail!(text),
            Ok(reply) => Ok(reply),
            Err(error) => bail!("what answers is no runner of this version: {error}"),
        }
    }
}

impl Answers {
    /// Why there is no more, though the answer has not ended.
    async fn why_ended(&self) -> &'static str {
        // Asked and not only connected to: one that is being killed is connected to still.
        let answer = async {
            let mut answers = ask(self.on.as_deref(), Request::Snapshot).await.ok()?;
            answers.lines.next_line().await.ok().flatten()
        };
        match tokio::time::timeout(ANSWER_TIME, answer).await {
            Ok(Some(_)) => {
                "the runner hung up and goes on: it had newer clients to answer, and this one was slow to read"
            }
            _ => "the runner ended before its answer did",
        }
    }
}

/// Everything there is now in the runner that is meant.
///
/// # Errors
/// As [`ask`] and [`Answers::next`], and when the runner is stuck.
pub(crate) async fn snapshot(on: Option<&str>) -> Result<Snapshot> {
    let answer = async { ask(on, Request::Snapshot).await?.next().await };
    let answer = tokio::time::timeout(ANSWER_TIME, answer);
    match answer.await.context("the runner does not answer")?? {
        Reply::Snapshot(snapshot) => Ok(snapshot),
        _ => bail!("what answers is no runner of this version"),
    }
}
