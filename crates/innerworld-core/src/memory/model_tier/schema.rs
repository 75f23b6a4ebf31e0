//! The schema of an answer (`prompts/extraction.schema.json`), and the check against it.
//!
//! It uses the strict subset that providers support: closed objects with every property required,
//! unions with null for what may be absent, no bounds.

use std::sync::LazyLock;

use serde_json::Value;

/// The schema as it is sent and as it stands in the prompt.
pub const TEXT: &str = include_str!("../../../prompts/extraction.schema.json");
/// Its name in a request.
pub const NAME: &str = "session_memory";

static SCHEMA: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(TEXT).unwrap_or_default());

/// The array an item stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Things.
    Nodes,
    /// What is said between them.
    Edges,
    /// Moods.
    Emotions,
}

impl Section {
    /// Every array, in the order of the schema.
    pub const ALL: [Self; 3] = [Self::Nodes, Self::Edges, Self::Emotions];

    /// Its key.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nodes => "nodes",
            Self::Edges => "edges",
            Self::Emotions => "emotions",
        }
    }

    fn item_schema(self) -> &'static Value {
        let array = SCHEMA
            .get("properties")
            .and_then(|all| all.get(self.name()));
        array
            .and_then(|array| array.get("items"))
            .unwrap_or(&Value::Null)
    }

    /// The keys of an item.
    pub fn keys(self) -> impl Iterator<Item = &'static str> {
        let properties = self.item_schema().get("properties");
        let properties = properties.and_then(Value::as_object);
        properties
            .into_iter()
            .flatten()
            .map(|(key, _)| key.as_str())
    }
}

/// Whether an item fits.
pub fn item_fits(section: Section, item: &Value) -> bool {
    fits(section.item_schema(), item)
}

fn fits(schema: &Value, value: &Value) -> bool {
    let kind = match schema.get("type") {
        Some(Value::String(one)) => is(one, value),
        Some(Value::Array(any)) => any
            .iter()
            .filter_map(Value::as_str)
            .any(|one| is(one, value)),
        _ => false,
    };
    let listed = schema
        .get("enum")
        .and_then(Value::as_array)
        .is_none_or(|allowed| allowed.contains(value));
    kind && listed
        && match value {
            Value::Object(fields) => {
                let none = serde_json::Map::new();
                let known = schema.get("properties").and_then(Value::as_object);
                let known = known.unwrap_or(&none);
                known.keys().all(|key| fields.contains_key(key))
                    && fields.iter().all(|(key, value)| {
                        known.get(key).is_some_and(|schema| fits(schema, value))
                    })
            }
            Value::Array(items) => schema
                .get("items")
                .is_some_and(|schema| items.iter().all(|item| fits(schema, item))),
            _ => true,
        }
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn items_are_held_against_the_schema() {
        let mood = |lines, label, weight| json!({"lines": lines, "label": label, "weight": weight});
        let fits = |item: &Value| item_fits(Section::Emotions, item);
        assert!(fits(&mood(json!(["L1"]), json!("joy"), json!(1))));
        assert!(!fits(&mood(json!("L1"), json!("joy"), json!(1))));
        assert!(!fits(&mood(json!([1]), json!("joy"), json!(1))));
        assert!(!fits(&mood(json!([]), json!("bliss"), json!(1))));
        assert!(!fits(&mood(json!([]), json!("joy"), json!("1"))));
        let mut more = mood(json!([]), json!("joy"), json!(1));
        more["why"] = json!("x");
        assert!(!fits(&more));
        assert_eq!(Section::Nodes.keys().count(), 7);
    }
}
