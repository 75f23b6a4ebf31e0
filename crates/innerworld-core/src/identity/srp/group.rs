//! Numbers modulo the prime of Cognito's clients: group 15 of RFC 3526 (3,072 bits) with the
//! generator 2.

use std::fmt;

use crypto_bigint::{U3072, const_monty_params, modular::ConstMontyForm};

use crate::hex;

const_monty_params!(
    Prime,
    U3072,
    concat!(
        "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD1",
        "29024E088A67CC74020BBEA63B139B22514A08798E3404DD",
        "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245",
        "E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED",
        "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3D",
        "C2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F",
        "83655D23DCA3AD961C62F356208552BB9ED529077096966D",
        "670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B",
        "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9",
        "DE2BCBF6955817183995497CEA956AE515D2261898FA0510",
        "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64",
        "ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7",
        "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6B",
        "F12FFA06D98A0864D87602733EC86A64521F2B18177B200C",
        "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB31",
        "43DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    ),
    "The prime."
);

/// A number modulo the prime.
pub(super) type Element = ConstMontyForm<Prime, { U3072::LIMBS }>;

/// Bytes of a number of the group.
pub const NUMBER_BYTES: usize = 384;

/// The generator.
pub(super) const fn base() -> Element {
    Element::new(&U3072::from_u8(2))
}

/// The prime's bytes.
pub(super) fn modulus() -> [u8; NUMBER_BYTES] {
    bytes(Element::MODULUS.as_ref())
}

/// The number with these big-endian bytes, modulo the prime; `None` if it is zero or too long.
pub(super) fn element(bytes: &[u8]) -> Option<Element> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let number = bytes.get(zeros..).filter(|rest| !rest.is_empty())?;
    let mut full = [0_u8; NUMBER_BYTES];
    let start = NUMBER_BYTES.checked_sub(number.len())?;
    full.get_mut(start..)?.copy_from_slice(number);
    Some(Element::new(&U3072::from_be_slice(&full)))
}

/// A number's big-endian bytes.
pub(super) fn to_bytes(element: &Element) -> [u8; NUMBER_BYTES] {
    bytes(&element.retrieve())
}

fn bytes(number: &U3072) -> [u8; NUMBER_BYTES] {
    let mut bytes = [0_u8; NUMBER_BYTES];
    bytes.copy_from_slice(number.to_be_bytes().as_ref());
    bytes
}

/// A number's bytes as both sides hash them: no leading zeros, but one where the first bit is set,
/// so that it reads as positive.
pub(super) fn padded(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let number = bytes.get(zeros..).unwrap_or_default();
    let mut padded = Vec::with_capacity(number.len() + 1);
    if number.first().is_none_or(|first| *first >= 0x80) {
        padded.push(0);
    }
    padded.extend_from_slice(number);
    padded
}

/// A number as it travels: hexadecimal, without leading zeros, since some clients hash the digits
/// as they came and some the number.
pub fn number_text(bytes: &[u8]) -> String {
    let digits = hex::encode(bytes);
    match digits.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => digits.to_owned(),
    }
}

/// Reads hexadecimal digits as big-endian bytes; `None` for anything else, for nothing, and for
/// more than 3,072 bits.
pub fn read_number(text: &str) -> Option<[u8; NUMBER_BYTES]> {
    let digits = text.trim_start_matches('0');
    if text.is_empty() || digits.len() > 2 * NUMBER_BYTES {
        return None;
    }
    let mut bytes = [0_u8; NUMBER_BYTES];
    for (position, digit) in digits.bytes().rev().enumerate() {
        let value = char::from(digit).to_digit(16)?;
        let byte = bytes.iter_mut().rev().nth(position / 2)?;
        *byte |= u8::try_from(value).ok()? << (4 * (position % 2));
    }
    Some(bytes)
}

/// What one side shows the other: `A` or `B`. Never zero, and below the prime: a multiple of it
/// would make the key the same for every password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicValue(U3072);

impl PublicValue {
    /// Reads hexadecimal digits; `None` if they are none, or no number of the group.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_bytes(&read_number(text)?)
    }

    /// The value with these big-endian bytes; `None` if it is no number of the group.
    pub fn from_bytes(bytes: &[u8; NUMBER_BYTES]) -> Option<Self> {
        let number = U3072::from_be_slice(bytes);
        let fits = number != U3072::ZERO && number < *Element::MODULUS.as_ref();
        fits.then_some(Self(number))
    }

    /// Its big-endian bytes.
    pub fn to_bytes(&self) -> [u8; NUMBER_BYTES] {
        bytes(&self.0)
    }

    pub(super) const fn of(element: &Element) -> Self {
        Self(element.retrieve())
    }

    pub(super) const fn element(&self) -> Element {
        Element::new(&self.0)
    }
}

impl fmt::Display for PublicValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&number_text(&self.to_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_hashed_as_positive_ones() {
        assert_eq!(padded(&[0x80, 1]), [0, 0x80, 1]);
        assert_eq!(padded(&[0, 0x7f, 1]), [0x7f, 1]);
        assert_eq!(padded(&[0, 0]), [0]);
    }

    #[test]
    fn the_prime_is_one_by_fermat() {
        let one = Element::ONE.retrieve();
        let less = Element::MODULUS.as_ref().wrapping_sub(&one);
        let three = Element::new(&U3072::from_u8(3));
        assert_eq!(three.pow(&less), Element::ONE);
    }
}
