//! Reads one streamed answer: limits, clocks, and what counts as success.

use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt as _;
use innerworld_core::{
    conversation::record::{Finish, TurnOrigin},
    model::chat_model::{ModelError, ModelErrorKind, ModelItem, ModelPhase, TokenUsage},
};
use tokio::time::{Instant, timeout_at};

use super::{
    chunk::{Choice, Chunk},
    status,
};
use crate::{
    config::Clocks,
    estimate,
    produce::Outlet,
    sse::{SseItem, SseParser},
};

/// The largest answer in bytes of the wire.
const MAX_RESPONSE_BYTES: usize = 2 * 1024 * 1024;
/// Most events of an answer.
const MAX_EVENTS: usize = 10_000;
/// Most comment lines without an event between them.
const MAX_COMMENTS_IN_A_ROW: usize = 4_096;
/// Bytes of the longest name of a model or a generation.
const MAX_NAME_BYTES: usize = 200;
/// The largest body of an error.
pub(crate) const MAX_ERROR_BYTES: usize = 64 * 1024;
/// How long the end of the body is waited for once nothing more is expected: reading it lets the
/// connection be used again.
const TAIL: std::time::Duration = std::time::Duration::from_millis(50);

/// What the reader must know about the call.
pub(crate) struct Reading<'a> {
    pub(crate) clocks: Clocks,
    /// When the request was sent.
    pub(crate) sent: Instant,
    pub(crate) model_asked: &'a str,
    pub(crate) company: &'a str,
    /// Tokens of the prompt as we estimate them, should the provider not say.
    pub(crate) prompt_tokens: u32,
    pub(crate) flags_sent: bool,
}

/// Why reading goes no further.
enum Stop {
    Failed(ModelError),
    /// Everything that was expected came.
    Complete,
}

/// How the provider says the answer ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Finished(Finish),
    Refused,
    Failed,
}

