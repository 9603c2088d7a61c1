//! Programs that serve: those measured and their baselines, each killed when it is dropped.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::net::TcpStream;

/// Times a connection to a starting server is tried, and the time between two tries.
const TRIES: u32 = 600;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// A program that serves at an address.
pub struct Server {
    pub address: SocketAddr,
    program: Child,
    /// What it reads.
    _folder: Option<tempfile::TempDir>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Server {
    fn start(command: &mut Command, address: SocketAddr) -> std::io::Result<Self> {
        let program = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        Ok(Self {
            address,
            program,
            _folder: None,
        })
    }

    /// `weft up` with this manifest, in which `ADDRESS` stands for where it listens.
    pub fn weft(manifest: &str) -> Self {
        let address = free();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("weft.toml");
        std::fs::write(&file, manifest.replace("ADDRESS", &address.to_string())).unwrap();
        let mut command = weft(&file);
        let mut server = Self::start(&mut command, address).expect("`./dev bench` builds weft");
        server._folder = Some(folder);
        server
    }

    /// This program, as a baseline.
    pub fn native(what: &str) -> Self {
        let address = free();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--native", what, &address.to_string()]);
        Self::start(&mut command, address).unwrap()
    }

    /// `wasmtime serve` with this component; the error says why it cannot be had.
    pub fn wasmtime(component: &Path) -> Result<Self, String> {
        let address = free();
        let mut command = Command::new("wasmtime");
        command
            .args(["serve", "-Scli", "--addr", &address.to_string()])
            .arg(component)
            // Each client that goes is an error to it.
            .stderr(Stdio::null());
        Self::start(&mut command, address)
            .map_err(|error| format!("wasmtime: {error}; `./dev bench-wasmtime` builds it"))
    }

    /// Resolves when it accepts connections.
    pub async fn connect(&self) -> TcpStream {
        for _ in 0..TRIES {
            match TcpStream::connect(self.address).await {
                // On loopback a connection to a port that nobody listens on yet can be to itself.
                Ok(stream) if stream.local_addr().ok() != Some(self.address) => return stream,
                _ => tokio::time::sleep(BETWEEN_TRIES).await,
            }
        }
        panic!("nothing listens on {}", self.address);
    }

    /// Bytes of its memory that are resident.
    pub fn resident(&self) -> f64 {
        let file = format!("/proc/{}/smaps_rollup", self.program.id());
        let text = std::fs::read_to_string(file).unwrap();
        let line = text.lines().find(|line| line.starts_with("Rss:")).unwrap();
        let kilobytes = line.split_whitespace().nth(1).unwrap();
        kilobytes.parse::<f64>().unwrap() * 1024.0
    }
}

/// `weft up` with a manifest.
pub fn weft(manifest: &Path) -> Command {
    // Built beside this program, by the same profile.
    let program = std::env::current_exe().unwrap();
    let mut command = Command::new(program.parent().unwrap().with_file_name("weft"));
    command.args(["up", "--log-format", "off"]).arg(manifest);
    command
}

/// An address of loopback on which nothing listens.
fn free() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// A server that is started when it is first asked for, so that rows which are not measured cost nothing.
pub type Lazy = Arc<LazyLock<Server, Box<dyn FnOnce() -> Server + Send>>>;

/// One that is started so.
pub fn lazy(start: impl FnOnce() -> Server + Send + 'static) -> Lazy {
    Arc::new(LazyLock::new(Box::new(start)))
}
