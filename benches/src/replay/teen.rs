//! One teen who plays a recorded conversation, session by session, over a socket that breaks.

use std::{collections::VecDeque, time::Duration};

use anyhow::{Context as _, bail};
use innerworld::client::{account::Account, link::Link, track::Step};
use innerworld_core::{
    conversation::record::Finish,
    ids::{MessageId, SessionId, TurnId},
};
use innerworld_protocol::{
    ClientFrame, ServerFrame,
    client::SafetyAck,
    server::{ErrorFrame, Resumed, SafetyFrame, Welcome},
};
use tokio::{sync::watch, time::timeout};

use super::{
    plan::Cuts,
    session,
    stored::{self, Kept},
    tally::Tally,
};
use crate::{
    locomo::{Conversation, Exchange},
    person,
    random::Random,
};

/// Nothing came for so long: ask whether the other side still lives.
const QUIET: Duration = Duration::from_secs(10);
/// The longest answer, with everything that may happen to it.
const ANSWER: Duration = Duration::from_secs(120);
/// After so many quiet times in a row the run is stuck.
const MAX_QUIET: u32 = 6;

/// A message and its answer as the client saw them.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) id: MessageId,
    pub(super) message: String,
    pub(super) answer: String,
    pub(super) finish: Finish,
    /// The connection broke while the answer came.
    pub(super) broken: bool,
}

/// A teen of the run.
pub(super) struct Teen {
    pub(super) link: Link,
    pub(super) tally: Tally,
    pub(super) random: Random,
    /// Counts ended answers and ended sessions of all teens.
    pub(super) steps: watch::Sender<usize>,
    cuts: Cuts,
    /// Cuts whose answer ended too early for them; they fall into the next one.
    left: usize,
    broken: bool,
}

/// What hurts a teen's talk, and who is told how far it is.
pub(super) struct Course {
    pub(super) cuts: Cuts,
    pub(super) random: Random,
    pub(super) steps: watch::Sender<usize>,
}

/// Plays a whole conversation.
pub(super) async fn play(
    account: Account,
    conversation: &Conversation,
    course: Course,
) -> anyhow::Result<(Tally, Vec<Kept>)> {
    let mut teen = Teen {
        link: person::connect(account).await?,
        tally: Tally::default(),
        random: course.random,
        steps: course.steps,
        cuts: course.cuts,
        left: 0,
        broken: false,
    };
    let mut number = 0;
    let mut kept = Vec::new();
    for exchanges in &conversation.sessions {
        let session = session::begin(&mut teen)
            .await
            .context("a session could not begin")?;
        let mut said = Vec::new();
        for exchange in exchanges {
            let place = || format!("message {} of {}", number + 1, conversation.id);
            let answered = timeout(ANSWER, teen.say(session, number, exchange)).await;
            let answered = answered.context("its answer never ended");
            said.push(answered.and_then(|answered| answered).with_context(place)?);
            number += 1;
            teen.step();
        }
        kept.push(teen.compare(session, &said).await?);
        session::end(&mut teen, session)
            .await
            .context("a session could not end")?;
        teen.tally.sessions += 1;
        teen.step();
    }
    Ok((teen.tally, kept))
}

impl Teen {
    fn step(&self) {
        self.steps.send_modify(|steps| *steps += 1);
    }

    /// Says one message and takes its answer to the end, with every cut that falls into it.
    async fn say(
        &mut self,
        session: SessionId,
        number: usize,
        exchange: &Exchange,
    ) -> anyhow::Result<Said> {
        let mut cuts: VecDeque<usize> = std::iter::repeat_n(1, self.left).collect();
        cuts.extend(self.cuts.take(number));
        let id = self.link.say(exchange.message.clone().into()).await;
        let mut answer = Answer {
            id,
            turn: None,
            characters: 0,
        };
        loop {
            for step in self.next().await? {
                let Some((finish, text)) = self.take(session, &mut answer, step).await? else {
                    continue;
                };
                self.left = cuts.len();
                return Ok(Said {
                    id,
                    message: exchange.message.clone(),
                    answer: text,
                    finish,
                    broken: answer.turn.is_some() && std::mem::take(&mut self.broken),
                });
            }
            if answer.characters > 0 && cuts.front().is_some_and(|at| *at <= answer.characters) {
                cuts.pop_front();
                self.cut().await?;
            }
        }
    }

    /// Takes one step of the talk; the end of the answer ends it.
    async fn take(
        &mut self,
        session: SessionId,
        answer: &mut Answer,
        step: Step,
    ) -> anyhow::Result<Option<(Finish, String)>> {
        match step {
            Step::Joined(welcome) if welcome.session != session => {
                bail!("the server lost the session");
            }
            Step::Joined(welcome) if !is_whole(&welcome) => {
                bail!(
                    "the server resumed without what came before: {:?}",
                    welcome.resumed
                );
            }
            Step::Frame(ServerFrame::Accepted { id, turn, dup, .. }) if id == answer.id => {
                self.tally.repeats += usize::from(dup);
                if answer.turn.is_none() {
                    self.tally.acknowledged += 1;
                    // What broke before belongs to the message, not to its answer.
                    self.broken = false;
                }
                answer.turn = Some(turn);
            }
            Step::Words { turn, piece } if answer.turn == Some(turn) => {
                answer.characters += piece.chars().count();
            }
            Step::Replaced { turn, text } if answer.turn == Some(turn) => {
                answer.characters = text.chars().count();
            }
            Step::Ended {
                frame: ServerFrame::TurnEnd { turn, finish, .. },
                text,
            } if answer.turn == Some(turn) => {
                return Ok(Some((finish, text)));
            }
            Step::Frame(ServerFrame::Error(error)) => self.refused(&error).await?,
            _ => {}
        }
        Ok(None)
    }

