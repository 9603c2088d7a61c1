//! Traces that go from one process to the next.

use weft_guest::codec::Codec;
use weft_guest::rpc::{Client, Server};
use weft_guest::trace::{self, Traced};
use weft_guest::tracing::{Instrument, info_span};
use weft_guest::{Error, Frame, Json, Reader, Result, TypedWriter, Writer};

pub async fn play(name: &str, input: Reader, output: Writer) -> Result<String> {
    match name {
        "send" => send(output).instrument(info_span!("send")).await,
        // The span around all of it is not what the work on a frame belongs to.
        "take" => take(input).instrument(info_span!("serving")).await,
        "ask" => ask(output).instrument(info_span!("ask")).await,
        "answer" => answer(input).instrument(info_span!("serving")).await,
        _ => Err(crate::unknown(name)),
    }
}

/// Sends a value, bytes, and buffered bytes.
async fn send(output: Writer) -> Result<String> {
    let values = TypedWriter::<Traced<u32>, Json>::from(output);
    values.write(&Traced::new(7)).await?.or_dropped();
    let output = values.into_inner();
    output.write(trace::seal("plain")).await?.or_dropped();
    let mut output = output.buffered();
    output.write(&trace::seal("buffered")).await?;
    Ok("sent".to_owned())
}

/// Takes them, each in a span of its own.
async fn take(mut input: Reader) -> Result<String> {
    let first = next(&mut input).await?;
    let value: Traced<u32> = Json::decode(&first.payload)?;
    let mut seen = vec![value.sync_scope(|value| {
        let _span = info_span!("take", kind = "typed").entered();
        value.to_string()
    })];
    while let Some(frame) = input.read().await? {
        let (payload, context) =
            trace::open(&frame.payload).ok_or_else(|| Error::msg("not sealed"))?;
        let text = String::from_utf8_lossy(payload).into_owned();
        let work = async {
            weft_guest::log::info!("taken");
        };
        let work = work.instrument(info_span!("idle"));
        trace::scope(context, async {
            let span = info_span!("take", kind = text);
            work.instrument(span).await;
        })
        .await;
        seen.push(text);
    }
    Ok(seen.join(" "))
}

async fn ask(output: Writer) -> Result<String> {
    let reply = Client::new(output).call("why?").await?;
    Ok(String::from_utf8(reply)?)
}

async fn answer(input: Reader) -> Result<String> {
    let mut server = Server::new(input);
    while let Some(request) = server.next().await? {
        trace::scope(request.trace(), async {
            request
                .reply("because")
                .instrument(info_span!("answer"))
                .await
        })
        .await?;
    }
    Ok("done".to_owned())
}

async fn next(input: &mut Reader) -> Result<Frame> {
    input.read().await?.ok_or_else(|| Error::msg("it ended"))
}
