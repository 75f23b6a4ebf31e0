//! Secrets in their two slots.

use std::time::Duration;

use innerworld_aws::{Put, SecretState, Secrets, Stage, Versions};
use innerworld_core::{error::ErrorKind, secret::Secret};

use crate::place::{address, at, kms_key, unique};

const FIRST: &str = r#"{"api_key":"first"}"#;
const SECOND: &str = r#"{"api_key":"second"}"#;

fn secrets() -> Secrets {
    let config = at(&address("INNERWORLD_TEST_SECRETS"));
    Secrets::new(&config, Duration::from_secs(10))
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

async fn said(secrets: &Secrets, id: &str, stage: Stage) -> Option<String> {
    let read = secrets.read(id, stage).await.unwrap();
    read.map(|value| value.reveal().to_owned())
}

#[tokio::test]
async fn a_secret_that_is_not_there_is_told_from_one_that_cannot_be_read() {
    let secrets = secrets();
    let id = &format!("{}/openai/api-key", unique());
    assert_eq!(secrets.versions(id).await.unwrap(), None);
    assert_eq!(said(&secrets, id, Stage::Current).await, None);
    assert!(secrets.describe(id).await.is_err());
    // A second slot needs a first one.
    let key = kms_key().await;
    let refused = secrets
        .put((id, &key), &secret(FIRST), Stage::Pending)
        .await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(
        secrets.promote(id).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert_eq!(secrets.versions(id).await.unwrap(), None);
}

#[tokio::test]
async fn a_value_waits_until_it_is_promoted_and_the_old_one_is_read_until_then() {
    let secrets = secrets();
    let id = &format!("{}/openai/api-key", unique());
    let key = kms_key().await;
    let made = secrets.put((id, &key), &secret("{}"), Stage::Current).await;
    assert_eq!(made.unwrap(), Put::Made);
    let added = secrets
        .put((id, &key), &secret(FIRST), Stage::Current)
        .await;
    assert_eq!(added.unwrap(), Put::Added { in_use: true });
    assert_eq!(secrets.describe(id).await.unwrap(), SecretState::Present);
    assert_eq!(
        said(&secrets, id, Stage::Current).await.as_deref(),
        Some(FIRST)
    );
    assert_eq!(said(&secrets, id, Stage::Pending).await, None);

    secrets
        .put((id, &key), &secret(SECOND), Stage::Pending)
        .await
        .unwrap();
    assert_eq!(
        said(&secrets, id, Stage::Current).await.as_deref(),
        Some(FIRST)
    );
    assert_eq!(
        said(&secrets, id, Stage::Pending).await.as_deref(),
        Some(SECOND)
    );
    let waiting = secrets.versions(id).await.unwrap().unwrap();
    assert!(waiting.pending.is_some() && waiting.pending != waiting.current);

    secrets.promote(id).await.unwrap();
    assert_eq!(
        said(&secrets, id, Stage::Current).await.as_deref(),
        Some(SECOND)
    );
    let promoted = secrets.versions(id).await.unwrap().unwrap();
    let wanted = Versions {
        current: waiting.pending,
        ..Versions::default()
    };
    assert_eq!(promoted, wanted);
    assert_eq!(
        secrets.promote(id).await.unwrap_err().kind(),
        ErrorKind::NotFound
    );
    assert_eq!(
        said(&secrets, id, Stage::Current).await.as_deref(),
        Some(SECOND)
    );
}
