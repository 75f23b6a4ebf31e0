//! Who answers: a model server on this machine that streams the reference reply.

use std::{net::SocketAddr, time::Duration};

use tokio::task::JoinSet;

use crate::upstream::{self, Script};

/// Between two tokens.
const PACE: Duration = Duration::from_millis(20);
/// The reference reply: eighty words, each a token of its own. It asks nothing and promises nothing.
const REPLY: &str = "That sounds like a lot for one evening, and it makes sense that your head is full. \
    You have the test in front of you and the song at the back of your mind, and both want time now. \
    One small piece often goes better than the whole heap at once. \
    Maybe you pick one page, close the door for a while, and let the rest wait until that page is done. \
    Tell me afterwards how it all went today.";

/// The server; it ends when it is dropped.
pub(super) struct Provider {
    /// Where it listens.
    pub(super) address: SocketAddr,
    script: Script,
    _serving: JoinSet<()>,
}

impl Provider {
    /// Starts it.
    pub(super) async fn start() -> anyhow::Result<Self> {
        let script = Script::default();
        script.otherwise(REPLY);
        let mut serving = JoinSet::new();
        let address = upstream::start(script.clone(), PACE, &mut serving).await?;
        Ok(Self {
            address,
            script,
            _serving: serving,
        })
    }

    /// How often it was asked.
    pub(super) fn answered(&self) -> usize {
        self.script.counted().0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_reply_has_eighty_tokens() {
        assert_eq!(REPLY.split_whitespace().count(), 80);
    }
}
