//! A teen of a bench: signs up like anybody, by the public API.

use std::{sync::Arc, time::Duration};

use anyhow::Context as _;
use innerworld::client::{
    account::{Account, Ground},
    cognito::Cognito,
    http::Server,
    link::{Introduction, Link},
};
use innerworld_core::{ids::TeenId, secret::Secret};
use innerworld_embedded::{OsIds, SystemClock};
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

/// A server that was killed is back within this time; it is asked so often.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);

#[derive(Deserialize)]
struct DevCode {
    code: String,
}

#[derive(Deserialize)]
struct Catalogue {
    consents: Vec<Asked>,
}

#[derive(Deserialize)]
struct Asked {
    purpose: String,
    text_version: String,
    recipients: Vec<String>,
}

/// Signs up, confirms, completes the profile, consents to everything, memory `full`.
pub(crate) async fn sign_up(url: &str, number: usize) -> anyhow::Result<(TeenId, Account)> {
    let server = Server::new(url)?;
    let discovery = server.discover().await?;
    let ground = Ground {
        clock: Arc::new(SystemClock),
        ids: Arc::new(OsIds),
    };
    let email = format!("teen{number}@bench.example");
    let password = Secret::new(format!("a long password {number}"));
    let cognito = Cognito::new(&server, &discovery);
    let subject = cognito.sign_up(&email, &password).await?;
    let code: DevCode = server
        .get(&format!("/v1/dev/code?sub={subject}"), None)
        .await?;
    cognito.confirm(&email, &code.code).await?;
    let tokens = cognito.sign_in(&email, &password, &ground).await?;
    let account = Account {
        server,
        discovery,
        tokens,
        store: None,
        ground,
    };
    complete(&account).await?;
    let teen = TeenId::from_verified_subject(&subject).context("the subject is no UUID")?;
    Ok((teen, account))
}

/// Completes the profile and consents to everything, memory `full`.
pub(crate) async fn complete(account: &Account) -> anyhow::Result<()> {
    let token = &account.tokens.access;
    let profile = json!({
        "birth_date": "2010-03-04", "country": "US", "time_zone": "UTC", "locale": "en-US",
    });
    account
        .server
        .tell(
            reqwest::Method::PATCH,
            "/v1/me/profile",
            token,
            Some(&profile),
        )
        .await?;
    let catalogue: Catalogue = account.server.get("/v1/consents", None).await?;
    let consents: Vec<_> = catalogue.consents.iter().flat_map(consents).collect();
    let body = json!({ "consents": consents });
    account
        .server
        .tell(reqwest::Method::PUT, "/v1/me/consents", token, Some(&body))
        .await?;
    Ok(())
}

/// Agrees to one purpose. Without a company that would receive data there is nothing to agree to.
fn consents(asked: &Asked) -> Vec<serde_json::Value> {
    let here = matches!(asked.purpose.as_str(), "terms" | "memory" | "mood");
    let recipients = if here {
        vec![String::new()]
    } else {
        asked.recipients.clone()
    };
    let mode = (asked.purpose == "memory").then_some("full");
    let agree = |recipient| {
        json!({
            "purpose": asked.purpose, "recipient": recipient,
            "text_version": asked.text_version, "granted": true, "mode": mode,
        })
    };
    recipients.into_iter().map(agree).collect()
}

/// Opens the teen's socket; of a server that was just killed, once it is back.
pub(crate) async fn connect(account: Account) -> anyhow::Result<Link> {
    let started = Instant::now();
    let introduction = Introduction {
        name: "bench".to_owned(),
        locale: "en-US".to_owned(),
        country: Some("US".to_owned()),
        rollup_ms: Some(0),
    };
    loop {
        match Link::open(account.clone(), introduction.clone()).await {
            Err(error) if error.is_passing() && started.elapsed() < PATIENCE => {
                tokio::time::sleep(PAUSE).await;
            }
            opened => return Ok(opened?),
        }
    }
}
