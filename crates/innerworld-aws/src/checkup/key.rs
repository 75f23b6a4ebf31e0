//! The KMS key that wraps the teens' keys: its state, and whether it wraps and unwraps.

use aws_sdk_kms::types::{KeyMetadata, KeyState};
use aws_smithy_types::date_time::Format;

use super::{Checkup, Finding, State};
use crate::fault::failed;

const STATE: &str = "key_state";
const USE: &str = "key_use";

impl Checkup {
    /// The key's state, and a key of the service that is made, unwrapped and thrown away.
    pub async fn key(&self) -> Vec<Finding> {
        vec![self.key_state().await, self.key_use().await]
    }

    async fn key_state(&self) -> Finding {
        let key = &self.settings.kms_key;
        let asked = self.clients.kms.describe_key().key_id(key).send().await;
        match asked.map(|answer| answer.key_metadata) {
            Ok(Some(metadata)) => told(key, &metadata),
            Ok(None) => Finding::new(STATE, State::NotChecked, "the key says nothing of itself"),
            Err(error) => {
                // The functions need no right to describe it, so a refusal proves nothing.
                let error = failed("describe the KMS key", &error);
                Finding::of_error(STATE, State::NotChecked, &error)
            }
        }
    }

    async fn key_use(&self) -> Finding {
        match self.aws.shared.teen_keys.probe().await {
            Ok(()) => Finding::new(USE, State::Ok, "a key was wrapped and unwrapped"),
            Err(error) => Finding::of_error(USE, State::Failed, &error)
                .next("rights that are needed on the key: kms:GenerateDataKey, kms:Decrypt"),
        }
    }
}

fn told(key: &str, metadata: &KeyMetadata) -> Finding {
    let id = &metadata.key_id;
    let state = metadata.key_state.clone().unwrap_or(KeyState::Unavailable);
    match state {
        KeyState::Enabled | KeyState::Updating => {
            Finding::new(STATE, State::Ok, format!("{key} is enabled"))
        }
        KeyState::Disabled => Finding::new(
            STATE,
            State::Failed,
            format!("{key} is disabled: nothing that is sealed can be opened"),
        )
        .next(format!("aws kms enable-key --key-id {id}")),
        KeyState::PendingDeletion | KeyState::PendingReplicaDeletion => {
            let at = metadata
                .deletion_date
                .and_then(|at| at.fmt(Format::DateTime).ok());
            let at = at.map(|at| format!(" on {at}")).unwrap_or_default();
            Finding::new(
                STATE,
                State::Failed,
                format!(
                    "{key} is going to be deleted{at}: from then on nothing that was ever sealed can \
                     be opened"
                ),
            )
            .next(format!("aws kms cancel-key-deletion --key-id {id}"))
            .next(format!("aws kms enable-key --key-id {id}"))
        }
        KeyState::Creating => Finding::new(STATE, State::Failed, format!("{key} is being made"))
            .next("wait a minute, then look again"),
        other => Finding::new(
            STATE,
            State::Failed,
            format!("{key} cannot be used in its state {}", other.as_str()),
        )
        .next(format!("aws kms describe-key --key-id {id}")),
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;

    fn in_state(state: KeyState) -> Finding {
        let metadata = KeyMetadata::builder()
            .key_id("1234")
            .key_state(state)
            .deletion_date(DateTime::from_secs(1_800_000_000))
            .build()
            .unwrap();
        told("alias/p", &metadata)
    }

    #[test]
    fn a_key_that_is_going_to_be_deleted_is_told_with_its_day_and_how_to_keep_it() {
        let found = in_state(KeyState::PendingDeletion);
        assert_eq!(found.state, State::Failed);
        assert!(found.detail.contains("2027-01-15"), "{}", found.detail);
        assert_eq!(found.next[0], "aws kms cancel-key-deletion --key-id 1234");
    }

    #[test]
    fn only_an_enabled_key_is_good() {
        assert_eq!(in_state(KeyState::Enabled).state, State::Ok);
        for state in [
            KeyState::Disabled,
            KeyState::PendingImport,
            KeyState::Unavailable,
            KeyState::from("SomethingNew"),
        ] {
            let found = in_state(state);
            assert_eq!(found.state, State::Failed);
            assert!(!found.next.is_empty());
        }
    }
}
