//! The statements that Neptune is ever sent, as constants (aws.md 5).
//!
//! Each passes [`super::lint`], which a test checks. Values are parameters, never text; every
//! pattern names the teen; limits are static. The one generated part, the label or edge type, is
//! one of the domain's kinds and fixed when this is compiled.

mod kinds;

pub use self::kinds::{upsert_edges, upsert_nodes};

use innerworld_core::memory::ontology::{EdgeKind, NodeKind};

/// Rows that a page returns or deletes at most. The statements say it themselves, as the dialect
/// wants its limits static.
pub const PAGE: usize = 500;

/// A named statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What it is called: in errors, in metrics, and by test doubles that execute by name.
    pub name: &'static str,
    /// Its openCypher text.
    pub text: &'static str,
}

/// The columns of a node. A macro and no constant, since only literals can be joined.
macro_rules! node_columns {
    () => {
        "n.nid AS nid, n.kind AS kind, n.first_seen AS first_seen, n.last_seen AS last_seen, \
         n.weight AS weight, n.sealed AS sealed"
    };
}

/// The columns of an edge whose ends are `a` and `b`.
macro_rules! edge_columns {
    () => {
        "e.eid AS eid, type(e) AS kind, a.nid AS source, b.nid AS target, \
         e.valid_from AS valid_from, e.valid_until AS valid_until, \
         e.recorded_at AS recorded_at, e.last_seen AS last_seen, e.session AS session, \
         e.confidence AS confidence, e.sealed AS sealed"
    };
}

/// The columns of an edge `e`, whichever way it was walked, and of the node `n` that it led to.
macro_rules! step_columns {
    () => {
        "e.eid AS eid, type(e) AS edge_kind, startNode(e).nid AS source, \
         endNode(e).nid AS target, e.valid_from AS valid_from, e.valid_until AS valid_until, \
         e.recorded_at AS recorded_at, e.last_seen AS edge_last_seen, e.session AS session, \
         e.confidence AS confidence, e.sealed AS edge_sealed, n.nid AS nid, n.kind AS kind, \
         n.first_seen AS first_seen, n.last_seen AS last_seen, n.weight AS weight, \
         n.sealed AS sealed"
    };
}

/// Gives open edges another end. Parameters: `teen`, `rows` of `id`, `valid_until`, `recorded_at`,
/// `sealed`. Returns `written`.
pub const CLOSE_EDGES: Statement = Statement {
    name: "close_edges",
    text: "UNWIND $rows AS r \
        MATCH (a {teen: $teen})-[e {`~id`: r.id, teen: $teen}]->(b {teen: $teen}) \
        SET e.valid_until = r.valid_until, e.recorded_at = r.recorded_at, e.sealed = r.sealed \
        RETURN count(e) AS written",
};

/// Deletes edges. Parameters: `teen`, `ids`. Returns `gone`.
pub const DELETE_EDGES: Statement = Statement {
    name: "delete_edges",
    text: "UNWIND $ids AS id \
        MATCH (a {teen: $teen})-[e {`~id`: id, teen: $teen}]->(b {teen: $teen}) \
        DELETE e RETURN count(*) AS gone",
};

/// Deletes nodes with all their edges. Parameters: `teen`, `ids`. Returns `gone`.
pub const DELETE_NODES: Statement = Statement {
    name: "delete_nodes",
    text: "UNWIND $ids AS id MATCH (n {`~id`: id, teen: $teen}) \
        DETACH DELETE n RETURN count(*) AS gone",
};

/// Deletes a page of a teen's nodes with their edges. Parameter: `teen`. Returns `gone`.
pub const ERASE_PAGE: Statement = Statement {
    name: "erase_page",
    text: "MATCH (n {teen: $teen}) WITH n LIMIT 500 \
        DETACH DELETE n RETURN count(*) AS gone",
};

/// A page of a teen's nodes by id. Parameters: `teen`, `after`.
pub const GRAPH_NODES_PAGE: Statement = Statement {
    name: "graph_nodes_page",
    text: concat!(
        "MATCH (n {teen: $teen}) WHERE n.nid > $after RETURN ",
        node_columns!(),
        " ORDER BY n.nid LIMIT 500"
    ),
};

/// A page of a teen's edges by id. Parameters: `teen`, `after`.
pub const GRAPH_EDGES_PAGE: Statement = Statement {
    name: "graph_edges_page",
    text: concat!(
        "MATCH (a {teen: $teen})-[e {teen: $teen}]->(b {teen: $teen}) \
         WHERE e.eid > $after RETURN ",
        edge_columns!(),
        " ORDER BY e.eid LIMIT 500"
    ),
};

