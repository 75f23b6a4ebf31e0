//! Several processes at one memory: readers beside writers, and one that lags behind.

use std::{collections::BTreeSet, sync::Arc};

use futures_util::future::join_all;
use innerworld_core::{
    error::ErrorKind,
    ids::TeenId,
    memory::store::{Applied, GraphStore, MemoryWrite},
};
use innerworld_testkit::{
    cutting_proxy::CuttingProxy,
    records::{Records, WHOLE},
};

use super::{begun, correction, large, pieces, seen};
use crate::place::{DYNAMODB, Place, address};

/// Puts the same lines anew at every generation, each with the generation's number.
fn numbered(lines: &MemoryWrite, expected: u64) -> MemoryWrite {
    let mut write = lines.clone();
    write.expected_generation = expected;
    for turn in &mut write.evidence {
        turn.text = Some(format!("{}", expected + 1).into());
    }
    write
}

/// How many writes the writers share.
const WRITES: u64 = 12;

/// Writes until all are written; how many were its own.
async fn write_on(store: &dyn GraphStore, teen: TeenId, lines: &MemoryWrite) -> u64 {
    let mut won = 0;
    loop {
        let generation = store.generation(teen).await.unwrap();
        if generation > WRITES {
            return won;
        }
        match store.write(teen, &numbered(lines, generation)).await {
            Ok(_now) => won += 1,
            Err(error) => assert!(
                matches!(error.kind(), ErrorKind::Conflict | ErrorKind::Throttled),
                "{error:?}"
            ),
        }
    }
}

/// Reads until all are written; how many generations it saw.
async fn read_on(store: &dyn GraphStore, teen: TeenId) -> usize {
    let mut generations = BTreeSet::new();
    loop {
        let stored = match store.load(teen, WHOLE).await {
            Err(error) if error.kind() == ErrorKind::Throttled => continue,
            stored => stored.unwrap(),
        };
        let generation = stored.graph.generation;
        assert_eq!(stored.evidence.len(), 130);
        for turn in &stored.evidence {
            let text = turn.text.as_ref().unwrap();
            assert_eq!(text.reveal(), &generation.to_string(), "a line of another");
        }
        generations.insert(generation);
        if generation > WRITES {
            return generations.len();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_beside_writers_see_whole_generations() {
    let (place, records) = (Place::new().await, Records::named("readers beside writers"));
    let teen = records.teen();
    let mut lines = records.empty_write(0);
    let session = records.session_id(0);
    lines.evidence = (0..130).map(|n| records.evidence(session, n)).collect();
    place
        .aws
        .graph()
        .write(teen, &numbered(&lines, 0))
        .await
        .unwrap();
    let processes: Vec<Arc<dyn GraphStore>> = (0..5).map(|_| place.beside().graph()).collect();
    let (writers, readers) = processes.split_at(2);
    let writing = writers.iter().map(|store| write_on(&**store, teen, &lines));
    let reading = readers.iter().map(|store| read_on(&**store, teen));
    let (won, seen) = tokio::join!(join_all(writing), join_all(reading));
    assert_eq!(won.iter().sum::<u64>(), WRITES);
    assert!(seen.iter().all(|generations| *generations > 2), "{seen:?}");
    assert_eq!(pieces(&place, teen).await, 0);
}

#[tokio::test]
async fn a_process_that_lags_behind_brings_nothing_back() {
    let (place, records) = (Place::new().await, Records::named("lags behind"));
    let proxy = CuttingProxy::start(&address(DYNAMODB)).await;
    let store = place.aws.graph();
    let (teen, _plain) = begun(&place, &records).await;
    let process = place.beside_through(&proxy.base_url()).graph();
    process.write(teen, &large(&records, 1)).await.unwrap();
    let mut laying = 0;
    // Held at each of its calls in turn, while another process writes, corrects and deletes.
    for calls in 0..proxy.requests() {
        let (teen, plain) = begun(&place, &records).await;
        let write = large(&records, 1);
        let process = place.beside_through(&proxy.base_url()).graph();
        proxy.hold_after(calls);
        let others = async {
            proxy.holds().await;
            if store.generation(teen).await.unwrap() == 1 {
                assert_eq!(store.write(teen, &write).await.unwrap(), Applied::Now);
            } else {
                laying += 1;
            }
            plain.write(teen, &write).await.unwrap();
            let next = correction(&records, &write, 2);
            for store in [&*store, &plain as &dyn GraphStore] {
                assert_eq!(store.write(teen, &next).await.unwrap(), Applied::Now);
            }
            proxy.mend();
        };
        let (late, ()) = tokio::join!(process.write(teen, &write), others);
        assert!(late.is_ok(), "held at call {calls}: {late:?}");
        assert_eq!(
            seen(&*store, teen).await,
            seen(&plain, teen).await,
            "{calls}"
        );
        assert_eq!(pieces(&place, teen).await, 0, "held at call {calls}");
    }
    assert!(laying > 4, "only {laying} were held while they laid down");
}

#[tokio::test]
async fn pieces_of_a_try_under_way_are_not_dropped() {
    let (place, records) = (Place::new().await, Records::named("try under way"));
    let first = CuttingProxy::start(&address(DYNAMODB)).await;
    let second = CuttingProxy::start(&address(DYNAMODB)).await;
    let store = place.aws.graph();
    let (teen, _plain) = begun(&place, &records).await;
    for (proxy, generation) in [(&first, 1), (&second, 2)] {
        let process = place.beside_through(&proxy.base_url()).graph();
        process
            .write(teen, &large(&records, generation))
            .await
            .unwrap();
    }
    // The last calls of a write look for pieces and delete its own two.
    let (looking, calls) = (first.requests() - 3, second.requests());
    for calls in 0..calls {
        let (teen, plain) = begun(&place, &records).await;
        let writes = [large(&records, 1), large(&records, 2)];
        let [one, other] = &writes;
        let dropping = place.beside_through(&first.base_url()).graph();
        let beginning = place.beside_through(&second.base_url()).graph();
        let (dropped, told) = tokio::sync::oneshot::channel();
        first.hold_after(looking);
        let dropping = async {
            dropping.write(teen, one).await.unwrap();
            dropped.send(()).unwrap();
        };
        let others = async {
            first.holds().await;
            second.hold_after(calls);
            let release = async {
                second.holds().await;
                first.mend();
                told.await.unwrap();
                second.mend();
            };
            let (written, ()) = tokio::join!(beginning.write(teen, other), release);
            assert_eq!(written.unwrap(), Applied::Now);
        };
        tokio::join!(dropping, others);
        for write in &writes {
            plain.write(teen, write).await.unwrap();
        }
        assert_eq!(
            seen(&*store, teen).await,
            seen(&plain, teen).await,
            "{calls}"
        );
    }
}
