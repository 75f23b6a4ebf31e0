//! What functions that ask models are told.

use super::Variables;
use crate::map::variable;

/// Which models are asked, and where the key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Models {
    /// The secret of the model provider.
    pub secret: String,
    /// The model that answers, unless the secret names one.
    pub primary: String,
    /// The model that answers when the first fails, unless the secret names one.
    pub fallback: String,
    /// Hosts of model servers that may be private, with their ports.
    pub allowed_hosts: Vec<String>,
}

impl Models {
    pub(super) fn read(variables: &mut Variables) -> Option<Self> {
        let secret = variables.text(variable::MODEL_SECRET_ID);
        let primary = variables.text(variable::MODEL_PRIMARY);
        let fallback = variables.text(variable::MODEL_FALLBACK);
        let allowed = variables.optional(variable::MODEL_ALLOWED_HOSTS);
        let allowed = allowed.unwrap_or_default();
        let allowed = allowed.split(',').map(str::trim);
        let allowed = allowed.filter(|host| !host.is_empty());
        Some(Self {
            secret: secret?,
            primary: primary?,
            fallback: fallback?,
            allowed_hosts: allowed.map(str::to_owned).collect(),
        })
    }
}
