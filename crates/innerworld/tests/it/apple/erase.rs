//! After an erase Apple is told, however long that takes; the erase does not wait for it.

use std::{sync::Arc, time::Duration};

use innerworld_testkit::apple::Misbehaviour;
use reqwest::StatusCode;

use super::house::{House, MIA, NOA, claims};
use crate::erase::Place;

const WEEK: u64 = 7 * 24 * 3_600;

impl House {
    /// Waits until Apple was told to take back so many grants.
    pub(super) async fn revoked(&self, count: usize) -> Vec<String> {
        for _ in 0..400 {
            let revoked = self.apple.revoked();
            if revoked.len() >= count {
                assert_eq!(revoked.len(), count);
                return revoked;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("Apple was told {:?} only", self.apple.revoked());
    }

    /// Waits until every erase that was asked for is done.
    pub(super) async fn erased(&self) {
        let world = &self.provider.world;
        for _ in 0..400 {
            let waiting = world.stores.jobs().backlog(world.app.now()).await;
            if waiting.unwrap().0 == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the erase does not end");
    }

    fn metric(&self, name: &str) -> u64 {
        let text = self.provider.world.app.metrics.render();
        let line = text.lines().find(|line| line.starts_with(name));
        let value = line.and_then(|line| line.rsplit(' ').next());
        value.map_or(0, |value| value.parse().unwrap())
    }

    /// Waits until a metric says this.
    async fn shows(&self, name: &str, value: u64) {
        for _ in 0..400 {
            if self.metric(name) == value {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{name} is {}", self.metric(name));
    }

    async fn erase(&self, access: &str) {
        let status = self.provider.delete("/v1/me", access).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        let (status, _) = self.provider.get("/v1/me", access).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
    }
}

const WAITING: &str = "innerworld_apple_revocations_waiting";
const FAILED: &str = "innerworld_apple_revocations_total{kind=\"failed\"}";
const DONE: &str = "innerworld_apple_revocations_total{kind=\"done\"}";
const GIVEN_UP: &str = "innerworld_apple_revocations_total{kind=\"given_up\"}";

#[tokio::test(flavor = "multi_thread")]
async fn apple_is_told_of_an_erase_once_with_the_newest_grant() {
    let house = House::start().await;
    house.sign_in(MIA).await;
    let signed_in = house.sign_in(MIA).await;
    house.sign_in(NOA).await;
    house.erase(&signed_in.access).await;
    assert_eq!(house.revoked(1).await, ["refresh-of-apple-code-2"]);
    house.shows(WAITING, 0).await;
    house.shows(DONE, 1).await;
    house.erased().await;
    // The account is free: whoever signs in again is somebody new.
    let again = house.sign_in(MIA).await;
    assert_ne!(
        claims(&again.access)["sub"],
        claims(&signed_in.access)["sub"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apple_that_is_down_is_told_after_a_restart() {
    let place = Place::new();
    let house = House::over(place.open(), Arc::clone(&place.clock)).await;
    let signed_in = house.sign_in(MIA).await;
    assert_eq!(place.copies(b"refresh-of-apple-code"), 0, "sealed");
    house.apple.misbehave(Misbehaviour::Fails);
    house.erase(&signed_in.access).await;
    house.shows(FAILED, 1).await;
    house.shows(WAITING, 1).await;
    house.erased().await;
    let subject = claims(&signed_in.access)["sub"]
        .as_str()
        .unwrap()
        .to_owned();
    for trace in ["refresh-of-apple-code", MIA, &subject] {
        assert_eq!(place.copies(trace.as_bytes()), 0, "{trace}");
    }

    let house = house.restart().await;
    assert!(house.apple.revoked().is_empty());
    house.apple.misbehave(None);
    house.wait(3_600);
    assert_eq!(house.revoked(1).await, ["refresh-of-apple-code-1"]);
    house.shows(WAITING, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_seven_days_it_is_given_up_with_an_alarm() {
    let house = House::start().await;
    let signed_in = house.sign_in(MIA).await;
    house.apple.misbehave(Misbehaviour::Fails);
    house.erase(&signed_in.access).await;
    house.shows(FAILED, 1).await;
    house.wait(WEEK - 1);
    house.shows(FAILED, 2).await;
    assert_eq!(house.metric(GIVEN_UP), 0);
    house.wait(1);
    house.shows(GIVEN_UP, 1).await;
    house.shows(WAITING, 0).await;
    house.apple.misbehave(None);
    house.wait(WEEK);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(house.apple.revoked().is_empty());
}
