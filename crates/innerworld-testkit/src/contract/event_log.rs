//! Suite of [`EventLog`].

use std::sync::Arc;

use innerworld_core::identity::federation::EventLog;

use super::suite;

/// The port under test.
pub type Port = Arc<dyn EventLog>;

suite!($ event_log_contract, event_log, Port, [
    what_is_noted_stays_noted,
    messages_are_apart,
]);

/// Noting it again changes nothing.
pub async fn what_is_noted_stays_noted(store: &Port) {
    assert!(!store.is_done("apple/one").await.unwrap());
    for _ in 0..2 {
        store.done("apple/one").await.unwrap();
        assert!(store.is_done("apple/one").await.unwrap());
    }
}

/// One message is not another.
pub async fn messages_are_apart(store: &Port) {
    store.done("apple/one").await.unwrap();
    for other in ["store/one", "apple/two", "apple/on", ""] {
        assert!(!store.is_done(other).await.unwrap(), "{other}");
    }
}
