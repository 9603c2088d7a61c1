//! A source that reads a stream of bytes to its end: a file, or what the embedder gives, such as its stdin.
//!
//! A process that takes the place of one that failed goes on with what was not in the channel yet.

use super::Intake;
use super::feed::{Feed, Flow, Intermediate};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::Mutex;
use weft_host::process::{Context, Program, Running};

/// Bytes that are asked for at once: a system call costs little beside them.
const CHUNK: usize = 256 << 10;

/// Any stream of bytes.
type Bytes = Box<dyn AsyncRead + Send + Unpin>;

/// Where the bytes come from.
pub enum Origin {
    /// A file. It is read anew from its beginning each time the source is started after it has returned.
    File(PathBuf),
    /// A stream that the embedder has, and what it is called.
    Stream(&'static str, Bytes),
}

/// Reads a stream.
pub struct Stream {
    kind: String,
    file: Option<PathBuf>,
    intake: Intake,
    state: Mutex<State>,
}

struct State {
    stream: Option<Bytes>,
    between: Intermediate,
    /// Whether the end has been read.
    ended: bool,
}

impl Stream {
    /// A source of these bytes.
    pub fn new(origin: Origin, intake: Intake) -> Self {
        let (kind, file, stream) = match origin {
            Origin::File(path) => ("file", Some(path), None),
            Origin::Stream(name, stream) => (name, None, Some(stream)),
        };
        Self {
            kind: format!("source:{kind}"),
            file,
            intake,
            state: Mutex::new(State {
                stream,
                between: Intermediate::new(&intake),
                ended: false,
            }),
        }
    }

    async fn read(&self, context: Context) -> Result<String, String> {
        let mut feed = Feed::new(context, &self.intake)?;
        // The process before this one has let go of it.
        let mut state = self.state.lock().await;
        let state = &mut *state;
        let stream = match &mut state.stream {
            Some(stream) => stream,
            none => {
                let opened = match &self.file {
                    Some(path) => tokio::fs::File::open(path).await,
                    None => return Ok(feed.finish()),
                };
                let mut file = opened.map_err(|error| self.cannot_read(&error))?;
                file.set_max_buf_size(CHUNK);
                none.insert(Box::new(file))
            }
        };
        loop {
            let flow = feed.drain(&mut state.between, state.ended).await?;
            if state.ended || flow != Flow::On {
                break;
            }
            let room = state.between.decoder.room(CHUNK);
            let read = tokio::select! {
                biased;
                () = feed.context.stop_request() => break,
                read = stream.read_buf(room) => read,
            };
            state.ended = read.map_err(|error| self.cannot_read(&error))? == 0;
        }
        if self.file.is_some() {
            (state.stream, state.ended) = (None, false);
            state.between = Intermediate::new(&self.intake);
        }
        Ok(feed.finish())
    }

    fn cannot_read(&self, error: &std::io::Error) -> String {
        match &self.file {
            Some(path) => format!("cannot read `{}`: {error}", path.display()),
            None => format!("cannot read: {error}"),
        }
    }
}

impl Program for Stream {
    fn kind(&self) -> &str {
        &self.kind
    }

    fn run(self: Arc<Self>, context: Context) -> Running {
        Box::pin(async move { self.read(context).await })
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("kind", &self.kind)
            .field("file", &self.file)
            .field("intake", &self.intake)
            .finish_non_exhaustive()
    }
}