/// What stands beside some nodes, the heaviest first. Parameters: `teen`, `ids`.
pub const NEIGHBOURS: Statement = Statement {
    name: "neighbours",
    text: concat!(
        "UNWIND $ids AS id \
         MATCH (a {`~id`: id, teen: $teen})-[e {teen: $teen}]-(n {teen: $teen}) RETURN ",
        "a.nid AS origin, ",
        step_columns!(),
        " ORDER BY n.weight DESC, e.eid LIMIT 500"
    ),
};

/// What stands two edges away from some nodes, the heaviest first: the second edge, the node it
/// leads to, and over which node. Parameters: `teen`, `ids`.
pub const TWO_HOPS: Statement = Statement {
    name: "two_hops",
    text: concat!(
        "UNWIND $ids AS id MATCH (a {`~id`: id, teen: $teen})-[d {teen: $teen}]-\
         (b {teen: $teen})-[e {teen: $teen}]-(n {teen: $teen}) \
         WHERE n.nid <> a.nid AND n.nid <> b.nid AND b.nid <> a.nid RETURN ",
        "a.nid AS origin, b.nid AS via, d.eid AS via_edge, ",
        step_columns!(),
        " ORDER BY n.weight DESC, e.eid, d.eid LIMIT 500"
    ),
};

/// All edges from one node to another, oldest first. Parameters: `teen`, `source`, `target`.
pub const EDGE_HISTORY: Statement = Statement {
    name: "edge_history",
    text: concat!(
        "MATCH (a {`~id`: $source, teen: $teen})-[e {teen: $teen}]->\
         (b {`~id`: $target, teen: $teen}) RETURN ",
        edge_columns!(),
        " ORDER BY e.valid_from, e.eid LIMIT 500"
    ),
};

/// A page of the edges whose newest assertion a session made, by id. Parameters: `teen`,
/// `session`, `after`.
pub const EDGES_OF_SESSION: Statement = Statement {
    name: "edges_of_session",
    text: concat!(
        "MATCH (a {teen: $teen})-[e {session: $session, teen: $teen}]->(b {teen: $teen}) \
         WHERE e.eid > $after RETURN ",
        edge_columns!(),
        " ORDER BY e.eid LIMIT 500"
    ),
};

/// Retention: deletes a page of edges not seen since `before`. Parameters: `teen`, `before`.
/// Returns `gone`.
pub const EXPIRE_EDGES_PAGE: Statement = Statement {
    name: "expire_edges_page",
    text: "MATCH (a {teen: $teen})-[e {teen: $teen}]->(b {teen: $teen}) \
        WHERE e.last_seen < $before WITH e LIMIT 500 \
        DELETE e RETURN count(*) AS gone",
};

/// Retention: deletes a page of nodes not seen since `before` that no edge holds, but none of the
/// kind `keep`. Parameters: `teen`, `before`, `keep`. Returns `gone`.
pub const EXPIRE_NODES_PAGE: Statement = Statement {
    name: "expire_nodes_page",
    text: "MATCH (n {teen: $teen}) WHERE n.last_seen < $before AND n.kind <> $keep \
        OPTIONAL MATCH (n)-[e {teen: $teen}]-(m {teen: $teen}) \
        WITH n, e WHERE e IS NULL WITH n LIMIT 500 \
        DELETE n RETURN count(*) AS gone",
};

/// How many nodes a teen has. Parameter: `teen`. Returns `nodes`.
pub const COUNT_NODES: Statement = Statement {
    name: "count_nodes",
    text: "MATCH (n {teen: $teen}) RETURN count(n) AS nodes",
};

/// How many edges a teen has. Parameter: `teen`. Returns `edges`.
pub const COUNT_EDGES: Statement = Statement {
    name: "count_edges",
    text: "MATCH (a {teen: $teen})-[e {teen: $teen}]->(b {teen: $teen}) \
        RETURN count(e) AS edges",
};

/// Whether somebody answers. Parameter: `one`, which comes back.
pub const PING: Statement = Statement {
    name: "ping",
    text: "RETURN $one AS one",
};

/// Those that no kind is part of.
const PLAIN: [Statement; 15] = [
    CLOSE_EDGES,
    DELETE_EDGES,
    DELETE_NODES,
    ERASE_PAGE,
    GRAPH_NODES_PAGE,
    GRAPH_EDGES_PAGE,
    NEIGHBOURS,
    TWO_HOPS,
    EDGE_HISTORY,
    EDGES_OF_SESSION,
    EXPIRE_EDGES_PAGE,
    EXPIRE_NODES_PAGE,
    COUNT_NODES,
    COUNT_EDGES,
    PING,
];

/// Every statement there is.
pub fn all() -> impl Iterator<Item = Statement> {
    let nodes = NodeKind::ALL.into_iter().map(upsert_nodes);
    let edges = EdgeKind::ALL.into_iter().map(upsert_edges);
    nodes.chain(edges).chain(PLAIN)
}
