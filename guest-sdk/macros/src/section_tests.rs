//! The section, read by the tools that read it in a build.

use super::*;
use crate::declared::Declared;
use syn::ItemFn;
use wit_component::WitPrinter;

/// The world in WIT, as `wasm-component-ld` understands it.
fn world_of(types: &[&str], function: &str) -> String {
    let known: Vec<Declared> = types
        .iter()
        .map(|rust| Declared::read(syn::parse_str(rust).expect("the case is Rust")))
        .collect::<syn::Result<_>>()
        .expect("it reads");
    let function: ItemFn = syn::parse_str(function).expect("the case is Rust");
    let signature = Signature::read(&function).expect("it reads");
    let section = section("guest-run", "run", &signature, &known);
    // A module that has nothing else.
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    let mut content = Vec::new();
    text(
        &mut content,
        "component-type:weft-guest:weft:guest:guest-run:encoded world",
    );
    content.extend(section);
    part(&mut module, 0, &content);
    let (_, found) = wit_component::metadata::decode(&module).expect("it decodes");
    let world = &found.resolve.worlds[found.world];
    let package = world.package.expect("it has a package");
    let mut printer = WitPrinter::default();
    printer
        .print(&found.resolve, package, &[])
        .expect("it prints");
    printer.output.to_string()
}

fn check(types: &[&str], function: &str, wit: &str) {
    let text = world_of(types, function);
    let world = text.split("world ").find(|it| it.starts_with("root"));
    let world = world.unwrap_or_default();
    let words = |text: &str| {
        text.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert!(
        words(world).starts_with(&words(wit)),
        "{text}\nis not\n{wit}"
    );
}

#[test]
fn a_function_of_plain_types_needs_nothing_else() {
    check(
        &[],
        "async fn main(max_rows: u32, name: String) -> Vec<(u8, Option<String>)> {}",
        "root {
            export run: async func(max-rows: u32, name: string) -> list<tuple<u8, option<string>>>;
        }",
    );
    check(&[], "fn main() {}", "root { export run: func(); }");
    check(
        &[],
        "fn main() -> Result<(), Error> {}",
        "root { export run: func() -> result<_, string>; }",
    );
}

#[test]
fn handles_come_from_the_contract() {
    check(
        &[],
        "async fn main(from: Reader, to: Vec<Writer>, child: Process) -> Result<Channel, Error> {}",
        "root {
            import weft:fabric/types@0.2.0;
            import weft:fabric/frames@0.2.0;
            import weft:fabric/channel@0.2.0;
            import weft:fabric/process@0.2.0;
            use weft:fabric/channel@0.2.0.{channel, reader, writer};
            use weft:fabric/process@0.2.0.{process};
            export run: async func(%from: reader, to: list<writer>, child: process) -> result<channel, string>;
        }",
    );
}

#[test]
fn types_of_the_guest_are_declared_before_they_are_used() {
    check(
        &[
            "struct Config { max_rows: Option<u32>, mode: Mode, rights: Rights, input: Reader, again: Mode }",
            "enum Mode { Fast, Slow }",
            "enum Limit { None, Rows(u32), Both(Vec<Mode>) }",
            "#[wit(flags)] struct Rights { read: bool, write_all: bool }",
        ],
        "async fn main(config: Config, limit: Limit) -> Result<Mode, String> {}",
        "root {
            import weft:fabric/types@0.2.0;
            import weft:fabric/frames@0.2.0;
            import weft:fabric/channel@0.2.0;
            use weft:fabric/channel@0.2.0.{reader};
            enum mode { fast, slow, }
            flags rights { read, write-all, }
            record config { max-rows: option<u32>, mode: mode, rights: rights, input: reader, again: mode, }
            variant limit { none, rows(u32), both(list<mode>), }
            export run: async func(config: config, limit: limit) -> result<mode, string>;
        }",
    );
}

#[test]
fn numbers_of_types_beyond_a_byte_are_right() {
    let fields: Vec<String> = (0..150)
        .map(|n| format!("f{n}: Option<Vec<u{}>>", [8, 16, 32, 64][n % 4]))
        .collect();
    let ty = format!("struct Wide {{ {} }}", fields.join(", "));
    let text = world_of(&[&ty], "fn main(wide: Wide) {}");
    assert!(text.contains("f149: option<list<u16>>"), "{text}");
}
