//! What claims to be signed by Apple: any text and any certificates are refused without a panic, and
//! nothing is believed.
#![no_main]

use std::sync::LazyLock;

use ::base64::{Engine as _, engine::general_purpose as base64};
use innerworld_core::{
    clock::Timestamp,
    identity::{
        apple::{
            keys::{KeySet, key_id},
            store_notice::StoreTrust,
        },
        oauth,
    },
};
use libfuzzer_sys::fuzz_target;

/// A root whose key nobody has.
static ROOT: LazyLock<StoreTrust> = LazyLock::new(|| {
    let root = include_bytes!("../seeds/store_root.der");
    StoreTrust::new(root, "org.example.app").expect("the seed is a certificate")
});

fuzz_target!(|input: &[u8]| {
    let now = Timestamp::from_millis(1_780_000_000_000);
    let text = String::from_utf8_lossy(input);
    let _kid = key_id(&text);
    let _keys = KeySet::parse(input);
    let _trust = StoreTrust::new(input, "org.example.app");
    assert!(!oauth::verifier_fits(
        &text,
        "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN"
    ));
    assert!(ROOT.notice(&text, now).is_err());
    // As certificates of a chain, and as what they sign.
    let (one, other) = input.split_at(input.len() / 2);
    let encoded = |bytes: &[u8]| base64::STANDARD.encode(bytes);
    let header = format!(
        r#"{{"alg":"ES256","x5c":["{}","{}","{}"]}}"#,
        encoded(one),
        encoded(other),
        encoded(input)
    );
    let part = |bytes: &[u8]| base64::URL_SAFE_NO_PAD.encode(bytes);
    let signed = format!("{}.{}.{}", part(header.as_bytes()), part(input), part(one));
    assert!(ROOT.app_transaction(&signed, now).is_err());
});
