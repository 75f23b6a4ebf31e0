//! Users of a pool.

use std::time::Duration;

use aws_sdk_cognitoidentityprovider::Client;
use innerworld_aws::UserDirectory;
use innerworld_core::error::ErrorKind;

use crate::place::{address, at, unique};

const TIMEOUT: Duration = Duration::from_secs(5);

/// The program that stands for KMS stands for user pools, too.
fn peer() -> innerworld_aws::SdkConfig {
    at(&address("INNERWORLD_TEST_KMS"))
}

/// A pool with a user of this name.
async fn pool(username: &str) -> String {
    let client = Client::new(&peer());
    let made = client.create_user_pool().pool_name(unique()).send().await;
    let made = made.expect("the peer makes a pool").user_pool;
    let id = made.and_then(|pool| pool.id).expect("a pool has an id");
    let user = client.admin_create_user().user_pool_id(&id);
    let made = user.username(username).send().await;
    made.expect("the peer makes a user");
    id
}

#[tokio::test]
async fn a_user_is_signed_out_as_often_as_somebody_asks_and_nobody_is_missed() {
    let pool = pool("robin").await;
    let users = UserDirectory::new(&peer(), pool, TIMEOUT);
    users.sign_out("robin").await.unwrap();
    users.sign_out("robin").await.unwrap();
    users.sign_out("somebody").await.unwrap();
}

#[tokio::test]
async fn a_pool_that_is_not_there_is_an_operators_matter() {
    let users = UserDirectory::new(&peer(), "us-east-1_nowhere".to_owned(), TIMEOUT);
    let error = users.sign_out("robin").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(!format!("{error:?}").contains("robin"));
    let nowhere = at("http://127.0.0.1:1");
    let users = UserDirectory::new(&nowhere, "us-east-1_nowhere".to_owned(), TIMEOUT);
    let error = users.sign_out("robin").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}
