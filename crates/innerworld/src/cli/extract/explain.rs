//! What was read, for people.

use std::{
    collections::BTreeMap,
    fmt::{self, Display, Formatter},
};

use innerworld_core::{
    calendar,
    memory::{
        graph::Precision,
        ontology::{EdgeKind, NodeKind},
        store::Speaker,
    },
};

use super::found::{EdgeFound, Found, LineFound, MentionFound, NodeFound};
use crate::cli::{
    console::{QUIET, STRONG},
    plain::plain,
};

/// Characters of a line that are shown.
const SHOWN_CHARS: usize = 240;
/// Feelings below this share are not named.
const FELT: f64 = 0.15;
/// Most feelings that are named.
const FEELINGS: usize = 3;

/// The whole, as text with styles.
pub(super) struct Explanation<'a>(pub(super) &'a Found<'a>);

impl Display for Explanation<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let found = self.0;
        writeln!(
            f,
            "{QUIET}Said on {} in {}; read by the {} tier, version {}.{QUIET:#}",
            found.date, found.zone, found.extractor, found.version
        )?;
        if found.lines.is_empty() {
            return writeln!(f, "There is nothing to read: no line was said.");
        }
        for line in &found.lines {
            line_of(f, line)?;
        }
        writeln!(f)?;
        self.graph(f)
    }
}

impl Explanation<'_> {
    fn graph(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let graph = &self.0.graph;
        let named = graph.nodes.iter().filter(|node| !is_teen(node));
        let facts = graph
            .edges
            .iter()
            .filter(|edge| edge.kind != EdgeKind::Mentions);
        heading(f, "Things")?;
        let mut any = false;
        for node in named {
            any = true;
            thing(f, node)?;
        }
        if !any {
            note(f, "none: the graph stays empty")?;
        }
        heading(f, "Facts")?;
        let mut any = false;
        for edge in facts {
            any = true;
            fact(f, edge, self.0.zone)?;
        }
        if !any {
            note(f, "none")?;
        }
        Ok(())
    }
}

fn line_of(f: &mut Formatter<'_>, line: &LineFound<'_>) -> fmt::Result {
    let who = match line.speaker {
        Speaker::Teen => "teen",
        Speaker::Persona => "persona",
    };
    let (said, id) = (shown(line.text), plain(line.id));
    writeln!(f, "\n{STRONG}{id} {who}{STRONG:#}  {said}")?;
    if line.cut {
        note(f, "only the beginning of this line is kept and read")?;
    }
    if line.foreign {
        note(
            f,
            "not English: only listed names and contact data are read",
        )?;
    }
    for span in &line.pii {
        let class = span.class;
        writeln!(
            f,
            "  {class:9} {:32} {QUIET}contact pattern{QUIET:#}",
            format!("kept as [{class}]")
        )?;
    }
    if line.speaker == Speaker::Persona {
        return note(f, "context only: nothing is read from it");
    }
    for mention in &line.mentions {
        named(f, mention)?;
    }
    if line.mentions.is_empty() {
        note(f, "nothing found")?;
    }
    feelings(f, line)
}

fn named(f: &mut Formatter<'_>, mention: &MentionFound<'_>) -> fmt::Result {
    let refused = match mention.node {
        Some(_) => "",
        None if mention.tentative => ", a topic once another session says it too",
        None => ", not kept: the name says nothing by itself",
    };
    writeln!(
        f,
        "  {:9} {:32} {QUIET}{}, {}{}{refused}{QUIET:#}",
        mention.kind.name(),
        called(mention.name, mention.qualifier),
        mention.rule,
        percent(mention.confidence),
        attributes(&mention.attrs, mention.name)
    )
}

fn feelings(f: &mut Formatter<'_>, line: &LineFound<'_>) -> fmt::Result {
    let mut felt: Vec<(&str, f64)> = line
        .emotions
        .iter()
        .map(|(name, weight)| (*name, *weight))
        .filter(|(_, weight)| *weight >= FELT)
        .collect();
    felt.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let named = felt.iter().take(FEELINGS);
    let named: Vec<String> = named
        .map(|(name, weight)| format!("{name} {}", percent(*weight)))
        .collect();
    if named.is_empty() {
        return Ok(());
    }
    writeln!(
        f,
        "  {:9} {:32} {QUIET}emotion model{QUIET:#}",
        "feels",
        named.join(", ")
    )
}

fn thing(f: &mut Formatter<'_>, node: &NodeFound<'_>) -> fmt::Result {
    let mut said = called(node.name, node.qualifier);
    if !node.aliases.is_empty() {
        said = format!("{said}, also {}", plain(&node.aliases.join(", ")));
    }
    writeln!(
        f,
        "  {:9} {said:32} {QUIET}{}{}{QUIET:#}",
        node.kind.name(),
        support(node.confidence, &node.lines),
        attributes(&node.attrs, node.name)
    )
}

fn fact(f: &mut Formatter<'_>, edge: &EdgeFound<'_>, zone: &str) -> fmt::Result {
    let mut kind = edge.kind.name().to_owned();
    if !edge.slot.is_empty() {
        kind = format!("{kind} {}", edge.slot);
    }
    let over = edge.valid_until.map_or("", |_ended| "no longer: ");
    let says = format!("{over}{}", plain(&edge.says));
    writeln!(
        f,
        "  {says:42} {QUIET}{kind}{}, {}, by {}{QUIET:#}",
        times(edge, zone),
        support(edge.confidence, &edge.lines),
        edge.rules.join(", ")
    )
}

/// Since or until when, if it was said.
fn times(edge: &EdgeFound<'_>, zone: &str) -> String {
    let known = edge.precision != Precision::Unknown;
    let day = |at| calendar::day_in(zone, at);
    match edge.valid_until {
        Some(until) if known => format!(", until {}", day(until.0)),
        None if known => format!(", since {}", day(edge.valid_from.0)),
        Some(_) | None => String::new(),
    }
}

fn support(confidence: f64, lines: &[&str]) -> String {
    format!("{}, {}", percent(confidence), plain(&lines.join(" ")))
}

fn is_teen(node: &NodeFound<'_>) -> bool {
    node.kind == NodeKind::Teen
}

fn heading(f: &mut Formatter<'_>, title: &str) -> fmt::Result {
    writeln!(f, "{STRONG}{title}{STRONG:#}")
}

fn note(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    writeln!(f, "  {QUIET}{text}{QUIET:#}")
}

/// A name with what tells it apart.
fn called(name: &str, qualifier: Option<&str>) -> String {
    match qualifier {
        Some(qualifier) => format!("{} ({})", shown(name), plain(qualifier)),
        None => shown(name),
    }
}

/// Attributes, but for one that only repeats the name.
fn attributes(attrs: &BTreeMap<&str, &str>, name: &str) -> String {
    let telling = attrs.iter().filter(|(_, value)| **value != name);
    telling.fold(String::new(), |said, (attr, value)| {
        format!("{said}, {} {}", attr.replace('_', " "), plain(value))
    })
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// The beginning of a text, on one line.
fn shown(text: &str) -> String {
    let plain = plain(text);
    let beginning: String = plain.chars().take(SHOWN_CHARS).collect();
    if beginning.len() == plain.len() {
        plain
    } else {
        format!("{beginning}…")
    }
}
