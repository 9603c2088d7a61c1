//! The code of the book.

use crate::{common::Nats, support::*};

#[path = "../../../../docs/embedding/orders.rs"]
mod orders;

#[tokio::test]
async fn the_code_of_the_page_of_durable_channels_does_what_it_says() {
    let nats = Nats::start().await;
    for _ in 0..2 {
        let read = soon(orders::order(&nats.address())).await.unwrap();
        assert_eq!(read, "an order");
    }
}
