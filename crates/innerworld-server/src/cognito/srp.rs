//! Signing in without sending the password: `USER_SRP_AUTH` and its challenge `PASSWORD_VERIFIER`.
//!
//! Somebody unknown gets the same answers, computed the same way from values of their own
//! ([`super::derived`]). Every challenge counts as one wrong password until it was answered
//! rightly, and is good for one answer, so that it bears exactly one guess.

use std::{net::IpAddr, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use innerworld_core::{
    identity::srp::{self, Claim, Person, PublicValue, Server},
    ids::TeenId,
    secret::Text,
};
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{Cognito, challenge::Challenge, derived::Kept, fault::Fault, limits::Counted};

const VERIFIER: &str = "PASSWORD_VERIFIER";
/// How far the client's clock may be off.
const SKEW: Duration = Duration::from_secs(300);

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Respond {
    client_id: String,
    challenge_name: String,
    #[serde(default)]
    challenge_responses: Responses,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "SCREAMING_SNAKE_CASE")]
struct Responses {
    username: Text,
    password_claim_secret_block: Text,
    password_claim_signature: Text,
    timestamp: String,
}

impl Cognito {
    /// Answers `USER_SRP_AUTH`.
    pub(super) async fn challenge(
        &self,
        username: &str,
        client: &str,
        address: Option<IpAddr>,
    ) -> Result<Value, Fault> {
        if username.is_empty() {
            return Err(Fault::parameter("Missing required parameter USERNAME"));
        }
        if client.is_empty() {
            return Err(Fault::parameter("Missing required parameter SRP_A"));
        }
        let client = PublicValue::parse(client).ok_or(Fault::parameter(
            "SRP_A must be the hexadecimal digits of a number above zero and below the prime.",
        ))?;
        let who = self.who(username).await?;
        let now = self.ports.clock.now();
        if !self
            .limits
            .admit(Counted::Password, &who.counted, address, now)
        {
            return Err(Fault::PASSWORDS);
        }
        let kept = self.kept(who.subject, who.account.is_some()).await?;
        let salt = srp::number_text(&kept.salt);
        let server = self.side(who.subject, &kept)?;
        let public = self.passwords.public(server).await?;
        let challenge = Challenge {
            subject: who.subject,
            client,
        };
        let block = self.challenges.seal(&challenge, now)?;
        let subject = who.subject.to_string();
        Ok(json!({
            "ChallengeName": VERIFIER,
            "ChallengeParameters": {
                "SALT": salt, "SECRET_BLOCK": BASE64.encode(block), "SRP_B": public.to_string(),
                "USERNAME": subject, "USER_ID_FOR_SRP": subject,
            },
        }))
    }

    /// Takes the answer to a challenge.
    pub(super) async fn respond(
        &self,
        request: Respond,
        address: Option<IpAddr>,
    ) -> Result<Value, Fault> {
        self.check_client(&request.client_id)?;
        if request.challenge_name != VERIFIER {
            return Err(Fault::parameter("This challenge is not offered here."));
        }
        let given = request.challenge_responses;
        let username = given.username.reveal();
        let block = read(
            &given.password_claim_secret_block,
            "Missing or malformed parameter PASSWORD_CLAIM_SECRET_BLOCK",
        )?;
        let signature = read(
            &given.password_claim_signature,
            "Missing or malformed parameter PASSWORD_CLAIM_SIGNATURE",
        )?;
        let stamped = srp::read_stamp(&given.timestamp).ok_or(Fault::parameter(
            "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english.",
        ))?;
        let now = self.ports.clock.now();
        let challenge = self.challenges.redeem(&block, now).await?;
        if now.since(stamped) > SKEW || stamped.since(now) > SKEW {
            return Err(Fault::CLOCK);
        }
        if TeenId::from_verified_subject(username) != Ok(challenge.subject) {
            return Err(Fault::NOT_AUTHORIZED);
        }
        let who = self.who(username).await?;
        let kept = self.kept(who.subject, who.account.is_some()).await?;
        let server = self.side(who.subject, &kept)?;
        let key = self.passwords.key(server, challenge.client).await?;
        let subject = who.subject.to_string();
        let claim = Claim {
            person: Person::new(&self.pool.id, &subject),
            secret_block: &block,
            timestamp: &given.timestamp,
        };
        let fits = key.verify(claim, &signature);
        let account = who.account.filter(|_| fits).ok_or(Fault::NOT_AUTHORIZED)?;
        self.limits
            .forgive(Counted::Password, &who.counted, address);
        let account = super::sign_in::may_sign_in(account)?;
        let result = self.sign_in(&account).await?;
        Ok(json!({"AuthenticationResult": result, "ChallengeParameters": {}}))
    }

    /// Salt and verifier: those of the account, or what stands for them. Both are made, so that
    /// neither costs more.
    async fn kept(&self, subject: TeenId, known: bool) -> Result<Kept, Fault> {
        let derived = self.derived.kept(subject);
        if !known {
            return Ok(derived);
        }
        let credential = self.ports.accounts.credential(subject).await?;
        // A credential may be older than its verifier.
        let credential = credential.filter(|stored| {
            !stored.srp_salt.reveal().is_empty() && !stored.srp_verifier.reveal().is_empty()
        });
        Ok(credential.map_or(derived, |stored| Kept {
            salt: stored.srp_salt.into_inner(),
            verifier: Zeroizing::new(stored.srp_verifier.into_inner()),
        }))
    }

    fn side(&self, subject: TeenId, kept: &Kept) -> Result<Server, Fault> {
        let secret = self.derived.secret(subject, kept);
        Server::new(&kept.verifier, &secret).ok_or(Fault::INTERNAL)
    }
}

/// Reads base64; `otherwise` says what is wrong.
fn read(text: &Text, otherwise: &'static str) -> Result<Vec<u8>, Fault> {
    let bytes = BASE64.decode(text.reveal()).unwrap_or_default();
    if bytes.is_empty() {
        return Err(Fault::parameter(otherwise));
    }
    Ok(bytes)
}
