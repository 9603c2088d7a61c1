//! Components that are much of one thing, or of two, take no more memory to load than they weigh; see `weft-host-fuzz`, which builds
//! and loads them.
//!
//! A program of its own: each is loaded in a process of its own, `weights --play AXIS COUNT [AXIS COUNT]`, as what is measured is the
//! memory of a process.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing
)]

use libtest_mimic::{Arguments, Failed, Trial};
use std::process::{Command, ExitCode};
use weft_host::component::component_weight;
use weft_host_fuzz::axes::{Axis, axes, axis, component};
use weft_host_fuzz::weights;

/// What a process is told that loads one component.
const PLAY: &str = "--play";

/// Bytes that the components of a quick test weigh about, of the 800 MiB that they may.
const QUICK: u64 = 64 << 20;

/// Bytes of the largest component that is built.
const LARGEST: usize = 8 << 20;

/// How many of each of two things.
const OF_TWO: u32 = 500;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == PLAY) {
        play(&words[1..]);
        return ExitCode::SUCCESS;
    }
    let mut trials = along_every_axis_loading_takes_no_more_than_was_weighed();
    trials.extend(pairs_of_axes_take_no_more_than_was_weighed());
    trials.extend(the_heaviest_of_every_axis_stays_below_a_gigabyte());
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn along_every_axis_loading_takes_no_more_than_was_weighed() -> Vec<Trial> {
    let of = |axis: &'static Axis| Trial::test(axis.name, move || load_largest(axis, QUICK));
    axes().map(of).collect()
}

fn pairs_of_axes_take_no_more_than_was_weighed() -> Vec<Trial> {
    let all: Vec<&Axis> = axes().collect();
    let pairs = all.iter().zip(all.iter().cycle().skip(5)).step_by(7);
    let of = |(first, second): (&&'static Axis, &&'static Axis)| {
        let (first, second) = (first.name, second.name);
        Trial::test(format!("{first}, and {second}"), move || {
            start(&[(first, OF_TWO), (second, OF_TWO)])
        })
    };
    pairs.map(of).collect()
}

/// Takes minutes: `cargo test --test weights -- --ignored --nocapture`.
fn the_heaviest_of_every_axis_stays_below_a_gigabyte() -> Vec<Trial> {
    let of = |axis: &'static Axis| {
        let name = format!("the heaviest: {}", axis.name);
        Trial::test(name, move || load_largest(axis, u64::MAX)).with_ignored_flag(true)
    };
    axes().map(of).collect()
}

/// Loads the largest component of an axis, to a quarter, that is let through and weighs no more than this.
fn load_largest(axis: &Axis, most: u64) -> Result<(), Failed> {
    let fits = |count: u32| {
        let bytes = axis.component(count);
        bytes.len() <= LARGEST
            && component_weight(axis.name, &bytes).is_ok_and(|weight| weight <= most)
    };
    let Some(doubled) = (0..23)
        .map(|power| 1 << power)
        .take_while(|n| fits(*n))
        .last()
    else {
        // One of it is more than this, or is refused for what it is.
        return Ok(());
    };
    let quarters = (4..8).map(|of_four| doubled / 4 * of_four);
    let largest = quarters.take_while(|n| *n <= doubled || fits(*n)).last();
    start(&[(axis.name, largest.unwrap_or_default().max(doubled))])
}

/// Loads a component of so many of each in another process.
fn start(parts: &[(&str, u32)]) -> Result<(), Failed> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(PLAY);
    for (name, count) in parts {
        command.arg(name).arg(count.to_string());
    }
    let output = command.output()?;
    println!("{parts:?}: {}", String::from_utf8_lossy(&output.stdout));
    match output.status.success() {
        true => Ok(()),
        false => Err(format!(
            "{parts:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        ))?,
    }
}

fn play(words: &[String]) {
    let parts = words.chunks_exact(2).map(|part| {
        let count = part[1].parse().expect("a number");
        (axis(&part[0]), count)
    });
    // What the engine refuses for another reason took memory too.
    let seen = weights::load(&component(parts));
    println!("{seen:.250}");
}
