//! The statements that a label or an edge type is part of: one constant for each kind.

use innerworld_core::memory::ontology::{EdgeKind, NodeKind};

use super::Statement;

macro_rules! nodes {
    ($kind:literal) => {
        Statement {
            name: concat!("upsert_nodes:", $kind),
            text: concat!(
                "UNWIND $rows AS r MERGE (n:",
                $kind,
                " {`~id`: r.id, teen: $teen}) \
                 SET n.nid = r.nid, n.kind = r.kind, n.first_seen = r.first_seen, \
                 n.last_seen = r.last_seen, n.weight = r.weight, n.sealed = r.sealed \
                 RETURN count(n) AS written"
            ),
        }
    };
}

macro_rules! edges {
    ($kind:literal) => {
        Statement {
            name: concat!("upsert_edges:", $kind),
            text: concat!(
                "UNWIND $rows AS r \
                 MATCH (a {`~id`: r.source, teen: $teen}) \
                 MATCH (b {`~id`: r.target, teen: $teen}) \
                 MERGE (a)-[e:",
                $kind,
                " {`~id`: r.id, teen: $teen}]->(b) \
                 SET e.eid = r.eid, e.valid_from = r.valid_from, \
                 e.valid_until = r.valid_until, e.recorded_at = r.recorded_at, \
                 e.last_seen = r.last_seen, e.session = r.session, \
                 e.confidence = r.confidence, e.sealed = r.sealed \
                 RETURN count(e) AS written"
            ),
        }
    };
}

/// Puts nodes of one kind, whole. Parameters: `teen`, `rows`. Returns `written`.
pub const fn upsert_nodes(kind: NodeKind) -> Statement {
    match kind {
        NodeKind::Teen => nodes!("Teen"),
        NodeKind::Person => nodes!("Person"),
        NodeKind::Place => nodes!("Place"),
        NodeKind::Thing => nodes!("Thing"),
        NodeKind::Topic => nodes!("Topic"),
        NodeKind::Event => nodes!("Event"),
        NodeKind::Activity => nodes!("Activity"),
        NodeKind::Goal => nodes!("Goal"),
    }
}

/// Puts edges of one kind, whole, between ends that are both the teen's; where one is not, nothing
/// is written. Parameters: `teen`, `rows`. Returns `written`.
pub const fn upsert_edges(kind: EdgeKind) -> Statement {
    match kind {
        EdgeKind::Mentions => edges!("mentions"),
        EdgeKind::Involves => edges!("involves"),
        EdgeKind::About => edges!("about"),
        EdgeKind::Temporal => edges!("temporal"),
        EdgeKind::Causal => edges!("causal"),
        EdgeKind::Supports => edges!("supports"),
        EdgeKind::Conflicts => edges!("conflicts"),
        EdgeKind::RelatesTo => edges!("relates_to"),
    }
}
