//! What a right allows works, in both versions of WASI.

use super::{Told, echo, echo_udp, guest_03, host_of, listening, program, said, told_03};
use crate::support::{block_on, end};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use weft_host::ExitStatus;

#[test]
fn a_program_talks_to_whom_its_right_names() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let echo = echo().await;
        let address = echo.address.to_string();
        for right in [
            format!("connect=tcp://{address}"),
            "connect=tcp://127.0.0.0/8:*".to_owned(),
            format!("connect=tcp://localhost:{}", echo.address.port()),
        ] {
            let (lines, _) = said(&host, program(&["say", &address, "hello"], &[&right])).await;
            assert_eq!(lines, ["heard hello"], "{right}");
            let told = told_03(&host, guest_03("say", &address, 0, &[&right])).await;
            assert_eq!(told.as_deref(), Ok("hello"), "{right}");
        }
        let right = "connect=tcp://127.0.0.1:*";
        // Nothing is said of what goes well.
        for options in [
            program(&["say", &address, "hello"], &[right]),
            guest_03("say", &address, 0, &[right]),
        ] {
            let (_, entries) = said(&host, options).await;
            assert!(entries.is_empty(), "{entries:?}");
        }
        let (lines, _) = said(&host, program(&["transfer", &address, "4194304"], &[right])).await;
        assert_eq!(lines, ["transferred 4194304"]);
    });
}

#[test]
fn datagrams_go_to_whom_the_right_names_and_come_from_there() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let echo = echo_udp().await;
        let address = echo.address.to_string();
        let right = format!("connect=udp://{address}");
        let (lines, _) = said(&host, program(&["ask", &address, "hello"], &[&right])).await;
        assert_eq!(lines, ["heard hello"]);
        let told = told_03(&host, guest_03("ask", &address, 0, &[&right])).await;
        assert_eq!(told.as_deref(), Ok("hello"));
    });
}

#[test]
fn a_program_listens_where_its_right_says() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let right = ["listen=tcp://127.0.0.1:0"];
        let std = program(&["serve", "127.0.0.1:0", "3"], &right);
        let newer = guest_03("serve", "127.0.0.1:0", 3, &right);
        for options in [std, newer] {
            let process = host.start(options).unwrap();
            let address = listening(&process).await;
            for n in 0..3 {
                let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
                stream
                    .write_all(format!("line {n}\n").as_bytes())
                    .await
                    .unwrap();
                stream.shutdown().await.unwrap();
                let mut heard = String::new();
                stream.read_to_string(&mut heard).await.unwrap();
                assert_eq!(heard, format!("line {n}\n"));
            }
            let status = end(&process).await;
            let served = matches!(&status, ExitStatus::Returned(text) if text != "err");
            assert!(served, "{status:?}");
        }
    });
}

#[test]
fn a_server_of_datagrams_answers_whoever_asked() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let right = ["listen=udp://127.0.0.1:*"];
        let std = program(&["answer", "127.0.0.1:0", "2"], &right);
        let newer = guest_03("answer", "127.0.0.1:0", 2, &right);
        for options in [std, newer] {
            let process = host.start(options).unwrap();
            let address = listening(&process).await;
            for _ in 0..2 {
                let client = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
                client.send_to(b"hello", address).await.unwrap();
                let mut heard = [0; 100];
                let (length, _) = client.recv_from(&mut heard).await.unwrap();
                assert_eq!(&heard[..length], b"hello");
            }
            let status = end(&process).await;
            let answered = matches!(&status, ExitStatus::Returned(text) if text != "err");
            assert!(answered, "{status:?}");
        }
    });
}
