//! What is done and shown for each frame.

use std::time::Duration;

use innerworld::client::track::Step;
use innerworld_protocol::{
    ClientFrame, ErrorCode, ServerFrame,
    client::SafetyAck,
    server::{ErrorFrame, MemoryFollows, Resumed, SafetyFrame, Welcome, WireSessionState},
};
use tokio::time::Instant;

use super::{END_WAIT, RETRY, Stage, Talk};
use crate::cli::{
    chat::{safety, show},
    console::STRONG,
};

impl Talk {
    pub(super) async fn step(&mut self, step: Step) -> anyhow::Result<()> {
        match step {
            Step::Joined(welcome) => self.joined(&welcome).await,
            Step::Words { piece, .. } => self.console.write_piece(&piece),
            Step::Replaced { text, .. } => {
                self.name_speaker()?;
                self.console.write(&text)
            }
            Step::Resync => Ok(self.link.resync().await?),
            Step::Safety {
                frame,
                crisis,
                repeat,
            } => self.safety(*frame, crisis, repeat).await,
            Step::Ended { frame, .. } => self.answered(&frame),
            Step::Frame(frame) => self.frame(frame).await,
        }
    }

    async fn joined(&mut self, welcome: &Welcome) -> anyhow::Result<()> {
        match welcome.resumed {
            Resumed::Lost => self.about("(the earlier talk has ended; this is a new one)")?,
            Resumed::Full | Resumed::Snapshot => self.about("(connected again)")?,
            Resumed::New => {}
        }
        if welcome.resumed == Resumed::Lost {
            self.stage = Stage::Waiting;
            self.busy = false;
            self.opened = false;
        }
        if let Some(persona) = &welcome.persona {
            self.take_over(persona.as_str());
        }
        self.stage = match welcome.state {
            WireSessionState::Active => Stage::Talking,
            WireSessionState::Greeting => self.stage.clone(),
            WireSessionState::Ending => Stage::Ending,
            WireSessionState::Ended | WireSessionState::Remembered => Stage::Ended,
        };
        // A choice that was on its way when the connection broke is asked for again.
        if welcome.state == WireSessionState::Greeting
            && welcome.resumed == Resumed::Full
            && self.stage == Stage::Waiting
        {
            self.busy = false;
            self.offer_personas().await?;
        }
        Ok(())
    }

    async fn frame(&mut self, frame: ServerFrame) -> anyhow::Result<()> {
        match frame {
            ServerFrame::Disclosure {
                version,
                text,
                unsuitable_notice,
                ack_required,
                ..
            } => {
                self.console.fresh_line()?;
                self.console
                    .say(format!("\n{STRONG}{text}{STRONG:#}\n{unsuitable_notice}"))?;
                // In a session that goes on it was accepted before.
                match (ack_required, self.stage == Stage::Waiting) {
                    (true, true) => self.stage = Stage::Disclosure(version),
                    (false, true) => self.offer_personas().await?,
                    (_, false) => {}
                }
            }
            ServerFrame::Notice { text, .. } => self.about(&format!("({text})"))?,
            ServerFrame::PersonaChosen { persona, name, .. } => {
                self.take_over(persona.as_str());
                self.about(&format!(
                    "You are talking with {name}, an AI. /help lists the commands."
                ))?;
                self.stage = Stage::Talking;
                // The first persona of a talk opens it.
                self.busy = !self.opened;
            }
            ServerFrame::Accepted { .. } => self.busy = true,
            ServerFrame::TurnStart { persona, .. } => {
                self.busy = true;
                self.opened = true;
                self.take_over(persona.as_str());
                self.name_speaker()?;
            }
            ServerFrame::TurnReset { .. } => {
                self.about("(this answer was withdrawn)")?;
                self.name_speaker()?;
            }
            ServerFrame::SessionTime { remaining_s, .. } => {
                self.about(&show::time_left(remaining_s))?;
            }
            ServerFrame::SessionEnded {
                reason,
                remaining_s,
                memory,
                ..
            } => {
                self.about(&show::ended(reason, remaining_s, memory))?;
                self.over(memory);
            }
            ServerFrame::MemoryUpdated {
                added,
                changed,
                closed,
                ..
            } => {
                self.about(&show::remembered(added, changed, closed))?;
                self.deadline = None;
            }
            ServerFrame::AuthExpiring { .. } => self.link.renew().await?,
            ServerFrame::GoingAway { .. } => self.about("(the server is restarting)")?,
            ServerFrame::Error(error) => self.refused(&error).await?,
            _ => {}
        }
        Ok(())
    }

    fn answered(&mut self, frame: &ServerFrame) -> anyhow::Result<()> {
        self.busy = false;
        if let ServerFrame::TurnEnd { finish, code, .. } = frame
            && let Some(text) = show::finish(*finish, code.as_deref())
        {
            self.console.note(format!(" {text}"))?;
        }
        self.console.fresh_line()
    }

    /// Help comes first; it is acknowledged once it was shown.
    async fn safety(
        &mut self,
        frame: SafetyFrame,
        crisis: bool,
        repeat: bool,
    ) -> anyhow::Result<()> {
        if !repeat {
            self.console.fresh_line()?;
            self.console.write(&safety::render(&frame, crisis))?;
        }
        let Some(event) = frame.event else {
            return Ok(());
        };
        if frame.intensity.as_deref() != Some("soft") {
            self.link
                .send(&ClientFrame::SafetyAck(SafetyAck { event }))
                .await
                .ok();
        }
        if !frame.choices.is_empty() {
            self.safety = Some((event, frame.choices));
        }
        Ok(())
    }

    async fn refused(&mut self, error: &ErrorFrame) -> anyhow::Result<()> {
        let more = match error.code {
            ErrorCode::JournalOnly => " Type /journal and your words to keep them there.",
            ErrorCode::DailyLimit | ErrorCode::SessionEnded => " /quit leaves.",
            _ => "",
        };
        self.about(&format!("{}{more}", error.message))?;
        let ours = error.reference.as_deref().is_some_and(|reference| {
            self.link
                .track
                .pending()
                .iter()
                .any(|message| message.id.to_string() == reference)
        });
        if ours && error.retryable && !error.code.lasts_for_today() {
            let wait = error.retry_after_ms.map_or(RETRY, Duration::from_millis);
            self.resend_at = Some(Instant::now() + wait);
            return Ok(());
        }
        self.busy = self.link.track.open_turn().is_some();
        match error.code {
            ErrorCode::TokenExpired | ErrorCode::TokenInvalid => self.link.account.renew().await?,
            ErrorCode::PersonaRequired | ErrorCode::UnknownPersona => self.offer_personas().await?,
            // The last choice was refused: the persona of before goes on.
            _ if self.stage == Stage::Waiting && !self.speaker.is_empty() => {
                self.stage = Stage::Talking;
            }
            _ => {}
        }
        Ok(())
    }

    fn take_over(&mut self, persona: &str) {
        let card = self.cards.iter().find(|card| card.id.as_str() == persona);
        self.speaker = card.map_or_else(|| persona.to_owned(), |card| card.name.clone());
    }

    fn name_speaker(&mut self) -> anyhow::Result<()> {
        self.console.fresh_line()?;
        self.console
            .write(&format!("{STRONG}{}:{STRONG:#} ", self.speaker))
    }

    fn over(&mut self, memory: MemoryFollows) {
        self.stage = Stage::Ended;
        self.deadline = (memory == MemoryFollows::Pending).then(|| Instant::now() + END_WAIT);
    }
}
