//! Asks a server in one way of many. What each must lead to, the suite
//! `tests/host/sdk_rpc.rs` says.

use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;
use weft_guest::futures::channel::oneshot;
use weft_guest::futures::future::{join_all, poll_immediate};
use weft_guest::futures::stream::FuturesUnordered;
use weft_guest::futures::{FutureExt, StreamExt, join, select};
use weft_guest::rpc::{Client, RpcError, Server, TypedClient};
use weft_guest::{Channel, Error, Postcard, Reader, Result, Writer, spawn, time};

/// Plays a scenario and returns what it saw.
#[weft_guest::main]
async fn main(scenario: String, server: Writer, told: Reader, number: u32) -> Result<String> {
    if scenario == "narrow" {
        return narrow(server, number).await;
    }
    let client = Client::new(server);
    match scenario.as_str() {
        "calls" => calls(&client, number).await,
        "joined" => joined(&client, number).await,
        "set" => set(&client, number).await,
        "tasks" => tasks(client, number).await,
        "handed-over" => handed_over(&client).await,
        "within" => within(&client, told).await,
        "within-beside" => within_beside(&client).await,
        "in-time" => in_time(&client, number).await,
        "given-up" => given_up(&client, told).await,
        "held" => held(client).await,
        "held-room" => held_room().await,
        "no-room-to-give-up" => no_room_to_give_up().await,
        "one" => Ok(show(&client.call("one").await)),
        "three" => three(&client).await,
        "gone" => gone(&client, told).await,
        "when-told" => when_told(&client, told).await,
        "odd" => odd(&client).await,
        "typed" => typed(client).await,
        "twice" => Ok(format!(
            "{} {}",
            show(&client.call("one").await),
            show(&client.call("two").await)
        )),
        _ => Err(Error::msg(format!("no scenario {scenario}"))),
    }
}

fn show(outcome: &Result<Vec<u8>, RpcError>) -> String {
    match outcome {
        Ok(reply) => String::from_utf8_lossy(reply).into_owned(),
        Err(error) => format!("{error:?}"),
    }
}

/// One call after the other. Returns how many came back as they went.
async fn calls(client: &Client, number: u32) -> Result<String> {
    let mut same = 0;
    for call in 0..number {
        let reply = client.call(call.to_le_bytes()).await?;
        same += u32::from(reply == call.to_le_bytes());
    }
    Ok(same.to_string())
}

/// All calls at once, polled by one waker.
async fn joined(client: &Client, number: u32) -> Result<String> {
    // `join_all` has wakers of its own only for many; `join!` has none.
    let first = client.call("first");
    let second = client.call("second");
    let rest = join_all((2..number).map(|call| client.call(call.to_le_bytes())));
    let (first, second, rest) = join!(first, second, rest);
    let mut same = u32::from(first? == b"first") + u32::from(second? == b"second");
    for (reply, call) in rest.into_iter().zip(2u32..) {
        same += u32::from(reply? == call.to_le_bytes());
    }
    Ok(same.to_string())
}

/// All calls at once, each with a waker of its own.
async fn set(client: &Client, number: u32) -> Result<String> {
    let calls = (0..number).map(|call| async move {
        let reply = client.call(call.to_le_bytes()).await;
        reply.is_ok_and(|reply| reply == call.to_le_bytes())
    });
    let mut calls: FuturesUnordered<_> = calls.collect();
    let mut same = 0;
    while let Some(one) = calls.next().await {
        same += u32::from(one);
    }
    Ok(same.to_string())
}

/// Calls of several tasks through one client.
async fn tasks(client: Client, number: u32) -> Result<String> {
    let client = Rc::new(client);
    let mut done = Vec::new();
    for task in 0..3u32 {
        let client = Rc::clone(&client);
        let (tell, told) = oneshot::channel();
        done.push(told);
        spawn(async move {
            let mut same = 0;
            for call in 0..number {
                let asked = [task.to_le_bytes(), call.to_le_bytes()].concat();
                let reply = client.call(asked.clone()).await;
                same += u32::from(reply.is_ok_and(|reply| reply == asked));
            }
            let _ = tell.send(same);
        });
    }
    let done = join_all(done).await;
    Ok(done.into_iter().flatten().sum::<u32>().to_string())
}

