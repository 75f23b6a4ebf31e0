//! Each password leaves a verifier that sign-in by SRP uses, also one of years ago.

use std::{fs, path::Path, sync::Arc};

use aws_lc_rs::digest::{SHA256, digest};
use innerworld_core::{
    identity::{
        account::{Account, AccountState, Credential},
        srp,
    },
    ids::TeenId,
    secret::Redacted,
};
use innerworld_embedded::{Embedded, OpenOptions, OsIds};
use innerworld_testkit::{FakeClock, fixture};
use num_bigint::BigUint;
use serde_json::json;

use super::{
    provider::{PASSWORD, Provider, name},
    srp_challenge::{Asked, respond, sign_in},
};

/// Group 15 of RFC 3526 by its formula: 2^3072 - 2^3008 - 1 + 2^64 * ([2^2942 pi] + 1690314).
pub(super) fn prime() -> BigUint {
    let power = |bits: u32| BigUint::from(1_u32) << bits;
    let one = power(2_942 + 64);
    let arctan = |inverse: u32| {
        let mut power = &one / inverse;
        let (mut plus, mut minus) = (power.clone(), BigUint::ZERO);
        let mut number = 3_u32;
        while power != BigUint::ZERO {
            power /= inverse * inverse;
            let term = &power / number;
            if number % 4 == 3 {
                minus += term;
            } else {
                plus += term;
            }
            number += 2;
        }
        plus - minus
    };
    // Machin: pi / 4 = 4 arctan(1/5) - arctan(1/239).
    let pi = (arctan(5) * 4_u32 - arctan(239)) * 4_u32;
    power(3_072) - power(3_008) - 1_u32 + power(64) * ((pi >> 64_u32) + 1_690_314_u32)
}

/// g^x mod N with x as Cognito's clients compute it.
fn expected(pool_id: &str, teen: TeenId, password: &str, salt: &[u8]) -> BigUint {
    let (_, pool) = pool_id.split_once('_').unwrap();
    let inner = digest(&SHA256, format!("{pool}{teen}:{password}").as_bytes());
    let mut text = BigUint::from_bytes_be(salt).to_str_radix(16);
    if text.len() % 2 == 1 {
        text.insert(0, '0');
    } else if text.starts_with(['8', '9', 'a', 'b', 'c', 'd', 'e', 'f']) {
        text.insert_str(0, "00");
    }
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap())
        .collect();
    let pairs = digits.chunks_exact(2);
    let mut outer: Vec<u8> = pairs.map(|pair| pair[0] * 16 + pair[1]).collect();
    outer.extend_from_slice(inner.as_ref());
    let x = BigUint::from_bytes_be(digest(&SHA256, &outer).as_ref());
    BigUint::from(2_u32).modpow(&x, &prime())
}

