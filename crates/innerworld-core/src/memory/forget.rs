//! Forgetting: one turn, one thing, one fact, with everything that only they supported.
//!
//! The law: what is left is what would be there if the turn had never been said (memory.md 10).

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Memory,
    asks::spaced_words,
    digest::Account,
    evidence::answer_id,
    fact_words::add_fact_words,
    facts,
    fold::{Fold, fold},
    graph::{EdgeId, Graph, NodeId},
    refold::{After, Before, Horizon},
    remember::WRITE_ATTEMPTS,
    resolve::Named,
    store::{EvidenceTurn, Forgotten, MemoryWrite, Suppression},
    suppressed::Suppressed,
};
use crate::{
    clock::Timestamp,
    error::{ErrorKind, PortError},
    ids::{TeenId, TurnId},
    secret::Text,
};

/// What a teen wants forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A turn; a message takes its answer with it.
    Turn(TurnId),
    /// A thing, with every turn that names it.
    Node(NodeId),
    /// One fact; its turns stay.
    Fact(EdgeId),
}

impl Target {
    /// Reads the two parts of an address: `turn`, `node` or `fact`, and an id.
    pub fn parse(what: &str, id: &str) -> Option<Self> {
        let bits = || {
            let hex = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
            hex.then(|| u128::from_str_radix(id, 16).ok()).flatten()
        };
        match what {
            "turn" => id.parse().ok().map(Self::Turn),
            "node" => bits().map(|bits| Self::Node(NodeId(bits))),
            "fact" => bits().map(|bits| Self::Fact(EdgeId(bits))),
            _ => None,
        }
    }

    /// `turn`, `node` or `fact`.
    pub const fn what(self) -> &'static str {
        match self {
            Self::Turn(_) => "turn",
            Self::Node(_) => "node",
            Self::Fact(_) => "fact",
        }
    }

    /// The id as [`Self::parse`] reads it.
    pub fn id(self) -> String {
        match self {
            Self::Turn(turn) => turn.to_string(),
            Self::Node(NodeId(bits)) | Self::Fact(EdgeId(bits)) => format!("{bits:032x}"),
        }
    }
}

/// Something that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Going {
    /// What it is, and its id.
    pub target: Target,
    /// Its name, clause or text.
    pub name: Text,
}

/// What forgetting would take, bound to the state of the graph it was worked out from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForgetPlan {
    /// Names the graph's state and the targets.
    pub plan: String,
    /// Everything that goes.
    pub goes: Vec<Going>,
}

impl Memory {
    /// Lists what forgetting `targets` would take; changes nothing.
    ///
    /// # Errors
    /// `NotFound` if a target does not exist.
    pub async fn plan_forgetting(
        &self,
        teen: TeenId,
        targets: &[Target],
    ) -> Result<ForgetPlan, PortError> {
        let now = self.ports.clock.now();
        let before = self.read(teen, now).await?;
        Ok(Forgetting::of(&before, targets, now)?.plan)
    }

    /// Forgets `targets`, with all that only they supported, and says what went. With `plan` it
    /// does exactly what [`Self::plan_forgetting`] listed.
    ///
    /// # Errors
    /// `NotFound` if a target does not exist; `Conflict` if the graph moved since `plan`.
    pub async fn forget(
        &self,
        teen: TeenId,
        targets: &[Target],
        plan: Option<&str>,
        account: Account<'_>,
    ) -> Result<ForgetPlan, PortError> {
        for _attempt in 0..WRITE_ATTEMPTS {
            let now = self.ports.clock.now();
            let before = self.read(teen, now).await?;
            let forgetting = Forgetting::of(&before, targets, now)?;
            if plan.is_some_and(|plan| plan != forgetting.plan.plan) {
                break;
            }
            let digest = self.render_digest(&before, &forgetting.after, account);
            let done = forgetting.plan.clone();
            let write = MemoryWrite {
                delete_evidence: forgetting.turns,
                evidence: forgetting.reworded,
                suppressions: forgetting.suppressions,
                ..forgetting.after.into_write(&before, digest)
            };
            match self.ports.graph.write(teen, &write).await {
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                written => {
                    written?;
                    self.forget_cached(teen);
                    return Ok(done);
                }
            }
        }
        Err(PortError::new(ErrorKind::Conflict, "forget as planned"))
    }
}

