//! Mention lists -> graph: a pure fold in (session start, session id) order.
//!
//! The graph is never edited. A late session, a newer extractor, a forgotten turn or a correction
//! changes the lists, and the graph is folded from them again; so the result never depends on the
//! order in which things arrived (memory.md 5).

use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    graph::{Assertion, AssertionId, Edge, EdgeId, Node, NodeId, Polarity},
    names,
    ontology::{EdgeKind, NodeKind},
    resolve::{Named, Resolver, node_id},
    store::{EntityExtractor, Means, Mention, MentionList, Relation},
    suppressed::Suppressed,
};
use crate::{
    clock::Timestamp,
    ids::{SessionId, TurnId},
    seal::Namer,
};

mod draft;
mod prune;
mod recurring;

use draft::{EdgeDraft, NodeDraft};
use recurring::Recurring;

/// Name under which a teen's own corrections are listed; they are folded last and never replaced.
pub const CORRECTIONS: &str = "teen";

/// What the mentions and relations of one list became, by their index in it.
#[derive(Debug, Default)]
struct Became {
    nodes: BTreeMap<u32, NodeId>,
    edges: BTreeMap<u32, EdgeId>,
    /// Tentative mentions that no other session repeats yet.
    waiting: BTreeSet<u32>,
}

/// The same of all lists, by session and extractor.
type AllBecame = BTreeMap<SessionId, BTreeMap<String, Became>>;

/// A folded graph, with the way from every mention and relation to what it became.
#[derive(Debug, Default)]
pub struct Fold {
    /// The nodes.
    pub nodes: BTreeMap<NodeId, Node>,
    /// The edges.
    pub edges: BTreeMap<EdgeId, Edge>,
    became: AllBecame,
}

/// Id of the teen's own node.
pub fn teen_node(namer: &Namer) -> NodeId {
    node_id(namer, NodeKind::Teen, "", "")
}

/// Id of an edge: never over its times, which move.
pub fn edge_id(namer: &Namer, kind: EdgeKind, ends: (NodeId, NodeId), slot: &str) -> EdgeId {
    EdgeId(namer.id(&[
        b"edge",
        kind.name().as_bytes(),
        &ends.0.0.to_be_bytes(),
        &ends.1.0.to_be_bytes(),
        slot.as_bytes(),
    ]))
}

/// Folds all mention lists of a teen into a graph. The lists are as [`Suppressed::strip`] leaves
/// them; the extractor tells which names mean the same.
pub fn fold<L: Borrow<MentionList>>(
    lists: &[L],
    suppressed: &Suppressed,
    namer: &Namer,
    extractor: &dyn EntityExtractor,
) -> Fold {
    let mut ordered: Vec<&MentionList> = lists.iter().map(Borrow::borrow).collect();
    ordered.sort_by(|a, b| fold_order(a).cmp(&fold_order(b)));
    let mut folding = Folding::new(suppressed, namer, extractor);
    folding.recurring = Recurring::of(&ordered);
    for named in ordered.iter().flat_map(|list| kept_apart(list)) {
        folding.resolver.keep_apart(&named);
    }
    for list in ordered {
        folding.take(list);
    }
    folding.finish()
}

/// Names of which the teen said that they are not what they were taken for.
fn kept_apart(list: &MentionList) -> impl Iterator<Item = Named> {
    let itself = list.links.iter().filter(|link| link.means == Means::Itself);
    itself.filter_map(|link| {
        let mut mentions = list.mentions.iter();
        let mention = mentions.find(|mention| mention.index == link.mention)?;
        Named::of(mention).filter(|_| !mention.turns.is_empty())
    })
}

fn fold_order(list: &MentionList) -> (bool, Timestamp, SessionId, &str) {
    (
        list.extractor == CORRECTIONS,
        list.session_started_at,
        list.session,
        &list.extractor,
    )
}

impl Fold {
    /// The node that a mention became; `None` if it was refused, forgotten or pruned.
    pub fn node_of(&self, list: &MentionList, mention: u32) -> Option<NodeId> {
        let node = self.became(list)?.nodes.get(&mention).copied()?;
        self.nodes.contains_key(&node).then_some(node)
    }

