//! The lists in the help. Those that the host declares are made from its declarations.

use weft_host::{
    capability::Capability,
    limits::{Limit, LimitUnit},
};

/// The end of `weft --help`.
pub(crate) const EXIT_CODES: &str = "Exit codes:
  0    the processes returned, or stopped when asked
  1    a process failed: it returned an error
  2    bad input; nothing was started
  N    the process called exit(N)
  124  a process reached a limit
  130  interrupted by Ctrl-C (129: the terminal was closed, 131: Ctrl-\\,
       143: SIGTERM)
  134  a process trapped or panicked
  137  a process was killed
  141  nobody reads stdout any more, to which a channel goes";

/// The end of `weft up --help`: every key of a manifest.
const MANIFEST: &str = r#"A manifest, with every key there is; paths are relative to its folder. In its
strings ${NAME} stands for a variable, ${NAME:-DEFAULT} has a default, $${ is a
literal ${:

  include = ["common.toml"]         # other files that are part of it

  [components]                      # name = file
  parse = "parse.wasm"
  clean = { file = "clean.wasm", build = "make" } # and the command to make it

  [host]
  stack = "512KiB"                  # that calls of a guest may nest to; default
  component-bytes = "64MiB"         # of the largest file; the default

  [network]                         # of processes with connect or listen
  authorities = "ca.pem"            # whose certificates are believed; left out:
                                    # the system's
  in-flight = "128KiB"              # each way of a connection; the default
  connect-time = "30s"              # to come about; the default
  lookup-time = "20s"               # of a name; the default
  idle-time = "10m"                 # of a connection, then it is closed; left
                                    # out: as long as it likes
  close-time = "30s"                # to send the rest once it is let go; the
                                    # default

  [certificates.www]                # to be shown by who has certificate=www
  certificate = "www.pem"           # the chain; read again when it changes
  key = "www.key"
  clients = "ca.pem"                # whose certificates clients must show; left
                                    # out: none

  [supervision]                     # of the processes that have a restart
  strategy = "one-for-one"          # restarted with it: nobody, the default;
                                    # "one-for-all": all; "rest-for-one": those
                                    # started after it
  max-restarts = 5                  # beyond it weft stops all; the default,
  within = "10s"                    #   within the default window
  backoff = "100ms"                 # before the first restart, doubled up to
  max-backoff = "10s"               #   this; the defaults

  [channels.raw]
  capacity = "1MiB"                 # bytes it retains; default 256KiB
  backpressure = "block"            # without room a write waits; "drop": lost
  on-no-reader = "warn"             # when nobody reads it any more; "stop": its
                                    # writers; "drop"
  from = "stdin"                    # each line of stdin is a frame of it
  to = "stdout"                     # each of its frames is a line of stdout

  [channels.orders]                 # a channel that outlives this command
  engine = "nats://localhost:4222"  # who keeps it, for all who name it; or a
                                    # list of the servers of a cluster
  stream = "orders"                 # there; left out: the channel's name
  subject = "shop.orders"           # of its frames; left out:
                                    # weft.frames.STREAM
  capacity = "1GiB"                 # default 64MiB
  keep = "7d"                       # then frames go that all have read; left
                                    # out: when their room is wanted
  format = "packed"                 # a message is a batch, the default;
                                    # "plain": one frame
  storage = "file"                  # the default; or "memory"
  replicas = 1                      # servers that keep it; the default
  credentials = "orders.creds"      # for the server
  tls = { authorities = "ca.pem", certificate = "me.pem", key = "me.key" }
                                    # whose certificates are believed besides
                                    # the system's, and the one that is shown

  [processes.parse]                 # started in order, stopped as frames flow
  component = "parse"
  entry-point = "run"               # left out: as a command if it is one, else
                                    # at `run`
  capabilities = ["clocks", "registry-lookup=jobs/"]
  mounts = [{ host = "data", guest = "/data", writable = false }]
  env = { LEVEL = "debug" }
  limits = { @LIMITS@ }
  stdio = "log"                     # "inherit": the streams of weft as well
  command-line = ["--fast"]         # of a command component
  restart = "never"                 # when it has ended; "on-failure", "always":
                                    # again, on its channels, which stay open
                                    # until it has ended for good
  delivery = "at-least-once"        # with restart: frames that it had not
                                    # finished come again; "at-most-once": are
                                    # lost
  max-deliveries = 3                # of a frame that ends it each time; then it
                                    # is rejected
  rejected = "bad"                  # the channel for rejected frames; left out:
                                    # they are dropped

  [processes.clean]
  transform = "filter"              # instead of component: a transform, whose
  input = "raw"                     # frames weft moves from this channel
  output = "clean"                  # to this one

  [processes.api]                   # answers requests, as a route names it
  component = "api"
  serve = { instances = 32, warm = 1, requests = 1, at-once = 8, waiting = 128 }
                                    # how many, at most; answer-time = "30s",
                                    # idle-time = "30s": and how long

  [sources.access]                  # writes to a channel from outside
  file = "access.log"               # or stdin = true
  channel = "raw"
  follow = true                     # as it grows; left out: to its end
  begin = "start"                   # where, the first time; or at its "end"
  state = "access.place"            # where it remembers its place; left out: in
                                    # your folder for state
  frames = "lines"                  # or "json", "chunks", "length-prefixed"
  max-frame = "64KiB"               # left out: the capacity of the channel
  on-error = { channel = "bad" }    # for what makes no frame; "skip", the
                                    # default; "stop"
  restart = "on-failure"            # as for processes

  [sources.tick]
  every = "1s"                      # or cron = "0 */5 * * * *", with
                                    # time-zone = "UTC", the default
  channel = "ticks"

  [sources.shop]                    # messages of NATS, each a frame
  nats = "nats://localhost:4222"    # or a list of the servers of a cluster
  subject = "orders.>"
  queue = "workers"                 # each goes to one of these; left out: all
  channel = "raw"

  [sources.journal]
  nats = "nats://localhost:4222"
  stream = "ORDERS"                 # of JetStream, from where it was
  consumer = "weft-journal"         # the name of its place; the default
  channel = "raw"

  [sources.add]
  nats = "nats://localhost:4222"
  subject = "add"
  reply = true                      # they want answers, of an rpc server behind
  channel = "requests"              # this channel
  requests = 1024                   # at once; the default
  answer-time = "30s"               # until an answer; the default

  [http.shop]                       # requests into channels and to guests,
                                    # channels to clients
  listen = "127.0.0.1:8080"
  connections = 256                 # at once, at most; the default
  max-body = "1MiB"                 # of a request; the default
  max-head = "16KiB"                # of a request; the default
  idle-time = "30s"                 # for a head, and between requests; default
  body-time = "30s"                 # for a body; the default
  room-time = "30s"                 # for room in the channel; the default
  tls = { certificate = "cert.pem", key = "key.pem" } # https; left out: http.
                                    # clients = "ca.pem": whose certificates
                                    # clients must show
  origins = ["https://app.example"] # whose pages may use it besides its own;
                                    # "*": all

  [http.shop.routes]                # by method and path; "/raw/*": all below
  "POST /orders" = { channel = "orders" } # frames = "lines": whatever the
                                    # content type
  "GET /alerts" = { channel = "alerts" } # a frame a line, server-sent events,
                                    # or a WebSocket
  "/api/*" = { process = "api" }    # a guest that exports a handler of
                                    # wasi:http

  [sinks.archive]                   # reads a channel for the outside
  channel = "clean"
  file = "out/clean.log"            # that it appends to; or stdout = true
  rotate-bytes = "64MiB"            # before it is larger it becomes FILE.1;
  rotate-every = "1day"             # when it is as old as this; left out: never
  keep = 5                          # of those; the default
  fsync = "never"                   # when the system likes; "batch": before
                                    # more is read

  [sinks.shipped]
  channel = "clean"
  nats = "nats://localhost:4222"    # with credentials and tls as channels have
  subject = "orders.shipped"
  stream = "SHIPPED"                # that acknowledges; left out: sent and
                                    # forgotten

  [profile.test.channels.raw]       # merged over it with --profile test
  capacity = "64KiB"

  [processes.parse.args]            # by parameter name
  input = { reader = "raw" }        # an end of a channel, and the right to use
                                    # it; weak = true for a weak one,
                                    # grant = false for one without the right
  more = { reader = { channel = "orders", as = "parse", begin = "oldest" } }
                                    # goes on where it was after every restart
                                    # of this command; begin: where, the first
                                    # time; or "newest", a time, a sequence
  output = { writer = "clean" }
  control = { channel = "control" } # the channel itself
  limit = 10                        # values as TOML, or as WAVE in a string
  name = "text""#;

/// Most columns of a line of these texts: what a terminal has at least. A line of an example that is broken is no example any more.
const WIDTH: usize = 80;

/// The manifest, with every limit filled in.
pub(super) fn manifest() -> String {
    let limits = Limit::ALL.iter().map(|limit| match limit.unit() {
        LimitUnit::Count(_) => format!("{limit} = {}", limit.example()),
        _ => format!("{limit} = {:?}", limit.example()),
    });
    MANIFEST.replace("@LIMITS@", &wrapped(limits, 13))
}

/// The limits that `--limit` can set.
pub(super) fn limits() -> String {
    let limits = Limit::ALL.iter();
    let limits = limits.map(|limit| format!("{limit}={}", limit.example()));
    format!("Bound the process: {}", listed(limits.collect()))
}

/// The capabilities that `--grant` can give.
pub(super) fn capabilities() -> String {
    let extensions = crate::extensions::all();
    let written = extensions.capabilities().filter_map(Capability::written);
    format!("Grant a capability: {}", listed(written.collect()))
}

/// Joins the words with commas, and with `or` before the last.
fn listed(mut things: Vec<String>) -> String {
    match things.pop() {
        Some(last) if things.is_empty() => last,
        Some(last) => format!("{} or {last}", things.join(", ")),
        None => String::new(),
    }
}

/// Joins the words with commas, in lines that all begin at one column.
fn wrapped(things: impl Iterator<Item = String>, column: usize) -> String {
    let (mut text, mut at) = (String::new(), column);
    for thing in things {
        if !text.is_empty() {
            text.push(',');
            if at + thing.len() + 2 > WIDTH {
                text.push('\n');
                text.push_str(&" ".repeat(column));
                at = column;
            } else {
                text.push(' ');
                at += 2;
            }
        }
        at += thing.len();
        text.push_str(&thing);
    }
    text
}
