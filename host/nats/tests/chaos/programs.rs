//! The programs that write and read, each a host of its own: this test's program, started again for one of the first two tests here.
//!
//! They say what they do, a line for each write before and after, and for each frame read. A program ends once its input does.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdin, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use weft_channel::{Batch, Options, Strength, WriteError, Writer};
use weft_nats::{ChannelConfig, Delivery, Durable, Format, ReaderConfig, Server, ServerConfig};

/// What a program is to do. Without it, it is a test that does nothing.
const SETTING: &str = "WEFT_TEST_CHAOS";

/// Between two writes of a writer, so that a test does not fill the disk.
const PACE: Duration = Duration::from_millis(1);

/// Every so many writes, one is too large for one message.
const LARGE_EVERY: u64 = 200;
const LARGE: usize = 600 << 10;

/// How the programs of a test have the channel open.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setting {
    pub addresses: Vec<String>,
    pub lease: Duration,
    pub patience: Duration,
    pub replicas: usize,
    pub plain: bool,
    pub keep: Option<Duration>,
    /// Whether the reader is told of each frame at most once.
    pub once: bool,
    pub writers: usize,
    pub large: bool,
}

impl Setting {
    pub fn config(&self) -> ChannelConfig {
        let mut config = ChannelConfig::new("orders", Options::new(1 << 30));
        config = config.replicas(self.replicas);
        if self.plain {
            config = config.format(Format::Plain);
        }
        if let Some(keep) = self.keep {
            config = config.keep(keep);
        }
        config
    }

    pub async fn connect(&self) -> Server {
        let config = ServerConfig::new("").addresses(self.addresses.clone());
        let config = config.lease(self.lease).patience(self.patience);
        Server::connect(config).await.unwrap()
    }
}

/// The channel, and whether the program is to go on.
async fn begin() -> Option<(Setting, Durable, Arc<AtomicBool>)> {
    let setting = std::env::var(SETTING).ok()?;
    let setting: Setting = serde_json::from_str(&setting).unwrap();
    if let Ok(filter) = std::env::var("WEFT_CHAOS_LOG") {
        tracing_subscriber::fmt()
            .with_writer(std::io::stderr)
            .with_env_filter(filter)
            .init();
    }
    let goes_on = Arc::new(AtomicBool::new(true));
    let tell = goes_on.clone();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        tell.store(false, Ordering::Relaxed);
    });
    let channel = setting.connect().await.channel(setting.config()).await;
    Some((setting, channel.unwrap(), goes_on))
}

/// A host that writes.
#[tokio::test]
async fn writes() {
    let Some((setting, channel, goes_on)) = begin().await else {
        return;
    };
    println!();
    let mut writing = Vec::new();
    for _ in 0..setting.writers {
        let writer = channel.channel().open_writer(Strength::Strong).await;
        writing.push(write(writer.unwrap(), &goes_on, setting.large));
    }
    futures::future::join_all(writing).await;
    channel.close().await;
    println!("closed");
}

async fn write(writer: Writer, goes_on: &AtomicBool, large: bool) {
    let id = writer.id();
    let mut next = 0;
    for round in 1.. {
        if !goes_on.load(Ordering::Relaxed) {
            return;
        }
        let (from, to) = (next, next + 1 + round % 4);
        next = to;
        let mut ends = Vec::new();
        let mut payload = String::new();
        for number in from..to {
            let mut text = format!("{id} {number} ");
            text += &".".repeat((number % 100) as usize);
            if large && round % LARGE_EVERY == 0 {
                text += &"#".repeat(LARGE);
            }
            payload += &text;
            ends.push(payload.len() as u32);
        }
        println!("try {id} {from} {to}");
        let batch = Batch::new(ends, payload.into()).unwrap();
        match writer.write_batch(batch).await {
            Ok(sent) if u64::from(sent) == to - from => println!("ack {id} {from} {to}"),
            Ok(sent) => println!("ack {id} {from} {}", from + u64::from(sent)),
            // It may be there or not.
            Err(WriteError::Unavailable(_)) => println!("unavailable {id}"),
            Err(error) => {
                println!("refused {id} {error}");
                return;
            }
        }
        tokio::time::sleep(PACE).await;
    }
}

/// A host that reads.
#[tokio::test]
async fn reads() {
    let Some((setting, channel, goes_on)) = begin().await else {
        return;
    };
    println!();
    let mut billing = ReaderConfig::named("billing");
    if setting.once {
        billing = billing.delivery(Delivery::AtMostOnce);
    }
    let handle = channel.channel_as(billing);
    let reader = loop {
        match handle.open_reader(Strength::Strong).await {
            Ok(reader) => break reader,
            Err(error) => println!("not open: {error}"),
        }
    };
    println!("begins");
    while goes_on.load(Ordering::Relaxed) {
        // So that it sees that it is to end.
        let read = tokio::time::timeout(Duration::from_millis(500), reader.read()).await;
        match read {
            Err(_) => {}
            Ok(Ok(Some(frame))) => {
                let text = String::from_utf8(frame.payload.to_vec()).unwrap();
                let name: Vec<_> = text.splitn(3, ' ').take(2).collect();
                println!("read {}", name.join(" "));
            }
            Ok(Ok(None)) => {
                println!("the end");
                break;
            }
            Ok(Err(error)) => println!("not read: {error}"),
        }
    }
    drop((reader, handle));
    channel.close().await;
    println!("closed");
}

/// A program that was started.
pub struct Program {
    child: Child,
    input: Option<ChildStdin>,
    said: watch::Receiver<Vec<(Instant, String)>>,
}

impl Program {
    /// Starts one of the two above, with something more in its environment.
    pub fn start(test: &str, setting: &Setting, environment: &[(&str, String)]) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &format!("programs::{test}"), "--nocapture"])
            .env(SETTING, serde_json::to_string(setting).unwrap())
            .envs(environment.iter().map(|it| (it.0, &it.1)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (tell, said) = watch::channel(Vec::new());
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                tell.send_modify(|all| all.push((Instant::now(), line)));
            }
        });
        Self { child, input, said }
    }

    /// What it has said so far, and when.
    pub fn said(&self) -> Vec<(Instant, String)> {
        self.said.borrow().clone()
    }

    /// Waits until something it has said is what is looked for. Fails once it has ended without.
    pub async fn says<T>(&self, mut find: impl FnMut(&[(Instant, String)]) -> Option<T>) -> T {
        let mut said = self.said.clone();
        loop {
            if let Some(found) = find(&said.borrow_and_update()) {
                return found;
            }
            if said.changed().await.is_err() {
                let found = find(&said.borrow());
                return found.expect("the program has ended");
            }
        }
    }

    /// Waits until it has said so many lines that begin so.
    pub async fn says_so(&self, begin: &str, times: usize) {
        self.says(|said| {
            let count = said.iter().filter(|it| it.1.starts_with(begin)).count();
            (count >= times).then_some(())
        })
        .await;
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// Lets it end.
    pub fn stop(&mut self) {
        self.input = None;
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
