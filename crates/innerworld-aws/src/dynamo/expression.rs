//! Conditions and changes, written with placeholders for every name and value.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use innerworld_core::clock::Timestamp;

use super::item::{ENDS, Value, end};

/// The placeholders of one request.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) names: HashMap<String, String>,
    pub(super) values: HashMap<String, AttributeValue>,
}

impl Words {
    /// The placeholder of an attribute's name.
    pub(super) fn name(&mut self, attribute: &str) -> String {
        let placeholder = format!("#{attribute}");
        self.names.insert(placeholder.clone(), attribute.to_owned());
        placeholder
    }

    /// A placeholder for a value.
    pub(super) fn value(&mut self, value: Value) -> String {
        let placeholder = format!(":v{}", self.values.len());
        self.values.insert(placeholder.clone(), value.0);
        placeholder
    }

    /// The names, `None` if there are none: the service refuses empty maps.
    pub(super) fn names(&self) -> Option<HashMap<String, String>> {
        (!self.names.is_empty()).then(|| self.names.clone())
    }

    /// The values, `None` if there are none.
    pub(super) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        (!self.values.is_empty()).then(|| self.values.clone())
    }
}

/// What must hold of an item for a write to happen.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    /// The attribute is there. Asked of a key attribute: the item is there.
    Present(&'static str),
    /// The attribute (of a key: the item) is not there.
    Absent(&'static str),
    /// The attribute has this value.
    Is(&'static str, Value),
    /// The attribute is absent or has another value.
    IsNot(&'static str, Value),
    /// The attribute is greater than this value.
    Above(&'static str, Value),
    /// The attribute is this value or less.
    AtMost(&'static str, Value),
    /// All of them.
    All(Vec<Condition>),
    /// One of them at least.
    Any(Vec<Condition>),
}

impl Condition {
    /// The item is not there at `now`: it never was, or it has ended. `key` is one of its key's
    /// attributes.
    pub(crate) fn gone(key: &'static str, now: Timestamp) -> Self {
        Self::Any(vec![Self::Absent(key), Self::ended(now)])
    }

    /// The item has an end that lies after `now`.
    pub(crate) fn lives(now: Timestamp) -> Self {
        Self::Above(ENDS, now.as_millis().into())
    }

    /// The item has ended by `now`, and is still stored.
    pub(crate) fn ended(now: Timestamp) -> Self {
        Self::AtMost(ENDS, now.as_millis().into())
    }

    pub(super) fn write(self, words: &mut Words) -> String {
        let compare = |words: &mut Words, name: &str, sign: &str, value| {
            format!("{} {sign} {}", words.name(name), words.value(value))
        };
        match self {
            Self::Present(name) => format!("attribute_exists({})", words.name(name)),
            Self::Absent(name) => format!("attribute_not_exists({})", words.name(name)),
            Self::Is(name, value) => compare(words, name, "=", value),
            Self::IsNot(name, value) => compare(words, name, "<>", value),
            Self::Above(name, value) => compare(words, name, ">", value),
            Self::AtMost(name, value) => compare(words, name, "<=", value),
            Self::All(conditions) => join(conditions, " AND ", words),
            Self::Any(conditions) => join(conditions, " OR ", words),
        }
    }
}

/// A single condition stands alone: the service refuses parentheses around parentheses.
fn join(conditions: Vec<Condition>, word: &str, words: &mut Words) -> String {
    let mut parts: Vec<String> = conditions
        .into_iter()
        .map(|condition| condition.write(words))
        .collect();
    if parts.len() > 1 {
        for part in &mut parts {
            *part = format!("({part})");
        }
    }
    parts.join(word)
}

/// What an update does to an item.
#[derive(Clone, Debug, Default)]
pub(crate) struct Change {
    set: Vec<(&'static str, Value)>,
    once: Vec<(&'static str, Value)>,
    add: Vec<(&'static str, i64)>,
    remove: Vec<&'static str>,
}

impl Change {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The attribute gets this value.
    #[must_use]
    pub(crate) fn set(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.set.push((name, value.into()));
        self
    }

    /// The attribute gets this value if it has none.
    #[must_use]
    pub(crate) fn set_once(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.once.push((name, value.into()));
        self
    }

    /// The item ends at this instant.
    #[must_use]
    pub(crate) fn until(mut self, instant: Timestamp) -> Self {
        self.set.extend(end(instant));
        self
    }

    /// The number grows by this much, from 0 if it is absent.
    #[must_use]
    pub(crate) fn add(mut self, name: &'static str, by: i64) -> Self {
        self.add.push((name, by));
        self
    }

    /// The attribute goes.
    #[must_use]
    pub(crate) fn remove(mut self, name: &'static str) -> Self {
        self.remove.push(name);
        self
    }

    pub(super) fn write(self, words: &mut Words) -> String {
        let mut clauses = Vec::new();
        let mut set: Vec<String> = self
            .set
            .into_iter()
            .map(|(name, value)| format!("{} = {}", words.name(name), words.value(value)))
            .collect();
        set.extend(self.once.into_iter().map(|(name, value)| {
            let (name, value) = (words.name(name), words.value(value));
            format!("{name} = if_not_exists({name}, {value})")
        }));
        let add: Vec<String> = self
            .add
            .into_iter()
            .map(|(name, by)| format!("{} {}", words.name(name), words.value(by.into())))
            .collect();
        let remove: Vec<String> = self
            .remove
            .into_iter()
            .map(|name| words.name(name))
            .collect();
        for (verb, parts) in [("SET", set), ("ADD", add), ("REMOVE", remove)] {
            if !parts.is_empty() {
                clauses.push(format!("{verb} {}", parts.join(", ")));
            }
        }
        clauses.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_placeholders() {
        let mut words = Words::default();
        let condition = Condition::All(vec![
            Condition::Present("user_id"),
            Condition::Any(vec![
                Condition::Absent("state"),
                Condition::AtMost("sweep_at", 5_u32.into()),
            ]),
        ]);
        assert_eq!(
            condition.write(&mut words),
            "(attribute_exists(#user_id)) AND ((attribute_not_exists(#state)) OR (#sweep_at <= :v0))"
        );
        let change = Change::new()
            .set("state", "open")
            .add("count", 1)
            .remove("lease");
        assert_eq!(
            change.write(&mut words),
            "SET #state = :v1 ADD #count :v2 REMOVE #lease"
        );
        assert_eq!(words.values().unwrap().len(), 3);
        let change = Change::new().set("a", true).set_once("b", 1_i64);
        assert_eq!(
            change.write(&mut words),
            "SET #a = :v3, #b = if_not_exists(#b, :v4)"
        );
        assert_eq!(Words::default().names(), None);
    }

    #[test]
    fn no_parentheses_stand_around_parentheses() {
        let one = |name| Condition::Any(vec![Condition::Absent(name)]);
        let condition = Condition::All(vec![one("state"), Condition::All(vec![one("lease")])]);
        assert_eq!(
            condition.write(&mut Words::default()),
            "(attribute_not_exists(#state)) AND (attribute_not_exists(#lease))"
        );
    }
}
