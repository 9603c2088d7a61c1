//! A client of HTTP/2 that sends what it is told to, right or wrong: frames of its own on a plain connection.
//!
//! It knows as much of HPACK as its requests take, and reads no headers: [`status`] says how those of an answer begin.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RESET: u8 = 3;
const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GO_AWAY: u8 = 7;
pub const CONTINUATION: u8 = 9;

pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;
const ACK: u8 = 1;

/// Errors of the protocol, by their numbers.
pub const REFUSED_STREAM: u32 = 7;
pub const ENHANCE_YOUR_CALM: u32 = 11;

/// How a client begins.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A frame.
#[derive(Debug)]
pub struct Frame {
    pub kind: u8,
    pub flags: u8,
    pub stream: u32,
    pub payload: Vec<u8>,
}

impl Frame {
    /// The error in a reset, or in a farewell.
    pub fn error(&self) -> u32 {
        let at = if self.kind == GO_AWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap())
    }
}

/// A connection.
pub struct Client {
    stream: TcpStream,
    answers_pings: bool,
}

impl Client {
    /// Connects and begins.
    pub fn new(address: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(super::HUNG)).unwrap();
        stream.set_write_timeout(Some(super::HUNG)).unwrap();
        stream.write_all(PREFACE).unwrap();
        let mut client = Self {
            stream,
            answers_pings: true,
        };
        client.send(SETTINGS, 0, 0, &[]).unwrap();
        client
    }

    /// One that leaves pings without an answer.
    pub fn answers_no_pings(mut self) -> Self {
        self.answers_pings = false;
        self
    }

    /// Sends a frame.
    pub fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> io::Result<()> {
        let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
        frame.extend([kind, flags]);
        frame.extend(stream.to_be_bytes());
        frame.extend(payload);
        self.stream.write_all(&frame)
    }

    /// Begins a request, which has a body unless it is a GET.
    pub fn request(
        &mut self,
        stream: u32,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
    ) -> io::Result<()> {
        let is_get = method == "GET";
        let mut block = vec![if is_get { 0x82 } else { 0x83 }, 0x86, 0x04];
        text(&mut block, path);
        block.push(0x01);
        text(&mut block, "localhost");
        for (name, value) in headers {
            block.push(0x00);
            text(&mut block, name);
            text(&mut block, value);
        }
        let end = if is_get { END_STREAM } else { 0 };
        self.send(HEADERS, END_HEADERS | end, stream, &block)
    }

    /// The next frame that is no setting and no ping; none at the end.
    pub fn next(&mut self) -> Option<Frame> {
        loop {
            let mut head = [0; 9];
            self.stream.read_exact(&mut head).ok()?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            self.stream.read_exact(&mut payload).ok()?;
            let frame = Frame {
                kind: head[3],
                flags: head[4],
                stream: u32::from_be_bytes(head[5..9].try_into().unwrap()),
                payload,
            };
            match frame.kind {
                // The other end may be gone, which the next read tells.
                SETTINGS if frame.flags & ACK == 0 => drop(self.send(SETTINGS, ACK, 0, &[])),
                PING if frame.flags & ACK == 0 && self.answers_pings => {
                    drop(self.send(PING, ACK, 0, &frame.payload));
                }
                SETTINGS | PING | 8 => {}
                _ => return Some(frame),
            }
        }
    }

    /// All frames to the end.
    pub fn all(&mut self) -> Vec<Frame> {
        std::iter::from_fn(|| self.next()).collect()
    }

    /// Waits for nothing longer than this.
    pub fn patience(&self, time: Duration) {
        self.stream.set_read_timeout(Some(time)).unwrap();
    }
}

/// A text, as it is.
fn text(block: &mut Vec<u8>, text: &str) {
    let length = text.len();
    if length < 127 {
        block.push(length as u8);
    } else {
        block.push(127);
        let mut rest = length - 127;
        while rest >= 128 {
            block.push((rest % 128) as u8 | 128);
            rest /= 128;
        }
        block.push(rest as u8);
    }
    block.extend(text.as_bytes());
}

/// How the headers of the first answer with this status on a connection begin.
pub fn status(code: u16) -> Vec<u8> {
    let known = [200, 204, 206, 304, 400, 404, 500];
    if let Some(at) = known.iter().position(|it| *it == code) {
        return vec![0x88 + at as u8];
    }
    // Three digits in the code of Huffman: those up to 2 have five bits, and the others six. What is left is filled with ones.
    let (mut bits, mut count) = (0_u32, 0);
    for digit in code.to_string().bytes().map(|it| u32::from(it - b'0')) {
        let (code, length) = if digit < 3 {
            (digit, 5)
        } else {
            (22 + digit, 6)
        };
        bits = bits << length | code;
        count += length;
    }
    let bytes = (count + 7) / 8;
    let filled = bytes * 8 - count;
    bits = bits << filled | ((1 << filled) - 1);
    let mut begin = vec![0x48, 0x80 | bytes as u8];
    begin.extend(&bits.to_be_bytes()[4 - bytes as usize..]);
    begin
}
