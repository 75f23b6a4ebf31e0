//! Edges in words: for the recalled block, for the offline persona, for the pages a teen looks at.

use super::{
    graph::{Edge, Graph, Node},
    ontology::{EdgeKind, NodeKind},
};
use crate::{calendar, clock::Timestamp};

/// Below this a fact is not put as one.
pub const SURE: f32 = 0.8;

/// Whom a clause speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// To the teen: "you go to Lincoln High".
    ToTeen,
    /// About the teen, to a model: "the teen goes to Lincoln High".
    AboutTeen,
}

/// Whether a node is shown in digest and default views: named in two sessions, or surely, or a
/// person or goal (memory.md 5). What is not shown is still found by name and listed in full.
pub fn is_shown(node: &Node) -> bool {
    node.sessions >= 2
        || node.confidence >= SURE
        || matches!(
            node.kind,
            NodeKind::Person | NodeKind::Goal | NodeKind::Teen
        )
}

/// The edge as a clause: "you go to Lincoln High", "Maya is your best friend". `None` for what
/// says nothing by itself: that something was mentioned, or was named beside something else.
pub fn clause(graph: &Graph, edge: &Edge, voice: Voice) -> Option<String> {
    let from = graph.nodes.get(&edge.from)?;
    let to = graph.nodes.get(&edge.to)?;
    let ends = Ends { from, to, voice };
    Some(match edge.kind {
        EdgeKind::Mentions => return None,
        EdgeKind::Involves => ends.involves(&edge.slot),
        EdgeKind::About => ends.say("think about", "is about"),
        EdgeKind::Temporal => {
            let order = ["before", "after", "during", "every"]
                .into_iter()
                .find(|word| *word == edge.slot)?;
            ends.say(&format!("come {order}"), &format!("comes {order}"))
        }
        EdgeKind::Causal => ends.say("bring about", "leads to"),
        EdgeKind::Supports => ends.say("work on", "helps with"),
        EdgeKind::Conflicts => ends.say("struggle with", "gets in the way of"),
        EdgeKind::RelatesTo => return ends.relation(&edge.slot),
    })
}

/// Any edge in words to the teen: its clause, or both names with what ties them.
pub fn label(graph: &Graph, edge: &Edge) -> String {
    let name = |id| {
        let node: Option<&Node> = graph.nodes.get(id);
        node.map_or("?", |node| match node.kind {
            NodeKind::Teen => "you",
            _named => node.name.reveal().as_str(),
        })
    };
    clause(graph, edge, Voice::ToTeen).unwrap_or_else(|| {
        if edge.kind == EdgeKind::Mentions {
            return format!("you spoke of {}", name(&edge.to));
        }
        if is_unnamed(graph, edge) {
            return format!("you spoke of your {}", name(&edge.to));
        }
        let tie = match edge.slot.as_str() {
            "" => edge.kind.name(),
            slot => slot,
        };
        let tie = tie.replace('_', " ");
        format!("{} {tie} {}", name(&edge.from), name(&edge.to))
    })
}

/// Whether this ties the teen to somebody who has no name but what they are: "my mom".
fn is_unnamed(graph: &Graph, edge: &Edge) -> bool {
    let kind = |id| graph.nodes.get(id).map(|node: &Node| node.kind);
    let object = graph.nodes.get(&edge.to);
    let same = |node: &Node| node.name.reveal().to_lowercase() == tie_words(node, &edge.slot, true);
    edge.kind == EdgeKind::RelatesTo
        && kind(&edge.from) == Some(NodeKind::Teen)
        && object.is_some_and(same)
}

/// The clause about the teen with its time, as a line of the recalled block: "since May 2026: …".
/// `zone` is the account's: what holds from 1 May on began in April by a clock further west.
pub fn dated(graph: &Graph, edge: &Edge, zone: &str) -> Option<String> {
    let clause = clause(graph, edge, Voice::AboutTeen)?;
    let (word, at) = edge
        .valid_until
        .map_or(("since", edge.valid_from), |until| ("until", until));
    Some(format!("{word} {}: {clause}", month(zone, at)))
}

/// Relations whose person has a role that says more.
const ROLED: &[&str] = &[
    "kin",
    "friend",
    "romantic_interest",
    "teacher",
    "coach",
    "team_mate",
    "classmate",
    "neighbour",
];

/// Both ends of an edge, and whom it is told to.
struct Ends<'a> {
    from: &'a Node,
    to: &'a Node,
    voice: Voice,
}

