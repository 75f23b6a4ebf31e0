//! One session read by itself: what memory would make of it if nothing else had ever been said.
//!
//! Scrubbing, extraction, bounds and fold are those of remembering; only nothing is stored, and
//! the ids belong to nobody. For looking at what is read and for measuring it.

use super::{
    evidence::{self, EvidenceRules, Utterance},
    extraction,
    fact_words::add_fact_words,
    fold::{Fold, fold, teen_node},
    graph::{EdgeId, Graph, NodeId},
    store::{EntityExtractor, EvidenceTurn, MentionList},
    suppressed::Suppressed,
    transcript::Transcript,
};
use crate::{
    clock::Timestamp,
    ids::{SessionId, TurnId},
    model::call::Scrubber,
    seal::{Namer, TeenKey},
};

/// What was read out of a session.
#[derive(Debug)]
pub struct Reading {
    /// The lines as they would be kept, persona lines included. A line of blanks is not there.
    pub evidence: Vec<EvidenceTurn>,
    /// What was found in them.
    pub list: MentionList,
    /// The graph of this session alone.
    pub graph: Graph,
    /// The teen's own node; it is in the graph if anything else is.
    pub teen: NodeId,
    fold: Fold,
}

impl Reading {
    /// Reads `transcript`. Moods are weighed as for a teen who consented to keeping them.
    pub fn of(
        transcript: &Transcript,
        extractor: &dyn EntityExtractor,
        scrubber: &dyn Scrubber,
    ) -> Self {
        let evidence = evidence_of(transcript, extractor, scrubber);
        let found = extractor.extract(&extraction::lines(&evidence), &transcript.zone);
        let started_at = evidence
            .first()
            .map_or(Timestamp::default(), |turn| turn.said_at);
        let mut list = MentionList {
            session: SESSION,
            session_started_at: started_at,
            extractor: extractor.name().to_owned(),
            version: extractor.version().to_owned(),
            recorded_at: started_at,
            mentions: Vec::new(),
            relations: Vec::new(),
            links: Vec::new(),
        };
        extraction::fill(&mut list, found, &evidence);
        let namer = nobodys_namer();
        let fold = fold(
            std::slice::from_ref(&list),
            &Suppressed::default(),
            &namer,
            extractor,
        );
        let mut evidence = evidence;
        add_fact_words(&mut evidence, std::slice::from_ref(&list), &fold);
        Self {
            evidence,
            graph: Graph {
                nodes: fold.nodes.clone(),
                edges: fold.edges.clone(),
                generation: 1,
            },
            teen: teen_node(&namer),
            list,
            fold,
        }
    }

    /// The node that a mention of the list became; `None` if its name was refused.
    pub fn node_of(&self, mention: u32) -> Option<NodeId> {
        self.fold.node_of(&self.list, mention)
    }

    /// The rules by which a node is known, each once, the first one first.
    pub fn rules_of_node(&self, node: NodeId) -> Vec<&str> {
        let mentions = self.list.mentions.iter();
        let its = mentions.filter(|mention| self.node_of(mention.index) == Some(node));
        distinct(its.map(|mention| mention.by.as_str()))
    }

    /// The same of an edge.
    pub fn rules_of_edge(&self, edge: EdgeId) -> Vec<&str> {
        let relations = (0..).zip(&self.list.relations);
        let its = relations.filter(|(at, _)| self.fold.edge_of(&self.list, *at) == Some(edge));
        distinct(its.map(|(_, relation)| relation.by.as_str()))
    }

    /// The position in the transcript of the line that a turn was made from.
    pub fn line_of(turn: TurnId) -> Option<usize> {
        usize::try_from(turn.bits()).ok()?.checked_sub(FIRST_TURN)
    }
}

/// The graph of several sessions that were read by themselves, oldest first; their turns and sessions
/// must have ids of their own by then.
pub fn graph_of(lists: &[MentionList], extractor: &dyn EntityExtractor) -> Graph {
    let fold = fold(lists, &Suppressed::default(), &nobodys_namer(), extractor);
    Graph {
        nodes: fold.nodes,
        edges: fold.edges,
        generation: 1,
    }
}

fn distinct<'r>(rules: impl Iterator<Item = &'r str>) -> Vec<&'r str> {
    let mut known = Vec::new();
    for rule in rules.filter(|rule| !rule.is_empty()) {
        if !known.contains(&rule) {
            known.push(rule);
        }
    }
    known
}

/// The one session.
const SESSION: SessionId = SessionId::from_bits(1);
/// The turn of the first line.
const FIRST_TURN: usize = 1;

/// A namer under a key that no teen has: ids of different readings are comparable, ids of a teen's
/// memory are not.
fn nobodys_namer() -> Namer {
    TeenKey::from_bytes([0; 32]).namer()
}

fn evidence_of(
    transcript: &Transcript,
    extractor: &dyn EntityExtractor,
    scrubber: &dyn Scrubber,
) -> Vec<EvidenceTurn> {
    let rules = EvidenceRules {
        scrubber,
        mood: Some(extractor),
        zone: &transcript.zone,
        days: 1,
        teen_name: None,
        persona_name: "Persona",
        encoder: None,
        version: extractor.version(),
    };
    let lines = (0_u32..).zip(&transcript.lines);
    lines
        .filter_map(|(sequence, line)| {
            let said = Utterance {
                id: TurnId::from_bits(u128::from(sequence) + 1),
                session: SESSION,
                sequence,
                speaker: line.speaker,
                said_at: line.said_at,
                text: line.text.reveal(),
            };
            evidence::of_utterance(&said, &rules)
        })
        .collect()
}
