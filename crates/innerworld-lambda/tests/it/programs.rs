//! The programs themselves, under a double of Lambda, with the environment of the map.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use innerworld_core::{clock::Timestamp, ids::TeenId};
use innerworld_lambda::{FUNCTIONS, map::Function};
use innerworld_testkit::{
    lambda::{LambdaDouble, Outcome},
    user_pool::{Mood, UserPoolDouble},
};
use serde_json::{Value, json};

use crate::world::{NOBODY, deployed, handshake_event};

const TEEN: TeenId = TeenId::from_subject_bits(7);

fn function(name: &str) -> &'static Function {
    Function::named(name).unwrap()
}

fn answered(outcome: Outcome) -> Value {
    match outcome {
        Outcome::Answered(body) => serde_json::from_str(&body).unwrap(),
        other => panic!("no answer: {other:?}"),
    }
}

/// The programs have no clock but the machine's.
#[expect(
    clippy::disallowed_methods,
    reason = "tokens must suit the program's clock"
)]
pub(crate) fn wall_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
}

#[tokio::test]
async fn every_function_starts_with_what_the_map_says_and_answers_bad_events() {
    for function in FUNCTIONS {
        let mut double = deployed(function, &[]);
        let long = format!("{{\"secret-word\":\"{}\"}}", "a".repeat(1_000_000));
        let odd = [
            "{}",
            "null",
            "[]",
            "1",
            "\"secret-word\"",
            "{\"requestContext\":{\"connectionId\":[\"secret-word\"]},\"methodArn\":3}",
            "",
            "{\"secret-word",
            &long,
        ];
        for event in odd {
            let outcome = double.invoke(event).await;
            let shown: String = event.chars().take(60).collect();
            match outcome {
                Outcome::Failed(body) => {
                    assert!(!body.contains("secret-word"), "{}: {body}", function.name);
                }
                Outcome::Answered(_) => {
                    // Both say how the deployment is, whoever asks.
                    let tells = ["health-check", "conversation-handler"];
                    assert!(tells.contains(&function.name), "answered {shown}");
                }
                other => panic!("{}: {other:?} for {shown}", function.name),
            }
        }
        assert_eq!(double.starts(), 1, "{}", function.name);
        double.stop();
        let written = double.written();
        assert!(!written.contains("panicked"), "{written}");
        assert!(!written.contains("secret-word"), "{}", function.name);
    }
}

#[tokio::test]
async fn a_function_that_is_not_told_enough_does_not_start_and_says_what_is_missing() {
    let mut double = deployed(
        function("authorizer"),
        &[("TEENS_TABLE", ""), ("DEBUG", "perhaps")],
    );
    assert_eq!(double.invoke("{}").await, Outcome::Ended(Some(1)));
    let written = double.written();
    assert!(written.contains("TEENS_TABLE is empty"), "{written}");
    assert!(written.contains("DEBUG must be true or false"), "{written}");
}

#[tokio::test]
async fn in_production_nobody_talks_under_a_protocol_that_was_not_reviewed_unless_somebody_answers_for_it()
 {
    for (environment, accepted, starts) in [
        ("prod", "false", false),
        ("prod", "true", true),
        ("staging", "false", true),
    ] {
        let told = [
            ("ENVIRONMENT", environment),
            ("ACCEPT_UNREVIEWED_PROTOCOL", accepted),
        ];
        let mut double = deployed(function("conversation-handler"), &told);
        let outcome = double.invoke("{}").await;
        let written = double.written();
        assert_eq!(matches!(outcome, Outcome::Answered(_)), starts, "{written}");
        assert_eq!(written.contains("no clinician has reviewed"), !starts);
    }
}

fn authorizer(pool: &UserPoolDouble) -> LambdaDouble {
    let endpoint = pool.endpoint();
    deployed(
        function("authorizer"),
        &[
            (
                "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
                endpoint.as_str(),
            ),
            ("DEBUG", "true"),
        ],
    )
}

fn effect(policy: &Value) -> &str {
    assert!(!policy["principalId"].as_str().unwrap().is_empty());
    let statement = &policy["policyDocument"]["Statement"][0];
    let resource = statement["Resource"].as_str().unwrap();
    assert!(resource.ends_with("/prod/$connect"), "{resource}");
    statement["Effect"].as_str().unwrap()
}

