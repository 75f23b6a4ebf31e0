//! Clauses on refresh grants, deny marks and refusals.

use super::Port;
use crate::records::{NOW, Records, at, just_after, just_before};

/// It comes back whole; an unknown hash gives nothing.
pub async fn a_grant_is_read_back(store: &Port) {
    let records = Records::named("a_grant_is_read_back");
    let grant = records.grant(records.teen(), at(600));
    assert_eq!(store.grant(grant.hash, NOW).await.unwrap(), None);
    store.put_grant(&grant).await.unwrap();
    for _ in 0..2 {
        let found = store.grant(grant.hash, NOW).await.unwrap();
        assert_eq!(found.as_ref(), Some(&grant), "a grant is used many times");
    }
}

/// A grant is good one millisecond before its expiry, and not at or after it.
pub async fn grants_do_not_exist_from_their_expiry_on(store: &Port) {
    let records = Records::named("grants_do_not_exist_from_their_expiry_on");
    let grant = records.grant(records.teen(), at(600));
    store.put_grant(&grant).await.unwrap();
    let end = grant.expires_at;
    for (now, good) in [
        (just_before(end), true),
        (end, false),
        (just_after(end), false),
    ] {
        let found = store.grant(grant.hash, now).await.unwrap();
        assert_eq!(found.is_some(), good, "at {now}");
    }
}

/// The others stay; removing again is no error.
pub async fn a_removed_grant_is_gone(store: &Port) {
    let records = Records::named("a_removed_grant_is_gone");
    let teen = records.teen();
    let (first, second) = (records.grant(teen, at(600)), records.grant(teen, at(600)));
    store.put_grant(&first).await.unwrap();
    store.put_grant(&second).await.unwrap();
    for _ in 0..2 {
        store.remove_grant(first.hash).await.unwrap();
        assert_eq!(store.grant(first.hash, NOW).await.unwrap(), None);
    }
    assert_eq!(store.grant(second.hash, NOW).await.unwrap(), Some(second));
}

/// Signing out everywhere takes every grant of the teen, and of nobody else.
pub async fn denying_removes_all_grants_of_the_teen(store: &Port) {
    let records = Records::named("denying_removes_all_grants_of_the_teen");
    let (teen, other) = (records.teen(), records.teen());
    let mine = [records.grant(teen, at(600)), records.grant(teen, at(900))];
    let theirs = records.grant(other, at(600));
    for grant in mine.iter().chain([&theirs]) {
        store.put_grant(grant).await.unwrap();
    }
    assert_eq!(store.denied_before(teen).await.unwrap(), None);
    store.deny_before(teen, at(10)).await.unwrap();
    assert_eq!(store.denied_before(teen).await.unwrap(), Some(at(10)));
    for grant in &mine {
        assert_eq!(store.grant(grant.hash, NOW).await.unwrap(), None);
    }
    assert_eq!(store.denied_before(other).await.unwrap(), None);
    assert_eq!(store.grant(theirs.hash, NOW).await.unwrap(), Some(theirs));
}

/// A later mark replaces the earlier one.
pub async fn the_last_deny_mark_counts(store: &Port) {
    let records = Records::named("the_last_deny_mark_counts");
    let teen = records.teen();
    for seconds in [10, 20] {
        store.deny_before(teen, at(seconds)).await.unwrap();
        let mark = store.denied_before(teen).await.unwrap();
        assert_eq!(mark, Some(at(seconds)));
    }
}

/// An address is refused until the millisecond before the end, and others are not.
pub async fn refusals_end_in_time(store: &Port) {
    let email = "refused@example.org";
    assert!(!store.is_refused(email, NOW).await.unwrap());
    let end = at(600);
    store.put_refusal(email, end).await.unwrap();
    for (now, refused) in [
        (just_before(end), true),
        (end, false),
        (just_after(end), false),
    ] {
        assert_eq!(
            store.is_refused(email, now).await.unwrap(),
            refused,
            "at {now}"
        );
    }
    assert!(!store.is_refused("other@example.org", NOW).await.unwrap());
    store.put_refusal(email, at(900)).await.unwrap();
    assert!(store.is_refused(email, end).await.unwrap());
}
