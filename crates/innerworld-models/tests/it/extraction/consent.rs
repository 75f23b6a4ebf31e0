//! No byte of a session leaves without a stored consent for extraction that names the company.

use innerworld_core::{
    identity::consent::Purpose, memory::model_tier::reader::ReadFailure, model::call::CallPurpose,
};

use super::bench::{Bench, FIRST, says, truth};
use crate::support::COMPANY;

async fn nothing_left(bench: &Bench) {
    let done = bench.run().await;
    assert_eq!(done.outcome.result, Err(ReadFailure::NoConsent));
    assert_eq!(
        (done.names, done.extractor.as_str()),
        (vec!["maya".to_owned()], "local")
    );
    assert_eq!(bench.upstream.connections(), 0);
    assert!(
        bench.settled().await.is_empty(),
        "a call that is not made is not in the ledger"
    );
}

#[tokio::test]
async fn without_a_consent_no_connection_is_made() {
    let bench = Bench::new([says(&truth().to_string())]).await;
    bench
        .consents
        .record(Purpose::ExtractionModel, COMPANY, "1", false);
    bench
        .consents
        .record(Purpose::ChatModel, COMPANY, "1", true);
    nothing_left(&bench).await;
}

#[tokio::test]
async fn a_consent_that_names_another_company_or_an_older_text_is_none() {
    for (company, version) in [("Other Models Inc.", "1"), (COMPANY, "0")] {
        let bench = Bench::new([says(&truth().to_string())]).await;
        bench
            .consents
            .record(Purpose::ExtractionModel, COMPANY, "1", false);
        bench
            .consents
            .record(Purpose::ExtractionModel, company, version, true);
        nothing_left(&bench).await;
    }
}

#[tokio::test]
async fn a_call_is_charged_to_the_ledger_as_any_other() {
    let bench = Bench::new([says(&truth().to_string())]).await;
    bench.run().await;
    let records = bench.settled().await;
    assert_eq!(records.len(), 1);
    let record = &records[0];
    assert_eq!(
        (record.purpose, record.model_asked.as_str()),
        (CallPurpose::Extraction, FIRST)
    );
    assert_eq!((record.tokens.input, record.tokens.output), (300, 20));
    assert_eq!(
        (record.finish.as_deref(), record.consent_version.as_str()),
        (Some("stop"), "1")
    );
    assert!(record.flags.contains("zdr") && record.flags.contains("require_parameters"));
}
