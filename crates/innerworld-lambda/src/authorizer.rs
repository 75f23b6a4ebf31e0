//! Who may open a socket: the authoriser of `$connect`.
//!
//! It is asked once a connection and never again, so what it lets in is checked anew with every
//! frame. Whatever it cannot find out is a refusal. The gateway turns a refusal into 403 without a
//! code; the client then asks `GET /v1/me` why.

use std::sync::Arc;

use aws_lc_rs::digest;
use innerworld_aws::{CognitoTokenVerifier, DenyList, configuration};
use innerworld_core::{
    clock::{Clock, Timestamp},
    error::PortError,
    identity::{
        account::TicketStore,
        consent::ConsentStore,
        consents::Catalogue,
        gate::{self, Standing},
        profile::ProfileStore,
        token::{Claims, TokenError, TokenVerifier},
    },
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    environment,
    gateway::Handshake,
    metrics::Metrics,
    run::{Failure, Handler, read},
    start,
};

/// Longest ticket looked at; ours have 43 characters.
const MAX_TICKET_BYTES: usize = 128;
const NAME: &str = "authorizer";

/// An authoriser event of kind REQUEST.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    /// What the policy must name.
    method_arn: String,
    #[serde(flatten)]
    handshake: Handshake,
}

/// Why somebody is not let in.
#[derive(Debug)]
pub enum Refusal {
    /// Neither a token nor a ticket came.
    NoCredential,
    /// The token, or the one that the ticket stands for, does not count.
    Token(TokenError),
    /// The ticket was never made, was taken, has ended, or belongs to another origin.
    Ticket,
    /// The profile was not completed.
    ProfileIncomplete,
    /// The terms in their present text were not agreed to.
    ConsentRequired,
    /// The account is closed.
    Closed,
    /// It could not be found out.
    Unavailable(PortError),
}

impl Refusal {
    /// A stable word for logs.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NoCredential => "no_credential",
            Self::Token(TokenError::Expired) => "token_expired",
            Self::Token(TokenError::Invalid) => "token_invalid",
            Self::Token(TokenError::Revoked) => "token_revoked",
            Self::Token(TokenError::Unavailable) | Self::Unavailable(_) => "unavailable",
            Self::Ticket => "ticket_invalid",
            Self::ProfileIncomplete => "profile_incomplete",
            Self::ConsentRequired => "consent_required",
            Self::Closed => "closed",
        }
    }
}

impl From<PortError> for Refusal {
    fn from(error: PortError) -> Self {
        Self::Unavailable(error)
    }
}

/// What is asked of a teen at the door.
#[derive(Clone)]
pub struct Door {
    /// Checks tokens.
    pub verifier: Arc<dyn TokenVerifier>,
    /// One-use tickets.
    pub tickets: Arc<dyn TicketStore>,
    /// What ends tokens before their time.
    pub denied: Arc<dyn DenyList>,
    /// Profiles.
    pub profiles: Arc<dyn ProfileStore>,
    /// Consents.
    pub consents: Arc<dyn ConsentStore>,
    /// The texts that are agreed to.
    pub catalogue: Catalogue,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Door").finish_non_exhaustive()
    }
}

impl Door {
    /// Lets somebody in, or says why not. Nothing of a teen is read before the credential holds.
    pub async fn admit(&self, handshake: &Handshake) -> Result<Claims, Refusal> {
        let now = self.clock.now();
        let claims = match (handshake.token(), handshake.ticket()) {
            (Some(token), _) => self
                .verifier
                .verify(token, now)
                .await
                .map_err(Refusal::Token)?,
            (None, Some(ticket)) => {
                let origin = handshake.origin().unwrap_or_default();
                self.redeem(ticket, origin, now).await?
            }
            (None, None) => return Err(Refusal::NoCredential),
        };
        let stored = (&*self.profiles, &*self.consents);
        match gate::standing_of(claims.teen, stored, &self.catalogue, now).await? {
            Standing::Active(_band) => Ok(claims),
            Standing::ProfileIncomplete => Err(Refusal::ProfileIncomplete),
            Standing::ConsentRequired => Err(Refusal::ConsentRequired),
            Standing::Closed => Err(Refusal::Closed),
        }
    }

