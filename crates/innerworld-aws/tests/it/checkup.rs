//! A deployment looked over where nobody answers but the graph.

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use innerworld_aws::{
    AwsSettings, Clients,
    checkup::{Checkup, State, caller},
};
use innerworld_testkit::SeededIds;

use crate::neptune::house::{House, SECRETS};

fn account(secrets: (&str, Option<&str>)) -> SdkConfig {
    let token = secrets.1.map(str::to_owned);
    let key = Credentials::new("AKIDEXAMPLE", secrets.0, token, None, "tests");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(key))
        .endpoint_url("http://127.0.0.1:1")
        .build()
}

fn checkup(house: &House, account: &SdkConfig) -> Checkup {
    let settings = AwsSettings::with_prefix("p");
    let clients = Clients::new(account, &settings);
    let ids = Arc::new(SeededIds::named("checkup"));
    Checkup::new(clients, settings, "p", house.clients.clone(), ids)
}

#[tokio::test]
async fn whoever_has_no_region_or_no_credentials_is_told_that_first() {
    let bare = || SdkConfig::builder().behavior_version(BehaviorVersion::latest());
    let found = caller(&bare().build()).await;
    assert_eq!(found.state, State::Failed);
    assert!(found.detail.contains("region"), "{}", found.detail);
    let found = caller(&bare().region(Region::new("eu-west-1")).build()).await;
    assert_eq!(found.state, State::Failed);
    assert!(found.next.concat().contains("AWS_PROFILE"));
    assert_eq!(caller(&account(SECRETS)).await.state, State::Ok);
}

#[tokio::test]
async fn the_graph_is_asked_for_one_by_a_signed_statement() {
    let house = House::new().await;
    let mine = account(SECRETS);
    let endpoint = house.endpoint(false);
    let found = checkup(&house, &mine).graph(Some(&endpoint), &mine).await;
    assert_eq!(found.state, State::Ok, "{found:?}");
    assert_eq!(house.fake.ran(), ["ping"]);
    let found = checkup(&house, &mine).graph(None, &mine).await;
    assert_eq!(found.state, State::NotChecked);

    let other = account(("another-secret", SECRETS.1));
    let found = checkup(&house, &other).graph(Some(&endpoint), &other).await;
    assert_eq!(found.state, State::Failed);
    let said = format!("{found:?}");
    assert!(
        said.contains("403") && said.contains("p-neptune-cluster"),
        "{said}"
    );
    assert!(!said.contains("another-secret"));
}

#[tokio::test]
async fn where_nobody_answers_every_part_says_so_with_something_to_do() {
    let house = House::new().await;
    let mine = account(SECRETS);
    let checkup = checkup(&house, &mine);
    let mut found = checkup.tables().await;
    found.extend(checkup.key().await);
    found.extend(checkup.queues().await);
    assert!(found.len() >= 5, "{found:?}");
    for found in found {
        assert_ne!(found.state, State::Ok, "{found:?}");
        assert!(!found.next.is_empty(), "{found:?}");
    }
    assert_eq!(checkup.throttling().await.state, State::NotChecked);
}
