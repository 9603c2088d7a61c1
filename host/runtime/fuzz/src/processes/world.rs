//! Puppets, compared with the model.

use super::model::{Cause, Ended, Id, Model};
use super::op::{End, Op, Tie};
use crate::runtime;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;
use weft_channel::{Channel, Options, Reader, Writer};
use weft_host::{
    Argument, Arguments, Capabilities, ExitStatus, Host, HostConfig, Process, StartOptions,
    capability::Right,
    channel::Registration,
    process::{Exit, Monitor},
    usage::Usage,
};

/// A host that takes longer hangs.
const HUNG: Duration = Duration::from_secs(60);

/// Most processes of a sequence; more would show nothing new and take time.
const MOST: usize = 12;

/// A puppet, and the channel for its commands.
struct Puppet {
    process: Process,
    commands: Writer,
    _name: Registration,
}

struct World {
    host: Host,
    model: Model,
    puppets: Vec<Puppet>,
    monitors: Vec<Option<Monitor>>,
    done: Reader,
    _done: (Channel, Registration),
    tags: u64,
    /// Watches all processes from the start: when it reports an end, the links have been told too.
    probe: Monitor,
}

/// Runs a sequence in a host that is empty before and after.
pub(super) fn run(ops: &[Op]) {
    runtime().block_on(async {
        let host = host();
        let done = channel();
        let name = host.publish("puppets", &done.clone().into()).expect("free");
        let mut world = World {
            host: host.clone(),
            model: Model::default(),
            puppets: Vec::new(),
            monitors: Vec::new(),
            done: done.strong_reader(),
            _done: (done, name),
            tags: 0,
            probe: Monitor::new(),
        };
        for op in ops {
            world.step(*op).await;
            world.settle().await;
        }
        for process in host.processes() {
            process.kill();
            within(process.wait()).await;
        }
        drop(world);
        let empty = async {
            while host.usage() != Usage::default() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        within(empty).await;
    });
}

impl World {
    async fn step(&mut self, op: Op) {
        let puppets = self.puppets.len();
        let process = |n: u8| usize::from(n) % puppets;
        let any = puppets > 0;
        match op {
            Op::Start if self.puppets.len() < MOST => {
                let (name, commands, held) = self.strings();
                let process = self.host.start(puppet(&name)).expect("it starts");
                self.add(None, process, commands, held);
            }
            Op::StartChild { parent, tie } if any && self.puppets.len() < MOST => {
                let parent = process(parent);
                if self.model.alive(parent) {
                    self.start_child(parent, tie).await;
                }
            }
            Op::DropChild { child } if any => {
                let child = process(child);
                if let Some((parent, tie)) = self.model.parent(child) {
                    self.tell(parent, &format!("drop {}", name(child))).await;
                    if tie == Tie::Linked {
                        self.model.let_go(parent, child);
                    }
                }
            }
            Op::Link { one, other } if any => {
                let (one, other) = (process(one), process(other));
                self.puppets[one].process.link(&self.puppets[other].process);
                self.model.link(one, other);
            }
            Op::Unlink { one, other } if any => {
                let (one, other) = (process(one), process(other));
                self.puppets[one]
                    .process
                    .unlink(&self.puppets[other].process);
                self.model.unlink(one, other);
            }
            Op::End {
                process: picked,
                how,
            } if any => {
                let picked = process(picked);
                self.model.cause(picked, Cause::Told);
                if self.model.alive(picked) {
                    self.end(picked, how).await;
                }
            }
            Op::GiveUp => {
                let prepared = self.host.prepare(puppet("given-up")).expect("it fits");
                let process = prepared.process().clone();
                drop(prepared);
                assert_eq!(process.status(), Some(ExitStatus::Killed));
            }
            op => self.step_of_monitors(op),
        }
    }

    fn step_of_monitors(&mut self, op: Op) {
        let (puppets, monitors) = (self.puppets.len(), self.monitors.len());
        let process = |n: u8| usize::from(n) % puppets;
        let monitor = |n: u8| usize::from(n) % monitors;
        let (any, watching) = (puppets > 0, monitors > 0);
        match op {
            Op::Monitor if self.monitors.len() < MOST => {
                self.monitors.push(Some(Monitor::new()));
                self.model.monitor();
            }
            Op::DropMonitor { monitor: picked } if watching => {
                let picked = monitor(picked);
                self.monitors[picked] = None;
                self.model.drop_monitor(picked);
            }
            Op::Watch {
                monitor: m,
                process: p,
            } if any && watching => {
                let (m, p) = (monitor(m), process(p));
                if let Some(monitor) = &self.monitors[m] {
                    self.tags += 1;
                    monitor.watch(&self.puppets[p].process, self.tags);
                    self.model.watch(m, p, self.tags);
                }
            }
            Op::Unwatch {
                monitor: m,
                process: p,
            } if any && watching => {
                let (m, p) = (monitor(m), process(p));
                if let Some(monitor) = &self.monitors[m] {
                    monitor.unwatch(&self.puppets[p].process);
                    self.model.unwatch(m, p);
                }
            }
            Op::TrapExits {
                monitor: m,
                process: p,
            } if any && watching => {
                let (m, p) = (monitor(m), process(p));
                if let Some(monitor) = &self.monitors[m] {
                    monitor.trap_exits(&self.puppets[p].process);
                    self.model.trap_exits(m, p);
                }
            }
            _ => {}
        }
    }

    async fn start_child(&mut self, parent: Id, tie: Tie) {
        let (child, commands, held) = self.strings();
        let ownership = match tie {
            Tie::Child => "child",
            Tie::Linked => "linked",
            Tie::Detached => "detached",
        };
        self.tell(parent, &format!("start {child} {ownership}"))
            .await;
        let live = self.host.processes();
        let process = live.into_iter().find(|process| process.name() == child);
        let process = process.expect("it was started");
        self.add(Some((parent, tie)), process, commands, held);
    }

    fn add(
        &mut self,
        parent: Option<(Id, Tie)>,
        process: Process,
        commands: Writer,
        _name: Registration,
    ) {
        self.probe.watch(&process, 0);
        self.model.start(parent);
        self.puppets.push(Puppet {
            process,
            commands,
            _name,
        });
    }

    /// The name of the next puppet, and the channel for its commands.
    fn strings(&self) -> (String, Writer, Registration) {
        let (name, channel) = (name(self.puppets.len()), channel());
        let published = self
            .host
            .publish(&format!("puppet/{name}"), &channel.clone().into());
        let commands = channel.strong_writer().expect("it is open");
        (name, commands, published.expect("the name is free"))
    }

    /// Sends a puppet a command after which it goes on, and waits until it has followed it.
    async fn tell(&self, id: Id, command: &str) {
        let write = self.puppets[id].commands.write(command.to_owned().into());
        assert_eq!(within(write).await, Ok(true));
        let done = within(self.done.read()).await.expect("it is open");
        assert_eq!(done.expect("it is open").payload, command.as_bytes());
    }

    async fn end(&self, id: Id, how: End) {
        let Puppet {
            process, commands, ..
        } = &self.puppets[id];
        let command = match how {
            End::Return => "return",
            End::Fail => "fail",
            End::Trap => "trap",
            End::Exit => "exit",
            End::Stop => return process.request_stop(),
            End::Kill => return process.kill(),
        };
        assert_eq!(within(commands.write(command.into())).await, Ok(true));
        let status = within(process.wait()).await;
        let wanted = match how {
            End::Return => status == ExitStatus::Returned(format!("{:?}", name(id))),
            End::Fail => status == ExitStatus::Failed(name(id)),
            End::Trap => matches!(&status, ExitStatus::Trapped(trap) if trap.panicked),
            _ => status == ExitStatus::Exited(1),
        };
        assert!(wanted, "{how:?}: {status}");
    }

    /// Waits for all ends that must come, and compares.
    async fn settle(&mut self) {
        while let Some(id) = self.model.ending() {
            within(self.puppets[id].process.wait()).await;
            let exit = within(self.probe.next()).await.expect("it is watched");
            let id = number(&self.puppets, &exit.process);
            self.model.end(id, ended(id, &exit.status));
        }
        for (id, causes) in self.model.settled() {
            let status = self.puppets[id].process.status().expect("it has ended");
            let fits = |cause: &Cause| match cause {
                Cause::Told => !matches!(status, ExitStatus::Linked(_)),
                Cause::Asked => status == ExitStatus::Stopped,
                Cause::Linked(reason) => status == ExitStatus::Linked(reason.clone()),
            };
            assert!(causes.iter().any(fits), "{id} {status}: {causes:?}");
        }
        for (id, puppet) in self.puppets.iter().enumerate() {
            let status = puppet.process.status();
            assert_eq!(status.is_none(), self.model.alive(id), "{id}: {status:?}");
        }
        for id in 0..self.model.monitors() {
            if !self.model.gone(id) {
                self.compare(id).await;
            }
        }
    }

    /// Takes the reports of a monitor and compares.
    async fn compare(&mut self, id: Id) {
        let monitor = self.monitors[id].as_ref().expect("it is there");
        let puppets = &self.puppets;
        let process = |exit: &Exit| number(puppets, &exit.process);
        while self.model.is_due(id) {
            let exit = within(monitor.next()).await.expect("an end is due");
            let told = (process(&exit), exit.tag);
            assert_eq!(Some(exit.status), exit.process.status());
            assert!(
                self.model.was_told(id, told),
                "{id}, {told:?}: {:?}",
                self.model
            );
        }
        while let Some(exit) = monitor.try_next() {
            let told = (process(&exit), exit.tag);
            assert!(
                self.model.was_told(id, told),
                "{id}, {told:?}: {:?}",
                self.model
            );
        }
    }
}

fn number(puppets: &[Puppet], process: &Process) -> Id {
    let same = |puppet: &Puppet| puppet.process.id() == process.id();
    puppets.iter().position(same).expect("it is one of these")
}

fn ended(id: Id, status: &ExitStatus) -> Ended {
    match status {
        status if status.is_success() => Ended::Well,
        ExitStatus::Linked(reason) => Ended::Badly(reason.clone()),
        status => Ended::Badly(format!("`{}` {status}", name(id))),
    }
}

async fn within<T>(wait: impl Future<Output = T>) -> T {
    tokio::time::timeout(HUNG, wait)
        .await
        .expect("it does not hang")
}

fn name(id: Id) -> String {
    format!("p{id}")
}

fn channel() -> Channel {
    Channel::new(Options::new(1024)).expect("a channel")
}

fn puppet(name: &str) -> StartOptions {
    let mut capabilities = Capabilities::none().with([
        Right::ChannelReader,
        Right::ChannelWriter,
        Right::ProcessLifecycle,
    ]);
    capabilities.lookup = ["puppet".to_owned()].into();
    StartOptions::new("puppet")
        .name(name)
        .entry_point("run")
        .arguments(Arguments::Positional(vec![Argument::String(name.into())]))
        .capabilities(capabilities)
}

fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| {
        let config = HostConfig::default()
            .max_processes(64)
            // Puppets stop when asked; none may be killed for being slow.
            .orphan_grace(Duration::from_secs(3600));
        let host = Host::new(config).expect("a host");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
        let file = root.join("target/wasm32-wasip2/guest/puppet.wasm");
        let bytes = std::fs::read(&file).expect("puppet.wasm is built; run `./dev guests`");
        let load = host.components().load("puppet", bytes);
        tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(load))
            .expect("it loads");
        host
    })
}
