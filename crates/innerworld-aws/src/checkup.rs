//! A deployment looked over part by part, for whoever runs it: what one would otherwise ask each
//! service by hand. Nothing is changed: everything is described, read, or tried and thrown away.
//!
//! A finding holds no content and no secret, and nothing of the teen whose token is tried.

mod caller;
mod door;
mod graph;
mod key;
mod queues;
mod tables;
mod throttling;

use std::sync::Arc;

use innerworld_core::{clock::Clock, error::PortError, ids::IdSource};
use serde::Serialize;

pub use self::caller::caller;
use crate::{
    fault,
    open::{Aws, Clients},
    settings::AwsSettings,
    tables::Tables,
};

/// What a look at one part found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is as it must be.
    Ok,
    /// It works, but should be looked at.
    Warn,
    /// It does not work.
    Failed,
    /// It could not be looked at, or nobody asked for it.
    NotChecked,
}

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable name of the part.
    pub name: &'static str,
    /// What was found.
    pub state: State,
    /// A sentence for the operator.
    pub detail: String,
    /// What to do next, each a sentence or a command; empty if nothing.
    pub next: Vec<String>,
}

impl Finding {
    /// A finding without anything to do.
    pub fn new(name: &'static str, state: State, detail: impl Into<String>) -> Self {
        Self {
            name,
            state,
            detail: detail.into(),
            next: Vec::new(),
        }
    }

    /// The same with one more thing to do.
    #[must_use]
    pub fn next(mut self, step: impl Into<String>) -> Self {
        self.next.push(step.into());
        self
    }

    /// A call that failed, with what to do about it.
    pub fn of_error(name: &'static str, state: State, error: &PortError) -> Self {
        let cause = std::error::Error::source(error);
        let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
        let finding = Self::new(name, state, format!("{error}{cause}"));
        match fault::advice(error) {
            Some(advice) => finding.next(advice),
            None => finding,
        }
    }
}

/// One deployment, to be looked over.
pub struct Checkup {
    clients: Clients,
    settings: AwsSettings,
    prefix: String,
    tables: Tables,
    aws: Aws,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Checkup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checkup")
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

impl Checkup {
    /// The deployment whose names begin with `prefix`. Nothing is asked yet.
    pub fn new(
        clients: Clients,
        settings: AwsSettings,
        prefix: &str,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self {
        let tables = Tables::new(&clients, settings.tables.clone());
        let aws = Aws::new(clients.clone(), settings.clone(), Arc::clone(&clock), ids);
        Self {
            clients,
            settings,
            prefix: prefix.to_owned(),
            tables,
            aws,
            clock,
        }
    }
}
