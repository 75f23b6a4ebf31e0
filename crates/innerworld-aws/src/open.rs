//! Opening a deployment's services.

use std::{sync::Arc, time::Duration};

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

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(2);

/// Account, region and private endpoints as the process was started with: a role's credentials, the
/// region of the function, `AWS_ENDPOINT_URL_<SERVICE>`. Nothing is asked yet.
pub async fn configuration() -> SdkConfig {
    aws_config::load_defaults(BehaviorVersion::latest()).await
}

/// The same for clients that try a call once, for `timeout` at most.
pub(crate) fn once(config: &SdkConfig, timeout: Duration) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .operation_timeout(timeout)
        .connect_timeout(CONNECT.min(timeout / 2))
        .build();
    let config = config.clone().into_builder();
    config
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
        .build()
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
        let once = once(config, settings.call_timeout);
        Self {
            dynamo: aws_sdk_dynamodb::Client::new(&once),
            kms: aws_sdk_kms::Client::new(&once),
            sqs: aws_sdk_sqs::Client::new(&once),
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
