//! Sources and sinks of NATS, with a real server and a client that knows nothing of Weft.

use super::{command, manifest};
use crate::control::{Machine, Up, until};
use crate::support::nats::Nats;
use crate::support::{HUNG, guest_of};
use async_nats::jetstream::{self, stream::Config};
use futures::StreamExt;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Waits for something on a runtime of its own.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

/// A `weft up` that runs, and the lines of its stdout.
struct Shop {
    up: Option<Up>,
    lines: Receiver<String>,
}

impl Shop {
    /// Runs a manifest until its sources read messages.
    fn open(machine: &Machine, name: &str, text: &str) -> Self {
        let folder = machine.folder().parent().unwrap().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        manifest(&folder, text);
        let mut command = machine.prepare(&folder.join("weft.toml"), &[]);
        command.stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = channel();
        std::thread::spawn(move || {
            for line in stdout.lines() {
                let _ = tell.send(line.unwrap());
            }
        });
        Self {
            up: Some(Up::of(child)),
            lines,
        }
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(HUNG).unwrap()
    }

    fn stop(mut self) -> String {
        self.up.take().unwrap().interrupt()
    }

    fn kill(mut self) {
        let up = self.up.take().unwrap();
        let kill = format!("kill -s KILL {}", up.pid());
        let sent = std::process::Command::new("sh")
            .args(["-c", &kill])
            .status();
        assert!(sent.unwrap().success());
        up.wait();
    }
}

/// Waits until a source of this name says that it is ready.
fn ready(machine: &Machine, source: &str, says: &str) {
    until(|| machine.says(&["logs", source]).contains(says));
}

async fn client(nats: &Nats) -> async_nats::Client {
    async_nats::connect(nats.address()).await.unwrap()
}

/// A stream of these subjects.
async fn stream(client: &async_nats::Client, name: &str, subject: &str) -> jetstream::Context {
    let jetstream = jetstream::new(client.clone());
    let config = Config {
        name: name.into(),
        subjects: vec![subject.into()],
        ..Config::default()
    };
    jetstream.create_stream(config).await.unwrap();
    jetstream
}

fn subject_to_stdout(nats: &Nats, more: &str) -> String {
    format!(
        "[channels]\nout = {{ to = \"stdout\" }}\n[sources.in]\nnats = {:?}\nchannel = \"out\"\n{more}\n",
        nats.address()
    )
}

#[test]
fn messages_of_a_subject_become_frames_and_frames_messages() {
    let nats = block_on(Nats::start());
    let machine = Machine::new();
    let address = nats.address();
    let text = format!(
        r#"
        [components]
        stage = TRANSFORM
        [channels]
        raw = {{}}
        clean = {{}}
        [sources.orders]
        nats = {address:?}
        subject = "orders.>"
        channel = "raw"
        [processes.stage]
        transform = "stage"
        input = "raw"
        output = "clean"
        [sinks.shipped]
        nats = {address:?}
        subject = "shipped"
        channel = "clean"
        "#
    );
    let shop = Shop::open(&machine, "shop", &text);
    ready(&machine, "orders", "reads messages");
    block_on(async {
        let client = client(&nats).await;
        let mut shipped = client.subscribe("shipped").await.unwrap();
        client.flush().await.unwrap();
        for text in ["one", "two"] {
            client.publish("orders.new", text.into()).await.unwrap();
        }
        for text in ["ONE", "TWO"] {
            assert_eq!(shipped.next().await.unwrap().payload, text);
        }
    });
    let said = shop.stop();
    assert!(said.contains("channel raw: 2 frames"), "{said}");
    assert!(!said.contains("lost"), "{said}");
}

#[test]
fn members_of_a_queue_group_share_the_messages() {
    let nats = block_on(Nats::start());
    let machines = [Machine::new(), Machine::new()];
    let text = subject_to_stdout(&nats, "subject = \"work\"\nqueue = \"workers\"");
    let shops = machines.each_ref().map(|machine| {
        let shop = Shop::open(machine, "shop", &text);
        ready(machine, "in", "reads messages");
        shop
    });
    const MESSAGES: usize = 200;
    block_on(async {
        let client = client(&nats).await;
        for number in 0..MESSAGES {
            let text = number.to_string().into();
            client.publish("work", text).await.unwrap();
        }
        client.flush().await.unwrap();
    });
    let mut seen = Vec::new();
    let mut got = [0, 0];
    while seen.len() < MESSAGES {
        for (shop, got) in shops.iter().zip(&mut got) {
            if let Ok(line) = shop.lines.recv_timeout(Duration::from_millis(20)) {
                seen.push(line.parse::<usize>().unwrap());
                *got += 1;
            }
        }
    }
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..MESSAGES));
    assert!(got.iter().all(|got| *got > 0), "{got:?}");
    for shop in shops {
        shop.stop();
    }
}

