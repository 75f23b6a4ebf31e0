//! A deployment to measure: tables, a key, a user pool, and the programs out of the zips.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use innerworld_aws::{Aws, AwsSettings, Clients, TableNames, Tables};
use innerworld_core::{
    clock::Clock as _,
    identity::{
        consent::{ConsentRecord, Purpose},
        consents::Catalogue,
    },
    ids::TeenId,
};
use innerworld_embedded::{OsIds, SystemClock};
use innerworld_testkit::{lambda::Function, records::Records, user_pool::UserPoolDouble};

use super::{
    Lambda,
    provider::{self, Provider},
};

/// Who talks.
pub(super) const TEEN: TeenId = TeenId::from_subject_bits(7);

/// The deployment.
pub(super) struct Place {
    /// Where its tables are.
    pub(super) tables_at: String,
    /// Who answers.
    pub(super) provider: Provider,
    pool: UserPoolDouble,
    programs: PathBuf,
    names: TableNames,
    kms_key: String,
    keys_at: String,
}

impl Place {
    /// Makes tables of its own, with a teen who may talk.
    pub(super) async fn new(options: &Lambda) -> anyhow::Result<Self> {
        let prefix = format!("bench-{}", std::process::id());
        let settings = AwsSettings {
            kms_key: options.kms_key.clone(),
            ..AwsSettings::with_prefix(&prefix)
        };
        let names = settings.tables.clone();
        let clients = Clients::new(&innerworld_aws::configuration().await, &settings);
        let tables = Tables::new(&clients, names.clone());
        tables
            .create()
            .await
            .context("the tables could not be made")?;
        let aws = Aws::new(clients, settings, Arc::new(SystemClock), Arc::new(OsIds));
        complete(&aws).await?;
        Ok(Self {
            tables_at: options.tables_at.clone(),
            provider: Provider::start(&prefix, &options.keys_at).await?,
            pool: UserPoolDouble::start().await,
            programs: options.programs.clone(),
            names,
            kms_key: options.kms_key.clone(),
            keys_at: options.keys_at.clone(),
        })
    }

    /// Names of all functions that are packaged.
    pub(super) fn functions(&self) -> anyhow::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.programs).context("there are no programs")? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "zip") {
                let name = path.file_stem().map(|name| name.to_string_lossy());
                names.extend(name.map(std::borrow::Cow::into_owned));
            }
        }
        names.sort();
        Ok(names)
    }

    /// A function, told where everything is.
    pub(super) fn function(&self, name: &str) -> Function {
        let program = self.programs.join(name).join("bootstrap");
        let mut function = Function::told_of_nothing(name, program);
        let names = &self.names;
        for (variable, value) in [
            ("LIVE_CONVERSATIONS_TABLE", &names.live_conversations),
            ("WEBSOCKET_CONNECTIONS_TABLE", &names.connections),
            ("SESSION_CONTEXT_TABLE", &names.session_context),
            ("SESSIONS_TABLE", &names.sessions),
            ("TEENS_TABLE", &names.teens),
            ("MEMORY_TABLE", &names.memory),
            ("TEEN_KEYS_TABLE", &names.teen_keys),
            ("COUNTERS_TABLE", &names.counters),
            ("TEEN_KEY_KMS_ID", &self.kms_key),
            ("MODEL_SECRET_ID", &self.provider.secret),
            ("MODEL_ALLOWED_HOSTS", &self.provider.host()),
            ("AWS_ENDPOINT_URL_DYNAMODB", &self.tables_at),
            ("AWS_ENDPOINT_URL_KMS", &self.keys_at),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", &self.keys_at),
            (
                "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
                &self.pool.endpoint(),
            ),
        ] {
            function.tell(variable, value);
        }
        function
    }

    /// A token of the teen.
    pub(super) fn token(&self) -> String {
        self.pool.token(TEEN, SystemClock.now())
    }

    /// Bytes of a function's zip, for the processor that is measured and for each other one that is
    /// packaged beside it.
    pub(super) fn zips(&self, name: &str) -> anyhow::Result<Vec<(String, u64)>> {
        let own = &self.programs;
        let mut zips = vec![size(own, name).context("the function is not packaged")?];
        let beside = own.parent().map(fs::read_dir);
        for entry in beside.context("the programs lie nowhere")?? {
            let folder = entry?.path();
            if folder.file_name() != own.file_name() {
                zips.extend(size(&folder, name));
            }
        }
        Ok(zips)
    }
}

fn size(folder: &Path, name: &str) -> Option<(String, u64)> {
    let bytes = fs::metadata(folder.join(format!("{name}.zip"))).ok()?.len();
    let processor = folder.file_name()?.to_string_lossy().into_owned();
    Some((processor, bytes))
}

/// Gives the teen a profile, and the consents without which nobody talks and no provider answers.
async fn complete(aws: &Aws) -> anyhow::Result<()> {
    let records = Records::named("bench lambda");
    aws.profiles().put(TEEN, &records.profile()).await?;
    let company = provider::COMPANY.to_owned();
    let catalogue = Catalogue::shipped(vec![(Purpose::ChatModel, company.clone())])?;
    let agreed = |purpose, recipient| ConsentRecord {
        text_version: catalogue.version(purpose).to_owned(),
        recipient,
        ..records.consent(purpose, 0)
    };
    let consents = [
        agreed(Purpose::Terms, String::new()),
        agreed(Purpose::ChatModel, company),
    ];
    aws.consents().append(TEEN, &consents).await?;
    Ok(())
}
