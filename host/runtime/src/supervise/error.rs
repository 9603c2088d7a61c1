//! What can be wrong with a supervisor's children, at the start and at a reload.

use crate::process::StartError;

/// Why no supervisor was made.
#[derive(Debug, thiserror::Error)]
pub enum SuperviseError {
    /// Two children have one name.
    #[error("two children are called `{0}`; each needs a name of its own")]
    SameName(String),
    /// A child could not be started. None was.
    #[error("process `{child}`")]
    Start {
        /// The child's name.
        child: String,
        /// Why.
        #[source]
        cause: StartError,
    },
}

/// Why a child goes on as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// There is no such child.
    #[error("there is no child `{name}`; there are: {}", children.join(", "))]
    UnknownChild {
        /// The name.
        name: String,
        /// The names there are.
        children: Vec<String>,
    },
    /// It has ended for good, and its handles are gone.
    #[error("`{0}` has ended")]
    Ended(String),
    /// It has failed for good, and cannot be given anew what it held.
    #[error("what it held is gone with it: {0}")]
    Anew(String),
    /// The supervisor stops, has stopped, or has given up.
    #[error("the supervisor is stopping")]
    Stopping,
    /// The newer component does not take the place of the old one.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The process has closed one of its ends or passed it on, so that it cannot be handed over. A
    /// child that may be restarted has its ends kept, and does not meet this.
    #[error("the process has let go of its argument `{argument}`, so it cannot be handed over")]
    LetGo {
        /// The parameter's name, or its place from `#1` on.
        argument: String,
    },
}
