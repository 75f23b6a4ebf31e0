//! What whoever runs a deployment is told about a token: the rule, and what to do.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use innerworld_aws::{BrokenRule, CognitoTokenVerifier, DenyList, UserPool};
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    identity::token::{TokenError, TokenVerifier as _},
    ids::TeenId,
};
use innerworld_testkit::{
    records::NOW,
    user_pool::{CLIENT_ID, Mood, POOL_ID, UserPoolDouble},
};
use serde_json::{Value, json};

const TEEN: TeenId = TeenId::from_subject_bits(7);
const HOUR: Duration = Duration::from_secs(3_600);

/// A deny list that says this, or nothing.
struct Says(Option<bool>);

#[async_trait]
impl DenyList for Says {
    async fn denies(&self, _teen: TeenId, _at: Timestamp) -> Result<bool, PortError> {
        self.0
            .ok_or_else(|| PortError::new(ErrorKind::Unavailable, "read the deny list"))
    }
}

fn verifier(double: &UserPoolDouble, denies: Option<bool>) -> CognitoTokenVerifier {
    let pool = UserPool::new(POOL_ID, CLIENT_ID).unwrap();
    let pool = pool.reached_at(&double.endpoint()).unwrap();
    CognitoTokenVerifier::new(pool, Arc::new(Says(denies))).unwrap()
}

/// A good token but for these claims; null takes one away.
fn token(double: &UserPoolDouble, changed: &Value) -> String {
    let mut claims = double.claims(TEEN, NOW);
    let all = claims.as_object_mut().unwrap();
    for (name, value) in changed.as_object().unwrap() {
        all.insert(name.clone(), value.clone());
    }
    all.retain(|_name, value| !value.is_null());
    double.sign(&claims)
}

#[tokio::test]
async fn each_wrong_claim_is_named_alone() {
    use BrokenRule as Rule;
    let double = UserPoolDouble::start().await;
    let verifier = verifier(&double, Some(false));
    let now = NOW.as_seconds();
    for (changed, rule) in [
        (
            json!({"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x"}),
            Rule::Issuer,
        ),
        (json!({"iss": null}), Rule::Issuer),
        (json!({"token_use": "id"}), Rule::Use),
        (json!({"client_id": "another"}), Rule::Client),
        (json!({"iat": now + 61}), Rule::NotYet),
        (json!({"nbf": now + 61}), Rule::NotYet),
        (json!({"nbf": "now"}), Rule::Claims),
        (json!({"nbf": 1.5}), Rule::Claims),
        (json!({"jti": null}), Rule::Claims),
        (json!({"auth_time": null}), Rule::Claims),
        (json!({"exp": "soon"}), Rule::Claims),
        (json!({"scope": ["openid"]}), Rule::Claims),
        (json!({"sub": "somebody"}), Rule::Subject),
        (json!({"exp": now}), Rule::Expired),
    ] {
        let token = token(&double, &changed);
        let told = verifier.explain(&token, NOW).await;
        assert_eq!(told, Err(vec![rule]), "{changed}");
        assert_eq!(
            verifier.verify(&token, NOW).await,
            Err(rule.into()),
            "{changed}"
        );
        assert!(!rule.advice().is_empty());
    }
    // A scope is not every token's, and `nbf` no token's of Cognito.
    for changed in [json!({}), json!({"scope": null}), json!({"nbf": now})] {
        assert!(
            verifier
                .explain(&token(&double, &changed), NOW)
                .await
                .is_ok()
        );
    }
}

#[tokio::test]
async fn an_id_token_and_one_of_another_pool_are_told_with_everything_that_is_wrong() {
    use BrokenRule as Rule;
    let double = UserPoolDouble::start().await;
    let verifier = verifier(&double, Some(false));
    let id_token = token(
        &double,
        &json!({"token_use": "id", "client_id": null, "jti": null}),
    );
    let told = verifier
        .explain(&id_token, NOW.plus(HOUR))
        .await
        .unwrap_err();
    assert_eq!(told, [Rule::Use, Rule::Client, Rule::Claims, Rule::Expired]);
    // The other pool's key is not among ours: its claims say why.
    let mut elsewhere = UserPoolDouble::start().await;
    elsewhere.rotate("of-another-pool");
    let other = UserPool::new("us-east-1_other", "another").unwrap();
    let foreign = json!({"iss": other.issuer(), "client_id": other.client_id()});
    let foreign = token(&elsewhere, &foreign);
    let told = verifier.explain(&foreign, NOW).await.unwrap_err();
    assert_eq!(told, [Rule::Key, Rule::Issuer, Rule::Client]);
}

#[tokio::test]
async fn a_form_a_forgery_and_what_is_not_known_are_told_apart() {
    use BrokenRule as Rule;
    let double = UserPoolDouble::start().await;
    let good = token(&double, &json!({}));
    let told = async |denies, token: &str| {
        let told = verifier(&double, denies).explain(token, NOW).await;
        told.unwrap_err().first().copied().unwrap()
    };
    for (name, token) in double.forged(TEEN, NOW) {
        let rule = match name {
            "HS256 with the public key" => Rule::Algorithm,
            "a stranger's key" | "no signature" => Rule::Signature,
            "an unknown key" => Rule::Key,
            "alg none" | "no token" | "nothing" => Rule::Form,
            "too long" => Rule::Length,
            _ => continue,
        };
        assert_eq!(told(Some(false), &token).await, rule, "{name}");
    }
    assert_eq!(told(Some(true), &good).await, Rule::Revoked);
    assert_eq!(told(None, &good).await, Rule::DenyListUnread);
    double.feel(Mood::Down);
    assert_eq!(told(Some(false), &good).await, Rule::KeysUnread);
    assert_eq!(TokenError::from(Rule::KeysUnread), TokenError::Unavailable);
}
