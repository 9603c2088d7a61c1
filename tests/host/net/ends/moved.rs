//! Ends of connections that go to others: to children, and along a frame.

use super::{Told, host_of, play, told};
use crate::net::listening;
use crate::support::block_on;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use weft_host::usage::Usage;

#[test]
fn ends_serve_wherever_they_go() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        for (what, clients, wanted) in [
            ("hand-over", 3, "returned 5, returned 5, returned 5"),
            ("hand-over-by-frame", 1, "echoed 5"),
        ] {
            let rights = ["listen=tcp://127.0.0.1:0", "process-lifecycle"];
            let number = clients.to_string();
            let options = play(what, "tcp://127.0.0.1:0", &number, &rights);
            let process = host.start(options).unwrap();
            let address = listening(&process).await;
            for _ in 0..clients {
                let mut client = TcpStream::connect(address).await.unwrap();
                client.write_all(b"hello").await.unwrap();
                client.shutdown().await.unwrap();
                let mut heard = String::new();
                client.read_to_string(&mut heard).await.unwrap();
                assert_eq!(heard, "hello", "{what}");
            }
            assert_eq!(told(&process).await.as_deref(), Ok(wanted));
            drop(process);
            crate::net::until(|| host.usage() == Usage::default()).await;
        }
    });
}
