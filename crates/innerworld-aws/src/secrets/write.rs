//! Replacing what is there, never changing a version.

use aws_sdk_secretsmanager::error::SdkError;
use innerworld_core::{
    error::{ErrorKind, PortError},
    secret::Secret,
};

use super::{Secrets, Stage};
use crate::fault::failed;

/// How a value came to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// The secret was made.
    Made,
    /// The secret has a new version.
    Added {
        /// Whether it is the one that is read: the service puts the first version of a secret into
        /// use, whatever slot was asked for.
        in_use: bool,
    },
}

impl Secrets {
    /// Puts a new version into a slot of the secret `id`. A secret that is not there is made, under
    /// the KMS key `key`, if the slot is [`Stage::Current`]; else `NotFound`.
    pub async fn put(
        &self,
        (id, key): (&str, &str),
        value: &Secret,
        stage: Stage,
    ) -> Result<Put, PortError> {
        const OPERATION: &str = "put a version of a secret";
        let asked = self
            .client
            .put_secret_value()
            .secret_id(id)
            .secret_string(value.reveal())
            .version_stages(stage.name())
            .send()
            .await;
        let error = match asked {
            Ok(version) => {
                let current = Stage::Current.name();
                let stages = version.version_stages.unwrap_or_default();
                let in_use = stage == Stage::Current || stages.iter().any(|name| name == current);
                return Ok(Put::Added { in_use });
            }
            Err(error) => error,
        };
        let is_absent = matches!(&error, SdkError::ServiceError(service)
            if service.err().is_resource_not_found_exception());
        match (is_absent, stage) {
            (false, _) => Err(failed(OPERATION, &error)),
            (true, Stage::Pending) => Err(PortError::new(ErrorKind::NotFound, OPERATION)),
            (true, Stage::Current) => self.make(id, key, value).await.map(|()| Put::Made),
        }
    }

    async fn make(&self, id: &str, key: &str, value: &Secret) -> Result<(), PortError> {
        let made = self
            .client
            .create_secret()
            .name(id)
            .kms_key_id(key)
            .secret_string(value.reveal())
            .send()
            .await;
        made.map(drop)
            .map_err(|error| failed("make a secret", &error))
    }

    /// Puts the version that waits into use; the one that was in use stays as the previous one.
    /// `NotFound` if none waits.
    pub async fn promote(&self, id: &str) -> Result<(), PortError> {
        const OPERATION: &str = "promote a version of a secret";
        let absent = || PortError::new(ErrorKind::NotFound, OPERATION);
        let versions = self.versions(id).await?.ok_or_else(absent)?;
        let pending = versions.pending.ok_or_else(absent)?;
        self.client
            .update_secret_version_stage()
            .secret_id(id)
            .version_stage(Stage::Current.name())
            .move_to_version_id(&pending)
            .set_remove_from_version_id(versions.current)
            .send()
            .await
            .map_err(|error| failed(OPERATION, &error))?;
        // It is in use: that its other label stays for now would do no harm, but says what is wrong.
        self.client
            .update_secret_version_stage()
            .secret_id(id)
            .version_stage(Stage::Pending.name())
            .remove_from_version_id(pending)
            .send()
            .await
            .map_err(|error| failed("take the waiting label off a secret", &error))?;
        Ok(())
    }
}
