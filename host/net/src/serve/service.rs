//! The program that keeps as many instances as there is work for.
//!
//! Invariants:
//! - No more instances live than the settings say.
//! - A request to stop lets instances finish what they have taken. What waits is left for the service that follows.

use super::instance::{Flavour, Handler, IDLE, lacks};
use super::requests::Requests;
use crate::counters;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinSet;
use weft_host::StartOptions;
use weft_host::component::LoadedComponent;
use weft_host::log::Severity;
use weft_host::process::{Context, Counter, ExitStatus, Process, Program, Running, StartError};

/// How long a request may wait for an instance that has others already before another instance is started: longer than it takes to begin
/// one, so that quick guests stay few.
const PATIENCE: Duration = Duration::from_millis(5);

/// The pause after an instance could not be started for want of room in the host.
const NO_ROOM_PAUSE: Duration = Duration::from_millis(200);

/// Instances in a row that end before they have taken a request, after which the service fails: the component cannot begin.
const STILLBORN: u32 = 3;

/// The age from which on an instance has begun, even if it ends without a request: it may have reached a limit on its time.
const GROWN: Duration = Duration::from_secs(1);

/// A service: instances of one component that answer HTTP requests.
pub struct Service {
    /// What an instance is started with.
    start: StartOptions,
    requests: Requests,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service")
            .field("component", &self.start.component)
            .finish_non_exhaustive()
    }
}

impl Service {
    /// Answers `requests` by instances that are started so. Their component is looked up in the host for each, so a newer one is used as
    /// soon as it is there; entry point and arguments mean nothing.
    pub fn new(start: StartOptions, requests: Requests) -> Self {
        Self { start, requests }
    }

    /// Checks that a component answers requests.
    ///
    /// # Errors
    /// What it lacks.
    pub fn check(component: &LoadedComponent) -> Result<(), String> {
        let flavour = Flavour::of(component);
        flavour.map(drop).ok_or_else(|| lacks(component.name()))
    }

    fn flavour(&self, context: &Context) -> Result<Flavour, String> {
        let component = &self.start.component;
        let loaded = context.component(component);
        let flavour = loaded.and_then(|loaded| Flavour::of(&loaded));
        flavour.ok_or_else(|| lacks(component))
    }

    async fn serve(&self, context: Context) -> Result<String, String> {
        let mut instances = Instances {
            service: self,
            flavour: self.flavour(&context)?,
            live: Arc::default(),
            processes: HashMap::new(),
            ends: JoinSet::new(),
            stillborn: 0,
            started: counters::HTTP_INSTANCES.open(&context),
            is_full_told: false,
            context: &context,
        };
        let settings = *self.requests.settings();
        while instances.count() < settings.warm {
            if !instances.start()? {
                break;
            }
        }
        loop {
            tokio::select! {
                biased;
                () = context.stop_request() => break,
                Some(ended) = instances.ends.join_next() => {
                    instances.ended(ended.ok())?;
                    if instances.count() < settings.warm || self.requests.lack(false) {
                        instances.more().await?;
                    }
                }
                process = self.requests.stuck() => instances.give_up(process),
                () = self.requests.pushed() => instances.more().await?,
            }
        }
        instances.finish().await;
        Ok(String::new())
    }
}

impl Program for Service {
    fn kind(&self) -> &str {
        &self.start.component
    }

    fn run(self: Arc<Self>, context: Context) -> Running {
        Box::pin(async move { self.serve(context).await })
    }
}

/// The instances of a service.
struct Instances<'a> {
    service: &'a Service,
    flavour: Flavour,
    /// How many there are. One that ends for want of work takes itself off.
    live: Arc<AtomicUsize>,
    processes: HashMap<u64, (Process, Arc<Handler>)>,
    ends: JoinSet<(u64, ExitStatus)>,
    /// Instances in a row that ended before they took a request.
    stillborn: u32,
    started: Counter,
    is_full_told: bool,
    context: &'a Context,
}

impl Instances<'_> {
    fn count(&self) -> usize {
        self.live.load(Ordering::Acquire)
    }

    /// Starts as many as are lacking: at once if nobody could take what waits, and after some patience if somebody does not.
    async fn more(&mut self) -> Result<(), String> {
        let (requests, settings) = (&self.service.requests, self.service.requests.settings());
        let most = settings.instances.get();
        let mut patient = false;
        while self.count() < most {
            if self.count() < settings.warm || requests.lack(patient) {
                if !self.start()? {
                    tokio::time::sleep(NO_ROOM_PAUSE).await;
                    return Ok(());
                }
                patient = false;
            } else if patient || !requests.lack(true) {
                return Ok(());
            } else {
                patient = true;
                tokio::time::sleep(PATIENCE).await;
            }
        }
        Ok(())
    }

    /// Starts one. Says whether there was room.
    fn start(&mut self) -> Result<bool, String> {
        let service = self.service;
        let handler = Arc::new(Handler {
            requests: service.requests.clone(),
            flavour: self.flavour,
            live: self.live.clone(),
            took: AtomicBool::new(false),
            starting: Mutex::new(Some(service.requests.starting())),
        });
        let mut start = service.start.clone();
        start.serve = Some(handler.clone());
        match self.context.start(start) {
            Ok(process) => {
                self.live.fetch_add(1, Ordering::AcqRel);
                self.started.add(1);
                let known = (process.clone(), handler);
                self.processes.insert(process.id(), known);
                self.ends
                    .spawn(async move { (process.id(), process.wait().await) });
                Ok(true)
            }
            Err(error @ (StartError::Exhausted { .. } | StartError::Descriptors(_))) => {
                if !std::mem::replace(&mut self.is_full_told, true) {
                    self.context.log(Severity::Warn, error.to_string(), []);
                }
                Ok(false)
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// One has ended.
    fn ended(&mut self, ended: Option<(u64, ExitStatus)>) -> Result<(), String> {
        let Some((process, status)) = ended else {
            return Ok(());
        };
        let known = self.processes.remove(&process);
        // If it never came to wait for a request.
        drop(known.as_ref().and_then(|(_, handler)| handler.started()));
        let value = match &status {
            ExitStatus::Returned(value) => Some(value.as_str()),
            _ => None,
        };
        if value == Some(IDLE) {
            return Ok(());
        }
        self.live.fetch_sub(1, Ordering::AcqRel);
        // A trap has an entry of its own.
        if matches!(status, ExitStatus::Limit(_) | ExitStatus::Killed) {
            let text = format!("instance {process} ended: {status}");
            self.context.log(Severity::Warn, text, []);
        }
        let took = known
            .is_some_and(|(process, it)| it.took.load(Ordering::Acquire) || process.age() >= GROWN);
        let is_asked = matches!(status, ExitStatus::Returned(_) | ExitStatus::Stopped);
        self.stillborn = match took || is_asked {
            true => 0,
            false => self.stillborn + 1,
        };
        match self.stillborn >= STILLBORN {
            true => Err(format!(
                "{STILLBORN} instances in a row ended before they took a request; the last one: {status}"
            )),
            false => Ok(()),
        }
    }

    /// A request of this one took too long. Others that it has may be finished.
    fn give_up(&mut self, process: u64) {
        let Some((found, _)) = self.processes.get(&process) else {
            return;
        };
        match self.flavour {
            Flavour::Plain => found.kill(),
            Flavour::Concurrent => found.stop_within(self.service.requests.settings().answer_time),
        }
    }

    /// Lets all finish what they have.
    async fn finish(&mut self) {
        for (process, _) in self.processes.values() {
            process.request_stop();
        }
        while self.ends.join_next().await.is_some() {}
    }
}
