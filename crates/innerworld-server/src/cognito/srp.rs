//! The SRP verifier of a password, as Cognito's clients compute it.
//!
//! Sign-in by SRP comes later; a verifier can only be made while the password is at hand.

use aws_lc_rs::digest::{SHA256, digest};
use num_bigint::BigUint;

/// Group 15 of RFC 3526 (3,072 bits), the one in Cognito's clients; the generator is 2.
const N_HEX: &[u8] = b"FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD1\
29024E088A67CC74020BBEA63B139B22514A08798E3404DD\
EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245\
E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED\
EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3D\
C2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F\
83655D23DCA3AD961C62F356208552BB9ED529077096966D\
670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B\
E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9\
DE2BCBF6955817183995497CEA956AE515D2261898FA0510\
15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64\
ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7\
ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6B\
F12FFA06D98A0864D87602733EC86A64521F2B18177B200C\
BBE117577A615D6C770988C0BAD946E208E24FA074E5AB31\
43DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF";

/// Bytes of a salt.
pub(super) const SALT_BYTES: usize = 16;

/// g^x mod N with x = H(pad(salt) | H(pool name, user name, ":", password)).
///
/// `pool` is the part of the pool id after the underscore; `username` the subject.
pub(super) fn verifier(pool: &str, username: &str, password: &str, salt: &[u8]) -> Vec<u8> {
    let inner = digest(&SHA256, format!("{pool}{username}:{password}").as_bytes());
    let mut outer = padded(salt);
    outer.extend_from_slice(inner.as_ref());
    let x = BigUint::from_bytes_be(digest(&SHA256, &outer).as_ref());
    let modulus = BigUint::parse_bytes(N_HEX, 16).unwrap_or_default();
    BigUint::from(2_u32).modpow(&x, &modulus).to_bytes_be()
}

/// A number's bytes as the clients hash them: no leading zeros, but one where the first bit is
/// set, so that it reads as positive.
fn padded(bytes: &[u8]) -> Vec<u8> {
    let number = BigUint::from_bytes_be(bytes).to_bytes_be();
    let mut padded = Vec::with_capacity(number.len() + 33);
    if number.first().is_some_and(|first| *first >= 0x80) {
        padded.push(0);
    }
    padded.extend_from_slice(&number);
    padded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_is_a_safe_prime_by_fermat() {
        let n = BigUint::parse_bytes(N_HEX, 16).unwrap();
        let one = BigUint::from(1_u32);
        assert_eq!(n.bits(), 3_072);
        let q = (&n - &one) / 2_u32;
        assert_eq!(BigUint::from(3_u32).modpow(&(&q - &one), &q), one);
        assert_eq!(BigUint::from(3_u32).modpow(&(&n - &one), &n), one);
    }

    #[derive(serde::Deserialize)]
    struct Vector {
        pool_id: String,
        username: String,
        password: String,
        salt: String,
        verifier: String,
    }

    /// Computed independently; a client of Cognito is run against the same file by
    /// `cargo xtask test --stage server`.
    #[test]
    fn verifiers_are_those_of_an_independent_implementation() {
        let text = include_str!("../../../../tests/vectors/srp.json");
        let vectors: Vec<Vector> = serde_json::from_str(text).unwrap();
        assert_eq!(vectors.len(), 5);
        for vector in vectors {
            let (_, pool) = vector.pool_id.split_once('_').unwrap();
            let salt = u128::from_str_radix(&vector.salt, 16)
                .unwrap()
                .to_be_bytes();
            let made = verifier(pool, &vector.username, &vector.password, &salt);
            let expected = BigUint::parse_bytes(vector.verifier.as_bytes(), 16).unwrap();
            assert_eq!(BigUint::from_bytes_be(&made), expected, "{}", vector.salt);
        }
    }

    #[test]
    fn a_salt_is_padded_as_a_positive_number() {
        assert_eq!(padded(&[0x80, 1]), [0, 0x80, 1]);
        assert_eq!(padded(&[0, 0x7f, 1]), [0x7f, 1]);
    }
}
