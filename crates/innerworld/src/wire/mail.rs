//! Where codes go: an SMTP server, or the local outbox of development.

use std::sync::Arc;

use anyhow::Context as _;
use innerworld_core::{error::PortError, identity::account::Mailer};
use innerworld_embedded::Embedded;
use innerworld_server::{http::account::DevCodes, mail::SmtpMailer};
use tokio_util::task::TaskTracker;

use crate::config::{Loaded, mail::SmtpSecurity, runtime::Mode};

/// The mailer, and what development may read of it.
pub(super) struct Mail {
    pub(super) mailer: Arc<dyn Mailer>,
    pub(super) dev_codes: Option<Arc<dyn DevCodes>>,
}

impl Mail {
    /// SMTP where a host is configured, else the outbox.
    pub(super) fn open(
        loaded: &Loaded,
        outbox: Option<&Embedded>,
        tasks: &TaskTracker,
    ) -> anyhow::Result<Self> {
        let mail = &loaded.config.mail;
        if let Some(host) = &mail.smtp_host {
            let from = mail
                .from
                .as_deref()
                .context("set `mail.from`: who the mail is from")?;
            let url = url(loaded, host);
            let mailer = SmtpMailer::new(&url, from, tasks.clone())
                .context("the mail settings could not be used")?;
            return Ok(Self {
                mailer: Arc::new(mailer),
                dev_codes: None,
            });
        }
        let stores = outbox.context("set `mail.smtp_host`: the tables on AWS have no outbox")?;
        let development = loaded.config.runtime.mode == Mode::Development;
        let codes = development.then(|| Arc::new(Codes(stores.clone())) as Arc<dyn DevCodes>);
        Ok(Self {
            mailer: stores.outbox(),
            dev_codes: codes,
        })
    }
}

fn url(loaded: &Loaded, host: &str) -> String {
    let mail = &loaded.config.mail;
    let scheme = match mail.smtp_security {
        SmtpSecurity::Starttls => "smtp",
        SmtpSecurity::Tls => "smtps",
    };
    let required = match mail.smtp_security {
        SmtpSecurity::Starttls => "?tls=required",
        SmtpSecurity::Tls => "",
    };
    let user = mail
        .smtp_username
        .as_deref()
        .map_or_else(String::new, |name| {
            let password = loaded
                .secrets
                .smtp_password
                .as_ref()
                .map_or("", |secret| secret.reveal());
            format!("{}:{}@", percent(name), percent(password))
        });
    format!("{scheme}://{user}{host}:{}{required}", mail.smtp_port)
}

/// Percent-encodes everything that could end a part of the URL early.
fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

struct Codes(Embedded);

#[async_trait::async_trait]
impl DevCodes for Codes {
    async fn newest(&self, email: &str) -> Result<Option<String>, PortError> {
        self.0.newest_code(email).await
    }
}
