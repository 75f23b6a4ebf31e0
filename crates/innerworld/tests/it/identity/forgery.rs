//! Tokens that somebody made up, bent or stole.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use innerworld_core::{identity::account::SigningKey, ids::IdSource};
use innerworld_embedded::{Embedded, OsIds};
use innerworld_server::cognito::KeyRing;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::provider::{PASSWORD, Provider};

/// The claims of a token.
pub(super) fn claims(token: &str) -> Value {
    let body = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64.decode(body).unwrap()).unwrap()
}

fn encoded(value: &Value) -> String {
    BASE64.encode(value.to_string())
}

/// A token with this header, signed by nobody.
pub(super) fn unsigned(header: &Value, claims: &Value) -> String {
    format!("{}.{}.", encoded(header), encoded(claims))
}

/// Changes claims of a true token and signs them with the server's own key.
pub(super) fn bent(ring: &KeyRing, claims: &Value, changes: &[(&str, Value)]) -> String {
    let mut claims = claims.clone();
    for (name, value) in changes {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(*name);
        } else {
            claims[*name] = value.clone();
        }
    }
    ring.sign(&claims).unwrap()
}

/// Forgeries signed with the published key as if it were a shared secret (`alg` confusion).
fn confused(jwks: &Value, claims: &Value) -> Vec<(&'static str, String)> {
    let key = &jwks["keys"][0];
    let modulus = BASE64.decode(key["n"].as_str().unwrap()).unwrap();
    let mut pkcs1 = vec![0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01, 0x00];
    pkcs1.extend_from_slice(&modulus);
    pkcs1.extend_from_slice(&[0x02, 0x03, 0x01, 0x00, 0x01]);
    let secrets = [
        ("HS256 with the key's DER form", pkcs1),
        ("HS256 with the modulus", modulus),
        (
            "HS256 with the modulus as published",
            key["n"].as_str().unwrap().into(),
        ),
        ("HS256 with the whole published key", key.to_string().into()),
        ("HS256 with nothing", Vec::new()),
    ];
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(key["kid"].as_str().unwrap().to_owned());
    secrets
        .into_iter()
        .map(|(name, secret)| {
            let secret = EncodingKey::from_secret(&secret);
            (
                name,
                jsonwebtoken::encode(&header, claims, &secret).unwrap(),
            )
        })
        .collect()
}

/// Keys of another installation; `kid` is what its key calls itself.
async fn stranger(kid: Option<&str>) -> KeyRing {
    let clock = Arc::new(innerworld_testkit::FakeClock::default());
    let ids: Arc<dyn IdSource> = Arc::new(OsIds);
    let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::clone(&ids)).unwrap();
    let now = innerworld_core::clock::Clock::now(&*clock);
    let ring = KeyRing::open(stores.keys(), Arc::clone(&ids), now)
        .await
        .unwrap();
    let Some(kid) = kid else { return ring };
    let made = stores.keys().signing_keys().await.unwrap().remove(0);
    let renamed = SigningKey {
        kid: kid.to_owned(),
        ..made
    };
    stores.keys().put_signing_key(&renamed).await.unwrap();
    KeyRing::open(stores.keys(), ids, now).await.unwrap()
}

pub(super) type Named = (&'static str, String);

/// True claims, changed and signed with the server's own key.
fn untrue(ring: &KeyRing, good: &Value) -> Vec<Named> {
    let seconds = good["iat"].as_i64().unwrap();
    let issuer = good["iss"].as_str().unwrap();
    let one = |what, name, value| (what, vec![(name, value)]);
    let cases = [
        one("another issuer", "iss", json!("https://example.org/pool")),
        one("an issuer that goes on", "iss", json!(format!("{issuer}x"))),
        one("no issuer", "iss", Value::Null),
        one("another client", "client_id", json!("a".repeat(26))),
        (
            "the client as audience",
            vec![
                ("client_id", Value::Null),
                ("aud", good["client_id"].clone()),
            ],
        ),
        one("the use of an id token", "token_use", json!("id")),
        one("no subject", "sub", Value::Null),
        one("a subject of another form", "sub", json!("../../mia")),
        one("no end", "exp", Value::Null),
        one("an end that is text", "exp", json!("9999999999")),
        (
            "issued in an hour",
            vec![
                ("iat", json!(seconds + 3_600)),
                ("iat_ms", json!((seconds + 3_600) * 1_000)),
                ("exp", json!(seconds + 7_200)),
            ],
        ),
        one("not valid yet", "nbf", json!(seconds + 3_600)),
        one("two times of issue", "iat_ms", json!((seconds + 9) * 1_000)),
        one(
            "a session that never was",
            "origin_jti",
            json!("0".repeat(64)),
        ),
    ];
    cases
        .iter()
        .map(|(what, changes)| (*what, bent(ring, good, changes)))
        .collect()
}

/// A true token, cut, stretched, and put together anew.
fn misshapen(token: &str) -> Vec<Named> {
    let [header, body, signature] = token.split('.').collect::<Vec<_>>()[..] else {
        panic!("a token has three parts")
    };
    let short: String = token.chars().take(token.len() - 20).collect();
    let changed = body.replacen('a', "b", 1);
    vec![
        ("cut short", short),
        ("without its signature", format!("{header}.{body}.")),
        ("of two parts", format!("{header}.{body}")),
        ("of four parts", format!("{token}.{signature}")),
        (
            "one letter changed",
            format!("{header}.{changed}.{signature}"),
        ),
        ("too long", format!("{token}{}", "A".repeat(6_000))),
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
    ]
}

/// Everything that is wrong with a token, with a name for each.
pub(super) async fn hostile(provider: &Provider) -> Vec<Named> {
    let true_one = provider.sign_in("mia@example.org", PASSWORD).await.unwrap();
    let good = claims(&true_one.access);
    let jwks = provider.jwks().await;
    let kid = jwks["keys"][0]["kid"].as_str().unwrap().to_owned();
    let none = json!({"alg": "none", "kid": kid});
    let loud = json!({"alg": "NONE", "kid": kid});
    let (_, signature) = true_one.access.rsplit_once('.').unwrap();
    let signed_none = format!("{}{signature}", unsigned(&none, &good));
    let mut all = vec![
        ("alg none", unsigned(&none, &good)),
        ("alg NONE", unsigned(&loud, &good)),
        ("alg none with the old signature", signed_none),
        ("an id token", true_one.id.clone()),
        ("a refresh token", true_one.refresh.clone()),
        ("an unknown key", stranger(None).await.sign(&good).unwrap()),
        (
            "a known key's name",
            stranger(Some(&kid)).await.sign(&good).unwrap(),
        ),
    ];
    all.extend(untrue(&provider.forger().await, &good));
    all.extend(misshapen(&true_one.access));
    all.extend(confused(&jwks, &good));
    all
}
