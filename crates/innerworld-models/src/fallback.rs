//! From one model to the next, and in the end to the offline persona.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use innerworld_core::model::{
    call::{CallPurpose, ModelCall},
    chat_model::{ChatModel, ModelError, ModelErrorKind, ModelItem, ModelStream},
};
use tokio::time::{Instant, timeout_at};

use crate::produce::{Outlet, open, produce};

/// How long a reply may take to its first token, over all hops.
pub const REPLY_BUDGET: Duration = Duration::from_secs(20);

/// One model of the chain.
#[derive(Clone)]
pub struct Hop {
    /// What is asked.
    pub model: Arc<dyn ChatModel>,
    /// The model's id, for the ledger of the next hop.
    pub name: String,
}

impl std::fmt::Debug for Hop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hop({})", self.name)
    }
}

/// Asks the hops in their order until one answers. For replies the offline persona comes last, at
/// the latest when the budget to the first token is used up.
///
/// Yields exactly one `Started`, right before the first text: it names who really answers. A text
/// that a provider refused is not sent to the next one; the error goes to the caller, whose safety
/// path decides about the reply.
#[derive(Clone)]
pub struct Fallback {
    hops: Arc<[Hop]>,
    offline: Option<Arc<dyn ChatModel>>,
    budget: Duration,
}

impl Fallback {
    /// A chain of `hops`; `offline` answers replies when all of them fail.
    pub fn new(hops: Vec<Hop>, offline: Option<Arc<dyn ChatModel>>, budget: Duration) -> Self {
        Self {
            hops: hops.into(),
            offline,
            budget,
        }
    }
}

impl std::fmt::Debug for Fallback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.hops.iter()).finish()
    }
}

#[async_trait]
impl ChatModel for Fallback {
    async fn stream(&self, call: ModelCall) -> Result<ModelStream, ModelError> {
        let chain = self.clone();
        Ok(produce(|out| async move { chain.run(call, &out).await }))
    }
}

/// How a hop went.
enum Went {
    /// It answered, or failed so that no other hop may answer; everything was passed on.
    Over,
    /// It failed before anything was shown.
    Failed(ModelError),
    /// The budget to the first token is used up.
    Late,
}

impl Fallback {
    async fn run(&self, mut call: ModelCall, out: &Outlet) {
        let reply = call.purpose == CallPurpose::Reply;
        let deadline = Instant::now() + self.budget;
        let mut last = ModelError::early(ModelErrorKind::Unavailable);
        for hop in self.hops.iter() {
            match pass(&*hop.model, call.clone(), reply.then_some(deadline), out).await {
                Went::Over => return,
                Went::Failed(error) if error.kind == ModelErrorKind::NoConsent => {
                    // Nothing was given up: this company is not asked for this teen.
                    last = error;
                }
                Went::Failed(error) => {
                    report(hop, &error);
                    last = error;
                    call.fallback_from = Some(hop.name.clone());
                    out.item(ModelItem::Fallback).await;
                }
                Went::Late => {
                    tracing::warn!(model.name = %hop.name, "the time to the first word is over");
                    last = ModelError::early(ModelErrorKind::Timeout);
                    call.fallback_from = Some(hop.name.clone());
                    out.item(ModelItem::Fallback).await;
                    break;
                }
            }
        }
        let offline = self.offline.as_ref().filter(|_| reply);
        if let Some(offline) = offline {
            match pass(&**offline, call, None, out).await {
                Went::Over => return,
                Went::Failed(error) => last = error,
                Went::Late => {}
            }
        }
        out.error(last).await;
    }
}

/// A refused key or an unpaid account needs a person; everything else is recovered from.
fn report(hop: &Hop, error: &ModelError) {
    let (name, kind, status) = (&hop.name, error.kind.name(), error.provider_status);
    if error.kind == ModelErrorKind::Denied {
        tracing::error!(model.name = %name, error.kind = kind, status, "a provider refused the key");
    } else {
        tracing::warn!(model.name = %name, error.kind = kind, status, "a model did not answer");
    }
}

/// Passes one hop on, with `Started` held back until there is text.
async fn pass(
    model: &dyn ChatModel,
    call: ModelCall,
    deadline: Option<Instant>,
    out: &Outlet,
) -> Went {
    let far = Instant::now() + Duration::from_secs(3_600);
    let deadline = deadline.unwrap_or(far);
    let Ok(mut stream) = timeout_at(deadline, open(model, call)).await else {
        return Went::Late;
    };
    let mut started = None;
    loop {
        let Ok(item) = timeout_at(deadline, stream.next()).await else {
            return Went::Late;
        };
        match item {
            Some(Ok(text @ ModelItem::Text(_))) => {
                if let Some(started) = started.take() {
                    out.item(started).await;
                }
                out.item(text).await;
                return rest(stream, out).await;
            }
            Some(Ok(item @ ModelItem::Started { .. })) => started = Some(item),
            // What a hop without an answer used up is in its own ledger record.
            Some(Ok(ModelItem::Usage(_))) => {}
            Some(Ok(ModelItem::End(_))) | None => {
                return Went::Failed(ModelError::early(ModelErrorKind::Truncated));
            }
            Some(Ok(item)) => out.item(item).await,
            Some(Err(error)) if ends_here(error.kind) => {
                out.error(error).await;
                return Went::Over;
            }
            Some(Err(error)) => return Went::Failed(error),
        }
    }
}

async fn rest(mut stream: ModelStream, out: &Outlet) -> Went {
    while let Some(item) = stream.next().await {
        out.put(item).await;
    }
    Went::Over
}

/// Failures that another model must not be asked after.
const fn ends_here(kind: ModelErrorKind) -> bool {
    matches!(kind, ModelErrorKind::Refused | ModelErrorKind::Cancelled)
}
