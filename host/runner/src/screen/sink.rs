//! The command's stdout and stderr, for processes to write to.

use super::progress::Progress;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use weft_host::OutputSink;

struct Stream {
    progress: Progress,
    stderr: bool,
}

/// The command's stdout.
pub(crate) fn stdout(progress: &Progress) -> Arc<dyn OutputSink> {
    Arc::new(Stream {
        progress: progress.clone(),
        stderr: false,
    })
}

/// The command's stderr.
pub(crate) fn stderr(progress: &Progress) -> Arc<dyn OutputSink> {
    Arc::new(Stream {
        progress: progress.clone(),
        stderr: true,
    })
}

impl OutputSink for Stream {
    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        fn all(mut out: impl Write, bytes: &[u8]) -> io::Result<()> {
            out.write_all(bytes)?;
            out.flush()
        }
        self.progress.beside(|| match self.stderr {
            true => all(io::stderr().lock(), bytes),
            false => all(io::stdout().lock(), bytes),
        })
    }

    fn is_terminal(&self) -> bool {
        if self.stderr {
            io::stderr().is_terminal()
        } else {
            io::stdout().is_terminal()
        }
    }
}
