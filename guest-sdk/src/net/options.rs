//! How connections and listeners are made.

use crate::bindings::networks::weft::fabric::net as raw;

/// How a connection is made.
///
/// ```
/// use weft_guest::net::ConnectOptions;
/// let options = ConnectOptions::new().capacity(1 << 20);
/// ```
#[derive(Clone, Debug, Default)]
pub struct ConnectOptions {
    capacity: Option<u64>,
    protocols: Vec<String>,
}

impl ConnectOptions {
    /// As the host has it, without a protocol.
    ///
    /// ```
    /// let options = weft_guest::net::ConnectOptions::new();
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets so many bytes be on their way in each direction. Both count against the limit `channel-bytes`.
    ///
    /// ```
    /// let options = weft_guest::net::ConnectOptions::new().capacity(1 << 20);
    /// ```
    #[must_use]
    pub fn capacity(self, bytes: u64) -> Self {
        let capacity = Some(bytes);
        Self { capacity, ..self }
    }

    /// Offers one more protocol (ALPN), after those that were offered before.
    ///
    /// ```
    /// let options = weft_guest::net::ConnectOptions::new().protocol("h2").protocol("http/1.1");
    /// ```
    #[must_use]
    pub fn protocol(mut self, name: impl Into<String>) -> Self {
        self.protocols.push(name.into());
        self
    }

    pub(super) fn into_raw(self) -> raw::ConnectOptions {
        raw::ConnectOptions {
            capacity: self.capacity,
            protocols: self.protocols,
        }
    }
}

/// How a listener is made.
///
/// ```
/// use weft_guest::net::ListenOptions;
/// let options = ListenOptions::new().certificate("www").protocol("http/1.1");
/// ```
#[derive(Clone, Debug, Default)]
pub struct ListenOptions {
    connections: ConnectOptions,
    certificate: Option<String>,
}

impl ListenOptions {
    /// As the host has it, without a certificate and without a protocol.
    ///
    /// ```
    /// let options = weft_guest::net::ListenOptions::new();
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets so many bytes be on their way in each direction of each connection. They count against the limit `channel-bytes`.
    ///
    /// ```
    /// let options = weft_guest::net::ListenOptions::new().capacity(16 * 1024);
    /// ```
    #[must_use]
    pub fn capacity(self, bytes: u64) -> Self {
        let connections = self.connections.capacity(bytes);
        Self {
            connections,
            ..self
        }
    }

    /// Shows the certificate that the host has under this name. Needs the right `certificate` with the name.
    ///
    /// ```
    /// let options = weft_guest::net::ListenOptions::new().certificate("www");
    /// ```
    #[must_use]
    pub fn certificate(self, name: impl Into<String>) -> Self {
        let certificate = Some(name.into());
        Self {
            certificate,
            ..self
        }
    }

    /// Speaks one more protocol (ALPN). Clients that offer others only are turned away.
    ///
    /// ```
    /// let options = weft_guest::net::ListenOptions::new().certificate("www").protocol("http/1.1");
    /// ```
    #[must_use]
    pub fn protocol(self, name: impl Into<String>) -> Self {
        let connections = self.connections.protocol(name);
        Self {
            connections,
            ..self
        }
    }

    pub(super) fn into_raw(self) -> raw::ListenOptions {
        let connections = self.connections.into_raw();
        raw::ListenOptions {
            capacity: connections.capacity,
            certificate: self.certificate,
            protocols: connections.protocols,
        }
    }
}
