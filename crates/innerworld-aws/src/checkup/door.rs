//! Whether somebody gets in: a real access token, by the rules of the function that stands at the
//! door.

use std::time::Duration;

use aws_smithy_types::{DateTime, date_time::Format};
use innerworld_core::{
    clock::Timestamp,
    identity::{
        consents::Catalogue,
        gate::{self, Standing},
        token::Claims,
    },
    secret::Secret,
};
use reqwest::{Client, header::DATE, redirect::Policy};

use super::{Checkup, Finding, State};
use crate::token_verifier::{CognitoTokenVerifier, UserPool};

const CLOCK: &str = "clock";
const TOKEN: &str = "token";
const STANDING: &str = "standing";

/// How far this machine's clock may be off: tokens allow a minute, signatures five.
const SLACK: Duration = Duration::from_secs(60);
const SIGNATURE_SLACK: Duration = Duration::from_secs(300);
/// Longest wait for the pool's keys.
const TIMEOUT: Duration = Duration::from_secs(5);

impl Checkup {
    /// This machine's clock beside the pool's, the rules of the token, and where its teen stands.
    pub async fn door(&self, pool: Option<&UserPool>, token: Option<&Secret>) -> Vec<Finding> {
        let Some(pool) = pool else {
            let next = "give --user-pool ID and --client ID (Terraform's outputs)";
            return [CLOCK, TOKEN]
                .map(|name| {
                    Finding::new(name, State::NotChecked, "no user pool was given").next(next)
                })
                .to_vec();
        };
        let mut findings = vec![self.pool_clock(pool).await];
        let Some(token) = token else {
            let next = "sign in with the app client, write the AccessToken to a file of mode 0600, and \
                        give it by --token-file FILE, or - for standard input";
            let detail = "no token was given";
            findings.push(Finding::new(TOKEN, State::NotChecked, detail).next(next));
            return findings;
        };
        findings.extend(self.token(pool, token).await);
        findings
    }

    async fn token(&self, pool: &UserPool, token: &Secret) -> Vec<Finding> {
        let verifier = match CognitoTokenVerifier::new(pool.clone(), self.aws.deny_list()) {
            Ok(verifier) => verifier,
            Err(error) => return vec![Finding::of_error(TOKEN, State::NotChecked, &error)],
        };
        let now = self.clock.now();
        match verifier.explain(token.reveal(), now).await {
            Err(broken) => broken
                .into_iter()
                .map(|rule| {
                    Finding::new(TOKEN, State::Failed, rule.to_string()).next(rule.advice())
                })
                .collect(),
            Ok(claims) => {
                let minutes = claims.expires_at.since(now).as_secs() / 60;
                let detail = format!(
                    "is let in: key, signature, issuer, client, use and times are right, nobody \
                     signed out; it lasts {minutes} more minutes"
                );
                vec![
                    Finding::new(TOKEN, State::Ok, detail),
                    self.standing(&claims, now).await,
                ]
            }
        }
    }

    /// What the gate says behind a token that holds. Neither the age band nor a consent is told.
    async fn standing(&self, claims: &Claims, now: Timestamp) -> Finding {
        let catalogue = match Catalogue::shipped(Vec::new()) {
            Ok(catalogue) => catalogue,
            Err(error) => return Finding::new(STANDING, State::NotChecked, error.to_string()),
        };
        let (profiles, consents) = (self.aws.profiles(), self.aws.consents());
        let stored = (&*profiles, &*consents);
        let (what, next) = match gate::standing_of(claims.teen, stored, &catalogue, now).await {
            Err(error) => return Finding::of_error(STANDING, State::Failed, &error),
            Ok(Standing::Active(_band)) => {
                let detail = "profile and consents are complete: the socket opens";
                return Finding::new(STANDING, State::Ok, detail);
            }
            Ok(Standing::ProfileIncomplete) => (
                "the profile is not complete",
                "send PATCH /v1/me/profile with this token",
            ),
            Ok(Standing::ConsentRequired) => (
                "the terms in their present text were not agreed to",
                "send PUT /v1/me/consents with this token",
            ),
            Ok(Standing::Closed) => ("the account is closed", "try another account"),
        };
        let detail = format!("{what}: the door would refuse this teen");
        Finding::new(STANDING, State::Failed, detail).next(next)
    }

    async fn pool_clock(&self, pool: &UserPool) -> Finding {
        let Some(theirs) = date_of(pool).await else {
            let detail = "the user pool did not say its time";
            return Finding::new(CLOCK, State::NotChecked, detail);
        };
        told(self.clock.now(), theirs)
    }
}

fn told(ours: Timestamp, theirs: Timestamp) -> Finding {
    let (off, way) = if ours > theirs {
        (ours.since(theirs), "ahead of")
    } else {
        (theirs.since(ours), "behind")
    };
    let detail = format!("this machine is {} s {way} the user pool", off.as_secs());
    if off <= SLACK {
        return Finding::new(CLOCK, State::Ok, detail);
    }
    let state = if off <= SIGNATURE_SLACK {
        State::Warn
    } else {
        State::Failed
    };
    Finding::new(CLOCK, state, detail)
        .next("set this machine's clock: tokens allow one minute, signatures of calls five")
}

/// When the pool answered, by its own clock.
async fn date_of(pool: &UserPool) -> Option<Timestamp> {
    let client = Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .timeout(TIMEOUT)
        .https_only(pool.keys().scheme() == "https")
        .build()
        .ok()?;
    let answer = client.get(pool.keys().clone()).send().await.ok()?;
    let date = answer.headers().get(DATE)?.to_str().ok()?;
    let date = DateTime::from_str(date, Format::HttpDate).ok()?;
    Some(Timestamp::from_millis(date.to_millis().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_told_by_how_much_it_matters() {
        let theirs = Timestamp::from_millis(1_800_000_000_000);
        let off = |seconds| theirs.plus(Duration::from_secs(seconds));
        for (ours, state) in [
            (theirs, State::Ok),
            (off(60), State::Ok),
            (off(61), State::Warn),
            (off(301), State::Failed),
            (theirs.minus(Duration::from_secs(301)), State::Failed),
        ] {
            assert_eq!(told(ours, theirs).state, state);
        }
        assert!(told(off(90), theirs).detail.contains("90 s ahead of"));
    }
}
