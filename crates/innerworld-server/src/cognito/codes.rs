//! Codes by e-mail: six digits, ten minutes, five tries, stored as a keyed hash.

use std::{net::IpAddr, time::Duration};

use aws_lc_rs::{constant_time, hmac};
use innerworld_core::{
    error::PortError,
    identity::account::{Account, CodeKind, IssuedCode, Mail},
    ids::TeenId,
    secret::Redacted,
};
use serde_json::{Value, json};

use super::{Cognito, fault::Fault, limits::Counted};

const LIFE: Duration = Duration::from_secs(600);
const MAX_TRIES: u32 = 5;

impl Cognito {
    /// Makes a code, stores its hash and mails it.
    pub(super) async fn send_code(
        &self,
        account: &Account,
        kind: CodeKind,
    ) -> Result<(), PortError> {
        let now = self.ports.clock.now();
        let mut random = [0_u8; 8];
        self.ports.ids.fill(&mut random);
        let code = format!("{:06}", u64::from_be_bytes(random) % 1_000_000);
        let issued = IssuedCode {
            kind,
            hash: self.code_hash(account.teen, kind, &code),
            tries: 0,
            expires_at: now.plus(LIFE),
        };
        self.ports.accounts.put_code(account.teen, &issued).await?;
        let (name, subject) = match kind {
            CodeKind::SignUp => ("sign_up", "Your code for InnerWorld"),
            CodeKind::ForgotPassword => ("forgot_password", "Your code for a new password"),
        };
        let body = format!(
            "Your code is {code}. It is valid for 10 minutes.\n\n\
             If you did not ask for it, you can ignore this mail.\n"
        );
        let mail = Mail {
            to: account.email.clone(),
            kind: name.to_owned(),
            subject: subject.to_owned(),
            body: Redacted::new(body),
            code: Redacted::new(code),
            at: now,
        };
        self.ports.mailer.send(&mail).await
    }

    /// Uses up a code. Every way to be wrong gets the same answer.
    pub(super) async fn redeem(
        &self,
        account: Option<&Account>,
        kind: CodeKind,
        code: &str,
    ) -> Result<(), Fault> {
        let teen = account.map_or(TeenId::from_subject_bits(0), |account| account.teen);
        let given = self.code_hash(teen, kind, code.trim());
        let now = self.ports.clock.now();
        let accounts = &self.ports.accounts;
        // Counted before it is judged, in one step: guesses made at once do not share a count.
        let issued = accounts.guess_code(teen, kind, MAX_TRIES, now).await?;
        let issued = issued.ok_or(Fault::CODE)?;
        if account.is_none()
            || constant_time::verify_slices_are_equal(&given, &issued.hash).is_err()
        {
            return Err(Fault::CODE);
        }
        accounts.remove_code(teen, kind).await?;
        Ok(())
    }

    /// Counts a guess at a code; the count is by name, whether or not there is such an account.
    pub(super) fn admit_code(&self, name: &str, address: Option<IpAddr>) -> Result<(), Fault> {
        let now = self.ports.clock.now();
        let admitted = self.limits.admit(Counted::Code, name, address, now);
        if admitted { Ok(()) } else { Err(Fault::LIMIT) }
    }

    /// Counts a mail, sent or not.
    pub(super) fn admit_mail(&self, name: &str, address: Option<IpAddr>) -> Result<(), Fault> {
        let now = self.ports.clock.now();
        let admitted = self.limits.admit(Counted::Mail, name, address, now);
        if admitted { Ok(()) } else { Err(Fault::LIMIT) }
    }

    fn code_hash(&self, teen: TeenId, kind: CodeKind, code: &str) -> [u8; 32] {
        let text = format!("{teen}|{kind:?}|{code}");
        let tag = hmac::sign(&self.code_key, text.as_bytes());
        let mut hash = [0_u8; 32];
        hash.copy_from_slice(tag.as_ref());
        hash
    }
}

/// Where a code went, or would have gone; `shown` is what may be shown of it.
pub(super) fn delivery(shown: &str) -> Value {
    json!({
        "AttributeName": "email", "DeliveryMedium": "EMAIL", "Destination": shown,
    })
}