#[tokio::test]
async fn the_authoriser_lets_no_forged_token_in_and_writes_none_down() {
    let pool = UserPoolDouble::start().await;
    let mut double = authorizer(&pool);
    let policy = answered(double.invoke(handshake_event(&[], None).to_string()).await);
    assert_eq!(effect(&policy), "Deny");
    assert_eq!(policy["context"], json!({}));
    let mut tokens = pool.forged(TEEN, wall_clock());
    // A good one is not enough: the tables say nothing of its teen.
    tokens.push(("without tables", pool.token(TEEN, wall_clock())));
    for (name, token) in &tokens {
        let offered = format!("innerworld.v1, bearer.{token}");
        let event = handshake_event(&[("Sec-WebSocket-Protocol", &offered)], None);
        let policy = answered(double.invoke(event.to_string()).await);
        assert_eq!(effect(&policy), "Deny", "{name}");
    }
    double.stop();
    let written = double.written();
    for (name, token) in tokens.iter().filter(|(_, token)| token.len() > 10) {
        assert!(!written.contains(token.as_str()), "{name}");
    }
    assert!(written.contains("handshakes_refused"), "{written}");
    assert!(!written.contains(&TEEN.to_string()), "{written}");
}

#[tokio::test]
async fn without_the_pools_keys_nobody_comes_in_and_an_operator_is_told() {
    let pool = UserPoolDouble::start().await;
    pool.feel(Mood::Down);
    let mut double = authorizer(&pool);
    let token = format!("Bearer {}", pool.token(TEEN, wall_clock()));
    let event = handshake_event(&[("Authorization", &token)], None).to_string();
    assert_eq!(effect(&answered(double.invoke(event).await)), "Deny");
    double.stop();
    let written = double.written();
    let errors = written.lines().filter(|line| line.contains("\"ERROR\""));
    assert_eq!(errors.count(), 1, "{written}");
    assert!(written.contains("tokens cannot be checked"), "{written}");
}

#[tokio::test]
async fn an_open_socket_needs_its_table_and_a_closed_one_is_no_harm() {
    let mut double = deployed(function("connect-handler"), &[]);
    let mut event = handshake_event(&[("Sec-WebSocket-Protocol", "innerworld.v1")], None);
    let ends = wall_clock().plus(Duration::from_secs(600)).as_millis();
    event["requestContext"]["authorizer"] =
        json!({"user_id": TEEN.to_string(), "token_expires_at": ends});
    let answer = answered(double.invoke(event.to_string()).await);
    assert_eq!(answer, json!({"statusCode": 503}));
    event["headers"]["Origin"] = json!("https://evil.example");
    event["multiValueHeaders"]["Origin"] = json!(["https://evil.example"]);
    let answer = answered(double.invoke(event.to_string()).await);
    assert_eq!(answer, json!({"statusCode": 403}));

    let mut double = deployed(function("disconnect-handler"), &[]);
    let outcome = double.invoke(event.to_string()).await;
    let Outcome::Failed(error) = outcome else {
        panic!("no table, but {outcome:?}")
    };
    assert!(error.contains("could not be marked"), "{error}");
}

#[tokio::test]
async fn the_health_report_says_what_is_down() {
    let mut double = deployed(function("health-check"), &[]);
    let answer = answered(double.invoke("{\"rawPath\":\"/health\"}").await);
    assert_eq!(answer["statusCode"], json!(503));
    let report: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    assert_eq!(report["status"], "down");
    let services = report["services"].as_array().unwrap();
    assert_eq!(services.len(), 10, "eight tables and two secrets");
    assert!(
        services.iter().all(|service| service["state"] != "ok"),
        "{report}"
    );
}

/// A service that takes connections and never answers.
async fn silence() -> (tokio::net::TcpListener, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    (listener, address)
}

#[tokio::test]
async fn what_never_answers_is_given_up_and_who_takes_too_long_is_killed() {
    let (_listener, silent) = silence().await;
    let also = [
        ("AWS_ENDPOINT_URL_DYNAMODB", silent.as_str()),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", NOBODY),
    ];
    let mut patient = deployed(function("health-check"), &also);
    assert_eq!(
        answered(patient.invoke("{}").await)["statusCode"],
        json!(503)
    );

    let short = Function {
        timeout_s: 1,
        ..*function("health-check")
    };
    let mut double = deployed(&short, &also);
    assert_eq!(double.invoke("{}").await, Outcome::TimedOut);
    // The next event starts it anew.
    assert_eq!(double.invoke("{}").await, Outcome::TimedOut);
    assert_eq!(double.starts(), 2);
}
