//! A durable channel: the code of the page of durable channels. `host/nats/tests/durable` runs it.

use std::error::Error;

use weft_channel::{Options, Strength};
use weft_nats::{ChannelConfig, ReaderConfig, Server, ServerConfig};

/// Writes an order, and reads the next one that billing has not seen.
pub async fn order(address: &str) -> Result<String, Box<dyn Error>> {
    // ANCHOR: durable
    let server = Server::connect(ServerConfig::new(address)).await?; // nats://127.0.0.1:4222
    let orders = ChannelConfig::new("orders", Options::new(1 << 30));
    let orders = server.channel(orders).await?;

    let billing = ReaderConfig::named("billing");
    // Goes on where `billing` was, on whichever host.
    let reader = orders
        .channel_as(billing)
        .open_reader(Strength::Strong)
        .await?;

    let writer = orders.channel().open_writer(Strength::Weak).await?;
    writer.write("an order".into()).await?; // now the server has it
    let frame = reader.read().await?.ok_or("the channel has ended")?;
    // ANCHOR_END: durable
    let read = String::from_utf8(frame.payload.to_vec())?;
    drop((reader, writer));
    orders.close().await;
    Ok(read)
}
