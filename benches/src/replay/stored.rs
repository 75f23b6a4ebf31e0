//! What the server kept, read by the public API as the teen.

use std::{collections::BTreeMap, time::Duration};

use anyhow::{Context as _, bail};
use innerworld::client::{ClientError, account::Account};
use innerworld_core::{
    clock::Clock as _,
    conversation::record::{Finish, TurnOrigin},
    ids::{MessageId, SessionId, TeenId, TurnId},
    memory::{
        evidence::answer_id,
        store::{GraphStore, Horizon},
    },
};
use innerworld_embedded::SystemClock;
use innerworld_protocol::{server::WireSessionState, text};
use serde::{Deserialize, de::DeserializeOwned};

/// A server that was killed is back within this time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A stored turn.
#[derive(Deserialize)]
pub(super) struct Turn {
    id: TurnId,
    pub(super) message: Option<MessageId>,
    text: Option<String>,
    origin: TurnOrigin,
    pub(super) answer: String,
    finish: Option<Finish>,
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct Session {
    state: WireSessionState,
}

/// The turns of a session that must be in the evidence.
pub(super) struct Kept {
    session: SessionId,
    turns: Vec<TurnId>,
}

impl Turn {
    /// Whether this text was stored as the teen's.
    pub(super) fn says(&self, sent: &str) -> bool {
        self.text.as_deref() == Some(&*text::clean(sent))
    }

    /// Ids under which it must be remembered: the message's, and the answer's if there is one.
    fn evidence(&self) -> impl Iterator<Item = TurnId> {
        let counts = self.message.is_some()
            && self.finish != Some(Finish::Safety)
            && matches!(self.origin, TurnOrigin::Model | TurnOrigin::Offline);
        let said = counts.then_some(self.id);
        let answered = (counts && !self.answer.trim().is_empty()).then(|| answer_id(self.id));
        said.into_iter().chain(answered)
    }
}

impl Kept {
    pub(super) fn new(session: SessionId, turns: &[Turn]) -> Self {
        Self {
            session,
            turns: turns.iter().flat_map(Turn::evidence).collect(),
        }
    }
}

/// All turns of a session.
pub(super) async fn turns(account: &mut Account, session: SessionId) -> anyhow::Result<Vec<Turn>> {
    let mut turns = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("/v1/sessions/{session}/turns{after}");
        let page: Page<Turn> = get(account, &path).await?;
        turns.extend(page.items);
        match page.next {
            Some(next) => after = format!("?after={next}"),
            None => return Ok(turns),
        }
    }
}

/// Where a session stands.
pub(super) async fn state(
    account: &mut Account,
    session: SessionId,
) -> anyhow::Result<WireSessionState> {
    let found: Session = get(account, &format!("/v1/sessions/{session}")).await?;
    Ok(found.state)
}

/// Sessions whose turns are in the evidence, each exactly once, and nothing else of them.
///
/// Read from the stores themselves once the server is gone: nothing stands between the rows and
/// this count.
pub(super) async fn remembered_once(
    memory: &dyn GraphStore,
    teen: TeenId,
    kept: &[Kept],
) -> anyhow::Result<usize> {
    let now = SystemClock.now();
    let memory = memory
        .load(teen, Horizon::whole_graph(now))
        .await
        .context("a memory could not be read")?;
    let mut by_session: BTreeMap<SessionId, Vec<TurnId>> = BTreeMap::new();
    for turn in &memory.evidence {
        by_session.entry(turn.session).or_default().push(turn.id);
    }
    let once = |kept: &&Kept| {
        let mut found = by_session.get(&kept.session).cloned().unwrap_or_default();
        let mut wanted = kept.turns.clone();
        found.sort_unstable();
        wanted.sort_unstable();
        found == wanted
    };
    Ok(kept.iter().filter(once).count())
}

/// `GET path`, asked again while the server is away.
pub(super) async fn get<T: DeserializeOwned>(
    account: &mut Account,
    path: &str,
) -> anyhow::Result<T> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let error = match account.token().await {
            Ok(token) => match account.server.get(path, Some(&token)).await {
                Ok(found) => return Ok(found),
                Err(error) => error,
            },
            Err(error) => error,
        };
        wait_after(error, deadline).await?;
    }
}

/// Waits before a request is repeated; an error that will not pass, or lasts too long, ends it.
pub(super) async fn wait_after(
    error: ClientError,
    deadline: tokio::time::Instant,
) -> anyhow::Result<()> {
    if !error.is_passing() {
        return Err(error).context("the server refused a request");
    }
    if tokio::time::Instant::now() >= deadline {
        bail!(
            "the server did not answer within {} seconds",
            PATIENCE.as_secs()
        );
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(())
}
