//! A reading -> what is printed of it.

use std::collections::BTreeMap;

use innerworld_core::{
    ids::TurnId,
    memory::{
        bounds, facts,
        graph::{Edge, Node, NodeId, Polarity, Precision},
        reading::Reading,
        store::{Mention, Speaker},
        transcript::{Transcript, TranscriptLine},
    },
    persona::card::EMOTIONS,
    secret::Text,
};
use innerworld_language::{english::Talk, pii};

use super::found::{EdgeFound, Instant, LineFound, MentionFound, NodeFound, Patch, PiiFound};

/// The owner of the graph, where a node's id is expected.
const TEEN: &str = "teen";

/// A reading with names for its nodes, in the order in which they were first mentioned.
pub(super) struct View<'a> {
    transcript: &'a Transcript,
    reading: &'a Reading,
    order: Vec<NodeId>,
}

impl<'a> View<'a> {
    pub(super) fn new(transcript: &'a Transcript, reading: &'a Reading) -> Self {
        let mut order = vec![reading.teen];
        for mention in &reading.list.mentions {
            let node = reading.node_of(mention.index);
            order.extend(node.filter(|node| !order.contains(node)));
        }
        Self {
            transcript,
            reading,
            order,
        }
    }

    /// `teen`, `n1`, `n2`, …
    fn name_of(&self, node: NodeId) -> String {
        let place = self.order.iter().position(|known| *known == node);
        match place.unwrap_or(self.order.len()) {
            0 => TEEN.to_owned(),
            place => format!("n{place}"),
        }
    }

    /// `talk` hears the lines one after another.
    pub(super) fn line(
        &self,
        place: usize,
        line: &'a TranscriptLine,
        talk: &mut Talk<'a>,
    ) -> LineFound<'a> {
        let is_this = |turn: TurnId| Reading::line_of(turn) == Some(place);
        let kept = self.reading.evidence.iter().find(|turn| is_this(turn.id));
        let text = kept.and_then(|turn| turn.text.as_ref());
        let text = text.map_or("", |text| text.reveal());
        let mentions = self.reading.list.mentions.iter();
        let emotions = kept.filter(|turn| turn.speaker == Speaker::Teen);
        let spans = pii::find(line.text.reveal()).into_iter();
        LineFound {
            id: &line.id,
            speaker: line.speaker,
            at: Instant(line.said_at),
            text,
            cut: text.chars().count() == bounds::TURN_CHARS
                && line.text.reveal().chars().nth(bounds::TURN_CHARS).is_some(),
            foreign: line.speaker == Speaker::Teen && !text.is_empty() && !talk.is_english(text),
            mentions: mentions
                .filter(|mention| mention.turns.first().copied().is_some_and(is_this))
                .map(|mention| self.mention(mention))
                .collect(),
            emotions: emotions
                .map(|turn| {
                    EMOTIONS
                        .into_iter()
                        .zip(turn.emotion.map(rounded))
                        .collect()
                })
                .unwrap_or_default(),
            pii: spans
                .map(|span| PiiFound {
                    class: span.class.label(),
                    span: (span.start, span.end),
                })
                .collect(),
        }
    }

    fn mention(&self, mention: &'a Mention) -> MentionFound<'a> {
        let node = self.reading.node_of(mention.index);
        MentionFound {
            kind: mention.kind,
            name: mention.surface.reveal(),
            qualifier: mention
                .qualifier
                .as_ref()
                .map(|text| text.reveal().as_str()),
            attrs: revealed(&mention.attrs),
            span: mention.span,
            rule: &mention.by,
            confidence: rounded(mention.confidence),
            node: node.map(|node| self.name_of(node)),
            tentative: mention.tentative,
        }
    }

    pub(super) fn patch(&self) -> Patch<'a> {
        let graph = &self.reading.graph;
        let nodes = self.order.iter().filter_map(|id| graph.nodes.get(id));
        let mut edges: Vec<&'a Edge> = graph.edges.values().collect();
        edges.sort_by_key(|edge| {
            (
                edge.kind,
                self.place(edge.from),
                self.place(edge.to),
                &edge.slot,
            )
        });
        Patch {
            nodes: nodes.map(|node| self.node(node)).collect(),
            edges: edges.into_iter().map(|edge| self.edge(edge)).collect(),
        }
    }

    fn place(&self, node: NodeId) -> Option<usize> {
        self.order.iter().position(|known| *known == node)
    }

    fn node(&self, node: &'a Node) -> NodeFound<'a> {
        NodeFound {
            id: self.name_of(node.id),
            kind: node.kind,
            name: node.name.reveal(),
            qualifier: node.qualifier.as_ref().map(|text| text.reveal().as_str()),
            aliases: node
                .aliases
                .iter()
                .map(|name| name.reveal().as_str())
                .collect(),
            attrs: revealed(&node.attrs),
            confidence: rounded(node.confidence),
            lines: self.lines(node.turns.iter()),
        }
    }

    fn edge(&self, edge: &'a Edge) -> EdgeFound<'a> {
        let last = edge.log.last();
        EdgeFound {
            kind: edge.kind,
            from: self.name_of(edge.from),
            to: self.name_of(edge.to),
            slot: &edge.slot,
            polarity: last.map_or(Polarity::Holds, |said| said.polarity),
            valid_from: Instant(edge.valid_from),
            valid_until: edge.valid_until.map(Instant),
            precision: last.map_or(Precision::Unknown, |said| said.precision),
            confidence: match last {
                Some(said) if edge.valid_until.is_some() => rounded(said.confidence),
                _ => rounded(edge.confidence),
            },
            lines: self.lines(edge.log.iter().flat_map(|said| &said.turns)),
            rules: self.reading.rules_of_edge(edge.id),
            says: facts::label(&self.reading.graph, edge),
        }
    }

    fn lines<'t>(&self, turns: impl Iterator<Item = &'t TurnId>) -> Vec<&'a str> {
        let mut places: Vec<usize> = turns.filter_map(|turn| Reading::line_of(*turn)).collect();
        places.sort_unstable();
        places.dedup();
        let lines = places
            .into_iter()
            .filter_map(|at| self.transcript.lines.get(at));
        lines.map(|line| line.id.as_str()).collect()
    }
}

fn revealed(attrs: &BTreeMap<String, Text>) -> BTreeMap<&str, &str> {
    let attrs = attrs.iter();
    attrs
        .map(|(name, value)| (name.as_str(), value.reveal().as_str()))
        .collect()
}

/// Three decimals: more would be noise, and would differ in print between forms of the same number.
fn rounded(weight: f32) -> f64 {
    (f64::from(weight) * 1000.0).round() / 1000.0
}
