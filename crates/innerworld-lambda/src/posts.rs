//! Frames to a connection of the gateway: several in one post, as far as they fit.

use std::time::Duration;

use innerworld_aws::{POST_BYTES, PostFailure, Posting};
use innerworld_core::ids::RequestId;
use innerworld_engine::{
    connection::{Gone, Sends},
    stateless::Follows,
};
use innerworld_protocol::{CloseCode, ErrorCode, ServerFrame, server::ErrorFrame};

use crate::{
    environment::{self, Environment as _},
    metrics::Metrics,
    start,
};

/// Most frames of one post.
const FRAMES: usize = 16;
/// What a post of several frames begins and ends with.
const BATCH: (&str, &str) = (r#"{"type":"batch","frames":["#, "]}");
/// How often a post is tried whose fate is unknown. A frame that comes twice is dropped by its number
/// or offset.
const TRIES: u32 = 3;
/// Pause before the second try.
const PAUSE: Duration = Duration::from_millis(50);

/// Posts to whichever connection it was told of last.
pub(crate) struct Posts<'a> {
    posting: &'a Posting,
    connection: Option<String>,
    kept: Vec<String>,
    held: bool,
    /// Whether what goes out now is help.
    urgent: bool,
    metrics: Option<&'a Metrics>,
}

impl<'a> Posts<'a> {
    /// Posts to this connection.
    pub(crate) fn to(posting: &'a Posting, connection: Option<String>) -> Self {
        Self {
            posting,
            connection,
            kept: Vec::new(),
            held: false,
            urgent: false,
            metrics: None,
        }
    }

    /// Counts it when help could not be posted although the gateway knows the connection.
    pub(crate) fn counting(self, metrics: &'a Metrics) -> Self {
        Self {
            metrics: Some(metrics),
            ..self
        }
    }

    /// Keeps everything but help until [`Posts::release`].
    pub(crate) fn hold(&mut self) {
        self.held = true;
    }

    /// Posts what was kept.
    pub(crate) async fn release(&mut self) -> Result<(), Gone> {
        self.held = false;
        while !self.kept.is_empty() {
            self.post_some().await?;
        }
        Ok(())
    }

    /// Posts as many of the frames as one post takes.
    async fn post_some(&mut self) -> Result<(), Gone> {
        let mut bytes = BATCH.0.len() + BATCH.1.len();
        let fit = self.kept.iter().take(FRAMES).take_while(|frame| {
            bytes += frame.len() + 1;
            bytes < POST_BYTES
        });
        // A frame alone needs no wrapper, and fits by the protocol's own limit.
        let many = fit.count().max(1);
        let frames: Vec<String> = self.kept.drain(..many).collect();
        let Some(connection) = &self.connection else {
            return Ok(());
        };
        let post = match frames.as_slice() {
            [alone] => alone.clone(),
            several => format!("{}{}{}", BATCH.0, several.join(","), BATCH.1),
        };
        let told = post_frame(self.posting, connection, &post).await;
        if let Err(failure) = &told
            && !matches!(failure, PostFailure::Gone)
        {
            // What is posted although everything else is held is help.
            self.metrics.filter(|_metrics| self.urgent).map(help_failed);
        }
        gone(told)
    }
}

/// Counts help that somebody was owed and was not shown.
pub(crate) fn help_failed(metrics: &Metrics) {
    let function = environment::Conversation::FUNCTION;
    metrics.count("crisis_frame_failed", function, start::clock().now());
}

/// Posts one frame, and tries again where nothing is known of it.
async fn post_frame(posting: &Posting, connection: &str, frame: &str) -> Result<(), PostFailure> {
    let mut pause = PAUSE;
    for _try in 1..TRIES {
        match posting.post(connection, frame).await {
            Err(PostFailure::Unavailable(_)) => tokio::time::sleep(pause).await,
            told => return told,
        }
        pause *= 4;
    }
    posting.post(connection, frame).await
}

/// Closes a connection, and says before why: the gateway knows no codes of ours. A client that hears
/// neither finds out with its next frame.
pub(crate) async fn farewell(
    posting: &Posting,
    connection: &str,
    (code, close): (ErrorCode, CloseCode),
    request: RequestId,
) {
    let error = ErrorFrame::new(code, request).closing(close);
    let frame = ServerFrame::Error(Box::new(error)).encode();
    posting.post(connection, &frame).await.ok();
    close_connection(posting, connection).await;
}

/// Closes a connection.
pub(crate) async fn close_connection(posting: &Posting, connection: &str) {
    if let Err(failure) = posting.close(connection).await {
        tracing::warn!(%failure, "a connection could not be closed; it ends by itself");
    }
}

fn gone(told: Result<(), PostFailure>) -> Result<(), Gone> {
    match told {
        Ok(()) => Ok(()),
        Err(PostFailure::Gone) => Err(Gone::Closed),
        Err(PostFailure::LimitExceeded | PostFailure::Unavailable(_)) => Err(Gone::Slow),
        Err(failure) => {
            tracing::error!(%failure, "a frame could not be posted");
            Err(Gone::Closed)
        }
    }
}

impl Sends for Posts<'_> {
    async fn send(&mut self, frame: &str) -> Result<(), Gone> {
        self.kept.push(frame.to_owned());
        let bytes: usize = self.kept.iter().map(String::len).sum();
        if !self.held && (self.kept.len() >= FRAMES || bytes >= POST_BYTES / 2) {
            return self.release().await;
        }
        Ok(())
    }

    async fn deliver(&mut self) -> Result<(), Gone> {
        if self.held {
            return Ok(());
        }
        self.release().await
    }

    async fn deliver_at_once(&mut self) -> Result<(), Gone> {
        let held = std::mem::replace(&mut self.held, false);
        self.urgent = true;
        let told = self.release().await;
        self.urgent = false;
        self.held = held;
        told
    }
}

impl Follows for Posts<'_> {
    fn follow(&mut self, connection: Option<&str>) -> bool {
        let other = self.connection.as_deref() != connection;
        if other {
            self.connection = connection.map(str::to_owned);
            self.kept.clear();
        }
        other
    }
}
