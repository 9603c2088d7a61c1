//! Request and reply through NATS core on loopback: the baseline of what the SDK does
//! between two guests.
//!
//! The clients are as small as the protocol lets them be: one connection that asks, one that
//! answers, `TCP_NODELAY`, a write and a read a message, no client library. So the
//! baseline is the server's and the system's time, and real clients are slower.

use crate::SIZE;
use crate::measure::nanoseconds_each;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Times a connection to a starting server is tried, and the time between two tries.
const TRIES: u32 = 100;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);
/// A server that says nothing for so long has hung. It says something every two minutes.
const PATIENCE: Duration = Duration::from_secs(150);

/// A server with a client that answers, and one that asks.
pub struct Nats {
    asking: Mutex<Connection>,
    /// Held for its end.
    _server: Server,
}

/// A server, killed when it is dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Nats {
    /// Starts it; the error says why it cannot be had.
    pub fn start() -> Result<Arc<Self>, String> {
        Self::try_start().map_err(|error| format!("nats-server: {error}; `./dev bench` fetches it"))
    }

    fn try_start() -> io::Result<Arc<Self>> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let server = Command::new("nats-server")
            .args(["-a", "127.0.0.1", "-p", &address.port().to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let server = Server(server);
        let answering = Connection::open(connect(address)?, "service")?;
        std::thread::spawn(move || answering.answer());
        Ok(Arc::new(Self {
            asking: Mutex::new(Connection::open(connect(address)?, "inbox")?),
            _server: server,
        }))
    }

    /// Nanoseconds a request with its reply.
    pub async fn requests(self: Arc<Self>, requests: u64) -> f64 {
        nanoseconds_each(requests, async move {
            let asking = tokio::task::spawn_blocking(move || {
                let mut connection = self.asking.lock().unwrap();
                for _ in 0..requests {
                    connection.ask().unwrap();
                }
            });
            asking.await.unwrap();
        })
        .await
    }
}

/// Connects to a server that may still be starting.
fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    for _ in 0..TRIES {
        // On loopback a connection to a port nobody listens on yet can be to itself.
        if let Ok(stream) = TcpStream::connect(address)
            && stream.local_addr()? != address
        {
            return Ok(stream);
        }
        std::thread::sleep(BETWEEN_TRIES);
    }
    TcpStream::connect(address)
}

/// A client's connection, subscribed to one subject.
struct Connection {
    reading: BufReader<TcpStream>,
    line: String,
    /// With its line end.
    payload: Vec<u8>,
    message: Vec<u8>,
}

impl Connection {
    fn open(stream: TcpStream, subject: &str) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut connection = Self {
            reading: BufReader::new(stream),
            line: String::new(),
            payload: [&[7; SIZE], b"\r\n".as_slice()].concat(),
            message: Vec::new(),
        };
        write!(
            connection.reading.get_mut(),
            "CONNECT {{\"verbose\":false,\"pedantic\":false}}\r\nSUB {subject} 1\r\nPING\r\n"
        )?;
        // The server answers in order: after its PONG the subscription stands.
        while connection.line.trim_end() != "PONG" {
            connection.read_line()?;
        }
        Ok(connection)
    }

    fn read_line(&mut self) -> io::Result<()> {
        self.line.clear();
        match self.reading.read_line(&mut self.line)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// Reads the next message and returns the subject its sender wants the reply on.
    fn read(&mut self) -> io::Result<Option<String>> {
        loop {
            self.read_line()?;
            // MSG <subject> <subscription> [reply to] <bytes>
            let words: Vec<&str> = self.line.split_ascii_whitespace().collect();
            match words[..] {
                ["MSG", _, _, _] => {
                    self.reading.read_exact(&mut self.payload)?;
                    return Ok(None);
                }
                ["MSG", _, _, reply_to, _] => {
                    let reply_to = reply_to.to_owned();
                    self.reading.read_exact(&mut self.payload)?;
                    return Ok(Some(reply_to));
                }
                ["PING"] => self.reading.get_mut().write_all(b"PONG\r\n")?,
                // The server may say what it is at any time.
                ["INFO", ..] => {}
                _ => return Err(io::Error::other(self.line.clone())),
            }
        }
    }

    /// Sends the payload at hand.
    fn send(&mut self, head: &str) -> io::Result<()> {
        self.message.clear();
        write!(self.message, "PUB {head} {SIZE}\r\n")?;
        self.message.extend_from_slice(&self.payload);
        self.reading.get_mut().write_all(&self.message)
    }

    fn ask(&mut self) -> io::Result<()> {
        self.send("service inbox")?;
        self.read().map(drop)
    }

    /// Answers until the server is gone.
    fn answer(mut self) -> io::Result<()> {
        loop {
            if let Some(reply_to) = self.read()? {
                self.send(&reply_to)?;
            }
        }
    }
}
