//! Random histories of a memory, on SQLite and on the plainest store there is: the same answers.

use std::sync::Arc;

use innerworld_core::memory::store::GraphStore;
use innerworld_embedded::{Embedded, OsIds};
use innerworld_testkit::{
    random_memory::{Ask, Pool, asks, compare, run},
    reference::Reference,
};
use proptest::prelude::*;

use crate::place::Place;

async fn live_through(history: &[(usize, Ask)]) {
    let embedded = Embedded::in_memory(Place::new().clock, Arc::new(OsIds)).unwrap();
    let (sqlite, plain, pool) = (embedded.graph(), Reference::new(), Pool::made());
    for (teen, ask) in history {
        let teen = pool.teen(*teen);
        let write = pool.write(ask, plain.generation(teen).await.unwrap());
        let one = run(&*sqlite, teen, (ask, write.as_ref())).await;
        let other = run(&plain, teen, (ask, write.as_ref())).await;
        assert_eq!(one, other, "{ask:?}");
        compare(&*sqlite, &plain, &pool).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(innerworld_testkit::cases(64)))]

    #[test]
    fn t06_sqlite_and_the_plain_store_tell_the_same(
        history in prop::collection::vec((0..2_usize, asks()), 1..24)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(live_through(&history));
    }
}
