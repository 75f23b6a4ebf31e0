//! The HTTP routes as a function: requests of the gateway, and what needs no table.

use std::time::Duration;

use axum::{body::to_bytes, extract::ConnectInfo, response::IntoResponse as _};
use innerworld_core::ids::TeenId;
use innerworld_lambda::{
    http_event::{self, Request},
    map::Function,
};
use innerworld_server::http::account::ServedAt;
use innerworld_testkit::{
    lambda::{LambdaDouble, Outcome},
    user_pool::UserPoolDouble,
};
use serde_json::{Value, json};

use crate::{programs::wall_clock, world::deployed};

const TEEN: TeenId = TeenId::from_subject_bits(7);

/// A request as the gateway makes it.
fn event(method: &str, path: &str, headers: &Value) -> Value {
    json!({
        "version": "2.0", "routeKey": "ANY /v1/{proxy+}", "rawPath": path, "rawQueryString": "",
        "headers": headers,
        "requestContext": {
            "accountId": "123456789012", "apiId": "abcdef123", "stage": "$default",
            "domainName": "abcdef123.execute-api.us-east-1.amazonaws.com",
            "http": {
                "method": method, "path": path, "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.7", "userAgent": "tests",
            },
            "requestId": "JKJaXmPLvHcESHA=", "timeEpoch": 1_764_000_000_000_i64,
        },
        "isBase64Encoded": false,
    })
}

fn request(event: Value) -> Request {
    serde_json::from_value(event).unwrap()
}

#[tokio::test]
async fn a_request_reaches_the_routes_as_it_was_sent() {
    let headers =
        json!({"Content-TYPE": "application/json", "Idempotency-Key": "k", "bad name": "x"});
    let mut asked = event("POST", "/v1/me/memory/forget", &headers);
    asked["rawQueryString"] = json!("q=a%20b&kind=caf\u{e9}");
    asked["cookies"] = json!(["a=1", "b=2"]);
    asked["body"] = json!("eyJ0YXJnZXRzIjpbXX0=");
    asked["isBase64Encoded"] = json!(true);
    let asked = request(asked).into_http().unwrap();
    assert_eq!(asked.method(), "POST");
    let wanted = "/v1/me/memory/forget?q=a%20b&kind=caf%C3%A9";
    assert_eq!(asked.uri(), wanted);
    let header = |name: &str| asked.headers()[name].to_str().unwrap();
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(
        (header("idempotency-key"), header("cookie")),
        ("k", "a=1; b=2")
    );
    assert_eq!(asked.headers().len(), 3);
    let peer: &ConnectInfo<std::net::SocketAddr> = asked.extensions().get().unwrap();
    assert_eq!(peer.0.ip().to_string(), "192.0.2.7");
    let body = to_bytes(asked.into_body(), 100).await.unwrap();
    assert_eq!(&body[..], b"{\"targets\":[]}");
}

#[test]
fn paths_are_those_of_the_api_whatever_its_stage_and_whoever_wrote_them() {
    let uri = |stage: &str, path: &str| {
        let mut asked = event("GET", path, &json!({}));
        asked["requestContext"]["stage"] = json!(stage);
        let asked = request(asked).into_http().unwrap();
        let ServedAt(base) = asked.extensions().get().unwrap();
        let base = base.rsplit_once(".com").unwrap().1.to_owned();
        (asked.uri().to_string(), base)
    };
    let is = |uri: (String, String), path: &str, base: &str| {
        assert_eq!(uri, (path.to_owned(), base.to_owned()));
    };
    is(uri("$default", "/v1/me"), "/v1/me", "");
    is(uri("prod", "/prod/v1/me"), "/v1/me", "/prod");
    is(uri("prod", "/v1/me"), "/v1/me", "/prod");
    is(uri("v1", "/v1/v1/me"), "/v1/me", "/v1");
    is(uri("pro", "/prod/v1/me"), "/prod/v1/me", "/pro");
    let odd = "/v1/sessions/a b?\u{e9}#\"";
    is(
        uri("$default", odd),
        "/v1/sessions/a%20b%3F%C3%A9%23%22",
        "",
    );
}

#[test]
fn what_is_no_request_is_no_event() {
    let taken = |name: &str, value: Value| {
        let mut asked = event("POST", "/v1/me", &json!({}));
        match name.strip_prefix("http.") {
            Some(name) => asked["requestContext"]["http"][name] = value,
            None => asked[name] = value,
        }
        let read: Result<Request, _> = serde_json::from_value(asked);
        read.is_ok_and(|read| read.into_http().is_ok())
    };
    assert!(
        taken("rawPath", json!("/v1/me")),
        "the others are told from it"
    );
    assert!(!taken("rawPath", Value::Null));
    assert!(!taken("rawPath", json!("")));
    assert!(!taken("http.method", json!("GET ME")));
    assert!(!taken("http.sourceIp", json!("somewhere")));
    assert!(!taken("headers", json!({"a": ["several"]})));
    assert!(!taken("isBase64Encoded", json!("perhaps")));
    let mut odd = event("POST", "/v1/me", &json!({}));
    odd["body"] = json!("not base64!");
    odd["isBase64Encoded"] = json!(true);
    assert!(request(odd).into_http().is_err());
}

