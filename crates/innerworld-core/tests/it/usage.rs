//! What a record of a model call says as time passes.

use innerworld_core::usage::{UsageRecord, UsageState};
use innerworld_testkit::records::{Records, at};

#[test]
fn a_start_that_nothing_followed_is_unknown_once_no_call_lasts_so_long() {
    let records = Records::named("a_start_that_nothing_followed");
    let started = records.usage("one", at(0));
    let state = |record: &UsageRecord, seconds| record.clone().as_of(at(seconds)).state;
    assert_eq!(state(&started, 300), UsageState::Started);
    assert_eq!(state(&started, 301), UsageState::Unknown);
    let done = UsageRecord {
        state: UsageState::Done,
        ..started
    };
    assert_eq!(state(&done, 301), UsageState::Done);
}
