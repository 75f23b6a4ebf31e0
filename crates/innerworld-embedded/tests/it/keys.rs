//! Signing keys, service keys, settings and namers.

use innerworld_core::{
    clock::Timestamp, error::ErrorKind, identity::account::SigningKey, secret::Redacted,
};

use crate::place::{Place, teen};

fn signing_key(kid: &str, at: i64) -> SigningKey {
    SigningKey {
        kid: kid.to_owned(),
        active: true,
        pkcs8: Redacted::new(vec![1, 2, 3]),
        created_at: Timestamp::from_millis(at),
    }
}

#[tokio::test]
async fn keys_and_settings_survive_a_restart() {
    let place = Place::new();
    let embedded = place.open().unwrap();
    let keys = embedded.keys();
    keys.put_signing_key(&signing_key("a", 1)).await.unwrap();
    keys.put_signing_key(&signing_key("b", 2)).await.unwrap();
    let ledger = keys.service_key("ledger").await.unwrap();
    assert_ne!(ledger, keys.service_key("emails").await.unwrap());
    assert_eq!(keys.setting("issuer").await.unwrap(), None);
    assert_eq!(keys.put_setting_once("issuer", "x").await.unwrap(), "x");
    let namer = embedded.namers().namer(teen(1)).await.unwrap();
    drop((keys, embedded));

    let embedded = place.open().unwrap();
    let keys = embedded.keys();
    let stored = keys.signing_keys().await.unwrap();
    let expected = [
        signing_key("b", 2),
        SigningKey {
            active: false,
            ..signing_key("a", 1)
        },
    ];
    assert_eq!(stored, expected);
    keys.remove_signing_key("a").await.unwrap();
    assert_eq!(keys.signing_keys().await.unwrap().len(), 1);
    assert_eq!(keys.service_key("ledger").await.unwrap(), ledger);
    assert_eq!(keys.put_setting_once("issuer", "y").await.unwrap(), "x");
    let again = embedded.namers().namer(teen(1)).await.unwrap();
    assert_eq!(namer.id(&[b"n"]), again.id(&[b"n"]));
    let other = embedded.namers().namer(teen(2)).await.unwrap();
    assert_ne!(namer.id(&[b"n"]), other.id(&[b"n"]));
}

#[tokio::test]
async fn t06_a_wrapped_key_moved_to_another_teen_does_not_open() {
    let place = Place::new();
    let embedded = place.open().unwrap();
    for n in 1..=2 {
        embedded.namers().namer(teen(n)).await.unwrap();
    }
    drop(embedded);
    let file = rusqlite::Connection::open(place.data().join("keys.db")).unwrap();
    let swap = "UPDATE teen_key SET wrapped = (SELECT wrapped FROM teen_key WHERE user_id = ?1)
                WHERE user_id = ?2";
    file.execute(swap, [teen(1).to_bytes(), teen(2).to_bytes()])
        .unwrap();
    drop(file);
    let embedded = place.open().unwrap();
    embedded.namers().namer(teen(1)).await.unwrap();
    let error = embedded.namers().namer(teen(2)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Corrupt);
}
