//! What the result of an entry point makes of its process.

use std::fmt::Display;

/// A type that an entry point of a test's guest can return: all that `#[weft_guest::main]` takes.
///
/// ```
/// use weft_guest::testing::Outcome;
/// assert_eq!(Ok::<u32, String>(7).outcome(), Ok("7".to_owned()));
/// assert_eq!(Err::<u32, _>("no").outcome(), Err("no".to_owned()));
/// ```
pub trait Outcome {
    /// The text of `ExitStatus::Returned`, or that of `ExitStatus::Failed`.
    ///
    /// # Errors
    /// The function's own.
    fn outcome(&self) -> Result<String, String>;

    /// Whether its tasks go on.
    fn is_success(&self) -> bool {
        self.outcome().is_ok()
    }
}

impl<T: Outcome, E: Display> Outcome for Result<T, E> {
    fn outcome(&self) -> Result<String, String> {
        match self {
            Ok(value) => value.outcome(),
            Err(error) => Err(format!("{error:#}")),
        }
    }
}

impl Outcome for () {
    fn outcome(&self) -> Result<String, String> {
        Ok(String::new())
    }
}

macro_rules! by_text {
    ($($ty:ty => $form:literal),*) => {$(
        impl Outcome for $ty {
            fn outcome(&self) -> Result<String, String> {
                Ok(format!($form, self))
            }
        }
    )*};
}

by_text!(
    bool => "{}", u8 => "{}", u16 => "{}", u32 => "{}", u64 => "{}", i8 => "{}", i16 => "{}", i32 => "{}", i64 => "{}",
    f32 => "{}", f64 => "{}", char => "{:?}", String => "{:?}", &str => "{:?}"
);

impl<T: Outcome> Outcome for Vec<T> {
    fn outcome(&self) -> Result<String, String> {
        let items: Result<Vec<String>, String> = self.iter().map(Outcome::outcome).collect();
        Ok(format!("[{}]", items?.join(", ")))
    }
}

impl<T: Outcome> Outcome for Option<T> {
    fn outcome(&self) -> Result<String, String> {
        Ok(match self {
            Some(value) => format!("some({})", value.outcome()?),
            None => "none".to_owned(),
        })
    }
}

macro_rules! tuples {
    ($($name:ident)*) => {
        impl<$($name: Outcome),*> Outcome for ($($name,)*) {
            #[allow(non_snake_case, reason = "the type parameters name the parts as well")]
            fn outcome(&self) -> Result<String, String> {
                let ($($name,)*) = self;
                Ok(format!("({})", [$($name.outcome()?),*].join(", ")))
            }
        }
    };
}

tuples!(A);
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);

/// Ends and processes that were returned are dropped with their process.
macro_rules! handles {
    ($($ty:ty),*) => {$(
        impl Outcome for $ty {
            fn outcome(&self) -> Result<String, String> {
                Ok(String::new())
            }
        }
    )*};
}

handles!(crate::Channel, crate::Reader, crate::Writer, crate::Process);
