//! Requests and replies that are values: a codec on both sides.

use super::{Client, Request, RpcError, Server, ignore};
use crate::channel::{Reader, Writer};
use crate::codec::{Codec, Json};
use crate::error::ReadError;
use crate::typed::SendError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

/// Why a call has no value as its reply.
///
/// ```no_run
/// # async fn f(client: weft_guest::rpc::TypedClient<u32, u32>) -> weft_guest::Result {
/// use weft_guest::rpc::TypedRpcError;
/// match client.call(&1).await {
///     Err(TypedRpcError::Decode(error)) => println!("no number: {error}"),
///     reply => println!("{}", reply?),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, thiserror::Error)]
pub enum TypedRpcError<E: std::error::Error + 'static> {
    /// There is no reply.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// The codec has no bytes for the request.
    #[error("the request cannot be encoded")]
    Encode(#[source] E),
    /// The reply is not one of these values.
    #[error("the reply cannot be decoded")]
    Decode(#[source] E),
}

/// A [`Client`] for values of one type, answered with values of another.
///
/// ```no_run
/// # async fn f(server: weft_guest::Writer) -> weft_guest::Result {
/// use weft_guest::rpc::TypedClient;
/// let client = TypedClient::<(u32, u32), u32>::new(server);
/// let sum = client.call(&(1, 2)).await?;
/// # Ok(()) }
/// ```
pub struct TypedClient<Req: ?Sized, Resp, C = Json> {
    client: Client,
    types: PhantomData<fn(&Req) -> Resp>,
    codec: PhantomData<fn() -> C>,
}

impl<Req: ?Sized, Resp, C> TypedClient<Req, Resp, C> {
    /// A client of the server that reads what this writer writes.
    ///
    /// ```no_run
    /// # async fn f(server: weft_guest::Writer) -> weft_guest::Result {
    /// let client = weft_guest::rpc::TypedClient::<str, u32>::new(server);
    /// let length = client.call("four").await?;
    /// # Ok(()) }
    /// ```
    pub fn new(requests: Writer) -> Self {
        Client::new(requests).into()
    }

    /// The client for bytes.
    ///
    /// ```no_run
    /// # async fn f(client: weft_guest::rpc::TypedClient<u32, u32>) -> weft_guest::Result {
    /// println!("{} replies came late", client.client().ignored());
    /// # Ok(()) }
    /// ```
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Gives the client for bytes back.
    ///
    /// ```no_run
    /// # async fn f(client: weft_guest::rpc::TypedClient<u32, u32>) -> weft_guest::Result {
    /// let bytes = client.into_client().call("1").await?;
    /// # Ok(()) }
    /// ```
    pub fn into_client(self) -> Client {
        self.client
    }
}

impl<Req: Serialize + ?Sized, Resp: DeserializeOwned, C: Codec> TypedClient<Req, Resp, C> {
    /// Sends a request and waits for its reply; see [`Client::call`].
    ///
    /// ```no_run
    /// # async fn f(client: weft_guest::rpc::TypedClient<u32, u32>) -> weft_guest::Result {
    /// let next = client.call(&1).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Client::call`], and when the codec fails on either value.
    pub async fn call(&self, request: &Req) -> Result<Resp, TypedRpcError<C::Error>> {
        decode::<Resp, C>(self.client.call(encode::<Req, C>(request)?).await?)
    }

    /// The same, no longer than this; see [`Client::call_within`].
    ///
    /// ```no_run
    /// # async fn f(client: weft_guest::rpc::TypedClient<u32, u32>) -> weft_guest::Result {
    /// use std::time::Duration;
    /// let next = client.call_within(Duration::from_secs(1), &1).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Client::call_within`], and when the codec fails on either value.
    pub async fn call_within(
        &self,
        time: Duration,
        request: &Req,
    ) -> Result<Resp, TypedRpcError<C::Error>> {
        let request = encode::<Req, C>(request)?;
        decode::<Resp, C>(self.client.call_within(time, request).await?)
    }
}

fn encode<T: Serialize + ?Sized, C: Codec>(value: &T) -> Result<Vec<u8>, TypedRpcError<C::Error>> {
    let mut bytes = Vec::new();
    C::encode(value, &mut bytes).map_err(TypedRpcError::Encode)?;
    Ok(bytes)
}

fn decode<T: DeserializeOwned, C: Codec>(bytes: Vec<u8>) -> Result<T, TypedRpcError<C::Error>> {
    C::decode(&bytes).map_err(TypedRpcError::Decode)
}

impl<Req: ?Sized, Resp, C> From<Client> for TypedClient<Req, Resp, C> {
    fn from(client: Client) -> Self {
        TypedClient {
            client,
            types: PhantomData,
            codec: PhantomData,
        }
    }
}

impl<Req: ?Sized, Resp, C> fmt::Debug for TypedClient<Req, Resp, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedClient").field(&self.client).finish()
    }
}

