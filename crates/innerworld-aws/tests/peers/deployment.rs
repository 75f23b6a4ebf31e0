//! A deployment as whoever runs it sees it: its tables, its health, and whose it is.

use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use innerworld_aws::{AwsSettings, Clients, Tables};
use innerworld_core::{
    error::ErrorKind,
    health::{HealthCheck, HealthState},
};

use crate::place::{DYNAMODB, Place, address, at};

/// Nobody waits.
const AT_ONCE: Duration = Duration::ZERO;

fn tables_of(prefix: &str) -> Tables {
    let settings = AwsSettings::with_prefix(prefix);
    let clients = Clients::new(&at(&address(DYNAMODB)), &settings);
    Tables::new(&clients, settings.tables)
}

#[tokio::test]
async fn tables_that_are_not_there_are_named_made_once_and_then_right() {
    let tables = tables_of("deployment-made");
    let missing = tables.differences().await.unwrap();
    assert_eq!(missing.len(), 8);
    assert!(missing.iter().all(|found| found.what.contains("not there")));
    assert_eq!(tables.create().await.unwrap().len(), 8);
    assert_eq!(tables.create().await.unwrap(), Vec::<String>::new());
    assert_eq!(tables.differences().await.unwrap(), []);
}

#[tokio::test]
async fn a_table_without_its_index_and_one_that_never_expires_are_named() {
    let client = aws_sdk_dynamodb::Client::new(&at(&address(DYNAMODB)));
    let names = [("session_id", KeyType::Hash), ("item", KeyType::Range)];
    let mut request = client
        .create_table()
        .table_name("deployment-bare-sessions")
        .billing_mode(BillingMode::PayPerRequest);
    for (name, kind) in names {
        let key = KeySchemaElement::builder()
            .attribute_name(name)
            .key_type(kind);
        let attribute = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S);
        request = request
            .key_schema(key.build().unwrap())
            .attribute_definitions(attribute.build().unwrap());
    }
    request.send().await.unwrap();
    let found = tables_of("deployment-bare").differences().await.unwrap();
    let of_sessions: Vec<&str> = found
        .iter()
        .filter(|found| found.table == "deployment-bare-sessions")
        .map(|found| found.what.as_str())
        .collect();
    assert_eq!(of_sessions.len(), 2, "{of_sessions:?}");
    assert!(of_sessions.iter().any(|what| what.contains("`SweepIndex`")));
    assert!(
        of_sessions
            .iter()
            .any(|what| what.contains("does not expire"))
    );
}

#[tokio::test]
async fn health_reads_every_table_and_says_which_does_not_answer() {
    let place = Place::new().await;
    let down = |checks: &[HealthCheck]| -> Vec<&'static str> {
        let down = checks.iter().filter(|check| check.state != HealthState::Ok);
        down.map(|check| check.name).collect()
    };
    let checks = place.aws.health().await;
    assert_eq!(checks.len(), 9);
    assert_eq!(down(&checks), Vec::<&str>::new());
    let memory = &place.names.memory;
    place
        .tables
        .update_table()
        .table_name(memory)
        .deletion_protection_enabled(false)
        .send()
        .await
        .unwrap();
    place
        .tables
        .delete_table()
        .table_name(memory)
        .send()
        .await
        .unwrap();
    assert_eq!(down(&place.aws.health().await), ["memory"]);
}

#[tokio::test]
async fn a_second_server_is_refused_until_the_first_lets_go() {
    let place = Place::new().await;
    let first = place.aws.hold(AT_ONCE).await.unwrap();
    let refused = place.beside().hold(AT_ONCE).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Conflict);
    first.release().await.unwrap();
    let second = place.beside().hold(AT_ONCE).await.unwrap();
    // Letting go twice takes nothing from whoever came after.
    first.release().await.unwrap();
    assert!(place.aws.hold(AT_ONCE).await.is_err());
    second.release().await.unwrap();
}

#[tokio::test]
async fn the_hold_of_a_server_that_died_ends_after_fifteen_seconds() {
    let place = Place::new().await;
    let _died = place.aws.hold(AT_ONCE).await.unwrap();
    place.clock.advance(Duration::from_millis(14_999));
    assert!(place.beside().hold(AT_ONCE).await.is_err());
    place.clock.advance(Duration::from_millis(1));
    assert!(place.beside().hold(AT_ONCE).await.is_ok());
}
