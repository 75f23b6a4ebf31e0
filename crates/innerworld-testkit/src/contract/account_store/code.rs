//! Clauses on codes.

use innerworld_core::{identity::account::CodeKind, ids::TeenId};

use super::Port;
use crate::records::{NOW, Records, at, just_after, just_before};

async fn signed_up(store: &Port, records: &Records) -> TeenId {
    let account = records.account(records.teen());
    store.create(&account, &records.credential()).await.unwrap();
    account.teen
}

/// None was issued.
pub async fn an_unused_code_is_none(store: &Port) {
    let records = Records::named("an_unused_code_is_none");
    let teen = signed_up(store, &records).await;
    assert_eq!(store.code(teen, CodeKind::SignUp, NOW).await.unwrap(), None);
}

/// The last of a kind counts; the other kind stays.
pub async fn a_code_replaces_one_of_its_kind(store: &Port) {
    let records = Records::named("a_code_replaces_one_of_its_kind");
    let teen = signed_up(store, &records).await;
    let reset = records.code(CodeKind::ForgotPassword, at(600));
    store.put_code(teen, &reset).await.unwrap();
    let mut code = records.code(CodeKind::SignUp, at(600));
    store.put_code(teen, &code).await.unwrap();
    code.tries = 3;
    store.put_code(teen, &code).await.unwrap();
    let found = store.code(teen, CodeKind::SignUp, NOW).await.unwrap();
    assert_eq!(found.as_ref(), Some(&code));
    let new = records.code(CodeKind::SignUp, at(900));
    store.put_code(teen, &new).await.unwrap();
    let found = store.code(teen, CodeKind::SignUp, NOW).await.unwrap();
    assert_eq!(found, Some(new));
    let found = store
        .code(teen, CodeKind::ForgotPassword, NOW)
        .await
        .unwrap();
    assert_eq!(found, Some(reset));
}

/// A code is good one millisecond before its expiry, and not at or after it.
pub async fn codes_do_not_exist_from_their_expiry_on(store: &Port) {
    let records = Records::named("codes_do_not_exist_from_their_expiry_on");
    let teen = signed_up(store, &records).await;
    let end = at(600);
    store
        .put_code(teen, &records.code(CodeKind::SignUp, end))
        .await
        .unwrap();
    for (now, good) in [
        (just_before(end), true),
        (end, false),
        (just_after(end), false),
    ] {
        let found = store.code(teen, CodeKind::SignUp, now).await.unwrap();
        assert_eq!(found.is_some(), good, "at {now}");
    }
}

/// The other kind stays; removing again is no error.
pub async fn a_removed_code_is_gone(store: &Port) {
    let records = Records::named("a_removed_code_is_gone");
    let teen = signed_up(store, &records).await;
    let reset = records.code(CodeKind::ForgotPassword, at(600));
    store.put_code(teen, &reset).await.unwrap();
    store
        .put_code(teen, &records.code(CodeKind::SignUp, at(600)))
        .await
        .unwrap();
    for _ in 0..2 {
        store.remove_code(teen, CodeKind::SignUp).await.unwrap();
        let found = store.code(teen, CodeKind::SignUp, NOW).await.unwrap();
        assert_eq!(found, None);
    }
    let found = store
        .code(teen, CodeKind::ForgotPassword, NOW)
        .await
        .unwrap();
    assert_eq!(found, Some(reset));
}

/// One teen's code is not another's.
pub async fn codes_are_each_teens_own(store: &Port) {
    let records = Records::named("codes_are_each_teens_own");
    let (teen, other) = (
        signed_up(store, &records).await,
        signed_up(store, &records).await,
    );
    let code = records.code(CodeKind::SignUp, at(600));
    store.put_code(teen, &code).await.unwrap();
    assert_eq!(
        store.code(other, CodeKind::SignUp, NOW).await.unwrap(),
        None
    );
    store.remove_code(other, CodeKind::SignUp).await.unwrap();
    let found = store.code(teen, CodeKind::SignUp, NOW).await.unwrap();
    assert_eq!(found, Some(code));
}
