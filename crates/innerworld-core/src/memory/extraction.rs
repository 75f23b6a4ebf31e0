//! What an extractor found in a session -> the mention list that is kept.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    bounds,
    graph::{EmotionWeights, Polarity, Precision},
    ontology::EdgeKind,
    resolve::Named,
    store::{EvidenceTurn, Extraction, Line, Mention, MentionList, Relation, Speaker},
};
use crate::ids::TurnId;

/// The lines an extractor reads: everything that was said, but nothing that came from recall.
pub fn lines(evidence: &[EvidenceTurn]) -> Vec<Line<'_>> {
    evidence
        .iter()
        .filter(|turn| !turn.recalled)
        .filter_map(|turn| {
            Some(Line {
                id: turn.id,
                speaker: turn.speaker,
                said_at: turn.said_at,
                text: turn.text.as_ref()?.reveal(),
            })
        })
        .collect()
}

/// Fills `list` with what was found, within the bounds of one session. Nothing stays that does
/// not come from a turn of the teen's. The mood of a relation is the mean of its turns'.
pub fn fill(list: &mut MentionList, found: Extraction, evidence: &[EvidenceTurn]) {
    let moods: BTreeMap<TurnId, EmotionWeights> = evidence
        .iter()
        .filter(|turn| turn.speaker == Speaker::Teen && !turn.recalled)
        .map(|turn| (turn.id, turn.emotion))
        .collect();
    list.mentions = found.mentions;
    list.relations = found.relations;
    list.relations
        .retain(|relation| relation.kind != EdgeKind::Mentions);
    for mention in &mut list.mentions {
        mention.turns.retain(|turn| moods.contains_key(turn));
    }
    for relation in &mut list.relations {
        relation.turns.retain(|turn| moods.contains_key(turn));
    }
    bound_mentions(&mut list.mentions);
    list.drop_unsupported();
    strongest(&mut list.relations, bounds::PATCH_EDGES, |relation| {
        relation.confidence
    });
    let spoken = list.mentions.iter().map(spoken_of);
    list.relations.extend(spoken.collect::<Vec<_>>());
    for relation in &mut list.relations {
        relation.emotion = mean(relation.turns.iter().filter_map(|turn| moods.get(turn)));
    }
}

fn bound_mentions(mentions: &mut Vec<Mention>) {
    strongest(mentions, bounds::PATCH_MENTIONS, |mention| {
        mention.confidence
    });
    let mut names = BTreeSet::new();
    mentions.retain(|mention| {
        Named::of(mention).is_some_and(|named| {
            let name = (named.kind, named.key, named.qualifier);
            names.contains(&name) || (names.len() < bounds::PATCH_NODES && names.insert(name))
        })
    });
}

/// Keeps the `most` items of highest confidence, in their order.
fn strongest<T>(items: &mut Vec<T>, most: usize, confidence: impl Fn(&T) -> f32) {
    if items.len() <= most {
        return;
    }
    let mut ranked: Vec<(f32, usize)> = items.iter().map(&confidence).zip(0..).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let kept: BTreeSet<usize> = ranked.into_iter().take(most).map(|(_, at)| at).collect();
    let mut at = 0;
    items.retain(|_item| {
        at += 1;
        kept.contains(&(at - 1))
    });
}

/// "The teen spoke of it": the edge that every mention brings.
fn spoken_of(mention: &Mention) -> Relation {
    Relation {
        kind: EdgeKind::Mentions,
        from: None,
        to: mention.index,
        slot: String::new(),
        polarity: Polarity::Holds,
        valid_at: mention.said_at,
        precision: Precision::Day,
        turns: mention.turns.clone(),
        span: mention.span,
        confidence: mention.confidence,
        emotion: [0.0; 7],
        by: mention.by.clone(),
    }
}

/// The mean of each weight; zeros of nothing.
#[expect(clippy::cast_precision_loss, reason = "a graph has few turns")]
pub(super) fn mean<'a>(moods: impl Iterator<Item = &'a EmotionWeights>) -> EmotionWeights {
    let (mut sums, mut count) = ([0.0_f32; 7], 0_usize);
    for mood in moods {
        count += 1;
        for (sum, weight) in sums.iter_mut().zip(mood) {
            *sum += weight;
        }
    }
    if count == 0 {
        sums
    } else {
        sums.map(|sum| sum / count as f32)
    }
}
