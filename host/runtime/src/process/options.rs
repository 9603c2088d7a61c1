//! What a process is started with. It is checked at the start, in `start`.

use super::native::Program;
use super::serve::Serve;
use super::{Arguments, Ownership, Stdio};
use crate::capability::Capabilities;
use crate::limits::LimitRequest;
use crate::setters::setters;
use std::sync::Arc;

/// What to start, and with which rights. A clone shares the handles among its arguments; see
/// [`Argument`](super::Argument).
///
/// ```
/// # use weft_host::{Capabilities, StartOptions};
/// let options = StartOptions::new("count").capabilities(Capabilities::channels());
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct StartOptions {
    /// The component's name in the component store; for a program, what it is shown as.
    pub component: String,
    /// The program that runs in place of a component; see [`native`](Self::native). Guests cannot start one.
    pub program: Option<Arc<dyn Program>>,
    /// What calls its exports in place of an entry point; see [`serving`](Self::serving). Guests cannot start one.
    pub serve: Option<Arc<dyn Serve>>,
    /// A friendly name; need not be unique.
    pub name: String,
    /// The entry point. Empty: the component's own; see [`LoadedComponent::entry_point`](crate::component::LoadedComponent::entry_point).
    pub entry_point: String,
    /// Its arguments.
    pub arguments: Arguments,
    /// Everything the process may do.
    pub capabilities: Capabilities,
    /// Its limits.
    pub limits: LimitRequest,
    /// Its standard streams.
    pub stdio: Stdio,
    /// How its life is tied to its starter's. Ignored when the embedder starts it.
    pub ownership: Ownership,
    /// Its command line as a WASI command sees it, the program's name first.
    pub command_line: Vec<String>,
}

setters! { StartOptions {
    component: impl Into<String>,
    name: impl Into<String>,
    entry_point: impl Into<String>,
    arguments: impl Into<Arguments>,
    capabilities: Capabilities,
    limits: LimitRequest,
    stdio: Stdio,
    ownership: Ownership,
    command_line: Vec<String>,
} }

impl StartOptions {
    /// To start the component of this name, under the same name, without arguments and rights.
    pub fn new(component: impl Into<String>) -> Self {
        let component = component.into();
        Self::default().name(component.clone()).component(component)
    }

    /// To start the component of this name as a process whose exports are called so. It has no entry point and no arguments.
    pub fn serving(component: impl Into<String>, serve: Arc<dyn Serve>) -> Self {
        Self {
            serve: Some(serve),
            ..Self::new(component)
        }
    }

    /// To start a program of the embedder under this name. Entry point, capabilities, standard streams and command line mean nothing
    /// to a program, and of the limits only `host-bytes`, `log-rate`, `cpu-time` and `wall-time`.
    pub fn native(name: impl Into<String>, program: Arc<dyn Program>) -> Self {
        Self {
            name: name.into(),
            component: program.kind().to_owned(),
            program: Some(program),
            ..Self::default()
        }
    }
}
