//! Crashes at every call, and what is left of them.

use std::{collections::BTreeSet, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use innerworld_core::{
    error::ErrorKind,
    memory::store::{Applied, GraphStore},
};
use innerworld_testkit::{
    cutting_proxy::{Cut, CuttingProxy},
    records::{NOW, Records},
};

use super::{DAY, begun, correction, items, large, pieces, seen};
use crate::place::{DYNAMODB, Place, address};

#[tokio::test]
async fn a_crash_at_any_call_leaves_the_memory_before_or_after() {
    let (place, records) = (Place::new().await, Records::named("crash at any call"));
    let proxy = CuttingProxy::start(&address(DYNAMODB)).await;
    let store = place.aws.graph();
    let mut fates = BTreeSet::new();
    for cut in [Cut::Request, Cut::Answer, Cut::OneAnswer] {
        for calls in 0.. {
            let (teen, plain) = begun(&place, &records).await;
            let (write, before) = (large(&records, 1), seen(&*store, teen).await);
            proxy.cut_after(calls, cut);
            let dying = place.beside_through(&proxy.base_url()).graph();
            let outcome = dying.write(teen, &write).await;
            proxy.mend();
            plain.write(teen, &write).await.unwrap();
            let after = seen(&plain, teen).await;
            let is_applied = store
                .is_applied(teen, write.applied.as_ref().unwrap())
                .await;
            let is_applied = is_applied.unwrap();
            let found = seen(&*store, teen).await;
            assert_eq!(
                found,
                if is_applied {
                    seen(&plain, teen).await
                } else {
                    before
                }
            );
            assert!(is_applied || outcome.is_err(), "after {calls} calls");
            let again = store.write(teen, &write).await.unwrap();
            let now = if is_applied {
                Applied::Already
            } else {
                Applied::Now
            };
            assert_eq!(again, now, "after {calls} calls");
            assert_eq!(seen(&*store, teen).await, after);
            let next = correction(&records, &write, 2);
            for store in [&*store, &plain as &dyn GraphStore] {
                assert_eq!(store.write(teen, &next).await.unwrap(), Applied::Now);
            }
            assert_eq!(seen(&*store, teen).await, seen(&plain, teen).await);
            fates.insert((is_applied, outcome.is_ok()));
            if !proxy.was_cut() {
                assert!(outcome.is_ok());
                break;
            }
        }
    }
    // All three ends were met, or the cuts did not go deep enough.
    assert_eq!(fates.len(), 3);
}

#[tokio::test]
async fn what_a_crash_leaves_is_swept() {
    let (place, records) = (Place::new().await, Records::named("crash is swept"));
    let proxy = CuttingProxy::start(&address(DYNAMODB)).await;
    let store = place.aws.graph();
    let mut left = 0;
    for calls in 0.. {
        let teen = records.teen();
        let write = large(&records, 0);
        proxy.cut_after(calls, Cut::Answer);
        let dying = place.beside_through(&proxy.base_url()).graph();
        let _crashed = dying.write(teen, &write).await;
        proxy.mend();
        left += pieces(&place, teen).await;
        let before = seen(&*store, teen).await;
        let soon = NOW.plus(Duration::from_secs(600));
        assert_eq!(store.expire(soon, NOW, 100).await.unwrap(), 0);
        assert_eq!(pieces(&place, teen).await, 0, "after {calls} calls");
        assert_eq!(seen(&*store, teen).await, before);
        if !proxy.was_cut() {
            break;
        }
    }
    assert!(left > 5, "the crashes left only {left} pieces");
}

#[tokio::test]
async fn an_erase_that_crashed_shows_nothing_and_is_finished_by_the_sweep() {
    let (place, records) = (Place::new().await, Records::named("erase crashes"));
    let proxy = CuttingProxy::start(&address(DYNAMODB)).await;
    let store = place.aws.graph();
    let mut left = 0;
    for calls in 0.. {
        let (teen, _plain) = begun(&place, &records).await;
        let write = large(&records, 1);
        store.write(teen, &write).await.unwrap();
        let before = seen(&*store, teen).await;
        proxy.cut_after(calls, Cut::Request);
        let dying = place.beside_through(&proxy.base_url()).graph();
        let outcome = dying.erase_memory(teen).await;
        proxy.mend();
        let generation = store.generation(teen).await.unwrap();
        let found = seen(&*store, teen).await;
        if generation == 2 {
            assert!(outcome.is_err());
            assert_eq!(found, before);
        } else {
            assert_eq!(generation, 3);
            assert!(found.graph.graph.nodes.is_empty() && found.ids.is_empty());
            assert!(found.lists.is_empty() && found.suppressions.is_empty());
            let applied = write.applied.as_ref().unwrap();
            assert!(!store.is_applied(teen, applied).await.unwrap());
            left += items(&place, teen).await.len() - 1;
            let soon = NOW.plus(Duration::from_secs(600));
            store.expire(soon, NOW, 100).await.unwrap();
            let items = items(&place, teen).await;
            assert_eq!(items.keys().collect::<Vec<_>>(), ["recall"]);
        }
        if !proxy.was_cut() {
            break;
        }
    }
    assert!(left > 100, "the crashes left only {left} items");
}

#[tokio::test]
async fn nothing_is_laid_down_for_a_fenced_teen() {
    let (place, records) = (Place::new().await, Records::named("fenced"));
    let proxy = CuttingProxy::start(&address(DYNAMODB)).await;
    let store = place.aws.graph();
    let mut pending = 0;
    for calls in 0.. {
        let (teen, _plain) = begun(&place, &records).await;
        let write = large(&records, 1);
        proxy.cut_after(calls, Cut::Request);
        let dying = place.beside_through(&proxy.base_url()).graph();
        let _crashed = dying.write(teen, &write).await;
        proxy.mend();
        let fence = place.tables.put_item().table_name(&place.names.teens);
        let fence = fence.item("user_id", AttributeValue::S(teen.to_string()));
        let fence = fence.item("item", AttributeValue::S("erase".to_owned()));
        fence.send().await.unwrap();
        let before = items(&place, teen).await;
        pending += usize::from(before.get("recall").unwrap().contains_key("pending"));
        let next = records.session_write(records.session_id(900), 1);
        for one in [&write, &next] {
            let refused = store.write(teen, one).await.map_err(|error| error.kind());
            assert_eq!(refused, Err(ErrorKind::Denied), "after {calls} calls");
        }
        let refused = store.erase_memory(teen).await.map_err(|error| error.kind());
        assert_eq!(refused, Err(ErrorKind::Denied), "after {calls} calls");
        let later = NOW.plus(DAY * 60);
        assert_eq!(store.expire(later, later, 100).await.unwrap(), 0);
        assert_eq!(items(&place, teen).await, before, "after {calls} calls");
        if !proxy.was_cut() {
            break;
        }
    }
    assert!(pending > 4, "only {pending} were pending");
}
