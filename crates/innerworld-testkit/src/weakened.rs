//! Adapters and policies that each lack one control. A test of a threat runs its attack against a
//! server with one of them and shows that the attack gets through there: so the control stops it.
//!
//! Stores that lack one are [`Reference::with`](crate::reference::Reference::with) a defect.

mod limits;
mod look;
mod models;
mod screen;
mod tokens;
mod words;

use async_trait::async_trait;
use innerworld_core::{
    clock::Timestamp,
    error::PortError,
    identity::profile::{DayUse, NoticeClock, TeenClockStore},
    ids::TeenId,
};

pub use self::{
    limits::no_limits,
    look::BelievesFailures,
    models::Unquoting,
    screen::ReadsLiterally,
    tokens::{AsksForEveryKey, BelievesAll},
    words::Loud,
};

/// A clock of days on which no time was ever used.
#[derive(Clone, Copy, Debug)]
pub struct NeverSpent;

#[async_trait]
impl TeenClockStore for NeverSpent {
    async fn day(&self, _teen: TeenId, _day: &str) -> Result<DayUse, PortError> {
        Ok(DayUse::default())
    }

    async fn tick(
        &self,
        _teen: TeenId,
        _day: &str,
        _expected: Timestamp,
        _used: DayUse,
    ) -> Result<(), PortError> {
        Ok(())
    }

    async fn notices(&self, _teen: TeenId) -> Result<NoticeClock, PortError> {
        Ok(NoticeClock::default())
    }

    async fn put_notices(&self, _teen: TeenId, _clock: NoticeClock) -> Result<(), PortError> {
        Ok(())
    }
}
