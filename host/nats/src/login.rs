//! Who logs in to a server.
//!
//! Invariant: what is secret is not shown where a configuration is.

use crate::config::ServerConfig;

/// Who logs in.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    /// By name and password.
    User {
        /// The name.
        name: String,
        /// Its password.
        password: String,
    },
    /// By a word that the server knows.
    Token(String),
    /// By the seed of an nkey.
    Seed(String),
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What is secret is not shown.
        match self {
            Self::User { name, .. } => write!(f, "User({name})"),
            Self::Token(_) => f.write_str("Token"),
            Self::Seed(_) => f.write_str("Seed"),
        }
    }
}

impl std::fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let addresses = self.addresses.iter().map(|it| without_secrets(it));
        f.debug_struct("ServerConfig")
            .field("addresses", &addresses.collect::<Vec<_>>())
            .field("credentials", &self.credentials)
            .field("login", &self.login)
            .field("tls", &self.tls)
            .field("name", &self.name)
            .field("patience", &self.patience)
            .field("lease", &self.lease)
            .finish()
    }
}

/// An address without who logs in.
fn without_secrets(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").unwrap_or(("nats", address));
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}://{host}")
}
