//! Requests on their way to an instance.
//!
//! What listens puts them in, instances take them, and the service is told when there are more of them than instances. All three hold the same
//! [`Requests`], so it outlives a service that is replaced.
//!
//! Invariants:
//! - No more wait than the settings say.
//! - Whoever asked is told what became of the request: an instance that ends drops the requests that it has taken.

use super::Settings;
use super::body::{AnswerBody, RequestBody};
use hyper::{Request, Response};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::{Mutex, Notify, mpsc, oneshot};
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
    waiting: mpsc::Sender<Job>,
    taken: Mutex<mpsc::Receiver<Job>>,
    /// Instances that wait for a request and have none.
    free: AtomicUsize,
    /// Instances that wait for another one beside those that they have.
    sharing: AtomicUsize,
    /// There is a request, and maybe nobody to take it.
    pushed: Notify,
    /// Processes whose requests took too long.
    stuck: mpsc::UnboundedSender<u64>,
    told: Mutex<mpsc::UnboundedReceiver<u64>>,
}

impl Requests {
    /// For a service that is run like this.
    pub fn new(settings: Settings) -> Self {
        let (waiting, taken) = mpsc::channel(settings.waiting.get());
        // As many as there are requests at most.
        let (stuck, told) = mpsc::unbounded_channel();
        Self(Arc::new(Shared {
            settings,
            waiting,
            taken: Mutex::new(taken),
            free: AtomicUsize::new(0),
            sharing: AtomicUsize::new(0),
            pushed: Notify::new(),
            stuck,
            told: Mutex::new(told),
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
        self.0.waiting.try_send(job).map_err(|_| Unanswered::Full)?;
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
        self.0.waiting.max_capacity() - self.0.waiting.capacity()
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
        let mut taken = self.0.taken.lock().await;
        loop {
            match taken.recv().await {
                // Who asked is gone.
                Some(job) if job.answer.is_closed() => {}
                Some(job) => {
                    let _ = job.taken_by.set(process);
                    return job;
                }
                // The sender is in `self`.
                None => std::future::pending::<()>().await,
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
