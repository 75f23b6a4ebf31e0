//! How talk about something mostly feels, where that says something: often enough, in several
//! sessions, and more than the teen's talk in general. In words of frequency, with the turns it rests
//! on; never a word about the teen.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    digest::MOODS,
    extraction::mean,
    graph::{Assertion, Edge, EmotionWeights, Graph, Node, NodeId, Polarity},
    ontology::EdgeKind,
};
use crate::{clock::Timestamp, ids::TurnId};

/// Fewer assertions than these are chance.
const LEAST_TIMES: usize = 4;
/// In fewer sessions it is one bad week.
const LEAST_SESSIONS: usize = 3;
const MILLIS_PER_WEEK: i64 = 7 * 86_400_000;

/// How talk about a thing mostly feels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The thing.
    pub node: NodeId,
    /// "talk about math is mostly sad (5 times in 3 weeks)".
    pub says: String,
    /// The turns that feel so, oldest first.
    pub turns: Vec<TurnId>,
    /// When the first of them was said.
    pub first: Timestamp,
    /// When the last was.
    pub last: Timestamp,
}

/// Every pattern of a graph. Nothing is found where no moods are kept.
pub fn patterns(graph: &Graph) -> Vec<Pattern> {
    let baseline = Baseline::of(graph);
    let spoken = graph
        .edges
        .values()
        .filter(|edge| edge.kind == EdgeKind::Mentions);
    spoken
        .filter_map(|edge| baseline.pattern(edge, graph.nodes.get(&edge.to)?))
        .collect()
}

/// Mean and deviation of each weight over all turns of the teen's that named anything.
struct Baseline {
    mean: EmotionWeights,
    deviation: EmotionWeights,
}

impl Baseline {
    fn of(graph: &Graph) -> Self {
        let mut turns: BTreeMap<TurnId, EmotionWeights> = BTreeMap::new();
        let spoken = graph
            .edges
            .values()
            .filter(|edge| edge.kind == EdgeKind::Mentions);
        for said in spoken.flat_map(felt) {
            for turn in &said.turns {
                turns.entry(*turn).or_insert(said.emotion);
            }
        }
        let mean = mean(turns.values());
        let squares: Vec<EmotionWeights> = turns
            .values()
            .map(|weights| {
                let mut square = *weights;
                for (weight, mean) in square.iter_mut().zip(mean) {
                    *weight = (*weight - mean) * (*weight - mean);
                }
                square
            })
            .collect();
        Self {
            mean,
            deviation: self::mean(squares.iter()).map(f32::sqrt),
        }
    }

    fn pattern(&self, edge: &Edge, node: &Node) -> Option<Pattern> {
        let said: Vec<&Assertion> = felt(edge).collect();
        let sessions: BTreeSet<_> = said.iter().map(|said| said.session).collect();
        if said.len() < LEAST_TIMES || sessions.len() < LEAST_SESSIONS {
            return None;
        }
        let (kind, word) = self.clearest(&edge.emotion)?;
        let so: Vec<&&Assertion> = said
            .iter()
            .filter(|said| strongest(&said.emotion) == Some(kind))
            .collect();
        // "Mostly" is more than half of the times.
        if so.len() < LEAST_TIMES || so.len() * 2 <= said.len() {
            return None;
        }
        let first = so.iter().map(|said| said.valid_at).min()?;
        let last = so.iter().map(|said| said.valid_at).max()?;
        let mut turns: Vec<TurnId> = so.iter().flat_map(|said| said.turns.clone()).collect();
        turns.sort_unstable();
        turns.dedup();
        let name = node.name.reveal();
        let times = so.len();
        let says = format!(
            "talk about {name} is mostly {word} ({times} times {})",
            within(first, last)
        );
        Some(Pattern {
            node: node.id,
            says,
            turns,
            first,
            last,
        })
    }

    /// The emotion that stands out most over the teen's own baseline, by a deviation or more.
    fn clearest(&self, mood: &EmotionWeights) -> Option<(usize, &'static str)> {
        let excess = mood.iter().zip(self.mean).zip(self.deviation);
        let named = excess.zip(MOODS).enumerate();
        named
            .filter_map(|(kind, (((weight, mean), deviation), word))| {
                let above = (weight - mean) / deviation;
                Some((above, kind, word?)).filter(|_| deviation > 0.0 && above >= 1.0)
            })
            .max_by(|(a, ..), (b, ..)| a.total_cmp(b))
            .map(|(_above, kind, word)| (kind, word))
    }
}

/// The assertions of an edge that carry a mood.
fn felt(edge: &Edge) -> impl Iterator<Item = &Assertion> {
    edge.log.iter().filter(|said| {
        said.polarity == Polarity::Holds && said.emotion.iter().any(|weight| *weight > 0.0)
    })
}

/// The strongest emotion that has a word: all but neutral.
fn strongest(mood: &EmotionWeights) -> Option<usize> {
    let named = mood.iter().zip(MOODS).enumerate();
    named
        .filter(|(_, (_, word))| word.is_some())
        .max_by(|(_, (a, _)), (_, (b, _))| a.total_cmp(b))
        .map(|(kind, _)| kind)
}

fn within(first: Timestamp, last: Timestamp) -> String {
    let weeks = (last.as_millis() - first.as_millis()) / MILLIS_PER_WEEK + 1;
    if weeks == 1 {
        "in a week".to_owned()
    } else {
        format!("in {weeks} weeks")
    }
}
