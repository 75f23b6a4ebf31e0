//! A teen's own word about a fact or a name: it stopped holding, something else holds instead, two
//! were taken for one. It is kept as a mention list of its own that is folded last and never replaced
//! by an extractor.

use std::sync::Arc;

use super::{
    Memory,
    digest::Account,
    evidence,
    fold::CORRECTIONS,
    graph::{Edge, EdgeId, Graph, NodeId, Polarity, Precision},
    names,
    ontology::NodeKind,
    refold::{Before, Horizon},
    remember::WRITE_ATTEMPTS,
    resolve::Named,
    store::{EvidenceTurn, Means, Mention, MentionList, NameLink, Relation, Speaker},
    suppressed::Suppressed,
};
use crate::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{SessionId, TeenId, TurnId},
    secret::Text,
};

/// Version of the form in which corrections are listed.
const FORM: &str = "1";

/// What is wrong.
#[derive(Clone, Debug)]
pub enum Wrong {
    /// A fact does not hold.
    Fact {
        /// The fact.
        id: EdgeId,
        /// What holds instead, of the same kind as the fact's object; `None` if just nothing does.
        instead: Option<Text>,
    },
    /// A name is not another one's: it becomes a thing of its own again.
    Merged {
        /// The thing it was taken for.
        node: NodeId,
        /// The name.
        name: Text,
    },
}

/// What the teen says about it.
#[derive(Clone, Debug)]
pub struct Correction {
    /// What is wrong.
    pub wrong: Wrong,
    /// What the teen is called, for the digest.
    pub teen_name: Option<Text>,
    /// The account's IANA time zone, for the day.
    pub zone: String,
}

impl Correction {
    fn account(&self) -> Account<'_> {
        Account {
            teen_name: self.teen_name.as_ref(),
            zone: &self.zone,
        }
    }
}

impl Memory {
    /// Ends a fact now, or before it begins, and begins what holds instead; or undoes a merge. Returns
    /// the correction's turn, by which it can be forgotten.
    ///
    /// # Errors
    /// `NotFound` if there is no such fact or thing, or the thing does not have the name; `Invalid`
    /// if the new name names nothing; `Conflict` if the graph kept moving.
    pub async fn correct(
        &self,
        teen: TeenId,
        correction: &Correction,
    ) -> Result<TurnId, PortError> {
        let now = self.ports.clock.now();
        let turn = TurnId::from_bits(self.ports.ids.ulid(now));
        let session = SessionId::from_bits(self.ports.ids.ulid(now));
        for _attempt in 0..WRITE_ATTEMPTS {
            let before = self.read(teen, now).await?;
            let said = Said { turn, session, now };
            let graph = &before.stored.graph;
            let list = match &correction.wrong {
                Wrong::Fact { id, instead } => said.fact(graph, *id, instead.as_ref())?,
                Wrong::Merged { node, name } => said.merged(graph, *node, name)?,
            };
            let mut lists = before.lists.clone();
            lists.push(Arc::new(list));
            let suppressed = Suppressed::new(&before.suppressions);
            let after = before.refold(&lists, &suppressed, Horizon::open(now));
            let digest = self.render_digest(&before, &after, correction.account());
            let mut write = after.into_write(&before, digest);
            write.evidence = vec![said.stub(&before, correction)];
            match self.ports.graph.write(teen, &write).await {
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                written => {
                    written?;
                    self.forget_cached(teen);
                    return Ok(turn);
                }
            }
        }
        Err(PortError::new(ErrorKind::Conflict, "correct the fact"))
    }
}

/// Under which ids and when it is said.
#[derive(Clone, Copy)]
struct Said {
    turn: TurnId,
    session: SessionId,
    now: Timestamp,
}

