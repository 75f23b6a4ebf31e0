//! Accounts of a user pool.

use std::time::Duration;

use aws_sdk_cognitoidentityprovider::Client;
use innerworld_aws::PoolAccounts;
use innerworld_core::{error::ErrorKind, ids::TeenId, secret::Text};

use crate::place::{address, at, unique};

const TIMEOUT: Duration = Duration::from_secs(5);

/// The program that stands for KMS stands for user pools, too.
fn peer() -> innerworld_aws::SdkConfig {
    at(&address("INNERWORLD_TEST_KMS"))
}

/// A pool with an account of this name, and its subject.
async fn pool(username: &str) -> (String, TeenId) {
    let client = Client::new(&peer());
    let made = client.create_user_pool().pool_name(unique()).send().await;
    let made = made.expect("the peer makes a pool").user_pool;
    let id = made.and_then(|pool| pool.id).expect("a pool has an id");
    let user = client.admin_create_user().user_pool_id(&id);
    let made = user.username(username).send().await;
    let user = made.expect("the peer makes a user").user;
    let attributes = user.and_then(|user| user.attributes).unwrap_or_default();
    let sub = attributes
        .iter()
        .find(|attribute| attribute.name() == "sub");
    let sub = sub
        .and_then(|sub| sub.value())
        .expect("a user has a subject");
    (id, TeenId::from_verified_subject(sub).unwrap())
}

#[tokio::test]
async fn whoever_came_from_another_provider_is_signed_out_as_often_as_somebody_asks() {
    let (pool, teen) = pool("SignInWithApple_001234.abcd").await;
    let accounts = PoolAccounts::new(&peer(), pool, TIMEOUT);
    assert!(accounts.sign_out(teen).await.unwrap());
    assert!(accounts.sign_out(teen).await.unwrap());
    let nobody = TeenId::from_subject_bits(7);
    assert!(!accounts.sign_out(nobody).await.unwrap());
}

#[tokio::test]
async fn who_came_from_another_provider_is_found_by_the_name_there() {
    let (pool, teen) = pool("SignInWithApple_001234.abcd").await;
    let accounts = PoolAccounts::new(&peer(), pool, TIMEOUT);
    let named = async |name: &str| accounts.named(&Text::new(name.to_owned())).await;
    let found = named("SignInWithApple_001234.abcd").await;
    assert_eq!(found.unwrap(), Some(teen));
    assert_eq!(named("SignInWithApple_001234.abce").await.unwrap(), None);
    // Nothing of a name is read as a filter.
    let error = named("x\" or sub = \"").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn a_pool_that_is_not_there_is_an_operators_matter() {
    let nobody = TeenId::from_subject_bits(7);
    for place in [peer(), at("http://127.0.0.1:1")] {
        let accounts = PoolAccounts::new(&place, "us-east-1_nowhere".to_owned(), TIMEOUT);
        let error = accounts.sign_out(nobody).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(!format!("{error:?}").contains(&nobody.to_string()));
    }
}
