//! What the suites of the ports cannot ask, since it is about these tables.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue::{self, B, S};
use futures_util::future::join_all;
use innerworld_core::{
    error::ErrorKind,
    identity::{
        account::CodeKind,
        consent::Purpose,
        profile::{DayUse, NoticeClock},
    },
    model::call::CallPurpose,
};
use innerworld_testkit::{
    contract::{Subject, key_store},
    records::{NOW, Records, at},
};

use crate::place::Place;

const DAY: Duration = Duration::from_secs(24 * 3_600);

type Item = HashMap<String, AttributeValue>;

/// All items of the table `teens`.
async fn teens(place: &Place) -> Vec<Item> {
    let scan = place.tables.scan().table_name(&place.names.teens);
    scan.send().await.unwrap().items.unwrap_or_default()
}

fn text(item: &Item, name: &str) -> Option<String> {
    item.get(name)?.as_s().ok().cloned()
}

fn holds(value: &AttributeValue, text: &str) -> bool {
    match value {
        S(found) => found.contains(text),
        B(found) => found
            .as_ref()
            .windows(text.len())
            .any(|part| part == text.as_bytes()),
        _ => false,
    }
}

/// Neither an address nor a name at another provider nor a token is in a key or an attribute.
#[tokio::test]
async fn nothing_of_an_account_is_in_the_clear() {
    let place = Place::new().await;
    let records = Records::named("nothing_of_an_account_is_in_the_clear");
    let (teen, other) = (records.teen(), records.teen());
    let (accounts, federation) = (place.aws.accounts(), place.aws.federation());
    let account = records.account(teen);
    accounts
        .create(&account, &records.credential())
        .await
        .unwrap();
    let code = records.code(CodeKind::SignUp, at(600));
    accounts.put_code(teen, &code).await.unwrap();
    accounts
        .put_refusal("refused@example.org", at(600))
        .await
        .unwrap();
    let (named, grant) = (records.federated(other), records.provider_grant());
    federation.create(&named, &grant).await.unwrap();
    federation.link_app(other, "transaction-704").await.unwrap();
    place.aws.events().done("apple/message-one").await.unwrap();
    let revocation = records.revocation(NOW);
    place.aws.revocations().put(&revocation).await.unwrap();
    let secrets = [
        account.email.reveal(),
        "refused@example.org",
        named.handle(),
        grant.refresh_token.reveal(),
        "transaction-704",
        "apple/message-one",
        revocation.token.reveal(),
    ];
    let items = teens(&place).await;
    assert!(items.len() >= 10, "{} items", items.len());
    for value in items.iter().flat_map(HashMap::values) {
        for secret in secrets {
            assert!(!holds(value, secret), "something is in the clear");
        }
    }
}

/// What lies in a partition of its own is named by an item of its teen's: an erase finds all of it.
#[tokio::test]
async fn every_item_elsewhere_is_named_by_its_teen() {
    let place = Place::new().await;
    let records = Records::named("every_item_elsewhere_is_named_by_its_teen");
    let teen = records.teen();
    let accounts = place.aws.accounts();
    let account = records.account(teen);
    accounts
        .create(&account, &records.credential())
        .await
        .unwrap();
    accounts
        .put_grant(&records.grant(teen, at(600)))
        .await
        .unwrap();
    place.aws.federation().link_app(teen, "704").await.unwrap();
    let code = records.authorization_code(teen, at(300));
    place.aws.authorizations().put_code(&code).await.unwrap();
    let items = teens(&place).await;
    let user = Some(teen.to_string());
    let (own, elsewhere): (Vec<_>, Vec<_>) =
        items.iter().partition(|item| text(item, "user_id") == user);
    assert_eq!(elsewhere.len(), 4);
    for item in elsewhere {
        assert_eq!(text(item, "teen"), user);
        let named = own.iter().any(|named| {
            text(named, "elsewhere") == text(item, "user_id")
                && text(named, "elsewhere_item") == text(item, "item")
        });
        assert!(named, "an item that no erase would find");
    }
}

/// More grants than a commit has room for end by one write, and are deleted.
#[tokio::test]
async fn many_grants_end_at_once() {
    let place = Place::new().await;
    let records = Records::named("many_grants_end_at_once");
    let (teen, accounts) = (records.teen(), place.aws.accounts());
    let grants: Vec<_> = (0..60).map(|_| records.grant(teen, at(600))).collect();
    for grant in &grants {
        accounts.put_grant(grant).await.unwrap();
    }
    accounts.deny_before(teen, at(1)).await.unwrap();
    for grant in &grants {
        assert_eq!(accounts.grant(grant.hash, NOW).await.unwrap(), None);
    }
    assert_eq!(teens(&place).await.len(), 1, "the deny mark stays alone");
    let later = records.grant(teen, at(600));
    accounts.put_grant(&later).await.unwrap();
    let found = accounts.grant(later.hash, NOW).await.unwrap();
    assert_eq!(found, Some(later));
}

/// A batch that one commit cannot hold is refused whole.
#[tokio::test]
async fn a_batch_of_consents_is_bounded() {
    let place = Place::new().await;
    let records = Records::named("a_batch_of_consents_is_bounded");
    let (teen, store) = (records.teen(), place.aws.consents());
    let many: Vec<_> = (0..91)
        .map(|n| records.consent(Purpose::Terms, n))
        .collect();
    let refused = store.append(teen, &many).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid);
    assert_eq!(store.list(teen).await.unwrap(), []);
    let most = many.get(..90).unwrap();
    store.append(teen, most).await.unwrap();
    assert_eq!(store.list(teen).await.unwrap(), most);
}

