//! The profile: an age band and settings. A birth date is never kept.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::age;
use crate::{clock::Timestamp, error::PortError, ids::TeenId, secret::Text};

/// Age bands, as far as they are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AgeBand {
    /// 13 to 15.
    #[serde(rename = "13-15")]
    From13To15,
    /// 16 and 17.
    #[serde(rename = "16-17")]
    From16To17,
    /// 18 and older.
    #[serde(rename = "18+")]
    From18,
}

/// A completed profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The band at completion; it rises by date ([`Profile::band_at`]), nobody edits it.
    pub band: AgeBand,
    /// First day of the month after the birthday that lifts the band (`2027-04-01`); `None` at 18+.
    pub next_band_on: Option<String>,
    /// Country setting, ISO 3166-1 alpha-2; picks resources and rules, never an IP address.
    pub country: String,
    /// Region setting, `CA`.
    pub region: Option<String>,
    /// IANA time zone of the account: whose midnight counts, until a change of zone does
    /// ([`Profile::zone_at`]).
    pub time_zone: String,
    /// A zone change that counts from the next day on: zone and the day it was asked for.
    pub next_time_zone: Option<String>,
    /// Language setting, `en-US`.
    pub locale: String,
    /// What the teen wants to be called.
    pub name: Option<Text>,
    /// When it was completed.
    pub completed_at: Timestamp,
    /// The day on which an app last declared the band (`2026-11-24`); `None` if it came from a
    /// birth date, and then it cannot be declared.
    #[serde(default)]
    pub declared_on: Option<String>,
}

impl Profile {
    /// The band at `now`: it rises by date.
    pub fn band_at(&self, now: Timestamp) -> AgeBand {
        age::band_now(self.band, self.next_band_on.as_deref(), now)
    }
}

/// Profiles.
///
/// # Contract
/// * `put` replaces; `load` gives what was put last.
#[async_trait]
pub trait ProfileStore: Send + Sync {
    /// The teen's profile; `None` until it was completed.
    async fn load(&self, teen: TeenId) -> Result<Option<Profile>, PortError>;

    /// Stores it.
    async fn put(&self, teen: TeenId, profile: &Profile) -> Result<(), PortError>;
}

/// Time used on one calendar day of the account's zone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayUse {
    /// Milliseconds used.
    pub used_ms: u64,
    /// When the clock was last ticked; 0 if never.
    pub ticked_at: Timestamp,
}

/// The clock of notices, per teen across sockets and sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeClock {
    /// Active milliseconds since somebody was last told that no human is there.
    pub since_not_human_ms: u64,
    /// Calendar day (days since 1970-01-01) on which the break reminder was given.
    pub break_given_on: Option<i32>,
}

/// The daily budget and the notice clock.
///
/// # Contract
/// * `tick` is `Conflict` if the stored `ticked_at` is not `expected`: two devices cannot both
///   charge the same stretch of time.
/// * What `tick` adds to a day's use it adds to the notice clock, in the same commit.
#[async_trait]
pub trait TeenClockStore: Send + Sync {
    /// Use of `day` (`2026-11-24`).
    async fn day(&self, teen: TeenId, day: &str) -> Result<DayUse, PortError>;

    /// Writes the use of `day`.
    async fn tick(
        &self,
        teen: TeenId,
        day: &str,
        expected: Timestamp,
        used: DayUse,
    ) -> Result<(), PortError>;

    /// The notice clock.
    async fn notices(&self, teen: TeenId) -> Result<NoticeClock, PortError>;

    /// Stores the notice clock.
    async fn put_notices(&self, teen: TeenId, clock: NoticeClock) -> Result<(), PortError>;
}
