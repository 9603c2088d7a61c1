//! A proxy in front of a server. What goes through it is held up, comes late, or is dropped with the connection.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
    time::Instant,
};

/// Chunks between its two sides. Beyond that whoever sends has to wait.
const CHUNKS: usize = 1024;

#[derive(Debug, Clone, Copy, Default)]
struct State {
    held: bool,
    delay: Duration,
    /// How often connections were cut.
    cuts: u64,
}

pub struct Proxy {
    address: SocketAddr,
    state: Arc<watch::Sender<State>>,
}

impl Proxy {
    pub async fn start(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(watch::Sender::new(State::default()));
        let all = state.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(connection(near, port, all.subscribe()));
            }
        });
        Self { address, state }
    }

    pub fn address(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Cuts all connections. What they hold is lost.
    pub fn cut(&self) {
        self.state.send_modify(|it| it.cuts += 1);
    }

    /// Lets nothing through, or all of it again.
    pub fn hold(&self, held: bool) {
        self.state.send_modify(|it| it.held = held);
    }

    /// Everything takes so much longer, each way.
    pub fn delay(&self, delay: Duration) {
        self.state.send_modify(|it| it.delay = delay);
    }
}

async fn connection(mut near: TcpStream, port: u16, state: watch::Receiver<State>) {
    let Ok(mut far) = TcpStream::connect(("127.0.0.1", port)).await else {
        return;
    };
    near.set_nodelay(true).unwrap();
    far.set_nodelay(true).unwrap();
    let ((read, write), (far_read, far_write)) = (near.split(), far.split());
    let cuts = state.borrow().cuts;
    let mut cut = state.clone();
    tokio::select! {
        () = pass(read, far_write, state.clone()) => {}
        () = pass(far_read, write, state) => {}
        _ = cut.wait_for(|it| it.cuts > cuts) => {}
    }
}

async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    state: watch::Receiver<State>,
) {
    let (send, mut chunks) = mpsc::channel::<(Instant, Vec<u8>)>(CHUNKS);
    let mut later = state.clone();
    let reading = async {
        let mut buffer = vec![0; 64 << 10];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            let due = Instant::now() + state.borrow().delay;
            if send.send((due, buffer[..count].to_vec())).await.is_err() {
                return;
            }
        }
    };
    let writing = async {
        while let Some((due, chunk)) = chunks.recv().await {
            tokio::time::sleep_until(due).await;
            let _ = later.wait_for(|it| !it.held).await;
            if to.write_all(&chunk).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
}