/// A day's use is kept for eight days after its last tick, and then begins anew; the notice clock
/// has no end.
#[tokio::test]
async fn a_days_use_ends_after_eight_days() {
    let place = Place::new().await;
    let records = Records::named("a_days_use_ends_after_eight_days");
    let (teen, store) = (records.teen(), place.aws.clocks());
    let used = DayUse {
        used_ms: 5_000,
        ticked_at: NOW,
    };
    let never = DayUse::default();
    store
        .tick(teen, "2026-11-24", never.ticked_at, used)
        .await
        .unwrap();
    place.clock.advance(DAY * 8 - Duration::from_millis(1));
    assert_eq!(store.day(teen, "2026-11-24").await.unwrap(), used);
    place.clock.advance(Duration::from_millis(1));
    assert_eq!(store.day(teen, "2026-11-24").await.unwrap(), never);
    let later = DayUse {
        used_ms: 1_000,
        ticked_at: NOW.plus(DAY * 8),
    };
    store
        .tick(teen, "2026-11-24", never.ticked_at, later)
        .await
        .unwrap();
    assert_eq!(store.day(teen, "2026-11-24").await.unwrap(), later);
    let clock = NoticeClock {
        since_not_human_ms: 6_000,
        break_given_on: None,
    };
    assert_eq!(store.notices(teen).await.unwrap(), clock);
}

/// What ended but was not deleted yet takes no place in a page.
#[tokio::test]
async fn entries_that_ended_leave_pages_full() {
    let place = Place::new().await;
    let records = Records::named("entries_that_ended_leave_pages_full");
    let (teen, store) = (records.teen(), place.aws.journal());
    let kept: Vec<_> = (0..3).map(|n| records.journal(at(n))).collect();
    for entry in &kept {
        store.put(teen, entry).await.unwrap();
    }
    for n in 10..15 {
        let mut ended = records.journal(at(n));
        ended.expires_at = at(20);
        store.put(teen, &ended).await.unwrap();
    }
    let page = store.list(teen, None, 2, at(20)).await.unwrap();
    let newest: Vec<_> = kept.iter().rev().take(2).cloned().collect();
    assert_eq!(page, newest);
    assert_eq!(store.list(teen, None, 0, at(20)).await.unwrap(), []);
}

/// The ledger keeps a record for thirty days.
#[tokio::test]
async fn ledger_records_end_after_thirty_days() {
    let place = Place::new().await;
    let records = Records::named("ledger_records_end_after_thirty_days");
    let (teen, ledger) = (records.teen(), place.aws.usage());
    ledger
        .started(teen, &records.usage("one", NOW))
        .await
        .unwrap();
    place.clock.advance(DAY * 30 - Duration::from_millis(1));
    assert_eq!(ledger.list(teen).await.unwrap().len(), 1);
    place.clock.advance(Duration::from_millis(1));
    assert_eq!(ledger.list(teen).await.unwrap(), []);
    let calls = ledger.calls(teen, CallPurpose::Reply, NOW).await.unwrap();
    assert_eq!(calls, 0);
}

/// Keys and settings are the same for a process that starts anew.
#[tokio::test]
async fn keys_survive_a_restart() {
    let place = Place::new().await;
    // What a store remembers of keys goes with it.
    let first = Subject::new(place.aws.keys());
    key_store::keys_survive_a_restart(first, async || Subject::new(place.aws.keys())).await;
}

/// Of keys that are made to sign at the same time one does; and none once it is told not to.
#[tokio::test]
async fn never_two_keys_sign() {
    let place = Place::new().await;
    let records = Records::named("never_two_keys_sign");
    let store = place.aws.keys();
    let keys: Vec<_> = (0..8).map(|n| records.signing_key(true, n)).collect();
    for outcome in join_all(keys.iter().map(|key| store.put_signing_key(key))).await {
        outcome.unwrap();
    }
    let stored = store.signing_keys().await.unwrap();
    let active: Vec<_> = stored.iter().filter(|key| key.active).collect();
    assert_eq!((stored.len(), active.len()), (8, 1));
    let mut last = active.first().copied().unwrap().clone();
    last.active = false;
    store.put_signing_key(&last).await.unwrap();
    let stored = store.signing_keys().await.unwrap();
    assert!(stored.len() == 8 && stored.iter().all(|key| !key.active));
}

/// An account with a new address is found by it alone, the old one is free, and a taken one is
/// refused and changes nothing.
#[tokio::test]
async fn an_account_may_change_its_address() {
    let place = Place::new().await;
    let records = Records::named("an_account_may_change_its_address");
    let accounts = place.aws.accounts();
    let first = records.account(records.teen());
    let second = records.account(records.teen());
    for account in [&first, &second] {
        accounts
            .create(account, &records.credential())
            .await
            .unwrap();
    }
    let mut moved = first.clone();
    moved.email = second.email.clone();
    let refused = accounts.update(&moved).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    let unchanged = accounts.by_id(first.teen).await.unwrap();
    assert_eq!(unchanged.as_ref(), Some(&first));
    moved.email = "moved@example.org".to_owned().into();
    accounts.update(&moved).await.unwrap();
    let found = accounts.by_email("moved@example.org").await.unwrap();
    assert_eq!(found, Some(moved));
    assert_eq!(accounts.by_email(first.email.reveal()).await.unwrap(), None);
    let mut third = records.account(records.teen());
    third.email = first.email;
    accounts
        .create(&third, &records.credential())
        .await
        .unwrap();
}
