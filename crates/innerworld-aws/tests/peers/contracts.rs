//! The contract suites against DynamoDB's peer.

use innerworld_aws::Aws;
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

fn live(aws: &Aws) -> LivePorts {
    LivePorts {
        conversations: aws.conversations(),
        safety: aws.safety(),
        jobs: aws.jobs(),
    }
}

mod conversations {
    use super::{LivePorts, Place, Subject};

    async fn make() -> Subject<LivePorts> {
        let place = Place::new().await;
        Subject::keeping(super::live(&place.aws), place)
    }
    innerworld_testkit::conversation_store_contract!(make);
    innerworld_testkit::shared_session_contract!(make);
}

/// The same where every transaction meets another one at its first try (`TransactionConflict`, which no
/// peer plays): it is tried again, and nothing is done twice for it.
mod meeting {
    use innerworld_core::{error::ErrorKind, memory::store::Applied};
    use innerworld_testkit::{
        cutting_proxy::CuttingProxy,
        records::{NOW, Records, at},
    };

    use super::{LivePorts, Place, Subject};
    use crate::place::{DYNAMODB, address};

    macro_rules! suites {
        ($($name:ident: $port:ty, $ports:path, $contract:ident;)+) => {
            $(mod $name {
                async fn make() -> super::Subject<$port> {
                    let place = super::Place::new().await;
                    let proxy = super::meeting().await;
                    let ports = $ports(&place.beside_through(&proxy.base_url()));
                    super::Subject::keeping(ports, (place, proxy))
                }
                innerworld_testkit::$contract!(make);
            })+
        };
    }

    suites! {
        conversations: super::LivePorts, super::super::live, conversation_store_contract;
        jobs: super::super::job_store::Port, innerworld_aws::Aws::jobs, job_store_contract;
        graph: super::super::graph_store::Port, innerworld_aws::Aws::graph, graph_store_contract;
    }

    async fn meeting() -> CuttingProxy {
        let proxy = CuttingProxy::start(&address(DYNAMODB)).await;
        proxy.transactions_meet();
        proxy
    }

    #[tokio::test]
    async fn a_commit_that_meets_another_one_is_made_again() {
        let (place, proxy) = (Place::new().await, meeting().await);
        let graph = place.beside_through(&proxy.base_url()).graph();
        let records = Records::named("meeting");
        let write = records.session_write(records.session_id(0), 0);
        let written = graph.write(records.teen(), &write).await.unwrap();
        assert_eq!(written, Applied::Now);
        assert!(proxy.met() > 0);
    }

    #[tokio::test]
    async fn tables_that_are_asked_too_much_say_so_and_lose_nothing() {
        let (place, proxy) = (Place::new().await, meeting().await);
        let jobs = place.beside_through(&proxy.base_url()).jobs();
        let records = Records::named("throttled");
        let (teen, session) = (records.teen(), records.session_id(0));
        let job = records.remember(teen, session, at(0));
        jobs.enqueue(&job).await.unwrap();
        proxy.throttle();
        let removed = jobs.remove(&job).await;
        assert_eq!(removed.unwrap_err().kind(), ErrorKind::Throttled);
        let due = jobs.due(NOW, 1).await;
        assert_eq!(due.unwrap_err().kind(), ErrorKind::Throttled);
        proxy.mend();
        assert_eq!(jobs.due(NOW, 1).await.unwrap(), [job]);
    }
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
            live: super::live(aws),
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
