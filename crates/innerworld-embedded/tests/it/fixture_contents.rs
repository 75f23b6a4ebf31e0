//! What a fixture holds, as its maker writes it down and as a test reads it back.

use innerworld_core::error::PortError;
use innerworld_embedded::Embedded;
use innerworld_testkit::fixture::{self, EMAIL, Stores};
use serde_json::Value;

/// The files of a data folder.
pub(crate) const FILES: [&str; 3] = ["keys.db", "live.db", "memory.db"];

/// The ports that a fixture is made and read by.
pub(crate) fn stores(embedded: &Embedded) -> Stores {
    Stores {
        accounts: embedded.accounts(),
        keys: embedded.keys(),
        mailer: embedded.outbox(),
        profiles: embedded.profiles(),
        consents: embedded.consents(),
        clocks: embedded.clocks(),
        conversations: embedded.conversations(),
        jobs: embedded.jobs(),
        graph: embedded.graph(),
        safety: embedded.safety(),
        journal: embedded.journal(),
        usage: embedded.usage(),
    }
}

/// Everything that can be read of the fixture's teen.
pub(crate) async fn contents(embedded: &Embedded) -> Result<Value, PortError> {
    let mut contents = fixture::read(&stores(embedded)).await;
    if let Some(sections) = contents.as_object_mut() {
        let code = embedded.newest_code(EMAIL).await?;
        sections.insert("mail".to_owned(), code.into());
    }
    Ok(contents)
}
