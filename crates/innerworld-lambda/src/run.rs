//! Runs a function: reads its environment, opens what it needs, answers events one by one.

use std::{fmt, pin::Pin, process::ExitCode, sync::Arc};

use anyhow::Context as _;
use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{
    environment::{self, Environment},
    telemetry,
};

/// One function.
pub trait Handler: Sized + Send + Sync + 'static {
    /// What it is told.
    type Environment: Environment + Send;

    /// Opens what it needs, once, before the first event.
    fn open(environment: Self::Environment) -> impl Future<Output = anyhow::Result<Self>> + Send;

    /// Answers one event.
    fn handle(&self, event: Value) -> impl Future<Output = Result<Value, Failure>> + Send;
}

/// Why an event was not answered. Fixed words: the service shows them, and logs keep them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    kind: &'static str,
    message: &'static str,
}

impl Failure {
    /// The event has not the form that this function is called with.
    pub const fn event(message: &'static str) -> Self {
        Self {
            kind: "InvalidEvent",
            message,
        }
    }

    /// A rule says no.
    pub const fn refused(message: &'static str) -> Self {
        Self {
            kind: innerworld_aws::REFUSED,
            message,
        }
    }

    /// Something that is needed cannot be reached now.
    pub const fn unavailable(message: &'static str) -> Self {
        Self {
            kind: "Unavailable",
            message,
        }
    }
}

/// As the runtime logs it.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind, self.message)
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self {
            error_type: failure.kind.to_owned(),
            error_message: failure.message.to_owned(),
        }
    }
}

/// Reads the fields of an event that a function looks at; `expected` says what it should have been.
/// The cause is dropped: it repeats what it could not read.
pub(crate) fn read<T: DeserializeOwned>(
    event: Value,
    expected: &'static str,
) -> Result<T, Failure> {
    serde_json::from_value(event).map_err(|_repeats_content| Failure::event(expected))
}

/// Runs a function until Lambda ends it. `variables` are those of the process.
pub fn run<H: Handler>(variables: impl IntoIterator<Item = (String, String)>) -> ExitCode {
    match serve::<H>(variables) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Without an environment there is no level yet.
            telemetry::init(false);
            tracing::error!(error = format!("{error:#}"), "the function could not start");
            ExitCode::FAILURE
        }
    }
}

fn serve<H: Handler>(variables: impl IntoIterator<Item = (String, String)>) -> anyhow::Result<()> {
    let environment: H::Environment = environment::read(variables)?;
    telemetry::init(environment.common().debug);
    // One event at a time on a share of a core: one thread.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime could not be started")?;
    // Behind pointers: futures of adapters within adapters are too deep for the compiler otherwise.
    let opening: Boxed<anyhow::Result<H>> = Box::pin(H::open(environment));
    runtime.block_on(async {
        let handler = Arc::new(opening.await?);
        let service = service_fn(
            move |event: LambdaEvent<Value>| -> Boxed<Result<Value, Failure>> {
                let handler = Arc::clone(&handler);
                Box::pin(async move { handler.handle(event.payload).await })
            },
        );
        lambda_runtime::run(service)
            .await
            .map_err(|error| anyhow::anyhow!("the runtime ended: {error}"))
    })
}

type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;
