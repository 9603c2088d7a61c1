//! The functions of `registry` and `registry-async`, each with the right that it needs. `hostcalls` makes its list of such rows, and the imports of the folder are
//! made from them.

/// Puts the rows of this folder behind those given, and goes on with the next folder.
macro_rules! registry_calls {
    ($then:ident [$($rest:ident)*] $($rows:tt)*) => {
        $then! { [$($rest)*] $($rows)*
            "registry" {
                RegistryPublish = "publish" PUBLISH,
                RegistryLookup = "lookup" LOOKUP,
                RegistryRegistrationName = "registration.name" FREE,
            }
            "registry-async" {
                RegistryAsyncAwaitName = "await-name" LOOKUP,
            }
        }
    };
}

pub(crate) use registry_calls;
