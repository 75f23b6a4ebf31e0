//! What waits, what reaches the graph, and the writer's other jobs.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use innerworld_aws::{GraphJob, GraphTask};
use innerworld_core::{
    clock::Clock as _,
    error::ErrorKind,
    memory::{
        ontology::NodeKind,
        store::{Applied, GraphStore, MemoryWrite},
    },
};
use innerworld_testkit::{
    fake_neptune::Fault,
    records::{NOW, Records, WHOLE},
    reference::Reference,
};

use super::Database;
use crate::{
    graph::{items, large},
    place::Place,
};

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// A first session whose patch has many pieces: 700 things with long names.
fn heavy(records: &Records) -> MemoryWrite {
    let mut write = records.session_write(records.session_id(0), 0);
    let owner = write.delta.put_nodes[0].id;
    for n in 0..700 {
        let mut end = records.node(NodeKind::Topic, &format!("music {n}"));
        end.aliases = (0..16)
            .map(|_| "a name as long as ".repeat(4).into())
            .collect();
        write.delta.put_edges.push(records.edge(owner, end.id));
        write.delta.put_nodes.push(end);
    }
    write
}

#[tokio::test]
async fn what_waits_and_what_is_stored_shows_no_word() {
    let (place, records) = (Place::new().await, Records::named("no word"));
    let database = Database::reached(None).await;
    let store = database.of(&place.aws);
    let teen = records.teen();
    store.write(teen, &large(&records, 0)).await.unwrap();
    let items = items(&place, teen).await;
    assert!(
        !items
            .keys()
            .any(|key| key.starts_with("node#") || key.starts_with("edge#"))
    );
    let waiting = items.iter().filter(|(key, _)| key.starts_with("patch#"));
    let mut pieces = 0;
    for (key, item) in waiting {
        let mut names: Vec<_> = item.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["item", "rows", "user_id"], "{key}");
        let rows = item["rows"].as_b().unwrap().as_ref();
        assert!(rows.len() < 330_000);
        let rows = String::from_utf8_lossy(rows);
        assert!(rows.contains("teen_no") && rows.contains("Person"));
        for word in ["Mara", "mara", "Robin", "friend", "music"] {
            assert!(!rows.contains(word), "{word}");
        }
        pieces += 1;
    }
    assert!(pieces >= 1);
    let writer = place.aws.graph_writer(database.graph.clone());
    assert_eq!(writer.apply(teen).await.unwrap(), pieces);
    let contents = format!("{:?}", database.house().fake.contents());
    assert!(!contents.contains("Mara") && !contents.contains(&teen.to_string()));
    assert!(contents.contains("Person"));
}

#[tokio::test]
async fn a_patch_of_many_pieces_survives_a_failure_at_each_statement() {
    let (place, records) = (Place::new().await, Records::named("many pieces"));
    let database = Database::reached(None).await;
    let store = database.of(&place.aws);
    let (teen, plain) = (records.teen(), Reference::new());
    let write = heavy(&records);
    for store in [&*store, &plain as &dyn GraphStore] {
        assert_eq!(store.write(teen, &write).await.unwrap(), Applied::Now);
    }
    let pieces = items(&place, teen).await;
    let pieces = pieces
        .keys()
        .filter(|key| key.starts_with("patch#"))
        .count();
    assert!(pieces > 4, "{pieces} pieces");
    let expected = plain.load(teen, WHOLE).await.unwrap();
    let writer = place.aws.graph_writer(database.graph.clone());
    // Five failures in a row are more than the client tries.
    let mut failed = 0;
    for place in 0.. {
        let house = database.house();
        house.fake.inject_after(place, Fault::CutAfterCommit);
        for _further in 0..4 {
            house.fake.inject(Fault::CutAfterCommit);
        }
        let outcome = writer.apply(teen).await;
        house.fake.forget_faults();
        assert_eq!(store.load(teen, WHOLE).await.unwrap(), expected);
        match outcome {
            Err(error) => assert!(error.is_retryable()),
            Ok(_applied) => break,
        }
        failed += 1;
    }
    assert!(failed > 2, "{failed} failures");
    assert_eq!(writer.apply(teen).await.unwrap(), 0);
    assert_eq!(store.load(teen, WHOLE).await.unwrap(), expected);
}

