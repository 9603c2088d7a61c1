//! Codecs: how a value becomes the bytes of a frame, and back.
//!
//! A codec knows nothing of channels. [`crate::TypedReader`] and
//! [`crate::TypedWriter`] bring the two together.

use serde::{Serialize, de::DeserializeOwned};

/// How values become bytes. Both ends of a channel must agree on it.
///
/// ```
/// use weft_guest::codec::{Codec, Json};
/// let mut bytes = Vec::new();
/// Json::encode(&("LAX", 42), &mut bytes)?;
/// assert_eq!(Json::decode::<(String, u32)>(&bytes)?, ("LAX".to_owned(), 42));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub trait Codec {
    /// What can go wrong, either way.
    type Error: std::error::Error + 'static;

    /// Appends the bytes of a value.
    ///
    /// # Errors
    ///
    /// When the codec has no bytes for the value. What it has appended until
    /// then is cut off by the caller.
    fn encode<T: Serialize + ?Sized>(value: &T, bytes: &mut Vec<u8>) -> Result<(), Self::Error>;

    /// Reads a value out of the bytes of one frame.
    ///
    /// # Errors
    ///
    /// When the bytes are not those of a `T`.
    fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Self::Error>;
}

/// JSON: readable for people and for guests in any language.
///
/// ```no_run
/// # fn f(counts: weft_guest::Writer) -> weft_guest::Result {
/// use weft_guest::{Json, TypedWriter};
/// let counts = TypedWriter::<(String, u64), Json>::from(counts); // as without `Json`
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Json;

impl Codec for Json {
    type Error = serde_json::Error;

    fn encode<T: Serialize + ?Sized>(value: &T, bytes: &mut Vec<u8>) -> Result<(), Self::Error> {
        serde_json::to_writer(bytes, value)
    }

    fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Self::Error> {
        serde_json::from_slice(bytes)
    }
}

/// Postcard: small and quick, for ends that share the type's definition.
///
/// Its bytes do not name what they hold, so both ends must be built from the
/// same type.
///
/// ```no_run
/// # fn f(counts: weft_guest::Writer) -> weft_guest::Result {
/// use weft_guest::{Postcard, TypedWriter};
/// let counts = TypedWriter::<(String, u64), Postcard>::from(counts);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Postcard;

impl Codec for Postcard {
    type Error = postcard::Error;

    fn encode<T: Serialize + ?Sized>(value: &T, bytes: &mut Vec<u8>) -> Result<(), Self::Error> {
        postcard::to_io(value, bytes).map(|_| ())
    }

    fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Self::Error> {
        // Bytes left over mean that the two ends differ in the type.
        match postcard::take_from_bytes(bytes)? {
            (value, []) => Ok(value),
            _ => Err(postcard::Error::DeserializeBadEncoding),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, serde::Deserialize)]
    struct Row {
        name: String,
        delay: i32,
        maybe: Option<u8>,
    }

    fn check_both_ways<C: Codec>() {
        let row = Row {
            name: "LAX".into(),
            delay: -7,
            maybe: None,
        };
        let mut bytes = b"before".to_vec();
        C::encode(&row, &mut bytes).expect("it encodes");
        let encoded = bytes.strip_prefix(b"before").expect("it appends");
        assert_eq!(C::decode::<Row>(encoded).expect("it decodes"), row);
        assert!(C::decode::<Row>(&encoded[..encoded.len() - 1]).is_err());
        bytes.push(7);
        assert!(C::decode::<Row>(&bytes[6..]).is_err(), "bytes left over");
    }

    #[test]
    fn json_goes_both_ways() {
        check_both_ways::<Json>();
    }

    #[test]
    fn postcard_goes_both_ways() {
        check_both_ways::<Postcard>();
    }
}
