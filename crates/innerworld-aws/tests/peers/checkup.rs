//! A deployment looked over at the peers: what is right, and each thing that is made wrong.

use std::{collections::HashMap, sync::Arc, time::Duration};

use aws_sdk_sqs::types::QueueAttributeName as Name;
use innerworld_aws::{
    UserPool,
    checkup::{Finding, State},
};
use innerworld_core::{
    clock::Clock as _,
    identity::{
        consent::{ConsentRecord, Purpose},
        consents::Catalogue,
    },
    ids::TeenId,
    secret::Secret,
};
use innerworld_testkit::{
    records::Records,
    user_pool::{CLIENT_ID, POOL_ID, UserPoolDouble},
};

use crate::place::{Place, address, at, sqs};

const TEEN: TeenId = TeenId::from_subject_bits(7);

fn of<'a>(findings: &'a [Finding], name: &str) -> Vec<&'a Finding> {
    findings.iter().filter(|found| found.name == name).collect()
}

#[tokio::test]
async fn tables_are_looked_over_with_what_protects_them() {
    let place = Place::new().await;
    let found = place.checkup().tables().await;
    assert_eq!(of(&found, "tables")[0].state, State::Ok, "{found:?}");
    assert_eq!(of(&found, "table_protection")[0].state, State::Ok);
    // The peer has no backups to describe.
    assert_eq!(of(&found, "table_backups")[0].state, State::NotChecked);
    let bare = place.names.counters.clone();
    let unprotect = place.tables.update_table().table_name(&bare);
    unprotect
        .deletion_protection_enabled(false)
        .send()
        .await
        .unwrap();
    let found = place.checkup().tables().await;
    let protection = of(&found, "table_protection")[0];
    assert_eq!(protection.state, State::Warn);
    assert!(protection.detail.ends_with(&bare), "{}", protection.detail);
    place
        .tables
        .delete_table()
        .table_name(&bare)
        .send()
        .await
        .unwrap();
    let found = place.checkup().tables().await;
    let gone = of(&found, "tables")[0];
    assert_eq!(gone.state, State::Failed);
    assert!(gone.detail.contains("is not there") && gone.next.concat().contains("Terraform"));
}

#[tokio::test]
async fn the_key_is_tried_and_a_disabled_one_is_told_though_the_peer_still_uses_it() {
    let place = Place::new().await;
    let found = place.checkup().key().await;
    let states: Vec<State> = found.iter().map(|found| found.state).collect();
    assert_eq!(states, [State::Ok, State::Ok], "{found:?}");
    assert!(
        place.table_is_empty(&place.names.teen_keys).await,
        "nothing was kept"
    );

    let kms = aws_sdk_kms::Client::new(&at(&address("INNERWORLD_TEST_KMS")));
    let made = kms.create_key().send().await.unwrap();
    let key = made.key_metadata.unwrap().key_id;
    kms.disable_key().key_id(&key).send().await.unwrap();
    let found = place.checkup_with_key(&key).key().await;
    let state = of(&found, "key_state")[0];
    assert_eq!(state.state, State::Failed);
    assert_eq!(state.next, [format!("aws kms enable-key --key-id {key}")]);

    let found = place.checkup_with_key("alias/of-nobody").key().await;
    let tried = of(&found, "key_use")[0];
    assert_eq!(tried.state, State::Failed);
    assert!(
        tried.next.concat().contains("storage.aws.kms_key"),
        "{tried:?}"
    );
}

async fn queue(name: &str, attributes: &[(Name, String)]) -> String {
    let attributes: HashMap<Name, String> = attributes.iter().cloned().collect();
    let request = sqs().create_queue().queue_name(name);
    let made = request
        .set_attributes(Some(attributes))
        .send()
        .await
        .unwrap();
    made.queue_url.unwrap()
}

