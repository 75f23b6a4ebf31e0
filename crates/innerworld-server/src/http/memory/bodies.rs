//! Bodies of the memory routes, and their description.

use std::collections::BTreeMap;

use innerworld_core::{
    clock::Timestamp,
    ids::TurnId,
    memory::{
        Fact, ForgetPlan, Item, Target, Thing, Wrong,
        store::{EvidenceTurn, Speaker},
    },
    secret::Text,
};
use innerworld_protocol::ErrorCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    http::talk::Page,
    openapi::{Operation, body, operation},
};

/// A line of a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ItemBody {
    /// `node`, `fact` or `turn`: with `id` the address of the thing.
    pub what: &'static str,
    /// Its id.
    pub id: String,
    /// `Person`, `relates_to`, …; in the timeline `began`, `ended`, `teen` and `persona`; in the moods
    /// `mood`.
    pub kind: &'static str,
    /// Its name, clause or text.
    #[schemars(with = "String")]
    pub name: Text,
    /// When it was first spoken of, or began.
    pub first_seen: String,
    /// When it was last spoken of; in the timeline, when it happened.
    pub last_seen: String,
    /// When a fact ended, or is going to; absent while it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Distinct turns that say so.
    pub support: u32,
    /// Whether the persona is told of it; what is not sure yet is only listed.
    pub sure: bool,
}

impl From<Item> for ItemBody {
    fn from(item: Item) -> Self {
        Self {
            what: item.target.what(),
            id: item.target.id(),
            kind: item.kind,
            name: item.name,
            first_seen: item.first_seen.to_rfc3339(),
            last_seen: item.last_seen.to_rfc3339(),
            until: item.until.map(Timestamp::to_rfc3339),
            support: item.support,
            sure: item.sure,
        }
    }
}

/// When a fact held.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct IntervalBody {
    /// From.
    pub from: String,
    /// Until; absent while it holds.
    pub until: Option<String>,
}

/// A fact with its times.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FactBody {
    /// Its line.
    #[serde(flatten)]
    pub item: ItemBody,
    /// When it held, oldest first.
    pub held: Vec<IntervalBody>,
    /// How sure, 0 to 1.
    pub confidence: f32,
}

impl From<Fact> for FactBody {
    fn from(fact: Fact) -> Self {
        let held = fact.intervals.iter().map(|interval| IntervalBody {
            from: interval.from.to_rfc3339(),
            until: interval.until.map(Timestamp::to_rfc3339),
        });
        Self {
            held: held.collect(),
            confidence: fact.edge.confidence,
            item: ItemBody::from(fact.item),
        }
    }
}

/// A turn that says so.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct EvidenceBody {
    /// Its id.
    #[schemars(with = "String")]
    pub turn: TurnId,
    /// `teen` or `persona`.
    #[schemars(with = "String")]
    pub speaker: Speaker,
    /// When.
    pub at: String,
    /// What was said; absent when its time has come.
    #[schemars(with = "Option<String>")]
    pub text: Option<Text>,
}

impl From<EvidenceTurn> for EvidenceBody {
    fn from(turn: EvidenceTurn) -> Self {
        Self {
            turn: turn.id,
            speaker: turn.speaker,
            at: turn.said_at.to_rfc3339(),
            text: turn.text,
        }
    }
}

/// One thing with all that it rests on.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ThingBody {
    /// Its line.
    #[serde(flatten)]
    pub item: ItemBody,
    /// Other names.
    #[schemars(with = "Vec<String>")]
    pub aliases: Vec<Text>,
    /// Attributes.
    #[schemars(with = "BTreeMap<String, String>")]
    pub attrs: BTreeMap<String, Text>,
    /// Facts about it.
    pub facts: Vec<FactBody>,
    /// Turns that say so.
    pub evidence: Vec<EvidenceBody>,
}

impl From<Thing> for ThingBody {
    fn from(thing: Thing) -> Self {
        Self {
            item: ItemBody::from(thing.item),
            aliases: thing.aliases,
            attrs: thing.attrs,
            facts: thing.facts.into_iter().map(FactBody::from).collect(),
            evidence: thing.evidence.into_iter().map(EvidenceBody::from).collect(),
        }
    }
}

