//! Before somebody signs up: a birth date that is too young ends it.
//!
//! A date comes as `ValidationData`, which the pool does not keep. Sign in with Apple gives none, so
//! whoever comes without one passes here and meets the profile's age question before any socket.

use std::{collections::HashMap, sync::Arc};

use innerworld_core::{
    clock::{Clock, Timestamp},
    identity::age::{self, AgeError},
    secret::Text,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answered;
use crate::{
    environment,
    run::{Failure, Handler, read},
    start,
};

const EXPECTED: &str = "not an event of PreSignUp with triggerSource and request";
/// Name of a birth date, in `ValidationData` and among the attributes.
const BIRTH_DATE: &str = "birthdate";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    trigger_source: String,
    request: Request,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    #[serde(default)]
    validation_data: Option<HashMap<String, Text>>,
    #[serde(default)]
    user_attributes: Option<HashMap<String, Text>>,
}

/// The function `cognito-pre-sign-up`.
pub struct PreSignUp {
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for PreSignUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PreSignUp")
    }
}

impl PreSignUp {
    /// The function at this clock.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock }
    }
}

impl Handler for PreSignUp {
    type Environment = environment::PreSignUp;

    async fn open(_environment: Self::Environment) -> anyhow::Result<Self> {
        Ok(Self::new(start::clock()))
    }

    async fn handle(&self, event: Value) -> Result<Value, Failure> {
        let read: Event = read(event.clone(), EXPECTED)?;
        if !read.trigger_source.starts_with("PreSignUp_") {
            return Err(Failure::event(EXPECTED));
        }
        check(&read.request, self.clock.now())?;
        // Nobody is confirmed by it: an address counts once a code came back from it.
        let response = json!({
            "autoConfirmUser": false, "autoVerifyEmail": false, "autoVerifyPhone": false,
        });
        answered(event, response)
    }
}

/// Looks at birth dates and lets go of them.
fn check(request: &Request, now: Timestamp) -> Result<(), Failure> {
    let lists = [&request.validation_data, &request.user_attributes];
    let country = request
        .validation_data
        .as_ref()
        .and_then(|data| data.get("country"))
        .map_or("", |country| country.reveal().as_str());
    // All of them: a second date must not hide behind the first.
    let dates = lists
        .into_iter()
        .flatten()
        .filter_map(|list| list.get(BIRTH_DATE));
    for date in dates {
        match age::from_birth_date(date.reveal(), country, now) {
            Ok(_band) => {}
            Err(AgeError::TooYoung) => {
                return Err(Failure::refused("the age requirement is not met"));
            }
            Err(AgeError::Invalid) => {
                return Err(Failure::refused("birthdate must be a date, YYYY-MM-DD"));
            }
        }
    }
    Ok(())
}
