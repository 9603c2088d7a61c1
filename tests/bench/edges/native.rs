//! Baselines that this program is itself: the same work in Rust on hyper and tokio, with no guest.

use crate::native_flights;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::path::Path;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, BufWriter};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// Lines that wait between two tasks.
const PLACES: usize = 1024;
/// Bytes of the buffers around stdin and stdout.
const BUFFER: usize = 64 << 10;

/// Plays one of them until it is killed, or its input ends. The address is that to listen at, or the folder of the input.
pub async fn run(what: &str, address: &str) {
    match what {
        "hello" => serve(address, |stream| http(stream, hello)).await,
        "discard" => serve(address, |stream| http(stream, discard)).await,
        "echo" => serve(address, echo).await,
        "filter" => filter().await,
        "flights" => native_flights::run(Path::new(address)).await,
        _ => panic!("there is no baseline `{what}`"),
    }
}

async fn serve<F>(address: &str, with: fn(TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind(address).await.unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        tokio::spawn(with(stream));
    }
}

async fn http<F>(stream: TcpStream, answer: fn(Request<Incoming>) -> F)
where
    F: Future<Output = Result<Response<Full<Bytes>>, Infallible>> + Send,
{
    let connection = hyper::server::conn::http1::Builder::new();
    let connection = connection.serve_connection(TokioIo::new(stream), service_fn(answer));
    // Clients go when they like.
    let _ = connection.await;
}

async fn hello(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"hello")));
    let plain = hyper::header::HeaderValue::from_static("text/plain");
    let headers = response.headers_mut();
    headers.insert(hyper::header::CONTENT_TYPE, plain);
    Ok(response)
}

/// Reads the body, and throws it away.
async fn discard(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut body = request.into_body();
    while let Some(Ok(frame)) = body.frame().await {
        std::hint::black_box(frame);
    }
    let mut response = Response::new(Full::default());
    *response.status_mut() = hyper::StatusCode::ACCEPTED;
    Ok(response)
}

async fn echo(mut stream: TcpStream) {
    let mut buffer = vec![0; BUFFER];
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        if stream.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

/// What the row's pipeline does, with a task for each of its parts: one reads lines, one keeps those with a word, one writes them.
async fn filter() {
    let (lines, mut of_lines) = mpsc::channel::<Vec<u8>>(PLACES);
    let (kept, mut of_kept) = mpsc::channel::<Vec<u8>>(PLACES);
    tokio::spawn(async move {
        let mut input = BufReader::with_capacity(BUFFER, tokio::io::stdin());
        loop {
            let mut line = Vec::new();
            if input.read_until(b'\n', &mut line).await.unwrap() == 0 {
                return;
            }
            lines.send(line).await.unwrap();
        }
    });
    tokio::spawn(async move {
        let word = memchr::memmem::Finder::new("order");
        while let Some(line) = of_lines.recv().await {
            if word.find(&line).is_some() {
                kept.send(line).await.unwrap();
            }
        }
    });
    let mut output = BufWriter::with_capacity(BUFFER, tokio::io::stdout());
    while let Some(line) = of_kept.recv().await {
        output.write_all(&line).await.unwrap();
    }
    output.flush().await.unwrap();
}
