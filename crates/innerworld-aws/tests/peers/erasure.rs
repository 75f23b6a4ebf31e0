//! Erasing a teen: nothing is left in any table, whatever wrote it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use innerworld_aws::{TABLES, Table};
use innerworld_core::{
    error::ErrorKind,
    ids::TeenId,
    memory::job::{JobKind, MemoryJob},
};
use innerworld_testkit::records::{NOW, Records, at};

use crate::place::Place;

const SESSION: &str = "01JDG000000000000000000001";
const OTHER_SESSION: &str = "01JDG000000000000000000002";

type Attributes = Vec<(&'static str, AttributeValue)>;

fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

async fn put(place: &Place, table: Table, attributes: Attributes) {
    let item: HashMap<String, AttributeValue> = attributes
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    place
        .tables
        .put_item()
        .table_name(place.names.of(table))
        .set_item(Some(item))
        .send()
        .await
        .unwrap();
}

async fn everything(place: &Place, table: Table) -> Vec<HashMap<String, AttributeValue>> {
    let scan = place.tables.scan().table_name(place.names.of(table));
    scan.send().await.unwrap().items.unwrap_or_default()
}

/// Rows as the stores lay them, of one session, in every table that has a teen's rows.
async fn settle(place: &Place, teen: TeenId, session: &str) {
    let user = || ("user_id", text(teen.to_string()));
    let day = format!("{teen}#2026-11-24");
    for number in 0..5 {
        let message = vec![
            ("conversation_id", text(day.as_str())),
            ("message_sequence", AttributeValue::N(number.to_string())),
            ("session_id", text(session)),
            user(),
        ];
        put(place, Table::LiveConversations, message).await;
    }
    let orphan = vec![
        ("conversation_id", text(format!("{teen}#2026-11-23"))),
        ("message_sequence", AttributeValue::N("7".to_owned())),
        user(),
    ];
    put(place, Table::LiveConversations, orphan).await;
    for item in ["event#00000001", "meta", "turn#1"] {
        let row = vec![
            ("session_id", text(session)),
            ("item", text(item)),
            ("conversation_id", text(day.as_str())),
            user(),
        ];
        put(place, Table::Sessions, row).await;
    }
    let connection = vec![
        ("connection_id", text(format!("c-{session}"))),
        ("connected_at", AttributeValue::N("1".to_owned())),
        user(),
    ];
    put(place, Table::Connections, connection).await;
    let context = vec![user(), ("session_id", text(session))];
    put(place, Table::SessionContext, context).await;
    for item in ["recall", "ev#1", "node#1"] {
        put(place, Table::Memory, vec![user(), ("item", text(item))]).await;
    }
    let pointer = vec![user(), ("item", text(format!("session#{session}")))];
    put(place, Table::Teens, pointer).await;
    let lock = vec![
        user(),
        ("item", text("open_session")),
        ("session_id", text(session)),
    ];
    put(place, Table::Teens, lock).await;
    let grant = format!("grant#{session}");
    let named = vec![
        ("user_id", text(grant.as_str())),
        ("item", text("grant")),
        ("teen", text(teen.to_string())),
    ];
    put(place, Table::Teens, named).await;
    let naming = vec![
        user(),
        ("item", text(grant.as_str())),
        ("elsewhere", text(grant.as_str())),
        ("elsewhere_item", text("grant")),
    ];
    put(place, Table::Teens, naming).await;
}

/// Rows of all tables: two teens have the same.
const SETTLED: usize = 5 + 1 + 3 + 1 + 1 + 3 + 2 + 2;

async fn rows(place: &Place) -> usize {
    let mut rows = 0;
    for schema in TABLES {
        if schema.table != Table::TeenKeys {
            rows += everything(place, schema.table).await.len();
        }
    }
    rows
}

#[tokio::test]
async fn nothing_is_left_in_any_table() {
    let place = Place::new().await;
    let (erasure, records) = (place.aws.erasure(), Records::named("nothing_is_left"));
    let (teen, other) = (records.teen(), records.teen());
    settle(&place, teen, SESSION).await;
    settle(&place, other, OTHER_SESSION).await;
    place
        .aws
        .profiles()
        .put(teen, &records.profile())
        .await
        .unwrap();
    let erase = MemoryJob {
        teen,
        kind: JobKind::Erase,
        not_before: NOW,
        attempts: 0,
    };
    place.aws.jobs().enqueue(&erase).await.unwrap();
    erasure.fence(teen, at(60)).await.unwrap();
    erasure.destroy_key(teen).await.unwrap();
    let mut steps = Vec::new();
    loop {
        let gone = erasure.delete_rows(teen, 3).await.unwrap();
        assert!(gone <= 3, "{gone} rows went");
        if gone == 0 {
            break;
        }
        steps.push(gone);
    }
    assert_eq!(steps.iter().sum::<usize>(), SETTLED + 1);
    // The other teen's rows, the fence and the job that erases.
    assert_eq!(rows(&place).await, SETTLED + 2);
    assert!(everything(&place, Table::TeenKeys).await.is_empty());
    let due = place.aws.jobs().due(at(60), 10).await.unwrap();
    assert_eq!(due, [erase]);
}

#[tokio::test]
async fn what_another_teen_has_by_now_stays() {
    let place = Place::new().await;
    let (erasure, records) = (place.aws.erasure(), Records::named("what_another_has"));
    let (teen, other) = (records.teen(), records.teen());
    let address = vec![
        ("user_id", text("email#1")),
        ("item", text("email")),
        ("teen", text(other.to_string())),
    ];
    put(&place, Table::Teens, address).await;
    let naming = vec![
        ("user_id", text(teen.to_string())),
        ("item", text("account")),
        ("elsewhere", text("email#1")),
        ("elsewhere_item", text("email")),
    ];
    put(&place, Table::Teens, naming).await;
    erasure.fence(teen, at(60)).await.unwrap();
    assert_eq!(erasure.delete_rows(teen, 10).await.unwrap(), 1);
    let left = everything(&place, Table::Teens).await;
    assert!(left.iter().any(|item| item["user_id"] == text("email#1")));
}

#[tokio::test]
async fn the_open_session_is_fenced_and_nobody_elses() {
    let place = Place::new().await;
    let (erasure, records) = (place.aws.erasure(), Records::named("the_open_session"));
    let (teen, other) = (records.teen(), records.teen());
    settle(&place, teen, SESSION).await;
    settle(&place, other, OTHER_SESSION).await;
    erasure.fence(teen, at(60)).await.unwrap();
    let fenced: Vec<_> = everything(&place, Table::Sessions)
        .await
        .into_iter()
        .filter(|item| item.contains_key("fenced"))
        .map(|item| (item["session_id"].clone(), item["item"].clone()))
        .collect();
    assert_eq!(fenced, [(text(SESSION), text("meta"))]);
}

#[tokio::test]
async fn spooled_changes_go_with_the_key() {
    let place = Place::with_queue(330).await;
    let (erasure, spool) = (place.aws.erasure(), place.aws.spool());
    let records = Records::named("spooled_changes_go");
    let (teen, other) = (records.teen(), records.teen());
    for (teen, rev) in [(teen, 0), (other, 0), (teen, 1)] {
        let change = records.safety_commit(teen, rev);
        spool.append(&change).await.unwrap();
    }
    erasure.fence(teen, at(60)).await.unwrap();
    erasure.destroy_key(teen).await.unwrap();
    let pending = spool.pending().await.unwrap();
    let whose: Vec<_> = pending.iter().map(|(_, change)| change.teen).collect();
    assert_eq!(whose, [other]);
    // What comes later is refused by the store, not by the spool.
    let late = records.safety_commit(teen, 2);
    spool.append(&late).await.unwrap();
    let refused = place.aws.safety().commit(&late, at(61)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied);
}