/// A forgetting worked out against one state of memory.
struct Forgetting {
    plan: ForgetPlan,
    after: After,
    suppressions: Vec<Suppression>,
    /// Evidence rows that go.
    turns: Vec<TurnId>,
    /// Evidence rows that lose the words of a fact.
    reworded: Vec<EvidenceTurn>,
}

impl Forgetting {
    fn of(before: &Before, targets: &[Target], now: Timestamp) -> Result<Self, PortError> {
        let was = before.fold();
        let mut suppressions = Vec::new();
        for target in targets {
            let rows = before.suppressions_for(&was, *target, now);
            if rows.is_empty() {
                return Err(PortError::new(ErrorKind::NotFound, "find what to forget"));
            }
            suppressions.extend(rows);
        }
        let mut suppressed = Suppressed::new(&before.suppressions);
        for row in &suppressions {
            suppressed.add(row);
        }
        let after = before.refold(&before.lists, &suppressed, Horizon::open(now));
        let (gone, kept): (Vec<EvidenceTurn>, Vec<EvidenceTurn>) = before
            .stored
            .evidence
            .iter()
            .cloned()
            .partition(|turn| suppressed.turn(turn.id));
        Ok(Self {
            plan: ForgetPlan {
                plan: before.plan_name(targets),
                goes: going(&before.stored.graph, &after, &gone),
            },
            reworded: reworded(kept, &after),
            turns: gone.into_iter().map(|turn| turn.id).collect(),
            after,
            suppressions,
        })
    }
}

/// Kept turns whose fact words change: a fact went, or the words that named it.
fn reworded(kept: Vec<EvidenceTurn>, after: &After) -> Vec<EvidenceTurn> {
    let mut turns = kept.clone();
    add_fact_words(&mut turns, &after.folded, &after.fold);
    turns
        .into_iter()
        .zip(kept)
        .filter(|(new, old)| new.fact_words != old.fact_words)
        .map(|(new, _old)| new)
        .collect()
}

fn going(graph: &Graph, after: &After, gone: &[EvidenceTurn]) -> Vec<Going> {
    let turns = gone.iter().map(|turn| Going {
        target: Target::Turn(turn.id),
        name: turn.text.clone().unwrap_or_else(|| turn.day.clone().into()),
    });
    let nodes = after.delta.delete_nodes.iter().filter_map(|id| {
        Some(Going {
            target: Target::Node(*id),
            name: graph.nodes.get(id)?.name.clone(),
        })
    });
    let edges = after.delta.delete_edges.iter().filter_map(|id| {
        Some(Going {
            target: Target::Fact(*id),
            name: facts::label(graph, graph.edges.get(id)?).into(),
        })
    });
    nodes.chain(edges).chain(turns).collect()
}

impl Before {
    /// The graph as the stored lists give it, with the way from each mention to its node.
    fn fold(&self) -> Fold {
        fold(
            &self.lists,
            &Suppressed::new(&self.suppressions),
            &self.namer,
            &*self.extractor,
        )
    }

    /// Names this state of the graph and these targets.
    fn plan_name(&self, targets: &[Target]) -> String {
        let sorted: BTreeSet<Target> = targets.iter().copied().collect();
        let names: Vec<String> = sorted
            .into_iter()
            .map(|target| format!("{} {}", target.what(), target.id()))
            .collect();
        let generation = self.stored.graph.generation.to_be_bytes();
        let mut parts: Vec<&[u8]> = vec![b"plan", &generation];
        parts.extend(names.iter().map(String::as_bytes));
        format!("{:032x}", self.namer.id(&parts))
    }

    /// The rows that keep `target` from coming back; none if it does not exist.
    fn suppressions_for(&self, was: &Fold, target: Target, now: Timestamp) -> Vec<Suppression> {
        match target {
            Target::Turn(turn) => self.suppress_turn(turn, now).into_iter().collect(),
            Target::Node(node) => self.suppress_node(was, node, now),
            Target::Fact(edge) => self.suppress_fact(was, edge, now).into_iter().collect(),
        }
    }

