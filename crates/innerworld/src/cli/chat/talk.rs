//! The talk itself: frames in, lines out, and the other way round.

use std::time::Duration;

use anyhow::bail;
use innerworld::client::{ClientError, link::Link, track::Step};
use innerworld_core::{ids::EventId, persona::card::PersonaCard};
use innerworld_protocol::{
    ClientFrame,
    client::{Cancel, SessionEnd},
};
use tokio::time::Instant;

use crate::cli::console::Console;

mod frames;
mod lines;
mod lookup;

/// How long the end of a session is waited for, and the memory after it.
const END_WAIT: Duration = Duration::from_secs(20);
/// When the server names no time for another try.
const RETRY: Duration = Duration::from_secs(2);

/// What the next line of the teen is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing yet: the server has the floor.
    Waiting,
    /// Accepting this version of the disclosure.
    Disclosure(String),
    /// Choosing a persona.
    Choosing,
    /// Talking.
    Talking,
    /// The session is being ended; nothing more is said.
    Ending,
    /// It has ended.
    Ended,
}

/// What woke the loop.
enum Event {
    Received(Result<(String, Vec<Step>), ClientError>),
    Line(anyhow::Result<Option<String>>),
    Interrupt,
    Heartbeat,
    Resend,
    Deadline,
}

/// A talk at the terminal.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent of each other; what excludes each other is `stage`"
)]
pub(crate) struct Talk {
    link: Link,
    console: Console,
    cards: Vec<PersonaCard>,
    wanted: Option<String>,
    stage: Stage,
    speaker: String,
    /// An answer is being made: a script waits with its next line.
    busy: bool,
    /// Some turn began in this session.
    opened: bool,
    /// The script has ended.
    input_ended: bool,
    interrupted: bool,
    safety: Option<(EventId, Vec<String>)>,
    heartbeat_at: Instant,
    resend_at: Option<Instant>,
    deadline: Option<Instant>,
}

impl Talk {
    /// A talk over `link`; `wanted` is the persona to choose without asking.
    pub(crate) fn new(
        link: Link,
        console: Console,
        cards: Vec<PersonaCard>,
        wanted: Option<String>,
    ) -> Self {
        Self {
            link,
            console,
            cards,
            wanted,
            stage: Stage::Waiting,
            speaker: String::new(),
            busy: false,
            input_ended: false,
            interrupted: false,
            safety: None,
            heartbeat_at: Instant::now(),
            resend_at: None,
            opened: false,
            deadline: None,
        }
    }

    /// Runs until the session has ended or the teen leaves.
    pub(crate) async fn run(mut self) -> anyhow::Result<()> {
        self.heartbeat_at = Instant::now() + self.link.heartbeat();
        while self.deadline.is_some() || self.stage != Stage::Ended {
            if self.takes_lines() {
                self.prompt()?;
                self.console.want_line();
            }
            let event = self.wait().await;
            if !self.on(event).await? {
                break;
            }
        }
        self.link.close().await;
        self.console.fresh_line()
    }

    fn takes_lines(&self) -> bool {
        let open = matches!(
            self.stage,
            Stage::Disclosure(_) | Stage::Choosing | Stage::Talking
        );
        // A script's next line would overtake the answer to the one before.
        let free =
            self.console.is_interactive() || (!self.busy && self.link.track.pending().is_empty());
        open && free && !self.input_ended
    }

    async fn wait(&mut self) -> Event {
        let lines = self.takes_lines();
        let (resend, deadline) = (self.resend_at, self.deadline);
        let at = |instant: Option<Instant>| instant.unwrap_or_else(Instant::now);
        let Self {
            link,
            console,
            heartbeat_at,
            ..
        } = self;
        tokio::select! {
            received = link.receive() => Event::Received(received),
            line = console.line(), if lines => Event::Line(line),
            _ = tokio::signal::ctrl_c() => Event::Interrupt,
            () = tokio::time::sleep_until(*heartbeat_at) => Event::Heartbeat,
            () = tokio::time::sleep_until(at(resend)), if resend.is_some() => Event::Resend,
            () = tokio::time::sleep_until(at(deadline)), if deadline.is_some() => Event::Deadline,
        }
    }