#[test]
fn a_stream_is_read_on_from_where_it_was_after_a_kill() {
    let nats = block_on(Nats::start());
    let machine = Machine::new();
    let text = subject_to_stdout(&nats, "stream = \"ORDERS\"\nrestart = \"on-failure\"");
    block_on(async {
        let client = client(&nats).await;
        let orders = stream(&client, "ORDERS", "orders.>").await;
        for number in 0..3 {
            let sent = orders.publish("orders.new", number.to_string().into());
            sent.await.unwrap().await.unwrap();
        }
    });
    let shop = Shop::open(&machine, "shop", &text);
    for number in 0..3 {
        assert_eq!(shop.line(), number.to_string());
    }
    let acknowledged = || {
        block_on(async {
            let jetstream = jetstream::new(client(&nats).await);
            let stream = jetstream.get_stream("ORDERS").await.unwrap();
            let info = stream.consumer_info("weft-in").await.unwrap();
            info.ack_floor.stream_sequence
        })
    };
    until(|| acknowledged() == 3);
    shop.kill();
    block_on(async {
        let orders = jetstream::new(client(&nats).await);
        let sent = orders.publish("orders.new", "after".into());
        sent.await.unwrap().await.unwrap();
    });
    let shop = Shop::open(&machine, "shop", &text);
    assert_eq!(shop.line(), "after");
    shop.stop();
}

