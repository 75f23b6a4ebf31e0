//! What is done to users of a Cognito user pool by whoever runs it.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::{Client, config::Builder};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use innerworld_core::error::PortError;

use crate::fault::failed;

/// The users of one pool. A call is tried once; whoever calls decides about more.
#[derive(Clone, Debug)]
pub struct UserDirectory {
    client: Client,
    pool: String,
}

impl UserDirectory {
    /// Users of the pool with this id; a call takes `timeout` at most.
    pub fn new(config: &SdkConfig, pool: String, timeout: Duration) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(timeout)
            .connect_timeout(timeout / 2)
            .build();
        let config = Builder::from(config)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .build();
        Self {
            client: Client::from_conf(config),
            pool,
        }
    }

    /// Makes every refresh token worthless that this user was given. Access tokens go on until they
    /// end: those are refused by the deny list. Nothing is to be done where the pool knows nobody of
    /// this name. A local user may be named by the subject, somebody from another identity provider
    /// only by the name that the pool gave (doc `AdminUserGlobalSignOut`).
    pub async fn sign_out(&self, username: &str) -> Result<(), PortError> {
        let asked = self
            .client
            .admin_user_global_sign_out()
            .user_pool_id(&self.pool)
            .username(username)
            .send()
            .await;
        match asked {
            Ok(_done) => Ok(()),
            Err(error) => {
                let unknown = error.as_service_error();
                if unknown.is_some_and(|error| error.is_user_not_found_exception()) {
                    return Ok(());
                }
                Err(failed("sign a user out of the pool", &error))
            }
        }
    }
}
