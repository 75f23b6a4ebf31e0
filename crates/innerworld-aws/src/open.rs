//! Opening a deployment's services.

use std::sync::Arc;

use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use innerworld_core::{clock::Clock, error::PortError, ids::IdSource};

use crate::{
    dynamo::Dynamo,
    keys::TeenKeys,
    settings::AwsSettings,
    shared::Shared,
    spool::{SharedSpool, Spool, SpoolQueue},
};

/// Account, region and private endpoints as the process was started with: a role's credentials, the
/// region of the function, `AWS_ENDPOINT_URL_<SERVICE>`. Nothing is asked yet.
pub async fn configuration() -> SdkConfig {
    aws_config::load_defaults(BehaviorVersion::latest()).await
}

/// Clients of the services.
#[derive(Clone, Debug)]
pub struct Clients {
    pub(crate) dynamo: aws_sdk_dynamodb::Client,
    pub(crate) kms: aws_sdk_kms::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
}

impl Clients {
    /// Clients of the account, region and private endpoints that `config` names. None of them tries
    /// a call twice: whoever calls decides that.
    pub fn new(config: &SdkConfig, settings: &AwsSettings) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(settings.call_timeout)
            .connect_timeout(settings.call_timeout / 2)
            .build();
        let once = RetryConfig::disabled();
        Self {
            dynamo: aws_sdk_dynamodb::Client::from_conf(
                aws_sdk_dynamodb::config::Builder::from(config)
                    .retry_config(once.clone())
                    .timeout_config(timeouts.clone())
                    .build(),
            ),
            kms: aws_sdk_kms::Client::from_conf(
                aws_sdk_kms::config::Builder::from(config)
                    .retry_config(once.clone())
                    .timeout_config(timeouts.clone())
                    .build(),
            ),
            sqs: aws_sdk_sqs::Client::from_conf(
                aws_sdk_sqs::config::Builder::from(config)
                    .retry_config(once)
                    .timeout_config(timeouts)
                    .build(),
            ),
        }
    }
}

impl Clients {
    /// With another client of KMS: a deployment may reach it elsewhere.
    #[must_use]
    pub fn with_kms(mut self, kms: aws_sdk_kms::Client) -> Self {
        self.kms = kms;
        self
    }

    /// With another client of SQS.
    #[must_use]
    pub fn with_sqs(mut self, sqs: aws_sdk_sqs::Client) -> Self {
        self.sqs = sqs;
        self
    }
}

/// The stores of one deployment. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Aws {
    pub(crate) shared: Arc<Shared>,
}

impl Aws {
    /// Stores over these clients. Nothing is asked yet.
    pub fn new(
        clients: Clients,
        settings: AwsSettings,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdSource>,
    ) -> Self {
        let AwsSettings {
            tables,
            kms_key,
            safety_spool_url,
            ..
        } = settings;
        let queue = safety_spool_url.map(|url| SpoolQueue::new(clients.sqs, url));
        let dynamo = Dynamo::new(clients.dynamo, tables, Arc::clone(&ids));
        let teen_keys = TeenKeys::new(dynamo.clone(), (clients.kms, kms_key), Arc::clone(&clock));
        Self {
            shared: Arc::new(Shared {
                dynamo,
                teen_keys,
                spool: Spool::new(queue),
                clock,
                ids,
            }),
        }
    }

    /// Fetches what must be at hand when the tables fail: the key of the safety spool. To be called
    /// once at start.
    pub async fn prepare(&self) -> Result<(), PortError> {
        SharedSpool::new(Arc::clone(&self.shared)).prepare().await
    }
}
