//! Suite of [`TeenClockStore`].

use std::sync::Arc;

use futures_util::future::join_all;
use innerworld_core::{
    clock::Timestamp,
    error::ErrorKind,
    identity::profile::{DayUse, NoticeClock, TeenClockStore},
};

use super::{assert_kind, suite};
use crate::records::{Records, at};

/// The port under test.
pub type Port = Arc<dyn TeenClockStore>;

suite!($ teen_clock_store_contract, teen_clock_store, Port, [
    an_unused_day_is_zero,
    a_tick_is_read_back,
    a_stale_tick_conflicts,
    a_first_tick_twice_conflicts,
    one_of_many_ticks_wins,
    days_are_apart,
    days_are_each_teens_own,
    an_unused_notice_clock_is_zero,
    charged_time_is_added_to_the_notice_clock,
    the_last_notice_clock_counts,
    notice_clocks_are_each_teens_own,
]);

const DAY: &str = "2026-11-24";
const NEVER: Timestamp = Timestamp::from_millis(0);

fn used(seconds: u64) -> DayUse {
    DayUse {
        used_ms: seconds * 1_000,
        ticked_at: at(seconds),
    }
}

/// Nothing was used.
pub async fn an_unused_day_is_zero(store: &Port) {
    let teen = Records::named("an_unused_day_is_zero").teen();
    assert_eq!(store.day(teen, DAY).await.unwrap(), DayUse::default());
}

/// Each tick from the mark before it is stored.
pub async fn a_tick_is_read_back(store: &Port) {
    let teen = Records::named("a_tick_is_read_back").teen();
    let mut mark = NEVER;
    for seconds in [10, 20, 30] {
        store.tick(teen, DAY, mark, used(seconds)).await.unwrap();
        assert_eq!(store.day(teen, DAY).await.unwrap(), used(seconds));
        mark = at(seconds);
    }
}

/// A tick from another mark than the stored one changes nothing.
pub async fn a_stale_tick_conflicts(store: &Port) {
    let teen = Records::named("a_stale_tick_conflicts").teen();
    assert_kind(
        store.tick(teen, DAY, at(5), used(10)).await,
        ErrorKind::Conflict,
    );
    assert_eq!(store.day(teen, DAY).await.unwrap(), DayUse::default());
    store.tick(teen, DAY, NEVER, used(10)).await.unwrap();
    store.tick(teen, DAY, at(10), used(20)).await.unwrap();
    assert_kind(
        store.tick(teen, DAY, at(10), used(30)).await,
        ErrorKind::Conflict,
    );
    assert_eq!(store.day(teen, DAY).await.unwrap(), used(20));
}

/// The first tick of a day happens once, too.
pub async fn a_first_tick_twice_conflicts(store: &Port) {
    let teen = Records::named("a_first_tick_twice_conflicts").teen();
    store.tick(teen, DAY, NEVER, used(10)).await.unwrap();
    assert_kind(
        store.tick(teen, DAY, NEVER, used(20)).await,
        ErrorKind::Conflict,
    );
    assert_eq!(store.day(teen, DAY).await.unwrap(), used(10));
}

/// Of eight devices one charges a stretch of time.
pub async fn one_of_many_ticks_wins(store: &Port) {
    let teen = Records::named("one_of_many_ticks_wins").teen();
    store.tick(teen, DAY, NEVER, used(10)).await.unwrap();
    let calls = (0..8).map(|device| store.tick(teen, DAY, at(10), used(20 + device)));
    let won = join_all(calls).await.into_iter().flatten().count();
    assert_eq!(won, 1);
}

/// A new day begins at zero and leaves the old one.
pub async fn days_are_apart(store: &Port) {
    let teen = Records::named("days_are_apart").teen();
    store.tick(teen, DAY, NEVER, used(10)).await.unwrap();
    let next = "2026-11-25";
    assert_eq!(store.day(teen, next).await.unwrap(), DayUse::default());
    store.tick(teen, next, NEVER, used(20)).await.unwrap();
    assert_eq!(store.day(teen, DAY).await.unwrap(), used(10));
}

/// One teen's time is not another's.
pub async fn days_are_each_teens_own(store: &Port) {
    let records = Records::named("days_are_each_teens_own");
    let (teen, other) = (records.teen(), records.teen());
    store.tick(teen, DAY, NEVER, used(10)).await.unwrap();
    assert_eq!(store.day(other, DAY).await.unwrap(), DayUse::default());
    store.tick(other, DAY, NEVER, used(40)).await.unwrap();
    assert_eq!(store.day(teen, DAY).await.unwrap(), used(10));
}

/// No notice was due yet.
pub async fn an_unused_notice_clock_is_zero(store: &Port) {
    let teen = Records::named("an_unused_notice_clock_is_zero").teen();
    assert_eq!(store.notices(teen).await.unwrap(), NoticeClock::default());
}

/// Every tick that is stored adds what it charged, over days; one that conflicts adds nothing.
pub async fn charged_time_is_added_to_the_notice_clock(store: &Port) {
    let teen = Records::named("charged_time_is_added_to_the_notice_clock").teen();
    let since = async || store.notices(teen).await.unwrap();
    store.tick(teen, DAY, NEVER, used(10)).await.unwrap();
    store.tick(teen, DAY, at(10), used(25)).await.unwrap();
    assert_kind(
        store.tick(teen, DAY, at(10), used(40)).await,
        ErrorKind::Conflict,
    );
    assert_eq!(since().await.since_not_human_ms, 25_000);
    store
        .tick(teen, "2026-11-25", NEVER, used(5))
        .await
        .unwrap();
    assert_eq!(since().await.since_not_human_ms, 30_000);
    let told = NoticeClock {
        since_not_human_ms: 0,
        break_given_on: Some(20_781),
    };
    store.put_notices(teen, told).await.unwrap();
    store.tick(teen, DAY, at(25), used(27)).await.unwrap();
    let clock = NoticeClock {
        since_not_human_ms: 2_000,
        ..told
    };
    assert_eq!(since().await, clock);
}

/// Putting replaces.
pub async fn the_last_notice_clock_counts(store: &Port) {
    let teen = Records::named("the_last_notice_clock_counts").teen();
    for (since_not_human_ms, break_given_on) in [(5_000, None), (9_000, Some(20_781)), (0, None)] {
        let clock = NoticeClock {
            since_not_human_ms,
            break_given_on,
        };
        store.put_notices(teen, clock).await.unwrap();
        assert_eq!(store.notices(teen).await.unwrap(), clock);
    }
}

/// One teen's notices are not another's.
pub async fn notice_clocks_are_each_teens_own(store: &Port) {
    let records = Records::named("notice_clocks_are_each_teens_own");
    let (teen, other) = (records.teen(), records.teen());
    let clock = NoticeClock {
        since_not_human_ms: 5_000,
        break_given_on: Some(20_781),
    };
    store.put_notices(teen, clock).await.unwrap();
    assert_eq!(store.notices(other).await.unwrap(), NoticeClock::default());
    store
        .put_notices(other, NoticeClock::default())
        .await
        .unwrap();
    assert_eq!(store.notices(teen).await.unwrap(), clock);
}
