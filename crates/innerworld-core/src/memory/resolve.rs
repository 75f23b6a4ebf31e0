//! Mention -> node, in the fixed order of memory.md 5: exact, alias, first name, fuzzy, meaning, what
//! a model said it means, new. A wrong merge is worse than a duplicate: where two candidates tie, a
//! new node is made.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    graph::NodeId,
    names,
    ontology::NodeKind,
    store::{EntityExtractor, Mention},
    tokens::each_stem,
};
use crate::seal::Namer;

/// Keys shorter than this are compared exactly only ("ann" is not "anna").
const FUZZY_MIN_LETTERS: usize = 6;
/// Bits per character below which a key is too uniform to be compared by its 3-grams.
const FUZZY_MIN_ENTROPY: f32 = 1.5;
const FUZZY_MIN_JACCARD: f32 = 0.90;
const FUZZY_CANDIDATES: usize = 20;
/// Cosine from which two names of a doing, a wish or a subject mean the same.
const SAME_MEANING: f32 = 0.86;
/// Words that turn a meaning into another one though they stand in the same company.
const TURNING: &[&str] = &[
    "more", "less", "start", "stop", "quit", "join", "leave", "win", "lose", "gain", "pass",
    "fail", "keep", "not", "no", "never", "without", "out", "off", "down", "before", "after",
    "first", "last", "old", "new", "morning", "night", "him", "her",
];
/// Stems of verbs that say little.
const LIGHT: &[&str] = &["becom", "get", "make", "go", "take", "tri"];

/// A mention's name, ready to compare.
#[derive(Clone)]
pub struct Named {
    /// Kind of thing.
    pub kind: NodeKind,
    /// Normalised name.
    pub key: String,
    /// Normalised qualifier, empty if none.
    pub qualifier: String,
}

impl std::fmt::Debug for Named {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Named")
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Resolver<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolver")
            .field("nodes", &self.known.len())
            .finish_non_exhaustive()
    }
}

impl Named {
    /// The name of `mention`; `None` if it names nothing, or holds a placeholder of contact data
    /// (`[phone-1]`), which means another number in every session.
    pub fn of(mention: &Mention) -> Option<Self> {
        let surface = mention.surface.reveal();
        let key = names::key(mention.kind, surface);
        let named = mention.kind != NodeKind::Teen
            && !surface.contains(['[', ']'])
            && !names::is_refused(&key);
        named.then(|| Self {
            kind: mention.kind,
            key,
            qualifier: names::qualifier_key(
                mention.qualifier.as_ref().map(|q| q.reveal().as_str()),
            ),
        })
    }

    /// The id that a node made from it gets.
    pub fn node_id(&self, namer: &Namer) -> NodeId {
        node_id(namer, self.kind, &self.key, &self.qualifier)
    }
}

/// Id of a node made under this name; later renames do not change it.
pub fn node_id(namer: &Namer, kind: NodeKind, key: &str, qualifier: &str) -> NodeId {
    NodeId(namer.id(&[
        b"node",
        kind.name().as_bytes(),
        key.as_bytes(),
        qualifier.as_bytes(),
    ]))
}

/// What the resolver knows of a node.
#[derive(Clone)]
struct Known {
    key: String,
    full_names: BTreeSet<String>,
    role: Option<String>,
    kind: NodeKind,
}

/// The nodes met so far, by every way to find them.
#[derive(Default)]
pub struct Resolver<'a> {
    extractor: Option<&'a dyn EntityExtractor>,
    /// Names that mean nothing but themselves.
    apart: BTreeSet<(NodeKind, String)>,
    exact: BTreeMap<(NodeKind, String, String), NodeId>,
    alias: BTreeMap<(NodeKind, String), BTreeSet<NodeId>>,
    first_names: BTreeMap<String, BTreeSet<NodeId>>,
    grams: BTreeMap<(NodeKind, [char; 3]), Vec<NodeId>>,
    /// Nodes without a name of their own, by what their names say.
    said: BTreeMap<(NodeKind, String), Vec<NodeId>>,
    known: BTreeMap<NodeId, Known>,
}

impl<'a> Resolver<'a> {
    /// One that also asks the extractor whether two names mean the same.
    pub fn with_directions(extractor: &'a dyn EntityExtractor) -> Self {
        Self {
            extractor: Some(extractor),
            ..Self::default()
        }
    }