pub(crate) struct Reader<'a> {
    reading: Reading<'a>,
    out: &'a Outlet,
    parser: SseParser,
    /// The body, as long as it looks like a single JSON object instead of events.
    json: Option<Vec<u8>>,
    /// White space before the first real text.
    blank: String,
    characters: usize,
    started: bool,
    generation: Option<String>,
    model: Option<String>,
    ending: Option<Ending>,
    usage: Option<TokenUsage>,
    /// When `[DONE]` came.
    done: Option<Instant>,
    bytes: usize,
    events: usize,
    comments: usize,
    last_byte: Instant,
    last_content: Instant,
    finished_at: Option<Instant>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(reading: Reading<'a>, out: &'a Outlet) -> Self {
        let now = Instant::now();
        Self {
            reading,
            out,
            parser: SseParser::new(),
            json: Some(Vec::new()),
            blank: String::new(),
            characters: 0,
            started: false,
            generation: None,
            model: None,
            ending: None,
            usage: None,
            done: None,
            bytes: 0,
            events: 0,
            comments: 0,
            last_byte: now,
            last_content: now,
            finished_at: None,
        }
    }

    /// Reads `body` to its end and yields what it holds.
    pub(crate) async fn run<S, E>(mut self, mut body: S)
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        let stop = loop {
            match timeout_at(self.deadline(), body.next()).await {
                Ok(Some(Ok(bytes))) => {
                    self.last_byte = Instant::now();
                    if let Err(stop) = self.take(&bytes).await {
                        break stop;
                    }
                }
                Ok(None) => break self.end_of_body().await,
                Ok(Some(Err(_transport))) => {
                    break Stop::Failed(self.error(ModelErrorKind::Unavailable));
                }
                Err(_elapsed) => break Stop::Failed(self.error(ModelErrorKind::Timeout)),
            }
        };
        // Closes the connection before the last items are waited for.
        drop(body);
        self.conclude(stop).await;
    }

    /// The earliest of the clocks that run now.
    fn deadline(&self) -> Instant {
        let clocks = &self.reading.clocks;
        let total = self.reading.sent + clocks.total;
        let liveness = self.last_byte + clocks.liveness;
        let now = match (self.finished_at, self.done) {
            (Some(at), Some(done)) if self.usage.is_some() => (at + clocks.settle).min(done + TAIL),
            (Some(at), _) => at + clocks.settle,
            (None, _) if self.characters == 0 => self.reading.sent + clocks.first_token,
            (None, _) => self.last_content + clocks.idle,
        };
        total.min(liveness).min(now)
    }

    async fn take(&mut self, bytes: &Bytes) -> Result<(), Stop> {
        self.bytes += bytes.len();
        if self.bytes > MAX_RESPONSE_BYTES {
            return Err(self.broken());
        }
        self.keep_json(bytes);
        if self.json.as_ref().is_some_and(|json| !json.is_empty()) {
            // A JSON object instead of events: it is read whole, up to the limit of errors.
            return Ok(());
        }
        let mut found = Vec::new();
        let parsed = self.parser.push(bytes, &mut found);
        self.handle(found).await?;
        parsed.map_err(|_too_long| self.broken())
    }

    /// Decides by the first byte that is not white space whether the body is one JSON object.
    fn keep_json(&mut self, bytes: &[u8]) {
        let Some(json) = &mut self.json else { return };
        if json.is_empty() {
            match bytes.iter().find(|byte| !byte.is_ascii_whitespace()) {
                Some(b'{') => {}
                Some(_) => self.json = None,
                None => return,
            }
        }
        if let Some(json) = &mut self.json {
            let space = MAX_ERROR_BYTES.saturating_sub(json.len());
            json.extend(bytes.iter().take(space));
        }
    }

    async fn handle(&mut self, found: Vec<SseItem>) -> Result<(), Stop> {
        for item in found {
            match item {
                SseItem::Comment => {
                    self.comments += 1;
                    if self.comments > MAX_COMMENTS_IN_A_ROW {
                        return Err(self.broken());
                    }
                    self.out.item(ModelItem::Alive).await;
                }
                SseItem::Data(data) => {
                    self.comments = 0;
                    self.events += 1;
                    if self.events > MAX_EVENTS {
                        return Err(self.broken());
                    }
                    self.event(data.trim()).await?;
                }
            }
        }
        Ok(())
    }

    async fn event(&mut self, data: &str) -> Result<(), Stop> {
        if data.is_empty() {
            return Ok(());
        }
        if data == "[DONE]" {
            self.done.get_or_insert_with(Instant::now);
            return Ok(());
        }
        let chunk: Chunk = serde_json::from_str(data).map_err(|_not_json| self.broken())?;
        if let Some(complaint) = chunk.complaint() {
            let error = status::of_event(&complaint, self.phase(), self.reading.flags_sent);
            return Err(Stop::Failed(error));
        }
        self.chunk(chunk).await;
        Ok(())
    }

    async fn chunk(&mut self, chunk: Chunk) {
        if let Some(usage) = chunk.usage.as_ref().filter(|usage| usage.is_given()) {
            self.usage = Some(usage.tokens());
        }
        self.start(&chunk).await;
        match chunk.choice() {
            Some(choice) if self.ending.is_none() => self.choice(choice).await,
            _ => {}
        }
    }

    /// Yields `Started` with the first event, so that the id of the generation is known even if the
    /// answer is cancelled before its first word.
    async fn start(&mut self, chunk: &Chunk) {
        if self.generation.is_none() {
            self.generation = chunk.id.clone().filter(|id| is_name(id));
        }
        if self.model.is_none() {
            self.model = chunk.model.clone().filter(|model| is_name(model));
        }
        if self.started || chunk.choices.is_none() {
            return;
        }
        self.started = true;
        let model = self.model.as_deref().unwrap_or(self.reading.model_asked);
        self.out
            .item(ModelItem::Started {
                generation: self.generation.clone(),
                model: model.to_owned(),
                origin: TurnOrigin::Model,
                company: self.reading.company.to_owned(),
            })
            .await;
    }

    async fn choice(&mut self, choice: &Choice) {
        let text = choice.text();
        if text.is_empty() {
            self.out.item(ModelItem::Alive).await;
        } else {
            self.text(text).await;
        }
        let Some(reason) = choice.finish_reason.as_deref() else {
            return;
        };
        self.finished_at = Some(Instant::now());
        self.ending = Some(match reason {
            "length" | "max_tokens" => Ending::Finished(Finish::Length),
            "content_filter" => Ending::Refused,
            "error" => Ending::Failed,
            // `stop`, `tool_calls` and whatever else: an answer if there was text.
            _ => Ending::Finished(Finish::Stop),
        });
    }

    /// White space alone is no answer: it waits until real text follows.
    async fn text(&mut self, text: &str) {
        if self.characters == 0 {
            self.blank.push_str(text);
            if self.blank.trim().is_empty() {
                return;
            }
        }
        self.last_content = Instant::now();
        let whole = if self.characters == 0 {
            std::mem::take(&mut self.blank)
        } else {
            text.to_owned()
        };
        self.characters += whole.chars().count();
        self.out.item(ModelItem::Text(whole)).await;
    }

    async fn end_of_body(&mut self) -> Stop {
        if let Some(json) = self.json.take().filter(|json| !json.is_empty()) {
            // A failed call answered with 200, or a server that does not stream.
            return Stop::Failed(status::of_response(
                200,
                None,
                &json,
                self.reading.flags_sent,
            ));
        }
        let mut found = Vec::new();
        let parsed = self.parser.finish(&mut found);
        if let Err(stop) = self.handle(found).await {
            return stop;
        }
        if parsed.is_err() {
            return self.broken();
        }
        // Judged by the finish reason, not by the socket that closed.
        Stop::Complete
    }

    async fn conclude(self, stop: Stop) {
        let failed = match (stop, self.ending) {
            (_, Some(Ending::Refused)) => Some(self.error(ModelErrorKind::Refused)),
            (_, Some(Ending::Failed)) => Some(self.error(ModelErrorKind::Unavailable)),
            (Stop::Failed(error), None) => Some(error),
            (Stop::Complete, None) => Some(self.error(ModelErrorKind::Truncated)),
            // Whatever breaks after the finish reason does not undo the answer.
            (_, Some(Ending::Finished(_))) if self.characters == 0 => {
                Some(self.error(ModelErrorKind::Truncated))
            }
            (_, Some(Ending::Finished(_))) => None,
        };
        if let Some(error) = failed {
            if let Some(usage) = self.usage {
                self.out.item(ModelItem::Usage(usage)).await;
            }
            self.out.error(error).await;
            return;
        }
        let estimate = estimate::usage(self.reading.prompt_tokens, self.characters);
        let usage = self.usage.unwrap_or(estimate);
        self.out.item(ModelItem::Usage(usage)).await;
        if let Some(Ending::Finished(finish)) = self.ending {
            self.out.item(ModelItem::End(finish)).await;
        }
    }

    const fn phase(&self) -> ModelPhase {
        if self.characters == 0 {
            ModelPhase::BeforeFirstToken
        } else {
            ModelPhase::AfterFirstToken
        }
    }

    const fn error(&self, kind: ModelErrorKind) -> ModelError {
        ModelError {
            kind,
            phase: self.phase(),
            provider_status: Some(200),
            retry_after: None,
        }
    }

    /// The stream broke a limit or is no JSON: it will not get better by reading on.
    const fn broken(&self) -> Stop {
        Stop::Failed(self.error(ModelErrorKind::Truncated))
    }
}

/// Whether this could name a model or a generation. What a provider calls itself is kept and shown as it
/// is: a sentence is none.
fn is_name(text: &str) -> bool {
    let mark = |byte: u8| b"-_.:/@+".contains(&byte);
    text.len() <= MAX_NAME_BYTES
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || mark(byte))
}

#[cfg(test)]
mod tests;
