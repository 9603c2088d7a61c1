//! A source that follows a file which grows, such as a log, and remembers where it was.
//!
//! Invariant: the remembered place is never beyond the frames that are in the channel. So after a crash frames come twice, and none is
//! left out.

use super::Intake;
use super::feed::{Feed, Flow, Intermediate};
use super::place::Place;
use super::tail::{Found, Step, Tail};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use weft_host::log::Severity;
use weft_host::process::{Context, Program, Running};

/// How often a file is looked at that does not grow: hardly noticeable, and two system calls.
const LOOK: Duration = Duration::from_millis(100);

/// How often the place is written down while the file grows: the most that comes twice after a crash, and no burden for a disk.
const SAVE: Duration = Duration::from_secs(1);

/// Where to begin in a file without a remembered place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Begin {
    /// With its first frame.
    #[default]
    Start,
    /// With what is written from now on.
    End,
}

/// Follows a file.
#[derive(Debug)]
pub struct Follow {
    path: PathBuf,
    begin: Begin,
    /// The file in which the place is remembered.
    state: Option<PathBuf>,
    intake: Intake,
    /// The place, for the next process of a source that is restarted.
    place: Mutex<Option<Place>>,
}

impl Follow {
    /// A source that follows this file from its beginning, and remembers its place as long as this lives.
    pub fn new(path: PathBuf, intake: Intake) -> Self {
        Self {
            path,
            begin: Begin::default(),
            state: None,
            intake,
            place: Mutex::default(),
        }
    }

    /// The same, which begins here in a file without a remembered place.
    #[must_use]
    pub fn begin(self, begin: Begin) -> Self {
        Self { begin, ..self }
    }

    /// The same, which remembers its place in this file. It is made with the folders that are missing.
    #[must_use]
    pub fn state(self, state: impl Into<Option<PathBuf>>) -> Self {
        let state = state.into();
        Self { state, ..self }
    }

    async fn follow(self: Arc<Self>, context: Context) -> Result<String, String> {
        let feed = Feed::new(context, &self.intake)?;
        let mut following = Following {
            tail: Some(Tail::new(self.path.clone())),
            between: Intermediate::new(&self.intake),
            feed,
            of: self,
            saved: None,
            saved_at: Instant::now(),
            fails: false,
            missing: false,
        };
        following.begin().await?;
        let ended = following.run().await;
        let saved = following.save().await;
        ended?;
        saved?;
        Ok(following.feed.finish())
    }

    fn remembered(&self) -> Option<Place> {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cannot_read(&self, error: &std::io::Error) -> String {
        format!("cannot read `{}`: {error}", self.path.display())
    }
}

impl Program for Follow {
    fn kind(&self) -> &str {
        "source:follow"
    }

    fn run(self: Arc<Self>, context: Context) -> Running {
        Box::pin(self.follow(context))
    }
}

/// One process that follows.
struct Following {
    of: Arc<Follow>,
    /// None while a thread has it.
    tail: Option<Tail>,
    between: Intermediate,
    feed: Feed,
    /// The place as it was written down last, by its offset and file.
    saved: Option<Place>,
    saved_at: Instant,
    /// Whether it could not be written down the last time.
    fails: bool,
    /// Whether it was told that there is no such file.
    missing: bool,
}

impl Following {
    /// Goes to where it was, or to where it is to begin.
    async fn begin(&mut self) -> Result<(), String> {
        let of = self.of.clone();
        let place = match (of.remembered(), of.state.clone()) {
            (Some(place), _) => Some(place),
            (None, Some(state)) => self.load(state).await?,
            (None, None) => None,
        };
        let begin = of.begin;
        let found = self.with_tail(move |tail| match (place, begin) {
            (Some(place), _) => Ok(match tail.go_to(&place)? {
                Found::There => Some((place.offset, place.number)),
                Found::Lost => None,
            }),
            (None, Begin::Start) => Ok(Some((0, 0))),
            (None, Begin::End) => Ok(Some((tail.go_to_end()?, 0))),
        });
        let (offset, number) = match found.await? {
            Some(found) => found,
            None => {
                let shown = of.path.display();
                let text = format!(
                    "`{shown}` begins anew, or the file in which the place was is gone: it is read from its beginning, and what had not been read before is lost"
                );
                self.feed.context.log(Severity::Warn, text, []);
                (0, 0)
            }
        };
        self.between.begin(offset, number);
        Ok(())
    }

