//! Nodes and edges while they are being folded.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    clock::Timestamp,
    ids::{SessionId, TurnId},
    memory::{
        bounds,
        graph::{Assertion, AssertionId, Edge, EdgeId, Node, NodeId, Polarity, Precision},
        intervals::{self, Claim, Interval},
        names,
        ontology::{EdgeKind, NodeKind},
        resolve::Named,
        store::Mention,
    },
    seal::Namer,
    secret::Text,
};

/// A node being folded.
pub(super) struct NodeDraft {
    pub(super) kind: NodeKind,
    key: String,
    qualifier: Option<Text>,
    surfaces: BTreeMap<String, u32>,
    attrs: BTreeMap<String, Text>,
    turns: BTreeMap<TurnId, Timestamp>,
    sessions: BTreeSet<SessionId>,
    confidence: f32,
}

impl NodeDraft {
    pub(super) fn new(named: &Named, mention: &Mention) -> Self {
        Self {
            kind: named.kind,
            key: named.key.clone(),
            qualifier: mention
                .qualifier
                .as_ref()
                .map(|text| names::display(text.reveal()).into())
                .filter(|text: &Text| !text.reveal().is_empty()),
            surfaces: BTreeMap::new(),
            attrs: BTreeMap::new(),
            turns: BTreeMap::new(),
            sessions: BTreeSet::new(),
            confidence: 0.0,
        }
    }

    pub(super) fn add(
        &mut self,
        session: SessionId,
        mention: &Mention,
        said: &BTreeMap<TurnId, Timestamp>,
    ) {
        *self
            .surfaces
            .entry(names::display(mention.surface.reveal()))
            .or_default() += 1;
        for (name, value) in &mention.attrs {
            let value = names::attribute(value.reveal());
            if self.kind.attributes().contains(&name.as_str()) && !value.is_empty() {
                self.attrs.insert(name.clone(), value.into());
            }
        }
        for turn in &mention.turns {
            let at = said.get(turn).copied().unwrap_or(mention.said_at);
            self.turns.insert(*turn, at);
        }
        self.sessions.insert(session);
        self.confidence = self.confidence.max(mention.confidence.clamp(0.0, 1.0));
    }

    pub(super) fn sessions(&self) -> impl Iterator<Item = SessionId> + '_ {
        self.sessions.iter().copied()
    }

    pub(super) fn turns(&self) -> impl Iterator<Item = (TurnId, Timestamp)> + '_ {
        self.turns.iter().map(|(turn, at)| (*turn, *at))
    }

    pub(super) fn finish(self, id: NodeId) -> Node {
        let name = self.shown_name();
        let name_key = names::key(self.kind, &name);
        let mut aliases: BTreeMap<String, String> = BTreeMap::new();
        for surface in self.surfaces.keys() {
            let key = names::key(self.kind, surface);
            if key != name_key {
                aliases.entry(key).or_insert_with(|| surface.clone());
            }
        }
        Node {
            id,
            kind: self.kind,
            name: name.into(),
            key: self.key.into(),
            qualifier: self.qualifier,
            aliases: aliases
                .into_values()
                .take(bounds::ALIASES)
                .map(Text::from)
                .collect(),
            attrs: self.attrs,
            first_seen: self.turns.values().min().copied().unwrap_or_default(),
            last_seen: self.turns.values().max().copied().unwrap_or_default(),
            support: count(self.turns.len()),
            sessions: count(self.sessions.len()),
            turns: newest(&self.turns),
            confidence: self.confidence,
            mood: [0.0; 7],
        }
    }

    /// The surface said most often; then a capitalised one, then the longest, then by letters.
    fn shown_name(&self) -> String {
        self.surfaces
            .iter()
            .max_by_key(|(surface, said)| {
                let capital = surface.chars().any(char::is_uppercase);
                (
                    **said,
                    capital,
                    surface.chars().count(),
                    std::cmp::Reverse(*surface),
                )
            })
            .map_or_else(|| self.key.clone(), |(surface, _said)| surface.clone())
    }
}

/// The teen's own node; `None` if nothing was ever said.
pub(super) fn teen(
    id: NodeId,
    sessions: &BTreeSet<SessionId>,
    turns: &BTreeMap<TurnId, Timestamp>,
) -> Option<Node> {
    Some(Node {
        id,
        kind: NodeKind::Teen,
        name: String::from("me").into(),
        key: Text::default(),
        qualifier: None,
        aliases: Vec::new(),
        attrs: BTreeMap::new(),
        first_seen: turns.values().min().copied()?,
        last_seen: turns.values().max().copied()?,
        turns: Vec::new(),
        support: count(turns.len()),
        sessions: count(sessions.len()),
        confidence: 1.0,
        mood: [0.0; 7],
    })
}

/// An edge being folded.
pub(super) struct EdgeDraft {
    kind: EdgeKind,
    from: NodeId,
    to: NodeId,
    slot: String,
    log: BTreeMap<AssertionId, Assertion>,
    last_said: Timestamp,
}

