//! This server as one of several on the same stores.

use std::sync::Arc;

use innerworld_core::{
    cluster::{Holder, Member},
    error::PortError,
    ids::TeenId,
};

use crate::{app::App, erase::Closing};

impl App {
    /// Whether this server holds the teen: from now on, if no other living one does.
    pub(crate) async fn holds(&self, teen: TeenId) -> Result<bool, PortError> {
        match &self.services.cluster {
            Some(cluster) => Ok(cluster.hold(teen).await? == Holder::Here),
            None => Ok(true),
        }
    }

    /// Lets a teen go of whom nothing is left. What cannot be said now ends by itself.
    pub(crate) async fn let_go(&self, teen: TeenId) {
        if let Some(cluster) = &self.services.cluster
            && let Err(error) = cluster.let_go(teen).await
        {
            tracing::warn!(error.kind = ?error.kind(), operation = error.operation(), "a teen who was erased is let go later");
        }
    }

    /// Closes the teen's connection here.
    pub(crate) fn close_here(&self, teen: TeenId, why: Closing) {
        let (code, close) = why.told();
        self.hub.close(teen, code, close);
    }

    /// Has it closed by whichever other server holds the teen. What cannot be said closes with the token:
    /// nobody waits for it.
    pub(crate) fn close_elsewhere(&self, teen: TeenId, why: Closing) {
        let Some(cluster) = self.services.cluster.clone() else {
            return;
        };
        self.tasks.spawn(async move {
            if let Err(error) = cluster.tell(teen, why.word()).await {
                tracing::error!(error.kind = ?error.kind(), operation = error.operation(), "another server could not be told to close a connection");
            }
        });
    }
}

/// A running server, as others on the same stores see it.
#[derive(Debug)]
pub struct OneOfSeveral(pub Arc<App>);

impl Member for OneOfSeveral {
    fn told(&self, teen: TeenId, word: &str) {
        match Closing::of_word(word) {
            Some(why) => {
                self.0.forget(teen);
                self.0.close_here(teen, why);
            }
            None => {
                tracing::warn!("another server asked for what this version does not know");
            }
        }
    }

    fn has(&self, teen: TeenId) -> bool {
        let Some(room) = self.0.hub.existing(teen) else {
            return false;
        };
        // Between two turns the second one waits; who holds the lock is about to do something.
        let waits = room
            .inner
            .try_lock()
            .map_or(true, |inner| inner.queued.is_some());
        let view = room.view();
        let goes_on = waits || view.watcher.is_some() || view.running.is_some();
        // A room without anybody remembers them, which nothing does once this server has stopped.
        goes_on || !self.is_stopping()
    }

    fn is_stopping(&self) -> bool {
        self.0.is_draining()
    }

    fn take_up(&self) {
        let app = Arc::clone(&self.0);
        self.0.tasks.spawn(async move { take_up(&app).await });
    }
}

async fn take_up(app: &Arc<App>) {
    match app.recover().await {
        Ok(turns) => tracing::info!(turns, "took up what a server left that died"),
        Err(error) => {
            tracing::error!(error.kind = ?error.kind(), operation = error.operation(), "what a dead server left could not be read; its teens bring it with them");
        }
    }
}
