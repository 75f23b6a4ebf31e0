//! Accounts of the user pool, as whoever administers it sees them.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::{Client, error::SdkError};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};
use innerworld_core::{error::PortError, ids::TeenId};

use crate::fault::failed;

const DELETE: &str = "delete an account of the user pool";

/// The accounts of one user pool.
#[derive(Clone, Debug)]
pub struct PoolAccounts {
    client: Client,
    pool: String,
}

impl PoolAccounts {
    /// Accounts of the pool with this id, in the account and region of `config`. A call is tried once
    /// and takes `timeout` at most.
    pub fn new(config: &SdkConfig, pool: String, timeout: Duration) -> Self {
        let timeouts = TimeoutConfig::builder()
            .operation_timeout(timeout)
            .connect_timeout(timeout / 2)
            .build();
        let config = aws_sdk_cognitoidentityprovider::config::Builder::from(config)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .build();
        Self {
            client: Client::from_conf(config),
            pool,
        }
    }

    /// Deletes the teen's account; `false` if there was none.
    ///
    /// An account of the pool itself is named by its subject. One that came from another provider is
    /// named `SignInWithApple_<its subject there>`, and is not found by ours: the pool is asked for
    /// its name.
    pub async fn delete(&self, teen: TeenId) -> Result<bool, PortError> {
        if self.delete_named(&teen.to_string()).await? {
            return Ok(true);
        }
        let mut deleted = false;
        for name in self.names(teen).await? {
            deleted |= self.delete_named(&name).await?;
        }
        Ok(deleted)
    }

    async fn delete_named(&self, name: &str) -> Result<bool, PortError> {
        let asked = self
            .client
            .admin_delete_user()
            .user_pool_id(&self.pool)
            .username(name)
            .send()
            .await;
        match asked {
            Ok(_deleted) => Ok(true),
            Err(SdkError::ServiceError(service)) if service.err().is_user_not_found_exception() => {
                Ok(false)
            }
            Err(error) => Err(failed(DELETE, &error)),
        }
    }

    /// Names of the accounts with this subject.
    async fn names(&self, teen: TeenId) -> Result<Vec<String>, PortError> {
        let found = self
            .client
            .list_users()
            .user_pool_id(&self.pool)
            // Written by us alone: a subject is a UUID.
            .filter(format!("sub = \"{teen}\""))
            .send()
            .await
            .map_err(|error| failed("find an account of the user pool", &error))?;
        let users = found.users.unwrap_or_default().into_iter();
        Ok(users.filter_map(|user| user.username).collect())
    }
}
