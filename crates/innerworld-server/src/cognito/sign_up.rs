//! Making an account, and getting back into one.

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;
use innerworld_core::{
    error::{ErrorKind, PortError},
    identity::{
        account::{Account, AccountState, CodeKind},
        age::{self, AgeError},
        email, password,
    },
    ids::TeenId,
    secret::{Redacted, Text},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Cognito, codes::delivery, fault::Fault};
use crate::http::account::IdentityProvider;
use innerworld_engine::erase::{Closing, Forgets as _};

/// How long an address that was too young is refused.
const REFUSED: Duration = Duration::from_secs(30 * 24 * 3_600);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    name: String,
    #[serde(default)]
    value: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SignUp {
    client_id: String,
    username: Text,
    password: Text,
    #[serde(default)]
    user_attributes: Vec<Attribute>,
    #[serde(default)]
    validation_data: Vec<Attribute>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Named {
    client_id: String,
    username: Text,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Confirm {
    client_id: String,
    username: Text,
    confirmation_code: Text,
    #[serde(default)]
    password: Text,
}

impl Cognito {
    pub(super) async fn sign_up(
        &self,
        request: SignUp,
        address: Option<IpAddr>,
    ) -> Result<Value, Fault> {
        self.check_client(&request.client_id)?;
        let email = email::normalise(request.username.reveal())
            .ok_or(Fault::parameter("Username should be an email."))?;
        let attribute = attribute(&request.user_attributes, "email");
        if attribute.is_some_and(|given| email::normalise(given).as_ref() != Some(&email)) {
            return Err(Fault::parameter(
                "The attribute email must equal the username.",
            ));
        }
        check_password(request.password.reveal())?;
        let counted = self.derived.subject(&email).to_string();
        self.admit_mail(&counted, address)?;
        self.check_age(&request, &email).await?;
        let teen = self.new_subject();
        // Hashed before the look-up: a taken address costs as much as a new one.
        let password = request.password.into_inner();
        let credential = self.passwords.make(teen, password).await?;
        let now = self.ports.clock.now();
        let account = Account {
            teen,
            email: Redacted::new(email.clone()),
            state: AccountState::Unconfirmed,
            created_at: now,
            modified_at: now,
            federated: None,
        };
        self.ports.accounts.create(&account, &credential).await?;
        self.send_code(&account, CodeKind::SignUp).await?;
        Ok(json!({
            "UserConfirmed": false, "UserSub": teen.to_string(),
            "CodeDeliveryDetails": delivery(&email::mask(&email)),
        }))
    }

    /// Looks at a birth date, wherever it was sent, and lets go of it.
    async fn check_age(&self, request: &SignUp, email: &str) -> Result<(), Fault> {
        let now = self.ports.clock.now();
        if self.ports.accounts.is_refused(email, now).await? {
            return Err(Fault::AGE);
        }
        let country = attribute(&request.validation_data, "country").unwrap_or_default();
        // All of them: a second date must not hide behind the first.
        let lists = [&request.validation_data, &request.user_attributes];
        let dates = lists
            .into_iter()
            .flatten()
            .filter(|attribute| attribute.name == "birthdate")
            .map(|attribute| attribute.value.reveal().as_str());
        for date in dates {
            match age::from_birth_date(date, country, now) {
                Ok(_band) => {}
                Err(AgeError::Invalid) => {
                    return Err(Fault::parameter("birthdate must be a date, YYYY-MM-DD."));
                }
                Err(AgeError::TooYoung) => {
                    self.ports
                        .accounts
                        .put_refusal(email, now.plus(REFUSED))
                        .await?;
                    return Err(Fault::AGE);
                }
            }
        }
        Ok(())
    }

    pub(super) async fn confirm_sign_up(
        &self,
        request: Confirm,
        address: Option<IpAddr>,
    ) -> Result<Value, Fault> {
        self.check_client(&request.client_id)?;
        let who = self.who(request.username.reveal()).await?;
        self.admit_code(&who.counted, address)?;
        let code = request.confirmation_code.reveal();
        self.redeem(who.account.as_ref(), CodeKind::SignUp, code)
            .await?;
        self.confirm(who.account).await?;
        Ok(json!({}))
    }

    pub(super) async fn resend(
        &self,
        request: Named,
        address: Option<IpAddr>,
    ) -> Result<Value, Fault> {
        self.check_client(&request.client_id)?;
        let who = self.who(request.username.reveal()).await?;
        self.admit_mail(&who.counted, address)?;
        if let Some(account) = who.account.filter(|a| a.state == AccountState::Unconfirmed) {
            self.send_code(&account, CodeKind::SignUp).await?;
        }
        Ok(json!({"CodeDeliveryDetails": delivery(&who.shown)}))
    }

    pub(super) async fn forgot_password(
        &self,
        request: Named,
        address: Option<IpAddr>,
    ) -> Result<Value, Fault> {
        self.check_client(&request.client_id)?;
        let who = self.who(request.username.reveal()).await?;
        self.admit_mail(&who.counted, address)?;
        if let Some(account) = who.account.filter(may_recover) {
            self.send_code(&account, CodeKind::ForgotPassword).await?;
        }
        Ok(json!({"CodeDeliveryDetails": delivery(&who.shown)}))
    }

    pub(super) async fn confirm_forgot(
        &self,
        request: Confirm,
        address: Option<IpAddr>,
    ) -> Result<Value, Fault> {
        self.check_client(&request.client_id)?;
        check_password(request.password.reveal())?;
        let who = self.who(request.username.reveal()).await?;
        self.admit_code(&who.counted, address)?;
        let account = who.account.filter(may_recover);
        let code = request.confirmation_code.reveal();
        self.redeem(account.as_ref(), CodeKind::ForgotPassword, code)
            .await?;
        let teen = account
            .as_ref()
            .map(|account| account.teen)
            .ok_or(Fault::CODE)?;
        let credential = self
            .passwords
            .make(teen, request.password.into_inner())
            .await?;
        self.ports
            .accounts
            .put_credential(teen, &credential)
            .await?;
        // Whoever had the old password is out; the mailbox proves the address as well.
        self.end_sessions(teen).await?;
        self.confirm(account).await?;
        Ok(json!({}))
    }

    async fn confirm(&self, account: Option<Account>) -> Result<(), Fault> {
        let mut account = account.ok_or(Fault::CODE)?;
        if account.state == AccountState::Unconfirmed {
            account.state = AccountState::Confirmed;
            account.modified_at = self.ports.clock.now();
            let updated = self.ports.accounts.update(&account).await;
            if updated
                .as_ref()
                .is_err_and(|cause| cause.kind() == ErrorKind::NotFound)
            {
                return Err(Fault::CODE);
            }
            updated?;
        }
        Ok(())
    }
}

#[async_trait]
impl IdentityProvider for Cognito {
    async fn end_sessions(&self, teen: TeenId) -> Result<(), PortError> {
        let mark = self.ports.clock.now().plus(Duration::from_millis(1));
        self.ports.accounts.deny_before(teen, mark).await?;
        self.verifier.forget(teen);
        self.ports.sockets.close(teen, Closing::SignedOut);
        Ok(())
    }
}

pub(super) fn check_password(text: &str) -> Result<(), Fault> {
    password::check(text).map_err(|cause| {
        let message = match cause {
            password::PasswordError::TooShort => {
                "Password did not conform with policy: Password not long enough"
            }
            password::PasswordError::TooLong => {
                "Password did not conform with policy: Password is too long"
            }
        };
        Fault("InvalidPasswordException", message)
    })
}

fn may_recover(account: &Account) -> bool {
    let open = matches!(
        account.state,
        AccountState::Unconfirmed | AccountState::Confirmed
    );
    // Whoever signs in at another provider has no password here, and no address to send to.
    open && account.federated.is_none()
}

fn attribute<'a>(list: &'a [Attribute], name: &str) -> Option<&'a str> {
    list.iter()
        .find(|attribute| attribute.name == name)
        .map(|attribute| attribute.value.reveal().as_str())
}
