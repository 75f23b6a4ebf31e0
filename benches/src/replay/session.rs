//! The beginning and the end of a session, whatever breaks in between.

use std::time::Duration;

use anyhow::bail;
use innerworld::client::track::Step;
use innerworld_core::ids::SessionId;
use innerworld_protocol::{
    ClientFrame, ServerFrame,
    client::{DisclosureAck, PersonaChoose, SessionEnd},
    server::WireSessionState,
};

use super::{stored, teen::Teen};
use crate::person;

/// Who is talked to.
const PERSONA: &str = "compass";
/// A session that is ended becomes memory within this time.
const REMEMBERED: Duration = Duration::from_secs(60);

/// Joins a fresh session and chooses a persona.
pub(super) async fn begin(teen: &mut Teen) -> anyhow::Result<SessionId> {
    let mut disclosure: Option<String> = None;
    let mut session = None;
    loop {
        for step in teen.next().await? {
            match step {
                Step::Joined(welcome) => {
                    session = Some(welcome.session);
                    if welcome.state == WireSessionState::Active {
                        return Ok(welcome.session);
                    }
                    if let Some(version) = &disclosure {
                        choose(teen, version).await;
                    }
                }
                Step::Frame(ServerFrame::Disclosure { version, .. }) => {
                    choose(teen, &version).await;
                    disclosure = Some(version);
                }
                Step::Frame(ServerFrame::PersonaChosen { .. }) => {
                    if let Some(session) = session {
                        return Ok(session);
                    }
                }
                Step::Frame(ServerFrame::Error(error)) => teen.refused(&error).await?,
                _ => {}
            }
        }
    }
}

/// Accepts the disclosure and chooses. What is lost on the way is sent again after the reconnect.
async fn choose(teen: &mut Teen, version: &str) {
    let acknowledged = ClientFrame::DisclosureAck(DisclosureAck {
        version: version.to_owned(),
    });
    let chosen = ClientFrame::PersonaChoose(PersonaChoose {
        persona: PERSONA.to_owned(),
    });
    if teen.link.send(&acknowledged).await.is_ok() {
        teen.link.send(&chosen).await.ok();
    }
}

/// Ends the session, waits until it is remembered, and opens a new connection.
pub(super) async fn end(teen: &mut Teen, session: SessionId) -> anyhow::Result<()> {
    let goodbye = ClientFrame::SessionEnd(SessionEnd { reason: None });
    teen.link.send(&goodbye).await.ok();
    'ended: loop {
        for step in teen.next().await? {
            match step {
                Step::Frame(ServerFrame::SessionEnded { .. }) => break 'ended,
                // Another session: this one had ended before the connection broke.
                Step::Joined(welcome) if welcome.session != session => break 'ended,
                Step::Joined(_) => {
                    teen.link.send(&goodbye).await.ok();
                }
                Step::Frame(ServerFrame::Error(error)) => teen.refused(&error).await?,
                _ => {}
            }
        }
    }
    teen.link.close().await;
    remembered(teen, session).await?;
    let account = teen.link.account.clone();
    teen.link = person::connect(account).await?;
    Ok(())
}

async fn remembered(teen: &mut Teen, session: SessionId) -> anyhow::Result<()> {
    let deadline = tokio::time::Instant::now() + REMEMBERED;
    while stored::state(&mut teen.link.account, session).await? != WireSessionState::Remembered {
        if tokio::time::Instant::now() >= deadline {
            bail!(
                "a session was not remembered within {} seconds",
                REMEMBERED.as_secs()
            );
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
