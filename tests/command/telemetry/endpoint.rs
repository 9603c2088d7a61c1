//! `--metrics`: what is served, and to whom it does not matter who else asks.

use super::exposition::{Family, read};
use crate::support::{HUNG, guest_of, repository};
use crate::weft::{run, up};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A process that stays, one that ends and one whose child ends before it.
const PROCESSES: &str = r#"
    [channels.news]
    [processes.stays]
    component = "scenarios"
    args = { scenario = "wait-stop", arg = "" }
    [processes.ends]
    component = "scenarios"
    args = { scenario = "return-error", arg = "as told" }
    [processes.starts-another]
    component = "scenarios"
    args = { scenario = "start-child", arg = "wasi-command" }
    capabilities = ["process-lifecycle"]
"#;

/// A `weft up --metrics` that runs until it is dropped.
pub struct Served {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer.
pub struct Answer {
    status: String,
    headers: BTreeMap<String, String>,
    pub body: String,
}

impl Served {
    fn start() -> Self {
        Self::with(PROCESSES)
    }

    /// Runs these processes.
    pub fn with(processes: &str) -> Self {
        Self::and(processes, &[])
    }

    /// The same, with more options. Port 0: which one it is, is read from stderr.
    pub fn and(processes: &str, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [scenarios, command] =
            ["scenarios", "wasi-command"].map(|name| guest_of(name).display().to_string());
        let text = format!(
            "[components]\nscenarios = {scenarios:?}\nwasi-command = {command:?}\n{processes}"
        );
        std::fs::write(folder.path().join("weft.toml"), text).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_weft"))
            .current_dir(folder.path())
            .args(["up", "weft.toml", "--metrics", "127.0.0.1:0"])
            .args(options)
            .env("WEFT_CACHE", crate::support::target().join("tmp/cache"))
            .env("XDG_RUNTIME_DIR", folder.path())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines.find_map(|line| {
            let line = line.unwrap();
            let url = line.strip_prefix("metrics at http://")?;
            Some(url.strip_suffix("/metrics")?.parse().unwrap())
        });
        // Read on, so that it never waits.
        std::thread::spawn(move || lines.for_each(drop));
        Self {
            child,
            address: address.expect("it says where"),
            folder,
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(HUNG)).unwrap();
        stream
    }

    /// Asks, and reads to the end of the connection.
    pub fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        let mut stream = self.connect();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: weft\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().to_owned();
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        let headers: BTreeMap<_, _> = headers
            .map(|(key, value)| (key.to_lowercase(), value.to_owned()))
            .collect();
        assert_eq!(headers["content-length"], body.len().to_string());
        Answer {
            status,
            headers,
            body: body.to_owned(),
        }
    }

    /// The log of a process, as `weft logs` prints it.
    pub fn logs_of(&self, process: &str) -> String {
        self.weft(&["logs", process])
    }

