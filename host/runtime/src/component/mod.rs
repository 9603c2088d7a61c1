//! Components: code that processes are made of.
//!
//! `load` turns bytes into a checked and compiled component, `earlier` reads those that were made for an earlier contract, `error` says why not, `entry` knows its
//! exported functions, `features` which features of WebAssembly are off, `info` says what people want to know, `linked` which imports
//! there are, `types` writes types
//! down, `store` keeps components by name, `budget`, `compiler` and
//! `weight` bound what loading them takes, `read` reads them from files. Nothing here runs guest code.

mod budget;
mod compiler;
mod earlier;
mod entry;
mod error;
mod features;
mod info;
mod linked;
mod load;
mod offers;
mod read;
mod stage;
mod store;
pub(crate) mod types;
mod weight;

pub use entry::{EntryPoint, Parameter, UnknownEntryPoint};
pub use error::{LoadError, LoadErrorKind};
pub use features::{OFF_FEATURES, OffFeature};
pub use info::{ComponentInfo, ImportInfo};
pub use load::LoadedComponent;
pub use read::{ComponentReader, component_weight, verify_component};
pub use stage::TRANSFORM;
pub(crate) use stage::{SIGNATURE as TRANSFORM_SIGNATURE, Stage};
pub use store::ComponentStore;
