//! The normal form of frames.

use serde_json::{Map, Value};

/// Frames in normal form, in order.
#[derive(Default)]
pub(super) struct Form {
    pub(super) frames: Vec<Value>,
    /// Ids in the order in which they appeared.
    ids: Vec<String>,
}

impl Form {
    pub(super) fn add(&mut self, frame: &Value) {
        let frame = self.normal(frame);
        self.frames.push(frame);
    }

    fn normal(&mut self, value: &Value) -> Value {
        match value {
            Value::Object(fields) => {
                let of = |(key, value): (&String, &Value)| {
                    let value = if is_measured(key) && !value.is_null() {
                        "measured".into()
                    } else {
                        self.normal(value)
                    };
                    (key.clone(), value)
                };
                Value::Object(fields.iter().map(of).collect::<Map<_, _>>())
            }
            Value::Array(values) => values.iter().map(|value| self.normal(value)).collect(),
            Value::String(text) if is_id(text) => Value::String(self.number(text)),
            other => other.clone(),
        }
    }

    fn number(&mut self, id: &str) -> String {
        let at = self.ids.iter().position(|known| known == id);
        let at = at.unwrap_or_else(|| {
            self.ids.push(id.to_owned());
            self.ids.len() - 1
        });
        format!("id {}", at + 1)
    }
}

/// The first key that two sendings of a frame have with different values; their numbers may differ.
pub(super) fn difference(one: &Value, other: &Value) -> Option<String> {
    let (one, other) = (one.as_object()?, other.as_object()?);
    let same = |key: &str| matches!(key, "seq" | "dup") || is_measured(key);
    let differs = |(key, value): &(&String, &Value)| {
        let there = other.get(key.as_str());
        !same(key) && there.is_some_and(|there| there != *value)
    };
    one.iter().find(differs).map(|(key, _value)| key.clone())
}

/// What differs from run to run: times, measured figures, what a process says of itself.
fn is_measured(key: &str) -> bool {
    let measured = ["_ms", "_s", "_at"].iter().any(|unit| key.ends_with(unit));
    measured || matches!(key, "server" | "request_id" | "until")
}

/// A ULID, or an epoch of sixteen hexadecimal digits.
fn is_id(text: &str) -> bool {
    let all = |is: fn(u8) -> bool| text.bytes().all(is);
    let ulid = text.len() == 26 && all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let epoch = text.len() == 16 && all(|byte| byte.is_ascii_hexdigit());
    ulid || epoch
}
