//! What an authoriser answered.

use serde_json::{Map, Value, json};

/// Longest answer.
const MAX_BYTES: usize = 8 * 1_024;
/// What a policy must allow.
const ACTION: &str = "execute-api:Invoke";

/// Why nobody comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The policy does not allow it.
    Denied,
    /// It is no answer of an authoriser.
    Broken,
}

/// Reads an authoriser's answer about `method_arn`: what events are told of it from now on. Every
/// value is a text then.
pub(super) fn read(answer: &Value, method_arn: &str) -> Result<Map<String, Value>, Refused> {
    let principal = answer.get("principalId").and_then(Value::as_str);
    let statements = answer.pointer("/policyDocument/Statement");
    let (Some(principal), Some(statements)) = (principal, statements) else {
        return Err(Refused::Broken);
    };
    if answer.to_string().len() > MAX_BYTES {
        return Err(Refused::Broken);
    }
    let mut found = Map::new();
    if let Some(context) = answer.get("context") {
        for (name, value) in context.as_object().ok_or(Refused::Broken)? {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(_) | Value::Bool(_) => value.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => return Err(Refused::Broken),
            };
            found.insert(name.clone(), json!(text));
        }
    }
    let mut allowed = false;
    for statement in many(statements) {
        let names = |field: &str, wanted: &str| {
            let patterns = statement.get(field).map(many).unwrap_or_default();
            let mut patterns = patterns.into_iter().filter_map(Value::as_str);
            patterns.any(|pattern| matches(pattern.as_bytes(), wanted.as_bytes()))
        };
        if !names("Action", ACTION) || !names("Resource", method_arn) {
            continue;
        }
        match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => allowed = true,
            Some("Deny") => return Err(Refused::Denied),
            _ => return Err(Refused::Broken),
        }
    }
    if !allowed {
        return Err(Refused::Denied);
    }
    found.insert("principalId".to_owned(), json!(principal));
    found.insert("integrationLatency".to_owned(), json!(1));
    Ok(found)
}

/// One, or a list of them.
fn many(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(values) => values.iter().collect(),
        one => vec![one],
    }
}

/// Whether a text is what a pattern with `*` and `?` says.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), _) => {
            matches(rest, text)
                || text
                    .split_first()
                    .is_some_and(|(_, text)| matches(pattern, text))
        }
        (Some((b'?', rest)), Some((_, text))) => matches(rest, text),
        (Some((one, rest)), Some((other, text))) if one == other => matches(rest, text),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/prod/$connect";

    fn policy(statements: &Value, context: &Value) -> Value {
        json!({
            "principalId": "somebody",
            "policyDocument": {"Version": "2012-10-17", "Statement": statements},
            "context": context,
        })
    }

    fn statement(effect: &str, resource: &str) -> Value {
        json!({"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource})
    }

    #[test]
    fn only_what_is_allowed_and_not_denied_comes_in() {
        let none = json!({});
        for (statements, allowed) in [
            (json!([statement("Allow", ARN)]), true),
            (statement("Allow", "*"), true),
            (
                json!([statement(
                    "Allow",
                    "arn:aws:execute-api:*:*:*/prod/$connect"
                )]),
                true,
            ),
            (
                json!([statement(
                    "Allow",
                    "arn:aws:execute-api:*:*:*/test/$connect"
                )]),
                false,
            ),
            (
                json!([statement("Allow", ARN), statement("Deny", "*")]),
                false,
            ),
            (json!([statement("Deny", ARN)]), false),
            (json!([]), false),
            (
                json!([{"Action": "s3:*", "Effect": "Allow", "Resource": "*"}]),
                false,
            ),
        ] {
            let answer = policy(&statements, &none);
            let read = read(&answer, ARN).map(drop);
            let expected = if allowed {
                Ok(())
            } else {
                Err(Refused::Denied)
            };
            assert_eq!(read, expected, "{answer}");
        }
    }

    #[test]
    fn what_was_found_comes_back_as_texts() {
        let context = json!({"user_id": "a", "ends": 1_764_000_003_600_000_i64, "adult": false});
        let found = read(&policy(&statement("Allow", ARN), &context), ARN).unwrap();
        assert_eq!(found["ends"], "1764000003600000");
        assert_eq!(found["adult"], "false");
        assert_eq!(found["principalId"], "somebody");
    }

    #[test]
    fn what_is_no_answer_is_told_from_a_refusal() {
        let good = policy(&statement("Allow", ARN), &json!({}));
        let nested = policy(&statement("Allow", ARN), &json!({"a": {"b": 1}}));
        let long = policy(&statement("Allow", ARN), &json!({"a": "b".repeat(9_000)}));
        let mut nobody = good.clone();
        nobody["principalId"] = json!(null);
        for broken in [
            json!({}),
            json!(null),
            nested,
            long,
            nobody,
            json!({"statusCode": 200}),
        ] {
            assert_eq!(read(&broken, ARN), Err(Refused::Broken));
        }
    }
}
