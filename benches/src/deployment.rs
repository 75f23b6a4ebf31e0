//! A deployment to run functions in: tables, a key, a user pool, and the secret that opens the provider.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use anyhow::Context as _;
use clap::Args;
use innerworld_aws::{Aws, AwsSettings, Clients, TableNames, Tables};
use innerworld_core::{clock::Clock as _, ids::TeenId};
use innerworld_embedded::{OsIds, SystemClock};
use innerworld_testkit::{aws_json, lambda::Function, user_pool::UserPoolDouble};
use serde_json::json;

/// The company that a teen's consent names.
pub(crate) const COMPANY: &str = "OpenRouter";

/// What stands for services of AWS.
#[derive(Clone, Debug, Args)]
pub(crate) struct Peers {
    /// The key that wraps the keys of the tables' contents
    #[arg(long, value_name = "ID")]
    kms_key: String,
    /// Where functions find their tables
    #[arg(long, value_name = "URL")]
    pub(crate) tables_at: String,
    /// Where functions find keys and secrets
    #[arg(long, value_name = "URL")]
    keys_at: String,
}

/// The deployment.
pub(crate) struct Deployment {
    /// Its stores.
    pub(crate) aws: Aws,
    /// What stands for services of AWS.
    pub(crate) peers: Peers,
    /// Names of its tables.
    pub(crate) names: TableNames,
    pool: UserPoolDouble,
    secret: String,
    upstream: SocketAddr,
}

impl Deployment {
    /// Makes tables of its own, and a secret for the provider at `upstream`.
    pub(crate) async fn new(
        kind: &str,
        peers: &Peers,
        upstream: SocketAddr,
    ) -> anyhow::Result<Self> {
        let prefix = format!("{kind}-{}", std::process::id());
        let settings = AwsSettings {
            kms_key: peers.kms_key.clone(),
            ..AwsSettings::with_prefix(&prefix)
        };
        let names = settings.tables.clone();
        let clients = Clients::new(&innerworld_aws::configuration().await, &settings);
        let tables = Tables::new(&clients, names.clone());
        tables
            .create()
            .await
            .context("the tables could not be made")?;
        let secret = format!("{prefix}/openai/api-key");
        let text = json!({"api_key": "sk-or-bench", "base_url": format!("http://{upstream}/v1")});
        aws_json::call(
            &peers.keys_at,
            ("secretsmanager", "secretsmanager.CreateSecret"),
            json!({"Name": secret, "SecretString": text.to_string()}),
        )
        .await;
        Ok(Self {
            aws: Aws::new(clients, settings, Arc::new(SystemClock), Arc::new(OsIds)),
            peers: peers.clone(),
            names,
            pool: UserPoolDouble::start().await,
            secret,
            upstream,
        })
    }

    /// A function with this program, told where everything is.
    pub(crate) fn function(&self, name: &str, program: PathBuf) -> Function {
        let mut function = Function::told_of_nothing(name, program);
        let (names, peers) = (&self.names, &self.peers);
        for (variable, value) in [
            ("LIVE_CONVERSATIONS_TABLE", &names.live_conversations),
            ("WEBSOCKET_CONNECTIONS_TABLE", &names.connections),
            ("SESSION_CONTEXT_TABLE", &names.session_context),
            ("SESSIONS_TABLE", &names.sessions),
            ("TEENS_TABLE", &names.teens),
            ("MEMORY_TABLE", &names.memory),
            ("TEEN_KEYS_TABLE", &names.teen_keys),
            ("COUNTERS_TABLE", &names.counters),
            ("TEEN_KEY_KMS_ID", &peers.kms_key),
            ("MODEL_SECRET_ID", &self.secret),
            // A host that functions may ask although it is this machine.
            ("MODEL_ALLOWED_HOSTS", &self.upstream.to_string()),
            ("AWS_ENDPOINT_URL_DYNAMODB", &peers.tables_at),
            ("AWS_ENDPOINT_URL_KMS", &peers.keys_at),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &peers.keys_at),
            (
                "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
                &self.pool.endpoint(),
            ),
        ] {
            function.tell(variable, value);
        }
        function
    }

    /// A token of a teen, for an hour.
    pub(crate) fn token(&self, teen: TeenId) -> String {
        self.pool.token(teen, SystemClock.now())
    }
}
