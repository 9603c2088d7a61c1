//! The JSON schema of a manifest, for editors. A test holds it against what `format` reads.
//!
//! It says which keys there are and what kind of value each has. What values mean is checked by `check` alone.

use serde_json::{Map, Value, json};
use weft_host::{
    capability::{Capability, GrantForm},
    limits::{Limit, LimitUnit},
};

/// The schema. Draft 7 is the newest that the editors' plugins for TOML read.
pub(crate) fn schema() -> Value {
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Weft manifest",
        "description": "Components, channels, processes, and what goes in and out, as `weft up` runs them.",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "include": list(
                "Other files that are part of it, relative to this one.",
                json!({ "type": "string" }),
            ),
            "profile": {
                "description": "What is merged over it with --profile NAME, by name.",
                "type": "object",
            },
            "components": by_name("Components by name.", reference("component")),
            "channels": by_name("Channels by name.", reference("channel")),
            "host": reference("host"),
            "network": reference("network"),
            "certificates": by_name("Certificates that processes may show, by name.", reference("certificate")),
            "supervision": reference("supervision"),
            "processes": by_name(
                "Processes by name. They are started and stopped in this order.",
                reference("process"),
            ),
            "sources": by_name("What writes to channels from outside, by name.", reference("source")),
            "http": by_name("What listens for HTTP, by name.", reference("http")),
            "sinks": by_name("What reads channels for the outside, by name.", reference("sink")),
        },
        "definitions": {
            "size": {
                "description": "Bytes: a number, or a text such as \"64KiB\".",
                "type": ["integer", "string"],
            },
            "time": { "description": "A time, such as \"500ms\" or \"10s\".", "type": "string" },
            "component": component(),
            "channel": channel(),
            "host": host(),
            "network": network(),
            "certificate": certificate(),
            "supervision": supervision(),
            "process": process(),
            "source": source(),
            "sink": sink(),
            "http": http(),
            "tls": tls(),
            "nats": nats(),
            "nats-tls": nats_tls(),
            "read": read(),
            "origins": origins(),
            "route": route(),
            "serve": serve(),
            "rejecting": table(
                json!({ "channel": string("The channel for what makes no frame.") }),
                &["channel"],
            ),
            "reader": end("reader", described("What is read.", reference("read"))),
            "writer": end("writer", string("A writer of this channel.")),
            "whole": table(
                json!({ "channel": string("The channel itself, for a process that makes ends of it.") }),
                &["channel"],
            ),
        },
    })
}

fn component() -> Value {
    let properties = json!({
        "file": string("Its file, relative to the manifest."),
        "build": string("The command that makes the file, for `weft build` and `weft up --build`."),
    });
    json!({ "anyOf": [string("Its file."), table(properties, &["file"])] })
}

fn channel() -> Value {
    let properties = json!({
        "capacity": described("Bytes that it retains. Default: 256KiB.", reference("size")),
        "backpressure": one_of(
            "What a write without room does. Default: block.",
            &["block", "drop"],
        ),
        "on-no-reader": one_of(
            "What is done when nobody reads it any more. Default: warn; stop if only sources write to it.",
            &["warn", "stop", "drop"],
        ),
        "from": one_of("What fills it: each line of stdin is a frame.", &["stdin"]),
        "to": one_of("Where its frames go: each is a line of stdout.", &["stdout"]),
        "engine": described("The NATS server that keeps it. Default: it lives in the memory of its runner.", reference("nats")),
        "stream": string("The name of its stream. Default: its own."),
        "subject": string("The subject of its frames. Default: weft.frames.STREAM."),
        "format": one_of("What a message is: a batch of frames, or one frame. Default: packed.", &["packed", "plain"]),
        "storage": one_of("Where the server keeps it. Default: file.", &["file", "memory"]),
        "replicas": { "description": "How many servers of a cluster keep it. Default: 1.", "type": "integer" },
        "keep": described("The age at which frames go that every strong reader has read. Default: they go when their room is wanted.", reference("time")),
        "credentials": credentials(),
        "tls": described("TLS to the server, which then must offer it. Default: as its address says.", reference("nats-tls")),
    });
    table(properties, &[])
}

/// The address of a NATS server, or those of a cluster.
fn nats() -> Value {
    let address = json!({ "type": "string" });
    let cluster = json!({ "type": "array", "items": address });
    json!({ "anyOf": [address, cluster] })
}

