//! A model that says what a test tells it to.

mod reply;

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use futures_util::stream;
use innerworld_core::{
    ids::{SessionId, TurnId},
    model::{
        call::ModelCall,
        chat_model::{ChatModel, ModelError, ModelStream},
    },
};

pub use self::reply::{ScriptedReply, Step};

/// A [`ChatModel`] that plays scripted replies, in order, and records what it was asked.
///
/// When the script is used up, the last reply is played again. Delays are tokio time, so paused
/// tests do not wait.
#[derive(Debug)]
pub struct ScriptedModel {
    replies: Mutex<VecDeque<ScriptedReply>>,
    calls: Mutex<Vec<ModelCall>>,
    open: Arc<AtomicUsize>,
}

impl ScriptedModel {
    /// Plays `replies`, one for each call.
    pub fn new(replies: impl IntoIterator<Item = ScriptedReply>) -> Self {
        Self {
            replies: Mutex::new(replies.into_iter().collect()),
            calls: Mutex::default(),
            open: Arc::default(),
        }
    }

    /// Answers every call with `text`, word by word.
    pub fn saying(text: &str) -> Self {
        Self::new([ScriptedReply::text(text)])
    }

    /// Adds a reply at the end of the script.
    pub fn then(&self, reply: ScriptedReply) {
        lock(&self.replies).push_back(reply);
    }

    /// Every call so far, oldest first.
    pub fn calls(&self) -> Vec<ModelCall> {
        lock(&self.calls).clone()
    }

    /// How many calls were made for this turn (a turn is one message).
    pub fn calls_for(&self, session: SessionId, turn: TurnId) -> usize {
        lock(&self.calls)
            .iter()
            .filter(|call| (call.session, call.turn) == (session, turn))
            .count()
    }

    /// The most calls that any one message caused.
    pub fn most_calls_per_message(&self) -> usize {
        let mut counts = HashMap::new();
        for call in lock(&self.calls).iter() {
            *counts.entry((call.session, call.turn)).or_insert(0) += 1;
        }
        counts.into_values().max().unwrap_or(0)
    }

    /// Streams that were neither read to their end nor dropped.
    pub fn open_streams(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    fn next_reply(&self) -> ScriptedReply {
        let mut replies = lock(&self.replies);
        if replies.len() > 1 {
            return replies.pop_front().unwrap_or_default();
        }
        replies.front().cloned().unwrap_or_default()
    }
}

#[async_trait]
impl ChatModel for ScriptedModel {
    async fn stream(&self, call: ModelCall) -> Result<ModelStream, ModelError> {
        lock(&self.calls).push(call);
        let reply = self.next_reply();
        if let Some(error) = reply.refusal() {
            return Err(error);
        }
        let open = Opened::new(&self.open);
        let steps: VecDeque<Step> = reply.steps.into();
        let items = stream::unfold((steps, open), |(mut steps, open)| async move {
            loop {
                match steps.pop_front()? {
                    Step::Item(item) => return Some((Ok(item), (steps, open))),
                    Step::Error(error) => return Some((Err(error), (VecDeque::new(), open))),
                    Step::Delay(delay) => tokio::time::sleep(delay).await,
                    Step::Hang => std::future::pending().await,
                }
            }
        });
        Ok(Box::pin(items))
    }
}

struct Opened(Arc<AtomicUsize>);

impl Opened {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
