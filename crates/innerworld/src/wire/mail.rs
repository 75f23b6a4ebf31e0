//! Where codes go: an SMTP server, or the local outbox of development.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Context as _;
use innerworld_core::{
    error::PortError,
    identity::account::{Mail, Mailer},
};
use innerworld_embedded::Embedded;
use innerworld_server::{http::account::DevCodes, mail::SmtpMailer};
use tokio_util::task::TaskTracker;

use crate::config::{Loaded, mail::SmtpSecurity, runtime::Mode};

/// The mailer, and what development may read of it.
pub(super) struct Post {
    pub(super) mailer: Arc<dyn Mailer>,
    pub(super) dev_codes: Option<Arc<dyn DevCodes>>,
}

impl Post {
    /// SMTP where a host is configured, else the outbox: in the files, or where there are none in the
    /// memory of this process.
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
        let development = loaded.config.runtime.mode == Mode::Development;
        let (mailer, codes): (Arc<dyn Mailer>, Arc<dyn DevCodes>) = if let Some(files) = outbox {
            (files.outbox(), Arc::new(Codes(files.clone())))
        } else {
            let recent = Arc::new(RecentMails::default());
            (Arc::clone(&recent) as _, recent)
        };
        Ok(Self {
            mailer,
            dev_codes: development.then_some(codes),
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

/// Mails that a development server keeps in memory.
const RECENT: usize = 100;

/// The outbox of a development server that has no files. Production needs a mail server.
#[derive(Default)]
struct RecentMails(Mutex<VecDeque<Mail>>);

impl RecentMails {
    fn mails(&self) -> MutexGuard<'_, VecDeque<Mail>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl Mailer for RecentMails {
    async fn send(&self, mail: &Mail) -> Result<(), PortError> {
        let mut mails = self.mails();
        if mails.len() == RECENT {
            mails.pop_front();
        }
        mails.push_back(mail.clone());
        Ok(())
    }
}

#[async_trait::async_trait]
impl DevCodes for RecentMails {
    async fn newest(&self, email: &str) -> Result<Option<String>, PortError> {
        let mails = self.mails();
        let newest = mails.iter().rev().find(|mail| mail.to.reveal() == email);
        Ok(newest.map(|mail| mail.code.reveal().clone()))
    }
}

struct Codes(Embedded);

#[async_trait::async_trait]
impl DevCodes for Codes {
    async fn newest(&self, email: &str) -> Result<Option<String>, PortError> {
        self.0.newest_code(email).await
    }
}
