//! Enums with names that people and programs see: the variant, its meaning and its name are declared in one place.

/// Declares such an enum, with `ALL` in the order of the rows, `name`, and `Display`.
macro_rules! named {
    (
        $(#[$meta:meta])*
        $vis:vis enum $of:ident { $($(#[$doc:meta])* $variant:ident = $name:literal,)* }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $of { $($(#[$doc])* $variant,)* }

        impl $of {
            /// All variants.
            $vis const ALL: [$of; [$($name),*].len()] = [$($of::$variant,)*];

            /// Its name.
            $vis const fn name(self) -> &'static str {
                match self { $($of::$variant => $name,)* }
            }
        }

        impl std::fmt::Display for $of {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

pub(crate) use named;
