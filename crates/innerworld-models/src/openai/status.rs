//! What an HTTP status or an error object means (models.md 4). The text of an error is looked at to
//! choose a kind and then dropped: a 403 may quote the teen's words.

use std::time::Duration;

use innerworld_core::{
    clock::Timestamp,
    model::chat_model::{ModelError, ModelErrorKind, ModelPhase},
};

use super::chunk::{Chunk, Complaint};

/// The error of a response that is not a stream.
pub(crate) fn of_response(
    status: u16,
    retry_after: Option<Duration>,
    body: &[u8],
    flags_sent: bool,
) -> ModelError {
    let complaint = serde_json::from_slice::<Chunk>(body)
        .ok()
        .and_then(|chunk| chunk.complaint())
        .unwrap_or_default();
    // A 200 with an error inside says its real status there.
    let status = if status == 200 {
        complaint.status.unwrap_or(status)
    } else {
        status
    };
    ModelError {
        kind: kind(status, &complaint.words, retry_after, flags_sent),
        phase: ModelPhase::BeforeFirstToken,
        provider_status: Some(status),
        retry_after,
    }
}

/// The error of an event inside a stream that began with 200.
pub(crate) fn of_event(complaint: &Complaint, phase: ModelPhase, flags_sent: bool) -> ModelError {
    let status = complaint.status.unwrap_or(0);
    ModelError {
        kind: kind(status, &complaint.words, None, flags_sent),
        phase,
        provider_status: complaint.status,
        retry_after: None,
    }
}

fn kind(
    status: u16,
    words: &str,
    retry_after: Option<Duration>,
    flags_sent: bool,
) -> ModelErrorKind {
    let says = |needles: &[&str]| needles.iter().any(|needle| words.contains(needle));
    let too_long = [
        "context_length",
        "context length",
        "maximum context",
        "context window",
        "prompt is too long",
        "too many tokens",
    ];
    let unknown_model = [
        "model_not_found",
        "not a valid model",
        "model not found",
        "unknown model",
        "no such model",
        "does not exist",
        "no endpoints found",
        "deprecated",
        "retired",
    ];
    let privacy = [
        "data policy",
        "privacy",
        "zdr",
        "data_collection",
        "data retention",
    ];
    let policy = ["content_policy", "content_filter", "moderation", "flagged"];
    match status {
        // 0: an event inside a stream often has words instead of a status.
        0 | 200 | 400 | 422 if says(&too_long) => ModelErrorKind::ContextTooLong,
        400 | 422 if says(&unknown_model) => ModelErrorKind::UnknownModel,
        0 | 200 | 400 if says(&policy) => ModelErrorKind::Refused,
        0 | 200 if says(&["rate_limit", "rate limit"]) => ModelErrorKind::Throttled,
        // A spending limit of calls in flight passes; an empty account does not.
        402 if retry_after.is_some() => ModelErrorKind::Throttled,
        401 | 402 => ModelErrorKind::Denied,
        403 => ModelErrorKind::Refused,
        404 if flags_sent && says(&privacy) => ModelErrorKind::PrivacyUnavailable,
        404 => ModelErrorKind::UnknownModel,
        413 => ModelErrorKind::ContextTooLong,
        429 => ModelErrorKind::Throttled,
        503 if flags_sent && (says(&privacy) || says(&["routing requirements"])) => {
            ModelErrorKind::PrivacyUnavailable
        }
        0 | 200 | 408 | 425 | 500..=599 => ModelErrorKind::Unavailable,
        _ => ModelErrorKind::Invalid,
    }
}

/// Reads `Retry-After`: seconds, or a date compared with the response's own `Date` (so that a clock
/// that is wrong on either side does no harm), else with `now`.
pub(crate) fn retry_after(value: &str, date: Option<&str>, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(value.trim()).ok()?;
    let millis = u64::try_from(now.as_millis()).unwrap_or(0);
    let now = date
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .unwrap_or(std::time::UNIX_EPOCH + Duration::from_millis(millis));
    Some(until.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_and_as_a_date() {
        let now = Timestamp::parse_rfc3339("2026-11-25T10:00:00Z").unwrap();
        let read = |value, date| retry_after(value, date, now);
        assert_eq!(read(" 3 ", None), Some(Duration::from_secs(3)));
        let later = "Wed, 25 Nov 2026 10:00:04 GMT";
        assert_eq!(read(later, None), Some(Duration::from_secs(4)));
        let theirs = Some("Wed, 25 Nov 2026 10:00:01 GMT");
        assert_eq!(read(later, theirs), Some(Duration::from_secs(3)));
        assert_eq!(
            read("Wed, 25 Nov 2026 09:00:00 GMT", None),
            Some(Duration::ZERO)
        );
        assert_eq!(read("soon", None), None);
    }

    #[test]
    fn statuses_have_the_kinds_of_the_table() {
        use ModelErrorKind as Kind;
        let error = |message: &str| {
            format!(
                "{{\"error\":{{\"message\":{}}}}}",
                serde_json::json!(message)
            )
        };
        let cases = [
            (400, "bad temperature", None, Kind::Invalid),
            (
                400,
                "This model's maximum context length is 8192",
                None,
                Kind::ContextTooLong,
            ),
            (400, "x/y is not a valid model ID", None, Kind::UnknownModel),
            (401, "no", None, Kind::Denied),
            (402, "no credits", None, Kind::Denied),
            (402, "in flight", Some(2), Kind::Throttled),
            (403, "flagged", None, Kind::Refused),
            (404, "No endpoints found for x/y", None, Kind::UnknownModel),
            (
                404,
                "No endpoints found matching your data policy",
                None,
                Kind::PrivacyUnavailable,
            ),
            (408, "", None, Kind::Unavailable),
            (413, "", None, Kind::ContextTooLong),
            (429, "", Some(1), Kind::Throttled),
            (500, "", None, Kind::Unavailable),
            (502, "", None, Kind::Unavailable),
            (503, "", None, Kind::Unavailable),
            (
                503,
                "no provider meets your routing requirements",
                None,
                Kind::PrivacyUnavailable,
            ),
            (302, "", None, Kind::Invalid),
        ];
        for (status, message, after, wanted) in cases {
            let after = after.map(Duration::from_secs);
            let got = of_response(status, after, error(message).as_bytes(), true);
            assert_eq!((status, got.kind), (status, wanted), "{message}");
            assert_eq!(got.provider_status, Some(status));
        }
        let html = of_response(502, None, b"<html>bad gateway</html>", true);
        assert_eq!(html.kind, Kind::Unavailable);
        let inside = of_response(200, None, br#"{"error":{"code":429},"choices":null}"#, true);
        assert_eq!(inside.kind, Kind::Throttled);
        assert_eq!(inside.provider_status, Some(429));
    }
}
