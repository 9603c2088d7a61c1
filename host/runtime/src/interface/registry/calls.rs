//! The functions of `registry` and `registry-async`, each with the capability that it needs. `hostcalls` makes its list of such rows.

/// Puts the rows of this folder behind those given, and goes on with the next folder.
macro_rules! registry_calls {
    ($then:ident [$($rest:ident)*] $($rows:tt)*) => {
        $then! { [$($rest)*] $($rows)*
            RegistryPublish = "registry" "publish" PUBLISH,
            RegistryLookup = "registry" "lookup" LOOKUP,
            RegistryRegistrationName = "registry" "registration.name" FREE,
            RegistryAsyncAwaitName = "registry-async" "await-name" LOOKUP,
        }
    };
}

pub(crate) use registry_calls;
