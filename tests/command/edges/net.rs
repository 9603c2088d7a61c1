//! Connections of guests as the command has them: the examples, and the options and keys about certificates.

use crate::control::Machine;
use crate::support::{guest_of, repository};
use crate::weft::{run, up, weft};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

/// A `weft up` of an example that listens, until it is dropped.
pub struct Example {
    child: Child,
    pub address: SocketAddr,
    _machine: Machine,
}

impl Example {
    pub fn new(name: &str, variables: &[(&str, &Path)]) -> Self {
        let machine = Machine::new();
        let file = repository().join("examples").join(name).join("weft.toml");
        let mut command = machine.prepare(&file, &["--log-level", "info"]);
        command.env("LISTEN", "127.0.0.1:0");
        command.envs(variables.iter().copied());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = said.find_map(|line| {
            let line = line.unwrap();
            let (_, address) = line.split_once("listening on ")?;
            let (_, address) = address.split_once("://")?;
            address.split_whitespace().next()?.parse().ok()
        });
        // What else it says is read, so that it does not wait for that.
        std::thread::spawn(move || said.for_each(drop));
        Self {
            child,
            address: address.expect("it listens"),
            _machine: machine,
        }
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_balancer_hands_its_clients_to_its_workers_in_turn() {
    let example = Example::new("balancer", &[]);
    let flights = repository().join("examples/flights/data/flights-20k.ndjson");
    let flights = std::fs::read_to_string(flights).unwrap();
    let some: String = flights.split_inclusive('\n').take(1000).collect();
    let mut answers = BTreeSet::new();
    for _ in 0..3 {
        let mut client = TcpStream::connect(example.address).unwrap();
        client.write_all(some.as_bytes()).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).unwrap();
        answers.insert(answer);
    }
    // As its README says.
    let wanted = ["first", "second", "third"];
    let wanted = wanted.map(|name| format!("{name}: 1000 flights, 62 of them late\n"));
    assert_eq!(answers, wanted.into_iter().collect());
}

/// Writes a certificate for `localhost` that has signed itself, as `cert.pem` and `key.pem`.
fn certificate(folder: &Path) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
}

#[test]
fn quic_echo_says_what_it_is_told_to_those_who_believe_it() {
    let folder = tempfile::tempdir().unwrap();
    certificate(folder.path());
    let example = Example::new("quic-echo", &[("CERTIFICATES", folder.path())]);
    let address = format!("quic://localhost:{}", example.address.port());
    let say = || {
        run("quic-echo")
            .args(["--grant", &format!("connect={address}")])
            .args(["--grant", "channel-reader", "--grant", "channel-writer"])
            .args(["--invoke", &format!("say({address:?}, \"one two three\")")])
    };
    let believing = say()
        .arg("--authorities")
        .arg(folder.path().join("cert.pem"));
    believing
        .assert()
        .success()
        .stdout_eq("\"one two three\"\n");
    let authorities = tempfile::tempdir().unwrap();
    certificate(authorities.path());
    let other = say()
        .arg("--authorities")
        .arg(authorities.path().join("cert.pem"));
    let assert = other.assert().code(1);
    let said = super::stderr(&assert);
    assert!(said.contains("failed: TLS: "), "{said}");
}

#[test]
fn a_certificate_of_an_option_is_shown_where_it_is_granted() {
    let folder = tempfile::tempdir().unwrap();
    certificate(folder.path());
    let said = |option: &str| {
        let command = run("net-ends").current_dir(folder.path());
        let command = command.args(["--certificate", option, "--grant", "certificate=www"]);
        let command = command.args(["--grant", "listen=tls://127.0.0.1:0"]);
        let listen = "run(\"echo\", \"tls://127.0.0.1:0\", \"certificate=www 0\")";
        command.args(["--invoke", listen]).assert()
    };
    said("www=cert.pem,key.pem").success();
    said("www=cert.pem,key.pem,cert.pem").success();
    for (option, wanted) in [
        (
            "www=cert.pem",
            "--certificate www=cert.pem: write NAME=CERTIFICATE,KEY",
        ),
        (
            "w w=cert.pem,key.pem",
            "`w w`: the name of a certificate has",
        ),
        (
            "www=none.pem,key.pem",
            "certificate `www`: certificate none.pem: No such file",
        ),
        ("www=cert.pem,cert.pem", "certificate `www`: key cert.pem: "),
    ] {
        let assert = said(option).code(2);
        let told = super::stderr(&assert);
        assert!(told.contains(wanted), "{option}: {told}");
    }
}

