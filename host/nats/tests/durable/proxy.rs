//! A proxy in front of a server, whose connections are cut at will.

use std::{net::SocketAddr, sync::Arc};

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
};

pub struct Proxy {
    address: SocketAddr,
    cut: Arc<watch::Sender<u64>>,
    /// Somebody has connected.
    connected: Arc<Notify>,
}

impl Proxy {
    pub async fn start(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cut = Arc::new(watch::Sender::new(0));
        let connected = Arc::new(Notify::new());
        let (cuts, tell) = (cut.clone(), connected.clone());
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                let mut cut = cuts.subscribe();
                tell.notify_one();
                tokio::spawn(async move {
                    let mut far = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    tokio::select! {
                        _ = copy_bidirectional(&mut near, &mut far) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Self {
            address,
            cut,
            connected,
        }
    }

    pub fn address(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Waits until somebody has connected since the last time.
    pub async fn busy(&self) {
        self.connected.notified().await;
        // Some messages get through.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }

    pub fn cut(&self) {
        self.cut.send_modify(|it| *it += 1);
    }
}