    /// Acts on an event; `false` ends the talk.
    async fn on(&mut self, event: Event) -> anyhow::Result<bool> {
        match event {
            Event::Received(Ok((raw, steps))) => {
                self.console.frame(&raw)?;
                for step in steps {
                    self.step(step).await?;
                }
            }
            Event::Received(Err(error)) => return self.broken(error).await,
            Event::Line(line) => {
                self.interrupted = false;
                match line? {
                    Some(line) => return self.line(&line).await,
                    None => return self.end_of_input().await,
                }
            }
            Event::Interrupt => return self.interrupt().await,
            Event::Heartbeat => {
                self.heartbeat_at = Instant::now() + self.link.heartbeat();
                // A broken connection shows at the next read.
                self.link.ping().await.ok();
            }
            Event::Resend => {
                self.resend_at = None;
                self.link.resend().await.ok();
            }
            Event::Deadline => return Ok(false),
        }
        if self.input_ended && !self.busy && self.stage == Stage::Talking {
            return self.end_session().await;
        }
        Ok(true)
    }

    /// The connection broke: try again, unless that cannot help.
    async fn broken(&mut self, error: ClientError) -> anyhow::Result<bool> {
        if self.stage == Stage::Ended {
            return Ok(false);
        }
        let advice = match &error {
            ClientError::Closed { code: 4409 } => "a newer connection of this account took over",
            ClientError::Closed { code: 4403 } => "the account was closed, erased or signed out",
            ClientError::Closed { code: 4426 } => {
                "this client is too old for the server; update it"
            }
            _ if error.is_passing() || error.wants_token() => "",
            _ => return Err(error.into()),
        };
        if !advice.is_empty() {
            bail!("{advice}");
        }
        self.about("(the connection broke; reconnecting)")?;
        if error.wants_token() {
            self.link.account.renew().await?;
        }
        tokio::select! {
            connected = self.link.reconnect() => connected?,
            _ = tokio::signal::ctrl_c() => return Ok(false),
        }
        Ok(true)
    }

    async fn interrupt(&mut self) -> anyhow::Result<bool> {
        if let Some(turn) = self.link.track.open_turn() {
            self.link
                .send(&ClientFrame::Cancel(Cancel { turn }))
                .await
                .ok();
            return Ok(true);
        }
        if self.interrupted || self.stage != Stage::Talking {
            return Ok(false);
        }
        self.interrupted = true;
        self.about("(Ctrl-D or /end ends the talk; Ctrl-C again leaves it open)")?;
        Ok(true)
    }

    async fn end_of_input(&mut self) -> anyhow::Result<bool> {
        self.input_ended = true;
        match self.stage {
            Stage::Talking if self.busy => Ok(true),
            Stage::Talking => self.end_session().await,
            _ => bail!("the input ended before the talk began"),
        }
    }

    async fn end_session(&mut self) -> anyhow::Result<bool> {
        self.stage = Stage::Ending;
        self.deadline = Some(Instant::now() + END_WAIT);
        self.link
            .send(&ClientFrame::SessionEnd(SessionEnd::default()))
            .await
            .ok();
        Ok(true)
    }

    fn prompt(&mut self) -> anyhow::Result<()> {
        if self.busy || !self.console.is_interactive() {
            return Ok(());
        }
        self.console.prompt(match self.stage {
            Stage::Disclosure(_) => "Do you understand and want to go on? (yes or no) ",
            Stage::Choosing => "Number or name: ",
            _ => "You: ",
        })
    }

    /// A line about the talk, on a line of its own.
    fn about(&mut self, text: &str) -> anyhow::Result<()> {
        self.console.fresh_line()?;
        self.console.note(text)
    }
}
