//! The scripts of the hostile list, by point (H1 to H17 and H19).

use std::time::Duration;

use super::{Act, Script, Wire, http2, wire::response};

/// Text that a provider might quote in an error: it must never come out again.
pub const QUOTED: &str = "QUOTED-WORDS-OF-A-TEEN";

fn named(name: &'static str, wire: &Wire) -> (&'static str, Script) {
    (name, wire.closing())
}

/// H1: comments before the first data, between events, and after the text.
pub fn h01_comments_everywhere() -> Script {
    let mut wire = Wire::new();
    for _ in 0..50 {
        wire = wire.comment();
    }
    wire.token("Hello")
        .comment()
        .token(" there.")
        .comment()
        .finish("stop")
        .comment()
        .usage()
        .done()
        .chunked()
}

/// H1: comments every few milliseconds and never a token.
pub fn h01_comments_only(every: Duration) -> Script {
    let mut script = Wire::new().open();
    for _ in 0..2_000 {
        script.push(Act::Send(b": OPENROUTER PROCESSING\n\n".to_vec()));
        script.push(Act::Pause(every));
    }
    script
}

/// H2: a good answer, one byte at a time.
pub fn h02_byte_by_byte() -> Script {
    let head = Wire::new().open();
    let body = Wire::new()
        .comment()
        .token("Sch\u{f6}n \u{1f642}")
        .finish("stop")
        .usage()
        .done()
        .body();
    head.into_iter()
        .chain([Act::Drip(body, Duration::ZERO), Act::Close])
        .collect()
}

/// H3: every way to write, forget and double `[DONE]` around a good answer.
pub fn h03_done_variants() -> Vec<(&'static str, Script)> {
    let text = || Wire::new().token("Hello").token(" there.");
    let late = text().finish("stop").done().token(" Not this.").usage();
    vec![
        named("present", &text().finish("stop").usage().done()),
        named("missing", &text().finish("stop").usage()),
        named("before usage", &text().finish("stop").done().usage()),
        named("followed by data", &late),
        named("doubled", &text().finish("stop").usage().done().done()),
        named(
            "text after the finish",
            &text().finish("stop").token(" Not this.").usage(),
        ),
    ]
}

/// H3: the socket closes (in order, or after `[DONE]`) without any finish reason.
pub fn h03_no_finish_reason() -> Vec<(&'static str, Script)> {
    vec![
        named("closed", &Wire::new().token("Hello")),
        named("done", &Wire::new().token("Hello").done()),
        named("usage", &Wire::new().token("Hello").usage().done()),
    ]
}

/// H4: bodies without a bound.
pub fn h04_floods() -> Vec<(&'static str, Script)> {
    let open = |act: Act| {
        let mut script = Wire::new().open();
        script.push(act);
        script
    };
    let block = vec![b'x'; 64 * 1024];
    let data = Wire::new().token("").body();
    vec![
        ("a line of 100 MB", open(Act::Flood(block.clone(), 1_600))),
        (
            "endless comments",
            open(Act::Flood(b":\n".to_vec(), 50_000_000)),
        ),
        ("endless events", open(Act::Flood(data, 5_000_000))),
        (
            "endless JSON",
            open(Act::Flood(b"{\"a\":".to_vec(), 20_000_000)),
        ),
    ]
}

/// H4: an error whose body never ends.
pub fn h04_endless_error() -> Script {
    vec![
        Act::Send(b"HTTP/1.1 500 Oops\r\nconnection: close\r\n\r\n".to_vec()),
        Act::Flood(vec![b'x'; 64 * 1024], 1_600),
    ]
}

/// H4: a body that claims to be compressed.
pub fn h04_gzip() -> Script {
    let body = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3];
    response(
        "200 OK",
        &["content-type: text/event-stream", "content-encoding: gzip"],
        body,
    )
}

/// H4: the three framings, and garbage after the end.
pub fn h04_framings() -> Vec<(&'static str, Script)> {
    let good = Wire::good();
    let mut garbage = good.chunked();
    garbage.extend([Act::Send(b"\0\xFFgarbage\r\n".to_vec()), Act::Close]);
    vec![
        ("closed", good.closing()),
        ("length", good.with_length()),
        ("chunked", good.chunked()),
        ("trailing garbage", garbage),
        named("garbage after done", &Wire::good().raw("\0garbage")),
    ]
}

