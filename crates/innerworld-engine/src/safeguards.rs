//! What the safety files make. It is replaced as a whole when the files are read anew: whoever began to
//! judge a message with one set ends with the same.

use std::sync::{Arc, PoisonError, RwLock};

use innerworld_core::safety::{OutputScreen, desk::Desk};

/// The local safety tier with its texts, and the filter over answers, of one set of files.
pub struct Safeguards {
    /// The local tier and its texts.
    pub desk: Desk,
    /// The filter over answers.
    pub output: Arc<dyn OutputScreen>,
}

impl std::fmt::Debug for Safeguards {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Safeguards")
    }
}

/// Those in force.
#[derive(Debug)]
pub struct CurrentSafeguards(RwLock<Arc<Safeguards>>);

impl CurrentSafeguards {
    /// The first ones.
    pub fn new(first: Safeguards) -> Self {
        Self(RwLock::new(Arc::new(first)))
    }

    /// Those in force now.
    pub fn now(&self) -> Arc<Safeguards> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts others in force, for everything that begins from now on.
    pub fn replace(&self, others: Safeguards) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(others);
    }
}
