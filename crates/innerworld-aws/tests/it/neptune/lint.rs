//! The dialect: our statements are in it, and much that looks like them is not.

use std::collections::BTreeSet;

use innerworld_aws::neptune::{
    lint::check,
    statements::{self, upsert_edges, upsert_nodes},
};
use innerworld_core::memory::ontology::{EdgeKind, NodeKind};

/// What must be refused, with a word of the reason.
const FORBIDDEN: &[(&str, &str)] = &[
    // Values in the text.
    (
        "MATCH (n {teen: $teen}) WHERE n.kind = 'Person' RETURN n.nid AS nid LIMIT 500",
        "literals",
    ),
    (
        "MATCH (n {teen: $teen}) WHERE n.kind = \"Person\" RETURN n.nid AS nid LIMIT 500",
        "literals",
    ),
    ("MATCH (n {teen: 7}) RETURN count(n) AS nodes", "parameter"),
    (
        "MATCH (n {teen: $teen}) WHERE n.weight > 3 RETURN count(n) AS nodes",
        "literals",
    ),
    (
        "MATCH (n {teen: $teen}) WHERE n.sealed = true RETURN count(n) AS nodes",
        "not bound",
    ),
    ("RETURN 1 AS one", "literals"),
    (
        "MATCH (n {teen: $teen, kind: 'Person'}) RETURN count(n) AS nodes",
        "literals",
    ),
    (
        "UNWIND [1, 2] AS r MATCH (n {`~id`: r, teen: $teen}) RETURN count(n) AS nodes",
        "UNWIND",
    ),
    (
        "UNWIND $rows AS r MERGE (n:Person {`~id`: r.id, teen: $teen}) SET n.weight = 1 RETURN count(n) AS written",
        "row",
    ),
    // Another teen's.
    ("MATCH (n) RETURN count(n) AS nodes", "teen"),
    ("MATCH (n:Person) RETURN count(n) AS nodes", "teen"),
    ("MATCH (n {`~id`: $id}) RETURN count(n) AS nodes", "teen"),
    ("MATCH (n {teen: $other}) RETURN count(n) AS nodes", "teen"),
    (
        "UNWIND $rows AS r MATCH (n {teen: r.teen}) RETURN count(n) AS nodes",
        "teen",
    ),
    ("MATCH (n {owner: $teen}) RETURN count(n) AS nodes", "teen"),
    (
        "MATCH (a {teen: $teen})-[e]->(b {teen: $teen}) RETURN count(e) AS edges",
        "teen",
    ),
    (
        "MATCH (a {teen: $teen})-[e {teen: $teen}]->(b) RETURN count(e) AS edges",
        "teen",
    ),
    (
        "MATCH (a {teen: $teen})-[e {teen: $teen}]->() RETURN count(e) AS edges",
        "name",
    ),
    (
        "MATCH (a {teen: $teen})-->(b {teen: $teen}) RETURN count(a) AS nodes",
        "sign",
    ),
    (
        "MATCH (a {teen: $teen}), (b) RETURN count(b) AS nodes",
        "teen",
    ),
    (
        "MATCH (n {teen: $teen}) OPTIONAL MATCH (n)-[e]-(m) RETURN count(e) AS edges",
        "teen",
    ),
    (
        "UNWIND $rows AS r MERGE (n:Person {`~id`: r.id}) RETURN count(n) AS written",
        "teen",
    ),
    ("MATCH (n) DETACH DELETE n RETURN count(*) AS gone", "teen"),
    // Without an end.
    ("MATCH (n {teen: $teen}) RETURN n.nid AS nid", "LIMIT"),
    (
        "MATCH (n {teen: $teen}) RETURN n.nid AS nid LIMIT $limit",
        "static",
    ),
    (
        "MATCH (n {teen: $teen}) RETURN n.nid AS nid LIMIT 1000",
        "static",
    ),
    (
        "MATCH (n {teen: $teen}) RETURN n.nid AS nid LIMIT 500 + 1",
        "signs",
    ),
    (
        "MATCH (n {teen: $teen}) RETURN n.nid AS nid SKIP 500 LIMIT 500",
        "last",
    ),
    (
        "MATCH (n {teen: $teen}) RETURN n.nid AS nid ORDER BY n.nid SKIP $skip LIMIT 500",
        "last",
    ),
    (
        "MATCH (n {teen: $teen}) RETURN n.nid AS nid, count(n) AS nodes",
        "LIMIT",
    ),
    ("UNWIND $rows AS r RETURN r", "LIMIT"),
    (
        "MATCH (a {teen: $teen})-[e*1..3]->(b {teen: $teen}) RETURN count(b) AS nodes",
        "teen",
    ),
    (
        "MATCH (a {teen: $teen})-[e:about*]->(b {teen: $teen}) RETURN count(b) AS nodes",
        "teen",
    ),
    // What Neptune does not know, or does otherwise.
    (
        "FOREACH (r IN $rows | MERGE (n:Person {`~id`: r.id, teen: $teen}))",
        "signs",
    ),
    (
        "MATCH (n {teen: $teen}) RETURN reduce(t = n.weight, m IN $rows | t) AS sum LIMIT 500",
        "signs",
    ),
    (
        "MATCH (n {teen: $teen}) WHERE any(x IN $ids WHERE x = n.nid) RETURN count(n) AS nodes",
        "function",
    ),
    (
        "MATCH (n {teen: $teen}) WHERE none(x IN $ids WHERE x = n.nid) RETURN count(n) AS nodes",
        "function",
    ),
    (
        "MATCH (n {teen: $teen}) WHERE all(x IN $ids WHERE x = n.nid) RETURN count(n) AS nodes",
        "function",
    ),
    (
        "MATCH p = shortestPath((a {teen: $teen})-[e {teen: $teen}]->(b {teen: $teen})) RETURN p LIMIT 500",
        "sign",
    ),
    (
        "MATCH p = allShortestPaths((a {teen: $teen})-[e {teen: $teen}]->(b {teen: $teen})) RETURN p LIMIT 500",
        "sign",
    ),
    (
        "CALL db.labels() YIELD label RETURN label LIMIT 500",
        "clause",
    ),
    (
        "MATCH (n {teen: $teen}) CALL { WITH n RETURN n } RETURN count(n) AS nodes",
        "clause",
    ),
    (
        "MANDATORY MATCH (n {teen: $teen}) RETURN count(n) AS nodes",
        "clause",
    ),
    (
        "MATCH (n {teen: $teen}) RETURN count(n) AS nodes UNION MATCH (n {teen: $teen}) RETURN count(n) AS nodes",
        "last",
    ),
    (
        "MATCH (n {teen: $teen}) DELETE n RETURN count(*) AS gone UNION ALL MATCH (m {teen: $teen}) RETURN count(m) AS gone",
        "last",
    ),
    (
        "MATCH (n {teen: $teen}) RETURN n.weight ^ n.weight AS power LIMIT 500",
        "signs",
    ),
    (
        "LOAD CSV FROM $url AS line RETURN count(line) AS lines",
        "clause",
    ),
    (
        "MATCH (n {teen: $teen}) RETURN CASE n.kind WHEN $kind THEN n END AS x LIMIT 500",
        "not bound",
    ),
    (
        "MATCH (n {teen: $teen}) RETURN [x IN $ids | x] AS xs LIMIT 500",
        "signs",
    ),
    (
        "MATCH (n {teen: $teen}) RETURN exists(n.nid) AS there LIMIT 500",
        "function",
    ),
    (
        "MATCH (n {teen: $teen}) RETURN apoc.text.join(n.nid) AS x LIMIT 500",
        "not bound",
    ),
    (
        "MATCH (n {teen: $teen}) REMOVE n.sealed RETURN count(n) AS written",
        "clause",
    ),
    (
        "CREATE (n:Person {`~id`: $id, teen: $teen}) RETURN count(n) AS written",
        "clause",
    ),
    // What cannot be stored, or not twice.
    (
        "UNWIND $rows AS r MERGE (n:Person {`~id`: r.id, teen: $teen}) SET n = r RETURN count(n) AS written",
        "sign",
    ),
    (
        "UNWIND $rows AS r MERGE (n:Person {`~id`: r.id, teen: $teen}) SET n += r RETURN count(n) AS written",
        "signs",
    ),
    (
        "UNWIND $rows AS r MERGE (n:Person {`~id`: r.id, teen: $teen}) SET n.names = [r.a, r.b] RETURN count(n) AS written",
        "row",
    ),
    (
        "UNWIND $rows AS r MERGE (n:Person {`~id`: r.id, teen: $teen}) SET n.all = {a: r.a} RETURN count(n) AS written",
        "name",
    ),
    (
        "UNWIND $rows AS r MERGE (n:Person {`~id`: r.id, teen: $teen}) SET n.names = $names RETURN count(n) AS written",
        "row",
    ),
    (
        "UNWIND $rows AS r MERGE (n:Person {teen: $teen}) RETURN count(n) AS written",
        "MERGE",
    ),
    (
        "UNWIND $rows AS r MERGE (n {`~id`: r.id, teen: $teen}) RETURN count(n) AS written",
        "MERGE",
    ),
    (
        "UNWIND $rows AS r MERGE (n:Stranger {`~id`: r.id, teen: $teen}) RETURN count(n) AS written",
        "kinds",
    ),
    (
        "UNWIND $rows AS r MERGE (n:$kind {`~id`: r.id, teen: $teen}) RETURN count(n) AS written",
        "kinds",
    ),
    // Texts that hide something.
    (
        "MATCH (n {teen: $teen}) RETURN count(n) AS nodes // all of them",
        "comments",
    ),
    (
        "MATCH (n {teen: $teen}) RETURN count(n) AS nodes; MATCH (m {teen: $teen}) DELETE m",
        "signs",
    ),
];

