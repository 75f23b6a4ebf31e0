//! The contract suites against DynamoDB's peer.

use innerworld_testkit::contract::{
    Subject, account_store, authorization_store, consent_store, event_log, federation_store,
    journal_store, key_store, namer_source, profile_store, revocation_store, teen_clock_store,
    ticket_store, usage_ledger,
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
    profiles: profile_store, profile_store_contract;
    tickets: ticket_store, ticket_store_contract;
    consents: consent_store, consent_store_contract;
    clocks: teen_clock_store, teen_clock_store_contract;
    journal: journal_store, journal_store_contract;
    usage: usage_ledger, usage_ledger_contract;
    keys: key_store, key_store_contract;
    namers: namer_source, namer_source_contract;
    accounts: account_store, account_store_contract;
    authorizations: authorization_store, authorization_store_contract;
    federation: federation_store, federation_store_contract;
    events: event_log, event_log_contract;
    revocations: revocation_store, revocation_store_contract;
}
