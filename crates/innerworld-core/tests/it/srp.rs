//! Sign-in by SRP: both sides against each other, and against an independent implementation.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use innerworld_core::{
    hex,
    identity::srp::{
        Claim, Client, NUMBER_BYTES, Person, PublicValue, SALT_BYTES, SECRET_BYTES, Server,
        SessionKey, number_text, read_number,
    },
};
use innerworld_testkit::SeededIds;
use proptest::prelude::*;

/// The prime, as clients write it.
const PRIME: &str = "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74\
    020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437\
    4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
    EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05\
    98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB\
    9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
    E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718\
    3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33\
    A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
    ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864\
    D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2\
    08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

#[derive(serde::Deserialize)]
struct Vectors {
    maker: String,
    sign_ins: Vec<SignIn>,
}

#[derive(serde::Deserialize)]
struct SignIn {
    pool_id: String,
    username: String,
    password: String,
    salt: String,
    verifier: String,
    client_secret: String,
    server_secret: String,
    client_value: String,
    server_value: String,
    key: String,
    secret_block: String,
    timestamp: String,
    signature: String,
}

fn number(text: &str) -> [u8; NUMBER_BYTES] {
    read_number(text).unwrap()
}

fn secret(text: &str) -> [u8; SECRET_BYTES] {
    *number(text).last_chunk().unwrap()
}

/// Made by a client of Cognito; `cargo xtask test --stage server` has it make them anew and
/// compares, and has another client, which is of another maker, agree.
#[test]
fn both_sides_compute_what_another_implementation_does() {
    let text = include_str!("../../../../tests/vectors/srp-sign-in.json");
    let vectors: Vectors = serde_json::from_str(text).unwrap();
    assert!(vectors.maker.starts_with("amazon-cognito-identity-js "));
    assert_eq!(vectors.sign_ins.len(), 5);
    for vector in vectors.sign_ins {
        let person = Person::new(&vector.pool_id, &vector.username);
        let salt: [u8; SALT_BYTES] = *number(&vector.salt).last_chunk().unwrap();
        let verifier = person.verifier(&vector.password, &salt);
        assert_eq!(hex::encode(&verifier), vector.verifier);

        let client = Client::with_secret(&secret(&vector.client_secret));
        let server = Server::new(&verifier, &secret(&vector.server_secret)).unwrap();
        assert_eq!(client.public().to_string(), vector.client_value);
        assert_eq!(server.public().to_string(), vector.server_value);
        let keys = [
            client.key(person, &vector.password, &salt, &server.public()),
            server.key(client.public()),
        ];
        let secret_block = BASE64.decode(&vector.secret_block).unwrap();
        let claim = Claim {
            person,
            secret_block: &secret_block,
            timestamp: &vector.timestamp,
        };
        let signature = BASE64.decode(&vector.signature).unwrap();
        for key in keys {
            assert_eq!(hex::encode(key.expose()), vector.key);
            assert_eq!(key.sign(claim), signature);
            assert!(key.verify(claim, &signature));
        }
    }
}

#[test]
fn what_is_no_number_of_the_group_is_refused() {
    let less = PRIME.replacen("CAFFFFFFFFFFFFFFFF", "CAFFFFFFFFFFFFFFFE", 1);
    let more = PRIME.replacen("FFFFFFFFFFFFFFFFC9", "FFFFFFFFFFFFFFFFCA", 1);
    assert!(PublicValue::parse(&less).is_some());
    assert!(PublicValue::parse("1").is_some());
    assert!(PublicValue::parse(&less.to_lowercase()).is_some());
    for wrong in [
        "",
        "0",
        "000",
        PRIME,
        &more,
        &twice_of(PRIME),
        "-1",
        "+1",
        " 1",
        "0x1",
        "g",
        "é",
        "1 ",
    ] {
        assert_eq!(PublicValue::parse(wrong), None, "{wrong}");
    }
    assert_eq!(read_number(&"1".repeat(2 * NUMBER_BYTES + 1)), None);
}

