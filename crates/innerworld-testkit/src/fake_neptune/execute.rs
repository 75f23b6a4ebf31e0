//! What each statement of the list does, by its name.

mod reads;
mod writes;

use serde_json::{Value, json};

use super::graph::{Contents, Properties};

/// Rows of a page.
const PAGE: usize = 500;

/// Status and code of a refusal.
pub(super) type Refusal = (u16, &'static str);

const INVALID: Refusal = (400, "InvalidParameterException");

/// A statement's values.
pub(super) struct Values<'a>(pub(super) &'a Properties);

impl<'a> Values<'a> {
    fn value(&self, name: &str) -> Result<&'a Value, Refusal> {
        self.0.get(name).ok_or((400, "MissingParameterException"))
    }

    fn text(&self, name: &str) -> Result<&'a str, Refusal> {
        self.value(name)?.as_str().ok_or(INVALID)
    }

    fn number(&self, name: &str) -> Result<i64, Refusal> {
        self.value(name)?.as_i64().ok_or(INVALID)
    }

    fn list(&self, name: &str) -> Result<&'a [Value], Refusal> {
        self.value(name)?
            .as_array()
            .map(Vec::as_slice)
            .ok_or(INVALID)
    }

    fn ids(&self) -> Result<Vec<&'a str>, Refusal> {
        let ids = self.list("ids")?.iter().map(Value::as_str);
        ids.collect::<Option<_>>().ok_or(INVALID)
    }

    /// The teen: a positive whole number.
    fn teen(&self) -> Result<&'a Value, Refusal> {
        let teen = self.value("teen")?;
        let is_number = teen.as_i64().is_some_and(|number| number > 0);
        is_number.then_some(teen).ok_or(INVALID)
    }
}

/// Whether a statement of this name writes.
pub(super) fn writes(name: &str) -> bool {
    let verbs = ["upsert_", "close_", "delete_", "erase_", "expire_"];
    verbs.iter().any(|verb| name.starts_with(verb))
}

/// Runs a statement.
pub(super) fn run(
    name: &str,
    values: &Values<'_>,
    graph: &mut Contents,
) -> Result<Vec<Properties>, Refusal> {
    if let Some(kind) = name.strip_prefix("upsert_nodes:") {
        return writes::nodes(kind, values, graph).map(|count| one("written", count));
    }
    if let Some(kind) = name.strip_prefix("upsert_edges:") {
        return writes::edges(kind, values, graph).map(|count| one("written", count));
    }
    match name {
        "close_edges" => writes::close(values, graph).map(|count| one("written", count)),
        "delete_edges" => writes::delete_edges(values, graph).map(|count| one("gone", count)),
        "delete_nodes" => writes::delete_nodes(values, graph).map(|count| one("gone", count)),
        "erase_page" => writes::erase(values, graph).map(|count| one("gone", count)),
        "expire_edges_page" => writes::expire_edges(values, graph).map(|count| one("gone", count)),
        "expire_nodes_page" => writes::expire_nodes(values, graph).map(|count| one("gone", count)),
        "graph_nodes_page" => reads::nodes(values, graph),
        "graph_edges_page" => reads::edges(values, graph),
        "neighbours" => reads::neighbours(values, graph),
        "two_hops" => reads::two_hops(values, graph),
        "edge_history" => reads::history(values, graph),
        "edges_of_session" => reads::of_session(values, graph),
        "count_nodes" => reads::count_nodes(values, graph),
        "count_edges" => Ok(one("edges", graph.links(values.teen()?).count())),
        "ping" => Ok(vec![row([("one", values.value("one")?.clone())])]),
        _ => Err((400, "UnsupportedOperationException")),
    }
}

fn one(column: &str, count: usize) -> Vec<Properties> {
    vec![row([(column, json!(count))])]
}

fn row<'a>(columns: impl IntoIterator<Item = (&'a str, Value)>) -> Properties {
    let named = columns
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    named.collect()
}

fn text<'a>(properties: &'a Properties, name: &str) -> &'a str {
    properties
        .get(name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn number(properties: &Properties, name: &str) -> i64 {
    properties
        .get(name)
        .and_then(Value::as_i64)
        .unwrap_or_default()
}
