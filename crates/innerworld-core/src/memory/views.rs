//! What a teen sees of their memory: lists by pages, and one thing with all that it rests on.
//! Nothing is hidden: what is not sure yet is listed as well, and says so.

use std::collections::BTreeMap;

use super::{
    Memory, Target, bounds,
    graph::Edge,
    intervals::Interval,
    store::{EvidenceTurn, StoredMemory},
};
use crate::{clock::Timestamp, error::PortError, ids::TeenId, secret::Text};

mod list;
mod place;
mod timeline;

use self::{place::Place, timeline::Timeline};

/// Which list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Things.
    #[default]
    Nodes,
    /// Facts.
    Edges,
    /// Turns, and facts as they began and ended.
    Timeline,
    /// How talk about things mostly feels, where that says something.
    Moods,
}

impl View {
    /// Reads `nodes`, `edges`, `timeline` or `moods`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "nodes" => Some(Self::Nodes),
            "edges" => Some(Self::Edges),
            "timeline" => Some(Self::Timeline),
            "moods" => Some(Self::Moods),
            _ => None,
        }
    }
}

/// A page that is asked for.
#[derive(Clone, Debug, Default)]
pub struct ViewQuery {
    /// Which list.
    pub view: View,
    /// Only items of this kind.
    pub kind: Option<String>,
    /// Only items whose name, other names or text hold this.
    pub q: Option<Text>,
    /// Only what was true at this instant.
    pub true_on: Option<Timestamp>,
    /// Only what had been written down by this instant.
    pub known_on: Option<Timestamp>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Items wanted, at most [`bounds::PAGE`]; 0 means that many.
    pub limit: usize,
}

/// A line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is: its address for looking at it and for forgetting it.
    pub target: Target,
    /// `Person`, `relates_to`, …; in the timeline `began`, `ended`, `teen` and `persona`; of a mood
    /// `mood`.
    pub kind: &'static str,
    /// Its name, clause or text.
    pub name: Text,
    /// When it was first spoken of, or began.
    pub first_seen: Timestamp,
    /// When it was last spoken of, or, in the timeline, when it happened.
    pub last_seen: Timestamp,
    /// When a fact ended, or is going to; `None` while it holds, and of what is no fact.
    pub until: Option<Timestamp>,
    /// Distinct turns that say so.
    pub support: u32,
    /// Whether it is put to the persona as a fact.
    pub sure: bool,
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The items, newest first.
    pub items: Vec<Item>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<String>,
}

/// One thing, with its facts and the turns it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    /// Its line in the lists.
    pub item: Item,
    /// Other names.
    pub aliases: Vec<Text>,
    /// Attributes.
    pub attrs: BTreeMap<String, Text>,
    /// The facts about it; for a fact, itself.
    pub facts: Vec<Fact>,
    /// Turns that say so and are still kept; those whose text expired are stubs.
    pub evidence: Vec<EvidenceTurn>,
}

/// A fact with its times and the assertions it is derived from.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Its line in the lists.
    pub item: Item,
    /// When it held, oldest first.
    pub intervals: Vec<Interval>,
    /// The edge with its log.
    pub edge: Edge,
}

impl Memory {
    /// One page of a list.
    ///
    /// # Errors
    /// `Invalid` for a cursor that is none of ours; otherwise what the store says.
    pub async fn view(&self, teen: TeenId, query: &ViewQuery) -> Result<Page, PortError> {
        let after = query.cursor.as_deref().map(Place::parse).transpose()?;
        let now = self.ports.clock.now();
        let stored = self.ports.graph.load(teen, self.horizon(now)).await?;
        let mut items: Vec<(Place, Item)> = query
            .items(&stored)
            .into_iter()
            .map(|item| (Place::of(&item), item))
            .filter(|(place, _item)| after.as_ref().is_none_or(|after| place > after))
            .collect();
        items.sort_by_key(|(place, _item)| *place);
        let limit = match query.limit {
            0 => bounds::PAGE,
            limit => limit.min(bounds::PAGE),
        };
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_last| more);
        Ok(Page {
            next: last.map(|(place, _item)| place.to_cursor()),
            items: items.into_iter().map(|(_place, item)| item).collect(),
        })
    }

    /// One thing, fact or turn with what it rests on; `None` if there is none.
    ///
    /// # Errors
    /// What the store says.
    pub async fn thing(&self, teen: TeenId, target: Target) -> Result<Option<Thing>, PortError> {
        let now = self.ports.clock.now();
        let stored = self.ports.graph.load(teen, self.horizon(now)).await?;
        let timeline = Timeline::new(&stored.graph, None);
        Ok(match target {
            Target::Node(id) => stored.graph.nodes.get(&id).map(|node| {
                let about = |edge: &&Edge| edge.from == id || edge.to == id;
                Thing {
                    item: timeline::node_item(node),
                    aliases: node.aliases.clone(),
                    attrs: node.attrs.clone(),
                    facts: timeline.facts(stored.graph.edges.values().filter(about)),
                    evidence: stored.turns(|turn| node.turns.contains(&turn.id)),
                }
            }),
            Target::Fact(id) => stored.graph.edges.get(&id).map(|edge| {
                let says =
                    |turn: &EvidenceTurn| edge.log.iter().any(|said| said.turns.contains(&turn.id));
                Thing {
                    item: timeline::edge_item(&stored.graph, edge),
                    aliases: Vec::new(),
                    attrs: BTreeMap::new(),
                    facts: timeline.facts(std::iter::once(edge)),
                    evidence: stored.turns(says),
                }
            }),
            Target::Turn(id) => {
                let turn = stored.evidence.iter().find(|turn| turn.id == id);
                turn.map(|turn| {
                    let from_it =
                        |edge: &&Edge| edge.log.iter().any(|said| said.turns.contains(&id));
                    Thing {
                        item: timeline::turn_item(turn),
                        aliases: Vec::new(),
                        attrs: BTreeMap::new(),
                        facts: timeline.facts(stored.graph.edges.values().filter(from_it)),
                        evidence: vec![turn.clone()],
                    }
                })
            }
        })
    }
}

impl StoredMemory {
    fn turns(&self, wanted: impl Fn(&EvidenceTurn) -> bool) -> Vec<EvidenceTurn> {
        let turns = self.evidence.iter();
        turns.filter(|turn| wanted(turn)).cloned().collect()
    }
}
