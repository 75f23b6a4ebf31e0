//! Programs with tables behind them.

use std::time::Duration;

use innerworld_core::{
    identity::{
        consent::{ConsentRecord, MemoryMode, Purpose},
        consents::Catalogue,
        profile::Profile,
    },
    ids::TeenId,
    secret::Text,
};
use innerworld_testkit::{lambda::Outcome, records::Records};
use serde_json::{Value, json};

use crate::place::{Place, wall_clock};

const MINUTE: Duration = Duration::from_secs(60);
/// Who comes to the door.
pub(crate) const TEEN: TeenId = TeenId::from_subject_bits(7);
const ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/$connect";

fn answered(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Answered(body) => serde_json::from_str(&body).unwrap(),
        other => panic!("no answer: {other:?}"),
    }
}

/// Gives the teen a complete profile and the consents that the door asks for.
pub(crate) async fn complete(place: &Place) {
    let records = Records::named("functions");
    let profile = records.profile();
    place.aws.profiles().put(TEEN, &profile).await.unwrap();
    agree(place, TEEN, &[(Purpose::Terms, "", None)]).await;
}

/// The same for this teen, as the socket server's tests have one: with a memory mode, and the consent
/// to the company that answers.
pub(crate) async fn complete_as(place: &Place, teen: TeenId, memory: MemoryMode) {
    let profile = Profile {
        name: Some(Text::new("Robin".to_owned())),
        country: "US".to_owned(),
        region: None,
        locale: "en-US".to_owned(),
        time_zone: "UTC".to_owned(),
        ..Records::named("functions").profile()
    };
    place.aws.profiles().put(teen, &profile).await.unwrap();
    let agreed = [
        (Purpose::Terms, "", None),
        (Purpose::Memory, "", Some(memory)),
        (Purpose::ChatModel, "OpenRouter", None),
    ];
    agree(place, teen, &agreed).await;
}

/// Records these consents: what for, to which company, in which mode.
pub(crate) async fn agree(
    place: &Place,
    teen: TeenId,
    agreed: &[(Purpose, &str, Option<MemoryMode>)],
) {
    let records = Records::named("functions");
    let catalogue = Catalogue::shipped(Vec::new()).unwrap();
    let records: Vec<_> = agreed
        .iter()
        .map(|(purpose, company, mode)| ConsentRecord {
            text_version: catalogue.version(*purpose).to_owned(),
            recipient: (*company).to_owned(),
            mode: *mode,
            ..records.consent(*purpose, 0)
        })
        .collect();
    place.aws.consents().append(teen, &records).await.unwrap();
}

fn handshake(token: &str) -> Value {
    json!({
        "type": "REQUEST", "methodArn": ARN,
        "headers": {"Sec-WebSocket-Protocol": format!("innerworld.v1, bearer.{token}")},
        "requestContext": {"connectionId": "L0SM9cOFvHcCIhw=", "routeKey": "$connect"},
    })
}

fn effect(policy: &Value) -> &Value {
    &policy["policyDocument"]["Statement"][0]["Effect"]
}

