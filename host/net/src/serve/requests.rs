//! Requests on their way to an instance.
//!
//! What listens puts them in, instances take them, and the service is told when there are more of them than instances. All three hold the same
//! [`Requests`], so it outlives a service that is replaced.
//!
//! Invariants:
//! - No more wait than the settings say.
//! - An instance that does not run, as its guest spins, keeps no request from others: no lock is held while one waits, all are woken, and
//!   the service is told of a request that nobody takes.
//! - What waits and who could take it is one state under one lock: a request is counted with an instance or told to the service.
//! - Whoever asked is told what became of the request: an instance that ends drops the requests that it has taken.

use super::Settings;
use super::body::{AnswerBody, RequestBody};
use hyper::{Request, Response};
use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Duration, Instant, timeout_at};
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;

/// How long a request may wait though an instance seems to be free. A longer wait means that the instance does not run: its guest spins.
const OVERDUE: Duration = Duration::from_millis(50);

/// A request, and who waits for its answer.
pub(super) struct Job {
    pub(super) scheme: Scheme,
    pub(super) request: Request<RequestBody>,
    pub(super) answer: oneshot::Sender<Result<Response<AnswerBody>, Unanswered>>,
    /// The id of the process that has taken it.
    taken_by: Arc<OnceLock<u64>>,
    since: Instant,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").finish_non_exhaustive()
    }
}

/// What a service is asked.
pub(crate) struct Asked {
    pub(crate) is_tls: bool,
    pub(crate) request: Request<RequestBody>,
}

/// Why a request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unanswered {
    /// As many requests wait as may.
    Full,
    /// No instance took it in time.
    NotTaken,
    /// The instance took too long.
    TooLate,
    /// The instance ended, or never answered.
    Failed,
}

/// The requests of a service. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Requests(Arc<RequestQueue>);

#[derive(Debug)]
struct RequestQueue {
    settings: Settings,
    queue: Mutex<Queue>,
    /// There is a request to take.
    arrived: Notify,
    /// There is a request, and maybe nobody to take it.
    pushed: Notify,
    /// Processes whose requests took too long.
    stuck: mpsc::UnboundedSender<u64>,
    told: tokio::sync::Mutex<mpsc::UnboundedReceiver<u64>>,
}

#[derive(Debug, Default)]
struct Queue {
    /// The oldest first.
    waiting: VecDeque<Job>,
    /// Instances that wait for a request and have none.
    free: usize,
    /// Instances that wait for another one beside those that they have.
    sharing: usize,
    /// Instances that are being started, and will wait for one.
    starting: usize,
}

impl Queue {
    fn takers(&mut self, is_free: bool) -> &mut usize {
        match is_free {
            true => &mut self.free,
            false => &mut self.sharing,
        }
    }

    /// Whether one waits for so long that those who could take it do not run. One instance more is tried at a time.
    fn is_overdue(&self) -> bool {
        let oldest = self.waiting.front();
        self.starting == 0 && oldest.is_some_and(|job| job.since.elapsed() >= OVERDUE)
    }
}

impl Requests {
    /// For a service that is run like this.
    pub fn new(settings: Settings) -> Self {
        // As many as there are requests at most.
        let (stuck, told) = mpsc::unbounded_channel();
        Self(Arc::new(RequestQueue {
            settings,
            queue: Mutex::default(),
            arrived: Notify::new(),
            pushed: Notify::new(),
            stuck,
            told: tokio::sync::Mutex::new(told),
        }))
    }

