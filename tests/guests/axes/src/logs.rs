//! Entries of the log, logs of its own, and spans.

use crate::channels::dropping;
use crate::make::{How, LARGE, MANY, MIB, Made, OFTEN, insist, repeat, said};
use weft_guest::bindings::weft::fabric::log::{self, Entry, Field, Level, Span};

/// Fields of a list that takes about what one call may hand over, in the host's form.
const FIELDS: usize = 250_000;

pub fn make(axis: &str, how: How) -> Option<Made> {
    Some(match axis {
        "entries" => entries(how, |text| write("", text, &[])),
        "entries-to-escape" => escapes(how),
        "entry-targets" => entries(how, |text| write(text, "", &[])),
        "entry-fields" => fields(how, |fields| write("", "", fields)),
        "log-levels" => entries(how, |target| {
            log::enabled(Level::Info, target);
        }),
        "lost-entries" => lost(),
        "own-logs" => own(how),
        "spans" => spans(how),
        "span-fields" => span_fields(how),
        _ => return None,
    })
}

/// Writes an entry.
pub fn write(target: &str, message: &str, fields: &[Field]) {
    log::write(&Entry {
        level: Level::Info,
        target: target.to_owned(),
        message: message.to_owned(),
        fields: fields.to_vec(),
        context: None,
    });
}

fn entries(how: How, put: fn(&str)) -> Made {
    // The message is there twice.
    let text = "x".repeat(how.pick(1, LARGE, MIB));
    repeat(how.pick(300_000, 20, 500), |_| {
        put(&text);
        Ok::<_, String>(())
    })
}

/// Text of which JSON makes six times as much.
fn escapes(how: How) -> Made {
    let text = "\0".repeat(how.pick(1, LARGE, MIB));
    repeat(how.pick(100_000, 20, 300), |_| {
        write(&text[..text.len().min(1000)], &text, &[]);
        Ok::<_, String>(())
    })
}

/// Many empty fields, one large one, some of each.
fn field(n: usize, bytes: usize) -> Field {
    Field {
        key: format!("{n}{}", "k".repeat(bytes / 2)),
        value: "v".repeat(bytes / 2),
    }
}

fn some_fields(how: How) -> Vec<Field> {
    let (number, bytes) = how.pick((FIELDS, 0), (1, LARGE), (14, MIB));
    (0..number).map(|n| field(n, bytes)).collect()
}

fn fields(how: How, put: fn(&[Field])) -> Made {
    let fields = some_fields(how);
    repeat(10, |_| {
        put(&fields);
        Ok::<_, String>(())
    })
}

/// More than the rate of a log lets through, and the word of an entry that some were lost.
fn lost() -> Made {
    let own = match dropping(16 * MIB) {
        Ok(own) => own,
        Err(error) => return Made::new(0, said(error), ()),
    };
    let reader = own.weak_reader();
    let registered = log::register(&own);
    let written = entries(How::Both, |text| write("", text, &[]));
    // What was saved up is used up; the next second's lets an entry through.
    weft_guest::blocking::sleep(std::time::Duration::from_millis(1100));
    write("", "and?", &[]);
    let mut lost = false;
    if let Ok(reader) = &reader {
        while let Ok(Some(read)) = reader.try_read() {
            lost |= String::from_utf8_lossy(&read.frame.payload).contains("weft.log.dropped");
        }
    }
    let answer = format!("{registered:?}, entries were lost: {lost}, by `log-rate`");
    Made::new(1, answer, (written, own, reader))
}

/// Channels in the place of the log, one after the other, and entries in each.
fn own(how: How) -> Made {
    let bytes = how.pick(1000, 8 * MIB, 8 * MIB);
    repeat(how.pick(MANY, OFTEN, OFTEN), |_| {
        let own = dropping(bytes)?;
        log::register(&own)?;
        write("", &"x".repeat(bytes / 2), &[]);
        Ok::<_, weft_guest::bindings::weft::fabric::types::Error>(own)
    })
}

fn spans(how: How) -> Made {
    let text = "x".repeat(how.pick(0, LARGE / 2, 100_000));
    repeat(how.pick(MANY, OFTEN, MANY), |_| {
        let parent = None;
        let span = Span::begin(&text, &text, Level::Error, &[], parent);
        let span = span.ok_or("no more spans are kept")?;
        span.context();
        Ok::<_, &str>(span)
    })
}

/// Spans with fields, from the beginning and later.
fn span_fields(how: How) -> Made {
    let (number, bytes) = how.pick((1500, 0), (1, 4 * MIB), (60, 100));
    let fields: Vec<Field> = (0..number).map(|n| field(n, bytes)).collect();
    insist(how.pick(1100, 60, 1100), |_| {
        let span = Span::begin("", "", Level::Error, &fields, None);
        let span = span.ok_or("no more spans are kept")?;
        span.record(&fields);
        span.record(&fields);
        Ok::<_, &str>(span)
    })
}
