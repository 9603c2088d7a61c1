//! Answers requests for prices, under the name `prices`.
//!
//! It publishes a channel that others may write to and nothing else: they can
//! neither read each other's requests nor end it.

use weft_guest::channel::Access;
use weft_guest::rpc::Server;
use weft_guest::{Channel, log, registry};

/// Prices in cents.
const PRICES: [(&str, u32); 3] = [("apple", 40), ("bread", 320), ("cheese", 790)];

/// Answers until the last client is gone, and returns how many requests it answered.
#[weft_guest::main]
async fn main() -> weft_guest::Result<u32> {
    let requests = Channel::bounded(64 * 1024)?;
    let mut server = Server::new(requests.strong_reader()?);
    let _name = registry::publish("prices", &requests.narrow(Access::WRITERS)?)?;
    let mut answered = 0;
    while let Some(request) = server.next().await? {
        let wanted = String::from_utf8_lossy(request.payload()).into_owned();
        match PRICES.iter().find(|(name, _)| *name == wanted) {
            Some((_, price)) => {
                if request.reply(price.to_string()).await? {
                    answered += 1;
                }
            }
            // Dropping a request tells its client that there is no reply.
            None => log::warn!("nobody knows the price of {wanted}"),
        }
    }
    Ok(answered)
}
