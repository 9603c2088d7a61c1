//! Components: code that processes are made of.
//!
//! `load` turns bytes into a checked and compiled component, `entry` knows its
//! exported functions, `info` says what people want to know, `types` writes types
//! down, `store` keeps components by name, `compiler` and
//! `weight` bound what compiling them takes. Nothing here runs guest code.

mod compiler;
mod entry;
mod info;
mod load;
mod offers;
mod stage;
mod store;
pub(crate) mod types;
mod weight;

pub use entry::{EntryPoint, Parameter, UnknownEntryPoint};
pub use info::{ComponentInfo, ImportInfo};
pub use load::{LoadError, LoadedComponent};
pub use stage::TRANSFORM;
pub(crate) use stage::{SIGNATURE as TRANSFORM_SIGNATURE, Stage};
pub use store::ComponentStore;
