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
//! transform components that are transforms
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
mod store;
mod transform;
pub(crate) mod types;
mod weight;

pub use entry::{EntryPoint, Parameter, UnknownEntryPoint};
pub use error::{LoadError, LoadErrorKind};
pub use features::{OFF_FEATURES, OffFeature};
pub use info::{ComponentInfo, ImportInfo};
pub use load::{Least, LoadedComponent};
pub use read::{ComponentReader, component_weight, verify_component};
pub use store::ComponentStore;
pub use transform::TRANSFORM;
pub(crate) use transform::{SIGNATURE as TRANSFORM_SIGNATURE, TransformFunctions};
