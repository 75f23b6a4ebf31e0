//! Rows of open sockets.

use std::time::Duration;

use innerworld_aws::ConnectionRow;
use innerworld_core::{
    clock::Timestamp,
    error::ErrorKind,
    ids::{SessionId, TeenId},
};

use crate::place::Place;

const NOW: Timestamp = Timestamp::from_millis(1_764_000_000_000);

fn row(connection: &str) -> ConnectionRow {
    ConnectionRow {
        connection: connection.to_owned(),
        teen: TeenId::from_subject_bits(7),
        session: Some(SessionId::from_bits(9)),
        connected_at: NOW,
        token_expires_at: after(3_600),
        last_seen_at: NOW,
        protocol: "innerworld.v1".to_owned(),
        expires_at: after(60),
    }
}

fn after(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

#[tokio::test]
async fn a_row_is_found_as_it_was_put_until_it_ends() {
    let connections = Place::new().await.aws.connections();
    assert_eq!(connections.find("a=", NOW).await.unwrap(), None);
    let bare = ConnectionRow {
        session: None,
        ..row("a=")
    };
    connections.put(&bare).await.unwrap();
    assert_eq!(connections.find("a=", NOW).await.unwrap(), Some(bare));
    connections.put(&row("a=")).await.unwrap();
    let last = after(60).minus(Duration::from_millis(1));
    assert_eq!(connections.find("a=", last).await.unwrap(), Some(row("a=")));
    assert_eq!(connections.find("a=", after(60)).await.unwrap(), None);
    assert_eq!(connections.find("b=", NOW).await.unwrap(), None);
}

#[tokio::test]
async fn a_row_is_renewed_while_it_lives_and_never_after() {
    let connections = Place::new().await.aws.connections();
    assert!(!connections.touch("a=", NOW, after(100)).await.unwrap());
    assert_eq!(connections.find("a=", NOW).await.unwrap(), None);
    connections.put(&row("a=")).await.unwrap();
    assert!(
        connections
            .touch("a=", after(50), after(200))
            .await
            .unwrap()
    );
    let found = connections.find("a=", after(199)).await.unwrap().unwrap();
    assert_eq!(
        (found.last_seen_at, found.expires_at),
        (after(50), after(200))
    );
    assert!(
        !connections
            .touch("a=", after(200), after(300))
            .await
            .unwrap()
    );
    assert_eq!(connections.find("a=", after(200)).await.unwrap(), None);
}

#[tokio::test]
async fn a_row_is_deleted_once_and_says_what_it_was() {
    let connections = Place::new().await.aws.connections();
    connections.put(&row("a=")).await.unwrap();
    connections.put(&row("b=")).await.unwrap();
    assert_eq!(connections.delete("a=").await.unwrap(), Some(row("a=")));
    assert_eq!(connections.delete("a=").await.unwrap(), None);
    assert_eq!(connections.find("b=", NOW).await.unwrap(), Some(row("b=")));
}

#[tokio::test]
async fn a_teens_open_connections_are_found_and_no_others() {
    let place = Place::new().await;
    let connections = place.aws.connections();
    let teen = TeenId::from_subject_bits(7);
    assert_eq!(connections.of_teen(teen, NOW).await.unwrap(), []);
    let ended = ConnectionRow {
        expires_at: NOW,
        ..row("ended=")
    };
    let another = ConnectionRow {
        teen: TeenId::from_subject_bits(8),
        ..row("another=")
    };
    for row in [&row("a="), &row("b="), &ended, &another] {
        connections.put(row).await.unwrap();
    }
    let found = connections.of_teen(teen, NOW).await.unwrap();
    assert_eq!(found, [row("a="), row("b=")]);
}

#[tokio::test]
async fn names_that_no_gateway_gives_are_refused() {
    let connections = Place::new().await.aws.connections();
    for name in ["", &"a".repeat(129)] {
        let error = connections.find(name, NOW).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
}

#[tokio::test]
async fn a_session_that_is_not_there_is_not_made_by_leaving_it() {
    let place = Place::new().await;
    let session = SessionId::from_bits(9);
    assert!(!place.aws.connections().leave(session, "a=").await.unwrap());
    let key = serde_json::json!({"session_id": {"S": session.to_string()}, "item": {"S": "meta"}});
    assert!(place.item(&place.names().sessions, key).await.is_null());
}