    /// The edge that a relation became, by the relation's position in its list.
    pub fn edge_of(&self, list: &MentionList, position: u32) -> Option<EdgeId> {
        let edge = self.became(list)?.edges.get(&position).copied()?;
        self.edges.contains_key(&edge).then_some(edge)
    }

    /// Whether a mention without a node may get one once another session says the same.
    fn waits(&self, list: &MentionList, mention: u32) -> bool {
        self.became(list)
            .is_some_and(|became| became.waiting.contains(&mention))
    }

    fn became(&self, list: &MentionList) -> Option<&Became> {
        self.became.get(&list.session)?.get(&list.extractor)
    }
}

struct Folding<'a> {
    suppressed: &'a Suppressed,
    namer: &'a Namer,
    teen: NodeId,
    resolver: Resolver<'a>,
    recurring: Recurring,
    nodes: BTreeMap<NodeId, NodeDraft>,
    edges: BTreeMap<EdgeId, EdgeDraft>,
    became: AllBecame,
}

impl<'a> Folding<'a> {
    fn new(
        suppressed: &'a Suppressed,
        namer: &'a Namer,
        extractor: &'a dyn EntityExtractor,
    ) -> Self {
        Self {
            suppressed,
            namer,
            teen: teen_node(namer),
            resolver: Resolver::with_directions(extractor),
            recurring: Recurring::default(),
            nodes: BTreeMap::new(),
            edges: BTreeMap::new(),
            became: BTreeMap::new(),
        }
    }

    fn take(&mut self, list: &MentionList) {
        let said: BTreeMap<TurnId, Timestamp> = list
            .mentions
            .iter()
            .filter_map(|mention| Some((*mention.turns.first()?, mention.said_at)))
            .collect();
        let mut became = Became::default();
        for mention in &list.mentions {
            let means = self.meaning(list, mention, &became.nodes);
            let Some(mut named) =
                Named::of(mention).filter(|named| self.remembers(named, mention, means))
            else {
                continue;
            };
            if mention.tentative {
                let Some(name) = self.recurring.name(list, mention) else {
                    became.waiting.insert(mention.index);
                    continue;
                };
                if !self.remembers(&name, mention, means) {
                    continue;
                }
                named = name;
            }
            let node = self.place(list, (mention, &named), &said, means);
            became.nodes.insert(mention.index, node);
        }
        for (position, relation) in (0_u32..).zip(&list.relations) {
            if let Some(edge) = self.claim(list, relation, &became.nodes, &said) {
                became.edges.insert(position, edge);
            }
        }
        let of_session = self.became.entry(list.session).or_default();
        of_session.insert(list.extractor.clone(), became);
    }

    /// The node of the same kind that a mention was said to mean, if there is one by now. A node of
    /// earlier sessions must still stand on one of them: else nobody would have said it.
    fn meaning(
        &self,
        list: &MentionList,
        mention: &Mention,
        homes: &BTreeMap<u32, NodeId>,
    ) -> Option<NodeId> {
        let mut links = list.links.iter();
        let link = links.find(|link| link.mention == mention.index)?;
        let (node, earlier) = match link.means {
            Means::Node(node) => (node, true),
            Means::Mention(index) => (*homes.get(&index)?, false),
            Means::Itself => return None,
        };
        let draft = self.nodes.get(&node)?;
        let stands = !earlier || draft.sessions().any(|session| session != list.session);
        (draft.kind == mention.kind && stands).then_some(node)
    }

    /// Whether a mention under this name has a turn that says it and was not forgotten.
    fn remembers(&self, named: &Named, mention: &Mention, means: Option<NodeId>) -> bool {
        let forgotten = self.suppressed.names_any()
            && std::iter::once(named.node_id(self.namer))
                .chain(means)
                .any(|node| self.suppressed.name(node, mention.said_at));
        !forgotten && !mention.turns.is_empty()
    }

