//! What the guest does, whatever the version.

mod cancels;
mod disk;
mod meaning;
mod mounts;
mod plain;
mod shares;
mod work;

use crate::version::{Answer, Version};

/// Plays a scenario.
pub async fn play<V: Version>(scenario: &str, arg: &str) -> Answer<String> {
    match scenario {
        "swap" => mounts::swap(arg),
        "race" => mounts::race(arg).await,
        "peek" => mounts::peek::<V>().await,
        "peek-child" => mounts::peek_child(arg).await,
        "peek-later" => mounts::peek_later::<V>(arg).await,
        "many-folders" => mounts::many_folders(arg),

        "no-file" => plain::no_file::<V>(arg).await,
        "open-swapped" => plain::open_swapped::<V>(arg).await,
        "swap-pipe" => plain::swap_pipe(arg),

        "open-many" => shares::open_many::<V>(arg).await,
        "open-and-wait" => shares::open_and_wait::<V>(arg).await,
        "read-often" => shares::read_often::<V>(arg).await,
        "list-many" => shares::list_many::<V>(arg).await,
        "streams-many" => shares::streams_many::<V>(arg).await,
        "mount-many" => shares::mount_many(arg).await,
        "deep-paths" => shares::deep_paths::<V>(arg).await,
        "long-paths" => shares::long_paths::<V>().await,

        "list" => work::list::<V>(arg).await,
        "list-begin" => work::list_begin::<V>(arg).await,
        "list-for-ever" => work::list_for_ever::<V>().await,
        "stat-for-ever" => work::stat_for_ever::<V>().await,
        "work-for-ever" => work::work_for_ever::<V>().await,
        "repeat" => work::repeat::<V>(arg).await,

        "copy-and-cancel" => cancels::copy(arg).await,

        "fill" => disk::fill::<V>(arg).await,
        "fail-and-fill" => disk::fail_and_fill::<V>(arg).await,
        "fill-in-child" => disk::fill_in_child(arg).await,

        "change-everything" => meaning::change_everything::<V>().await,
        "read-only" => meaning::read_only::<V>().await,
        "two-mounts" => meaning::two_mounts::<V>().await,
        other => Err(format!("no scenario is called {other}")),
    }
}

/// The first mounted folder.
fn folder<V: Version>() -> Answer<V::Fd> {
    V::mounts().into_iter().next().ok_or("no mount".into())
}

/// The number an argument holds.
fn number(arg: &str) -> Answer<u64> {
    arg.parse().map_err(|_| format!("`{arg}` is no number"))
}

/// The debug form of an error.
fn text(error: impl std::fmt::Debug) -> String {
    format!("{error:?}")
}