#[tokio::test]
async fn a_repeated_write_wakes_the_writer_again() {
    let (place, records) = (Place::new().await, Records::named("wakes again"));
    let (silent, loud) = (
        Database::reached(None).await,
        Database::reached(Some(1)).await,
    );
    let teen = records.teen();
    let write = records.session_write(records.session_id(0), 0);
    silent.of(&place.aws).write(teen, &write).await.unwrap();
    assert!(loud.house().fake.contents().nodes.is_empty());
    let again = loud.of(&place.aws).write(teen, &write).await.unwrap();
    assert_eq!(again, Applied::Already);
    assert_eq!(loud.house().fake.contents().nodes.len(), 2);
}

#[tokio::test]
async fn a_retention_message_takes_what_is_old_and_nothing_young() {
    let (place, records) = (Place::new().await, Records::named("retention message"));
    let database = Database::reached(None).await;
    let store = database.of(&place.aws);
    let teen = records.teen();
    place.clock.set(NOW.plus(DAY * 3));
    let mut write = records.session_write(records.session_id(0), 0);
    write.delta.put_nodes[1].last_seen = NOW.plus(DAY * 2);
    store.write(teen, &write).await.unwrap();
    let writer = place.aws.graph_writer(database.graph.clone());
    let young = writer.expire(teen, NOW.plus(DAY * 2)).await;
    assert_eq!(
        young.unwrap(),
        1,
        "the edge; its nodes are the teen and one seen since"
    );
    let too_young = writer.expire(teen, place.clock.now()).await;
    assert_eq!(too_young.unwrap_err().kind(), ErrorKind::Invalid);
    let counts = database.house().fake.contents();
    assert_eq!((counts.nodes.len(), counts.edges.len()), (2, 0));
}

#[tokio::test]
async fn a_fenced_teens_graph_is_erased_and_not_written() {
    let (place, records) = (Place::new().await, Records::named("fenced graph"));
    let database = Database::reached(Some(1)).await;
    let store = database.of(&place.aws);
    let (teen, other) = (records.teen(), records.teen());
    for teen in [teen, other] {
        let write = records.session_write(records.session_id(0), 0);
        store.write(teen, &write).await.unwrap();
    }
    let late = Database {
        every: None,
        house: None,
        graph: database.graph.clone(),
    };
    let next = records.session_write(records.session_id(5), 1);
    late.of(&place.aws).write(teen, &next).await.unwrap();
    let writer = place.aws.graph_writer(database.graph.clone());
    let job = |task| GraphJob { teen, task };
    let refused = writer.run(&job(GraphTask::Erase)).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Invalid, "no fence");
    place.aws.erasure().fence(teen, NOW).await.unwrap();
    for task in [
        GraphTask::Apply { generation: 2 },
        GraphTask::Expire {
            before: NOW.minus(DAY * 30),
        },
    ] {
        let refused = writer.run(&job(task)).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Denied);
    }
    assert_eq!(database.house().fake.contents().nodes.len(), 4);
    for _twice in 0..2 {
        writer.run(&job(GraphTask::Erase)).await.unwrap();
        assert_eq!(database.house().fake.contents().nodes.len(), 2);
    }
    let marker = "marker#j-1#graph-writes";
    let put = place.tables.put_item().table_name(&place.names.memory);
    let put = put.item("user_id", AttributeValue::S(teen.to_string()));
    let put = put.item("item", AttributeValue::S(marker.to_owned()));
    put.send().await.unwrap();
    for _twice in 0..2 {
        let pass = GraphTask::Marker {
            job: "j-1".to_owned(),
        };
        writer.run(&job(pass)).await.unwrap();
        assert!(!items(&place, teen).await.contains_key(marker));
    }
}

/// Switching memory off must reach the graph, also when nobody writes for this teen again.
#[tokio::test]
async fn an_erase_whose_word_was_lost_is_asked_for_again_until_it_was_done() {
    let (place, records) = (Place::new().await, Records::named("lost word"));
    let database = Database::reached(Some(1)).await;
    let (loud, silent) = (
        database.of(&place.aws),
        Database {
            every: None,
            house: None,
            graph: database.graph.clone(),
        }
        .of(&place.aws),
    );
    let teen = records.teen();
    loud.write(teen, &records.session_write(records.session_id(0), 0))
        .await
        .unwrap();
    let graph = || database.house().fake.contents();
    assert!(!graph().nodes.is_empty());
    silent.erase_memory(teen).await.unwrap();
    // The queue cannot be reached by the first round of retention either.
    for (store, is_done) in [(&silent, false), (&loud, true)] {
        place.clock.advance(DAY);
        store.expire(place.clock.now(), NOW, 100).await.unwrap();
        assert_eq!(graph().nodes.is_empty(), is_done);
    }
}
