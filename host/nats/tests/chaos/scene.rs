//! A test of a fault: servers, programs that write and read, and what is looked at in the end.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use super::{
    common::Nats,
    outside::{self, Name, Said},
    programs::{Program, Setting},
};

/// Far longer than anything here takes.
const HANGS_AFTER: Duration = Duration::from_secs(120);

/// Acknowledged writes before the first fault.
const FIRST: usize = 100;

/// Turns a hang into a failure.
pub async fn soon<T>(wait: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(HANGS_AFTER, wait).await;
    waited.expect("hangs")
}

/// Whether this is the long form.
pub fn long() -> bool {
    std::env::var("WEFT_CHAOS").is_ok_and(|it| it == "long")
}

/// For how long what stands still does so.
pub fn pause() -> Duration {
    Duration::from_secs(if long() { 10 } else { 3 })
}

/// A lease whose end, and the grace after it, such a pause outlasts.
pub fn short_lease() -> Duration {
    Duration::from_millis(if long() { 4000 } else { 1000 })
}

/// How often a fault comes that is over at once.
pub fn rounds() -> usize {
    if long() { 5 } else { 2 }
}

pub struct Scene {
    pub setting: Setting,
    pub writers: Vec<Program>,
    /// The runs of one reader. The last one is to come to the end.
    pub readers: Vec<Program>,
}

impl Scene {
    /// A channel on these servers, with a host that writes, another one and a host that reads.
    pub async fn start(servers: &[Nats], change: impl FnOnce(&mut Setting)) -> Self {
        let mut setting = Setting {
            addresses: servers.iter().map(Nats::address).collect(),
            lease: Duration::from_secs(10),
            patience: Duration::from_secs(5),
            replicas: servers.len(),
            plain: false,
            keep: None,
            once: false,
            writers: 2,
            large: false,
        };
        change(&mut setting);
        let mut scene = Self {
            setting,
            writers: Vec::new(),
            readers: Vec::new(),
        };
        scene.writer(&[]);
        scene.writer(&[]);
        scene.reader();
        scene.runs().await;
        scene
    }

    /// One more host that writes.
    pub fn writer(&mut self, environment: &[(&str, String)]) {
        let program = Program::start("writes", &self.setting, environment);
        self.writers.push(program);
    }

    /// The reader goes on in a new program.
    pub fn reader(&mut self) {
        self.readers
            .push(Program::start("reads", &self.setting, &[]));
    }

    /// Waits until all of them do something.
    pub async fn runs(&self) {
        soon(async {
            for writer in &self.writers {
                writer.says_so("ack ", FIRST).await;
            }
            self.last_reader().says_so("read ", FIRST).await;
        })
        .await;
    }

    pub fn last_reader(&self) -> &Program {
        self.readers.last().unwrap()
    }

    /// The time until this program has been told of a write as sent that it began after this moment.
    pub async fn writes_on(&self, writer: usize, since: Instant) -> Duration {
        let find = |said: &[(Instant, String)]| {
            let from = said
                .iter()
                .position(|it| it.0 > since && it.1.starts_with("try "));
            let mut later = said[from?..].iter().filter(|it| it.1.starts_with("ack "));
            // Of two writers one may wait for something older.
            later.nth(1).map(|it| it.0 - since)
        };
        soon(self.writers[writer].says(find)).await
    }

    /// The time until the reader has read a frame that was written after this moment.
    pub async fn reads_on(&self, since: Instant) -> Duration {
        let first = soon(async {
            loop {
                let first = self.first_tried_after(since);
                if !first.is_empty() {
                    return first;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
        let mut seen = 0;
        let find = |said: &[(Instant, String)]| {
            let mut new = said[seen..].iter();
            seen = said.len();
            let found = new.find(|it| {
                it.1.starts_with("read ") && {
                    let (writer, number) = name(&it.1);
                    first.get(&writer).is_some_and(|first| *first <= number)
                }
            });
            found.map(|it| it.0 - since)
        };
        soon(self.last_reader().says(find)).await
    }

    /// For each writer the first frame that it began to write after this moment.
    fn first_tried_after(&self, since: Instant) -> HashMap<u32, u64> {
        let mut first = HashMap::new();
        for (at, line) in self.writers.iter().flat_map(Program::said) {
            if at > since
                && let Some((writer, from, _)) = range(&line, "try ")
            {
                first.entry(writer).or_insert(from);
            }
        }
        first
    }

    /// The time until writes of this program and reads go on after a fault.
    pub async fn goes_on(&self, what: &str, writer: usize, since: Instant) {
        let writes = self.writes_on(writer, since).await;
        let reads = self.reads_on(since).await;
        println!("chaos: {what}: writes go on after {writes:.1?}, reads after {reads:.1?}");
    }

    /// Ends the writers, looks at the stream from outside, and lets the reader come to its end. What is there is returned.
    pub async fn ends(mut self) -> Vec<Name> {
        for writer in &mut self.writers {
            writer.stop();
        }
        soon(async {
            for writer in &mut self.writers {
                while !writer.has_ended() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        })
        .await;
        let stored = soon(outside::frames(&self.setting.addresses)).await;
        let names = outside::check(&stored, &self.said(), !self.setting.plain);
        if let Some(last) = names.last() {
            let last = format!("read {} {}", last.0, last.1);
            let ended =
                |said: &[(Instant, String)]| said.iter().any(|it| it.1 == last).then_some(());
            soon(self.last_reader().says(ended)).await;
        }
        let runs = self.readers.iter().map(|run| {
            let said = run.said().into_iter();
            let read = said.filter(|it| it.1.starts_with("read "));
            read.map(|it| name(&it.1)).collect()
        });
        let runs: Vec<Vec<Name>> = runs.collect();
        outside::check_reads(&names, &runs, self.setting.once);
        let count = names.len();
        println!("chaos: {count} frames are there, each once and in order; all were read");
        names
    }

    /// What the programs that write have said.
    pub fn said(&self) -> Said {
        let mut said = Said::default();
        for (_, line) in self.writers.iter().flat_map(Program::said) {
            said.tried.extend(range(&line, "try "));
            said.acknowledged.extend(range(&line, "ack "));
        }
        let mut of: HashMap<u32, usize> = HashMap::new();
        for it in &said.acknowledged {
            *of.entry(it.0).or_default() += 1;
        }
        assert!(!of.is_empty(), "something was acknowledged");
        said
    }
}

/// The writer and number in `read WRITER NUMBER`.
fn name(line: &str) -> Name {
    let mut words = line.split(' ').skip(1);
    let writer = words.next().unwrap().parse().unwrap();
    (writer, words.next().unwrap().parse().unwrap())
}

/// The writer and numbers in `try WRITER FROM TO` and its like.
fn range(line: &str, begin: &str) -> Option<(u32, u64, u64)> {
    let mut words = line.strip_prefix(begin)?.split(' ');
    let writer = words.next()?.parse().ok()?;
    Some((
        writer,
        words.next()?.parse().ok()?,
        words.next()?.parse().ok()?,
    ))
}
