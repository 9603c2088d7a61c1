//! Components: the code of processes.
//!
//! ```text
//! load      bytes to a checked and compiled component
//! earlier   reads components that were made for an earlier contract
//! error     why a load fails
//! entry     exported functions
//! features  features of WebAssembly that are off
//! info      what people want to know about a component
//! linked    which imports the host has
//! offers    the capabilities that imports need
//! stage     components that are pure stages
//! types     types as text
//! store     components by name
//! budget    bounds the memory of a load, `compiler` and `weight` the work of the compiler
//! read      components from files
//! ```
//!
//! Nothing here runs guest code.

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
