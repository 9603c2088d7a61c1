//! A NATS server of a test's own: on loopback, on a port that the system chooses, with a folder that goes with it.
//!
//! Invariant: it ends with the test, however that ends. A shell holds it, which ends it once the test's end of a pipe is gone.
#![allow(dead_code, reason = "each suite uses its own part")]

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// Far longer than a server takes to begin.
const HANGS_AFTER: Duration = Duration::from_secs(60);

/// Starts the server, says its process id, and ends it when the pipe is closed.
const HOLD: &str = r#""$@" >/dev/null 2>&1 & echo $!; read -r _; kill -9 $! 2>/dev/null"#;

/// A running server.
pub struct Nats {
    folder: TempDir,
    /// Where its streams are.
    store: PathBuf,
    port: u16,
    /// Beside those that every server has.
    arguments: Vec<String>,
    running: Option<Running>,
}

struct Running {
    shell: Child,
    pid: String,
}

impl Nats {
    /// Starts one.
    pub async fn start() -> Self {
        Self::start_with(Vec::new()).await
    }

    /// Three that keep what they have together.
    pub async fn cluster() -> Vec<Self> {
        // Nobody else is given these as long as they are held here.
        let held: Vec<_> = (0..3)
            .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
            .collect();
        let ports = held.iter().map(|it| it.local_addr().unwrap().port());
        let ports: Vec<_> = ports.collect();
        drop(held);
        let routes = ports.iter().map(|port| format!("nats://127.0.0.1:{port}"));
        let routes = routes.collect::<Vec<_>>().join(",");
        let mut servers = Vec::new();
        for (at, port) in ports.iter().enumerate() {
            let name = format!("server-{at}");
            let own = format!("nats://127.0.0.1:{port}");
            let arguments = [
                ["-n", &name],
                ["--cluster_name", "tests"],
                ["--cluster", &own],
                ["--routes", &routes],
            ];
            let arguments = arguments.concat().into_iter().map(str::to_owned);
            servers.push(Self::start_with(arguments.collect()).await);
        }
        servers
    }

    /// Starts one with more arguments.
    pub async fn start_with(arguments: Vec<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        Self::start_in(folder, store, arguments).await
    }

    /// Starts one that keeps its streams there.
    pub async fn start_at(store: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::start_in(folder, store.to_owned(), Vec::new()).await
    }

    async fn start_in(folder: TempDir, store: PathBuf, arguments: Vec<String>) -> Self {
        let mut nats = Self {
            folder,
            store,
            port: 0,
            arguments,
            running: None,
        };
        nats.begin().await;
        nats
    }

    /// Starts it, again on the same port.
    pub async fn begin(&mut self) {
        let ports = self.folder.path().join("ports");
        let _ = std::fs::remove_dir_all(&ports);
        std::fs::create_dir(&ports).unwrap();
        let port = if self.port == 0 {
            "-1".into()
        } else {
            self.port.to_string()
        };
        let mut shell = Command::new("sh")
            .args(["-c", HOLD, "hold"])
            .arg(program())
            .args(["-a", "127.0.0.1", "-p", &port, "-js", "-sd"])
            .arg(&self.store)
            .arg("--ports_file_dir")
            .arg(&ports)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pid = String::new();
        let mut said = BufReader::new(shell.stdout.take().unwrap());
        said.read_line(&mut pid).unwrap();
        self.running = Some(Running {
            shell,
            pid: pid.trim().to_owned(),
        });
        self.port = port_of(&ports).await;
    }

    /// Where it listens.
    pub fn address(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends it as a machine would that fails.
    pub fn kill(&mut self) {
        self.signal("KILL");
        self.running = None;
    }

    /// Ends it in order.
    pub fn stop(&mut self) {
        self.signal("TERM");
        let running = self.running.as_ref().unwrap();
        let process = Path::new("/proc").join(&running.pid);
        let since = Instant::now();
        while process.exists() && !is_zombie(&process) {
            assert!(since.elapsed() < HANGS_AFTER, "the server does not end");
            std::thread::yield_now();
        }
        self.running = None;
    }

    /// Sends it a signal.
    pub fn signal(&self, name: &str) {
        let running = self.running.as_ref().unwrap();
        let sent = Command::new("kill")
            .args(["-s", name, &running.pid])
            .status();
        assert!(sent.unwrap().success());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

fn is_zombie(process: &Path) -> bool {
    let stat = std::fs::read_to_string(process.join("stat")).unwrap_or_default();
    stat.contains(") Z ")
}

/// The server's port, once it listens.
async fn port_of(ports: &Path) -> u16 {
    let since = Instant::now();
    loop {
        let file = std::fs::read_dir(ports).unwrap().next();
        let text = file.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let port = text.as_deref().and_then(|text| {
            // It says `tls` where it speaks that.
            let (_, rest) = text.split_once("s://127.0.0.1:")?;
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        });
        if let Some(port) = port {
            return port;
        }
        assert!(since.elapsed() < HANGS_AFTER, "the server does not begin");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// `nats-server`, from where `./dev` puts it or from the path.
fn program() -> PathBuf {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/bin/nats-server");
    let program = if tools.exists() {
        tools
    } else {
        "nats-server".into()
    };
    let found = Command::new(&program).arg("--version").output();
    assert!(
        found.is_ok(),
        "there is no nats-server; `./dev test` fetches it"
    );
    program
}