    /// What another `weft` prints that is asked about this one.
    fn weft(&self, args: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_weft"))
            .current_dir(self.folder.path())
            .args(args)
            .env("XDG_RUNTIME_DIR", self.folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn families(&self) -> BTreeMap<String, Family> {
        read(&self.ask("GET", "/metrics", "").body)
    }

    /// Scrapes until only the process that stays is left.
    fn settled(&self) -> BTreeMap<String, Family> {
        let since = Instant::now();
        loop {
            let families = self.families();
            let ends = &families["weft_process_ends_total"].samples;
            if ends.iter().map(|it| it.value).sum::<f64>() == 3.0 {
                return families;
            }
            assert!(since.elapsed() < HUNG, "{families:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn every_line_is_as_the_format_wants_it_and_every_name_stands_in_the_book() {
    let served = Served::start();
    let families = served.settled();
    let page = repository().join("docs/src/metrics.md");
    let page = std::fs::read_to_string(page).unwrap();
    let documented: BTreeMap<_, _> = page
        .lines()
        // Those of processes of the host are in a table of their own.
        .filter(|line| !line.starts_with("| `weft_guest_"))
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split(" | ");
            let name = cells.next()?.trim_end_matches('`').to_owned();
            let [kind, labels, help] = [(); 3].map(|()| cells.next().unwrap().trim());
            let labels: BTreeSet<_> = labels.split(", ").filter(|it| !it.is_empty()).collect();
            Some((name, (kind, labels, help.trim_end_matches(" |"))))
        })
        .collect();
    assert_eq!(
        families.keys().collect::<Vec<_>>(),
        documented.keys().collect::<Vec<_>>()
    );
    for (name, family) in &families {
        let (kind, labels, help) = &documented[name];
        assert_eq!(&family.kind, kind, "{name}");
        assert_eq!(family.help, format!("{help}."), "{name}");
        for sample in &family.samples {
            let has = sample.labels.keys().map(String::as_str);
            let has: BTreeSet<_> = has.filter(|label| *label != "le").collect();
            assert_eq!(has, *labels, "{sample:?}");
        }
    }
}

#[test]
fn counts_are_right_and_ended_processes_and_their_children_leave_the_series() {
    let served = Served::start();
    let families = served.settled();
    let of = |name: &str, labels: &[(&str, &str)]| families[name].value(labels);
    assert_eq!(of("weft_process_starts_total", &[]), Some(4.0));
    assert_eq!(of("weft_processes", &[]), Some(1.0));
    let ended = |status| of("weft_process_ends_total", &[("status", status)]);
    assert_eq!(ended("failed"), Some(1.0));
    assert_eq!(ended("trapped"), Some(0.0));
    let checks = families["weft_start_phase_seconds"].samples.iter();
    let mut checks =
        checks.filter(|it| it.name.ends_with("_count") && it.labels["phase"] == "check");
    assert_eq!(checks.next().unwrap().value, 4.0);
    // What is counted by name stays.
    let of_live = families
        .iter()
        .filter(|(name, _)| *name != "weft_process_restarts_total");
    for (name, family) in of_live {
        for sample in &family.samples {
            let process = sample.labels.get("process");
            assert!(process.is_none_or(|it| it == "stays"), "{name} {sample:?}");
        }
    }
    let news = [("channel", "news"), ("maker", "")];
    assert!(of("weft_channel_capacity_bytes", &news) > Some(0.0));
    // It may not have run yet.
    let stays = [("process", "stays"), ("component", "scenarios")];
    let since = Instant::now();
    for name in [
        "weft_process_memory_bytes",
        "weft_process_cpu_seconds_total",
    ] {
        while served.families()[name].value(&stays) <= Some(0.0) {
            assert!(since.elapsed() < HUNG, "{name}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

#[test]
fn restarts_are_counted_by_name_and_stay_when_a_process_has_ended_for_good() {
    let served = Served::with(
        r#"
        [supervision]
        backoff = "10ms"
        max-backoff = "10ms"
        max-restarts = 1000000
        [processes.stays]
        component = "scenarios"
        args = { scenario = "wait-stop", arg = "" }
        restart = "on-failure"
        [processes.fails]
        component = "scenarios"
        args = { scenario = "return-error", arg = "as told" }
        restart = "on-failure"
        "#,
    );
    let restarts = |name| {
        let family = &served.families()["weft_process_restarts_total"];
        family.value(&[("process", name)])
    };
    let since = Instant::now();
    while restarts("fails") < Some(2.0) {
        assert!(since.elapsed() < HUNG);
        std::thread::sleep(Duration::from_millis(10));
    }
    served.weft(&["stop", "fails"]);
    let at_its_end = restarts("fails");
    assert!(at_its_end >= Some(2.0));
    assert_eq!(restarts("stays"), Some(0.0));
    assert_eq!(restarts("fails"), at_its_end);
}

#[test]
fn a_scraper_that_accepts_openmetrics_gets_that_and_others_prometheus_text() {
    let served = Served::start();
    let plain = served.ask("GET", "/metrics", "");
    assert_eq!(plain.status, "HTTP/1.1 200 OK");
    assert_eq!(
        plain.headers["content-type"],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let accept = "Accept: application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.1\r\n";
    let open = served.ask("GET", "/metrics", accept);
    assert_eq!(
        open.headers["content-type"],
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
    assert!(open.body.ends_with("# EOF\n"), "{}", open.body);
}

#[test]
fn other_paths_and_methods_are_refused_with_what_is_right() {
    let served = Served::start();
    let elsewhere = served.ask("GET", "/", "");
    assert_eq!(elsewhere.status, "HTTP/1.1 404 Not Found");
    assert_eq!(elsewhere.body, "metrics are at /metrics\n");
    let posted = served.ask("POST", "/metrics", "Content-Length: 0\r\n");
    assert_eq!(posted.status, "HTTP/1.1 405 Method Not Allowed");
    assert_eq!(posted.headers["allow"], "GET");
    // A query is no other path.
    let asked = served.ask("GET", "/metrics?name=x", "");
    assert_eq!(asked.status, "HTTP/1.1 200 OK");
}

#[test]
fn clients_that_say_nothing_or_nonsense_or_too_much_disturb_nobody() {
    let served = Served::start();
    // Fewer than are served at once.
    let silent: Vec<_> = (0..8).map(|_| served.connect()).collect();
    let mut half = served.connect();
    half.write_all(b"GET /metrics HTTP/1.1\r\nHost: we")
        .unwrap();
    let mut nonsense = served.connect();
    nonsense.write_all(&[0xff; 100]).unwrap();
    let mut endless = served.connect();
    let long = format!("GET /metrics HTTP/1.1\r\nX: {}", "x".repeat(1 << 20));
    // It may be cut off in the middle.
    let _ = endless.write_all(long.as_bytes());
    served.families();
    for mut stream in [nonsense, endless] {
        let mut answer = Vec::new();
        // Closed in order or not: it ends.
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{answer}"
        );
    }
    drop(half);
    drop(silent);
    served.families();
}

#[test]
fn more_silent_clients_than_have_places_and_others_that_take_no_answer_keep_no_scraper_away() {
    let served = Served::start();
    let _silent: Vec<_> = (0..200).map(|_| served.connect()).collect();
    let _unread: Vec<_> = (0..40)
        .map(|_| {
            let mut stream = served.connect();
            let request = b"GET /metrics HTTP/1.1\r\nHost: weft\r\n\r\n";
            stream.write_all(request).unwrap();
            stream
        })
        .collect();
    served.families();
}

#[test]
fn an_address_in_use_or_none_is_refused_before_anything_starts() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    for address in [&*taken, "nowhere", "127.0.0.1:99999"] {
        let commands = [
            run("scenarios").args(["--invoke", "run(\"stdout-lines\", \"1\")"]),
            up(folder.path(), &["scenarios"], PROCESSES),
        ];
        for command in commands {
            let assert = command.args(["--metrics", address]).assert();
            let assert = assert.code(2).stdout_eq("");
            let stderr = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
            let begin =
                format!("error: --metrics {address}: cannot serve metrics there; give HOST:PORT");
            assert!(stderr.starts_with(&begin), "{stderr}");
            assert_eq!(stderr.lines().count(), 1, "{stderr}");
        }
    }
}
