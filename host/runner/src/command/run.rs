//! `weft run`: one component as one process, connected to the standard streams.

use super::signal::Signals;
use crate::cli::LogFormat;
use crate::cli::RunArgs;
use crate::durable::Servers;
use crate::network::Network;
use crate::outcome::{self, SIGNAL_BASE};
use crate::screen::logs::{Logs, Streams};
use crate::screen::output::{self, Stream};
use crate::screen::progress::Progress;
use crate::setting;
use crate::telemetry::Telemetry;
use anyhow::{Context, Result, anyhow, bail};
use std::path::{Path, PathBuf};
use weft_host::{
    Capabilities, ExitStatus, HostConfig, Process, StartOptions,
    capability::Mount,
    component::LoadedComponent,
    limits::LimitRequest,
    process::{Stdin, Stdio, check_surroundings, parse_invocation},
};
use weft_net::serve::Service as HttpService;
use weft_service::Service;

/// Runs the component and returns the exit code that says how it ended.
pub(crate) async fn run(args: RunArgs) -> Result<u8> {
    let (entry_point, arguments) = parse_invocation(&args.invoke)?;
    let capabilities = capabilities(&args)?;
    let limits = limits(&args.limit)?;
    let name = args
        .component
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();

    let mut config = config(&args, &limits)?;
    let service = Service::start()?;
    let telemetry = Telemetry::prepare(&args.telemetry, &service).await?;
    config.time_hostcalls = telemetry.is_wanted();
    let host = setting::host(config, &network(&args)?)?;
    let format = args.logs.log_format;
    let progress = Progress::start();
    let loading = progress.compiling(&name);
    let component = host.components().load_file(&name, &args.component).await;
    let component = component.map_err(super::not_loaded)?;
    loading.done(&component);
    let is_command = match component.entry_point(&entry_point) {
        Ok(entry) => entry.is_command(),
        // What else is wrong with it is said when it is prepared.
        Err(_) => not_a_handler(&component, &args.component).map(|()| false)?,
    };
    let command_line = command_line(&args, is_command)?;
    let prepared = host.prepare(
        StartOptions::new(name)
            .entry_point(entry_point)
            .arguments(arguments)
            .capabilities(capabilities)
            .limits(limits)
            .stdio(
                Stdio::default()
                    .stdin(Stdin::Inherit)
                    .stdout(Some(output::sink(Stream::Stdout)))
                    .stderr((format != LogFormat::Json).then(|| output::sink(Stream::Stderr))),
            )
            .command_line(command_line),
    )?;
    // The end of the process is reported at the end of this function.
    let streams = Streams {
        trap: format == LogFormat::Json,
        ..Streams::connected(format)
    };
    let logs = Logs::new(&args.logs, &progress, move |_| streams);
    let watching = logs.watch(&host);
    let mut signals = Signals::take(args.grace.grace)?;
    let telemetry = telemetry.start(&host, Servers::none(), &service);
    let process = prepared.launch();

    let (status, signal) = end(&process, &mut signals).await;
    // Children of the process end with the command.
    let signal = signal.or(signals.wind_down(&host).await);
    drop(watching);
    logs.shown().await;
    telemetry.finish().await;
    output::settle();
    progress.finish();
    let mut code = outcome::code(&status);
    match &status {
        ExitStatus::Returned(value) if value.is_empty() => {}
        ExitStatus::Returned(value) => code = super::print(&format!("{value}\n")),
        ExitStatus::Exited(_) | ExitStatus::Stopped => {}
        status => {
            logs.ended(process.name(), status);
            if let Some(folder) = &args.host.coredump {
                logs.dumped(&process, folder).await;
            }
        }
    }
    Ok(signal.map_or(code, |signal| SIGNAL_BASE + signal))
}

fn config(args: &RunArgs, limits: &LimitRequest) -> Result<HostConfig> {
    let most = setting::PROCESSES_OF_A_RUN;
    let mut config = setting::config(&args.host, &args.grace, &args.logs, most)
        .count_fuel(limits.fuel.is_some())
        .max_component_bytes(args.bound.bytes()?);
    if let Some(text) = &args.stack {
        config.stack = setting::stack(text).with_context(|| format!("--stack {text}"))?;
    }
    Ok(config)
}

/// The network that the options ask for.
fn network(args: &RunArgs) -> Result<Network> {
    let mut network = Network {
        authorities: args.authorities.clone(),
        ..Network::default()
    };
    for text in &args.certificate {
        let added = network.add(text);
        added.with_context(|| format!("--certificate {text}"))?;
    }
    for text in &args.network {
        let set = network.bound(text);
        set.with_context(|| format!("--network {text}"))?;
    }
    Ok(network)
}