/// H5: events that strict types stumble over, between the two halves of a good answer.
pub fn h05_odd_events() -> Vec<(&'static str, Script)> {
    let odd = [
        ("empty object", "{}"),
        ("choices empty", r#"{"choices":[]}"#),
        ("choices null", r#"{"choices":null}"#),
        ("choices of another type", r#"{"choices":"none"}"#),
        ("delta missing", r#"{"choices":[{"index":0}]}"#),
        ("delta null", r#"{"choices":[{"index":0,"delta":null}]}"#),
        (
            "content null",
            r#"{"choices":[{"index":0,"delta":{"content":null}}]}"#,
        ),
        ("content empty", r#"{"choices":[{"delta":{"content":""}}]}"#),
        (
            "role only",
            r#"{"choices":[{"delta":{"role":"assistant"}}]}"#,
        ),
        (
            "reasoning",
            r#"{"choices":[{"delta":{"content":"","reasoning":"hm","reasoning_details":[{"type":"x"}]}}]}"#,
        ),
        (
            "tool call in pieces",
            r#"{"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a"}}]}}]}"#,
        ),
        (
            "unknown fields",
            r#"{"choices":[],"x":{"y":[1,2]},"provider":"P","service_tier":null}"#,
        ),
        ("usage null", r#"{"choices":[],"usage":null}"#),
        ("usage of another type", r#"{"choices":[],"usage":"free"}"#),
        ("error null", r#"{"choices":[],"error":null}"#),
        (
            "another choice",
            r#"{"choices":[{"index":1,"delta":{"content":"No."}}]}"#,
        ),
        ("empty data", ""),
    ];
    odd.into_iter()
        .map(|(name, event)| {
            let wire = Wire::new()
                .data(event)
                .token("Hello")
                .data(event)
                .token(" there.")
                .finish("stop")
                .usage()
                .done();
            (name, wire.closing())
        })
        .collect()
}

/// H6: endings without any text.
pub fn h06_no_text() -> Vec<(&'static str, Script)> {
    vec![
        named("stop", &Wire::new().finish("stop").usage().done()),
        named("length", &Wire::new().finish("length").done()),
        named("tool calls", &Wire::new().finish("tool_calls").done()),
        named(
            "white space",
            &Wire::new().token(" \n").token("\n").finish("stop").done(),
        ),
        named("null to the end", &Wire::new().token("").usage().done()),
        named("nothing at all", &Wire::new()),
    ]
}

/// H6: a finish reason after some text.
pub fn h06_finish(reason: &str) -> Script {
    Wire::new()
        .token("Hello")
        .finish(reason)
        .usage()
        .done()
        .closing()
}

/// H6: filtered before any text.
pub fn h06_filtered() -> Script {
    Wire::new().finish("content_filter").done().closing()
}

/// H7: an error before any token; the body quotes [`QUOTED`], as JSON or as HTML.
pub fn h07_status(status: &str, headers: &[&str], html: bool) -> Script {
    let code: String = status.chars().take_while(char::is_ascii_digit).collect();
    let body = if html {
        format!("<html><title>{status}</title>{QUOTED}</html>")
    } else {
        format!(
            r#"{{"error":{{"code":{code},"message":"sorry","metadata":{{"flagged_input":"{QUOTED}"}}}}}}"#
        )
    };
    response(status, headers, body)
}

/// H7: an error with this message.
pub fn h07_message(status: &str, message: &str) -> Script {
    let body = serde_json::json!({"error": {"message": message}}).to_string();
    response(status, &[], body)
}

/// H8: 200 with an error and null fields instead of a stream.
pub fn h08_error_as_success(kind: &str) -> Script {
    let body = format!(
        r#"{{"id":null,"choices":null,"usage":null,"error":{{"code":502,"message":"{QUOTED}"}}}}"#
    );
    response("200 OK", &[&format!("content-type: {kind}")], body)
}

/// H9: the shapes of an error inside a stream.
pub fn h09_error_events() -> Vec<(&'static str, String)> {
    let shapes = [
        (
            "top level, number",
            r#"{"error":{"code":502,"message":"Q"},"choices":[]}"#,
        ),
        (
            "top level with a choice",
            r#"{"id":"gen-1","error":{"code":"server_error","message":"Q"},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]}"#,
        ),
        ("code as text", r#"{"error":{"code":"502","message":"Q"}}"#),
        (
            "vLLM",
            r#"{"object":"error","message":"Q","type":"InternalServerError","code":500}"#,
        ),
        (
            "OpenAI",
            r#"{"error":{"type":"server_error","message":"Q","param":null,"code":null}}"#,
        ),
        (
            "inside the choice",
            r#"{"choices":[{"index":0,"error":{"code":502,"message":"Q"},"finish_reason":null}]}"#,
        ),
        (
            "finish only",
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}"#,
        ),
    ];
    shapes
        .into_iter()
        .map(|(name, event)| (name, event.replace("\"Q\"", &format!("\"{QUOTED}\""))))
        .collect()
}

/// H10: connections that end badly after some text.
pub fn h10_broken_after_text() -> Vec<(&'static str, Script)> {
    let text = || Wire::new().token("Hello").raw("data: {\"choices\":[{\"del");
    let with = |act: Act| {
        let mut script = text().open();
        script.push(Act::Pause(Duration::from_millis(30)));
        script.push(act);
        script
    };
    vec![
        ("reset", with(Act::Reset)),
        ("close", with(Act::Close)),
        ("half-close", with(Act::HalfClose)),
    ]
}

/// H10: a connection that ends badly before any answer.
pub fn h10_broken_at_once() -> Vec<(&'static str, Script)> {
    vec![
        ("close", vec![Act::Close]),
        ("reset", vec![Act::Reset]),
        (
            "half a head",
            vec![Act::Send(b"HTTP/1.1 200 O".to_vec()), Act::Close],
        ),
        (
            "no HTTP",
            vec![
                Act::Send(b"220 mail.example ESMTP\r\n\r\n".to_vec()),
                Act::Close,
            ],
        ),
    ]
}

/// H10 and H11: silence where something is expected.
pub fn h10_silent_after_request() -> Script {
    vec![Act::Hang]
}

/// H11: headers, then nothing.
pub fn h11_silent_after_headers() -> Script {
    let mut script = Wire::new().open();
    script.push(Act::Hang);
    script
}

/// H10 and H11: some text, then nothing.
pub fn h11_silent_after_text() -> Script {
    let mut script = Wire::new().token("Hello").open();
    script.push(Act::Hang);
    script
}

/// H10: some text, then one byte at a time so slowly that no event is ever complete.
pub fn h10_one_byte_at_a_time(every: Duration) -> Script {
    let mut script = Wire::new().token("Hello").open();
    script.push(Act::Drip(Wire::new().token(" there.").body(), every));
    script
}

/// H11: tokens without an end, each in time.
pub fn h11_endless_tokens(every: Duration) -> Script {
    let mut script = Wire::new().open();
    for _ in 0..2_000 {
        script.push(Act::Send(Wire::new().token("la ").body()));
        script.push(Act::Pause(every));
    }
    script
}

/// H10: an interim response before the real one.
pub fn h10_continue_first() -> Script {
    let mut script = vec![Act::Send(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec())];
    script.extend(Wire::good().chunked());
    script
}

/// H10: a redirect, which would carry the key away.
pub fn h10_redirect(to: &str) -> Script {
    response("307 Temporary Redirect", &[&format!("location: {to}")], "")
}

/// H10: an HTTP/2 connection that is going away.
pub fn h10_go_away() -> Script {
    vec![http2::go_away(), Act::Close]
}

/// H10: an HTTP/2 stream that is refused; the connection serves the next one.
pub fn h10_refused_stream() -> Script {
    vec![http2::refused_stream()]
}

/// H10: a good answer over HTTP/2, on this stream of its connection.
pub fn h10_good_http2(stream: u32) -> Script {
    vec![http2::response(stream, &Wire::good().body())]
}

/// H12: some text, then an error.
pub fn h12_fails_after_text() -> Script {
    Wire::new()
        .token("Hello")
        .data(r#"{"error":{"code":502,"message":"Q"}}"#)
        .closing()
}

/// H13: a failure that passes.
pub fn h13_unavailable() -> Script {
    h07_status("502 Bad Gateway", &[], false)
}

/// H15: a good answer with this usage object; `None` for no usage at all.
pub fn h15_usage(usage: Option<&str>) -> Script {
    let text = Wire::new().token("Hello").finish("stop");
    match usage {
        Some(usage) => text.data(format!(r#"{{"choices":[],"usage":{usage}}}"#)),
        None => text,
    }
    .done()
    .closing()
}

/// H15: zero tokens and the finish "error": not charged.
pub fn h15_zero_completion() -> Script {
    Wire::new()
        .data(
            r#"{"id":"gen-1","choices":[{"delta":{},"finish_reason":"error"}],"usage":{"prompt_tokens":0,"completion_tokens":0,"cost":0}}"#,
        )
        .closing()
}

/// H16: no endpoint satisfies the privacy flags.
pub fn h16_no_private_endpoint(status: &str) -> Script {
    let message = "No endpoints found matching your data policy (Zero data retention)";
    h07_message(status, message)
}

/// H17: a good answer whose cached tokens are suddenly zero.
pub fn h17_nothing_cached() -> Script {
    h15_usage(Some(
        r#"{"prompt_tokens":1000,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":0}}"#,
    ))
}

/// H19: unknown and retired model ids.
pub fn h19_unknown_model() -> Vec<(&'static str, Script)> {
    vec![
        (
            "400",
            h07_message("400 Bad Request", "test/primary is not a valid model ID"),
        ),
        (
            "404",
            h07_message("404 Not Found", "No endpoints found for test/primary."),
        ),
        (
            "OpenAI",
            response(
                "404 Not Found",
                &[],
                r#"{"error":{"message":"The model does not exist","type":"invalid_request_error","code":"model_not_found"}}"#,
            ),
        ),
    ]
}