    /// What a client does about a refusal: wait and send again, or give up.
    pub(super) async fn refused(&mut self, error: &ErrorFrame) -> anyhow::Result<()> {
        if error.fatal {
            // The server closes; the reader reconnects.
            return Ok(());
        }
        if !error.retryable {
            bail!("the server refused: {}", error.code.as_str());
        }
        let wait = error.retry_after_ms.unwrap_or(100).min(5_000);
        tokio::time::sleep(Duration::from_millis(wait)).await;
        // A cut meanwhile: the reconnect sends it.
        self.link.resend().await.ok();
        Ok(())
    }

    /// What came next. Broken connections are taken up again, holes are closed, safety frames are
    /// counted and acknowledged.
    pub(super) async fn next(&mut self) -> anyhow::Result<Vec<Step>> {
        let mut quiet = 0;
        loop {
            match timeout(QUIET, self.link.receive()).await {
                Ok(Ok((_raw, steps))) => {
                    for step in &steps {
                        self.look_at(step).await?;
                    }
                    return Ok(steps);
                }
                Ok(Err(error)) if error.is_passing() => {
                    self.tally.lost_connections += 1;
                    self.broken = true;
                    self.link
                        .reconnect()
                        .await
                        .context("the server did not come back")?;
                }
                Ok(Err(error)) => return Err(error).context("the connection failed"),
                Err(_nothing_came) => {
                    quiet += 1;
                    if quiet > MAX_QUIET {
                        bail!(
                            "nothing came for {} seconds",
                            QUIET.as_secs() * u64::from(quiet)
                        );
                    }
                    // A dead connection shows at the next read.
                    self.link.ping().await.ok();
                }
            }
        }
    }

    async fn look_at(&mut self, step: &Step) -> anyhow::Result<()> {
        match step {
            Step::Resync => self
                .link
                .resync()
                .await
                .context("a hole could not be closed")?,
            Step::Safety { frame, .. } => self.acknowledge(frame).await,
            _ => {}
        }
        Ok(())
    }

    async fn acknowledge(&mut self, frame: &SafetyFrame) {
        // A crisis names no intensity: it interrupts. A check-in goes beside the talk.
        if frame.intensity.is_none() {
            self.tally.safety_triggers += 1;
        } else {
            self.tally.help_shown += 1;
        }
        if let Some(event) = frame.event {
            let ack = ClientFrame::SafetyAck(SafetyAck { event });
            // Not acknowledged, it comes again.
            self.link.send(&ack).await.ok();
        }
    }

    /// Cuts the socket, and comes back soon: mostly while the answer still runs.
    async fn cut(&mut self) -> anyhow::Result<()> {
        self.link.cut();
        self.tally.cuts += 1;
        self.broken = true;
        let longest = if self.random.below(5) == 0 { 400 } else { 20 };
        let wait = u64::try_from(self.random.below(longest)).unwrap_or(0);
        self.link
            .reconnect_after(Duration::from_millis(wait))
            .await
            .context("the server did not take the client back after a cut")
    }

    /// Compares what the client saw with what is stored, before the session ends.
    async fn compare(&mut self, session: SessionId, said: &[Said]) -> anyhow::Result<Kept> {
        let turns = stored::turns(&mut self.link.account, session).await?;
        for said in said {
            let mut copies = turns.iter().filter(|turn| turn.message == Some(said.id));
            let found = copies.next().filter(|turn| turn.says(&said.message));
            self.tally.found += usize::from(found.is_some());
            self.tally.doubled += copies.count();
            let identical = found.is_some_and(|turn| turn.answer == said.answer);
            self.count(said, identical);
        }
        let strangers = turns.iter().filter_map(|turn| turn.message);
        let strange = strangers
            .filter(|id| !said.iter().any(|said| said.id == *id))
            .count();
        self.tally.doubled += strange;
        Ok(Kept::new(session, &turns))
    }

    fn count(&mut self, said: &Said, identical: bool) {
        let tally = &mut self.tally;
        match said.finish {
            Finish::Stop if said.broken => {
                tally.resumed += 1;
                tally.identical += usize::from(identical);
            }
            Finish::Stop => {
                tally.unbroken += 1;
                tally.unbroken_different += usize::from(!identical);
            }
            Finish::Interrupted => {
                tally.interrupted += 1;
                tally.interrupted_identical += usize::from(identical);
            }
            Finish::Safety => {
                tally.replaced += 1;
                tally.replaced_identical += usize::from(identical);
            }
            Finish::Length | Finish::Cancelled | Finish::Error | Finish::Timeout => {
                tally.failed += 1;
            }
        }
    }
}

/// Whether a session was taken up where the client stands.
const fn is_whole(welcome: &Welcome) -> bool {
    matches!(welcome.resumed, Resumed::New | Resumed::Full)
}

/// The answer that is coming.
struct Answer {
    id: MessageId,
    turn: Option<TurnId>,
    characters: usize,
}
