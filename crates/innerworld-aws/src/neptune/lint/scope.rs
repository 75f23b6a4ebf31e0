//! What names stand for.

use std::collections::BTreeMap;

/// What a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// An element of an unwound list: a row, or an id.
    Element,
    /// A node, matched under the teen.
    Node,
    /// An edge, matched under the teen.
    Edge,
    /// A value.
    Value,
}

/// The variables of a place in a statement.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope<'a>(BTreeMap<&'a str, Held>);

impl<'a> Scope<'a> {
    /// What a name holds.
    pub(super) fn held(&self, name: &str) -> Option<Held> {
        self.0.get(name).copied()
    }

    /// Binds a name; false if it is taken.
    pub(super) fn bind(&mut self, name: &'a str, held: Held) -> bool {
        self.0.insert(name, held).is_none()
    }
}

/// Words that mean something in openCypher or in a dialect of it: none of them is a name here.
const RESERVED: &str = "\
    ADD ALL ALLSHORTESTPATHS AND ANY AS ASC ASCENDING BY CALL CASE CONSTRAINT CONTAINS COUNT \
    CREATE CSV DELETE DESC DESCENDING DETACH DISTINCT DO DROP ELSE END ENDNODE ENDS EXISTS \
    EXPLAIN EXTRACT FALSE FIELDTERMINATOR FILTER FINISH FOR FOREACH FROM GRAPH IN INDEX IS \
    JOIN LIMIT LOAD MANDATORY MATCH MERGE NONE NOT NULL OF OFFSET ON OPTIONAL OR ORDER PROFILE \
    REDUCE REMOVE REQUIRE RETURN SCALAR SET SHORTESTPATH SINGLE SKIP STARTNODE STARTS THEN \
    TRUE TYPE UNION UNIQUE UNWIND USE USING WHEN WHERE WITH XOR";

/// Whether a word may be a name.
pub(super) fn is_name(word: &str) -> bool {
    let mut reserved = RESERVED.split_ascii_whitespace();
    !reserved.any(|known| known.eq_ignore_ascii_case(word))
}
