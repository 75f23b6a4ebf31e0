//! A session of a teen whose graph is kept in a database: what it begins with, and what its answers ask.

use innerworld_core::identity::consent::MemoryMode;
use innerworld_testkit::records::{Records, WHOLE};

use super::{answering, house::House, large, reader, store};
use crate::{
    functions::{TEEN, complete_as},
    place::Place,
    talk::{Deployed, opened},
};

#[tokio::test]
async fn a_session_has_its_graph_laid_down_once_and_no_answer_asks_for_it() {
    let (place, house) = (Place::new().await, House::new().await);
    complete_as(&place, TEEN, MemoryMode::Full).await;
    let (reads, reading) = reader(&place, &house).await;
    let records = Records::named("begins");
    store(&place, &reading)
        .write(TEEN, &large(&records))
        .await
        .unwrap();
    let also = [("GRAPH_BACKEND", "neptune".to_owned())];
    let deployed = Deployed::over(place, &also).await;
    let variables = house.variables();
    let program = env!("CARGO_BIN_EXE_graph-reader");
    let place = &deployed.place;
    deployed
        .service
        .deploy(place.deployment("graph-reader", program, &variables));

    let mut client = opened(&deployed).await;
    deployed.service.settled().await;
    // One call of a session's start; the answer that it may have begun with came before it or after.
    let calls = deployed.service.events("graph-reader");
    let written = answering(place, &reading).load_graph(TEEN, WHOLE).await;
    assert!(written.unwrap().graph.nodes.len() > 900);
    assert_eq!(reads.events("graph-reader"), 0, "it was laid down");

    // Another instance of the worker has nothing in RAM.
    deployed.service.kill("turn-worker");
    client.say(7, "I practised the cello again.").await;
    client.until("turn.end").await;
    drop(client);
    let mut again = deployed.client().await;
    again.hello().await;
    assert_eq!(again.until("welcome").await["type"], "welcome");
    deployed.service.settled().await;
    assert_eq!(deployed.service.events("graph-reader"), calls);
    assert_eq!(deployed.gateway.failed_calls(), []);
}
