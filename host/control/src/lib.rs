//! The control socket of a runner: how others see and steer the processes of a [`Host`](weft_host::Host). `weft up`
//! serves one; `weft ps`, `logs`, `stop`, `channels` and `top` are its clients.
//!
//! ```text
//! protocol   requests and replies, one JSON object a line
//! socket     where sockets are, which one is meant, and how stale ones are removed; `folder` is an open folder, `file_name` a runner's file name
//! roster     the processes a runner knows, with the last ended ones; `rows` turns them into a snapshot
//! events     the difference between two snapshots
//! server     the runner's side: which clients are served; `answer` makes the answers, `peek` those with frames of channels, `looking` counts who asks for these
//! client     the client's side
//! error      the errors
//! ```
//!
//! # The protocol
//!
//! A client connects to the socket, sends one request, reads the answers, and hangs up. A request and each answer are
//! one JSON object on one line. A request has at most 16 KiB and must arrive whole within a second.
//!
//! Every request carries the [version](protocol::VERSION) of the protocol. A runner answers its own version and refuses
//! any other:
//!
//! ```text
//! > {"version":99,"request":"snapshot"}
//! < {"error":"the runner speaks version 5 of the control protocol, the command version 99; use the `weft` that it was started with"}
//! ```
//!
//! Two things are the same in every version: the member `version` of a request, and that a refusal is an `error`.
//! `{"error":TEXT}` answers every request that cannot be met, and it is the last answer.
//!
//! A [`Snapshot`](protocol::Snapshot) of everything there is:
//!
//! ```text
//! > {"version":5,"request":"snapshot"}
//! < {"snapshot":{"runner":"flights","host":"k3v9x2qdab","pid":4242,"taken":…,"started":…,"age":…,"processes":[…],"channels":[…],"left_out":0}}
//! ```
//!
//! The same, followed by the [events](protocol::Event) of processes and channels until the runner ends:
//!
//! ```text
//! > {"version":5,"request":{"watch":{"numbers_ms":null}}}
//! < {"snapshot":{…}}
//! < {"event":{"state":{"id":3,"state":{"ended":"returned"}}}}
//! < "done"
//! ```
//!
//! The log of a process, by its name or id, with the number of entries lost in between. If the log is followed, the
//! logs of the processes that replace this one come after it:
//!
//! ```text
//! > {"version":5,"request":{"logs":{"process":"parse","follow":false,"since":null}}}
//! < {"of":{"process":"parse","id":2}}
//! < {"entry":"{\"Timestamp\":\"…\",…}"}
//! < {"lost":7}
//! < "done"
//! ```
//!
//! The frames of a channel, shortened to a number of bytes; text where they are UTF-8, else base64:
//!
//! ```text
//! > {"version":5,"request":{"peek":{"channel":"lines","follow":false,"frames":2,"bytes":512}}}
//! < {"channel":{"name":"lines",…}}
//! < {"lost":12}
//! < {"frame":{"number":12,"size":5,"text":"EGLL,"}}
//! < {"frame":{"number":13,"size":2,"base64":"//4="}}
//! < "done"
//! ```
//!
//! Stopping a process for good, with the grace period before it is killed:
//!
//! ```text
//! > {"version":5,"request":{"stop":{"process":"parse","grace_ms":500}}}
//! < {"stopped":{"process":"parse","id":2,"end":"stopped","before":false}}
//! ```
//!
//! Starting a process again that the runner keeps:
//!
//! ```text
//! > {"version":5,"request":{"restart":{"process":"parse"}}}
//! < {"restarted":{"process":"parse","id":8}}
//! ```
//!
//! The socket cannot start anything else, and it does not serve other users. Whoever can open it could also end the runner.
//!
//! # To serve and to ask
//!
//! A program with a host makes a [`Roster`], opens a socket on a [`Service`](weft_service::Service) and starts a
//! [`Server`] there. The other side makes a [`Client`]. Neither reads the environment: the program says which
//! [`Folders`] the sockets are in.
//!
//! Invariant: nothing that a client sends or leaves unread holds up a process or the runner.
#![deny(missing_docs)]

mod answer;
mod client;
mod error;
mod events;
mod file_name;
mod folder;
mod looking;
mod peek;
pub mod protocol;
mod roster;
mod rows;
mod server;
mod socket;

pub use client::{Client, Events, Frames, Log, LogPiece, PeekPiece};
pub use error::{ClientError, SocketError};
pub use file_name::of as file_name;
pub use roster::Roster;
pub use server::{Runner, Server};
pub use socket::{Folders, Opened, user};
