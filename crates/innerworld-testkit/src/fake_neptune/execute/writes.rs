//! Statements that write.

use serde_json::Value;

use super::{INVALID, PAGE, Refusal, Values, number, text};
use crate::fake_neptune::graph::{Contents, Link, Properties, Vertex};

const NODE: [&str; 6] = ["nid", "kind", "first_seen", "last_seen", "weight", "sealed"];
const EDGE: [&str; 8] = [
    "eid",
    "valid_from",
    "valid_until",
    "recorded_at",
    "last_seen",
    "session",
    "confidence",
    "sealed",
];
const CLOSED: [&str; 3] = ["valid_until", "recorded_at", "sealed"];

/// An id that is another element's already.
const TAKEN: Refusal = (400, "ConstraintViolationException");

pub(super) fn nodes(
    label: &str,
    values: &Values<'_>,
    graph: &mut Contents,
) -> Result<usize, Refusal> {
    let (teen, rows) = (values.teen()?, values.list("rows")?);
    for given in rows {
        let given = given.as_object().ok_or(INVALID)?;
        let id = given.get("id").and_then(Value::as_str).ok_or(INVALID)?;
        let node = graph.nodes.entry(id.to_owned()).or_insert_with(|| Vertex {
            label: label.to_owned(),
            properties: Properties::from_iter([("teen".to_owned(), teen.clone())]),
        });
        if node.label != label || node.properties.get("teen") != Some(teen) {
            return Err(TAKEN);
        }
        set(&mut node.properties, given, &NODE)?;
    }
    Ok(rows.len())
}

pub(super) fn edges(
    kind: &str,
    values: &Values<'_>,
    graph: &mut Contents,
) -> Result<usize, Refusal> {
    let (teen, rows) = (values.teen()?, values.list("rows")?);
    let mut written = 0;
    for given in rows {
        let given = given.as_object().ok_or(INVALID)?;
        let field = |name: &str| given.get(name).and_then(Value::as_str).ok_or(INVALID);
        let (id, source, target) = (field("id")?, field("source")?, field("target")?);
        if graph.node(teen, source).is_none() || graph.node(teen, target).is_none() {
            continue;
        }
        let link = graph.edges.entry(id.to_owned()).or_insert_with(|| Link {
            kind: kind.to_owned(),
            source: source.to_owned(),
            target: target.to_owned(),
            properties: Properties::from_iter([("teen".to_owned(), teen.clone())]),
        });
        let same = (
            link.kind.as_str(),
            link.source.as_str(),
            link.target.as_str(),
        );
        if same != (kind, source, target) || link.properties.get("teen") != Some(teen) {
            return Err(TAKEN);
        }
        set(&mut link.properties, given, &EDGE)?;
        written += 1;
    }
    Ok(written)
}

pub(super) fn close(values: &Values<'_>, graph: &mut Contents) -> Result<usize, Refusal> {
    let (teen, rows) = (values.teen()?, values.list("rows")?);
    let mut written = 0;
    for given in rows {
        let given = given.as_object().ok_or(INVALID)?;
        let id = given.get("id").and_then(Value::as_str).ok_or(INVALID)?;
        let there = graph.links(teen).any(|walked| walked.id == id);
        if let Some(link) = graph.edges.get_mut(id).filter(|_link| there) {
            set(&mut link.properties, given, &CLOSED)?;
            written += 1;
        }
    }
    Ok(written)
}

pub(super) fn delete_edges(values: &Values<'_>, graph: &mut Contents) -> Result<usize, Refusal> {
    let (teen, ids) = (values.teen()?, values.ids()?);
    let found = graph.links(teen).map(|walked| walked.id);
    let found: Vec<String> = found
        .filter(|id| ids.contains(id))
        .map(str::to_owned)
        .collect();
    graph.edges.retain(|id, _link| !found.contains(id));
    Ok(found.len())
}

pub(super) fn delete_nodes(values: &Values<'_>, graph: &mut Contents) -> Result<usize, Refusal> {
    let (teen, ids) = (values.teen()?, values.ids()?);
    let mut gone = 0;
    for id in ids {
        if graph.node(teen, id).is_some() {
            graph.detach(id);
            gone += 1;
        }
    }
    Ok(gone)
}

pub(super) fn erase(values: &Values<'_>, graph: &mut Contents) -> Result<usize, Refusal> {
    let teen = values.teen()?;
    let all = graph.nodes.iter();
    let page = all.filter(|(_id, node)| node.properties.get("teen") == Some(teen));
    let page: Vec<String> = page.map(|(id, _node)| id.clone()).take(PAGE).collect();
    for id in &page {
        graph.detach(id);
    }
    Ok(page.len())
}

pub(super) fn expire_edges(values: &Values<'_>, graph: &mut Contents) -> Result<usize, Refusal> {
    let (teen, before) = (values.teen()?, values.number("before")?);
    let old = graph
        .links(teen)
        .filter(|walked| number(&walked.link.properties, "last_seen") < before);
    let page: Vec<String> = old.map(|walked| walked.id.to_owned()).take(PAGE).collect();
    graph.edges.retain(|id, _link| !page.contains(id));
    Ok(page.len())
}

pub(super) fn expire_nodes(values: &Values<'_>, graph: &mut Contents) -> Result<usize, Refusal> {
    let (teen, before, keep) = (
        values.teen()?,
        values.number("before")?,
        values.text("keep")?,
    );
    let held = |id: &str| {
        graph
            .links(teen)
            .any(|walked| walked.other_end(id).is_some())
    };
    let old = graph.nodes.iter().filter(|(id, node)| {
        let properties = &node.properties;
        properties.get("teen") == Some(teen)
            && number(properties, "last_seen") < before
            && text(properties, "kind") != keep
            && !held(id)
    });
    let page: Vec<String> = old.map(|(id, _node)| id.clone()).take(PAGE).collect();
    for id in &page {
        // DELETE without DETACH: an edge of somebody else's would make it fail.
        if graph
            .edges
            .values()
            .any(|link| link.source == *id || link.target == *id)
        {
            return Err(TAKEN);
        }
        graph.nodes.remove(id);
    }
    Ok(page.len())
}

/// Sets properties from a row: each must be there, and a flat scalar.
fn set(to: &mut Properties, from: &Properties, names: &[&str]) -> Result<(), Refusal> {
    for name in names {
        let value = from.get(*name).ok_or(INVALID)?;
        if value.is_null() || value.is_array() || value.is_object() {
            return Err((400, "UnsupportedOperationException"));
        }
        to.insert((*name).to_owned(), value.clone());
    }
    Ok(())
}