async fn fits(provider: &Provider, teen: TeenId, password: &str) -> bool {
    let accounts = provider.world.stores.accounts();
    let stored = accounts.credential(teen).await.unwrap().unwrap();
    let pool = &provider.world.cognito.pool().id;
    let verifier = BigUint::from_bytes_be(stored.srp_verifier.reveal());
    verifier == expected(pool, teen, password, stored.srp_salt.reveal())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_way_to_set_a_password_stores_its_verifier() {
    let provider = Provider::start().await;
    let address = "mia@example.org";
    let teen = provider.teen(address).await;
    assert!(fits(&provider, teen, PASSWORD).await);
    assert!(!fits(&provider, teen, "not the password").await);

    let access = provider.sign_in(address, PASSWORD).await.unwrap().access;
    let second = "meadow cloud compass";
    let body =
        json!({"AccessToken": access, "PreviousPassword": PASSWORD, "ProposedPassword": second});
    provider.call("ChangePassword", body).await.unwrap();
    assert!(fits(&provider, teen, second).await);

    let named = json!({"Username": address});
    provider.call("ForgotPassword", named).await.unwrap();
    let code = provider.world.mails.newest(address);
    let third = "Ünïcode & spaces  inside";
    let body = json!({"Username": address, "ConfirmationCode": code, "Password": third});
    provider.call("ConfirmForgotPassword", body).await.unwrap();
    assert!(fits(&provider, teen, third).await);
    assert!(!fits(&provider, teen, second).await);
}

#[derive(serde::Deserialize)]
struct Vector {
    pool_id: String,
    username: String,
    password: String,
    salt: String,
    verifier: String,
}

fn bytes(digits: &str) -> Vec<u8> {
    let full = srp::read_number(digits).unwrap();
    full[full.len() - digits.len() / 2..].to_vec()
}

/// Rows as the first version wrote them, which could not sign in by SRP yet; their verifiers were
/// computed by an independent implementation.
#[tokio::test(flavor = "multi_thread")]
async fn accounts_from_before_sign_in_by_their_verifier() {
    let text = include_str!("../../../../../tests/vectors/srp.json");
    let vectors: Vec<Vector> = serde_json::from_str(text).unwrap();
    let clock = Arc::new(FakeClock::default());
    let stores = Embedded::in_memory(Arc::clone(&clock) as _, Arc::new(OsIds)).unwrap();
    let keys = stores.keys();
    let pool = &vectors[0].pool_id;
    keys.put_setting_once("user_pool_id", pool).await.unwrap();
    let provider = Provider::over(stores, clock).await;
    for vector in &vectors {
        let now = provider.world.app.now();
        let account = Account {
            teen: TeenId::from_verified_subject(&vector.username).unwrap(),
            email: format!("{}@example.org", vector.username).into(),
            state: AccountState::Confirmed,
            created_at: now,
            modified_at: now,
            federated: None,
        };
        let credential = Credential {
            argon2id: Redacted::new(String::new()),
            srp_salt: Redacted::new(bytes(&vector.salt)),
            srp_verifier: Redacted::new(bytes(&vector.verifier)),
        };
        let accounts = provider.world.stores.accounts();
        // Two are of one teen, who set a password twice.
        if accounts.by_id(account.teen).await.unwrap().is_none() {
            accounts.create(&account, &credential).await.unwrap();
        }
        accounts
            .put_credential(account.teen, &credential)
            .await
            .unwrap();
        let address = account.email.reveal();
        assert!(sign_in(&provider, address, &vector.password).await.is_ok());
        let wrong = sign_in(&provider, address, "not the password").await;
        assert_eq!(name(wrong), "NotAuthorizedException");
    }
}

/// The account of a data folder of version 1 has a verifier that no password belongs to.
#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_of_version_1_answers_with_its_salt() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/data-v1");
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    let clock = Arc::new(FakeClock::default());
    let stores = Embedded::open(OpenOptions {
        data_dir: copy.path().to_owned(),
        master_key_file: copy.path().join("master.key"),
        clock: Arc::clone(&clock) as _,
        ids: Arc::new(OsIds),
    })
    .unwrap();
    // Its signing key is no key either.
    let keys = stores.keys();
    for key in keys.signing_keys().await.unwrap() {
        keys.remove_signing_key(&key.kid).await.unwrap();
    }
    let provider = Provider::over(stores, clock).await;
    let accounts = provider.world.stores.accounts();
    let account = accounts.by_email(fixture::EMAIL).await.unwrap().unwrap();
    let stored = accounts.credential(account.teen).await.unwrap().unwrap();
    let asked = Asked::new(&provider, fixture::EMAIL).await.unwrap();
    let salt = srp::number_text(stored.srp_salt.reveal());
    assert_eq!(asked.text("SALT"), salt);
    assert_eq!(asked.text("USERNAME"), account.teen.to_string());
    let answer = asked.answer(&provider, PASSWORD, provider.world.app.now());
    let refused = name(respond(&provider, answer).await);
    assert_eq!(refused, "NotAuthorizedException");
}

/// An account without a verifier is nobody to SRP, and no error.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_a_verifier_is_refused_as_a_wrong_password() {
    let provider = Provider::start().await;
    let teen = provider.teen("mia@example.org").await;
    let accounts = provider.world.stores.accounts();
    let mut credential = accounts.credential(teen).await.unwrap().unwrap();
    credential.srp_salt = Redacted::new(Vec::new());
    credential.srp_verifier = Redacted::new(Vec::new());
    accounts.put_credential(teen, &credential).await.unwrap();
    let refused = sign_in(&provider, "mia@example.org", PASSWORD).await;
    assert_eq!(name(refused), "NotAuthorizedException");
    assert!(provider.sign_in("mia@example.org", PASSWORD).await.is_ok());
}
