//! Everything that is kept about a teen, as one JSON document: who makes it, and who hands it out.

mod document;
mod in_process;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    ids::{ExportId, TeenId},
    secret::Text,
};
use serde_json::Value;

pub use self::{
    document::{ExportPorts, document},
    in_process::InProcess,
};

/// Who asks for the document of an export, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Whose token it is.
    pub teen: TeenId,
    /// When that token was issued.
    pub issued_at: Timestamp,
    /// Now.
    pub now: Timestamp,
}

/// What is at an export's id.
#[derive(Debug, PartialEq)]
pub enum Fetched {
    /// Nothing, or nothing of this teen, or nothing any more.
    NotThere,
    /// It is being made.
    Running,
    /// It is there, for a token that was issued more recently: within [`FRESH`].
    TokenTooOld,
    /// The document.
    Document(Value),
    /// Where the document is for the next five minutes, to whoever knows the address.
    Address(Text),
}

/// The token that fetches a document was issued at most this long ago.
pub const FRESH: std::time::Duration = std::time::Duration::from_secs(3_600);
/// An id may be used this long.
pub const LIFE: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

/// Port: exports of teens.
///
/// # Contract
/// * A teen fetches their own exports only, and an id for [`LIFE`] only.
/// * A document is not handed out for a token older than [`FRESH`].
/// * Nothing is left of a document when its teen was erased.
#[async_trait]
pub trait Exports: Send + Sync + std::fmt::Debug {
    /// Begins one and gives the id that fetches it.
    async fn begin(&self, teen: TeenId, now: Timestamp) -> Result<ExportId, PortError>;

    /// What is at this id.
    async fn fetch(&self, export: ExportId, ask: &Ask) -> Result<Fetched, PortError>;
}

impl Ask {
    /// Whether the token was issued recently enough.
    pub fn is_fresh(&self) -> bool {
        self.now.since(self.issued_at) <= FRESH
    }
}
