//! T12 against an identity provider that lacks what the other tests attack: the same attacks succeed.

use std::sync::Arc;

use futures_util::future::join_all;
use innerworld_server::cognito::Rates;
use innerworld_testkit::reference::{Defect, Reference};
use serde_json::json;

use super::{
    answers::answers,
    provider::{PASSWORD, Provider, name, wrong},
};
use crate::world::{Guard, World};

const MIA: &str = "mia@example.org";

/// Limits that nobody reaches.
const NONE: Rates = Rates {
    passwords_per_account: u32::MAX,
    passwords_per_address: u32::MAX,
    codes_per_account: u32::MAX,
    codes_per_address: u32::MAX,
    mails_per_account: u32::MAX,
    mails_per_address: u32::MAX,
    sign_ins_per_address: u32::MAX,
    forgeries_per_address: u32::MAX,
};

async fn without_limits() -> Provider {
    let guard = Guard {
        rates: NONE,
        ..Guard::default()
    };
    Provider::at(World::guarded_by(guard).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn t12_without_limits_guesses_find_the_password() {
    let provider = without_limits().await;
    provider.teen(MIA).await;
    // Fewer than the thousand, since each costs a hash here.
    for number in 0..40 {
        let wrong = provider.sign_in(MIA, &format!("password {number}")).await;
        assert_eq!(name(wrong), "NotAuthorizedException");
    }
    assert!(provider.sign_in(MIA, PASSWORD).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn t12_without_limits_a_hundred_requests_are_a_hundred_mails() {
    let provider = without_limits().await;
    provider.sign_up(MIA, json!([])).await.unwrap();
    for operation in ["ResendConfirmationCode", "ForgotPassword"] {
        let asking = (0..50).map(|_| provider.call(operation, json!({"Username": MIA})));
        join_all(asking).await;
    }
    // A forgotten password is not mailed to an address that was never confirmed.
    assert!(provider.world.mails.to(MIA) >= 51);
}

/// With new codes without end, each with its five guesses, a code is found in the end.
#[tokio::test(flavor = "multi_thread")]
async fn t12_without_limits_codes_are_guessed_without_end() {
    let provider = without_limits().await;
    provider.sign_up(MIA, json!([])).await.unwrap();
    for _ in 0..10 {
        let code = provider.world.mails.newest(MIA);
        for _ in 0..4 {
            let answer = provider.confirm(MIA, &wrong(&code)).await;
            assert_eq!(name(answer), "CodeMismatchException");
        }
        let named = json!({"Username": MIA});
        let again = provider.call("ResendConfirmationCode", named).await;
        assert!(again.is_ok(), "{again:?}");
    }
    let code = provider.world.mails.newest(MIA);
    assert!(provider.confirm(MIA, &code).await.is_ok());
}

/// A store that makes a fault of an address which it does not know.
#[tokio::test(flavor = "multi_thread")]
async fn t12_a_store_that_tells_strangers_apart_shows_in_the_answers() {
    let guard = Guard {
        accounts: |_own| Arc::new(Reference::with(Defect::TellsStrangers)),
        ..Guard::default()
    };
    let provider = Provider::at(World::guarded_by(guard).await);
    provider.teen(MIA).await;
    let known = answers(&provider, MIA).await;
    let unknown = answers(&provider, "maya@example.org").await;
    assert_ne!(known, unknown);
}
