//! Errors of a supervisor's children, at the start and at a reload.

use crate::process::StartError;

/// Why no supervisor was made.
#[derive(Debug, thiserror::Error)]
pub enum SuperviseError {
    /// Two children have the same name.
    #[error("two children are called `{0}`; each needs a name of its own")]
    SameName(String),
    /// A child could not be started. None was started.
    #[error("process `{child}`")]
    Start {
        /// The child's name.
        child: String,
        /// Why.
        #[source]
        cause: StartError,
    },
}

/// Why a reload failed. The child is unchanged.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// There is no such child.
    #[error("there is no child `{name}`; there are: {}", children.join(", "))]
    UnknownChild {
        /// The name.
        name: String,
        /// The names of the children.
        children: Vec<String>,
    },
    /// It has ended for good, and its handles are gone.
    #[error("`{0}` has ended")]
    Ended(String),
    /// It has failed for good, and its start options cannot be made again.
    #[error("what it held is gone with it: {0}")]
    Anew(String),
    /// The supervisor is stopping, has stopped, or has given up.
    #[error("the supervisor is stopping")]
    Stopping,
    /// The newer component cannot replace the old one.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The process has closed one of its ends or passed it on, so the end cannot be given to the successor.
    /// Only children that are never restarted can get this error: the others have their ends kept.
    #[error("the process has let go of its argument `{argument}`, so it cannot be handed over")]
    LetGo {
        /// The parameter's name, or its position, from `#1`.
        argument: String,
    },
}
