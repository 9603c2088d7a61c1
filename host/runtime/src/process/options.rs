//! What a process is started with. It is checked at the start, in `start`.

use super::{Arguments, Ownership, Stdio};
use crate::capability::Capabilities;
use crate::limits::LimitRequest;
use crate::setters::setters;

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
    /// The component's name in the component store.
    pub component: String,
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
}
