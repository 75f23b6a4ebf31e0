//! The suites of what outlives a session, against the reference.

use std::sync::Arc;

use innerworld_testkit::{
    contract::{
        Subject, account_store, authorization_store, consent_store, conversation_store::LivePorts,
        erasure_store::AllPorts, event_log, federation_store, graph_store, journal_store,
        key_store, namer_source, profile_store, revocation_store, safety_spool, teen_clock_store,
        usage_ledger,
    },
    reference::Reference,
};

pub(crate) fn all_ports(reference: Reference) -> Subject<AllPorts> {
    let one = Arc::new(reference);
    Subject::new(AllPorts {
        erasure: one.clone(),
        live: LivePorts {
            conversations: one.clone(),
            safety: one.clone(),
            jobs: one.clone(),
        },
        tickets: one.clone(),
        accounts: one.clone(),
        profiles: one.clone(),
        consents: one.clone(),
        clocks: one.clone(),
        journal: one.clone(),
        graph: one.clone(),
        namers: one.clone(),
        usage: one,
    })
}

macro_rules! against_the_reference {
    ($($name:ident: $module:ident, $contract:ident;)+) => {
        $(mod $name {
            async fn make() -> super::Subject<super::$module::Port> {
                super::Subject::new(super::Arc::new(super::Reference::new()))
            }

            innerworld_testkit::$contract!(make);
        })+
    };
}

against_the_reference! {
    accounts: account_store, account_store_contract;
    authorizations: authorization_store, authorization_store_contract;
    consents: consent_store, consent_store_contract;
    events: event_log, event_log_contract;
    federation: federation_store, federation_store_contract;
    revocations: revocation_store, revocation_store_contract;
    memory: graph_store, graph_store_contract;
    journal: journal_store, journal_store_contract;
    keys: key_store, key_store_contract;
    namers: namer_source, namer_source_contract;
    profiles: profile_store, profile_store_contract;
    spool: safety_spool, safety_spool_contract;
    clocks: teen_clock_store, teen_clock_store_contract;
    usage: usage_ledger, usage_ledger_contract;
}

mod erasure {
    async fn make() -> super::Subject<super::AllPorts> {
        super::all_ports(super::Reference::new())
    }

    innerworld_testkit::erasure_store_contract!(make);
}
