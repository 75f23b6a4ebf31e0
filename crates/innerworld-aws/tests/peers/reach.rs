//! Each peer answers a question of the service that it stands for, without an adapter of ours between:
//! if one of these fails, the peer does.

use std::time::Duration;

use serde_json::{Value, json};

use crate::place::address;

/// Posts a JSON document; the answer must be a success.
async fn post(url: &str, headers: &[(&str, &str)], body: &Value) -> Value {
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(30))
        .no_proxy()
        .build()
        .unwrap();
    let mut request = client.post(url).body(body.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{status}: {text}");
    serde_json::from_str(&text).unwrap()
}

/// Calls an operation of AWS in its JSON protocol. No peer checks the signature, but some want one, or
/// read the service out of it.
async fn call(variable: &str, service: &str, operation: &str, body: Value) -> Value {
    let credential = format!("local/20260101/us-east-1/{service}/aws4_request");
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=none");
    let kind = match service {
        "dynamodb" | "sqs" => "application/x-amz-json-1.0",
        _ => "application/x-amz-json-1.1",
    };
    let headers = [
        ("content-type", kind),
        ("x-amz-date", "20260101T000000Z"),
        ("x-amz-target", operation),
        ("authorization", &authorization),
    ];
    post(&address(variable), &headers, &body).await
}

#[tokio::test]
async fn dynamodb_lists_tables() {
    let tables = call(
        "INNERWORLD_TEST_DYNAMODB",
        "dynamodb",
        "DynamoDB_20120810.ListTables",
        json!({}),
    )
    .await;
    assert!(tables["TableNames"].is_array(), "{tables}");
}

#[tokio::test]
async fn sqs_delivers_what_was_sent() {
    let sqs = |operation, body| call("INNERWORLD_TEST_SQS", "sqs", operation, body);
    let queue = sqs(
        "AmazonSQS.CreateQueue",
        json!({"QueueName": "reach.fifo", "Attributes": {"FifoQueue": "true"}}),
    )
    .await;
    let url = &queue["QueueUrl"];
    // Another in every run: what was sent within five minutes is not delivered again.
    let once = std::process::id().to_string();
    sqs(
        "AmazonSQS.SendMessage",
        json!({"QueueUrl": url, "MessageBody": once, "MessageGroupId": once, "MessageDeduplicationId": once}),
    )
    .await;
    let received = sqs(
        "AmazonSQS.ReceiveMessage",
        json!({"QueueUrl": url, "MaxNumberOfMessages": 10}),
    )
    .await;
    let messages = received["Messages"].as_array().unwrap();
    assert!(
        messages.iter().any(|message| message["Body"] == once),
        "{received}"
    );
}

#[tokio::test]
async fn kms_makes_a_key() {
    let key = call(
        "INNERWORLD_TEST_KMS",
        "kms",
        "TrentService.CreateKey",
        json!({}),
    )
    .await;
    assert_eq!(key["KeyMetadata"]["KeyState"], "Enabled", "{key}");
}

#[tokio::test]
async fn secrets_manager_lists_secrets() {
    let secrets = call(
        "INNERWORLD_TEST_SECRETS",
        "secretsmanager",
        "secretsmanager.ListSecrets",
        json!({}),
    )
    .await;
    assert!(secrets["SecretList"].is_array(), "{secrets}");
}

#[tokio::test]
async fn s3_lists_buckets() {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client
        .get(address("INNERWORLD_TEST_S3"))
        .header("authorization", "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none")
        .send()
        .await
        .unwrap();
    let text = answer.text().await.unwrap();
    assert!(text.contains("<ListAllMyBucketsResult"), "{text}");
}

#[tokio::test]
async fn neo4j_answers_a_statement() {
    let url = format!("{}/db/neo4j/tx/commit", address("INNERWORLD_TEST_NEO4J"));
    let statement = json!({"statement": "RETURN $number AS number", "parameters": {"number": 1}});
    let headers = [("content-type", "application/json")];
    let answer = post(&url, &headers, &json!({"statements": [statement]})).await;
    assert_eq!(answer["errors"], json!([]), "{answer}");
    assert_eq!(
        answer["results"][0]["data"][0]["row"],
        json!([1]),
        "{answer}"
    );
}

#[tokio::test]
async fn cognito_lists_user_pools() {
    let pools = call(
        "INNERWORLD_TEST_COGNITO",
        "cognito-idp",
        "AWSCognitoIdentityProviderService.ListUserPools",
        json!({"MaxResults": 5}),
    )
    .await;
    assert!(pools["UserPools"].is_array(), "{pools}");
}
