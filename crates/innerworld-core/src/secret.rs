//! Wrappers that keep content and secrets out of logs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A value whose `Debug` prints `[redacted]`: a teen's words, a name, an address.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Redacted<T>(T);

impl<T> Redacted<T> {
    /// Hides `value` from `Debug`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for the few places that must read it.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// Takes the value out.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Redacted<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T> fmt::Debug for Redacted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Text that a person wrote or that names a person; `Debug` prints `[redacted]`.
pub type Text = Redacted<String>;

/// A secret string (an API key, a password): zeroised on drop, `Debug` prints `[redacted]`.
#[derive(Clone, zeroize::Zeroize, zeroize::ZeroizeOnDrop)]
pub struct Secret(String);

impl Secret {
    /// Takes over `value`.
    pub const fn new(value: String) -> Self {
        Self(value)
    }

    /// The secret, for the call that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_value() {
        assert_eq!(
            format!("{:?}", Text::new("a teen's words".into())),
            "[redacted]"
        );
        assert_eq!(format!("{:?}", Secret::new("sk-1".into())), "[redacted]");
        assert_eq!(
            format!("{:?}", Some(Text::new("x".into()))),
            "Some([redacted])"
        );
    }
}
