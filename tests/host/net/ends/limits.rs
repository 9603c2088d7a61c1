//! What a process may hold, how long it may take, and what a child gets.

use super::{Told, host_of, host_with, line, play, played, said_by_host, told};
use crate::net::{echo, listening, until};
use crate::support::{block_on, end};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use weft_host::usage::Usage;
use weft_net::sockets::NetworkConfig;

const ANY: &str = "connect=tcp://127.0.0.1:*";
const LISTEN: &str = "listen=tcp://127.0.0.1:0";

#[test]
fn a_process_has_as_many_connections_as_each_of_its_limits_allows() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let echo = echo().await;
        let address = format!("tcp://{}", echo.address);
        let hold = || play("hold", &address, "100", &[ANY]);
        let mut by_files = hold();
        by_files.limits.open_files = Some(8);
        let mut by_channels = hold();
        by_channels.limits.channels = Some(16);
        let mut by_bytes = hold();
        // Of 128 KiB in each direction.
        by_bytes.limits.channel_bytes = Some(2 << 20);
        let mut by_host_bytes = hold();
        by_host_bytes.limits.host_bytes = Some(1 << 20);
        let mut by_handles = hold();
        by_handles.limits.handles = Some(20);
        for (options, limit, most) in [
            (by_files, "`open-files` of 8", Some(8)),
            (by_channels, "`channels` of 16", Some(8)),
            (by_bytes, "`channel-bytes` of 2097152", Some(8)),
            (by_host_bytes, "`host-bytes` of 1048576", None),
            (by_handles, "limit `handles`", None),
        ] {
            let heard = played(&host, options).await.unwrap();
            let rounds: Vec<_> = heard.split("; ").collect();
            assert_eq!(rounds.len(), 2, "{heard}");
            for round in rounds {
                let (open, told) = round.split_once(" open, then ").unwrap();
                let open: u32 = open.parse().unwrap();
                assert!(told.starts_with("Exhausted"), "{limit}: {heard}");
                assert!(told.contains(limit), "{limit}: {heard}");
                // What was closed can be had again, as soon as a task has closed it.
                assert!((1..100).contains(&open), "{limit}: {heard}");
                assert!(most.is_none_or(|most| open <= most), "{limit}: {heard}");
            }
            until(|| host.usage() == Usage::default()).await;
        }
    });
}

#[test]
fn clients_beyond_the_limit_are_turned_away_and_the_others_served() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let mut options = play("read-nothing", "tcp://127.0.0.1:0", "99", &[LISTEN]);
        // One of the three is the listener.
        options.limits.open_files = Some(3);
        let process = host.start(options).unwrap();
        let address = listening(&process).await;
        let mut clients = Vec::new();
        for _ in 0..100 {
            clients.push(TcpStream::connect(address).await.unwrap());
        }
        let mut away = 0;
        for client in &mut clients[2..] {
            // An end or a reset, as the system likes.
            away += usize::from(!matches!(client.read(&mut [0; 1]).await, Ok(1..)));
        }
        assert_eq!(away, 98);
        assert_eq!(host.usage().open_files, 3);
        process.kill();
        end(&process).await;
        let said = said_by_host(&process).await;
        let limits = said
            .iter()
            .filter(|entry| entry.body.contains("`open-files` of 3"));
        assert!((1..=2).contains(&limits.count()), "{said:?}");
    });
}

#[test]
fn a_guest_that_reads_nothing_holds_the_other_side_back() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let options = play(
            "read-nothing",
            "tcp://127.0.0.1:0",
            "1 capacity=65536",
            &[LISTEN],
        );
        let process = host.start(options).unwrap();
        let address = listening(&process).await;
        let mut client = TcpStream::connect(address).await.unwrap();
        line(&process, "accepted").await;
        let bytes = vec![1; 1 << 20];
        let mut sent = 0;
        // Until nothing moves any more: the system's buffers take some megabytes.
        while let Ok(written) =
            tokio::time::timeout(Duration::from_secs(1), client.write(&bytes)).await
        {
            sent += written.unwrap();
            assert!(sent < 64 << 20, "{sent} bytes went somewhere");
        }
        let channels = host.channels();
        let held: u64 = channels
            .iter()
            .map(|it| it.observation.stats.bytes_held)
            .sum();
        assert!((1..=65_536).contains(&held), "{held} bytes are held");
        process.kill();
        end(&process).await;
    });
}

#[test]
fn a_guest_that_accepts_nobody_costs_what_a_few_clients_cost() {
    block_on(async {
        let host = host_of(&Told::default()).await;
        let options = play("accept-nobody", "tcp://127.0.0.1:0", "", &[LISTEN]);
        let process = host.start(options).unwrap();
        let address = listening(&process).await;
        let mut clients = Vec::new();
        for _ in 0..100 {
            let mut client = TcpStream::connect(address).await.unwrap();
            client.write_all(b"hello?").await.unwrap();
            clients.push(client);
        }
        // The listener, and those that are accepted ahead.
        until(|| host.usage().open_files == 9).await;
        assert_eq!(host.usage().channels, 16);
        process.kill();
        end(&process).await;
        for client in &mut clients {
            let _ = client.read(&mut [0; 1]).await;
        }
        drop(process);
        until(|| host.usage() == Usage::default()).await;
    });
}

#[test]
fn a_connection_on_which_nothing_moves_is_terminated_in_time() {
    block_on(async {
        let host =
            host_with(NetworkConfig::default().idle_time(Some(Duration::from_millis(100)))).await;
        let options = play("read-to-the-end", "tcp://127.0.0.1:0", "", &[LISTEN]);
        let process = host.start(options).unwrap();
        let mut client = TcpStream::connect(listening(&process).await).await.unwrap();
        let heard = told(&process).await.unwrap();
        assert_eq!(heard, "Err(Terminated) Err(Terminated)");
        assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
        let said = said_by_host(&process).await;
        let idle = said
            .iter()
            .filter(|it| it.body.contains("nothing had moved for 100ms"));
        assert_eq!(idle.count(), 1, "{said:?}");
    });
}

#[test]
fn what_is_left_behind_is_given_up_when_the_other_side_takes_nothing() {
    block_on(async {
        let host = host_with(
            NetworkConfig::default()
                .close_time(Duration::from_millis(100))
                .in_flight(32 << 20),
        )
        .await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("tcp://{}", listener.local_addr().unwrap());
        // More than the system keeps for both sides.
        let options = play("leave-behind", &address, "30000000", &[ANY]);
        let process = host.start(options).unwrap();
        let (stream, _) = listener.accept().await.unwrap();
        assert_eq!(told(&process).await.as_deref(), Ok("30000000"));
        drop(process);
        until(|| host.usage() == Usage::default()).await;
        drop(stream);
    });
}

#[test]
fn a_look_up_that_nobody_answers_ends_in_time() {
    block_on(async {
        let host = host_with(
            NetworkConfig::default()
                .resolver(std::sync::Arc::new(Told::silent()))
                .connect_time(Duration::from_millis(100)),
        )
        .await;
        let options = play(
            "say",
            "tcp://db.example:1",
            "",
            &["connect=tcp://db.example:1"],
        );
        let error = played(&host, options).await.unwrap_err();
        assert!(error.contains("did not come about in time"), "{error}");
    });
}
