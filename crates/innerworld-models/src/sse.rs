//! An incremental parser of server-sent events with limits.
//!
//! Providers split bytes anywhere and write every line ending there is. This parser shows comments
//! (they say that the provider is alive), never grows past its limits and never reconnects: a paid
//! POST must not be repeated by a parser.

/// The longest line.
pub const MAX_LINE_BYTES: usize = 256 * 1024;
/// The longest event, over all its `data` lines.
pub const MAX_EVENT_BYTES: usize = 512 * 1024;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// What the parser found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SseItem {
    /// A comment line.
    Comment,
    /// The `data` of one event: its lines joined by a line feed, invalid UTF-8 replaced.
    Data(String),
}

/// A line or an event is longer than allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a line or an event of the stream is too long")]
pub struct TooLong;

/// The parser. Feed it with [`SseParser::push`], then call [`SseParser::finish`].
#[derive(Debug, Default)]
pub struct SseParser {
    /// The line so far, without its ending. Bytes, since a read may end inside a code point.
    line: Vec<u8>,
    /// `data` of the event so far.
    data: Option<Vec<u8>>,
    /// The last byte was a carriage return: a line feed right after it belongs to it.
    skip_line_feed: bool,
    /// The first line is over: a byte order mark can no longer come.
    started: bool,
}

impl SseParser {
    /// A parser at the start of a stream.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes and adds what they complete to `found`.
    pub fn push(&mut self, mut bytes: &[u8], found: &mut Vec<SseItem>) -> Result<(), TooLong> {
        while let Some(first) = bytes.first() {
            if std::mem::take(&mut self.skip_line_feed) && *first == b'\n' {
                bytes = bytes.get(1..).unwrap_or_default();
                continue;
            }
            let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                return self.extend(bytes);
            };
            let (line, rest) = bytes.split_at(end);
            self.extend(line)?;
            self.skip_line_feed = rest.first() == Some(&b'\r');
            bytes = rest.get(1..).unwrap_or_default();
            self.end_line(found)?;
        }
        Ok(())
    }

    /// The stream is over: an event without its blank line counts all the same.
    pub fn finish(&mut self, found: &mut Vec<SseItem>) -> Result<(), TooLong> {
        if !self.line.is_empty() {
            self.end_line(found)?;
        }
        self.dispatch(found);
        Ok(())
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + bytes.len() > MAX_LINE_BYTES {
            return Err(TooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self, found: &mut Vec<SseItem>) -> Result<(), TooLong> {
        let buffer = std::mem::take(&mut self.line);
        let mut line = buffer.as_slice();
        if !std::mem::replace(&mut self.started, true) {
            line = line.strip_prefix(BOM).unwrap_or(line);
        }
        let result = self.take_line(line, found);
        // The allocation is kept for the next line.
        self.line = buffer;
        self.line.clear();
        result
    }

    fn take_line(&mut self, line: &[u8], found: &mut Vec<SseItem>) -> Result<(), TooLong> {
        if line.is_empty() {
            self.dispatch(found);
            return Ok(());
        }
        let colon = line.iter().position(|byte| *byte == b':');
        let (field, value) = match colon {
            Some(0) => {
                found.push(SseItem::Comment);
                return Ok(());
            }
            Some(at) => {
                let (field, rest) = line.split_at(at);
                let value = rest.get(1..).unwrap_or_default();
                (field, value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &[][..]),
        };
        if field != b"data" {
            // `event`, `id` and `retry` carry nothing that an answer needs.
            return Ok(());
        }
        let data = match &mut self.data {
            Some(data) => {
                data.push(b'\n');
                data
            }
            None => self.data.insert(Vec::new()),
        };
        if data.len() + value.len() > MAX_EVENT_BYTES {
            return Err(TooLong);
        }
        data.extend_from_slice(value);
        Ok(())
    }

    fn dispatch(&mut self, found: &mut Vec<SseItem>) {
        if let Some(data) = self.data.take() {
            let text = String::from_utf8(data)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
            found.push(SseItem::Data(text));
        }
    }
}
