//! The graph on Neptune, against a double that checks signatures and knows only our statements.

mod faults;
pub(crate) mod house;
mod lint;
mod pages;
mod retrying;
mod rows;
mod signature;

use self::house::House;
use crate::graph_suite::{self as suite, Subject};

/// The suite on the double.
macro_rules! on_the_double {
    ($($clause:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $clause() {
            let house = House::new().await;
            suite::$clause(&Subject::new(house.retrying(), stringify!($clause))).await;
        }
    )*};
}

suite::clauses!(on_the_double);

#[test]
fn generated_patches_are_applied_as_to_a_plain_graph() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let house = runtime.block_on(House::new());
    suite::patches_are_applied_as_to_a_plain_graph(&runtime, &house.retrying(), 24);
}

#[tokio::test]
async fn readers_lag_and_whoever_needs_a_write_does_not_ask_them() {
    let house = House::new().await;
    let subject = Subject::new(house.retrying(), "readers lag");
    let patch = subject.family();
    house.fake.lag();
    subject.graph().apply(&patch).await.unwrap();
    let owner = patch.put_nodes.first().unwrap().id;
    let seen = subject
        .graph()
        .neighbours(subject.teen, &[owner], 300)
        .await;
    assert_eq!(seen.unwrap(), []);
    assert_eq!(subject.load().await.nodes.len(), patch.put_nodes.len());
    house.fake.catch_up();
    let seen = subject
        .graph()
        .neighbours(subject.teen, &[owner], 300)
        .await;
    assert!(!seen.unwrap().is_empty());
}
