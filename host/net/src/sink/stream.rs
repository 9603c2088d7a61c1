//! A sink that writes to a stream that the embedder gives, such as its stdout.
//!
//! What has been read is flushed before the next is waited for. When nobody reads the stream any more, the sink returns: whoever read it
//! has seen enough.

use super::Outflow;
use super::drain::Drain;
use std::fmt;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::sync::Mutex;
use weft_host::process::{Context, Program, Running};

/// Any stream of bytes.
type Bytes = Box<dyn AsyncWrite + Send + Unpin>;

/// Writes to a stream.
pub struct StreamSink {
    kind: String,
    outflow: Outflow,
    stream: Mutex<Bytes>,
}

impl StreamSink {
    /// A sink that writes to this stream of the embedder. `name` is what it is called.
    pub fn new(
        name: &'static str,
        stream: impl AsyncWrite + Send + Unpin + 'static,
        outflow: Outflow,
    ) -> Self {
        Self {
            kind: format!("sink:{name}"),
            outflow,
            stream: Mutex::new(Box::new(stream)),
        }
    }

    async fn write(&self, context: Context) -> Result<String, String> {
        let mut drain = Drain::new(context, &self.outflow, None)?;
        let mut stream = self.stream.lock().await;
        let mut out = Vec::new();
        while drain.next(&mut out).await? {
            match write(&mut stream, &out).await {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::BrokenPipe => break,
                Err(error) => return Err(format!("cannot write: {error}")),
            }
        }
        Ok(drain.finish())
    }
}

async fn write(stream: &mut Bytes, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

impl Program for StreamSink {
    fn kind(&self) -> &str {
        &self.kind
    }

    fn run(self: Arc<Self>, context: Context) -> Running {
        Box::pin(async move { self.write(context).await })
    }
}

impl fmt::Debug for StreamSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamSink")
            .field("kind", &self.kind)
            .field("outflow", &self.outflow)
            .finish_non_exhaustive()
    }
}
