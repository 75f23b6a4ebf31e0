//! Server-to-server notifications of Sign in with Apple: what somebody did with their account at
//! Apple's own pages.

use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::{AppleSubject, Untrusted, jws};

const MAX_ID_BYTES: usize = 256;
const MAX_EVENTS: usize = 16;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppleEvent {
    /// Somebody stopped using their Apple account with this app.
    ConsentRevoked(AppleSubject),
    /// Somebody deleted their Apple account, or asked for the account here to be deleted.
    AccountDeleted(AppleSubject),
    /// Something that changes nothing here, such as the forwarding of mail.
    Other,
}

/// A notification that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppleEvents {
    /// Its id; a repeat has the same.
    pub id: String,
    /// What it says.
    pub events: Vec<AppleEvent>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    jti: String,
    events: Value,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "type")]
    kind: String,
    sub: String,
}

/// Checks signature, issuer and audience. Its times are not looked at: that somebody took back
/// their consent stays true, however late the message is.
pub fn check(
    token: &str,
    key: &DecodingKey,
    issuer: &str,
    audiences: &[&str],
) -> Result<AppleEvents, Untrusted> {
    let claims: Claims = jws::claims(token, key, Algorithm::RS256)?;
    if claims.iss != issuer {
        return Err(Untrusted::Issuer);
    }
    if !audiences.contains(&claims.aud.as_str()) {
        return Err(Untrusted::Audience);
    }
    if !(1..=MAX_ID_BYTES).contains(&claims.jti.len()) {
        return Err(Untrusted::Form);
    }
    Ok(AppleEvents {
        id: claims.jti,
        events: read(claims.events)?,
    })
}

/// Apple writes one event as JSON inside a text; a list and bare JSON are read as well.
fn read(events: Value) -> Result<Vec<AppleEvent>, Untrusted> {
    let form = |_cause: serde_json::Error| Untrusted::Form;
    let events = match events {
        Value::String(text) => serde_json::from_str(&text).map_err(form)?,
        other => other,
    };
    let events = match events {
        Value::Array(list) => list,
        one => vec![one],
    };
    if events.len() > MAX_EVENTS {
        return Err(Untrusted::Form);
    }
    events
        .into_iter()
        .map(|event| {
            let event: Event = serde_json::from_value(event).map_err(form)?;
            let subject = AppleSubject::parse(&event.sub)?;
            Ok(match event.kind.as_str() {
                "consent-revoked" => AppleEvent::ConsentRevoked(subject),
                // Apple's pages and its messages have used both words.
                "account-delete" | "account-deleted" => AppleEvent::AccountDeleted(subject),
                _ => AppleEvent::Other,
            })
        })
        .collect()
}