#[test]
fn a_manifest_with_a_certificate_that_is_not_there_starts_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let process = "[processes.hello]\ncomponent = \"hello\"\nargs = { name = \"you\" }\n";
    for (text, wanted) in [
        (
            "[certificates.www]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n",
            "certificate `www`: certificate ",
        ),
        (
            "[certificates.\"w w\"]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n",
            "`w w`: the name of a certificate has",
        ),
        ("[network]\nauthorities = \"ca.pem\"\n", "authorities "),
        ("[network]\nin-flight = 0\n", "network: in-flight: 0 bytes"),
        (
            "[network]\nidle-time = \"0s\"\n",
            "network: idle-time: it is no time",
        ),
        (
            "[network]\nconnect-time = \"soon\"\n",
            "network: connect-time: ",
        ),
    ] {
        let assert = up(folder.path(), &["hello"], &format!("{text}{process}"));
        let assert = assert.assert().code(2);
        let told = super::stderr(&assert);
        assert!(told.contains(wanted), "{text}: {told}");
    }
}

/// Less than a connection may take by default.
const SOON: Duration = Duration::from_secs(20);

/// A server that takes connections and never says anything, so that no handshake ends.
fn silent() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tls://{}", listener.local_addr().unwrap());
    (listener, address)
}

#[test]
fn a_connection_is_given_up_after_the_time_that_an_option_or_a_manifest_gives_it() {
    let (_listener, address) = silent();
    let right = format!("connect={address}");
    let told =
        |command: snapbox::cmd::Command| super::stderr(&command.timeout(SOON).assert().code(1));
    let option = run("net-ends")
        .args(["--grant", &right, "--network", "connect-time=100ms"])
        .args(["--invoke", &format!("run(\"say\", \"{address}\", \"\")")]);
    let by_option = told(option);
    let folder = tempfile::tempdir().unwrap();
    let manifest = format!(
        "[network]\nconnect-time = \"100ms\"\n[processes.client]\ncomponent = \"net-ends\"\n\
         args = {{ what = \"say\", address = \"{address}\", with = \"\" }}\ncapabilities = [\"{right}\"]\n"
    );
    let by_manifest = told(up(folder.path(), &["net-ends"], &manifest));
    for told in [by_option, by_manifest] {
        assert!(told.contains("in time"), "{told}");
    }
}

#[test]
fn a_bound_of_connections_that_is_none_says_what_to_write() {
    let said = |bound: &str| {
        let command = run("hello").args(["--network", bound, "--invoke", "run(\"you\")"]);
        super::stderr(&command.assert().code(2))
    };
    for (bound, wanted) in [
        (
            "connect-time",
            "--network connect-time: write BOUND=VALUE, such as connect-time=5s",
        ),
        (
            "patience=5s",
            "there is no such bound; there are in-flight, connect-time, lookup-time, idle-time, close-time",
        ),
        ("close-time=0s", "it is no time at all; write it as \"60s\""),
        ("in-flight=0", "0 bytes hold nothing; give at least 1"),
        ("lookup-time=never", "--network lookup-time=never: "),
    ] {
        let told = said(bound);
        assert!(told.contains(wanted), "{bound}: {told}");
    }
}

#[test]
fn paths_of_certificates_are_from_the_folder_of_their_file() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    certificate(&inner);
    let text = "[certificates.www]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\nclients = \"cert.pem\"\n\
        [network]\nauthorities = \"cert.pem\"\n";
    std::fs::write(inner.join("tls.toml"), text).unwrap();
    let hello = guest_of("hello").display().to_string();
    let text = format!(
        "include = [\"inner/tls.toml\"]\n[components]\nhello = {hello:?}\n\
         [processes.hello]\ncomponent = \"hello\"\nargs = {{ name = \"you\" }}\n"
    );
    std::fs::write(folder.path().join("weft.toml"), text).unwrap();
    let command = weft().current_dir(folder.path()).args(["up", "weft.toml"]);
    command.assert().success();
}
