//! The wall clock and the random source of this machine.

use std::time::{SystemTime, UNIX_EPOCH};

use innerworld_core::{
    clock::{Clock, Timestamp},
    ids::IdSource,
};

/// The operating system's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the adapter behind the port that everybody else asks"
        )]
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let millis = since_epoch.map_or(0, |duration| duration.as_millis());
        Timestamp::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
    }
}

/// Random bytes of the cryptographic library, seeded by the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct OsIds;

impl IdSource for OsIds {
    #[expect(
        clippy::panic,
        reason = "going on with predictable keys and nonces would be worse than stopping; the \
                  generator fails only when the operating system cannot seed it"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        if aws_lc_rs::rand::fill(buffer).is_err() {
            panic!("the system's random number generator failed");
        }
    }
}