/// Whoever read the replies gives up, and another must read on. One that is
/// never polled again holds nobody up either.
async fn handed_over(client: &Client) -> Result<String> {
    // From here on the server is there, and takes what is sent before it can be given up.
    let (one, other) = join!(client.call("one"), client.call("other"));
    one?;
    other?;
    let mut stuck = pin!(client.call("stuck"));
    poll_immediate(&mut stuck).await;
    let mut reader = Box::pin(client.call("reader"));
    let waiting = client.call("waiting");
    let giving_up = async {
        poll_immediate(&mut reader).await;
        time::sleep(Duration::from_millis(100)).await;
        poll_immediate(&mut reader).await;
        drop(reader);
    };
    // The server answers in pairs: `reader` is the second of one, `waiting` the first of the next.
    let fourth = async {
        time::sleep(Duration::from_millis(200)).await;
        client.call("fourth").await
    };
    let ((), waited, fourth) = join!(giving_up, waiting, fourth);
    Ok(format!("{} {}", show(&waited), show(&fourth)))
}

/// Calls that are not answered in time, alone: waited for on the fiber.
async fn within(client: &Client, mut told: Reader) -> Result<String> {
    let mut outcomes = Vec::new();
    for request in ["one", "two"] {
        // A call given up before the server has taken it is no call for it, so more and more time is
        // given until the server has told the host of one, and the host us.
        let mut time = Duration::from_millis(3);
        loop {
            let outcome = client.call_within(time, request).await;
            let told = select! {
                told = told.read().fuse() => told?.is_some(),
                () = time::sleep(time).fuse() => false,
            };
            if told {
                outcomes.push(show(&outcome));
                break;
            }
            time *= 2;
        }
    }
    Ok(outcomes.join(" "))
}

/// A call with a bound beside one without.
async fn within_beside(client: &Client) -> Result<String> {
    let endless = client.call("endless").fuse();
    let bounded = client
        .call_within(Duration::from_millis(3), "bounded")
        .fuse();
    let (mut endless, mut bounded) = (pin!(endless), pin!(bounded));
    // Both orders of polling are tried by `select!`, which picks at random.
    select! {
        reply = endless => Ok(format!("endless {}", show(&reply))),
        reply = bounded => Ok(format!("bounded {}", show(&reply))),
    }
}

/// Calls that are answered in time.
async fn in_time(client: &Client, number: u32) -> Result<String> {
    let mut same = 0;
    for call in 0..number {
        let hour = Duration::from_secs(3600);
        let reply = client.call_within(hour, call.to_le_bytes()).await?;
        same += u32::from(reply == call.to_le_bytes());
    }
    Ok(same.to_string())
}

/// A call that loses against a timer, and one after it.
async fn given_up(client: &Client, mut told: Reader) -> Result<String> {
    let gave_up = select! {
        _ = client.call("first").fuse() => false,
        // Long enough for the server to take it, even on a busy machine.
        () = time::sleep(Duration::from_millis(250)).fuse() => true,
    };
    let next = client.call("second");
    let told = told.read();
    let (next, told) = join!(next, told);
    told?;
    Ok(format!("{gave_up} {}", show(&next)))
}

/// A call that is held and not polled keeps no reply from another.
async fn held(client: Client) -> Result<String> {
    let client = Rc::new(client);
    client.call("the server is there").await?;
    let (tell, told) = oneshot::channel();
    let other = Rc::clone(&client);
    spawn(async move {
        let _ = tell.send(show(&other.call("quick").await));
    });
    // Asked for later, so that this one has waited for the replies last.
    time::sleep(Duration::from_millis(1)).await;
    let mut never = Box::pin(client.call("never").fuse());
    select! {
        _ = never => {}
        () = time::sleep(Duration::from_millis(1)).fuse() => {}
    }
    let told = told.await?;
    drop(never);
    Ok(told)
}