/// Twice a number, in hexadecimal digits.
fn twice_of(text: &str) -> String {
    let mut carry = 0;
    let mut digits: Vec<char> = Vec::new();
    for digit in text.chars().rev() {
        let doubled = 2 * digit.to_digit(16).unwrap() + carry;
        carry = doubled / 16;
        digits.extend(char::from_digit(doubled % 16, 16));
    }
    digits.extend(char::from_digit(carry, 16));
    digits.iter().rev().collect()
}

#[test]
fn a_verifier_that_is_none_makes_no_side() {
    let secret = [7; SECRET_BYTES];
    for wrong in [&[][..], &[0; 384], &[1; 385]] {
        assert!(Server::new(wrong, &secret).is_none());
    }
    // As old rows may hold them: with and without leading zeros.
    let (short, long) = ([9_u8; 3], [0_u8, 0, 9, 9, 9]);
    let public = |verifier: &[u8]| Server::new(verifier, &secret).unwrap().public();
    assert_eq!(public(&short), public(&long));
}

fn sign(key: &SessionKey, person: Person<'_>, block: &[u8], timestamp: &str) -> Vec<u8> {
    key.sign(Claim {
        person,
        secret_block: block,
        timestamp,
    })
}

proptest! {
    #[test]
    fn numbers_travel_as_digits(bytes in prop::collection::vec(any::<u8>(), 1..=NUMBER_BYTES)) {
        let read = number(&number_text(&bytes));
        let (zeros, tail) = read.split_at(NUMBER_BYTES - bytes.len());
        prop_assert!(zeros.iter().all(|byte| *byte == 0));
        prop_assert_eq!(tail, &bytes[..]);
    }

    #[test]
    fn any_text_is_a_number_or_none(text in "\\PC{0,40}|[0-9a-fA-F]{0,800}") {
        if let Some(value) = PublicValue::parse(&text) {
            let digits = text.trim_start_matches('0').to_lowercase();
            prop_assert_eq!(value.to_string(), digits);
        }
    }

    /// Whatever password and name: both sides agree for the right one, and one changed byte
    /// anywhere makes the proof worthless.
    #[test]
    fn only_the_password_opens(
        password in "\\PC{1,40}", user in "\\PC{1,40}", pool in "[a-z]{2}-[a-z]{1,9}-1_[0-9A-Za-z]{1,20}",
        salt in any::<[u8; SALT_BYTES]>(), seed in any::<u64>(), server in any::<[u8; SECRET_BYTES]>(),
        block in prop::collection::vec(any::<u8>(), 1..500), at in any::<prop::sample::Index>(),
    ) {
        let person = Person::new(&pool, &user);
        let server = Server::new(&person.verifier(&password, &salt), &server).unwrap();
        let client = Client::new(&SeededIds::new(seed));
        let time = "Thu Nov 5 09:07:03 UTC 2026";
        let key = client.key(person, &password, &salt, &server.public());
        let theirs = server.key(client.public());
        let signature = sign(&key, person, &block, time);
        let claim = Claim { person, secret_block: &block, timestamp: time };
        prop_assert!(theirs.verify(claim, &signature));

        let mut wrong = password.clone();
        wrong.push('x');
        let wrong_key = client.key(person, &wrong, &salt, &server.public());
        prop_assert!(!theirs.verify(claim, &sign(&wrong_key, person, &block, time)));
        let mut salt = salt;
        salt[at.index(SALT_BYTES)] ^= 1;
        let wrong_key = client.key(person, &password, &salt, &server.public());
        prop_assert!(!theirs.verify(claim, &sign(&wrong_key, person, &block, time)));

        let mut changed = signature.clone();
        changed[at.index(signature.len())] ^= 1;
        prop_assert!(!theirs.verify(claim, &changed));
        prop_assert!(!theirs.verify(claim, &signature[1..]));
        let mut other = block.clone();
        other[at.index(block.len())] ^= 1;
        let other = Claim { secret_block: &other, ..claim };
        prop_assert!(!theirs.verify(other, &signature));
        let somebody = format!("{user}x");
        let other = Claim { person: Person::new(&pool, &somebody), ..claim };
        prop_assert!(!theirs.verify(other, &signature));
        let later = Claim { timestamp: "Thu Nov 5 09:07:04 UTC 2026", ..claim };
        prop_assert!(!theirs.verify(later, &signature));
    }
}