fn credentials() -> Value {
    string("The file of credentials for the server, relative to the manifest.")
}

fn nats_tls() -> Value {
    let properties = json!({
        "authorities": string("The file of the authorities that are believed beside the system's."),
        "certificate": string("The file of the certificate that is shown."),
        "key": string("The file of its key."),
    });
    table(properties, &[])
}

/// What is read: a channel, or a place in one.
fn read() -> Value {
    let properties = json!({
        "channel": string("The channel, which a server keeps."),
        "as": string("The name of the place, where it goes on after every restart. Default: it has none, and begins anew."),
        "begin": {
            "description": "Where it begins the first time: \"oldest\", \"newest\", a time, or the sequence of a message. Default: oldest.",
            "type": ["string", "integer"],
        },
    });
    json!({ "anyOf": [string("The channel."), table(properties, &["channel"])] })
}

fn host() -> Value {
    let properties = json!({
        "stack": described("How deep calls of a guest nest. Default: 512KiB.", reference("size")),
        "component-bytes": described("Most bytes of a file. Default: 64MiB.", reference("size")),
    });
    table(properties, &[])
}

fn network() -> Value {
    let properties = json!({
        "authorities": string("The file with those whose certificates are believed. Default: the system's."),
        "in-flight": described("Bytes on their way in each direction of a connection. Default: 128KiB.", reference("size")),
        "connect-time": described("How long a connection may take to come about. Default: 30s.", reference("time")),
        "lookup-time": described("How long a look-up of a name may take. Default: 20s.", reference("time")),
        "idle-time": described("How long a connection may be quiet. Default: for ever.", reference("time")),
        "close-time": described("How long a connection that nobody holds stays to send the rest. Default: 30s.", reference("time")),
    });
    table(properties, &[])
}

fn certificate() -> Value {
    let properties = json!({
        "certificate": string("The file of its chain, relative to the manifest."),
        "key": string("The file of its key."),
        "clients": string("The file with the authorities of which clients must show a certificate. Default: they need none."),
    });
    table(properties, &["certificate", "key"])
}

fn supervision() -> Value {
    let properties = json!({
        "strategy": one_of(
            "Which processes are restarted with one that ended. Default: one-for-one.",
            &["one-for-one", "one-for-all", "rest-for-one"],
        ),
        "max-restarts": {
            "description": "Most restarts within the window. Default: 5.",
            "type": "integer",
        },
        "within": described("The window. Default: 10s.", reference("time")),
        "backoff": described("The wait before the first restart. Default: 100ms.", reference("time")),
        "max-backoff": described("The longest wait. Default: 10s.", reference("time")),
    });
    table(properties, &[])
}

fn process() -> Value {
    let argument = json!({
        "anyOf": [reference("reader"), reference("writer"), reference("whole"), {}],
    });
    let properties = json!({
        "component": string("The name of its component."),
        "transform": string("The name of a component that is a transform, in place of component and args."),
        "input": described("What a transform reads.", reference("read")),
        "output": string("The channel that a transform writes to."),
        "entry-point": string("The exported function. Default: the command, or `run`."),
        "args": by_name("The arguments by the names of the parameters.", argument),
        "command-line": list("The arguments of a command.", json!({ "type": "string" })),
        "capabilities": list("What it may do. Default: nothing but use its ends.", capability()),
        "env": by_name("The environment variables that it sees.", json!({ "type": "string" })),
        "mounts": list("The folders that it sees.", mount()),
        "limits": limits(),
        "stdio": one_of("Where stdout and stderr go. Default: log.", &["log", "inherit"]),
        "restart": restart(),
        "delivery": one_of(
            "Whether frames that it had not finished come again at a restart. Default: at-least-once.",
            &["at-least-once", "at-most-once"],
        ),
        "max-deliveries": {
            "description": "Deliveries of a frame until it is rejected. Default: 3.",
            "type": "integer",
        },
        "rejected": string("The channel for rejected frames. Default: they are dropped."),
        "serve": described("How many instances it has, if a route names it.", reference("serve")),
    });
    table(properties, &[])
}