/// The queues as Terraform makes them; their addresses by suffix.
async fn queues(prefix: &str) -> HashMap<&'static str, String> {
    let mut made = HashMap::new();
    for (suffix, dead, visibility, receives) in [
        ("session-ended", "session-ended-dlq", 1_800, 5),
        ("graph-writes", "graph-writes-dlq", 360, 8),
        ("privacy-jobs", "privacy-jobs-dlq", 1_800, 20),
        ("safety-spool", "safety-spool-dlq", 330, 20),
    ] {
        let fifo = (Name::FifoQueue, "true".to_owned());
        let url = queue(
            &format!("{prefix}-{dead}.fifo"),
            std::slice::from_ref(&fifo),
        )
        .await;
        let described = sqs()
            .get_queue_attributes()
            .queue_url(&url)
            .attribute_names(Name::QueueArn)
            .send()
            .await
            .unwrap();
        let arn = described.attributes.unwrap()[&Name::QueueArn].clone();
        made.insert(dead, url);
        let redrive =
            format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"{receives}"}}"#);
        let attributes = [
            fifo,
            (Name::VisibilityTimeout, visibility.to_string()),
            (Name::RedrivePolicy, redrive),
        ];
        let url = queue(&format!("{prefix}-{suffix}.fifo"), &attributes).await;
        made.insert(suffix, url);
    }
    let visibility = (Name::VisibilityTimeout, "60".to_owned());
    let url = queue(&format!("{prefix}-turn-failures"), &[visibility]).await;
    made.insert("turn-failures", url);
    made
}

#[tokio::test]
async fn queues_are_looked_over_and_what_lies_where_nothing_should_is_told() {
    let place = Place::new().await;
    let none = place.checkup().queues().await;
    assert_eq!(none[0].state, State::Warn, "serve has none: {none:?}");
    let made = queues(place.prefix()).await;
    let good = place.checkup().queues().await;
    assert_eq!(good.len(), 1, "{good:?}");
    assert_eq!(good[0].state, State::Ok);

    let dead = sqs().send_message().queue_url(&made["graph-writes-dlq"]);
    let dead = dead.message_group_id("g").message_deduplication_id("d");
    dead.message_body("{}").send().await.unwrap();
    let found = place.checkup().queues().await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].state, State::Warn);
    assert!(
        found[0]
            .detail
            .contains("graph-writes-dlq.fifo holds about 1")
    );

    let gone = sqs().delete_queue().queue_url(&made["turn-failures"]);
    gone.send().await.unwrap();
    let found = place.checkup().queues().await;
    let missing: Vec<_> = found
        .iter()
        .filter(|found| found.state == State::Failed)
        .collect();
    assert_eq!(missing.len(), 1);
    assert!(missing[0].detail.ends_with("turn-failures is not there"));
}

#[tokio::test]
async fn a_real_token_is_taken_through_the_door_step_by_step() {
    let place = Place::new().await;
    let double = UserPoolDouble::start().await;
    let pool = UserPool::new(POOL_ID, CLIENT_ID).unwrap();
    let pool = pool.reached_at(&double.endpoint()).unwrap();
    let token = Secret::new(double.token(TEEN, place.clock.now()));
    let door = async || place.checkup().door(Some(&pool), Some(&token)).await;

    let bare = place.checkup().door(Some(&pool), None).await;
    assert_eq!(of(&bare, "token")[0].state, State::NotChecked);
    let found = door().await;
    assert_eq!(of(&found, "token")[0].state, State::Ok, "{found:?}");
    assert!(
        of(&found, "standing")[0]
            .detail
            .contains("profile is not complete")
    );

    let records = Records::named("checkup");
    place
        .aws
        .profiles()
        .put(TEEN, &records.profile())
        .await
        .unwrap();
    assert!(
        of(&door().await, "standing")[0]
            .detail
            .contains("not agreed to")
    );
    let catalogue = Catalogue::shipped(Vec::new()).unwrap();
    let terms = ConsentRecord {
        text_version: catalogue.version(Purpose::Terms).to_owned(),
        ..records.consent(Purpose::Terms, 0)
    };
    place.aws.consents().append(TEEN, &[terms]).await.unwrap();
    let found = door().await;
    assert_eq!(of(&found, "standing")[0].state, State::Ok);
    // Nothing of the teen is in the report.
    assert!(!format!("{found:?}").contains(&TEEN.to_string()));

    let later = place.clock.now().plus(Duration::from_secs(60));
    place.aws.accounts().deny_before(TEEN, later).await.unwrap();
    let found = door().await;
    assert_eq!(of(&found, "token")[0].state, State::Failed);
    assert!(
        of(&found, "token")[0]
            .detail
            .contains("signed out everywhere")
    );
    assert!(of(&found, "standing").is_empty());
    place.clock.advance(Duration::from_secs(3_600));
    assert!(of(&door().await, "token")[0].detail.contains("expired"));
}

#[tokio::test]
async fn a_read_of_each_table_says_that_nothing_is_throttled_now() {
    let place = Arc::new(Place::new().await);
    let found = place.checkup().throttling().await;
    assert_eq!(found.state, State::Ok, "{found:?}");
    let table = &place.names.live_conversations;
    assert!(found.next[0].contains(&format!("Name=TableName,Value={table} Name=Operation")));
}
