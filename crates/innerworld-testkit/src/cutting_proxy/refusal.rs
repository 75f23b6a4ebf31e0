//! How `DynamoDB` refuses what may be asked again.

use serde_json::{Value, json};

use super::asked;

/// The answer to a transaction whose first part met another transaction; `None` for what is none.
pub(super) fn met(request: &[u8]) -> Option<Vec<u8>> {
    let (operation, body) = asked::operation(request)?;
    let parts = body.get("TransactItems")?.as_array()?.len();
    if operation != "TransactWriteItems" {
        return None;
    }
    let code = |part: usize| {
        if part == 0 {
            "TransactionConflict"
        } else {
            "None"
        }
    };
    let reasons: Vec<Value> = (0..parts).map(|part| json!({"Code": code(part)})).collect();
    Some(answer(&json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
        "CancellationReasons": reasons,
    })))
}

/// The answer of a table that is asked too much.
pub(super) fn throttled() -> Vec<u8> {
    answer(&json!({
        "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
        "message": "The level of configured provisioned throughput for the table was exceeded.",
    }))
}

fn answer(said: &Value) -> Vec<u8> {
    let said = said.to_string();
    let length = said.len();
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-amz-json-1.0\r\n\
         content-length: {length}\r\nconnection: close\r\n\r\n{said}"
    );
    answer.into_bytes()
}
