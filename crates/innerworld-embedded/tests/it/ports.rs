//! Every store of `memory.db` answers through its accessor.

use std::sync::Arc;

use innerworld_embedded::{Embedded, OsIds};
use innerworld_testkit::records::{NOW, Records, WHOLE};

use crate::place::Place;

#[tokio::test]
async fn every_accessor_leads_to_its_rows() {
    let place = Place::new();
    let embedded = Embedded::in_memory(place.clock.clone(), Arc::new(OsIds)).unwrap();
    let records = Records::named("every_accessor_leads_to_its_rows");
    let teen = records.teen();

    let account = records.account(teen);
    let accounts = embedded.accounts();
    let credential = records.credential();
    accounts.create(&account, &credential).await.unwrap();
    let found = accounts.by_email(account.email.reveal()).await;
    assert_eq!(found.unwrap(), Some(account));

    let profile = records.profile();
    embedded.profiles().put(teen, &profile).await.unwrap();
    assert_eq!(embedded.profiles().load(teen).await.unwrap(), Some(profile));

    assert_eq!(embedded.consents().list(teen).await.unwrap(), []);
    assert!(embedded.clocks().notices(teen).await.is_ok());
    let journal = embedded.journal().list(teen, None, 9, NOW).await;
    assert_eq!(journal.unwrap(), []);
    let memory = embedded.graph().load(teen, WHOLE).await.unwrap();
    assert!(memory.graph.nodes.is_empty());
    assert_eq!(embedded.usage().list(teen).await.unwrap(), []);
}
