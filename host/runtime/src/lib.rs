//! x
#![allow(missing_docs)]
pub struct A; pub struct B; pub struct C; pub struct D;
mod gen_ {
wasmtime::component::bindgen!({
    path: "../../wit",
    world: "fabric-async",
    imports: {
        "weft:fabric/channel.[method]writer.write": async,
        "weft:fabric/channel.[method]writer.write-packed": async,
        "weft:fabric/channel.[method]reader.read": async,
        "weft:fabric/channel.[method]reader.read-packed": async,
        "weft:fabric/process.[method]process.wait": async,
        "weft:fabric/process.[method]process.stop": async,
        default: trappable,
    },
    with: {
        "weft:fabric/channel.channel": super::A,
        "weft:fabric/channel.reader": super::B,
        "weft:fabric/channel.writer": super::C,
        "weft:fabric/process.process": super::D,
    },
});
}
