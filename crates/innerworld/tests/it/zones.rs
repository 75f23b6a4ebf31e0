//! A teen who changes their time zone gets no second day's time; a declared age rises once a year.

use std::{sync::Arc, time::Duration};

use innerworld_core::{
    clock::{Clock as _, Timestamp},
    identity::{
        consent::MemoryMode,
        profile::{AgeBand, DayUse},
    },
    ids::TeenId,
};
use innerworld_testkit::scripted_model::ScriptedModel;
use serde_json::{Value, json};

use crate::world::{World, settings};

const DAYS: Duration = Duration::from_secs(3 * 86_400);

struct Person {
    world: World,
    teen: TeenId,
}

impl Person {
    async fn living_in(zone: &str, now: &str) -> Self {
        let model = Arc::new(ScriptedModel::saying("ok"));
        let world = World::start(model as _, settings()).await;
        let teen = world.teen(1, MemoryMode::Off).await;
        let person = Self { world, teen };
        person.at(now);
        let profiles = person.world.stores.profiles();
        let mut profile = profiles.load(teen).await.unwrap().unwrap();
        zone.clone_into(&mut profile.time_zone);
        profiles.put(teen, &profile).await.unwrap();
        person
    }

    fn at(&self, now: &str) {
        let now = Timestamp::parse_rfc3339(now).unwrap();
        self.world.clock.set(now);
    }

    async fn spend(&self, day: &str) {
        let used = DayUse {
            used_ms: 1_200_000,
            ticked_at: self.world.clock.now(),
        };
        let clocks = self.world.stores.clocks();
        let never = Timestamp::default();
        clocks.tick(self.teen, day, never, used).await.unwrap();
    }

    async fn call(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let token = self.world.token(self.teen, DAYS);
        let answer = request.bearer_auth(token).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap())
    }

    async fn get(&self, path: &str) -> Value {
        let url = format!("http://{}{path}", self.world.address);
        let client = reqwest::Client::builder().build().unwrap();
        self.call(client.get(url)).await.1
    }

    async fn patch(&self, body: &Value) -> (u16, Value) {
        let url = format!("http://{}/v1/me/profile", self.world.address);
        let client = reqwest::Client::builder().build().unwrap();
        self.call(client.patch(url).json(body)).await
    }

    async fn time(&self) -> (u64, String) {
        let time = self.get("/v1/me/time").await;
        let resets_at = time["resets_at"].as_str().unwrap().to_owned();
        (time["remaining_s"].as_u64().unwrap(), resets_at)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn travelling_west_gives_no_second_day() {
    let person = Person::living_in("Europe/Berlin", "2026-11-24T10:00:00Z").await;
    person.spend("2026-11-24").await;
    assert_eq!(
        person.time().await,
        (0, "2026-11-24T23:00:00Z".to_owned()),
        "before the change"
    );
    let (_, me) = person
        .patch(&json!({"time_zone": "America/Los_Angeles"}))
        .await;
    assert_eq!(me["time_zone"], "Europe/Berlin");
    assert_eq!(me["next_time_zone"], "America/Los_Angeles 2026-11-24");
    let resets_at = "2026-11-25T08:00:00Z".to_owned();
    // Midnight in Berlin: the same day begins to be the one of Los Angeles.
    for now in [
        "2026-11-24T10:00:00Z",
        "2026-11-24T23:00:00Z",
        "2026-11-25T07:59:59Z",
    ] {
        person.at(now);
        assert_eq!(person.time().await, (0, resets_at.clone()), "at {now}");
    }
    person.at(&resets_at);
    assert_eq!(
        person.time().await,
        (1_200, "2026-11-26T08:00:00Z".to_owned())
    );
    let me = person.get("/v1/me").await;
    assert_eq!(me["time_zone"], "America/Los_Angeles");
    assert_eq!(me["next_time_zone"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn travelling_east_waits_for_midnight_at_home() {
    let person = Person::living_in("America/Los_Angeles", "2026-11-24T20:00:00Z").await;
    person.spend("2026-11-24").await;
    person.patch(&json!({"time_zone": "Europe/Berlin"})).await;
    // In Berlin it is the next day long before.
    person.at("2026-11-25T07:59:59Z");
    assert_eq!(person.time().await, (0, "2026-11-25T08:00:00Z".to_owned()));
    person.at("2026-11-25T08:00:00Z");
    assert_eq!(
        person.time().await,
        (1_200, "2026-11-25T23:00:00Z".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_age_that_was_declared_rises_by_one_step_a_year() {
    let person = Person::living_in("Europe/Berlin", "2026-11-24T10:00:00Z").await;
    let older = json!({"age_band": "16-17"});
    let (refused, _) = person.patch(&older).await;
    assert_eq!(refused, 409, "a birth date was given");
    let profiles = person.world.stores.profiles();
    let mut profile = profiles.load(person.teen).await.unwrap().unwrap();
    profile.declared_on = Some("2026-11-24".to_owned());
    profile.next_band_on = Some("2029-12-01".to_owned());
    profiles.put(person.teen, &profile).await.unwrap();
    assert_eq!(person.patch(&json!({"age_band": "13-15"})).await.0, 200);
    person.at("2027-11-24T10:00:00Z");
    assert_eq!(
        person.patch(&older).await.0,
        409,
        "not a year on everywhere"
    );
    person.at("2027-11-24T12:00:00Z");
    assert_eq!(person.patch(&json!({"age_band": "18+"})).await.0, 409);
    let (_, me) = person.patch(&older).await;
    assert_eq!(me["band"], "16-17");
    assert_eq!(person.patch(&json!({"age_band": "18+"})).await.0, 409);
    assert_eq!(person.patch(&json!({"age_band": "13-15"})).await.0, 409);
    let profile = profiles.load(person.teen).await.unwrap().unwrap();
    assert_eq!(profile.band, AgeBand::From16To17);
    assert_eq!(profile.next_band_on.as_deref(), Some("2029-12-01"));
}