/// Nor a request for which there is room, whether it waited for that or is given up.
async fn held_room() -> Result<String> {
    let mut outcomes = Vec::new();
    for keep in [true, false] {
        let channel = Channel::bounded(100)?;
        let mut requests = channel.strong_reader()?;
        let full = channel.strong_writer()?;
        full.write(vec![0; 99]).await?.or_dropped();
        let client = Client::new(channel.strong_writer()?);
        drop((channel, full));
        let mut first = Box::pin(client.call("first").fuse());
        select! {
            _ = first => {}
            () = time::sleep(Duration::from_millis(2)).fuse() => {}
        }
        let first = keep.then_some(first);
        let (tell, told) = oneshot::channel();
        spawn(async move {
            let _ = requests.read().await;
            let mut server = Server::new(requests);
            let mut asked = Vec::new();
            while let Ok(Some(request)) = server.next().await {
                asked.push(String::from_utf8_lossy(request.payload()).into_owned());
                let _ = request.reply("yes").await;
            }
            let _ = tell.send(asked);
        });
        let second = show(&client.call("second").await);
        drop(first);
        drop(client);
        outcomes.push(format!("{second} {:?}", told.await?));
    }
    Ok(outcomes.join(" "))
}

/// A server hears of a call that was given up while the channel of requests was full.
async fn no_room_to_give_up() -> Result<String> {
    let channel = Channel::bounded(64)?;
    let (requests, full) = (channel.strong_reader()?, channel.strong_writer()?);
    let client = Client::new(channel.strong_writer()?);
    let serve = async {
        let mut server = Server::new(requests);
        let Some(request) = server.next().await? else {
            return Err(Error::msg("no request"));
        };
        // Full again, when the call ends and for some time after.
        full.write(vec![0; 64]).await?.or_dropped();
        time::sleep(Duration::from_millis(20)).await;
        request.cancelled().await;
        Ok(request.reply("too late").await?)
    };
    let call = client.call_within(Duration::from_millis(5), "long");
    let (served, called) = join!(serve, call);
    Ok(format!("{} {}", served?, show(&called)))
}

/// Calls with so much room for replies.
async fn narrow(requests: Writer, room: u32) -> Result<String> {
    let client = Client::with_capacity(requests, room.into());
    let large = vec![b'x'; 2 * room as usize];
    let outcomes = [
        client.call(large.clone()).await,
        client.call("fits").await,
        client.call(large).await,
    ];
    let outcomes: Vec<_> = outcomes.iter().map(show).collect();
    Ok(outcomes.join(" "))
}

/// Three calls at once, whatever becomes of them.
async fn three(client: &Client) -> Result<String> {
    let all = join!(client.call("1"), client.call("2"), client.call("3"));
    Ok(format!(
        "{} {} {}",
        show(&all.0),
        show(&all.1),
        show(&all.2)
    ))
}

/// The server ends under two calls, and another takes its place.
async fn gone(client: &Client, mut told: Reader) -> Result<String> {
    let (one, two) = join!(client.call("one"), client.call("two"));
    told.read().await?;
    let three = client.call("three").await;
    Ok(format!("{} {} {}", show(&one), show(&two), show(&three)))
}

/// A call whenever told to. Returns how many came back as they went.
async fn when_told(client: &Client, mut told: Reader) -> Result<String> {
    let mut same = 0;
    while let Some(frame) = told.read().await? {
        let reply = client.call(frame.payload.clone()).await?;
        same += u32::from(reply == frame.payload);
    }
    Ok(same.to_string())
}

/// The right reply among much that is none.
async fn odd(client: &Client) -> Result<String> {
    let one = show(&client.call("one").await);
    let two = show(&client.call("two").await);
    Ok(format!("{one} {two} {}", client.ignored() >= 6))
}

/// Values, and one the server cannot read.
async fn typed(client: Client) -> Result<String> {
    let client = TypedClient::<(u32, u32), u64>::from(client);
    let sum = client.call(&(u32::MAX, 1)).await?;
    let wrong = client.client().call("no JSON").await;
    let client = TypedClient::<(u32, u32), u64, Postcard>::from(client.into_client());
    let other = client.call(&(1, 2)).await.is_err();
    Ok(format!("{sum} {} {other}", show(&wrong)))
}
