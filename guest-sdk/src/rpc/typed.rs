//! Requests and replies that are values: a codec on both sides.

use super::{Client, Request, RpcError, Server, ignore};
use crate::channel::{Reader, Writer};
use crate::codec::{Codec, Json};
use crate::error::{ReadError, WriteError};
use crate::typed::SendError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

/// Why a call has no value as its reply.
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
    pub fn new(requests: Writer) -> Self {
        Client::new(requests).into()
    }

    /// The client for bytes.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Gives the client for bytes back.
    pub fn into_client(self) -> Client {
        self.client
    }
}

impl<Req: Serialize + ?Sized, Resp: DeserializeOwned, C: Codec> TypedClient<Req, Resp, C> {
    /// Sends a request and waits for its reply; see [`Client::call`].
    ///
    /// # Errors
    ///
    /// As [`Client::call`], and when the codec fails on either value.
    pub async fn call(&self, request: &Req) -> Result<Resp, TypedRpcError<C::Error>> {
        decode::<Resp, C>(self.client.call(encode::<Req, C>(request)?).await?)
    }

    /// The same, no longer than this; see [`Client::call_within`].
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
    /// A server for what is written to this channel.
    pub fn new(requests: Reader) -> Self {
        Server::new(requests).into()
    }

    /// The server for bytes.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Requests that could not be decoded.
    pub fn undecodable(&self) -> u64 {
        self.undecodable
    }
}

impl<Req: DeserializeOwned, Resp: Serialize + ?Sized, C: Codec> TypedServer<Req, Resp, C> {
    /// Takes the next request, waiting for one. `None`: the channel has ended.
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
#[derive(Debug)]
pub struct TypedRequest<Req, Resp: ?Sized, C = Json> {
    /// What is asked.
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
    /// Sends the reply. `false`: nobody waits for it any more.
    ///
    /// # Errors
    ///
    /// As [`Request::reply`], and for a value that cannot be encoded.
    pub async fn reply(self, value: &Resp) -> Result<bool, SendError<C::Error>> {
        let mut bytes = Vec::new();
        C::encode(value, &mut bytes).map_err(SendError::Encode)?;
        let sent: Result<bool, WriteError> = self.reply.request.reply(bytes).await;
        Ok(sent?)
    }

    /// The request as bytes, for who asks and whether they still do.
    pub fn request(&self) -> &Request {
        &self.reply.request
    }
}
