//! Servers of the test's own, which guests ask. They say what they are told to, right or wrong, and know who has connected.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A server, until the tests end.
pub struct Peer {
    pub address: SocketAddr,
    open: Arc<AtomicUsize>,
    asked: Asked,
}

/// What was asked on each connection: the lines of its requests.
#[derive(Clone, Default)]
pub struct Asked(Arc<Mutex<Vec<Vec<String>>>>);

impl Peer {
    /// One that plays this on each connection, on a thread of its own.
    pub fn new(play: impl Fn(TcpStream, &mut dyn FnMut(String)) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let peer = Self {
            address: listener.local_addr().unwrap(),
            open: Arc::default(),
            asked: Asked::default(),
        };
        let (open, asked, play) = (peer.open.clone(), peer.asked.clone(), Arc::new(play));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                open.fetch_add(1, Ordering::SeqCst);
                let at = {
                    let mut all = asked.0.lock().unwrap();
                    all.push(Vec::new());
                    all.len() - 1
                };
                let (open, asked, play) = (open.clone(), asked.clone(), play.clone());
                std::thread::spawn(move || {
                    let mut note = |line| asked.0.lock().unwrap()[at].push(line);
                    play(stream, &mut note);
                    open.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        peer
    }

    /// One that answers each request so.
    pub fn answering(answer: &'static str) -> Self {
        Self::new(move |mut stream, note| answer_each(&mut stream, answer, note))
    }

    /// One that says this once it was asked, and nothing after that. The guest is to close the connection.
    pub fn saying(said: &'static str) -> Self {
        Self::new(move |mut stream, note| {
            if let Some(head) = head(&mut stream) {
                note(head);
                let _ = stream.write_all(said.as_bytes());
            }
            to_the_end(&mut stream);
        })
    }

    /// One that says this once it was asked, and closes the connection.
    pub fn breaking(said: &'static str) -> Self {
        Self::new(move |mut stream, note| {
            if let Some(head) = head(&mut stream) {
                note(head);
                let _ = stream.write_all(said.as_bytes());
            }
        })
    }

    /// One that says this once it was asked, and then that again and again as long as somebody takes it.
    pub fn endless(first: &'static str, again: &'static str) -> Self {
        Self::new(move |mut stream, note| {
            if let Some(head) = head(&mut stream) {
                note(head);
                let _ = stream.write_all(first.as_bytes());
                while stream.write_all(again.as_bytes()).is_ok() {}
            }
        })
    }

    /// One with TLS, which answers each request with `there` in whichever version of HTTP is agreed on.
    pub fn secure(config: Arc<ServerConfig>) -> Self {
        Self::new(move |stream, note| {
            let server = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(server, stream);
            // The handshake is done with the first read.
            let mut first = [0];
            if stream.read_exact(&mut first).is_err() {
                return;
            }
            let is_h2 = stream.conn.alpn_protocol() == Some(b"h2");
            let mut stream = Begun(first.to_vec(), stream);
            match is_h2 {
                true => answer_h2(&mut stream, note),
                false => answer_each(&mut stream, super::OK, note),
            }
        })
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Connections that are open.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// What was asked on each connection.
    pub fn asked(&self) -> Vec<Vec<String>> {
        self.asked.0.lock().unwrap().clone()
    }
}

/// A stream of which some bytes were read before.
struct Begun<T>(Vec<u8>, T);

impl<T: Read> Read for Begun<T> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        match self.0.pop() {
            Some(byte) => {
                room[0] = byte;
                Ok(1)
            }
            None => self.1.read(room),
        }
    }
}

impl<T: Write> Write for Begun<T> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.1.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.1.flush()
    }
}

/// The first line of the next request, which is read to the end of its head; none at the end.
pub fn head(stream: &mut impl Read) -> Option<String> {
    whole_head(stream)?.lines().next().map(str::to_owned)
}

/// The head of the next request; none at the end.
pub fn whole_head(stream: &mut impl Read) -> Option<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    Some(String::from_utf8(head).unwrap())
}

fn to_the_end(stream: &mut impl Read) {
    let mut room = [0; 4096];
    while stream.read(&mut room).is_ok_and(|read| read > 0) {}
}

fn answer_each(stream: &mut (impl Read + Write), answer: &str, note: &mut dyn FnMut(String)) {
    while let Some(head) = head(stream) {
        note(head);
        if stream.write_all(answer.as_bytes()).is_err() {
            break;
        }
    }
}

/// Kinds and flags of frames of HTTP/2.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// How a client of HTTP/2 begins.
const PREFACE: usize = 24;

/// A status of 200 in HPACK: an entry of its table.
const STATUS_200: u8 = 0x88;

fn frame(kind: u8, flags: u8, stream: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], stream, payload].concat()
}

fn answer_h2(stream: &mut (impl Read + Write), note: &mut dyn FnMut(String)) {
    let answer = |stream: &mut dyn Write, frames: &[Vec<u8>]| {
        stream
            .write_all(&frames.concat())
            .and_then(|()| stream.flush())
    };
    let mut preface = [0; PREFACE];
    if stream.read_exact(&mut preface).is_err() {
        return;
    }
    let _ = answer(stream, &[frame(SETTINGS, 0, &[0; 4], &[])]);
    let mut begin = [0; 9];
    while stream.read_exact(&mut begin).is_ok() {
        let length = u32::from_be_bytes([0, begin[0], begin[1], begin[2]]);
        let (kind, flags, of) = (begin[3], begin[4], &begin[5..]);
        let mut payload = vec![0; length as usize];
        if stream.read_exact(&mut payload).is_err() {
            break;
        }
        let answered = match kind {
            SETTINGS if flags & ACK == 0 => answer(stream, &[frame(SETTINGS, ACK, &[0; 4], &[])]),
            PING if flags & ACK == 0 => answer(stream, &[frame(PING, ACK, &[0; 4], &payload)]),
            HEADERS => {
                note("HTTP/2".to_owned());
                let head = frame(HEADERS, END_HEADERS, of, &[STATUS_200]);
                answer(stream, &[head, frame(DATA, END_STREAM, of, b"there")])
            }
            _ => Ok(()),
        };
        if answered.is_err() {
            break;
        }
    }
}

/// The settings of a server with TLS that shows the certificate `NAME.pem` of a folder, and speaks one of these protocols.
pub fn tls(folder: &Path, name: &str, protocols: &[&str]) -> Arc<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(folder.join(format!("{name}.pem"))).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join(format!("{name}-key.pem"))).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth();
    let chain = chain.map(Result::unwrap).collect();
    let mut config = config.with_single_cert(chain, key).unwrap();
    config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
    Arc::new(config)
}
