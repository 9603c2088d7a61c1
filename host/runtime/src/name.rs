//! Names that stay right when there are several hosts: of hosts, processes and channels. Each is written and read here.
//!
//! | What | Written as |
//! |---|---|
//! | a host | `HOST`, a label |
//! | one run of a process | `HOST/ID` |
//! | the process of a deployment, whatever its runs | `DEPLOYMENT/NAME` |
//! | a channel | `DEPLOYMENT/NAME`, or a URL |
//!
//! A label is 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end, as in a DNS name. So the first `/`
//! ends it, and what follows may contain more of them.
//!
//! Invariant: an id never means another process on another host, or on the next host of the same machine, as each host has a
//! [label of its own](HostName::random) unless the embedder gives it one.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Most characters of a label, those of a DNS name.
const LABEL: usize = 63;

/// Characters of a label that is made at random: 50 bits, so that a million hosts hardly ever share one.
const RANDOM: usize = 10;

/// Letters and digits of such a label, without those that look alike. There are 32, so each is 5 bits.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A text that is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct NameError {
    /// The text.
    pub text: String,
    /// What it should be.
    wanted: &'static str,
}

fn label(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=LABEL).contains(&text.len())
        && text.chars().all(is_part)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// The name of a host. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(Arc<str>);

impl HostName {
    /// A name that no other host has.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub fn random() -> Result<Self, std::io::Error> {
        let mut bytes = [0; RANDOM];
        getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
        let letter = |byte: &u8| ALPHABET.get(usize::from(byte % 32)).copied();
        let letters: String = bytes.iter().filter_map(letter).map(char::from).collect();
        Ok(Self(letters.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for HostName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match label(text) {
            true => Ok(Self(text.into())),
            false => Err(NameError {
                text: text.to_owned(),
                wanted: "the name of a host: up to 63 lower-case letters, digits and hyphens",
            }),
        }
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// One run of a process: `HOST/ID`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessId {
    /// The host it runs on, or ran on.
    pub host: HostName,
    /// Its id there, see [`Process::id`](crate::Process::id).
    pub id: u64,
}

impl FromStr for ProcessId {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let read = || {
            let (host, id) = text.split_once('/')?;
            let number = id.parse().ok()?;
            let host = host.parse().ok()?;
            let it = Self { host, id: number };
            // Read as it is written, so `+7` and `07` are no ids.
            (it.id.to_string() == id).then_some(it)
        };
        read().ok_or_else(|| NameError {
            text: text.to_owned(),
            wanted: "the id of a process, HOST/ID",
        })
    }
}

impl fmt::Display for ProcessId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.id)
    }
}

/// A process or a channel of a deployment: `DEPLOYMENT/NAME`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeployedName {
    /// The deployment, a label.
    deployment: String,
    /// The name in it.
    name: String,
}

impl DeployedName {
    /// The thing of this name in this deployment.
    ///
    /// # Errors
    /// The deployment is no label, or the name is empty.
    pub fn new(deployment: &str, name: &str) -> Result<Self, NameError> {
        match label(deployment) && !name.is_empty() {
            true => Ok(Self {
                deployment: deployment.to_owned(),
                name: name.to_owned(),
            }),
            false => Err(NameError {
                text: format!("{deployment}/{name}"),
                wanted: "DEPLOYMENT/NAME; a deployment has up to 63 lower-case letters, digits and hyphens",
            }),
        }
    }

    /// The deployment.
    pub fn deployment(&self) -> &str {
        &self.deployment
    }

    /// The name in it.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for DeployedName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let (deployment, name) = text.split_once('/').unwrap_or((text, ""));
        Self::new(deployment, name)
    }
}

impl fmt::Display for DeployedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.deployment, self.name)
    }
}

/// A channel: in a deployment, or at a URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChannelName {
    /// In a deployment.
    Deployed(DeployedName),
    /// At a URL, `SCHEME://..`, which is kept as it is written.
    Url(String),
}

impl FromStr for ChannelName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        match text.split_once("://") {
            Some((scheme, rest)) if label(scheme) && !rest.is_empty() => {
                Ok(ChannelName::Url(text.to_owned()))
            }
            _ => text.parse().map(ChannelName::Deployed),
        }
    }
}

impl fmt::Display for ChannelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChannelName::Deployed(name) => name.fmt(f),
            ChannelName::Url(url) => f.write_str(url),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round<T: FromStr<Err = NameError> + fmt::Display>(text: &str) -> bool {
        text.parse::<T>().is_ok_and(|it| it.to_string() == text)
    }

    #[test]
    fn each_name_reads_as_it_is_written() {
        let longest = "h".repeat(LABEL);
        for host in ["a", "db-1", "0", &longest] {
            assert!(round::<HostName>(host), "{host}");
            assert!(round::<ProcessId>(&format!("{host}/7")), "{host}");
            assert!(round::<DeployedName>(&format!("{host}/a b/c")), "{host}");
            assert!(round::<ChannelName>(&format!("{host}/lines")), "{host}");
        }
        assert!(round::<ProcessId>(&format!("h/{}", u64::MAX)));
        assert!(round::<ChannelName>("nats://db:4222/lines?a=b"));
        assert!(matches!("nats://db".parse(), Ok(ChannelName::Url(_))));
    }

    #[test]
    fn what_is_no_name_is_refused_with_what_it_should_be() {
        let too_long = "h".repeat(LABEL + 1);
        for host in ["", "-a", "a-", "A", "a.b", "a/b", "a b", "é", &too_long] {
            let error = host.parse::<HostName>().unwrap_err();
            assert!(error.to_string().contains("the name of a host"), "{host}");
        }
        for id in [
            "7",
            "h/",
            "h/x",
            "h/07",
            "h/+7",
            "h/7/8",
            "H/7",
            "/7",
            "h/18446744073709551616",
        ] {
            let error = id.parse::<ProcessId>().unwrap_err();
            assert!(error.to_string().contains("HOST/ID"), "{id}");
        }
        for name in ["flights", "flights/", "/lines", "Flights/lines"] {
            assert!(name.parse::<DeployedName>().is_err(), "{name}");
            assert!(name.parse::<ChannelName>().is_err(), "{name}");
        }
        assert!("nats://".parse::<ChannelName>().is_err());
    }

    #[test]
    fn hosts_made_at_random_differ() {
        let names = [(); 100].map(|()| HostName::random().unwrap());
        let all: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(all.len(), names.len());
        assert!(names.iter().all(|name| round::<HostName>(name.as_str())));
    }
}