#[test]
fn a_stream_gets_each_frame_once() {
    let mut nats = block_on(Nats::start());
    block_on(async {
        stream(&client(&nats).await, "KEPT", "kept").await;
    });
    let machine = Machine::new();
    let address = nats.address();
    let text = format!(
        "[channels]\nc = {{ from = \"stdin\" }}\n[sinks.kept]\nnats = {address:?}\nsubject = \"kept\"\nstream = \"KEPT\"\nchannel = \"c\"\n"
    );
    let file = machine.manifest("sink", &text);
    let mut command = machine.prepare(&file, &[]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let up = Up::of(child);
    let writes = |stdin: &mut std::process::ChildStdin, range: std::ops::Range<u32>| {
        for number in range {
            use std::io::Write;
            writeln!(stdin, "{number}").unwrap();
        }
    };
    writes(&mut stdin, 0..1000);
    // The server fails in the middle.
    nats.kill();
    writes(&mut stdin, 1000..2000);
    block_on(nats.begin());
    drop(stdin);
    let (code, said) = up.wait();
    assert_eq!(code, Some(0), "{said}");
    let mut seen = block_on(async {
        let jetstream = jetstream::new(client(&nats).await);
        let stream = jetstream.get_stream("KEPT").await.unwrap();
        let mut seen = Vec::new();
        for at in 1..=stream.cached_info().state.last_sequence {
            let message = stream.get_raw_message(at).await.unwrap();
            let text = std::str::from_utf8(&message.payload).unwrap();
            seen.push(text.parse::<u32>().unwrap());
        }
        seen
    });
    seen.sort_unstable();
    assert!(seen.iter().copied().eq(0..2000), "{}", seen.len());
}

/// A manifest whose guest answers requests in this way.
fn answering(nats: &Nats, mode: &str, more: &str) -> String {
    format!(
        r#"
        [components]
        server = {:?}
        [channels]
        requests = {{}}
        told = {{ to = "stdout" }}
        [sources.service]
        nats = {:?}
        subject = "service"
        queue = "services"
        reply = true
        channel = "requests"
        {more}
        [processes.server]
        component = "server"
        args = {{ mode = {mode:?}, requests = {{ reader = "requests" }}, tell = {{ writer = "told" }}, number = 1 }}
        "#,
        guest_of("rpc-server").display().to_string(),
        nats.address()
    )
}

/// What a request is answered with, and the code of the error if it is one.
async fn ask(client: &async_nats::Client, text: &str) -> (String, Option<String>) {
    let answer = client.request("service", text.to_owned().into()).await;
    let answer = answer.unwrap();
    let code = answer.headers.and_then(|headers| {
        let code = headers.get("Nats-Service-Error-Code")?;
        Some(code.to_string())
    });
    (String::from_utf8(answer.payload.to_vec()).unwrap(), code)
}

#[test]
fn requests_are_answered_by_a_guest() {
    let nats = block_on(Nats::start());
    let machine = Machine::new();
    for mode in ["echo", "forgetful"] {
        let shop = Shop::open(&machine, mode, &answering(&nats, mode, ""));
        ready(&machine, "service", "takes requests");
        block_on(async {
            let client = client(&nats).await;
            for number in 0..20 {
                let text = number.to_string();
                assert_eq!(ask(&client, &text).await, (text, None), "{mode}");
            }
            let many = (0..50).map(|number| {
                let client = client.clone();
                async move { ask(&client, &number.to_string()).await.0 }
            });
            let many = futures::future::join_all(many).await;
            assert!(
                many.iter()
                    .enumerate()
                    .all(|(at, it)| *it == at.to_string())
            );
        });
        shop.stop();
    }
}

#[test]
fn who_asks_in_vain_is_told() {
    let nats = block_on(Nats::start());
    let machine = Machine::new();
    for (mode, more, code) in [
        ("silent", "", "500"),
        ("slow", "answer-time = \"200ms\"", "504"),
        ("dies", "", "503"),
    ] {
        let shop = Shop::open(&machine, mode, &answering(&nats, mode, more));
        ready(&machine, "service", "takes requests");
        let answer = block_on(async { ask(&client(&nats).await, "x").await });
        assert_eq!(answer.1.as_deref(), Some(code), "{mode} {}", answer.0);
        drop(shop.up.map(|up| {
            let _ = std::process::Command::new("kill")
                .arg(up.pid().to_string())
                .status();
            up.wait()
        }));
    }
}

#[test]
fn what_core_nats_loses_is_counted_and_a_stream_loses_nothing() {
    let nats = block_on(Nats::start());
    let machine = Machine::new();
    const MESSAGES: u64 = 20_000;
    // Nobody reads the channel.
    let text = format!(
        "[components]\nparked = {:?}\n[channels]\nsmall = {{ capacity = \"1KiB\" }}\n\
         [sources.in]\nnats = {:?}\nsubject = \"fast\"\nchannel = \"small\"\n\
         [processes.parked]\ncomponent = \"parked\"\nargs = {{ input = {{ reader = \"small\" }} }}\n",
        guest_of("parked").display().to_string(),
        nats.address()
    );
    let shop = Shop::open(&machine, "core", &text);
    ready(&machine, "in", "reads messages");
    block_on(async {
        let client = client(&nats).await;
        for _ in 0..MESSAGES {
            client.publish("fast", vec![0; 100].into()).await.unwrap();
        }
        client.flush().await.unwrap();
    });
    ready(&machine, "in", "messages are lost");
    let said = shop.stop();
    assert!(
        said.contains("messages were lost, as the channel had no room"),
        "{said}"
    );
}

fn refused(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let assert = command(folder.path(), text).assert().failure();
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

#[test]
fn what_cannot_be_is_told() {
    let nats = block_on(Nats::start());
    for (more, wanted) in [
        (
            "",
            "nothing says which messages; write subject = \"orders.>\"",
        ),
        ("subject = \"a..b\"", "`a..b` is no subject"),
        (
            "subject = \"a\"\nconsumer = \"c\"",
            "`consumer` is of no use for messages that are of no stream",
        ),
        (
            "subject = \"a\"\nanswer-time = \"1s\"",
            "`answer-time` is of no use for messages that want no answer; write reply = true",
        ),
        (
            "subject = \"a\"\nstdin = true",
            "it is one thing, and both `stdin` and `nats` are given",
        ),
        ("stream = \"NONE\"", "the stream `NONE` is not to be had"),
    ] {
        let said = refused(&subject_to_stdout(&nats, more));
        assert!(said.contains(wanted), "{more}: {said}");
    }
    let text = "[channels]\nc = { from = \"stdin\" }\n[sinks.out]\nnats = \"nats://127.0.0.1:1\"\nchannel = \"c\"\n";
    for (more, wanted) in [
        ("", "nothing says where messages go"),
        ("subject = \"a.*\"", "`a.*` is no subject to send to"),
        ("subject = \"a\"", "Connection refused"),
        ("subject = \"a\"\nfsync = \"batch\"", "fsync"),
        (
            "subject = \"a\"\ncredentials = \"none.creds\"",
            "none.creds",
        ),
    ] {
        let said = refused(&format!("{text}{more}\n"));
        assert!(said.contains(wanted), "{more}: {said}");
    }
}
