//! The graph of the double.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A row or the properties of an element.
pub type Properties = Map<String, Value>;

/// A node as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Vertex {
    /// Its label.
    pub label: String,
    /// Its properties, the teen among them.
    pub properties: Properties,
}

/// An edge as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Its type.
    pub kind: String,
    /// `~id` of where it starts.
    pub source: String,
    /// `~id` of where it ends.
    pub target: String,
    /// Its properties, the teen among them.
    pub properties: Properties,
}

/// Everything that is stored, by `~id`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Contents {
    /// Nodes.
    pub nodes: BTreeMap<String, Vertex>,
    /// Edges.
    pub edges: BTreeMap<String, Link>,
}

impl Contents {
    /// The teen's node with this id.
    pub(super) fn node(&self, teen: &Value, id: &str) -> Option<&Vertex> {
        let node = self.nodes.get(id)?;
        (node.properties.get("teen") == Some(teen)).then_some(node)
    }

    /// The teen's edges between the teen's nodes, with their ends.
    pub(super) fn links<'a>(&'a self, teen: &'a Value) -> impl Iterator<Item = Walked<'a>> {
        self.edges.iter().filter_map(move |(id, link)| {
            let walked = Walked {
                id,
                link,
                source: self.node(teen, &link.source)?,
                target: self.node(teen, &link.target)?,
            };
            (link.properties.get("teen") == Some(teen)).then_some(walked)
        })
    }

    /// Deletes a node with all its edges.
    pub(super) fn detach(&mut self, id: &str) {
        self.nodes.remove(id);
        self.edges
            .retain(|_id, link| link.source != id && link.target != id);
    }
}

/// An edge with its ends.
#[derive(Clone, Copy)]
pub(super) struct Walked<'a> {
    pub(super) id: &'a str,
    pub(super) link: &'a Link,
    pub(super) source: &'a Vertex,
    pub(super) target: &'a Vertex,
}

impl<'a> Walked<'a> {
    /// The end that is not `from`, walking in any direction; `None` if it does not touch it.
    pub(super) fn other_end(&self, from: &str) -> Option<(&'a str, &'a Vertex)> {
        if self.link.source == from {
            Some((&self.link.target, self.target))
        } else if self.link.target == from {
            Some((&self.link.source, self.source))
        } else {
            None
        }
    }
}
