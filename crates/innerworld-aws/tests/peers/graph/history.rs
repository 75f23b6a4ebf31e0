//! Random histories of a memory with crashes in them, on DynamoDB and on the plainest store there
//! is: the same answers.

use innerworld_core::memory::store::GraphStore;
use innerworld_testkit::{
    cutting_proxy::{Cut, CuttingProxy},
    random_memory::{Ask, Pool, asks, compare, run},
    reference::Reference,
};
use proptest::prelude::*;

use crate::place::{DYNAMODB, Place, address};

/// Where a step's process dies, if it does: after so many calls, before or after the next one.
type Death = Option<(usize, bool)>;

#[derive(Clone, Debug)]
struct Step {
    teen: usize,
    ask: Ask,
    death: Death,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let death = prop::option::weighted(0.5, (0..24_usize, any::<bool>()));
    let step = (0..2_usize, asks(), death).prop_map(|(teen, ask, death)| Step { teen, ask, death });
    prop::collection::vec(step, 1..16)
}

async fn live_through(history: &[Step]) {
    let (place, plain, pool) = (Place::new().await, Reference::new(), Pool::made());
    let proxy = CuttingProxy::start(&address(DYNAMODB)).await;
    let store = place.aws.graph();
    for step in history {
        let teen = pool.teen(step.teen);
        let generation = plain.generation(teen).await.unwrap();
        let write = pool.write(&step.ask, generation);
        let ask = (&step.ask, write.as_ref());
        match step.death {
            None => {
                let one = run(&*store, teen, ask).await;
                assert_eq!(one, run(&plain, teen, ask).await, "{step:?}");
            }
            Some((calls, before)) => {
                let cut = if before { Cut::Request } else { Cut::Answer };
                proxy.cut_after(calls, cut);
                let dying = place.beside_through(&proxy.base_url()).graph();
                let outcome = run(&*dying, teen, ask).await;
                proxy.mend();
                let moved = store.generation(teen).await.unwrap() != generation;
                match (&step.ask, outcome) {
                    // What it did not come to is done by the next round.
                    (Ask::Expire { .. }, _) => {
                        run(&*store, teen, ask).await.unwrap();
                        run(&plain, teen, ask).await.unwrap();
                    }
                    (_, Ok(answer)) => assert_eq!(run(&plain, teen, ask).await, Ok(answer)),
                    (_, Err(_)) if moved => {
                        run(&plain, teen, ask).await.unwrap();
                    }
                    (_, Err(_)) => {}
                }
            }
        }
        compare(&*store, &plain, &pool).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(innerworld_testkit::cases(16)))]

    #[test]
    fn t06_dynamodb_and_the_plain_store_tell_the_same(history in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(live_through(&history));
    }
}
