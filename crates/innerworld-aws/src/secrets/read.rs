//! What is there, and what it says.

use aws_sdk_secretsmanager::{error::SdkError, operation::describe_secret::DescribeSecretOutput};
use innerworld_core::{
    error::{ErrorKind, PortError},
    secret::Secret,
};

use super::{Secrets, Stage};
use crate::fault::failed;

/// The versions of a secret by slot, and whether it stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// Id of the version in use.
    pub current: Option<String>,
    /// Id of the version that waits, unless it is the one in use.
    pub pending: Option<String>,
    /// The secret will be deleted.
    pub ending: bool,
}

impl Versions {
    pub(super) fn of(answer: DescribeSecretOutput) -> Self {
        let stages = answer.version_ids_to_stages.unwrap_or_default();
        let in_slot = |stage: Stage| {
            let found = stages
                .iter()
                .find(|(_id, stages)| stages.iter().any(|name| name == stage.name()));
            found.map(|(id, _stages)| id.clone())
        };
        let current = in_slot(Stage::Current);
        Self {
            pending: in_slot(Stage::Pending).filter(|pending| current.as_ref() != Some(pending)),
            current,
            ending: answer.deleted_date.is_some(),
        }
    }
}

impl Secrets {
    /// The versions of the secret `id`; `None` if there is none of this name.
    pub async fn versions(&self, id: &str) -> Result<Option<Versions>, PortError> {
        let asked = self.client.describe_secret().secret_id(id).send().await;
        match asked {
            Ok(answer) => Ok(Some(Versions::of(answer))),
            Err(SdkError::ServiceError(service))
                if service.err().is_resource_not_found_exception() =>
            {
                Ok(None)
            }
            Err(error) => Err(failed("describe a secret", &error)),
        }
    }

    /// What the version in this slot says; `None` if there is no such secret or no such version.
    pub async fn read(&self, id: &str, stage: Stage) -> Result<Option<Secret>, PortError> {
        const OPERATION: &str = "read a secret";
        let asked = self
            .client
            .get_secret_value()
            .secret_id(id)
            // Without a stage, some answer with a version that was replaced.
            .version_stage(stage.name())
            .send()
            .await;
        let answer = match asked {
            Ok(answer) => answer,
            Err(SdkError::ServiceError(service))
                if service.err().is_resource_not_found_exception() =>
            {
                return Ok(None);
            }
            Err(error) => return Err(failed(OPERATION, &error)),
        };
        // Ours are texts; a binary one is somebody else's.
        let text = answer.secret_string.map(Secret::new);
        text.map(Some)
            .ok_or_else(|| PortError::new(ErrorKind::Invalid, OPERATION))
    }
}
