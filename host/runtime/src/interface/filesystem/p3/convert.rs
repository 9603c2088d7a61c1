//! Converts types of 0.3 to those of 0.2, which the calls use, and back.

use super::super::times::Times;
use std::time::{Duration, SystemTime};
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use wasmtime_wasi::p2::bindings::filesystem::types as p2;
use wasmtime_wasi::p3::bindings::clocks::system_clock::Instant;
use wasmtime_wasi::p3::bindings::filesystem::types as p3;

pub(super) fn code(code: p2::ErrorCode) -> p3::ErrorCode {
    use p2::ErrorCode as Of;
    use p3::ErrorCode as As;
    match code {
        Of::Access => As::Access,
        Of::WouldBlock => As::Other(Some("would block".into())),
        Of::Already => As::Already,
        Of::BadDescriptor => As::BadDescriptor,
        Of::Busy => As::Busy,
        Of::Deadlock => As::Deadlock,
        Of::Quota => As::Quota,
        Of::Exist => As::Exist,
        Of::FileTooLarge => As::FileTooLarge,
        Of::IllegalByteSequence => As::IllegalByteSequence,
        Of::InProgress => As::InProgress,
        Of::Interrupted => As::Interrupted,
        Of::Invalid => As::Invalid,
        Of::Io => As::Io,
        Of::IsDirectory => As::IsDirectory,
        Of::Loop => As::Loop,
        Of::TooManyLinks => As::TooManyLinks,
        Of::MessageSize => As::MessageSize,
        Of::NameTooLong => As::NameTooLong,
        Of::NoDevice => As::NoDevice,
        Of::NoEntry => As::NoEntry,
        Of::NoLock => As::NoLock,
        Of::InsufficientMemory => As::InsufficientMemory,
        Of::InsufficientSpace => As::InsufficientSpace,
        Of::NotDirectory => As::NotDirectory,
        Of::NotEmpty => As::NotEmpty,
        Of::NotRecoverable => As::NotRecoverable,
        Of::Unsupported => As::Unsupported,
        Of::NoTty => As::NoTty,
        Of::NoSuchDevice => As::NoSuchDevice,
        Of::Overflow => As::Overflow,
        Of::NotPermitted => As::NotPermitted,
        Of::Pipe => As::Pipe,
        Of::ReadOnly => As::ReadOnly,
        Of::InvalidSeek => As::InvalidSeek,
        Of::TextFileBusy => As::TextFileBusy,
        Of::CrossDevice => As::CrossDevice,
    }
}

pub(super) fn kind(kind: p2::DescriptorType) -> p3::DescriptorType {
    use p2::DescriptorType as Of;
    use p3::DescriptorType as As;
    match kind {
        Of::Unknown => As::Other(None),
        Of::BlockDevice => As::BlockDevice,
        Of::CharacterDevice => As::CharacterDevice,
        Of::Directory => As::Directory,
        Of::Fifo => As::Fifo,
        Of::SymbolicLink => As::SymbolicLink,
        Of::RegularFile => As::RegularFile,
        Of::Socket => As::Socket,
    }
}

pub(super) fn stat(stat: p2::DescriptorStat) -> p3::DescriptorStat {
    p3::DescriptorStat {
        type_: kind(stat.type_),
        link_count: stat.link_count,
        size: stat.size,
        data_access_timestamp: stat.data_access_timestamp.and_then(instant),
        data_modification_timestamp: stat.data_modification_timestamp.and_then(instant),
        status_change_timestamp: stat.status_change_timestamp.and_then(instant),
    }
}

fn instant(time: Datetime) -> Option<Instant> {
    Some(Instant {
        seconds: time.seconds.try_into().ok()?,
        nanoseconds: time.nanoseconds,
    })
}

pub(super) fn entry(entry: p2::DirectoryEntry) -> p3::DirectoryEntry {
    p3::DirectoryEntry {
        type_: kind(entry.type_),
        name: entry.name,
    }
}

pub(super) fn hash(hash: p2::MetadataHashValue) -> p3::MetadataHashValue {
    p3::MetadataHashValue {
        lower: hash.lower,
        upper: hash.upper,
    }
}

/// Converts flags by name.
macro_rules! flags {
    ($of:ident to $as:ident, $name:ident, $given:expr, $($flag:ident)*) => {{
        let (given, mut flags) = ($given, $as::$name::empty());
        $(if given.contains($of::$name::$flag) { flags |= $as::$name::$flag; })*
        flags
    }};
}

pub(super) fn flags(given: p2::DescriptorFlags) -> p3::DescriptorFlags {
    flags!(p2 to p3, DescriptorFlags, given,
        READ WRITE FILE_INTEGRITY_SYNC DATA_INTEGRITY_SYNC REQUESTED_WRITE_SYNC MUTATE_DIRECTORY)
}

pub(super) fn flags_of_guest(given: p3::DescriptorFlags) -> p2::DescriptorFlags {
    flags!(p3 to p2, DescriptorFlags, given,
        READ WRITE FILE_INTEGRITY_SYNC DATA_INTEGRITY_SYNC REQUESTED_WRITE_SYNC MUTATE_DIRECTORY)
}

pub(super) fn path_flags(given: p3::PathFlags) -> p2::PathFlags {
    flags!(p3 to p2, PathFlags, given, SYMLINK_FOLLOW)
}

pub(super) fn open_flags(given: p3::OpenFlags) -> p2::OpenFlags {
    flags!(p3 to p2, OpenFlags, given, CREATE DIRECTORY EXCLUSIVE TRUNCATE)
}

pub(super) fn advice(advice: p3::Advice) -> p2::Advice {
    match advice {
        p3::Advice::Normal => p2::Advice::Normal,
        p3::Advice::Sequential => p2::Advice::Sequential,
        p3::Advice::Random => p2::Advice::Random,
        p3::Advice::WillNeed => p2::Advice::WillNeed,
        p3::Advice::DontNeed => p2::Advice::DontNeed,
        p3::Advice::NoReuse => p2::Advice::NoReuse,
    }
}

pub(super) fn times(
    accessed: p3::NewTimestamp,
    modified: p3::NewTimestamp,
) -> Result<Times, p3::ErrorCode> {
    Ok(Times {
        accessed: time(accessed)?,
        modified: time(modified)?,
    })
}

fn time(time: p3::NewTimestamp) -> Result<Option<SystemTime>, p3::ErrorCode> {
    let Instant {
        seconds,
        nanoseconds,
    } = match time {
        p3::NewTimestamp::NoChange => return Ok(None),
        p3::NewTimestamp::Now => return Ok(Some(SystemTime::now())),
        p3::NewTimestamp::Timestamp(time) => time,
    };
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let at = match seconds < 0 {
        true => SystemTime::UNIX_EPOCH.checked_sub(whole),
        false => SystemTime::UNIX_EPOCH.checked_add(whole),
    };
    let time = at.and_then(|at| at.checked_add(Duration::from_nanos(nanoseconds.into())));
    time.map(Some).ok_or(p3::ErrorCode::Overflow)
}
