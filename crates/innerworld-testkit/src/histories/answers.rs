//! Asks memory, through the lists that a teen looks at.

use std::collections::{BTreeMap, BTreeSet};

use innerworld_core::{
    calendar,
    clock::Timestamp,
    ids::TeenId,
    memory::{
        Memory, MemoryExport, Target, View, ViewQuery,
        graph::{Edge, EdgeId, Node, NodeId},
        intervals::Interval,
        names,
    },
    secret::Text,
};
use jiff::civil::Date;

use super::form::{About, Ask, Expected, History, Name, Stretch, list};

/// What memory holds, and the memory to ask.
pub(super) struct Outcome<'m> {
    memory: &'m Memory,
    teen: TeenId,
    nodes: BTreeMap<NodeId, Node>,
    edges: BTreeMap<EdgeId, Edge>,
}

impl Name {
    fn is(&self, node: &Node) -> bool {
        let key = names::key(node.kind, &self.surface);
        let mut shown = node.aliases.iter().chain([&node.name]);
        let named = key == *node.key.reveal()
            || shown.any(|alias| names::key(node.kind, alias.reveal()) == key);
        let qualifier = node.qualifier.as_ref().map(Text::reveal);
        named
            && self.kind.is_none_or(|kind| kind == node.kind)
            && (self.qualifier.is_none() || self.qualifier.as_ref() == qualifier)
    }
}

impl<'m> Outcome<'m> {
    pub(super) fn new(memory: &'m Memory, teen: TeenId, export: MemoryExport) -> Self {
        let nodes = export.nodes.into_iter().map(|node| (node.id, node));
        let edges = export.edges.into_iter().map(|edge| (edge.id, edge));
        Self {
            memory,
            teen,
            nodes: nodes.collect(),
            edges: edges.collect(),
        }
    }

    /// Nodes and edges, whole.
    pub(super) const fn graph(&self) -> (&BTreeMap<NodeId, Node>, &BTreeMap<EdgeId, Edge>) {
        (&self.nodes, &self.edges)
    }

    pub(super) fn thing(&self, name: &Name) -> Result<NodeId, String> {
        let mut things = self.nodes.values().filter(|node| name.is(node));
        let first = things.next().map(|node| node.id);
        let one = first.filter(|_one| things.next().is_none());
        one.ok_or_else(|| format!("{name} is not one thing"))
    }

    /// The edges that are meant, at whatever time they held.
    pub(super) fn about(&self, about: &About) -> impl Iterator<Item = &Edge> {
        let is = |name: &Option<Name>, node: NodeId, otherwise: bool| match name {
            Some(name) => self.nodes.get(&node).is_some_and(|node| name.is(node)),
            None => otherwise,
        };
        self.edges.values().filter(move |edge| {
            let of_teen = self
                .nodes
                .get(&edge.from)
                .is_some_and(|node| node.kind.name() == "Teen");
            edge.kind == about.kind
                && edge.slot == about.slot
                && is(&about.from, edge.from, of_teen)
                && is(&about.to, edge.to, true)
        })
    }

    /// What no graph may hold (memory.md 3).
    pub(super) fn broken(&self) -> Vec<String> {
        let broken = self.edges.values().filter(|edge| {
            let ends_before = edge
                .valid_until
                .is_some_and(|until| until < edge.valid_from);
            let baseless = edge.log.is_empty() || edge.log.iter().any(|said| said.turns.is_empty());
            let loose = !self.nodes.contains_key(&edge.from) || !self.nodes.contains_key(&edge.to);
            ends_before || baseless || loose
        });
        broken
            .map(|edge| format!("{:?} {} is no edge", edge.kind, edge.slot))
            .collect()
    }

    /// Every question that is answered otherwise than the history says.
    pub(super) async fn wrong(&self, history: &History) -> Vec<String> {
        let mut wrong = Vec::new();
        for ask in &history.ask {
            wrong.extend(self.ask(history, ask).await.err());
        }
        wrong
    }

    async fn ask(&self, history: &History, ask: &Ask) -> Result<(), String> {
        match &ask.expected {
            Expected::Answer(names) => self.answer(history, ask, names).await,
            Expected::Held(stretches) => self.held(history, ask, stretches).await,
        }
    }

    async fn answer(&self, history: &History, ask: &Ask, names: &[Name]) -> Result<(), String> {
        let end_of = |day: Date| calendar::end_of(&history.zone, &day.to_string());
        let on = ask.on.map_or_else(|| Some(history.now()), end_of);
        let true_ones = self.true_on(on, ask.believed.and_then(end_of)).await;
        let meant = self.about(&ask.about);
        let holding: Vec<&Node> = meant
            .filter(|edge| true_ones.contains(&edge.id))
            .filter_map(|edge| self.nodes.get(&edge.to))
            .collect();
        let all_found = names
            .iter()
            .all(|name| holding.iter().any(|node| name.is(node)));
        if all_found && names.len() == holding.len() {
            return Ok(());
        }
        let said: Vec<&String> = holding.iter().map(|node| node.name.reveal()).collect();
        Err(format!("{ask}, not [{}]", list(&said)))
    }

    /// The facts that the teen's list of that day holds.
    async fn true_on(
        &self,
        true_on: Option<Timestamp>,
        known_on: Option<Timestamp>,
    ) -> BTreeSet<EdgeId> {
        let mut query = ViewQuery {
            view: View::Edges,
            true_on,
            known_on,
            ..ViewQuery::default()
        };
        let mut found = BTreeSet::new();
        loop {
            let page = self.memory.view(self.teen, &query).await.unwrap();
            let facts = page.items.iter().filter_map(|item| match item.target {
                Target::Fact(edge) => Some(edge),
                Target::Node(_) | Target::Turn(_) => None,
            });
            found.extend(facts);
            query.cursor = page.next;
            if query.cursor.is_none() {
                return found;
            }
        }
    }

    async fn held(&self, history: &History, ask: &Ask, expected: &[Stretch]) -> Result<(), String> {
        let mut meant = self.about(&ask.about);
        let (one, other) = (meant.next(), meant.next());
        let (Some(edge), None) = (one, other) else {
            return Err(format!("{ask}, but that is not one fact"));
        };
        let target = Target::Fact(edge.id);
        let thing = self.memory.thing(self.teen, target).await.unwrap().unwrap();
        let intervals = thing.facts.into_iter().flat_map(|fact| fact.intervals);
        let day = |at| calendar::day_in(&history.zone, at);
        let last = |one: &Interval| (one.from, one.until);
        let intervals: Vec<Interval> = intervals.collect();
        if intervals.last().map(last) != Some((edge.valid_from, edge.valid_until)) {
            return Err(format!("{ask}: the edge says otherwise than its log"));
        }
        let held = intervals.into_iter().map(|one| Stretch {
            from: day(one.from),
            until: one.until.map(day),
        });
        let held: Vec<Stretch> = held.collect();
        if held == expected {
            return Ok(());
        }
        Err(format!("{ask}, not [{}]", list(&held)))
    }
}
