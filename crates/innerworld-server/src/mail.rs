//! Mail by SMTP.

use async_trait::async_trait;
use innerworld_core::{
    error::{ErrorKind, PortError},
    identity::account::{Mail, Mailer},
};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor, message::Mailbox};
use tokio_util::task::TaskTracker;

const SEND: &str = "send a mail";

/// Sends mail through an SMTP server.
///
/// A mail is handed to a task of `tasks`: waiting for the server would tell an observer whether
/// an address has an account. A drain waits for the tracker.
#[derive(Debug)]
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    tasks: TaskTracker,
}

impl SmtpMailer {
    /// `url` as lettre reads it (`smtps://user:password@host:465`); `from` is the sender.
    pub fn new(url: &str, from: &str, tasks: TaskTracker) -> Result<Self, PortError> {
        let operation = "read the SMTP settings";
        // The cause could quote the URL, and with it the password.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|_cause| PortError::new(ErrorKind::Invalid, operation))?
            .build();
        let from = from
            .parse()
            .map_err(|_cause| PortError::new(ErrorKind::Invalid, operation))?;
        Ok(Self {
            transport,
            from,
            tasks,
        })
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), PortError> {
        // Causes could quote the address.
        let invalid = |_quoting| PortError::new(ErrorKind::Invalid, SEND);
        let to: Mailbox = mail.to.reveal().parse().map_err(invalid)?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&mail.subject)
            .body(mail.body.reveal().clone())
            .map_err(|_quoting| PortError::new(ErrorKind::Invalid, SEND))?;
        let transport = self.transport.clone();
        let kind = mail.kind.clone();
        self.tasks.spawn(async move {
            if transport.send(message).await.is_err() {
                tracing::error!(mail.kind = %kind, "the SMTP server did not take a mail");
            }
        });
        Ok(())
    }
}
