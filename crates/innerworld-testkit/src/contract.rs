//! One contract suite per port: each clause is a function named after what it demands.
//!
//! An adapter runs a suite through its macro, which makes one test per clause:
//!
//! ```text
//! mod job_store {
//!     innerworld_testkit::job_store_contract!(super::jobs_on_disk);
//! }
//! ```
//!
//! `jobs_on_disk` is an async function without parameters that returns a [`Subject`]: an empty
//! store, and whatever must live as long as it (a data folder). [`failures`] runs a suite and
//! names the clauses that failed; with it the suites themselves are tested.

use std::{any::Any, fmt, panic::AssertUnwindSafe};

use futures_util::{FutureExt, future::BoxFuture};

pub mod account_store;
pub mod authorization_store;
pub mod consent_store;
pub mod conversation_store;
pub mod encoder;
pub mod erasure_store;
pub mod event_log;
pub mod federation_store;
pub mod graph_store;
pub mod job_store;
pub mod journal_store;
pub mod key_store;
pub mod namer_source;
pub mod profile_store;
pub mod revocation_store;
pub mod safety_spool;
pub mod safety_store;
pub mod shared_session;
pub mod teen_clock_store;
pub mod thesaurus;
pub mod ticket_store;
pub mod usage_ledger;

/// What a suite runs against: ports, and what must live as long as they do.
pub struct Subject<P> {
    /// The ports.
    pub ports: P,
    keep: Option<Box<dyn Any + Send + Sync>>,
}

impl<P> Subject<P> {
    /// Ports that need nothing else.
    pub const fn new(ports: P) -> Self {
        Self { ports, keep: None }
    }

    /// Ports that need `keep`: a data folder, the process of a peer.
    pub fn keeping(ports: P, keep: impl Any + Send + Sync) -> Self {
        Self {
            ports,
            keep: Some(Box::new(keep)),
        }
    }
}

impl<P> fmt::Debug for Subject<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("keep", &self.keep.is_some())
            .finish_non_exhaustive()
    }
}

/// One clause of a suite over ports `P`.
pub struct Clause<P: 'static> {
    /// The name of its function.
    pub name: &'static str,
    /// Panics if the ports break it.
    pub run: for<'a> fn(&'a P) -> BoxFuture<'a, ()>,
}

impl<P> fmt::Debug for Clause<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// Runs every clause against a fresh subject and names those that failed.
pub async fn failures<P>(
    make: impl AsyncFn() -> Subject<P>,
    clauses: &[Clause<P>],
) -> Vec<&'static str> {
    let mut failed = Vec::new();
    for clause in clauses {
        let subject = make().await;
        let run = AssertUnwindSafe((clause.run)(&subject.ports));
        if run.catch_unwind().await.is_err() {
            failed.push(clause.name);
        }
    }
    failed
}

/// Makes a suite's list of clauses and the macro that turns them into tests. The first token is
/// `$`, which a macro inside a macro cannot write otherwise.
macro_rules! suite {
    ($d:tt $contract:ident, $module:ident, $ports:ty, [$($clause:ident),+ $(,)?]) => {
        /// Every clause of this suite.
        pub const CLAUSES: &[$crate::contract::Clause<$ports>] = &[
            $($crate::contract::Clause {
                name: stringify!($clause),
                run: |ports| Box::pin($clause(ports)),
            },)+
        ];

        /// One test per clause of the suite; `make` is an async function that returns a subject.
        #[macro_export]
        macro_rules! $contract {
            ($d make:expr) => {
                $(
                    #[tokio::test]
                    async fn $clause() {
                        let subject = ($d make)().await;
                        $crate::contract::$module::$clause(&subject.ports).await;
                    }
                )+
            };
        }
    };
}
pub(crate) use suite;

/// Asserts that a call failed with this kind.
#[track_caller]
pub(crate) fn assert_kind<T: fmt::Debug>(
    result: Result<T, innerworld_core::error::PortError>,
    kind: innerworld_core::error::ErrorKind,
) {
    match result {
        Ok(value) => panic!("expected {kind:?}, the call succeeded with {value:?}"),
        Err(error) => assert_eq!(error.kind(), kind, "{error}"),
    }
}