/// What is to be forgotten.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct ForgetBody {
    /// 1 to 100 things.
    pub targets: Vec<Address>,
    /// Only say what would go.
    #[serde(default)]
    pub dry_run: bool,
    /// Do exactly what this dry run said, or nothing.
    #[serde(default)]
    pub plan: Option<String>,
}

/// Where a thing is.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct Address {
    /// `node`, `fact` or `turn`.
    pub what: String,
    /// Its id.
    pub id: String,
}

/// What goes, or went.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Forgotten {
    /// Names the state this was worked out from.
    pub plan: String,
    /// Everything that goes.
    pub goes: Vec<GoingBody>,
}

/// Something that goes.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct GoingBody {
    /// `node`, `fact` or `turn`.
    pub what: &'static str,
    /// Its id.
    pub id: String,
    /// Its name, clause or text.
    #[schemars(with = "String")]
    pub name: Text,
}

impl From<ForgetPlan> for Forgotten {
    fn from(plan: ForgetPlan) -> Self {
        let goes = plan.goes.into_iter().map(|going| GoingBody {
            what: going.target.what(),
            id: going.target.id(),
            name: going.name,
        });
        Self {
            plan: plan.plan,
            goes: goes.collect(),
        }
    }
}

/// What is wrong: a fact, or that a name was taken for somebody else's.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum CorrectionBody {
    /// A fact that is wrong or over.
    Fact {
        /// Its id.
        fact: String,
        /// What holds instead; nothing if it just does not hold.
        #[serde(default)]
        #[schemars(with = "Option<String>")]
        instead: Option<Text>,
    },
    /// Two that were taken for one.
    Merged {
        /// The id of the thing.
        node: String,
        /// Its name or alias that is another one's.
        #[schemars(with = "String")]
        name: Text,
    },
}

impl CorrectionBody {
    /// `None` if an id is none.
    pub(super) fn wrong(self) -> Option<Wrong> {
        Some(match self {
            Self::Fact { fact, instead } => match Target::parse("fact", &fact)? {
                Target::Fact(id) => Wrong::Fact { id, instead },
                _other => return None,
            },
            Self::Merged { node, name } => match Target::parse("node", &node)? {
                Target::Node(node) => Wrong::Merged { node, name },
                _other => return None,
            },
        })
    }
}

/// The correction, as it is kept.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Corrected {
    /// Its turn, by which it can be forgotten.
    #[schemars(with = "String")]
    pub turn: TurnId,
}

/// The operations.
pub fn operations() -> Vec<Operation> {
    let codes = &[ErrorCode::NotFound, ErrorCode::Conflict, ErrorCode::Invalid];
    vec![
        Operation {
            query: &["view", "kind", "q", "true_on", "known_on", "cursor"],
            response: (200, body::<Page<ItemBody>>()),
            codes: &[ErrorCode::Invalid],
            ..operation("get", "/v1/me/memory", "What is remembered, by pages.")
        },
        Operation {
            response: (200, body::<ThingBody>()),
            codes,
            ..operation(
                "get",
                "/v1/me/memory/{what}/{id}",
                "One thing, and why it is believed.",
            )
        },
        Operation {
            response: (200, body::<Forgotten>()),
            codes,
            ..operation("delete", "/v1/me/memory/{what}/{id}", "Forgets one thing.")
        },
        Operation {
            request: body::<ForgetBody>(),
            response: (200, body::<Forgotten>()),
            codes,
            ..operation(
                "post",
                "/v1/me/memory/forget",
                "Says what forgetting takes, or forgets.",
            )
        },
        Operation {
            request: body::<CorrectionBody>(),
            response: (200, body::<Corrected>()),
            codes,
            ..operation(
                "post",
                "/v1/me/memory/corrections",
                "Corrects a fact, or undoes a merge.",
            )
        },
    ]
}
