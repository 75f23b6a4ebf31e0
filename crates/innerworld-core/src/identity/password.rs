//! The rule for passwords: length only, no composition.

/// Fewest characters of a password.
pub const MIN_CHARS: usize = 12;
/// Most bytes of a password: the hash function must not become a way to burn CPU time.
pub const MAX_BYTES: usize = 256;

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Fewer than [`MIN_CHARS`] characters.
    #[error("Password not long enough")]
    TooShort,
    /// More than [`MAX_BYTES`] bytes.
    #[error("Password is too long")]
    TooLong,
}

/// Checks a new password.
pub fn check(password: &str) -> Result<(), PasswordError> {
    if password.len() > MAX_BYTES {
        Err(PasswordError::TooLong)
    } else if password.chars().count() < MIN_CHARS {
        Err(PasswordError::TooShort)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_have_a_lower_and_bytes_an_upper_bound() {
        assert_eq!(check("eleven chars"), Ok(()));
        assert_eq!(check("elevenchars"), Err(PasswordError::TooShort));
        assert_eq!(check(&"ä".repeat(12)), Ok(()));
        assert_eq!(check(&"a".repeat(256)), Ok(()));
        assert_eq!(check(&"a".repeat(257)), Err(PasswordError::TooLong));
    }
}
