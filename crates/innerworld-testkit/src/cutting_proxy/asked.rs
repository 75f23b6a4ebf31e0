//! What a request to `DynamoDB` asks for, as whoever grants rights sees it.

use serde_json::Value;

/// An operation, and the table or index that it is asked of: `("Query", "teens/index/SweepIndex")`. A
/// transaction is the operations of its parts: it needs the rights of those.
pub type Asked = (String, String);

/// What the request asks for; nothing if it is none to `DynamoDB`.
pub(super) fn of(request: &[u8]) -> Vec<Asked> {
    read(request).unwrap_or_default()
}

/// The operation of a request to `DynamoDB`, and its parameters.
pub(super) fn operation(request: &[u8]) -> Option<(&str, Value)> {
    const END: &[u8] = b"\r\n\r\n";
    let head = request.windows(END.len()).position(|four| four == END)?;
    let text = std::str::from_utf8(request.get(..head)?).ok()?;
    let is_target = |line: &&str| line.to_ascii_lowercase().starts_with("x-amz-target:");
    let target = text.lines().find(is_target)?.split_once(':')?.1.trim();
    let operation = target.strip_prefix("DynamoDB_20120810.")?;
    let body = serde_json::from_slice(request.get(head + END.len()..)?).ok()?;
    Some((operation, body))
}

fn read(request: &[u8]) -> Option<Vec<Asked>> {
    let (operation, body) = operation(request)?;
    Some(match operation {
        "TransactWriteItems" => parts(&body)?,
        "BatchWriteItem" => {
            let tables = body.get("RequestItems")?.as_object()?.keys();
            tables
                .map(|table| (operation.to_owned(), table.clone()))
                .collect()
        }
        _ => vec![(operation.to_owned(), place(&body)?)],
    })
}

fn parts(body: &Value) -> Option<Vec<Asked>> {
    let parts = body.get("TransactItems")?.as_array()?.iter();
    let parts = parts.filter_map(Value::as_object).flatten();
    parts
        .map(|(kind, part)| {
            let action = match kind.as_str() {
                "ConditionCheck" => "ConditionCheckItem".to_owned(),
                kind => format!("{kind}Item"),
            };
            Some((action, place(part)?))
        })
        .collect()
}

fn place(asked: &Value) -> Option<String> {
    let table = asked.get("TableName")?.as_str()?;
    Some(match asked.get("IndexName").and_then(Value::as_str) {
        Some(index) => format!("{table}/index/{index}"),
        None => table.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(operation: &str, body: &str) -> Vec<(String, String)> {
        let head = "POST / HTTP/1.1\r\nX-Amz-Target: DynamoDB_20120810.";
        of(format!("{head}{operation}\r\nhost: x\r\n\r\n{body}").as_bytes())
    }

    #[test]
    fn a_transaction_asks_for_what_its_parts_ask_for() {
        let body =
            r#"{"TransactItems":[{"Put":{"TableName":"a"}},{"ConditionCheck":{"TableName":"b"}}]}"#;
        let pair = |action: &str, table: &str| (action.to_owned(), table.to_owned());
        let parts = [pair("PutItem", "a"), pair("ConditionCheckItem", "b")];
        assert_eq!(asked("TransactWriteItems", body), parts);
        let indexed = r#"{"TableName":"a","IndexName":"i"}"#;
        assert_eq!(asked("Query", indexed), [pair("Query", "a/index/i")]);
        let batch = r#"{"RequestItems":{"a":[],"b":[]}}"#;
        assert_eq!(asked("BatchWriteItem", batch).len(), 2);
        assert_eq!(of(b"GET / HTTP/1.1\r\n\r\n"), []);
        assert_eq!(asked("GetItem", "not json"), []);
    }
}
