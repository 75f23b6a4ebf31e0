//! The suites of the stores of `live.db`, against the reference.

use std::sync::Arc;

use innerworld_testkit::{
    contract::{Subject, conversation_store::LivePorts, job_store, safety_store, ticket_store},
    reference::Reference,
};

pub(crate) fn live_ports(reference: Reference) -> Subject<LivePorts> {
    let reference = Arc::new(reference);
    Subject::new(LivePorts {
        conversations: reference.clone(),
        safety: reference.clone(),
        jobs: reference,
    })
}

async fn live() -> Subject<LivePorts> {
    live_ports(Reference::new())
}

async fn safety() -> Subject<safety_store::Port> {
    Subject::new(Arc::new(Reference::new()))
}

async fn jobs() -> Subject<job_store::Port> {
    Subject::new(Arc::new(Reference::new()))
}

async fn tickets() -> Subject<ticket_store::Port> {
    Subject::new(Arc::new(Reference::new()))
}

mod conversations {
    innerworld_testkit::conversation_store_contract!(super::live);
}
mod sessions_shared_by_processes {
    innerworld_testkit::shared_session_contract!(super::live);
}
mod safety_records {
    innerworld_testkit::safety_store_contract!(super::safety);
}
mod job_outbox {
    innerworld_testkit::job_store_contract!(super::jobs);
}
mod socket_tickets {
    innerworld_testkit::ticket_store_contract!(super::tickets);
}