    fn suppress_turn(&self, turn: TurnId, now: Timestamp) -> Option<Suppression> {
        let stored = self.stored.evidence.iter().any(|row| row.id == turn);
        let named = self.lists.iter().any(|list| {
            let mentions = list.mentions.iter().map(|mention| &mention.turns);
            let relations = list.relations.iter().map(|relation| &relation.turns);
            mentions.chain(relations).any(|turns| turns.contains(&turn))
        });
        let is_answer = self
            .stored
            .evidence
            .iter()
            .any(|row| row.id == turn && row.speaker == super::store::Speaker::Persona);
        let mut turns = vec![turn];
        if !is_answer {
            turns.push(answer_id(turn));
        }
        (stored || named).then(|| self.suppression(Forgotten::Turn, turns, None, now))
    }

    /// Every turn that names the thing, by what was extracted and by its words, and the thing's
    /// names in whatever was said until now but is not remembered yet.
    fn suppress_node(&self, was: &Fold, node: NodeId, now: Timestamp) -> Vec<Suppression> {
        let mut turns = BTreeSet::new();
        let mut names: BTreeMap<NodeId, String> = BTreeMap::new();
        for list in &self.lists {
            for mention in &list.mentions {
                if was.node_of(list, mention.index) != Some(node) {
                    continue;
                }
                turns.extend(mention.turns.iter().copied());
                if let Some(named) = Named::of(mention) {
                    names.insert(named.node_id(&self.namer), spaced_words(&named.key));
                }
                let surface = spaced_words(mention.surface.reveal());
                turns.extend(self.turns_saying(&surface));
            }
        }
        for name in names.values() {
            turns.extend(self.turns_saying(name));
        }
        let answers: Vec<TurnId> = turns.iter().map(|turn| answer_id(*turn)).collect();
        let spoken: BTreeSet<TurnId> = self.spoken_by_teen(&turns);
        turns.extend(
            answers
                .into_iter()
                .filter(|id| spoken.contains(&answer_id(*id))),
        );
        let all: Vec<TurnId> = turns.into_iter().collect();
        names
            .keys()
            .map(|name| self.suppression(Forgotten::Node, all.clone(), Some(name.0), now))
            .collect()
    }

    fn suppress_fact(&self, was: &Fold, edge: EdgeId, now: Timestamp) -> Option<Suppression> {
        let mut turns = BTreeSet::new();
        for list in &self.lists {
            for (position, relation) in (0_u32..).zip(&list.relations) {
                if was.edge_of(list, position) == Some(edge) {
                    turns.extend(relation.turns.iter().copied());
                }
            }
        }
        let turns: Vec<TurnId> = turns.into_iter().collect();
        (!turns.is_empty()).then(|| self.suppression(Forgotten::Fact, turns, Some(edge.0), now))
    }

    fn turns_saying<'a>(&'a self, words: &'a str) -> impl Iterator<Item = TurnId> + 'a {
        let names_something = words.len() > 2;
        self.stored
            .evidence
            .iter()
            .filter(move |turn| {
                names_something
                    && turn
                        .text
                        .as_ref()
                        .is_some_and(|text| spaced_words(text.reveal()).contains(words))
            })
            .map(|turn| turn.id)
    }

    /// Those of `turns` that are not known to be the persona's.
    fn spoken_by_teen(&self, turns: &BTreeSet<TurnId>) -> BTreeSet<TurnId> {
        let answers: BTreeSet<TurnId> = self
            .stored
            .evidence
            .iter()
            .filter(|turn| turn.speaker == super::store::Speaker::Persona)
            .map(|turn| turn.id)
            .collect();
        turns.difference(&answers).copied().collect()
    }

    fn suppression(
        &self,
        what: Forgotten,
        turns: Vec<TurnId>,
        name: Option<u128>,
        now: Timestamp,
    ) -> Suppression {
        let ids: Vec<[u8; 16]> = turns.iter().map(|turn| turn.to_bytes()).collect();
        let named = name.unwrap_or_default().to_be_bytes();
        let kind: &[u8] = match what {
            Forgotten::Turn => b"turn",
            Forgotten::Node => b"node",
            Forgotten::Fact => b"fact",
        };
        let mut parts: Vec<&[u8]> = vec![b"suppression", kind, &named];
        parts.extend(ids.iter().map(<[u8; 16]>::as_slice));
        Suppression {
            id: self.namer.id(&parts),
            what,
            turns,
            name,
            recorded_at: now,
        }
    }
}
