//! The contract suites against DynamoDB's peer.

use innerworld_testkit::contract::{Subject, profile_store, safety_store, ticket_store};

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
    profiles: profile_store, profile_store_contract;
    safety: safety_store, safety_store_contract;
    tickets: ticket_store, ticket_store_contract;
}