/// A [`Server`] for values of one type, to be answered with values of another.
///
/// A request that cannot be decoded is dropped, which tells its client that there
/// is no reply; the first is logged.
///
/// ```no_run
/// # async fn f(requests: weft_guest::Reader) -> weft_guest::Result {
/// use weft_guest::rpc::TypedServer;
/// let mut server = TypedServer::<(u32, u32), u32>::new(requests);
/// while let Some(request) = server.next().await? {
///     let (a, b) = request.value;
///     request.reply(&(a + b)).await?;
/// }
/// # Ok(()) }
/// ```
pub struct TypedServer<Req, Resp: ?Sized, C = Json> {
    server: Server,
    undecodable: u64,
    types: PhantomData<fn(Req, C) -> Box<Resp>>,
}

impl<Req, Resp: ?Sized, C> TypedServer<Req, Resp, C> {
    /// A server for the requests in this channel.
    ///
    /// ```no_run
    /// # async fn f(requests: weft_guest::Reader) -> weft_guest::Result {
    /// let mut server = weft_guest::rpc::TypedServer::<String, usize>::new(requests);
    /// # Ok(()) }
    /// ```
    pub fn new(requests: Reader) -> Self {
        Server::new(requests).into()
    }

    /// The server for bytes.
    ///
    /// ```no_run
    /// # async fn f(server: weft_guest::rpc::TypedServer<u32, u32>) -> weft_guest::Result {
    /// println!("{} clients", server.server().clients());
    /// # Ok(()) }
    /// ```
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Requests that could not be decoded.
    ///
    /// ```no_run
    /// # async fn f(server: weft_guest::rpc::TypedServer<u32, u32>) -> weft_guest::Result {
    /// println!("{} requests were no numbers", server.undecodable());
    /// # Ok(()) }
    /// ```
    pub fn undecodable(&self) -> u64 {
        self.undecodable
    }
}

impl<Req: DeserializeOwned, Resp: Serialize + ?Sized, C: Codec> TypedServer<Req, Resp, C> {
    /// Takes the next request, waiting for one. `None`: the channel has ended.
    ///
    /// ```no_run
    /// # async fn f(mut server: weft_guest::rpc::TypedServer<u32, u32>) -> weft_guest::Result {
    /// while let Some(request) = server.next().await? {
    ///     let next = request.value + 1;
    ///     request.reply(&next).await?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Server::next`].
    pub async fn next(&mut self) -> Result<Option<TypedRequest<Req, Resp, C>>, ReadError> {
        while let Some(request) = self.server.next().await? {
            if let Ok(value) = C::decode(request.payload()) {
                return Ok(Some(TypedRequest {
                    value,
                    reply: Reply {
                        request,
                        types: PhantomData,
                    },
                }));
            }
            ignore(
                &mut self.undecodable,
                "ignored a request that cannot be decoded",
            );
        }
        Ok(None)
    }
}

impl<Req, Resp: ?Sized, C> From<Server> for TypedServer<Req, Resp, C> {
    fn from(server: Server) -> Self {
        TypedServer {
            server,
            undecodable: 0,
            types: PhantomData,
        }
    }
}

impl<Req, Resp: ?Sized, C> fmt::Debug for TypedServer<Req, Resp, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TypedServer").field(&self.server).finish()
    }
}

/// A request that is a value. Dropped without a reply, it tells the client that
/// there will be none.
///
/// ```no_run
/// # async fn f(mut server: weft_guest::rpc::TypedServer<u32, u32>) -> weft_guest::Result {
/// if let Some(request) = server.next().await? {
///     println!("{} was asked", request.value);
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct TypedRequest<Req, Resp: ?Sized, C = Json> {
    /// The request's value.
    pub value: Req,
    reply: Reply<Resp, C>,
}

/// The half of a request that answers.
struct Reply<Resp: ?Sized, C> {
    request: Request,
    types: PhantomData<fn(&Resp) -> C>,
}

impl<Resp: ?Sized, C> fmt::Debug for Reply<Resp, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.request.fmt(f)
    }
}

impl<Req, Resp: Serialize + ?Sized, C: Codec> TypedRequest<Req, Resp, C> {
    /// Sends the reply. False: nobody waits for it any more.
    ///
    /// ```no_run
    /// # async fn f(request: weft_guest::rpc::TypedRequest<u32, u32>) -> weft_guest::Result {
    /// let next = request.value + 1;
    /// request.reply(&next).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Request::reply`], and for a value that cannot be encoded.
    pub async fn reply(self, value: &Resp) -> Result<bool, SendError<C::Error>> {
        let mut bytes = Vec::new();
        C::encode(value, &mut bytes).map_err(SendError::Encode)?;
        Ok(self.reply.request.reply(bytes).await?)
    }

    /// The request as bytes, for who asks and whether they still do.
    ///
    /// ```no_run
    /// # async fn f(request: weft_guest::rpc::TypedRequest<u32, u32>) -> weft_guest::Result {
    /// println!("client {} asks", request.request().client());
    /// # Ok(()) }
    /// ```
    pub fn request(&self) -> &Request {
        &self.reply.request
    }
}
