//! The report, in an executable that can reach the services.

use std::{path::Path, process::ExitCode};

use innerworld_aws::{
    SdkConfig, UserPool,
    checkup::{self, Checkup, Finding, State},
    configuration,
    neptune::http::Endpoint,
};
use innerworld_core::secret::Secret;
use serde_json::json;

use super::Flags;
use crate::{
    cli::{
        output, remote,
        secrets::{Which, look},
        token,
    },
    config::{Loaded, storage::AwsConfig},
    wire::stores,
};

/// What is left out where nobody would answer.
const ALL: [&str; 12] = [
    "tables",
    "table_protection",
    "table_backups",
    "key_state",
    "key_use",
    "secret_model",
    "secret_apple",
    "queues",
    "clock",
    "token",
    "neptune",
    "throttling",
];

/// Looks at everything and tells it. Exit code 0: nothing failed. 1: something did.
pub(super) fn run(flags: &Flags, loaded: &Loaded, json: bool) -> anyhow::Result<ExitCode> {
    let config = loaded
        .config
        .storage
        .aws
        .with_prefix(flags.prefix.as_deref())?;
    let pool = flags.pool()?;
    let token = flags.token()?;
    let findings = remote::block_on(Box::pin(async {
        let account = configuration().await;
        Ok(Box::pin(flags.look(&config, &account, (pool, token))).await)
    }))?;
    let ok = findings.iter().all(|found| found.state != State::Failed);
    if json {
        output::json(&json!({ "ok": ok, "prefix": config.prefix, "checks": findings }))?;
    } else {
        for found in &findings {
            tell(found)?;
        }
    }
    Ok(if ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn tell(found: &Finding) -> anyhow::Result<()> {
    let word = match found.state {
        State::Ok => "ok",
        State::Warn => "warn",
        State::Failed => "FAIL",
        State::NotChecked => "-",
    };
    let not_checked = match found.state {
        State::NotChecked => "not checked: ",
        _ => "",
    };
    let Finding { name, detail, .. } = found;
    output::line(format!("{word:5} {name:16} {not_checked}{detail}"))?;
    for step in &found.next {
        output::line(format!("{:22} > {step}", ""))?;
    }
    Ok(())
}

impl Flags {
    fn pool(&self) -> anyhow::Result<Option<UserPool>> {
        let (Some(id), Some(client)) = (&self.user_pool, &self.client) else {
            return Ok(None);
        };
        let pool = UserPool::new(id, client)?;
        Ok(Some(match &self.user_pool_endpoint {
            None => pool,
            Some(endpoint) => pool.reached_at(endpoint)?,
        }))
    }

    fn token(&self) -> anyhow::Result<Option<Secret>> {
        let piped = Path::new("-");
        let from = self.token_file.as_deref();
        from.map(|path| token::read((path != piped).then_some(path)))
            .transpose()
    }

    async fn look(
        &self,
        config: &AwsConfig,
        account: &SdkConfig,
        (pool, token): (Option<UserPool>, Option<Secret>),
    ) -> Vec<Finding> {
        let caller = checkup::caller(account).await;
        if caller.state == State::Failed {
            let nobody = "without region and credentials nobody answers";
            let rest = ALL.map(|name| Finding::new(name, State::NotChecked, nobody));
            return std::iter::once(caller).chain(rest).collect();
        }
        let checkup = stores::checkup(config, account);
        let mut findings = vec![caller];
        findings.extend(checkup.tables().await);
        findings.extend(checkup.key().await);
        findings.extend(of_secrets(config, account).await);
        findings.extend(checkup.queues().await);
        findings.extend(checkup.door(pool.as_ref(), token.as_ref()).await);
        findings.push(self.graph(&checkup, account).await);
        findings.push(checkup.throttling().await);
        findings
    }

    async fn graph(&self, checkup: &Checkup, account: &SdkConfig) -> Finding {
        let endpoint = self.neptune.as_ref().map(|place| Endpoint {
            host: place.host.clone(),
            port: place.port,
            region: account
                .region()
                .map(ToString::to_string)
                .unwrap_or_default(),
            ca_file: None,
        });
        checkup.graph(endpoint.as_ref(), account).await
    }
}

/// The lines of `innerworld secrets check`.
async fn of_secrets(config: &AwsConfig, account: &SdkConfig) -> Vec<Finding> {
    let service = stores::secrets(config, account);
    let mut findings = Vec::new();
    for (name, which) in [
        ("secret_model", Which::Model),
        ("secret_apple", Which::Apple),
    ] {
        let line = look::look(&service, which, which.id(&config.prefix)).await;
        let state = match line.state {
            look::State::Configured => State::Ok,
            // Without one the product works, with less.
            look::State::NotConfigured | look::State::Absent | look::State::Ending => State::Warn,
            look::State::Invalid => State::Failed,
            look::State::Unknown => State::NotChecked,
        };
        findings.push(Finding::new(name, state, line.told()));
        let warnings = line.warnings().iter();
        findings.extend(warnings.map(|warning| Finding::new(name, State::Warn, warning)));
    }
    findings
}