#[test]
fn what_is_forbidden_is_refused_for_its_reason() {
    let texts: BTreeSet<&str> = FORBIDDEN.iter().map(|(text, _reason)| *text).collect();
    assert_eq!(texts.len(), FORBIDDEN.len());
    for (text, reason) in FORBIDDEN.iter().copied() {
        let refused = check(text);
        let told =
            refused.map_or_else(|violation| violation.to_string(), |()| "allowed".to_owned());
        assert!(told.contains(reason), "{text}\n{told}");
    }
}

#[test]
fn every_statement_of_ours_is_allowed() {
    let names: BTreeSet<&str> = statements::all().map(|one| one.name).collect();
    assert_eq!(
        names.len(),
        statements::all().count(),
        "names are different"
    );
    for one in statements::all() {
        assert_eq!(check(one.text), Ok(()), "{}: {}", one.name, one.text);
    }
}

#[test]
fn a_statement_that_loses_the_teen_anywhere_is_refused() {
    for one in statements::all() {
        for (at, found) in one.text.match_indices("teen: $teen") {
            let (before, after) = (&one.text[..at], &one.text[at + found.len()..]);
            let changed = format!("{before}team: $teen{after}");
            assert!(check(&changed).is_err(), "{changed}");
        }
    }
}

#[test]
fn a_statement_that_is_cut_anywhere_is_refused_and_never_a_panic() {
    for one in statements::all() {
        let returns = one.text.rfind("RETURN").unwrap() + "RETURN".len();
        for end in 0..one.text.len() {
            let refused = check(&one.text[..end]).is_err();
            assert!(refused || end > returns, "{}", &one.text[..end]);
        }
    }
    for odd in [
        "",
        " ",
        "é",
        "MATCH (é {teen: $teen})",
        "`",
        "$",
        "MATCH (n {teen: $teen}",
        "MATCH",
    ] {
        assert!(check(odd).is_err(), "{odd}");
    }
    assert!(check(&"MATCH ".repeat(1_000)).is_err());
}

#[test]
fn labels_and_types_are_the_domains() {
    for kind in NodeKind::ALL {
        let one = upsert_nodes(kind);
        assert_eq!(one.name, format!("upsert_nodes:{}", kind.name()));
        assert!(one.text.contains(&format!("(n:{} {{", kind.name())));
    }
    for kind in EdgeKind::ALL {
        let one = upsert_edges(kind);
        assert_eq!(one.name, format!("upsert_edges:{}", kind.name()));
        assert!(one.text.contains(&format!("[e:{} {{", kind.name())));
    }
}
