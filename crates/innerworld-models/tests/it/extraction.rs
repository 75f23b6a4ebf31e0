//! Sessions read by a model over a real connection, and what of it gets into memory.

mod bench;
mod consent;
mod hostile;
mod spend;

use innerworld_testkit::hostile_upstream::Script;

/// How a reading by a provider with this script and its records print.
pub(crate) async fn printed(script: Script) -> (String, String) {
    let bench = bench::Bench::new([script]).await;
    let done = bench.run().await;
    let records = bench.settled().await;
    (format!("{:?}", done.outcome), format!("{records:?}"))
}