    /// The node this name means, and whether it is new. `role` is the mention's role attribute;
    /// `means` is a known node of the same kind that it was said to be.
    pub fn resolve(
        &mut self,
        namer: &Namer,
        named: &Named,
        role: Option<&str>,
        means: Option<NodeId>,
    ) -> (NodeId, bool) {
        let found = self
            .exact(named)
            .or_else(|| self.another(named, role, means));
        let (id, new) = found.map_or_else(|| (named.node_id(namer), true), |id| (id, false));
        self.learn(id, named, role);
        (id, new)
    }

    /// From now on nothing else is taken for this name, nor it for anything else.
    pub fn keep_apart(&mut self, named: &Named) {
        self.apart.insert((named.kind, named.key.clone()));
    }

    /// The node that has another name.
    fn another(&self, named: &Named, role: Option<&str>, means: Option<NodeId>) -> Option<NodeId> {
        if self.apart.contains(&(named.kind, named.key.clone())) {
            return None;
        }
        let found = self
            .alias(named)
            .or_else(|| self.first_name(named, role))
            .or_else(|| self.fuzzy(named))
            .or_else(|| self.meaning(named))
            .or_else(|| means.filter(|node| self.known.contains_key(node)))?;
        let known = self.known.get(&found)?;
        (!self.apart.contains(&(known.kind, known.key.clone()))).then_some(found)
    }

    fn exact(&self, named: &Named) -> Option<NodeId> {
        let place = (named.kind, named.key.clone(), named.qualifier.clone());
        self.exact.get(&place).copied()
    }

    /// A name without a qualifier also means the one node that has it with a qualifier.
    fn alias(&self, named: &Named) -> Option<NodeId> {
        if !named.qualifier.is_empty() {
            return None;
        }
        only(self.alias.get(&(named.kind, named.key.clone()))?)
    }

    fn first_name(&self, named: &Named, role: Option<&str>) -> Option<NodeId> {
        if named.kind != NodeKind::Person || names::is_kin(&named.key) {
            return None;
        }
        let (first, is_full) = names::first_name(&named.key);
        let candidate = only(self.first_names.get(first)?)?;
        let known = self.known.get(&candidate)?;
        let other_role = known.role.as_deref().zip(role).is_some_and(|(a, b)| a != b);
        let other_name = is_full && known.full_names.iter().any(|full| *full != named.key);
        let other_person = !named.qualifier.is_empty() || other_role || other_name;
        (!other_person).then_some(candidate)
    }

    fn fuzzy(&self, named: &Named) -> Option<NodeId> {
        if !is_fuzzy(&named.key) || !named.qualifier.is_empty() {
            return None;
        }
        let grams = grams(&named.key);
        let mut shared: BTreeMap<NodeId, usize> = BTreeMap::new();
        for posting in self.rarest(named.kind, &grams) {
            for node in posting {
                *shared.entry(*node).or_default() += 1;
            }
        }
        let mut candidates: Vec<(usize, NodeId)> = shared
            .into_iter()
            .map(|(node, count)| (count, node))
            .collect();
        candidates.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        candidates.truncate(FUZZY_CANDIDATES);
        let alike: BTreeSet<NodeId> = candidates
            .into_iter()
            .filter(|(_count, node)| {
                self.known.get(node).is_some_and(|known| {
                    jaccard(&grams, &self::grams(&known.key)) >= FUZZY_MIN_JACCARD
                })
            })
            .map(|(_count, node)| node)
            .collect();
        only(&alike)
    }

    /// The one node of the same kind that means the same: "become a vet", "be a vet". Words come first:
    /// nearly all names differ in them, and a direction costs more to find.
    fn meaning(&self, named: &Named) -> Option<NodeId> {
        let described = named.qualifier.is_empty() && is_described(named.kind);
        let extractor = self.extractor.filter(|_| described)?;
        let mut candidates: BTreeMap<NodeId, &str> = BTreeMap::new();
        for stem in content(&named.key) {
            let said = self.said.get(&(named.kind, stem));
            for node in said.into_iter().flatten() {
                let known = self.known.get(node)?;
                if could_be_same(&known.key, &named.key) {
                    candidates.insert(*node, &known.key);
                }
            }
        }
        if candidates.is_empty() {
            return None;
        }
        let direction = extractor.direction(&named.key)?;
        let alike = candidates.into_iter().filter(|(_node, key)| {
            let other = extractor.direction(key);
            other.is_some_and(|other| direction.dot(&other) >= SAME_MEANING)
        });
        only(&alike.map(|(node, _key)| node).collect())
    }

