//! The wall clock and the random source of the machine that a function runs on.

use std::time::{SystemTime, UNIX_EPOCH};

use innerworld_core::{
    clock::{Clock, Timestamp},
    ids::IdSource,
};

/// The operating system's wall clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WallClock;

impl Clock for WallClock {
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct RandomIds;

impl IdSource for RandomIds {
    /// # Panics
    ///
    /// When the operating system cannot seed the generator: going on with predictable nonces would
    /// be worse than stopping.
    fn fill(&self, buffer: &mut [u8]) {
        let filled = aws_lc_rs::rand::fill(buffer);
        assert!(
            filled.is_ok(),
            "the system's random number generator failed"
        );
    }
}
