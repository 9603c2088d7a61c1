//! Files and folders, of WASI 0.2 and 0.3.

use crate::row::End::{All, Limit, Refused, Told};
use crate::row::{End, Row, row};
use crate::setting::{crowded_folder, devices, folder};

/// The answer when no more files can be opened.
const NO_MORE: End = Refused("open-files", "insufficient-memory");
const NO_MORE_03: End = Refused("open-files", "InsufficientMemory");

/// The answer when no more can be written.
const FULL: End = Refused("disk-bytes", "insufficient-space");
const FULL_03: End = Refused("disk-bytes", "InsufficientSpace");

pub fn rows() -> Vec<Row> {
    let of_folder = [opened(), paths(), calls(), streams(), written()]
        .into_iter()
        .flatten();
    let mut rows: Vec<Row> = of_folder.map(|row| row.with(folder)).collect();
    rows.extend(listings());
    rows.push(
        row("devices", &["filesystem/types@0.2#descriptor.open-at"])
            .number(&[Told("not-permitted")])
            .size(&[Told("not-permitted")])
            .both(&[Told("not-permitted")])
            .with(devices),
    );
    rows
}

fn listings() -> Vec<Row> {
    vec![
        row(
            "listings",
            &[
                "filesystem/types@0.2#descriptor.read-directory",
                "filesystem/types@0.2#directory-entry-stream.read-directory-entry",
            ],
        )
        // Entries that were read ahead count as `host-bytes`.
        .number(&[Told("insufficient-memory")])
        .both(&[All])
        .with(crowded_folder),
        row(
            "listings-03",
            &["filesystem/types@0.3#descriptor.read-directory"],
        )
        .number(&[Limit("handles")])
        .with(crowded_folder),
    ]
}

fn opened() -> Vec<Row> {
    vec![
        row(
            "preopened-folders",
            &["filesystem/preopens@0.2#get-directories"],
        )
        .number(&[Limit("handles")]),
        row(
            "preopened-folders-03",
            &["filesystem/preopens@0.3#get-directories"],
        )
        .number(&[Limit("handles")]),
        row("opened-files", &["filesystem/types@0.2#descriptor.open-at"])
            .number(&[NO_MORE])
            .size(&[NO_MORE])
            .both(&[NO_MORE]),
        row(
            "opened-files-03",
            &["filesystem/types@0.3#descriptor.open-at"],
        )
        .number(&[NO_MORE_03]),
        row("fifos", &["filesystem/types@0.2#descriptor.open-at"]).number(&[Told("not-permitted")]),
        row("fifos-03", &["filesystem/types@0.3#descriptor.open-at"])
            .number(&[Told("NotPermitted")]),
    ]
}

fn paths() -> Vec<Row> {
    vec![
        row(
            "file-paths",
            &[
                "filesystem/types@0.2#descriptor.stat-at",
                "filesystem/types@0.2#descriptor.metadata-hash-at",
                "filesystem/types@0.2#descriptor.readlink-at",
                "filesystem/types@0.2#descriptor.create-directory-at",
                "filesystem/types@0.2#descriptor.rename-at",
                "filesystem/types@0.2#descriptor.link-at",
                "filesystem/types@0.2#descriptor.symlink-at",
                "filesystem/types@0.2#descriptor.remove-directory-at",
            ],
        )
        .number(&[Told("ErrorCode")])
        .size(&[Told("ErrorCode")])
        .both(&[Told("ErrorCode")]),
        row(
            "file-paths-03",
            &[
                "filesystem/types@0.3#descriptor.stat-at",
                "filesystem/types@0.3#descriptor.metadata-hash-at",
                "filesystem/types@0.3#descriptor.readlink-at",
                "filesystem/types@0.3#descriptor.create-directory-at",
                "filesystem/types@0.3#descriptor.rename-at",
                "filesystem/types@0.3#descriptor.link-at",
                "filesystem/types@0.3#descriptor.symlink-at",
                "filesystem/types@0.3#descriptor.remove-directory-at",
                "filesystem/types@0.3#descriptor.set-times-at",
                "filesystem/types@0.3#descriptor.unlink-file-at",
            ],
        )
        .number(&[Told("ErrorCode")])
        .size(&[Told("ErrorCode")])
        .both(&[Told("ErrorCode")]),
    ]
}

fn calls() -> Vec<Row> {
    vec![
        row(
            "file-calls",
            &[
                "filesystem/types@0.2#descriptor.set-times",
                "filesystem/types@0.2#descriptor.set-times-at",
                "filesystem/types@0.2#descriptor.is-same-object",
                "filesystem/types@0.2#descriptor.sync",
            ],
        )
        .number(&[All]),
        row(
            "file-calls-03",
            &[
                "filesystem/types@0.3#descriptor.sync",
                "filesystem/types@0.3#descriptor.stat",
                "filesystem/types@0.3#descriptor.metadata-hash",
                "filesystem/types@0.3#descriptor.is-same-object",
                "filesystem/types@0.3#descriptor.set-times",
                "filesystem/types@0.3#descriptor.set-size",
            ],
        )
        .number(&[All, Limit("host-bytes"), Limit("handles")]),
    ]
}

fn streams() -> Vec<Row> {
    vec![
        row(
            "file-reads",
            &[
                "filesystem/types@0.2#descriptor.read",
                "filesystem/types@0.2#descriptor.read-via-stream",
                "filesystem/types@0.2#descriptor.get-flags",
                "filesystem/types@0.2#descriptor.get-type",
                "filesystem/types@0.2#descriptor.stat",
                "filesystem/types@0.2#descriptor.metadata-hash",
            ],
        )
        .number(&[All])
        .size(&[All])
        .both(&[All]),
        row(
            "file-read-streams",
            &["filesystem/types@0.2#descriptor.read-via-stream"],
        )
        .number(&[Limit("handles")])
        .both(&[Limit("handles"), Limit("host-bytes"), NO_MORE]),
        row(
            "file-write-streams",
            &[
                "filesystem/types@0.2#descriptor.write-via-stream",
                "filesystem/types@0.2#descriptor.append-via-stream",
            ],
        )
        .number(&[Limit("handles")])
        .size(&[All])
        .both(&[FULL, Limit("host-bytes")]),
        row(
            "file-streams-03",
            &[
                "filesystem/types@0.3#descriptor.read-via-stream",
                "filesystem/types@0.3#descriptor.write-via-stream",
                "filesystem/types@0.3#descriptor.append-via-stream",
            ],
        )
        .number(&[NO_MORE_03])
        .size(&[NO_MORE_03])
        .both(&[NO_MORE_03]),
    ]
}

fn written() -> Vec<Row> {
    vec![
        row(
            "file-writes",
            &[
                "filesystem/types@0.2#descriptor.write",
                "filesystem/types@0.2#descriptor.unlink-file-at",
            ],
        )
        .number(&[All])
        .size(&[FULL])
        .both(&[FULL]),
        row("file-sizes", &["filesystem/types@0.2#descriptor.set-size"])
            .number(&[All])
            .size(&[FULL])
            .both(&[FULL]),
        row(
            "file-sizes-03",
            &["filesystem/types@0.3#descriptor.set-size"],
        )
        .size(&[FULL_03])
        .both(&[FULL_03]),
        row(
            "folder-entries",
            &[
                "filesystem/types@0.2#descriptor.create-directory-at",
                "filesystem/types@0.2#descriptor.symlink-at",
            ],
        )
        .number(&[All, FULL])
        .both(&[All, FULL]),
    ]
}
