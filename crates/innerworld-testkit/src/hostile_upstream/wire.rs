//! Building responses.

use super::Act;

/// How the end of the body is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// By closing the connection.
    Close,
    /// By a length.
    Length,
    /// By chunks, one per event.
    Chunked,
}

/// A response of server-sent events that is being written down.
#[derive(Clone, Debug, Default)]
pub struct Wire {
    events: Vec<Vec<u8>>,
}

impl Wire {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Any bytes.
    #[must_use]
    pub fn raw(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.events.push(bytes.as_ref().to_vec());
        self
    }

    /// One event with this data.
    #[must_use]
    pub fn data(self, data: impl AsRef<str>) -> Self {
        self.raw(format!("data: {}\n\n", data.as_ref()))
    }

    /// A comment line.
    #[must_use]
    pub fn comment(self) -> Self {
        self.raw(": OPENROUTER PROCESSING\n\n")
    }

    /// A piece of text.
    #[must_use]
    pub fn token(self, text: &str) -> Self {
        let text = serde_json::json!(text);
        self.data(format!(
            r#"{{"id":"gen-1","object":"chat.completion.chunk","model":"test/answering","choices":[{{"index":0,"delta":{{"role":"assistant","content":{text}}},"finish_reason":null}}]}}"#
        ))
    }

    /// The finish reason, in an event of its own.
    #[must_use]
    pub fn finish(self, reason: &str) -> Self {
        self.data(format!(
            r#"{{"id":"gen-1","model":"test/answering","choices":[{{"index":0,"delta":{{"content":""}},"finish_reason":"{reason}","native_finish_reason":"x"}}]}}"#
        ))
    }

    /// Usage: 1,000 prompt tokens, of which 600 read from the cache and 100 written, 20 answered.
    #[must_use]
    pub fn usage(self) -> Self {
        self.data(
            r#"{"id":"gen-1","choices":[],"usage":{"prompt_tokens":1000,"completion_tokens":20,"prompt_tokens_details":{"cached_tokens":600,"cache_write_tokens":100},"completion_tokens_details":{"reasoning_tokens":5},"cost":0.00123,"cost_details":{"upstream_inference_cost":null}}}"#,
        )
    }

    /// `[DONE]`.
    #[must_use]
    pub fn done(self) -> Self {
        self.data("[DONE]")
    }

    /// A whole good answer.
    pub fn good() -> Self {
        Self::saying(&["Hello", " there."])
    }

    /// A whole answer of these pieces.
    pub fn saying(pieces: &[&str]) -> Self {
        let words = pieces
            .iter()
            .fold(Self::new(), |wire, piece| wire.token(piece));
        words.finish("stop").usage().done()
    }

    /// The body without any framing.
    pub fn body(&self) -> Vec<u8> {
        self.events.concat()
    }

    /// Head and body, the end marked by closing.
    pub fn closing(&self) -> Vec<Act> {
        vec![Act::Send(self.written(Framing::Close)), Act::Close]
    }

    /// Head and body with a length; the connection stays open.
    pub fn with_length(&self) -> Vec<Act> {
        vec![Act::Send(self.written(Framing::Length))]
    }

    /// Head and body in chunks; the connection stays open.
    pub fn chunked(&self) -> Vec<Act> {
        vec![Act::Send(self.written(Framing::Chunked))]
    }

    /// Head and body so far, with no mark of an end: more acts follow.
    pub fn open(&self) -> Vec<Act> {
        vec![Act::Send(self.written(Framing::Close))]
    }

    fn written(&self, framing: Framing) -> Vec<u8> {
        let body = self.body();
        let mut bytes =
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncache-control: no-cache\r\n"
                .to_vec();
        match framing {
            Framing::Close => {
                bytes.extend(b"connection: close\r\n\r\n");
                bytes.extend(body);
            }
            Framing::Length => {
                bytes.extend(format!("content-length: {}\r\n\r\n", body.len()).bytes());
                bytes.extend(body);
            }
            Framing::Chunked => {
                bytes.extend(b"transfer-encoding: chunked\r\n\r\n");
                for event in &self.events {
                    bytes.extend(format!("{:x}\r\n", event.len()).bytes());
                    bytes.extend(event);
                    bytes.extend(b"\r\n");
                }
                bytes.extend(b"0\r\n\r\n");
            }
        }
        bytes
    }
}

/// A response that is no stream. `headers` are whole lines without line endings.
pub fn response(status: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Vec<Act> {
    let body = body.as_ref();
    let mut head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    let mut bytes = format!("{head}\r\n").into_bytes();
    bytes.extend(body);
    vec![Act::Send(bytes)]
}