impl EdgeDraft {
    pub(super) fn new(kind: EdgeKind, ends: (NodeId, NodeId), slot: &str) -> Self {
        Self {
            kind,
            from: ends.0,
            to: ends.1,
            slot: slot.to_owned(),
            log: BTreeMap::new(),
            last_said: Timestamp::from_millis(i64::MIN),
        }
    }

    pub(super) fn add(&mut self, assertion: Assertion, last_said: Timestamp) {
        self.last_said = self.last_said.max(last_said);
        self.log.insert(assertion.id, assertion);
    }

    /// Edges that share this are derived together.
    fn group(&self, id: EdgeId) -> (EdgeKind, NodeId, &str, Option<EdgeId>) {
        let alone = !intervals::is_exclusive(self.kind, &self.slot);
        (self.kind, self.from, &self.slot, alone.then_some(id))
    }

    fn finish(self, id: EdgeId, last: Interval, namer: &Namer) -> Edge {
        let mut log: Vec<Assertion> = self.log.into_values().collect();
        log.sort_by_key(|one| (one.valid_at, intervals::said(one), one.id));
        Edge {
            id,
            kind: self.kind,
            from: self.from,
            to: self.to,
            slot: self.slot,
            valid_from: last.from,
            valid_until: last.until,
            recorded_at: log
                .iter()
                .map(|assertion| assertion.recorded_at)
                .max()
                .unwrap_or_default(),
            last_seen: self.last_said,
            confidence: intervals::confidence(&log, last),
            count: count(log.len()),
            emotion: intervals::mood(&log, last),
            log: compact(log, id, namer),
        }
    }
}

/// Derives all edges, the values of an exclusive slot together.
pub(super) fn derive_edges(
    drafts: BTreeMap<EdgeId, EdgeDraft>,
    namer: &Namer,
) -> BTreeMap<EdgeId, Edge> {
    let mut groups: BTreeMap<_, Vec<Claim<'_>>> = BTreeMap::new();
    for (id, draft) in &drafts {
        let claims = draft.log.values().map(|assertion| Claim {
            edge: *id,
            assertion,
        });
        groups.entry(draft.group(*id)).or_default().extend(claims);
    }
    let last: BTreeMap<EdgeId, Interval> = groups
        .values()
        .flat_map(|claims| intervals::derive(claims, None))
        .filter_map(|(id, intervals)| Some((id, *intervals.last()?)))
        .collect();
    drafts
        .into_iter()
        .filter_map(|(id, draft)| Some((id, draft.finish(id, *last.get(&id)?, namer))))
        .collect()
}

/// Folds all but the newest assertions into one summary, so that an edge stays bounded.
fn compact(mut log: Vec<Assertion>, edge: EdgeId, namer: &Namer) -> Vec<Assertion> {
    if log.len() <= bounds::ASSERTIONS {
        return log;
    }
    let recent = log.split_off(log.len() + 1 - bounds::ASSERTIONS);
    let claims: Vec<Claim<'_>> = log
        .iter()
        .map(|assertion| Claim { edge, assertion })
        .collect();
    let derived = intervals::derive(&claims, None);
    let last = derived.get(&edge).and_then(|all| all.last()).copied();
    let (Some(interval), Some(newest)) = (last, log.last()) else {
        return recent;
    };
    let turns: BTreeSet<TurnId> = log.iter().flat_map(|old| old.turns.clone()).collect();
    let parts: Vec<[u8; 16]> = log.iter().map(|old| old.id.0.to_be_bytes()).collect();
    let mut of: Vec<&[u8]> = vec![b"summary"];
    of.extend(parts.iter().map(<[u8; 16]>::as_slice));
    let summary = Assertion {
        id: AssertionId(namer.id(&of)),
        polarity: if interval.until.is_none() {
            Polarity::Holds
        } else {
            Polarity::Stopped
        },
        valid_at: interval.until.unwrap_or(interval.from),
        precision: Precision::Unknown,
        recorded_at: newest.recorded_at,
        turns: turns.into_iter().rev().take(bounds::TURN_IDS).collect(),
        session: newest.session,
        extractor: newest.extractor.clone(),
        version: newest.version.clone(),
        confidence: intervals::confidence(&log, interval),
        emotion: intervals::mood(&log, interval),
    };
    std::iter::once(summary).chain(recent).collect()
}

fn newest(turns: &BTreeMap<TurnId, Timestamp>) -> Vec<TurnId> {
    let mut ordered: Vec<(Timestamp, TurnId)> =
        turns.iter().map(|(turn, at)| (*at, *turn)).collect();
    ordered.sort_unstable();
    let skip = ordered.len().saturating_sub(bounds::TURN_IDS);
    ordered
        .into_iter()
        .skip(skip)
        .map(|(_at, turn)| turn)
        .collect()
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