/// Refuses a component that answers HTTP requests and has nothing to run, and says how it is used.
fn not_a_handler(component: &LoadedComponent, file: &Path) -> Result<()> {
    if HttpService::check(component).is_err() {
        return Ok(());
    }
    let (name, file) = (component.name(), file.display().to_string());
    bail!(
        "component `{name}` answers HTTP requests, so it stands behind a listener and not alone; write this as weft.toml, and `weft up`:

[components]
web = {file:?}

[processes.web]
component = \"web\"

[http.front]
listen = \"127.0.0.1:8080\"

[http.front.routes]
\"/*\" = {{ process = \"web\" }}"
    )
}

/// The command line of the process, the program's name first.
fn command_line(args: &RunArgs, is_command: bool) -> Result<Vec<String>> {
    if !args.arguments.is_empty() && !is_command {
        bail!(
            "only a command takes arguments after `--`; give this entry point's with --invoke 'run(…)'"
        );
    }
    // Pass the file's name and not its path, as other hosts do: a guest learns nothing about the host's folders.
    let program = args.component.file_name().unwrap_or_default();
    let mut command_line = vec![program.to_string_lossy().into_owned()];
    command_line.extend(args.arguments.iter().cloned());
    Ok(command_line)
}

/// Waits until the process has ended. A signal stops the process, and its number is returned.
async fn end(process: &Process, signals: &mut Signals) -> (ExitStatus, Option<u8>) {
    let grace = signals.grace();
    tokio::select! {
        status = process.wait() => (status, None),
        heard = signals.next() => {
            let status = tokio::select! {
                status = process.stop(grace) => status,
                // A second signal ends the process at once.
                _ = signals.next() => {
                    process.kill();
                    process.wait().await
                }
            };
            (status, Some(heard))
        }
    }
}

fn capabilities(args: &RunArgs) -> Result<Capabilities> {
    let mut set = Capabilities::none();
    for text in &args.grant {
        let granted = crate::extensions::grant(&mut set, text);
        granted.context("--grant")?;
    }
    for text in &args.env {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name.to_owned(), value.to_owned()),
            None => {
                let value = std::env::var(text)
                    .map_err(|error| anyhow!("--env {text}: {error}; write KEY=VALUE"))?;
                (text.clone(), value)
            }
        };
        set.environment.insert(name, value);
        // Check after each option, so that the error names the right one.
        check_surroundings(&set, &[]).with_context(|| format!("--env {text}"))?;
    }
    for text in &args.dir {
        let of_option = || format!("--dir {text}");
        set.mounts.push(mount(text).with_context(of_option)?);
        check_surroundings(&set, &[]).with_context(of_option)?;
    }
    Ok(set)
}

/// Reads `HOST`, `HOST::GUEST` or `HOST::GUEST::rw`. HOST may contain `::`, GUEST may not.
fn mount(text: &str) -> Result<Mount> {
    let is_folder = |path: &str| std::fs::metadata(path).is_ok_and(|found| found.is_dir());
    let accesses = [("::ro", false), ("::rw", true)];
    let access = accesses.into_iter().find_map(|(ending, writable)| {
        let (host, guest) = text.strip_suffix(ending)?.rsplit_once("::")?;
        Some((host, guest, writable))
    });
    let (host, guest, writable) = match (access, text.rsplit_once("::")) {
        (Some(said), _) => said,
        // The text as a whole is the name of a folder, and the part before `::` is not.
        (None, Some((host, _))) if !is_folder(host) && is_folder(text) => (text, text, false),
        (None, Some((host, guest))) => (host, guest, false),
        (None, None) => (text, text, false),
    };
    if host.is_empty() {
        bail!("no folder is named");
    }
    if matches!(guest, "ro" | "rw") && access.is_some() && !is_folder(host) {
        bail!("the access is given twice; write {host}::{guest}, or the other one");
    }
    if host.contains("::") && host != guest && !is_folder(host) {
        bail!("`{host}` is no folder, and `{guest}` is no access; write ro or rw");
    }
    setting::mount(PathBuf::from(host), guest.to_owned(), writable)
}

fn limits(texts: &[String]) -> Result<LimitRequest> {
    let mut request = LimitRequest::default();
    for text in texts {
        let (name, value) = text
            .split_once('=')
            .with_context(|| format!("--limit {text}: write NAME=VALUE"))?;
        setting::limit(&mut request, name, value).with_context(|| format!("--limit {text}"))?;
    }
    Ok(request)
}
