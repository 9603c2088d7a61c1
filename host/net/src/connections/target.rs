//! Addresses as guests write them: `tcp://HOST:PORT`. They are patterns that mean one target.

use super::Error;
use crate::pattern::{Host, Name, Pattern, Scheme, localhost};
use std::net::{IpAddr, SocketAddr};

/// Where a guest wants to connect, or to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) scheme: Scheme,
    pub(super) host: TargetHost,
    pub(super) port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TargetHost {
    Address(IpAddr),
    Name(Name),
}

impl Target {
    /// Reads an address of one of these schemes.
    pub(super) fn read(text: &str, schemes: &[Scheme]) -> Result<Self, Error> {
        let pattern: Pattern = text
            .parse()
            .map_err(|error| Error::InvalidAddress(format!("{error}")))?;
        let wrong = |what: &str| Err(Error::InvalidAddress(what.to_owned()));
        if !schemes.contains(&pattern.scheme) {
            let names: Vec<_> = schemes.iter().map(|scheme| scheme.name()).collect();
            return wrong(&format!(
                "`{}` is not spoken here; write {}",
                pattern.scheme,
                names.join(" or ")
            ));
        }
        let (port, last) = pattern.ports.ends();
        if port != last {
            return wrong("an address has one port");
        }
        let host = match pattern.host {
            Host::Name(name) => TargetHost::Name(name),
            Host::Localhost => match Name::read("localhost") {
                Ok(name) => TargetHost::Name(name),
                Err(_) => return wrong("`localhost` is no name"),
            },
            Host::Block(block) if block.first() == block.last() => {
                TargetHost::Address(block.first())
            }
            Host::Block(_) | Host::Under(_) => {
                return wrong("an address has one host: a name, or an address without a length");
            }
        };
        Ok(Self {
            scheme: pattern.scheme,
            host,
            port,
        })
    }

    /// The address of this machine that it means.
    pub(super) fn own(&self) -> Result<SocketAddr, Error> {
        let [first, _] = localhost();
        let address = match &self.host {
            TargetHost::Address(address) => *address,
            TargetHost::Name(name) if name.is_localhost() => first,
            TargetHost::Name(_) => {
                return Err(Error::InvalidAddress(
                    "a listener has an address and no name; write `127.0.0.1`, `0.0.0.0` for every address, or `localhost`".to_owned(),
                ));
            }
        };
        Ok(SocketAddr::new(address, self.port))
    }

    /// The host as certificates have it.
    pub(super) fn host_name(&self) -> String {
        match &self.host {
            TargetHost::Address(address) => address.to_string(),
            TargetHost::Name(name) => name.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_address_has_one_host_and_one_port() {
        let schemes = [Scheme::Tcp, Scheme::Tls];
        let target = Target::read("TCP://Example.com.:80", &schemes).unwrap();
        assert_eq!(target.host_name(), "example.com");
        assert_eq!((target.scheme, target.port), (Scheme::Tcp, 80));
        let target = Target::read("tls://[::1]:443", &schemes).unwrap();
        assert_eq!(target.own().unwrap().to_string(), "[::1]:443");
        let target = Target::read("tcp://localhost:0", &schemes).unwrap();
        assert_eq!(target.own().unwrap().to_string(), "127.0.0.1:0");
        for (text, told) in [
            ("example.com:80", "write a scheme in front"),
            ("tcp://example.com", "write a port"),
            ("tcp://example.com:*", "one port"),
            ("tcp://example.com:1-2", "one port"),
            ("tcp://10.0.0.0/8:1", "one host"),
            ("tcp://*.example.com:1", "one host"),
            (
                "udp://example.com:1",
                "`udp` is not spoken here; write tcp or tls",
            ),
            ("quic://example.com:1", "write tcp or tls"),
        ] {
            let Err(Error::InvalidAddress(error)) = Target::read(text, &schemes) else {
                unreachable!("{text} is no address");
            };
            assert!(error.contains(told), "{text}: {error}");
        }
    }
}
