//! `bench identity`: how long the real server takes to refuse a sign-in, for an account and for
//! somebody who has none, in turns in one run, over both flows (T12 of the threats).

use std::{fs, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use clap::Args;
use innerworld_core::{clock::Clock as _, identity::srp};
use innerworld_embedded::SystemClock;
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::Instant};

use super::{Output, machine, quantile::Times};
use crate::{person, report, server::Server};

/// Whoever measures tries more often than anybody may.
const CONFIG: &str = "[limits]\npasswords_per_account = 1000000\npasswords_per_address = 1000000\n";
const WRONG: &str = "not the password";
/// The steps, each measured by itself.
const STEPS: [&str; 3] = ["password", "SRP, asked", "SRP, answered"];
/// Sign-ins at the same time.
const AT_ONCE: u32 = 4;
/// Half of all, and 95 of 100, must lie as near to each other for an account as for nobody.
const HALF_WITHIN_MS: f64 = 5.0;
const MOST_WITHIN_MS: f64 = 15.0;

/// Refused sign-ins of accounts and of nobody
#[derive(Debug, Args)]
pub(super) struct Identity {
    /// The server's executable
    #[arg(long, value_name = "PATH")]
    server: PathBuf,
    /// Sign-ins of each kind
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(20..))]
    runs: u32,
    #[command(flatten)]
    output: Output,
}

/// What the steps took, for an account and for nobody.
#[derive(Default)]
struct Taken([[Times; 2]; STEPS.len()]);

/// Who asks, and where.
struct Caller {
    http: reqwest::Client,
    url: String,
    client_id: String,
    /// An account's address, and one that has none.
    names: [String; 2],
}

impl Identity {
    /// Measures, prints, judges.
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let machine = machine::describe();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        let taken = runtime.block_on(Box::pin(self.measure()))?;
        let (mut failures, mut steps) = (Vec::new(), Vec::new());
        for (step, both) in STEPS.into_iter().zip(taken.0) {
            let [known, unknown] = both.map(|mut times| times.quantiles_ms([0.5, 0.95]));
            let half = (known[0] - unknown[0]).abs();
            let most = (known[1] - unknown[1]).abs();
            report::say(&format!(
                "{step:14} account p50 {:.2} ms, p95 {:.2} ms; nobody p50 {:.2} ms, p95 {:.2} ms",
                known[0], known[1], unknown[0], unknown[1]
            ));
            // What is no number is not near either.
            let near = half <= HALF_WITHIN_MS && most <= MOST_WITHIN_MS;
            if !near {
                failures.push(format!("{step}: {half:.2} and {most:.2} ms apart"));
            }
            steps.push(
                json!({"step": step, "account": {"p50_ms": known[0], "p95_ms": known[1]},
                "nobody": {"p50_ms": unknown[0], "p95_ms": unknown[1]}}),
            );
        }
        let figures = json!({
            "machine": machine, "runs": self.runs, "at_once": AT_ONCE, "steps": steps,
            "optimised": !cfg!(debug_assertions),
        });
        self.output.close(&figures, &failures)
    }

    async fn measure(&self) -> anyhow::Result<Taken> {
        let folder = tempfile::tempdir()?;
        let config = folder.path().join("identity.toml");
        fs::write(&config, CONFIG)?;
        let server = std::path::absolute(&self.server)?;
        let server = Server::start(&server, &config, folder.path())?;
        let (_teen, account) = person::sign_up(&server.ready.http_url, 0).await?;
        let caller = Arc::new(Caller {
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(60))
                .build()?,
            url: server.ready.http_url.clone(),
            client_id: account.discovery.client_id,
            names: ["teen0@bench.example", "teen9@bench.example"].map(str::to_owned),
        });
        let mut calls = JoinSet::new();
        for worker in 0..AT_ONCE {
            let runs = (worker..self.runs)
                .step_by(usize::try_from(AT_ONCE)?)
                .count();
            let caller = Arc::clone(&caller);
            calls.spawn(async move { caller.sign_in(runs).await });
        }
        let mut all = Taken::default();
        while let Some(taken) = calls.join_next().await {
            let taken = taken.context("a caller stopped")??;
            for (own, other) in all.0.iter_mut().zip(taken.0) {
                for (own, other) in own.iter_mut().zip(other) {
                    own.extend(other);
                }
            }
        }
        Ok(all)
    }
}

impl Caller {
    /// So many refused sign-ins of each kind, in turns.
    async fn sign_in(&self, runs: usize) -> anyhow::Result<Taken> {
        let mut taken = Taken::default();
        for _ in 0..runs {
            for (who, name) in self.names.iter().enumerate() {
                let steps = [
                    vec![self.by_password(name).await?],
                    self.by_srp(name).await?,
                ];
                let times = steps.into_iter().flatten();
                for (of_step, time) in taken.0.iter_mut().zip(times) {
                    if let Some(times) = of_step.get_mut(who) {
                        times.add(time);
                    }
                }
            }
        }
        Ok(taken)
    }

    async fn by_password(&self, name: &str) -> anyhow::Result<Duration> {
        let body = json!({"AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": {"USERNAME": name, "PASSWORD": WRONG}});
        let (took, status, _answer) = self.call("InitiateAuth", body).await?;
        ensure!(status == 400, "a wrong password was answered with {status}");
        Ok(took)
    }

    /// Asks for a challenge and answers it with a claim that cannot be right.
    async fn by_srp(&self, name: &str) -> anyhow::Result<Vec<Duration>> {
        let body = json!({"AuthFlow": "USER_SRP_AUTH",
            "AuthParameters": {"USERNAME": name, "SRP_A": "5e".repeat(380)}});
        let (asked, status, answer) = self.call("InitiateAuth", body).await?;
        ensure!(status == 200, "a challenge was answered with {status}");
        let given = |name: &str| {
            let value = answer.pointer(&format!("/ChallengeParameters/{name}"));
            value.cloned().unwrap_or_default()
        };
        let body = json!({"ChallengeName": "PASSWORD_VERIFIER", "ChallengeResponses": {
            "USERNAME": given("USERNAME"), "TIMESTAMP": srp::stamp(SystemClock.now()),
            "PASSWORD_CLAIM_SECRET_BLOCK": given("SECRET_BLOCK"),
            "PASSWORD_CLAIM_SIGNATURE": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        }});
        let (answered, status, _answer) = self.call("RespondToAuthChallenge", body).await?;
        ensure!(status == 400, "a false claim was answered with {status}");
        Ok(vec![asked, answered])
    }

    async fn call(
        &self,
        operation: &str,
        mut body: Value,
    ) -> anyhow::Result<(Duration, u16, Value)> {
        if let Some(fields) = body.as_object_mut() {
            fields.insert("ClientId".to_owned(), json!(self.client_id));
        }
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        let request = self
            .http
            .post(&self.url)
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", target)
            .body(body.to_string());
        let started = Instant::now();
        let response = request.send().await?;
        let status = response.status().as_u16();
        let answer = response.bytes().await?;
        Ok((started.elapsed(), status, serde_json::from_slice(&answer)?))
    }
}
