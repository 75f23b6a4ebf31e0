//! What comes before the first word: profile and consents.

use anyhow::{bail, ensure};
use innerworld::client::{ClientError, account::Account};
use innerworld_core::secret::Redacted;
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    cli::console::{Console, STRONG},
    config::environment::Environment,
};

const DATE_HINT: &str = "Please type year, month and day, such as 2011-05-30.";
const COUNTRY_HINT: &str = "Please type the two letters of a country, such as US or DE.";
const ZONE_HINT: &str = "Please type the name of a time zone, such as Europe/Berlin.";

/// `GET /v1/me`, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(crate) struct Me {
    /// `active`, `profile_incomplete`, `consent_required` or `closed`.
    pub(crate) state: String,
    pub(crate) country: Option<String>,
    pub(crate) locale: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Catalogue {
    consents: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    purpose: String,
    title: String,
    text: String,
    text_version: String,
    required: bool,
    recipients: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Given {
    consents: Vec<GivenEntry>,
}

#[derive(Debug, Deserialize)]
struct GivenEntry {
    purpose: String,
    #[serde(default)]
    recipient: String,
    text_version: String,
}

/// Completes the profile and asks for consents that were never asked for.
pub(crate) async fn pass(
    account: &mut Account,
    console: &mut Console,
    environment: &Environment,
) -> anyhow::Result<Me> {
    let me = me(account).await?;
    if me.state == "profile_incomplete" {
        profile(account, console, environment).await?;
    }
    consents(account, console).await?;
    let me = self::me(account).await?;
    match me.state.as_str() {
        "active" => Ok(me),
        "closed" => bail!("this account is closed"),
        "consent_required" => {
            bail!("without agreeing to the terms there is no talk; nothing else was sent or kept")
        }
        other => bail!("the account is not ready to talk ({other})"),
    }
}

async fn me(account: &mut Account) -> anyhow::Result<Me> {
    let token = account.token().await?;
    match account.server.get("/v1/me", Some(&token)).await {
        // A stored token may have been revoked by a sign-out elsewhere.
        Err(error) if error.wants_token() => {
            if let Some(store) = &account.store {
                store.remove()?;
            }
            bail!("you were signed out; run this again to sign in");
        }
        other => Ok(other?),
    }
}

async fn profile(
    account: &mut Account,
    console: &mut Console,
    environment: &Environment,
) -> anyhow::Result<()> {
    console.say(format!("\n{STRONG}About you{STRONG:#}"))?;
    console.note("Your birth date becomes an age group and is then thrown away. Country and time zone decide which help is shown and when a day begins.")?;
    let (language, country) = environment.locale();
    loop {
        let name = console
            .ask("What may the personas call you? (empty for nothing) ")
            .await?;
        let birth_date = console
            .ask_valid("Birth date (YYYY-MM-DD)", None, is_date, DATE_HINT)
            .await?;
        let birth_date = Redacted::new(birth_date);
        let country = console
            .ask_valid("Country", country.as_deref(), is_country, COUNTRY_HINT)
            .await?;
        let zone = jiff::tz::TimeZone::system();
        let zone = zone
            .iana_name()
            .filter(|name| *name != "Etc/Unknown")
            .unwrap_or("UTC");
        let zone = console
            .ask_valid("Time zone", Some(zone), is_zone, ZONE_HINT)
            .await?;
        let country = country.to_uppercase();
        let mut body = json!({
            "birth_date": birth_date, "country": country, "time_zone": zone,
            "locale": format!("{language}-{country}"),
        });
        if let (Some(body), false) = (body.as_object_mut(), name.is_empty()) {
            body.insert("name".to_owned(), json!(name));
        }
        let token = account.token().await?;
        match account
            .server
            .send::<Value>(Method::PATCH, "/v1/me/profile", &token, &body)
            .await
        {
            Ok(_me) => return Ok(()),
            Err(error @ ClientError::Refused { status: 400, .. }) if console.is_interactive() => {
                console.note(format!("{error}. Once more:"))?;
            }
            Err(error) => {
                if let (ClientError::Refused { status: 403, .. }, Some(store)) =
                    (&error, &account.store)
                {
                    store.remove()?;
                }
                return Err(error.into());
            }
        }
    }
}

fn is_date(typed: &str) -> bool {
    typed.parse::<jiff::civil::Date>().is_ok()
}

fn is_country(typed: &str) -> bool {
    typed.len() == 2 && typed.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_zone(typed: &str) -> bool {
    jiff::tz::TimeZone::get(typed).is_ok()
}

async fn consents(account: &mut Account, console: &mut Console) -> anyhow::Result<()> {
    let token = account.token().await?;
    let server = account.server.clone();
    let catalogue: Catalogue = server.get("/v1/consents", None).await?;
    let given: Given = server.get("/v1/me/consents", Some(&token)).await?;
    let mut records = Vec::new();
    for entry in &catalogue.consents {
        // Without a company that would receive data there is nothing to agree to.
        let here = matches!(entry.purpose.as_str(), "terms" | "memory" | "mood");
        let recipients = if here {
            vec![String::new()]
        } else {
            entry.recipients.clone()
        };
        for recipient in recipients {
            let known = given.consents.iter().any(|record| {
                record.purpose == entry.purpose
                    && record.recipient == recipient
                    && record.text_version == entry.text_version
            });
            if !known {
                records.push(ask_one(console, entry, &recipient).await?);
            }
        }
    }
    if records.is_empty() {
        return Ok(());
    }
    let body = json!({ "consents": records });
    let token = account.token().await?;
    let _latest: Value = server
        .send(Method::PUT, "/v1/me/consents", &token, &body)
        .await?;
    Ok(())
}

async fn ask_one(console: &mut Console, entry: &Entry, recipient: &str) -> anyhow::Result<Value> {
    console.say(format!("\n{STRONG}{}{STRONG:#}", entry.title))?;
    console.say(&entry.text)?;
    console.note(if recipient.is_empty() {
        "Who receives it: nobody; it stays on this server.".to_owned()
    } else {
        format!("Who receives it: {recipient}.")
    })?;
    let mode = if entry.purpose == "memory" {
        memory_mode(console).await?
    } else {
        None
    };
    let granted = match (&mode, entry.purpose.as_str()) {
        (mode, "memory") => mode.is_some(),
        _ => console.ask_yes_no("Do you agree?").await?,
    };
    ensure!(
        granted || !entry.required,
        "without agreeing to \"{}\" there is no talk; nothing was sent",
        entry.title
    );
    let mut record = json!({
        "purpose": entry.purpose, "recipient": recipient,
        "text_version": entry.text_version, "granted": granted,
    });
    if let (Some(record), Some(mode)) = (record.as_object_mut(), mode) {
        record.insert("mode".to_owned(), json!(mode));
    }
    Ok(record)
}

/// `None` is off.
async fn memory_mode(console: &mut Console) -> anyhow::Result<Option<&'static str>> {
    loop {
        let answer = console
            .ask("What shall be remembered? (off, facts_only or full) ")
            .await?;
        match answer.to_lowercase().as_str() {
            "off" | "no" => return Ok(None),
            "facts_only" | "facts" => return Ok(Some("facts_only")),
            "full" => return Ok(Some("full")),
            _ => console.note("Please type off, facts_only or full.")?,
        }
    }
}
