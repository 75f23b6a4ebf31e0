//! Clauses on codes.

use futures_util::future::join_all;
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

/// Each guess is told its number and stored; the one after the most finds nothing.
pub async fn guesses_are_counted_up_to_the_most(store: &Port) {
    let records = Records::named("guesses_are_counted_up_to_the_most");
    let teen = signed_up(store, &records).await;
    let reset = records.code(CodeKind::ForgotPassword, at(600));
    store.put_code(teen, &reset).await.unwrap();
    let mut code = records.code(CodeKind::SignUp, at(600));
    store.put_code(teen, &code).await.unwrap();
    let before = code.tries;
    for number in 1..=3 {
        code.tries = before + number;
        let guessed = store.guess_code(teen, CodeKind::SignUp, before + 3, NOW);
        assert_eq!(guessed.await.unwrap().as_ref(), Some(&code));
        let stored = store.code(teen, CodeKind::SignUp, NOW).await.unwrap();
        assert_eq!(stored.as_ref(), Some(&code));
    }
    for _ in 0..2 {
        let guessed = store.guess_code(teen, CodeKind::SignUp, before + 3, NOW);
        assert_eq!(guessed.await.unwrap(), None);
    }
    let other = store.code(teen, CodeKind::ForgotPassword, NOW).await;
    assert_eq!(other.unwrap(), Some(reset), "the other kind is not counted");
}

/// Of guesses made at once no two share a number, and no more than the most are let through.
pub async fn guesses_at_once_are_each_counted(store: &Port) {
    let records = Records::named("guesses_at_once_are_each_counted");
    let teen = signed_up(store, &records).await;
    let mut code = records.code(CodeKind::SignUp, at(600));
    code.tries = 0;
    store.put_code(teen, &code).await.unwrap();
    let guesses = (0..16).map(|_| store.guess_code(teen, CodeKind::SignUp, 5, NOW));
    let mut numbers: Vec<u32> = join_all(guesses)
        .await
        .into_iter()
        .filter_map(|guess| guess.unwrap().map(|code| code.tries))
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
}

/// No code, an ended one and another teen's are all the same: none.
pub async fn codes_that_ended_take_no_guess(store: &Port) {
    let records = Records::named("codes_that_ended_take_no_guess");
    let (teen, other) = (
        signed_up(store, &records).await,
        signed_up(store, &records).await,
    );
    let end = at(600);
    let code = records.code(CodeKind::SignUp, end);
    store.put_code(teen, &code).await.unwrap();
    for (teen, now) in [(other, NOW), (teen, end), (teen, just_after(end))] {
        let guessed = store.guess_code(teen, CodeKind::SignUp, 100, now).await;
        assert_eq!(guessed.unwrap(), None, "at {now}");
    }
    let guessed = store.guess_code(teen, CodeKind::SignUp, 100, just_before(end));
    assert!(guessed.await.unwrap().is_some());
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
