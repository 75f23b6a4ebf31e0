//! The contract suites against DynamoDB's peer.

use innerworld_testkit::contract::{
    Subject, conversation_store::LivePorts, graph_store, job_store, profile_store, safety_spool,
    safety_store, ticket_store,
};

use crate::place::Place;

macro_rules! suites {
    ($($name:ident: $suite:ident, $contract:ident;)+) => {
        $(mod $name {
            async fn make() -> super::Subject<super::$suite::Port> {
                let place = super::Place::new().await;
                super::Subject::keeping(place.aws.$name(), place)
            }
            innerworld_testkit::$contract!(make);
        })+
    };
}

suites! {
    graph: graph_store, graph_store_contract;
    jobs: job_store, job_store_contract;
    profiles: profile_store, profile_store_contract;
    safety: safety_store, safety_store_contract;
    spool: safety_spool, safety_spool_contract;
    tickets: ticket_store, ticket_store_contract;
}

mod conversations {
    use super::{LivePorts, Place, Subject};

    async fn make() -> Subject<LivePorts> {
        let place = Place::new().await;
        let ports = LivePorts {
            conversations: place.aws.conversations(),
            safety: place.aws.safety(),
            jobs: place.aws.jobs(),
        };
        Subject::keeping(ports, place)
    }
    innerworld_testkit::conversation_store_contract!(make);
}

mod spool_in_a_queue {
    async fn make() -> super::Subject<super::safety_spool::Port> {
        let place = super::Place::with_queue(330).await;
        super::Subject::keeping(place.aws.spool(), place)
    }
    innerworld_testkit::safety_spool_contract!(make);
}
