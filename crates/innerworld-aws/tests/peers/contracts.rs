//! The contract suites against DynamoDB's peer.

use innerworld_testkit::contract::{
    Subject, account_store, authorization_store, consent_store, conversation_store::LivePorts,
    erasure_store::AllPorts, event_log, federation_store, graph_store, job_store, journal_store,
    key_store, namer_source, profile_store, revocation_store, safety_spool, safety_store,
    teen_clock_store, ticket_store, usage_ledger,
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

fn live(place: &Place) -> LivePorts {
    LivePorts {
        conversations: place.aws.conversations(),
        safety: place.aws.safety(),
        jobs: place.aws.jobs(),
    }
}

mod conversations {
    use super::{LivePorts, Place, Subject};

    async fn make() -> Subject<LivePorts> {
        let place = Place::new().await;
        Subject::keeping(super::live(&place), place)
    }
    innerworld_testkit::conversation_store_contract!(make);
    innerworld_testkit::shared_session_contract!(make);
}

mod spool_in_a_queue {
    async fn make() -> super::Subject<super::safety_spool::Port> {
        let place = super::Place::with_queue(330).await;
        super::Subject::keeping(place.aws.spool(), place)
    }
    innerworld_testkit::safety_spool_contract!(make);
}

mod erasure {
    use super::{AllPorts, Place, Subject};

    async fn make() -> Subject<AllPorts> {
        let place = Place::new().await;
        let aws = &place.aws;
        let ports = AllPorts {
            erasure: aws.erasure(),
            live: super::live(&place),
            tickets: aws.tickets(),
            accounts: aws.accounts(),
            profiles: aws.profiles(),
            consents: aws.consents(),
            clocks: aws.clocks(),
            journal: aws.journal(),
            graph: aws.graph(),
            namers: aws.namers(),
            usage: aws.usage(),
        };
        Subject::keeping(ports, place)
    }
    innerworld_testkit::erasure_store_contract!(make);
}
