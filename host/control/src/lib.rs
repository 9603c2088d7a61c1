//! The control socket of a runner: how others see and steer the processes of a [`Host`](weft_host::Host). `weft up` serves one; `weft ps`,
//! `logs`, `stop`, `channels` and `top` are its clients.
//!
//! ```text
//! protocol   what is asked and answered, one JSON object a line
//! place      where sockets are, which of them is meant, and what is left of runners that are gone; `folder` one of theirs, `file_name` a runner's in it
//! roster     the processes a runner knows, those that ended a while ago too; `rows` as a snapshot
//! events     what lies between two snapshots
//! server     the side of the runner: who is served; `answer` what is answered
//! client     the side of those who ask
//! error      what can go wrong
//! ```
//!
//! # The protocol
//!
//! A client connects to the socket, sends one request, reads the answers, and hangs up. A request and each answer is one JSON object on one
//! line. A request is at most 16 KiB and has a second to come whole.
//!
//! Every request carries the [version](protocol::VERSION) of the protocol. A runner answers its own alone, and refuses any other:
//!
//! ```text
//! > {"version":99,"request":"snapshot"}
//! < {"error":"the runner speaks version 2 of the control protocol, the command version 99; use the `weft` that it was started with"}
//! ```
//!
//! The member `version` of a request, and that its refusal is an `error`, are the same in every version. `{"error":TEXT}` is the answer to whatever
//! cannot be met, and the last.
//!
//! A [`Snapshot`](protocol::Snapshot) of everything there is:
//!
//! ```text
//! > {"version":2,"request":"snapshot"}
//! < {"snapshot":{"runner":"flights","pid":4242,"taken":…,"started":…,"age":…,"processes":[…],"channels":[…],"left_out":0}}
//! ```
//!
//! The same, and then what [happens](protocol::Event) to processes and channels, until the runner ends:
//!
//! ```text
//! > {"version":2,"request":"watch"}
//! < {"snapshot":{…}}
//! < {"event":{"state":{"id":3,"state":{"ended":"returned"}}}}
//! < "done"
//! ```
//!
//! The log of a process, by its name or id, with what was lost in between and, if it is followed, of all that come in its place:
//!
//! ```text
//! > {"version":2,"request":{"logs":{"process":"parse","follow":false,"since":null}}}
//! < {"of":{"process":"parse","id":2}}
//! < {"entry":"{\"Timestamp\":\"…\",…}"}
//! < {"lost":7}
//! < "done"
//! ```
//!
//! The end of a process for good, with the time it has before it is killed:
//!
//! ```text
//! > {"version":2,"request":{"stop":{"process":"parse","grace_ms":500}}}
//! < {"stopped":{"process":"parse","id":2,"end":"stopped","before":false}}
//! ```
//!
//! It is not: a way to start anything, or for other users. Who can open the socket is who could end the runner.
//!
//! # To serve and to ask
//!
//! A program with a host makes a [`Roster`], opens a socket on a [`Service`](weft_service::Service) and starts a [`Server`] there; who asks makes a [`Client`].
//! Neither reads the environment: which [`Folders`] sockets are in is the program's to say.
//!
//! Invariant: nothing that a client sends or leaves unread holds up a process or the runner.
#![deny(missing_docs)]

mod answer;
mod client;
mod error;
mod events;
mod file_name;
mod folder;
mod place;
pub mod protocol;
mod roster;
mod rows;
mod server;

pub use client::{Client, Events, Log, LogPiece};
pub use error::{ClientError, PlaceError};
pub use place::{Folders, Opened, user};
pub use roster::Roster;
pub use server::{Runner, Server};
