//! Requests on their way to an instance.
//!
//! What listens puts them in, instances take them, and the service is told when there are more of them than instances. All three hold the same
//! [`Requests`], so it outlives a service that is replaced.
//!
//! Invariants:
//! - No more wait than the settings say.
//! - An instance that does not run, as its guest spins, keeps no request from others: no lock is held while one waits, and all are woken.
//! - Whoever asked is told what became of the request: an instance that ends drops the requests that it has taken.

use super::Settings;
use super::body::{AnswerBody, RequestBody};
use hyper::{Request, Response};
use std::collections::VecDeque;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;

/// A request, and who waits for its answer.
pub(super) struct Job {
    pub(super) scheme: Scheme,
    pub(super) request: Request<RequestBody>,
    pub(super) answer: oneshot::Sender<Result<Response<AnswerBody>, Unanswered>>,
    /// The id of the process that has taken it.
    taken_by: Arc<OnceLock<u64>>,
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
pub struct Requests(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    settings: Settings,
    waiting: Mutex<VecDeque<Job>>,
    /// There is a request to take.
    arrived: Notify,
    /// Instances that wait for a request and have none.
    free: AtomicUsize,
    /// Instances that wait for another one beside those that they have.
    sharing: AtomicUsize,
    /// There is a request, and maybe nobody to take it.
    pushed: Notify,
    /// Processes whose requests took too long.
    stuck: mpsc::UnboundedSender<u64>,
    told: tokio::sync::Mutex<mpsc::UnboundedReceiver<u64>>,
}

impl Requests {
    /// For a service that is run like this.
    pub fn new(settings: Settings) -> Self {
        // As many as there are requests at most.
        let (stuck, told) = mpsc::unbounded_channel();
        Self(Arc::new(Shared {
            settings,
            waiting: Mutex::default(),
            arrived: Notify::new(),
            free: AtomicUsize::new(0),
            sharing: AtomicUsize::new(0),
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
        let until = Instant::now() + self.0.settings.answer_time;
        let taken_by = Arc::<OnceLock<u64>>::default();
        let (answer, answered) = oneshot::channel();
        let job = Job {
            scheme: match asked.is_tls {
                true => Scheme::Https,
                false => Scheme::Http,
            },
            request: asked.request,
            answer,
            taken_by: taken_by.clone(),
        };
        if !self.push(job) {
            return Err(Unanswered::Full);
        }
        if self.waiting() > self.0.free.load(Ordering::Acquire) {
            self.0.pushed.notify_one();
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

    /// Requests that wait.
    fn waiting(&self) -> usize {
        self.lock().len()
    }

    /// Lets a request wait, if there is room.
    fn push(&self, job: Job) -> bool {
        let mut waiting = self.lock();
        // Those whose clients are gone.
        waiting.retain(|job| !job.answer.is_closed());
        if waiting.len() >= self.0.settings.waiting.get() {
            return false;
        }
        waiting.push_back(job);
        drop(waiting);
        self.0.arrived.notify_waiters();
        true
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether more requests wait than there are instances that could take one now, or none is there to take any. `patient`: as it did
    /// not get better for a while, only instances that have no request count.
    pub(super) fn lack(&self, patient: bool) -> bool {
        let waiting = self.waiting();
        let free = self.0.free.load(Ordering::Acquire);
        let sharing = match patient {
            true => 0,
            false => self.0.sharing.load(Ordering::Acquire),
        };
        waiting > free + sharing
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

    /// Takes a request for this process. `has` says how many it has already. Dropping the future takes none.
    pub(super) async fn next(&self, process: u64, has: usize) -> Job {
        let counter = match has {
            0 => &self.0.free,
            _ => &self.0.sharing,
        };
        let _counted = CountedIn::new(counter);
        loop {
            let mut arrived = pin!(self.0.arrived.notified());
            // Before the look, so that none is missed.
            arrived.as_mut().enable();
            let job = self.lock().pop_front();
            match job {
                // Who asked is gone.
                Some(job) if job.answer.is_closed() => {}
                Some(job) => {
                    let _ = job.taken_by.set(process);
                    return job;
                }
                None => arrived.await,
            }
        }
    }
}

/// One more, until it is dropped.
struct CountedIn<'a>(&'a AtomicUsize);

impl<'a> CountedIn<'a> {
    fn new(counter: &'a AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::AcqRel);
        Self(counter)
    }
}

impl Drop for CountedIn<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
