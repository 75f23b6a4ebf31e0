//! Operations of AWS in its JSON protocol, as whoever deploys calls them.

use serde_json::Value;

/// Calls an operation of the peer at this address, and gives what it answers; `Null` for nothing. No
/// peer checks signatures, so this is none.
///
/// `service` is the name that signatures name, such as `dynamodb`; `operation` has its prefix, as in
/// `DynamoDB_20120810.GetItem`.
pub async fn call(at: &str, (service, operation): (&str, &str), body: Value) -> Value {
    let credential = format!("test/20260101/us-east-1/{service}/aws4_request");
    let signed =
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=none");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client
        .post(at)
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", operation)
        .header("x-amz-date", "20260101T000000Z")
        .header("authorization", signed)
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{operation}: {status}: {text}");
    // Some operations answer nothing.
    let body = if text.is_empty() { "null" } else { &text };
    serde_json::from_str(body).unwrap()
}