impl Said {
    fn fact(
        self,
        graph: &Graph,
        fact: EdgeId,
        instead: Option<&Text>,
    ) -> Result<MentionList, PortError> {
        let missing = || PortError::new(ErrorKind::NotFound, "find the fact to correct");
        let edge = graph.edges.get(&fact).ok_or_else(missing)?;
        let object = self.mention_of(graph, edge.to, 0).ok_or_else(missing)?;
        let is_of_teen = graph
            .nodes
            .get(&edge.from)
            .is_some_and(|node| node.kind == NodeKind::Teen);
        let subject = if is_of_teen {
            None
        } else {
            Some(self.mention_of(graph, edge.from, 1).ok_or_else(missing)?)
        };
        let from = subject.as_ref().map(|mention| mention.index);
        let mut relations = vec![self.relation(edge, (from, 0), Polarity::Stopped)];
        let instead = instead.map(|name| Mention {
            index: 2,
            surface: name.clone(),
            qualifier: None,
            ..object.clone()
        });
        if let Some(instead) = &instead {
            if Named::of(instead).is_none() {
                return Err(PortError::new(ErrorKind::Invalid, "read the new name"));
            }
            relations.push(self.relation(edge, (from, 2), Polarity::Holds));
        }
        let mentions = std::iter::once(object).chain(subject).chain(instead);
        Ok(MentionList {
            mentions: mentions.collect(),
            relations,
            ..self.list()
        })
    }

    /// The name as a mention of its own that means nothing else.
    fn merged(self, graph: &Graph, node: NodeId, name: &Text) -> Result<MentionList, PortError> {
        let missing = || PortError::new(ErrorKind::NotFound, "find the name to set apart");
        let known = graph.nodes.get(&node).ok_or_else(missing)?;
        let key = names::key(known.kind, name.reveal());
        let same = |other: &Text| names::key(known.kind, other.reveal()) == key;
        let mut names = known.aliases.iter().chain([&known.name]);
        if known.aliases.is_empty() || !names.any(same) {
            return Err(missing());
        }
        let mention = Mention {
            surface: name.clone(),
            qualifier: None,
            ..self.mention_of(graph, node, 0).ok_or_else(missing)?
        };
        Ok(MentionList {
            mentions: vec![mention],
            links: vec![NameLink {
                mention: 0,
                means: Means::Itself,
            }],
            ..self.list()
        })
    }

    /// A list that says nothing yet.
    fn list(self) -> MentionList {
        MentionList {
            session: self.session,
            session_started_at: self.now,
            extractor: CORRECTIONS.to_owned(),
            version: FORM.to_owned(),
            recorded_at: self.now,
            mentions: Vec::new(),
            relations: Vec::new(),
            links: Vec::new(),
        }
    }

    /// A mention that resolves to this very node.
    fn mention_of(self, graph: &Graph, node: NodeId, index: u32) -> Option<Mention> {
        let node = graph.nodes.get(&node)?;
        Some(Mention {
            index,
            kind: node.kind,
            surface: node.key.clone(),
            qualifier: node.qualifier.clone(),
            attrs: std::collections::BTreeMap::new(),
            span: (index, index),
            turns: vec![self.turn],
            said_at: self.now,
            confidence: 1.0,
            by: String::new(),
            tentative: false,
        })
    }

    /// From now on; of what is yet to begin, from its beginning on.
    fn relation(self, edge: &Edge, ends: (Option<u32>, u32), polarity: Polarity) -> Relation {
        Relation {
            kind: edge.kind,
            from: ends.0,
            to: ends.1,
            slot: edge.slot.clone(),
            polarity,
            valid_at: self.now.max(edge.valid_from),
            precision: Precision::Day,
            turns: vec![self.turn],
            span: (0, 0),
            confidence: 1.0,
            emotion: [0.0; 7],
            by: String::new(),
        }
    }

    /// The turn that the correction's assertions point to: a day and no text.
    fn stub(self, before: &Before, correction: &Correction) -> EvidenceTurn {
        let mut turns = before.stored.evidence.iter().rev();
        let spoken = turns.find(|turn| turn.speaker == Speaker::Teen);
        let name = correction.teen_name.clone();
        EvidenceTurn {
            id: self.turn,
            session: self.session,
            sequence: 0,
            speaker: Speaker::Teen,
            name: name
                .or_else(|| spoken.map(|turn| turn.name.clone()))
                .unwrap_or_default(),
            said_at: self.now,
            text: None,
            day: evidence::day_words(&correction.zone, self.now),
            fact_words: Vec::new(),
            caption: None,
            recalled: false,
            asset_version: FORM.to_owned(),
            encoded: None,
            emotion: [0.0; 7],
            expires_at: self.now,
        }
    }
}
