//! What the rules found in one line.

use std::{collections::BTreeMap, ops::Range};

use innerworld_core::memory::{
    graph::Polarity,
    ontology::{EdgeKind, NodeKind},
};

use super::{dates::When, rule::Rule, scan::Scan};

/// Number of an item of a line.
pub(super) type ItemId = usize;

/// A thing that was mentioned.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) kind: NodeKind,
    pub(super) name: String,
    pub(super) qualifier: Option<String>,
    pub(super) attrs: BTreeMap<&'static str, String>,
    pub(super) tokens: Range<usize>,
    /// Where else in the line it is meant: the name again, "he".
    pub(super) again: Vec<Range<usize>>,
    pub(super) confidence: f32,
    /// What read it, once it is part of a line's findings.
    pub(super) by: Option<Rule>,
}

impl Item {
    pub(super) fn new(kind: NodeKind, name: String, tokens: Range<usize>, confidence: f32) -> Self {
        Self {
            kind,
            name,
            qualifier: None,
            attrs: BTreeMap::new(),
            tokens,
            again: Vec::new(),
            confidence,
            by: None,
        }
    }

    /// Everywhere that it is meant, the first place first.
    pub(super) fn places(&self) -> impl Iterator<Item = &Range<usize>> {
        std::iter::once(&self.tokens).chain(&self.again)
    }

    pub(super) fn attr(mut self, name: &'static str, value: &str) -> Self {
        self.attrs.insert(name, value.to_owned());
        self
    }
}

/// Something said between two items, or between the teen (`None`) and one.
#[derive(Clone, Debug)]
pub(super) struct Tie {
    pub(super) kind: EdgeKind,
    pub(super) from: Option<ItemId>,
    pub(super) to: ItemId,
    pub(super) slot: String,
    pub(super) polarity: Polarity,
    pub(super) when: Option<When>,
    pub(super) tokens: Range<usize>,
    pub(super) confidence: f32,
}

/// A tie with what read it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) tie: Tie,
    pub(super) by: Rule,
}

/// All of a line.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) items: Vec<Item>,
    pub(super) ties: Vec<Told>,
    /// The rule that reads now: each says so before it adds anything.
    pub(super) by: Rule,
    claimed: Vec<bool>,
}

impl Found {
    /// Nothing yet; `first` reads first.
    pub(super) fn new(scan: &Scan<'_>, first: Rule) -> Self {
        Self {
            items: Vec::new(),
            ties: Vec::new(),
            by: first,
            claimed: vec![false; scan.len()],
        }
    }

    /// Takes tokens, so that no later rule reads them as something else.
    pub(super) fn claim(&mut self, tokens: Range<usize>) {
        if let Some(claimed) = self.claimed.get_mut(tokens) {
            claimed.fill(true);
        }
    }

    pub(super) fn is_free(&self, at: usize) -> bool {
        self.claimed.get(at).is_some_and(|claimed| !claimed)
    }

    /// Adds an item and claims its tokens; the same name twice in a line is one item.
    pub(super) fn add(&mut self, item: Item) -> ItemId {
        self.claim(item.tokens.clone());
        self.note(item)
    }

    /// Adds an item whose words may stand for something else too (a topic, a goal).
    pub(super) fn note(&mut self, mut item: Item) -> ItemId {
        let same = |other: &Item| {
            other.kind == item.kind
                && other.name.to_lowercase() == item.name.to_lowercase()
                && other.qualifier == item.qualifier
        };
        if let Some(place) = self.items.iter().position(same) {
            if let Some(known) = self.items.get_mut(place) {
                known.confidence = known.confidence.max(item.confidence);
                if known.places().all(|place| *place != item.tokens) {
                    known.again.push(item.tokens);
                }
                for (name, value) in item.attrs {
                    known.attrs.entry(name).or_insert(value);
                }
            }
            return place;
        }
        item.by = Some(self.by);
        self.items.push(item);
        self.items.len() - 1
    }

    /// Reads a thing as the place it also is.
    pub(super) fn becomes_place(&mut self, id: ItemId) {
        if let Some(item) = self.items.get_mut(id) {
            item.kind = NodeKind::Place;
            item.attrs.remove("sub");
        }
    }

    /// Adds a tie, if the vocabulary allows it and it is new.
    pub(super) fn tie(&mut self, tie: Tie) {
        let kind = |id: Option<ItemId>| match id {
            Some(id) => self.items.get(id).map(|item| item.kind),
            None => Some(NodeKind::Teen),
        };
        let (Some(from), Some(to)) = (kind(tie.from), kind(Some(tie.to))) else {
            return;
        };
        let known = self.ties.iter().any(|Told { tie: other, .. }| {
            (other.kind, other.from, other.to, &other.slot)
                == (tie.kind, tie.from, tie.to, &tie.slot)
        });
        if !known && tie.from != Some(tie.to) && tie.kind.allows(from, to) {
            self.ties.push(Told { tie, by: self.by });
        }
    }

    /// Items of these kinds, by their first token.
    pub(super) fn of<'a>(
        &'a self,
        kinds: &'a [NodeKind],
    ) -> impl Iterator<Item = (ItemId, &'a Item)> + 'a {
        let items = self.items.iter().enumerate();
        items.filter(|(_, item)| kinds.contains(&item.kind))
    }

    /// Whoever does what stands at `at`: the person named last before it in its clause, or the
    /// teen if that is closer or nobody is named.
    pub(super) fn subject(&self, scan: &Scan<'_>, at: usize) -> Option<ItemId> {
        let clause = scan.clause_of(at)?;
        let acts = |place: &Range<usize>| {
            place.end <= at
                && place.start >= clause.range.start
                && !scan.has_s(place.end.saturating_sub(1))
                && !matches!(
                    scan.before(place.start, 1),
                    "with" | "w" | "for" | "to" | "than"
                )
        };
        let (id, place) = self
            .of(&[NodeKind::Person])
            .filter_map(|(id, item)| {
                Some((
                    id,
                    item.places()
                        .filter(|place| acts(place))
                        .max_by_key(|place| place.end)?,
                ))
            })
            .max_by_key(|(_, place)| place.end)?;
        let me = scan.first_person_before(at);
        me.is_none_or(|me| me < place.start).then_some(id)
    }
}

impl Found {
    /// Drops an item, with its ties.
    pub(super) fn remove(&mut self, id: ItemId) {
        self.keep(
            &(0..self.items.len())
                .map(|other| other != id)
                .collect::<Vec<_>>(),
        );
    }

    /// Drops items that name nothing, with their ties.
    pub(super) fn refuse(&mut self, names_nothing: impl Fn(&Item) -> bool) {
        let kept: Vec<bool> = self.items.iter().map(|item| !names_nothing(item)).collect();
        self.keep(&kept);
    }

    fn keep(&mut self, kept: &[bool]) {
        let is_kept = |id: ItemId| kept.get(id).copied().unwrap_or(false);
        let moved = |id: ItemId| kept.iter().take(id).filter(|kept| **kept).count();
        self.ties
            .retain(|Told { tie, .. }| is_kept(tie.to) && tie.from.is_none_or(is_kept));
        for Told { tie, .. } in &mut self.ties {
            tie.to = moved(tie.to);
            tie.from = tie.from.map(moved);
        }
        let mut marks = kept.iter().copied();
        self.items.retain(|_| marks.next().unwrap_or(false));
    }
}