    /// Postings of so few of the grams, the rarest, that no key alike enough can lack them all.
    fn rarest(&self, kind: NodeKind, grams: &BTreeSet<[char; 3]>) -> Vec<&[NodeId]> {
        let mut postings: Vec<&[NodeId]> = grams
            .iter()
            .map(|gram| {
                self.grams
                    .get(&(kind, *gram))
                    .map_or(&[][..], Vec::as_slice)
            })
            .collect();
        postings.sort_by_key(|posting| posting.len());
        // A Jaccard index of 0.9 needs nine tenths of the grams: more than a tenth cannot be missing.
        postings.truncate(grams.len() / 10 + 1);
        postings
    }

    fn learn(&mut self, id: NodeId, named: &Named, role: Option<&str>) {
        let place = (named.kind, named.key.clone(), named.qualifier.clone());
        self.exact.entry(place).or_insert(id);
        self.alias
            .entry((named.kind, named.key.clone()))
            .or_default()
            .insert(id);
        let is_new = !self.known.contains_key(&id);
        let known = self.known.entry(id).or_insert_with(|| Known {
            key: named.key.clone(),
            full_names: BTreeSet::new(),
            role: None,
            kind: named.kind,
        });
        if let Some(role) = role {
            known.role = Some(role.to_owned());
        }
        let (first, is_full) = names::first_name(&named.key);
        if named.kind == NodeKind::Person && !names::is_kin(&named.key) {
            if is_full {
                known.full_names.insert(named.key.clone());
            }
            self.first_names
                .entry(first.to_owned())
                .or_default()
                .insert(id);
        }
        if is_new && is_described(named.kind) {
            for stem in content(&named.key) {
                self.said.entry((named.kind, stem)).or_default().push(id);
            }
        }
        if is_new && is_fuzzy(&named.key) {
            for gram in grams(&named.key) {
                self.grams.entry((named.kind, gram)).or_default().push(id);
            }
        }
    }
}

/// Whether things of a kind are called by what they are, and not by names of their own.
const fn is_described(kind: NodeKind) -> bool {
    matches!(kind, NodeKind::Topic | NodeKind::Activity | NodeKind::Goal)
}

/// Whether the words of two names leave it to their directions whether they mean the same. Words of
/// one kind go in one direction ("college in ohio", "college in texas"): so one name must hold all
/// that the other says, and what turns a meaning round must stand in both.
fn could_be_same(one: &str, other: &str) -> bool {
    let (told, also_told) = (content(one), content(other));
    telling(one) == telling(other) && (told.is_subset(&also_told) || also_told.is_subset(&told))
}

fn telling(key: &str) -> BTreeSet<&str> {
    let tells = |word: &&str| {
        names::is_kin(word) || TURNING.contains(word) || word.chars().any(|c| c.is_ascii_digit())
    };
    key.split(' ').filter(tells).collect()
}

/// The stems of what a name says, without verbs that say little.
fn content(key: &str) -> BTreeSet<String> {
    let mut stems = BTreeSet::new();
    each_stem(key, |stem| {
        if !LIGHT.contains(&stem) {
            stems.insert(stem.to_owned());
        }
    });
    stems
}

/// The only member of a set; with two candidates there is none.
fn only(set: &BTreeSet<NodeId>) -> Option<NodeId> {
    set.first().copied().filter(|_one| set.len() == 1)
}

fn is_fuzzy(key: &str) -> bool {
    key.chars().filter(|letter| letter.is_alphabetic()).count() >= FUZZY_MIN_LETTERS
        && entropy(key) >= FUZZY_MIN_ENTROPY
}

#[expect(
    clippy::cast_precision_loss,
    reason = "names have at most 80 characters"
)]
fn entropy(key: &str) -> f32 {
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    for letter in key.chars() {
        *counts.entry(letter).or_default() += 1;
    }
    let all = key.chars().count() as f32;
    counts
        .values()
        .map(|count| *count as f32 / all)
        .map(|share| -share * share.log2())
        .sum()
}

/// Runs of three letters of the key between two blanks.
fn grams(key: &str) -> BTreeSet<[char; 3]> {
    let padded: Vec<char> = std::iter::once(' ')
        .chain(key.chars())
        .chain(std::iter::once(' '))
        .collect();
    padded
        .windows(3)
        .filter_map(|window| <[char; 3]>::try_from(window).ok())
        .collect()
}

#[expect(
    clippy::cast_precision_loss,
    reason = "names have at most 80 characters"
)]
fn jaccard(left: &BTreeSet<[char; 3]>, right: &BTreeSet<[char; 3]>) -> f32 {
    let both = left.intersection(right).count();
    let either = left.len() + right.len() - both;
    if either == 0 {
        0.0
    } else {
        both as f32 / either as f32
    }
}

#[cfg(test)]
mod tests;
