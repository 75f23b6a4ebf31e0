//! Suite of [`NamerSource`]. That the key's destruction ends it is in the suite of erasure.

use std::sync::Arc;

use innerworld_core::memory::store::NamerSource;

use super::suite;
use crate::records::Records;

/// The port under test.
pub type Port = Arc<dyn NamerSource>;

suite!($ namer_source_contract, namer_source, Port, [
    a_teens_ids_stay_the_same,
    two_teens_have_different_ids,
]);

/// The same parts give the same id at every call.
pub async fn a_teens_ids_stay_the_same(source: &Port) {
    let teen = Records::named("a_teens_ids_stay_the_same").teen();
    let first = source.namer(teen).await.unwrap().id(&[b"Person", b"mara"]);
    let second = source.namer(teen).await.unwrap().id(&[b"Person", b"mara"]);
    assert_eq!(first, second);
}

/// An id tells nothing about another teen's.
pub async fn two_teens_have_different_ids(source: &Port) {
    let records = Records::named("two_teens_have_different_ids");
    let first = source.namer(records.teen()).await.unwrap();
    let second = source.namer(records.teen()).await.unwrap();
    assert_ne!(
        first.id(&[b"Person", b"mara"]),
        second.id(&[b"Person", b"mara"])
    );
}
