//! Statements that read.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::{PAGE, Refusal, Values, number, one, row, text};
use crate::fake_neptune::graph::{Contents, Properties, Vertex, Walked};

type Rows = Result<Vec<Properties>, Refusal>;

pub(super) fn nodes(values: &Values<'_>, graph: &Contents) -> Rows {
    let (teen, after) = (values.teen()?, values.text("after")?);
    let all = graph.nodes.values().map(|node| &node.properties);
    let all = all.filter(|node| node.get("teen") == Some(teen) && text(node, "nid") > after);
    let mut found: Vec<_> = all.collect();
    found.sort_by(|one, other| text(one, "nid").cmp(text(other, "nid")));
    Ok(found.into_iter().take(PAGE).map(node_columns).collect())
}

pub(super) fn edges(values: &Values<'_>, graph: &Contents) -> Rows {
    let after = values.text("after")?;
    Ok(by_id(graph.links(values.teen()?), after))
}

pub(super) fn of_session(values: &Values<'_>, graph: &Contents) -> Rows {
    let (after, session) = (values.text("after")?, values.text("session")?);
    let all = graph.links(values.teen()?);
    let of = all.filter(|walked| text(&walked.link.properties, "session") == session);
    Ok(by_id(of, after))
}

pub(super) fn history(values: &Values<'_>, graph: &Contents) -> Rows {
    let (source, target) = (values.text("source")?, values.text("target")?);
    let all = graph.links(values.teen()?);
    let between = all.filter(|walked| walked.link.source == source && walked.link.target == target);
    let mut found: Vec<_> = between.collect();
    found.sort_by_key(|walked| {
        let edge = &walked.link.properties;
        (number(edge, "valid_from"), text(edge, "eid").to_owned())
    });
    Ok(found.iter().take(PAGE).map(edge_columns).collect())
}

pub(super) fn count_nodes(values: &Values<'_>, graph: &Contents) -> Rows {
    let teen = values.teen()?;
    let all = graph.nodes.values();
    let own = all.filter(|node| node.properties.get("teen") == Some(teen));
    Ok(one("nodes", own.count()))
}

pub(super) fn neighbours(values: &Values<'_>, graph: &Contents) -> Rows {
    let (teen, ids) = (values.teen()?, values.ids()?);
    let mut found = Vec::new();
    for id in ids {
        let Some(a) = graph.node(teen, id) else {
            continue;
        };
        for e in graph.links(teen) {
            if let Some((_id, n)) = e.other_end(id) {
                let mut row = step_columns(&e, n);
                row.extend(super::row([("origin", nid(a))]));
                found.push(row);
            }
        }
    }
    Ok(heaviest(found))
}

pub(super) fn two_hops(values: &Values<'_>, graph: &Contents) -> Rows {
    let (teen, ids) = (values.teen()?, values.ids()?);
    let mut found = Vec::new();
    for id in ids {
        let Some(a) = graph.node(teen, id) else {
            continue;
        };
        let first = graph
            .links(teen)
            .filter_map(|d| Some((d, d.other_end(id)?)));
        for (d, (between, b)) in first {
            let second = graph.links(teen).filter(|e| e.id != d.id);
            for (e, (end, n)) in second.filter_map(|e| Some((e, e.other_end(between)?))) {
                if end == id || end == between || between == id {
                    continue;
                }
                let mut row = step_columns(&e, n);
                let via_edge = json!(text(&d.link.properties, "eid"));
                let walked = [("origin", nid(a)), ("via", nid(b)), ("via_edge", via_edge)];
                row.extend(super::row(walked));
                found.push(row);
            }
        }
    }
    Ok(heaviest(found))
}

fn by_id<'a>(all: impl Iterator<Item = Walked<'a>>, after: &str) -> Vec<Properties> {
    let eid = |walked: &Walked<'_>| text(&walked.link.properties, "eid").to_owned();
    let mut found: Vec<_> = all.filter(|walked| *eid(walked) > *after).collect();
    found.sort_by_key(eid);
    found.iter().take(PAGE).map(edge_columns).collect()
}

fn heaviest(mut found: Vec<Properties>) -> Vec<Properties> {
    found.sort_by_key(|row| {
        let ids = ["eid", "via_edge"].map(|name| text(row, name).to_owned());
        (Reverse(number(row, "weight")), ids)
    });
    found.truncate(PAGE);
    found
}

fn nid(node: &Vertex) -> Value {
    json!(text(&node.properties, "nid"))
}

fn node_columns(node: &Properties) -> Properties {
    let names = ["nid", "kind", "first_seen", "last_seen", "weight", "sealed"];
    row(names.map(|name| (name, node.get(name).cloned().unwrap_or_default())))
}

fn edge_columns(walked: &Walked<'_>) -> Properties {
    let mut columns = walked.link.properties.clone();
    columns.remove("teen");
    columns.extend(row([
        ("kind", json!(walked.link.kind)),
        ("source", nid(walked.source)),
        ("target", nid(walked.target)),
    ]));
    columns
}

fn step_columns(walked: &Walked<'_>, node: &Vertex) -> Properties {
    let mut columns = edge_columns(walked);
    for name in ["kind", "last_seen", "sealed"] {
        let value = columns.remove(name).unwrap_or_default();
        columns.insert(format!("edge_{name}"), value);
    }
    columns.extend(node_columns(&node.properties));
    columns
}
