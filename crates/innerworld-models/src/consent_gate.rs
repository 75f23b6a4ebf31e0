//! No byte leaves before a stored consent that names the company (safety.md 9).

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use futures_util::StreamExt as _;
use innerworld_core::{
    error::{ErrorKind, PortError},
    identity::consent::{ConsentStore, Purpose, granted},
    ids::TeenId,
    model::{
        call::{CallPurpose, ModelCall},
        chat_model::{ChatModel, ModelError, ModelErrorKind, ModelItem, ModelPhase, ModelStream},
    },
};
use tokio::time::{Instant, sleep_until};

use crate::produce::{open, produce};

/// How often the consent is looked at while an answer streams; with the time to read it, a
/// withdrawal ends a call within a second.
const LOOK_AGAIN: Duration = Duration::from_millis(700);

/// Lets a call through only while the teen's latest record for this company, purpose and text
/// version grants it. A store that cannot be read counts as no consent.
pub struct ConsentGate {
    inner: Arc<dyn ChatModel>,
    rule: Rule,
}

#[derive(Clone)]
struct Rule {
    consents: Arc<dyn ConsentStore>,
    company: String,
    versions: ConsentVersions,
}

/// Present versions of the texts that are agreed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsentVersions {
    /// Of [`Purpose::ChatModel`].
    pub chat_model: String,
    /// Of [`Purpose::ExtractionModel`].
    pub extraction_model: String,
    /// Of [`Purpose::SafetyModel`].
    pub safety_model: String,
    /// Of [`Purpose::Embedding`].
    pub embedding: String,
}

impl ConsentVersions {
    /// What a call of this purpose needs: the consent's purpose and its text version.
    pub fn of(&self, purpose: CallPurpose) -> (Purpose, &str) {
        match purpose {
            CallPurpose::Reply => (Purpose::ChatModel, &self.chat_model),
            CallPurpose::Extraction => (Purpose::ExtractionModel, &self.extraction_model),
            CallPurpose::Safety => (Purpose::SafetyModel, &self.safety_model),
            CallPurpose::Embedding => (Purpose::Embedding, &self.embedding),
        }
    }
}

impl ConsentGate {
    /// Guards `inner`, which sends to `company`.
    pub fn new(
        inner: Arc<dyn ChatModel>,
        consents: Arc<dyn ConsentStore>,
        company: impl Into<String>,
        versions: ConsentVersions,
    ) -> Self {
        Self {
            inner,
            rule: Rule {
                consents,
                company: company.into(),
                versions,
            },
        }
    }
}

impl std::fmt::Debug for ConsentGate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ConsentGate({})", self.rule.company)
    }
}

impl Rule {
    async fn allows(&self, teen: TeenId, purpose: CallPurpose) -> Result<bool, PortError> {
        let records = self.consents.list(teen).await?;
        let (purpose, version) = self.versions.of(purpose);
        Ok(granted(&records, purpose, &self.company, version).is_some())
    }

    /// Returns when the consent was withdrawn, or the teen erased. A store that cannot be read for a
    /// moment does not end an answer whose request has left already.
    async fn withdrawn(&self, teen: TeenId, purpose: CallPurpose) {
        let mut next = Instant::now() + LOOK_AGAIN;
        loop {
            sleep_until(next).await;
            match self.allows(teen, purpose).await {
                Ok(false) => return,
                Err(error) if matches!(error.kind(), ErrorKind::Denied | ErrorKind::NotFound) => {
                    return;
                }
                Ok(true) | Err(_) => {}
            }
            next = Instant::now() + LOOK_AGAIN;
        }
    }
}

#[async_trait]
impl ChatModel for ConsentGate {
    async fn stream(&self, call: ModelCall) -> Result<ModelStream, ModelError> {
        let (teen, purpose) = (call.teen, call.purpose);
        match self.rule.allows(teen, purpose).await {
            Ok(true) => {}
            Ok(false) => return Err(ModelError::early(ModelErrorKind::NoConsent)),
            Err(error) => {
                tracing::error!(error.kind = ?error.kind(), "consents could not be read");
                return Err(ModelError::early(ModelErrorKind::NoConsent));
            }
        }
        let (inner, rule) = (Arc::clone(&self.inner), self.rule.clone());
        Ok(produce(|out| async move {
            let withdrawn = rule.withdrawn(teen, purpose);
            tokio::pin!(withdrawn);
            let mut phase = ModelPhase::BeforeFirstToken;
            let opening = open(&*inner, call);
            tokio::pin!(opening);
            let mut stream = tokio::select! {
                biased;
                stream = &mut opening => stream,
                () = &mut withdrawn => return out.error(no_consent(phase)).await,
            };
            loop {
                let item = tokio::select! {
                    biased;
                    () = &mut withdrawn => {
                        drop(stream);
                        return out.error(no_consent(phase)).await;
                    }
                    item = stream.next() => item,
                };
                let Some(item) = item else { return };
                if matches!(item, Ok(ModelItem::Text(_))) {
                    phase = ModelPhase::AfterFirstToken;
                }
                out.put(item).await;
            }
        }))
    }
}

const fn no_consent(phase: ModelPhase) -> ModelError {
    ModelError {
        kind: ModelErrorKind::NoConsent,
        phase,
        provider_status: None,
        retry_after: None,
    }
}
