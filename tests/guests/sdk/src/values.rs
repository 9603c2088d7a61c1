//! Values that are hard to write or to read.

use weft_guest::serde::{Deserialize, Serialize};
use weft_guest::typed::{RecvError, SendError};
use weft_guest::{Channel, Postcard, Result, StreamExt, TypedReader, TypedWriter};

/// A list as deep as it is long.
#[derive(Serialize, Deserialize)]
#[serde(crate = "weft_guest::serde")]
enum List {
    End,
    Rest(Box<List>),
}

pub async fn play(name: &str) -> Result<String> {
    match name {
        "deep" => deep().await,
        "no-numbers" => no_numbers().await,
        _ => Err(crate::unknown(name)),
    }
}

/// A frame that nests too deep is an error, and the next one is read.
async fn deep() -> Result<String> {
    let channel = Channel::bounded(1 << 20)?;
    let (writer, reader) = (channel.strong_writer()?, channel.strong_reader()?);
    for levels in [0, 100, 60_000, 3] {
        writer
            .write([vec![1; levels], vec![0]].concat())
            .await?
            .or_dropped();
    }
    drop((writer, channel));
    let mut lists = TypedReader::<List, Postcard>::from(reader);
    let mut told = Vec::new();
    while let Some(list) = lists.next().await {
        told.push(match list {
            Ok(list) => length(&list).to_string(),
            Err(RecvError::Decode { index, .. }) => format!("no {index}"),
            Err(error) => return Err(error.into()),
        });
    }
    Ok(told.join(" "))
}

fn length(mut list: &List) -> usize {
    let mut length = 0;
    while let List::Rest(rest) = list {
        list = rest;
        length += 1;
    }
    length
}

/// What has no JSON is refused by who writes it, and all others are read.
async fn no_numbers() -> Result<String> {
    let channel = Channel::bounded(1000)?;
    let (writer, reader) = (channel.strong_writer()?, channel.strong_reader()?);
    let numbers = TypedWriter::<(f64, Option<f32>)>::from(writer);
    let mut refused = 0;
    for number in [
        (1.5, None),
        (f64::NAN, None),
        (0.5, Some(f32::INFINITY)),
        (f64::NEG_INFINITY, Some(1.0)),
        (2.5, Some(1.0)),
    ] {
        refused += u32::from(matches!(
            numbers.write(&number).await,
            Err(SendError::Encode(_))
        ));
    }
    drop((numbers, channel));
    let mut numbers = TypedReader::<(f64, Option<f32>)>::from(reader);
    let mut read = Vec::new();
    while let Some(number) = numbers.read().await? {
        read.push(number);
    }
    Ok(format!("{refused} {read:?}"))
}