    /// How the service is run.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Asks the service, and waits for the answer's head.
    pub(crate) async fn ask(&self, asked: Asked) -> Result<Response<AnswerBody>, Unanswered> {
        let since = Instant::now();
        let until = since + self.0.settings.answer_time;
        let taken_by = Arc::<OnceLock<u64>>::default();
        let (answer, mut answered) = oneshot::channel();
        let job = Job {
            scheme: match asked.is_tls {
                true => Scheme::Https,
                false => Scheme::Http,
            },
            request: asked.request,
            answer,
            taken_by: taken_by.clone(),
            since,
        };
        if !self.push(job) {
            return Err(Unanswered::Full);
        }
        match timeout_at(until.min(since + OVERDUE), &mut answered).await {
            Ok(Ok(answer)) => return answer,
            Ok(Err(_)) => return Err(Unanswered::Failed),
            Err(_) if taken_by.get().is_none() => self.0.pushed.notify_one(),
            Err(_) => {}
        }
        match timeout_at(until, answered).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Unanswered::Failed),
            Err(_) => Err(match taken_by.get() {
                None => Unanswered::NotTaken,
                Some(process) => {
                    // The service may be gone.
                    let _ = self.0.stuck.send(*process);
                    Unanswered::TooLate
                }
            }),
        }
    }

    /// Lets a request wait, if there is room, and tells the service if there may be nobody to take it.
    fn push(&self, job: Job) -> bool {
        let mut queue = self.lock();
        // Those whose clients are gone.
        queue.waiting.retain(|job| !job.answer.is_closed());
        if queue.waiting.len() >= self.0.settings.waiting.get() {
            return false;
        }
        queue.waiting.push_back(job);
        let is_lacking = queue.waiting.len() > queue.free + queue.starting;
        drop(queue);
        self.0.arrived.notify_waiters();
        if is_lacking {
            self.0.pushed.notify_one();
        }
        true
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether more requests wait than there are instances that could take one now, or one waits for so long that those do not run.
    /// `patient`: as it did not get better for a while, only instances that have no request count.
    pub(super) fn lack(&self, patient: bool) -> bool {
        let queue = self.lock();
        let takers = match patient {
            true => queue.free,
            false => queue.free + queue.sharing,
        };
        queue.waiting.len() > takers + queue.starting || queue.is_overdue()
    }

    /// An instance is being started: it counts as one until what is returned is dropped.
    pub(super) fn starting(&self) -> Starting {
        self.lock().starting += 1;
        Starting(self.clone())
    }

    /// Resolves when there is a request for which there may be no instance.
    pub(super) async fn pushed(&self) {
        self.0.pushed.notified().await;
    }

    /// A process whose request took too long.
    pub(super) async fn stuck(&self) -> u64 {
        match self.0.told.lock().await.recv().await {
            Some(process) => process,
            // The sender is in `self`.
            None => std::future::pending().await,
        }
    }

    /// Takes a request for this process. `has` says how many it has already, `starting` that this is its first. Dropping the future takes
    /// none.
    pub(super) async fn next(&self, process: u64, has: usize, starting: Option<Starting>) -> Job {
        let mut turn = Turn::new(self, has == 0);
        // From here on it counts as one that waits.
        drop(starting);
        loop {
            let mut arrived = pin!(self.0.arrived.notified());
            // Before the look, so that none is missed.
            arrived.as_mut().enable();
            match turn.take() {
                Some(job) => {
                    let _ = job.taken_by.set(process);
                    return job;
                }
                None => arrived.await,
            }
        }
    }
}

/// An instance that is being started.
#[derive(Debug)]
pub(super) struct Starting(Requests);

impl Drop for Starting {
    fn drop(&mut self) {
        self.0.lock().starting -= 1;
    }
}

/// An instance that waits for a request, and counts as one until it has it or is dropped.
struct Turn<'a> {
    requests: &'a Requests,
    /// Whether it has no other request.
    is_free: bool,
    is_over: bool,
}

impl<'a> Turn<'a> {
    fn new(requests: &'a Requests, is_free: bool) -> Self {
        *requests.lock().takers(is_free) += 1;
        Self {
            requests,
            is_free,
            is_over: false,
        }
    }

    /// The oldest request for which somebody still waits.
    fn take(&mut self) -> Option<Job> {
        let mut queue = self.requests.lock();
        let job = loop {
            let job = queue.waiting.pop_front()?;
            if !job.answer.is_closed() {
                break job;
            }
        };
        *queue.takers(self.is_free) -= 1;
        self.is_over = true;
        Some(job)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            *self.requests.lock().takers(self.is_free) -= 1;
        }
    }
}
