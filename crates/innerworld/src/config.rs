//! Configuration: one TOML file, environment variables, flags. The only place that reads the
//! environment.
//!
//! Precedence: flag, then environment (`INNERWORLD_SECTION__KEY`), then file, then default. A key
//! that does not exist is refused, wherever it stands.

pub(crate) mod apple;
pub(crate) mod auth;
pub(crate) mod environment;
pub(crate) mod extraction;
mod file;
pub(crate) mod http;
mod keys;
pub(crate) mod limits;
mod load;
pub(crate) mod mail;
pub(crate) mod memory;
mod mistake;
pub(crate) mod models;
pub(crate) mod personas;
pub(crate) mod reference;
pub(crate) mod resources;
mod retired;
mod rules;
pub(crate) mod runtime;
pub(crate) mod safety;
pub(crate) mod safety_files;
pub(crate) mod secrets;
mod shown;
pub(crate) mod storage;
pub(crate) mod telemetry;
pub(crate) mod tls;

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::safety_files::SafetyFiles;
pub(crate) use mistake::{Mistake, Mistakes};

/// Everything that can be set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    /// The process as a whole.
    pub(crate) runtime: runtime::RuntimeConfig,
    /// Listeners and browsers.
    pub(crate) http: http::HttpConfig,
    /// The identity provider of one machine.
    pub(crate) auth: auth::AuthConfig,
    /// Model servers, tried in this order; without any, the offline persona answers.
    pub(crate) providers: Vec<models::ProviderConfig>,
    /// How models are asked.
    pub(crate) models: models::ModelsConfig,
    /// The model that reads ended sessions for memory, beside the rules on this machine.
    pub(crate) extraction: extraction::ExtractionConfig,
    /// Where everything is kept.
    pub(crate) storage: storage::StorageConfig,
    /// Bounds of connections and sessions.
    pub(crate) limits: limits::LimitsConfig,
    /// What is remembered, and for how long.
    pub(crate) memory: memory::MemoryConfig,
    /// Help resources.
    pub(crate) safety: safety::SafetyConfig,
    /// E-mail with codes; without a server it goes to the local outbox.
    pub(crate) mail: mail::MailConfig,
    /// Logs.
    pub(crate) telemetry: telemetry::TelemetryConfig,
}

/// What the command line sets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    /// Configuration file.
    pub(crate) config: Option<PathBuf>,
    /// Data folder.
    pub(crate) data_dir: Option<PathBuf>,
    /// Public listener.
    pub(crate) listen: Option<SocketAddr>,
    /// Admin listener.
    pub(crate) admin_listen: Option<SocketAddr>,
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A line of the configuration file.
    File { line: usize },
    /// An environment variable of this name.
    Environment(String),
    /// A flag.
    Flag(&'static str),
}

/// A configuration that was read and checked.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The effective values.
    pub(crate) config: Config,
    /// The data folder, made absolute.
    pub(crate) data_dir: PathBuf,
    /// The file that was read, if any.
    pub(crate) file: Option<PathBuf>,
    /// Where values that are not defaults came from, by dotted key.
    pub(crate) origins: BTreeMap<String, Origin>,
    /// Secrets from files and environment.
    pub(crate) secrets: secrets::Secrets,
    /// The safety files, if a folder replaces any: what was checked is what is used.
    pub(crate) safety: Option<Arc<SafetyFiles>>,
    /// What works but should be looked at.
    pub(crate) warnings: Vec<String>,
}

impl Loaded {
    /// The file of the master key: configured, or in the data folder.
    pub(crate) fn master_key_file(&self) -> PathBuf {
        let configured = self.config.storage.master_key_file.clone();
        configured.unwrap_or_else(|| self.data_dir.join("master.key"))
    }
}

impl Config {
    /// Reads file and environment, lays `flags` on top and checks the whole.
    pub(crate) fn load(flags: &Flags) -> Result<Loaded, Mistakes> {
        load::load(flags, &environment::read()?)
    }
}
