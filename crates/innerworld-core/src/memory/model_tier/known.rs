//! The things of earlier sessions that a model is shown: few, however large the graph.

use std::collections::{BTreeSet, HashSet};

use super::prompt;
use crate::{
    ids::TurnId,
    memory::{
        graph::{Graph, Node, NodeId},
        names,
        ontology::NodeKind,
        store::Mention,
    },
    secret::Text,
};

/// Most things shown.
pub const KNOWN_NODES: usize = 40;
/// Most tokens they may take.
const KNOWN_TOKENS: usize = 500;
/// Aliases shown of one.
const ALIASES: usize = 3;

/// A thing of an earlier session, under a label that says nothing outside the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownNode {
    /// `E1`, `E2`, …
    pub label: String,
    /// The node.
    pub id: NodeId,
    /// Its kind.
    pub kind: NodeKind,
    /// Its name.
    pub name: Text,
    /// Other names.
    pub aliases: Vec<Text>,
}

/// The things most similar to what this session mentions, most similar first; then those with the
/// most support. Things that only this session knows are left out.
pub fn choose(graph: &Graph, mentions: &[Mention], said: &BTreeSet<TurnId>) -> Vec<KnownNode> {
    let wanted: Vec<Shape> = mentions
        .iter()
        .map(|mention| names::key(mention.kind, mention.surface.reveal()))
        .collect::<BTreeSet<String>>()
        .iter()
        .map(|key| Shape::new(key))
        .collect();
    let mut ranked: Vec<(f32, &Node)> = graph
        .nodes
        .values()
        .filter(|node| node.kind != NodeKind::Teen)
        .filter(|node| node.turns.iter().any(|turn| !said.contains(turn)))
        .map(|node| (similarity(node, &wanted), node))
        .collect();
    ranked.sort_by(|(a_like, a), (b_like, b)| {
        b_like
            .total_cmp(a_like)
            .then(b.support.cmp(&a.support))
            .then(b.last_seen.cmp(&a.last_seen))
            .then(a.id.cmp(&b.id))
    });
    let mut left = KNOWN_TOKENS;
    let labelled = (1..).zip(ranked.into_iter().take(KNOWN_NODES));
    labelled
        .map(|(number, (_, node))| KnownNode {
            label: format!("E{number}"),
            id: node.id,
            kind: node.kind,
            name: node.name.clone(),
            aliases: node.aliases.iter().take(ALIASES).cloned().collect(),
        })
        .take_while(|known| {
            let size = prompt::tokens(&prompt::known_line(known));
            let fits = size <= left;
            left = left.saturating_sub(size);
            fits
        })
        .collect()
}

/// How alike the best pair of a node's names and the session's is, 0 to 1.
fn similarity(node: &Node, wanted: &[Shape]) -> f32 {
    let own = std::iter::once(node.key.reveal().clone()).chain(
        node.aliases
            .iter()
            .map(|alias| names::key(node.kind, alias.reveal())),
    );
    own.map(|key| Shape::new(&key))
        .flat_map(|shape| wanted.iter().map(move |other| shape.likeness(other)))
        .fold(0.0, f32::max)
}

/// A key as words and as pairs of letters.
struct Shape {
    key: String,
    pairs: HashSet<(char, char)>,
}

impl Shape {
    fn new(key: &str) -> Self {
        let letters = key.chars().zip(key.chars().skip(1));
        Self {
            key: key.to_owned(),
            pairs: letters.collect(),
        }
    }

    /// 1 for the same key, a half and more for a shared word, else the share of common pairs.
    fn likeness(&self, other: &Self) -> f32 {
        if self.key == other.key {
            return 1.0;
        }
        let shared = self.pairs.intersection(&other.pairs).count();
        let all = self.pairs.len() + other.pairs.len() - shared;
        #[expect(clippy::cast_precision_loss, reason = "a name has few letters")]
        let share = if all == 0 {
            0.0
        } else {
            shared as f32 / all as f32
        };
        let word = |word: &str| word.chars().count() > 2;
        let mut words = self.key.split(' ').filter(|own| word(own));
        let common = words.any(|own| other.key.split(' ').any(|their| own == their));
        share.mul_add(0.49, if common { 0.5 } else { 0.0 })
    }
}
