//! What a request asks for, and whether it may be asked at all.

use axum::http::{Method, header::CONTENT_TYPE, request::Parts};
use serde_json::Value;

use super::{execute::Refusal, graph::Properties};

/// A statement of the list with its values.
pub(super) struct Asked {
    pub(super) name: &'static str,
    pub(super) values: Properties,
}

/// Reads the form of a request.
pub(super) fn read(
    statements: &[(&'static str, &'static str)],
    parts: &Parts,
    body: &[u8],
) -> Result<Asked, Refusal> {
    const MALFORMED: Refusal = (400, "MalformedQueryException");
    let form = "application/x-www-form-urlencoded";
    let is_form = parts
        .headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind == form);
    if parts.method != Method::POST || parts.uri != "/openCypher" || !is_form {
        return Err((400, "BadRequestException"));
    }
    let (mut query, mut parameters) = (None, None);
    for (name, value) in form_urlencoded::parse(body) {
        match &*name {
            "query" => query = Some(value.into_owned()),
            "parameters" => parameters = Some(value.into_owned()),
            _ => return Err((400, "BadRequestException")),
        }
    }
    let query = query.ok_or((400, "MissingParameterException"))?;
    if has_literal(&query) {
        return Err(MALFORMED);
    }
    let known = statements.iter().find(|(_name, text)| *text == query);
    let (name, _text) = known.ok_or(MALFORMED)?;
    let parameters = parameters.ok_or((400, "MissingParameterException"))?;
    match serde_json::from_str(&parameters) {
        Ok(Value::Object(values)) => Ok(Asked { name, values }),
        _ => Err((400, "InvalidParameterException")),
    }
}

/// Whether a value stands in a statement's text: a quote, or a number that is no limit.
fn has_literal(query: &str) -> bool {
    if query.contains(['\'', '"']) {
        return true;
    }
    let words: Vec<&str> = query.split_ascii_whitespace().collect();
    let is_number = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    let spaced = words.iter().enumerate().any(|(place, word)| {
        let limit = place.checked_sub(1).and_then(|before| words.get(before)) == Some(&"LIMIT");
        is_number(word) && !limit
    });
    let joined = query
        .split(['(', '[', '{', ':', ',', '=', '<', '>', '.'])
        .skip(1);
    spaced || joined.into_iter().any(is_number)
}

#[cfg(test)]
mod tests {
    use super::has_literal;

    #[test]
    fn only_a_limit_is_a_number() {
        for fine in ["MATCH (n) RETURN n LIMIT 500", "RETURN $one AS one"] {
            assert!(!has_literal(fine), "{fine}");
        }
        for literal in [
            "RETURN 1",
            "RETURN n.name = 'Mia'",
            "MATCH (n {teen: 7}) RETURN n",
            "MATCH (n {teen:7}) RETURN n",
            "MATCH (n)-[*1..2]-(m) WHERE n.x <7 RETURN n",
        ] {
            assert!(has_literal(literal), "{literal}");
        }
    }
}
