//! A program that breaks a rule of wasm at a place that `tests/host/traps.rs` knows. Built with debug information, by itself.

#[inline(never)]
fn land(gate: usize) -> usize {
    if gate < 1000 {
        #[cfg(target_arch = "wasm32")]
        core::arch::wasm32::unreachable();
    }
    gate
}

fn main() {
    println!("{}", land(std::env::args().count()));
}
