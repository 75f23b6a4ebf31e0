//! Changes outside the store: in the spool, and in RAM where the spool did not take them either, so that
//! a teen whom a crisis frame was shown to is not talked to as if nothing had been.

use innerworld_core::{
    error::{ErrorKind, PortError},
    safety::{SafetyCommit, keep::Keeper},
};

use super::{Room, keeper, source_of};
use crate::app::App;

/// Most changes that wait for one teen; nearly all of them would be notices.
const MOST: usize = 32;

/// Keeps a change for later.
pub(super) fn hold(room: &Room, commit: SafetyCommit) {
    let mut view = room.view();
    let waiting = &mut view.safety.unkept;
    // A newer record holds what the older ones say; only their notices are their own.
    waiting.retain(|held| held.notice.is_some());
    if waiting.len() == MOST {
        tracing::error!("too many safety changes wait in memory; the oldest one is lost");
        waiting.pop_front();
    }
    waiting.push_back(commit);
}

/// Whether nothing waits.
pub(crate) fn is_empty(room: &Room) -> bool {
    room.view().safety.unkept.is_empty()
}

/// Tries to keep what waits, oldest first. `true` if nothing is left.
pub(super) async fn flush(app: &App, room: &Room, keeper: &Keeper) -> bool {
    loop {
        let Some(commit) = room.view().safety.unkept.front().cloned() else {
            return true;
        };
        match keeper.keep_late(commit.clone(), app.now()).await {
            Err(error) if error.kind() != ErrorKind::Denied => {
                tracing::debug!(error.kind = ?error.kind(), cause = source_of(&error), "a safety change still waits in memory");
                return false;
            }
            // Kept, or the teen was erased.
            Ok(()) | Err(_) => {
                let waiting = &mut room.view().safety.unkept;
                if waiting.front() == Some(&commit) {
                    waiting.pop_front();
                }
            }
        }
    }
}

/// Whether all that was shown so far is kept, also after a try to keep what is not.
pub(crate) async fn is_kept(app: &App, room: &Room) -> bool {
    flush(app, room, &keeper(app)).await
}

/// Puts spooled changes into the store, now that it may answer again.
pub(crate) async fn replay_spool(app: &App) {
    let replayed = async {
        if app.services.spool.depth().await? > 0 {
            let replayed = keeper(app).replay(app.now()).await?;
            if replayed.stale > 0 {
                tracing::error!(
                    stale = replayed.stale,
                    "spooled safety changes are too old to be counted; look at them"
                );
            }
        }
        app.services.spool.depth().await
    };
    match replayed.await {
        Ok(depth) => {
            app.metrics
                .safety_spool_depth
                .set(i64::try_from(depth).unwrap_or(i64::MAX));
        }
        Err(error) => log_spool(&error),
    }
}

fn log_spool(error: &PortError) {
    tracing::warn!(error.kind = ?error.kind(), "spooled safety changes still wait");
}
