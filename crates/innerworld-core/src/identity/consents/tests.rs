use super::*;

fn catalogue() -> Catalogue {
    Catalogue::shipped(vec![(
        Purpose::ChatModel,
        "Example Ltd (api.example.org)".into(),
    )])
    .unwrap()
}

fn request(purpose: Purpose) -> ConsentRequest {
    ConsentRequest {
        purpose,
        recipient: String::new(),
        text_version: "1".into(),
        granted: true,
        mode: None,
        persona: None,
    }
}

fn record(requests: &[ConsentRequest]) -> Result<Vec<ConsentRecord>, ConsentError> {
    catalogue().record(
        requests,
        &Circumstances {
            jurisdiction: "US".into(),
            band: AgeBand::From13To15,
            evidence: "api".into(),
            now: Timestamp::from_millis(0),
        },
    )
}

#[test]
fn the_shipped_catalogue_is_whole() {
    let catalogue = catalogue();
    assert_eq!(catalogue.texts.len(), 7);
    assert!(
        catalogue
            .texts
            .iter()
            .all(|text| text.hash.len() == 64 && !text.text.contains('\n'))
    );
}

#[test]
fn a_company_must_be_one_that_receives() {
    let mut chat = request(Purpose::ChatModel);
    assert_eq!(record(&[chat.clone()]), Err(ConsentError::Recipient));
    chat.recipient = "Somebody else".into();
    assert_eq!(record(&[chat.clone()]), Err(ConsentError::Recipient));
    chat.granted = false;
    assert!(record(&[chat.clone()]).is_ok());
    chat.granted = true;
    chat.recipient = "Example Ltd (api.example.org)".into();
    assert_eq!(record(&[chat]).unwrap()[0].text_hash.len(), 64);
}

#[test]
fn the_version_and_the_mode_are_checked_and_one_fault_refuses_all() {
    let mut old = request(Purpose::Terms);
    old.text_version = "0".into();
    assert_eq!(
        record(&[request(Purpose::Terms), old]),
        Err(ConsentError::Version)
    );
    assert_eq!(record(&[request(Purpose::Memory)]), Err(ConsentError::Mode));
    let mut mood = request(Purpose::Mood);
    mood.mode = Some(MemoryMode::Full);
    assert_eq!(record(&[mood]), Err(ConsentError::Mode));
    assert_eq!(record(&[]), Err(ConsentError::Count));
}
