//! The tree of keys, read from the schema of [`Config`](super::Config), so that it can never
//! differ from what is accepted.

use schemars::generate::SchemaSettings;
use serde_json::Value;

/// A section or a key.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// Its name inside its section.
    pub(crate) name: String,
    /// Its sentence.
    pub(crate) doc: String,
    /// What it is.
    pub(crate) shape: Shape,
    /// Its default; null for none.
    pub(crate) default: Value,
}

/// What a key takes.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// `[name]`.
    Section(Vec<Node>),
    /// `[[name]]`.
    List(Vec<Node>),
    /// A single value of this type.
    Leaf(Kind),
}

/// Type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A list of texts.
    Texts,
}

impl Node {
    /// The nodes below a section or list.
    pub(crate) fn children(&self) -> &[Self] {
        match &self.shape {
            Shape::Section(nodes) | Shape::List(nodes) => nodes,
            Shape::Leaf(_) => &[],
        }
    }
}

/// All sections.
pub(crate) fn sections() -> Vec<Node> {
    let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    let schema = settings
        .into_generator()
        .into_root_schema_for::<super::Config>();
    let defaults = serde_json::to_value(super::Config::default()).unwrap_or(Value::Null);
    nodes(schema.as_value(), &defaults)
}

/// The node at a dotted path such as `limits.daily_s`.
pub(crate) fn find<'a>(sections: &'a [Node], path: &[&str]) -> Option<&'a Node> {
    let (first, rest) = path.split_first()?;
    let node = sections.iter().find(|node| node.name == *first)?;
    if rest.is_empty() {
        return Some(node);
    }
    find(node.children(), rest)
}

/// The closest existing name, if one is close enough to be what was meant.
pub(crate) fn nearest<'a>(name: &str, among: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    among
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

fn nodes(schema: &Value, defaults: &Value) -> Vec<Node> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return Vec::new();
    };
    let mut nodes: Vec<Node> = properties
        .iter()
        .map(|(name, property)| {
            let default = defaults.get(name).cloned().unwrap_or(Value::Null);
            Node {
                name: name.clone(),
                doc: property
                    .get("description")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .replace('\n', " "),
                shape: shape(property, &default),
                default,
            }
        })
        .collect();
    nodes.sort_by(|a, b| a.name.cmp(&b.name));
    nodes
}

fn shape(property: &Value, default: &Value) -> Shape {
    if property.get("properties").is_some() {
        return Shape::Section(nodes(property, default));
    }
    let items = property.get("items");
    if let Some(items) = items.filter(|items| items.get("properties").is_some()) {
        let entry = serde_json::to_value(super::models::ProviderConfig::default());
        return Shape::List(nodes(items, &entry.unwrap_or(Value::Null)));
    }
    let is = |name: &str| match property.get("type") {
        Some(Value::String(one)) => one == name,
        Some(Value::Array(many)) => many.iter().any(|one| one == name),
        _ => false,
    };
    Shape::Leaf(if is("array") {
        Kind::Texts
    } else if is("integer") {
        Kind::Integer
    } else if is("number") {
        Kind::Number
    } else if is("boolean") {
        Kind::Flag
    } else {
        Kind::Text
    })
}