fn source() -> Value {
    let properties = json!({
        "channel": string("The channel that it writes to."),
        "file": string("The file that it reads, relative to the manifest."),
        "stdin": flag("Whether it reads stdin. Default: false."),
        "nats": described("The NATS server whose messages it reads, each a frame.", reference("nats")),
        "subject": string("The subject of the messages; it may have wildcards."),
        "queue": string("The queue group that it is one of: each message goes to one of its members. Default: none."),
        "stream": string("The stream of JetStream whose messages it reads. Default: none, it reads messages as they come."),
        "consumer": string("The name of the durable consumer that is its place in the stream. Default: weft- and its own name."),
        "reply": flag("Whether messages are requests, which an rpc server behind the channel answers. Default: false."),
        "requests": { "description": "Requests that wait for an answer at once. Default: 1024.", "type": "integer" },
        "answer-time": described("Time until an answer. Default: 30s.", reference("time")),
        "credentials": credentials(),
        "tls": described("TLS to the server, which then must offer it. Default: as its address says.", reference("nats-tls")),
        "every": described("The time between two ticks.", reference("time")),
        "cron": string("The times of ticks: minute, hour, day, month, day of the week, with the second before them or without."),
        "time-zone": string("The time zone of cron. Default: UTC."),
        "follow": flag("Whether it goes on when the file ends, as tail -F does. Default: false."),
        "begin": one_of("Where it begins in a file that it follows, or in a stream, for the first time. Default: start.", &["start", "end"]),
        "state": string("The file in which it remembers where it was. Default: one in the user's folder for state."),
        "frames": frames("How frames lie in the bytes. Default: lines."),
        "max-frame": described("Most bytes of a frame. Default: the capacity of the channel.", reference("size")),
        "on-error": on_error("What is done with input that makes no frame. Default: skip."),
        "restart": restart(),
    });
    table(properties, &["channel"])
}

fn http() -> Value {
    let properties = json!({
        "listen": string("Where it listens: HOST:PORT; port 0 for any."),
        "connections": { "description": "Most connections at once. Default: 256.", "type": "integer" },
        "max-body": described("Most bytes of a request's body. Default: 1MiB.", reference("size")),
        "max-head": described("Most bytes of a request's head, from 8KiB to 1MiB. Default: 16KiB.", reference("size")),
        "idle-time": described("Time for a request's head, and for which a connection may have no request. Default: 30s.", reference("time")),
        "body-time": described("Time for a request's body. Default: 30s.", reference("time")),
        "room-time": described("Time that a request waits for room in its channel. Default: 30s.", reference("time")),
        "tls": described("Whether it speaks TLS, and as whom. Default: it does not.", reference("tls")),
        "origins": described("Whose pages may use it, besides its own. Default: nobody's.", reference("origins")),
        "routes": by_name("What requests are for, by method and path.", reference("route")),
        "restart": restart(),
    });
    table(properties, &["listen", "routes"])
}

fn tls() -> Value {
    let properties = json!({
        "certificate": string("The file of the certificate chain, in PEM form, relative to the manifest."),
        "key": string("The file of its key, in PEM form."),
        "clients": string("The file of the authorities of which each client must show a certificate. Default: none need be shown."),
    });
    table(properties, &["certificate", "key"])
}

fn origins() -> Value {
    let all = json!({ "enum": ["*"] });
    let these = json!({ "type": "array", "items": { "type": "string" } });
    json!({ "anyOf": [all, these] })
}

fn route() -> Value {
    let properties = json!({
        "channel": string("The channel that its requests write to or read."),
        "process": string("The process that answers its requests."),
        "frames": frames("How frames lie in a body. Default: as the content type says."),
    });
    table(properties, &[])
}

fn serve() -> Value {
    let number = |description: &str| json!({ "description": description, "type": "integer" });
    let properties = json!({
        "instances": number("Most instances at once. Default: 32."),
        "warm": number("Instances that are kept without a request. Default: 1."),
        "requests": number("Requests that an instance answers in its life. Default: 1 for wasi:http 0.2, any number for 0.3."),
        "at-once": number("Requests that an instance of wasi:http 0.3 answers at the same time. Default: 16."),
        "waiting": number("Requests that wait for an instance. Default: 128."),
        "answer-time": described("Time until an answer begins. Default: 30s.", reference("time")),
        "idle-time": described("Time without a request after which an instance ends. Default: 30s.", reference("time")),
    });
    table(properties, &[])
}

