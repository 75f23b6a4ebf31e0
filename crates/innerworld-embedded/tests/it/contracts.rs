//! The contract suites against SQLite: in memory, on disk, and on disk with a restart before every
//! call.

use std::sync::Arc;

use innerworld_embedded::{Embedded, OsIds};
use innerworld_testkit::contract::{
    Subject, account_store, authorization_store, consent_store, event_log, federation_store,
    graph_store, job_store, journal_store, key_store, namer_source, profile_store,
    revocation_store, safety_spool, safety_store, teen_clock_store, ticket_store, usage_ledger,
};

use self::reopening::Reopening;
use crate::place::Place;

mod reopening;
mod together;

fn in_memory() -> Embedded {
    let clock = Place::new().clock;
    Embedded::in_memory(clock, Arc::new(OsIds)).unwrap()
}

fn on_disk() -> (Embedded, Place) {
    let place = Place::new();
    (place.open().unwrap(), place)
}

macro_rules! in_all_ways {
    ($($name:ident: $suite:ident, $contract:ident;)+) => {
        $(mod $name {
            use super::$suite::Port;
            use super::{Arc, Reopening, Subject};

            mod in_memory {
                async fn make() -> super::Subject<super::Port> {
                    super::Subject::new(super::super::in_memory().$name())
                }
                innerworld_testkit::$contract!(make);
            }

            mod on_disk {
                async fn make() -> super::Subject<super::Port> {
                    let (embedded, place) = super::super::on_disk();
                    super::Subject::keeping(embedded.$name(), place)
                }
                innerworld_testkit::$contract!(make);
            }

            mod reopened {
                async fn make() -> super::Subject<super::Port> {
                    super::Subject::new(super::Arc::new(super::Reopening::new()))
                }
                innerworld_testkit::$contract!(make);
            }
        })+
    };
}

in_all_ways! {
    accounts: account_store, account_store_contract;
    authorizations: authorization_store, authorization_store_contract;
    clocks: teen_clock_store, teen_clock_store_contract;
    consents: consent_store, consent_store_contract;
    events: event_log, event_log_contract;
    federation: federation_store, federation_store_contract;
    graph: graph_store, graph_store_contract;
    jobs: job_store, job_store_contract;
    journal: journal_store, journal_store_contract;
    keys: key_store, key_store_contract;
    namers: namer_source, namer_source_contract;
    profiles: profile_store, profile_store_contract;
    revocations: revocation_store, revocation_store_contract;
    safety: safety_store, safety_store_contract;
    spool: safety_spool, safety_spool_contract;
    tickets: ticket_store, ticket_store_contract;
    usage: usage_ledger, usage_ledger_contract;
}
