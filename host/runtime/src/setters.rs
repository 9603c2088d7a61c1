//! Options that callers build by methods: each field of such a struct has one of its own name.
//!
//! The structs are `#[non_exhaustive]`, so that an option can be added without breaking anybody.

/// Declares the methods: `setters! { Options { field: what the method takes, .. } }`. A method takes the option and gives the
/// options back; what it takes becomes the field by `Into`.
macro_rules! setters {
    ($of:ident { $($field:ident: $takes:ty,)* }) => {
        impl $of {
            $(
                #[doc = concat!("The same, with this [`", stringify!($field), "`](field@Self::", stringify!($field), ").")]
                #[must_use]
                #[allow(clippy::useless_conversion, reason = "most options are taken as they are")]
                pub fn $field(mut self, $field: $takes) -> Self {
                    self.$field = $field.into();
                    self
                }
            )*
        }
    };
}

pub(crate) use setters;