    fn place(
        &mut self,
        list: &MentionList,
        (mention, named): (&Mention, &Named),
        said: &BTreeMap<TurnId, Timestamp>,
        means: Option<NodeId>,
    ) -> NodeId {
        let role = mention
            .attrs
            .get("role")
            .map(|role| role.reveal().to_lowercase());
        let (id, _new) = self
            .resolver
            .resolve(self.namer, named, role.as_deref(), means);
        self.nodes
            .entry(id)
            .or_insert_with(|| NodeDraft::new(named, mention))
            .add(list.session, mention, said);
        id
    }

    fn claim(
        &mut self,
        list: &MentionList,
        relation: &Relation,
        homes: &BTreeMap<u32, NodeId>,
        said: &BTreeMap<TurnId, Timestamp>,
    ) -> Option<EdgeId> {
        let from = relation
            .from
            .map_or(Some(self.teen), |index| homes.get(&index).copied())?;
        let to = homes.get(&relation.to).copied()?;
        let slot = names::slot(&relation.slot)?;
        let allowed = relation.kind.allows(self.kind(from)?, self.kind(to)?);
        if !allowed || from == to {
            return None;
        }
        let id = edge_id(self.namer, relation.kind, (from, to), slot);
        let mut turns = relation.turns.clone();
        turns.retain(|turn| !self.suppressed.fact(*turn, id));
        let first = turns.first().copied()?;
        let last_said = turns
            .iter()
            .filter_map(|turn| said.get(turn))
            .max()
            .copied()
            .unwrap_or(list.session_started_at);
        let assertion = Assertion {
            id: self.assertion_id(list, relation, (id, first)),
            polarity: relation.polarity,
            valid_at: relation.valid_at,
            precision: relation.precision,
            recorded_at: list.recorded_at,
            turns,
            session: list.session,
            extractor: list.extractor.clone(),
            version: list.version.clone(),
            confidence: relation.confidence.clamp(0.0, 1.0),
            emotion: relation.emotion,
        };
        self.edges
            .entry(id)
            .or_insert_with(|| EdgeDraft::new(relation.kind, (from, to), slot))
            .add(assertion, last_said);
        Some(id)
    }

    fn kind(&self, node: NodeId) -> Option<NodeKind> {
        if node == self.teen {
            return Some(NodeKind::Teen);
        }
        self.nodes.get(&node).map(|draft| draft.kind)
    }

    fn assertion_id(
        &self,
        list: &MentionList,
        relation: &Relation,
        of: (EdgeId, TurnId),
    ) -> AssertionId {
        let sign: &[u8] = match relation.polarity {
            Polarity::Holds => b"+",
            Polarity::Stopped => b"-",
        };
        AssertionId(self.namer.id(&[
            b"assertion",
            &list.session.to_bytes(),
            list.extractor.as_bytes(),
            &of.0.0.to_be_bytes(),
            sign,
            &of.1.to_bytes(),
            &relation.span.0.to_be_bytes(),
            &relation.span.1.to_be_bytes(),
        ]))
    }

    fn finish(self) -> Fold {
        let edges = draft::derive_edges(self.edges, self.namer);
        let mut nodes: BTreeMap<NodeId, Node> = BTreeMap::new();
        let sessions: BTreeSet<SessionId> =
            self.nodes.values().flat_map(NodeDraft::sessions).collect();
        let turns: BTreeMap<TurnId, Timestamp> =
            self.nodes.values().flat_map(NodeDraft::turns).collect();
        if let Some(teen) = draft::teen(self.teen, &sessions, &turns) {
            nodes.insert(self.teen, teen);
        }
        nodes.extend(
            self.nodes
                .into_iter()
                .map(|(id, draft)| (id, draft.finish(id))),
        );
        for edge in edges
            .values()
            .filter(|edge| edge.kind == EdgeKind::Mentions)
        {
            if let Some(node) = nodes.get_mut(&edge.to) {
                node.mood = edge.emotion;
            }
        }
        Fold {
            nodes,
            edges,
            became: self.became,
        }
    }
}
