//! One gate for every purpose: not one connection before a stored consent that names purpose, company
//! and present text, and none goes on after it was withdrawn.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt as _;
use innerworld_core::{
    identity::consent::{ConsentStore as _, Purpose},
    model::{
        call::{CallPurpose, ModelCall},
        chat_model::{ChatModel, ModelErrorKind, ModelItem},
    },
};
use innerworld_models::consent_gate::{ConsentGate, ConsentVersions};
use innerworld_testkit::{
    hostile_upstream::{HostileUpstream, Wire, scripts},
    model_calls,
    scripted_model::{ScriptedModel, ScriptedReply},
};

use crate::support::{self, COMPANY, Consents};

/// Every purpose of a call, with the consent that it needs and a present version of its own.
const PURPOSES: [(CallPurpose, Purpose, &str); 4] = [
    (CallPurpose::Reply, Purpose::ChatModel, "11"),
    (CallPurpose::Extraction, Purpose::ExtractionModel, "12"),
    (CallPurpose::Safety, Purpose::SafetyModel, "13"),
    (CallPurpose::Embedding, Purpose::Embedding, "14"),
];

fn versions() -> ConsentVersions {
    let [
        (_, _, chat),
        (_, _, extraction),
        (_, _, safety),
        (_, _, embedding),
    ] = PURPOSES;
    ConsentVersions {
        chat_model: chat.to_owned(),
        extraction_model: extraction.to_owned(),
        safety_model: safety.to_owned(),
        embedding: embedding.to_owned(),
    }
}

fn call(purpose: CallPurpose) -> ModelCall {
    ModelCall {
        purpose,
        ..model_calls::call(1, "hello")
    }
}

fn gate(inner: Arc<dyn ChatModel>, consents: &Arc<Consents>) -> ConsentGate {
    ConsentGate::new(inner, Arc::clone(consents) as _, COMPANY, versions())
}

/// A gate before a provider whose connections are counted.
struct Guarded {
    upstream: HostileUpstream,
    consents: Arc<Consents>,
    gate: ConsentGate,
}

impl Guarded {
    async fn new() -> Self {
        let upstream = HostileUpstream::start([Wire::good().chunked()]).await;
        let client = support::client(&support::provider(&upstream.base_url()));
        let consents = Arc::new(Consents::default());
        let gate = gate(Arc::new(client), &consents);
        Self {
            upstream,
            consents,
            gate,
        }
    }

    /// Whether a call came through.
    async fn lets_through(&self, purpose: CallPurpose) -> bool {
        match self.gate.stream(call(purpose)).await {
            Err(error) => {
                assert_eq!(error.kind, ModelErrorKind::NoConsent);
                false
            }
            Ok(mut stream) => {
                while let Some(item) = stream.next().await {
                    item.unwrap();
                }
                true
            }
        }
    }

    async fn refuses(&self, purpose: CallPurpose, why: &str) {
        assert!(!self.lets_through(purpose).await, "{purpose:?}: {why}");
        assert_eq!(self.upstream.connections(), 0, "{purpose:?}: {why}");
    }
}

#[tokio::test]
async fn no_purpose_makes_a_connection_without_its_own_consent() {
    for (purpose, consent, version) in PURPOSES {
        let guarded = Guarded::new().await;
        guarded.refuses(purpose, "there is none").await;
        for (_, other, version) in PURPOSES.iter().filter(|(_, other, _)| *other != consent) {
            guarded.consents.record(*other, COMPANY, version, true);
        }
        guarded
            .consents
            .record(Purpose::Terms, COMPANY, version, true);
        guarded.refuses(purpose, "it is for other purposes").await;
        let other = "Other Models Inc. (other.invalid)";
        guarded.consents.record(consent, other, version, true);
        guarded.refuses(purpose, "it names another company").await;
        guarded.consents.record(consent, COMPANY, "1", true);
        guarded.refuses(purpose, "it is of an older text").await;
        guarded.consents.record(consent, COMPANY, version, true);
        guarded.consents.record(consent, COMPANY, version, false);
        guarded.refuses(purpose, "it was withdrawn").await;
        guarded.consents.record(consent, COMPANY, version, true);
        assert!(guarded.lets_through(purpose).await, "{purpose:?}");
        assert_eq!(guarded.upstream.connections(), 1, "{purpose:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_withdrawal_ends_calls_of_every_purpose_within_a_second() {
    for (purpose, consent, version) in PURPOSES {
        for spoken in [true, false] {
            let reply = if spoken {
                ScriptedReply::hanging_after("Hello ")
            } else {
                ScriptedReply::hanging_after("")
            };
            let source = Arc::new(ScriptedModel::new([reply]));
            let consents = Arc::new(Consents::default());
            consents.record(consent, COMPANY, version, true);
            let gate = gate(Arc::clone(&source) as _, &consents);
            let mut stream = gate.stream(call(purpose)).await.unwrap();
            while spoken && !matches!(stream.next().await, Some(Ok(ModelItem::Text(_)))) {}
            consents.record(consent, COMPANY, version, false);
            let since = tokio::time::Instant::now();
            let error = loop {
                match stream.next().await.unwrap() {
                    Ok(_item) => {}
                    Err(error) => break error,
                }
            };
            assert!(since.elapsed() < Duration::from_secs(1), "{purpose:?}");
            assert_eq!(error.kind, ModelErrorKind::NoConsent);
            assert_eq!(source.open_streams(), 0, "{purpose:?}");
        }
    }
}

#[tokio::test]
async fn a_withdrawal_closes_the_providers_connection() {
    let (purpose, consent, version) = PURPOSES[2];
    let upstream = HostileUpstream::start([scripts::h11_silent_after_text()]).await;
    let client = support::client(&support::provider(&upstream.base_url()));
    let consents = Arc::new(Consents::default());
    consents.record(consent, COMPANY, version, true);
    let gate = gate(Arc::new(client), &consents);
    let mut stream = gate.stream(call(purpose)).await.unwrap();
    while !matches!(stream.next().await, Some(Ok(ModelItem::Text(_)))) {}
    consents.record(consent, COMPANY, version, false);
    let error = stream.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind, ModelErrorKind::NoConsent);
    let teen = call(purpose).teen;
    let records = consents.list(teen).await.unwrap();
    assert_eq!(
        records.len(),
        2,
        "a withdrawal leaves the consent on record"
    );
}
