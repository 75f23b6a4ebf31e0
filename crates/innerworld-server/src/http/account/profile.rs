//! Completing the profile (the age gate) and changing settings.

use std::time::Duration;

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::StatusCode,
};
use innerworld_core::{
    calendar,
    identity::{
        age::{self, AgeError, AgeFacts},
        profile::Profile,
    },
    ids::TeenId,
    secret::Text,
};
use innerworld_protocol::codes::ErrorCode;

use super::{
    AccountApi,
    bodies::{Me, ProfilePatch},
    identity::app_transactions_off,
    read,
};
use crate::http::error::{ApiError, SignedIn};

const REFUSED: Duration = Duration::from_secs(30 * 24 * 3_600);
const MAX_NAME_CHARS: usize = 60;

pub(super) async fn complete(
    State(api): State<AccountApi>,
    SignedIn(claims): SignedIn,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Me>, ApiError> {
    let patch: ProfilePatch = read(body)?;
    check_form(&patch)?;
    let teen = claims.teen;
    let app = match &patch.app_transaction {
        Some(signed) => {
            let store = api.app_store.as_ref().ok_or_else(app_transactions_off)?;
            Some((store, store.transaction(signed)?))
        }
        None => None,
    };
    let profile = match api.profiles.load(teen).await? {
        Some(profile) => change(&api, profile, patch)?,
        None => first(&api, teen, patch).await?,
    };
    api.profiles.put(teen, &profile).await?;
    if let Some((store, id)) = app {
        store.link(teen, &id).await?;
    }
    api.describe(teen).await.map(Json)
}

async fn first(api: &AccountApi, teen: TeenId, patch: ProfilePatch) -> Result<Profile, ApiError> {
    let missing = || ApiError::invalid("country, time_zone and locale are needed");
    let country = patch.country.ok_or_else(missing)?;
    let time_zone = patch.time_zone.ok_or_else(missing)?;
    let locale = patch.locale.ok_or_else(missing)?;
    let now = api.clock.now();
    let facts = match (&patch.birth_date, patch.age_band) {
        (Some(date), None) => age::from_birth_date(date.reveal(), &country, now),
        (None, Some(band)) => age::from_declared_band(band, &country, now),
        _ => {
            return Err(ApiError::invalid(
                "send birth_date or age_band, one of them",
            ));
        }
    };
    let AgeFacts { band, next_band_on } = match facts {
        Ok(facts) => facts,
        Err(AgeError::Invalid) => {
            return Err(ApiError::invalid("birth_date must be a date, YYYY-MM-DD"));
        }
        Err(AgeError::TooYoung) => return Err(refuse(api, teen).await?),
    };
    Ok(Profile {
        band,
        next_band_on,
        country,
        region: patch.region,
        time_zone,
        next_time_zone: None,
        locale,
        name: patch.name,
        completed_at: now,
        declared_on: patch
            .age_band
            .map(|_band| age::declared_day(now).to_string()),
    })
}

/// Erases the account and marks its address, or its name, for 30 days.
async fn refuse(api: &AccountApi, teen: TeenId) -> Result<ApiError, ApiError> {
    if let Some(account) = api.accounts.by_id(teen).await? {
        let until = api.clock.now().plus(REFUSED);
        api.accounts.put_refusal(account.handle(), until).await?;
    }
    api.eraser.request(teen).await?;
    let message = "the age requirement is not met; the account is erased";
    Ok(ApiError::new(
        StatusCode::FORBIDDEN,
        ErrorCode::Forbidden,
        message,
    ))
}

fn change(
    api: &AccountApi,
    mut profile: Profile,
    patch: ProfilePatch,
) -> Result<Profile, ApiError> {
    let fixed = |message: &str| ApiError::new(StatusCode::CONFLICT, ErrorCode::Conflict, message);
    let now = api.clock.now();
    if patch.birth_date.is_some() {
        return Err(fixed("the age cannot be changed"));
    }
    if let Some(band) = patch.age_band.filter(|band| *band != profile.band_at(now)) {
        let facts = age::declared_again(&profile, band, now).ok_or_else(|| {
            fixed("a declared age rises by one step, at most once a year; others cannot be changed")
        })?;
        profile.band = facts.band;
        profile.next_band_on = facts.next_band_on;
        profile.declared_on = Some(age::declared_day(now).to_string());
    }
    if let Some(country) = patch.country {
        let band = profile.band_at(now);
        // Moving must not be a way around the floor of a country.
        if country != profile.country && age::lower_end(band) < age::floor(&country) {
            return Err(fixed("this country cannot be chosen"));
        }
        profile.country = country;
    }
    if let Some(zone) = patch.time_zone {
        // From the next day on: a change of zone must not give a second day's time.
        profile.ask_for_zone(&zone, now);
    }
    profile.region = patch.region.or(profile.region);
    profile.locale = patch.locale.unwrap_or(profile.locale);
    profile.name = patch.name.or(profile.name);
    Ok(profile)
}

fn check_form(patch: &ProfilePatch) -> Result<(), ApiError> {
    let upper = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
    let region = |text: &str| {
        (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let locale = |text: &str| {
        let (language, country) = text.split_once('-').unwrap_or((text, "US"));
        (2..=3).contains(&language.len())
            && language.bytes().all(|b| b.is_ascii_lowercase())
            && upper(country)
    };
    let name = |text: &Text| {
        let text = text.reveal();
        !text.trim().is_empty()
            && text.chars().count() <= MAX_NAME_CHARS
            && !text.chars().any(char::is_control)
    };
    let zone = |text: &str| text.len() <= 64 && calendar::zone(text).is_some();
    let checks = [
        (
            patch.country.as_deref().is_none_or(upper),
            "country is two letters: US",
        ),
        (
            patch.region.as_deref().is_none_or(region),
            "region is up to three letters: CA",
        ),
        (
            patch.locale.as_deref().is_none_or(locale),
            "locale has the form en or en-US",
        ),
        (
            patch.time_zone.as_deref().is_none_or(zone),
            "time_zone is an IANA name: Europe/Berlin",
        ),
        (
            patch.name.as_ref().is_none_or(name),
            "name is 1 to 60 characters",
        ),
    ];
    match checks.into_iter().find(|(fits, _)| !fits) {
        Some((_, message)) => Err(ApiError::invalid(message)),
        None => Ok(()),
    }
}