impl Ends<'_> {
    fn is_of_teen(&self) -> bool {
        self.from.kind == NodeKind::Teen
    }

    fn is_group(&self) -> bool {
        self.has_sub("group")
    }

    fn is_pet(&self) -> bool {
        self.has_sub("pet")
    }

    fn has_sub(&self, wanted: &str) -> bool {
        let sub = self.to.attrs.get("sub");
        sub.is_some_and(|sub| sub.reveal() == wanted)
    }

    /// "your", "Maya's".
    fn whose(&self) -> String {
        if self.is_of_teen() {
            self.possessive().to_owned()
        } else {
            format!("{}'s", self.subject())
        }
    }

    fn subject(&self) -> &str {
        match (self.is_of_teen(), self.voice) {
            (true, Voice::ToTeen) => "you",
            (true, Voice::AboutTeen) => "the teen",
            (false, _) => self.from.name.reveal(),
        }
    }

    fn possessive(&self) -> &'static str {
        match self.voice {
            Voice::ToTeen => "your",
            Voice::AboutTeen => "the teen's",
        }
    }

    fn object(&self) -> &str {
        self.to.name.reveal()
    }

    /// Subject, the verb in its second or third person, object.
    fn say(&self, second: &str, third: &str) -> String {
        let verb = if self.is_of_teen() && self.voice == Voice::ToTeen {
            second
        } else {
            third
        };
        format!("{} {verb} {}", self.subject(), self.object())
    }

    /// What slots of the vocabulary say, whatever the kind of edge.
    fn slot(&self, slot: &str) -> Option<String> {
        Some(match slot {
            "attends" => self.say("go to", "goes to"),
            "lives_in" => self.say("live in", "lives in"),
            "grade" | "member_of" => self.say("are in", "is in"),
            "works_at" => self.say("work at", "works at"),
            "from" => self.say("are from", "is from"),
            "wants" => self.say("want to", "wants to"),
            _ => return None,
        })
    }

    fn involves(&self, slot: &str) -> String {
        self.slot(slot).unwrap_or_else(|| match self.to.kind {
            NodeKind::Place if self.is_of_teen() => self.say("spend time at", "spends time at"),
            NodeKind::Place => self.say("are at", "is at"),
            NodeKind::Thing if self.is_group() => self.say("are part of", "is part of"),
            NodeKind::Thing if self.is_pet() => {
                format!("{} is {} pet", self.object(), self.whose())
            }
            NodeKind::Thing => self.say("have to do with", "has to do with"),
            _ if self.is_of_teen() => self.say("spend time on", "spends time on"),
            _ => self.say("go together with", "goes together with"),
        })
    }

    fn relation(&self, slot: &str) -> Option<String> {
        if matches!(
            slot,
            "" | "same_as" | "co_occurrence" | "cooccurrence" | "near"
        ) {
            return None;
        }
        let words = tie_words(self.to, slot, self.is_of_teen());
        let (object, whose) = (self.object(), self.possessive());
        // "my mom" without a name: that she is the teen's mom tells nothing.
        if object.to_lowercase() == words {
            return None;
        }
        self.slot(slot).or_else(|| {
            Some(match (self.is_of_teen(), self.to.kind) {
                (true, NodeKind::Person) => format!("{object} is {whose} {words}"),
                (true, _) => format!("{whose} {words} is {object}"),
                (false, NodeKind::Person) => format!("{object} is {}'s {words}", self.subject()),
                (false, _) => format!("{}'s {words} is {object}", self.subject()),
            })
        })
    }
}

/// What somebody is to somebody, in words. The vocabulary says "kin"; of the teen's own people their
/// role says more: "mom".
pub(super) fn tie_words(node: &Node, slot: &str, of_teen: bool) -> String {
    let role = node.attrs.get("role").filter(|_| of_teen);
    let role = role.filter(|role| is_role_of(role.reveal(), slot));
    match (role, slot) {
        (Some(role), _) if ROLED.contains(&slot) => role.reveal().to_lowercase(),
        (None, "kin") => "family".to_owned(),
        (None, "romantic_interest") => "sweetheart".to_owned(),
        _ => slot.replace(['_', '-'], " "),
    }
}

/// Whether a role speaks of this relation: a classmate whom the teen is in love with is not their
/// "classmate" by that, and what ended was not "your ex".
fn is_role_of(role: &str, slot: &str) -> bool {
    let any = |words: &[&str]| words.iter().any(|word| role.contains(word));
    match slot {
        "romantic_interest" => {
            any(&["friend", "bf", "gf", "crush", "date", "partner"]) && !role.starts_with("ex")
        }
        "friend" => any(&["friend", "bff", "bestie", "mate", "buddy", "pal"]),
        _other => true,
    }
}

fn month(zone: &str, at: Timestamp) -> String {
    calendar::day_in(zone, at).strftime("%B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_only_told_of_its_own_relation() {
        for (role, slot, fits) in [
            ("mom", "kin", true),
            ("boyfriend", "romantic_interest", true),
            ("classmate", "romantic_interest", false),
            ("ex-girlfriend", "romantic_interest", false),
            ("best friend", "friend", true),
            ("sister", "friend", false),
        ] {
            assert_eq!(is_role_of(role, slot), fits, "{role} {slot}");
        }
    }
}