#[tokio::test]
async fn answers_are_what_the_gateway_reads() {
    let several = [("vary", "origin"), ("vary", "accept"), ("x-a", "1")];
    let mut response = "words".into_response();
    for (name, value) in several {
        response.headers_mut().append(name, value.parse().unwrap());
    }
    let answer = http_event::answer(response).await.unwrap();
    let wanted = json!({
        "statusCode": 200, "body": "words", "isBase64Encoded": false,
        "headers": {
            "content-type": "text/plain; charset=utf-8", "vary": "origin, accept", "x-a": "1",
        },
    });
    assert_eq!(answer, wanted);
    let answer = http_event::answer(vec![0xff, 0].into_response())
        .await
        .unwrap();
    assert_eq!(
        (&answer["body"], &answer["isBase64Encoded"]),
        (&json!("/wA="), &json!(true))
    );
    for long in ["a".repeat(6 << 20), "\"".repeat(4 << 20)] {
        let refused = http_event::answer(long.into_response()).await;
        assert!(format!("{:?}", refused.unwrap_err()).contains("6 MB"));
    }
}

/// The program, whose services are nowhere but for the user pool.
fn program(pool: &UserPoolDouble) -> LambdaDouble {
    let pool = pool.endpoint();
    let at = [("AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER", pool.as_str())];
    deployed(Function::named("account-api").unwrap(), &at)
}

/// Status, headers, and the body as JSON.
async fn ask(program: &mut LambdaDouble, event: &Value) -> (u64, Value, Value) {
    let Outcome::Answered(answer) = program.invoke(event.to_string()).await else {
        panic!("no answer; it wrote {}", program.written());
    };
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let body = answer["body"].as_str().unwrap();
    let status = answer["statusCode"].as_u64().unwrap();
    let headers = answer["headers"].clone();
    (
        status,
        headers,
        serde_json::from_str(body).unwrap_or(Value::Null),
    )
}

#[tokio::test]
async fn what_anybody_may_read_is_there_while_the_tables_are_not() {
    let pool = UserPoolDouble::start().await;
    let mut program = program(&pool);
    let nothing = json!({});
    for path in [
        "protocol",
        "personas",
        "consents",
        "disclosure",
        "safety/protocol",
    ] {
        let asked = event("GET", &format!("/v1/{path}"), &nothing);
        let (status, headers, body) = ask(&mut program, &asked).await;
        assert_eq!(status, 200, "{path}");
        assert!(body.is_object(), "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["strict-transport-security"], "max-age=63072000");
    }
    let mut help = event(
        "GET",
        "/v1/safety/resources",
        &json!({"Origin": "https://app.example.org"}),
    );
    help["rawQueryString"] = json!("country=US&locale=en");
    let (status, headers, body) = ask(&mut program, &help).await;
    assert_eq!(
        (status, &headers["cache-control"]),
        (200, &json!("public, max-age=3600"))
    );
    assert!(body.to_string().contains("988"), "{body}");
    assert_eq!(
        headers["access-control-allow-origin"],
        "https://app.example.org"
    );

    let (_, _, client) = ask(&mut program, &event("GET", "/v1/client", &nothing)).await;
    let pool_url = "https://cognito-idp.us-east-1.amazonaws.com";
    assert_eq!(client["cognito_url"], pool_url);
    assert_eq!(client["user_pool_id"], "us-east-1_aB3dEfGhI");
    assert_eq!(
        client["http_url"],
        "https://abcdef123.execute-api.us-east-1.amazonaws.com"
    );
    assert_eq!(client["ws_url"], "ws://127.0.0.1:1/test");
    let (status, _, body) = ask(&mut program, &event("GET", "/v1/nowhere", &nothing)).await;
    assert_eq!((status, &body["error"]["code"]), (404, &json!("not_found")));
    // They belong to one machine.
    for path in ["/", "/health", "/v1/ws"] {
        let (status, _, _) = ask(&mut program, &event("GET", path, &nothing)).await;
        assert_eq!(status, 404, "{path}");
    }
}

#[tokio::test]
async fn only_access_tokens_of_the_pool_count_whatever_the_gateway_says() {
    let pool = UserPoolDouble::start().await;
    let mut program = program(&pool);
    let now = wall_clock();
    let asked = |token: &str| {
        let mut asked = event(
            "GET",
            "/v1/me",
            &json!({"authorization": format!("Bearer {token}")}),
        );
        asked["requestContext"]["authorizer"] = json!({
            "jwt": {"claims": pool.claims(TEEN, now), "scopes": null},
        });
        asked
    };
    let mut forged = pool.forged(TEEN, now);
    let ended = now.minus(Duration::from_secs(7_200));
    forged.push(("one that ended", pool.token(TEEN, ended)));
    for (name, token) in &forged {
        let (status, _, body) = ask(&mut program, &asked(token)).await;
        assert_eq!(status, 401, "{name}: {body}");
    }
    let (status, _, _) = ask(&mut program, &event("GET", "/v1/me", &json!({}))).await;
    assert_eq!(status, 401);
    // A good one is not enough: the tables do not say whether its teen signed out.
    let good = pool.token(TEEN, now);
    let (status, _, body) = ask(&mut program, &asked(&good)).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (503, &json!("storage_unavailable"))
    );
    program.stop();
    let written = program.written();
    for (name, token) in forged.iter().filter(|(_, token)| token.len() > 10) {
        assert!(!written.contains(token.as_str()), "{name}");
    }
    assert!(
        !written.contains(&good) && !written.contains(&TEEN.to_string()),
        "{written}"
    );
}
