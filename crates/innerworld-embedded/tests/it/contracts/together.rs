//! Suites over several ports of one runtime.

use std::sync::Arc;

use innerworld_embedded::Embedded;
use innerworld_testkit::contract::{
    Subject, conversation_store::LivePorts, erasure_store::AllPorts,
};

use super::{in_memory, on_disk, reopening::Reopening};

fn live_of(embedded: &Embedded) -> LivePorts {
    LivePorts {
        conversations: embedded.conversations(),
        safety: embedded.safety(),
        jobs: embedded.jobs(),
    }
}

fn all_of(embedded: &Embedded) -> AllPorts {
    AllPorts {
        erasure: embedded.erasure(),
        live: live_of(embedded),
        tickets: embedded.tickets(),
        accounts: embedded.accounts(),
        profiles: embedded.profiles(),
        consents: embedded.consents(),
        clocks: embedded.clocks(),
        journal: embedded.journal(),
        graph: embedded.graph(),
        namers: embedded.namers(),
        usage: embedded.usage(),
    }
}

fn live_of_reopening(one: &Arc<Reopening>) -> LivePorts {
    LivePorts {
        conversations: one.clone(),
        safety: one.clone(),
        jobs: one.clone(),
    }
}

fn all_of_reopening(one: &Arc<Reopening>) -> AllPorts {
    AllPorts {
        erasure: one.clone(),
        live: live_of_reopening(one),
        tickets: one.clone(),
        accounts: one.clone(),
        profiles: one.clone(),
        consents: one.clone(),
        clocks: one.clone(),
        journal: one.clone(),
        graph: one.clone(),
        namers: one.clone(),
        usage: one.clone(),
    }
}

macro_rules! in_all_ways {
    ($($name:ident: $ports:ident, $contract:ident, $of:ident, $of_reopening:ident;)+) => {
        $(mod $name {
            mod in_memory {
                use crate::contracts::together as up;

                async fn make() -> up::Subject<up::$ports> {
                    up::Subject::new(up::$of(&up::in_memory()))
                }
                innerworld_testkit::$contract!(make);
            }

            mod on_disk {
                use crate::contracts::together as up;

                async fn make() -> up::Subject<up::$ports> {
                    let (embedded, place) = up::on_disk();
                    up::Subject::keeping(up::$of(&embedded), place)
                }
                innerworld_testkit::$contract!(make);
            }

            mod reopened {
                use crate::contracts::together as up;

                async fn make() -> up::Subject<up::$ports> {
                    up::Subject::new(up::$of_reopening(&up::Arc::new(up::Reopening::new())))
                }
                innerworld_testkit::$contract!(make);
            }
        })+
    };
}

in_all_ways! {
    conversations: LivePorts, conversation_store_contract, live_of, live_of_reopening;
    erasure: AllPorts, erasure_store_contract, all_of, all_of_reopening;
}
