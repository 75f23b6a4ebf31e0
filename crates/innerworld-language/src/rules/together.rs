//! What is named together again and again: the weakest of all ties.

use std::collections::{BTreeMap, BTreeSet};

use innerworld_core::memory::{
    graph::{Polarity, Precision},
    ontology::{EdgeKind, NodeKind},
    store::{Extraction, Mention, Relation},
};

use super::rule::Rule;

/// Turns of a session in which two things are named (language.md 5).
const TURNS: usize = 2;
/// How sure the tie is.
const CONFIDENCE: f32 = 0.3;
/// Pairs of one session: who lists everything at once ties nothing.
const MOST: usize = 12;
/// Things in one line of which pairs are made.
const MOST_IN_LINE: usize = 5;

/// A thing of the session: its kind and name.
type Name = (NodeKind, String);

/// Ties what is named in the same lines and what nothing else ties.
pub(super) fn find(extraction: &mut Extraction) {
    let tied: BTreeSet<(u32, u32)> = extraction
        .relations
        .iter()
        .filter_map(|relation| Some(in_order(relation.from?, relation.to)))
        .collect();
    let first = first_mentions(&extraction.mentions);
    let same: BTreeMap<u32, u32> = extraction
        .mentions
        .iter()
        .filter_map(|mention| Some((mention.index, first.get(&name(mention))?.index)))
        .collect();
    let home = |index: &u32| same.get(index).copied().unwrap_or(*index);
    let tied: BTreeSet<(u32, u32)> = tied
        .iter()
        .map(|(a, b)| in_order(home(a), home(b)))
        .collect();
    let mut pairs: BTreeMap<(u32, u32), Vec<&Mention>> = BTreeMap::new();
    for line in extraction.mentions.chunk_by(|a, b| a.turns == b.turns) {
        let kept = line.iter().filter(|mention| !mention.tentative);
        let kept: Vec<&Mention> = kept.take(MOST_IN_LINE + 1).collect();
        if kept.len() > MOST_IN_LINE {
            continue;
        }
        for (place, one) in kept.iter().enumerate() {
            for other in kept.iter().skip(place + 1) {
                let pair = in_order(home(&one.index), home(&other.index));
                if pair.0 != pair.1 && !tied.contains(&pair) && apart(one, other) {
                    pairs.entry(pair).or_default().push(one);
                }
            }
        }
    }
    let found: Vec<Relation> = pairs
        .into_iter()
        .filter(|(_, lines)| lines.len() >= TURNS)
        .take(MOST)
        .filter_map(|((from, to), lines)| {
            let line = lines.first()?;
            Some(Relation {
                kind: EdgeKind::RelatesTo,
                from: Some(from),
                to,
                slot: "co_occurrence".to_owned(),
                polarity: Polarity::Holds,
                valid_at: line.said_at,
                precision: Precision::Unknown,
                turns: lines
                    .iter()
                    .flat_map(|line| line.turns.iter().copied())
                    .collect(),
                span: line.span,
                confidence: CONFIDENCE,
                emotion: [0.0; 7],
                by: Rule::TogetherAgain.id().to_owned(),
            })
        })
        .collect();
    extraction.relations.extend(found);
}

fn name(mention: &Mention) -> Name {
    (mention.kind, mention.surface.reveal().to_lowercase())
}

fn first_mentions(mentions: &[Mention]) -> BTreeMap<Name, &Mention> {
    let mut first = BTreeMap::new();
    for mention in mentions {
        first.entry(name(mention)).or_insert(mention);
    }
    first
}

const fn in_order(a: u32, b: u32) -> (u32, u32) {
    if a <= b { (a, b) } else { (b, a) }
}

/// Whether they are named by different words: a topic may be seen in the words of an event.
fn apart(a: &Mention, b: &Mention) -> bool {
    a.span.1 <= b.span.0 || b.span.1 <= a.span.0
}