    /// A ticket stands for the token it was bought with, once, from the same origin.
    async fn redeem(&self, ticket: &str, origin: &str, now: Timestamp) -> Result<Claims, Refusal> {
        if ticket.len() > MAX_TICKET_BYTES {
            return Err(Refusal::Ticket);
        }
        let mut hash = [0; 32];
        let sum = digest::digest(&digest::SHA256, ticket.as_bytes());
        for (to, from) in hash.iter_mut().zip(sum.as_ref()) {
            *to = *from;
        }
        let found = self.tickets.take(hash, now).await?;
        let ticket = found
            .filter(|ticket| ticket.origin == origin)
            .ok_or(Refusal::Ticket)?;
        if now >= ticket.token_expires_at {
            return Err(Refusal::Token(TokenError::Expired));
        }
        if self
            .denied
            .denies(ticket.teen, ticket.token_issued_at)
            .await?
        {
            return Err(Refusal::Token(TokenError::Revoked));
        }
        Ok(Claims {
            teen: ticket.teen,
            issued_at: ticket.token_issued_at,
            expires_at: ticket.token_expires_at,
            jti: String::new(),
            auth_time: ticket.token_issued_at,
            scopes: Vec::new(),
        })
    }
}

/// The function `authorizer`.
#[derive(Debug)]
pub struct Authorizer {
    door: Door,
    metrics: Metrics,
}

impl Authorizer {
    /// The function at this door.
    pub fn new(door: Door, metrics: Metrics) -> Self {
        Self { door, metrics }
    }

    fn refuse(&self, refusal: &Refusal) {
        let reason = refusal.as_str();
        match refusal {
            // The verifier has said what is wrong.
            Refusal::Token(TokenError::Unavailable) => {}
            Refusal::Unavailable(error) => tracing::error!(
                operation = error.operation(),
                error.kind = ?error.kind(),
                "nobody can be let in"
            ),
            _ => tracing::debug!(reason, "a handshake was refused"),
        }
        let now = self.door.clock.now();
        self.metrics.count("handshakes_refused", NAME, now);
    }
}

impl Handler for Authorizer {
    type Environment = environment::Authorizer;

    async fn open(environment: Self::Environment) -> anyhow::Result<Self> {
        let config = configuration().await;
        let keys = environment.keys;
        let aws = start::stores(&config, keys.tables, keys.kms_key);
        let verifier = CognitoTokenVerifier::new(environment.pool, aws.deny_list())?;
        let door = Door {
            verifier: Arc::new(verifier),
            tickets: aws.tickets(),
            denied: aws.deny_list(),
            profiles: aws.profiles(),
            consents: aws.consents(),
            catalogue: Catalogue::shipped(Vec::new())?,
            clock: start::clock(),
        };
        let metrics = Metrics::on_stdout(&environment.common.environment);
        Ok(Self::new(door, metrics))
    }

    async fn handle(&self, event: Value) -> Result<Value, Failure> {
        let request: Request = read(
            event,
            "not an authoriser event of $connect with a methodArn",
        )?;
        Ok(match self.door.admit(&request.handshake).await {
            Ok(claims) => allow(&request.method_arn, &claims),
            Err(refusal) => {
                self.refuse(&refusal);
                policy("Deny", &request.method_arn, ("nobody", json!({})))
            }
        })
    }
}

/// No e-mail, no name: what is here lands in access logs if somebody asks for it.
fn allow(method_arn: &str, claims: &Claims) -> Value {
    let teen = claims.teen.to_string();
    let context = json!({
        "user_id": teen,
        "token_expires_at": claims.expires_at.as_millis(),
        "jti": claims.jti,
    });
    policy("Allow", method_arn, (&teen, context))
}

fn policy(effect: &str, method_arn: &str, (principal, context): (&str, Value)) -> Value {
    json!({
        "principalId": principal,
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{
                "Action": "execute-api:Invoke",
                "Effect": effect,
                "Resource": method_arn,
            }],
        },
        "context": context,
    })
}
