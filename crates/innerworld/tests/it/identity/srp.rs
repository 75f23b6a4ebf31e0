//! Each password leaves a verifier that a later sign-in by SRP can use.

use aws_lc_rs::digest::{SHA256, digest};
use innerworld_core::ids::TeenId;
use num_bigint::BigUint;
use serde_json::json;

use super::provider::{PASSWORD, Provider};

/// Group 15 of RFC 3526 by its formula: 2^3072 - 2^3008 - 1 + 2^64 * ([2^2942 pi] + 1690314).
fn prime() -> BigUint {
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
