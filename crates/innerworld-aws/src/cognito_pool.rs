//! Accounts of the user pool, as whoever administers it sees them.

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_cognitoidentityprovider::{
    Client,
    error::SdkError,
    types::{AttributeType, UserType},
};
use innerworld_core::{
    error::{ErrorKind, PortError},
    ids::TeenId,
    secret::Text,
};

use crate::{fault::failed, open::once};

const DELETE: &str = "delete an account of the user pool";
const SIGN_OUT: &str = "sign somebody out of the user pool";

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
        Self {
            client: Client::new(&once(config, timeout)),
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

    /// Makes every refresh token worthless that the teen was given; `false` if there is no such
    /// account. Access tokens go on until they end: those are refused by the deny list.
    pub async fn sign_out(&self, teen: TeenId) -> Result<bool, PortError> {
        if self.sign_out_named(&teen.to_string()).await? {
            return Ok(true);
        }
        let mut signed_out = false;
        for name in self.names(teen).await? {
            signed_out |= self.sign_out_named(&name).await?;
        }
        Ok(signed_out)
    }

    /// Who has the account of this name, such as `SignInWithApple_` with a subject there.
    pub async fn named(&self, name: &Text) -> Result<Option<TeenId>, PortError> {
        const OPERATION: &str = "find who has an account of the user pool";
        let name = name.reveal();
        if !name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        {
            return Err(PortError::new(ErrorKind::Invalid, OPERATION));
        }
        let found = self
            .client
            .list_users()
            .user_pool_id(&self.pool)
            .filter(format!("username = \"{name}\""))
            .send()
            .await
            .map_err(|error| failed(OPERATION, &error))?;
        let users = found.users.unwrap_or_default();
        let mut attributes = users.iter().flat_map(UserType::attributes);
        let subject = attributes.find(|attribute| attribute.name() == "sub");
        let subject = subject.and_then(AttributeType::value);
        subject
            .map(|subject| {
                TeenId::from_verified_subject(subject)
                    .map_err(|cause| PortError::with_source(ErrorKind::Corrupt, OPERATION, cause))
            })
            .transpose()
    }

    async fn sign_out_named(&self, name: &str) -> Result<bool, PortError> {
        let asked = self
            .client
            .admin_user_global_sign_out()
            .user_pool_id(&self.pool)
            .username(name)
            .send()
            .await;
        match asked {
            Ok(_signed_out) => Ok(true),
            Err(SdkError::ServiceError(service)) if service.err().is_user_not_found_exception() => {
                Ok(false)
            }
            Err(error) => Err(failed(SIGN_OUT, &error)),
        }
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
