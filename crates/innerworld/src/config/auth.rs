//! `[auth]`: the identity provider of one machine.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::apple::AppleConfig;

/// The identity provider of one machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AuthConfig {
    /// The URL under which clients reach this server, such as `https://chat.example.org`. It is
    /// the issuer of tokens; unset, the first start's address is kept in the data folder.
    pub(crate) public_url: Option<String>,
    /// Sign in with Apple; off while none of its keys is set
    /// ([how](../how-to/sign-in-with-apple.md)).
    pub(crate) apple: AppleConfig,
}
