//! Uses the network as any program does: `net-std WHAT ARGUMENTS…`. It prints what came of it, a line each.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["say", address, text] => say(address, text),
        ["say-often", address, times] => say_often(address, number(times)),
        ["serve", address, times] => serve(address, number(times)),
        ["resolve", name] => resolve(name),
        ["resolve-and-say", name, address] => {
            resolve(name).and_then(|()| say(address, "by address"))
        }
        ["hold", address, most] => hold(address, number(most)),
        ["hold-accepted", address, most] => hold_accepted(address, number(most)),
        ["listen-again", address, times] => listen_again(address, number(times)),
        ["bind-tcp", address] => TcpListener::bind(address).map(|_| println!("bound")),
        ["bind-udp", address] => UdpSocket::bind(address).map(|_| println!("bound")),
        ["ask", address, text] => ask("0.0.0.0:0", address, text),
        ["ask-from", from, address, text] => ask(from, address, text),
        ["answer", address, times] => answer(address, number(times)),
        ["hear", address] => hear(address),
        ["transfer", address, bytes] => transfer(address, number(bytes)),
        _ => Err(io::Error::new(
            ErrorKind::InvalidInput,
            "there is no such scenario",
        )),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("failed: {}", word(&error));
            ExitCode::FAILURE
        }
    }
}

fn number(text: &str) -> usize {
    text.parse().unwrap_or_default()
}

/// The kind of an error. One that has none of its own is told in words.
fn word(error: &io::Error) -> String {
    match format!("{:?}", error.kind()) {
        kind if kind == "Uncategorized" || kind == "Other" => error.to_string(),
        kind => kind,
    }
}

/// Says something to a server and prints what it says.
fn say(address: &str, text: &str) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    writeln!(stream, "{text}")?;
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer)?;
    println!("heard {}", answer.trim_end());
    Ok(())
}

/// Says something again and again on one connection.
fn say_often(address: &str, times: usize) -> io::Result<()> {
    let stream = TcpStream::connect(address)?;
    let mut from = BufReader::new(&stream);
    for n in 0..times {
        writeln!(&stream, "{n}")?;
        let mut answer = String::new();
        from.read_line(&mut answer)?;
        if answer.trim_end() != n.to_string() {
            return Err(io::Error::new(ErrorKind::InvalidData, answer));
        }
    }
    println!("said {times}");
    Ok(())
}

/// Echoes a line to each of so many clients.
fn serve(address: &str, times: usize) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    for _ in 0..times {
        let (stream, _) = listener.accept()?;
        let mut line = String::new();
        let mut stream = BufReader::new(stream);
        stream.read_line(&mut line)?;
        stream.get_mut().write_all(line.as_bytes())?;
    }
    println!("served {times}");
    Ok(())
}

fn resolve(name: &str) -> io::Result<()> {
    let found: Vec<_> = (name, 0)
        .to_socket_addrs()?
        .map(|it| it.ip().to_string())
        .collect();
    println!("found {}", found.join(" "));
    Ok(())
}

/// Opens connections until one fails, lets go of them, and opens as many again.
fn hold(address: &str, most: usize) -> io::Result<()> {
    for _ in 0..2 {
        let mut held = Vec::new();
        let mut told = None;
        while held.len() < most && told.is_none() {
            match TcpStream::connect(address) {
                Ok(stream) => held.push(stream),
                Err(error) => told = Some(word(&error)),
            }
        }
        println!("{} open, then {}", held.len(), told.unwrap_or_default());
    }
    Ok(())
}

/// Accepts connections and keeps them, and says of each.
fn hold_accepted(address: &str, most: usize) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    let mut held = Vec::new();
    while held.len() < most {
        held.push(listener.accept()?);
        println!("{} accepted", held.len());
    }
    Ok(())
}

/// Listens, has a client that nobody accepts, and closes both, again and again.
fn listen_again(address: &str, times: usize) -> io::Result<()> {
    for _ in 0..times {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let client = TcpStream::connect(listener.local_addr()?)?;
        while let Err(error) = listener.accept() {
            if error.kind() != ErrorKind::WouldBlock {
                return Err(error);
            }
        }
        let waiting = TcpStream::connect(listener.local_addr()?)?;
        drop((client, listener, waiting));
    }
    println!("listened {times}");
    Ok(())
}

/// Sends a datagram and prints the answer.
fn ask(from: &str, address: &str, text: &str) -> io::Result<()> {
    let socket = UdpSocket::bind(from)?;
    socket.send_to(text.as_bytes(), address)?;
    let mut answer = [0; 1_000];
    let (length, _) = socket.recv_from(&mut answer)?;
    println!(
        "heard {}",
        String::from_utf8_lossy(answer.get(..length).unwrap_or_default())
    );
    Ok(())
}

/// Answers datagrams with themselves.
fn answer(address: &str, times: usize) -> io::Result<()> {
    let socket = UdpSocket::bind(address)?;
    println!("listening on {}", socket.local_addr()?);
    for _ in 0..times {
        let mut asked = [0; 1_000];
        let (length, from) = socket.recv_from(&mut asked)?;
        socket.send_to(asked.get(..length).unwrap_or_default(), from)?;
    }
    println!("served {times}");
    Ok(())
}

/// Prints the first datagram that it hears.
fn hear(address: &str) -> io::Result<()> {
    let socket = UdpSocket::bind(address)?;
    println!("listening on {}", socket.local_addr()?);
    let mut heard = [0; 1_000];
    let (length, _) = socket.recv_from(&mut heard)?;
    println!(
        "heard {}",
        String::from_utf8_lossy(heard.get(..length).unwrap_or_default())
    );
    Ok(())
}

/// Sends bytes and reads as many back, in turns.
fn transfer(address: &str, bytes: usize) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).ok();
    let block = [7; 4_096];
    let mut back = [0; 4_096];
    for _ in 0..bytes / block.len() {
        stream.write_all(&block)?;
        stream.read_exact(&mut back)?;
    }
    println!("transferred {bytes}");
    Ok(())
}
