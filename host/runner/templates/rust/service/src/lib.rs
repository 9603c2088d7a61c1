//! A service: adds two numbers for whoever asks.

mod trial;

use weft_guest::rpc::Server;
use weft_guest::{Reader, log};

/// Answers until the last client is gone, and returns how many requests it answered.
#[weft_guest::main]
async fn main(requests: Reader) -> weft_guest::Result<u64> {
    let mut server = Server::new(requests);
    let mut answered = 0;
    while let Some(request) = server.next().await? {
        let question = String::from_utf8_lossy(request.payload()).into_owned();
        match answer(&question) {
            Some(answer) => {
                if request.reply(answer).await? {
                    answered += 1;
                }
            }
            // A request that is dropped tells its client that there is no reply.
            None => log::warn!(question = question.as_str(); "this is no sum"),
        }
    }
    Ok(answered)
}

/// The sum of `2 + 3`; nothing for what is no sum.
fn answer(question: &str) -> Option<String> {
    let (left, right) = question.split_once('+')?;
    let left: i64 = left.trim().parse().ok()?;
    let right: i64 = right.trim().parse().ok()?;
    Some(left.checked_add(right)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use weft_guest::rpc::{Client, RpcError};
    use weft_guest::testing;

    #[test]
    fn a_sum_is_worked_out() {
        assert_eq!(answer("2 + 3").as_deref(), Some("5"));
    }

    #[test]
    fn what_is_no_sum_has_no_answer() {
        assert_eq!(answer("two and three"), None);
        assert_eq!(answer(&format!("{} + 1", i64::MAX)), None);
    }

    #[test]
    fn clients_are_answered_until_the_last_is_gone() -> weft_guest::Result {
        testing::run(async {
            let (requests, input) = testing::channel(1024);
            let service = testing::start(main(input));
            let client = Client::new(requests);
            assert_eq!(client.call("2 + 3").await?, b"5");
            let none = client.call("two and three").await;
            assert!(matches!(none, Err(RpcError::NoReply)));
            assert_eq!(service.log()[0].message, "this is no sum");
            drop(client);
            assert_eq!(service.returned().await?, 1);
            Ok(())
        })
    }
}
