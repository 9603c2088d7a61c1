//! The setting of a row: the host, its attacker, and the attacker's bounds.

use crate::support::{config, options, text};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;
use weft_host::{
    Capabilities, HostConfig, Limits, StartOptions,
    capability::{Mount, Right},
    extension::Extensions,
    limits::LimitRequest,
};
use weft_net::sockets::{Network, NetworkConfig};
use weft_net::tls::{Certificate, Identity, Roots, Trust};

/// A mebibyte.
pub const MIB: u64 = 1 << 20;

/// The attacker's limit `hostcall-bytes`.
pub const HOSTCALL: u64 = 16 * MIB;

/// An attack that takes longer has hung. No row depends on being faster.
const HUNG: Duration = Duration::from_secs(100);

/// The host and attacker of one row, before they are started.
pub struct Setting {
    /// The configuration of the host.
    pub config: HostConfig,
    /// The start options of the attacker, without its arguments.
    pub attacker: StartOptions,
    /// The guest that attacks.
    pub guest: &'static str,
    /// The component of the attacker in text format, if it is no guest.
    pub component: Option<String>,
    /// A temporary folder, mounted as `/data`.
    pub folder: Option<TempDir>,
}

impl Setting {
    /// The usual setting: small bounds, and every capability that needs no folder.
    pub fn new() -> Self {
        let mut capabilities = Capabilities::none();
        capabilities.rights = Right::ALL.into();
        capabilities.publish = [String::new()].into();
        capabilities.lookup = [String::new()].into();
        capabilities.environment = [("WORDS".to_owned(), "x".repeat(10_000))].into();
        Self {
            config: config()
                // Counts the calls, so that they can be compared with those that the row names.
                .time_hostcalls(true),
            attacker: options("axes", vec![]).capabilities(capabilities).limits(
                LimitRequest::default()
                    .memory(64 * MIB)
                    .channel_bytes(32 * MIB)
                    .host_bytes(16 * MIB)
                    .hostcall_bytes(HOSTCALL)
                    .frame_bytes(8 << 20)
                    .children(16)
                    .open_files(64)
                    .disk_bytes(64 * MIB)
                    .spawn_depth(3)
                    .wall_time(HUNG),
            ),
            guest: "axes",
            component: None,
            folder: None,
        }
    }

    /// The attacker's effective limits.
    pub fn limits(&self) -> Limits {
        self.config.limits.with(&self.attacker.limits)
    }

    /// The arguments of the guest `axes`, without the channels.
    pub fn words(row: &str, how: &str) -> [weft_host::Argument; 2] {
        [text(row), text(how)]
    }

    /// Mounts a folder of the host.
    pub fn mount(&mut self, host_path: PathBuf, guest_path: &str, writable: bool) {
        self.attacker
            .capabilities
            .mounts
            .push(Mount::new(host_path, guest_path).writable(writable));
    }
}

/// Mounts a folder as `/data`: with a small file, a sparse file of a gigabyte, a FIFO, and a folder with some long
/// names.
pub fn folder(setting: &mut Setting) {
    folder_with(setting, 10);
}

/// The same with very many long names.
pub fn crowded_folder(setting: &mut Setting) {
    folder_with(setting, 2000);
}

fn folder_with(setting: &mut Setting, names: u32) {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("f"), [7; 1000]).expect("a file");
    let big = std::fs::File::create(at("big")).expect("a file");
    big.set_len(1 << 30).expect("a file of nothing");
    fifo(&at("pipe"));
    std::fs::create_dir_all(at("many")).expect("a folder");
    for n in 0..names {
        std::fs::write(at("many").join(format!("{n:0>240}")), "").expect("a file");
    }
    setting.mount(folder.path().to_owned(), "/data", true);
    setting.folder = Some(folder);
}

/// Gives the host a network with a certificate `www` for `localhost`, and the attacker the loopback of it.
pub fn network(setting: &mut Setting) {
    let (www, roots) = www();
    let all = Extensions::none().with(Network::new(
        NetworkConfig::default()
            .certificates([("www".to_owned(), www)].into())
            .trust(Trust::of(roots)),
    ));
    for right in [
        "connect=tcp://localhost:*",
        "connect=tls://localhost:*",
        "connect=udp://localhost:*",
        "connect=quic://localhost:*",
        "listen=tcp://127.0.0.1:0",
        "listen=quic://127.0.0.1:0",
        "certificate=www",
    ] {
        let granted = all.grant(&mut setting.attacker.capabilities, right);
        granted.expect("it is a right");
    }
    setting.config.extensions = all;
}

/// The same, for the guest that imports `weft:fabric/net` and `quic`: a host without a network cannot load it.
pub fn connections(setting: &mut Setting) {
    network(setting);
    setting.guest = "axes-net";
}

/// A certificate for `localhost` that has signed itself, and whoever believes it.
fn www() -> (Certificate, Roots) {
    let folder = tempfile::tempdir().expect("a folder");
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let made = made.expect("a certificate");
    let (certificate, key) = (
        folder.path().join("cert.pem"),
        folder.path().join("key.pem"),
    );
    std::fs::write(&certificate, made.cert.pem()).expect("a file");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("a file");
    let identity = Identity::read(&certificate, &key).expect("they fit");
    let www = Certificate::new(identity, None).expect("it can be shown");
    (www, Roots::read(&certificate).expect("it can be believed"))
}

/// Mounts the machine's devices as `/data`.
pub fn devices(setting: &mut Setting) {
    setting.mount("/dev".into(), "/data", true);
}

fn fifo(path: &Path) {
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.is_ok_and(|status| status.success()), "a FIFO");
}
