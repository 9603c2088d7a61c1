//! Programs of the embedder as processes: listed, stopped, killed, supervised and cleared away like those of guests.

use crate::supervised::at_once;
use crate::support::{HUNG, assert_empty, block_on, channel, end, host, log, scenario, text};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use weft_channel::Batch;
use weft_host::{
    Argument, Arguments, Capabilities, ExitStatus, HostConfig, Process, StartOptions,
    capability::Right,
    channel::{ReaderHandle, Redelivery},
    limits::LimitRequest,
    log::Severity,
    metrics::GuestValue,
    process::{Context, Program, Running},
    supervise::{ChildSpec, Restart, Supervisor},
};

type Run = dyn Fn(Context) -> Running + Send + Sync;

/// A program made of a closure.
struct Made(Box<Run>);

impl std::fmt::Debug for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Made")
    }
}

impl Program for Made {
    fn kind(&self) -> &str {
        "test:made"
    }

    fn run(self: Arc<Self>, context: Context) -> Running {
        (self.0)(context)
    }
}

fn made<F>(run: impl Fn(Context) -> F + Send + Sync + 'static) -> StartOptions
where
    F: Future<Output = Result<String, String>> + Send + 'static,
{
    let run = move |context| Box::pin(run(context)) as Running;
    StartOptions::native("made", Arc::new(Made(Box::new(run))))
}

fn named<const N: usize>(arguments: [(&str, Argument); N]) -> Arguments {
    let arguments = arguments.map(|(name, argument)| (name.to_owned(), argument));
    Arguments::Named(arguments.into())
}

/// Copies frames from `input` to `output`, and waits `pause` for what has no end.
async fn copy(mut context: Context) -> Result<String, String> {
    let input = context.reader("input").ok_or("no input")?;
    let output = context.writer("output").ok_or("no output")?;
    let mut count = 0;
    loop {
        let frames = input.read_batch(100, 1000).await;
        let frames = frames.map_err(|error| error.to_string())?;
        if frames.is_empty() {
            return Ok(count.to_string());
        }
        count += frames.len();
        let packed = frames.pack();
        let batch = Batch::new(packed.ends, packed.payload).unwrap();
        output
            .write_batch(batch)
            .await
            .map_err(|error| error.to_string())?;
    }
}

#[test]
fn a_program_returns_fails_and_is_in_the_lists_meanwhile() {
    block_on(async {
        let host = host(&[]).await;
        let process = host
            .start(made(async |context| {
                context.stop_request().await;
                Err("as told".to_owned())
            }))
            .unwrap();
        let listed = host.processes();
        let listed: Vec<_> = listed
            .iter()
            .map(|it| (it.name(), it.component()))
            .collect();
        assert_eq!(listed, [("made", "test:made")]);
        assert_eq!(process.status(), None);
        process.request_stop();
        assert_eq!(end(&process).await, ExitStatus::Failed("as told".into()));
        let phases: Vec<_> = process.start_phases().iter().map(|it| it.name).collect();
        assert_eq!(phases, ["check", "lay-out", "instantiate"]);
        let value = host.start(made(async |_| Ok("3".to_owned()))).unwrap();
        assert_eq!(end(&value).await, ExitStatus::Returned("3".into()));
        assert_empty(&host);
    });
}

#[test]
fn a_program_moves_frames_and_what_it_held_is_released_before_its_end() {
    block_on(async {
        let host = host(&[]).await;
        let (from, to) = (channel(1000), channel(1000));
        let (writer, reader) = (from.strong_writer().unwrap(), to.strong_reader());
        let arguments = named([
            ("input", from.strong_reader().into()),
            ("output", to.strong_writer().unwrap().into()),
        ]);
        let process = host.start(made(copy).arguments(arguments)).unwrap();
        for frame in ["one", "two", "three"] {
            writer.write(frame.into()).await.unwrap();
        }
        for frame in ["one", "two", "three"] {
            assert_eq!(reader.read().await.unwrap().unwrap().payload, frame);
        }
        drop(writer);
        assert_eq!(end(&process).await, ExitStatus::Returned("3".into()));
        assert!(reader.try_read().unwrap().is_none());
        assert_eq!(from.stats().strong_readers, 0);
    });
}

#[test]
fn a_request_to_stop_reads_what_is_there_and_ends_as_stopped() {
    block_on(async {
        let host = host(&[]).await;
        let (from, to) = (channel(1000), channel(1000));
        // Stays open, so the end of the channel is not what ends it.
        let writer = from.strong_writer().unwrap();
        let arguments = named([
            ("input", from.strong_reader().into()),
            ("output", to.strong_writer().unwrap().into()),
        ]);
        for _ in 0..5 {
            writer.try_write("x".into()).unwrap();
        }
        let prepared = host.prepare(made(copy).arguments(arguments)).unwrap();
        prepared.process().request_stop();
        let process = prepared.launch();
        assert_eq!(end(&process).await, ExitStatus::Stopped);
        let reader = to.strong_reader();
        assert_eq!(reader.try_read_batch(100, 100).unwrap().len(), 5);
    });
}

#[test]
fn a_kill_drops_a_program_wherever_it_waits() {
    block_on(async {
        let host = host(&[]).await;
        let there = channel(100);
        let arguments = named([("output", there.strong_writer().unwrap().into())]);
        let process = host
            .start(
                made(async |mut context: Context| {
                    let _writer = context.writer("output");
                    std::future::pending().await
                })
                .arguments(arguments),
            )
            .unwrap();
        assert_eq!(process.stop(Duration::ZERO).await, ExitStatus::Killed);
        assert_eq!(there.stats().strong_writers, 0);
        // One that was never run is killed too.
        let prepared = host.prepare(made(async |_| Ok(String::new()))).unwrap();
        let process = prepared.process().clone();
        drop(prepared);
        assert_eq!(process.status(), Some(ExitStatus::Killed));
    });
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("a bomb");
    }
}

