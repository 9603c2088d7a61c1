//! What the programs in `bin/` have in common: the interfaces of WASI 0.3, and how a program of both versions is made.
//!
//! They are built as the public test suite of WASI builds its programs for 0.3. A program of Rust's standard library
//! exports `wasi:cli/run` of 0.2, which calls `main`; beside that these export `wasi:cli/run` of 0.3, where their work is. A host that has
//! both runs the newer one. Panics and `eprintln!` go by 0.2 all the while, so a program calls both versions of WASI.

pub mod bindings {
    //! The interfaces.
    #![allow(missing_docs, unsafe_code, clippy::all)]
    wit_bindgen::generate!({
        path: ["../files/wit", "wit"],
        world: "weft:programs/program",
        additional_derives: [PartialEq],
        default_bindings_module: "wasi03_programs::bindings",
        pub_export_macro: true,
        generate_all,
    });
}

/// Makes a program of an async function: what it returns is what `run` of 0.3 returns.
#[macro_export]
macro_rules! program {
    ($run:path) => {
        mod exported {
            #![allow(unsafe_code, clippy::all)]
            struct Program;
            $crate::bindings::export!(Program);

            impl $crate::bindings::exports::wasi::cli::run::Guest for Program {
                async fn run() -> Result<(), ()> {
                    $run().await
                }
            }
        }

        fn main() {
            unreachable!("this is `run` of 0.2, and the host has that of 0.3")
        }
    };
}

/// Writes text to stdout, by 0.3.
///
/// # Errors
/// It was not taken.
pub async fn say(text: &str) -> Result<(), ()> {
    let (mut to, from) = bindings::wit_stream::new();
    let written = bindings::wasi::cli::stdout::write_via_stream(from);
    let left = to.write_all(text.as_bytes().to_vec()).await;
    drop(to);
    match left.is_empty() {
        true => written.await.map_err(|_| ()),
        false => Err(()),
    }
}