    async fn load(&self, state: PathBuf) -> Result<Option<Place>, String> {
        let path = state.clone();
        let loaded = tokio::task::spawn_blocking(move || Place::load(&path)).await;
        match loaded.map_err(|error| error.to_string())? {
            Ok(place) => Ok(place),
            // To begin somewhere else would lose frames, or give all of them once more.
            Err(error) => Err(format!(
                "cannot read the place in `{}`: {error}; remove the file to begin anew",
                state.display()
            )),
        }
    }

    /// Reads and writes until the end.
    async fn run(&mut self) -> Result<(), String> {
        loop {
            let buffer = std::mem::take(self.between.decoder.room(0));
            let stepped = self.with_tail(move |tail| {
                let mut buffer = buffer;
                let step = tail.step(&mut buffer)?;
                Ok((buffer, step))
            });
            let (buffer, step) = stepped.await?;
            *self.between.decoder.room(0) = buffer;
            // At the end of a file its last line may be without a newline.
            let flow = self.drain(step == Step::Rotated).await?;
            if flow != Flow::On {
                return Ok(());
            }
            match step {
                Step::Read => {}
                Step::Idle(is_there) => {
                    self.tell_missing(is_there);
                    self.save().await?;
                    tokio::select! {
                        () = tokio::time::sleep(LOOK) => {}
                        () = self.feed.context.stop_request() => return Ok(()),
                    }
                }
                Step::Rotated => self.between.begin(0, 0),
                Step::Truncated => {
                    self.feed.cut_off(&self.between).await?;
                    let text = format!("`{}` begins anew", self.of.path.display());
                    self.feed.context.log(Severity::Info, text, []);
                    self.between.begin(0, 0);
                }
            }
            if self.saved_at.elapsed() >= SAVE {
                self.save().await?;
            }
            if self.feed.context.stop_requested() {
                return Ok(());
            }
        }
    }

    async fn drain(&mut self, end: bool) -> Result<Flow, String> {
        self.feed.drain(&mut self.between, end).await
    }

    /// Says once that there is no such file.
    fn tell_missing(&mut self, is_there: bool) {
        if !is_there && !self.missing {
            let text = format!("there is no `{}`; waiting for it", self.of.path.display());
            self.feed.context.log(Severity::Info, text, []);
        }
        self.missing = !is_there;
    }

    /// Writes down where it is, if it has gone on.
    async fn save(&mut self) -> Result<(), String> {
        self.saved_at = Instant::now();
        let (offset, number) = self.between.reached();
        let state = self.of.state.clone();
        let before = self.saved;
        let saved = self.with_tail(move |tail| {
            let Some(place) = tail.place(offset, number)? else {
                return Ok((before, Ok(())));
            };
            let saved = match &state {
                Some(state) if before != Some(place) => place.save(state),
                _ => Ok(()),
            };
            Ok((Some(place), saved))
        });
        let (place, saved) = saved.await?;
        *self.of.place.lock().unwrap_or_else(PoisonError::into_inner) = place;
        match saved {
            Ok(()) => (self.saved, self.fails) = (place, false),
            // It goes on: after a restart it begins where it was written down last.
            Err(error) => {
                if !std::mem::replace(&mut self.fails, true) {
                    let state = self.of.state.as_deref().unwrap_or(&self.of.path);
                    let text = format!(
                        "cannot write down the place in `{}`: {error}",
                        state.display()
                    );
                    self.feed.context.log(Severity::Error, text, []);
                }
            }
        }
        Ok(())
    }

    /// Does something with the file on a thread that may block.
    async fn with_tail<T: Send + 'static>(
        &mut self,
        what: impl FnOnce(&mut Tail) -> std::io::Result<T> + Send + 'static,
    ) -> Result<T, String> {
        let path = self.of.path.clone();
        let mut tail = self.tail.take().unwrap_or_else(|| Tail::new(path));
        let done = tokio::task::spawn_blocking(move || {
            let done = what(&mut tail);
            (tail, done)
        });
        let (tail, done) = done.await.map_err(|error| error.to_string())?;
        self.tail = Some(tail);
        done.map_err(|error| self.of.cannot_read(&error))
    }
}