fn sink() -> Value {
    let properties = json!({
        "channel": described("What it reads.", reference("read")),
        "file": string("The file that it appends to, relative to the manifest."),
        "stdout": flag("Whether it writes to stdout. Default: false."),
        "nats": described("The NATS server that it sends messages to, each a frame.", reference("nats")),
        "subject": string("The subject of the messages."),
        "stream": string("The stream of JetStream that acknowledges them. Default: none, they are sent and forgotten."),
        "credentials": credentials(),
        "tls": described("TLS to the server, which then must offer it. Default: as its address says.", reference("nats-tls")),
        "frames": frames("How frames lie in the bytes. Default: lines."),
        "on-error": on_error("What is done with frames that cannot be written so. Default: skip."),
        "fsync": one_of("When the bytes are on the disk. Default: never, which leaves it to the system.", &["never", "batch"]),
        "rotate-bytes": described("Most bytes of a file. Default: none.", reference("size")),
        "rotate-every": described("The age of a file at which another is begun. Default: none.", reference("time")),
        "keep": { "description": "Old files that stay. Default: 5.", "type": "integer" },
        "restart": restart(),
    });
    table(properties, &["channel"])
}

fn frames(text: &str) -> Value {
    one_of(text, &["lines", "json", "chunks", "length-prefixed"])
}

fn restart() -> Value {
    let text = "When it is started again. Default: never.";
    one_of(text, &["never", "on-failure", "always"])
}

fn on_error(text: &str) -> Value {
    let words = json!({ "enum": ["stop", "skip"] });
    json!({ "description": text, "anyOf": [words, reference("rejecting")] })
}

fn mount() -> Value {
    let properties = json!({
        "host": string("The folder, relative to the manifest."),
        "guest": string("Where the process sees it."),
        "writable": {
            "description": "Whether the process may change what is in it. Default: false.",
            "type": "boolean",
        },
    });
    table(properties, &["host", "guest"])
}

/// A capability, as a list of them has it.
fn capability() -> Value {
    let (mut names, mut forms) = (Vec::new(), Vec::new());
    let all = crate::extensions::all();
    for capability in all.capabilities() {
        let name = capability.name();
        match capability.form() {
            GrantForm::Name => names.push(name),
            GrantForm::Value => forms.push(with_value(capability)),
            GrantForm::Elsewhere => {}
        }
    }
    forms.insert(0, json!({ "enum": names }));
    json!({ "anyOf": forms })
}

fn with_value(capability: Capability) -> Value {
    json!({ "type": "string", "pattern": format!("^{}=", capability.name()) })
}

fn limits() -> Value {
    let limits = Limit::ALL.iter().map(|limit| {
        let types = match limit.unit() {
            LimitUnit::Time => json!("string"),
            _ => json!(["integer", "string"]),
        };
        let example = limit.example();
        let description = format!("In {}, such as {example}.", limit.unit().name());
        let limit_schema = json!({ "description": description, "type": types });
        (limit.name().to_owned(), limit_schema)
    });
    let properties: Map<String, Value> = limits.collect();
    described("Its limits by name.", table(properties.into(), &[]))
}

/// An end of a channel among the arguments.
fn end(kind: &str, of: Value) -> Value {
    let mut properties = Map::new();
    properties.insert(kind.to_owned(), of);
    properties.insert(
        "weak".to_owned(),
        flag("Whether it is a weak end. Default: false."),
    );
    properties.insert(
        "grant".to_owned(),
        flag("Whether the process may use it. Default: true."),
    );
    table(properties.into(), &[kind])
}

/// A table with these keys and no others.
fn table(properties: Value, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

/// A table whose keys are names.
fn by_name(text: &str, of: Value) -> Value {
    json!({ "description": text, "type": "object", "additionalProperties": of })
}

fn list(text: &str, of: Value) -> Value {
    json!({ "description": text, "type": "array", "items": of })
}

fn string(text: &str) -> Value {
    json!({ "description": text, "type": "string" })
}

fn flag(text: &str) -> Value {
    json!({ "description": text, "type": "boolean" })
}

fn one_of(text: &str, values: &[&str]) -> Value {
    json!({ "description": text, "enum": values })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// A schema with a text about it. A reference takes no text beside it, so it stands in a list of one.
fn described(text: &str, of: Value) -> Value {
    json!({ "description": text, "allOf": [of] })
}
