//! `[mail]`: e-mail with codes.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SmtpSecurity {
    /// Plain at first, then TLS is required (port 587).
    #[default]
    Starttls,
    /// TLS from the first byte (port 465).
    Tls,
}

/// E-mail with codes; without `smtp_host` it goes to the local outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct MailConfig {
    /// Mail server. Unset, mail goes to the local outbox (`innerworld outbox`), which production
    /// mode refuses.
    pub(crate) smtp_host: Option<String>,
    /// Its port.
    pub(crate) smtp_port: u16,
    /// `starttls` (port 587) or `tls` (port 465).
    pub(crate) smtp_security: SmtpSecurity,
    /// User name at the mail server; unset, no sign-in.
    pub(crate) smtp_username: Option<String>,
    /// File with the password, mode 0600; or the variable `INNERWORLD_MAIL__SMTP_PASSWORD`.
    pub(crate) smtp_password_file: Option<PathBuf>,
    /// Sender, such as `InnerWorld <no-reply@example.org>`.
    pub(crate) from: Option<String>,
}

impl Default for MailConfig {
    fn default() -> Self {
        Self {
            smtp_host: None,
            smtp_port: 587,
            smtp_security: SmtpSecurity::Starttls,
            smtp_username: None,
            smtp_password_file: None,
            from: None,
        }
    }
}
