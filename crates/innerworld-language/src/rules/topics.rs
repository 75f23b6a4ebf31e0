//! Topics: what a line is about, by the words that show it.

use std::collections::BTreeSet;

use innerworld_core::memory::ontology::NodeKind;

use super::{
    Line,
    found::{Found, Item},
    rule::Rule,
    scan::Scan,
    session::Session,
};
use crate::lexicon::{Phrases, Topic};

/// A single word shows a topic only in a line of at least this many tokens: small talk has none.
const MIN_TOKENS: usize = 5;

/// Finds the topics of a line.
pub(super) fn find(line: &Line<'_>, session: &Session, found: &mut Found) {
    found.by = Rule::TopicsShown;
    let scan = &line.scan;
    let places: Vec<usize> = scan.real().collect();
    for at in places {
        let Some((length, topic)) = scan.find(&line.lexicon.topics, at) else {
            continue;
        };
        // One word in passing ("music lol") is no subject of talk.
        let personal = (scan.sentence_of(at)).any(|at| {
            matches!(
                scan.low(at),
                "i" | "i'm" | "im" | "i've" | "my" | "me" | "we" | "our"
            )
        });
        if length == 1 && (scan.len() < MIN_TOKENS || !personal) {
            continue;
        }
        if topic.passing && !session.dwells(&topic.id) {
            continue;
        }
        let sure = if length > 1 { 0.75 } else { 0.6 } * scan.sureness(at);
        let item = Item::new(NodeKind::Topic, topic.name.clone(), at..at + length, sure);
        found.note(item.attr("lexicon_id", &topic.id));
    }
}

/// Topics that a line touches, each once.
pub(super) fn touched<'l>(scan: &Scan<'_>, topics: &'l Phrases<Topic>) -> BTreeSet<&'l str> {
    let places = scan.real();
    places
        .filter_map(|at| scan.find(topics, at).map(|(_, topic)| topic.id.as_str()))
        .collect()
}
