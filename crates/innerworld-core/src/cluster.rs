//! Port: several servers on the same stores, and which of them holds a teen.
//!
//! A server keeps what goes on in a session in its memory. One server at a time therefore holds a teen, and
//! the others pass on to it what comes for that teen.

use async_trait::async_trait;

use crate::{clock::Timestamp, error::PortError, ids::TeenId};

/// Where a teen is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// By this server.
    Here,
    /// By another one, which others reach at this address: `http://10.0.1.7:8080`.
    There(String),
}

/// The servers on the same stores, as one of them sees them.
///
/// # Contract
/// * At most one living server is told that a teen is [`Holder::Here`].
/// * A server that no longer knows whether it lives, because it could not say so for too long, is told
///   nothing but errors.
/// * A number is unspent once, whichever server asks.
#[async_trait]
pub trait Cluster: Send + Sync + std::fmt::Debug {
    /// Who holds the teen: this server from now on, unless another living one does.
    async fn hold(&self, teen: TeenId) -> Result<Holder, PortError>;

    /// Lets the teen go, if this server holds them: nothing of them is left to do.
    async fn let_go(&self, teen: TeenId) -> Result<(), PortError>;

    /// Leaves a word for the other server that holds the teen; nothing if none does.
    async fn tell(&self, teen: TeenId, word: &'static str) -> Result<(), PortError>;

    /// Whether nobody spent this number before. It is spent from now on, and may be forgotten at `ends`.
    async fn spend(&self, number: [u8; 16], ends: Timestamp) -> Result<bool, PortError>;
}

/// What a server does as one of several.
pub trait Member: Send + Sync {
    /// Does what another server asks for with a word.
    fn told(&self, teen: TeenId, word: &str);

    /// Whether anything of this teen goes on here.
    fn has(&self, teen: TeenId) -> bool;

    /// Whether it is about to stop: whoever it has nothing to do with any more is another's at once.
    fn is_stopping(&self) -> bool;

    /// Begins to take up what a server left behind that died. Whoever calls has to say meanwhile that this
    /// one lives.
    fn take_up(&self);
}
