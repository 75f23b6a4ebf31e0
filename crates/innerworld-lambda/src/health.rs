//! `GET /health`: touches what the deployment consists of and says what it found.
//!
//! Anybody may ask, and each report costs calls that are few an account. So a report is given again
//! for some seconds.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;
use innerworld_aws::{
    Aws, GraphReaderFunction, SdkConfig, SecretState, Secrets, TABLES, Table, configuration,
};
use innerworld_core::{
    clock::{Clock, Timestamp},
    error::PortError,
    health::{HealthCheck, HealthState},
    ids::TeenId,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    environment::{self, GraphBackend},
    run::{Failure, Handler},
    start,
};

/// How long a report is given again.
const FRESH: Duration = Duration::from_secs(10);

/// How long the graph may take: its reader may have to start.
const GRAPH_ANSWERS: Duration = Duration::from_secs(5);

/// The report, in the same form as on one machine.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The worst of all.
    pub status: HealthState,
    /// Version of the function.
    pub version: &'static str,
    /// One line a dependency.
    pub services: Vec<HealthCheck>,
}

impl Report {
    /// The report of these lines.
    pub fn of(services: Vec<HealthCheck>) -> Self {
        let has = |state| services.iter().any(|check| check.state == state);
        let status = if has(HealthState::Down) {
            HealthState::Down
        } else if has(HealthState::Degraded) {
            HealthState::Degraded
        } else {
            HealthState::Ok
        };
        Self {
            status,
            version: env!("CARGO_PKG_VERSION"),
            services,
        }
    }

    fn answer(&self) -> Result<Value, Failure> {
        let status = if self.status == HealthState::Down {
            503
        } else {
            200
        };
        let body = serde_json::to_string(self)
            .map_err(|_never_fails| Failure::unavailable("the report could not be written"))?;
        Ok(json!({
            "statusCode": status,
            "headers": {"content-type": "application/json", "cache-control": "no-store"},
            "body": body,
        }))
    }
}

/// The line of a table.
pub fn table_line(table: Table, found: &Result<bool, PortError>) -> HealthCheck {
    let name = table.schema().suffix;
    let (state, detail) = match found {
        Ok(true) => (HealthState::Ok, "the table is active".to_owned()),
        Ok(false) => (HealthState::Down, "the table is not active".to_owned()),
        Err(error) => (HealthState::Down, error.to_string()),
    };
    HealthCheck {
        name,
        state,
        detail,
    }
}

/// The line of a secret. Without one the product works, with less.
pub fn secret_line(name: &'static str, found: &Result<SecretState, PortError>) -> HealthCheck {
    let (state, detail) = match found {
        // Whether the key in it is a placeholder's only its readers can tell.
        Ok(SecretState::Present) => (HealthState::Ok, "the secret has a version".to_owned()),
        Ok(SecretState::Empty) => (
            HealthState::Degraded,
            "the secret has no current version: put one with update-secret".to_owned(),
        ),
        Ok(SecretState::Ending) => (
            HealthState::Degraded,
            "the secret is going to be deleted".to_owned(),
        ),
        Err(error) => (HealthState::Degraded, error.to_string()),
    };
    HealthCheck {
        name,
        state,
        detail,
    }
}

/// The line of the graph database. Without it the product works, and remembers less.
pub fn graph_line(found: &Result<(), PortError>) -> HealthCheck {
    let (state, detail) = match found {
        Ok(()) => (HealthState::Ok, "the graph answers".to_owned()),
        Err(error) => (HealthState::Degraded, error.to_string()),
    };
    HealthCheck {
        name: "graph",
        state,
        detail,
    }
}

/// What a deployment consists of besides its tables: secrets, and a graph database where it has one.
pub(crate) struct Around {
    secrets: Secrets,
    named: [(&'static str, String); 2],
    graph: Option<GraphReaderFunction>,
}

impl Around {
    pub(crate) fn new(config: &SdkConfig, told: environment::Around) -> Self {
        let graph = match told.graph {
            GraphBackend::Tables => None,
            GraphBackend::Database(access) => Some(access.reader),
        };
        Self {
            secrets: Secrets::new(config, start::CALL_TIMEOUT),
            named: [
                ("model_secret", told.model_secret),
                ("apple_secret", told.apple_secret),
            ],
            graph: graph.map(|reader| GraphReaderFunction::within(config, reader, GRAPH_ANSWERS)),
        }
    }

    /// Has the graph of a teen laid down, whose session began. Without this an answer asks for it.
    pub(crate) async fn session_begins(&self, teen: TeenId) {
        let Some(reader) = &self.graph else { return };
        if let Err(error) = reader.start_session(teen).await {
            tracing::warn!(
                operation = error.operation(),
                error.kind = ?error.kind(),
                "a session begins without its graph"
            );
        }
    }

    /// A line for each.
    pub(crate) async fn lines(&self) -> Vec<HealthCheck> {
        let secrets = self.named.iter().map(|(name, id)| async move {
            let found = self.secrets.describe(id).await;
            secret_line(name, &found)
        });
        let graph = async {
            let reader = self.graph.as_ref()?;
            Some(graph_line(&reader.ping().await))
        };
        let (mut lines, graph) = tokio::join!(join_all(secrets), graph);
        lines.extend(graph);
        lines
    }
}

/// The function `health-check`.
pub struct Health {
    aws: Aws,
    around: Around,
    clock: Arc<dyn Clock>,
    last: Mutex<Option<(Timestamp, Report)>>,
}

impl std::fmt::Debug for Health {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Health").finish_non_exhaustive()
    }
}

impl Health {
    async fn report(&self) -> Report {
        let tables = TABLES.iter().map(|schema| async move {
            let found = self.aws.is_active(schema.table).await;
            table_line(schema.table, &found)
        });
        let (mut services, around) = tokio::join!(join_all(tables), self.around.lines());
        services.extend(around);
        Report::of(services)
    }

    fn fresh(&self, now: Timestamp) -> Option<Report> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, report) = last.as_ref()?;
        (*at <= now && now.since(*at) < FRESH).then(|| report.clone())
    }
}

impl Handler for Health {
    type Environment = environment::Health;

    async fn open(environment: Self::Environment) -> anyhow::Result<Self> {
        let config = configuration().await;
        Ok(Self {
            aws: start::stores(&config, environment.tables, String::new()),
            around: Around::new(&config, environment.around),
            clock: start::clock(),
            last: Mutex::default(),
        })
    }

    /// Any event: nothing in a request changes the answer.
    async fn handle(&self, _event: Value) -> Result<Value, Failure> {
        let now = self.clock.now();
        if let Some(report) = self.fresh(now) {
            return report.answer();
        }
        let report = self.report().await;
        if report.status == HealthState::Down {
            tracing::error!("a table cannot be used");
        }
        let kept = Some((now, report.clone()));
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        report.answer()
    }
}