#[tokio::test]
async fn a_complete_teen_is_let_in_connected_and_disconnected() {
    let place = Place::new().await;
    let mut authorizer = place.deployed("authorizer", env!("CARGO_BIN_EXE_authorizer"));
    let event = handshake(&place.pool.token(TEEN, wall_clock()));
    let policy = answered(authorizer.invoke(event.to_string()).await);
    assert_eq!(effect(&policy), "Deny", "no profile yet");

    complete(&place).await;
    let policy = answered(authorizer.invoke(event.to_string()).await);
    assert_eq!(effect(&policy), "Allow");
    assert_eq!(policy["principalId"], TEEN.to_string());
    let context = policy["context"].as_object().unwrap();
    let mut names: Vec<_> = context.keys().collect();
    names.sort();
    assert_eq!(names, ["jti", "token_expires_at", "user_id"]);

    let mut connecting = event.clone();
    connecting["requestContext"]["authorizer"] = policy["context"].clone();
    let program = env!("CARGO_BIN_EXE_connect-handler");
    let mut connect = place.deployed("connect-handler", program);
    let answer = answered(connect.invoke(connecting.to_string()).await);
    assert_eq!(answer["statusCode"], 200);
    assert_eq!(answer["headers"]["Sec-WebSocket-Protocol"], "innerworld.v1");
    let connections = place.aws.connections();
    let row = connections.find("L0SM9cOFvHcCIhw=", wall_clock()).await;
    assert_eq!(row.unwrap().unwrap().teen, TEEN);

    let program = env!("CARGO_BIN_EXE_disconnect-handler");
    let mut disconnect = place.deployed("disconnect-handler", program);
    for _twice in 0..2 {
        let answer = answered(disconnect.invoke(connecting.to_string()).await);
        assert_eq!(answer, json!({"statusCode": 200}));
    }
    let row = connections.find("L0SM9cOFvHcCIhw=", wall_clock()).await;
    assert_eq!(row.unwrap(), None);
    for mut double in [authorizer, connect, disconnect] {
        double.stop();
        let written = double.written();
        assert!(!written.contains(&TEEN.to_string()), "{written}");
    }
}

#[tokio::test]
async fn who_signed_out_everywhere_or_is_being_erased_stays_outside() {
    let place = Place::new().await;
    complete(&place).await;
    let mut authorizer = place.deployed("authorizer", env!("CARGO_BIN_EXE_authorizer"));
    let now = wall_clock();
    let before = handshake(&place.pool.token(TEEN, now.minus(MINUTE)));
    let after = handshake(&place.pool.token(TEEN, now));
    let mut effects = async || {
        let mut effects = Vec::new();
        for event in [&before, &after] {
            let policy = answered(authorizer.invoke(event.to_string()).await);
            effects.push(effect(&policy).as_str().unwrap().to_owned());
        }
        effects
    };
    assert_eq!(effects().await, ["Allow", "Allow"]);
    let signed_out = now.minus(MINUTE / 2);
    let accounts = place.aws.accounts();
    accounts.deny_before(TEEN, signed_out).await.unwrap();
    assert_eq!(effects().await, ["Deny", "Allow"]);
    place.aws.erasure().fence(TEEN, now).await.unwrap();
    assert_eq!(effects().await, ["Deny", "Deny"]);
}

#[tokio::test]
async fn a_confirmed_teen_has_a_key_however_often_the_pool_tells() {
    let place = Place::new().await;
    let program = env!("CARGO_BIN_EXE_cognito-post-confirmation");
    let mut function = place.deployed("cognito-post-confirmation", program);
    let event = json!({
        "version": "1", "triggerSource": "PostConfirmation_ConfirmSignUp",
        "userName": TEEN.to_string(), "userPoolId": "us-east-1_aB3dEfGhI",
        "request": {"userAttributes": {"sub": TEEN.to_string(), "email": "robin@example.org"}},
        "response": {},
    });
    let key = json!({"user_id": {"S": TEEN.to_string()}});
    let mut wrapped = Value::Null;
    for _thrice in 0..3 {
        let answer = answered(function.invoke(event.to_string()).await);
        assert_eq!(answer, event);
        let item = place.item(&place.names().teen_keys, key.clone()).await;
        assert!(item["wrapped"]["B"].is_string(), "{item}");
        assert!(wrapped.is_null() || wrapped == item, "the first key stays");
        wrapped = item;
    }
    function.stop();
    assert!(!function.written().contains("robin"));
}

#[tokio::test]
async fn health_is_degraded_without_secrets_and_says_which() {
    let place = Place::new().await;
    let program = env!("CARGO_BIN_EXE_health-check");
    let mut function = place.deployed("health-check", program);
    let answer = answered(function.invoke("{}").await);
    assert_eq!(answer["statusCode"], 200, "{answer}");
    let report: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(report["status"], "degraded");
    let services = report["services"].as_array().unwrap();
    let state = |name: &str| {
        let found = services.iter().find(|service| service["name"] == name);
        found.unwrap()["state"].clone()
    };
    assert_eq!(state("teen-keys"), "ok");
    assert_eq!(state("model_secret"), "degraded");
}