fn message(status: &ExitStatus) -> &str {
    match status {
        ExitStatus::Trapped(trap) if trap.panicked => &trap.message,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_panic_ends_the_program_alone() {
    block_on(async {
        let host = host(&["scenarios"]).await;
        let neighbour = scenario("wait-stop", "", Capabilities::none());
        let neighbour = host.start(neighbour).unwrap();
        let start = |options: StartOptions| -> Process { host.start(options).unwrap() };
        let first = start(made(async |context| match context.name() {
            "made" => panic!("a fault in {}", context.name()),
            _ => Ok(String::new()),
        }));
        let status = end(&first).await;
        assert_eq!(message(&status), "a fault in made");
        let last = log(&first).await.pop().unwrap();
        assert_eq!(last.body, "panicked: a fault in made");
        // While it is called, and before it waits.
        let called = StartOptions::native("made", Arc::new(Made(Box::new(|_| panic!("at once")))));
        assert_eq!(message(&end(&start(called)).await), "at once");
        // While it is dropped.
        let killed = start(made(async |_| {
            let _bomb = Bomb;
            std::future::pending().await
        }));
        tokio::task::yield_now().await;
        killed.kill();
        assert_eq!(end(&killed).await, ExitStatus::Killed);
        assert_eq!(neighbour.status(), None);
        assert_eq!(neighbour.stop(HUNG).await, ExitStatus::Stopped);
    });
}

#[test]
fn a_program_writes_to_its_log_and_counts() {
    block_on(async {
        let host = host(&[]).await;
        let process = host
            .start(made(async |context: Context| {
                context.log(Severity::Warn, "odd", [("line", "3".to_owned())]);
                let counter = context.counter("lines", "", "Lines read.");
                counter.add(2);
                counter.add(3);
                Ok(String::new())
            }))
            .unwrap();
        end(&process).await;
        let entries = log(&process).await;
        let entry = &entries[0];
        assert_eq!(
            (entry.body.as_str(), entry.severity_text.as_str()),
            ("odd", "WARN")
        );
        assert_eq!(entry.instrumentation_scope.name, "test:made");
        assert_eq!(
            entry.attributes,
            BTreeMap::from([("line".into(), "3".into())])
        );
        let metrics = process.metrics();
        assert_eq!(metrics[0].instrument.name, "lines");
        assert_eq!(metrics[0].value, GuestValue::Number(5.0));
    });
}

#[test]
fn a_supervisor_restarts_a_program_on_the_same_ends_and_what_it_had_not_finished_comes_again() {
    block_on(async {
        let host = host(&[]).await;
        let (from, to) = (channel(1000), channel(1000));
        let writer = from.strong_writer().unwrap();
        let starts = Arc::new(AtomicU32::new(0));
        let seen = starts.clone();
        let options = made(move |mut context: Context| {
            let start = seen.fetch_add(1, Ordering::Relaxed);
            async move {
                if start == 0 {
                    let input = context.reader("input").unwrap();
                    let frames = input.read_batch(2, 1000).await.unwrap();
                    return Err(format!("after {} frames", frames.len()));
                }
                copy(context).await
            }
        });
        let committed = ReaderHandle::committed(from.strong_reader(), Redelivery::default());
        let options = options.arguments(named([
            ("input", Argument::Reader(committed)),
            ("output", to.strong_writer().unwrap().into()),
        ]));
        for frame in ["1", "2", "3"] {
            writer.try_write(frame.into()).unwrap();
        }
        let child = ChildSpec::new("copier", options).restart(Restart::OnFailure);
        let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
        let supervisor = Supervisor::prepare(&host, at_once(), vec![child])
            .unwrap()
            .launch(move |event| drop(tell.send(format!("{event:?}"))));
        let reader = to.strong_reader();
        for frame in ["1", "2", "3"] {
            assert_eq!(reader.read().await.unwrap().unwrap().payload, frame);
        }
        // A reload stops it and starts the same program again.
        supervisor.reload("copier").await.unwrap();
        writer.try_write("4".into()).unwrap();
        assert_eq!(reader.read().await.unwrap().unwrap().payload, "4");
        assert_eq!(starts.load(Ordering::Relaxed), 3);
        drop(writer);
        let outcome = tokio::time::timeout(HUNG, supervisor.wait()).await.unwrap();
        assert_eq!(outcome.children[0].1.to_string(), "returned 1");
        assert!(reader.read().await.unwrap().is_none());
        drop(supervisor);
        let mut events = Vec::new();
        while let Some(event) = told.recv().await {
            events.push(event);
        }
        let failed = events.iter().any(|event| event.contains("after 2 frames"));
        assert!(failed, "{events:?}");
    });
}

#[test]
fn the_limits_that_mean_something_to_a_program_hold() {
    block_on(async {
        let host = host(&[]).await;
        let mut limits = LimitRequest::default();
        limits.wall_time = Some(Duration::from_millis(20));
        let waits = made(async |_| std::future::pending().await);
        let process = host.start(waits.limits(limits)).unwrap();
        assert_eq!(end(&process).await, ExitStatus::Limit("wall-time".into()));
        let large = made(async |_| Ok("x".repeat(2 << 20)));
        let process = host.start(large).unwrap();
        assert_eq!(
            end(&process).await,
            ExitStatus::Limit("result-bytes".into())
        );
    });
}

#[test]
fn a_program_takes_no_place_of_a_guest_and_no_guest_can_start_one() {
    block_on(async {
        let config = HostConfig::default().max_processes(1);
        let host = crate::support::host_with(config, &["scenarios"]).await;
        let program = host
            .start(made(async |_| std::future::pending().await))
            .unwrap();
        let rights = Capabilities::none().with([Right::ProcessLifecycle]);
        let options = scenario("start-child", "test:made", rights);
        let process = host.start(options.arguments(Arguments::Positional(vec![
            text("start-child"),
            text("test:made"),
        ])));
        let status = end(&process.unwrap()).await;
        let said = status.to_string();
        assert!(said.contains("there is no component `test:made`"), "{said}");
        program.kill();
        end(&program).await;
    });
}
