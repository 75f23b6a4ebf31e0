//! Items and their attributes.

use std::{collections::HashMap, fmt, str::FromStr};

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use innerworld_core::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
};

/// The value of an attribute.
#[derive(Clone, PartialEq)]
pub(crate) struct Value(pub(crate) AttributeValue);

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self(AttributeValue::S(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self(AttributeValue::S(text))
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self(AttributeValue::B(Blob::new(bytes)))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self(AttributeValue::Bool(flag))
    }
}

macro_rules! numbers {
    ($($number:ty),+) => {
        $(impl From<$number> for Value {
            fn from(number: $number) -> Self {
                Self(AttributeValue::N(number.to_string()))
            }
        })+
    };
}

numbers!(i64, u64, u32, i32);

/// When an item ends, as the tables' own deletion reads it: seconds, rounded up, so that it never
/// goes early. What a read goes by is [`Item::lives`].
pub(crate) fn seconds(instant: Timestamp) -> Value {
    Value::from(instant.as_millis().div_euclid(1_000).saturating_add(1))
}

/// The attributes of an item's end.
pub(crate) fn end(instant: Timestamp) -> [(&'static str, Value); 2] {
    [
        (EXPIRES, seconds(instant)),
        (ENDS, instant.as_millis().into()),
    ]
}

/// One item's attributes.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Item(HashMap<String, AttributeValue>);

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Item([redacted])")
    }
}

/// The exact end of an item, milliseconds since 1970.
pub(super) const ENDS: &str = "ends_ms";
/// What the table's own deletion reads.
pub(crate) const EXPIRES: &str = "expires_at";

impl Item {
    /// An item without attributes.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// With one more attribute.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into().0);
        self
    }

    /// With an end: it is not there at or after `instant`, whatever the table deletes when.
    #[must_use]
    pub(crate) fn until(self, instant: Timestamp) -> Self {
        end(instant)
            .into_iter()
            .fold(self, |item, (name, value)| item.with(name, value))
    }

    /// With an instant after which the table may delete it. Until it does, the item is there.
    #[must_use]
    pub(crate) fn deleted_after(self, instant: Timestamp) -> Self {
        self.with(EXPIRES, seconds(instant))
    }

    /// Whether it is still there at `now`.
    pub(crate) fn lives(&self, now: Timestamp) -> bool {
        let ends = self.maybe_number::<i64>(ENDS).unwrap_or(None);
        ends.is_none_or(|ends| ends > now.as_millis())
    }

    /// When it ends.
    pub(crate) fn ends(&self) -> Result<Timestamp, PortError> {
        self.number(ENDS).map(Timestamp::from_millis)
    }

    /// A text.
    pub(crate) fn text(&self, name: &str) -> Result<&str, PortError> {
        match self.0.get(name) {
            Some(AttributeValue::S(text)) => Ok(text),
            _ => Err(corrupt()),
        }
    }

    /// A text that may be absent.
    pub(crate) fn maybe_text(&self, name: &str) -> Result<Option<&str>, PortError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(_) => self.text(name).map(Some),
        }
    }

    /// A number.
    pub(crate) fn number<T: FromStr>(&self, name: &str) -> Result<T, PortError> {
        self.maybe_number(name)?.ok_or_else(corrupt)
    }

    /// A number that may be absent.
    pub(crate) fn maybe_number<T: FromStr>(&self, name: &str) -> Result<Option<T>, PortError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(AttributeValue::N(number)) => number.parse().map(Some).map_err(|_form| corrupt()),
            Some(_) => Err(corrupt()),
        }
    }

    /// Bytes.
    pub(crate) fn bytes(&self, name: &str) -> Result<&[u8], PortError> {
        match self.0.get(name) {
            Some(AttributeValue::B(bytes)) => Ok(bytes.as_ref()),
            _ => Err(corrupt()),
        }
    }

    /// Whether there is an attribute of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A flag; absent is `false`.
    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.0.get(name), Some(AttributeValue::Bool(true)))
    }

    /// What the service counts of it: names and values. Lists and maps are not among ours.
    #[cfg(test)]
    pub(crate) fn size(&self) -> usize {
        let value = |value: &AttributeValue| match value {
            AttributeValue::S(text) => text.len(),
            AttributeValue::B(bytes) => bytes.as_ref().len(),
            AttributeValue::N(number) => number.len().div_ceil(2) + 1,
            _ => 1,
        };
        self.0
            .iter()
            .map(|(name, held)| name.len() + value(held))
            .sum()
    }

    pub(super) fn into_attributes(self) -> HashMap<String, AttributeValue> {
        self.0
    }

    pub(super) fn from_attributes(attributes: HashMap<String, AttributeValue>) -> Self {
        Self(attributes)
    }
}

fn corrupt() -> PortError {
    PortError::new(ErrorKind::Corrupt, "read an item")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_ends_at_its_instant_and_the_table_deletes_no_earlier() {
        let item = Item::new().until(Timestamp::from_millis(1_999));
        assert!(item.lives(Timestamp::from_millis(1_998)));
        assert!(!item.lives(Timestamp::from_millis(1_999)));
        assert_eq!(item.number::<i64>(EXPIRES).unwrap(), 2);
        assert!(Item::new().lives(Timestamp::from_millis(i64::MAX)));
    }

    #[test]
    fn attributes_of_another_type_are_corrupt() {
        let item = Item::new().with("number", 1_u32).with("text", "x");
        assert_eq!(item.number::<u32>("number").unwrap(), 1);
        assert!(item.text("number").is_err());
        assert!(item.number::<u32>("text").is_err());
        assert!(item.bytes("text").is_err());
        assert_eq!(item.maybe_text("absent").unwrap(), None);
        assert_eq!(format!("{item:?}"), "Item([redacted])");
    }
}
