//! Codecs: how a value becomes the bytes of a frame, and back.
//!
//! A codec knows nothing of channels. [`crate::TypedReader`] and
//! [`crate::TypedWriter`] bring the two together.

mod depth;
mod finite;

use depth::Deep;
use finite::Finite;
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

/// What `serde_json` writes for NaN and infinity, and also for `None` and `()`.
const NULL: &[u8] = b"null";

/// JSON: readable for people and for guests in any language.
///
/// A value with a NaN or an infinity in it cannot be encoded: JSON has neither, and a reader could not decode
/// what would be written instead. A value that nests deeper than 128 levels cannot be decoded.
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
        let start = bytes.len();
        serde_json::to_writer(&mut *bytes, value)?;
        let written = bytes.get(start..).unwrap_or_default();
        match written.windows(NULL.len()).any(|word| word == NULL) {
            true => value.serialize(Finite),
            false => Ok(()),
        }
    }

    fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Self::Error> {
        serde_json::from_slice(bytes)
    }
}

/// Postcard: small and quick, for ends that share the type's definition.
///
/// Its bytes do not name what they hold, so both ends must be built from the
/// same type. A frame whose value nests deeper than 256 levels, options included, cannot be decoded.
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
        let mut from = postcard::Deserializer::from_bytes(bytes);
        let value = T::deserialize(Deep::new(&mut from))?;
        // Bytes left over mean that the two ends differ in the type.
        match from.finalize()? {
            [] => Ok(value),
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

    #[derive(Debug, PartialEq, Serialize, serde::Deserialize)]
    enum Tree {
        Leaf,
        One(Box<Tree>),
        Many(Vec<Tree>),
        Named { maybe: Option<Box<Tree>> },
        Pair((), Box<Tree>),
    }

    #[test]
    fn values_of_every_kind_that_nest_go_both_ways_in_postcard() {
        let leaf = || Box::new(Tree::Leaf);
        let one = Tree::One(leaf());
        let named = Tree::Named {
            maybe: Some(leaf()),
        };
        let tree = Tree::Many(vec![one, named, Tree::Pair((), leaf()), Tree::Leaf]);
        let map = std::collections::BTreeMap::from([("a".to_owned(), Some(tree))]);
        let mut bytes = Vec::new();
        Postcard::encode(&map, &mut bytes).expect("it encodes");
        let decoded = Postcard::decode::<std::collections::BTreeMap<String, Option<Tree>>>(&bytes);
        assert_eq!(decoded.expect("it decodes"), map);
    }

    #[test]
    fn a_value_that_nests_too_deep_is_not_decoded_however_it_nests() {
        for (level, last) in [(&[1u8][..], 0u8), (&[2, 1], 0), (&[3, 1], 0), (&[4], 0)] {
            let levels = |number: usize| [level.repeat(number), vec![last]].concat();
            assert!(Postcard::decode::<Tree>(&levels(50)).is_ok(), "{level:?}");
            let deep = Postcard::decode::<Tree>(&levels(60_000));
            assert!(deep.is_err(), "{level:?}");
        }
    }

    #[test]
    fn numbers_that_are_none_have_no_json_wherever_they_are() {
        let encode = |value: &dyn Fn(&mut Vec<u8>) -> Result<(), serde_json::Error>| {
            value(&mut Vec::new()).map_err(|error| error.to_string())
        };
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let refused = Err("NaN and infinity have no JSON".to_owned());
            let map = std::collections::BTreeMap::from([("x", number)]);
            assert_eq!(encode(&|bytes| Json::encode(&number, bytes)), refused);
            assert_eq!(
                encode(&|bytes| Json::encode(&(number as f32), bytes)),
                refused
            );
            assert_eq!(
                encode(&|bytes| Json::encode(&[1.0, number], bytes)),
                refused
            );
            assert_eq!(
                encode(&|bytes| Json::encode(&(1, Some(number)), bytes)),
                refused
            );
            assert_eq!(encode(&|bytes| Json::encode(&map, bytes)), refused);
        }
        let fine = (None::<f64>, Some(()), "null", f64::MAX, f32::MIN_POSITIVE);
        assert_eq!(encode(&|bytes| Json::encode(&fine, bytes)), Ok(()));
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
